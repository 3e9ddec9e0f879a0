/* SPDX-License-Identifier: MIT
 *
 * The operations: names, schemas and manual, all from one table.
 */
#ifndef ARTDAG_OPS_H
#define ARTDAG_OPS_H

#include <artdag/error.h>

ARTDAG_BEGIN_DECLS

/* The manual of one node type, or of all when node_type is NULL: text for people, or JSON when json is
 * not 0. Freed with artdag_free. NOTFOUND with the nearest name. */
ARTDAG_API enum artdag_err artdag_ops_manual(const char *node_type, int json, char **ret_text,
                                             artdag_error *err);

/* Checks an effect of one's own (docs/formats/effect.md). *ret_json, freed with artdag_free, may be NULL: its name,
 * description, inputs and parameters. FORMAT with file, line and column. */
ARTDAG_API enum artdag_err artdag_effect_check(const char *path, char **ret_json,
                                               artdag_error *err);

ARTDAG_END_DECLS

#endif
