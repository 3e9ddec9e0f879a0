/* SPDX-License-Identifier: MIT
 *
 * What the ops share: reading a normalised config, small graph pieces, and the checks that every op makes. Private
 * to room ops.
 */
#ifndef AD_OPS_OP_H
#define AD_OPS_OP_H

#include "ops/curve.h"
#include "ops/ops.h"

/* ---- One line per op; the table of table.c ---- */
extern const struct ad_op ad_op_analyze;
extern const struct ad_op ad_op_audio_mix;
extern const struct ad_op ad_op_blend;
extern const struct ad_op ad_op_captions;
extern const struct ad_op ad_op_chroma_key;
extern const struct ad_op ad_op_contact_sheet;
extern const struct ad_op ad_op_crop;
extern const struct ad_op ad_op_effect;
extern const struct ad_op ad_op_encode;
extern const struct ad_op ad_op_eq;
extern const struct ad_op ad_op_fade;
extern const struct ad_op ad_op_flip;
extern const struct ad_op ad_op_freeze;
extern const struct ad_op ad_op_generate;
extern const struct ad_op ad_op_grain;
extern const struct ad_op ad_op_layer;
extern const struct ad_op ad_op_limiter;
extern const struct ad_op ad_op_loop;
extern const struct ad_op ad_op_loudness;
extern const struct ad_op ad_op_lut;
extern const struct ad_op ad_op_map;
extern const struct ad_op ad_op_mux;
extern const struct ad_op ad_op_pan_zoom;
extern const struct ad_op ad_op_plugin;
extern const struct ad_op ad_op_random_slice;
extern const struct ad_op ad_op_reduce;
extern const struct ad_op ad_op_resize;
extern const struct ad_op ad_op_reverse;
extern const struct ad_op ad_op_rotate;
extern const struct ad_op ad_op_segment;
extern const struct ad_op ad_op_segment_at;
extern const struct ad_op ad_op_sequence;
extern const struct ad_op ad_op_slideshow;
extern const struct ad_op ad_op_source;
extern const struct ad_op ad_op_source_list;
extern const struct ad_op ad_op_speed;
extern const struct ad_op ad_op_switch;
extern const struct ad_op ad_op_thumbnail;
extern const struct ad_op ad_op_transform;
extern const struct ad_op ad_op_trim_silence;
extern const struct ad_op ad_op_vignette;
extern const struct ad_op ad_op_volume;
extern const struct ad_op ad_op_zip;
extern const struct ad_field ad_source_fields[]; /* SOURCE_LIST has them too */

/* ---- Reading a normalised or final config (values.c). A missing key gives the fallback. ---- */
int64_t ad_conf_int(const struct ad_value *config, const char *key, int64_t fallback);
double ad_conf_number(const struct ad_value *config, const char *key, double fallback);
bool ad_conf_bool(const struct ad_value *config, const char *key, bool fallback);
/* NUL-terminated, in the arena or a literal; "" when memory is out (the arena has failed). */
const char *ad_conf_text(struct ad_arena *arena, const struct ad_value *config, const char *key,
                         const char *fallback);
bool ad_conf_is(const struct ad_value *config, const char *key, const char *text);

#define AD_FIELDS_MAX 40 /* fields of one table */

/* Writing one: a copy of config without the keys of `drop` (NULL-terminated) and with `with` put in by key order. NULL =
 * no memory. */
struct ad_conf_set {
    const char *key;
    const struct ad_value *value;
};
const struct ad_value *
ad_conf_new(struct ad_arena *arena, const struct ad_value *at, struct ad_conf_set *with,
            size_t count); /* sorts `with`; at gives the position, may be NULL */
const struct ad_value *ad_conf_edit(struct ad_arena *arena, const struct ad_value *config,
                                    const char *const *drop, const struct ad_conf_set *with,
                                    size_t count);

/* FORMAT at the value under key, or at the map when the key is not there. */
enum artdag_err ad_conf_bad(const struct ad_value *config, const char *key, artdag_error *err,
                            const char *fmt, ...) AD_PRINTF(4, 5);

/* The fields under a key, as the manual has them (manual.c). */
void ad_fields_json(const char *key, const struct ad_field *fields, struct ad_json_writer *w);

/* ---- Checks ---- */
/* The right number of inputs, none of them an encoded film. INVAL. */
enum artdag_err ad_op_inputs(const struct ad_op *op, const struct ad_op_call *call,
                             artdag_error *err);
/* The same, and the first input has a picture. INVAL. */
enum artdag_err ad_op_picture(const struct ad_op *op, const struct ad_op_call *call,
                              artdag_error *err);
/* What the graphs say after building: NOMEM when a builder failed. */
enum artdag_err ad_op_built(const struct ad_fragment *fragment, artdag_error *err);
/* Identity: frames of a one-input op. */
void ad_range_same(const struct ad_op_call *call, size_t i, struct ad_span out,
                   struct ad_span *ret);
struct ad_span ad_span_clip(struct ad_span span, int64_t from, int64_t to);

/* ---- Slices and joints (slice.c) ---- */
/* A slice that takes frames of one input, with this config (NULL = no memory, which it reports). */
enum artdag_err ad_slice_one(const struct ad_op_call *call, const struct ad_value *config,
                             uint32_t input, struct ad_span span, struct ad_slice *ret,
                             artdag_error *err);
/* No borders; frames `in` of one input are the output from frame 0 on. */
bool ad_joints_one(const struct ad_op_call *call, uint32_t input, struct ad_span in,
                   struct ad_joints *ret);
/* Identity: output frame f is frame f of the only input. */
enum artdag_err ad_slice_same(const struct ad_op_call *call, struct ad_span out,
                              struct ad_slice *ret, artdag_error *err);
bool ad_joints_same(const struct ad_op_call *call, struct ad_joints *ret);
/* Identity but for curves, which are cut. */
enum artdag_err ad_slice_curves(const struct ad_op_call *call, const struct ad_field *fields,
                                struct ad_span out, struct ad_slice *ret, artdag_error *err);
/* Cuts the curves to the frames of the only input: for `finish`. */
enum artdag_err ad_finish_curves(const struct ad_op_call *call, const struct ad_field *fields,
                                 const struct ad_value **ret_config, artdag_error *err);

/* ---- Text values (time_text.c, color.c) ---- */
/* The spelling alone, without a format. */
enum artdag_err ad_time_check(const struct ad_value *value, const char *file,
                              artdag_error *err);
/* Canonical "#rrggbb" or "#rrggbbaa" into ret (10 bytes). False: no colour. */
bool ad_color_parse(struct ad_str text, char ret[10]);
const char *const *ad_color_names(void); /* NULL-terminated, sorted */
/* BT.709 limited-range code values at `depth` bits, rounded; alpha 0..255. color is canonical. */
struct ad_color_yuv {
    int64_t y, u, v, alpha;
};
struct ad_color_yuv ad_color_to_yuv(const char *color, int depth);

/* ---- Pictures (picture.c) ---- */
#define AD_SCALE_FLAGS "bicubic+accurate_rnd+full_chroma_int+bitexact"

/* A picture of display shape shape_w : shape_h put into a box. */
struct ad_placing {
    int64_t scale_w, scale_h; /* size after scaling */
    int64_t x, y; /* fit: where it lies in the box; fill: what is cut off left and above */
};
struct ad_placing ad_place_fit(int64_t shape_w, int64_t shape_h, int64_t box_w, int64_t box_h);
struct ad_placing ad_place_fill(int64_t shape_w, int64_t shape_h, int64_t box_w, int64_t box_h);

int ad_pixel_depth(const char *pixel_format);
bool ad_pixel_alpha(const char *pixel_format);

struct ad_pad ad_video_scale(struct ad_graph *graph, struct ad_pad in, int64_t width,
                             int64_t height);
/* Fit a picture of that edge into the box and fill the rest with color; nothing when the size is right already. */
struct ad_pad ad_video_fit_pad(struct ad_graph *graph, struct ad_pad in,
                               const struct ad_format *format, const struct ad_edge *edge,
                               int64_t box_w, int64_t box_h, const char *color);
/* Lays a picture at x, y of a larger one. */
struct ad_box {
    int64_t width, height, x, y;
};
struct ad_pad ad_video_pad(struct ad_graph *graph, struct ad_pad in,
                           const struct ad_format *format, const struct ad_box *box,
                           const char *color);
struct ad_pad ad_video_crop(struct ad_graph *graph, struct ad_pad in, int64_t width,
                            int64_t height, int64_t x, int64_t y);
/* Puts a picture with alpha on an opaque ground. in_format: the picture's pixel format; the result has the working one
 * without alpha. */
struct ad_pad ad_video_flatten(struct ad_graph *graph, struct ad_pad in,
                               const char *pixel_format, const char *color);
/* The format with alpha of pictures that can be laid over those of a working format (8 bits for 4:4:4 at 10). */
const char *ad_video_alpha_format(const char *pixel_format);
/* Lays a picture of that format over one of the same size and length; with pixel_format's alpha if it has any. */
struct ad_pad ad_video_over(struct ad_graph *graph, struct ad_pad base, struct ad_pad layer,
                            const char *pixel_format);
/* `frames` frames of one colour. */
struct ad_pad ad_video_blank(struct ad_graph *graph, const struct ad_format *format,
                             int64_t width, int64_t height, int64_t frames, const char *color);
/* Frames [from, to) of a stream that has them, starting at 0 again. */
struct ad_pad ad_video_cut(struct ad_graph *graph, struct ad_pad in, int64_t from, int64_t to);
/* Repeats the last frame, or cuts, to exactly this many. */
struct ad_pad ad_video_hold(struct ad_graph *graph, struct ad_pad in, int64_t frames);
struct ad_pad ad_video_fps(struct ad_graph *graph, struct ad_pad in,
                           const struct ad_format *format);
struct ad_pad ad_video_split(struct ad_graph *graph, struct ad_pad in, uint32_t outputs);
/* Filter concat counts in microseconds and guesses where a segment ends (one frame alone has no end): frames are counted
 * again behind it. */
struct ad_pad ad_video_renumber(struct ad_graph *graph, struct ad_pad in,
                                const struct ad_format *format);
struct ad_pad ad_video_join(struct ad_graph *graph, const struct ad_pad *parts, size_t count,
                            const struct ad_format *format);
struct ad_pad ad_video_format(struct ad_graph *graph, struct ad_pad in,
                              const char *pixel_format);

/* To or from black; type is in or out. Frame k of a fade has the factor k / frames, or 1 less that. */
struct ad_pad ad_video_fade(struct ad_graph *graph, struct ad_pad in, const char *type,
                            int64_t start, int64_t frames);

/* ---- Sound (sound.c) ---- */
const char *ad_channel_layout(int64_t channels);
struct ad_pad ad_audio_cut(struct ad_graph *graph, struct ad_pad in, int64_t from, int64_t to);
/* Silence behind, then cut, to exactly this many samples. */
struct ad_pad ad_audio_hold(struct ad_graph *graph, struct ad_pad in, int64_t samples);
struct ad_pad ad_audio_silence(struct ad_graph *graph, const struct ad_format *format,
                               int64_t samples);
struct ad_pad ad_audio_join(struct ad_graph *graph, const struct ad_pad *parts, size_t count,
                            const struct ad_format *format);
struct ad_pad ad_audio_split(struct ad_graph *graph, struct ad_pad in, uint32_t outputs);
/* curve: one of afade's that need no libm (tri, squ, qua, cub ...). */
struct ad_pad ad_audio_fade(struct ad_graph *graph, struct ad_pad in, const char *type,
                            int64_t start, int64_t samples, const char *curve);
/* From here on computed in doubles, until the result is pinned. */
struct ad_pad ad_audio_double(struct ad_graph *graph, struct ad_pad in);
struct ad_pad ad_audio_scale(struct ad_graph *graph, struct ad_pad in, double factor);
/* Each sample anew out of expr, which knows val(channel), ch and n, counted in samples. */
struct ad_pad ad_audio_eval(struct ad_graph *graph, struct ad_pad in, const char *expr,
                            int64_t channels);

/* ---- Gains (gain.c) ---- */
/* The fields `gain` (a factor) and `gain_db` of a map: at most one of them is given. */
#define AD_GAIN_FIELDS                                                                         \
    {.name = "gain",                                                                           \
     .type = AD_FIELD_NUMBER,                                                                  \
     .min = 0,                                                                                 \
     .max = 1000,                                                                              \
     .animated = true,                                                                         \
     .doc = "Factor of the loudness: 0 is silence, 1 changes nothing."},                       \
    {                                                                                          \
        .name = "gain_db", .type = AD_FIELD_NUMBER, .min = -120, .max = 60, .animated = true,  \
        .unit = "dB",                                                                          \
        .doc = "The same in decibels: -6 is about half. Between keyframes it "                 \
               "moves evenly in decibels."                                                     \
    }
enum artdag_err ad_gain_check(const struct ad_value *map, artdag_error *err);
/* The map with its gain in final form: a constant as `gain`, left out when it is 1; keys of frames [0, frames) only. NULL = no
 * memory. */
const struct ad_value *ad_gain_final(struct ad_arena *arena, const struct ad_value *map,
                                     int64_t frames);
/* The gain of a map as a curve of factors, 1 without one; keys in the arena. False: no memory. */
bool ad_gain_of(struct ad_arena *arena, const struct ad_value *map, struct ad_curve *ret);
/* frames: how long the gain's input is; scale: a further factor. */
struct ad_pad ad_gain_apply(const struct ad_op_call *call, struct ad_graph *graph,
                            struct ad_pad in, const struct ad_curve *gain, double scale);

/* ---- Shapes of fades (gain.c) ---- */
extern const char *const ad_fade_shapes[]; /* linear, power, square, cubic */
const char *ad_fade_curve(const struct ad_value *config, const char *key); /* afade's name */

#endif
