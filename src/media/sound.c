/* SPDX-License-Identifier: MIT
 *
 * The jobs that render sound: into a part, or into a file of its own. AAC is encoded in stretches (stretch.h), all else in one go.
 */
#include <inttypes.h>
#include <string.h>

#include "media/graph_run.h"
#include "media/log.h"
#include "media/measure.h"
#include "media/media.h"
#include "media/mux.h"
#include "media/part.h"
#include "media/stretch.h"

#define ROOM "media"

enum artdag_err ad_job_wrong_length(artdag_error *err, const char *what, int64_t got,
                                    int64_t want)
{
    return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                        "rendering gave %s%" PRId64 " %s instead of %" PRId64,
                        got > want ? "at least " : "", got, what, want);
}

struct sound {
    struct ad_graph_run *run;
    struct ad_encoder
        *encoder; /* in one go; in stretches it only says what the packets will be like */
    struct ad_stretches *stretches; /* or NULL */
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
    ad_stretches_close(sound->stretches);
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
        .out_rate = ad_encode_rate(&unit->encode, &unit->format),
    };
    sound->frame = av_frame_alloc();
    sound->packet = av_packet_alloc();
    if (!sound->frame || !sound->packet) {
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = ad_measure(&params, unit->audio, err);
    if (rc == ARTDAG_OK) {
        rc = ad_graph_run_open(&params, &sound->run, err);
    }
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
    if (rc == ARTDAG_OK && strcmp(unit->encode.audio.codec, "aac") == 0) {
        rc = ad_stretches_open(&encode, (int)job->threads, &sound->stretches, err);
    }
    return rc;
}

static enum artdag_err write_packet(void *payload, AVPacket *packet, artdag_error *err)
{
    const struct sound_sink *to = payload;
    return to->part ? ad_part_write(to->part, packet, err)
                    : ad_mux_write(to->mux, 0, packet, err);
}

/* In one go. frame NULL = the end. */
static enum artdag_err encode_on(struct sound *sound, const AVFrame *frame,
                                 struct sound_sink *to, artdag_error *err)
{
    enum artdag_err rc = ad_encoder_send(sound->encoder, frame, err);
    while (rc == ARTDAG_OK) {
        rc = ad_encoder_receive(sound->encoder, sound->packet, err);
        bool keep = false;
        if (rc == ARTDAG_OK) {
            rc = ad_encoder_trim(sound->encoder, sound->packet, &keep, err);
        }
        if (rc == ARTDAG_OK && keep) {
            rc = write_packet(to, sound->packet, err);
        }
        av_packet_unref(sound->packet);
    }
    return rc == ARTDAG_E_BUSY || rc == ARTDAG_E_NOTFOUND ? ARTDAG_OK : rc;
}

static enum artdag_err render_sound(struct ad_child *child, struct sound *sound, int64_t want,
                                    struct sound_sink *to, artdag_error *err)
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
            return ad_job_wrong_length(err, "samples", sound->samples, want);
        }
        const AVFrame *frame = end ? NULL : sound->frame;
        rc = sound->stretches
                 ? ad_stretches_encode(sound->stretches, frame, write_packet, to, err)
                 : encode_on(sound, frame, to, err);
        av_frame_unref(sound->frame);
        if (rc != ARTDAG_OK || end) {
            return rc;
        }
        ad_conn_progress(&child->conn, sound->samples, false);
    }
}

enum artdag_err ad_job_audio(struct ad_child *child, const struct ad_job *job,
                             struct ad_done *ret, artdag_error *err)
{
    struct sound sound = {0};
    struct ad_part_writer part = {0};
    AVCodecParameters *par = NULL;
    struct sound_sink to = {.part = &part};
    if (!job->unit.audio) {
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "the unit has no sound");
    }
    enum artdag_err rc = sound_open(child, job, &sound, err);
    if (rc == ARTDAG_OK) {
        rc = ad_encoder_parameters(sound.encoder, &par, err);
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

enum artdag_err ad_job_film_of_sound(struct ad_child *child, const struct ad_job *job,
                                     struct ad_done *ret, artdag_error *err)
{
    struct sound sound = {0};
    struct ad_mux *mux = NULL;
    AVCodecParameters *par = NULL;
    const struct ad_encode *settings = &job->unit.encode;
    enum artdag_err rc = sound_open(child, job, &sound, err);
    if (rc == ARTDAG_OK) {
        rc = ad_encoder_parameters(sound.encoder, &par, err);
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
        struct sound_sink to = {.mux = mux};
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
