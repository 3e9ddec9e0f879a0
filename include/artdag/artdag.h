/* SPDX-License-Identifier: MIT
 *
 * The whole public API of libartdag.
 */
#ifndef ARTDAG_ARTDAG_H
#define ARTDAG_ARTDAG_H

#include <artdag/analyze.h>
#include <artdag/cid.h>
#include <artdag/error.h>
#include <artdag/log.h>
#include <artdag/ops.h>
#include <artdag/recipe.h>
#include <artdag/run.h>
#include <artdag/site.h>
#include <artdag/store.h>
#include <artdag/version.h>

#endif
