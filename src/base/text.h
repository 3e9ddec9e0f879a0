/* SPDX-License-Identifier: MIT
 *
 * Private to base: formatting that ignores the locale, and text made fit for one line of a
 * terminal.
 */
#ifndef AD_BASE_TEXT_H
#define AD_BASE_TEXT_H

#include <locale.h>
#include <stdarg.h>
#include <stddef.h>

/* The "C" locale, made once and kept for the process. */
locale_t ad_c_locale(void);

/* vsnprintf in the C locale, whatever setlocale or uselocale said. */
int ad_vformat(char *out, size_t size, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

/* Copies src into out (size > 0) as valid UTF-8 without control characters, which become
 * spaces; bytes that are not UTF-8 become '?'. A text that does not fit ends in "..." at a
 * character border. src must not overlap out. */
void ad_text_copy(char *out, size_t size, const char *src);

/* Length of the valid UTF-8 sequence at p (1 to 4), or 0. */
size_t ad_utf8_sequence(const unsigned char *p, size_t left);

#endif
