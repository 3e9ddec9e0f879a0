/* SPDX-License-Identifier: MIT
 *
 * Names of features: as recipes ask for them, and as analyses compute them.
 */
#include "ops/op.h"

const char *const ad_feature_names[] = {
    "all",    "beats",    "downbeats", "bars",          "tempo",  "energy",       "spectrum",
    "onsets", "loudness", "silence",   "scene_changes", "motion", "motion_tempo", "black",
    "freeze", "metadata", NULL,
};

unsigned ad_feature_bits(struct ad_str name)
{
    size_t len = 0;
    while (len < name.len && name.ptr[len] != '.')
        len++;
    name.len = len;
    if (ad_str_is(name, "all"))
        return AD_FEATURES_ALL;
    if (ad_str_is(name, "downbeats") || ad_str_is(name, "bars"))
        name = AD_STR_LIT("beats");
    if (ad_str_is(name, "motion"))
        name = AD_STR_LIT("motion_tempo");
    for (enum ad_feature i = 0; i < AD_FEATURE_COUNT; i++)
        if (ad_str_is(name, ad_feature_name(i)))
            return AD_FEATURE_BIT(i);
    return 0;
}
