/* SPDX-License-Identifier: MIT
 *
 * A plug-in: what is brighter than `above` (0 to 1) is turned round.
 *
 *     cc -O2 -shared -fPIC -I include -o solarize.so examples/plugin/solarize.c
 *     ARTDAG_PLUGINS=. artdag run-recipe examples/plugin/plugin.yaml -i video=FILM -i plugin=solarize.so -o out.mp4
 */
#include <string.h>

#include <artdag/plugin.h>

static unsigned get(const struct artdag_plugin_picture *p, const uint8_t *row, int x)
{
    uint16_t sample = row[x];
    if (p->depth > 8)
        memcpy(&sample, row + 2 * (size_t)x, sizeof(sample));
    return sample;
}

static void put(const struct artdag_plugin_picture *p, uint8_t *row, int x, unsigned value)
{
    uint16_t sample = (uint16_t)value;
    if (p->depth > 8)
        memcpy(row + 2 * (size_t)x, &sample, sizeof(sample));
    else
        row[x] = (uint8_t)value;
}

static const char *process(const struct artdag_plugin_picture *in,
                           const struct artdag_plugin_param *params, size_t param_count,
                           struct artdag_plugin_picture *out)
{
    double above = 0.5;
    for (size_t i = 0; i < param_count; i++) {
        if (strcmp(params[i].name, "above") != 0)
            return "its only parameter is \"above\"";
        above = params[i].value;
    }
    unsigned black = 16u << (in->depth - 8);
    unsigned white = 235u << (in->depth - 8);
    unsigned limit = black + (unsigned)(above * (white - black));
    for (int i = 0; i < in->plane_count; i++) {
        const struct artdag_plugin_plane *from = &in->planes[i];
        for (int y = 0; y < from->height; y++) {
            const uint8_t *a = from->data + y * from->stride;
            uint8_t *b = out->planes[i].data + y * out->planes[i].stride;
            for (int x = 0; x < from->width; x++) {
                unsigned v = get(in, a, x);
                put(in, b, x, i == 0 && v > limit && v <= white ? black + white - v : v);
            }
        }
    }
    return NULL;
}

const struct artdag_plugin artdag_plugin = {ARTDAG_PLUGIN_ABI, "solarize", process};
