/* SPDX-License-Identifier: MIT
 *
 * A locale whose decimal point is a comma, for tests that output does not depend on the locale.
 */
#ifndef AD_TEST_LOCALE_H
#define AD_TEST_LOCALE_H

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ad_test.h"

/* Builds the locale in dir with localedef (part of every glibc system) and switches the process
 * to it; fails the test when that does not work. Undone by setlocale(LC_ALL, "C"). */
static inline void ad_test_comma_locale(const char *dir)
{
    static const char source[] = "LC_NUMERIC\ndecimal_point \",\"\nthousands_sep \".\"\n"
                                 "grouping 3;3\nEND LC_NUMERIC\n";
    char command[1024];
    char text[16];
    const char *path = ad_test_path(dir, "comma.src");
    ad_test_write(path, source, sizeof(source) - 1);
    (void)snprintf(command, sizeof(command), "localedef -c -i %s %s/comma >%s/log 2>&1", path,
                   dir, dir);
    (void)system(
        command); /* NOLINT(cert-env33-c): the names are ours; 1 = done with warnings */
    assert_int_equal(setenv("LOCPATH", dir, 1), 0);
    if (setlocale(LC_NUMERIC, "comma") == NULL)
        fail_msg("localedef did not make a locale: see %s/log", dir);
    (void)snprintf(text, sizeof(text), "%.1f", 1.5);
    assert_string_equal(text, "1,5");
}

#endif
