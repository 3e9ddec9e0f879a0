/* SPDX-License-Identifier: MIT
 *
 * Which artdag this is.
 */
#ifndef ARTDAG_VERSION_H
#define ARTDAG_VERSION_H

#include <artdag/export.h>

ARTDAG_BEGIN_DECLS

/* The library's version, "MAJOR.MINOR.PATCH"; never NULL. */
ARTDAG_API const char *artdag_version(void);

ARTDAG_END_DECLS

#endif
