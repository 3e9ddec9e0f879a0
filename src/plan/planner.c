/* SPDX-License-Identifier: MIT
 *
 * Adding steps one by one: final config, edge, identity, and the table that makes equal computations one step.
 */
#include "plan/planner.h"

#include <string.h>

#define BUF_MAX ((size_t)1 << 30)

/* ---- memory ---- */

static enum artdag_err new_plan(struct ad_planner *p, const struct ad_plan_env *env,
                                artdag_error *err)
{
    p->plan = ad_alloc(sizeof(*p->plan));
    if (!p->plan)
        return ad_error_nomem(err, ROOM);
    ad_arena_init(&p->plan->arena, 0);
    p->plan->toolchain =
        ad_arena_strdup(&p->plan->arena, ad_str_from(env->toolchain ? env->toolchain : ""));
    p->plan->recipe_cid = env->recipe_cid;
    p->plan->version = p->plan->description = p->plan->owner = "";
    return ad_arena_failed(&p->plan->arena) ? ad_error_nomem(err, ROOM) : ARTDAG_OK;
}

static void note(struct ad_planner *p, uint32_t step);

/* What is given up of the arena is less than what is gained. */
static enum artdag_err make_room(struct ad_planner *p, size_t capacity, artdag_error *err)
{
    size_t places = 16;
    if (capacity >= AD_PLAN_NONE / 4)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "too many steps");
    while (places < capacity * 2)
        places *= 2;
    uint32_t *table = ad_alloc_array(places, sizeof(*table));
    struct ad_step *steps =
        table ? ad_arena_array(&p->plan->arena, capacity, sizeof(*steps)) : NULL;
    if (!steps) {
        free(table);
        return ad_error_nomem(err, ROOM);
    }
    free(p->table);
    p->table = table;
    p->table_mask = places - 1;
    if (p->plan->step_count)
        memcpy(steps, p->plan->steps, p->plan->step_count * sizeof(*steps));
    p->plan->steps = steps;
    p->capacity = capacity;
    for (size_t i = 0; i < p->plan->step_count; i++)
        note(p, (uint32_t)i);
    return ARTDAG_OK;
}

enum artdag_err ad_planner_init(struct ad_planner *p, size_t capacity,
                                const struct ad_plan_env *env, artdag_error *err)
{
    *p = (struct ad_planner){.cluster_key = env->cluster_key};
    ad_buf_init(&p->json, BUF_MAX);
    ad_buf_init(&p->preimage, BUF_MAX);
    enum artdag_err rc = new_plan(p, env, err);
    return rc == ARTDAG_OK ? make_room(p, capacity, err) : rc;
}

void ad_planner_fini(struct ad_planner *p)
{
    ad_arena_fini(&p->scratch);
    ad_buf_fini(&p->json);
    ad_buf_fini(&p->preimage);
    ad_vec_fini(&p->op_inputs);
    ad_vec_fini(&p->id_inputs);
    ad_slot_names_fini(&p->slots);
    ad_map_fini(&p->keys);
    free(p->table);
}

void ad_plan_destroy(struct ad_plan *plan)
{
    if (!plan)
        return;
    ad_arena_fini(&plan->arena);
    free(plan);
}

/* ---- deep copies into the plan ---- */

static const struct ad_value *copy_leaf(void *payload, const struct ad_value *value)
{
    struct ad_planner *p = payload;
    struct ad_value *copy = ad_arena_dup(&p->plan->arena, value, sizeof(*value));
    if (!copy)
        return NULL;
    copy->text = (struct ad_str){0};
    copy->plain = false;
    if (value->kind == AD_VALUE_STRING)
        copy->string = ad_arena_str(&p->plan->arena, value->string);
    return copy;
}

/* A million steps know a dozen keys. */
static struct ad_str copy_key(void *payload, struct ad_str key)
{
    struct ad_planner *p = payload;
    union ad_map_value *known = ad_map_put(&p->keys, key, NULL);
    if (!known) {
        p->plan->arena.failed = true;
        return key;
    }
    if (!known->ptr)
        known->ptr = ad_arena_strdup(&p->plan->arena, key);
    return (struct ad_str){known->ptr, key.len};
}

static const struct ad_value *keep_value(struct ad_planner *p, const struct ad_value *value)
{
    struct ad_rebuild rebuild = {
        .arena = &p->plan->arena, .leaf = copy_leaf, .key = copy_key, .payload = p};
    const struct ad_value *copy = ad_value_rebuild(&rebuild, value);
    return ad_arena_failed(&p->plan->arena) ? NULL : copy;
}

static const struct ad_step_ref *keep_refs(struct ad_planner *p, const struct ad_draft *draft)
{
    struct ad_arena *arena = &p->plan->arena;
    bool listed = draft->op->slots && draft->op->slots[0].max && !draft->op->slots[0].name;
    struct ad_step_ref *refs = ad_arena_array(arena, draft->input_count, sizeof(*refs));
    for (uint32_t i = 0; refs && i < draft->input_count; i++) {
        const struct ad_slot *slot = draft->op->slots;
        while (!listed && strcmp(slot->name, draft->inputs[i].slot) != 0)
            slot++;
        refs[i].step = draft->inputs[i].step;
        refs[i].slot = listed ? ad_slot_name(&p->slots, arena, i) : slot->name;
        if (!refs[i].slot)
            return NULL;
    }
    return refs;
}

/* ---- inputs ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct ad_plan_input *)a)->name,
                  ((const struct ad_plan_input *)b)->name);
}

static enum artdag_err keep_input(struct ad_planner *p, const struct ad_plan_input *from,
                                  struct ad_plan_input *to, struct ad_source_info *info,
                                  artdag_error *err)
{
    struct ad_arena *arena = &p->plan->arena;
    enum artdag_err rc;
    if ((!from->analysis && !from->file) || !ad_cid_is_set(&from->cid))
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "input \"%s\" has no %s", from->name,
                            ad_cid_is_set(&from->cid) ? "analysis" : "CID");
    *to = *from;
    to->name = ad_arena_strdup(arena, ad_str_from(from->name));
    to->analysis_cid =
        ad_arena_strdup(arena, ad_str_from(from->analysis_cid ? from->analysis_cid : ""));
    if (from->file) {
        char text[AD_CID_TEXT_MAX];
        ad_cid_format(&from->cid, text);
        to->cid_text = ad_arena_strdup(arena, ad_str_from(text));
        to->analysis = NULL;
        *info = (struct ad_source_info){0};
        return ad_arena_failed(arena) ? ad_error_nomem(err, ROOM) : ARTDAG_OK;
    }
    to->analysis = keep_value(p, from->analysis);
    if (!to->analysis || ad_arena_failed(arena))
        return ad_error_nomem(err, ROOM);
    rc = ad_source_info_from_json(arena, to->analysis, info, err);
    return rc == ARTDAG_OK ? rc : ad_error_prefix(err, rc, "input \"%s\"", from->name);
}

enum artdag_err ad_planner_inputs(struct ad_planner *p, const struct ad_plan_input *inputs,
                                  size_t count, artdag_error *err)
{
    struct ad_arena *arena = &p->plan->arena;
    struct ad_plan_input *copies = ad_arena_array(arena, count, sizeof(*copies));
    struct ad_source_info *infos = ad_arena_array(arena, count, sizeof(*infos));
    enum artdag_err rc = ARTDAG_OK;
    if (!copies || !infos)
        return ad_error_nomem(err, ROOM);
    if (count)
        memcpy(copies, inputs, count * sizeof(*copies));
    qsort(copies, count, sizeof(*copies), by_name);
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++)
        rc = keep_input(p, &copies[i], &copies[i], &infos[i], err);
    p->plan->inputs = copies;
    p->plan->sources = infos;
    p->plan->input_count = count;
    return rc;
}

/* ---- steps ---- */

static size_t first_place(const struct ad_planner *p, const struct ad_hash32 *id)
{
    uint64_t hash = 0;
    memcpy(&hash, id->bytes, sizeof(hash)); /* a digest is uniform as it is */
    return (size_t)hash & p->table_mask;
}

uint32_t ad_planner_find(const struct ad_planner *p, const struct ad_hash32 *id)
{
    size_t place = first_place(p, id);
    for (; p->table[place]; place = (place + 1) & p->table_mask) {
        uint32_t step = p->table[place] - 1;
        if (memcmp(&p->plan->steps[step].cache_id, id, sizeof(*id)) == 0)
            return step;
    }
    return AD_PLAN_NONE;
}

static void note(struct ad_planner *p, uint32_t step)
{
    size_t place = first_place(p, &p->plan->steps[step].cache_id);
    while (p->table[place])
        place = (place + 1) & p->table_mask;
    p->table[place] = step + 1;
}

struct ad_op_call ad_plan_call(const struct ad_plan *plan, const struct ad_step *step,
                               struct ad_op_input *inputs, struct ad_arena *arena)
{
    struct ad_op_call call = {
        .arena = arena,
        .format = &plan->format,
        .config = step->config,
        .inputs = inputs,
        .input_count = step->input_count,
    };
    int64_t before = 0;
    for (uint32_t i = 0; i < step->input_count; i++) {
        inputs[i].slot = step->inputs[i].slot;
        inputs[i].edge = plan->steps[step->inputs[i].step].edge;
        inputs[i].file_cid = NULL;
        if (inputs[i].edge.file)
            inputs[i].file_cid = plan->inputs[plan->steps[step->inputs[i].step].input].cid_text;
        inputs[i].before = before;
        before += inputs[i].edge.frames;
    }
    if (ad_step_is_source(step) && !plan->inputs[step->input].file)
        call.source = &plan->sources[step->input];
    return call;
}

/* The draft as a step: enough for ops to be called. */
static enum artdag_err measure(struct ad_planner *p, struct ad_step *step, artdag_error *err)
{
    const struct ad_op *op = step->op;
    char cid[AD_CID_TEXT_MAX] = "";
    p->op_inputs.len = 0;
    if (!ad_vec_reserve(&p->op_inputs, step->input_count))
        return ad_error_nomem(err, ROOM);
    struct ad_op_call call = ad_plan_call(p->plan, step, p->op_inputs.items, &p->scratch);
    enum artdag_err rc = ARTDAG_OK;
    if (call.source) {
        ad_cid_format(&p->plan->inputs[step->input].cid, cid);
        call.source_cid = cid;
    }
    rc = ad_op_kinds(op, &call, err);
    if (rc == ARTDAG_OK && op->finish)
        rc = op->finish(&call, &call.config, err);
    if (rc == ARTDAG_OK)
        rc = op->edge(&call, &step->edge, err);
    if (rc == ARTDAG_OK && (step->edge.frames < 1 || step->edge.frames > AD_FRAMES_MAX))
        rc = ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "%s would have %lld frames", op->node_type,
                          (long long)step->edge.frames);
    ad_buf_clear(&p->json);
    if (rc == ARTDAG_OK)
        rc = ad_config_json(op, &call, &p->scratch, &p->json, err);
    step->config = call.config;
    return rc;
}

static enum artdag_err identify(struct ad_planner *p, struct ad_step *step, artdag_error *err)
{
    const struct ad_plan *plan = p->plan;
    uint8_t cid[AD_CID_BYTES_MAX];
    p->id_inputs.len = 0;
    if (!ad_vec_reserve(&p->id_inputs, (size_t)step->input_count + 1))
        return ad_error_nomem(err, ROOM);
    struct ad_id_input *ids = p->id_inputs.items;
    size_t count = step->input_count;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *id = plan->steps[step->inputs[i].step].cache_id.bytes;
        ids[i].slot = ad_str_from(step->inputs[i].slot);
        ids[i].id = (struct ad_str){(const char *)id, AD_PLAN_ID_BYTES};
    }
    if (ad_step_is_source(step)) {
        size_t len = ad_cid_to_bytes(&plan->inputs[step->input].cid, cid);
        ids[count++] = (struct ad_id_input){.id = {(const char *)cid, len}};
    }
    const struct ad_id_fields fields = {
        .cluster_key = p->cluster_key,
        .toolchain = ad_str_from(step->op->needs_toolchain ? plan->toolchain : ""),
        .node_type = ad_str_from(step->op->node_type),
        .config_json = ad_buf_as_str(&p->json),
        .inputs = ids,
        .input_count = count,
    };
    return ad_cache_id(&fields, &p->preimage, &step->cache_id, err);
}

static enum artdag_err append(struct ad_planner *p, struct ad_step *step,
                              const struct ad_draft *draft, artdag_error *err)
{
    struct ad_plan *plan = p->plan;
    step->inputs = keep_refs(p, draft);
    step->config = keep_value(p, step->config);
    step->config_json = ad_arena_str(&plan->arena, ad_buf_as_str(&p->json));
    if (!step->inputs || !step->config || ad_arena_failed(&plan->arena))
        return ad_error_nomem(err, ROOM);
    for (uint32_t i = 0; i < step->input_count; i++) {
        uint32_t below = plan->steps[step->inputs[i].step].level;
        step->level = step->level > below ? step->level : below + 1;
    }
    plan->steps[plan->step_count] = *step;
    note(p, (uint32_t)plan->step_count++);
    return ARTDAG_OK;
}

enum artdag_err ad_planner_add(struct ad_planner *p, const struct ad_draft *draft,
                               uint32_t *ret_step, bool *ret_new, artdag_error *err)
{
    struct ad_step step = {
        .op = draft->op,
        .config = draft->config,
        .inputs = draft->inputs,
        .input_count = draft->input_count,
        .input = draft->input,
    };
    enum artdag_err rc = ARTDAG_OK;
    if (p->plan->step_count == p->capacity)
        rc = make_room(p, p->capacity * 2 + 64, err);
    if (rc == ARTDAG_OK)
        rc = measure(p, &step, err);
    if (rc == ARTDAG_OK)
        rc = identify(p, &step, err);
    if (rc != ARTDAG_OK)
        return rc;
    uint32_t same = ad_planner_find(p, &step.cache_id);
    *ret_new = same == AD_PLAN_NONE;
    *ret_step = *ret_new ? (uint32_t)p->plan->step_count : same;
    return *ret_new ? append(p, &step, draft, err) : ARTDAG_OK;
}

enum artdag_err ad_planner_keep(struct ad_planner *p, bool *marks, uint32_t *ret_moved,
                                artdag_error *err)
{
    struct ad_plan *plan = p->plan;
    uint32_t kept = 0;
    for (size_t i = plan->step_count; i-- > 0;)
        for (uint32_t k = 0; marks[i] && k < plan->steps[i].input_count; k++)
            marks[plan->steps[i].inputs[k].step] = true;
    for (size_t i = 0; i < plan->step_count; i++) {
        struct ad_step *step = &plan->steps[i];
        bool moved = kept < i;
        ret_moved[i] = marks[i] ? kept : AD_PLAN_NONE;
        if (!marks[i])
            continue;
        struct ad_step_ref *refs = NULL;
        if (moved && step->input_count)
            refs = ad_arena_dup(&plan->arena, step->inputs, step->input_count * sizeof(*refs));
        if (ad_arena_failed(&plan->arena))
            return ad_error_nomem(err, ROOM);
        for (uint32_t k = 0; refs && k < step->input_count; k++)
            refs[k].step = ret_moved[refs[k].step];
        if (refs)
            step->inputs = refs;
        plan->steps[kept++] = *step;
    }
    plan->step_count = kept;
    return ARTDAG_OK;
}
