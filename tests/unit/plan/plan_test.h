/* SPDX-License-Identifier: MIT
 *
 * Shared by the tests of room plan: made-up inputs with an analysis each, and plans from recipe text.
 */
#ifndef PLAN_TEST_H
#define PLAN_TEST_H

#include <string.h>

#include "ad_test.h"
#include "plan/plan.h"

/* What an input is; its CID is that of these bytes. */
struct media {
    const char *kind;
    int width, height, fps_num, fps_den, rotation, sar_num, sar_den;
    int seconds;        /* times ten */
    int rate, channels; /* 0: no sound */
    bool still;
};

/* film: 30 s of 1280x720 at 24; music: 60 s of sound alone; tall, small, photo, silent: odd ones. */
const struct media *media_find(const char *kind);
struct ad_cid media_cid(const char *kind);
const struct ad_value *media_analysis(struct ad_arena *arena, const struct media *media);

struct request {
    const char *yaml;
    const char *inputs; /* "video=film music=music"; NULL = "video=film" */
    const struct ad_plan_param *params;
    size_t param_count;
    const char *target;
    const char *features; /* JSON: a map from inputs' names to analyses; NULL = none */
    const char *const *only;
    size_t only_count;
    const char *key;       /* NULL = "a cluster key for tests" */
    const char *toolchain; /* NULL = "tools/1" */
};
#define TEST_KEY "a cluster key for tests"
#define TEST_TOOLCHAIN "tools/1"

struct ad_plan_env request_env(const struct request *request);
enum artdag_err try_plan(const struct request *request, struct ad_plan **ret,
                         artdag_error *err);
/* The plan of a request that must succeed. */
struct ad_plan *make_plan(const struct request *request);
struct ad_plan *plan_of(const char *yaml);
/* The step called recipe.NODE; the test fails without it. */
const struct ad_step *step_of(const struct ad_plan *plan, const char *node);
/* The text of a file of the source tree, freed by the caller. */
char *source_text(const char *name);

#define DAG(nodes) "name: r\ndag:\n  nodes:\n" nodes "  output: out\n"
#define VIDEO "  - {id: video, type: SOURCE, config: {input: true}}\n"
#define MUSIC "  - {id: music, type: SOURCE, config: {input: true}}\n"
#define CUT "  - {id: cut, type: SEGMENT, config: {start: 1, end: 3}, inputs: [video]}\n"

#define assert_same_id(a, b) assert_memory_equal((a).bytes, (b).bytes, 32)
#define assert_other_id(a, b) assert_memory_not_equal((a).bytes, (b).bytes, 32)

#endif
