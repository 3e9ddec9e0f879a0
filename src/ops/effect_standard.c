/* SPDX-License-Identifier: MIT
 *
 * EFFECT: the effects that come with the program, written as users write theirs.
 */
#include "ops/effect.h"

const char *const ad_effect_names[] = {"glow",     "grayscale", "identity", "invert", "mirror",
                                       "pixelate", "sepia",     "trails",   NULL};

static const char *const texts[] = {
    "effect: glow\n"
    "description: Bright parts shine over their surroundings.\n"
    "params:\n"
    "  radius: {type: int, default: 8, min: 1, max: 200, unit: pixels}\n"
    "  strength: {type: number, default: 0.5, min: 0, max: 1}\n"
    "video:\n"
    "  - {filter: split, options: {outputs: 2}, as: both}\n"
    "  - {filter: boxblur, in: [both.1], options: {luma_radius: $radius, luma_power: 2, "
    "chroma_radius: 1, chroma_power: 0}, as: soft}\n"
    "  - {filter: blend, in: [both.0, soft], options: {c0_mode: screen, c0_opacity: $strength, "
    "c1_mode: normal, c2_mode: normal}}\n",

    "effect: grayscale\n"
    "description: Only the brightness is left.\n"
    "video:\n"
    "  - {filter: hue, options: {s: 0}}\n",

    "effect: identity\n"
    "description: Nothing is changed.\n",

    "effect: invert\n"
    "description: Every colour becomes its opposite.\n"
    "video:\n"
    "  - {filter: lutyuv, options: {y: maxval+minval-val, u: maxval+minval-val, "
    "v: maxval+minval-val}}\n",

    "effect: mirror\n"
    "description: The left half is seen twice, the second time in a mirror.\n"
    "video:\n"
    "  - {filter: split, options: {outputs: 2}, as: both}\n"
    "  - {filter: hflip, in: [both.1], as: turned}\n"
    "  - {filter: blend, in: [both.0, turned], options: {all_expr: 'if(lt(X,W/2),A,B)'}}\n",

    "effect: pixelate\n"
    "description: The picture falls into blocks of one colour.\n"
    "params:\n"
    "  size: {type: int, default: 16, min: 2, max: 256, unit: pixels}\n"
    "video:\n"
    "  - {filter: pixelize, options: {w: $size, h: $size}}\n",

    "effect: sepia\n"
    "description: Brown tones, as in old photographs.\n"
    "colors: rgb\n"
    "video:\n"
    "  - {filter: colorchannelmixer, options: {rr: 0.393, rg: 0.769, rb: 0.189, gr: 0.349, "
    "gg: 0.686, gb: 0.168, br: 0.272, bg: 0.534, bb: 0.131}}\n",

    "effect: trails\n"
    "description: What moves leaves a trail over four frames.\n"
    "range: {before: 3}\n"
    "video:\n"
    "  - {filter: tmix, options: {frames: 4}}\n",
};

const struct ad_value *ad_effect_standard(struct ad_arena *arena, struct ad_str name)
{
    const struct ad_value *root = NULL;
    for (size_t i = 0; ad_effect_names[i]; i++) {
        if (ad_str_is(name, ad_effect_names[i]) &&
            ad_yaml_parse(arena, ad_str_from(texts[i]), "built in", NULL, &root, NULL))
            return NULL;
    }
    return root;
}
