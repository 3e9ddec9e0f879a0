/* SPDX-License-Identifier: MIT
 *
 * Law 2: a cache_id changes if and only if the meaning of the computation does.
 */
#include "plan_test.h"

#define TWO_CUTS                                                                               \
    "  - {id: a, type: SEGMENT, config: {start: 0, end: 2}, inputs: [video]}\n"                \
    "  - {id: b, type: SEGMENT, config: {start: 5, end: 7}, inputs: [video]}\n"

static struct ad_hash32 output_id(const struct ad_plan *plan)
{
    return plan->steps[plan->output].cache_id;
}

static void assert_same_plan(const struct request *x, const struct request *y)
{
    struct ad_plan *a = make_plan(x), *b = make_plan(y);
    assert_same_id(output_id(a), output_id(b));
    assert_same_id(a->plan_id, b->plan_id);
    assert_same_id(a->run_id, b->run_id);
    ad_plan_destroy(a);
    ad_plan_destroy(b);
}

static void assert_other_plan(const struct request *x, const struct request *y)
{
    struct ad_plan *a = make_plan(x), *b = make_plan(y);
    assert_other_id(output_id(a), output_id(b));
    assert_other_id(a->plan_id, b->plan_id);
    assert_other_id(a->run_id, b->run_id);
    ad_plan_destroy(a);
    ad_plan_destroy(b);
}

static const char base[] =
    DAG(VIDEO TWO_CUTS "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n");

static void swapped_inputs_are_another_film(void **state)
{
    (void)state;
    static const char swapped[] =
        DAG(VIDEO TWO_CUTS "  - {id: out, type: SEQUENCE, inputs: [b, a]}\n");
    assert_other_plan(&(struct request){.yaml = base}, &(struct request){.yaml = swapped});
}

static void swapped_slots_are_another_film(void **state)
{
    (void)state;
    static const char x[] =
        DAG(VIDEO MUSIC "  - {id: out, type: MUX, inputs: {video: video, audio: music}}\n");
    static const char y[] =
        DAG(VIDEO "  - {id: music, type: SOURCE, config: {input: true}}\n"
                  "  - {id: out, type: MUX, inputs: {audio: video, video: music}}\n");
    assert_other_plan(&(struct request){.yaml = x, .inputs = "video=film music=other"},
                      &(struct request){.yaml = y, .inputs = "video=film music=other"});
}

static void names_keys_comments_and_order_of_nodes_do_not_matter(void **state)
{
    (void)state;
    static const char *const same[] = {
        /* other names, a title, a description */
        "name: another\ndescription: words\nversion: 9\nowner: me\ndag:\n  nodes:\n"
        "  - {id: film, type: SOURCE, config: {input: true, name: video, description: x}}\n"
        "  - {id: x, type: SEGMENT, config: {start: 0, end: 2}, inputs: [film]}\n"
        "  - {id: y, type: SEGMENT, config: {start: 5, end: 7}, inputs: [film]}\n"
        "  - {id: z, type: SEQUENCE, inputs: [x, y]}\n"
        "  output: z\n",
        /* other order of keys and nodes, comments */
        "# a comment\ndag:\n  output: out\n  nodes:\n"
        "  - {inputs: [a, b], type: SEQUENCE, id: out} # the film\n"
        "  - {type: SEGMENT, inputs: [video], config: {end: 7, start: 5}, id: b}\n"
        "  - {type: SEGMENT, inputs: [video], config: {end: 2, start: 0}, id: a}\n"
        "  - {config: {input: true}, id: video, type: SOURCE}\n"
        "name: r\n",
        /* defaults written out, other units, the alias, one input instead of a list */
        DAG(VIDEO
            "  - {id: a, type: SEGMENT, config: {offset: 0.0, end: \"48f\"}, inputs: video}\n"
            "  - {id: b, type: SEGMENT, config: {start: 5s, end: \"00:00:07.000\", "
            "precise: true}, inputs: video}\n"
            "  - {id: out, type: SEQUENCE, inputs: [a, b], config: {target_size: first, "
            "background: \"#000000\", transition: {type: cut, duration: 0.5}}}\n"),
        /* end and duration say the same */
        DAG(VIDEO "  - {id: a, type: SEGMENT, config: {duration: 2}, inputs: video}\n"
                  "  - {id: b, type: SEGMENT, config: {start: 5, duration: 2}, inputs: video}\n"
                  "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n"),
        /* the ENCODE that is added written out, and nodes that nothing uses */
        DAG(VIDEO TWO_CUTS
            "  - {id: unused, type: SEGMENT, config: {start: 9}, inputs: [video]}\n"
            "  - {id: s, type: SEQUENCE, inputs: [a, b]}\n"
            "  - {id: out, type: ENCODE, inputs: [s]}\n"),
        DAG(VIDEO TWO_CUTS "  - {id: s, type: SEQUENCE, inputs: [a, b]}\n"
                           "  - {id: out, type: ENCODE, config: {profile: web, crf: 18, "
                           "preset: fast, gop: 48, "
                           "audio_bitrate: 192k}, inputs: [s]}\n"),
        /* the format of the first input written out */
        "format: {width: 1280, height: 720, fps: 24, sample_rate: 44100, channels: 2, "
        "pixel_format: yuv420p}\n" DAG(VIDEO TWO_CUTS
                                       "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n"),
        /* a parameter that comes to the same */
        "params: {len: {type: time, default: 2}}\n" DAG(
            VIDEO "  - {id: a, type: SEGMENT, config: {duration: $len}, inputs: video}\n"
                  "  - {id: b, type: SEGMENT, config: {start: 5, duration: \"${len}\"}, "
                  "inputs: video}\n"
                  "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n"),
    };
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        assert_same_plan(&(struct request){.yaml = base}, &(struct request){.yaml = same[i]});
}

static void meaning_does_matter(void **state)
{
    (void)state;
    static const char *const other[] = {
        DAG(VIDEO "  - {id: a, type: SEGMENT, config: {start: 0, end: 49f}, inputs: [video]}\n"
                  "  - {id: b, type: SEGMENT, config: {start: 5, end: 7}, inputs: [video]}\n"
                  "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n"),
        DAG(VIDEO TWO_CUTS "  - {id: out, type: SEQUENCE, inputs: [a, b, b]}\n"),
        DAG(VIDEO TWO_CUTS "  - {id: out, type: SEQUENCE, inputs: [a, b], "
                           "config: {transition: {type: crossfade}}}\n"),
        DAG(VIDEO TWO_CUTS "  - {id: s, type: SEQUENCE, inputs: [a, b]}\n"
                           "  - {id: out, type: ENCODE, config: {crf: 19}, inputs: [s]}\n"),
        DAG(VIDEO TWO_CUTS "  - {id: s, type: SEQUENCE, inputs: [a, b]}\n"
                           "  - {id: out, type: TRANSFORM, inputs: [s]}\n"),
        "format: {fps: 25}\n" DAG(VIDEO TWO_CUTS
                                  "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n"),
        "format: {channels: 1}\n" DAG(VIDEO TWO_CUTS
                                      "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n"),
        "format: {pixel_format: yuv444p}\n" DAG(
            VIDEO TWO_CUTS "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n"),
    };
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        assert_other_plan(&(struct request){.yaml = base}, &(struct request){.yaml = other[i]});
}

static void another_cluster_key_changes_every_id(void **state)
{
    (void)state;
    struct ad_plan *a = plan_of(base);
    struct ad_plan *b = make_plan(&(struct request){.yaml = base, .key = "another key"});
    assert_int_equal(a->step_count, b->step_count);
    for (size_t i = 0; i < a->step_count; i++) {
        assert_string_equal(a->steps[i].name, b->steps[i].name);
        assert_other_id(a->steps[i].cache_id, b->steps[i].cache_id);
    }
    assert_other_id(a->plan_id, b->plan_id);
    assert_other_id(a->run_id, b->run_id);
    ad_plan_destroy(a);
    ad_plan_destroy(b);
}

static void other_media_libraries_change_what_they_make(void **state)
{
    (void)state;
    struct ad_plan *a = plan_of(base);
    struct ad_plan *b = make_plan(&(struct request){.yaml = base, .toolchain = "tools/2"});
    for (size_t i = 0; i < a->step_count; i++)
        if (a->steps[i].op->needs_toolchain)
            assert_other_id(a->steps[i].cache_id, b->steps[i].cache_id);
    assert_other_id(output_id(a), output_id(b));
    ad_plan_destroy(a);
    ad_plan_destroy(b);
}

static void other_bytes_are_another_input(void **state)
{
    (void)state;
    assert_other_plan(&(struct request){.yaml = base},
                      &(struct request){.yaml = base, .inputs = "video=other"});
}

static void one_changed_step_leaves_the_others_alone(void **state)
{
    (void)state;
    static const char changed[] =
        DAG(VIDEO "  - {id: a, type: SEGMENT, config: {start: 0, end: 2}, inputs: [video]}\n"
                  "  - {id: b, type: SEGMENT, config: {start: 5, end: 8}, inputs: [video]}\n"
                  "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n");
    struct ad_plan *x = plan_of(base), *y = plan_of(changed);
    assert_same_id(step_of(x, "video")->cache_id, step_of(y, "video")->cache_id);
    assert_same_id(step_of(x, "a")->cache_id, step_of(y, "a")->cache_id);
    assert_other_id(step_of(x, "b")->cache_id, step_of(y, "b")->cache_id);
    assert_other_id(step_of(x, "out")->cache_id, step_of(y, "out")->cache_id);
    ad_plan_destroy(x);
    ad_plan_destroy(y);
}

static void equal_computations_are_one_step(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml = DAG(VIDEO "  - {id: copy, type: SOURCE, config: {input: true}}\n"
                          "  - {id: a, type: SEGMENT, config: {end: 2}, inputs: [video]}\n"
                          "  - {id: b, type: SEGMENT, config: {end: 2}, inputs: [copy]}\n"
                          "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n"),
        .inputs = "video=film copy=film"});
    assert_int_equal(plan->step_count, 4);
    const struct ad_step *out = step_of(plan, "out");
    assert_int_equal(out->input_count, 2);
    assert_int_equal(out->inputs[0].step, out->inputs[1].step);
    assert_string_equal(plan->steps[out->inputs[0].step].name, "r.a");
    assert_int_equal(out->edge.frames, 96);
    ad_plan_destroy(plan);
}

static void order_on_the_command_line_does_not_matter(void **state)
{
    (void)state;
    static const char yaml[] =
        DAG(VIDEO MUSIC "  - {id: out, type: MUX, inputs: [video, music]}\n");
    assert_same_plan(&(struct request){.yaml = yaml, .inputs = "video=film music=music"},
                     &(struct request){.yaml = yaml, .inputs = "music=music video=film"});
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(swapped_inputs_are_another_film),
    cmocka_unit_test(swapped_slots_are_another_film),
    cmocka_unit_test(names_keys_comments_and_order_of_nodes_do_not_matter),
    cmocka_unit_test(meaning_does_matter),
    cmocka_unit_test(another_cluster_key_changes_every_id),
    cmocka_unit_test(other_media_libraries_change_what_they_make),
    cmocka_unit_test(other_bytes_are_another_input),
    cmocka_unit_test(one_changed_step_leaves_the_others_alone),
    cmocka_unit_test(equal_computations_are_one_step),
    cmocka_unit_test(order_on_the_command_line_does_not_matter),
};
AD_TEST_MAIN(tests)
