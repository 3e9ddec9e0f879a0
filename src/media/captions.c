/* SPDX-License-Identifier: MIT */
#include "media/captions.h"

#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"

#define ROOM "media"
#define BYTES_MAX ((size_t)16 << 20)
#define CUES_MAX 50000U
#define CUE_BYTES_MAX 2000U
#define HOURS_MAX 1000

struct cue {
    int64_t start, end; /* milliseconds */
    struct ad_str text; /* lines, without markup */
    size_t number;      /* in the file */
};

struct ad_captions {
    struct ad_arena arena;
    AD_VEC(struct cue) cues; /* by start; the heap */
    int64_t longest;         /* how long a cue lasts at most */
};

/* What is left to read. */
struct reader {
    const char *at, *end;
    size_t line; /* of `at`, from 1 */
    bool vtt;
    struct ad_captions *captions;
    artdag_error *err;
};

static enum artdag_err bad(const struct reader *r, size_t line, const char *why)
{
    ad_error_set(r->err, ARTDAG_E_MEDIA, ROOM, "captions, line %zu: %s", line, why);
    ad_error_hint(r->err, "it takes SubRip (.srt) and WebVTT (.vtt) in UTF-8");
    return ARTDAG_E_MEDIA;
}

/* ---- lines ---- */

/* The next line without its end. */
static struct ad_str next_line(struct reader *r)
{
    const char *from = r->at;
    while (r->at < r->end && *r->at != '\n' && *r->at != '\r') {
        r->at++;
    }
    struct ad_str line = {from, (size_t)(r->at - from)};
    if (r->at < r->end && *r->at == '\r') {
        r->at++;
    }
    if (r->at < r->end && *r->at == '\n') {
        r->at++;
    }
    r->line++;
    return line;
}

static struct ad_str trim(struct ad_str s)
{
    while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t')) {
        s.ptr++;
        s.len--;
    }
    while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t')) {
        s.len--;
    }
    return s;
}

static bool starts_with(struct ad_str s, const char *text)
{
    size_t len = strlen(text);
    return s.len >= len && memcmp(s.ptr, text, len) == 0;
}

static const char *find(struct ad_str s, const char *text)
{
    return s.len ? memmem(s.ptr, s.len, text, strlen(text)) : NULL;
}

/* ---- times ---- */

static bool take_number(struct ad_str *s, int64_t max, size_t digits_max, int64_t *ret)
{
    size_t digits = 0;
    int64_t n = 0;
    while (digits < s->len && digits < digits_max && s->ptr[digits] >= '0' &&
           s->ptr[digits] <= '9') {
        n = n * 10 + (s->ptr[digits++] - '0');
    }
    s->ptr += digits;
    s->len -= digits;
    *ret = n;
    return digits > 0 && n <= max;
}

static bool take_char(struct ad_str *s, const char *any)
{
    if (!s->len || !strchr(any, s->ptr[0])) {
        return false;
    }
    s->ptr++;
    s->len--;
    return true;
}

/* "01:02:03,450" or, in WebVTT, "02:03.450". */
static bool take_time(struct ad_str *s, int64_t *ret_ms)
{
    int64_t part[3] = {0};
    int64_t ms = 0;
    size_t count = 0;
    do {
        if (!take_number(s, HOURS_MAX, 4, &part[count++])) {
            return false;
        }
    } while (count < 3 && take_char(s, ":"));
    size_t before = s->len;
    if (count < 2 || !take_char(s, ",.") || !take_number(s, 999, 3, &ms)) {
        return false;
    }
    for (size_t digits = before - s->len - 1; digits < 3; digits++) {
        ms *= 10;
    }
    int64_t hours = count == 3 ? part[0] : 0;
    int64_t minutes = part[count - 2], seconds = part[count - 1];
    *ret_ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
    return minutes < 60 && seconds < 60;
}

static bool read_times(struct ad_str line, struct cue *ret)
{
    line = trim(line);
    if (!take_time(&line, &ret->start)) {
        return false;
    }
    line = trim(line);
    if (!starts_with(line, "-->")) {
        return false;
    }
    line = trim((struct ad_str){line.ptr + 3, line.len - 3});
    return take_time(&line, &ret->end) && ret->end >= ret->start &&
           (!line.len || line.ptr[0] == ' ' || line.ptr[0] == '\t');
}

/* ---- text ---- */

static const struct {
    const char *name, *text;
} entities[] = {{"&amp;", "&"},  {"&lt;", "<"}, {"&gt;", ">"},
                {"&nbsp;", " "}, {"&lrm;", ""}, {"&rlm;", ""}};

/* The length of markup at the head of s: "<i>", "{\an8}"; 0 = none. */
static size_t markup(struct ad_str s)
{
    const char *close = NULL;
    bool tag = s.len > 2 && s.ptr[0] == '<' &&
               (s.ptr[1] == '/' || (s.ptr[1] >= 'a' && s.ptr[1] <= 'z') ||
                (s.ptr[1] >= 'A' && s.ptr[1] <= 'Z') || (s.ptr[1] >= '0' && s.ptr[1] <= '9'));
    if (tag) {
        close = memchr(s.ptr, '>', s.len);
    } else if (starts_with(s, "{\\")) {
        close = memchr(s.ptr, '}', s.len);
    }
    return close ? (size_t)(close - s.ptr) + 1 : 0;
}

/* Text as it is shown. Control characters are no text. */
static void add_plain(struct ad_buf *buf, struct ad_str s, bool vtt)
{
    while (s.len) {
        size_t skip = markup(s);
        for (size_t i = 0; vtt && !skip && i < sizeof(entities) / sizeof(entities[0]); i++) {
            if (starts_with(s, entities[i].name)) {
                (void)ad_buf_str(buf, entities[i].text);
                skip = strlen(entities[i].name);
            }
        }
        if (!skip) {
            bool control = (unsigned char)s.ptr[0] < 0x20 || s.ptr[0] == 0x7f;
            (void)ad_buf_byte(buf, control ? ' ' : (uint8_t)s.ptr[0]);
            skip = 1;
        }
        s.ptr += skip;
        s.len -= skip;
    }
}

static enum artdag_err read_text(struct reader *r, struct cue *cue)
{
    struct ad_buf buf = AD_BUF_INIT(CUE_BYTES_MAX);
    size_t line = r->line;
    while (r->at < r->end) {
        struct ad_str text = trim(next_line(r));
        if (!text.len) {
            break;
        }
        if (buf.len) {
            (void)ad_buf_byte(&buf, '\n');
        }
        add_plain(&buf, text, r->vtt);
    }
    enum artdag_err rc = ARTDAG_OK;
    if (ad_buf_status(&buf) == ARTDAG_E_LIMIT) {
        rc = bad(r, line, "a caption is longer than 2000 bytes");
    } else if (ad_buf_status(&buf) == ARTDAG_OK) {
        cue->text = ad_arena_str(&r->captions->arena, trim(ad_buf_as_str(&buf)));
    }
    if (rc == ARTDAG_OK &&
        (ad_buf_status(&buf) != ARTDAG_OK || ad_arena_failed(&r->captions->arena))) {
        rc = ad_error_nomem(r->err, ROOM);
    }
    ad_buf_fini(&buf);
    return rc;
}

/* ---- blocks ---- */

static void skip_block(struct reader *r)
{
    while (r->at < r->end && trim(next_line(r)).len) {
    }
}

static bool is_aside(const struct reader *r, struct ad_str line)
{
    return r->vtt && !find(line, "-->") &&
           (starts_with(line, "NOTE") || starts_with(line, "STYLE") ||
            starts_with(line, "REGION"));
}

static enum artdag_err read_cue(struct reader *r, struct ad_str line, size_t number)
{
    struct cue cue = {.number = r->captions->cues.len};
    /* A number, in WebVTT any name, may stand above the times. */
    if (!find(line, "-->") && r->at < r->end) {
        number = r->line;
        line = next_line(r);
    }
    if (!read_times(line, &cue)) {
        return bad(r, number, "no times as in \"00:01:02,500 --> 00:01:04,000\"");
    }
    enum artdag_err rc = read_text(r, &cue);
    if (rc != ARTDAG_OK || !cue.text.len || cue.end == cue.start) {
        return rc;
    }
    if (r->captions->cues.len == CUES_MAX) {
        return bad(r, number, "more than 50000 captions");
    }
    int64_t length = cue.end - cue.start;
    r->captions->longest = length > r->captions->longest ? length : r->captions->longest;
    return ad_vec_push(&r->captions->cues, cue) ? ARTDAG_OK : ad_error_nomem(r->err, ROOM);
}

static enum artdag_err read_blocks(struct reader *r)
{
    enum artdag_err rc = ARTDAG_OK;
    while (rc == ARTDAG_OK && r->at < r->end) {
        size_t number = r->line;
        struct ad_str line = trim(next_line(r));
        if (!line.len) {
            continue;
        }
        if (is_aside(r, line)) {
            skip_block(r);
        } else {
            rc = read_cue(r, line, number);
        }
    }
    return rc;
}

static int by_start(const void *a, const void *b)
{
    const struct cue *x = a, *y = b;
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return x->number < y->number ? -1 : x->number > y->number;
}

static enum artdag_err read_all(struct reader *r, struct ad_str bytes)
{
    if (bytes.len > BYTES_MAX) {
        return bad(r, 1, "the file is larger than 16 MiB");
    }
    if (!ad_str_is_utf8(bytes) || (bytes.len && memchr(bytes.ptr, '\0', bytes.len))) {
        return bad(r, 1, "the text is no UTF-8");
    }
    if (starts_with(bytes, "\xef\xbb\xbf")) {
        bytes = (struct ad_str){bytes.ptr + 3, bytes.len - 3};
    }
    r->at = bytes.ptr;
    r->end = bytes.ptr + bytes.len;
    r->vtt = starts_with(bytes, "WEBVTT");
    if (r->vtt) {
        skip_block(r);
    }
    enum artdag_err rc = read_blocks(r);
    if (rc == ARTDAG_OK && !r->captions->cues.len) {
        rc = bad(r, 1, "there are no captions");
    }
    if (rc == ARTDAG_OK) {
        qsort(r->captions->cues.items, r->captions->cues.len, sizeof(struct cue), by_start);
    }
    return rc;
}

enum artdag_err ad_captions_parse(struct ad_str bytes, struct ad_captions **ret,
                                  artdag_error *err)
{
    struct ad_captions *captions = ad_alloc(sizeof(*captions));
    if (!captions) {
        return ad_error_nomem(err, ROOM);
    }
    ad_arena_init(&captions->arena, 0);
    struct reader r = {.line = 1, .captions = captions, .err = err};
    enum artdag_err rc = read_all(&r, bytes);
    if (rc != ARTDAG_OK) {
        ad_captions_close(captions);
        return rc;
    }
    *ret = captions;
    return ARTDAG_OK;
}

void ad_captions_close(struct ad_captions *captions)
{
    if (!captions) {
        return;
    }
    ad_vec_fini(&captions->cues);
    ad_arena_fini(&captions->arena);
    free(captions);
}

/* ---- what is shown ---- */

size_t ad_captions_count(const struct ad_captions *captions)
{
    return captions->cues.len;
}

/* The first cue that begins at or after this time. */
static size_t first_from(const struct ad_captions *c, int64_t ms)
{
    size_t from = 0, to = c->cues.len;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (c->cues.items[middle].start >= ms) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return from;
}

uint64_t ad_captions_at(const struct ad_captions *captions, int64_t frame, int64_t num,
                        int64_t den, struct ad_buf *buf)
{
    uint64_t which = 0;
    ad_buf_clear(buf);
    if (frame < 0) {
        return 0;
    }
    /* A cue is there in the frames that begin within it. */
    int64_t thousandths = ad_muldiv_floor(frame * 1000, den, num);
    for (size_t i = first_from(captions, thousandths - captions->longest);
         i < captions->cues.len; i++) {
        const struct cue *cue = &captions->cues.items[i];
        if (cue->start > thousandths) {
            break;
        }
        if (cue->end <= thousandths) {
            continue;
        }
        if (buf->len) {
            (void)ad_buf_byte(buf, '\n');
        }
        (void)ad_buf_append(buf, cue->text.ptr, cue->text.len);
        which = which * 1000003 + i + 1;
    }
    return which;
}
