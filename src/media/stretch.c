/* SPDX-License-Identifier: MIT */
#include "media/stretch.h"

#include <pthread.h>

#define ROOM "media"
#define STRETCH 512 /* frames */
#define EARLY 16
#define BEHIND 2 /* an encoder gives out a packet when it has seen two frames more */
#define THREADS_MAX 16

struct stretch {
    struct ad_encoder *encoder;
    AD_VEC(AVFrame *) frames;
    AD_VEC(AVPacket *) packets;
    int64_t from, to; /* times of the packets that count */
    bool ends;        /* the sound ends here */
    bool threaded;    /* being encoded by its thread */
    pthread_t thread;
    enum artdag_err code;
    artdag_error error;
};

struct ad_stretches {
    struct ad_encoder_params params;
    size_t threads;
    int64_t frames;                /* taken so far */
    AVFrame *recent[EARLY];        /* the last ones, by number */
    struct stretch *ending;        /* gets the frames behind its end */
    struct stretch *filling;       /* gets its own */
    AD_VEC(struct stretch *) full; /* in order; the first may be done */
};

/* ---- one stretch ---- */

static void stretch_free(struct stretch *stretch)
{
    if (!stretch) {
        return;
    }
    if (stretch->threaded) {
        (void)pthread_join(stretch->thread, NULL);
    }
    for (size_t i = 0; i < stretch->frames.len; i++) {
        av_frame_free(&stretch->frames.items[i]);
    }
    for (size_t i = 0; i < stretch->packets.len; i++) {
        av_packet_free(&stretch->packets.items[i]);
    }
    ad_vec_fini(&stretch->frames);
    ad_vec_fini(&stretch->packets);
    ad_encoder_close(stretch->encoder);
    free(stretch);
}

static enum artdag_err receive(struct stretch *stretch, artdag_error *err)
{
    for (;;) {
        AVPacket *packet = av_packet_alloc();
        if (!packet) {
            return ad_error_nomem(err, ROOM);
        }
        enum artdag_err rc = ad_encoder_receive(stretch->encoder, packet, err);
        bool counts =
            rc == ARTDAG_OK && packet->pts >= stretch->from && packet->pts < stretch->to;
        if (counts && ad_vec_push(&stretch->packets, packet)) {
            continue;
        }
        av_packet_free(&packet);
        if (counts) {
            return ad_error_nomem(err, ROOM);
        }
        if (rc != ARTDAG_OK) {
            return rc == ARTDAG_E_BUSY || rc == ARTDAG_E_NOTFOUND ? ARTDAG_OK : rc;
        }
    }
}

static enum artdag_err encode(struct stretch *stretch, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < stretch->frames.len; i++) {
        rc = ad_encoder_send(stretch->encoder, stretch->frames.items[i], err);
        if (rc == ARTDAG_OK) {
            rc = receive(stretch, err);
        }
        av_frame_free(&stretch->frames.items[i]);
    }
    if (rc == ARTDAG_OK && stretch->ends) {
        rc = ad_encoder_send(stretch->encoder, NULL, err);
        if (rc == ARTDAG_OK) {
            rc = receive(stretch, err);
        }
    }
    return rc;
}

static void *encode_thread(void *arg)
{
    struct stretch *stretch = arg;
    stretch->code = encode(stretch, &stretch->error);
    return NULL;
}

/* ---- all of them ---- */

enum artdag_err ad_stretches_open(const struct ad_encoder_params *params, int threads,
                                  struct ad_stretches **ret, artdag_error *err)
{
    struct ad_stretches *s = ad_alloc(sizeof(*s));
    if (!s) {
        return ad_error_nomem(err, ROOM);
    }
    s->params = *params;
    s->threads = threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : (size_t)threads;
    *ret = s;
    return ARTDAG_OK;
}

void ad_stretches_close(struct ad_stretches *s)
{
    if (!s) {
        return;
    }
    for (size_t i = 0; i < s->full.len; i++) {
        stretch_free(s->full.items[i]);
    }
    ad_vec_fini(&s->full);
    stretch_free(s->ending);
    stretch_free(s->filling);
    for (size_t i = 0; i < EARLY; i++) {
        av_frame_free(&s->recent[i]);
    }
    free(s);
}

static enum artdag_err add_frame(struct stretch *stretch, const AVFrame *frame,
                                 artdag_error *err)
{
    AVFrame *copy = av_frame_clone(frame);
    if (!copy || !ad_vec_push(&stretch->frames, copy)) {
        av_frame_free(&copy);
        return ad_error_nomem(err, ROOM);
    }
    return ARTDAG_OK;
}

/* The stretch that begins with the next frame. */
static enum artdag_err begin(struct ad_stretches *s, artdag_error *err)
{
    int64_t size = 0;
    struct stretch *stretch = ad_alloc(sizeof(*stretch));
    if (!stretch) {
        return ad_error_nomem(err, ROOM);
    }
    s->filling = stretch;
    enum artdag_err rc = ad_encoder_open_audio(&s->params, &stretch->encoder, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    size = ad_encoder_frame_size(stretch->encoder);
    stretch->from = s->frames > 0 ? s->frames * size : INT64_MIN;
    stretch->to = INT64_MAX;
    for (int64_t i = s->frames - EARLY; s->frames > 0 && rc == ARTDAG_OK && i < s->frames;
         i++) {
        rc = add_frame(stretch, s->recent[i % EARLY], err);
    }
    return rc;
}

static enum artdag_err write_first(struct ad_stretches *s,
                                   enum artdag_err (*write)(void *payload, AVPacket *packet,
                                                            artdag_error *err),
                                   void *payload, artdag_error *err)
{
    struct stretch *first = s->full.items[0];
    if (first->threaded) {
        (void)pthread_join(first->thread, NULL);
        first->threaded = false;
    }
    enum artdag_err rc = first->code;
    if (rc != ARTDAG_OK && err) {
        *err = first->error;
    }
    for (size_t i = 0; rc == ARTDAG_OK && i < first->packets.len; i++) {
        rc = write(payload, first->packets.items[i], err);
    }
    stretch_free(first);
    s->full.len--;
    for (size_t i = 0; i < s->full.len; i++) {
        s->full.items[i] = s->full.items[i + 1];
    }
    return rc;
}

/* The stretch has all its frames: on to encoding. */
static enum artdag_err start(struct ad_stretches *s, struct stretch *stretch, artdag_error *err)
{
    if (!ad_vec_push(&s->full, stretch)) {
        stretch_free(stretch);
        return ad_error_nomem(err, ROOM);
    }
    stretch->threaded =
        s->threads > 1 && pthread_create(&stretch->thread, NULL, encode_thread, stretch) == 0;
    if (!stretch->threaded) {
        (void)encode_thread(stretch);
    }
    return ARTDAG_OK;
}

static enum artdag_err finish(struct ad_stretches *s, artdag_error *err)
{
    struct stretch *last[2] = {s->ending, s->filling};
    enum artdag_err rc = ARTDAG_OK;
    s->ending = s->filling = NULL;
    for (size_t i = 0; i < 2; i++) {
        if (last[i] && rc == ARTDAG_OK) {
            last[i]->ends = true;
            rc = start(s, last[i], err);
        } else {
            stretch_free(last[i]);
        }
    }
    return rc;
}

static enum artdag_err take(struct ad_stretches *s, const AVFrame *frame, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    AVFrame **recent = &s->recent[s->frames % EARLY];
    if (s->frames % STRETCH == 0) {
        s->ending = s->filling;
        s->filling = NULL;
        rc = begin(s, err);
        if (rc == ARTDAG_OK && s->ending) {
            s->ending->to = s->filling->from;
        }
    }
    av_frame_free(recent);
    *recent = av_frame_clone(frame);
    if (rc == ARTDAG_OK && !*recent) {
        rc = ad_error_nomem(err, ROOM);
    }
    if (rc == ARTDAG_OK) {
        rc = add_frame(s->filling, frame, err);
    }
    if (rc == ARTDAG_OK && s->ending) {
        rc = add_frame(s->ending, frame, err);
    }
    if (rc == ARTDAG_OK && s->ending && s->frames % STRETCH == BEHIND - 1) {
        struct stretch *whole = s->ending;
        s->ending = NULL;
        rc = start(s, whole, err);
    }
    s->frames++;
    return rc;
}

enum artdag_err ad_stretches_encode(struct ad_stretches *s, const AVFrame *frame,
                                    enum artdag_err (*write)(void *payload, AVPacket *packet,
                                                             artdag_error *err),
                                    void *payload, artdag_error *err)
{
    enum artdag_err rc = frame ? take(s, frame, err) : finish(s, err);
    size_t may_stay = frame ? s->threads - 1 : 0;
    while (rc == ARTDAG_OK && s->full.len > may_stay) {
        rc = write_first(s, write, payload, err);
    }
    return rc;
}
