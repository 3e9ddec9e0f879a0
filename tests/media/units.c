/* SPDX-License-Identifier: MIT */
#include "units.h"

#include "ad_test.h"

void ad_test_unit_init(struct ad_test_unit *u, const struct ad_format *format)
{
    *u = (struct ad_test_unit){.unit = {.format = *format}};
    u->unit.video = ad_graph_new(&u->arena, AD_VIDEO);
    u->unit.audio = ad_graph_new(&u->arena, AD_AUDIO);
    assert_true(u->unit.video && u->unit.audio);
}

void ad_test_unit_fini(struct ad_test_unit *u)
{
    ad_arena_fini(&u->arena);
}

static struct ad_leaf leaf_of(const struct ad_test_clip *clip)
{
    return (struct ad_leaf){.cid = clip->cid ? clip->cid : AD_TEST_CID_A,
                            .stream = clip->stream,
                            .alpha = clip->alpha,
                            .origin_num = clip->origin_num,
                            .origin_den = clip->origin_den ? clip->origin_den : 1,
                            .first = clip->first,
                            .count = clip->count};
}

struct ad_pad ad_test_plain_clip(struct ad_test_unit *u, const struct ad_test_clip *clip)
{
    struct ad_graph *g = u->unit.video;
    const struct ad_format *f = &u->unit.format;
    struct ad_leaf leaf = leaf_of(clip);
    struct ad_pad pad = ad_graph_chain(g, "fps", ad_graph_leaf(g, &leaf));
    ad_graph_setf(g, pad, "fps", "%lld/%lld", (long long)f->fps_num, (long long)f->fps_den);
    ad_graph_set(g, pad, "start_time", "0");
    ad_graph_set(g, pad, "round", "near");
    pad = ad_graph_chain(g, "tpad", pad);
    ad_graph_set_int(g, pad, "stop", -1);
    ad_graph_set(g, pad, "stop_mode", "clone");
    pad = ad_graph_chain(g, "trim", pad);
    ad_graph_set_int(g, pad, "start_pts", clip->first);
    ad_graph_set_int(g, pad, "end_pts", clip->first + clip->count);
    pad = ad_graph_chain(g, "setpts", pad);
    ad_graph_setf(g, pad, "expr", "PTS-%lld", (long long)clip->first);
    return pad;
}

struct ad_pad ad_test_video_clip(struct ad_test_unit *u, const struct ad_test_clip *clip)
{
    struct ad_graph *g = u->unit.video;
    const struct ad_format *f = &u->unit.format;
    struct ad_pad pad = ad_graph_chain(g, "scale", ad_test_plain_clip(u, clip));
    ad_graph_set_int(g, pad, "w", f->width);
    ad_graph_set_int(g, pad, "h", f->height);
    ad_graph_set(g, pad, "out_range", "tv");
    pad = ad_graph_chain(g, "setsar", pad);
    ad_graph_set(g, pad, "sar", "1/1");
    pad = ad_graph_chain(g, "format", pad);
    ad_graph_set(g, pad, "pix_fmts", f->pixel_format);
    return pad;
}

struct ad_pad ad_test_audio_clip(struct ad_test_unit *u, const struct ad_test_clip *clip)
{
    struct ad_graph *g = u->unit.audio;
    const struct ad_format *f = &u->unit.format;
    struct ad_leaf leaf = leaf_of(clip);
    int64_t from = ad_samples_at(f, clip->first);
    int64_t to = from + ad_samples_for(f, clip->count);
    struct ad_pad pad = ad_graph_chain(g, "aresample", ad_graph_leaf(g, &leaf));
    ad_graph_set_int(g, pad, "sample_rate", f->sample_rate);
    ad_graph_set(g, pad, "internal_sample_fmt", "dblp");
    ad_graph_set_int(g, pad, "first_pts", 0);
    pad = ad_graph_chain(g, "aformat", pad);
    ad_graph_set(g, pad, "sample_fmts", "fltp");
    ad_graph_set_int(g, pad, "sample_rates", f->sample_rate);
    ad_graph_set(g, pad, "channel_layouts", f->channels == 1 ? "mono" : "stereo");
    pad = ad_graph_chain(g, "apad", pad);
    pad = ad_graph_chain(g, "atrim", pad);
    ad_graph_set_int(g, pad, "start_pts", from);
    ad_graph_set_int(g, pad, "end_pts", to);
    pad = ad_graph_chain(g, "asetpts", pad);
    ad_graph_setf(g, pad, "expr", "PTS-%lld", (long long)from);
    return pad;
}

void ad_test_unit_finish(struct ad_test_unit *u, struct ad_pad video, struct ad_pad audio,
                         int64_t frames)
{
    struct ad_unit *unit = &u->unit;
    unit->frames = frames;
    if (video.set) {
        unit->video->out = video;
        unit->width = unit->format.width;
        unit->height = unit->format.height;
        assert_false(unit->video->failed);
    } else {
        unit->video = NULL;
    }
    if (audio.set) {
        unit->audio->out = audio;
        unit->samples = ad_samples_for(&unit->format, frames);
        assert_false(unit->audio->failed);
    } else {
        unit->audio = NULL;
    }
}

void ad_test_encode_mezzanine(struct ad_test_unit *u)
{
    artdag_error err = {0};
    (void)err;
    assert_int_equal(ad_encode_mezzanine(&u->arena, &u->unit.format, u->unit.video != NULL,
                                         u->unit.audio != NULL, &u->unit.encode),
                     ARTDAG_OK);
}

static void set(struct ad_test_unit *u, struct ad_codec_settings *codec, const char *name,
                const char *value)
{
    assert_true(ad_codec_set(&u->arena, codec, name, value));
}

void ad_test_encode_web(struct ad_test_unit *u)
{
    struct ad_encode *e = &u->unit.encode;
    *e = (struct ad_encode){.container = "mp4"};
    assert_true(ad_encode_set(&u->arena, e, "movflags", "+faststart"));
    if (u->unit.video) {
        e->video.codec = "libx264";
        e->video.pixel_format = "yuv420p";
        set(u, &e->video, "preset", "fast");
        set(u, &e->video, "crf", "18");
        set(u, &e->video, "profile", "high");
        set(u, &e->video, "level", "4.1");
        set(u, &e->video, "g", "48");
        set(u, &e->video, "threads", "1");
        set(u, &e->video, "flags", "+bitexact+cgop");
        set(u, &e->video, "colorspace", "bt709");
        set(u, &e->video, "color_range", "tv");
        set(u, &e->video, "x264-params", "cpu-independent=1:stitchable=1");
    }
    if (u->unit.audio) {
        e->audio.codec = "aac";
        e->audio.sample_format = "fltp";
        set(u, &e->audio, "b", "192000");
    }
}
