/* SPDX-License-Identifier: MIT
 *
 * Building a filter graph as data. Failures are sticky in graph->failed, so ops chain calls and the caller
 * asks once.
 */
#include "graph/graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "graph/arena_vec.h"

bool ad_arena_vec_grow(struct ad_arena *arena, void **items, size_t *cap, size_t len,
                       size_t item_size)
{
    if (len < *cap)
        return true;
    size_t more = *cap ? *cap * 2 : 4;
    void *grown = ad_arena_array(arena, more, item_size);
    if (!grown)
        return false;
    if (len)
        memcpy(grown, *items, len * item_size);
    *items = grown;
    *cap = more;
    return true;
}

struct ad_graph *ad_graph_new(struct ad_arena *arena, enum ad_medium medium)
{
    struct ad_graph *graph = ad_arena_alloc(arena, sizeof(*graph));
    if (graph) {
        graph->arena = arena;
        graph->medium = medium;
    }
    return graph;
}

static struct ad_pad no_pad(struct ad_graph *graph)
{
    graph->failed = true;
    return (struct ad_pad){0};
}

struct ad_pad ad_graph_leaf(struct ad_graph *graph, const struct ad_leaf *leaf)
{
    struct ad_leaf copy = *leaf;
    copy.cid = ad_arena_strdup(graph->arena, ad_str_from(leaf->cid));
    if (!copy.cid || !ad_arena_vec_push(graph->arena, &graph->leaves, copy))
        return no_pad(graph);
    return (struct ad_pad){
        .filter = (uint32_t)(graph->leaves.len - 1), .leaf = true, .set = true};
}

struct ad_pad ad_graph_filter(struct ad_graph *graph, const char *name,
                              const struct ad_pad *inputs, size_t count)
{
    struct ad_filter filter = {.name = ad_arena_strdup(graph->arena, ad_str_from(name)),
                               .inputs = (uint32_t)count};
    if (graph->failed || !filter.name ||
        !ad_arena_vec_push(graph->arena, &graph->filters, filter))
        return no_pad(graph);
    uint32_t number = (uint32_t)(graph->filters.len - 1);
    for (size_t i = 0; i < count; i++) {
        struct ad_link link = {inputs[i], number, (uint32_t)i};
        if (!inputs[i].set || !ad_arena_vec_push(graph->arena, &graph->links, link))
            return no_pad(graph);
    }
    return (struct ad_pad){.filter = number, .set = true};
}

struct ad_pad ad_graph_chain(struct ad_graph *graph, const char *name, struct ad_pad input)
{
    return ad_graph_filter(graph, name, &input, 1);
}

/* value is already in the arena, or NULL when it did not fit. */
static void set_option(struct ad_graph *graph, struct ad_pad pad, const char *option,
                       const char *value)
{
    if (graph->failed)
        return;
    struct ad_option o = {ad_arena_strdup(graph->arena, ad_str_from(option)), value};
    if (!pad.set || pad.leaf || pad.filter >= graph->filters.len || !o.name || !o.value ||
        !ad_arena_vec_push(graph->arena, &graph->filters.items[pad.filter].options, o))
        graph->failed = true;
}

void ad_graph_set(struct ad_graph *graph, struct ad_pad pad, const char *option,
                  const char *value)
{
    set_option(graph, pad, option, ad_arena_strdup(graph->arena, ad_str_from(value)));
}

void ad_graph_set_int(struct ad_graph *graph, struct ad_pad pad, const char *option,
                      int64_t value)
{
    set_option(graph, pad, option, ad_arena_printf(graph->arena, "%lld", (long long)value));
}

void ad_graph_set_double(struct ad_graph *graph, struct ad_pad pad, const char *option,
                         double value)
{
    char text[32];
    (void)ad_double_format(value, text);
    ad_graph_set(graph, pad, option, text);
}

void ad_graph_setf(struct ad_graph *graph, struct ad_pad pad, const char *option,
                   const char *fmt, ...)
{
    char text[2048];
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof(text)) {
        graph->failed = true;
        return;
    }
    ad_graph_set(graph, pad, option, text);
}

void ad_graph_set_file(struct ad_graph *graph, struct ad_pad pad, const char *option,
                       const char *cid)
{
    size_t i = 0;
    while (i < graph->files.len && strcmp(graph->files.items[i], cid) != 0)
        i++;
    if (i == graph->files.len) {
        const char *copy = ad_arena_strdup(graph->arena, ad_str_from(cid));
        if (!copy || !ad_arena_vec_push(graph->arena, &graph->files, copy)) {
            graph->failed = true;
            return;
        }
    }
    ad_graph_set_int(graph, pad, option, (int64_t)i);
}

struct ad_pad ad_pad_nth(struct ad_pad pad, uint32_t index)
{
    pad.index = index;
    return pad;
}

/* ---- Pruning ---- */

/* New numbers of what is kept, UINT32_MAX for the rest. */
struct numbers {
    uint32_t *leaves, *filters;
};

static void mark(const struct numbers *n, struct ad_pad pad)
{
    if (pad.set)
        (pad.leaf ? n->leaves : n->filters)[pad.filter] = 0;
}

static uint32_t number(uint32_t *marks, size_t count)
{
    uint32_t next = 0;
    for (size_t i = 0; i < count; i++)
        marks[i] = marks[i] == 0 ? next++ : UINT32_MAX;
    return next;
}

static void renumber(const struct numbers *n, struct ad_pad *pad)
{
    if (pad->set)
        pad->filter = (pad->leaf ? n->leaves : n->filters)[pad->filter];
}

static void compact(struct ad_graph *graph, const struct numbers *n)
{
    size_t links = 0;
    for (size_t i = 0; i < graph->links.len; i++) {
        struct ad_link link = graph->links.items[i];
        if (n->filters[link.to_filter] == UINT32_MAX)
            continue;
        link.to_filter = n->filters[link.to_filter];
        renumber(n, &link.from);
        graph->links.items[links++] = link;
    }
    graph->links.len = links;
    for (size_t i = 0; i < graph->leaves.len; i++) {
        if (n->leaves[i] != UINT32_MAX)
            graph->leaves.items[n->leaves[i]] = graph->leaves.items[i];
    }
    for (size_t i = 0; i < graph->filters.len; i++) {
        if (n->filters[i] != UINT32_MAX)
            graph->filters.items[n->filters[i]] = graph->filters.items[i];
    }
    renumber(n, &graph->out);
}

/* Files that only removed filters read go too, and the rest is numbered in the order of reading. */
static bool prune_files(struct ad_graph *graph)
{
    const size_t count = graph->files.len;
    const char **old = ad_alloc_array(count, sizeof(*old));
    if (!old)
        return false;
    if (count)
        memcpy(old, graph->files.items, count * sizeof(*old));
    graph->files.len = 0;
    for (size_t i = 0; count && i < graph->filters.len; i++) {
        struct ad_filter *filter = &graph->filters.items[i];
        for (size_t k = 0; k < filter->options.len; k++) {
            struct ad_option *o = &filter->options.items[k];
            int64_t n = 0;
            if (!ad_filter_option_is_file(graph->medium, filter->name, o->name) ||
                !ad_str_to_i64(ad_str_from(o->value), &n) || n < 0 || n >= (int64_t)count)
                continue;
            size_t place = 0;
            while (place < graph->files.len && graph->files.items[place] != old[n])
                place++;
            if (place == graph->files.len)
                graph->files.items[graph->files.len++] = old[n];
            o->value = ad_arena_printf(graph->arena, "%zu", place);
        }
    }
    free(old);
    return !ad_arena_failed(graph->arena);
}

/* Links lead from earlier to later filters and stand in the order of their targets, so one walk backwards marks all. */
bool ad_graph_prune(struct ad_graph *graph)
{
    struct numbers n = {ad_alloc_array(graph->leaves.len, sizeof(uint32_t)),
                        ad_alloc_array(graph->filters.len, sizeof(uint32_t))};
    bool ok = n.leaves && n.filters && !graph->failed;
    if (ok) {
        memset(n.leaves, 0xff, graph->leaves.len * sizeof(uint32_t));
        memset(n.filters, 0xff, graph->filters.len * sizeof(uint32_t));
        mark(&n, graph->out);
        for (size_t i = graph->links.len; i-- > 0;) {
            if (n.filters[graph->links.items[i].to_filter] == 0)
                mark(&n, graph->links.items[i].from);
        }
        uint32_t leaves = number(n.leaves, graph->leaves.len);
        uint32_t filters = number(n.filters, graph->filters.len);
        compact(graph, &n);
        graph->leaves.len = leaves;
        graph->filters.len = filters;
        ok = prune_files(graph);
    }
    free(n.leaves);
    free(n.filters);
    return ok;
}

/* ---- Encode settings ---- */

static bool option_new(struct ad_arena *arena, const char *name, const char *value,
                       struct ad_option *ret)
{
    ret->name = ad_arena_strdup(arena, ad_str_from(name));
    ret->value = ad_arena_strdup(arena, ad_str_from(value));
    return ret->name && ret->value;
}

bool ad_codec_set(struct ad_arena *arena, struct ad_codec_settings *codec, const char *name,
                  const char *value)
{
    struct ad_option o;
    return option_new(arena, name, value, &o) && ad_arena_vec_push(arena, &codec->options, o);
}

bool ad_encode_set(struct ad_arena *arena, struct ad_encode *encode, const char *name,
                   const char *value)
{
    struct ad_option o;
    return option_new(arena, name, value, &o) && ad_arena_vec_push(arena, &encode->options, o);
}
