/* SPDX-License-Identifier: MIT
 *
 * Errors. Every fallible function returns enum artdag_err; the details go into an
 * artdag_error that the caller owns and may leave out (NULL). Nothing is kept per thread and
 * nothing is allocated, so an error can be copied, stored and passed between threads freely.
 */
#ifndef ARTDAG_ERROR_H
#define ARTDAG_ERROR_H

#include <artdag/export.h>

ARTDAG_BEGIN_DECLS

/* A small closed list. The numbers are part of the ABI. */
enum artdag_err {
    ARTDAG_OK = 0,
    ARTDAG_E_INVAL = 1,        /* an argument, option or recipe is wrong */
    ARTDAG_E_NOMEM = 2,        /* out of memory */
    ARTDAG_E_NOTFOUND = 3,     /* no such thing; from a cache a result, not a failure */
    ARTDAG_E_EXISTS = 4,       /* something else is already there */
    ARTDAG_E_CORRUPT = 5,      /* bytes do not match their CID, or a stored record is damaged */
    ARTDAG_E_FORMAT = 6,       /* text or bytes from outside do not parse */
    ARTDAG_E_IO = 7,           /* the operating system refused: sys holds errno */
    ARTDAG_E_NET = 8,          /* a remote service cannot be reached */
    ARTDAG_E_TIMEOUT = 9,      /* a stated time limit has passed */
    ARTDAG_E_CANCELED = 10,    /* the caller asked to stop */
    ARTDAG_E_BUSY = 11,        /* somebody else holds the claim or the lock */
    ARTDAG_E_LIMIT = 12,       /* an explicit limit was reached */
    ARTDAG_E_CYCLE = 13,       /* a graph contains a cycle */
    ARTDAG_E_MEDIA = 14,       /* a media file cannot be read, or a graph cannot be run */
    ARTDAG_E_REMOTE = 15,      /* a remote service answered with an error */
    ARTDAG_E_UNSUPPORTED = 16, /* valid, but this build or machine cannot do it */
    ARTDAG_E_INTERNAL = 17     /* a bug in artdag */
};

/* What went wrong and where. All strings are NUL-terminated UTF-8, "" where unknown. */
typedef struct artdag_error {
    enum artdag_err code;
    int sys;           /* errno, AVERROR, HTTP status or library code behind it; 0 = none */
    int line;          /* position in `file`, from 1; 0 = unknown */
    int column;        /* from 1, in bytes; 0 = unknown */
    char room[16];     /* the part of artdag that noticed: "recipe", "store" ... */
    char file[160];    /* recipe or input as the user named it (shortened from the left) */
    char node[64];     /* node or step, by name */
    char cid[72];      /* the CID concerned, as text */
    char message[320]; /* one line: what is wrong and why */
    char hint[160];    /* one line: what to do about it, or "" */
} artdag_error;

/* The code's stable lower-case name ("not found"); never NULL, also for unknown codes. */
ARTDAG_API const char *artdag_err_name(enum artdag_err code);

/* The exit status of the artdag program for this code: 0 done, 1 a step failed, 2 usage or
 * recipe, 3 store or state unreachable, 4 not found, 5 corrupt, 130 interrupted. */
ARTDAG_API int artdag_err_exit_status(enum artdag_err code);

/* Writes "file:line:column: node: message (hint)" into out, always NUL-terminated, in one
 * line. Parts that are unknown are left out. Returns the length that a large enough buffer
 * would have got, as snprintf does. err and out must not be NULL (out may be when size = 0). */
ARTDAG_API int artdag_error_format(const artdag_error *err, char *out, unsigned long size);

ARTDAG_END_DECLS

#endif
