/* SPDX-License-Identifier: MIT
 *
 * An order in which inputs come before their users, and rings where there is none. Walks keep their own stack: a
 * chain may be as long as a recipe.
 */
#include "recipe/reader.h"

enum {
    NEW,
    OPEN,
    DONE
};

struct walk {
    uint8_t *state;  /* per node */
    uint32_t *stack; /* the way from where the walk began */
    uint32_t *next;  /* per place on the stack: the next input to look at */
    size_t depth;
    uint32_t *order;
    size_t ordered;
};

/* Long rings are told by their first and last few nodes. */
static enum artdag_err ring(struct ad_recipe_reader *r, const struct walk *w, uint32_t node,
                            const struct ad_recipe_node *from_node, uint32_t input)
{
    enum {
        SHOWN = 6
    };
    struct ad_buf way = AD_BUF_INIT(240);
    size_t from = w->depth;
    while (w->stack[from - 1] != node)
        from--;
    size_t length = w->depth - (from - 1);
    for (size_t i = 0; i < length; i++) {
        struct ad_str id = r->nodes[w->stack[from - 1 + i]].id;
        if (length > SHOWN && i == SHOWN / 2)
            (void)ad_buf_printf(&way, "... (%zu more) -> ", length - SHOWN);
        if (length <= SHOWN || i < SHOWN / 2 || i >= length - SHOWN / 2)
            (void)ad_buf_printf(&way, "%.*s -> ", (int)(id.len > 30 ? 30 : id.len), id.ptr);
    }
    struct ad_str id = r->nodes[node].id;
    (void)ad_buf_printf(&way, "%.*s", (int)(id.len > 30 ? 30 : id.len), id.ptr);
    enum artdag_err rc =
        ad_error_set(r->err, ARTDAG_E_CYCLE, ROOM, "the node needs its own result: %.*s",
                     (int)way.len, way.data ? (const char *)way.data : "");
    ad_buf_fini(&way);
    r->scope = from_node->scope;
    bool is_input = input < from_node->input_count;
    return ad_reader_at(r, is_input ? from_node->inputs[input].line : from_node->line,
                        is_input ? from_node->inputs[input].column : from_node->column, rc);
}

/* Inputs first, then what is only asked for its length, then what the config follows. */
static uint32_t needed(const struct ad_recipe_node *node, uint32_t i)
{
    if (i < node->input_count)
        return node->inputs[i].node;
    i -= (uint32_t)node->input_count;
    return i < node->mention_count ? node->mentions[i]
                                   : node->signals[i - node->mention_count].node;
}

static void push(struct walk *w, uint32_t node)
{
    w->state[node] = OPEN;
    w->next[w->depth] = 0;
    w->stack[w->depth++] = node;
}

static enum artdag_err walk_from(struct ad_recipe_reader *r, struct walk *w, uint32_t start)
{
    push(w, start);
    while (w->depth) {
        uint32_t at = w->stack[w->depth - 1];
        const struct ad_recipe_node *node = &r->nodes[at];
        uint32_t i = w->next[w->depth - 1]++;
        if (i == node->input_count + node->mention_count + node->signal_count) {
            w->state[at] = DONE;
            w->order[w->ordered++] = at;
            w->depth--;
            continue;
        }
        uint32_t next = needed(node, i);
        if (w->state[next] == NEW)
            push(w, next);
        else if (w->state[next] == OPEN)
            return ring(r, w, next, node, i);
    }
    return ARTDAG_OK;
}

enum artdag_err ad_reader_order(struct ad_recipe_reader *r)
{
    size_t count = r->recipe->node_count;
    struct walk w = {
        .state = ad_alloc_array(count, 1),
        .stack = ad_alloc_array(count, sizeof(uint32_t)),
        .next = ad_alloc_array(count, sizeof(uint32_t)),
        .order = ad_arena_array(&r->recipe->arena, count, sizeof(uint32_t)),
    };
    enum artdag_err rc = ARTDAG_OK;
    if (!w.state || !w.stack || !w.next || !w.order)
        rc = ad_error_nomem(r->err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++)
        if (w.state[i] == NEW)
            rc = walk_from(r, &w, (uint32_t)i);
    r->recipe->order = w.order;
    free(w.state);
    free(w.stack);
    free(w.next);
    return rc;
}

/* Spreads the marks down to the inputs. */
static void spread(const struct ad_recipe *recipe, bool *reach)
{
    for (size_t i = recipe->node_count; i-- > 0;) {
        const struct ad_recipe_node *node = &recipe->nodes[recipe->order[i]];
        for (size_t k = 0; reach[recipe->order[i]] && k < node->input_count; k++)
            reach[node->inputs[k].node] = true;
        for (size_t k = 0; reach[recipe->order[i]] && k < node->mention_count; k++)
            reach[node->mentions[k]] = true;
        for (size_t k = 0; reach[recipe->order[i]] && k < node->signal_count; k++)
            reach[node->signals[k].node] = true;
    }
}

void ad_recipe_reach(const struct ad_recipe *recipe, uint32_t output, bool *reach)
{
    reach[output] = true;
    spread(recipe, reach);
}

void ad_recipe_reach_outputs(const struct ad_recipe *recipe, bool *reach)
{
    for (size_t i = 0; i < recipe->output_count; i++)
        reach[recipe->outputs[i].node] = true;
    spread(recipe, reach);
}
