/* SPDX-License-Identifier: MIT
 *
 * What may appear in a unit: the tables of allowed.c and the look-ups in them. Private to room graph.
 */
#ifndef AD_GRAPH_ALLOWED_H
#define AD_GRAPH_ALLOWED_H

#include "graph/graph.h"

/* What a value may look like. No kind lets a path, a protocol or a newline through. */
enum ad_value_shape {
    AD_SHAPE_INT,      /* -?[0-9]+ */
    AD_SHAPE_SIZE,     /* 1..32768 */
    AD_SHAPE_ANY_SIZE, /* the same, or an expression that is no bare number */
    AD_SHAPE_NUMBER,   /* a decimal number, or a ratio of two integers */
    AD_SHAPE_TIME,     /* an integer with "us": microseconds */
    AD_SHAPE_WORD,     /* letters, digits and _ + - . | */
    AD_SHAPE_COLOR,    /* 0xRRGGBB[AA] */
    AD_SHAPE_FRAME,    /* WIDTHxHEIGHT */
    AD_SHAPE_EXPR,     /* arithmetic over the names of a short list (expr.c) */
    AD_SHAPE_PAN,      /* a channel matrix of filter pan */
    AD_SHAPE_TEXT, /* any UTF-8 without control characters but line ends: shown, never parsed */
    AD_SHAPE_FILE, /* the number of a file of the graph */
    AD_SHAPE_X264 /* key=value pairs of libx264, keys on a list (others of its keys open files) */
};

struct ad_allowed_option {
    const char *name;
    enum ad_value_shape shape;
};

enum ad_pads_rule {
    AD_PADS_FIXED,  /* `inputs` in, one out */
    AD_PADS_FAN_IN, /* option n says how many inputs (of filters without one: inputs) */
    AD_PADS_PLANES, /* option mapping names them: the first of two digits for each plane */
    AD_PADS_FAN_OUT /* option outputs says how many outputs, one input */
};

#define AD_ALLOWED_OPTIONS 26

struct ad_allowed_filter {
    const char *name;
    enum ad_medium medium;
    enum ad_pads_rule pads;
    uint32_t inputs;
    struct ad_allowed_option options[AD_ALLOWED_OPTIONS]; /* ends with name NULL */
};

/* A codec or a container; medium is ignored for containers. */
struct ad_allowed_coder {
    const char *name;
    enum ad_medium medium;
    struct ad_allowed_option options[AD_ALLOWED_OPTIONS];
};

/* All return NULL when the name is not on the list. */
const struct ad_allowed_filter *ad_allowed_filter(enum ad_medium medium, const char *name);
const struct ad_allowed_coder *ad_allowed_codec(enum ad_medium medium, const char *name);
const struct ad_allowed_coder *ad_allowed_container(const char *name);
const struct ad_allowed_option *ad_allowed_option(const struct ad_allowed_option *options,
                                                  const char *name);

bool ad_shape_fits(enum ad_value_shape shape, const char *value);
size_t ad_shape_max(enum ad_value_shape shape); /* bytes that a value may have */

/* Whether text is an expression of the grammar in expr.c. */
#define AD_EXPR_MAX (1u << 20)
bool ad_expr_fits(const char *text);

#endif
