/* SPDX-License-Identifier: MIT
 *
 * What a plan has to know of its inputs beyond their metadata: documents that were given, and for the rest just the
 * features that the recipe asks for, found in all inputs at once.
 */
#include <string.h>

#include "pipeline/site.h"

#define ROOM "pipeline"
#define DOCUMENT_BYTES_MAX ((size_t)1 << 30)
#define DOCUMENT_VALUES_MAX ((size_t)64 << 20)

static struct ad_plan_input *find_input(const struct ad_input_docs *docs, const char *name)
{
    for (size_t i = 0; i < docs->input_count; i++)
        if (strcmp(docs->inputs[i].name, name) == 0)
            return &docs->inputs[i];
    return NULL;
}

static enum artdag_err unknown_input(const struct ad_input_docs *docs, const char *name,
                                     artdag_error *err)
{
    const char **known = ad_alloc_array(docs->input_count + 1, sizeof(*known));
    if (!known)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < docs->input_count; i++)
        known[i] = docs->inputs[i].name;
    enum artdag_err rc = ad_error_set(
        err, ARTDAG_E_INVAL, ROOM, "an analysis is given for \"%s\", which is no input", name);
    const char *near = ad_str_nearest(ad_str_from(name), known);
    if (near)
        ad_error_hint(err, "did you mean %s?", near);
    free(known);
    return rc;
}

/* A document in the arena, read within limits. */
static enum artdag_err parse_document(const struct ad_input_docs *docs, struct ad_str json,
                                      const char *file, const struct ad_value **ret,
                                      artdag_error *err)
{
    const struct ad_doc_limits limits = {.max_bytes = DOCUMENT_BYTES_MAX,
                                         .max_values = DOCUMENT_VALUES_MAX};
    struct ad_str kept = ad_arena_str(docs->arena, json);
    if (ad_arena_failed(docs->arena))
        return ad_error_nomem(err, ROOM);
    enum artdag_err rc = ad_json_parse(docs->arena, kept, file, &limits, ret, err);
    if (rc == ARTDAG_OK && (*ret)->kind != AD_VALUE_MAP)
        rc = ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "an analysis is a JSON map");
    /* What `artdag analyze --json` prints has the document inside. */
    const struct ad_value *inner = rc == ARTDAG_OK ? ad_value_get(*ret, "analysis") : NULL;
    if (inner && inner->kind == AD_VALUE_MAP)
        *ret = inner;
    return rc;
}

static enum artdag_err take_given(const struct ad_input_docs *docs, const char *name,
                                  const char *path_or_cid, artdag_error *err)
{
    struct ad_buf json = AD_BUF_INIT(DOCUMENT_BYTES_MAX);
    struct ad_plan_input *input = find_input(docs, name);
    struct ad_cid cid = {0};
    if (!input)
        return unknown_input(docs, name, err);
    enum artdag_err rc =
        ad_site_load(docs->site, path_or_cid, DOCUMENT_BYTES_MAX, &json, &cid, err);
    if (rc == ARTDAG_OK)
        rc = parse_document(docs, ad_buf_as_str(&json), path_or_cid, &input->features, err);
    if (rc != ARTDAG_OK)
        ad_error_prefix(err, rc, "the analysis of %s", name);
    ad_buf_fini(&json);
    return rc;
}

static enum artdag_err take_all_given(const struct ad_input_docs *docs,
                                      const struct ad_named *given, size_t count,
                                      artdag_error *err)
{
    const char **names = ad_alloc_array(count + 1, sizeof(*names));
    enum artdag_err rc = names ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++)
        names[i] = given[i].name;
    if (rc == ARTDAG_OK)
        rc = ad_recipe_name_inputs(docs->recipe, names, count, docs->arena, names, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++)
        rc = take_given(docs, names[i], given[i].value, err);
    free(names);
    return rc;
}

/* ---- what is asked ---- */

/* Everything there is in it, but for a picture to look at. */
static unsigned all_of(const struct ad_plan_input *input)
{
    const struct ad_value *audio = ad_value_get(input->analysis, "audio");
    const struct ad_value *video = ad_value_get(input->analysis, "video");
    unsigned bits = AD_FEATURE_BIT(AD_FEATURE_METADATA);
    if (audio && audio->kind == AD_VALUE_MAP)
        bits |= AD_FEATURES_AUDIO;
    if (video && video->kind == AD_VALUE_MAP)
        bits |= AD_FEATURES_VIDEO & ~AD_FEATURE_BIT(AD_FEATURE_CONTACT_SHEET);
    return bits;
}

/* The files of a list are called as its first, but for the number. */
static void ask_list(const struct ad_input_docs *docs, uint32_t first, unsigned bits,
                     unsigned *asked)
{
    size_t stem = strlen(docs->inputs[first].name) - 1;
    for (size_t i = 0; i < docs->input_count; i++) {
        const char *name = docs->inputs[i].name;
        bool listed = strncmp(name, docs->inputs[first].name, stem) == 0 && name[stem] &&
                      strspn(name + stem, "0123456789") == strlen(name + stem);
        asked[i] |= listed ? bits : 0;
    }
}

static enum artdag_err ask_all(const struct ad_input_docs *docs, const bool *reach,
                               unsigned *asked, artdag_error *err)
{
    const struct ad_recipe *recipe = docs->recipe;
    const char **names = ad_alloc_array(docs->input_count + 1, sizeof(*names));
    uint32_t *bound = ad_alloc_array(recipe->node_count, sizeof(*bound));
    unsigned *wanted = ad_alloc_array(recipe->node_count, sizeof(*wanted));
    enum artdag_err rc = names && bound && wanted ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < docs->input_count; i++)
        names[i] = docs->inputs[i].name;
    if (rc == ARTDAG_OK)
        rc = ad_recipe_features(recipe, reach, wanted, err);
    if (rc == ARTDAG_OK)
        rc = ad_recipe_bind(recipe, names, docs->input_count, reach, bound, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < recipe->node_count; i++) {
        if (bound[i] == AD_RECIPE_UNBOUND)
            continue;
        if (recipe->nodes[i].op->expands)
            ask_list(docs, bound[i], wanted[i], asked);
        else
            asked[bound[i]] |= wanted[i];
    }
    free(names);
    free(bound);
    free(wanted);
    return rc;
}

/* ---- finding ---- */

static enum artdag_err find_all(const struct ad_input_docs *docs,
                                const struct ad_plan_request *plan, const unsigned *asked,
                                artdag_error *err)
{
    struct ad_analyze_item *items = ad_alloc_array(docs->input_count + 1, sizeof(*items));
    struct ad_analyze_request request = {
        .items = items, .progress = plan->analyzing, .payload = plan->payload};
    if (!items)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < docs->input_count; i++) {
        const struct ad_plan_input *input = &docs->inputs[i];
        if (!asked[i] || input->features || input->file)
            continue;
        items[request.count++] = (struct ad_analyze_item){
            .cid = input->cid,
            .name = input->name,
            .features = asked[i] == AD_FEATURES_ALL ? all_of(input) : asked[i],
        };
    }
    enum artdag_err rc = request.count ? ad_analyze(docs->site, &request, err) : ARTDAG_OK;
    for (size_t i = 0; i < request.count; i++) {
        if (rc == ARTDAG_OK)
            rc = parse_document(docs, ad_buf_as_str(&items[i].document), NULL,
                                &find_input(docs, items[i].name)->features, err);
        ad_analyze_item_fini(&items[i]);
    }
    free(items);
    return rc;
}

enum artdag_err ad_ask_features(const struct ad_input_docs *docs,
                                const struct ad_plan_request *request, unsigned *asked,
                                artdag_error *err)
{
    bool *reach = ad_alloc_array(docs->recipe->node_count, sizeof(*reach));
    uint32_t target = 0;
    enum artdag_err rc = reach ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    if (rc == ARTDAG_OK && request->target) {
        rc = ad_recipe_find(docs->recipe, ad_str_from(request->target), &target, err);
        if (rc == ARTDAG_OK)
            ad_recipe_reach(docs->recipe, target, reach);
    } else if (rc == ARTDAG_OK) {
        ad_recipe_reach_outputs(docs->recipe, reach);
    }
    if (rc == ARTDAG_OK)
        rc = ask_all(docs, reach, asked, err);
    free(reach);
    return rc;
}

enum artdag_err ad_gather_documents(const struct ad_input_docs *docs,
                                    const struct ad_plan_request *request, artdag_error *err)
{
    unsigned *asked = ad_alloc_array(docs->input_count + 1, sizeof(*asked));
    enum artdag_err rc = asked ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    if (rc == ARTDAG_OK)
        rc = take_all_given(docs, request->analyses, request->analysis_count, err);
    if (rc == ARTDAG_OK)
        rc = ad_ask_features(docs, request, asked, err);
    if (rc == ARTDAG_OK)
        rc = find_all(docs, request, asked, err);
    free(asked);
    return rc;
}
