/* SPDX-License-Identifier: MIT
 *
 * The door of room ops: one file per node type and one table. PURE. An op says what its config may be, how long its output is, which input
 * frames an output range needs, and which graph fragment it stands for. Validation, `artdag ops`, the recipe schema and the manual come from the field tables.
 */
#ifndef AD_OPS_OPS_H
#define AD_OPS_OPS_H

#include "base/base.h"
#include "doc/doc.h"
#include "graph/graph.h"

/* ---- Schema ---- */

enum ad_field_type {
    AD_FIELD_BOOL,
    AD_FIELD_INT,
    AD_FIELD_NUMBER,
    AD_FIELD_STRING,
    AD_FIELD_ENUM, /* one of `values` */
    AD_FIELD_TIME, /* seconds, "1.5s", "36f", "00:01:02.500"; normalised to an integer frame count */
    AD_FIELD_COLOR, /* a name or "#rrggbb[aa]"; normalised to "#rrggbb" or "#rrggbbaa" lower case */
    AD_FIELD_RATIO,  /* a speed: a number or "25/24"; normalised to "p/q" in lowest terms */
    AD_FIELD_MAP,    /* nested fields */
    AD_FIELD_ANY,    /* whatever: the op itself looks at it */
    AD_FIELD_LIST,   /* each element as `item` says; min and max count the elements */
    AD_FIELD_BITRATE /* "192k", "1.5M" or an integer; normalised to integer bits per second */
};

#define AD_CURVE_KEYS_MAX 10000 /* of one animated number */

struct ad_field {
    const char *name;
    const char *alias; /* another accepted name, or NULL; identity uses `name` */
    enum ad_field_type type;
    /* The default as JSON text in recipe units ("{}" for a MAP: its fields' own), or NULL:
     * no default (key absent from the normalised config unless given) */
    const char *fallback;
    double min,
        max; /* INT and NUMBER, inclusive; TIME in seconds; both 0 = unbounded (TIME: >= 0) */
    const char *const
        *values; /* ENUM, NULL-terminated; BOOL: the only value accepted, "true" or "false" */
    const struct ad_field *fields; /* MAP, ends with name NULL */
    const struct ad_field *item;   /* LIST; its name is for messages */
    /* NUMBER: keyframes are accepted too (docs/formats/recipe.md); normalised to a number or {"curve": ...} */
    bool animated;
    bool required;
    /* Documentation only (name, description): accepted, not part of the identity */
    bool cosmetic;
    bool internal; /* only finish writes it: unknown to recipes, not in the manual */
    /* For the manual; "pixels" and "pixels, even" also say what a proxy makes smaller. */
    const char *unit;
    const char *doc; /* one or two sentences */
};

/* Checks `config` (a map or NULL) against fields and gives the normalised map: defaults filled in, times as frames, colours canonical, aliases resolved,
 * cosmetic keys dropped, keys in canonical order. Errors carry line:column and the nearest known name. FORMAT. */
enum artdag_err ad_config_normalise(struct ad_arena *arena, const struct ad_field *fields,
                                    const struct ad_value *config,
                                    const struct ad_format *format, const char *file,
                                    const struct ad_value **ret, artdag_error *err);
/* Checks keys and types only (no format known yet): what recipe validation does at parse time. Values that are parameter references are accepted for any type. */
enum artdag_err ad_config_check(const struct ad_field *fields, const struct ad_value *config,
                                const char *file, artdag_error *err);
/* A numeric field (INT, NUMBER, RATIO) may be {bind: {signal: ...}} in a recipe: the planner puts numbers in its place before
 * anything is normalised. Gives what is under `bind`, or NULL when value is no such thing. */
bool ad_field_may_follow(const struct ad_field *field);
const struct ad_value *ad_value_bind(const struct ad_value *value);
extern const struct ad_field ad_bind_fields[]; /* what it may say */
/* Checks a config that is normalised already and finished (from a plan document): known keys, types, ranges; times are integer frames; nothing is filled in. FORMAT. Afterwards
 * finish, which leaves a final config as it is, and edge check the rest. */
enum artdag_err ad_config_check_final(const struct ad_field *fields,
                                      const struct ad_value *config, const char *file,
                                      artdag_error *err);
/* "1.5", 1.5, "1.5s", "250ms", "36f", "01:02.5", "00:01:02.500" -> frames, rounded half up from exact decimal arithmetic. FORMAT. */
enum artdag_err ad_time_to_frames(const struct ad_value *value, const struct ad_format *format,
                                  const char *file, int64_t *ret, artdag_error *err);
/* A parameter reference: a whole string "$name" or "${name}". */
bool ad_value_is_param(const struct ad_value *value, struct ad_str *ret_name);
/* A parameter reference, or an expression: a whole string "${...}". It stands for a value of any type. */
bool ad_value_is_reference(const struct ad_value *value);

/* ---- What an op sees ---- */

/* One edge of the plan after SOURCE: known size, rate, exact length. */
struct ad_edge {
    int64_t frames;
    int64_t width, height; /* 0 without video */
    bool video, audio;
    bool deliverable; /* the output of ENCODE: bytes for people, nothing may follow */
    bool
        file; /* no media but bytes that a filter reads: a font, a table. One frame, no picture, no sound */
};

/* What analysis knows of a foreign input; made from the metadata JSON (docs/formats/analysis.md). */
struct ad_source_info {
    bool video, audio, still;
    int64_t video_stream, audio_stream; /* numbers in the container */
    int64_t width, height;              /* coded size */
    int64_t sar_num, sar_den;           /* sample aspect ratio, 1/1 when unknown */
    int64_t rotation;                   /* clockwise degrees to apply: 0, 90, 180, 270 */
    bool alpha, full_range;
    const char *matrix;       /* colour matrix as libav names it, "" = unknown */
    int64_t fps_num, fps_den; /* average or nominal rate, lowest terms */
    int64_t origin_num,
        origin_den; /* first video timestamp (audio's when there is no video), seconds */
    int64_t duration_num,
        duration_den; /* exact seconds from origin to the end of the last frame (or sample) */
    int64_t sample_rate, channels;
};
enum artdag_err ad_source_info_from_json(struct ad_arena *arena,
                                         const struct ad_value *analysis,
                                         struct ad_source_info *ret, artdag_error *err);
/* Frames that a source has in the working format: round-half-up(duration * fps), at least 1. */
int64_t ad_source_frames(const struct ad_source_info *info, const struct ad_format *format);

struct ad_op_input {
    const char *slot; /* "0", "1" ... for lists, the slot's name otherwise */
    struct ad_edge edge;
    const char *file_cid; /* of an edge that is a file, else NULL */
    /* Frames of all inputs before this one together; 0 for all of them when nobody counted. Only slice and joints look
     * at it: with it a slice of a long list takes O(log n), without it O(n). */
    int64_t before;
};

struct ad_op_call {
    struct ad_arena *arena; /* for results */
    const struct ad_format *format;
    const struct ad_value *config; /* normalised */
    const struct ad_op_input *inputs;
    size_t input_count;
    /* SOURCE of media only; a SOURCE without it stands for a file */
    const struct ad_source_info *source;
    const char *source_cid; /* SOURCE only */
};

/* Frames [from, to). */
struct ad_span {
    int64_t from, to;
};

/* The op restricted to output frames `out`: the same op, with this config, on these frames of these inputs (each counted from
 * 0 again and exactly that long), yields exactly those frames, counted from 0 again. Of pictures; sound is never
 * divided. The config may hold keys that no recipe can (ad_field.internal) and passes ad_config_check_final. All in
 * call->arena. */
struct ad_slice {
    const struct ad_value *config;
    const uint32_t *inputs; /* which inputs, in order */
    const struct ad_span *spans;
    size_t count;
};

/* Frames `in` of an input are, one to one, the output frames from `at` on. */
struct ad_piece {
    uint32_t input;
    struct ad_span in;
    int64_t at;
};
/* Where a film may be divided: own structural edges, ascending, none twice, none at 0 or the end, and what passes
 * through, by ascending `at` and without overlap. At every border, and between any two frames of a piece, slice can
 * divide. Of pictures. All in call->arena. */
struct ad_joints {
    const int64_t *borders;
    size_t border_count;
    const struct ad_piece *pieces;
    size_t piece_count;
};

/* What build fills: it adds filters to the graphs from the in pads to the out pads. A graph is NULL when the result has no such medium. in pads of inputs
 * without that medium are not set. */
struct ad_fragment {
    struct ad_graph *video, *audio;
    const struct ad_pad *video_in, *audio_in; /* per input */
    struct ad_pad video_out, audio_out;
};

enum ad_class {
    AD_CLASS_EXACT,
    AD_CLASS_PROFILE,
    AD_CLASS_PERCEPTUAL
};

struct ad_slot {
    const char *name; /* NULL for a list op: slots "0", "1" ... */
    size_t min,
        max; /* list op: how many inputs; named slot: 0..1, 1..1, or more for what expands */
    const char *doc;
    /* For files: whether this config, as a recipe has it, takes the system's font when nothing is given; NULL = never */
    bool (*font)(const struct ad_value *config);
    bool file;   /* takes a SOURCE whose bytes a filter reads, and nothing else */
    bool signal; /* takes an ANALYZE node, and nothing else */
};

/* Node types that are no steps: plan/expand.h makes steps of them. They have fields, slots and documentation only. */
enum ad_expansion {
    AD_EXPANDS_NOT,
    AD_EXPANDS_TO_FILM,
    AD_EXPANDS_TO_LIST,
    AD_EXPANDS_TO_SIGNAL
};

#define AD_LIST_ITEMS_MAX 200000 /* of one list */

struct ad_op {
    const char *node_type;
    const char *summary; /* one line */
    const char *doc;     /* paragraphs for the manual */
    /* A small recipe that renders by itself (GENERATE, 320x180, lines of at most 76 bytes), or NULL. docs/manual shows its
     * picture: ./dev manual */
    const char *example;
    unsigned revision; /* part of the identity; raise it when the bytes change */
    enum ad_class exactness;
    const struct ad_field *fields; /* ends with name NULL */
    const struct ad_slot *slots; /* ends with max 0; a list op has exactly one with name NULL */
    /* It takes frames out of its input by number (SEGMENT): no more than its range is read */
    bool cuts;
    /* Of the ENCODE that a node of this type gets as an output; NULL = web */
    const char *profile;
    bool needs_toolchain; /* its bytes depend on the media libraries (all that make media) */
    enum ad_expansion expands; /* not AD_EXPANDS_NOT: all functions are NULL */

    /* For ops whose class depends on their config (a transition); NULL = `exactness`. Ask ad_op_class. */
    enum ad_class (*exactness_of)(const struct ad_value *config);

    /* Rules across fields once lengths are known (SEGMENT: end -> duration). May be NULL. Replaces the config by its final form; a final config stays as it is. */
    enum artdag_err (*finish)(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err);
    /* Timing rule: the output edge. */
    enum artdag_err (*edge)(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err);
    /* Range rule: the frames of input i needed for output frames `out`; from == to: none. {0, INT64_MAX} asks for everything, in constant time. NULL: everything is needed. */
    void (*range)(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret);
    /* The op restricted to frames 0 <= out.from < out.to <= length. The config is final and edge has accepted the call.
     * UNSUPPORTED when it cannot be divided there; NULL: nowhere. Works for the whole output whenever it works at all. */
    enum artdag_err (*slice)(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err);
    /* Where the output may be divided. NULL: no edges, and nothing passes through. False: no memory. */
    bool (*joints)(const struct ad_op_call *call, struct ad_joints *ret);
    /* Graph fragment for the whole output. Inputs are whole and begin at pts 0, with one exception: below SEGMENT there may be a SOURCE whose leaf has a partial
     * range; it yields frames first .. first + count - 1 with those pts. The last filter of each medium yields pts = frame (sample) index; the caller pins the
     * pixel and sample format after it. */
    enum artdag_err (*build)(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err);
    /* ENCODE only: settings of the deliverable; NULL = mezzanine. */
    enum artdag_err (*encode)(const struct ad_op_call *call, struct ad_encode *ret,
                              artdag_error *err);
};

extern const struct ad_op *const ad_ops[]; /* NULL-terminated, sorted by node_type */
const struct ad_op *ad_op_find(struct ad_str node_type); /* NULL when unknown */
const char *ad_op_nearest(struct ad_str node_type);      /* for "did you mean", or NULL */
const char *ad_class_name(enum ad_class c);
/* The slot that input i of a call goes to; NULL when the op has no such slot. */
const struct ad_slot *ad_op_slot(const struct ad_op *op, const char *name);
/* Every input is of the kind that its slot takes: media, or a file. INVAL. */
enum artdag_err ad_op_kinds(const struct ad_op *op, const struct ad_op_call *call,
                            artdag_error *err);
/* The config of a SOURCE that stands for a file; no recipe can write it. NULL = no memory. */
const struct ad_value *ad_source_file_config(struct ad_arena *arena);
bool ad_source_config_is_file(const struct ad_value *config);
/* EFFECT: a config with the definition that its effect's name stands for; NULL = no memory. */
const struct ad_value *ad_effect_define(struct ad_arena *arena, const struct ad_value *config,
                                        const struct ad_value *definition);
/* Checks a definition (docs/formats/effect.md). FORMAT with file, line and column. */
enum artdag_err ad_effect_check(struct ad_arena *arena, const struct ad_value *definition,
                                const char *file, artdag_error *err);
/* The same, and writes name, description, inputs and parameters. */
enum artdag_err ad_effect_json(struct ad_arena *arena, const struct ad_value *definition,
                               const char *file, struct ad_json_writer *w, artdag_error *err);
/* Effects that come with the program, NULL-terminated. */
extern const char *const ad_effect_names[];
enum ad_class ad_op_class(const struct ad_op *op,
                          const struct ad_value *config); /* config normalised */

/* What `feature` of ANALYZE may be: ends with NULL. */
extern const char *const ad_feature_names[];
/* The set of graph's features that has this one, or what a signal or a list of times is taken from ("beats", "downbeats",
 * "spectrum.bass", "scene_changes", "all" ...); 0 for what is not known. */
unsigned ad_feature_bits(struct ad_str name);

/* How many pictures REVERSE holds at once, of an input of this edge. */
int64_t ad_reverse_frames_max(const struct ad_edge *edge, const struct ad_format *format);

/* The manual of one op, or of all (op NULL), as text for people; and as JSON. */
enum artdag_err ad_op_manual(const struct ad_op *op, struct ad_buf *buf, artdag_error *err);
enum artdag_err ad_op_json(const struct ad_op *op, struct ad_json_writer *w, artdag_error *err);

#endif
