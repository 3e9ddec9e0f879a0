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

ARTDAG_END_DECLS

#endif
