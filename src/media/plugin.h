/* SPDX-License-Identifier: MIT
 *
 * Plug-ins: code of the user's own that changes pictures (include/artdag/plugin.h). The filter "artdag_plugin".
 */
#ifndef AD_MEDIA_PLUGIN_H
#define AD_MEDIA_PLUGIN_H

#include "media/compat.h"
#include "media/files.h"

struct ad_plugin;

/* What its pictures are like, as the filter says. */
struct ad_plugin_shape {
    int format, width, height;
    AVRational rate;
};

/* Loads the plug-in whose bytes are those of the filter's file: from the folder that ARTDAG_PLUGINS names, where they
 * must lie. UNSUPPORTED when there is no such folder or no such file in it, MEDIA when it is no plug-in. */
enum artdag_err ad_plugin_open(const struct ad_graph *graph, const struct ad_filter *filter,
                               const struct ad_files *files, struct ad_plugin **ret,
                               struct ad_plugin_shape *ret_shape, artdag_error *err);
void ad_plugin_close(struct ad_plugin *plugin); /* NULL allowed */

/* Replaces the frame by what the plug-in makes of it. */
enum artdag_err ad_plugin_process(struct ad_plugin *plugin, AVFrame *frame, artdag_error *err);

#endif
