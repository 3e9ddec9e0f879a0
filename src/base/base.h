/* SPDX-License-Identifier: MIT
 *
 * The door of room base: buffers, views, arenas, vectors, maps, errors, logs, clocks, files and
 * threads. No domain word and no third-party library lives here.
 */
#ifndef AD_BASE_BASE_H
#define AD_BASE_BASE_H

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/dsp.h"
#include "base/error.h"
#include "base/frame.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "base/threads.h"
#include "base/vec.h"

#endif
