/* SPDX-License-Identifier: MIT
 *
 * LAYER: pictures on top of each other, each at its place, size and time.
 */
#include <stdlib.h>

#include "ops/compose.h"

#define LAYERS_MAX 1000
#define PLACE_MAX 100000

/* clang-format off */
static const char *const points[] = {"top-left", "top", "top-right", "left", "center", "right",
                                     "bottom-left", "bottom", "bottom-right", NULL};
/* clang-format on */

static const struct ad_field coordinate = {.name = "coordinate",
                                           .type = AD_FIELD_NUMBER,
                                           .min = -PLACE_MAX,
                                           .max = PLACE_MAX,
                                           .animated = true,
                                           .unit = "pixels",
                                           .doc = "To the right, or down."};
static const struct ad_field extent = {.name = "extent",
                                       .type = AD_FIELD_NUMBER,
                                       .min = 1,
                                       .max = 16384,
                                       .animated = true,
                                       .unit = "pixels",
                                       .doc = "Width, or height."};
static const struct ad_field box_side = {
    .name = "side", .type = AD_FIELD_INT, .min = 2, .max = 65536, .unit = "pixels, even"};

#define SIDE(which)                                                                            \
    {                                                                                          \
        .name = (which), .type = AD_FIELD_NUMBER, .fallback = "0", .max = 16384,               \
        .animated = true, .unit = "pixels", .doc = "Cut off on this side."                     \
    }
static const struct ad_field crop[] = {
    SIDE("left"), SIDE("top"), SIDE("right"), SIDE("bottom"), {NULL}};

static const struct ad_field layer_fields[] = {
    {.name = "position",
     .type = AD_FIELD_LIST,
     .fallback = "[0,0]",
     .item = &coordinate,
     .min = 2,
     .max = 2,
     .doc = "[x, y]: where the anchor of this picture lies, counted from the origin. Pictures "
            "lie on whole pixels."},
    {.name = "anchor",
     .type = AD_FIELD_ENUM,
     .fallback = "\"top-left\"",
     .values = points,
     .doc = "The point of this picture that position places, as it is before it is turned."},
    {.name = "origin",
     .type = AD_FIELD_ENUM,
     .fallback = "\"top-left\"",
     .values = points,
     .doc = "The point of the result that position counts from."},
    {.name = "scale",
     .type = AD_FIELD_NUMBER,
     .fallback = "1",
     .min = 0.001,
     .max = 100,
     .animated = true,
     .doc = "The picture's size as a factor. It is never smaller than a pixel."},
    {.name = "size",
     .type = AD_FIELD_LIST,
     .item = &extent,
     .min = 2,
     .max = 2,
     .doc = "[width, height]: the picture's size before scale, whatever its proportions. Its "
            "own size without it."},
    {.name = "opacity",
     .type = AD_FIELD_NUMBER,
     .fallback = "1",
     .max = 1,
     .animated = true,
     .doc = "0 is invisible, 1 covers what is below."},
    {.name = "crop",
     .type = AD_FIELD_MAP,
     .fallback = "{}",
     .fields = crop,
     .doc = "What is cut off the picture as it comes in. The rest stays where it is."},
    {.name = "rotation",
     .type = AD_FIELD_NUMBER,
     .fallback = "0",
     .min = -36000,
     .max = 36000,
     .animated = true,
     .unit = "degrees",
     .doc = "Turns the picture clockwise about its middle."},
    {.name = "start",
     .type = AD_FIELD_TIME,
     .fallback = "0",
     .doc = "When this input begins, on the result's timeline."},
    {.name = "end",
     .type = AD_FIELD_TIME,
     .doc = "When it disappears, on the result's timeline, if it has not ended before."},
    {.name = "box", .type = AD_FIELD_LIST, .item = &box_side, .max = 2, .internal = true},
    {NULL},
};
static const struct ad_field layer_field = {.name = "layer",
                                            .type = AD_FIELD_MAP,
                                            .fields = layer_fields,
                                            .doc = "One input, in the order of the inputs."};

static const struct ad_field fields[] = {
    {.name = "inputs",
     .type = AD_FIELD_LIST,
     .fallback = "[]",
     .item = &layer_field,
     .max = LAYERS_MAX,
     .doc = "One map for each input, in their order; the first input is the lowest. Inputs "
            "behind the end of the list lie at the upper left as they come."},
    {.name = "width",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = 16384,
     .unit = "pixels, even",
     .doc = "Of the result; the first input's without it."},
    {.name = "height",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = 16384,
     .unit = "pixels, even",
     .doc = "Of the result; the first input's without it."},
    {.name = "duration",
     .type = AD_FIELD_TIME,
     .doc = "Length of the result. Without it, the latest end of an input; still pictures do "
            "not count unless all are."},
    {.name = "background",
     .type = AD_FIELD_COLOR,
     .fallback = "\"black\"",
     .doc = "Colour where nothing lies."},
    {NULL},
};

static const struct ad_slot slots[] = {
    {NULL, 1, LAYERS_MAX, "pictures, the lowest first", false}, {.max = 0}};

/* ---- Layout ---- */

/* Input i is seen on frames [start, end) of the result; start == end: nowhere. */
struct item {
    const struct ad_value *config;
    int64_t start, end;
    bool still; /* one frame, which stands */
};

struct layout {
    struct item *items;
    int64_t width, height, frames;
    bool audio;
};

static const struct ad_value *item_config(const struct ad_op_call *call, size_t i)
{
    const struct ad_value *list = ad_value_get(call->config, "inputs");
    const struct ad_value *config = NULL;
    if (list && i < list->list.len)
        return list->list.items[i];
    return ad_config_normalise(call->arena, layer_fields, NULL, call->format, NULL, &config,
                               NULL) == ARTDAG_OK
               ? config
               : NULL;
}

static enum artdag_err choose_size(const struct ad_op_call *call, struct layout *l,
                                   artdag_error *err)
{
    int64_t w = ad_conf_int(call->config, "width", 0);
    int64_t h = ad_conf_int(call->config, "height", 0);
    if (!w != !h)
        return ad_conf_bad(call->config, w ? "width" : "height", err,
                           "width and height come together");
    if (w % 2 || h % 2)
        return ad_conf_bad(call->config, w % 2 ? "width" : "height", err,
                           "sizes must be even: %lld is not", (long long)(w % 2 ? w : h));
    l->width = w ? w : call->inputs[0].edge.width;
    l->height = h ? h : call->inputs[0].edge.height;
    return ARTDAG_OK;
}

/* Where each input begins and, unless it is still, ends. */
static enum artdag_err place_items(const struct ad_op_call *call, struct layout *l,
                                   artdag_error *err)
{
    for (size_t i = 0; i < call->input_count; i++) {
        const struct ad_edge *e = &call->inputs[i].edge;
        struct item *item = &l->items[i];
        item->config = item_config(call, i);
        if (!item->config)
            return ad_error_nomem(err, "ops");
        if (!e->video)
            return ad_error_set(err, ARTDAG_E_INVAL, "ops", "input %zu of LAYER has no picture",
                                i);
        item->still = e->frames == 1;
        item->start = ad_conf_int(item->config, "start", 0);
        item->end = ad_conf_int(item->config, "end", INT64_MAX);
        if (item->end <= item->start && ad_conf_int(item->config, "end", 0) != item->start)
            return ad_conf_bad(item->config, "end", err, "end must come after start");
        if (!item->still && item->end > item->start + e->frames)
            item->end = item->start + e->frames;
        l->audio = l->audio || e->audio;
    }
    return ARTDAG_OK;
}

/* The latest end; of still pictures only when all are, and then one without an end lasts a frame. */
static int64_t latest_end(const struct layout *l, size_t count)
{
    bool stills = true;
    int64_t latest = 1;
    for (size_t i = 0; i < count; i++)
        stills = stills && l->items[i].still;
    for (size_t i = 0; i < count; i++) {
        const struct item *item = &l->items[i];
        int64_t end = item->end == INT64_MAX ? item->start + 1 : item->end;
        if ((stills || !item->still) && end > latest)
            latest = end;
    }
    return latest;
}

static enum artdag_err measure(const struct ad_op_call *call, struct layout *l,
                               artdag_error *err)
{
    l->frames = ad_conf_int(call->config, "duration", -1);
    if (l->frames == 0)
        return ad_conf_bad(call->config, "duration", err, "duration is shorter than a frame");
    if (l->frames < 0)
        l->frames = latest_end(l, call->input_count);
    if (l->frames > AD_FRAMES_MAX)
        return ad_error_set(err, ARTDAG_E_INVAL, "ops", "the result is longer than %lld frames",
                            (long long)AD_FRAMES_MAX);
    for (size_t i = 0; i < call->input_count; i++) {
        struct item *item = &l->items[i];
        item->end = item->end > l->frames ? l->frames : item->end;
        item->start = item->start > item->end ? item->end : item->start;
    }
    return ARTDAG_OK;
}

static enum artdag_err lay_out(const struct ad_op_call *call, struct layout *ret,
                               artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_layer, call, err);
    if (!rc)
        rc = ad_compose_check("LAYER", call->format, err);
    const struct ad_value *list = ad_value_get(call->config, "inputs");
    if (!rc && list && list->list.len > call->input_count)
        rc =
            ad_conf_bad(call->config, "inputs", err, "%zu layers are described, for %zu inputs",
                        list->list.len, call->input_count);
    struct layout l = {0};
    if (!rc) {
        l.items = ad_arena_array(call->arena, call->input_count, sizeof(*l.items));
        rc = l.items ? place_items(call, &l, err) : ad_error_nomem(err, "ops");
    }
    if (!rc)
        rc = choose_size(call, &l, err);
    if (!rc)
        rc = measure(call, &l, err);
    if (!rc)
        *ret = l;
    return rc;
}

/* ---- The layers ---- */

static void point_of(const struct ad_value *config, const char *key, double *ret_x,
                     double *ret_y)
{
    *ret_x = *ret_y = 0;
    for (size_t i = 0; points[i]; i++) {
        if (ad_conf_is(config, key, points[i])) {
            size_t row = i / 3;
            *ret_x = (double)(i % 3) / 2;
            *ret_y = (double)row / 2;
        }
    }
}

static const struct ad_value *element(const struct ad_value *list, size_t i)
{
    return list && list->kind == AD_VALUE_LIST && i < list->list.len ? list->list.items[i]
                                                                     : NULL;
}

static struct ad_layer layer_of(const struct ad_op_call *call, const struct layout *l, size_t i)
{
    static const char *const sides[] = {"left", "top", "right", "bottom"};
    const struct item *item = &l->items[i];
    const struct ad_value *c = item->config;
    const struct ad_edge *e = &call->inputs[i].edge;
    struct ad_layer layer = ad_layer_init(e->width, e->height, item->end - item->start);
    layer.ground_width = l->width;
    layer.ground_height = l->height;
    layer.start = item->start;
    const struct ad_value *at = ad_value_get(c, "position");
    const struct ad_value *size = ad_value_get(c, "size");
    const struct ad_value *box = ad_value_get(c, "box");
    layer.x = ad_curve_of(element(at, 0), 0);
    layer.y = ad_curve_of(element(at, 1), 0);
    layer.width = ad_curve_of(element(size, 0), 0);
    layer.height = ad_curve_of(element(size, 1), 0);
    layer.scale = ad_conf_curve(c, "scale", 1);
    layer.opacity = ad_conf_curve(c, "opacity", 1);
    layer.rotation = ad_conf_curve(c, "rotation", 0);
    for (size_t k = 0; k < 4; k++)
        layer.crop[k] = ad_conf_curve(ad_value_get(c, "crop"), sides[k], 0);
    point_of(c, "anchor", &layer.anchor_x, &layer.anchor_y);
    point_of(c, "origin", &layer.origin_x, &layer.origin_y);
    if (box && box->list.len == 2) {
        layer.box_width = box->list.items[0]->integer;
        layer.box_height = box->list.items[1]->integer;
    }
    return layer;
}

/* ---- Finishing ---- */

static const struct ad_value *box_value(struct ad_arena *arena, int64_t width, int64_t height)
{
    struct ad_list_builder b;
    ad_list_begin(&b, arena);
    ad_list_add(&b, ad_value_new_int(arena, width));
    ad_list_add(&b, ad_value_new_int(arena, height));
    return ad_list_end(&b);
}

/* What is asked for becomes what is done: times of being seen, and the box of what goes the fine way. */
static enum artdag_err finish_item(const struct ad_op_call *call, const struct layout *l,
                                   size_t i, const struct ad_value **ret, artdag_error *err)
{
    struct layout cut = *l;
    struct item item = l->items[i];
    struct ad_arena *arena = call->arena;
    item.config =
        ad_conf_slice(arena, layer_fields, item.config, (struct ad_span){0, l->frames});
    if (!item.config)
        return ad_error_nomem(err, "ops");
    cut.items = &item - i;
    struct ad_layer layer = layer_of(call, &cut, i);
    struct ad_conf_set with[3] = {
        {"start", ad_value_new_int(arena, item.start)},
        {"end", ad_value_new_int(arena, item.end)},
    };
    size_t count = 2;
    if (!layer.box_width && ad_layer_is_fine(&layer, call->format->pixel_format)) {
        int64_t w = 0;
        int64_t h = 0;
        ad_layer_box(&layer, &w, &h);
        if (w > 16384 || h > 16384) {
            enum artdag_err rc =
                ad_conf_bad(item.config, "scale", err, "layer %zu becomes %lldx%lld pixels", i,
                            (long long)w, (long long)h);
            ad_error_hint(err, "at most 16384 in each direction, its corners when it turns");
            return rc;
        }
        with[count++] = (struct ad_conf_set){"box", box_value(arena, w, h)};
    }
    *ret = ad_conf_edit(arena, item.config, NULL, with, count);
    return *ret ? ARTDAG_OK : ad_error_nomem(err, "ops");
}

static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    struct layout l = {0};
    struct ad_list_builder list;
    enum artdag_err rc = lay_out(call, &l, err);
    if (rc)
        return rc;
    ad_list_begin(&list, call->arena);
    for (size_t i = 0; !rc && i < call->input_count; i++) {
        const struct ad_value *item = NULL;
        rc = finish_item(call, &l, i, &item, err);
        ad_list_add(&list, item);
    }
    struct ad_value *items = ad_list_end(&list);
    if (rc)
        return rc;
    struct ad_conf_set with[] = {
        {"inputs", items},
        {"width", ad_value_new_int(call->arena, l.width)},
        {"height", ad_value_new_int(call->arena, l.height)},
        {"duration", ad_value_new_int(call->arena, l.frames)},
    };
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, NULL, with, 4);
    if (!items || !config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    struct layout l = {0};
    enum artdag_err rc = lay_out(call, &l, err);
    if (rc)
        return rc;
    *ret = (struct ad_edge){.frames = l.frames,
                            .width = l.width,
                            .height = l.height,
                            .video = true,
                            .audio = l.audio};
    return ARTDAG_OK;
}

/* ---- Ranges ---- */

static struct ad_span seen(const struct item *item, struct ad_span out)
{
    struct ad_span s = ad_span_clip(out, item->start, item->end);
    if (s.from == s.to)
        return (struct ad_span){0, 0};
    return item->still ? (struct ad_span){0, 1}
                       : (struct ad_span){s.from - item->start, s.to - item->start};
}

static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    struct layout l = {0};
    if (lay_out(call, &l, NULL) == ARTDAG_OK)
        *ret = seen(&l.items[i], out);
    else
        *ret = (struct ad_span){0, call->inputs[i].edge.frames};
}

/* One layer as it is in frames `out`. */
static const struct ad_value *slice_item(struct ad_arena *arena, const struct item *item,
                                         struct ad_span out, bool hidden)
{
    struct ad_span s = ad_span_clip(out, item->start, item->end);
    const struct ad_value *config = ad_conf_slice(arena, layer_fields, item->config, out);
    struct ad_conf_set with[3] = {
        {"start", ad_value_new_int(arena, hidden ? 0 : s.from - out.from)},
        {"end", ad_value_new_int(arena, hidden ? 1 : s.to - out.from)},
        {"opacity", ad_value_new_double(arena, 0)},
    };
    return config ? ad_conf_edit(arena, config, NULL, with, hidden ? 3 : 2) : NULL;
}

/* Layers that are not seen are left out, but one, without which there would be no input. */
static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    struct layout l = {0};
    enum artdag_err rc = lay_out(call, &l, err);
    if (rc)
        return rc;
    struct ad_arena *arena = call->arena;
    uint32_t *inputs = ad_arena_array(arena, call->input_count, sizeof(*inputs));
    struct ad_span *spans = ad_arena_array(arena, call->input_count, sizeof(*spans));
    struct ad_list_builder list;
    size_t count = 0;
    if (!inputs || !spans)
        return ad_error_nomem(err, "ops");
    ad_list_begin(&list, arena);
    for (size_t i = 0; i < call->input_count; i++) {
        struct ad_span span = seen(&l.items[i], out);
        bool hidden = span.from == span.to;
        if (hidden && (count || i + 1 < call->input_count))
            continue;
        inputs[count] = (uint32_t)i;
        spans[count++] = hidden ? (struct ad_span){0, 1} : span;
        ad_list_add(&list, slice_item(arena, &l.items[i], out, hidden));
    }
    struct ad_conf_set with[] = {
        {"inputs", ad_list_end(&list)},
        {"duration", ad_value_new_int(arena, out.to - out.from)},
    };
    const struct ad_value *config = ad_conf_edit(arena, call->config, NULL, with, 2);
    if (!with[0].value || !config)
        return ad_error_nomem(err, "ops");
    *ret =
        (struct ad_slice){.config = config, .inputs = inputs, .spans = spans, .count = count};
    return ARTDAG_OK;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The pieces: each layer, where no lower one is, from its beginning on. */
static size_t find_pieces(const struct ad_op_call *call, const struct layout *l,
                          struct ad_piece *pieces)
{
    size_t count = 0;
    int64_t at = 0;
    for (;;) {
        size_t next = call->input_count;
        for (size_t i = 0; i < call->input_count; i++) {
            const struct item *item = &l->items[i];
            int64_t from = item->start > at ? item->start : at;
            bool later = next < call->input_count &&
                         (l->items[next].start > at ? l->items[next].start : at) <= from;
            if (!item->still && from < item->end && !later)
                next = i;
        }
        if (next == call->input_count)
            return count;
        const struct item *item = &l->items[next];
        int64_t from = item->start > at ? item->start : at;
        pieces[count++] = (struct ad_piece){.input = (uint32_t)next,
                                            .in = {from - item->start, item->end - item->start},
                                            .at = from};
        at = item->end;
    }
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    struct layout l = {0};
    *ret = (struct ad_joints){0};
    int64_t *borders = ad_arena_array(call->arena, 2 * call->input_count, sizeof(*borders));
    struct ad_piece *pieces = ad_arena_array(call->arena, call->input_count, sizeof(*pieces));
    if (!borders || !pieces || lay_out(call, &l, NULL) != ARTDAG_OK)
        return false;
    size_t all = 0;
    for (size_t i = 0; i < call->input_count; i++) {
        if (l.items[i].start == l.items[i].end)
            continue;
        borders[all++] = l.items[i].start;
        borders[all++] = l.items[i].end;
    }
    qsort(borders, all, sizeof(*borders), by_value);
    size_t count = 0;
    for (size_t i = 0; i < all; i++) {
        if (borders[i] > 0 && borders[i] < l.frames &&
            (!count || borders[count - 1] < borders[i]))
            borders[count++] = borders[i];
    }
    *ret = (struct ad_joints){.borders = borders,
                              .border_count = count,
                              .pieces = pieces,
                              .piece_count = find_pieces(call, &l, pieces)};
    return true;
}

/* ---- Building ---- */

static bool covers(const struct ad_layer *layer, const char *pixel_format)
{
    return !ad_pixel_alpha(pixel_format) && !layer->box_width && layer->start == 0 &&
           ad_curve_is(&layer->x, 0) && ad_curve_is(&layer->y, 0) && layer->anchor_x == 0 &&
           layer->anchor_y == 0 && layer->origin_x == 0 && layer->origin_y == 0 &&
           ad_curve_is(&layer->scale, 1) && ad_curve_is(&layer->opacity, 1) &&
           layer->in_width == layer->ground_width && layer->in_height == layer->ground_height;
}

static void build_video(const struct ad_op_call *call, const struct layout *l,
                        struct ad_fragment *fragment)
{
    struct ad_graph *graph = fragment->video;
    const struct ad_format *format = call->format;
    struct ad_pad ground = {0};
    for (size_t i = 0; i < call->input_count; i++) {
        const struct item *item = &l->items[i];
        struct ad_layer layer = layer_of(call, l, i);
        struct ad_pad in = fragment->video_in[i];
        if (item->start == item->end || ad_curve_is(&layer.opacity, 0))
            continue;
        if (item->still)
            in = ad_video_hold(graph, in, layer.frames);
        else if (layer.frames < call->inputs[i].edge.frames)
            in = ad_video_cut(graph, in, 0, layer.frames);
        if (!ground.set && item->end == l->frames && covers(&layer, format->pixel_format)) {
            ground = in;
            continue;
        }
        if (!ground.set)
            ground = ad_video_blank(
                graph, format, l->width, l->height, l->frames,
                ad_conf_text(call->arena, call->config, "background", "#000000"));
        ground = ad_layer_over(graph, format, ground, in, &layer);
    }
    if (!ground.set)
        ground =
            ad_video_blank(graph, format, l->width, l->height, l->frames,
                           ad_conf_text(call->arena, call->config, "background", "#000000"));
    fragment->video_out = ground;
}

/* The sound of the first input that has one, where its picture is. */
static void build_audio(const struct ad_op_call *call, const struct layout *l,
                        struct ad_fragment *fragment)
{
    struct ad_graph *graph = fragment->audio;
    const struct ad_format *format = call->format;
    int64_t all = ad_samples_for(format, l->frames);
    size_t i = 0;
    while (!call->inputs[i].edge.audio)
        i++;
    int64_t from = ad_samples_at(format, l->items[i].start);
    int64_t to = l->items[i].end == l->frames ? all : ad_samples_at(format, l->items[i].end);
    struct ad_pad parts[3];
    size_t count = 0;
    if (from >= to) {
        fragment->audio_out = ad_audio_silence(graph, format, all);
        return;
    }
    if (from > 0)
        parts[count++] = ad_audio_silence(graph, format, from);
    parts[count++] = ad_audio_hold(graph, fragment->audio_in[i], to - from);
    if (to < all)
        parts[count++] = ad_audio_silence(graph, format, all - to);
    fragment->audio_out = ad_audio_join(graph, parts, count, format);
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct layout l = {0};
    enum artdag_err rc = lay_out(call, &l, err);
    if (rc)
        return rc;
    if (fragment->video)
        build_video(call, &l, fragment);
    if (fragment->audio)
        build_audio(call, &l, fragment);
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: bars, type: GENERATE, config: {kind: testsrc, duration: 1}}\n"
    "    - {id: sky, type: GENERATE, config: {kind: gradient, duration: 1,\n"
    "       color: navy, color_end: orange}}\n"
    "    - id: out\n"
    "      type: LAYER\n"
    "      inputs: [sky, bars]\n"
    "      config:\n"
    "        inputs:\n"
    "          - {}\n"
    "          - anchor: center\n"
    "            position: [{keyframes: [{at: 0, value: 80},\n"
    "              {at: 1, value: 240}]}, 90]\n"
    "            scale: 0.4\n"
    "            rotation: {keyframes: [{at: 0, value: -20},\n"
    "              {at: 1, value: 20}]}\n"
    "            opacity: {keyframes: [{at: 0, value: 0.3},\n"
    "              {at: 1, value: 1}]}\n"
    "  output: out\n";

const struct ad_op ad_op_layer = {
    .node_type = "LAYER",
    .summary = "pictures on top of each other",
    .doc =
        "Lays its inputs over each other, the first one lowest. Each has a place, a size, an "
        "opacity, what is cut off it, an angle and a time, and all but the time may change "
        "with keyframes, whose times count on the result's timeline. Transparency of the "
        "inputs counts; sources keep theirs when the working pixel format has it, for "
        "example format: {pixel_format: yuva420p}.\n"
        "\n"
        "The result is as long as `duration`, or until the last input ends. An input of one "
        "frame is a still picture: it stays until its `end`, or the result's. Where nothing "
        "lies there is the background.\n"
        "\n"
        "The sound is that of the first input that has any, at the time of its picture. Mix "
        "others with AUDIO_MIX and MUX.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .finish = finish,
    .edge = edge,
    .range = range,
    .slice = slice,
    .joints = joints,
    .build = build,
};
