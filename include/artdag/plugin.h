/* SPDX-License-Identifier: MIT
 *
 * Effects in C: a shared object that the media program loads and that changes pictures one by one. Needs nothing but
 * this header; docs/formats/plugin.md says how one is used. Only the media program loads plug-ins, and only those that
 * lie, byte for byte, in the folder that ARTDAG_PLUGINS names.
 */
#ifndef ARTDAG_PLUGIN_H
#define ARTDAG_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ARTDAG_PLUGIN_ABI 1u

/* A plane: `height` rows of `width` samples, `stride` bytes apart; 8 bits a sample, or 16 when depth is above 8. */
struct artdag_plugin_plane {
    uint8_t *data;
    ptrdiff_t stride;
    int width, height;
};

/* Y, U, V in BT.709 limited range, and alpha in full range when there are four planes. */
struct artdag_plugin_picture {
    int width, height;
    int depth; /* significant bits of a sample, in its low bits */
    int plane_count;
    struct artdag_plugin_plane planes[4];
};

struct artdag_plugin_param {
    const char *name;
    double value;
};

struct artdag_plugin {
    unsigned abi; /* ARTDAG_PLUGIN_ABI */
    const char *name;
    /* Makes a picture from another of the same shape. It may depend on nothing but the picture and the parameters:
     * pictures come in any order, in any process, and are asked for once. NULL, or a reason to stop, which is shown. */
    const char *(*process)(const struct artdag_plugin_picture *in,
                           const struct artdag_plugin_param *params, size_t param_count,
                           struct artdag_plugin_picture *out);
};

/* The one symbol that a plug-in defines. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
extern const struct artdag_plugin artdag_plugin;

#ifdef __cplusplus
}
#endif

#endif
