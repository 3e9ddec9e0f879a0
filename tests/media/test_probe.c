/* SPDX-License-Identifier: MIT
 *
 * What the media program finds out about files, against what is known of them and what ffmpeg's own tools count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ad_test.h"
#include "ad_test_media.h"

static struct ad_test_media media;

static void probe_prints(void **state)
{
    (void)state;
    static const char *const names[] = {"big_buck_bunny_0_30.webm", "chaplin.mp4",
                                        "no_duration.webm", "rain.mp3", "transparent.webm"};
    for (size_t i = 0; i < 5; i++) {
        struct ad_test_result result;
        char *text = ad_test_media_probe(&media, ad_test_media(names[i]), &result);
        printf("%s: %s\n", names[i], text ? text : result.error.message);
        free(text);
    }
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(probe_prints)};

int main(void)
{
    ad_test_media_start(&media, NULL);
    int rc = ad_test_run(__FILE__, tests, sizeof(tests) / sizeof(tests[0]));
    return ad_test_media_stop(&media) == 0 ? rc : 1;
}
