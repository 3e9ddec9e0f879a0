/* SPDX-License-Identifier: MIT
 *
 * A recipe that uses most of the language, and the analysis of its input, for the fault tests.
 */
#ifndef FAULT_FILM_H
#define FAULT_FILM_H

static const char film_recipe[] =
    "name: cut\n"
    "format: {width: 64, height: 36, fps: 24}\n"
    "params:\n"
    "  saturation: {type: number, default: 1.4, min: 0, max: 3}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: video, type: SOURCE, config: {input: true}}\n"
    "    - {id: intro, type: SEGMENT, config: {start: 0, end: 2}, inputs: [video]}\n"
    "    - {id: chase, type: SEGMENT, config: {start: '00:00:05', duration: 2s}, inputs: "
    "[video]}\n"
    "    - {id: vivid, type: TRANSFORM, config: {effects: {saturation: $saturation}},\n"
    "       inputs: [chase]}\n"
    "    - id: film\n"
    "      type: SEQUENCE\n"
    "      config: {transition: {type: crossfade, duration: 12f}}\n"
    "      inputs: [intro, vivid]\n"
    "  output: film\n";

static const char film_analysis[] =
    "{\"audio\":{\"channel_layout\":\"stereo\",\"channels\":2,\"codec\":\"vorbis\","
    "\"sample_rate\":44100,\"samples\":1323000,\"start\":{\"den\":1,\"num\":0},\"stream\":1},"
    "\"bytes\":1293041,\"container\":\"matroska\",\"duration\":{\"den\":1,\"num\":30},"
    "\"format\":\"artdag/metadata/1\",\"ignored\":[],\"origin\":{\"den\":1,\"num\":0},"
    "\"video\":{\"alpha\":false,\"bits\":8,\"codec\":\"vp8\","
    "\"color\":{\"matrix\":\"\",\"primaries\":\"\",\"range\":\"\",\"transfer\":\"\"},"
    "\"fps\":{\"den\":1,\"num\":24},\"frames\":720,\"height\":720,\"interlaced\":false,"
    "\"pixel_format\":\"yuv420p\",\"rotation\":0,\"sar\":{\"den\":1,\"num\":1},"
    "\"start\":{\"den\":1,\"num\":0},\"still\":false,\"stream\":0,\"vfr\":false,\"width\":1280}"
    "}";

#endif
