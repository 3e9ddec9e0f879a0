/* SPDX-License-Identifier: MIT
 *
 * CIDs: text and bytes that are accepted survive the way out and back in; a varint has one spelling.
 */
#include <string.h>

#include "cid/cid.h"
#include "fuzz.h"

static void check_text(struct ad_str text)
{
    struct ad_cid cid;
    struct ad_cid copy;
    char out[AD_CID_TEXT_MAX];
    artdag_error err = {0};
    enum artdag_err code = ad_cid_parse(text, &cid, &err);
    FUZZ_CHECK(ad_cid_looks_like(text) == (code == ARTDAG_OK));
    if (code != ARTDAG_OK) {
        FUZZ_CHECK_ERROR(code, err);
        return;
    }
    size_t len = ad_cid_format(&cid, out);
    FUZZ_CHECK(len < sizeof(out) && strlen(out) == len);
    FUZZ_CHECK(ad_cid_parse((struct ad_str){out, len}, &copy, &err) == ARTDAG_OK);
    FUZZ_CHECK(ad_cid_equal(&cid, &copy));
}

static void check_bytes(const uint8_t *data, size_t size)
{
    struct ad_cid cid;
    uint8_t out[AD_CID_BYTES_MAX];
    size_t used = 0;
    artdag_error err = {0};
    if (ad_cid_read(data, size, &cid, &used, &err) != ARTDAG_OK)
        return;
    FUZZ_CHECK(used > 0 && used <= size);
    FUZZ_CHECK(ad_cid_to_bytes(&cid, out) == used && memcmp(out, data, used) == 0);
    FUZZ_CHECK(ad_cid_from_bytes(data, used, &cid, &err) == ARTDAG_OK);
}

static void check_varint(const uint8_t *data, size_t size)
{
    uint64_t n = 0;
    uint8_t out[10];
    size_t used = ad_varint_decode(data, size, &n);
    FUZZ_CHECK(used <= size);
    if (used > 0)
        FUZZ_CHECK(ad_varint_encode(n, out) == used && memcmp(out, data, used) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ad_str text = {(const char *)data, size};
    struct ad_buf bytes = AD_BUF_INIT(1 << 20);
    artdag_error err = {0};
    check_text(text);
    check_bytes(data, size);
    check_varint(data, size);
    if (size < 4096 && ad_multibase_decode(text, &bytes, &err) != ARTDAG_OK)
        FUZZ_CHECK(err.message[0] != '\0');
    ad_buf_fini(&bytes);
    return 0;
}
