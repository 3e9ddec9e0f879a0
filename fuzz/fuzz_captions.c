/* SPDX-License-Identifier: MIT
 *
 * Caption files: whatever is read shows text without control characters, at any frame.
 */
#include "fuzz.h"
#include "media/captions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ad_captions *captions = NULL;
    artdag_error err = {0};
    enum artdag_err code =
        ad_captions_parse((struct ad_str){(const char *)data, size}, &captions, &err);
    if (code != ARTDAG_OK) {
        FUZZ_CHECK_ERROR(code, err);
        return 0;
    }
    FUZZ_CHECK(ad_captions_count(captions) > 0);
    for (int64_t frame = 0; frame < 2000; frame += 37) {
        struct ad_buf buf = AD_BUF_INIT(1 << 20);
        uint64_t which = ad_captions_at(captions, frame, 30000, 1001, &buf);
        FUZZ_CHECK((which != 0) == (buf.len != 0));
        FUZZ_CHECK(ad_str_is_utf8(ad_buf_as_str(&buf)));
        for (size_t i = 0; i < buf.len; i++)
            FUZZ_CHECK(buf.data[i] >= 0x20 || buf.data[i] == '\n');
        ad_buf_fini(&buf);
    }
    ad_captions_close(captions);
    return 0;
}
