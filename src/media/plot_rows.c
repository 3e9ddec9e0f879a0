/* SPDX-License-Identifier: MIT
 *
 * The rows of a plot. Sizes are those before halving.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "media/plot.h"

#define GAP 20
#define TEXT 4 /* scale of small letters */
#define TITLE 6
#define PANEL 0x1b1e25
#define GRID 0x2b303a
#define INK 0xd7dae0
#define DIM 0x8a93a3
#define WAVE 0x3d6fa8
#define WAVE_CORE 0x7ab8f5
#define BEAT 0xffffff
#define DOWNBEAT 0xffcf5c
#define ENERGY 0xe5a84b
#define BASS 0xe06c75
#define MID 0x98c379
#define HIGH 0x61afef
#define ONSET 0xc792ea
#define CUT 0xff5c7a
#define SCORE 0xb8566f
#define MOTION 0x56c2b6
#define TEMPO 0xd4be6a
#define FLOOR_DB (-60.0)
#define SPACE_MIN 12 /* marks nearer than this are left out */

/* A list of numbers over time: value i stands from i * step on. */
struct series {
    const struct ad_value *list;
    double step;
};

struct row {
    const char *name;
    int top, height;
};

static void fill(struct ad_plot *p, int x, int y, int width, int height, uint32_t color,
                 int opacity)
{
    if (p->canvas.rgb) {
        ad_canvas_fill(&p->canvas, (struct ad_area){x, y, width, height}, color, opacity);
    }
}

static void write_text(struct ad_plot *p, int x, int y, int scale, uint32_t color,
                       const char *text)
{
    if (p->canvas.rgb) {
        ad_canvas_text(&p->canvas, x, y, scale, color, text);
    }
}

/* ---- reading ---- */

static const struct ad_value *list_of(const struct ad_value *map, const char *key)
{
    const struct ad_value *value = ad_value_get(map, key);
    return value && value->kind == AD_VALUE_LIST && value->list.len ? value : NULL;
}

static double item(const struct ad_value *list, size_t i)
{
    const struct ad_value *value = list->list.items[i];
    if (value->kind == AD_VALUE_INT) {
        return (double)value->integer;
    }
    return value->kind == AD_VALUE_DOUBLE ? value->number : 0;
}

static const char *text_in(const struct ad_value *map, const char *key, char out[64])
{
    struct ad_str text = {0};
    out[0] = '\0';
    if (map && ad_value_str(map, key, &text, NULL) == ARTDAG_OK) {
        snprintf(out, 64, "%.*s", (int)(text.len < 60 ? text.len : 60), text.ptr);
    }
    return out;
}

/* ---- places ---- */

static int x_of(const struct ad_plot *p, double seconds)
{
    double share = seconds / p->duration;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return p->left + (int)(share * p->width);
}

/* The next row: its panel and its name. */
static struct row begin_row(struct ad_plot *p, const char *name, int height)
{
    struct row row = {name, p->y, height};
    fill(p, p->left, p->y, p->width, height, PANEL, 256);
    write_text(p, p->left - GAP - ad_canvas_text_width(name, TEXT),
               p->y + height / 2 - 4 * TEXT, TEXT, DIM, name);
    p->y += height + GAP;
    return row;
}

/* ---- curves ---- */

static double clamp(double x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

static double of_level(double level)
{
    double db = level > 1e-6 ? 20 * log10(level) : -120;
    return clamp(1 - db / FLOOR_DB);
}

static double of_tempo(double bpm)
{
    return clamp((bpm - 40) / 180);
}

static double of_score(double score)
{
    return clamp(score / 100);
}

static double of_motion(double difference)
{
    return clamp(sqrt(difference / 64));
}

/* The greatest value in a column; between values that lie further apart than columns, a straight line. */
static double value_at(const struct ad_plot *p, const struct series *s, int x)
{
    double from = (double)x * p->duration / p->width / s->step;
    double to = (double)(x + 1) * p->duration / p->width / s->step;
    size_t len = s->list->list.len;
    size_t first = (size_t)from;
    if (first >= len) {
        return -1;
    }
    if (to - from < 1) {
        double at = from - 0.5 > 0 ? from - 0.5 : 0;
        size_t i = (size_t)at;
        size_t next = i + 1 < len ? i + 1 : i;
        double share = at - (double)i;
        return item(s->list, i) * (1 - share) + item(s->list, next) * share;
    }
    double most = item(s->list, first);
    for (size_t i = first + 1; i < len && (double)i < to; i++) {
        double v = item(s->list, i);
        most = v > most ? v : most;
    }
    return most;
}

static void draw_curve(struct ad_plot *p, const struct row *row, const struct series *s,
                       double (*share)(double), uint32_t color)
{
    for (int x = 0; p->canvas.rgb && x < p->width; x++) {
        double value = value_at(p, s, x);
        if (value < 0) {
            continue;
        }
        int height = (int)(share(value) * (row->height - 4));
        int top = row->top + row->height - height;
        fill(p, p->left + x, top, 1, height, color, 110);
        fill(p, p->left + x, top - 2, 1, 4, color, 256);
    }
}

/* A few lines across, for reading heights. */
static void draw_grid(struct ad_plot *p, const struct row *row, int lines)
{
    for (int i = 1; i < lines; i++) {
        fill(p, p->left, row->top + row->height * i / lines, p->width, 2, GRID, 256);
    }
}

/* ---- marks ---- */

static double spacing(const struct ad_plot *p, const struct ad_value *times)
{
    return times ? (double)p->width / (double)times->list.len : 0;
}

static void draw_marks(struct ad_plot *p, const struct row *row, const struct ad_value *times,
                       uint32_t color, int opacity)
{
    if (!times || spacing(p, times) < SPACE_MIN) {
        return;
    }
    for (size_t i = 0; i < times->list.len; i++) {
        fill(p, x_of(p, item(times, i)) - 1, row->top, 3, row->height, color, opacity);
    }
}

static void draw_ranges(struct ad_plot *p, const struct row *row, const struct ad_value *found,
                        uint32_t color, int opacity)
{
    const struct ad_value *ranges = list_of(found, "ranges");
    for (size_t i = 0; ranges && i < ranges->list.len; i++) {
        const struct ad_value *range = ranges->list.items[i];
        if (range->kind == AD_VALUE_LIST && range->list.len == 2) {
            int from = x_of(p, item(range, 0));
            fill(p, from, row->top, x_of(p, item(range, 1)) - from, row->height, color,
                 opacity);
        }
    }
}

/* ---- the rows ---- */

static void draw_title(struct ad_plot *p)
{
    char name[64];
    struct ad_buf line = AD_BUF_INIT(1024);
    const struct ad_value *beats = ad_plot_map(p->audio, "beats");
    double loudness = ad_plot_number(ad_plot_map(p->audio, "loudness"), "integrated");
    const struct ad_value *cuts = ad_value_get(p->video, "scene_changes");
    long total = (long)(p->duration + 0.5);
    ad_buf_printf(&line, "%ld:%02ld", total / 60, total % 60);
    if (ad_plot_number(beats, "tempo") > 0) {
        ad_buf_printf(&line, "   %.1f bpm   %s", ad_plot_number(beats, "tempo"),
                      text_in(beats, "time_signature", name));
    }
    if (loudness < 0) {
        ad_buf_printf(&line, "   %.1f LUFS", loudness);
    }
    if (p->video) {
        ad_buf_printf(&line, "   %.0fx%.0f   %.5g fps", ad_plot_number(p->video, "width"),
                      ad_plot_number(p->video, "height"),
                      ad_plot_number(p->video, "frame_rate"));
    }
    if (cuts && cuts->kind == AD_VALUE_LIST) {
        ad_buf_printf(&line, "   %zu cuts", cuts->list.len);
    }
    if (ad_buf_status(&line) == ARTDAG_OK) {
        write_text(p, p->left, p->y + GAP, TITLE, INK, (const char *)line.data);
    }
    ad_buf_fini(&line);
    p->y += TITLE * AD_LETTER_ROWS + 2 * GAP;
}

/* ---- pictures ---- */

/* The picture of the sheet whose time is nearest. */
static struct ad_area picture_at(const struct ad_plot *p, const struct ad_value *sheet,
                                 double seconds)
{
    const struct ad_value *times = list_of(sheet, "times");
    int columns = (int)ad_plot_number(sheet, "columns");
    int width = (int)ad_plot_number(sheet, "cell_width");
    int height = (int)ad_plot_number(sheet, "cell_height");
    size_t best = 0;
    for (size_t i = 1; times && i < times->list.len; i++) {
        if (fabs(item(times, i) - seconds) < fabs(item(times, best) - seconds)) {
            best = i;
        }
    }
    int gap = columns > 0 ? (p->sheet.width - columns * width) / (columns + 1) : 0;
    int column = columns > 0 ? (int)best % columns : 0;
    int row = columns > 0 ? (int)best / columns : 0;
    return (struct ad_area){gap + column * (width + gap), gap + row * (height + gap), width,
                            height};
}

static bool lies_in(struct ad_area area, const struct ad_canvas *canvas)
{
    return area.width > 0 && area.height > 0 && area.x >= 0 && area.y >= 0 &&
           area.x + area.width <= canvas->width && area.y + area.height <= canvas->height;
}

static void draw_strip(struct ad_plot *p)
{
    const struct ad_value *sheet = ad_plot_map(p->video, "contact_sheet");
    struct ad_area first = picture_at(p, sheet, 0);
    if (!p->sheet.rgb || !lies_in(first, &p->sheet)) {
        return;
    }
    struct row row = begin_row(p, "film", 176);
    int end = x_of(p, ad_plot_number(p->video, "duration"));
    int count = (end - p->left) * first.height / (first.width * row.height);
    count = count > 0 ? count : 1;
    for (int i = 0; p->canvas.rgb && i < count; i++) {
        int from = p->left + (end - p->left) * i / count;
        int to = p->left + (end - p->left) * (i + 1) / count;
        double seconds = p->duration * ((from + to) / 2.0 - p->left) / p->width;
        struct ad_area area = picture_at(p, sheet, seconds);
        struct ad_area into = {from, row.top, to - from - 2, row.height};
        if (lies_in(area, &p->sheet) && into.width > 0) {
            ad_canvas_paste(&p->canvas, into, &p->sheet, area);
        }
    }
    draw_marks(p, &row, list_of(p->video, "scene_changes"), CUT, 256);
}

static double frame_seconds(const struct ad_plot *p)
{
    double rate = ad_plot_number(p->video, "frame_rate");
    return rate > 0 ? 1 / rate : 1;
}

static void draw_scores(struct ad_plot *p)
{
    struct series scores = {list_of(p->video, "frame_scores"), frame_seconds(p)};
    if (!scores.list) {
        return;
    }
    struct row row = begin_row(p, "cuts", 96);
    draw_grid(p, &row, 2);
    draw_ranges(p, &row, ad_plot_map(p->video, "black"), 0x000000, 190);
    draw_ranges(p, &row, ad_plot_map(p->video, "freeze"), HIGH, 40);
    draw_curve(p, &row, &scores, of_score, SCORE);
    draw_marks(p, &row, list_of(p->video, "scene_changes"), CUT, 256);
}

static void draw_motion(struct ad_plot *p)
{
    struct series values = {list_of(ad_plot_map(p->video, "motion"), "values"),
                            frame_seconds(p)};
    if (values.list) {
        struct row row = begin_row(p, "motion", 96);
        draw_grid(p, &row, 2);
        draw_curve(p, &row, &values, of_motion, MOTION);
    }
}

/* ---- sound ---- */

static void draw_beats(struct ad_plot *p, const struct row *row)
{
    const struct ad_value *beats = ad_plot_map(p->audio, "beats");
    draw_marks(p, row, list_of(beats, "beat_times"), BEAT, 70);
    draw_marks(p, row, list_of(beats, "downbeat_times"), DOWNBEAT, 210);
}

/* Quiet sound is drawn larger, by a power of two that is written beside it. */
static double gain_of(const struct ad_plot *p)
{
    double peak = 0.004;
    double gain = 1;
    for (int x = 0; x < p->width; x++) {
        double most = fmax((double)p->columns[x].high, -(double)p->columns[x].low);
        peak = fmax(peak, most);
    }
    while (gain * peak * 2 <= 1) {
        gain *= 2;
    }
    return gain;
}

static void draw_wave(struct ad_plot *p)
{
    if (!p->columns) {
        return;
    }
    struct row row = begin_row(p, "sound", 400);
    double gain = gain_of(p);
    int middle = row.top + row.height / 2;
    int reach = row.height / 2 - 8;
    draw_ranges(p, &row, ad_plot_map(p->audio, "silence"), 0x000000, 110);
    fill(p, p->left, middle - 1, p->width, 2, GRID, 256);
    for (int x = 0; p->canvas.rgb && x < p->width; x++) {
        const struct ad_plot_column *c = &p->columns[x];
        if (c->count == 0) {
            continue;
        }
        double rms = clamp(gain * sqrt(c->squares / (double)c->count));
        int high = (int)(clamp(gain * (double)c->high) * reach);
        int low = (int)(clamp(-gain * (double)c->low) * reach);
        int core = (int)(rms * reach);
        fill(p, p->left + x, middle - high, 1, high + low + 2, WAVE, 256);
        fill(p, p->left + x, middle - core, 1, 2 * core + 2, WAVE_CORE, 256);
    }
    draw_beats(p, &row);
    if (gain > 1) {
        char text[32];
        snprintf(text, sizeof(text), "x %.0f", gain);
        write_text(p, p->left + 12, row.top + 8, TEXT, DIM, text);
    }
}

static void draw_levels(struct ad_plot *p)
{
    static const struct {
        const char *key, *name;
        uint32_t color;
    } bands[] = {{"bass", "bass", BASS}, {"mid", "mid", MID}, {"high", "high", HIGH}};
    const struct ad_value *energy = ad_plot_map(p->audio, "energy");
    const struct ad_value *spectrum = ad_plot_map(p->audio, "spectrum");
    struct series values = {list_of(energy, "values"),
                            ad_plot_number(energy, "window_ms") / 1000};
    if (values.list && values.step > 0) {
        struct row row = begin_row(p, "energy", 150);
        draw_grid(p, &row, 3);
        draw_curve(p, &row, &values, of_level, ENERGY);
        draw_beats(p, &row);
    }
    for (size_t i = 0; i < sizeof(bands) / sizeof(bands[0]); i++) {
        values.list = list_of(spectrum, bands[i].key);
        values.step = ad_plot_number(spectrum, "window_ms") / 1000;
        if (values.list && values.step > 0) {
            struct row row = begin_row(p, bands[i].name, 90);
            draw_grid(p, &row, 3);
            draw_curve(p, &row, &values, of_level, bands[i].color);
        }
    }
}

static void draw_onsets(struct ad_plot *p)
{
    const struct ad_value *times = list_of(p->audio, "onsets");
    const struct ad_value *strengths = list_of(p->audio, "onset_strengths");
    if (!times || !strengths || strengths->list.len != times->list.len) {
        return;
    }
    struct row row = begin_row(p, "onsets", 90);
    for (size_t i = 0; i < times->list.len; i++) {
        int height = 8 + (int)(clamp(item(strengths, i)) * (row.height - 12));
        fill(p, x_of(p, item(times, i)) - 1, row.top + row.height - height, 3, height, ONSET,
             256);
    }
}

static void draw_tempo(struct ad_plot *p)
{
    const struct ad_value *tempo = ad_plot_map(p->audio, "tempo");
    const struct ad_value *times = list_of(tempo, "times");
    struct series values = {list_of(tempo, "values"), 0};
    if (!times || !values.list || times->list.len < 2) {
        return;
    }
    values.step = item(times, 1) - item(times, 0);
    if (values.step > 0) {
        struct row row = begin_row(p, "tempo", 120);
        draw_grid(p, &row, 3);
        draw_curve(p, &row, &values, of_tempo, TEMPO);
        write_text(p, p->left + 12, row.top + 8, TEXT, DIM, "220");
        write_text(p, p->left + 12, row.top + row.height - 8 - AD_LETTER_ROWS * TEXT, TEXT, DIM,
                   "40 bpm");
    }
}

/* ---- time ---- */

static double tick_step(const struct ad_plot *p)
{
    static const double steps[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1,   2,    5,   10,
                                   15,   30,   60,   120, 300, 600, 900, 1800, 3600};
    size_t i = 0;
    while (i + 1 < sizeof(steps) / sizeof(steps[0]) &&
           steps[i] * p->width / p->duration < 200) {
        i++;
    }
    return steps[i];
}

static void draw_axis(struct ad_plot *p)
{
    double step = tick_step(p);
    int decimals = step >= 1 ? 0 : step >= 0.1 ? 1 : 2;
    for (long i = 0; (double)i * step <= p->duration + 1e-9; i++) {
        char text[48];
        double at = (double)i * step;
        long minutes = (long)(at / 60 + 1e-9);
        double seconds = at - 60.0 * (double)minutes;
        snprintf(text, sizeof(text), "%ld:%0*.*f", minutes, decimals ? 3 + decimals : 2,
                 decimals, seconds > 0 ? seconds : 0);
        int x = x_of(p, at);
        fill(p, x - 1, p->y - GAP, 3, 14, DIM, 256);
        write_text(p, x - ad_canvas_text_width(text, TEXT) / 2, p->y, TEXT, DIM, text);
    }
    p->y += AD_LETTER_ROWS * TEXT + GAP;
}

void ad_plot_draw(struct ad_plot *p, int *ret_height)
{
    p->y = 0;
    draw_title(p);
    draw_strip(p);
    draw_scores(p);
    draw_motion(p);
    draw_wave(p);
    draw_levels(p);
    draw_onsets(p);
    draw_tempo(p);
    draw_axis(p);
    *ret_height = p->y;
}
