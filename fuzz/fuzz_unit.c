/* SPDX-License-Identifier: MIT
 *
 * Units and jobs, as the media program reads them: what is accepted is written as JSON that reads back to the same bytes.
 */
#include "fuzz.h"
#include "graph/graph.h"

static void check_unit(struct ad_arena *arena, struct ad_str text)
{
    struct ad_unit unit = {0};
    struct ad_unit copy = {0};
    struct ad_buf once = AD_BUF_INIT(1 << 22);
    struct ad_buf again = AD_BUF_INIT(1 << 22);
    artdag_error err = {0};
    enum artdag_err code = ad_unit_from_json(arena, text, &unit, &err);
    if (code != ARTDAG_OK) {
        FUZZ_CHECK_ERROR(code, err);
    } else {
        FUZZ_CHECK(ad_unit_check(&unit, &err) == ARTDAG_OK);
        FUZZ_CHECK(ad_unit_to_json(&unit, &once, &err) == ARTDAG_OK);
        FUZZ_CHECK(ad_unit_from_json(arena, ad_buf_as_str(&once), &copy, &err) == ARTDAG_OK);
        FUZZ_CHECK(ad_unit_to_json(&copy, &again, &err) == ARTDAG_OK);
        FUZZ_CHECK(ad_str_equal(ad_buf_as_str(&once), ad_buf_as_str(&again)));
    }
    ad_buf_fini(&again);
    ad_buf_fini(&once);
}

static void check_job(struct ad_arena *arena, struct ad_str text)
{
    struct ad_job job = {0};
    struct ad_buf out = AD_BUF_INIT(1 << 22);
    artdag_error err = {0};
    enum artdag_err code = ad_job_from_json(arena, text, &job, &err);
    if (code != ARTDAG_OK)
        FUZZ_CHECK_ERROR(code, err);
    else
        FUZZ_CHECK(ad_job_to_json(&job, &out, &err) == ARTDAG_OK);
    ad_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_str text = {(const char *)data, size};
    ad_arena_init(&arena, 64 << 20);
    check_unit(&arena, text);
    check_job(&arena, text);
    ad_arena_fini(&arena);
    return 0;
}
