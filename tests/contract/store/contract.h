/* SPDX-License-Identifier: MIT
 *
 * What every store must do, whatever its back end. A back end is a row in the table of main.c;
 * the tests know it only by contract_open.
 */
#ifndef CONTRACT_STORE_H
#define CONTRACT_STORE_H

#include "ad_test.h"
#include "ad_test_cid.h"
#include "store/store.h"

struct store_factory {
    const char *name;
    /* The URL of a store that belongs to this folder: the same folder, the same store; another
     * folder, another store. */
    const char *(*url)(const char *dir);
    bool references; /* add --reference works */
    bool collects;   /* ad_store_gc and ad_store_verify work, block by block */
    bool real;       /* runs instead of the others when ARTDAG_TEST_KUBO names a node */
};

extern const struct store_factory *contract_factory; /* of this run */

struct ad_store *contract_open(const char *dir);
struct ad_cid contract_raw_cid(const void *data, size_t len);
/* Adds len random bytes; free() the content when ret_data is not NULL. */
struct ad_cid contract_add_random(struct ad_store *store, uint64_t salt, size_t len,
                                  uint8_t **ret_data);
bool contract_complete(struct ad_store *store, const struct ad_cid *cid);

extern const struct CMUnitTest contract_blocks[];
extern const size_t contract_blocks_count;
extern const struct CMUnitTest contract_files[];
extern const size_t contract_files_count;
extern const struct CMUnitTest contract_roots[];
extern const size_t contract_roots_count;

#endif
