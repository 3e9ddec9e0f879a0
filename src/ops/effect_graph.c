/* SPDX-License-Identifier: MIT
 *
 * EFFECT: a definition with values filled in, and filters out of it.
 */
#include <string.h>

#include "ops/effect.h"

#define REFS_MAX 64

/* ---- What an effect may use ---- */

/* Filters that give one frame for one frame, at the same time. Those with a memory look back: by an option, or for ever. Options and their values are the graph's own allow-list's business. */
static const struct {
    enum ad_medium medium;
    const char *name;
    const char *frames; /* the option that says how many it looks at, its own included */
    int64_t memory;
} usable[] = {
    {AD_VIDEO, "blend", NULL, 0},       {AD_VIDEO, "boxblur", NULL, 0},
    {AD_VIDEO, "chromashift", NULL, 0}, {AD_VIDEO, "colorchannelmixer", NULL, 0},
    {AD_VIDEO, "crop", NULL, 0},        {AD_VIDEO, "dilation", NULL, 0},
    {AD_VIDEO, "edgedetect", NULL, 0},  {AD_VIDEO, "erosion", NULL, 0},
    {AD_VIDEO, "geq", NULL, 0},         {AD_VIDEO, "hflip", NULL, 0},
    {AD_VIDEO, "hue", NULL, 0},         {AD_VIDEO, "lagfun", NULL, INT64_MAX},
    {AD_VIDEO, "lutrgb", NULL, 0},      {AD_VIDEO, "lutyuv", NULL, 0},
    {AD_VIDEO, "negate", NULL, 0},      {AD_VIDEO, "null", NULL, 0},
    {AD_VIDEO, "overlay", NULL, 0},     {AD_VIDEO, "pixelize", NULL, 0},
    {AD_VIDEO, "rgbashift", NULL, 0},   {AD_VIDEO, "scale", NULL, 0},
    {AD_VIDEO, "split", NULL, 0},       {AD_VIDEO, "swapuv", NULL, 0},
    {AD_VIDEO, "tmix", "frames", 0},    {AD_VIDEO, "transpose", NULL, 0},
    {AD_VIDEO, "unsharp", NULL, 0},     {AD_VIDEO, "vflip", NULL, 0},
    {AD_AUDIO, "anull", NULL, 0},       {AD_AUDIO, "asplit", NULL, 0},
    {AD_AUDIO, "pan", NULL, 0},
};
#define USABLE (sizeof(usable) / sizeof(usable[0]))

static size_t find_usable(enum ad_medium medium, struct ad_str name)
{
    size_t i = 0;
    while (i < USABLE && (usable[i].medium != medium || !ad_str_is(name, usable[i].name)))
        i++;
    return i;
}

bool ad_effect_may_use(enum ad_medium medium, struct ad_str filter)
{
    size_t i = find_usable(medium, filter);
    return i < USABLE && ad_filter_allowed(medium, usable[i].name);
}

int64_t ad_effect_memory(const struct ad_value *filters)
{
    int64_t sum = 0;
    for (size_t i = 0; i < filters->list.len; i++) {
        const struct ad_value *filter = filters->list.items[i];
        const struct ad_value *name = ad_value_get(filter, "filter");
        size_t u = name && name->kind == AD_VALUE_STRING ? find_usable(AD_VIDEO, name->string)
                                                         : USABLE;
        if (u == USABLE)
            continue;
        int64_t memory = usable[u].memory;
        if (usable[u].frames) {
            const struct ad_value *v =
                ad_value_get(ad_value_get(filter, "options"), usable[u].frames);
            int64_t n = 3;
            bool said = v && ((v->kind == AD_VALUE_INT && (n = v->integer, true)) ||
                              (v->kind == AD_VALUE_STRING && ad_str_to_i64(v->string, &n)));
            if (v && !said)
                return INT64_MAX; /* a parameter: it could be any number */
            memory = n - 1;
        }
        if (memory == INT64_MAX)
            return memory;
        sum += memory;
    }
    return sum;
}

/* ---- Filling in ---- */

struct filling {
    const struct ad_op_call *call;
    const struct ad_effect *effect;
    const struct ad_value *params;
    struct ad_buf text;
};

static void put_number(struct filling *f, const struct ad_value *v, bool inside)
{
    char digits[32] = "";
    if (v->kind == AD_VALUE_DOUBLE)
        (void)ad_double_format(v->number, digits);
    bool negative = v->kind == AD_VALUE_INT ? v->integer < 0 : digits[0] == '-';
    if (inside && negative)
        (void)ad_buf_str(&f->text, "(");
    if (v->kind == AD_VALUE_INT)
        (void)ad_buf_printf(&f->text, "%lld", (long long)v->integer);
    else
        (void)ad_buf_str(&f->text, digits);
    if (inside && negative)
        (void)ad_buf_str(&f->text, ")");
}

static void put_param(struct filling *f, struct ad_str name, bool inside)
{
    const struct ad_edge *edge = &f->call->inputs[0].edge;
    const struct ad_format *format = f->call->format;
    const struct ad_member *m = ad_value_member(f->params, name);
    if (!m && ad_str_is(name, "width"))
        (void)ad_buf_printf(&f->text, "%lld", (long long)edge->width);
    else if (!m && ad_str_is(name, "height"))
        (void)ad_buf_printf(&f->text, "%lld", (long long)edge->height);
    else if (!m)
        (void)ad_buf_printf(&f->text, "%lld/%lld", (long long)format->fps_num,
                            (long long)format->fps_den);
    else if (m->value->kind == AD_VALUE_BOOL)
        (void)ad_buf_str(&f->text, m->value->boolean ? "1" : "0");
    else if (m->value->kind != AD_VALUE_STRING)
        put_number(f, m->value, inside);
    else if (m->value->string.len && m->value->string.ptr[0] == '#')
        (void)ad_buf_printf(&f->text, "0x%.*s", (int)m->value->string.len - 1,
                            m->value->string.ptr + 1);
    else
        (void)ad_buf_view(&f->text, m->value->string);
}

static bool in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_';
}

/* The option's text, with values in place of $name and ${name}. */
static const struct ad_value *fill_option(struct filling *f, const struct ad_value *v)
{
    ad_buf_clear(&f->text);
    if (v->kind == AD_VALUE_BOOL)
        (void)ad_buf_str(&f->text, v->boolean ? "1" : "0");
    else if (v->kind != AD_VALUE_STRING)
        put_number(f, v, false);
    for (size_t at = 0; v->kind == AD_VALUE_STRING && at < v->string.len;) {
        const char *p = v->string.ptr;
        if (p[at] != '$') {
            (void)ad_buf_view(&f->text, ad_str_slice(v->string, at, at + 1));
            at++;
            continue;
        }
        bool braces = at + 1 < v->string.len && p[at + 1] == '{';
        size_t from = at + (braces ? 2 : 1);
        size_t to = from;
        while (to < v->string.len && in_name(p[to]))
            to++;
        size_t end = to + (braces ? 1 : 0);
        put_param(f, ad_str_slice(v->string, from, to), at > 0 || end < v->string.len);
        at = end;
    }
    return ad_value_new_str(f->call->arena, ad_buf_as_str(&f->text));
}

/* "input2" is [-3, 0], "glow.1" is [place of glow, 1]. */
static const struct ad_value *fill_ref(struct filling *f, const struct ad_value *filters,
                                       size_t before, struct ad_str ref)
{
    struct ad_arena *arena = f->call->arena;
    const char *dot = memchr(ref.ptr, '.', ref.len);
    struct ad_str name = {ref.ptr, dot ? (size_t)(dot - ref.ptr) : ref.len};
    int64_t pad = 0;
    int64_t from = 0;
    if (dot)
        (void)!ad_str_to_i64(ad_str_slice(ref, name.len + 1, ref.len), &pad);
    size_t i = before;
    while (i-- > 0) {
        const struct ad_value *as = ad_value_get(filters->list.items[i], "as");
        if (as && as->kind == AD_VALUE_STRING && ad_str_equal(as->string, name))
            break;
    }
    if (i == SIZE_MAX) {
        (void)!ad_str_to_i64(ad_str_slice(name, 5, name.len), &from);
        from = -1 - from;
    } else {
        from = (int64_t)i;
    }
    struct ad_list_builder pair;
    ad_list_begin(&pair, arena);
    ad_list_add(&pair, ad_value_new_int(arena, from));
    ad_list_add(&pair, ad_value_new_int(arena, pad));
    return ad_list_end(&pair);
}

static const struct ad_value *fill_inputs(struct filling *f, const struct ad_value *filters,
                                          size_t i)
{
    struct ad_arena *arena = f->call->arena;
    const struct ad_value *in = ad_value_get(filters->list.items[i], "in");
    struct ad_list_builder list;
    ad_list_begin(&list, arena);
    for (size_t k = 0; in && k < in->list.len; k++)
        ad_list_add(&list, fill_ref(f, filters, i, in->list.items[k]->string));
    if (!in) { /* the filter above, or the input */
        struct ad_list_builder pair;
        ad_list_begin(&pair, arena);
        ad_list_add(&pair, ad_value_new_int(arena, (int64_t)i - 1));
        ad_list_add(&pair, ad_value_new_int(arena, 0));
        ad_list_add(&list, ad_list_end(&pair));
    }
    return ad_list_end(&list);
}

static const struct ad_value *fill_filters(struct filling *f, const struct ad_value *filters)
{
    struct ad_arena *arena = f->call->arena;
    struct ad_list_builder list;
    ad_list_begin(&list, arena);
    for (size_t i = 0; i < filters->list.len; i++) {
        const struct ad_value *options = ad_value_get(filters->list.items[i], "options");
        struct ad_conf_set set[AD_FIELDS_MAX];
        size_t count = 0;
        for (size_t k = 0; options && k < options->map.len && count < AD_FIELDS_MAX; k++) {
            const char *key = ad_arena_strdup(arena, options->map.items[k].key);
            set[count++] = (struct ad_conf_set){key ? key : "",
                                                fill_option(f, options->map.items[k].value)};
        }
        struct ad_conf_set filter[] = {
            {"filter", ad_value_get(filters->list.items[i], "filter")},
            {"in", fill_inputs(f, filters, i)},
            {"options", ad_conf_new(arena, NULL, set, count)},
        };
        ad_list_add(&list, ad_conf_new(arena, NULL, filter, 3));
    }
    return ad_list_end(&list);
}

const struct ad_value *ad_effect_graph(const struct ad_op_call *call,
                                       const struct ad_effect *effect,
                                       const struct ad_value *params)
{
    struct filling f = {call, effect, params, AD_BUF_INIT(1 << 16)};
    struct ad_arena *arena = call->arena;
    struct ad_conf_set set[8];
    size_t count = 0;
    set[count++] = (struct ad_conf_set){"after", ad_value_new_int(arena, effect->after)};
    set[count++] = (struct ad_conf_set){"before", ad_value_new_int(arena, effect->before)};
    set[count++] = (struct ad_conf_set){"inputs", ad_value_new_int(arena, effect->inputs)};
    set[count++] = (struct ad_conf_set){"rgb", ad_value_new_bool(arena, effect->rgb)};
    set[count++] = (struct ad_conf_set){"whole", ad_value_new_bool(arena, effect->whole)};
    if (effect->video)
        set[count++] = (struct ad_conf_set){"video", fill_filters(&f, effect->video)};
    if (effect->audio)
        set[count++] = (struct ad_conf_set){"audio", fill_filters(&f, effect->audio)};
    const struct ad_value *graph =
        ad_buf_status(&f.text) ? NULL : ad_conf_new(arena, NULL, set, count);
    ad_buf_fini(&f.text);
    return graph;
}

/* ---- Filters ---- */

static enum artdag_err no_graph(artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_FORMAT, "ops", "an effect's graph is broken");
}

static enum artdag_err read_numbers(const struct ad_value *graph, struct ad_effect *e,
                                    artdag_error *err)
{
    enum artdag_err rc = ad_value_i64(graph, "inputs", &e->inputs, err);
    if (!rc)
        rc = ad_value_i64(graph, "before", &e->before, err);
    if (!rc)
        rc = ad_value_i64(graph, "after", &e->after, err);
    if (!rc)
        rc = ad_value_bool(graph, "rgb", &e->rgb, err);
    return rc ? rc : ad_value_bool(graph, "whole", &e->whole, err);
}

static bool is_within(int64_t n, int64_t min, int64_t max)
{
    return n >= min && n <= max;
}

static bool is_list(const struct ad_value *filters)
{
    return !filters || filters->kind == AD_VALUE_LIST;
}

enum artdag_err ad_effect_graph_head(const struct ad_value *graph, struct ad_effect *ret,
                                     artdag_error *err)
{
    struct ad_effect e = {0};
    if (!graph || graph->kind != AD_VALUE_MAP)
        return no_graph(err);
    e.video = ad_value_get(graph, "video");
    e.audio = ad_value_get(graph, "audio");
    size_t lists = (e.video ? 1 : 0) + (e.audio ? 1 : 0);
    enum artdag_err rc = read_numbers(graph, &e, err);
    if (rc)
        return rc;
    if (graph->map.len != 5 + lists || !is_within(e.inputs, 1, AD_EFFECT_INPUTS_MAX) ||
        !is_within(e.before, 0, 1000) || !is_within(e.after, 0, 1000) || !is_list(e.video) ||
        !is_list(e.audio))
        return no_graph(err);
    if (e.video && !e.whole && ad_effect_memory(e.video) > e.before)
        return no_graph(err);
    *ret = e;
    return ARTDAG_OK;
}

static bool int_at(const struct ad_value *list, size_t i, int64_t *ret)
{
    if (list->kind != AD_VALUE_LIST || list->list.len != 2 ||
        list->list.items[i]->kind != AD_VALUE_INT)
        return false;
    *ret = list->list.items[i]->integer;
    return true;
}

struct building {
    struct ad_graph *graph;
    const struct ad_pad *inputs;
    size_t input_count;
    struct ad_pad made[AD_EFFECT_FILTERS_MAX];
};

static bool find_pads(const struct building *b, const struct ad_value *in, size_t before,
                      struct ad_pad *ret, size_t *ret_count)
{
    if (!in || in->kind != AD_VALUE_LIST || in->list.len > REFS_MAX)
        return false;
    for (size_t i = 0; i < in->list.len; i++) {
        int64_t from = 0;
        int64_t pad = 0;
        if (!int_at(in->list.items[i], 0, &from) || !int_at(in->list.items[i], 1, &pad) ||
            pad < 0 || pad > 64 || from >= (int64_t)before ||
            -1 - from >= (int64_t)b->input_count)
            return false;
        ret[i] = from < 0 ? b->inputs[-1 - from] : ad_pad_nth(b->made[from], (uint32_t)pad);
    }
    *ret_count = in->list.len;
    return true;
}

static bool set_options(const struct building *b, struct ad_pad pad,
                        const struct ad_value *options)
{
    if (!options || options->kind != AD_VALUE_MAP)
        return false;
    for (size_t i = 0; i < options->map.len; i++) {
        const struct ad_member *m = &options->map.items[i];
        if (m->value->kind != AD_VALUE_STRING ||
            memchr(m->value->string.ptr, 0, m->value->string.len))
            return false;
        const char *key = ad_arena_strdup(b->graph->arena, m->key);
        const char *value = ad_arena_strdup(b->graph->arena, m->value->string);
        if (key && value)
            ad_graph_set(b->graph, pad, key, value);
        else
            b->graph->failed = true;
    }
    return true;
}

enum artdag_err ad_effect_build(struct ad_graph *graph, const struct ad_value *filters,
                                const struct ad_pad *inputs, size_t count, struct ad_pad *ret,
                                artdag_error *err)
{
    struct building b = {.graph = graph, .inputs = inputs, .input_count = count};
    if (filters->kind != AD_VALUE_LIST || !filters->list.len ||
        filters->list.len > AD_EFFECT_FILTERS_MAX)
        return no_graph(err);
    for (size_t i = 0; i < filters->list.len; i++) {
        const struct ad_value *filter = filters->list.items[i];
        const struct ad_value *name =
            filter->kind == AD_VALUE_MAP ? ad_value_get(filter, "filter") : NULL;
        struct ad_pad in[REFS_MAX];
        size_t used = 0;
        if (!name || name->kind != AD_VALUE_STRING ||
            !ad_effect_may_use(graph->medium, name->string) ||
            !find_pads(&b, ad_value_get(filter, "in"), i, in, &used))
            return no_graph(err);
        b.made[i] = ad_graph_filter(
            graph, usable[find_usable(graph->medium, name->string)].name, in, used);
        if (!set_options(&b, b.made[i], ad_value_get(filter, "options")))
            return no_graph(err);
    }
    *ret = b.made[filters->list.len - 1];
    return ARTDAG_OK;
}
