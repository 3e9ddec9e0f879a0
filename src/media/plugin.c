/* SPDX-License-Identifier: MIT */
#include "media/plugin.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libavutil/parseutils.h>
#include <libavutil/pixdesc.h>

#include <artdag/plugin.h>

#define ROOM "media"
#define PARAMS_MAX 64

struct ad_plugin {
    void *handle;
    const struct artdag_plugin *code;
    char *names; /* holds the parameters' names */
    struct artdag_plugin_param params[PARAMS_MAX];
    size_t param_count;
};

static const char *option(const struct ad_filter *filter, const char *name)
{
    for (size_t i = 0; i < filter->options.len; i++) {
        if (strcmp(filter->options.items[i].name, name) == 0) {
            return filter->options.items[i].value;
        }
    }
    return NULL;
}

/* ---- finding the file ---- */

static bool same_bytes(FILE *a, FILE *b)
{
    uint8_t x[4096];
    uint8_t y[4096];
    for (;;) {
        size_t n = fread(x, 1, sizeof(x), a);
        if (fread(y, 1, sizeof(y), b) != n || memcmp(x, y, n) != 0) {
            return false;
        }
        if (n < sizeof(x)) {
            return !ferror(a) && !ferror(b);
        }
    }
}

static bool is_same_file(const char *wanted, const char *candidate)
{
    FILE *a = fopen(wanted, "re");
    FILE *b = fopen(candidate, "re");
    bool same = a && b && same_bytes(a, b);
    if (a) {
        (void)fclose(a);
    }
    if (b) {
        (void)fclose(b);
    }
    return same;
}

/* The file of the folder with these bytes. What a recipe brings along is never run. */
static enum artdag_err find(const char *wanted, struct ad_buf *path, artdag_error *err)
{
    const char *folder = getenv("ARTDAG_PLUGINS"); /* NOLINT(concurrency-mt-unsafe) */
    DIR *dir = folder && *folder ? opendir(folder) : NULL;
    bool found = false;
    if (!dir) {
        (void)ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM, "plug-ins are not allowed here");
        ad_error_hint(err, "ARTDAG_PLUGINS names the folder of those that may run");
        return ARTDAG_E_UNSUPPORTED;
    }
    for (struct dirent *entry;
         !found && (entry = readdir(dir));) { /* NOLINT(concurrency-mt-unsafe) */
        ad_buf_clear(path);
        if (entry->d_name[0] == '.') {
            continue;
        }
        (void)ad_buf_printf(path, "%s/%s", folder, entry->d_name);
        if (ad_buf_status(path) != ARTDAG_OK) {
            break;
        }
        found = is_same_file(wanted, (const char *)path->data);
    }
    (void)closedir(dir);
    if (found) {
        return ARTDAG_OK;
    }
    (void)ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                       "the plug-in is none of those in ARTDAG_PLUGINS");
    ad_error_hint(err, "put the file there if its code may run");
    return ARTDAG_E_UNSUPPORTED;
}

/* ---- opening ---- */

/* "name=value" lines, as the op wrote them. */
static enum artdag_err read_params(struct ad_plugin *p, const char *text, artdag_error *err)
{
    p->names = ad_strdup(text ? text : "");
    if (!p->names) {
        return ad_error_nomem(err, ROOM);
    }
    for (char *at = p->names; *at;) {
        char *end = at + strcspn(at, "\n");
        char *equals = memchr(at, '=', (size_t)(end - at));
        bool last = *end == '\0';
        if (!equals || p->param_count == PARAMS_MAX) {
            return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "artdag_plugin: broken parameters");
        }
        *equals = *end = '\0';
        struct artdag_plugin_param *param = &p->params[p->param_count++];
        param->name = at;
        if (!ad_str_to_double(ad_str_from(equals + 1), &param->value)) {
            return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "artdag_plugin: broken parameters");
        }
        at = last ? end : end + 1;
    }
    return ARTDAG_OK;
}

static enum artdag_err load(struct ad_plugin *p, const char *path, artdag_error *err)
{
    p->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!p->handle) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "the plug-in cannot be loaded: %.200s",
                            dlerror()); /* NOLINT(concurrency-mt-unsafe) */
    }
    p->code = dlsym(p->handle, "artdag_plugin");
    if (!p->code || p->code->abi != ARTDAG_PLUGIN_ABI || !p->code->process) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "the file is no plug-in of version %u",
                            ARTDAG_PLUGIN_ABI);
    }
    return ARTDAG_OK;
}

static enum artdag_err read_shape(const struct ad_filter *filter, struct ad_plugin_shape *ret,
                                  artdag_error *err)
{
    const char *size = option(filter, "size");
    const char *rate = option(filter, "rate");
    const char *format = option(filter, "format");
    ret->format = format ? av_get_pix_fmt(format) : AV_PIX_FMT_NONE;
    if (!size || av_parse_video_size(&ret->width, &ret->height, size) < 0 || !rate ||
        av_parse_video_rate(&ret->rate, rate) < 0 || ret->format == AV_PIX_FMT_NONE) {
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "artdag_plugin has no size or format");
    }
    return ARTDAG_OK;
}

enum artdag_err ad_plugin_open(const struct ad_graph *graph, const struct ad_filter *filter,
                               const struct ad_files *files, struct ad_plugin **ret,
                               struct ad_plugin_shape *ret_shape, artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(8192);
    char wanted[AD_FILE_PATH_MAX];
    int64_t file = -1;
    const char *number = option(filter, "file");
    if (!number || !ad_str_to_i64(ad_str_from(number), &file) || file < 0 ||
        file >= (int64_t)files->count) {
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "artdag_plugin has no file");
    }
    struct ad_plugin *p = ad_alloc(sizeof(*p));
    if (!p) {
        return ad_error_nomem(err, ROOM);
    }
    ad_files_path(files, (size_t)file, wanted);
    enum artdag_err rc = read_shape(filter, ret_shape, err);
    if (rc == ARTDAG_OK) {
        rc = read_params(p, option(filter, "params"), err);
    }
    if (rc == ARTDAG_OK) {
        rc = find(wanted, &path, err);
    }
    if (rc == ARTDAG_OK) {
        rc = load(p, (const char *)path.data, err);
    }
    ad_buf_fini(&path);
    if (rc != ARTDAG_OK) {
        ad_error_cid(err, graph->files.items[file]);
        ad_plugin_close(p);
        return rc;
    }
    *ret = p;
    return ARTDAG_OK;
}

void ad_plugin_close(struct ad_plugin *p)
{
    if (!p) {
        return;
    }
    if (p->handle) {
        (void)dlclose(p->handle);
    }
    free(p->names);
    free(p);
}

/* ---- pictures ---- */

static enum artdag_err describe(const AVFrame *frame, struct artdag_plugin_picture *ret,
                                artdag_error *err)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(frame->format);
    if (!d || !(d->flags & AV_PIX_FMT_FLAG_PLANAR) || (d->flags & AV_PIX_FMT_FLAG_RGB)) {
        return ad_error_set(err, ARTDAG_E_INTERNAL, ROOM, "a plug-in got no planar picture");
    }
    *ret = (struct artdag_plugin_picture){.width = frame->width,
                                          .height = frame->height,
                                          .depth = d->comp[0].depth,
                                          .plane_count = d->nb_components};
    for (int i = 0; i < ret->plane_count && i < 4; i++) {
        bool chroma = i == 1 || i == 2;
        ret->planes[i] = (struct artdag_plugin_plane){
            .data = frame->data[i],
            .stride = frame->linesize[i],
            .width = chroma ? AV_CEIL_RSHIFT(frame->width, d->log2_chroma_w) : frame->width,
            .height = chroma ? AV_CEIL_RSHIFT(frame->height, d->log2_chroma_h) : frame->height,
        };
    }
    return ARTDAG_OK;
}

static void clear_planes(AVFrame *frame, const struct artdag_plugin_picture *p)
{
    for (int i = 0; i < p->plane_count; i++) {
        memset(frame->data[i], 0, (size_t)frame->linesize[i] * (size_t)p->planes[i].height);
    }
}

enum artdag_err ad_plugin_process(struct ad_plugin *plugin, AVFrame *frame, artdag_error *err)
{
    struct artdag_plugin_picture in = {0};
    struct artdag_plugin_picture out = {0};
    AVFrame *made = av_frame_alloc();
    enum artdag_err rc = describe(frame, &in, err);
    if (!made || rc != ARTDAG_OK) {
        av_frame_free(&made);
        return made ? rc : ad_error_nomem(err, ROOM);
    }
    made->format = frame->format;
    made->width = frame->width;
    made->height = frame->height;
    if (av_frame_get_buffer(made, 0) < 0 || av_frame_copy_props(made, frame) < 0) {
        rc = ad_error_nomem(err, ROOM);
    }
    if (rc == ARTDAG_OK) {
        rc = describe(made, &out, err);
    }
    if (rc == ARTDAG_OK) {
        clear_planes(made, &out); /* what it leaves out is the same everywhere */
        const char *why = plugin->code->process(&in, plugin->params, plugin->param_count, &out);
        if (why) {
            rc = ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "plug-in %.60s: %.200s",
                              plugin->code->name ? plugin->code->name : "", why);
        }
    }
    if (rc == ARTDAG_OK) {
        av_frame_unref(frame);
        av_frame_move_ref(frame, made);
    }
    av_frame_free(&made);
    return rc;
}
