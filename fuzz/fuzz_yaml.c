/* SPDX-License-Identifier: MIT
 *
 * YAML: aliases and depth stay within the limits, and what is accepted can be written as canonical JSON which reads back the same.
 */
#include "doc/doc.h"
#include "fuzz.h"

static const struct ad_doc_limits limits = {.max_bytes = 1 << 16, .max_values = 10000};

/* What is laid out once stays as it is. */
static void check_format(struct ad_str text)
{
    struct ad_buf once = AD_BUF_INIT(1 << 26);
    struct ad_buf again = AD_BUF_INIT(1 << 26);
    artdag_error err = {0};
    enum artdag_err code = ad_yaml_format(text, "fuzz", &once, &err);
    if (code != ARTDAG_OK) {
        FUZZ_CHECK_ERROR(code, err);
    } else if (ad_yaml_format(ad_buf_as_str(&once), "fuzz", &again, &err) == ARTDAG_OK) {
        FUZZ_CHECK(again.len <= once.len); /* blank lines may still go */
    }
    ad_buf_fini(&again);
    ad_buf_fini(&once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf once = AD_BUF_INIT(1 << 26);
    struct ad_buf again = AD_BUF_INIT(1 << 26);
    const struct ad_value *value = NULL;
    const struct ad_value *copy = NULL;
    artdag_error err = {0};

    struct ad_str text = {(const char *)data, size};
    enum artdag_err code = ad_yaml_parse(&arena, text, "fuzz", &limits, &value, &err);
    if (code != ARTDAG_OK) {
        FUZZ_CHECK_ERROR(code, err);
        goto out;
    }
    check_format(text);
    if (ad_json_canonical(value, &once, &err) != ARTDAG_OK)
        goto out;
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
