/* SPDX-License-Identifier: MIT
 *
 * The metadata document; docs/formats/analysis.md describes it.
 */
#include "doc/doc.h"
#include "media/probe.h"

#define ROOM "media"

static void put_int(struct ad_json_writer *w, const char *key, int64_t value)
{
    ad_jw_key(w, key);
    ad_jw_int(w, value);
}

static void put_bool(struct ad_json_writer *w, const char *key, bool value)
{
    ad_jw_key(w, key);
    ad_jw_bool(w, value);
}

/* Names that libav has for "not said" become "". */
static void put_name(struct ad_json_writer *w, const char *key, const char *name, bool known)
{
    ad_jw_key(w, key);
    ad_jw_cstr(w, known && name ? name : "");
}

static void put_ratio(struct ad_json_writer *w, const char *key, struct ad_ratio ratio)
{
    ad_jw_key(w, key);
    ad_jw_map_begin(w);
    put_int(w, "den", ratio.den);
    put_int(w, "num", ratio.num);
    ad_jw_map_end(w);
}

static void put_audio(struct ad_json_writer *w, const struct ad_probe_audio *audio)
{
    ad_jw_key(w, "audio");
    if (!audio->present) {
        ad_jw_null(w);
        return;
    }
    ad_jw_map_begin(w);
    put_name(w, "channel_layout", audio->layout, true);
    put_int(w, "channels", audio->channels);
    put_name(w, "codec", audio->codec, true);
    put_int(w, "sample_rate", audio->sample_rate);
    put_int(w, "samples", audio->samples);
    put_ratio(w, "start", audio->start);
    put_int(w, "stream", audio->stream);
    ad_jw_map_end(w);
}

static void put_color(struct ad_json_writer *w, const struct ad_probe_video *video)
{
    ad_jw_key(w, "color");
    ad_jw_map_begin(w);
    put_name(w, "matrix", av_color_space_name(video->matrix),
             video->matrix != AVCOL_SPC_UNSPECIFIED);
    put_name(w, "primaries", av_color_primaries_name(video->primaries),
             video->primaries != AVCOL_PRI_UNSPECIFIED);
    put_name(w, "range", av_color_range_name(video->range),
             video->range != AVCOL_RANGE_UNSPECIFIED);
    put_name(w, "transfer", av_color_transfer_name(video->transfer),
             video->transfer != AVCOL_TRC_UNSPECIFIED);
    ad_jw_map_end(w);
}

static void put_video(struct ad_json_writer *w, const struct ad_probe_video *video)
{
    ad_jw_key(w, "video");
    if (!video->present) {
        ad_jw_null(w);
        return;
    }
    ad_jw_map_begin(w);
    put_bool(w, "alpha", video->alpha);
    put_int(w, "bits", video->bits);
    put_name(w, "codec", video->codec, true);
    put_color(w, video);
    put_ratio(w, "fps", video->fps);
    put_int(w, "frames", video->frames);
    put_int(w, "height", video->height);
    put_bool(w, "interlaced", video->interlaced);
    put_name(w, "pixel_format", av_get_pix_fmt_name(video->pixel_format), true);
    put_int(w, "rotation", video->rotation);
    put_ratio(w, "sar", (struct ad_ratio){video->sar.num, video->sar.den});
    put_ratio(w, "start", video->start);
    put_bool(w, "still", video->still);
    put_int(w, "stream", video->stream);
    put_bool(w, "vfr", video->vfr);
    put_int(w, "width", video->width);
    ad_jw_map_end(w);
}

static void put_ignored(struct ad_json_writer *w, const struct ad_probe *probe)
{
    ad_jw_key(w, "ignored");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < probe->ignored_count; i++) {
        const struct ad_probe_ignored *stream = &probe->ignored[i];
        ad_jw_map_begin(w);
        put_name(w, "codec", stream->codec, true);
        put_name(w, "kind", stream->kind, true);
        put_name(w, "reason", stream->reason, true);
        put_int(w, "stream", stream->stream);
        ad_jw_map_end(w);
    }
    ad_jw_list_end(w);
}

enum artdag_err ad_probe_to_json(const struct ad_probe *probe, struct ad_buf *buf,
                                 artdag_error *err)
{
    struct ad_json_writer w;
    ad_jw_init(&w, buf);
    ad_jw_map_begin(&w);
    put_audio(&w, &probe->audio);
    put_int(&w, "bytes", probe->bytes);
    put_name(&w, "container", probe->container, true);
    put_ratio(&w, "duration", probe->duration);
    put_name(&w, "format", "artdag/metadata/1", true);
    put_ignored(&w, probe);
    put_ratio(&w, "origin", probe->origin);
    put_video(&w, &probe->video);
    ad_jw_map_end(&w);
    return ad_buf_status(buf) == ARTDAG_OK ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}
