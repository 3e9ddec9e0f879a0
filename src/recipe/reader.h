/* SPDX-License-Identifier: MIT
 *
 * Private to recipe: what the parts of the parser share. Functions return the code they have put into r->err.
 */
#ifndef AD_RECIPE_READER_H
#define AD_RECIPE_READER_H

#include "recipe/recipe.h"

#define ROOM "recipe"

typedef AD_VEC(uint32_t) ad_index_list;

/* A scope while its nodes are read. */
struct ad_reader_scope {
    struct ad_recipe_scope scope;
    const struct ad_value *assets;  /* registry.assets, or NULL */
    const struct ad_value *effects; /* registry.effects, or NULL */
    uint32_t file;                  /* index in files */
    unsigned depth;
};

/* What a name stands for until every name is known. */
struct ad_reader_alias {
    struct ad_str name, target;
    const struct ad_value *at; /* where it is written */
    uint32_t scope;
};

struct ad_recipe_reader {
    struct ad_recipe *recipe; /* being filled */
    const struct ad_recipe_options *options;
    size_t max_nodes;
    AD_VEC(struct ad_reader_scope) scopes;
    AD_VEC(struct ad_recipe_file) files;
    AD_VEC(struct ad_recipe_site) sites; /* of the file being read; moves into its file */
    AD_VEC(struct ad_reader_alias) aliases;
    AD_VEC(struct ad_recipe_node) heads;    /* until all are known, then recipe->nodes */
    AD_VEC(const struct ad_value *) values; /* parallel: the nodes as written */
    struct ad_recipe_node *nodes;           /* recipe->nodes, writable */
    uint32_t scope;                         /* the one being read */
    struct ad_slot_names slots;
    artdag_error *err;
};

/* Notes where it happened, in the file of the present scope; returns rc. */
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
/* Declarations into the present scope. */
enum artdag_err ad_reader_params(struct ad_recipe_reader *r, const struct ad_value *value);
enum artdag_err ad_reader_registry(struct ad_recipe_reader *r, const struct ad_value *registry);
/* dag.nodes: checks that dag is a map with a list of nodes. */
enum artdag_err ad_reader_dag(struct ad_recipe_reader *r, const struct ad_value *root,
                              const struct ad_value **ret_dag);
/* Ids and types of the present scope's nodes, and of what they include. */
enum artdag_err ad_reader_heads(struct ad_recipe_reader *r, const struct ad_value *nodes);
/* An INCLUDE: reads the file and its heads in a scope of its own. */
enum artdag_err ad_reader_include(struct ad_recipe_reader *r, const struct ad_value *node,
                                  struct ad_str id);
/* A name of the present scope, with the prefix. NULL ptr = no memory. */
struct ad_str ad_reader_full_name(struct ad_recipe_reader *r, struct ad_str name);
enum artdag_err ad_reader_alias(struct ad_recipe_reader *r, struct ad_str name,
                                struct ad_str target, const struct ad_value *at);
/* Once all heads are read: every alias comes to stand for a node. */
enum artdag_err ad_reader_settle_aliases(struct ad_recipe_reader *r);
/* Configs and inputs of all nodes. */
enum artdag_err ad_reader_nodes(struct ad_recipe_reader *r);
enum artdag_err ad_reader_inputs(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                 const struct ad_value *value);
/* Every reference in node->config names a declared parameter, every expression reads; sets has_params and mentions. */
enum artdag_err ad_reader_refs(struct ad_recipe_reader *r, struct ad_recipe_node *node);
/* Says of each SOURCE whether it is a file that other nodes read (files.c). */
enum artdag_err ad_reader_files(struct ad_recipe_reader *r);
/* `outputs` of the recipe and dag.output: at least one of them. */
enum artdag_err ad_reader_outputs(struct ad_recipe_reader *r, const struct ad_value *dag);
/* Takes `operation` out of the config of a MAP or REDUCE; the rest is the operation's config. */
enum artdag_err ad_reader_operation(struct ad_recipe_reader *r, struct ad_recipe_node *node);
/* times_from and the signals of binds, once all ids are known. */
enum artdag_err ad_reader_signals(struct ad_recipe_reader *r, struct ad_recipe_node *node);
/* May the node `below` be an input in this slot? */
enum artdag_err ad_reader_kind(struct ad_recipe_reader *r, const struct ad_recipe_node *node,
                               const struct ad_slot *slot, const struct ad_recipe_node *below,
                               const struct ad_value *value);
/* EFFECT: finds the definition of an effect of the registry (effects.c). */
enum artdag_err ad_reader_effect(struct ad_recipe_reader *r, struct ad_recipe_node *node);
enum artdag_err ad_reader_order(struct ad_recipe_reader *r);

#endif
