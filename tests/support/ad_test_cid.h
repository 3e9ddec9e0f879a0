/* SPDX-License-Identifier: MIT
 *
 * Assertions about CIDs, for tests of the rooms above cid.
 */
#ifndef AD_TEST_CID_H
#define AD_TEST_CID_H

#include <stdlib.h>
#include <string.h>

#include "ad_test.h"
#include "cid/cid.h"

/* A CID, printed the usual way, reads `text`. */
#define assert_cid_equal(text, cid) ad_test_cid_equal((text), (cid), #cid, __FILE__, __LINE__)
/* Two CIDs are equal in version, codec and multihash. */
#define assert_cids_equal(a, b) ad_test_cids_equal((a), (b), #a, __FILE__, __LINE__)

/* The CID that `text` spells; the test fails when it spells none. */
static inline struct ad_cid ad_test_cid(const char *text)
{
    struct ad_cid cid = {0};
    artdag_error err = {0};
    if (ad_cid_parse(ad_str_from(text), &cid, &err) != ARTDAG_OK)
        fail_msg("%s", err.message);
    return cid;
}

static inline void ad_test_cid_equal(const char *text, const struct ad_cid *cid,
                                     const char *expr, const char *file, int line)
{
    char actual[AD_CID_TEXT_MAX];
    (void)ad_cid_format(cid, actual);
    if (strcmp(text, actual) == 0)
        return;
    print_error("%s\n  is       %s\n  expected %s\n", expr, actual, text);
    _fail(file, line);
}

static inline void ad_test_cids_equal(const struct ad_cid *a, const struct ad_cid *b,
                                      const char *expr, const char *file, int line)
{
    char expected[AD_CID_TEXT_MAX];
    if (ad_cid_equal(a, b))
        return;
    (void)ad_cid_format(b, expected);
    ad_test_cid_equal(expected, a, expr, file, line);
    _fail(file, line); /* the same text, yet unequal */
}

#endif
