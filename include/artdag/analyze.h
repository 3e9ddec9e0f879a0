/* SPDX-License-Identifier: MIT
 *
 * What is in a medium: beats, energy, cuts, as one JSON document per input (docs/formats/analysis.md).
 */
#ifndef ARTDAG_ANALYZE_H
#define ARTDAG_ANALYZE_H

#include <stddef.h>
#include <stdint.h>

#include <artdag/cid.h>
#include <artdag/run.h>
#include <artdag/site.h>

ARTDAG_BEGIN_DECLS

typedef struct artdag_analyze_params {
    size_t size;
    /* Paths or CIDs under names that errors and progress use; or none, and a recipe whose inputs are meant */
    const artdag_named *inputs;
    size_t input_count;
    const artdag_recipe_params *recipe; /* NULL when there are inputs */
    /* "beats,energy" or "all"; NULL = "metadata", of a recipe what it needs */
    const char *features;
    const artdag_named *settings; /* such as window_ms = 20 */
    size_t setting_count;
    const char *plot; /* draw what was found of the only input into this PNG file; NULL = not */
    void (*progress)(void *payload,
                     const artdag_analyze_progress *progress); /* one call at a time; NULL */
    void *payload;
} artdag_analyze_params;
#define ARTDAG_ANALYZE_PARAMS_INIT                                                             \
    {                                                                                          \
        .size = sizeof(artdag_analyze_params)                                                  \
    }

typedef struct artdag_analysis {
    char *input; /* its name */
    artdag_cid input_cid, analysis_cid;
    char *json; /* the document */
} artdag_analysis;

/* Owned by the caller, who ends it with artdag_analyses_fini. */
typedef struct artdag_analyses {
    artdag_analysis *items; /* in the order of the inputs */
    size_t count;
} artdag_analyses;
ARTDAG_API void artdag_analyses_fini(artdag_analyses *analyses); /* NULL allowed */

/* analyze: registers the inputs and finds the features, several inputs at once. Every feature is kept by CID and settings: what was
 * found once is not searched for again. INVAL for unknown features and settings, MEDIA when an input is no usable
 * medium, is damaged, or has nothing of what is asked for (beats of a silent film; "all" takes what there is). */
ARTDAG_API enum artdag_err artdag_analyze(artdag_site *site,
                                          const artdag_analyze_params *params,
                                          artdag_analyses *ret, artdag_error *err);

ARTDAG_END_DECLS

#endif
