/* SPDX-License-Identifier: MIT
 *
 * The public analysis functions.
 */
#include <stdlib.h>

#include "api/api.h"

#define ROOM "api"

/* One call: what was asked, and the pipeline's view of it. */
struct analyzing {
    const artdag_analyze_params *params;
    struct ad_analyze_request request;
    struct ad_feature_settings settings;
    unsigned features;     /* 0 = as the recipe needs */
    struct ad_arena arena; /* of the items */
};

static enum artdag_err check_params(const artdag_site *site,
                                    const artdag_analyze_params *params,
                                    const artdag_analyses *ret, artdag_error *err)
{
    if (!site || !params || !ret)
        return ad_api_misuse(err, "artdag_analyze", "site, params or ret is NULL");
    if (params->size != sizeof(*params))
        return ad_api_misuse(err, "artdag_analyze", "params.size is not set");
    if (!params->inputs == !params->recipe)
        return ad_api_misuse(err, "artdag_analyze", "either inputs or a recipe is wanted");
    if (params->setting_count && !params->settings)
        return ad_api_misuse(err, "artdag_analyze", "settings is NULL but counted");
    for (size_t i = 0; params->inputs && i < params->input_count; i++)
        if (!params->inputs[i].name || !params->inputs[i].value)
            return ad_api_misuse(err, "artdag_analyze", "a name or value is NULL");
    return ARTDAG_OK;
}

static enum artdag_err read_wishes(struct analyzing *a, artdag_error *err)
{
    const artdag_analyze_params *params = a->params;
    enum artdag_err rc = ARTDAG_OK;
    ad_feature_settings_init(&a->settings);
    if (params->features)
        rc = ad_features_parse(ad_str_from(params->features), &a->features, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < params->setting_count; i++) {
        const artdag_named *setting = &params->settings[i];
        if (!setting->name || !setting->value)
            return ad_api_misuse(err, "artdag_analyze", "a setting is NULL");
        rc = ad_feature_settings_set(&a->settings, setting->name, setting->value, err);
    }
    return rc;
}

static enum artdag_err register_all(struct analyzing *a, struct ad_site *site,
                                    artdag_error *err)
{
    const artdag_analyze_params *params = a->params;
    struct ad_analyze_item *items =
        ad_arena_array(&a->arena, params->input_count + 1, sizeof(*items));
    enum artdag_err rc = items ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < params->input_count; i++) {
        items[i].name = params->inputs[i].name;
        items[i].features = a->features;
        rc = ad_register_input(site, params->inputs[i].value, &items[i].cid, err);
    }
    if (rc == ARTDAG_OK) {
        a->request.items = items;
        a->request.count = params->input_count;
    }
    return rc;
}

static enum artdag_err list_of_recipe(struct analyzing *a, struct ad_site *site,
                                      artdag_error *err)
{
    struct ad_api_request recipe = {0};
    enum artdag_err rc = ad_api_request(a->params->recipe, &recipe, err);
    if (rc == ARTDAG_OK)
        rc = ad_list_inputs(site, &recipe.plan, a->features, &a->arena, &a->request, err);
    ad_api_request_fini(&recipe);
    return rc;
}

static void tell(void *payload, const struct ad_analyze_progress *progress)
{
    const struct analyzing *a = payload;
    const artdag_analyze_progress out = {
        .input = progress->name,
        .sound = progress->sound,
        .done = progress->done,
        .total = progress->total,
    };
    a->params->progress(a->params->payload, &out);
}

static enum artdag_err hand_over(struct analyzing *a, artdag_analyses *ret, artdag_error *err)
{
    artdag_analyses out = {ad_alloc_array(a->request.count + 1, sizeof(*out.items)), 0};
    if (!out.items)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < a->request.count; i++) {
        struct ad_analyze_item *item = &a->request.items[i];
        artdag_analysis *to = &out.items[out.count++];
        to->input = ad_strdup(item->name);
        to->input_cid = ad_api_cid(&item->cid);
        to->analysis_cid = ad_api_cid(&item->document_cid);
        enum artdag_err rc = ad_api_take(&item->document, &to->json, err);
        if (rc == ARTDAG_OK && !to->input)
            rc = ad_error_nomem(err, ROOM);
        if (rc != ARTDAG_OK) {
            artdag_analyses_fini(&out);
            return rc;
        }
    }
    *ret = out;
    return ARTDAG_OK;
}

static enum artdag_err plot(const struct analyzing *a, struct ad_site *site, artdag_error *err)
{
    struct ad_buf png = AD_BUF_INIT((size_t)256 << 20);
    enum artdag_err rc = ad_plot(site, &a->request.items[0], &png, err);
    if (rc == ARTDAG_OK)
        rc = ad_fs_write_file(a->params->plot, png.data, png.len, 0644, ROOM, err);
    ad_buf_fini(&png);
    return rc;
}

enum artdag_err artdag_analyze(artdag_site *site, const artdag_analyze_params *params,
                               artdag_analyses *ret, artdag_error *err)
{
    struct analyzing a = {.params = params};
    enum artdag_err rc = check_params(site, params, ret, err);
    if (rc == ARTDAG_OK)
        rc = read_wishes(&a, err);
    if (rc != ARTDAG_OK)
        return rc;
    a.request.settings = &a.settings;
    a.request.progress = params->progress ? tell : NULL;
    a.request.payload = &a;
    ad_arena_init(&a.arena, 0);
    rc = params->recipe ? list_of_recipe(&a, site->inner, err)
                        : register_all(&a, site->inner, err);
    if (rc == ARTDAG_OK && params->plot && a.request.count != 1)
        rc = ad_error_set(err, ARTDAG_E_INVAL, ROOM, "a plot shows one input, not %zu",
                          a.request.count);
    if (rc == ARTDAG_OK)
        rc = ad_analyze(site->inner, &a.request, err);
    if (rc == ARTDAG_OK && params->plot)
        rc = plot(&a, site->inner, err);
    if (rc == ARTDAG_OK)
        rc = hand_over(&a, ret, err);
    for (size_t i = 0; i < a.request.count; i++)
        ad_analyze_item_fini(&a.request.items[i]);
    ad_arena_fini(&a.arena);
    return rc;
}

void artdag_analyses_fini(artdag_analyses *analyses)
{
    if (!analyses)
        return;
    for (size_t i = 0; i < analyses->count; i++) {
        free(analyses->items[i].input);
        free(analyses->items[i].json);
    }
    free(analyses->items);
    *analyses = (artdag_analyses){0};
}
