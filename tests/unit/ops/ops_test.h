/* SPDX-License-Identifier: MIT
 *
 * Calling an op as the planner does, and a small interpreter of the filters that decide timing: it follows every frame
 * (sample) from an input to the result without libav, so that tests can say which frame must be where.
 */
#ifndef OPS_TEST_H
#define OPS_TEST_H

#include "ops/op.h"

#define OPS_INPUTS 16

struct ops_case {
    struct ad_arena arena;
    struct ad_format format;
    const struct ad_op *op;
    struct ad_op_input inputs[OPS_INPUTS];
    struct ad_source_info source;
    struct ad_op_call call;
    struct ad_edge edge;
};

struct ops_format_case {
    const char *name;
    struct ad_format format;
};
/* 24, 25 and 30000/1001 frames a second; the last two have broken numbers of samples a frame. */
extern const struct ops_format_case ops_formats[];
extern const size_t ops_format_count;

/* A call with the default format (64x36 at 24, 48 kHz stereo) and no inputs yet. Ended with ops_fini. */
void ops_init(struct ops_case *c, const char *node_type);
void ops_fini(struct ops_case *c);
void ops_input(struct ops_case *c, int64_t frames, int64_t width, int64_t height, bool video,
               bool audio);

/* Normalises the YAML text and finishes it; also asserts that finishing again changes nothing and that the final
 * config passes ad_config_check_final. The error positions are those of the text. */
enum artdag_err ops_config(struct ops_case *c, const char *yaml, artdag_error *err);
/* The same and the edge. */
enum artdag_err ops_plan(struct ops_case *c, const char *yaml, artdag_error *err);
/* Canonical JSON of the final config; in the case's arena. */
const char *ops_config_text(struct ops_case *c);

/* Where a frame or sample of the result comes from: index of input `input`; input -1 is padding or a generated one. In
 * the overlap of two clips `other` is the second one, with its weight times total parts of it. look stands for all that
 * filters did to it on the way: scaling, colours, steps of fades. */
struct ops_item {
    int64_t pts;
    int input, other;
    int64_t index, other_index;
    int64_t part, parts;
    uint64_t look;
};
struct ops_stream {
    AD_VEC(struct ops_item) items;
    bool endless;  /* the last item goes on (pictures), or silence */
    uint64_t look; /* of the frames of an endless stream that has no items */
    int64_t rate;  /* of sound that is said to have another sample rate; else 0 */
};
/* Follows any graph whose leaves are called "bafyinput" and their number. */
void ops_follow(const struct ad_graph *graph, const struct ad_format *format, int64_t frames,
                struct ops_stream *ret);
/* Builds both graphs, checks them, and follows one medium; streams are freed with ad_vec_fini(&s->items). Fails the test
 * when a graph is refused or uses a filter that the interpreter does not know. */
void ops_trace(struct ops_case *c, enum ad_medium medium, struct ops_stream *ret);

/* The graph of one medium after building and pruning. */
struct ad_graph *ops_graph(struct ops_case *c, enum ad_medium medium);
/* The only filter of this name; fails the test when there is not exactly one. */
const struct ad_filter *ops_filter(const struct ad_graph *graph, const char *name);
const char *ops_option(const struct ad_filter *filter,
                       const char *name); /* NULL when not set */
size_t ops_count(const struct ad_graph *graph, const char *name);

/* For each output frame: every input frame that reaches it lies in the op's range for that frame, and the union of the
 * ranges over [0, frames) is what the whole needs. */
void ops_check_range(struct ops_case *c);

#endif
