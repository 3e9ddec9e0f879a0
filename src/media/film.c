/* SPDX-License-Identifier: MIT
 *
 * The jobs that render. A film with pictures and sound is made in two processes: AUDIO encodes the sound with SIMD off into
 * a part file, FILM renders the pictures and puts the packets of both together.
 */
#include <inttypes.h>

#include "media/encode.h"
#include "media/fit.h"
#include "media/graph_run.h"
#include "media/log.h"
#include "media/media.h"
#include "media/mux.h"
#include "media/part.h"

#define ROOM "media"

/* ---- pictures ---- */

struct film {
    struct ad_graph_run *run;
    struct ad_encoder *encoder;
    struct ad_mux *mux;
    struct ad_part_writer out; /* pictures alone, as a part, instead of a container */
    bool to_part;
    struct ad_part_reader part; /* the finished sound */
    bool has_part;
    AVPacket *sound; /* read from the part and not yet written; has_sound */
    bool has_sound;
    AVFrame *frame;
    AVPacket *packet;
    int64_t frames;
    const char *crf; /* instead of the unit's own; NULL = that */
    bool again;      /* all frames were told of before */
};

static void film_fini(struct film *film)
{
    ad_mux_close(film->mux);
    ad_encoder_close(film->encoder);
    ad_graph_run_close(film->run);
    if (film->has_part) {
        ad_part_reader_fini(&film->part);
    }
    ad_part_writer_fini(&film->out);
    av_packet_free(&film->sound);
    av_frame_free(&film->frame);
    av_packet_free(&film->packet);
}

/* Reads the next packet of sound ahead. */
static enum artdag_err next_sound(struct film *film, artdag_error *err)
{
    enum artdag_err rc = ad_part_read(&film->part, film->sound, err);
    film->has_sound = rc == ARTDAG_OK;
    return rc == ARTDAG_E_NOTFOUND ? ARTDAG_OK : rc;
}

/* Writes the sound that is due before `before` (in frames); all of it when before is NULL. Written so, the muxer holds
 * little back. */
static enum artdag_err write_sound(struct film *film, const int64_t *before, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    AVRational sound_tb = film->mux->time_bases[1];
    while (rc == ARTDAG_OK && film->has_sound) {
        if (before &&
            av_compare_ts(film->sound->dts, sound_tb, *before, film->mux->time_bases[0]) > 0) {
            break;
        }
        rc = ad_mux_write(film->mux, 1, film->sound, err);
        av_packet_unref(film->sound);
        if (rc == ARTDAG_OK) {
            rc = next_sound(film, err);
        }
    }
    return rc;
}

static enum artdag_err open_mux(struct ad_child *child, const struct ad_job *job,
                                struct film *film, artdag_error *err)
{
    AVCodecParameters *par = NULL;
    const struct ad_encode *settings = &job->unit.encode;
    enum artdag_err rc = ad_encoder_parameters(film->encoder, &par, err);
    if (rc == ARTDAG_OK) {
        rc = ad_mux_open(child->output_fd, settings, &film->mux, err);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_mux_add_stream(film->mux, par, film->encoder->ctx->time_base, err);
    }
    avcodec_parameters_free(&par);
    if (rc == ARTDAG_OK && film->has_part) {
        AVRational tb = {1, film->part.codecpar->sample_rate};
        rc = ad_mux_add_stream(film->mux, film->part.codecpar, tb, err);
        if (rc == ARTDAG_OK) {
            rc = next_sound(film, err);
        }
    }
    return rc == ARTDAG_OK ? ad_mux_start(film->mux, settings, err) : rc;
}

static enum artdag_err create_part(struct ad_child *child, struct film *film, artdag_error *err)
{
    AVCodecParameters *par = NULL;
    enum artdag_err rc = ad_encoder_parameters(film->encoder, &par, err);
    if (rc == ARTDAG_OK) {
        rc = ad_part_create(child->output_fd, par, &film->out, err);
    }
    avcodec_parameters_free(&par);
    return rc;
}

/* Opens encoder and container once the first frame is here, since it knows the colours. */
static enum artdag_err on_first_frame(struct ad_child *child, const struct ad_job *job,
                                      struct film *film, artdag_error *err)
{
    const struct ad_unit *unit = &job->unit;
    struct ad_encoder_params params = {
        .settings = &unit->encode.video,
        .format = &unit->format,
        .sink = ad_graph_run_sink(film->run),
        .first = film->frame,
        .muxer = unit->encode.container,
        .crf = film->crf,
    };
    if (film->frame->width != unit->width || film->frame->height != unit->height) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                            "rendering gave pictures of %dx%d instead of %" PRId64 "x%" PRId64,
                            film->frame->width, film->frame->height, unit->width, unit->height);
    }
    enum artdag_err rc = ad_encoder_open_video(&params, &film->encoder, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    return film->to_part ? create_part(child, film, err) : open_mux(child, job, film, err);
}

static enum artdag_err drain_pictures(struct film *film, artdag_error *err)
{
    for (;;) {
        enum artdag_err rc = ad_encoder_receive(film->encoder, film->packet, err);
        if (rc != ARTDAG_OK) {
            return rc == ARTDAG_E_BUSY || rc == ARTDAG_E_NOTFOUND ? ARTDAG_OK : rc;
        }
        rc = film->to_part ? ad_part_write(&film->out, film->packet, err)
                           : write_sound(film, &film->packet->dts, err);
        if (rc == ARTDAG_OK && !film->to_part) {
            rc = ad_mux_write(film->mux, 0, film->packet, err);
        }
        av_packet_unref(film->packet);
        if (rc != ARTDAG_OK) {
            return rc;
        }
    }
}

static enum artdag_err render_pictures(struct ad_child *child, const struct ad_job *job,
                                       struct film *film, artdag_error *err)
{
    int64_t want = job->unit.frames;
    for (;;) {
        enum artdag_err rc = ad_graph_run_next(film->run, film->frame, err);
        bool end = rc == ARTDAG_E_NOTFOUND;
        if (rc != ARTDAG_OK && !end) {
            return rc;
        }
        film->frames += !end;
        if (film->frames > want || (end && film->frames < want)) {
            return ad_job_wrong_length(err, "frames", film->frames, want);
        }
        if (film->frames == 1 && !film->encoder) {
            rc = on_first_frame(child, job, film, err);
            if (rc != ARTDAG_OK) {
                return rc;
            }
        }
        film->frame->pts = film->frames - 1;
        film->frame->pict_type = AV_PICTURE_TYPE_NONE;
        rc = ad_encoder_send(film->encoder, end ? NULL : film->frame, err);
        av_frame_unref(film->frame);
        if (rc == ARTDAG_OK) {
            rc = drain_pictures(film, err);
        }
        if (rc != ARTDAG_OK || end) {
            return rc;
        }
        ad_conn_progress(&child->conn, film->again ? want : film->frames, false);
    }
}

static enum artdag_err film_open(struct ad_child *child, const struct ad_job *job,
                                 struct film *film, artdag_error *err)
{
    const struct ad_unit *unit = &job->unit;
    uint32_t first_file = (uint32_t)unit->video->leaves.len +
                          (unit->audio ? (uint32_t)unit->audio->leaves.len : 0);
    struct ad_graph_run_params params = {
        .graph = unit->video,
        .format = &unit->format,
        .conn = &child->conn,
        .sizes = job->sizes.items,
        .file_sizes = job->sizes.items + first_file,
        .first_file = first_file,
        .threads = (int)job->threads,
        .pool = film->to_part ? &child->pool : NULL,
        .out_format = unit->encode.video.pixel_format,
    };
    film->frame = av_frame_alloc();
    film->packet = av_packet_alloc();
    film->sound = av_packet_alloc();
    if (!film->frame || !film->packet || !film->sound) {
        return ad_error_nomem(err, ROOM);
    }
    if (!film->to_part && unit->audio && child->part_fd < 0) {
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "the film's encoded sound is missing");
    }
    if (unit->audio) {
        film->has_part = true;
        enum artdag_err rc = ad_part_open(child->part_fd, &film->part, err);
        if (rc != ARTDAG_OK) {
            return rc;
        }
    }
    return ad_graph_run_open(&params, &film->run, err);
}

/* One rendering of the whole film; crf NULL = the unit's own. */
static enum artdag_err render_film(struct ad_child *child, const struct ad_job *job,
                                   const char *crf, bool again, struct ad_done *ret,
                                   artdag_error *err)
{
    struct film film = {.crf = crf, .again = again};
    enum artdag_err rc = film_open(child, job, &film, err);
    if (rc == ARTDAG_OK) {
        rc = render_pictures(child, job, &film, err);
    }
    if (rc == ARTDAG_OK) {
        rc = write_sound(&film, NULL, err);
    }
    if (rc == ARTDAG_OK && film.has_part && film.part.length != job->unit.samples) {
        rc = ad_job_wrong_length(err, "samples", film.part.length, job->unit.samples);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_mux_finish(film.mux, err);
    }
    if (rc == ARTDAG_OK) {
        *ret = (struct ad_done){.bytes = film.mux->size,
                                .frames = film.frames,
                                .samples = film.has_part ? film.part.length : 0,
                                .decode_errors = ad_graph_run_errors(film.run)};
    }
    film_fini(&film);
    return rc;
}

/* Renders again with less quality until the file is small enough. */
static enum artdag_err fit_film(struct ad_child *child, const struct ad_job *job,
                                struct ad_done *ret, artdag_error *err)
{
    struct ad_fit fit;
    char crf[32];
    enum artdag_err rc = ad_fit_begin(&job->unit.encode, &fit, err);
    bool again = false;
    while (rc == ARTDAG_OK && ad_fit_next(&fit, crf)) {
        rc = render_film(child, job, crf, again, ret, err);
        if (rc == ARTDAG_OK) {
            ad_fit_tell(&fit, ret->bytes);
        }
        again = true;
    }
    return rc == ARTDAG_OK ? ad_fit_end(&fit, err) : rc;
}

enum artdag_err ad_job_film(struct ad_child *child, const struct ad_job *job,
                            struct ad_done *ret, artdag_error *err)
{
    if (!job->unit.video) {
        return ad_job_film_of_sound(child, job, ret, err);
    }
    struct ad_done done = {0};
    enum artdag_err rc = job->unit.encode.max_bytes
                             ? fit_film(child, job, &done, err)
                             : render_film(child, job, NULL, false, &done, err);
    if (rc == ARTDAG_OK) {
        ad_conn_progress(&child->conn, done.frames, true);
        *ret = done;
    }
    return rc;
}

enum artdag_err ad_job_part(struct ad_child *child, const struct ad_job *job,
                            struct ad_done *ret, artdag_error *err)
{
    struct film film = {.to_part = true};
    if (job->unit.audio) {
        return ad_job_audio(child, job, ret, err);
    }
    enum artdag_err rc = film_open(child, job, &film, err);
    if (rc == ARTDAG_OK) {
        rc = render_pictures(child, job, &film, err);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_part_finish(&film.out, film.frames, err);
    }
    if (rc == ARTDAG_OK) {
        ad_conn_progress(&child->conn, film.frames, true);
        *ret = (struct ad_done){.bytes = film.out.pos,
                                .frames = film.frames,
                                .decode_errors = ad_graph_run_errors(film.run)};
    }
    film_fini(&film);
    return rc;
}
