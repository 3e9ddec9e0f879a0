/* SPDX-License-Identifier: MIT
 *
 * Running a graph: data in, frames out, pulled from the end. Filters are made one by one and options set one by one; no
 * text is ever parsed as a graph.
 */
#ifndef AD_MEDIA_GRAPH_RUN_H
#define AD_MEDIA_GRAPH_RUN_H

#include "media/feed.h"

struct ad_graph_run_params {
    const struct ad_graph *graph; /* borrowed, as the format and conn */
    const struct ad_format *format;
    struct ad_conn *conn;
    const int64_t *sizes; /* of this graph's leaves */
    uint32_t first_input; /* number of the first leaf */
    const uint32_t
        *inputs; /* each leaf's number, when they do not follow each other; or NULL */
    const int64_t *file_sizes; /* of this graph's files */
    uint32_t first_file;       /* number of the first file */
    int threads;
    struct ad_pool *pool;   /* of streams of earlier units, for later ones; may be NULL */
    const char *out_format; /* pixel or sample format of the result */
    int64_t out_rate;       /* sound: samples a second of the result */
};

struct ad_graph_run;

/* Opens each distinct leaf once to learn its format, and configures the graph. */
enum artdag_err ad_graph_run_open(const struct ad_graph_run_params *params,
                                  struct ad_graph_run **ret, artdag_error *err);
void ad_graph_run_close(struct ad_graph_run *run); /* NULL allowed */

/* The end of the graph: size, rate and formats of what comes out. */
const AVFilterContext *ad_graph_run_sink(const struct ad_graph_run *run);
/* Audio: every frame but the last has this many samples. */
void ad_graph_run_set_frame_size(struct ad_graph_run *run, unsigned samples);

/* The next frame into an empty `frame`. NOTFOUND at the end. */
enum artdag_err ad_graph_run_next(struct ad_graph_run *run, AVFrame *frame, artdag_error *err);

int64_t ad_graph_run_errors(const struct ad_graph_run *run); /* decode errors forgiven */

#endif
