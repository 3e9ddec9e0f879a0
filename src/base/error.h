/* SPDX-License-Identifier: MIT
 *
 * Filling in an artdag_error. All functions accept err = NULL and then only return the code, so
 * that `return ad_error_set(err, ...)` is the one way to fail. Thread rule: an artdag_error
 * belongs to one thread at a time.
 */
#ifndef AD_BASE_ERROR_H
#define AD_BASE_ERROR_H

#include <stdarg.h>

#include <artdag/error.h>

#define AD_MUST_USE __attribute__((warn_unused_result))
#define AD_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Forgets everything in err and records code, room and message. Returns code. */
enum artdag_err ad_error_set(artdag_error *err, enum artdag_err code, const char *room,
                             const char *fmt, ...) AD_PRINTF(4, 5);

/* The same for functions that take a format themselves. */
enum artdag_err ad_error_setv(artdag_error *err, enum artdag_err code, const char *room,
                              const char *fmt, va_list args) AD_PRINTF(4, 0);

/* Like ad_error_set with sys = errno value e: the message gets ": " and the system's text for e
 * appended. ENOSPC and EDQUOT read "no space left". The code is chosen from e: ENOENT ->
 * NOTFOUND, ENOMEM -> NOMEM, EEXIST -> EXISTS, EINTR/ECANCELED -> CANCELED, else IO. */
enum artdag_err ad_error_errno(artdag_error *err, int e, const char *room, const char *fmt, ...)
    AD_PRINTF(4, 5);

/* Out of memory in room: NOMEM with a fixed message. */
enum artdag_err ad_error_nomem(artdag_error *err, const char *room);

/* Puts a text and ": " in front of the message ("cannot read pins" gives "cannot read pins: no
 * space left"). Returns err->code, or code when
 * err is NULL: pass what is being returned. */
enum artdag_err ad_error_prefix(artdag_error *err, enum artdag_err code, const char *fmt, ...)
    AD_PRINTF(3, 4);

/* Fill in where it happened / what to do. No-ops on NULL. Long values are shortened. */
void ad_error_at(artdag_error *err, const char *file, int line, int column);
void ad_error_node(artdag_error *err, const char *node);
void ad_error_cid(artdag_error *err, const char *cid);
void ad_error_hint(artdag_error *err, const char *fmt, ...) AD_PRINTF(2, 3);

/* A static analyzer that sees one file at a time would follow paths on which a failure returns
 * OK. */
#ifdef __clang_analyzer__
#define ad_error_set(err, code, ...) ((void)ad_error_set(err, code, __VA_ARGS__), (code))
#define ad_error_errno(err, e, ...) ((void)ad_error_errno(err, e, __VA_ARGS__), ARTDAG_E_IO)
#define ad_error_nomem(err, room) ((void)ad_error_nomem(err, room), ARTDAG_E_NOMEM)
#define ad_error_prefix(err, code, ...) ((void)ad_error_prefix(err, code, __VA_ARGS__), (code))
#endif

#endif
