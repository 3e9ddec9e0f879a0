/* SPDX-License-Identifier: MIT
 *
 * Node types that are no steps of their own: lists, and what goes over them. Here is what a recipe may say of them; room plan
 * makes ordinary steps of it (plan/expand.h), and no op ever sees a list.
 */
#include "ops/op.h"

#define MANY 1000000
#define NO_BUILD .revision = 1, .exactness = AD_CLASS_EXACT

static const char *const orders[] = {"round_robin", "random", "in_order", NULL};
static const char *const lengths[] = {"shortest", "equal", "cycle", NULL};

#define SEED_DOC                                                                               \
    "Begins the row of random numbers. The same seed gives the same choice, on every machine."

/* ---- SOURCE_LIST ---- */

static const struct ad_slot no_slots[] = {{.max = 0}};

const struct ad_op ad_op_source_list = {
    .node_type = "SOURCE_LIST",
    .summary = "files given when the recipe is run, as a list",
    .doc = "Give the flag several times: -i videos=a.mp4 -i videos=b.mp4. Every file becomes a "
           "SOURCE with this config, in the order given. A list can be an input wherever "
           "several inputs are taken (SEQUENCE, LAYER, AUDIO_MIX ...), where it counts as its "
           "items, and of MAP, ZIP, REDUCE, SEGMENT_AT and SWITCH.",
    NO_BUILD,
    .expands = AD_EXPANDS_TO_LIST,
    .fields = ad_source_fields,
    .slots = no_slots,
};

/* ---- MAP and its RANDOM_SLICE ---- */

static const struct ad_field map_fields[] = {
    {.name = "operation",
     .type = AD_FIELD_STRING,
     .required = true,
     .doc = "The node type to be applied: RANDOM_SLICE, ANALYZE, or any that makes one film of "
            "one item. All other keys are that type's own."},
    {NULL},
};

static const struct ad_slot map_slots[] = {
    {"items", 1, MANY, "films and lists, all their items one after the other"},
    {"timing", 0, 1, "an ANALYZE node: its times divide the items", .signal = true},
    {.max = 0},
};

const struct ad_op ad_op_map = {
    .node_type = "MAP",
    .summary = "one operation over every item of a list, or over every beat",
    .doc =
        "Gives a list. Without timing, the operation is applied to every item. With timing, "
        "there is one result for each interval between two times that follow each other: "
        "RANDOM_SLICE takes a piece of that length from somewhere in one of the items; every "
        "other operation is applied to the piece that SEGMENT_AT (round_robin, without the "
        "ends) would cut there. Items of a ZIP go into the operation together, in the order "
        "of its inputs.",
    NO_BUILD,
    .expands = AD_EXPANDS_TO_LIST,
    .fields = map_fields,
    .slots = map_slots,
};

static const struct ad_field slice_fields[] = {
    {.name = "duration",
     .type = AD_FIELD_TIME,
     .doc = "How long each slice is, when there is no timing."},
    {.name = "count",
     .type = AD_FIELD_INT,
     .min = 1,
     .max = AD_LIST_ITEMS_MAX,
     .doc = "How many slices there are, when there is no timing; without it, one for each "
            "item."},
    {.name = "seed", .type = AD_FIELD_INT, .fallback = "0", .doc = SEED_DOC},
    {.name = "seed_from",
     .type = AD_FIELD_STRING,
     .doc = "Makes the seed from content, instead of seed: \"timing\" (or the id of the node "
            "that is there) from the times in frames, "
            "\"items\" from the CIDs of the items' files."},
    {NULL},
};

const struct ad_op ad_op_random_slice = {
    .node_type = "RANDOM_SLICE",
    .summary = "pieces from random places of the items; an operation of MAP",
    .doc = "The items are gone through in rounds: each round has every item once in a random "
           "order, and none comes twice in a row. Of the item whose turn it is, a piece of the "
           "wanted length is cut at a random frame; an item that is too short for it is passed "
           "over. The choice for a slice depends on the seed, its number and the number of "
           "items, so what happens to one item leaves the slices of the others alone.",
    NO_BUILD,
    .expands = AD_EXPANDS_TO_LIST,
    .fields = slice_fields,
    .slots = map_slots,
};

/* ---- ZIP, REDUCE ---- */

static const struct ad_field zip_fields[] = {
    {.name = "length",
     .type = AD_FIELD_ENUM,
     .fallback = "\"shortest\"",
     .values = lengths,
     .doc = "shortest stops with the shortest list, equal wants lists of one length, cycle "
            "begins shorter lists again until the longest has ended."},
    {NULL},
};

static const struct ad_slot zip_slots[] = {{NULL, 2, 64, "the lists"}, {.max = 0}};

static const char zip_example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: a, type: GENERATE, config: {kind: testsrc, duration: 3}}\n"
    "    - {id: b, type: GENERATE, config: {kind: gradient, duration: 3}}\n"
    "    - {id: pairs, type: ZIP, inputs: [a, b]}\n"
    "    - {id: each, type: MAP, inputs: [pairs],\n"
    "       config: {operation: BLEND, mode: multiply, opacity: 1}}\n"
    "    - {id: out, type: SEQUENCE, inputs: [each]}\n"
    "  output: out\n";

const struct ad_op ad_op_zip = {
    .node_type = "ZIP",
    .example = zip_example,
    .summary = "several lists side by side",
    .doc = "Item i of the result is item i of every input together: MAP with BLEND, LAYER or "
           "MUX makes one film of each. Where the result is used like any other list, its "
           "items take turns: a1, b1, a2, b2 ... A single film is a list of one.",
    NO_BUILD,
    .expands = AD_EXPANDS_TO_LIST,
    .fields = zip_fields,
    .slots = zip_slots,
};

static const struct ad_field reduce_fields[] = {
    {.name = "operation",
     .type = AD_FIELD_STRING,
     .required = true,
     .doc = "The node type that joins the items. All other keys are that type's own."},
    {NULL},
};

static const struct ad_slot items_slots[] = {{NULL, 1, MANY, "films and lists"}, {.max = 0}};

const struct ad_op ad_op_reduce = {
    .node_type = "REDUCE",
    .summary = "one film of all items of a list",
    .doc =
        "An operation that takes any number of inputs (SEQUENCE, LAYER, AUDIO_MIX) gets all "
        "items at once. One that takes two (BLEND, MUX) joins the first two, then the result "
        "with the third, and so on; a single item stays as it is.",
    NO_BUILD,
    .expands = AD_EXPANDS_TO_FILM,
    .fields = reduce_fields,
    .slots = items_slots,
};

/* ---- SEGMENT_AT, SWITCH ---- */

static const struct ad_field time_item = {.name = "a time", .type = AD_FIELD_TIME};

#define TIMES_FIELDS                                                                           \
    {.name = "times",                                                                          \
     .type = AD_FIELD_LIST,                                                                    \
     .item = &time_item,                                                                       \
     .min = 1,                                                                                 \
     .max = AD_LIST_ITEMS_MAX,                                                                 \
     .doc = "Where to cut: a list of times. They are put in order; times that come to the "    \
            "same frame count once."},                                                         \
        {.name = "times_from",                                                                 \
         .type = AD_FIELD_STRING,                                                              \
         .doc =                                                                                \
             "Where to cut, from an analysis: the id of an ANALYZE node, or a node and what "  \
             "to take from it: \"music.beats\", \"music.bars\", \"music.onsets\", "            \
             "\"film.scene_changes\"."},                                                       \
        {.name = "distribute",                                                                 \
         .type = AD_FIELD_ENUM,                                                                \
         .fallback = "\"round_robin\"",                                                        \
         .values = orders,                                                                     \
         .doc =                                                                                \
             "Which input a piece is taken from: each in turn, in random rounds as "           \
             "RANDOM_SLICE has them, or the first pieces from the first, the next from the "   \
             "second, and so on."},                                                            \
    {                                                                                          \
        .name = "seed", .type = AD_FIELD_INT, .fallback = "0", .doc = SEED_DOC                 \
    }

static const struct ad_field segment_at_fields[] = {
    TIMES_FIELDS,
    {.name = "ends",
     .type = AD_FIELD_BOOL,
     .fallback = "true",
     .doc = "Also the piece before the first time, and the one from the last time to the end "
            "of the longest item. Without them there are only the pieces between two times."},
    {NULL},
};

static const struct ad_slot segment_at_slots[] = {
    {"items", 1, MANY, "what to cut from"},
    {"times", 0, 1, "an ANALYZE node, or a list of them with one for each item",
     .signal = true},
    {.max = 0},
};

static const char segment_at_example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: a, type: GENERATE, config: {kind: testsrc, duration: 3}}\n"
    "    - {id: b, type: GENERATE, config: {kind: gradient, duration: 3}}\n"
    "    - {id: cut, type: SEGMENT_AT, config: {times: [1, 2]},\n"
    "       inputs: [a, b]}\n"
    "    - {id: out, type: SEQUENCE, inputs: [cut]}\n"
    "  output: out\n";

const struct ad_op ad_op_segment_at = {
    .node_type = "SEGMENT_AT",
    .example = segment_at_example,
    .summary = "pieces of its items, cut at given or analysed times",
    .doc =
        "Gives a list of pieces. A piece between two times has those frames of the item it is "
        "taken from. Of an item that has ended by then it is taken as if the item were "
        "repeated: the start counts on from its beginning, but not so late that the piece "
        "would run over its end.\n"
        "\n"
        "With a list of analyses in times (a MAP of ANALYZE over the same items) every item is "
        "cut at its own times: films into their shots.",
    NO_BUILD,
    .expands = AD_EXPANDS_TO_LIST,
    .fields = segment_at_fields,
    .slots = segment_at_slots,
};

static const struct ad_field switch_fields[] = {TIMES_FIELDS, {NULL}};

static const char switch_example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: a, type: GENERATE, config: {kind: testsrc, duration: 3}}\n"
    "    - {id: b, type: GENERATE, config: {kind: gradient, duration: 3}}\n"
    "    - {id: out, type: SWITCH, config: {times: [1, 2]}, inputs: [a, b]}\n"
    "  output: out\n";

const struct ad_op ad_op_switch = {
    .node_type = "SWITCH",
    .example = switch_example,
    .summary = "several inputs that run at the same time, one shown at a time",
    .doc =
        "All inputs begin together; at every time the film changes to another of them, and it "
        "is as long as the shortest. Times behind that are left out.",
    NO_BUILD,
    .expands = AD_EXPANDS_TO_FILM,
    .fields = switch_fields,
    .slots = items_slots,
};

/* ---- ANALYZE ---- */

static const struct ad_field analyze_fields[] = {
    {.name = "feature",
     .type = AD_FIELD_ENUM,
     .fallback = "\"all\"",
     .values = ad_feature_names,
     .doc = "What is looked for. Only what recipes ask for is computed."},
    {.name = "every",
     .type = AD_FIELD_INT,
     .fallback = "1",
     .min = 1,
     .max = 100000,
     .doc = "Of times: only every nth, from the first that is not skipped."},
    {.name = "skip",
     .type = AD_FIELD_INT,
     .fallback = "0",
     .min = 0,
     .max = 1000000,
     .doc = "Of times: leaves out this many at the beginning."},
    {.name = "min_interval",
     .type = AD_FIELD_TIME,
     .fallback = "0",
     .doc = "Of times: leaves out those that follow the one before them sooner than this."},
    {NULL},
};

static const struct ad_slot analyze_slots[] = {
    {NULL, 1, 1, "a SOURCE, or a SEGMENT of one"},
    {.max = 0},
};

const struct ad_op ad_op_analyze = {
    .node_type = "ANALYZE",
    .summary = "music and pictures that drive the edit: times and signals of its input",
    .doc = "The result is no film. It goes into the timing of MAP, the times of SEGMENT_AT and "
           "SWITCH, and the signal of a bind. The input is a SOURCE, or what SEGMENT and MUX "
           "make of SOURCEs; times then count from the start of the piece. Everything else has "
           "to be rendered first and given as an input of another recipe.\n"
           "\n"
           "every, skip and min_interval choose among beats, downbeats, onsets and scene "
           "changes, in the order skip, every, min_interval.",
    NO_BUILD,
    .expands = AD_EXPANDS_TO_SIGNAL,
    .fields = analyze_fields,
    .slots = analyze_slots,
};
