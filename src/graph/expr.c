/* SPDX-License-Identifier: MIT
 *
 * The grammar of expressions in filter options. libav's own evaluator knows more (loops, random numbers, printing, the
 * clock); what is not here does not reach it.
 *
 *   sum     = product { ("+" | "-") product }
 *   product = factor { ("*" | "/") factor }
 *   factor  = [ "-" ] ( number | name | function "(" sum { "," sum } ")" | "(" sum ")" )
 */
#include <string.h>

#include "graph/allowed.h"

/* Parentheses within each other. libav's evaluator gives up at 100 levels of its own counting. */
#define DEPTH_MAX 24

/* Variables of the filters on the list: frame number, sizes, coordinates, samples, times. */
static const char *const variables[] = {
    "PTS", "N",    "n",  "on",     "val",    "minval", "maxval", "X",    "Y",
    "A",   "B",    "W",  "H",      "w",      "h",      "x",      "y",    "iw",
    "ih",  "in_w", "PI", "main_w", "main_h", "SW",     "SH",     "in_h", "TOP",
    "a",   "tw",   "t",  "T",      "ow",     "oh",     "ascent", "ch",   "nb_in_channels",
    NULL,
};

static const struct {
    const char *name;
    unsigned min, max; /* arguments */
} functions[] = {
    {"abs", 1, 1},   {"between", 3, 3}, {"ceil", 1, 1},  {"clip", 3, 3}, {"eq", 2, 2},
    {"floor", 1, 1}, {"gt", 2, 2},      {"gte", 2, 2},   {"if", 2, 3},   {"lt", 2, 2},
    {"lte", 2, 2},   {"max", 2, 2},     {"min", 2, 2},   {"mod", 2, 2},  {"not", 1, 1},
    {"pow", 2, 2},   {"sqrt", 1, 1},    {"trunc", 1, 1}, {"val", 1, 1},  {"st", 2, 2},
    {"ld", 1, 1}, /* the expression's own ten numbers */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static void skip_spaces(const char **p)
{
    while (**p == ' ')
        (*p)++;
}

static bool take(const char **p, char c)
{
    skip_spaces(p);
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

/* Digits with fraction and exponent; a letter directly behind would be one of libav's multipliers (1k, 3dB). */
static bool take_number(const char **p)
{
    const char *start = *p;
    const char *at = start;
    double d = 0;
    while (is_digit(*at) || *at == '.')
        at++;
    if (at != start && *at == 'e' &&
        (is_digit(at[1]) || ((at[1] == '-' || at[1] == '+') && is_digit(at[2])))) {
        at += 2;
        while (is_digit(*at))
            at++;
    }
    if (is_letter(*at) || !ad_str_to_double((struct ad_str){start, (size_t)(at - start)}, &d))
        return false;
    *p = at;
    return true;
}

static bool is_function(struct ad_str name, unsigned args)
{
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        if (ad_str_is(name, functions[i].name))
            return args >= functions[i].min && args <= functions[i].max;
    }
    return false;
}

/* Levels nest to DEPTH_MAX. */
/* NOLINTBEGIN(misc-no-recursion) */
static bool take_sum(const char **p, unsigned depth);

static bool take_call(const char **p, struct ad_str name, unsigned depth)
{
    unsigned args = 0;
    do {
        if (!take_sum(p, depth + 1))
            return false;
        args++;
    } while (take(p, ','));
    return is_function(name, args) && take(p, ')');
}

static bool take_name(const char **p, unsigned depth)
{
    struct ad_str name = {*p, 0};
    while (is_letter(**p)) {
        (*p)++;
        name.len++;
    }
    if (take(p, '('))
        return take_call(p, name, depth);
    for (const char *const *v = variables; *v; v++) {
        if (ad_str_is(name, *v))
            return true;
    }
    return false;
}

static bool take_factor(const char **p, unsigned depth)
{
    (void)take(p, '-');
    skip_spaces(p);
    if (is_digit(**p) || **p == '.')
        return take_number(p);
    if (is_letter(**p))
        return take_name(p, depth);
    return take(p, '(') && take_sum(p, depth + 1) && take(p, ')');
}

static bool take_sum(const char **p, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return false;
    do {
        if (!take_factor(p, depth))
            return false;
    } while (take(p, '+') || take(p, '-') || take(p, '*') || take(p, '/'));
    return true;
}
/* NOLINTEND(misc-no-recursion) */

bool ad_expr_fits(const char *text)
{
    if (strlen(text) > AD_EXPR_MAX || !take_sum(&text, 0))
        return false;
    skip_spaces(&text);
    return *text == '\0';
}
