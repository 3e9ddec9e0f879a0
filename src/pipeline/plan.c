/* SPDX-License-Identifier: MIT
 *
 * plan: gathers what the pure planner needs (recipe, CIDs, analyses, toolchain) and stores what it makes.
 */
#include "pipeline/site.h"

#define ROOM "pipeline"
#define PLAN_BYTES_MAX ((size_t)4 << 30)
#define ANALYSIS_BYTES_MAX ((size_t)16 << 20)

/* What one planning needs, all in one arena. */
struct gathering {
    struct ad_site *site;
    struct ad_arena arena;
    AD_VEC(struct ad_plan_input) inputs;
    struct ad_plan_input font;
    bool has_font;
};

static bool has_input(const struct gathering *g, const char *name)
{
    for (size_t i = 0; i < g->inputs.len; i++)
        if (ad_str_is(ad_str_from(g->inputs.items[i].name), name))
            return true;
    return false;
}

/* A font, a table: bytes for filters, which nobody looks at as media. */
static enum artdag_err gather_file(struct gathering *g, const char *name,
                                   const char *path_or_cid, artdag_error *err)
{
    struct ad_plan_input input = {.name = ad_arena_strdup(&g->arena, ad_str_from(name)),
                                  .file = true};
    enum artdag_err rc = ad_register_file(g->site, path_or_cid, &input.cid, err);
    if (rc != ARTDAG_OK)
        return ad_error_prefix(err, rc, "input %s (%s)", name, path_or_cid);
    return input.name && ad_vec_push(&g->inputs, input) ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

/* Registers one input and takes its metadata. Errors name the input. */
static enum artdag_err gather(struct gathering *g, const char *name, const char *path_or_cid,
                              artdag_error *err)
{
    struct ad_buf json = AD_BUF_INIT(ANALYSIS_BYTES_MAX);
    struct ad_plan_input input = {.name = ad_arena_strdup(&g->arena, ad_str_from(name))};
    struct ad_cid analysis;
    char text[AD_CID_TEXT_MAX];
    enum artdag_err rc = ad_register_input(g->site, path_or_cid, &input.cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_metadata(g->site, &input.cid, &json, &analysis, err);
    if (rc != ARTDAG_OK) {
        ad_error_prefix(err, rc, "input %s (%s)", name, path_or_cid);
        goto out;
    }
    ad_cid_format(&analysis, text);
    input.analysis_cid = ad_arena_strdup(&g->arena, ad_str_from(text));
    struct ad_str kept = ad_arena_str(&g->arena, ad_buf_as_str(&json));
    if (ad_arena_failed(&g->arena)) {
        rc = ad_error_nomem(err, ROOM);
        goto out;
    }
    rc = ad_json_parse(&g->arena, kept, NULL, NULL, &input.analysis, err);
    if (rc == ARTDAG_OK && !ad_vec_push(&g->inputs, input))
        rc = ad_error_nomem(err, ROOM);
out:
    ad_buf_fini(&json);
    return rc;
}

static enum artdag_err gather_any(struct gathering *g, const struct ad_recipe *recipe,
                                  const char *name, const char *path_or_cid, artdag_error *err)
{
    return ad_recipe_input_is_file(recipe, ad_str_from(name))
               ? gather_file(g, name, path_or_cid, err)
               : gather(g, name, path_or_cid, err);
}

/* What a target is made from, or some of the outputs; all places stay false when it is the whole recipe. */
static enum artdag_err reach_wish(const struct ad_recipe *recipe,
                                  const struct ad_plan_request *request, bool *reach,
                                  artdag_error *err)
{
    uint32_t node = 0;
    enum artdag_err rc = ARTDAG_OK;
    if (request->target) {
        rc = ad_recipe_find(recipe, ad_str_from(request->target), &node, err);
        if (rc == ARTDAG_OK)
            ad_recipe_reach(recipe, node, reach);
    }
    for (size_t i = 0; rc == ARTDAG_OK && i < request->only_count; i++) {
        const struct ad_recipe_output *output = NULL;
        rc = ad_recipe_find_output(recipe, ad_str_from(request->only[i]), &output, err);
        if (rc == ARTDAG_OK)
            ad_recipe_reach(recipe, output->node, reach);
    }
    return rc;
}

static enum artdag_err check_names(const struct ad_recipe *recipe,
                                   const struct ad_plan_request *request,
                                   const char *const *names, artdag_error *err)
{
    bool whole = !request->target && !request->only_count;
    bool *reach = ad_alloc_array(recipe->node_count, sizeof(*reach));
    if (!reach)
        return ad_error_nomem(err, ROOM);
    enum artdag_err rc = reach_wish(recipe, request, reach, err);
    if (rc == ARTDAG_OK)
        rc = ad_recipe_check_inputs(recipe, names, request->input_count, whole ? NULL : reach,
                                    err);
    free(reach);
    return rc;
}

/* Names that differ (in the arena) and that the recipe knows. */
static enum artdag_err take_names(struct gathering *g, const struct ad_recipe *recipe,
                                  const struct ad_plan_request *request,
                                  const char *const **ret, artdag_error *err)
{
    const char **names = ad_arena_array(&g->arena, request->input_count, sizeof(*names));
    if (!names)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < request->input_count; i++)
        names[i] = request->inputs[i].name;
    enum artdag_err rc =
        ad_recipe_name_inputs(recipe, names, request->input_count, &g->arena, names, err);
    if (rc == ARTDAG_OK)
        rc = check_names(recipe, request, names, err);
    *ret = names;
    return rc;
}

/* Names first, so that a slip of the pen is told before gigabytes are hashed. */
static enum artdag_err gather_inputs(struct gathering *g, const struct ad_recipe *recipe,
                                     const struct ad_plan_request *request, artdag_error *err)
{
    const char *const *names = NULL;
    enum artdag_err rc = take_names(g, recipe, request, &names, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < request->input_count; i++)
        rc = gather_any(g, recipe, names[i], request->inputs[i].value, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < recipe->node_count; i++) {
        const struct ad_recipe_node *node = &recipe->nodes[i];
        if (!node->asset_cid)
            continue;
        const char *name = ad_arena_strdup(&g->arena, node->input_name);
        if (!name)
            rc = ad_error_nomem(err, ROOM);
        else if (!has_input(g, name))
            rc = gather_any(g, recipe, name, node->asset_cid, err);
    }
    return rc;
}

static struct ad_input_docs docs_of(struct gathering *g, const struct ad_recipe *recipe)
{
    return (struct ad_input_docs){g->site, &g->arena, recipe, g->inputs.items, g->inputs.len};
}

static enum artdag_err gather_all(struct gathering *g, const struct ad_recipe *recipe,
                                  const struct ad_plan_request *request, artdag_error *err)
{
    enum artdag_err rc = gather_inputs(g, recipe, request, err);
    if (rc != ARTDAG_OK)
        return rc;
    const struct ad_input_docs docs = docs_of(g, recipe);
    return ad_gather_documents(&docs, request, err);
}

static enum artdag_err list_media(struct gathering *g, const struct ad_recipe *recipe,
                                  const struct ad_plan_request *request, unsigned features,
                                  struct ad_arena *arena, struct ad_analyze_request *ret,
                                  artdag_error *err)
{
    const struct ad_input_docs docs = docs_of(g, recipe);
    unsigned *asked = ad_arena_array(arena, g->inputs.len + 1, sizeof(*asked));
    struct ad_analyze_item *items = ad_arena_array(arena, g->inputs.len + 1, sizeof(*items));
    size_t count = 0;
    enum artdag_err rc = asked && items ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    if (rc == ARTDAG_OK && !features)
        rc = ad_ask_features(&docs, request, asked, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < g->inputs.len; i++) {
        const struct ad_plan_input *input = &g->inputs.items[i];
        const char *name = ad_arena_strdup(arena, ad_str_from(input->name));
        if (!name)
            rc = ad_error_nomem(err, ROOM);
        else if (!input->file)
            items[count++] = (struct ad_analyze_item){
                .cid = input->cid, .name = name, .features = features ? features : asked[i]};
    }
    if (rc == ARTDAG_OK) {
        ret->items = items;
        ret->count = count;
    }
    return rc;
}

enum artdag_err ad_list_inputs(struct ad_site *site, const struct ad_plan_request *request,
                               unsigned features, struct ad_arena *arena,
                               struct ad_analyze_request *ret, artdag_error *err)
{
    struct gathering g = {.site = site};
    struct ad_recipe *recipe = NULL;
    struct ad_cid cid;
    ad_arena_init(&g.arena, 0);
    enum artdag_err rc = ad_register_recipe(site, request->recipe, &recipe, &cid, err);
    if (rc == ARTDAG_OK)
        rc = gather_inputs(&g, recipe, request, err);
    if (rc == ARTDAG_OK)
        rc = list_media(&g, recipe, request, features, arena, ret, err);
    ad_recipe_destroy(recipe);
    ad_vec_fini(&g.inputs);
    ad_arena_fini(&g.arena);
    return rc;
}

/* That there is no font is only told when a step turns out to need one. */
static enum artdag_err gather_font(struct gathering *g, const struct ad_recipe *recipe,
                                   artdag_error *err)
{
    if (!ad_recipe_wants_font(recipe))
        return ARTDAG_OK;
    g->font = (struct ad_plan_input){.name = AD_PLAN_FONT, .file = true};
    enum artdag_err rc = ad_register_font(g->site, &g->font.cid, err);
    g->has_font = rc == ARTDAG_OK;
    return rc == ARTDAG_E_NOTFOUND && !g->site->font ? ARTDAG_OK : rc;
}

static enum artdag_err keep_plan(struct ad_site *site, const struct ad_plan *plan,
                                 struct ad_cid *ret, artdag_error *err)
{
    struct ad_buf json = AD_BUF_INIT(PLAN_BYTES_MAX);
    enum artdag_err rc = ad_plan_to_json(plan, &json, err);
    if (rc == ARTDAG_OK) {
        struct ad_id id = ad_id_of(&plan->plan_id);
        rc = ad_site_keep(site, AD_STATE_PLAN, &id, &json, ret, err);
    }
    ad_buf_fini(&json);
    return rc;
}

/* Replaces a plan by its proxy, when one is wished for. */
static enum artdag_err make_smaller(const struct ad_plan_env *env, const char *ratio,
                                    struct ad_plan **plan, artdag_error *err)
{
    struct ad_plan *small = NULL;
    struct ad_proxy proxy = {0};
    if (!ratio)
        return ARTDAG_OK;
    enum artdag_err rc = ad_proxy_parse(ad_str_from(ratio), &proxy, err);
    if (rc == ARTDAG_OK)
        rc = ad_plan_proxy(*plan, proxy, env, &small, err);
    if (rc != ARTDAG_OK)
        return rc;
    ad_plan_destroy(*plan);
    *plan = small;
    return ARTDAG_OK;
}

enum artdag_err ad_make_plan(struct ad_site *site, const struct ad_plan_request *request,
                             struct ad_plan **ret, struct ad_cid *ret_plan_cid,
                             artdag_error *err)
{
    struct gathering g = {.site = site};
    struct ad_recipe *recipe = NULL;
    struct ad_plan *plan = NULL;
    struct ad_plan_param *params = NULL;
    struct ad_plan_env env = {.cluster_key = ad_site_key(site)};
    ad_arena_init(&g.arena, 0);
    enum artdag_err rc =
        ad_register_recipe(site, request->recipe, &recipe, &env.recipe_cid, err);
    if (rc == ARTDAG_OK)
        rc = gather_all(&g, recipe, request, err);
    if (rc == ARTDAG_OK)
        rc = gather_font(&g, recipe, err);
    if (rc == ARTDAG_OK)
        rc = ad_exec_toolchain(site->exec, &env.toolchain, err);
    if (rc != ARTDAG_OK)
        goto out;
    params = ad_alloc_array(request->param_count + 1, sizeof(*params));
    if (!params) {
        rc = ad_error_nomem(err, ROOM);
        goto out;
    }
    for (size_t i = 0; i < request->param_count; i++)
        params[i] = (struct ad_plan_param){request->params[i].name, request->params[i].value};
    const struct ad_plan_wish wish = {
        .inputs = g.inputs.items,
        .input_count = g.inputs.len,
        .font = g.has_font ? &g.font : NULL,
        .params = params,
        .param_count = request->param_count,
        .target = request->target,
        .only = request->only,
        .only_count = request->only_count,
    };
    rc = ad_plan_make(recipe, &wish, &env, &plan, err);
    if (rc == ARTDAG_OK)
        rc = make_smaller(&env, request->proxy, &plan, err);
    if (rc == ARTDAG_OK)
        rc = keep_plan(site, plan, ret_plan_cid, err);
    if (rc == ARTDAG_OK) {
        *ret = plan;
        plan = NULL;
    }
out:
    free(params);
    ad_plan_destroy(plan);
    ad_recipe_destroy(recipe);
    ad_vec_fini(&g.inputs);
    ad_arena_fini(&g.arena);
    return rc;
}

enum artdag_err ad_load_plan(struct ad_site *site, const char *path_or_cid, const char *proxy,
                             struct ad_plan **ret, struct ad_cid *ret_plan_cid,
                             artdag_error *err)
{
    struct ad_buf json = AD_BUF_INIT(PLAN_BYTES_MAX);
    struct ad_plan *plan = NULL;
    struct ad_plan_env env = {.cluster_key = ad_site_key(site)};
    struct ad_cid cid = {0};
    enum artdag_err rc = ad_site_load(site, path_or_cid, PLAN_BYTES_MAX, &json, &cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_exec_toolchain(site->exec, &env.toolchain, err);
    if (rc == ARTDAG_OK)
        rc = ad_plan_from_json(ad_buf_as_str(&json), &env, &plan, err);
    if (rc == ARTDAG_OK)
        rc = make_smaller(&env, proxy, &plan, err);
    if (rc != ARTDAG_OK)
        goto out;
    if (proxy || !ad_cid_is_set(&cid))
        rc = keep_plan(site, plan, &cid, err);
    if (rc == ARTDAG_OK) {
        *ret = plan;
        *ret_plan_cid = cid;
        plan = NULL;
    }
out:
    ad_plan_destroy(plan);
    ad_buf_fini(&json);
    return rc;
}
