/* SPDX-License-Identifier: MIT
 *
 * Pieces of the unit's JSON that the job's JSON shares. Private to room graph.
 */
#ifndef AD_GRAPH_JSON_H
#define AD_GRAPH_JSON_H

#include "graph/graph.h"

/* A map with exactly the keys of the NULL-terminated list: FORMAT otherwise. */
enum artdag_err ad_graph_json_keys(const struct ad_value *map, const char *const *keys,
                                   const char *what, artdag_error *err);
/* The string under key, copied; null gives NULL where nullable. */
enum artdag_err ad_graph_json_text(struct ad_arena *arena, const struct ad_value *map,
                                   const char *key, bool nullable, const char **ret,
                                   artdag_error *err);

void ad_unit_write(const struct ad_unit *unit, struct ad_json_writer *w);
/* Reads the form only: the caller checks what it read. */
enum artdag_err ad_unit_read(struct ad_arena *arena, const struct ad_value *root,
                             struct ad_unit *ret, artdag_error *err);

enum artdag_err ad_feature_settings_check(const struct ad_feature_settings *settings,
                                          artdag_error *err);
enum artdag_err ad_feature_settings_read(const struct ad_value *map,
                                         struct ad_feature_settings *ret, artdag_error *err);
enum artdag_err ad_study_check(const struct ad_study *study, artdag_error *err);
enum artdag_err ad_plot_check(const struct ad_study *study, artdag_error *err);
void ad_study_write(const struct ad_study *study, struct ad_json_writer *w);
enum artdag_err ad_study_read(struct ad_arena *arena, const struct ad_value *root,
                              struct ad_study *ret, artdag_error *err);

#endif
