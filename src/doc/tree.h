/* SPDX-License-Identifier: MIT
 *
 * Private to doc: what the YAML and JSON readers share. A tree is put together from the outside
 * in: open, (key, value)..., close; limits, nesting and double keys are watched over here.
 */
#ifndef AD_DOC_TREE_H
#define AD_DOC_TREE_H

#include "doc/doc.h"

#define AD_DOC_ROOM "doc"

struct ad_pos {
    uint32_t line;
    uint32_t column;
};

/* A finished value with its measure after expansion of aliases. */
struct ad_tree_part {
    const struct ad_value *value;
    size_t values;   /* itself and all below */
    unsigned height; /* lists and maps within each other: 0 for a scalar */
};

struct ad_tree_item {
    struct ad_member member; /* of a list: only value */
    bool merge;              /* "<<": value's members are to be taken over */
};

struct ad_tree_frame {
    enum ad_value_kind kind; /* list or map */
    struct ad_pos pos;
    size_t first;         /* of its items */
    size_t values_before; /* tree->values when it was opened */
    unsigned height;      /* of the highest child */
    bool has_key;         /* map: a key waits for its value */
    bool merge_key;
    struct ad_str key;
    struct ad_pos key_pos;
    size_t user; /* the reader's own */
};

struct ad_tree {
    struct ad_arena *arena;
    const char *file;
    struct ad_doc_limits limits;
    AD_VEC(struct ad_tree_frame) frames;
    AD_VEC(struct ad_tree_item) items; /* of all open frames, innermost last */
    size_t values;
    const struct ad_value *root; /* once the outermost value is finished */
    artdag_error *err;
};

void ad_tree_init(struct ad_tree *tree, struct ad_arena *arena, const char *file,
                  const struct ad_doc_limits *limits, artdag_error *err);
void ad_tree_fini(struct ad_tree *tree);

/* Sets the error with a position and returns code. */
enum artdag_err ad_tree_fail(struct ad_tree *tree, enum artdag_err code, struct ad_pos pos,
                             const char *fmt, ...) AD_PRINTF(4, 5);
/* NOMEM, or LIMIT when it is the arena's own limit. */
enum artdag_err ad_tree_nomem(struct ad_tree *tree);

/* Refuses text that is too long, is not UTF-8 or begins with a byte order mark; with yaml also
 * the characters YAML does not allow. */
enum artdag_err ad_tree_screen(struct ad_tree *tree, struct ad_str text, bool yaml);

/* Line and column of a byte offset, counted from the start of text. */
struct ad_pos ad_tree_pos_of(struct ad_str text, size_t offset);

/* The innermost open frame, or NULL. Good until the next open. */
struct ad_tree_frame *ad_tree_top(struct ad_tree *tree);

enum artdag_err ad_tree_open(struct ad_tree *tree, enum ad_value_kind kind, struct ad_pos pos);
/* key must live in the arena. */
enum artdag_err ad_tree_key(struct ad_tree *tree, struct ad_str key, bool merge,
                            struct ad_pos pos);
/* A new value of the given kind, counted against the limits; the caller fills it in and adds
 * it. */
enum artdag_err ad_tree_scalar(struct ad_tree *tree, enum ad_value_kind kind, struct ad_pos pos,
                               struct ad_value **ret);
/* Attaches a finished value to the innermost frame, or makes it the root. */
enum artdag_err ad_tree_attach(struct ad_tree *tree, struct ad_tree_part part);
/* Counts a shared part once more, before it is attached again. */
enum artdag_err ad_tree_reuse(struct ad_tree *tree, struct ad_tree_part part,
                              struct ad_pos pos);
/* Finishes the innermost frame and attaches it. */
enum artdag_err ad_tree_close(struct ad_tree *tree, struct ad_tree_part *ret_part);

/* Reads an integer literal: [-]digits. Gives value its kind: INT, or DOUBLE when only RFC
 * 8785's text of a double looks like that. False when neither carries it. */
bool ad_number_from_integer(struct ad_str digits, struct ad_value *value);

#endif
