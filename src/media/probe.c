/* SPDX-License-Identifier: MIT
 *
 * The job that finds out what a file is. Video times are taken from every packet, so that the number of frames is exact
 * without decoding them; the first frame is decoded for what only the decoder knows. Sound is decoded whole: only that
 * gives its exact length, and it is cheap.
 */
#include "media/probe.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "media/feed.h"
#include "media/index.h"
#include "media/log.h"
#include "media/media.h"

#define ROOM "media"
#define PACKETS_MAX 50000000
#define FIRST_FRAME_SIDE_MAX 16384
#define INDEX_BYTES_MAX ((size_t)512 << 20) /* more than PACKETS_MAX frames need */

struct scan {
    struct ad_child *child;
    int64_t size;
    int threads;
    struct ad_demux *demux;
    AVStream *video, *audio;
    struct ad_timing timing;
    struct ad_index_maker index;
    struct ad_probe result;
    int64_t errors;
};

/* ---- choosing streams ---- */

static void ignore(struct scan *scan, const AVStream *stream, const char *reason)
{
    const char *kind = av_get_media_type_string(stream->codecpar->codec_type);
    scan->result.ignored[scan->result.ignored_count++] = (struct ad_probe_ignored){
        .stream = stream->index,
        .kind = kind ? kind : "unknown",
        .codec = avcodec_get_name(stream->codecpar->codec_id),
        .reason = reason,
    };
}

static void sort_stream(struct scan *scan, AVStream *stream)
{
    bool video = ad_demux_is_video(stream);
    bool known = ad_decoder_find(stream->codecpar->codec_id, false) != NULL;
    if (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) {
        ignore(scan, stream, "attached picture");
    } else if (!video && !ad_demux_is_audio(stream)) {
        ignore(scan, stream, "not video or audio");
    } else if (!known) {
        ignore(scan, stream, "codec not accepted");
    } else if (video ? scan->video != NULL : scan->audio != NULL) {
        ignore(scan, stream,
               video ? "not the first video stream" : "not the first audio stream");
    } else if (video) {
        scan->video = stream;
    } else {
        scan->audio = stream;
    }
}

static enum artdag_err choose(struct scan *scan, artdag_error *err)
{
    AVFormatContext *fmt = scan->demux->fmt;
    if (fmt->nb_streams > AD_STREAMS_MAX) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "%u streams are too many",
                            fmt->nb_streams);
    }
    for (unsigned i = 0; i < fmt->nb_streams; i++) {
        sort_stream(scan, fmt->streams[i]);
    }
    if (scan->video || scan->audio) {
        return ARTDAG_OK;
    }
    for (size_t i = 0; i < scan->result.ignored_count; i++) {
        const struct ad_probe_ignored *stream = &scan->result.ignored[i];
        if (strcmp(stream->reason, "codec not accepted") == 0) {
            return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                                "the %s codec \"%s\" is not accepted", stream->kind,
                                stream->codec);
        }
    }
    return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "there is neither video nor audio in it");
}

/* ---- video ---- */

/* Reference frames that are never shown travel in packets of their own in VP8. */
static bool is_shown(const struct scan *scan, const AVPacket *packet)
{
    if (packet->size == 0 || (packet->flags & AV_PKT_FLAG_DISCARD)) {
        return false;
    }
    return scan->video->codecpar->codec_id != AV_CODEC_ID_VP8 || (packet->data[0] & 0x10);
}

/* Where the demuxer finds a key frame: Matroska goes by the clusters it noted, everything else by the packet. */
static int64_t place_of(const struct scan *scan, const AVPacket *packet)
{
    const AVIndexEntry *entry = NULL;
    if (strcmp(scan->demux->container->name, "matroska") != 0) {
        return packet->pos;
    }
    if (packet->pts != AV_NOPTS_VALUE) {
        entry = avformat_index_get_entry_from_timestamp(scan->video, packet->pts,
                                                        AVSEEK_FLAG_BACKWARD);
    }
    return entry && entry->timestamp == packet->pts ? entry->pos : -1;
}

static bool note_index(struct scan *scan, const AVPacket *packet)
{
    const struct ad_index_key key = {
        .pts = packet->pts, .dts = packet->dts, .pos = place_of(scan, packet)};
    bool is_key = packet->flags & AV_PKT_FLAG_KEY;
    return ad_index_note(&scan->index, packet->pts, is_key ? &key : NULL);
}

static enum artdag_err note_packet(struct scan *scan, const AVPacket *packet, int64_t *last,
                                   artdag_error *err)
{
    int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    if (!is_shown(scan, packet)) {
        return ARTDAG_OK;
    }
    if (time == AV_NOPTS_VALUE) {
        time = *last == INT64_MIN ? 0 : *last + (packet->duration > 0 ? packet->duration : 1);
    }
    if (!note_index(scan, packet)) {
        return ad_error_nomem(err, ROOM);
    }
    if (time > *last) {
        *last = time;
        scan->timing.last_duration = packet->duration;
    }
    if (scan->timing.times.len >= PACKETS_MAX) {
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "more than %d frames", PACKETS_MAX);
    }
    return ad_vec_push(&scan->timing.times, time) ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

static enum artdag_err read_packets(struct scan *scan, artdag_error *err)
{
    AVPacket *packet = av_packet_alloc();
    int64_t last = INT64_MIN;
    if (!packet) {
        return ad_error_nomem(err, ROOM);
    }
    ad_demux_select(scan->demux, scan->video->index);
    enum artdag_err rc = ARTDAG_OK;
    while (rc == ARTDAG_OK) {
        rc = ad_demux_next(scan->demux, packet, err);
        if (rc == ARTDAG_OK) {
            rc = note_packet(scan, packet, &last, err);
            ad_conn_progress(&scan->child->conn, (int64_t)scan->timing.times.len, false);
        }
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    return rc == ARTDAG_E_NOTFOUND ? ARTDAG_OK : rc;
}

/* Clockwise quarter turns, in degrees, of a display matrix. */
static int turns_of_matrix(const int32_t *matrix)
{
    double angle = av_display_rotation_get(matrix); /* counter-clockwise */
    if (!(angle >= -360 && angle <= 360)) {
        return 0;
    }
    int quarter = (int)lround(-angle / 90);
    return ((quarter % 4) + 4) % 4 * 90;
}

/* EXIF's orientation in a photograph, as far as it is a rotation. */
static int turns_of_exif(const AVFrame *frame)
{
    const AVDictionaryEntry *tag = av_dict_get(frame->metadata, "Orientation", NULL, 0);
    int64_t value = 0;
    if (!tag) {
        return 0;
    }
    struct ad_str text = ad_str_from(tag->value);
    while (text.len > 0 && text.ptr[0] == ' ') {
        text = ad_str_slice(text, 1, text.len);
    }
    if (!ad_str_to_i64(text, &value)) {
        return 0;
    }
    return value == 3 ? 180 : value == 6 ? 90 : value == 8 ? 270 : 0;
}

static int rotation_of(const AVStream *stream, const AVFrame *frame)
{
    const int32_t *matrix = ad_compat_display_matrix(stream);
    if (matrix) {
        return turns_of_matrix(matrix);
    }
    const AVFrameSideData *side = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    if (side && side->size >= 9 * sizeof(int32_t)) {
        return turns_of_matrix((const void *)side->data);
    }
    return turns_of_exif(frame);
}

static AVRational sar_of(struct scan *scan, AVStream *stream, AVFrame *frame)
{
    AVRational sar = av_guess_sample_aspect_ratio(scan->demux->fmt, stream, frame);
    if (sar.num <= 0 || sar.den <= 0) {
        return (AVRational){1, 1};
    }
    (void)av_reduce(&sar.num, &sar.den, sar.num, sar.den, INT32_MAX);
    return sar;
}

static enum artdag_err describe_video(struct scan *scan, AVFrame *frame, int64_t *ret_origin,
                                      artdag_error *err)
{
    struct ad_probe_video *v = &scan->result.video;
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(frame->format);
    if (!desc || frame->width > FIRST_FRAME_SIDE_MAX || frame->height > FIRST_FRAME_SIDE_MAX) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "pictures of %dx%d are too large",
                            frame->width, frame->height);
    }
    bool full = strncmp(desc->name, "yuvj", 4) == 0;
    v->present = true;
    v->stream = scan->video->index;
    v->codec = avcodec_get_name(scan->video->codecpar->codec_id);
    v->width = frame->width;
    v->height = frame->height;
    v->pixel_format = frame->format;
    v->bits = desc->comp[0].depth;
    v->alpha = (desc->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL)) != 0;
    v->interlaced = ad_compat_frame_interlaced(frame) != 0;
    v->rotation = rotation_of(scan->video, frame);
    v->sar = sar_of(scan, scan->video, frame);
    v->matrix = frame->colorspace;
    v->primaries = frame->color_primaries;
    v->transfer = frame->color_trc;
    v->range = full ? AVCOL_RANGE_JPEG : frame->color_range;
    int64_t time = ad_frame_time(frame);
    *ret_origin = time != AV_NOPTS_VALUE ? time : 0;
    return ARTDAG_OK;
}

/* Decodes the first frame, in a reading of its own. */
static enum artdag_err look_at_first(struct scan *scan, int64_t *ret_origin, artdag_error *err)
{
    struct ad_source_params params = {.conn = &scan->child->conn,
                                      .size = scan->size,
                                      .stream = scan->video->index,
                                      .medium = AD_VIDEO,
                                      .alpha = true,
                                      .threads = scan->threads};
    struct ad_source *source = NULL;
    AVFrame *frame = av_frame_alloc();
    if (!frame) {
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = ad_source_open(&params, &source, err);
    if (rc == ARTDAG_OK) {
        rc = ad_source_next(source, frame, err);
    }
    if (rc == ARTDAG_E_NOTFOUND) {
        rc = ad_media_error(err, NULL, AVERROR_INVALIDDATA, "no video frame can be decoded");
    }
    if (rc == ARTDAG_OK) {
        rc = describe_video(scan, frame, ret_origin, err);
    }
    scan->errors += source ? source->decoder->errors : 0;
    ad_source_close(source);
    av_frame_free(&frame);
    return rc;
}

static enum artdag_err scan_video(struct scan *scan, artdag_error *err)
{
    int64_t origin = 0;
    struct ad_timing *t = &scan->timing;
    struct ad_probe *p = &scan->result;
    t->time_base = scan->video->time_base;
    enum artdag_err rc = read_packets(scan, err);
    if (rc == ARTDAG_OK) {
        rc = look_at_first(scan, &origin, err);
    }
    if (rc != ARTDAG_OK) {
        return rc;
    }
    AVRational hints[] = {scan->video->avg_frame_rate, scan->video->r_frame_rate};
    ad_timing_judge(t, origin, hints, 2);
    if (t->frames == 0) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "no packet belongs to a shown frame");
    }
    p->video.fps = t->fps;
    p->video.frames = t->frames;
    p->video.vfr = t->vfr;
    p->video.still = scan->demux->container->picture && t->frames == 1;
    p->video.start = ad_ratio_reduce(origin * t->time_base.num, t->time_base.den);
    p->origin = p->video.start;
    p->duration = t->duration;
    return ARTDAG_OK;
}

/* ---- audio ---- */

static enum artdag_err describe_audio(struct scan *scan, const struct ad_feed *feed,
                                      int64_t first, artdag_error *err)
{
    struct ad_probe_audio *a = &scan->result.audio;
    int rate = feed->shape.sample_rate;
    a->present = true;
    a->stream = scan->audio->index;
    a->codec = avcodec_get_name(scan->audio->codecpar->codec_id);
    a->sample_rate = rate;
    a->channels = feed->shape.layout.nb_channels;
    a->start = ad_ratio_reduce(first, rate);
    a->samples = feed->expected - first;
    if (av_channel_layout_describe(&feed->shape.layout, a->layout, sizeof(a->layout)) < 0) {
        a->layout[0] = '\0';
    }
    int64_t stated =
        av_rescale_q(scan->audio->duration, scan->audio->time_base, (AVRational){1, rate});
    if (strcmp(scan->result.container, "flac") == 0 && scan->audio->duration > 0 &&
        a->samples < stated) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                            "the file is cut off: %" PRId64 " samples of %" PRId64, a->samples,
                            stated);
    }
    if (!scan->video) {
        scan->result.origin = a->start;
        scan->result.duration = ad_ratio_reduce(a->samples, rate);
    }
    return ARTDAG_OK;
}

/* Reads the sound as a render would, so that its length is what a render will get. */
static enum artdag_err scan_audio(struct scan *scan, artdag_error *err)
{
    const struct ad_format format = {.fps_num = 1, .fps_den = 1, .sample_rate = 48000};
    const struct ad_leaf leaf = {
        .cid = "", .stream = scan->audio->index, .origin_den = 1, .count = AD_FRAMES_MAX};
    struct ad_feed feed = {.leaf = &leaf,
                           .format = &format,
                           .conn = &scan->child->conn,
                           .medium = AD_AUDIO,
                           .size = scan->size,
                           .threads = scan->threads};
    AVFrame *frame = av_frame_alloc();
    if (!frame) {
        return ad_error_nomem(err, ROOM);
    }
    int64_t first = 0;
    enum artdag_err rc = ad_feed_prepare(&feed, err);
    if (rc == ARTDAG_OK) {
        first = feed.queue[0]->pts;
    }
    while (rc == ARTDAG_OK) {
        rc = ad_feed_next(&feed, frame, err);
        av_frame_unref(frame);
        ad_conn_progress(&scan->child->conn, feed.expected, false);
    }
    if (rc == ARTDAG_E_NOTFOUND) {
        rc = describe_audio(scan, &feed, first, err);
    }
    scan->errors += ad_feed_errors(&feed);
    av_frame_free(&frame);
    ad_feed_fini(&feed);
    return rc;
}

/* ---- the job ---- */

static enum artdag_err run_scan(struct scan *scan, artdag_error *err)
{
    enum artdag_err rc = ad_demux_open(&scan->child->conn, 0, scan->size, &scan->demux, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    scan->result.container = scan->demux->container->name;
    rc = choose(scan, err);
    if (rc == ARTDAG_OK && scan->video) {
        rc = scan_video(scan, err);
    }
    if (rc == ARTDAG_OK && scan->audio) {
        rc = scan_audio(scan, err);
    }
    return rc;
}

/* The same document, whatever kind of output it goes to. */
static enum artdag_err write_document(const struct scan *scan, int64_t *ret_bytes,
                                      artdag_error *err)
{
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    enum artdag_err rc = ad_probe_to_json(&scan->result, &buf, err);
    if (rc == ARTDAG_OK) {
        rc = ad_fs_write_full(scan->child->output_fd, buf.data, buf.len, ROOM, err);
    }
    *ret_bytes = (int64_t)buf.len;
    ad_buf_fini(&buf);
    return rc;
}

/* The frame index goes into the second file, if there is one. */
static enum artdag_err write_index(const struct scan *scan, artdag_error *err)
{
    const struct ad_timing *t = &scan->timing;
    if (scan->child->part_fd < 0 || !scan->video) {
        return ARTDAG_OK;
    }
    const struct ad_index_stream stream = {
        .stream = (uint32_t)scan->video->index,
        .tb_num = (uint32_t)t->time_base.num,
        .tb_den = (uint32_t)t->time_base.den,
        .times = t->times.items,
        .count = t->times.len,
    };
    struct ad_buf buf = AD_BUF_INIT(INDEX_BYTES_MAX);
    enum artdag_err rc = ad_index_write(&scan->index, &stream, &buf, err);
    if (rc == ARTDAG_OK) {
        rc = ad_fs_write_full(scan->child->part_fd, buf.data, buf.len, ROOM, err);
    }
    ad_buf_fini(&buf);
    return rc;
}

enum artdag_err ad_job_probe(struct ad_child *child, const struct ad_job *job,
                             struct ad_done *ret, artdag_error *err)
{
    struct scan scan = {
        .child = child,
        .size = job->sizes.items[0],
        .threads = (int)job->threads,
        .index = {.latest = INT64_MIN},
        .result = {.bytes = job->sizes.items[0]},
    };
    enum artdag_err rc = run_scan(&scan, err);
    if (rc == ARTDAG_OK) {
        int64_t bytes = 0;
        rc = write_document(&scan, &bytes, err);
        if (rc == ARTDAG_OK) {
            rc = write_index(&scan, err);
        }
        *ret = (struct ad_done){.bytes = bytes,
                                .frames = scan.result.video.frames,
                                .samples = scan.result.audio.samples,
                                .decode_errors = scan.errors};
    }
    if (rc != ARTDAG_OK) {
        ad_error_cid(err, job->probe_cid);
    }
    ad_demux_close(scan.demux);
    ad_vec_fini(&scan.timing.times);
    ad_index_maker_fini(&scan.index);
    return rc;
}
