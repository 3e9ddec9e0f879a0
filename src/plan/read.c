/* SPDX-License-Identifier: MIT
 *
 * Reading a plan document. It may come from anywhere, so nothing in it is believed: configs are checked against the ops,
 * edges and ids are computed anew, and what the document says of them must agree. The cluster key is in every id, so
 * whoever does not hold it cannot make a plan that passes.
 */
#include <string.h>

#include "plan/planner.h"

#define PLAN_VALUES_MAX ((size_t)64 << 20)
#define PLAN_BYTES_MAX ((size_t)4 << 30)

static const char *const plan_keys[] = {"format",      "inputs",      "metadata", "name",
                                        "output_name", "output_step", "outputs",  "plan_id",
                                        "recipe_cid",  "recipe_name", "run_id",   "steps",
                                        "toolchain",   "type",        NULL};
static const char *const output_keys[] = {"cache_id", "index", "media_type", "name", NULL};
static const char *const format_keys[] = {"channels",    "fps",   "height", "pixel_format",
                                          "sample_rate", "width", NULL};
static const char *const rate_keys[] = {"den", "num", NULL};
static const char *const input_keys[] = {"analysis",   "analysis_cid", "cid",
                                         "media_type", "name",         NULL};
static const char *const metadata_keys[] = {"description", "owner", "version", NULL};
static const char *const step_keys[] = {"cache_id",  "config",  "frames", "input_steps",
                                        "inputs",    "keep",    "level",  "name",
                                        "node_type", "step_id", NULL};
static const char *const step_input_keys[] = {"cache_id", "name", "source", NULL};
static const char *const source_input_keys[] = {"cid", "name", "source", NULL};

struct plan_reader {
    struct ad_planner planner;
    struct ad_arena tree; /* the document */
    AD_VEC(struct ad_step_ref) refs;
    artdag_error *err;
};

static enum artdag_err corrupt(struct plan_reader *r, const char *what, const char *name)
{
    return ad_error_set(r->err, ARTDAG_E_CORRUPT, ROOM, "the plan's %s %s", what, name);
}

/* A map with exactly these keys. */
static enum artdag_err check_keys(struct plan_reader *r, const struct ad_value *map,
                                  const char *const *keys, const char *what)
{
    size_t count = 0;
    for (; keys[count]; count++)
        if (!ad_value_get(map, keys[count]))
            return ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s has no \"%s\"", what,
                                keys[count]);
    for (size_t i = 0; i < map->map.len; i++) {
        size_t k = 0;
        while (k < count && !ad_str_is(map->map.items[i].key, keys[k]))
            k++;
        if (k == count)
            return ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s has an unknown key \"%.*s\"",
                                what, AD_STR_ARG(map->map.items[i].key));
    }
    return ARTDAG_OK;
}

/* The string under key, NUL-terminated in the plan's arena. */
static enum artdag_err take_text(struct plan_reader *r, const struct ad_value *map,
                                 const char *key, const char **ret)
{
    struct ad_str text = {0};
    enum artdag_err rc = ad_value_str(map, key, &text, r->err);
    if (rc != ARTDAG_OK)
        return rc;
    if (text.len && memchr(text.ptr, '\0', text.len))
        return ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "\"%s\" holds a NUL", key);
    *ret = ad_arena_strdup(&r->planner.plan->arena, text);
    return *ret ? ARTDAG_OK : ad_error_nomem(r->err, ROOM);
}

static enum artdag_err take_id(struct plan_reader *r, const struct ad_value *map,
                               const char *key, struct ad_hash32 *ret)
{
    struct ad_str text = {0};
    enum artdag_err rc = ad_value_str(map, key, &text, r->err);
    if (rc == ARTDAG_OK && !ad_hex_parse(text, ret->bytes, sizeof(ret->bytes)))
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "\"%s\" is no id", key);
    return rc;
}

static enum artdag_err check_id(struct plan_reader *r, const struct ad_value *map,
                                const char *key, const struct ad_hash32 *id, const char *name)
{
    struct ad_hash32 said = {{0}};
    enum artdag_err rc = take_id(r, map, key, &said);
    if (rc == ARTDAG_OK && memcmp(&said, id, sizeof(said)) != 0)
        rc = corrupt(r, "ids do not fit its content, or the cluster key is another:", name);
    return rc;
}

static enum artdag_err take_cid(struct plan_reader *r, const struct ad_value *map,
                                const char *key, struct ad_cid *ret)
{
    struct ad_str text = {0};
    enum artdag_err rc = ad_value_str(map, key, &text, r->err);
    return rc == ARTDAG_OK ? ad_cid_parse(text, ret, r->err) : rc;
}

/* ---- head ---- */

static enum artdag_err read_format(struct plan_reader *r, const struct ad_value *map)
{
    struct ad_format *f = &r->planner.plan->format;
    enum artdag_err rc = check_keys(r, map, format_keys, "the plan's format");
    const struct ad_value *rate = ad_value_get(map, "fps");
    struct {
        const struct ad_value *map;
        const char *key;
        int64_t *ret;
    } const numbers[] = {
        {map, "channels", &f->channels}, {rate, "den", &f->fps_den},
        {rate, "num", &f->fps_num},      {map, "height", &f->height},
        {map, "width", &f->width},       {map, "sample_rate", &f->sample_rate}};
    if (rc == ARTDAG_OK)
        rc = check_keys(r, rate, rate_keys, "the plan's frame rate");
    for (size_t i = 0; rc == ARTDAG_OK && i < sizeof(numbers) / sizeof(numbers[0]); i++)
        rc = ad_value_i64(numbers[i].map, numbers[i].key, numbers[i].ret, r->err);
    if (rc == ARTDAG_OK)
        rc = take_text(r, map, "pixel_format", &f->pixel_format);
    if (rc == ARTDAG_OK)
        rc = ad_format_check(f, r->err);
    if (rc != ARTDAG_E_INVAL)
        return rc;
    if (r->err)
        r->err->code = ARTDAG_E_FORMAT;
    return ARTDAG_E_FORMAT;
}

static enum artdag_err read_inputs(struct plan_reader *r, const struct ad_value *list)
{
    struct ad_plan_input *inputs = ad_arena_array(&r->tree, list->list.len, sizeof(*inputs));
    enum artdag_err rc = inputs ? ARTDAG_OK : ad_error_nomem(r->err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < list->list.len; i++) {
        const struct ad_value *item = list->list.items[i];
        const char *name = NULL;
        rc = check_keys(r, item, input_keys, "an input of the plan");
        if (rc == ARTDAG_OK)
            rc = take_text(r, item, "name", &name);
        if (rc == ARTDAG_OK && i && strcmp(inputs[i - 1].name, name) >= 0)
            rc = corrupt(r, "inputs are not in order, at", name);
        if (rc == ARTDAG_OK)
            rc = take_text(r, item, "analysis_cid", &inputs[i].analysis_cid);
        if (rc == ARTDAG_OK)
            rc = take_cid(r, item, "cid", &inputs[i].cid);
        inputs[i].name = name;
        inputs[i].analysis = ad_value_get(item, "analysis");
        inputs[i].file = inputs[i].analysis && inputs[i].analysis->kind == AD_VALUE_NULL;
    }
    return rc == ARTDAG_OK ? ad_planner_inputs(&r->planner, inputs, list->list.len, r->err)
                           : rc;
}

static enum artdag_err read_titles(struct plan_reader *r, const struct ad_value *root)
{
    struct ad_plan *plan = r->planner.plan;
    const struct ad_value *metadata = NULL;
    struct ad_str recipe_cid = {0};
    enum artdag_err rc = take_text(r, root, "name", &plan->name);
    if (rc == ARTDAG_OK)
        rc = ad_value_map(root, "metadata", &metadata, r->err);
    if (rc == ARTDAG_OK)
        rc = check_keys(r, metadata, metadata_keys, "the plan's metadata");
    if (rc == ARTDAG_OK)
        rc = take_text(r, metadata, "version", &plan->version);
    if (rc == ARTDAG_OK)
        rc = take_text(r, metadata, "description", &plan->description);
    if (rc == ARTDAG_OK)
        rc = take_text(r, metadata, "owner", &plan->owner);
    if (rc == ARTDAG_OK)
        rc = ad_value_str(root, "recipe_cid", &recipe_cid, r->err);
    if (rc == ARTDAG_OK && recipe_cid.len)
        rc = ad_cid_parse(recipe_cid, &plan->recipe_cid, r->err);
    return rc;
}

static enum artdag_err read_toolchain(struct plan_reader *r, const struct ad_value *root,
                                      const char *toolchain)
{
    struct ad_plan *plan = r->planner.plan;
    enum artdag_err rc = take_text(r, root, "toolchain", &plan->toolchain);
    if (rc == ARTDAG_OK && toolchain && strcmp(toolchain, plan->toolchain) != 0)
        rc = ad_error_set(r->err, ARTDAG_E_UNSUPPORTED, ROOM,
                          "the plan was made for other media libraries: plan again here");
    return rc;
}

static enum artdag_err read_head(struct plan_reader *r, const struct ad_value *root,
                                 const char *toolchain)
{
    const struct ad_value *inputs = NULL, *format = NULL;
    enum artdag_err rc = read_toolchain(r, root, toolchain);
    if (rc == ARTDAG_OK)
        rc = read_titles(r, root);
    if (rc == ARTDAG_OK)
        rc = ad_value_map(root, "format", &format, r->err);
    if (rc == ARTDAG_OK)
        rc = read_format(r, format);
    if (rc == ARTDAG_OK)
        rc = ad_value_list(root, "inputs", &inputs, r->err);
    return rc == ARTDAG_OK ? read_inputs(r, inputs) : rc;
}

/* ---- steps ---- */

/* The final config: what the document shows, without what the planner adds to the hashed form. */
static enum artdag_err read_config(struct plan_reader *r, const struct ad_op *op,
                                   const struct ad_value *shown, const struct ad_value **ret)
{
    struct ad_value *config = ad_arena_alloc(&r->planner.scratch, sizeof(*config));
    struct ad_member *members =
        ad_arena_array(&r->planner.scratch, shown->map.len, sizeof(*members));
    if (!config || !members)
        return ad_error_nomem(r->err, ROOM);
    config->kind = AD_VALUE_MAP;
    config->map.items = members;
    for (size_t i = 0; i < shown->map.len; i++) {
        struct ad_str key = shown->map.items[i].key;
        if (!ad_str_is(key, "revision") && !ad_str_is(key, "encoding"))
            members[config->map.len++] = shown->map.items[i];
    }
    *ret = config;
    return ad_config_check_final(op->fields, config, NULL, r->err);
}

static enum artdag_err read_source_ref(struct plan_reader *r, const struct ad_value *list,
                                       uint32_t *ret)
{
    const struct ad_plan *plan = r->planner.plan;
    const struct ad_value *item = list->list.len == 1 ? list->list.items[0] : NULL;
    struct ad_cid cid = {0};
    struct ad_str name = {0};
    if (!item)
        return ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "a SOURCE has one input");
    enum artdag_err rc = check_keys(r, item, source_input_keys, "a SOURCE's input");
    if (rc == ARTDAG_OK)
        rc = take_cid(r, item, "cid", &cid);
    if (rc == ARTDAG_OK)
        rc = ad_value_str(item, "source", &name, r->err);
    for (uint32_t i = 0; rc == ARTDAG_OK && i < plan->input_count; i++)
        if (ad_str_is(name, plan->inputs[i].name) && ad_cid_equal(&cid, &plan->inputs[i].cid)) {
            *ret = i;
            return ARTDAG_OK;
        }
    return rc == ARTDAG_OK ? ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                                          "a SOURCE stands on an input that the plan has not")
                           : rc;
}

static enum artdag_err find_slot(struct plan_reader *r, const struct ad_op *op,
                                 struct ad_str name, size_t i, const char **ret)
{
    const char *number = ad_slot_name(&r->planner.slots, &r->planner.plan->arena, i);
    bool list = op->slots && op->slots[0].max && !op->slots[0].name;
    if (!number)
        return ad_error_nomem(r->err, ROOM);
    if (list && ad_str_is(name, number)) {
        *ret = number;
        return ARTDAG_OK;
    }
    for (const struct ad_slot *slot = op->slots; !list && slot && slot->max; slot++)
        if (ad_str_is(name, slot->name)) {
            *ret = slot->name;
            return ARTDAG_OK;
        }
    return ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s has no input \"%.*s\"",
                        op->node_type, AD_STR_ARG(name));
}

static enum artdag_err read_ref(struct plan_reader *r, const struct ad_op *op,
                                const struct ad_value *item, size_t i)
{
    struct ad_hash32 id = {{0}};
    struct ad_str name = {0};
    struct ad_step_ref ref = {NULL, AD_PLAN_NONE};
    enum artdag_err rc = check_keys(r, item, step_input_keys, "an input of a step");
    if (rc == ARTDAG_OK)
        rc = take_id(r, item, "source", &id);
    if (rc == ARTDAG_OK)
        rc = check_id(r, item, "cache_id", &id, "an input");
    if (rc == ARTDAG_OK)
        rc = ad_value_str(item, "name", &name, r->err);
    if (rc == ARTDAG_OK)
        rc = find_slot(r, op, name, i, &ref.slot);
    if (rc != ARTDAG_OK)
        return rc;
    ref.step = ad_planner_find(&r->planner, &id);
    if (ref.step == AD_PLAN_NONE)
        return ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                            "a step stands on a step that is not before it");
    return ad_vec_push(&r->refs, ref) ? ARTDAG_OK : ad_error_nomem(r->err, ROOM);
}

static enum artdag_err read_refs(struct plan_reader *r, const struct ad_value *value,
                                 struct ad_draft *draft)
{
    const struct ad_value *list = NULL, *steps = NULL;
    r->refs.len = 0;
    enum artdag_err rc = ad_value_list(value, "inputs", &list, r->err);
    if (rc == ARTDAG_OK)
        rc = ad_value_list(value, "input_steps", &steps, r->err);
    if (rc != ARTDAG_OK)
        return rc;
    if (!draft->op->slots || !draft->op->slots[0].max)
        return read_source_ref(r, list, &draft->input);
    if (steps->list.len != list->list.len)
        return ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "inputs and input_steps differ");
    for (size_t i = 0; rc == ARTDAG_OK && i < list->list.len; i++)
        rc = read_ref(r, draft->op, list->list.items[i], i);
    for (size_t i = 0; rc == ARTDAG_OK && i < list->list.len; i++) {
        char id[65];
        ad_step_id(&r->planner.plan->steps[r->refs.items[i].step], id);
        const struct ad_value *said = steps->list.items[i];
        if (said->kind != AD_VALUE_STRING || !ad_str_is(said->string, id))
            rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "inputs and input_steps differ");
    }
    draft->inputs = r->refs.items;
    draft->input_count = (uint32_t)r->refs.len;
    return rc;
}

/* What the document says of a step against what has been computed. */
static enum artdag_err compare_step(struct plan_reader *r, const struct ad_value *value,
                                    struct ad_step *step)
{
    int64_t frames = 0, level = 0;
    enum artdag_err rc = check_id(r, value, "cache_id", &step->cache_id, step->name);
    if (rc == ARTDAG_OK)
        rc = check_id(r, value, "step_id", &step->cache_id, step->name);
    if (rc == ARTDAG_OK)
        rc = ad_value_i64(value, "frames", &frames, r->err);
    if (rc == ARTDAG_OK)
        rc = ad_value_i64(value, "level", &level, r->err);
    if (rc == ARTDAG_OK)
        rc = ad_value_bool(value, "keep", &step->keep, r->err);
    if (rc == ARTDAG_OK && (frames != step->edge.frames || level != (int64_t)step->level))
        rc = corrupt(r, "lengths do not fit its content:", step->name);
    return rc;
}

/* What expands is no step. */
static enum artdag_err take_type(struct plan_reader *r, const struct ad_value *value,
                                 const struct ad_op **ret)
{
    struct ad_str type = {0};
    enum artdag_err rc = ad_value_str(value, "node_type", &type, r->err);
    const struct ad_op *op = rc == ARTDAG_OK ? ad_op_find(type) : NULL;
    if (rc == ARTDAG_OK && (!op || op->expands || !ad_str_is(type, op->node_type)))
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "unknown type \"%.*s\"",
                          (int)(type.len > 60 ? 60 : type.len), type.ptr);
    *ret = op;
    return rc;
}

static enum artdag_err read_step(struct plan_reader *r, const struct ad_value *value)
{
    struct ad_plan *plan = r->planner.plan;
    struct ad_draft draft = {0};
    const struct ad_value *config = NULL;
    const char *name = NULL;
    uint32_t index = 0;
    bool fresh = false;
    enum artdag_err rc = check_keys(r, value, step_keys, "a step");
    if (rc == ARTDAG_OK)
        rc = take_text(r, value, "name", &name);
    if (rc == ARTDAG_OK)
        rc = take_type(r, value, &draft.op);
    if (rc == ARTDAG_OK)
        rc = ad_value_map(value, "config", &config, r->err);
    if (rc == ARTDAG_OK)
        rc = read_config(r, draft.op, config, &draft.config);
    if (rc == ARTDAG_OK)
        rc = read_refs(r, value, &draft);
    if (rc == ARTDAG_OK)
        rc = ad_planner_add(&r->planner, &draft, &index, &fresh, r->err);
    ad_arena_fini(&r->planner.scratch);
    if (rc == ARTDAG_OK && !fresh)
        rc = corrupt(r, "steps are not different:", name);
    if (rc == ARTDAG_OK) {
        plan->steps[index].name = name;
        rc = compare_step(r, value, &plan->steps[index]);
    }
    if (rc != ARTDAG_OK && name)
        ad_error_node(r->err, name);
    return rc;
}

/* ---- outputs ---- */

static enum artdag_err read_output(struct plan_reader *r, const struct ad_value *item,
                                   size_t number, struct ad_plan_output *ret)
{
    const struct ad_plan *plan = r->planner.plan;
    struct ad_hash32 id = {{0}};
    struct ad_file_type type = {0};
    struct ad_str said = {0};
    int64_t index = 0;
    enum artdag_err rc = check_keys(r, item, output_keys, "an output of the plan");
    if (rc == ARTDAG_OK)
        rc = take_text(r, item, "name", &ret->name);
    if (rc == ARTDAG_OK)
        rc = take_id(r, item, "cache_id", &id);
    if (rc == ARTDAG_OK)
        rc = ad_value_i64(item, "index", &index, r->err);
    if (rc == ARTDAG_OK)
        rc = ad_value_str(item, "media_type", &said, r->err);
    if (rc != ARTDAG_OK)
        return rc;
    ret->step = ad_planner_find(&r->planner, &id);
    if (ret->step == AD_PLAN_NONE || !plan->steps[ret->step].edge.deliverable)
        return corrupt(r, "outputs hold what is no film of its steps:", ret->name);
    rc = ad_plan_file_type(plan, ret->step, &type, r->err);
    if (rc == ARTDAG_OK && (index != (int64_t)number || !ad_str_is(said, type.kind)))
        rc = corrupt(r, "outputs do not fit its content:", ret->name);
    return rc;
}

static enum artdag_err read_outputs(struct plan_reader *r, const struct ad_value *root)
{
    struct ad_plan *plan = r->planner.plan;
    const struct ad_value *list = NULL;
    bool main = false;
    enum artdag_err rc = ad_value_list(root, "outputs", &list, r->err);
    if (rc != ARTDAG_OK)
        return rc;
    if (list->list.len > AD_RECIPE_OUTPUTS_MAX)
        return ad_error_set(r->err, ARTDAG_E_LIMIT, ROOM, "too many outputs");
    struct ad_plan_output *outputs =
        ad_arena_array(&plan->arena, list->list.len, sizeof(*outputs));
    if (!outputs)
        return ad_error_nomem(r->err, ROOM);
    plan->outputs = outputs;
    for (size_t i = 0; rc == ARTDAG_OK && i < list->list.len; i++) {
        struct ad_plan_output output = {0};
        rc = read_output(r, list->list.items[i], i, &output);
        if (rc == ARTDAG_OK && ad_plan_find_output(plan, output.name))
            rc = corrupt(r, "outputs are called alike:", output.name);
        outputs[plan->output_count++] = output;
        main = main || output.step == plan->output;
    }
    if (rc == ARTDAG_OK && !main)
        rc = corrupt(r, "outputs lack", "its output_step");
    return rc;
}

static enum artdag_err read_steps(struct plan_reader *r, const struct ad_value *root,
                                  const struct ad_value *steps)
{
    struct ad_hash32 output = {{0}};
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < steps->list.len; i++)
        rc = read_step(r, steps->list.items[i]);
    if (rc == ARTDAG_OK)
        rc = take_id(r, root, "output_step", &output);
    if (rc != ARTDAG_OK)
        return rc;
    r->planner.plan->output = ad_planner_find(&r->planner, &output);
    if (r->planner.plan->output == AD_PLAN_NONE)
        return corrupt(r, "output is", "none of its steps");
    return read_outputs(r, root);
}

static enum artdag_err read_plan(struct plan_reader *r, struct ad_str json,
                                 const struct ad_plan_env *env)
{
    struct ad_doc_limits limits = {.max_bytes = PLAN_BYTES_MAX, .max_values = PLAN_VALUES_MAX};
    const struct ad_value *root = NULL, *steps = NULL;
    struct ad_str type = {0};
    enum artdag_err rc = ad_json_parse(&r->tree, json, NULL, &limits, &root, r->err);
    if (rc == ARTDAG_OK)
        rc = ad_value_str(root, "type", &type, r->err);
    if (rc == ARTDAG_OK && !ad_str_is(type, "artdag/plan/1"))
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "this is no artdag/plan/1 document");
    if (rc == ARTDAG_OK)
        rc = check_keys(r, root, plan_keys, "the plan");
    if (rc == ARTDAG_OK)
        rc = ad_value_list(root, "steps", &steps, r->err);
    if (rc == ARTDAG_OK && !steps->list.len)
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "the plan has no steps");
    if (rc == ARTDAG_OK)
        rc = ad_planner_init(&r->planner, steps->list.len, env, r->err);
    if (rc == ARTDAG_OK)
        rc = read_head(r, root, env->toolchain);
    if (rc == ARTDAG_OK)
        rc = read_steps(r, root, steps);
    if (rc == ARTDAG_OK)
        rc = ad_plan_ids(r->planner.plan, env->cluster_key, r->err);
    if (rc == ARTDAG_OK)
        rc = check_id(r, root, "plan_id", &r->planner.plan->plan_id, "plan_id");
    if (rc == ARTDAG_OK)
        rc = check_id(r, root, "run_id", &r->planner.plan->run_id, "run_id");
    return rc;
}

enum artdag_err ad_plan_from_json(struct ad_str json, const struct ad_plan_env *env,
                                  struct ad_plan **ret, artdag_error *err)
{
    struct plan_reader r = {.err = err};
    enum artdag_err rc = read_plan(&r, json, env);
    ad_planner_fini(&r.planner);
    ad_arena_fini(&r.tree);
    ad_vec_fini(&r.refs);
    if (rc != ARTDAG_OK) {
        ad_plan_destroy(r.planner.plan);
        return rc;
    }
    *ret = r.planner.plan;
    return ARTDAG_OK;
}
