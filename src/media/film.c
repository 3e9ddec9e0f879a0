/* SPDX-License-Identifier: MIT
 *
 * The jobs that render. A film with pictures and sound is made in two processes: AUDIO encodes the sound with SIMD off into
 * a part file, FILM renders the pictures and puts the packets of both together.
 */
#include <inttypes.h>

#include "media/encode.h"
#include "media/graph_run.h"
#include "media/log.h"
#include "media/media.h"
#include "media/mux.h"
#include "media/part.h"

#define ROOM "media"

static enum artdag_err wrong_length(artdag_error *err, const char *what, int64_t got,
                                    int64_t want)
{
    return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                        "rendering gave %s%" PRId64 " %s instead of %" PRId64,
                        got > want ? "at least " : "", got, what, want);
}

/* ---- sound ---- */

struct sound {
    struct ad_graph_run *run;
    struct ad_encoder *encoder;
    AVFrame *frame;
    AVPacket *packet;
    int64_t samples; /* given to the encoder */
};

/* Where packets of sound go. */
struct sound_sink {
    struct ad_part_writer *part; /* or */
    struct ad_mux *mux;
};

static void sound_fini(struct sound *sound)
{
    ad_encoder_close(sound->encoder);
    ad_graph_run_close(sound->run);
    av_frame_free(&sound->frame);
    av_packet_free(&sound->packet);
}

static enum artdag_err sound_open(struct ad_child *child, const struct ad_job *job,
                                  struct sound *sound, artdag_error *err)
{
    const struct ad_unit *unit = &job->unit;
    uint32_t first = unit->video ? (uint32_t)unit->video->leaves.len : 0;
    uint32_t first_file = first + (uint32_t)unit->audio->leaves.len +
                          (unit->video ? (uint32_t)unit->video->files.len : 0);
    struct ad_graph_run_params params = {
        .graph = unit->audio,
        .format = &unit->format,
        .conn = &child->conn,
        .sizes = job->sizes.items + first,
        .first_input = first,
        .file_sizes = job->sizes.items + first_file,
        .first_file = first_file,
        .threads = (int)job->threads,
        .out_format = unit->encode.audio.sample_format,
    };
    sound->frame = av_frame_alloc();
    sound->packet = av_packet_alloc();
    if (!sound->frame || !sound->packet) {
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = ad_graph_run_open(&params, &sound->run, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    struct ad_encoder_params encode = {
        .settings = &unit->encode.audio,
        .format = &unit->format,
        .sink = ad_graph_run_sink(sound->run),
        .muxer = unit->encode.container,
    };
    rc = ad_encoder_open_audio(&encode, &sound->encoder, err);
    if (rc == ARTDAG_OK) {
        ad_graph_run_set_frame_size(sound->run, ad_encoder_frame_size(sound->encoder));
    }
    return rc;
}

static enum artdag_err drain_sound(struct sound *sound, const struct sound_sink *to,
                                   artdag_error *err)
{
    for (;;) {
        enum artdag_err rc = ad_encoder_receive(sound->encoder, sound->packet, err);
        if (rc != ARTDAG_OK) {
            return rc == ARTDAG_E_BUSY || rc == ARTDAG_E_NOTFOUND ? ARTDAG_OK : rc;
        }
        rc = to->part ? ad_part_write(to->part, sound->packet, err)
                      : ad_mux_write(to->mux, 0, sound->packet, err);
        av_packet_unref(sound->packet);
        if (rc != ARTDAG_OK) {
            return rc;
        }
    }
}

static enum artdag_err render_sound(struct ad_child *child, struct sound *sound, int64_t want,
                                    const struct sound_sink *to, artdag_error *err)
{
    for (;;) {
        enum artdag_err rc = ad_graph_run_next(sound->run, sound->frame, err);
        bool end = rc == ARTDAG_E_NOTFOUND;
        if (rc != ARTDAG_OK && !end) {
            return rc;
        }
        if (!end) {
            sound->frame->pts = sound->samples;
            sound->samples += sound->frame->nb_samples;
        }
        if (sound->samples > want || (end && sound->samples < want)) {
            return wrong_length(err, "samples", sound->samples, want);
        }
        rc = ad_encoder_send(sound->encoder, end ? NULL : sound->frame, err);
        av_frame_unref(sound->frame);
        if (rc == ARTDAG_OK) {
            rc = drain_sound(sound, to, err);
        }
        if (rc != ARTDAG_OK || end) {
            return rc;
        }
        ad_conn_progress(&child->conn, sound->samples, false);
    }
}

static enum artdag_err parameters_of(const struct ad_encoder *encoder, AVCodecParameters **ret,
                                     artdag_error *err)
{
    AVCodecParameters *par = avcodec_parameters_alloc();
    if (!par || avcodec_parameters_from_context(par, encoder->ctx) < 0) {
        avcodec_parameters_free(&par);
        return ad_error_nomem(err, ROOM);
    }
    *ret = par;
    return ARTDAG_OK;
}

enum artdag_err ad_job_audio(struct ad_child *child, const struct ad_job *job,
                             struct ad_done *ret, artdag_error *err)
{
    struct sound sound = {0};
    struct ad_part_writer part = {0};
    AVCodecParameters *par = NULL;
    const struct sound_sink to = {.part = &part};
    if (!job->unit.audio) {
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "the unit has no sound");
    }
    enum artdag_err rc = sound_open(child, job, &sound, err);
    if (rc == ARTDAG_OK) {
        rc = parameters_of(sound.encoder, &par, err);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_part_create(child->output_fd, par, &part, err);
    }
    if (rc == ARTDAG_OK) {
        rc = render_sound(child, &sound, job->unit.samples, &to, err);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_part_finish(&part, sound.samples, err);
    }
    if (rc == ARTDAG_OK) {
        ad_conn_progress(&child->conn, sound.samples, true);
        *ret = (struct ad_done){.bytes = part.pos,
                                .samples = sound.samples,
                                .decode_errors = ad_graph_run_errors(sound.run)};
    }
    avcodec_parameters_free(&par);
    ad_part_writer_fini(&part);
    sound_fini(&sound);
    return rc;
}

static enum artdag_err film_of_sound(struct ad_child *child, const struct ad_job *job,
                                     struct ad_done *ret, artdag_error *err)
{
    struct sound sound = {0};
    struct ad_mux *mux = NULL;
    AVCodecParameters *par = NULL;
    const struct ad_encode *settings = &job->unit.encode;
    enum artdag_err rc = sound_open(child, job, &sound, err);
    if (rc == ARTDAG_OK) {
        rc = parameters_of(sound.encoder, &par, err);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_mux_open(child->output_fd, settings, &mux, err);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_mux_add_stream(mux, par, sound.encoder->ctx->time_base, err);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_mux_start(mux, settings, err);
    }
    if (rc == ARTDAG_OK) {
        const struct sound_sink to = {.mux = mux};
        rc = render_sound(child, &sound, job->unit.samples, &to, err);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_mux_finish(mux, err);
    }
    if (rc == ARTDAG_OK) {
        ad_conn_progress(&child->conn, sound.samples, true);
        *ret = (struct ad_done){.bytes = mux->size,
                                .samples = sound.samples,
                                .decode_errors = ad_graph_run_errors(sound.run)};
    }
    avcodec_parameters_free(&par);
    ad_mux_close(mux);
    sound_fini(&sound);
    return rc;
}

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
    enum artdag_err rc = parameters_of(film->encoder, &par, err);
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
    enum artdag_err rc = parameters_of(film->encoder, &par, err);
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
            return wrong_length(err, "frames", film->frames, want);
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
        ad_conn_progress(&child->conn, film->frames, false);
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

enum artdag_err ad_job_film(struct ad_child *child, const struct ad_job *job,
                            struct ad_done *ret, artdag_error *err)
{
    struct film film = {0};
    if (!job->unit.video) {
        return film_of_sound(child, job, ret, err);
    }
    enum artdag_err rc = film_open(child, job, &film, err);
    if (rc == ARTDAG_OK) {
        rc = render_pictures(child, job, &film, err);
    }
    if (rc == ARTDAG_OK) {
        rc = write_sound(&film, NULL, err);
    }
    if (rc == ARTDAG_OK && film.has_part && film.part.length != job->unit.samples) {
        rc = wrong_length(err, "samples", film.part.length, job->unit.samples);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_mux_finish(film.mux, err);
    }
    if (rc == ARTDAG_OK) {
        ad_conn_progress(&child->conn, film.frames, true);
        *ret = (struct ad_done){.bytes = film.mux->size,
                                .frames = film.frames,
                                .samples = film.has_part ? film.part.length : 0,
                                .decode_errors = ad_graph_run_errors(film.run)};
    }
    film_fini(&film);
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
