/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "plan/expand.h"
#include "plan_test.h"

#define VIDEOS "  - {id: videos, type: SOURCE_LIST, config: {input: true}}\n"
#define BEATS "  - {id: beats, type: ANALYZE, config: {feature: beats}, inputs: [music]}\n"
#define FINAL "  - {id: out, type: SEQUENCE, inputs: [slices]}\n"
#define TWO "videos.0=film videos.1=other music=music"
/* At 24 frames a second: frames 12, 24, 48, 60. */
#define FOUR_BEATS "{\"music\": {\"audio\": {\"beats\": {\"beat_times\": [0.5, 1, 2, 2.5]}}}}"

static int64_t start_of(const struct ad_step *step)
{
    return ad_value_get(step->config, "start")->integer;
}

static const struct ad_step *below(const struct ad_plan *plan, const struct ad_step *step,
                                   size_t i)
{
    return &plan->steps[step->inputs[i].step];
}

static void fails(const char *yaml, const char *inputs, const char *features,
                  enum artdag_err code, const char *says)
{
    struct ad_plan *plan = NULL;
    artdag_error err = {0};
    struct request request = {.yaml = yaml, .inputs = inputs, .features = features};
    assert_fails(code, try_plan(&request, &plan, &err));
    assert_null(plan);
    if (!strstr(err.message, says))
        fail_msg("says \"%s\", not \"%s\"", err.message, says);
}

/* ---- random numbers ---- */

/* SplitMix64 with seed 1234567 gives 6457827717110365317, 3203168211198807973 ... (the reference's own test). */
static void random_numbers_are_splitmix(void **state)
{
    (void)state;
    uint64_t m0 = UINT64_C(6457827717110365317);
    /* random(seed, row, n) = mix(mix(mix(seed) + row) + n): undo two layers by hand */
    uint64_t z = m0 + 1, n = 2;
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z = (z ^ (z >> 31)) + n;
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z = z ^ (z >> 31);
    assert_true(ad_random(1234567, 1, 2) == z);
    assert_true(ad_random_below(UINT64_MAX, 10) == 9);
    assert_true(ad_random_below(0, 10) == 0);
    assert_true(ad_random_below(UINT64_C(1) << 63, 10) == 5);
}

/* ---- lists ---- */

static void a_list_counts_as_its_items(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml = DAG(VIDEOS "  - {id: out, type: SEQUENCE, inputs: [videos]}\n"),
        .inputs = "videos.0=film videos.1=small videos.2=film"});
    const struct ad_step *out = step_of(plan, "out");
    assert_int_equal(out->input_count, 3);
    assert_string_equal(out->inputs[2].slot, "2");
    /* Equal files are one step, under the name of the first. */
    assert_string_equal(below(plan, out, 2)->name, "r.videos.0");
    assert_string_equal(below(plan, out, 1)->name, "r.videos.1");
    assert_int_equal(plan->step_count, 4);
    ad_plan_destroy(plan);
}

/* The plan of a list is that of the recipe with everything written out. */
static void a_list_is_what_it_stands_for(void **state)
{
    (void)state;
    struct ad_plan *list = make_plan(&(struct request){
        .yaml = DAG(VIDEOS "  - {id: each, type: MAP, config: {operation: SEGMENT, start: 1, "
                           "end: 3}, inputs: [videos]}\n"
                           "  - {id: out, type: SEQUENCE, inputs: [each]}\n"),
        .inputs = "videos.0=film videos.1=small"});
    struct ad_plan *plain = make_plan(&(struct request){
        .yaml = DAG("  - {id: a, type: SOURCE, config: {input: true}}\n"
                    "  - {id: b, type: SOURCE, config: {input: true}}\n"
                    "  - {id: c, type: SEGMENT, config: {start: 1, end: 3}, inputs: [a]}\n"
                    "  - {id: d, type: SEGMENT, config: {start: 1, end: 3}, inputs: [b]}\n"
                    "  - {id: out, type: SEQUENCE, inputs: [c, d]}\n"),
        .inputs = "a=film b=small"});
    assert_same_id(list->plan_id, plain->plan_id);
    assert_same_id(list->run_id, plain->run_id);
    assert_same_id(step_of(list, "each.1")->cache_id, step_of(plain, "d")->cache_id);
    assert_int_equal(step_of(list, "each.1")->line, 5);
    ad_plan_destroy(list);
    ad_plan_destroy(plain);
}

static void reduce_folds_two_and_joins_many(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml = DAG(
            VIDEOS "  - {id: cut, type: MAP, config: {operation: SEGMENT, end: 1}, inputs: "
                   "[videos]}\n"
                   "  - {id: row, type: REDUCE, config: {operation: SEQUENCE}, inputs: [cut]}\n"
                   "  - {id: mix, type: REDUCE, config: {operation: MUX}, inputs: [cut]}\n"
                   "  - {id: out, type: SEQUENCE, inputs: [row, mix]}\n"),
        .inputs = "videos.0=film videos.1=small videos.2=other"});
    const struct ad_step *row = step_of(plan, "row"), *mix = step_of(plan, "mix");
    assert_string_equal(row->op->node_type, "SEQUENCE");
    assert_int_equal(row->input_count, 3);
    assert_int_equal(row->edge.frames, 72);
    assert_string_equal(mix->op->node_type, "MUX");
    assert_string_equal(below(plan, mix, 0)->name, "r.mix.0");
    assert_string_equal(below(plan, mix, 1)->name, "r.cut.2");
    assert_string_equal(mix->inputs[1].slot, "audio");
    assert_string_equal(below(plan, step_of(plan, "mix.0"), 0)->name, "r.cut.0");
    ad_plan_destroy(plan);
}

static void zip_pairs_items_and_interleaves(void **state)
{
    (void)state;
    static const char yaml[] = DAG(
        VIDEOS "  - {id: others, type: SOURCE_LIST, config: {input: true}}\n"
               "  - {id: pairs, type: ZIP, config: {length: $how}, inputs: [videos, others]}\n"
               "  - {id: mixed, type: MAP, config: {operation: MUX}, inputs: [pairs]}\n"
               "  - {id: row, type: SEQUENCE, inputs: [pairs]}\n"
               "  - {id: out, type: SEQUENCE, inputs: [mixed, row]}\n"
               "  output: out\nparams: {how: {type: string, default: shortest}}\n#");
    struct ad_plan_param cycle = {"how", "cycle"}, equal = {"how", "equal"};
    struct request request = {.yaml = yaml,
                              .inputs = "videos.0=film videos.1=small others.0=other"};
    struct ad_plan *plan = make_plan(&request);
    assert_int_equal(step_of(plan, "row")->input_count, 2);
    assert_string_equal(below(plan, step_of(plan, "mixed.0"), 1)->name, "r.others.0");
    ad_plan_destroy(plan);
    request.params = &cycle;
    request.param_count = 1;
    plan = make_plan(&request);
    const struct ad_step *row = step_of(plan, "row");
    assert_int_equal(row->input_count, 4);
    assert_string_equal(below(plan, row, 2)->name, "r.videos.1");
    assert_string_equal(below(plan, row, 3)->name, "r.others.0");
    ad_plan_destroy(plan);
    artdag_error err = {0};
    request.params = &equal;
    assert_fails(ARTDAG_E_INVAL, try_plan(&request, &plan, &err));
    assert_err_says("the lists have 1 to 2 items");
}

/* ---- slices ---- */

static void one_slice_for_each_interval(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml = DAG(MUSIC BEATS VIDEOS
                    "  - {id: slices, type: MAP, config: {operation: RANDOM_SLICE}, inputs: "
                    "{items: videos, timing: beats}}\n" FINAL),
        .inputs = TWO,
        .features = FOUR_BEATS});
    const struct ad_step *out = step_of(plan, "out");
    assert_int_equal(out->input_count, 3);
    assert_int_equal(out->edge.frames, 48);
    static const int64_t frames[] = {12, 24, 12};
    for (size_t i = 0; i < 3; i++) {
        const struct ad_step *slice = below(plan, out, i);
        assert_int_equal(slice->edge.frames, frames[i]);
        assert_string_equal(slice->op->node_type, "SEGMENT");
        assert_true(start_of(slice) >= 0 && start_of(slice) + frames[i] <= 720);
        if (i) /* none twice in a row */
            assert_true(below(plan, slice, 0) != below(plan, below(plan, out, i - 1), 0));
    }
    /* The music decides where to cut and is in no step. */
    for (size_t i = 0; i < plan->step_count; i++)
        assert_null(strstr(plan->steps[i].name, "music"));
    assert_int_equal(plan->format.width, 1280);
    ad_plan_destroy(plan);
}

static struct ad_plan *sliced(const char *config, const char *inputs, const char *features)
{
    char yaml[1000];
    snprintf(yaml, sizeof(yaml),
             DAG(MUSIC BEATS VIDEOS
                 "  - {id: slices, type: MAP, config: {operation: RANDOM_SLICE"
                 "%s}, inputs: {items: videos, timing: beats}}\n" FINAL),
             config);
    return make_plan(&(struct request){.yaml = yaml, .inputs = inputs, .features = features});
}

static void the_seed_and_nothing_else_changes_the_choice(void **state)
{
    (void)state;
    struct ad_plan *none = sliced("", TWO, FOUR_BEATS);
    struct ad_plan *zero = sliced(", seed: 0", TWO, FOUR_BEATS);
    struct ad_plan *seven = sliced(", seed: 7", TWO, FOUR_BEATS);
    struct ad_plan *beats = sliced(", seed_from: timing", TWO, FOUR_BEATS);
    struct ad_plan *items = sliced(", seed_from: items", TWO, FOUR_BEATS);
    assert_same_id(none->plan_id, zero->plan_id);
    assert_other_id(none->plan_id, seven->plan_id);
    assert_other_id(none->plan_id, beats->plan_id);
    assert_other_id(beats->plan_id, items->plan_id);
    struct ad_plan *all[] = {none, zero, seven, beats, items};
    for (size_t i = 0; i < 5; i++)
        ad_plan_destroy(all[i]);
}

/* Another file in the place of one leaves the slices of the other alone. */
static void an_edit_of_one_item_leaves_the_others(void **state)
{
    (void)state;
    struct ad_plan *before = sliced("", TWO, FOUR_BEATS);
    struct ad_plan *after = sliced("", "videos.0=film videos.1=small music=music", FOUR_BEATS);
    size_t same = 0, changed = 0;
    for (size_t i = 0; i < 3; i++) {
        const struct ad_step *a = below(before, step_of(before, "out"), i);
        const struct ad_step *b = below(after, step_of(after, "out"), i);
        bool first = strcmp(below(before, a, 0)->name, "r.videos.0") == 0;
        assert_int_equal(memcmp(&a->cache_id, &b->cache_id, 32) == 0, first);
        same += first;
        changed += !first;
    }
    assert_true(same && changed);
    ad_plan_destroy(before);
    ad_plan_destroy(after);
}

/* What is known of the music counts where it is used: other beats elsewhere, other names, another file: nothing. */
static void only_the_times_count(void **state)
{
    (void)state;
    struct ad_plan *a = sliced("", TWO, FOUR_BEATS);
    struct ad_plan *b = sliced("", "videos.0=film videos.1=other music=small",
                               "{\"music\": {\"audio\": {\"beats\": {\"beat_times\": "
                               "[0.501, 1.0, 2.0, 2.499], \"tempo\": 99}}}}");
    assert_same_id(a->plan_id, b->plan_id);
    assert_same_id(a->run_id, b->run_id);
    ad_plan_destroy(a);
    ad_plan_destroy(b);
}

static void items_that_are_too_short_are_passed_over(void **state)
{
    (void)state;
    /* film lasts 30 s, tall and small 10 s */
    static const char beats[] =
        "{\"music\": {\"audio\": {\"beats\": {\"beat_times\": [0, 11, 22, 33]}}}}";
    struct ad_plan *plan = sliced("", "videos.0=film videos.1=tall music=music", beats);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(below(plan, below(plan, step_of(plan, "out"), i), 0)->name,
                            "r.videos.0");
    ad_plan_destroy(plan);
    fails(DAG(MUSIC BEATS VIDEOS
              "  - {id: slices, type: MAP, config: {operation: RANDOM_SLICE}, "
              "inputs: {items: videos, timing: beats}}\n" FINAL),
          "videos.0=small videos.1=tall music=music", beats, ARTDAG_E_INVAL,
          "is to have 275 frames, but the longest item has 250");
}

static void slices_without_music_have_one_length(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml = DAG(VIDEOS "  - {id: slices, type: MAP, config: {operation: RANDOM_SLICE, "
                           "duration: 10f, count: 5}, inputs: [videos]}\n" FINAL),
        .inputs = "videos.0=film videos.1=other"});
    assert_int_equal(step_of(plan, "out")->edge.frames, 50);
    ad_plan_destroy(plan);
}

/* ---- cuts ---- */

static void cuts_at_given_times_divide_the_whole(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml =
            DAG(VIDEO "  - {id: slices, type: SEGMENT_AT, config: {times: [20, 5, 00:00:05]}, "
                      "inputs: [video]}\n" FINAL)});
    static const int64_t starts[] = {0, 120, 480}, frames[] = {120, 360, 240};
    const struct ad_step *out = step_of(plan, "out");
    assert_int_equal(out->input_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(start_of(below(plan, out, i)), starts[i]);
        assert_int_equal(below(plan, out, i)->edge.frames, frames[i]);
    }
    ad_plan_destroy(plan);
}

/* Items of 720 and 240 frames; the second goes round. */
static void pieces_are_dealt_out(void **state)
{
    (void)state;
    static const struct {
        const char *distribute;
        int item[4];
        int64_t start[4];
    } cases[] = {
        {"round_robin", {0, 1, 0, 1}, {0, 120, 240, 120}},
        {"in_order", {0, 0, 1, 1}, {0, 120, 0, 120}},
    };
    for (size_t c = 0; c < 2; c++) {
        char yaml[600];
        snprintf(yaml, sizeof(yaml),
                 DAG(VIDEOS
                     "  - {id: slices, type: SEGMENT_AT, inputs: {items: videos}, config: "
                     "{times: [0, 5, 10, 15, 20], ends: false, distribute: %s}}\n" FINAL),
                 cases[c].distribute);
        struct ad_plan *plan = make_plan(
            &(struct request){.yaml = yaml, .inputs = "videos.0=film videos.1=small"});
        const struct ad_step *out = step_of(plan, "out");
        assert_int_equal(out->input_count, 4);
        for (size_t i = 0; i < 4; i++) {
            const struct ad_step *piece = below(plan, out, i);
            assert_int_equal(below(plan, piece, 0)->name[strlen("r.videos.")] - '0',
                             cases[c].item[i]);
            assert_int_equal(start_of(piece), cases[c].start[i]);
        }
        ad_plan_destroy(plan);
    }
}

static void a_switch_shows_one_of_many_at_a_time(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml =
            DAG(VIDEOS "  - {id: out, type: SWITCH, inputs: [videos], config: {times: [2, 3, "
                       "99]}}\n"),
        .inputs = "videos.0=film videos.1=small"});
    const struct ad_step *out = step_of(plan, "out");
    assert_string_equal(out->op->node_type, "SEQUENCE");
    assert_int_equal(out->edge.frames, 240); /* the shortest */
    assert_int_equal(out->input_count, 3);
    static const int64_t starts[] = {0, 48, 72};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(start_of(below(plan, out, i)), starts[i]);
        assert_string_equal(below(plan, below(plan, out, i), 0)->name,
                            i == 1 ? "r.videos.1" : "r.videos.0");
    }
    assert_string_equal(below(plan, out, 1)->name, "r.out.1");
    ad_plan_destroy(plan);
}

/* Beats of a piece of the music count from its start, whichever way they are named. */
static void times_count_from_the_start_of_the_piece(void **state)
{
    (void)state;
    static const char *const ways[] = {
        "  - {id: beats, type: ANALYZE, config: {feature: beats}, inputs: [part]}\n"
        "  - {id: slices, type: SEGMENT_AT, config: {times_from: beats, ends: false}, inputs: "
        "[video]}\n",
        "  - {id: slices, type: SEGMENT_AT, config: {times_from: part.beats, ends: false}, "
        "inputs: [video]}\n",
        "  - {id: beats, type: ANALYZE, inputs: [part], config: {feature: beats}}\n"
        "  - {id: slices, type: SEGMENT_AT, config: {ends: false}, inputs: {items: video, "
        "times: "
        "beats}}\n",
    };
    for (size_t i = 0; i < 3; i++) {
        char yaml[900];
        snprintf(yaml, sizeof(yaml),
                 DAG(VIDEO MUSIC
                     "  - {id: part, type: SEGMENT, config: {start: 1, end: 2.25}, inputs: "
                     "[music]}\n%s" FINAL),
                 ways[i]);
        struct ad_plan *plan = make_plan(&(struct request){
            .yaml = yaml, .inputs = "video=film music=music", .features = FOUR_BEATS});
        const struct ad_step *out = step_of(plan, "out");
        assert_int_equal(out->input_count, 1); /* beats at 1 and 2 of the music */
        assert_int_equal(start_of(below(plan, out, 0)), 0);
        assert_int_equal(out->edge.frames, 24);
        ad_plan_destroy(plan);
    }
}

static void every_nth_time_is_chosen(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml =
            DAG(VIDEO "  - {id: cuts, type: ANALYZE, config: {feature: scene_changes, skip: 1, "
                      "every: 2, min_interval: 1s}, inputs: [video]}\n"
                      "  - {id: slices, type: SEGMENT_AT, config: {times_from: cuts, ends: "
                      "false}, inputs: [video]}\n" FINAL),
        .features = "{\"video\": {\"video\": {\"scene_changes\": "
                    "[1, {\"time\": 2, \"score\": 9}, 2.1, 2.5, 3, 4, 5.5]}}}"});
    /* skip 1: 2, 2.1, 2.5, 3, 4, 5.5; every 2: 2, 2.5, 4; a second apart: 2, 4 */
    const struct ad_step *out = step_of(plan, "out");
    assert_int_equal(out->input_count, 1);
    assert_int_equal(start_of(below(plan, out, 0)), 48);
    assert_int_equal(out->edge.frames, 48);
    ad_plan_destroy(plan);
}

/* Every other operation gets the piece between two beats. */
static void an_operation_over_beats_gets_the_pieces(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml = DAG(MUSIC BEATS VIDEOS
                    "  - {id: slices, type: MAP, config: {operation: TRANSFORM, effects: {hue: "
                    "90}}, inputs: {items: videos, timing: beats}}\n" FINAL),
        .inputs = TWO,
        .features = FOUR_BEATS});
    static const int64_t starts[] = {12, 24, 48};
    const struct ad_step *out = step_of(plan, "out");
    assert_int_equal(out->input_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct ad_step *each = below(plan, out, i), *cut = below(plan, each, 0);
        assert_string_equal(each->op->node_type, "TRANSFORM");
        assert_int_equal(start_of(cut), starts[i]);
        assert_string_equal(below(plan, cut, 0)->name, i == 1 ? "r.videos.1" : "r.videos.0");
    }
    assert_string_equal(below(plan, below(plan, out, 1), 0)->name, "r.slices.1.cut");
    ad_plan_destroy(plan);
}

static void the_recipe_says_which_features_it_needs(void **state)
{
    (void)state;
    static const char yaml[] = DAG(
        MUSIC VIDEO VIDEOS
        "  - {id: other, type: SOURCE, config: {input: true}}\n"
        "  - {id: part, type: SEGMENT, config: {start: 1}, inputs: [music]}\n"
        "  - {id: both, type: MUX, inputs: {video: video, audio: part}}\n"
        "  - {id: beats, type: ANALYZE, config: {feature: downbeats}, inputs: [both]}\n"
        "  - {id: never, type: ANALYZE, inputs: [other]}\n"
        "  - {id: a, type: SEGMENT_AT, config: {times_from: both.scene_changes}, inputs: "
        "[videos]}\n"
        "  - {id: b, type: SEGMENT_AT, inputs: {items: videos, times: beats}}\n"
        "  - {id: c, type: TRANSFORM, inputs: [other], config: {effects: {hue: {bind: {signal: "
        "music.spectrum.bass, range: [0, 9]}}}}}\n"
        "  - {id: out, type: SEQUENCE, inputs: [a, b, c]}\n");
    struct ad_recipe *recipe = NULL;
    artdag_error err = {0};
    unsigned bits[16] = {0};
    bool reach[16] = {false};
    assert_ok(ad_recipe_parse(ad_str_from(yaml), "film.yaml", NULL, &recipe, &err));
    ad_recipe_reach_outputs(recipe, reach);
    assert_ok(ad_recipe_features(recipe, reach, bits, &err));
    assert_int_equal(bits[0], AD_FEATURE_BIT(AD_FEATURE_BEATS) |
                                  AD_FEATURE_BIT(AD_FEATURE_SPECTRUM));  /* music */
    assert_int_equal(bits[1], AD_FEATURE_BIT(AD_FEATURE_SCENE_CHANGES)); /* video */
    assert_int_equal(bits[2], 0);                                        /* videos */
    assert_int_equal(bits[3], 0);                                        /* other */
    ad_recipe_destroy(recipe);
}

/* Films into their shots: 720 frames with cuts at 240 and 480, 10 s with one at half of it (in frames of 24: 120). */
static void every_item_is_cut_at_its_own_times(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml = DAG(VIDEOS "  - {id: cuts, type: MAP, config: {operation: ANALYZE, feature: "
                           "scene_changes}, inputs: [videos]}\n"
                           "  - {id: slices, type: SEGMENT_AT, inputs: {items: videos, times: "
                           "cuts}}\n" FINAL),
        .inputs = "videos.0=film videos.1=small",
        .features = "{\"videos.0\": {\"video\": {\"scene_changes\": [10, 20, 99]}}, "
                    "\"videos.1\": {\"video\": {\"scene_changes\": [5]}}}"});
    static const int64_t starts[] = {0, 240, 480, 0, 120}, frames[] = {240, 240, 240, 120, 120};
    const struct ad_step *out = step_of(plan, "out");
    assert_int_equal(out->input_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(start_of(below(plan, out, i)), starts[i]);
        assert_int_equal(below(plan, out, i)->edge.frames, frames[i]);
    }
    ad_plan_destroy(plan);
}

/* ---- what is refused ---- */

static void misuse_is_told_where_it_is(void **state)
{
    (void)state;
    fails(DAG(VIDEOS "  - {id: out, type: SEGMENT, inputs: [videos]}\n"), "videos.0=film", NULL,
          ARTDAG_E_FORMAT, "\"videos\" is a list, and SEGMENT takes one film");
    fails(DAG(VIDEOS
              "  - {id: out, type: MAP, config: {operation: SEGMENT}, inputs: [videos]}\n"),
          "videos.0=film", NULL, ARTDAG_E_FORMAT, "an output is a list");
    fails(DAG(MUSIC BEATS "  - {id: out, type: SEQUENCE, inputs: [beats]}\n"), "music=music",
          NULL, ARTDAG_E_FORMAT, "is an analysis and no film");
    fails(DAG(VIDEO MUSIC "  - {id: s, type: MAP, config: {operation: RANDOM_SLICE}, inputs: "
                          "{items: video, timing: music}}\n"
                          "  - {id: out, type: SEQUENCE, inputs: [s]}\n"),
          "video=film music=music", NULL, ARTDAG_E_FORMAT, "timing of MAP is no film");
    fails(DAG(VIDEOS "  - {id: s, type: MAP, config: {operation: SEGMNT}, inputs: [videos]}\n"
                     "  - {id: out, type: SEQUENCE, inputs: [s]}\n"),
          "videos.0=film", NULL, ARTDAG_E_FORMAT, "unknown operation \"SEGMNT\"");
    fails(DAG(VIDEOS "  - {id: s, type: MAP, config: {operation: SEGMENT, begn: 1}, inputs: "
                     "[videos]}\n"
                     "  - {id: out, type: SEQUENCE, inputs: [s]}\n"),
          "videos.0=film", NULL, ARTDAG_E_FORMAT, "unknown key \"begn\"");
    fails(DAG(MUSIC BEATS VIDEO
              "  - {id: s, type: SEGMENT_AT, config: {times_from: beats}, inputs: "
              "[video]}\n"
              "  - {id: out, type: SEQUENCE, inputs: [s]}\n"),
          "video=film music=music", NULL, ARTDAG_E_NOTFOUND,
          "no beats in the analysis of music");
    fails(DAG(VIDEO "  - {id: two, type: SEQUENCE, inputs: [video, video]}\n"
                    "  - {id: s, type: SEGMENT_AT, config: {times_from: two.scene_changes}, "
                    "inputs: [video]}\n"
                    "  - {id: out, type: SEQUENCE, inputs: [s]}\n"),
          "video=film", NULL, ARTDAG_E_UNSUPPORTED, "what SEQUENCE makes cannot be analysed");
}

static void lists_are_bounded(void **state)
{
    (void)state;
    fails(DAG(VIDEO
              "  - {id: s, type: MAP, config: {operation: RANDOM_SLICE, duration: 1f, count: "
              "200001}, inputs: [video]}\n"
              "  - {id: out, type: SEQUENCE, inputs: [s]}\n"),
          "video=film", NULL, ARTDAG_E_FORMAT, "count cannot be 200001");
}

static void a_hundred_thousand_slices_are_planned(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml =
            DAG(VIDEO "  - {id: slices, type: MAP, config: {operation: RANDOM_SLICE, duration: "
                      "2f, count: 100000}, inputs: [video]}\n" FINAL)});
    assert_int_equal(step_of(plan, "out")->input_count, 100000);
    assert_int_equal(step_of(plan, "out")->edge.frames, 200000);
    ad_plan_destroy(plan);
}

/* A plan that lists made is a document like any other. */
static void an_expanded_plan_reads_back(void **state)
{
    (void)state;
    struct ad_plan *plan = sliced("", TWO, FOUR_BEATS), *again = NULL;
    struct request request = {.yaml = "x"};
    struct ad_plan_env env = request_env(&request);
    struct ad_buf a = AD_BUF_INIT(1 << 24), b = AD_BUF_INIT(1 << 24);
    artdag_error err = {0};
    assert_ok(ad_plan_to_json(plan, &a, &err));
    assert_ok(ad_plan_from_json(ad_buf_as_str(&a), &env, &again, &err));
    assert_ok(ad_plan_to_json(again, &b, &err));
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    ad_buf_fini(&a);
    ad_buf_fini(&b);
    ad_plan_destroy(plan);
    ad_plan_destroy(again);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(random_numbers_are_splitmix),
    cmocka_unit_test(a_list_counts_as_its_items),
    cmocka_unit_test(a_list_is_what_it_stands_for),
    cmocka_unit_test(reduce_folds_two_and_joins_many),
    cmocka_unit_test(zip_pairs_items_and_interleaves),
    cmocka_unit_test(one_slice_for_each_interval),
    cmocka_unit_test(the_seed_and_nothing_else_changes_the_choice),
    cmocka_unit_test(an_edit_of_one_item_leaves_the_others),
    cmocka_unit_test(only_the_times_count),
    cmocka_unit_test(items_that_are_too_short_are_passed_over),
    cmocka_unit_test(slices_without_music_have_one_length),
    cmocka_unit_test(cuts_at_given_times_divide_the_whole),
    cmocka_unit_test(pieces_are_dealt_out),
    cmocka_unit_test(a_switch_shows_one_of_many_at_a_time),
    cmocka_unit_test(times_count_from_the_start_of_the_piece),
    cmocka_unit_test(every_nth_time_is_chosen),
    cmocka_unit_test(an_operation_over_beats_gets_the_pieces),
    cmocka_unit_test(the_recipe_says_which_features_it_needs),
    cmocka_unit_test(every_item_is_cut_at_its_own_times),
    cmocka_unit_test(misuse_is_told_where_it_is),
    cmocka_unit_test(lists_are_bounded),
    cmocka_unit_test(a_hundred_thousand_slices_are_planned),
    cmocka_unit_test(an_expanded_plan_reads_back),
};
AD_TEST_MAIN(tests)
