/* SPDX-License-Identifier: MIT
 *
 * LOOP and TRIM_SILENCE: nodes of one input that the planner makes of cuts and sequences (plan/expand_time.c).
 */
#include "ops/op.h"

#define LOOPS_MAX 1000000

static const struct ad_field loop_fields[] = {
    {.name = "times",
     .type = AD_FIELD_INT,
     .min = 1,
     .max = LOOPS_MAX,
     .doc = "How often the input is shown."},
    {.name = "duration",
     .type = AD_FIELD_TIME,
     .doc = "How long the result is, instead of times; the last round is cut off."},
    {.name = "crossfade",
     .type = AD_FIELD_TIME,
     .fallback = "0",
     .doc = "Each round dissolves into the next for so long; 0 cuts."},
    {NULL},
};

static const struct ad_slot loop_slots[] = {{NULL, 1, 1, "what to repeat"}, {.max = 0}};

static const char loop_example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: film, type: GENERATE, config: {kind: counter, duration: 1}}\n"
    "    - id: out\n"
    "      type: LOOP\n"
    "      inputs: [film]\n"
    "      config: {duration: 2.9, crossfade: 0.2}\n"
    "  output: out\n";

const struct ad_op ad_op_loop = {
    .node_type = "LOOP",
    .summary = "its input again and again",
    .doc = "Stands for a SEQUENCE of the same input so many times, and is as exact: n rounds "
           "have n "
           "times the frames, less n - 1 crossfades, and sound does not drift.",
    .example = loop_example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .expands = AD_EXPANDS_TO_FILM,
    .fields = loop_fields,
    .slots = loop_slots,
};

static const char *const places[] = {"ends", "start", "end", "all", NULL};

static const struct ad_field trim_fields[] = {
    {.name = "where",
     .type = AD_FIELD_ENUM,
     .fallback = "\"ends\"",
     .values = places,
     .doc =
         "Which silence goes: at both ends, at the start, at the end, or all of it, which cuts "
         "pauses out of the middle too."},
    {.name = "keep",
     .type = AD_FIELD_TIME,
     .fallback = "0",
     .doc = "So much of each silence stays next to what is heard."},
    {NULL},
};

static const struct ad_slot trim_slots[] = {
    {NULL, 1, 1, "a SOURCE, or what SEGMENT and MUX make of SOURCEs"}, {.max = 0}};

const struct ad_op ad_op_trim_silence = {
    .node_type = "TRIM_SILENCE",
    .summary = "its input without silence at the ends, or without any",
    .doc =
        "Silence is what the feature `silence` of the analysis says: half a second or more "
        "below "
        "-60 dB. It is known before anything is rendered, so the input must be a SOURCE or a "
        "piece of one. Cuts are at frames, picture and sound together; a frame that is silent "
        "in part stays.",
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .expands = AD_EXPANDS_TO_FILM,
    .fields = trim_fields,
    .slots = trim_slots,
};
