/* SPDX-License-Identifier: MIT */
#include "plan_test.h"

static void dot_has_every_step_and_edge(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan = make_plan(
        &(struct request){.yaml = DAG(VIDEO MUSIC "  - {id: out, type: MUX, inputs: [video, "
                                                  "music]}\n"),
                          .inputs = "video=film music=music"});
    struct ad_buf buf = AD_BUF_INIT(1 << 16);
    assert_ok(ad_plan_to_dot(plan, &buf, &err));
    assert_string_equal(
        (char *)buf.data,
        "digraph \"r\" {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n"
        "  s0 [label=\"r.video\\nSOURCE\\n720 frames, 30 s\", shape=ellipse];\n"
        "  s1 [label=\"r.music\\nSOURCE\\n1440 frames, 60 s\", shape=ellipse];\n"
        "  s2 [label=\"r.out\\nMUX\\n720 frames, 30 s\"];\n"
        "  s3 [label=\"r.out.encode\\nENCODE\\n720 frames, 30 s\", peripheries=2];\n"
        "  s0 -> s2 [label=\"video\"];\n  s1 -> s2 [label=\"audio\"];\n  s2 -> s3;\n}\n");
    ad_buf_clear(&buf);
    assert_ok(ad_plan_to_mermaid(plan, &buf, &err));
    assert_string_equal((char *)buf.data,
                        "flowchart LR\n"
                        "  s0([\"r.video<br>SOURCE<br>720 frames, 30 s\"])\n"
                        "  s1([\"r.music<br>SOURCE<br>1440 frames, 60 s\"])\n"
                        "  s2[\"r.out<br>MUX<br>720 frames, 30 s\"]\n"
                        "  s3[[\"r.out.encode<br>ENCODE<br>720 frames, 30 s\"]]\n"
                        "  s0 -- video --> s2\n  s1 -- audio --> s2\n  s2 --> s3\n");
    ad_buf_fini(&buf);
    ad_plan_destroy(plan);
}

static void names_cannot_break_out_of_their_labels(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan = plan_of("name: 'a\"];evil'\ndag:\n  nodes:\n" VIDEO
                                   "  - {id: 'x\"\\<script>', type: SEGMENT, inputs: [video]}\n"
                                   "  output: 'x\"\\<script>'\n");
    struct ad_buf buf = AD_BUF_INIT(1 << 16);
    assert_ok(ad_plan_to_dot(plan, &buf, &err));
    assert_non_null(strstr((char *)buf.data, "digraph \"a\\\"];evil\""));
    assert_non_null(
        strstr((char *)buf.data, "[label=\"a\\\"];evil.x\\\"\\\\<script>\\nSEGMENT"));
    ad_buf_clear(&buf);
    assert_ok(ad_plan_to_mermaid(plan, &buf, &err));
    assert_non_null(
        strstr((char *)buf.data, "a#34;]#59;evil.x#34;#92;#60;script#62;<br>SEGMENT"));
    assert_null(strstr((char *)buf.data, "<script"));
    ad_buf_fini(&buf);
    ad_plan_destroy(plan);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(dot_has_every_step_and_edge),
    cmocka_unit_test(names_cannot_break_out_of_their_labels),
};
AD_TEST_MAIN(tests)
