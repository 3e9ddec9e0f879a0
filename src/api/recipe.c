/* SPDX-License-Identifier: MIT
 *
 * Recipes as texts.
 */
#include <string.h>

#include <artdag/recipe.h>

#include "api/api.h"

#define ROOM "api"

static const char *const type_names[] = {
    [AD_FIELD_BOOL] = "bool", [AD_FIELD_INT] = "int",   [AD_FIELD_NUMBER] = "number",
    [AD_FIELD_ENUM] = "enum", [AD_FIELD_TIME] = "time", [AD_FIELD_COLOR] = "color",
};

static void put_inputs(struct ad_json_writer *w, const struct ad_recipe *recipe)
{
    ad_jw_list_begin(w);
    for (size_t i = 0; i < recipe->node_count; i++) {
        const struct ad_recipe_node *node = &recipe->nodes[i];
        if (!node->input_name.len || node->asset_cid)
            continue;
        ad_jw_map_begin(w);
        ad_jw_key(w, "name");
        ad_jw_str(w, node->input_name);
        ad_jw_key(w, "title");
        ad_jw_str(w, node->input_alias);
        ad_jw_map_end(w);
    }
    ad_jw_list_end(w);
}

static void put_params(struct ad_json_writer *w, const struct ad_recipe *recipe)
{
    ad_jw_list_begin(w);
    for (size_t i = 0; i < recipe->param_count; i++) {
        const struct ad_recipe_param *param = &recipe->params[i];
        const char *type = (size_t)param->type < sizeof(type_names) / sizeof(type_names[0])
                               ? type_names[param->type]
                               : NULL;
        ad_jw_map_begin(w);
        if (param->fallback) {
            ad_jw_key(w, "default");
            ad_jw_value(w, param->fallback);
        }
        ad_jw_key(w, "description");
        ad_jw_cstr(w, param->doc);
        ad_jw_key(w, "name");
        ad_jw_str(w, param->name);
        ad_jw_key(w, "type");
        ad_jw_cstr(w, type ? type : "string");
        ad_jw_map_end(w);
    }
    ad_jw_list_end(w);
}

static void put_recipe(struct ad_json_writer *w, const struct ad_recipe *recipe)
{
    ad_jw_map_begin(w);
    ad_jw_key(w, "description");
    ad_jw_str(w, recipe->description);
    ad_jw_key(w, "files");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < recipe->file_count; i++)
        ad_jw_cstr(w, recipe->files[i].name ? recipe->files[i].name : "");
    ad_jw_list_end(w);
    ad_jw_key(w, "inputs");
    put_inputs(w, recipe);
    ad_jw_key(w, "name");
    ad_jw_str(w, recipe->name);
    ad_jw_key(w, "nodes");
    ad_jw_int(w, (int64_t)recipe->node_count);
    ad_jw_key(w, "outputs");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < recipe->output_count; i++)
        ad_jw_str(w, recipe->outputs[i].name);
    ad_jw_list_end(w);
    ad_jw_key(w, "params");
    put_params(w, recipe);
    ad_jw_key(w, "version");
    ad_jw_str(w, recipe->version);
    ad_jw_map_end(w);
}

enum artdag_err artdag_recipe_check(artdag_site *site, const char *path_or_cid, char **ret_json,
                                    artdag_error *err)
{
    struct ad_buf text = AD_BUF_INIT(AD_DOC_BYTES_MAX);
    struct ad_json_writer w;
    struct ad_recipe *recipe = NULL;
    if (!site || !path_or_cid)
        return ad_api_misuse(err, __func__, "site or path_or_cid is NULL");
    enum artdag_err rc = ad_read_recipe(site->inner, path_or_cid, &recipe, err);
    if (rc != ARTDAG_OK || !ret_json) {
        ad_recipe_destroy(recipe);
        return rc;
    }
    ad_jw_init(&w, &text);
    put_recipe(&w, recipe);
    ad_recipe_destroy(recipe);
    return ad_api_take(&text, ret_json, err);
}

enum artdag_err artdag_recipe_schema(char **ret_json, artdag_error *err)
{
    struct ad_buf text = AD_BUF_INIT(AD_DOC_BYTES_MAX);
    if (!ret_json)
        return ad_api_misuse(err, __func__, "ret_json is NULL");
    enum artdag_err rc = ad_recipe_schema(&text, err);
    if (rc == ARTDAG_OK)
        return ad_api_take(&text, ret_json, err);
    ad_buf_fini(&text);
    return rc;
}

enum artdag_err artdag_recipe_format(const char *text, size_t len, const char *file,
                                     char **ret_text, artdag_error *err)
{
    struct ad_buf out = AD_BUF_INIT(AD_DOC_BYTES_MAX);
    if (!text || !ret_text)
        return ad_api_misuse(err, __func__, "text or ret_text is NULL");
    enum artdag_err rc = ad_yaml_format((struct ad_str){text, len}, file, &out, err);
    if (rc == ARTDAG_OK)
        return ad_api_take(&out, ret_text, err);
    ad_buf_fini(&out);
    return rc;
}

enum artdag_err artdag_recipe_import_otio(const char *json, size_t len, const char *file,
                                          char **ret_text, artdag_error *err)
{
    struct ad_buf out = AD_BUF_INIT(AD_DOC_BYTES_MAX);
    if (!json || !ret_text)
        return ad_api_misuse(err, __func__, "json or ret_text is NULL");
    enum artdag_err rc = ad_recipe_from_otio((struct ad_str){json, len}, file, &out, err);
    if (rc == ARTDAG_OK)
        return ad_api_take(&out, ret_text, err);
    ad_buf_fini(&out);
    return rc;
}
