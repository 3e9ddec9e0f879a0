/* SPDX-License-Identifier: MIT
 *
 * The ids of identity.json, which identity.py computed with hashlib alone.
 */
#include "plan_test.h"

#define INPUTS_MAX 16

static struct ad_str text(const struct ad_value *map, const char *key)
{
    artdag_error err = {0};
    struct ad_str s = {0};
    assert_ok(ad_value_str(map, key, &s, &err));
    return s;
}

static struct ad_str cid_bytes(struct ad_str cid_text, uint8_t out[AD_CID_BYTES_MAX])
{
    artdag_error err = {0};
    struct ad_cid cid;
    assert_ok(ad_cid_parse(cid_text, &cid, &err));
    return (struct ad_str){(const char *)out, ad_cid_to_bytes(&cid, out)};
}

static void canonical(const struct ad_value *value, struct ad_buf *buf)
{
    artdag_error err = {0};
    assert_non_null(value);
    assert_ok(ad_json_canonical(value, buf, &err));
}

static struct ad_hash32 cache_id_of(const struct ad_value *c)
{
    static uint8_t bytes[INPUTS_MAX][AD_CID_BYTES_MAX];
    artdag_error err = {0};
    struct ad_buf config = AD_BUF_INIT(1 << 16);
    struct ad_id_input inputs[INPUTS_MAX];
    struct ad_hash32 id;
    const struct ad_value *list = ad_value_get(c, "inputs");
    assert_true(list->list.len <= INPUTS_MAX);
    for (size_t i = 0; i < list->list.len; i++) {
        const struct ad_value *pair = list->list.items[i];
        struct ad_str ident = pair->list.items[1]->string;
        inputs[i].slot = pair->list.items[0]->string;
        if (ad_str_starts(ident, "cid:")) {
            inputs[i].id = cid_bytes(ad_str_slice(ident, 4, ident.len), bytes[i]);
        } else {
            assert_true(ad_hex_parse(ident, bytes[i], 32));
            inputs[i].id = (struct ad_str){(const char *)bytes[i], 32};
        }
    }
    canonical(ad_value_get(c, "config"), &config);
    const struct ad_id_fields fields = {
        .cluster_key = text(c, "cluster_key"),
        .toolchain = text(c, "toolchain"),
        .node_type = text(c, "node_type"),
        .config_json = ad_buf_as_str(&config),
        .inputs = inputs,
        .input_count = list->list.len,
    };
    assert_ok(ad_cache_id(&fields, NULL, &id, &err));
    ad_buf_fini(&config);
    return id;
}

static struct ad_hash32 analysis_id_of(const struct ad_value *c)
{
    artdag_error err = {0};
    struct ad_buf features = AD_BUF_INIT(1 << 16);
    struct ad_hash32 id;
    struct ad_cid cid;
    assert_ok(ad_cid_parse(text(c, "cid"), &cid, &err));
    canonical(ad_value_get(c, "features"), &features);
    assert_ok(
        ad_analysis_id(text(c, "cluster_key"), &cid, ad_buf_as_str(&features), &id, &err));
    ad_buf_fini(&features);
    return id;
}

static struct ad_hash32 unit_id_of(const struct ad_value *c)
{
    artdag_error err = {0};
    struct ad_buf unit = AD_BUF_INIT(1 << 16);
    struct ad_hash32 id;
    canonical(ad_value_get(c, "unit"), &unit);
    assert_ok(ad_unit_id(text(c, "cluster_key"), text(c, "toolchain"), ad_buf_as_str(&unit),
                         &id, &err));
    ad_buf_fini(&unit);
    return id;
}

static struct ad_hash32 id_of(const struct ad_value *c)
{
    struct ad_str kind = text(c, "id");
    if (ad_str_is(kind, "cache"))
        return cache_id_of(c);
    return ad_str_is(kind, "unit") ? unit_id_of(c) : analysis_id_of(c);
}

static void every_case_gives_the_id_of_the_independent_script(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *cases = NULL;
    char *json = source_text("tests/golden/identity.json");
    assert_ok(ad_json_parse(&arena, ad_str_from(json), "identity.json", NULL, &cases, &err));
    assert_true(cases->list.len >= 20);
    for (size_t i = 0; i < cases->list.len; i++) {
        const struct ad_value *c = cases->list.items[i];
        struct ad_hash32 id = id_of(c);
        char hex[65];
        ad_hex_format(id.bytes, 32, hex);
        if (!ad_str_is(text(c, "expected"), hex))
            fail_msg("%.*s: %s", AD_STR_ARG(text(c, "name")), hex);
    }
    ad_arena_fini(&arena);
    free(json);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_case_gives_the_id_of_the_independent_script),
};
AD_TEST_MAIN(tests)
