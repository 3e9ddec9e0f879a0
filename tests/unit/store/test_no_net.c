/* SPDX-License-Identifier: MIT
 *
 * A build without libcurl.
 */
#include "ad_test.h"
#include "store/store.h"

static void network_stores_say_what_is_missing(void **state)
{
    static const char *const urls[] = {"kubo:http://127.0.0.1:5001",
                                       "gateway:https://ipfs.example"};
    artdag_error err = {0};
    struct ad_store *store = NULL;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_fails(ARTDAG_E_UNSUPPORTED, ad_store_open(urls[i], NULL, &store, &err));
        assert_err_says("libcurl");
    }
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(network_stores_say_what_is_missing)};
AD_TEST_MAIN(tests)
