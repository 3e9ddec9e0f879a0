/* SPDX-License-Identifier: MIT
 *
 * What the fuzz targets share. A target feeds bytes to one door and then checks what must hold for whatever was accepted:
 * written out and read again it is the same.
 */
#ifndef AD_FUZZ_H
#define AD_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A broken promise is a crash, with the promise as its text. */
#define FUZZ_CHECK(condition)                                                                  \
    do {                                                                                       \
        if (!(condition)) {                                                                    \
            (void)fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);      \
            abort();                                                                           \
        }                                                                                      \
    } while (0)

/* A refusal says why. */
#define FUZZ_CHECK_ERROR(code, err) FUZZ_CHECK((err).code == (code) && (err).message[0] != '\0')

#endif
