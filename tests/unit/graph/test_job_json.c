/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "graph_test.h"

static struct ad_job film_job(struct ad_arena *arena)
{
    struct ad_job job = {
        .kind = AD_JOB_FILM, .unit = sample_unit(arena), .threads = 2, .cpu_flags = "sse2"};
    assert_true(ad_vec_push(&job.sizes, 1000));
    assert_true(ad_vec_push(&job.sizes, 2000));
    return job;
}

static void a_film_job_comes_back_whole(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    struct ad_buf again = AD_BUF_INIT(1 << 20);
    struct ad_job job = film_job(&arena);
    struct ad_job back = {0};
    assert_ok(ad_job_to_json(&job, &buf, &err));
    assert_ok(ad_job_from_json(&arena, ad_buf_as_str(&buf), &back, &err));
    assert_int_equal(back.kind, AD_JOB_FILM);
    assert_int_equal(back.threads, 2);
    assert_string_equal(back.cpu_flags, "sse2");
    assert_int_equal(back.sizes.len, 2);
    assert_int_equal(back.sizes.items[1], 2000);
    assert_int_equal(back.unit.frames, 24);
    assert_ok(ad_job_to_json(&back, &again, &err));
    assert_views_equal(ad_buf_as_str(&again), ad_buf_as_str(&buf));
    ad_vec_fini(&job.sizes);
    ad_buf_fini(&buf);
    ad_buf_fini(&again);
    ad_arena_fini(&arena);
}

static void a_probe_is_written_exactly_so(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    struct ad_job job = {.kind = AD_JOB_PROBE, .probe_cid = SAMPLE_CID, .threads = 1};
    struct ad_job back = {0};
    assert_true(ad_vec_push(&job.sizes, 7));
    assert_ok(ad_job_to_json(&job, &buf, &err));
    assert_str_view_equal(
        ad_buf_as_str(&buf),
        "{\"cpu_flags\":null,\"kind\":\"probe\",\"probe_cid\":\"" SAMPLE_CID
        "\",\"sizes\":[7],\"spans\":[],\"study\":null,\"threads\":1,\"unit\":null}");
    assert_ok(ad_job_from_json(&arena, ad_buf_as_str(&buf), &back, &err));
    assert_string_equal(back.probe_cid, SAMPLE_CID);
    assert_null(back.cpu_flags);
    ad_vec_fini(&job.sizes);
    ad_buf_fini(&buf);
    ad_arena_fini(&arena);
}

/* A film of 24 frames in two spans: two parts of pictures and one of sound. */
static struct ad_job join_job(struct ad_arena *arena)
{
    struct ad_job job = {.kind = AD_JOB_JOIN, .unit = sample_unit(arena), .threads = 1};
    job.unit.video = NULL;
    job.unit.audio = NULL;
    assert_true(ad_vec_push(&job.spans, 10));
    assert_true(ad_vec_push(&job.spans, 14));
    for (int64_t i = 0; i < 3; i++)
        assert_true(ad_vec_push(&job.sizes, 100 * i));
    return job;
}

static void a_join_comes_back_whole(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    struct ad_job job = join_job(&arena);
    struct ad_job back = {0};
    assert_ok(ad_job_to_json(&job, &buf, &err));
    assert_ok(ad_job_from_json(&arena, ad_buf_as_str(&buf), &back, &err));
    assert_int_equal(back.kind, AD_JOB_JOIN);
    assert_null(back.unit.video);
    assert_int_equal(back.unit.frames, 24);
    assert_int_equal(back.spans.len, 2);
    assert_int_equal(back.spans.items[1], 14);
    ad_vec_fini(&job.spans);
    ad_vec_fini(&job.sizes);
    ad_buf_fini(&buf);
    ad_arena_fini(&arena);
}

static void joins_whose_spans_are_not_the_film_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    struct ad_job job = join_job(&arena);
    int64_t wrong[] = {13, 15, 0, -10, INT64_MAX};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        job.spans.items[1] = wrong[i];
        assert_fails(ARTDAG_E_FORMAT, ad_job_to_json(&job, &buf, &err));
    }
    job.spans.items[1] = 14;
    job.sizes.len = 2; /* the part of the sound is missing */
    assert_fails(ARTDAG_E_FORMAT, ad_job_to_json(&job, &buf, &err));
    job.sizes.len = 3;
    job.kind = AD_JOB_PART; /* a part has a graph and no spans */
    assert_fails(ARTDAG_E_FORMAT, ad_job_to_json(&job, &buf, &err));
    ad_vec_fini(&job.spans);
    ad_vec_fini(&job.sizes);
    ad_buf_fini(&buf);
    ad_arena_fini(&arena);
}

static void jobs_that_contradict_themselves_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    struct ad_job job = film_job(&arena);
    job.sizes.len = 1;
    assert_fails(ARTDAG_E_FORMAT, ad_job_to_json(&job, &buf, &err));
    job.sizes.len = 2;
    job.sizes.items[0] = -1;
    assert_fails(ARTDAG_E_FORMAT, ad_job_to_json(&job, &buf, &err));
    job.sizes.items[0] = 1;
    job.threads = 0;
    assert_fails(ARTDAG_E_FORMAT, ad_job_to_json(&job, &buf, &err));
    job.threads = 1;
    job.kind = AD_JOB_AUDIO;
    job.unit.audio = NULL;
    job.unit.encode.audio.codec = NULL;
    job.unit.samples = 0;
    job.sizes.len = 1;
    assert_fails(ARTDAG_E_FORMAT, ad_job_to_json(&job, &buf, &err));
    ad_vec_fini(&job.sizes);

    static const char *const texts[] = {
        "{}",
        "[]",
        "{\"cpu_flags\":null,\"kind\":\"probe\",\"probe_cid\":null,\"sizes\":[1],\"study\":"
        "null,\"threads\":1,"
        "\"unit\":null}",
        "{\"cpu_flags\":null,\"kind\":\"probe\",\"probe_cid\":\"x\",\"sizes\":[],\"study\":"
        "null,\"threads\":1,"
        "\"unit\":null}",
        "{\"cpu_flags\":null,\"kind\":\"probe\",\"probe_cid\":\"x\",\"sizes\":[1.5],"
        "\"study\":null,\"threads\":1,\"unit\":null}",
        "{\"cpu_flags\":null,\"kind\":\"prob\",\"probe_cid\":\"x\",\"sizes\":[1],\"study\":"
        "null,\"threads\":1,"
        "\"unit\":null}",
        "{\"cpu_flags\":null,\"kind\":\"film\",\"probe_cid\":null,\"sizes\":[],\"study\":null,"
        "\"threads\":1,"
        "\"unit\":null}",
        "{\"cpu_flags\":1,\"kind\":\"probe\",\"probe_cid\":\"x\",\"sizes\":[1],\"study\":null,"
        "\"threads\":1,"
        "\"unit\":null}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct ad_job back = {0};
        assert_fails(ARTDAG_E_FORMAT,
                     ad_job_from_json(&arena, ad_str_from(texts[i]), &back, &err));
    }
    ad_buf_fini(&buf);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_film_job_comes_back_whole),
    cmocka_unit_test(a_probe_is_written_exactly_so),
    cmocka_unit_test(a_join_comes_back_whole),
    cmocka_unit_test(joins_whose_spans_are_not_the_film_are_refused),
    cmocka_unit_test(jobs_that_contradict_themselves_are_refused),
};
AD_TEST_MAIN(tests)
