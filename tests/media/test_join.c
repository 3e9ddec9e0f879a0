/* SPDX-License-Identifier: MIT
 *
 * Parts and joins: a film put together from spans is the film of its spans, frame for frame and sample for sample, and the
 * bytes of a span do not depend on its neighbours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ad_test.h"
#include "units.h"

static struct ad_test_media media;

static const struct ad_format small = {.width = 320,
                                       .height = 180,
                                       .fps_num = 24,
                                       .fps_den = 1,
                                       .pixel_format = "yuv420p",
                                       .sample_rate = 48000,
                                       .channels = 2};

#define BUNNY "big_buck_bunny_0_30.webm"
#define FRAME_MD5                                                                              \
    "ffmpeg -nostdin -v error -i '%s' -an -f framemd5 - | grep -v '^#' | awk -F', *' '{print " \
    "$NF}'"

static int open_out(const char *path)
{
    FILE *file = fopen(path, "w+e");
    assert_non_null(file);
    int fd = dup(fileno(file));
    (void)fclose(file);
    assert_true(fd >= 0);
    return fd;
}

static void run_ok(const struct ad_job *job, const char *const *paths, size_t count,
                   const char *out, struct ad_test_result *result)
{
    artdag_error err = {0};
    struct ad_test_job run = {.job = job, .paths = paths, .path_count = count, .part_fd = -1};
    run.output_fd = open_out(out);
    enum artdag_err rc = ad_test_media_run(&media, &run, result);
    err = result->error;
    ad_test_ok(rc, &err, "job", __FILE__, __LINE__);
    (void)close(run.output_fd);
}

/* The pictures of one span, as a unit of their own. */
static void span_unit(struct ad_test_unit *u, int64_t first, int64_t count)
{
    const struct ad_test_clip clip = {
        .origin_num = 3, .origin_den = 1000, .first = first, .count = count};
    struct ad_pad none = {0};
    ad_test_unit_init(u, &small);
    struct ad_pad v = ad_test_video_clip(u, &clip);
    ad_test_unit_finish(u, v, none, count);
    ad_test_encode_web(u);
}

static void make_span(int64_t first, int64_t count, const char *part, const char *film)
{
    const char *paths[] = {ad_test_media(BUNNY)};
    struct ad_test_unit u;
    struct ad_test_result result;
    span_unit(&u, first, count);
    struct ad_job job = {.kind = AD_JOB_PART, .unit = u.unit, .threads = 1};
    run_ok(&job, paths, 1, part, &result);
    assert_int_equal(result.frames, count);
    if (film) {
        job.kind = AD_JOB_FILM;
        run_ok(&job, paths, 1, film, &result);
    }
    ad_test_unit_fini(&u);
}

static void make_sound(int64_t first, int64_t count, const char *part)
{
    const char *paths[] = {ad_test_media(BUNNY)};
    const struct ad_test_clip clip = {
        .stream = 1, .origin_num = 3, .origin_den = 1000, .first = first, .count = count};
    struct ad_pad none = {0};
    struct ad_test_unit u;
    struct ad_test_result result;
    ad_test_unit_init(&u, &small);
    struct ad_pad a = ad_test_audio_clip(&u, &clip);
    ad_test_unit_finish(&u, none, a, count);
    ad_test_encode_web(&u);
    struct ad_job job = {.kind = AD_JOB_PART, .unit = u.unit, .threads = 1};
    run_ok(&job, paths, 1, part, &result);
    ad_test_unit_fini(&u);
}

/* The shell of a film of pictures and sound, encoded as web is. */
static void shell(struct ad_test_unit *u, int64_t frames)
{
    span_unit(u, 0, frames);
    u->unit.encode.audio.codec = "aac";
    u->unit.encode.audio.sample_format = "fltp";
    u->unit.samples = ad_samples_for(&small, frames);
    u->unit.video = NULL;
}

static enum artdag_err join(const int64_t *spans, size_t count, const char *const *parts,
                            const char *out, struct ad_test_result *result)
{
    struct ad_test_unit u;
    struct ad_job job = {.kind = AD_JOB_JOIN, .threads = 1};
    int64_t frames = 0;
    for (size_t i = 0; i < count; i++) {
        frames += spans[i];
        assert_true(ad_vec_push(&job.spans, spans[i]));
    }
    shell(&u, frames);
    job.unit = u.unit;
    struct ad_test_job run = {
        .job = &job, .paths = parts, .path_count = count + 1, .part_fd = -1};
    run.output_fd = open_out(out);
    enum artdag_err rc = ad_test_media_run(&media, &run, result);
    (void)close(run.output_fd);
    ad_vec_fini(&job.spans);
    ad_test_unit_fini(&u);
    return rc;
}

static void join_ok(const int64_t *spans, size_t count, const char *const *parts,
                    const char *out, struct ad_test_result *result)
{
    artdag_error err = {0};
    enum artdag_err rc = join(spans, count, parts, out, result);
    err = result->error;
    ad_test_ok(rc, &err, "join", __FILE__, __LINE__);
}

static void a_joined_film_has_the_frames_of_its_spans_and_all_sound(void **state)
{
    const char *a = ad_test_path(*state, "a.part"), *b = ad_test_path(*state, "b.part");
    const char *fa = ad_test_path(*state, "a.mp4"), *fb = ad_test_path(*state, "b.mp4");
    const char *sound = ad_test_path(*state, "sound.part");
    const char *film = ad_test_path(*state, "film.mp4");
    const char *parts[] = {a, b, sound};
    const int64_t spans[] = {10, 38};
    struct ad_test_result result;
    make_span(120, 10, a, fa);
    make_span(130, 38, b, fb);
    make_sound(120, 48, sound);
    join_ok(spans, 2, parts, film, &result);
    assert_int_equal(result.frames, 48);
    assert_int_equal(result.samples, 96000);
    char *got = ad_test_shell(FRAME_MD5, film);
    char *first = ad_test_shell(FRAME_MD5, fa), *second = ad_test_shell(FRAME_MD5, fb);
    char *want = ad_test_shell("printf '%%s%%s' '%s' '%s'", first, second);
    assert_string_equal(got, want);
    /* Times: every frame in its place, sound as long as the pictures. */
    char *times =
        ad_test_shell("ffprobe -v error -select_streams v -show_entries packet=pts_time "
                      "-of csv=p=0 '%s' | sort -n | awk '{printf \"%%d\\n\", $1 * 24 + 0.5}' "
                      "> '%s.times'; seq 0 47 | diff - '%s.times' && echo same",
                      film, film, film);
    assert_non_null(strstr(times, "same"));
    assert_int_equal(96000,
                     ad_test_shell_int("ffprobe -v error -select_streams a -show_entries "
                                       "stream=duration_ts -of csv=p=0 '%s'",
                                       film));
    free(got);
    free(first);
    free(second);
    free(want);
    free(times);
}

static void the_bytes_of_a_span_are_the_same_wherever_it_stands(void **state)
{
    const char *a = ad_test_path(*state, "a.part"), *b = ad_test_path(*state, "b.part");
    const char *sound = ad_test_path(*state, "sound.part");
    const char *one = ad_test_path(*state, "one.mp4"), *two = ad_test_path(*state, "two.mp4");
    const char *ab[] = {a, b, sound}, *ba[] = {b, a, sound};
    const int64_t forward[] = {24, 30}, backward[] = {30, 24};
    struct ad_test_result r1, r2;
    size_t len1 = 0, len2 = 0;
    make_span(120, 24, a, NULL);
    make_span(300, 30, b, NULL);
    make_sound(120, 54, sound);
    join_ok(forward, 2, ab, one, &r1);
    join_ok(backward, 2, ba, two, &r2);
    assert_int_equal(r1.cut_count, 4); /* pictures, sound, pictures, sound */
    assert_int_equal(r2.cut_count, 4);
    uint8_t *x = ad_test_read(one, &len1), *y = ad_test_read(two, &len2);
    int64_t bytes = r1.cuts[1] - r1.cuts[0];
    assert_true(bytes > 1000);
    assert_int_equal(r2.cuts[3] - r2.cuts[2], bytes);
    assert_true(r1.cuts[0] > 0 && (size_t)r1.cuts[3] < len1 && (size_t)r2.cuts[3] < len2);
    assert_memory_equal(x + r1.cuts[0], y + r2.cuts[2], (size_t)bytes);
}

/* What a unit renders is the same in a child that rendered others before it, however its leaves lie to theirs. */
static void a_child_goes_on_with_the_next_span(const char *dir, const char *file,
                                               const struct ad_format *format)
{
    static const int64_t spans[][2] = {{100, 20}, {120, 3},  {123, 1}, {124, 16}, {146, 10},
                                       {150, 12}, {130, 10}, {1, 8},   {9, 8},    {40, 5}};
    const char *paths[] = {file};
    const char *alone = ad_test_path(dir, "alone.part"),
               *after = ad_test_path(dir, "after.part");
    struct ad_test_warm warm = {0};
    uint64_t read[2] = {0, 0};
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        struct ad_test_unit u;
        struct ad_test_result result;
        size_t lens[2] = {0, 0};
        const struct ad_test_clip clip = {
            .origin_den = 1, .first = spans[i][0], .count = spans[i][1]};
        struct ad_pad none = {0};
        ad_test_unit_init(&u, format);
        struct ad_pad v = ad_test_video_clip(&u, &clip);
        ad_test_unit_finish(&u, v, none, spans[i][1]);
        ad_test_encode_web(&u);
        struct ad_job job = {.kind = AD_JOB_PART, .unit = u.unit, .threads = 1};
        run_ok(&job, paths, 1, alone, &result);
        read[0] += result.read_bytes;
        struct ad_test_job next = {.job = &job, .paths = paths, .path_count = 1, .warm = &warm};
        next.output_fd = open_out(after);
        assert_int_equal(ad_test_media_run(&media, &next, &result), ARTDAG_OK);
        read[1] += result.read_bytes;
        (void)close(next.output_fd);
        uint8_t *want = ad_test_read(alone, &lens[0]), *got = ad_test_read(after, &lens[1]);
        assert_int_equal(lens[1], lens[0]);
        assert_memory_equal(got, want, lens[0]);
        ad_test_unit_fini(&u);
    }
    assert_int_equal(ad_test_media_let_go(&media, &warm), 0);
    assert_true(read[1] < read[0]);
}

static void a_span_is_the_same_in_a_child_that_rendered_others(void **state)
{
    struct ad_format format = small;
    const char *film = ad_test_path(*state, "open.mp4");
    a_child_goes_on_with_the_next_span(*state, ad_test_media(BUNNY), &format);
    a_child_goes_on_with_the_next_span(*state, ad_test_media("chaplin.mp4"), &format);
    /* More pictures than the film shows, reordered, in groups that are not closed. */
    free(
        ad_test_shell("ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=96x54:r=60 -t 8 -c:v "
                      "libx264 -g 30 -bf 3 -x264-params open-gop=1 -pix_fmt yuv420p '%s'",
                      film));
    a_child_goes_on_with_the_next_span(*state, film, &format);
    format.fps_num = 30000;
    format.fps_den = 1001;
    a_child_goes_on_with_the_next_span(*state, film, &format);
}

/* Only spans may follow each other. */
static void a_child_of_spans_takes_no_other_job(void **state)
{
    const char *paths[] = {ad_test_media(BUNNY)};
    const char *out = ad_test_path(*state, "out");
    struct ad_test_warm warm = {0};
    struct ad_test_unit u;
    struct ad_test_result result;
    span_unit(&u, 10, 2);
    struct ad_job job = {.kind = AD_JOB_PART, .unit = u.unit, .threads = 1};
    struct ad_test_job run = {.job = &job, .paths = paths, .path_count = 1, .warm = &warm};
    run.output_fd = open_out(out);
    assert_int_equal(ad_test_media_run(&media, &run, &result), ARTDAG_OK);
    job.kind = AD_JOB_FILM;
    assert_int_equal(ad_test_media_run(&media, &run, &result), ARTDAG_E_FORMAT);
    (void)close(run.output_fd);
    ad_test_unit_fini(&u);
}

static void equal_parts_come_out_twice(void **state)
{
    const char *a = ad_test_path(*state, "a.part"), *b = ad_test_path(*state, "b.part");
    size_t len1 = 0, len2 = 0;
    make_span(120, 12, a, NULL);
    make_span(120, 12, b, NULL);
    uint8_t *x = ad_test_read(a, &len1), *y = ad_test_read(b, &len2);
    assert_int_equal(len1, len2);
    assert_memory_equal(x, y, len1);
}

static void a_join_with_a_missing_frame_or_a_damaged_part_fails(void **state)
{
    const char *a = ad_test_path(*state, "a.part"), *b = ad_test_path(*state, "b.part");
    const char *sound = ad_test_path(*state, "sound.part");
    const char *film = ad_test_path(*state, "film.mp4");
    const char *parts[] = {a, b, sound};
    const int64_t wrong[] = {13, 12}, spans[] = {12, 12};
    struct ad_test_result result;
    make_span(120, 12, a, NULL);
    make_span(132, 12, b, NULL);
    make_sound(120, 25, sound);
    assert_int_equal(join(wrong, 2, parts, film, &result), ARTDAG_E_MEDIA);
    assert_non_null(strstr(result.error.message, "12 frames instead of 13"));
    assert_int_equal(join(spans, 2, parts, film, &result),
                     ARTDAG_E_MEDIA); /* 25 frames of sound */
    size_t len = 0;
    uint8_t *bytes = ad_test_read(b, &len);
    ad_test_write(b, bytes, len / 2);
    assert_int_equal(join(spans, 2, parts, film, &result), ARTDAG_E_CORRUPT);
    bytes[0] ^= 1;
    ad_test_write(b, bytes, len);
    assert_int_equal(join(spans, 2, parts, film, &result), ARTDAG_E_CORRUPT);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(a_joined_film_has_the_frames_of_its_spans_and_all_sound),
    ad_test_in_dir(the_bytes_of_a_span_are_the_same_wherever_it_stands),
    ad_test_in_dir(a_span_is_the_same_in_a_child_that_rendered_others),
    ad_test_in_dir(a_child_of_spans_takes_no_other_job),
    ad_test_in_dir(equal_parts_come_out_twice),
    ad_test_in_dir(a_join_with_a_missing_frame_or_a_damaged_part_fails),
};

int main(void)
{
    ad_test_media_start(&media, NULL);
    int rc = ad_test_run(__FILE__, tests, sizeof(tests) / sizeof(tests[0]));
    return ad_test_media_stop(&media) == 0 ? rc : 1;
}
