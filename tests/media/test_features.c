/* SPDX-License-Identifier: MIT
 *
 * Jobs that find features: what memory they take, and what they refuse.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ad_test.h"
#include "ad_test_media.h"

static struct ad_test_media media;

#define FFMPEG "ffmpeg -nostdin -v error -y "

static const char *make(void **state, const char *name, const char *arguments)
{
    const char *path = ad_test_path(*state, "%s", name);
    free(ad_test_shell(FFMPEG "%s '%s'", arguments, path));
    return path;
}

static enum artdag_err study(const char *path, unsigned features, struct ad_test_result *ret)
{
    struct ad_job job = {.kind = AD_JOB_FEATURES,
                         .threads = 1,
                         .study = {.features = features,
                                   .cid = "bafkreitestinput",
                                   .origin_den = 1,
                                   .fps_num = 25,
                                   .fps_den = 1,
                                   .frames = 25,
                                   .sar_num = 1,
                                   .sar_den = 1}};
    FILE *file = tmpfile();
    assert_non_null(file);
    ad_feature_settings_init(&job.study.settings);
    struct ad_test_job run = {
        .job = &job, .paths = &path, .path_count = 1, .output_fd = fileno(file)};
    enum artdag_err rc = ad_test_media_run(&media, &run, ret);
    (void)fclose(file);
    return rc;
}

/* An hour may take 200 MB: ten minutes more take less than a sixth of that. Two lengths are compared, so that what libraries
 * take does not count. */
static void memory_grows_by_less_than_two_hundred_megabytes_an_hour(void **state)
{
    struct ad_test_result brief = {0};
    struct ad_test_result lengthy = {0};
#define NOISE "-f lavfi -i 'anoisesrc=r=8000:a=0.3:seed=1,tremolo=f=2:d=0.9' -t "
    assert_int_equal(study(make(state, "brief.wav", NOISE "30"), AD_FEATURES_AUDIO, &brief),
                     ARTDAG_OK);
    assert_int_equal(study(make(state, "long.wav", NOISE "630"), AD_FEATURES_AUDIO, &lengthy),
                     ARTDAG_OK);
    assert_int_equal(lengthy.samples, 630 * 8000);
    /* AddressSanitizer keeps what was freed for a while, up to 256 MiB. */
#ifdef __SANITIZE_ADDRESS__
    const int64_t kept_kib = 256 << 10;
#else
    const int64_t kept_kib = 0;
#endif
    if (lengthy.peak_kib - brief.peak_kib > 200 * 1024 / 6 + kept_kib) {
        print_error("%lld KiB and %lld KiB\n", (long long)brief.peak_kib,
                    (long long)lengthy.peak_kib);
        fail();
    }
}

static void assert_refused(const char *path, unsigned features, enum artdag_err code,
                           const char *text)
{
    struct ad_test_result result = {0};
    artdag_error err = {0};
    assert_int_equal(study(path, features, &result), code);
    err = result.error;
    assert_err_says(text);
    assert_string_equal(err.cid, "bafkreitestinput");
    assert_int_equal(result.exit_status, 0);
}

static void what_analysis_does_not_take_is_refused_by_its_numbers(void **state)
{
    assert_refused(make(state, "fast.wav", "-f lavfi -i sine=r=384000:d=0.1"),
                   AD_FEATURES_AUDIO, ARTDAG_E_UNSUPPORTED, "384000 Hz");
    assert_refused(make(state, "slow.wav", "-f lavfi -i sine=r=4000:d=0.1"), AD_FEATURES_AUDIO,
                   ARTDAG_E_UNSUPPORTED, "4000 Hz");
    assert_refused(make(state, "many.wav", "-f lavfi -i sine=d=0.1,pan=16c\\|c0=c0"),
                   AD_FEATURES_AUDIO, ARTDAG_E_UNSUPPORTED, "16 channels");
}

static void a_stream_that_is_not_there_is_refused(void **state)
{
    assert_refused(make(state, "sound.wav", "-f lavfi -i sine=d=0.1"),
                   AD_FEATURE_BIT(AD_FEATURE_BLACK), ARTDAG_E_MEDIA, "no video stream");
    assert_refused(make(state, "sight.mkv", "-f lavfi -i testsrc=s=64x36:d=1 -c:v ffv1"),
                   AD_FEATURES_AUDIO, ARTDAG_E_MEDIA, "no audio stream");
}

/* Found only by decoding to the end. */
static void damage_in_the_middle_ends_the_study(void **state)
{
    const char *path = make(state, "noise.flac", "-f lavfi -i anoisesrc=d=2");
    char *whole = ad_test_shell("stat -c %%s '%s'", path);
    long at = atol(whole) / 2;
    free(whole);
    free(ad_test_shell(
        "printf '\\125\\252\\125\\252\\125\\252\\125\\252' | dd of='%s' bs=1 seek=%ld "
        "conv=notrunc status=none",
        path, at));
    assert_refused(path, AD_FEATURES_AUDIO, ARTDAG_E_MEDIA, "damaged");
}

/* FFV1's decoder hides it. */
static void a_wrong_sum_of_a_picture_ends_the_study(void **state)
{
    const char *path =
        make(state, "film.mkv", "-f lavfi -i testsrc=s=64x36:d=2 -c:v ffv1 -level 3");
    char *whole = ad_test_shell("stat -c %%s '%s'", path);
    long at = atol(whole) / 2;
    free(whole);
    free(ad_test_shell("printf '\\125\\252\\125\\252' | dd of='%s' bs=1 seek=%ld conv=notrunc "
                       "status=none",
                       path, at));
    assert_refused(path, AD_FEATURE_BIT(AD_FEATURE_BLACK), ARTDAG_E_MEDIA, "damaged ffv1 data");
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(memory_grows_by_less_than_two_hundred_megabytes_an_hour),
    ad_test_in_dir(what_analysis_does_not_take_is_refused_by_its_numbers),
    ad_test_in_dir(a_stream_that_is_not_there_is_refused),
    ad_test_in_dir(damage_in_the_middle_ends_the_study),
    ad_test_in_dir(a_wrong_sum_of_a_picture_ends_the_study),
};

int main(void)
{
    ad_test_media_start(&media, NULL);
    int rc = ad_test_run(__FILE__, tests, sizeof(tests) / sizeof(tests[0]));
    return ad_test_media_stop(&media) == 0 ? rc : 1;
}
