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

/* A recipe as it is read: the one at the top, or one that an INCLUDE brings in, once for each INCLUDE. */
struct ad_recipe_scope {
    const char *file; /* for errors; may be NULL at the top */
    struct ad_str
        prefix;      /* of its nodes' ids: "" at the top, "intro/" in an INCLUDE called intro */
    uint32_t parent; /* the scope that its INCLUDE is written in; the top's is 0 */
    const struct ad_recipe_param *params;
    size_t param_count;
    const struct ad_value
        *given; /* config.params of the INCLUDE, read in the parent; or NULL */
    const struct ad_value *wires; /* its inputs, likewise */
    uint32_t line, column;        /* in the file at the top: of the INCLUDE that this is in */
};

/* A node that a config names: where to cut (times_from), what to follow (bind). */
struct ad_recipe_signal {
    struct ad_str text; /* as written: "music.energy" */
    struct ad_str path; /* what comes behind the node: "energy"; empty when nothing does */
    uint32_t node;
    uint32_t line, column;
};

struct ad_recipe_node {
    struct ad_str id; /* with the scope's prefix */
    uint32_t scope;   /* index in scopes */
    const struct ad_op *op;
    const struct ad_value *config; /* as written: parameters not yet filled in; NULL = none */
    bool keep;       /* the result is wanted by itself, whatever strategy renders it */
    bool has_params; /* config holds a parameter or an expression somewhere */
    /* Nodes whose length or size an expression of the config asks for; they come before this one in order. */
    const uint32_t *mentions;
    size_t mention_count;
    const struct ad_recipe_ref *inputs; /* in slot order: list order, or the op's slot order */
    size_t input_count;
    const struct ad_op
        *operation; /* MAP, REDUCE: what is done to the items; config is then its own */
    const struct ad_recipe_signal *signals; /* in the order of the config */
    size_t signal_count;
    uint32_t line, column;
    /* SOURCE and SOURCE_LIST: the name under which the input is given: the node's id, or the name of a registry asset. */
    struct ad_str input_name;  /* empty for other ops */
    struct ad_str input_alias; /* config.name: another name for it; empty when there is none */
    const char *asset_cid;     /* NULL unless from the registry */
    /* EFFECT: what the registry's effect of that name is; NULL = it comes with the program */
    const struct ad_value *definition;
    bool
        file; /* SOURCE: it goes to slots for files only, so that it is never looked at as media */
};

/* What the recipe gives away under a name. */
struct ad_recipe_output {
    struct ad_str name;
    uint32_t node;
};

/* Where a file names another one. */
struct ad_recipe_site {
    const struct ad_value *ref; /* the value of `recipe:` */
    uint32_t file;              /* index in files of what it names */
};
struct ad_recipe_file {
    const char *name; /* as the loader calls it; may be NULL for the top */
    struct ad_str text;
    const struct ad_value *root;
    const struct ad_recipe_site *sites; /* in order of the text */
    size_t site_count;
};

struct ad_recipe {
    struct ad_arena arena;
    const char *file; /* as given, for errors; may be NULL */
    struct ad_str name, version, description, owner;
    struct ad_recipe_format format;
    const struct ad_recipe_param *params; /* of the top */
    size_t param_count;
    const struct ad_recipe_scope *scopes; /* [0] is the top */
    size_t scope_count;
    const struct ad_recipe_file *files; /* [0] is the top; included files, each once */
    size_t file_count;
    struct ad_map ids;                  /* every name a node is known by -> index in nodes */
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
#define AD_RECIPE_INCLUDE_DEPTH 16U   /* files within each other */
#define AD_RECIPE_SCOPES_MAX 10000U   /* INCLUDEs in all, nested ones too */

struct ad_recipe_options {
    struct ad_doc_limits doc; /* max_values 0 = AD_RECIPE_VALUES_MAX */
    size_t max_nodes;         /* 0 = AD_RECIPE_NODES_MAX */
    /* Gives the text that an INCLUDE names (a path or a CID) in the file called from (NULL: the top has no name).
     * ret_file is one name for one text. Both live in arena. NULL = nothing can be included. */
    enum artdag_err (*load)(void *payload, const char *from, const char *ref,
                            struct ad_arena *arena, const char **ret_file,
                            struct ad_str *ret_text, artdag_error *err);
    void *payload;
};

/* Parses and validates. Unknown keys and types, duplicate ids, missing or unknown inputs, wrong slots, wrong
 * types and units: FORMAT with file:line:column, the node's name and the nearest known name. A ring of nodes:
 * CYCLE with the way round, as a file that includes itself. Too much of anything: LIMIT. Nodes that the output does not reach are checked and
 * not planned. options may be NULL. text need not outlive the call. */
enum artdag_err ad_recipe_parse(struct ad_str text, const char *file,
                                const struct ad_recipe_options *options, struct ad_recipe **ret,
                                artdag_error *err);
void ad_recipe_destroy(struct ad_recipe *recipe); /* NULL allowed */

/* The index of the node called id, or of the result of the INCLUDE called so. NOTFOUND with the nearest name. */
enum artdag_err ad_recipe_find(const struct ad_recipe *recipe, struct ad_str id, uint32_t *ret,
                               artdag_error *err);

/* The file that the node is written in, for errors; may be NULL. */
const char *ad_recipe_file_of(const struct ad_recipe *recipe,
                              const struct ad_recipe_node *node);

/* The text of files[file] with every included path replaced by cids[index of its file]. CORRUPT when a place cannot be
 * found again. */
enum artdag_err ad_recipe_freeze(const struct ad_recipe *recipe, uint32_t file,
                                 const char *const *cids, struct ad_buf *ret,
                                 artdag_error *err);

/* reach[i] becomes true for every node that `output` is made from or whose length it asks for, itself included; others
 * stay. */
void ad_recipe_reach(const struct ad_recipe *recipe, uint32_t output, bool *reach);
/* The same for everything that some output is made from. */
void ad_recipe_reach_outputs(const struct ad_recipe *recipe, bool *reach);

/* The output called name. NOTFOUND with the nearest name. */
enum artdag_err ad_recipe_find_output(const struct ad_recipe *recipe, struct ad_str name,
                                      const struct ad_recipe_output **ret, artdag_error *err);

/* ---- inputs ---- */

/* Unknown, missing or repeated input names are INVAL with the nearest name and the node's line. Inputs of nodes
 * beside reach (NULL = what the outputs reach) may be left out. Registry assets are not given by name. */
enum artdag_err ad_recipe_check_inputs(const struct ad_recipe *recipe, const char *const *names,
                                       size_t count, const bool *reach, artdag_error *err);

/* Some node has an open slot for which it takes the system's font. */
bool ad_recipe_wants_font(const struct ad_recipe *recipe);
/* Whatever is given under this name (an asset's, too) is a file for filters to read, wherever it goes. */
bool ad_recipe_input_is_file(const struct ad_recipe *recipe, struct ad_str name);

#define AD_RECIPE_UNBOUND UINT32_MAX
/* The same (a SOURCE_LIST is bound to its first input, NAME.0), with assets among the names (under node.input_name) and the result written down: ret_bound[node] is
 * an index in names, or AD_RECIPE_UNBOUND for what is no SOURCE or has none. reach (may be NULL = what
 * the outputs reach) says which nodes must have one. */
enum artdag_err ad_recipe_bind(const struct ad_recipe *recipe, const char *const *names,
                               size_t count, const bool *reach, uint32_t *ret_bound,
                               artdag_error *err);

/* Names as they were given -> names that differ: what is given for a SOURCE_LIST is called NAME.0, NAME.1 ... in the
 * order given. The other functions want them so. ret has count places; the texts live in arena. */
enum artdag_err ad_recipe_name_inputs(const struct ad_recipe *recipe, const char *const *names,
                                      size_t count, struct ad_arena *arena, const char **ret,
                                      artdag_error *err);

/* ret[node] gets the features that ANALYZE nodes, cuts and binds among the nodes of reach ask of a SOURCE or
 * SOURCE_LIST, as a set of graph's features; 0 for every other node. Follows SEGMENT and MUX down to the inputs. */
enum artdag_err ad_recipe_features(const struct ad_recipe *recipe, const bool *reach,
                                   unsigned *ret, artdag_error *err);

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
/* What expressions may ask for. */
struct ad_recipe_facts {
    const struct ad_format *format;
    /* The result of a node. False: it has none of its own (a list). Asked for mentioned nodes only. */
    bool (*edge)(void *payload, uint32_t node, struct ad_edge *ret);
    void *payload;
};
/* node's config with every reference and expression replaced; the node's own when it has none. FORMAT when an
 * expression cannot be reckoned. */
enum artdag_err ad_recipe_config(const struct ad_recipe *recipe,
                                 const struct ad_recipe_node *node,
                                 const struct ad_value *const *values,
                                 const struct ad_recipe_facts *facts, struct ad_arena *arena,
                                 const struct ad_value **ret, artdag_error *err);

/* Appends the language as a JSON Schema (draft 7), for editors. */
enum artdag_err ad_recipe_schema(struct ad_buf *ret, artdag_error *err);
/* Appends a recipe (YAML) for the timeline in an OpenTimelineIO JSON text. FORMAT and UNSUPPORTED with the position. */
enum artdag_err ad_recipe_from_otio(struct ad_str json, const char *file, struct ad_buf *ret,
                                    artdag_error *err);

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
