/* SPDX-License-Identifier: MIT
 *
 * JSON: what is accepted has one canonical form, which reads back as an equal value.
 */
#include "doc/doc.h"
#include "fuzz.h"

static const struct ad_doc_limits limits = {.max_bytes = 1 << 16, .max_values = 10000};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf once = AD_BUF_INIT(1 << 22);
    struct ad_buf again = AD_BUF_INIT(1 << 22);
    const struct ad_value *value = NULL;
    const struct ad_value *copy = NULL;
    artdag_error err = {0};

    struct ad_str text = {(const char *)data, size};
    enum artdag_err code = ad_json_parse(&arena, text, "fuzz", &limits, &value, &err);
    if (code != ARTDAG_OK) {
        FUZZ_CHECK_ERROR(code, err);
        goto out;
    }
    if (ad_json_canonical(value, &once, &err) != ARTDAG_OK)
        goto out; /* integers that JSON numbers cannot carry */
    FUZZ_CHECK(ad_json_parse(&arena, ad_buf_as_str(&once), "copy", NULL, &copy, &err) ==
               ARTDAG_OK);
    FUZZ_CHECK(ad_json_canonical(copy, &again, &err) == ARTDAG_OK);
    FUZZ_CHECK(ad_str_equal(ad_buf_as_str(&once), ad_buf_as_str(&again)));
out:
    ad_buf_fini(&again);
    ad_buf_fini(&once);
    ad_arena_fini(&arena);
    return 0;
}
