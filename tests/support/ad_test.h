/* SPDX-License-Identifier: MIT
 *
 * What every test includes: cmocka with the headers it needs, and the macros that make a test read as a
 * statement about artdag. The convention: a test has a local `artdag_error err = {0};` and passes &err
 * to what it calls; assert_ok and assert_fails look at it.
 *
 *     static void get_of_tampered_block_reports_corrupt(void **state)
 *     {
 *         artdag_error err = {0};
 *         ...
 *         assert_ok(ad_store_put(store, block, &cid, &err));
 *         assert_fails(ARTDAG_E_CORRUPT, ad_store_get(store, &cid, &buf, &err));
 *     }
 *     static const struct CMUnitTest tests[] = {
 *         cmocka_unit_test(get_of_tampered_block_reports_corrupt),
 *         ad_test_in_dir(put_survives_reopen),
 *     };
 *     AD_TEST_MAIN(tests)
 */
#ifndef AD_TEST_H
#define AD_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <artdag/error.h>

#include "base/str.h"

/* expr is OK; else the test fails with the formatted error. */
#define assert_ok(expr)                                                                        \
    (err = (artdag_error){0}, ad_test_ok((expr), &err, #expr, __FILE__, __LINE__))

/* expr fails with exactly this code, and if it filled in err, then with the same code and a message. */
#define assert_fails(want, expr)                                                               \
    (err = (artdag_error){0}, ad_test_fails((want), (expr), &err, #expr, __FILE__, __LINE__))

/* The last failure's message (or hint, node) contains text. */
#define assert_err_says(text) ad_test_err_says(&err, (text), __FILE__, __LINE__)

/* |actual - expected| <= tolerance, as doubles (cmocka's own compares floats). NaN never is near. */
#define assert_near(actual, expected, tolerance)                                               \
    ad_test_near((actual), (expected), (tolerance), #actual, __FILE__, __LINE__)

/* A view against a C string or another view. */
#define assert_str_view_equal(view, text)                                                      \
    ad_test_view_equal((view), ad_str_from(text), #view, __FILE__, __LINE__)
#define assert_views_equal(view, other)                                                        \
    ad_test_view_equal((view), (other), #view, __FILE__, __LINE__)

/* Exactly these bytes, given in hex (spaces allowed). */
#define assert_bytes_hex(data, len, hex)                                                       \
    ad_test_bytes_hex((data), (len), (hex), #data, __FILE__, __LINE__)

/* Bytes from hex into out (at most cap); returns how many. A bad digit or overflow fails the test. */
size_t ad_test_from_hex(const char *hex, uint8_t *out, size_t cap);

/* ---- a folder for one test: `const char *dir = *state;` ---- */
int ad_test_tmpdir(void **state);        /* setup: makes the folder, *state = its path */
int ad_test_tmpdir_remove(void **state); /* teardown: removes it with all that is in it */
#define ad_test_in_dir(test)                                                                   \
    cmocka_unit_test_setup_teardown(test, ad_test_tmpdir, ad_test_tmpdir_remove)

/* dir/NAME, name made by printf; good until the test's teardown. */
const char *ad_test_path(const char *dir, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Writes and reads a small file; failures fail the test. The result of read is NUL-terminated and freed
 * at teardown; ret_len may be NULL. */
void ad_test_write(const char *path, const void *data, size_t len);
uint8_t *ad_test_read(const char *path, size_t *ret_len);

/* ---- files beside the tests ---- */
/* The path of a sample film ("chaplin.mp4") in ARTDAG_TEST_MEDIA, by default ../shared/media beside the
 * checkout. Fails the test when it is not there. Good until the program ends. */
const char *ad_test_media(const char *name);
/* The path of a file of the source tree ("tests/golden/cids.json"). Fails the test when it is not there. */
const char *ad_test_source(const char *name);

/* ---- numbers that look random and are the same every time ---- */
/* Seeded from ARTDAG_TEST_SEED (decimal or 0x hex), by default a constant; the runner prints the seed.
 * ad_test_seed restarts the sequence, so that a test does not depend on those before it: the runner's
 * seed and `salt` are mixed. */
void ad_test_seed(uint64_t salt);
uint64_t ad_test_random(void); /* splitmix64 */
uint64_t ad_test_random_below(uint64_t limit);
void ad_test_random_bytes(void *data, size_t len);

/* Clears artdag's own environment variables, runs the group and gives the exit status. */
int ad_test_run(const char *file, const struct CMUnitTest *tests, size_t count);

#define AD_TEST_MAIN(tests)                                                                    \
    int main(void)                                                                             \
    {                                                                                          \
        return ad_test_run(__FILE__, (tests), sizeof(tests) / sizeof((tests)[0]));             \
    }

/* ---- behind the macros ---- */
void ad_test_ok(enum artdag_err code, const artdag_error *err, const char *expr,
                const char *file, int line);
void ad_test_fails(enum artdag_err want, enum artdag_err code, const artdag_error *err,
                   const char *expr, const char *file, int line);
void ad_test_err_says(const artdag_error *err, const char *text, const char *file, int line);
void ad_test_near(double actual, double expected, double tolerance, const char *expr,
                  const char *file, int line);
void ad_test_view_equal(struct ad_str actual, struct ad_str expected, const char *expr,
                        const char *file, int line);
void ad_test_bytes_hex(const void *data, size_t len, const char *hex, const char *expr,
                       const char *file, int line);

#endif
