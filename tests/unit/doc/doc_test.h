/* SPDX-License-Identifier: MIT
 *
 * Short ways to read and write documents in tests of room doc.
 */
#ifndef DOC_TEST_H
#define DOC_TEST_H

#include <string.h>

#include "ad_test.h"
#include "doc/doc.h"

typedef enum artdag_err (*doc_parser)(struct ad_arena *, struct ad_str, const char *,
                                      const struct ad_doc_limits *, const struct ad_value **,
                                      artdag_error *);

/* A document and what it lives in. */
struct doc {
    struct ad_arena arena;
    const struct ad_value *root;
};

static inline void doc_fini(struct doc *doc)
{
    ad_arena_fini(&doc->arena);
}

/* text parses; the result is in doc. */
#define assert_parses(parser, text, doc)                                                       \
    do {                                                                                       \
        ad_arena_fini(&(doc)->arena);                                                          \
        assert_ok((parser)(&(doc)->arena, (text), "t", NULL, &(doc)->root, &err));             \
        assert_non_null((doc)->root);                                                          \
    } while (0)

/* text is refused with code at line:column, and the message says so. */
#define assert_refused(parser, text, want, at_line, at_column, says)                           \
    do {                                                                                       \
        struct doc refused = {0};                                                              \
        assert_fails((want),                                                                   \
                     (parser)(&refused.arena, (text), "t", NULL, &refused.root, &err));        \
        assert_null(refused.root);                                                             \
        assert_err_says(says);                                                                 \
        if (err.line != (at_line) || err.column != (at_column)) {                              \
            print_error("%s: at %d:%d, expected %d:%d\n", err.message, err.line, err.column,   \
                        (at_line), (at_column));                                               \
            fail();                                                                            \
        }                                                                                      \
        doc_fini(&refused);                                                                    \
    } while (0)

/* value's canonical JSON reads `text`. */
static inline void assert_canonical(const struct ad_value *value, const char *text)
{
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    assert_ok(ad_json_canonical(value, &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), text);
    ad_buf_fini(&buf);
}

#endif
