/* SPDX-License-Identifier: MIT
 *
 * Timelines of OpenTimelineIO: what is refused is refused with a reason; what is accepted becomes YAML.
 */
#include "fuzz.h"
#include "recipe/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ad_buf yaml = AD_BUF_INIT(1 << 26);
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *root = NULL;
    artdag_error err = {0};
    struct ad_str json = {(const char *)data, size};
    enum artdag_err code = ad_recipe_from_otio(json, "fuzz", &yaml, &err);
    if (code != ARTDAG_OK)
        FUZZ_CHECK_ERROR(code, err);
    else
        FUZZ_CHECK(ad_yaml_parse(&arena, ad_buf_as_str(&yaml), "yaml", NULL, &root, &err) ==
                   ARTDAG_OK);
    ad_arena_fini(&arena);
    ad_buf_fini(&yaml);
    return 0;
}
