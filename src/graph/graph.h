/* SPDX-License-Identifier: MIT
 *
 * The door of room graph: filter graphs and units as plain data, their canonical JSON, and their checks. PURE: no I/O, no
 * libav type. The planner makes units, artdag-media interprets them; docs/formats/unit.md describes the bytes.
 *
 * Memory: everything hangs in the arena given at creation, vectors too (never ad_vec_push or ad_vec_fini
 * them); nothing is freed singly. One thread builds.
 *
 * Time stamps inside a graph. A foreign leaf's frames enter with media time minus the leaf's origin: video in
 * the stream's time base, audio in 1/(the stream's sample rate). A mezzanine leaf's video enters with the frame
 * index in 1/fps, its audio with the sample index in 1/rate. Every op cuts by time stamp and yields
 * pts = frame index (sample index), so a media program may deliver more than [first, first + count) but
 * never less, and must begin at or before the frame that is shown at `first`. Foreign audio is decoded from the
 * start of its stream, since counting samples after a seek is inexact.
 */
#ifndef AD_GRAPH_GRAPH_H
#define AD_GRAPH_GRAPH_H

#include "base/base.h"
#include "doc/doc.h"

/* ---- Time ---- */

/* The working format of a recipe. Inside a graph, video time is a frame index with time base fps_den/fps_num. */
struct ad_format {
    int64_t width, height;
    int64_t fps_num, fps_den; /* lowest terms */
    const char *pixel_format; /* libav's name: "yuv420p" ... (ad_pixel_formats) */
    int64_t sample_rate;
    int64_t channels; /* 1 or 2 */
};
extern const char *const ad_pixel_formats[]; /* allowed working formats, NULL-terminated */

#define AD_FRAMES_MAX INT64_C(1000000000) /* longest step: 48 days at 240 frames a second */

/* a * b / c with a 128-bit product; a, b >= 0, c > 0. Results beyond int64 saturate. _round: half up. */
int64_t ad_muldiv_floor(int64_t a, int64_t b, int64_t c);
int64_t ad_muldiv_ceil(int64_t a, int64_t b, int64_t c);
int64_t ad_muldiv_round(int64_t a, int64_t b, int64_t c);

/* Samples before frame f: floor(f * rate * den / num). Clip [a, b) of a timeline holds samples
 * [at(a), at(b)), so n clips never drift. */
int64_t ad_samples_at(const struct ad_format *format, int64_t frame);
/* Samples a materialised piece of this many frames carries: ceil, so that any placement of it has
 * enough: floor(s) + ceil(n) <= ceil(s + n). */
int64_t ad_samples_for(const struct ad_format *format, int64_t frames);
/* Frames in num/den seconds (num >= 0, den > 0), rounded half up; saturates. */
int64_t ad_frames_from_seconds(int64_t num, int64_t den, const struct ad_format *format);

/* A working format that everything else may rely on: even sizes 2..16384, 1/1000..1000 frames a second
 * in lowest terms, 8000..192000 Hz, one or two channels, a pixel format of the list. INVAL. */
enum artdag_err ad_format_check(const struct ad_format *format, artdag_error *err);

/* ---- Graphs ---- */

enum ad_medium {
    AD_VIDEO,
    AD_AUDIO
};

/* An output pad: of filter `filter`, or of leaf `filter` when `leaf` is set. */
struct ad_pad {
    uint32_t filter;
    uint32_t index;
    bool leaf;
    bool set; /* false = no pad */
};

struct ad_option {
    const char *name;
    const char *value;
};

struct ad_filter {
    const char *name; /* on the allow-list (ad_filter_allowed) */
    AD_VEC(struct ad_option) options;
    uint32_t inputs; /* links arriving so far */
};

struct ad_link {
    struct ad_pad from;
    uint32_t to_filter, to_index;
};

/* Where frames come from. */
struct ad_leaf {
    const char *cid; /* text; the bytes are asked of the parent by leaf number */
    /* True: one of our own intermediates (constant frame rate, exact length); false: foreign
     * media */
    bool mezzanine;
    int64_t stream; /* foreign: stream number in the container; mezzanine: ignored */
    bool alpha;     /* foreign video: decode the alpha plane too */
    /* Foreign: the media time in exact seconds num/den that becomes time 0: it is subtracted from every timestamp. */
    int64_t origin_num, origin_den;
    int64_t first,
        count; /* the working frames (audio: of the same timeline) that the graph can use; for seeking and early stop */
};

/* Longest file that a filter may be given (a font, a table): it is held in memory. */
#define AD_FILE_BYTES_MAX ((int64_t)64 << 20)

struct ad_graph {
    struct ad_arena *arena;
    enum ad_medium medium;
    AD_VEC(struct ad_leaf) leaves;
    AD_VEC(const char *) files; /* CIDs of what filters read beside their pads, none twice */
    AD_VEC(struct ad_filter) filters;
    AD_VEC(struct ad_link) links;
    struct ad_pad out; /* the one result */
    bool failed;       /* sticky: memory ran out while building */
};

struct ad_graph *ad_graph_new(struct ad_arena *arena,
                              enum ad_medium medium); /* NULL = no memory */
struct ad_pad ad_graph_leaf(struct ad_graph *graph,
                            const struct ad_leaf *leaf); /* strings are copied */
/* Adds a filter and links `inputs` pads to its first inputs, in order; returns its output pad 0. Pads must be used once each: fan out with "split"/"asplit". */
struct ad_pad ad_graph_filter(struct ad_graph *graph, const char *name,
                              const struct ad_pad *inputs, size_t count);
/* The same for the usual case: one input. */
struct ad_pad ad_graph_chain(struct ad_graph *graph, const char *name, struct ad_pad input);
/* Sets an option on the filter that pad belongs to. Numbers are formatted without the locale. */
void ad_graph_set(struct ad_graph *graph, struct ad_pad pad, const char *option,
                  const char *value);
void ad_graph_set_int(struct ad_graph *graph, struct ad_pad pad, const char *option,
                      int64_t value);
void ad_graph_set_double(struct ad_graph *graph, struct ad_pad pad, const char *option,
                         double value);
void ad_graph_setf(struct ad_graph *graph, struct ad_pad pad, const char *option,
                   const char *fmt, ...) AD_PRINTF(4, 5); /* integers and %s only */
/* Lets the filter read a file: the option's value becomes the file's number in graph->files, and a path only in the
 * process that runs the graph. */
void ad_graph_set_file(struct ad_graph *graph, struct ad_pad pad, const char *option,
                       const char *cid);
struct ad_pad
ad_pad_nth(struct ad_pad pad,
           uint32_t index); /* another output of the same filter (split, asplit) */

/* Removes the leaves and filters from which nothing leads to graph->out (an op may leave an input unused), and numbers the
 * rest anew. Call it once out is set; pads got earlier are void then, except graph->out. False = no memory. */
bool ad_graph_prune(struct ad_graph *graph);

bool ad_filter_allowed(enum ad_medium medium, const char *name);
/* The value of this option is the number of a file. */
bool ad_filter_option_is_file(enum ad_medium medium, const char *name, const char *option);

/* ---- Units ---- */

struct ad_codec_settings {
    const char *codec;         /* libav encoder name; NULL = stream absent */
    const char *pixel_format;  /* video: what the graph's last filter yields */
    const char *sample_format; /* audio: likewise, "fltp" ... */
    int64_t sample_rate;       /* audio: of what is encoded; 0 = the working format's */
    AD_VEC(struct ad_option)
    options; /* in order of setting; private options and AVCodecContext options alike */
};
struct ad_encode {
    const char *container; /* muxer name: "nut", "mp4", "matroska", "webm" ... */
    AD_VEC(struct ad_option) options;
    struct ad_codec_settings video, audio;
    int64_t max_bytes; /* of the whole file, which the crf gives way to; 0 = no limit */
};

struct ad_unit {
    struct ad_format format;
    int64_t width, height;  /* of the result; 0 without video */
    int64_t frames;         /* exact length; asserted by the media program */
    int64_t samples;        /* exact, per channel, at the encoded rate; 0 without audio */
    struct ad_graph *video; /* NULL without video */
    struct ad_graph *audio; /* NULL without audio */
    struct ad_encode encode;
};

/* The rate of the encoded sound, and its samples in so many frames. */
int64_t ad_encode_rate(const struct ad_encode *encode, const struct ad_format *format);
int64_t ad_encode_samples(const struct ad_encode *encode, const struct ad_format *format,
                          int64_t frames);

/* Appends an option; strings are copied. False = no memory. */
bool ad_codec_set(struct ad_arena *arena, struct ad_codec_settings *codec, const char *name,
                  const char *value);
bool ad_encode_set(struct ad_arena *arena, struct ad_encode *encode, const char *name,
                   const char *value);

/* What every graph and unit must satisfy before anything runs it: filters, codecs, containers and their
 * options on the lists of allowed.c, every value of its option's kind, each pad linked once, links only
 * from earlier to later filters (so no cycle), one output, sizes and counts within limits. FORMAT. */
enum artdag_err ad_graph_check(const struct ad_graph *graph, artdag_error *err);
enum artdag_err ad_unit_check(const struct ad_unit *unit, artdag_error *err);
enum artdag_err ad_unit_to_json(const struct ad_unit *unit, struct ad_buf *buf,
                                artdag_error *err); /* canonical */
enum artdag_err ad_unit_from_json(struct ad_arena *arena, struct ad_str json,
                                  struct ad_unit *ret, artdag_error *err); /* checks too */

/* The lossless settings of materialised intermediates (docs/decisions): FFVHUFF and float PCM in NUT. */
enum artdag_err ad_encode_mezzanine(struct ad_arena *arena, const struct ad_format *format,
                                    bool video, bool audio, struct ad_encode *ret);

/* ---- Features: what analysis finds in one medium (docs/formats/analysis.md) ---- */

enum ad_feature {
    AD_FEATURE_METADATA,
    AD_FEATURE_BEATS,
    AD_FEATURE_TEMPO,
    AD_FEATURE_ENERGY,
    AD_FEATURE_SPECTRUM,
    AD_FEATURE_ONSETS,
    AD_FEATURE_LOUDNESS,
    AD_FEATURE_SILENCE,
    AD_FEATURE_SCENE_CHANGES,
    AD_FEATURE_MOTION_TEMPO,
    AD_FEATURE_BLACK,
    AD_FEATURE_FREEZE,
    AD_FEATURE_CONTACT_SHEET,
    AD_FEATURE_COUNT
};
/* Sets of features are bits. */
#define AD_FEATURE_BIT(feature) (1u << (feature))
#define AD_FEATURES_AUDIO 0x00feu
#define AD_FEATURES_VIDEO 0x1f00u
#define AD_FEATURES_ALL 0x1fffu

const char *ad_feature_name(enum ad_feature feature);
/* "beats,energy" or "all" -> a set. INVAL with the nearest name. */
enum artdag_err ad_features_parse(struct ad_str text, unsigned *ret, artdag_error *err);

/* What a user may set about features; the default is in the table of feature.c. */
enum ad_setting {
    AD_SET_BEATS_PER_BAR,
    AD_SET_BLACK_LEVEL,
    AD_SET_BLACK_MIN,
    AD_SET_FREEZE_LEVEL,
    AD_SET_FREEZE_MIN,
    AD_SET_SCENE_MIN,
    AD_SET_SCENE_THRESHOLD,
    AD_SET_SHEET_COLUMNS,
    AD_SET_SHEET_ROWS,
    AD_SET_SHEET_WIDTH,
    AD_SET_SILENCE_DB,
    AD_SET_SILENCE_MIN,
    AD_SET_WINDOW_MS,
    AD_SETTING_COUNT
};
struct ad_feature_settings {
    double value[AD_SETTING_COUNT];
};
void ad_feature_settings_init(struct ad_feature_settings *settings); /* the defaults */
/* INVAL for an unknown name (with the nearest) or a value out of range. */
enum artdag_err ad_feature_settings_set(struct ad_feature_settings *settings, const char *name,
                                        const char *value, artdag_error *err);
/* A map of the settings that any of the features depends on. */
void ad_feature_settings_write(const struct ad_feature_settings *settings, unsigned features,
                               struct ad_json_writer *w);

/* One decoding of one stream of a foreign medium. Times count from the origin, as everywhere. */
struct ad_study {
    unsigned features; /* of sound or of pictures, not of both */
    struct ad_feature_settings settings;
    const char *cid; /* of the input */
    int64_t stream;
    int64_t origin_num, origin_den;
    /* Pictures: the rate they are brought to, how many there will be, and how they are shown */
    int64_t fps_num, fps_den, frames;
    int64_t rotation, sar_num, sar_den;
};

/* ---- The wire between artdag and artdag-media ----
 * Frames of base/frame.h (type u32, length u32, payload) over a stream socket pair. Integers little-endian.
 * The zygote (`artdag-media --zygote FD`) gets SPAWN and forks one child per job; the child talks over the job's own socket.
 */
enum ad_wire {
    /* parent -> zygote. Payload: empty; descriptors: job socket, output file (read-write, seekable), [a second file: audio part or contact sheet]. */
    AD_WIRE_SPAWN = 1,
    AD_WIRE_KILL = 2, /* u32 pid: kill that child now */
    /* zygote -> parent */
    AD_WIRE_SPAWNED = 3, /* u32 pid */
    AD_WIRE_EXITED = 4,  /* u32 pid, u32 wait status */
    AD_WIRE_HELLO = 5,   /* JSON: {"version", "toolchain"}; the first message after start */
    /* parent -> child */
    /* JSON, see ad_job. A child that did a PART of pictures waits for further ones, each with the descriptor of its output. */
    AD_WIRE_JOB = 16,
    AD_WIRE_DATA =
        17, /* answer to READ: the bytes (shorter than asked only at the end of the file) */
    AD_WIRE_NODATA = 18, /* answer to READ: JSON {"code", "message"}: the bytes cannot be had */
    /* child -> parent */
    AD_WIRE_READ = 32,     /* u32 input number, u64 offset, u32 length <= AD_WIRE_READ_MAX */
    AD_WIRE_PROGRESS = 33, /* u64 frames done (audio: samples) */
    AD_WIRE_LOG = 34,      /* u32 level, text */
    /* JSON: {"bytes", "frames", "samples", "decode_errors"}; JOIN: and "cuts", a list of offsets in the
     * output at which the bytes of a span's video or sound begin, ascending */
    AD_WIRE_DONE = 35,
    AD_WIRE_FAIL = 36 /* JSON: {"code", "cid", "hint", "message", "sys"} */
};
#define AD_WIRE_READ_MAX (1u << 20)
#define AD_WIRE_INDEX                                                                          \
    0x80000000u /* in READ: added to an input's number, asks for its frame index instead */

/* A job. Inputs are numbered: video leaves first, then audio leaves, then the files of the video graph, then those of the
 * audio graph, in graph order (PROBE, FEATURES: one input; PLOT: see there; JOIN: the parts of the spans in order, then the part of the sound if there
 * is any). A part is one encoded stream, codec parameters and
 * packets, in a private format of artdag-media. */
enum ad_job_kind {
    AD_JOB_PROBE, /* one input -> analysis metadata JSON into the output file */
    AD_JOB_AUDIO, /* the unit's audio graph, encoded, as a part; its video graph is left alone */
    AD_JOB_FILM, /* the whole unit: video rendered here, audio copied from the audio part when the
                     unit has both; audio alone is rendered here */
    AD_JOB_PART, /* a unit with one graph, encoded, as a part */
    AD_JOB_JOIN, /* parts -> the container, by stream copy */
    /* one input -> a map from each feature to what goes into the analysis document, as JSON, into the output file;
     * the contact sheet, as PNG, into the file beside */
    AD_JOB_FEATURES,
    /* an analysis document, [the medium whose sound is drawn], [its contact sheet] -> a picture, as PNG, into the output
     * file. The study's features are any of sound when the second is there, and the contact sheet when the third is */
    AD_JOB_PLOT
};
struct ad_job {
    enum ad_job_kind kind;
    /* Not for PROBE, FEATURES and PLOT. JOIN: a shell without graphs: format, size, exact lengths and encode settings of the film. */
    struct ad_unit unit;
    const char *probe_cid; /* PROBE */
    struct ad_study study; /* FEATURES, PLOT */
    /* JOIN: frames of each span, in order; their sum is unit.frames. Memory as for sizes. */
    AD_VEC(int64_t) spans;
    /* Bytes of each input. Arena memory when the job came from JSON, else the maker's. */
    AD_VEC(int64_t) sizes;
    int64_t threads;       /* decoder and filter threads; results do not depend on it */
    const char *cpu_flags; /* NULL, or libav's flags ("0", "sse2"): for tests of law 3 */
};
/* What every job must satisfy; both directions insist on it. FORMAT. */
enum artdag_err ad_job_check(const struct ad_job *job, artdag_error *err);
enum artdag_err ad_job_to_json(const struct ad_job *job, struct ad_buf *buf, artdag_error *err);
enum artdag_err ad_job_from_json(struct ad_arena *arena, struct ad_str json, struct ad_job *ret,
                                 artdag_error *err);

#endif
