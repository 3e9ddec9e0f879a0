/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#ifdef HAVE_NET
#include "ad_test_kubo.h"
#include "net/net.h"
#endif

const struct store_factory *contract_factory;

static const char *fs_url(const char *dir)
{
    /* The parts are joined with a slash: dir is absolute, and "//" is "/". */
    return ad_test_path("fs:", "%s/store", dir);
}

#ifdef HAVE_NET
/* One node in memory for each folder of the running test. */
#define NODES_MAX 4
static struct {
    char dir[512];
    struct fake_kubo *node;
} nodes[NODES_MAX];

static void stop_nodes(void)
{
    for (size_t i = 0; i < NODES_MAX && nodes[i].node != NULL; i++) {
        fake_kubo_stop(nodes[i].node);
        nodes[i].node = NULL;
    }
}

static const char *fake_url(const char *dir)
{
    size_t i = 0;
    while (i < NODES_MAX && nodes[i].node != NULL && strcmp(nodes[i].dir, dir) != 0)
        i++;
    assert_true(i < NODES_MAX);
    if (nodes[i].node == NULL) {
        nodes[i].node = fake_kubo_start();
        (void)snprintf(nodes[i].dir, sizeof(nodes[i].dir), "%s", dir);
    }
    /* The parts are joined with a slash here too. */
    return ad_test_path("kubo:http:", "%s?find-ms=2000",
                        nodes[i].node->http.url + strlen("http:/"));
}

static int remove_dir_and_nodes(void **state)
{
    stop_nodes();
    return ad_test_tmpdir_remove(state);
}

static enum artdag_err note_pin(void *payload, const struct ad_cid *cid, const char *name,
                                artdag_error *err)
{
    ad_cid_vec *pins = payload;
    (void)name;
    (void)err;
    assert_true(ad_vec_push(pins, *cid));
    return ARTDAG_OK;
}

/* A node that is there for these tests only: everything in it goes. */
static void empty_node(const char *address)
{
    artdag_error err = {0};
    ad_cid_vec pins = {0};
    struct ad_endpoint endpoint = {0};
    struct ad_kubo *node = NULL;
    assert_ok(ad_endpoint_parse(ad_str_from(address), &endpoint, &err));
    struct ad_kubo_params params = {.http = {.endpoint = &endpoint}};
    assert_ok(ad_kubo_create(&params, &node, &err));
    assert_ok(ad_kubo_pin_ls(node, note_pin, &pins, &err));
    for (size_t i = 0; i < pins.len; i++)
        assert_ok(ad_kubo_pin_rm(node, &pins.items[i], &err));
    assert_ok(ad_kubo_gc(node, NULL, NULL, &err));
    ad_kubo_destroy(node);
    ad_endpoint_fini(&endpoint);
    ad_vec_fini(&pins);
}

/* The multiaddr of a real node's RPC, given by tests/kubo/run. */
static const char *real_address(void)
{
    return getenv("ARTDAG_TEST_KUBO");
}

static const char *real_url(const char *dir)
{
    static char last[512];
    if (strcmp(last, dir) != 0) {
        empty_node(real_address());
        (void)snprintf(last, sizeof(last), "%s", dir);
    }
    return ad_test_path("kubo:", "%s?find-ms=1500", real_address() + 1);
}
#endif

static const struct store_factory factories[] = {
    {.name = "fs", .url = fs_url, .references = true, .collects = true},
#ifdef HAVE_NET
    {.name = "kubo", .url = fake_url},
    {.name = "kubo, a real node", .url = real_url, .real = true},
#endif
};

/* Tests that are about what only a store with its own blocks can do. */
static const char *const about_references[] = {"reference", NULL};
static const char *const about_two_stores[] = {"archive", NULL};
static const char *const about_collecting[] = {"gc_",   "lease_keeps", "lease_of",  "held",
                                               "older", "keep_bytes",  "verify_of", NULL};

static bool is_about(const char *test, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strstr(test, *words) != NULL)
            return true;
    }
    return false;
}

static int run(const char *what, const struct CMUnitTest *tests, size_t count)
{
    char name[64];
    struct CMUnitTest chosen[64];
    size_t len = 0;
    (void)snprintf(name, sizeof(name), "%s over %s", what, contract_factory->name);
    assert_true(count <= sizeof(chosen) / sizeof(chosen[0]));
    for (size_t i = 0; i < count; i++) {
        if ((contract_factory->references || !is_about(tests[i].name, about_references)) &&
            (!contract_factory->real || !is_about(tests[i].name, about_two_stores)) &&
            (contract_factory->collects || !is_about(tests[i].name, about_collecting)))
            chosen[len++] = tests[i];
#ifdef HAVE_NET
        if (len > 0)
            chosen[len - 1].teardown_func = remove_dir_and_nodes;
#endif
    }
    return ad_test_run(name, chosen, len);
}

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
        contract_factory = &factories[i];
        if (contract_factory->real != (getenv("ARTDAG_TEST_KUBO") != NULL))
            continue;
        failed |= run("blocks", contract_blocks, contract_blocks_count);
        failed |= run("files", contract_files, contract_files_count);
        failed |= run("roots", contract_roots, contract_roots_count);
    }
    return failed != 0;
}
