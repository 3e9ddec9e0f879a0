/* SPDX-License-Identifier: MIT
 *
 * Symbol visibility and C++ linkage for the public headers; nothing else.
 */
#ifndef ARTDAG_EXPORT_H
#define ARTDAG_EXPORT_H

#ifdef __cplusplus
#define ARTDAG_BEGIN_DECLS extern "C" {
#define ARTDAG_END_DECLS }
#else
#define ARTDAG_BEGIN_DECLS
#define ARTDAG_END_DECLS
#endif

#if defined(__GNUC__)
#define ARTDAG_API __attribute__((visibility("default")))
#else
#define ARTDAG_API
#endif

#endif
