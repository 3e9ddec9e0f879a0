/* SPDX-License-Identifier: MIT */
#include "media/text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/eval.h>

#include "media/captions.h"
#include "media/glyphs.h"

#define ROOM "media"
#define LINES_MAX 400
#define CAPTIONS_BYTES_MAX ((size_t)64 << 20)
#define CAPTION_BYTES_MAX 20000 /* all that are shown at once */
#define ONE 64
#define FULL 65535u

enum counting {
    COUNT_NONE,
    COUNT_FRAMES,
    COUNT_SECONDS,
    COUNT_TIMECODE
};

struct color {
    uint8_t r, g, b, a;
};

/* What the options say. Lengths in 1/64 of a pixel. */
struct style {
    int width, height;
    int64_t frames, first, step;
    AVRational rate;
    enum counting counting;
    int across, down; /* of the anchor within the text: 0, 1 or 2 halves */
    int align;        /* of the lines: 0, 1 or 2 halves */
    int64_t size, spacing, wrap;
    int64_t outline, shadow_x, shadow_y, padding;
    struct color color, outline_color, shadow_color, box_color;
    bool shadow, box;
};

struct line {
    struct ad_str text;
    int64_t width;
};

struct ad_text {
    struct style style;
    struct ad_str content;
    struct ad_captions *captions; /* which say what is shown; or NULL */
    struct ad_buf caption;
    struct ad_glyphs *glyphs;
    AVExpr *x, *y, *opacity;
    struct line lines[LINES_MAX];
    size_t line_count;
    uint16_t *canvas; /* four components a pixel, alpha multiplied in */
    struct ad_cover cover;
    int64_t next;
    AVFrame *last; /* the picture before, shown again while nothing changes */
    char last_count[40];
    double last_place[3];
};

/* ---- options ---- */

static const char *option(const struct ad_filter *filter, const char *name)
{
    for (size_t i = 0; i < filter->options.len; i++) {
        if (strcmp(filter->options.items[i].name, name) == 0) {
            return filter->options.items[i].value;
        }
    }
    return NULL;
}

static int64_t option_int(const struct ad_filter *filter, const char *name, int64_t fallback,
                          int64_t min, int64_t max)
{
    const char *value = option(filter, name);
    int64_t n = fallback;
    if (!value || !ad_str_to_i64(ad_str_from(value), &n)) {
        return fallback;
    }
    return n < min ? min : n > max ? max : n;
}

static unsigned hex(char c)
{
    return c >= 'a' ? (unsigned)(c - 'a') + 10 : (unsigned)(c - '0');
}

/* "0xrrggbb[aa]", as the allow-list has let it through. */
static struct color option_color(const struct ad_filter *filter, const char *name)
{
    const char *value = option(filter, name);
    uint8_t v[4] = {0, 0, 0, 255};
    size_t digits = value && strlen(value) >= 8 ? strlen(value) - 2 : 0;
    for (size_t i = 0; i < 4 && 2 * i < digits; i++) {
        v[i] = (uint8_t)(hex(value[2 + 2 * i]) * 16 + hex(value[3 + 2 * i]));
    }
    return (struct color){v[0], v[1], v[2], v[3]};
}

/* Two positive numbers, "64x36" or "30000/1001". */
static bool option_pair(const struct ad_filter *filter, const char *name, char separator,
                        int *ret_a, int *ret_b)
{
    const char *value = option(filter, name);
    const char *middle = value ? strchr(value, separator) : NULL;
    int64_t a = 0;
    int64_t b = 0;
    if (!middle || !ad_str_to_i64((struct ad_str){value, (size_t)(middle - value)}, &a) ||
        !ad_str_to_i64(ad_str_from(middle + 1), &b) || a < 1 || b < 1 || a > INT32_MAX ||
        b > INT32_MAX) {
        return false;
    }
    *ret_a = (int)a;
    *ret_b = (int)b;
    return true;
}

/* Pixels per em, in 1/64 of a pixel. */
static int64_t option_size(const struct ad_filter *filter)
{
    const char *value = option(filter, "fontsize");
    double size = 32;
    if (value && !ad_str_to_double(ad_str_from(value), &size)) {
        size = 32;
    }
    size = size < 1 ? 1 : size > 4096 ? 4096 : size;
    return (int64_t)(size * ONE + 0.5);
}

static int option_word(const struct ad_filter *filter, const char *name,
                       const char *const *words, int fallback)
{
    const char *value = option(filter, name);
    for (int i = 0; value && words[i]; i++) {
        if (strcmp(value, words[i]) == 0) {
            return i;
        }
    }
    return fallback;
}

static void read_shape(const struct ad_filter *filter, struct style *s)
{
    static const char *const anchors[] = {"top_left",     "top",   "top_right",   "left",
                                          "center",       "right", "bottom_left", "bottom",
                                          "bottom_right", NULL};
    static const char *const aligns[] = {"left", "center", "right", NULL};
    static const char *const counts[] = {"none", "frames", "seconds", "timecode", NULL};
    int anchor = option_word(filter, "anchor", anchors, 4);
    s->across = anchor % 3;
    s->down = anchor / 3;
    s->align = option_word(filter, "align", aligns, s->across);
    s->counting = (enum counting)option_word(filter, "count", counts, COUNT_NONE);
    s->size = option_size(filter);
    s->spacing = option_int(filter, "spacing", 100, 10, 1000);
    s->wrap = option_int(filter, "wrap", 0, 0, 32768) * ONE;
    s->outline = option_int(filter, "outline", 0, 0, 1000) * ONE;
    s->shadow_x = option_int(filter, "shadow_x", 0, -4096, 4096) * ONE;
    s->shadow_y = option_int(filter, "shadow_y", 0, -4096, 4096) * ONE;
    s->padding = option_int(filter, "padding", 0, 0, 4096) * ONE;
    s->shadow = option(filter, "shadow_color") != NULL;
    s->box = option(filter, "box_color") != NULL;
    s->color = option_color(filter, "color");
    s->outline_color = option_color(filter, "outline_color");
    s->shadow_color = option_color(filter, "shadow_color");
    s->box_color = option_color(filter, "box_color");
}

static enum artdag_err read_style(const struct ad_filter *filter, struct style *s,
                                  artdag_error *err)
{
    if (!option_pair(filter, "size", 'x', &s->width, &s->height) ||
        !option_pair(filter, "rate", '/', &s->rate.num, &s->rate.den) || s->width > 16384 ||
        s->height > 16384) {
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "artdag_text has no size or rate");
    }
    s->frames = option_int(filter, "frames", 1, 1, AD_FRAMES_MAX);
    s->first = option_int(filter, "first", 0, -AD_FRAMES_MAX, AD_FRAMES_MAX);
    s->step = option_int(filter, "step", 1, -1, 1);
    read_shape(filter, s);
    return ARTDAG_OK;
}

static enum artdag_err read_expr(const struct ad_filter *filter, const char *name,
                                 const char *fallback, AVExpr **ret, artdag_error *err)
{
    static const char *const names[] = {"n", NULL};
    const char *text = option(filter, name);
    int e = av_expr_parse(ret, text ? text : fallback, names, NULL, NULL, NULL, NULL, 0, NULL);
    return e < 0 ? ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "artdag_text: %s is no expression",
                                name)
                 : ARTDAG_OK;
}

static enum artdag_err open_font(struct ad_text *t, const struct ad_graph *graph,
                                 const struct ad_filter *filter, const struct ad_files *files,
                                 artdag_error *err)
{
    int64_t file = option_int(filter, "fontfile", -1, -1, INT32_MAX);
    if (file < 0 || file >= (int64_t)files->count) {
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "artdag_text has no font");
    }
    enum artdag_err rc = ad_glyphs_open(files, (size_t)file, t->style.size, &t->glyphs, err);
    if (rc == ARTDAG_E_MEDIA) {
        ad_error_cid(err, graph->files.items[file]);
    }
    return rc;
}

static enum artdag_err open_captions(struct ad_text *t, const struct ad_graph *graph,
                                     const struct ad_filter *filter,
                                     const struct ad_files *files, artdag_error *err)
{
    struct ad_buf bytes = AD_BUF_INIT(CAPTIONS_BYTES_MAX);
    int64_t file = option_int(filter, "captions", -1, -1, INT32_MAX);
    ad_buf_init(&t->caption, CAPTION_BYTES_MAX);
    if (file < 0 || file >= (int64_t)files->count) {
        return ARTDAG_OK;
    }
    enum artdag_err rc = ad_files_read(files, (size_t)file, &bytes, err);
    if (rc == ARTDAG_OK) {
        rc = ad_captions_parse(ad_buf_as_str(&bytes), &t->captions, err);
    }
    ad_buf_fini(&bytes);
    if (rc == ARTDAG_E_MEDIA) {
        ad_error_cid(err, graph->files.items[file]);
    }
    return rc;
}

enum artdag_err ad_text_open(const struct ad_graph *graph, const struct ad_filter *filter,
                             const struct ad_files *files, struct ad_text **ret,
                             artdag_error *err)
{
    struct ad_text *t = ad_alloc(sizeof(*t));
    if (!t) {
        return ad_error_nomem(err, ROOM);
    }
    const char *content = option(filter, "text");
    t->content = ad_str_from(content ? content : "");
    enum artdag_err rc = read_style(filter, &t->style, err);
    if (rc == ARTDAG_OK) {
        rc = read_expr(filter, "x", "0", &t->x, err);
    }
    if (rc == ARTDAG_OK) {
        rc = read_expr(filter, "y", "0", &t->y, err);
    }
    if (rc == ARTDAG_OK) {
        rc = read_expr(filter, "opacity", "1", &t->opacity, err);
    }
    if (rc == ARTDAG_OK) {
        rc = open_font(t, graph, filter, files, err);
    }
    if (rc == ARTDAG_OK) {
        rc = open_captions(t, graph, filter, files, err);
    }
    size_t pixels = (size_t)t->style.width * (size_t)t->style.height;
    if (rc == ARTDAG_OK) {
        t->canvas = ad_alloc_array(pixels, 4 * sizeof(*t->canvas));
        t->cover =
            (struct ad_cover){ad_alloc_array(pixels, 1), t->style.width, t->style.height};
        t->last = av_frame_alloc();
        rc = t->canvas && t->cover.rows && t->last ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    }
    if (rc != ARTDAG_OK) {
        ad_text_close(t);
        return rc;
    }
    *ret = t;
    return ARTDAG_OK;
}

void ad_text_close(struct ad_text *t)
{
    if (!t) {
        return;
    }
    av_frame_free(&t->last);
    av_expr_free(t->x);
    av_expr_free(t->y);
    av_expr_free(t->opacity);
    ad_captions_close(t->captions);
    ad_buf_fini(&t->caption);
    ad_glyphs_close(t->glyphs);
    free(t->cover.rows);
    free(t->canvas);
    free(t);
}

int ad_text_width(const struct ad_text *t)
{
    return t->style.width;
}

int ad_text_height(const struct ad_text *t)
{
    return t->style.height;
}

AVRational ad_text_rate(const struct ad_text *t)
{
    return t->style.rate;
}

/* ---- lines ---- */

static enum artdag_err add_line(struct ad_text *t, struct ad_str text, artdag_error *err)
{
    if (t->line_count == LINES_MAX) {
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "a text has at most %d lines",
                            LINES_MAX);
    }
    struct line *line = &t->lines[t->line_count++];
    line->text = text;
    return ad_glyphs_width(t->glyphs, text, &line->width, err);
}

/* The length of the words of a paragraph that fit into one line; at least one word. */
static enum artdag_err fitting(struct ad_text *t, struct ad_str text, size_t *ret,
                               artdag_error *err)
{
    size_t best = 0;
    for (size_t end = 1; end <= text.len; end++) {
        int64_t width = 0;
        if (end < text.len && text.ptr[end] != ' ') {
            continue;
        }
        enum artdag_err rc =
            ad_glyphs_width(t->glyphs, (struct ad_str){text.ptr, end}, &width, err);
        if (rc != ARTDAG_OK) {
            return rc;
        }
        if (best && width > t->style.wrap) {
            break;
        }
        best = end;
    }
    *ret = best;
    return ARTDAG_OK;
}

static enum artdag_err add_paragraph(struct ad_text *t, struct ad_str text, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    while (rc == ARTDAG_OK && t->style.wrap && text.len) {
        size_t len = text.len;
        rc = fitting(t, text, &len, err);
        if (rc == ARTDAG_OK && len == text.len) {
            break;
        }
        if (rc == ARTDAG_OK) {
            rc = add_line(t, (struct ad_str){text.ptr, len}, err);
        }
        while (len < text.len && text.ptr[len] == ' ') {
            len++;
        }
        text = (struct ad_str){text.ptr + len, text.len - len};
    }
    return rc == ARTDAG_OK ? add_line(t, text, err) : rc;
}

static enum artdag_err break_lines(struct ad_text *t, struct ad_str text, artdag_error *err)
{
    t->line_count = 0;
    for (;;) {
        const char *end = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
        size_t len = end ? (size_t)(end - text.ptr) : text.len;
        enum artdag_err rc = add_paragraph(t, (struct ad_str){text.ptr, len}, err);
        if (rc != ARTDAG_OK || !end) {
            return rc;
        }
        text = (struct ad_str){end + 1, text.len - len - 1};
    }
}

/* Frames since midnight, or what is left, as people read them; for captions, which are shown. */
static void count(struct ad_text *t, char *out, size_t size)
{
    int64_t frame = t->style.first + t->style.step * t->next;
    frame = frame < 0 ? 0 : frame;
    /* Going down, a second is shown until it is over. */
    int64_t second = t->style.step < 0
                         ? ad_muldiv_ceil(frame, t->style.rate.den, t->style.rate.num)
                         : ad_muldiv_floor(frame, t->style.rate.den, t->style.rate.num);
    int64_t base = (t->style.rate.num + t->style.rate.den - 1) / t->style.rate.den;
    out[0] = '\0';
    if (t->captions) {
        uint64_t which = ad_captions_at(t->captions, t->style.first + t->next,
                                        t->style.rate.num, t->style.rate.den, &t->caption);
        (void)snprintf(out, size, "%llx", (unsigned long long)which);
    } else if (t->style.counting == COUNT_FRAMES) {
        (void)snprintf(out, size, "%lld", (long long)frame);
    } else if (t->style.counting == COUNT_SECONDS) {
        (void)snprintf(out, size, "%lld", (long long)second);
    } else if (t->style.counting == COUNT_TIMECODE) {
        second = frame / base;
        (void)snprintf(out, size, "%02lld:%02lld:%02lld:%02lld", (long long)(second / 3600),
                       (long long)(second / 60 % 60), (long long)(second % 60),
                       (long long)(frame % base));
    }
}

/* ---- painting ---- */

static void paint(struct ad_text *t, struct color color)
{
    size_t pixels = (size_t)t->cover.width * (size_t)t->cover.height;
    const uint32_t parts[4] = {color.r * 257u, color.g * 257u, color.b * 257u, FULL};
    for (size_t i = 0; i < pixels; i++) {
        uint32_t cover = t->cover.rows[i];
        if (!cover) {
            continue;
        }
        uint32_t alpha = (cover * color.a * FULL + 32512) / 65025;
        uint16_t *to = &t->canvas[4 * i];
        for (int c = 0; c < 4; c++) {
            to[c] = (uint16_t)((to[c] * (FULL - alpha) + parts[c] * alpha + FULL / 2) / FULL);
        }
    }
    memset(t->cover.rows, 0, pixels);
}

/* Where the text stands: left and top edge of all lines together. */
struct place {
    int64_t left, top, width, height, pitch;
};

static int64_t to_units(double pixels)
{
    double n = pixels * ONE + 0.5;
    if (!(n > -1e9 && n < 1e9)) {
        return n > 0 ? 1000000000 : -1000000000;
    }
    int64_t whole = (int64_t)n;
    return (double)whole > n ? whole - 1 : whole;
}

static struct place place_text(const struct ad_text *t, double x, double y)
{
    const struct style *s = &t->style;
    int64_t line = ad_glyphs_ascent(t->glyphs) + ad_glyphs_descent(t->glyphs);
    struct place p = {.pitch = line * s->spacing / 100};
    for (size_t i = 0; i < t->line_count; i++) {
        p.width = t->lines[i].width > p.width ? t->lines[i].width : p.width;
    }
    p.height = line + p.pitch * ((int64_t)t->line_count - 1);
    p.left = to_units(x) - p.width * s->across / 2;
    p.top = to_units(y) - p.height * s->down / 2;
    return p;
}

static enum artdag_err cover_lines(struct ad_text *t, const struct place *p, int64_t dx,
                                   int64_t dy, int64_t outline, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < t->line_count; i++) {
        const struct line *line = &t->lines[i];
        int64_t x = p->left + (p->width - line->width) * t->style.align / 2;
        int64_t y = p->top + (int64_t)i * p->pitch + ad_glyphs_ascent(t->glyphs);
        rc = ad_glyphs_draw(t->glyphs, line->text, x + dx, y + dy, outline, &t->cover, err);
    }
    return rc;
}

/* From the back to the front: box, shadow, outline, letters. */
static enum artdag_err compose(struct ad_text *t, double x, double y, artdag_error *err)
{
    const struct style *s = &t->style;
    struct place p = place_text(t, x, y);
    enum artdag_err rc = ARTDAG_OK;
    memset(t->canvas, 0, (size_t)s->width * (size_t)s->height * 4 * sizeof(*t->canvas));
    memset(t->cover.rows, 0, (size_t)s->width * (size_t)s->height);
    if (s->box && p.width > 0) {
        ad_cover_box(&t->cover, p.left - s->padding, p.top - s->padding,
                     p.left + p.width + s->padding, p.top + p.height + s->padding);
        paint(t, s->box_color);
    }
    if (s->shadow) {
        rc = cover_lines(t, &p, s->shadow_x, s->shadow_y, s->outline, err);
        paint(t, s->shadow_color);
    }
    if (rc == ARTDAG_OK && s->outline) {
        rc = cover_lines(t, &p, 0, 0, s->outline, err);
        paint(t, s->outline_color);
    }
    if (rc == ARTDAG_OK) {
        rc = cover_lines(t, &p, 0, 0, 0, err);
        paint(t, s->color);
    }
    return rc;
}

/* Where nothing is, the colour is that of the outermost layer: halving the chroma must not darken edges. */
static struct color ground(const struct style *s)
{
    struct color c = s->color;
    if (s->box) {
        c = s->box_color;
    } else if (s->shadow) {
        c = s->shadow_color;
    } else if (s->outline) {
        c = s->outline_color;
    }
    c.a = 0;
    return c;
}

static void write_frame(const struct ad_text *t, double opacity, AVFrame *frame)
{
    const struct color none = ground(&t->style);
    uint32_t strength = (uint32_t)(opacity * FULL + 0.5);
    for (int y = 0; y < t->style.height; y++) {
        uint8_t *to = frame->data[0] + (ptrdiff_t)y * frame->linesize[0];
        const uint16_t *from = t->canvas + (size_t)y * (size_t)t->style.width * 4;
        for (int x = 0; x < t->style.width; x++, from += 4, to += 4) {
            uint32_t alpha = from[3];
            if (!alpha) {
                memcpy(to, &none, 4);
                continue;
            }
            for (int c = 0; c < 3; c++) {
                uint32_t straight = (from[c] * 255u + alpha / 2) / alpha;
                to[c] = (uint8_t)(straight > 255 ? 255 : straight);
            }
            uint32_t shown = (alpha * strength + FULL / 2) / FULL;
            to[3] = (uint8_t)((shown + 128) / 257);
        }
    }
}

static double clip_opacity(double v)
{
    return v > 1 ? 1 : v > 0 ? v : 0;
}

static bool unchanged(const struct ad_text *t, const double *place, const char *number)
{
    for (int i = 0; i < 3; i++) {
        if (place[i] < t->last_place[i] || place[i] > t->last_place[i]) {
            return false;
        }
    }
    return t->last->data[0] && strcmp(number, t->last_count) == 0;
}

static enum artdag_err draw(struct ad_text *t, const double *place, const char *number,
                            artdag_error *err)
{
    struct ad_str content = t->content;
    if (t->captions && ad_buf_status(&t->caption) == ARTDAG_E_LIMIT) {
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "too many captions at once");
    }
    if (t->captions) {
        content = ad_buf_as_str(&t->caption);
    } else if (t->style.counting != COUNT_NONE) {
        content = ad_str_from(number);
    }
    enum artdag_err rc = break_lines(t, content, err);
    if (rc == ARTDAG_OK) {
        rc = compose(t, place[0], place[1], err);
    }
    if (rc != ARTDAG_OK) {
        return rc;
    }
    av_frame_unref(t->last);
    t->last->format = AV_PIX_FMT_RGBA;
    t->last->width = t->style.width;
    t->last->height = t->style.height;
    t->last->sample_aspect_ratio = (AVRational){1, 1};
    t->last->color_range = AVCOL_RANGE_JPEG;
    t->last->colorspace = AVCOL_SPC_RGB;
    if (av_frame_get_buffer(t->last, 0) < 0) {
        return ad_error_nomem(err, ROOM);
    }
    write_frame(t, place[2], t->last);
    (void)snprintf(t->last_count, sizeof(t->last_count), "%s", number);
    memcpy(t->last_place, place, sizeof(t->last_place));
    return ARTDAG_OK;
}

enum artdag_err ad_text_next(struct ad_text *t, AVFrame *frame, artdag_error *err)
{
    char number[sizeof(t->last_count)];
    double n = (double)t->next;
    if (t->next >= t->style.frames) {
        return ARTDAG_E_NOTFOUND;
    }
    const double place[3] = {av_expr_eval(t->x, &n, NULL), av_expr_eval(t->y, &n, NULL),
                             clip_opacity(av_expr_eval(t->opacity, &n, NULL))};
    count(t, number, sizeof(number));
    if (!unchanged(t, place, number)) {
        enum artdag_err rc = draw(t, place, number, err);
        if (rc != ARTDAG_OK) {
            return rc;
        }
    }
    if (av_frame_ref(frame, t->last) < 0) {
        return ad_error_nomem(err, ROOM);
    }
    frame->pts = t->next++;
    return ARTDAG_OK;
}
