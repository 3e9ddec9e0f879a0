/* SPDX-License-Identifier: MIT
 *
 * The door of room recipe: YAML -> typed recipe, validated against the ops' schemas. docs/formats/recipe.md
 * describes the language. A recipe lives in one arena and is read-only once parsed, so threads may share it.
 */
#ifndef AD_RECIPE_RECIPE_H
#define AD_RECIPE_RECIPE_H

#include "base/base.h"
#include "doc/doc.h"
#include "ops/ops.h"

/* What `format:` says; 0 / NULL = take it from the first video input. */
struct ad_recipe_format {
    int64_t width, height, fps_num, fps_den, sample_rate, channels;
    const char *pixel_format;
};

struct ad_recipe_param {
    struct ad_str name;
    enum ad_field_type type;         /* not MAP */
    const struct ad_value *fallback; /* NULL = must be given */
    bool has_min, has_max;
    double min, max;           /* INT, NUMBER; TIME in seconds */
    const char *const *values; /* ENUM: NULL-terminated */
    const char *doc;           /* "" = none */
    uint32_t line, column;
};

struct ad_recipe_ref {
    const char *slot; /* "0", "1" ... for list ops, else the op's own string */
    uint32_t node;    /* index in nodes */
    uint32_t line, column;
};

struct ad_recipe_node {
    struct ad_str id;
    const struct ad_op *op;
    const struct ad_value *config; /* as written: parameters not yet filled in; NULL = none */
    bool keep;       /* the result is wanted by itself, whatever strategy renders it */
    bool has_params; /* config refers to a parameter somewhere */
    const struct ad_recipe_ref *inputs; /* in slot order: list order, or the op's slot order */
    size_t input_count;
    uint32_t line, column;
    /* SOURCE: the name under which the input is given: the node's id, or the name of a registry asset. */
    struct ad_str input_name;  /* empty for other ops */
    struct ad_str input_alias; /* config.name: another name for it; empty when there is none */
    const char *asset_cid;     /* NULL unless from the registry */
    bool
        file; /* SOURCE: it goes to slots for files only, so that it is never looked at as media */
};

/* What the recipe gives away under a name. */
struct ad_recipe_output {
    struct ad_str name;
    uint32_t node;
};

struct ad_recipe {
    struct ad_arena arena;
    const char *file; /* as given, for errors; may be NULL */
    struct ad_str name, version, description, owner;
    struct ad_recipe_format format;
    const struct ad_recipe_param *params;
    size_t param_count;
    const struct ad_recipe_node *nodes; /* in file order */
    size_t node_count;
    uint32_t output; /* node index: dag.output, else the first of outputs */
    /* In file order, names different; always holds `output`: under its node's id when nothing else names it */
    const struct ad_recipe_output *outputs;
    size_t output_count;
    const uint32_t *order;       /* node indexes, inputs before users; deterministic */
    const struct ad_value *root; /* the document */
};

#define AD_RECIPE_NODES_MAX 100000U
#define AD_RECIPE_OUTPUTS_MAX 1000U
#define AD_RECIPE_VALUES_MAX 2000000U /* values of the YAML document, aliases expanded */
#define AD_RECIPE_NAME_MAX 200U       /* bytes of a name or id */

struct ad_recipe_limits {
    struct ad_doc_limits doc; /* max_values 0 = AD_RECIPE_VALUES_MAX */
    size_t max_nodes;         /* 0 = AD_RECIPE_NODES_MAX */
};

/* Parses and validates. Unknown keys and types, duplicate ids, missing or unknown inputs, wrong slots, wrong
 * types and units: FORMAT with file:line:column, the node's name and the nearest known name. A ring of nodes:
 * CYCLE with the way round. Too much of anything: LIMIT. Nodes that the output does not reach are checked and
 * not planned. limits may be NULL. text need not outlive the call. */
enum artdag_err ad_recipe_parse(struct ad_str text, const char *file,
                                const struct ad_recipe_limits *limits, struct ad_recipe **ret,
                                artdag_error *err);
void ad_recipe_destroy(struct ad_recipe *recipe); /* NULL allowed */

/* The index of the node called id. NOTFOUND with the nearest name. */
enum artdag_err ad_recipe_find(const struct ad_recipe *recipe, struct ad_str id, uint32_t *ret,
                               artdag_error *err);

/* reach[i] becomes true for every node that `output` is made from, itself included; others stay. */
void ad_recipe_reach(const struct ad_recipe *recipe, uint32_t output, bool *reach);
/* The same for everything that some output is made from. */
void ad_recipe_reach_outputs(const struct ad_recipe *recipe, bool *reach);

/* The output called name. NOTFOUND with the nearest name. */
enum artdag_err ad_recipe_find_output(const struct ad_recipe *recipe, struct ad_str name,
                                      const struct ad_recipe_output **ret, artdag_error *err);

/* ---- inputs ---- */

/* Unknown, missing or repeated input names are INVAL with the nearest name and the node's line. Inputs of nodes
 * that no output reaches may be left out. Registry assets are not given by name. */
enum artdag_err ad_recipe_check_inputs(const struct ad_recipe *recipe, const char *const *names,
                                       size_t count, artdag_error *err);

/* Whatever is given under this name (an asset's, too) is a file for filters to read, wherever it goes. */
bool ad_recipe_input_is_file(const struct ad_recipe *recipe, struct ad_str name);

#define AD_RECIPE_UNBOUND UINT32_MAX
/* The same, with assets among the names (under node.input_name) and the result written down: ret_bound[node] is
 * an index in names, or AD_RECIPE_UNBOUND for what is no SOURCE or has none. reach (may be NULL = what
 * the outputs reach) says which nodes must have one. */
enum artdag_err ad_recipe_bind(const struct ad_recipe *recipe, const char *const *names,
                               size_t count, const bool *reach, uint32_t *ret_bound,
                               artdag_error *err);

/* ---- parameters ---- */

struct ad_recipe_given {
    const char *name;
    const char *value; /* text, read by the declared type */
};
/* The value of each declared parameter, in order of declaration. Unknown, repeated, missing, wrong type, out of
 * range: INVAL with the nearest name. format is needed for times. The values live in arena and in the recipe. */
enum artdag_err ad_recipe_params(const struct ad_recipe *recipe,
                                 const struct ad_recipe_given *given, size_t count,
                                 const struct ad_format *format, struct ad_arena *arena,
                                 const struct ad_value *const **ret, artdag_error *err);
/* node's config with every reference replaced; the node's own when it has none. */
enum artdag_err ad_recipe_config(const struct ad_recipe *recipe,
                                 const struct ad_recipe_node *node,
                                 const struct ad_value *const *values, struct ad_arena *arena,
                                 const struct ad_value **ret, artdag_error *err);

/* ---- for rooms above ---- */

/* A deep copy: maps and lists anew in arena, every other value through leaf, every key through key (NULL = kept as
 * it is). NULL when memory is out, a callback gave NULL, or the nesting is deeper than 128. */
struct ad_rebuild {
    struct ad_arena *arena;
    const struct ad_value *(*leaf)(void *payload, const struct ad_value *value);
    struct ad_str (*key)(void *payload, struct ad_str key);
    void *payload;
};
const struct ad_value *ad_value_rebuild(const struct ad_rebuild *rebuild,
                                        const struct ad_value *value);

/* "0", "1" ...: one string per number, kept in the arena that is always given with it. NULL = no memory. */
struct ad_slot_names {
    AD_VEC(const char *) names;
};
const char *ad_slot_name(struct ad_slot_names *names, struct ad_arena *arena, size_t i);
void ad_slot_names_fini(struct ad_slot_names *names);

#endif
