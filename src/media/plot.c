/* SPDX-License-Identifier: MIT
 *
 * The PLOT job: reads the document, listens once more for the waveform, opens the contact sheet, and draws.
 */
#include "media/plot.h"

#include <string.h>

#include "media/listen.h"

#define ROOM "media"
#define WIDTH 3200 /* before halving */
#define LEFT 200
#define RIGHT 64
#define DOCUMENT_BYTES_MAX ((int64_t)512 << 20)

/* ---- the document ---- */

const struct ad_value *ad_plot_map(const struct ad_value *map, const char *key)
{
    const struct ad_value *value = ad_value_get(map, key);
    return value && value->kind == AD_VALUE_MAP ? value : NULL;
}

double ad_plot_number(const struct ad_value *map, const char *key)
{
    const struct ad_value *value = ad_value_get(map, key);
    if (value && value->kind == AD_VALUE_INT) {
        return (double)value->integer;
    }
    return value && value->kind == AD_VALUE_DOUBLE ? value->number : 0;
}

static enum artdag_err read_document(struct ad_child *child, int64_t size,
                                     struct ad_arena *arena, struct ad_plot *plot,
                                     artdag_error *err)
{
    static const struct ad_doc_limits limits = {(size_t)DOCUMENT_BYTES_MAX, 50000000, 16};
    struct ad_buf block = AD_BUF_INIT(AD_WIRE_READ_MAX);
    if (size > DOCUMENT_BYTES_MAX) {
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "the analysis is too large");
    }
    char *text = ad_arena_alloc(arena, (size_t)size + 1);
    enum artdag_err rc = text ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    for (int64_t at = 0; rc == ARTDAG_OK && at < size; at += (int64_t)block.len) {
        rc = ad_conn_read(&child->conn, 0, (uint64_t)at, AD_WIRE_READ_MAX, &block, err);
        if (rc == ARTDAG_OK && (block.len == 0 || (int64_t)block.len > size - at)) {
            rc = ad_error_set(err, ARTDAG_E_IO, ROOM, "the analysis has another length");
        } else if (rc == ARTDAG_OK) {
            memcpy(text + at, block.data, block.len);
        }
    }
    if (rc == ARTDAG_OK) {
        rc = ad_json_parse(arena, (struct ad_str){text, (size_t)size}, NULL, &limits,
                           &plot->document, err);
    }
    ad_buf_fini(&block);
    plot->audio = ad_plot_map(plot->document, "audio");
    plot->video = ad_plot_map(plot->document, "video");
    double sound = ad_plot_number(plot->audio, "duration");
    double pictures = ad_plot_number(plot->video, "duration");
    plot->duration = sound > pictures ? sound : pictures;
    if (rc == ARTDAG_OK && !(plot->duration > 0 && plot->duration < 1e7)) {
        rc = ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "the analysis has no duration");
    }
    return rc;
}

/* ---- the sound ---- */

struct drawing {
    struct ad_plot *plot;
    int channels;
    double columns_each; /* columns that a sample takes */
    int64_t done;
};

static enum artdag_err start(void *payload, const struct ad_shape *shape, artdag_error *err)
{
    struct drawing *d = payload;
    (void)err;
    d->channels = shape->layout.nb_channels;
    d->columns_each = d->plot->width / (d->plot->duration * shape->sample_rate);
    return ARTDAG_OK;
}

static enum artdag_err push(void *payload, const float *const *channels, int count,
                            artdag_error *err)
{
    struct drawing *d = payload;
    (void)err;
    for (int i = 0; i < count; i++, d->done++) {
        double column = (double)d->done * d->columns_each;
        int x = column < d->plot->width ? (int)column : d->plot->width - 1;
        struct ad_plot_column *to = &d->plot->columns[x];
        for (int c = 0; c < d->channels; c++) {
            float v = channels[c][i];
            to->low = v < to->low ? v : to->low;
            to->high = v > to->high ? v : to->high;
            to->squares += (double)v * (double)v;
        }
        to->count += d->channels;
    }
    return ARTDAG_OK;
}

static enum artdag_err hear(struct ad_child *child, const struct ad_job *job,
                            struct ad_plot *plot, artdag_error *err)
{
    struct drawing d = {.plot = plot};
    const struct ad_listener listener = {.conn = &child->conn,
                                         .input = 1,
                                         .size = job->sizes.items[1],
                                         .study = &job->study,
                                         .threads = (int)job->threads,
                                         .start = start,
                                         .push = push,
                                         .payload = &d};
    int64_t errors = 0;
    plot->columns = ad_alloc_array((size_t)plot->width, sizeof(*plot->columns));
    return plot->columns ? ad_listen(&listener, &errors, err) : ad_error_nomem(err, ROOM);
}

/* ---- the contact sheet ---- */

static enum artdag_err copy_sheet(struct ad_plot *plot, const AVFrame *frame, artdag_error *err)
{
    if (frame->format != AV_PIX_FMT_RGB24) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "the contact sheet is not ours");
    }
    enum artdag_err rc = ad_canvas_init(&plot->sheet, frame->width, frame->height, 0, err);
    for (int y = 0; rc == ARTDAG_OK && y < frame->height; y++) {
        size_t stride = (size_t)frame->width * 3;
        memcpy(plot->sheet.rgb + (size_t)y * stride,
               frame->data[0] + (ptrdiff_t)frame->linesize[0] * y, stride);
    }
    return rc;
}

static enum artdag_err open_sheet(struct ad_child *child, const struct ad_job *job,
                                  struct ad_plot *plot, artdag_error *err)
{
    uint32_t number = (uint32_t)job->sizes.len - 1;
    const struct ad_source_params params = {.conn = &child->conn,
                                            .input = number,
                                            .size = job->sizes.items[number],
                                            .stream = -1,
                                            .medium = AD_VIDEO,
                                            .threads = 1};
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
        rc = ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "the contact sheet is empty");
    }
    if (rc == ARTDAG_OK) {
        rc = copy_sheet(plot, frame, err);
    }
    ad_source_close(source);
    av_frame_free(&frame);
    return rc;
}

/* ---- the job ---- */

static enum artdag_err draw(struct ad_plot *plot, artdag_error *err)
{
    int height = 0;
    ad_plot_draw(plot, &height);
    enum artdag_err rc =
        ad_canvas_init(&plot->canvas, WIDTH, height + height % 2, AD_PLOT_BACKGROUND, err);
    if (rc == ARTDAG_OK) {
        ad_plot_draw(plot, &height);
        ad_canvas_halve(&plot->canvas);
    }
    return rc;
}

enum artdag_err ad_job_plot(struct ad_child *child, const struct ad_job *job,
                            struct ad_done *ret, artdag_error *err)
{
    struct ad_plot plot = {.left = LEFT, .width = WIDTH - LEFT - RIGHT};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_done done = {0};
    enum artdag_err rc = read_document(child, job->sizes.items[0], &arena, &plot, err);
    if (rc == ARTDAG_OK && (job->study.features & AD_FEATURES_AUDIO)) {
        rc = hear(child, job, &plot, err);
    }
    if (rc == ARTDAG_OK && (job->study.features & AD_FEATURES_VIDEO)) {
        rc = open_sheet(child, job, &plot, err);
    }
    if (rc == ARTDAG_OK) {
        rc = draw(&plot, err);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_canvas_write(&plot.canvas, child->output_fd, &done.bytes, err);
    }
    if (rc == ARTDAG_OK) {
        *ret = done;
    } else {
        ad_error_cid(err, job->study.cid);
    }
    ad_canvas_fini(&plot.canvas);
    ad_canvas_fini(&plot.sheet);
    free(plot.columns);
    ad_arena_fini(&arena);
    return rc;
}
