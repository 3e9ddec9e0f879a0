/* SPDX-License-Identifier: MIT
 *
 * Which SOURCE is a file: what goes to a slot for files (a font, a table) is read as it is and never looked at as media.
 */
#include <string.h>

#include "recipe/reader.h"

static enum artdag_err fail_at_ref(struct ad_recipe_reader *r,
                                   const struct ad_recipe_node *user,
                                   const struct ad_recipe_ref *ref, enum artdag_err rc)
{
    struct ad_arena arena = AD_ARENA_INIT;
    ad_error_node(r->err, ad_arena_strdup(&arena, user->id));
    ad_arena_fini(&arena);
    return ad_reader_at(r, ref->line, ref->column, rc);
}

static bool takes_file(const struct ad_recipe_node *user, const struct ad_recipe_ref *ref)
{
    const struct ad_slot *slot = ad_op_slot(user->op, ref->slot);
    return slot && slot->file;
}

static enum artdag_err mark(struct ad_recipe_reader *r, const struct ad_recipe_node *user,
                            const struct ad_recipe_ref *ref)
{
    struct ad_recipe_node *node = &r->nodes[ref->node];
    if (!takes_file(user, ref))
        return ARTDAG_OK;
    node->file = node->input_name.len > 0;
    if (node->file)
        return ARTDAG_OK;
    enum artdag_err rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                                      "the input \"%s\" of %s is a file to be read, not a %s",
                                      ref->slot, user->op->node_type, node->op->node_type);
    ad_error_hint(r->err, "give it a SOURCE");
    return fail_at_ref(r, user, ref, rc);
}

static enum artdag_err check(struct ad_recipe_reader *r, const struct ad_recipe_node *user,
                             const struct ad_recipe_ref *ref)
{
    if (takes_file(user, ref) || !r->nodes[ref->node].file)
        return ARTDAG_OK;
    enum artdag_err rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                                      "\"%.*s\" is a file that another node reads, not media",
                                      AD_STR_ARG(r->nodes[ref->node].id));
    ad_error_hint(r->err, "a file that is both is two SOURCE nodes");
    return fail_at_ref(r, user, ref, rc);
}

/* Keys that say how media is conformed mean nothing here, and nothing is dropped silently. */
static enum artdag_err check_config(struct ad_recipe_reader *r,
                                    const struct ad_recipe_node *node)
{
    static const char *const known[] = {"input", "name", "description", "asset", NULL};
    size_t count = node->config ? node->config->map.len : 0;
    for (size_t i = 0; i < count; i++) {
        const struct ad_member *m = &node->config->map.items[i];
        size_t k = 0;
        while (known[k] && !ad_str_is(m->key, known[k]))
            k++;
        if (known[k])
            continue;
        struct ad_recipe_ref at = {.line = m->line, .column = m->column};
        enum artdag_err rc = ad_error_set(
            r->err, ARTDAG_E_FORMAT, ROOM,
            "\"%.*s\" does not apply: this SOURCE is a file that another node reads",
            AD_STR_ARG(m->key));
        return fail_at_ref(r, node, &at, rc);
    }
    return ARTDAG_OK;
}

typedef enum artdag_err (*ref_visitor)(struct ad_recipe_reader *r,
                                       const struct ad_recipe_node *user,
                                       const struct ad_recipe_ref *ref);

static enum artdag_err each_ref(struct ad_recipe_reader *r, ref_visitor visit)
{
    for (size_t i = 0; i < r->recipe->node_count; i++) {
        const struct ad_recipe_node *user = &r->nodes[i];
        for (size_t k = 0; k < user->input_count; k++) {
            enum artdag_err rc = visit(r, user, &user->inputs[k]);
            if (rc != ARTDAG_OK)
                return rc;
        }
    }
    return ARTDAG_OK;
}

static enum artdag_err check_output(struct ad_recipe_reader *r,
                                    const struct ad_recipe_node *output)
{
    if (!output->file)
        return ARTDAG_OK;
    enum artdag_err rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "a file is no film");
    struct ad_recipe_ref at = {.line = output->line, .column = output->column};
    return fail_at_ref(r, output, &at, rc);
}

enum artdag_err ad_reader_files(struct ad_recipe_reader *r)
{
    enum artdag_err rc = each_ref(r, mark);
    if (rc == ARTDAG_OK)
        rc = each_ref(r, check);
    for (size_t i = 0; rc == ARTDAG_OK && i < r->recipe->node_count; i++)
        if (r->nodes[i].file)
            rc = check_config(r, &r->nodes[i]);
    for (size_t i = 0; rc == ARTDAG_OK && i < r->recipe->output_count; i++)
        rc = check_output(r, &r->nodes[r->recipe->outputs[i].node]);
    return rc;
}
