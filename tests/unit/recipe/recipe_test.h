/* SPDX-License-Identifier: MIT
 *
 * Shared by the tests of room recipe: parsing text, and tables of texts that must be refused at one place.
 */
#ifndef RECIPE_TEST_H
#define RECIPE_TEST_H

#include <string.h>

#include "ad_test.h"
#include "recipe/recipe.h"

#define FILE_NAME "film.yaml"

static inline enum artdag_err parse(const char *text, struct ad_recipe **ret, artdag_error *err)
{
    return ad_recipe_parse(ad_str_from(text), FILE_NAME, NULL, ret, err);
}

/* A text that is refused: the line, the text from the column on, and what is said (in the message and in
 * the hint). */
struct refused {
    const char *text;
    enum artdag_err code;
    int line;
    const char *at; /* how the text goes on from the place */
    const char *node, *message, *hint;
};

/* The text from a line and column on, both counted from 1; "" beyond the end. */
static inline const char *text_at(const char *text, int line, int column)
{
    while (line > 1 && *text)
        line -= *text++ == '\n';
    while (column > 1 && *text && *text != '\n') {
        text++;
        column--;
    }
    return line == 1 && column == 1 ? text : "";
}

static inline void assert_refused(const struct refused *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        artdag_error err = {0};
        struct ad_recipe *recipe = NULL;
        const struct refused *c = &cases[i];
        enum artdag_err rc = parse(c->text, &recipe, &err);
        bool fits =
            rc == c->code && err.code == c->code && err.line == c->line && err.column > 0 &&
            strncmp(text_at(c->text, err.line, err.column), c->at, strlen(c->at)) == 0 &&
            strcmp(err.file, FILE_NAME) == 0 && strcmp(err.node, c->node ? c->node : "") == 0 &&
            strstr(err.message, c->message) && strstr(err.hint, c->hint ? c->hint : "");
        if (!fits) {
            char line[1000];
            artdag_error_format(&err, line, sizeof(line));
            fail_msg("case %zu:\n%s\ngave %s: %s\nwanted %s:%d: %s: %s: %s (%s)", i, c->text,
                     artdag_err_name(rc), line, artdag_err_name(c->code), c->line, c->at,
                     c->node ? c->node : "", c->message, c->hint ? c->hint : "");
        }
        assert_null(recipe);
    }
}
#define ASSERT_REFUSED(cases) assert_refused(cases, sizeof(cases) / sizeof((cases)[0]))

/* A recipe around some nodes; its first node is in line 3, column 5. */
#define RECIPE(nodes) "dag:\n  nodes:\n" nodes "  output: out\n"
#define SOURCE_NODE "  - {id: in, type: SOURCE, config: {input: true}}\n"
#define OUT_NODE "  - {id: out, type: SEQUENCE, inputs: [in]}\n"

#endif
