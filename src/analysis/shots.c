/* SPDX-License-Identifier: MIT
 *
 * A cut is where a picture cannot be explained by the one before: neither by moving its parts a little nor by its colours. The
 * difference is relative to the pictures' contrast, so that dark scenes count like bright ones, and a cut must stand out
 * from the frames around it, so that fast motion does not count. Flashes end where they began: whatever returns to what was there
 * up to four frames before is none.
 */
#include <string.h>

#include "analysis/video.h"

#define BLOCK 8
#define REACH 3 /* pixels of the small picture that a block may have moved, each way */
#define CONTRAST_FLOOR 10.0
#define MOVE_WEIGHT 0.65 /* the rest is for the colours */
#define LIGHT_STEP                                                                             \
    12.0 /* a change of light of this much between two frames is none of the picture */
#define NEIGHBOURS 6   /* frames to each side that a cut must stand out from */
#define STAND_OUT 2.0  /* times their mean */
#define STAND_OVER 6.0 /* and by so much */
#define FLAT 3.0       /* contrast of a picture without content */
#define FADE_FRAMES 6
#define FADE_RISE 0.7
#define RETURN 0.45 /* a flash leaves less than this part of the difference */

static void add_soft(double *shares, int bins, int value, double weight)
{
    /* Shared between the two nearest bins, so that a slight change of light moves little. */
    double at = (double)value * (bins - 1) / 255;
    int low = (int)at;
    double part = at - low;
    shares[low] += weight * (1 - part);
    if (low + 1 < bins) {
        shares[low + 1] += weight * part;
    }
}

static void take_colours(struct ad_small *small, const struct ad_video_frame *frame, int width,
                         int height)
{
    int w = (width + 1) / 2;
    int h = (height + 1) / 2;
    double weight = 1.0 / ((double)w * h);
    for (int c = 0; c < 2; c++) {
        for (int y = 0; y < h && frame->chroma[c] != NULL; y++) {
            const uint8_t *row = frame->chroma[c] + (size_t)y * frame->chroma_stride;
            for (int x = 0; x < w; x++) {
                /* Most pictures are nearly grey: the middle of the scale is drawn out. */
                int value = 128 + (row[x] - 128) * 2;
                value = value < 0 ? 0 : value > 255 ? 255 : value;
                add_soft(small->colour_share[c], AD_COLOUR_BINS, value, weight);
            }
        }
        if (frame->chroma[c] == NULL) {
            add_soft(small->colour_share[c], AD_COLOUR_BINS, 128, 1);
        }
    }
}

void ad_small_init(struct ad_small *small, const struct ad_video_frame *frame, int width,
                   int height)
{
    memset(small, 0, sizeof(*small));
    small->width = width / 2;
    small->height = height / 2;
    double weight = 1.0 / ((double)small->width * small->height);
    int64_t sum = 0;
    for (int y = 0; y < small->height; y++) {
        const uint8_t *row = frame->luma + (size_t)(2 * y) * frame->luma_stride;
        for (int x = 0; x < small->width; x++) {
            int value = row[2 * x] + row[2 * x + 1] + row[frame->luma_stride + 2 * (size_t)x] +
                        row[frame->luma_stride + 2 * (size_t)x + 1];
            value = (value + 2) / 4;
            small->luma[y][x] = (uint8_t)value;
            sum += value;
            add_soft(small->luma_share, AD_LUMA_BINS, value, weight);
        }
    }
    double mean = (double)sum * weight;
    small->mean = mean;
    for (int y = 0; y < small->height; y++) {
        for (int x = 0; x < small->width; x++) {
            double d = small->luma[y][x] - mean;
            small->contrast += (d < 0 ? -d : d) * weight;
        }
    }
    take_colours(small, frame, width, height);
}

/* What comparing two pictures keeps at hand. */
struct match {
    const struct ad_small *a, *b;
    int light; /* how much brighter a is than b as a whole, at most LIGHT_STEP */
};

/* Sum of differences of the block of a at (x, y) and the one of b moved by (dx, dy). */
static int block_difference(const struct match *m, int x, int y, int dx, int dy)
{
    int sum = 0;
    for (int j = 0; j < BLOCK; j++) {
        const uint8_t *p = &m->a->luma[y + j][x];
        const uint8_t *q = &m->b->luma[y + j + dy][x + dx];
        for (int i = 0; i < BLOCK; i++) {
            int d = p[i] - q[i] - m->light;
            sum += d < 0 ? -d : d;
        }
    }
    return sum;
}

/* The least difference of a block over all small moves. */
static int best_match(const struct match *m, int x, int y)
{
    int best = block_difference(m, x, y, 0, 0);
    for (int dy = -REACH; dy <= REACH; dy++) {
        if (y + dy < 0 || y + dy + BLOCK > m->b->height) {
            continue;
        }
        for (int dx = -REACH; dx <= REACH && best > 2 * BLOCK * BLOCK; dx++) {
            if (x + dx >= 0 && x + dx + BLOCK <= m->b->width) {
                int sum = block_difference(m, x, y, dx, dy);
                best = sum < best ? sum : best;
            }
        }
    }
    return best;
}

/* b's shares moved up by a part of a bin (-1 to 1) against a's. */
static double share_difference(const double *a, const double *b, int bins, double move)
{
    double sum = 0;
    for (int i = 0; i < bins; i++) {
        double below = i > 0 ? b[i - 1] : 0;
        double above = i + 1 < bins ? b[i + 1] : 0;
        double there =
            move >= 0 ? b[i] * (1 - move) + below * move : b[i] * (1 + move) - above * move;
        double d = a[i] - there;
        sum += d < 0 ? -d : d;
    }
    return sum / 2;
}

double ad_small_difference(const struct ad_small *a, const struct ad_small *b)
{
    double light = ad_dsp_max(-LIGHT_STEP, ad_dsp_min(LIGHT_STEP, a->mean - b->mean));
    struct match m = {a, b, (int)ad_dsp_floor(light + 0.5)};
    int64_t sum = 0;
    int64_t pixels = 0;
    for (int y = 0; y + BLOCK <= a->height; y += BLOCK) {
        for (int x = 0; x + BLOCK <= a->width; x += BLOCK) {
            sum += best_match(&m, x, y);
            pixels += (int64_t)BLOCK * BLOCK;
        }
    }
    double contrast = ad_dsp_max(a->contrast, b->contrast) + CONTRAST_FLOOR;
    double moved = ad_dsp_min(1, (double)sum / (double)pixels / contrast);
    double grey = share_difference(a->luma_share, b->luma_share, AD_LUMA_BINS,
                                   light * (AD_LUMA_BINS - 1) / 255);
    double blue = share_difference(a->colour_share[0], b->colour_share[0], AD_COLOUR_BINS, 0);
    double red = share_difference(a->colour_share[1], b->colour_share[1], AD_COLOUR_BINS, 0);
    double colours = ad_dsp_min(1, 0.5 * grey + 0.5 * (blue + red));
    return 100 * (MOVE_WEIGHT * moved + (1 - MOVE_WEIGHT) * colours);
}

enum artdag_err ad_shots_push(struct ad_shots *shots, const struct ad_video_frame *frame,
                              int width, int height, artdag_error *err)
{
    const int64_t kept = AD_LOOK_BACK + 1;
    struct ad_small *now = &shots->recent[shots->frames % kept];
    ad_small_init(now, frame, width, height);
    if (!ad_vec_push(&shots->contrasts, (float)now->contrast)) {
        return ad_error_nomem(err, "analysis");
    }
    for (int64_t k = 1; k <= AD_LOOK_BACK; k++) {
        double score =
            shots->frames >= k
                ? ad_small_difference(now, &shots->recent[(shots->frames - k) % kept])
                : 0;
        bool ok = k == 1 ? ad_vec_push(&shots->scores, (float)score)
                         : ad_vec_push(&shots->back[k - 2], (float)score);
        if (!ok) {
            return ad_error_nomem(err, "analysis");
        }
    }
    shots->frames++;
    return ARTDAG_OK;
}

void ad_shots_fini(struct ad_shots *shots)
{
    ad_vec_fini(&shots->scores);
    ad_vec_fini(&shots->contrasts);
    for (size_t k = 0; k + 1 < AD_LOOK_BACK; k++) {
        ad_vec_fini(&shots->back[k]);
    }
}

/* The difference of two frames, at most AD_LOOK_BACK apart. */
static double between(const struct ad_shots *shots, size_t earlier, size_t later)
{
    size_t apart = later - earlier;
    return apart == 1 ? shots->scores.items[later] : shots->back[apart - 2].items[later];
}

/* Some frame from i on looks like one before it. */
static bool is_flash(const struct ad_shots *shots, size_t i)
{
    double limit = RETURN * shots->scores.items[i];
    for (size_t back = 1; back < AD_LOOK_BACK && back <= i; back++) {
        for (size_t on = 0; on + back <= AD_LOOK_BACK && i + on < shots->scores.len; on++) {
            if (between(shots, i - back, i + on) < limit) {
                return true;
            }
        }
    }
    return false;
}

/* The first or last visible step of a fade from or to a flat picture: the other side has yet to gain, or has
 * already lost, much of its contrast. */
static bool is_fade(const struct ad_shots *shots, size_t i)
{
    const float *contrast = shots->contrasts.items;
    double top = 0;
    if (contrast[i - 1] < FLAT) {
        for (size_t k = i; k < shots->contrasts.len && k <= i + FADE_FRAMES; k++) {
            top = ad_dsp_max(top, contrast[k]);
        }
        return contrast[i] < FADE_RISE * top;
    }
    if (contrast[i] < FLAT) {
        for (size_t k = i > FADE_FRAMES ? i - FADE_FRAMES : 0; k < i; k++) {
            top = ad_dsp_max(top, contrast[k]);
        }
        return contrast[i - 1] < FADE_RISE * top;
    }
    return false;
}

/* Higher than its neighbours by a ratio and an amount. */
static bool stands_out(const struct ad_shots *shots, size_t i)
{
    double sum = 0;
    size_t used = 0;
    size_t from = i > NEIGHBOURS + 1 ? i - NEIGHBOURS : 1;
    for (size_t k = from; k <= i + NEIGHBOURS && k < shots->scores.len; k++) {
        if (k != i) {
            if (shots->scores.items[k] > shots->scores.items[i]) {
                return false;
            }
            sum += shots->scores.items[k];
            used++;
        }
    }
    double mean = used > 0 ? sum / (double)used : 0;
    return shots->scores.items[i] >= STAND_OUT * mean &&
           shots->scores.items[i] >= mean + STAND_OVER;
}

static bool is_cut(const struct ad_shots *shots, size_t i, double threshold)
{
    return shots->scores.items[i] >= threshold && stands_out(shots, i) && !is_flash(shots, i) &&
           !is_fade(shots, i);
}

typedef AD_VEC(struct ad_scene) scene_list;

/* Of two that are too close, the stronger stays. */
static enum artdag_err add_change(scene_list *found, struct ad_scene scene, double least_frames,
                                  artdag_error *err)
{
    int64_t last = found->len > 0 ? found->items[found->len - 1].frame : 0;
    if ((double)(scene.frame - last) < least_frames) {
        if (found->len == 0 || scene.score <= found->items[found->len - 1].score) {
            return ARTDAG_OK;
        }
        found->len--;
    }
    return ad_vec_push(found, scene) ? ARTDAG_OK : ad_error_nomem(err, "analysis");
}

enum artdag_err ad_shots_result(const struct ad_shots *shots,
                                const struct ad_video_params *params, struct ad_arena *arena,
                                struct ad_scenes **ret, artdag_error *err)
{
    size_t count = shots->scores.len;
    double fps = (double)params->fps_num / (double)params->fps_den;
    struct ad_scenes *scenes = ad_arena_alloc(arena, sizeof(*scenes));
    float *scores = ad_arena_dup(arena, shots->scores.items, count * sizeof(float));
    scene_list found = {0};
    enum artdag_err code = ARTDAG_OK;
    for (size_t i = 1; i < count && code == ARTDAG_OK; i++) {
        if (is_cut(shots, i, params->scene_threshold)) {
            struct ad_scene scene = {(double)i / fps, (int64_t)i, shots->scores.items[i]};
            code = add_change(&found, scene, params->scene_min * fps, err);
        }
    }
    struct ad_scene *changes = ad_arena_dup(arena, found.items, found.len * sizeof(*changes));
    size_t changed = found.len;
    ad_vec_fini(&found);
    if (code != ARTDAG_OK) {
        return code;
    }
    if (scenes == NULL || scores == NULL || changes == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    *scenes = (struct ad_scenes){changes, changed, scores, count};
    *ret = scenes;
    return ARTDAG_OK;
}
