/* SPDX-License-Identifier: MIT
 *
 * CIDs as text: the one form in which they cross this API.
 */
#ifndef ARTDAG_CID_H
#define ARTDAG_CID_H

#include <artdag/error.h>

ARTDAG_BEGIN_DECLS

#define ARTDAG_CID_TEXT_BYTES 256

/* A CID by value, NUL-terminated: "bafk..." (v1, base32) or "Qm..." (v0); "" = none. */
typedef struct artdag_cid {
    char text[ARTDAG_CID_TEXT_BYTES];
} artdag_cid;

/* Reads a CID in any usual multibase, also behind "ipfs://" or "/ipfs/", and gives its canonical
 * text. INVAL for NULL, FORMAT for anything that is no CID. */
ARTDAG_API enum artdag_err artdag_cid_parse(const char *text, artdag_cid *ret,
                                            artdag_error *err);

ARTDAG_END_DECLS

#endif
