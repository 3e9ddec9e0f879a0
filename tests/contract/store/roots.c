/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract.h"

#define FILE_BYTES 2200000 /* three leaves and a root */
#define FILE_BLOCKS 4

static struct ad_gc_result collect(struct ad_store *store)
{
    artdag_error err = {0};
    struct ad_gc_result result = {0};
    assert_ok(ad_store_gc(store, NULL, &result, &err));
    return result;
}

/* ---- pins ---- */

struct pin_list {
    char text[2048];
};

static enum artdag_err note_pin(void *payload, const struct ad_cid *cid, const char *name,
                                artdag_error *err)
{
    struct pin_list *list = payload;
    char text[AD_CID_TEXT_MAX];
    size_t at = strlen(list->text);
    (void)err;
    (void)ad_cid_format(cid, text);
    (void)snprintf(list->text + at, sizeof(list->text) - at, "%s=%s;", text, name);
    return ARTDAG_OK;
}

static const char *pins_of(struct ad_store *store, struct pin_list *list)
{
    artdag_error err = {0};
    list->text[0] = '\0';
    assert_ok(ad_store_pins(store, note_pin, list, &err));
    return list->text;
}

static void pins_have_names_and_survive_reopen(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct pin_list list;
    struct ad_cid cid = {0};
    assert_ok(ad_store_add_bytes(store, "hello world\n", 12, &cid, &err));
    assert_string_equal(pins_of(store, &list), "");
    assert_ok(ad_store_pin(store, &cid, "b\nc", &err));
    assert_ok(ad_store_pin(store, &cid, "", &err));
    assert_ok(ad_store_pin(store, &cid, "a", &err));
    assert_ok(ad_store_pin(store, &cid, "a", &err));
    ad_store_close(store);
    store = contract_open(*state);
#define HELLO "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4="
    assert_string_equal(pins_of(store, &list), HELLO ";" HELLO "a;" HELLO "b\nc;");
    assert_ok(ad_store_unpin(store, &cid, "a", &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_store_unpin(store, &cid, "a", &err));
    assert_string_equal(pins_of(store, &list), HELLO ";" HELLO "b\nc;");
    assert_ok(ad_store_unpin(store, &cid, NULL, &err));
    assert_string_equal(pins_of(store, &list), "");
    assert_fails(ARTDAG_E_NOTFOUND, ad_store_unpin(store, &cid, NULL, &err));
    ad_store_close(store);
}

static void what_is_not_whole_cannot_be_pinned(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct pin_list list;
    struct ad_cid cid =
        ad_test_cid("bafybeihzpjrbcpjpzcx4yxh3hasnjidsikmwmsrli7hhamhny5iueulu5a");
    char name[300];
    assert_fails(ARTDAG_E_NOTFOUND, ad_store_pin(store, &cid, "x", &err));
    assert_string_equal(pins_of(store, &list), "");
    memset(name, 'n', sizeof(name));
    name[256] = '\0';
    cid = contract_add_random(store, 1, 10, NULL);
    assert_fails(ARTDAG_E_INVAL, ad_store_pin(store, &cid, name, &err));
    name[255] = '\0';
    assert_ok(ad_store_pin(store, &cid, name, &err));
    ad_store_close(store);
}

/* ---- gc ---- */

struct removed {
    struct ad_cid want[FILE_BLOCKS];
    uint64_t calls;
    uint64_t bytes;
};

static enum artdag_err note_removed(void *payload, const struct ad_cid *cid, uint64_t bytes,
                                    artdag_error *err)
{
    struct removed *removed = payload;
    (void)err;
    assert_true(ad_cid_is_set(cid));
    removed->calls++;
    removed->bytes += bytes;
    return ARTDAG_OK;
}

static void gc_takes_what_nothing_reaches(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid keep = contract_add_random(store, 1, FILE_BYTES, NULL);
    struct ad_cid drop = contract_add_random(store, 2, FILE_BYTES, NULL);
    struct ad_gc_result result = {0};
    struct removed removed = {0};
    struct ad_gc_params params = {
        .keep_bytes = -1, .dry_run = true, .removed = note_removed, .payload = &removed};
    assert_ok(ad_store_pin(store, &keep, "keep", &err));
    assert_ok(ad_store_gc(store, &params, &result, &err));
    assert_int_equal(result.removed_blocks, FILE_BLOCKS);
    assert_true(contract_complete(store, &drop)); /* dry */
    params.dry_run = false;
    removed = (struct removed){0};
    assert_ok(ad_store_gc(store, &params, &result, &err));
    assert_int_equal(result.removed_blocks, FILE_BLOCKS);
    assert_int_equal(result.kept_blocks, FILE_BLOCKS);
    assert_true(result.removed_bytes > FILE_BYTES && result.removed_bytes < FILE_BYTES + 1000);
    assert_int_equal(result.kept_bytes, result.removed_bytes);
    assert_int_equal(removed.calls, FILE_BLOCKS);
    assert_int_equal(removed.bytes, result.removed_bytes);
    assert_true(contract_complete(store, &keep));
    assert_false(contract_complete(store, &drop));
    ad_store_close(store);
}

static void gc_keeps_blocks_that_a_pinned_dag_shares(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    uint8_t *data = NULL;
    struct ad_cid whole = contract_add_random(store, 1, FILE_BYTES, &data);
    struct ad_cid part = {0};
    assert_ok(ad_store_add_bytes(store, data, 2 << 20, &part, &err)); /* the first two leaves */
    assert_ok(ad_store_pin(store, &part, "", &err));
    assert_int_equal(collect(store).removed_blocks,
                     2); /* the third leaf and the root of whole */
    assert_true(contract_complete(store, &part));
    assert_false(contract_complete(store, &whole));
    free(data);
    ad_store_close(store);
}

static void keep_bytes_stops_when_the_store_is_small_enough(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_gc_result result = {0};
    (void)contract_add_random(store, 1, 400000, NULL);
    (void)contract_add_random(store, 2, 400000, NULL);
    (void)contract_add_random(store, 3, 400000, NULL);
    struct ad_gc_params params = {.keep_bytes = 1200000};
    assert_ok(ad_store_gc(store, &params, &result, &err));
    assert_int_equal(result.removed_blocks, 0);
    params.keep_bytes = 800000;
    assert_ok(ad_store_gc(store, &params, &result, &err));
    assert_int_equal(result.removed_blocks, 1);
    assert_int_equal(result.kept_bytes, 800000);
    params.keep_bytes = 799999;
    assert_ok(ad_store_gc(store, &params, &result, &err));
    assert_int_equal(result.kept_bytes, 400000);
    params.keep_bytes = 0;
    assert_ok(ad_store_gc(store, &params, &result, &err));
    assert_int_equal(result.kept_blocks, 0);
    ad_store_close(store);
}

static void older_than_spares_young_blocks(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_gc_result result = {0};
    struct ad_gc_params params = {.keep_bytes = -1, .older_than_ms = 3600 * 1000};
    struct ad_cid cid = contract_add_random(store, 1, 1000, NULL);
    assert_ok(ad_store_gc(store, &params, &result, &err));
    assert_int_equal(result.removed_blocks, 0);
    assert_true(contract_complete(store, &cid));
    ad_store_close(store);
}

/* ---- leases ---- */

static void lease_keeps_a_dag_until_it_is_closed(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_store *other = contract_open(*state);
    struct ad_lease *lease = NULL;
    bool complete = false;
    struct ad_cid cid = contract_add_random(store, 1, FILE_BYTES, NULL);
    assert_ok(ad_lease_open(store, &lease, &err));
    assert_ok(ad_lease_hold(lease, &cid, &complete, &err));
    assert_true(complete);
    assert_int_equal(collect(other).removed_blocks, 0);
    assert_int_equal(collect(store).removed_blocks, 0);
    assert_true(contract_complete(store, &cid));
    ad_lease_close(lease);
    assert_int_equal(collect(other).removed_blocks, FILE_BLOCKS);
    ad_store_close(other);
    ad_store_close(store);
}

static void holding_what_is_absent_says_incomplete(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_lease *lease = NULL;
    bool complete = true;
    struct ad_cid cid =
        ad_test_cid("bafybeihzpjrbcpjpzcx4yxh3hasnjidsikmwmsrli7hhamhny5iueulu5a");
    assert_ok(ad_lease_open(store, &lease, &err));
    assert_ok(ad_lease_hold(lease, &cid, &complete, &err));
    assert_false(complete);
    ad_lease_close(lease);
    ad_store_close(store);
}

static void what_is_added_while_a_lease_is_open_is_held(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_store *other = contract_open(*state);
    struct ad_lease *lease = NULL;
    assert_ok(ad_lease_open(store, &lease, &err));
    struct ad_cid cid = contract_add_random(store, 1, FILE_BYTES, NULL);
    assert_int_equal(collect(other).removed_blocks, 0);
    assert_true(contract_complete(store, &cid));
    ad_lease_close(lease);
    assert_int_equal(collect(other).removed_blocks, FILE_BLOCKS);
    ad_store_close(other);
    ad_store_close(store);
}

static void lease_of_a_killed_process_holds_nothing(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = contract_add_random(store, 1, FILE_BYTES, NULL);
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct ad_store *mine = NULL;
        struct ad_lease *lease = NULL;
        bool complete = false;
        if (ad_store_open(contract_factory->url(*state), NULL, &mine, NULL) == ARTDAG_OK &&
            ad_lease_open(mine, &lease, NULL) == ARTDAG_OK &&
            ad_lease_hold(lease, &cid, &complete, NULL) == ARTDAG_OK)
            (void)!write(ready[1], complete ? "y" : "n", 1);
        for (;;)
            (void)pause();
    }
    char answer = 0;
    (void)close(ready[1]);
    assert_int_equal(read(ready[0], &answer, 1), 1);
    assert_int_equal(answer, 'y');
    assert_int_equal(collect(store).removed_blocks, 0);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(collect(store).removed_blocks, FILE_BLOCKS);
    (void)close(ready[0]);
    (void)err;
    ad_store_close(store);
}

/* ---- gc against writers ---- */

/* Shared by threads and processes. The writers go on until gc has taken something from between
 * them several times. */
struct race_state {
    atomic_uint collected;
    atomic_uint wrong;
    atomic_bool stop;
};

#define ROUNDS_MIN 30
#define ROUNDS_MAX 100000
#define COLLECTED_MIN 5

struct race {
    const char *url;
    unsigned number;
    struct race_state *shared;
};

/* What a run does: hold; what is not whole is added; from then on it must stay whole. */
static unsigned hold_add_check(struct ad_store *store, unsigned number, unsigned round)
{
    uint8_t data[3000];
    struct ad_lease *lease = NULL;
    struct ad_buf buf = AD_BUF_INIT(sizeof(data));
    struct ad_cid cid = {0};
    bool complete = false;
    unsigned wrong = 0;
    /* All writers use few contents, so that they meet each other's blocks and what gc is just
     * taking away. */
    memset(data, (int)((number + round) % 5), sizeof(data));
    struct ad_import_params params = {0};
    wrong += ad_unixfs_import_bytes(data, sizeof(data), &params, &cid, NULL) != ARTDAG_OK;
    if (ad_lease_open(store, &lease, NULL) != ARTDAG_OK)
        return 1;
    wrong += ad_lease_hold(lease, &cid, &complete, NULL) != ARTDAG_OK;
    if (!complete) {
        wrong += ad_store_add_bytes(store, data, sizeof(data), &cid, NULL) != ARTDAG_OK;
        wrong += ad_lease_hold(lease, &cid, &complete, NULL) != ARTDAG_OK || !complete;
    }
    for (int i = 0; i < 3; i++)
        wrong += ad_store_read(store, &cid, sizeof(data), &buf, NULL) != ARTDAG_OK ||
                 buf.len != sizeof(data);
    ad_lease_close(lease);
    ad_buf_fini(&buf);
    return wrong;
}

static void *race_writer(void *payload)
{
    const struct race *race = payload;
    struct ad_store *store = NULL;
    if (ad_store_open(race->url, NULL, &store, NULL) != ARTDAG_OK) {
        atomic_fetch_add(&race->shared->wrong, 1);
        return NULL;
    }
    for (unsigned i = 0;
         i < ROUNDS_MIN ||
         (i < ROUNDS_MAX && atomic_load(&race->shared->collected) < COLLECTED_MIN);
         i++)
        atomic_fetch_add(&race->shared->wrong, hold_add_check(store, race->number, i));
    ad_store_close(store);
    return NULL;
}

static void *race_collector(void *payload)
{
    const struct race *race = payload;
    struct ad_store *store = NULL;
    if (ad_store_open(race->url, NULL, &store, NULL) != ARTDAG_OK) {
        atomic_fetch_add(&race->shared->wrong, 1);
        return NULL;
    }
    while (!atomic_load(&race->shared->stop)) {
        struct ad_gc_result result = {0};
        atomic_fetch_add(&race->shared->wrong,
                         ad_store_gc(store, NULL, &result, NULL) != ARTDAG_OK);
        atomic_fetch_add(&race->shared->collected, result.removed_blocks > 0);
    }
    ad_store_close(store);
    return NULL;
}

static struct race_state *race_begin(void)
{
    void *shared = mmap(NULL, sizeof(struct race_state), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    return shared; /* zeroed */
}

static void race_end(struct race_state *shared)
{
    assert_int_equal(atomic_load(&shared->wrong), 0);
    assert_true(atomic_load(&shared->collected) >= COLLECTED_MIN);
    assert_int_equal(munmap(shared, sizeof(*shared)), 0);
}

static void gc_beside_threads_that_write_takes_nothing_held(void **state)
{
    pthread_t ids[4];
    struct race races[4];
    struct race_state *shared = race_begin();
    const char *url = contract_factory->url(*state);
    ad_store_close(contract_open(*state));
    for (unsigned i = 0; i < 4; i++) {
        races[i] = (struct race){url, i, shared};
        assert_int_equal(
            pthread_create(&ids[i], NULL, i == 3 ? race_collector : race_writer, &races[i]), 0);
    }
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pthread_join(ids[i], NULL), 0);
    atomic_store(&shared->stop, true);
    assert_int_equal(pthread_join(ids[3], NULL), 0);
    race_end(shared);
}

static void gc_beside_processes_that_write_takes_nothing_held(void **state)
{
    struct race_state *shared = race_begin();
    const char *url = contract_factory->url(*state);
    struct ad_store *store = contract_open(*state);
    int running = 0;
    for (; running < 3; running++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct race race = {url, (unsigned)running, shared};
            (void)race_writer(&race);
            _exit(0);
        }
    }
    while (running > 0) {
        int status = 0;
        atomic_fetch_add(&shared->collected, collect(store).removed_blocks > 0);
        while (running > 0 && waitpid(-1, &status, WNOHANG) > 0) {
            running--;
            assert_int_equal(status, 0);
        }
    }
    race_end(shared);
    ad_store_close(store);
}

/* A big addition that shares most blocks with garbage, while gc runs over and over: nothing of
 * it may be missing afterwards. */
static void gc_during_an_addition_takes_nothing_of_it(void **state)
{
    artdag_error err = {0};
    pthread_t id;
    struct race_state *shared = race_begin();
    struct race race = {contract_factory->url(*state), 0, shared};
    struct ad_store *store = contract_open(*state);
    struct ad_lease *lease = NULL;
    uint8_t *data = NULL;
    struct ad_cid cid = contract_add_random(store, 1, 12 << 20, &data);
    assert_int_equal(pthread_create(&id, NULL, race_collector, &race), 0);
    for (unsigned i = 0; i < 4 || (i < 500 && atomic_load(&shared->collected) < COLLECTED_MIN);
         i++) {
        data[0] = (uint8_t)i; /* a new first leaf, the others as they were */
        assert_ok(ad_lease_open(store, &lease, &err));
        assert_ok(ad_store_add_bytes(store, data, 12 << 20, &cid, &err));
        assert_true(contract_complete(store, &cid));
        ad_lease_close(lease);
    }
    atomic_store(&shared->stop, true);
    assert_int_equal(pthread_join(id, NULL), 0);
    race_end(shared);
    free(data);
    ad_store_close(store);
}

/* ---- verify ---- */

static void verify_of_a_sound_store_is_clean(void **state)
{
    artdag_error err = {0};
    struct ad_verify_result result = {0};
    struct ad_store *store = contract_open(*state);
    assert_ok(ad_store_verify(store, NULL, NULL, &result, &err));
    assert_int_equal(result.blocks, 0);
    struct ad_cid cid = contract_add_random(store, 1, FILE_BYTES, NULL);
    assert_ok(ad_store_pin(store, &cid, "", &err));
    assert_ok(ad_store_verify(store, NULL, NULL, &result, &err));
    assert_int_equal(result.blocks, FILE_BLOCKS);
    assert_true(result.bytes > FILE_BYTES);
    assert_int_equal(result.corrupt, 0);
    assert_int_equal(result.missing_pinned, 0);
    ad_store_close(store);
}

const struct CMUnitTest contract_roots[] = {
    ad_test_in_dir(pins_have_names_and_survive_reopen),
    ad_test_in_dir(what_is_not_whole_cannot_be_pinned),
    ad_test_in_dir(gc_takes_what_nothing_reaches),
    ad_test_in_dir(gc_keeps_blocks_that_a_pinned_dag_shares),
    ad_test_in_dir(keep_bytes_stops_when_the_store_is_small_enough),
    ad_test_in_dir(older_than_spares_young_blocks),
    ad_test_in_dir(lease_keeps_a_dag_until_it_is_closed),
    ad_test_in_dir(holding_what_is_absent_says_incomplete),
    ad_test_in_dir(what_is_added_while_a_lease_is_open_is_held),
    ad_test_in_dir(lease_of_a_killed_process_holds_nothing),
    ad_test_in_dir(gc_beside_threads_that_write_takes_nothing_held),
    ad_test_in_dir(gc_beside_processes_that_write_takes_nothing_held),
    ad_test_in_dir(gc_during_an_addition_takes_nothing_of_it),
    ad_test_in_dir(verify_of_a_sound_store_is_clean),
};
const size_t contract_roots_count = sizeof(contract_roots) / sizeof(contract_roots[0]);
