/* SPDX-License-Identifier: MIT
 *
 * The operations' manual.
 */
#include "ops/ops.h"

#include "api/api.h"

#define ROOM "api"

static enum artdag_err all_as_json(struct ad_json_writer *w, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    ad_jw_list_begin(w);
    for (size_t i = 0; rc == ARTDAG_OK && ad_ops[i]; i++)
        rc = ad_op_json(ad_ops[i], w, err);
    ad_jw_list_end(w);
    return rc;
}

#define EFFECT_BYTES_MAX ((size_t)1 << 20)

enum artdag_err artdag_effect_check(const char *path, char **ret_json, artdag_error *err)
{
    struct ad_buf text = AD_BUF_INIT(EFFECT_BYTES_MAX);
    struct ad_buf json = AD_BUF_INIT(AD_DOC_BYTES_MAX);
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_json_writer w;
    const struct ad_value *root = NULL;
    if (!path)
        return ad_api_misuse(err, __func__, "path is NULL");
    enum artdag_err rc = ad_fs_read_file(path, EFFECT_BYTES_MAX, &text, ROOM, err);
    if (rc == ARTDAG_OK)
        rc = ad_yaml_parse(&arena, ad_buf_as_str(&text), path, NULL, &root, err);
    ad_jw_init(&w, &json);
    if (rc == ARTDAG_OK)
        rc = ad_effect_json(&arena, root, path, &w, err);
    if (rc == ARTDAG_OK && ret_json)
        rc = ad_api_take(&json, ret_json, err);
    ad_buf_fini(&text);
    ad_buf_fini(&json);
    ad_arena_fini(&arena);
    return rc;
}

enum artdag_err artdag_ops_manual(const char *node_type, int json, char **ret_text,
                                  artdag_error *err)
{
    struct ad_buf text = AD_BUF_INIT(AD_DOC_BYTES_MAX);
    struct ad_json_writer w;
    const struct ad_op *op = NULL;
    enum artdag_err rc;
    if (!ret_text)
        return ad_api_misuse(err, __func__, "ret_text is NULL");
    if (node_type && !(op = ad_op_find(ad_str_from(node_type)))) {
        const char *near = ad_op_nearest(ad_str_from(node_type));
        ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "there is no node type \"%s\"", node_type);
        if (near)
            ad_error_hint(err, "did you mean %s?", near);
        return ARTDAG_E_NOTFOUND;
    }
    ad_jw_init(&w, &text);
    if (!json)
        rc = ad_op_manual(op, &text, err);
    else
        rc = op ? ad_op_json(op, &w, err) : all_as_json(&w, err);
    if (rc == ARTDAG_OK)
        return ad_api_take(&text, ret_text, err);
    ad_buf_fini(&text);
    return rc;
}
