/* SPDX-License-Identifier: MIT
 *
 * A small valid unit for the tests of room graph.
 */
#ifndef GRAPH_TEST_H
#define GRAPH_TEST_H

#include "graph/graph.h"

#define SAMPLE_CID "bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"

static inline struct ad_format sample_format(void)
{
    return (struct ad_format){64, 36, 24, 1, "yuv420p", 48000, 2};
}

static inline struct ad_pad sample_leaf(struct ad_graph *graph)
{
    struct ad_leaf leaf = {.cid = SAMPLE_CID,
                           .stream = 1,
                           .origin_num = -3,
                           .origin_den = 1000,
                           .first = 5,
                           .count = 24};
    return ad_graph_leaf(graph, &leaf);
}

/* One second of film: a leaf cut and formatted, and its sound. */
static inline struct ad_unit sample_unit(struct ad_arena *arena)
{
    struct ad_unit unit = {
        .format = sample_format(), .width = 64, .height = 36, .frames = 24, .samples = 48000};
    unit.video = ad_graph_new(arena, AD_VIDEO);
    struct ad_pad pad = ad_graph_chain(unit.video, "trim", sample_leaf(unit.video));
    ad_graph_set_int(unit.video, pad, "start_pts", 5);
    ad_graph_set_int(unit.video, pad, "end_pts", 29);
    pad = ad_graph_chain(unit.video, "setpts", pad);
    ad_graph_setf(unit.video, pad, "expr", "PTS-%d", 5);
    unit.video->out = pad;
    unit.audio = ad_graph_new(arena, AD_AUDIO);
    pad = ad_graph_chain(unit.audio, "aformat", sample_leaf(unit.audio));
    ad_graph_set(unit.audio, pad, "sample_fmts", "flt");
    unit.audio->out = pad;
    (void)ad_encode_mezzanine(arena, &unit.format, true, true, &unit.encode);
    return unit;
}

#endif
