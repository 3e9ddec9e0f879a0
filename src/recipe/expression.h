/* SPDX-License-Identifier: MIT
 *
 * Private to recipe: arithmetic in configs, "${clip.duration - 2}". Exact (fractions of 64-bit integers), total (no loops, no
 * recursion beyond a fixed depth) and without any effect. docs/formats/recipe.md gives the grammar.
 */
#ifndef AD_RECIPE_EXPRESSION_H
#define AD_RECIPE_EXPRESSION_H

#include "recipe/recipe.h"

/* In lowest terms, den > 0. */
struct ad_number {
    int64_t num, den;
};

/* What the names of an expression stand for. */
struct ad_expression_names {
    /* name, or name.field when field is not empty. An error needs no position: the expression adds it. */
    enum artdag_err (*find)(void *payload, struct ad_str name, struct ad_str field,
                            struct ad_number *ret, artdag_error *err);
    void *payload;
    bool check; /* only grammar and names: nothing is reckoned, so nothing can overflow */
};

/* "${...}" that is not the name of a parameter alone. ret_text is what stands between the braces. */
bool ad_value_is_expression(const struct ad_value *value, struct ad_str *ret_text);

/* FORMAT with the position inside of value for mistakes of the text, division by zero and numbers that are too
 * large or too fine. file names the recipe in errors. value must be an expression. */
enum artdag_err ad_expression_eval(const struct ad_value *value, const char *file,
                                   const struct ad_expression_names *names,
                                   struct ad_number *ret, artdag_error *err);

/* The exact value of a decimal as it is written or printed ("1.50", "2e-3"). False: not a number, or beyond 64 bits. */
bool ad_number_parse(struct ad_str text, struct ad_number *ret);
/* num/den in lowest terms. False: den is 0, or it does not fit. */
bool ad_number_make(__int128 num, __int128 den, struct ad_number *ret);
/* A whole number becomes an INT; any other a DOUBLE that keeps its exact text "num/den" for times. NULL = no memory. */
struct ad_value *ad_number_value(struct ad_arena *arena, struct ad_number number);

#endif
