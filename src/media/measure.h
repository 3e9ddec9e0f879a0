/* SPDX-License-Identifier: MIT
 *
 * Filters that have to hear everything first. They are not libav's: before a graph of sound is run, what comes before such a
 * filter is rendered and measured, and a filter with the result takes its place.
 */
#ifndef AD_MEDIA_MEASURE_H
#define AD_MEDIA_MEASURE_H

#include "media/graph_run.h"

/* Changes params->graph, whose memory `graph` is. */
enum artdag_err ad_measure(const struct ad_graph_run_params *params, struct ad_graph *graph,
                           artdag_error *err);

#endif
