/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "contract.h"

const struct store_factory *contract_factory;

static const char *fs_url(const char *dir)
{
    /* The parts are joined with a slash: dir is absolute, and "//" is "/". */
    return ad_test_path("fs:", "%s/store", dir);
}

static const struct store_factory factories[] = {
    {.name = "fs", .url = fs_url, .references = true, .collects = true},
};

struct ad_store *contract_open(const char *dir)
{
    artdag_error err = {0};
    struct ad_store *store = NULL;
    assert_ok(ad_store_open(contract_factory->url(dir), NULL, &store, &err));
    return store;
}

struct ad_cid contract_raw_cid(const void *data, size_t len)
{
    artdag_error err = {0};
    struct ad_cid cid = {0};
    assert_ok(ad_cid_of(AD_CODEC_RAW, data, len, &cid, &err));
    return cid;
}

struct ad_cid contract_add_random(struct ad_store *store, uint64_t salt, size_t len,
                                  uint8_t **ret_data)
{
    artdag_error err = {0};
    struct ad_cid cid = {0};
    uint8_t *data = malloc(len + 1);
    assert_non_null(data);
    ad_test_seed(salt);
    ad_test_random_bytes(data, len);
    assert_ok(ad_store_add_bytes(store, data, len, &cid, &err));
    if (ret_data != NULL)
        *ret_data = data;
    else
        free(data);
    return cid;
}

bool contract_complete(struct ad_store *store, const struct ad_cid *cid)
{
    artdag_error err = {0};
    bool complete = false;
    assert_ok(ad_store_complete(store, cid, &complete, &err));
    return complete;
}

int main(void)
{
    int failed = 0;
    for (size_t i = 0; i < sizeof(factories) / sizeof(factories[0]); i++) {
        char name[64];
        contract_factory = &factories[i];
        (void)snprintf(name, sizeof(name), "blocks over %s", contract_factory->name);
        failed |= ad_test_run(name, contract_blocks, contract_blocks_count);
        (void)snprintf(name, sizeof(name), "files over %s", contract_factory->name);
        failed |= ad_test_run(name, contract_files, contract_files_count);
        (void)snprintf(name, sizeof(name), "roots over %s", contract_factory->name);
        failed |= ad_test_run(name, contract_roots, contract_roots_count);
    }
    return failed != 0;
}
