/* SPDX-License-Identifier: MIT
 *
 * Private to recipe: what the parts of the parser share. Functions return the code they have put into r->err.
 */
#ifndef AD_RECIPE_READER_H
#define AD_RECIPE_READER_H

#include "recipe/recipe.h"

#define ROOM "recipe"

struct ad_recipe_reader {
    struct ad_recipe *recipe;      /* being filled */
    const struct ad_value *assets; /* registry.assets, or NULL */
    size_t max_nodes;
    struct ad_recipe_node *nodes; /* recipe->nodes, writable */
    struct ad_map ids;            /* node id -> index */
    struct ad_map params;         /* parameter name -> index */
    struct ad_slot_names slots;
    artdag_error *err;
};

/* Notes where it happened; returns rc. */
enum artdag_err ad_reader_at(struct ad_recipe_reader *r, uint32_t line, uint32_t column,
                             enum artdag_err rc);
/* "did you mean X", when a known name is near. known ends with NULL. */
void ad_reader_suggest(struct ad_recipe_reader *r, struct ad_str name,
                       const char *const *known);
/* value is a map with known keys only. what names the map in messages: "the recipe", "a node". */
enum artdag_err ad_reader_keys(struct ad_recipe_reader *r, const struct ad_value *value,
                               const char *const *known, const char *what);
/* The text of a scalar: a string, or a number as it is written. Not empty, valid, not too long. */
enum artdag_err ad_reader_name(struct ad_recipe_reader *r, const struct ad_value *value,
                               const char *what, struct ad_str *ret);

/* The parts. value may be NULL where the key may be left out. */
enum artdag_err ad_reader_format(struct ad_recipe_reader *r, const struct ad_value *value);
enum artdag_err ad_reader_params(struct ad_recipe_reader *r, const struct ad_value *value);
enum artdag_err ad_reader_nodes(struct ad_recipe_reader *r, const struct ad_value *value);
enum artdag_err ad_reader_inputs(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                 const struct ad_value *value);
/* Every reference in config names a declared parameter; says whether there is any. */
enum artdag_err ad_reader_refs(struct ad_recipe_reader *r, const struct ad_value *config,
                               bool *ret_any);
/* Says of each SOURCE whether it is a file that other nodes read (files.c). */
enum artdag_err ad_reader_files(struct ad_recipe_reader *r);
/* `outputs` of the recipe and dag.output: at least one of them. */
enum artdag_err ad_reader_outputs(struct ad_recipe_reader *r, const struct ad_value *dag);
enum artdag_err ad_reader_order(struct ad_recipe_reader *r);

#endif
