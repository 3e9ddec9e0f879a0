/* SPDX-License-Identifier: MIT
 *
 * The table of ops.
 */
#include "ops/op.h"

/* clang-format off */
const struct ad_op *const ad_ops[] = {
    &ad_op_analyze,
    &ad_op_audio_mix,
    &ad_op_blend,
    &ad_op_captions,
    &ad_op_chroma_key,
    &ad_op_contact_sheet,
    &ad_op_crop,
    &ad_op_effect,
    &ad_op_encode,
    &ad_op_eq,
    &ad_op_fade,
    &ad_op_flip,
    &ad_op_freeze,
    &ad_op_generate,
    &ad_op_grain,
    &ad_op_layer,
    &ad_op_limiter,
    &ad_op_loop,
    &ad_op_loudness,
    &ad_op_lut,
    &ad_op_map,
    &ad_op_mux,
    &ad_op_pan_zoom,
    &ad_op_plugin,
    &ad_op_random_slice,
    &ad_op_reduce,
    &ad_op_resize,
    &ad_op_reverse,
    &ad_op_rotate,
    &ad_op_segment,
    &ad_op_segment_at,
    &ad_op_sequence,
    &ad_op_slideshow,
    &ad_op_source,
    &ad_op_source_list,
    &ad_op_speed,
    &ad_op_switch,
    &ad_op_thumbnail,
    &ad_op_transform,
    &ad_op_trim_silence,
    &ad_op_vignette,
    &ad_op_volume,
    &ad_op_zip,
    NULL,
};
/* clang-format on */

const struct ad_op *ad_op_find(struct ad_str node_type)
{
    /* The original's name for what every node can do now: fields that follow a signal. */
    if (ad_str_is(node_type, "TRANSFORM_DYNAMIC"))
        return &ad_op_transform;
    for (size_t i = 0; ad_ops[i]; i++) {
        if (ad_str_is(node_type, ad_ops[i]->node_type))
            return ad_ops[i];
    }
    return NULL;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Lower case is the commonest slip, so case does not count. */
const char *ad_op_nearest(struct ad_str node_type)
{
    const char *names[sizeof(ad_ops) / sizeof(ad_ops[0])] = {NULL};
    char raised[32];
    if (node_type.len > sizeof(raised))
        return NULL;
    for (size_t i = 0; i < node_type.len; i++)
        raised[i] = upper(node_type.ptr[i]);
    for (size_t i = 0; ad_ops[i]; i++)
        names[i] = ad_ops[i]->node_type;
    struct ad_str name = {raised, node_type.len};
    const struct ad_op *same = ad_op_find(name);
    return same ? same->node_type : ad_str_nearest(name, names);
}

const char *ad_class_name(enum ad_class c)
{
    switch (c) {
    case AD_CLASS_EXACT:
        return "exact";
    case AD_CLASS_PROFILE:
        return "profile";
    case AD_CLASS_PERCEPTUAL:
        return "perceptual";
    }
    return "unknown";
}

enum ad_class ad_op_class(const struct ad_op *op, const struct ad_value *config)
{
    return op->exactness_of ? op->exactness_of(config) : op->exactness;
}
