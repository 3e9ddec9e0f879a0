/* SPDX-License-Identifier: MIT
 *
 * Recipes as texts: what one says and wants, its layout, and the language as a schema for editors. Running them is
 * artdag/run.h.
 */
#ifndef ARTDAG_RECIPE_H
#define ARTDAG_RECIPE_H

#include <stddef.h>

#include <artdag/error.h>
#include <artdag/site.h>

ARTDAG_BEGIN_DECLS

/* Reads a recipe (path or CID) with all that it includes, and checks everything that can be checked without its inputs: INVAL,
 * FORMAT, CYCLE, LIMIT with file, line and column. Nothing is stored. ret_json (may be NULL) gets what it says: {"description", "files",
 * "inputs": [{"name", "title"}], "name", "nodes", "outputs": [name], "params": [{"default", "description", "name", "type"}],
 * "version"}; freed with artdag_free. */
ARTDAG_API enum artdag_err artdag_recipe_check(artdag_site *site, const char *path_or_cid,
                                               char **ret_json, artdag_error *err);

/* The recipe language as JSON Schema, draft 7. Freed with artdag_free. */
ARTDAG_API enum artdag_err artdag_recipe_schema(char **ret_json, artdag_error *err);

/* The same YAML in the usual layout: two spaces a level, no blanks at line ends. Comments, quotes and order stay. file (may be
 * NULL) names it in errors. FORMAT when it is no YAML; UNSUPPORTED when it cannot be laid out without changing its
 * meaning. Freed with artdag_free. */
ARTDAG_API enum artdag_err artdag_recipe_format(const char *text, size_t len, const char *file,
                                                char **ret_text, artdag_error *err);

/* An OpenTimelineIO timeline (its JSON) as a recipe: clips become SEGMENTs of SOURCEs, tracks SEQUENCEs, transitions
 * crossfades, upper tracks inputs of a LAYER, sound tracks a mix. file (may be NULL) names it in errors. FORMAT and UNSUPPORTED with the
 * position. Freed with artdag_free. */
ARTDAG_API enum artdag_err artdag_recipe_import_otio(const char *json, size_t len,
                                                     const char *file, char **ret_text,
                                                     artdag_error *err);

ARTDAG_END_DECLS

#endif
