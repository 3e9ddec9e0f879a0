/* SPDX-License-Identifier: MIT
 *
 * A film from its parts, by stream copy: of each span its pictures, then the sound of the same time, so that versions of a
 * film share the bytes of every unchanged span. Times come from counting: frame f of the film has time f, whatever its part said.
 *
 * Decode times. An encoder of fixed settings delays by the same number of frames in every span (video_delay), so the n-th
 * packet of the film is decoded at n - delay, and no packet may be shown before that.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "media/input.h"
#include "media/media.h"
#include "media/mux.h"
#include "media/part.h"

#define ROOM "media"

struct source {
    struct ad_input *input;
    struct ad_part_reader reader;
    bool open;
};

struct join {
    struct ad_child *child;
    const struct ad_job *job;
    struct ad_mux *mux;
    AVCodecParameters *pictures; /* of the first span; all others must be like it */
    struct source sound;
    AVPacket *packet, *ahead; /* ahead: sound read and not yet written */
    bool has_ahead;
    int64_t frames; /* written */
    AD_VEC(int64_t) cuts;
    bool seekable; /* the container tells where packets lie */
};

static enum artdag_err open_source(struct join *j, size_t number, struct source *ret,
                                   artdag_error *err)
{
    enum artdag_err rc = ad_input_open(&j->child->conn, (uint32_t)number,
                                       j->job->sizes.items[number], &ret->input, err);
    if (rc == ARTDAG_OK) {
        ret->open = true;
        rc = ad_part_open_input(ret->input, &ret->reader, err);
    }
    return rc;
}

static void close_source(struct source *source)
{
    if (source->open) {
        ad_part_reader_fini(&source->reader);
        ad_input_close(source->input);
    }
    *source = (struct source){0};
}

/* ---- sound ---- */

static enum artdag_err read_ahead(struct join *j, artdag_error *err)
{
    enum artdag_err rc = ad_part_read(&j->sound.reader, j->ahead, err);
    j->has_ahead = rc == ARTDAG_OK;
    return rc == ARTDAG_E_NOTFOUND ? ARTDAG_OK : rc;
}

static enum artdag_err cut_here(struct join *j, artdag_error *err)
{
    if (!j->seekable) {
        return ARTDAG_OK;
    }
    return ad_vec_push(&j->cuts, ad_mux_tell(j->mux)) ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

/* The sound that begins before frame `end` of the film; with end < 0 all that is left. */
static enum artdag_err write_sound(struct join *j, int64_t end, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    if (!j->sound.open || !j->has_ahead) {
        return rc;
    }
    rc = cut_here(j, err);
    while (rc == ARTDAG_OK && j->has_ahead) {
        if (end >= 0 && av_compare_ts(j->ahead->pts, j->mux->time_bases[1], end,
                                      j->mux->time_bases[0]) >= 0) {
            break;
        }
        rc = ad_mux_append(j->mux, 1, j->ahead, err);
        av_packet_unref(j->ahead);
        if (rc == ARTDAG_OK) {
            rc = read_ahead(j, err);
        }
    }
    return rc;
}

/* ---- pictures ---- */

static enum artdag_err check_alike(const struct join *j, const AVCodecParameters *par,
                                   artdag_error *err)
{
    const AVCodecParameters *first = j->pictures;
    bool alike = par->codec_id == first->codec_id && par->format == first->format &&
                 par->width == first->width && par->height == first->height &&
                 par->video_delay == first->video_delay &&
                 par->extradata_size == first->extradata_size &&
                 (par->extradata_size == 0 ||
                  memcmp(par->extradata, first->extradata, (size_t)par->extradata_size) == 0);
    return alike ? ARTDAG_OK
                 : ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                                "a span was encoded with other parameters than the first");
}

static enum artdag_err write_picture(struct join *j, int64_t base, int64_t frames, int64_t nth,
                                     artdag_error *err)
{
    AVPacket *packet = j->packet;
    if (packet->pts < 0 || packet->pts >= frames || nth >= frames) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                            "a span has a frame outside of its %" PRId64, frames);
    }
    packet->pts += base;
    packet->dts = base + nth - j->pictures->video_delay;
    packet->duration = 1;
    if (packet->dts > packet->pts) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "a span reorders frames too far");
    }
    return ad_mux_append(j->mux, 0, packet, err);
}

static enum artdag_err copy_pictures(struct join *j, struct source *span, int64_t frames,
                                     artdag_error *err)
{
    int64_t base = j->frames, nth = 0;
    enum artdag_err rc = ARTDAG_OK;
    while (rc == ARTDAG_OK) {
        rc = ad_part_read(&span->reader, j->packet, err);
        if (rc == ARTDAG_OK) {
            rc = write_picture(j, base, frames, nth++, err);
            av_packet_unref(j->packet);
        }
    }
    if (rc != ARTDAG_E_NOTFOUND) {
        return rc;
    }
    if (nth != frames || span->reader.length != frames) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                            "a span has %" PRId64 " frames instead of %" PRId64, nth, frames);
    }
    j->frames += frames;
    return ARTDAG_OK;
}

/* ---- the film ---- */

static enum artdag_err start(struct join *j, struct source *first, artdag_error *err)
{
    const struct ad_format *format = &j->job->unit.format;
    const struct ad_encode *settings = &j->job->unit.encode;
    AVRational tb = {(int)format->fps_den, (int)format->fps_num};
    j->pictures = avcodec_parameters_alloc();
    if (!j->pictures || avcodec_parameters_copy(j->pictures, first->reader.codecpar) < 0) {
        return ad_error_nomem(err, ROOM);
    }
    if (j->pictures->codec_type != AVMEDIA_TYPE_VIDEO ||
        j->pictures->width != j->job->unit.width ||
        j->pictures->height != j->job->unit.height) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "the first part is not of this film");
    }
    enum artdag_err rc = ad_mux_open(j->child->output_fd, settings, &j->mux, err);
    if (rc == ARTDAG_OK) {
        rc = ad_mux_add_stream(j->mux, j->pictures, tb, err);
    }
    if (rc == ARTDAG_OK && settings->audio.codec) {
        rc = open_source(j, j->job->spans.len, &j->sound, err);
        if (rc == ARTDAG_OK) {
            AVRational sound_tb = {1, j->sound.reader.codecpar->sample_rate};
            rc = ad_mux_add_stream(j->mux, j->sound.reader.codecpar, sound_tb, err);
        }
        if (rc == ARTDAG_OK) {
            rc = read_ahead(j, err);
        }
    }
    /* Matroska and WebM gather packets into clusters before they write them: no position is known. */
    j->seekable = strcmp(settings->container, "matroska") != 0 &&
                  strcmp(settings->container, "webm") != 0;
    return rc == ARTDAG_OK ? ad_mux_start(j->mux, settings, err) : rc;
}

static enum artdag_err add_span(struct join *j, size_t number, artdag_error *err)
{
    struct source span = {0};
    bool last = number + 1 == j->job->spans.len;
    enum artdag_err rc = open_source(j, number, &span, err);
    if (rc == ARTDAG_OK) {
        rc = j->mux ? check_alike(j, span.reader.codecpar, err) : start(j, &span, err);
    }
    if (rc == ARTDAG_OK) {
        rc = cut_here(j, err);
    }
    if (rc == ARTDAG_OK) {
        rc = copy_pictures(j, &span, j->job->spans.items[number], err);
    }
    if (rc == ARTDAG_OK) {
        rc = write_sound(j, last ? -1 : j->frames, err);
    }
    close_source(&span);
    ad_conn_progress(&j->child->conn, j->frames, last);
    return rc;
}

static enum artdag_err finish(struct join *j, struct ad_done *ret, artdag_error *err)
{
    const struct ad_unit *unit = &j->job->unit;
    int64_t samples = j->sound.open ? j->sound.reader.length : 0;
    if (j->frames != unit->frames || samples != unit->samples) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                            "the parts have %" PRId64 " frames and %" PRId64
                            " samples instead of %" PRId64 " and %" PRId64,
                            j->frames, samples, unit->frames, unit->samples);
    }
    assert(j->mux);
    int64_t end = ad_mux_tell(j->mux);
    enum artdag_err rc = ad_mux_finish(j->mux, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    int64_t shift = ad_mux_shift(j->mux, end);
    for (size_t i = 0; i < j->cuts.len; i++) {
        j->cuts.items[i] += shift;
    }
    *ret = (struct ad_done){.bytes = j->mux->size, .frames = j->frames, .samples = samples};
    ret->cuts.items = j->cuts.items;
    ret->cuts.len = j->cuts.len;
    ret->cuts.cap = j->cuts.cap;
    j->cuts.items = NULL;
    return ARTDAG_OK;
}

enum artdag_err ad_job_join(struct ad_child *child, const struct ad_job *job,
                            struct ad_done *ret, artdag_error *err)
{
    struct join j = {.child = child, .job = job};
    enum artdag_err rc = ARTDAG_OK;
    j.packet = av_packet_alloc();
    j.ahead = av_packet_alloc();
    if (!j.packet || !j.ahead) {
        rc = ad_error_nomem(err, ROOM);
    }
    for (size_t i = 0; rc == ARTDAG_OK && i < job->spans.len; i++) {
        rc = add_span(&j, i, err);
    }
    if (rc == ARTDAG_OK) {
        rc = finish(&j, ret, err);
    }
    ad_mux_close(j.mux);
    close_source(&j.sound);
    avcodec_parameters_free(&j.pictures);
    av_packet_free(&j.packet);
    av_packet_free(&j.ahead);
    free(j.cuts.items);
    return rc;
}
