/* SPDX-License-Identifier: MIT
 *
 * What a recipe may write where a number goes, so that the number follows a signal.
 */
#include "ops/op.h"

static const char *const curves[] = {"linear", "square", "root", "smooth", NULL};

static const struct ad_field number = {.name = "a number", .type = AD_FIELD_NUMBER};

const struct ad_field ad_bind_fields[] = {
    {.name = "signal",
     .type = AD_FIELD_STRING,
     .required = true,
     .doc = "What to follow: the id of a node and what to take from it: \"music.energy\", "
            "\"music.spectrum.bass\" (mid, high), \"music.beats\", \"music.downbeats\", "
            "\"music.onsets\", \"film.scene_changes\", \"film.motion\". The node is an "
            "ANALYZE, or "
            "what ANALYZE could take."},
    {.name = "range",
     .type = AD_FIELD_LIST,
     .item = &number,
     .min = 2,
     .max = 2,
     .required = true,
     .doc =
         "What the low and the high end of the signal come to. The first may be the larger."},
    {.name = "domain",
     .type = AD_FIELD_LIST,
     .item = &number,
     .min = 2,
     .max = 2,
     .doc = "The values of the signal that come to the ends of the range; what is outside "
            "counts as the end. Without it, the lowest and highest value of the signal."},
    {.name = "smooth",
     .type = AD_FIELD_TIME,
     .fallback = "0",
     .doc = "Mean over a window of this length around each frame."},
    {.name = "decay",
     .type = AD_FIELD_TIME,
     .fallback = "\"250ms\"",
     .doc =
         "Of beats, downbeats, onsets and scene changes: each is a pulse that falls from 1 to "
         "0 in this time."},
    {.name = "curve",
     .type = AD_FIELD_ENUM,
     .fallback = "\"linear\"",
     .values = curves,
     .doc = "How the way through the domain becomes the way through the range: square favours "
            "the low end, root the high end, smooth leaves and arrives gently."},
    {.name = "steps",
     .type = AD_FIELD_INT,
     .fallback = "100",
     .min = 1,
     .max = 10000,
     .doc = "The range is divided into so many equal steps, and every value lies on one."},
    {.name = "hold",
     .type = AD_FIELD_TIME,
     .fallback = "0",
     .doc = "Keeps each value this long instead of following every frame."},
    {.name = "offset",
     .type = AD_FIELD_TIME,
     .fallback = "0",
     .doc = "The time of the signal at the node's first frame."},
    {NULL},
};

bool ad_field_may_follow(const struct ad_field *field)
{
    return field->type == AD_FIELD_INT || field->type == AD_FIELD_NUMBER ||
           field->type == AD_FIELD_RATIO;
}

const struct ad_value *ad_value_bind(const struct ad_value *value)
{
    if (!value || value->kind != AD_VALUE_MAP || value->map.len != 1)
        return NULL;
    const struct ad_value *bind = ad_value_get(value, "bind");
    return bind && bind->kind == AD_VALUE_MAP ? bind : NULL;
}
