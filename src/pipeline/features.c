/* SPDX-License-Identifier: MIT
 *
 * What a plan has to know of its inputs beyond their metadata: documents that were given.
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

enum artdag_err ad_gather_documents(const struct ad_input_docs *docs,
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
