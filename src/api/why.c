/* SPDX-License-Identifier: MIT
 *
 * why: explains a step by comparing what its identity is made of with the nearest step this site knows.
 */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "doc/doc.h"

#define ROOM "api"
#define NEAR_MAX 8

/* A remembered step, copied out of the state's callback. */
struct known {
    bool found;
    struct ad_arena arena;
    const char *name, *node_type, *toolchain, *config, *inputs, *output_cid;
    struct ad_id cache_id;
};

struct question {
    artdag_site *site;
    const struct ad_plan *plan;
    const struct ad_step *step;
    struct ad_id id;
    struct known near;
    bool was_made; /* a record says that this very step had a result */
    bool inside;   /* ... that it was rendered, inside the units of a film */
    struct ad_json_writer w;
    size_t changes;
};

static const char *keep(struct known *k, const char *text)
{
    return ad_arena_strdup(&k->arena, ad_str_from(text));
}

/* The first record that is not this very step is the nearest: they come best first. */
static enum artdag_err on_near(void *payload, const struct ad_step_record *record,
                               artdag_error *err)
{
    struct question *q = payload;
    struct known *k = &q->near;
    bool itself = memcmp(&record->cache_id, &q->id, sizeof(q->id)) == 0;
    if (k->found || itself)
        return ARTDAG_OK;
    k->cache_id = record->cache_id;
    k->name = keep(k, record->name);
    k->node_type = keep(k, record->node_type);
    k->toolchain = keep(k, record->toolchain);
    k->config = keep(k, record->config);
    k->inputs = keep(k, record->inputs);
    k->output_cid = keep(k, record->output_cid);
    k->found = true;
    return ad_arena_failed(&k->arena) ? ad_error_nomem(err, ROOM) : ARTDAG_OK;
}

/* A record of this very step. Only steps that are kept by themselves have an output. */
static enum artdag_err on_itself(void *payload, const struct ad_step_record *record,
                                 artdag_error *err)
{
    struct question *q = payload;
    (void)err;
    if (record->output_cid[0])
        q->was_made = true;
    else if (record->status == AD_STEP_EXECUTED)
        q->inside = true;
    return ARTDAG_OK;
}

static enum artdag_err find_step(const struct ad_plan *plan, const char *name,
                                 const struct ad_step **ret, artdag_error *err)
{
    const struct ad_step *found = NULL;
    size_t matches = 0, recipe = strlen(plan->name);
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct ad_step *step = &plan->steps[i];
        /* Behind the recipe's name: what lists made is called node.0, node.1 ... */
        bool named = strncmp(step->name, plan->name, recipe) == 0 &&
                     step->name[recipe] == '.' && strcmp(step->name + recipe + 1, name) == 0;
        char id[ARTDAG_ID_TEXT_BYTES];
        ad_step_id(step, id);
        if (strcmp(step->name, name) == 0 || named ||
            (strlen(name) >= 8 && strncmp(id, name, strlen(name)) == 0)) {
            found = step;
            matches++;
        }
    }
    if (matches == 1) {
        *ret = found;
        return ARTDAG_OK;
    }
    ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM,
                 matches ? "\"%s\" names several steps" : "the plan has no step \"%s\"", name);
    ad_error_hint(err,
                  "`artdag plan` lists the steps; a name, \"recipe.node\" or an id will do");
    return ARTDAG_E_NOTFOUND;
}

/* ---- the differences ---- */

static void change(struct question *q, const char *field, const struct ad_value *before,
                   const struct ad_value *now)
{
    ad_jw_map_begin(&q->w);
    if (before) {
        ad_jw_key(&q->w, "before");
        ad_jw_value(&q->w, before);
    }
    ad_jw_key(&q->w, "field");
    ad_jw_cstr(&q->w, field);
    if (now) {
        ad_jw_key(&q->w, "now");
        ad_jw_value(&q->w, now);
    }
    ad_jw_map_end(&q->w);
    q->changes++;
}

static void change_text(struct question *q, const char *field, const char *before,
                        const char *now)
{
    if (strcmp(before, now) == 0)
        return;
    const struct ad_value old = {.kind = AD_VALUE_STRING, .string = ad_str_from(before)};
    const struct ad_value new = {.kind = AD_VALUE_STRING, .string = ad_str_from(now)};
    change(q, field, &old, &new);
}

/* Top-level keys of two maps; what only one side has is a change too. */
static void change_maps(struct question *q, const char *what, const struct ad_value *before,
                        const struct ad_value *now)
{
    char field[160];
    for (size_t i = 0; i < now->map.len; i++) {
        const struct ad_member *m = &now->map.items[i];
        const struct ad_member *old = ad_value_member(before, m->key);
        if (old && ad_value_equal(old->value, m->value))
            continue;
        snprintf(field, sizeof(field), "%s.%.*s", what, AD_STR_ARG(m->key));
        change(q, field, old ? old->value : NULL, m->value);
    }
    for (size_t i = 0; i < before->map.len; i++) {
        const struct ad_member *m = &before->map.items[i];
        if (ad_value_member(now, m->key))
            continue;
        snprintf(field, sizeof(field), "%s.%.*s", what, AD_STR_ARG(m->key));
        change(q, field, m->value, NULL);
    }
}

static enum artdag_err change_config(struct question *q, artdag_error *err)
{
    const struct ad_value *before = NULL, *now = NULL;
    struct ad_arena *arena = &q->near.arena;
    enum artdag_err rc =
        ad_json_parse(arena, ad_str_from(q->near.config), NULL, NULL, &before, err);
    if (rc == ARTDAG_OK)
        rc = ad_json_parse(arena, q->step->config_json, NULL, NULL, &now, err);
    if (rc == ARTDAG_OK && before->kind == AD_VALUE_MAP && now->kind == AD_VALUE_MAP)
        change_maps(q, "config", before, now);
    return rc;
}

/* The old inputs are [[slot, id], ...]; the new ones are compared place by place. */
static enum artdag_err change_inputs(struct question *q, artdag_error *err)
{
    const struct ad_value *before = NULL;
    enum artdag_err rc =
        ad_json_parse(&q->near.arena, ad_str_from(q->near.inputs), NULL, NULL, &before, err);
    if (rc != ARTDAG_OK || before->kind != AD_VALUE_LIST)
        return rc;
    size_t now = q->step->input_count, then = before->list.len;
    for (size_t i = 0; i < now || i < then; i++) {
        char field[160], id[ARTDAG_ID_TEXT_BYTES] = "";
        const char *name = "";
        struct ad_str old = {0};
        if (i < then && before->list.items[i]->kind == AD_VALUE_LIST &&
            before->list.items[i]->list.len == 2)
            old = before->list.items[i]->list.items[1]->string;
        if (i < now) {
            const struct ad_step *from = &q->plan->steps[q->step->inputs[i].step];
            ad_step_id(from, id);
            name = from->name;
        }
        if (ad_str_is(old, id))
            continue;
        snprintf(field, sizeof(field), "input.%zu%s%s", i, *name ? " " : "", name);
        const struct ad_value a = {.kind = AD_VALUE_STRING, .string = old};
        const struct ad_value b = {.kind = AD_VALUE_STRING, .string = ad_str_from(id)};
        change(q, field, i < then ? &a : NULL, i < now ? &b : NULL);
    }
    return ARTDAG_OK;
}

/* A SOURCE's input is its CID. */
static enum artdag_err change_source(struct question *q, artdag_error *err)
{
    const struct ad_value *before = NULL;
    struct ad_str old = {0};
    char cid[AD_CID_TEXT_MAX];
    enum artdag_err rc =
        ad_json_parse(&q->near.arena, ad_str_from(q->near.inputs), NULL, NULL, &before, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (before->kind == AD_VALUE_LIST && before->list.len == 1 &&
        before->list.items[0]->kind == AD_VALUE_LIST && before->list.items[0]->list.len == 2)
        old = before->list.items[0]->list.items[1]->string;
    ad_cid_format(&q->plan->inputs[q->step->input].cid, cid);
    if (!ad_str_is(old, cid)) {
        const struct ad_value a = {.kind = AD_VALUE_STRING, .string = old};
        const struct ad_value b = {.kind = AD_VALUE_STRING, .string = ad_str_from(cid)};
        change(q, "input", &a, &b);
    }
    return ARTDAG_OK;
}

static enum artdag_err write_changes(struct question *q, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    ad_jw_key(&q->w, "changes");
    ad_jw_list_begin(&q->w);
    if (q->near.found) {
        change_text(q, "node_type", q->near.node_type, q->step->op->node_type);
        change_text(q, "toolchain", q->near.toolchain,
                    q->step->op->needs_toolchain ? q->plan->toolchain : "");
        rc = change_config(q, err);
        if (rc == ARTDAG_OK)
            rc = q->step->input_count ? change_inputs(q, err) : change_source(q, err);
        /* Everything that is stored is equal: what is left is the one thing that never is. */
        if (rc == ARTDAG_OK && q->changes == 0)
            change(q, "cluster_key", NULL, NULL);
    }
    ad_jw_list_end(&q->w);
    return rc;
}

static void write_nearest(struct question *q)
{
    char id[ARTDAG_ID_TEXT_BYTES];
    ad_jw_key(&q->w, "nearest");
    if (!q->near.found) {
        ad_jw_null(&q->w);
        return;
    }
    ad_hex_format(q->near.cache_id.bytes, AD_ID_BYTES, id);
    ad_jw_map_begin(&q->w);
    ad_jw_key(&q->w, "cache_id");
    ad_jw_cstr(&q->w, id);
    ad_jw_key(&q->w, "name");
    ad_jw_cstr(&q->w, q->near.name);
    ad_jw_key(&q->w, "output_cid");
    ad_jw_cstr(&q->w, q->near.output_cid);
    ad_jw_map_end(&q->w);
}

/* What became of the step here. */
struct standing {
    struct ad_cid output; /* set when a result of its own is known */
    bool hit;
    bool lost; /* it was made, and its bytes are gone */
};

static enum artdag_err look_up(struct question *q, struct standing *ret, artdag_error *err)
{
    struct ad_state *state = ad_site_state(q->site->inner);
    struct standing s = {0};
    bool complete = false;
    enum artdag_err rc = ARTDAG_OK;
    if (ad_step_is_source(q->step))
        s.output = q->plan->inputs[q->step->input].cid;
    else
        rc = ad_state_get(state, AD_STATE_STEP, &q->id, &s.output, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_complete(ad_site_store(q->site->inner), &s.output, &complete, err);
    if (rc != ARTDAG_OK && rc != ARTDAG_E_NOTFOUND)
        return rc;
    q->was_made = rc == ARTDAG_OK;
    rc = ad_state_find_step(state, &q->id, on_itself, q, err);
    if (rc != ARTDAG_OK && rc != ARTDAG_E_NOTFOUND)
        return rc;
    s.hit = complete || (q->inside && !q->was_made);
    s.lost = !s.hit && q->was_made;
    *ret = s;
    return ARTDAG_OK;
}

static const char *status_of(const struct standing *s)
{
    if (s->hit)
        return "hit";
    return s->lost ? "lost" : "miss";
}

/* A step that is new is compared with what is like it; one whose bytes are gone has not changed. */
static enum artdag_err answer(struct question *q, artdag_error *err)
{
    struct standing s;
    char id[ARTDAG_ID_TEXT_BYTES], cid[AD_CID_TEXT_MAX] = "";
    enum artdag_err rc = look_up(q, &s, err);
    if (rc == ARTDAG_OK && !s.hit && !s.lost)
        rc = ad_state_near_steps(ad_site_state(q->site->inner), q->step->name,
                                 q->step->op->node_type, NEAR_MAX, on_near, q, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (ad_cid_is_set(&s.output))
        ad_cid_format(&s.output, cid);
    ad_step_id(q->step, id);
    ad_jw_map_begin(&q->w);
    ad_jw_key(&q->w, "cache_id");
    ad_jw_cstr(&q->w, id);
    rc = write_changes(q, err);
    ad_jw_key(&q->w, "name");
    ad_jw_cstr(&q->w, q->step->name);
    write_nearest(q);
    ad_jw_key(&q->w, "node_type");
    ad_jw_cstr(&q->w, q->step->op->node_type);
    ad_jw_key(&q->w, "output_cid");
    ad_jw_cstr(&q->w, cid);
    ad_jw_key(&q->w, "status");
    ad_jw_cstr(&q->w, status_of(&s));
    ad_jw_map_end(&q->w);
    return rc;
}

enum artdag_err artdag_why(artdag_site *site, const artdag_recipe_params *params,
                           const char *step, char **ret_json, artdag_error *err)
{
    struct question q = {.site = site};
    struct ad_buf json = AD_BUF_INIT(AD_DOC_BYTES_MAX);
    struct ad_plan *plan = NULL;
    struct ad_cid plan_cid;
    if (!site || !step || !ret_json)
        return ad_api_misuse(err, __func__, "site, step or ret_json is NULL");
    ad_arena_init(&q.near.arena, 0);
    ad_jw_init(&q.w, &json);
    enum artdag_err rc = ad_api_plan(site, params, &plan, &plan_cid, err);
    if (rc == ARTDAG_OK)
        rc = find_step(plan, step, &q.step, err);
    if (rc == ARTDAG_OK) {
        q.plan = plan;
        memcpy(q.id.bytes, q.step->cache_id.bytes, sizeof(q.id.bytes));
        rc = answer(&q, err);
    }
    if (rc == ARTDAG_OK)
        rc = ad_api_take(&json, ret_json, err);
    ad_buf_fini(&json);
    ad_arena_fini(&q.near.arena);
    ad_plan_destroy(plan);
    return rc;
}
