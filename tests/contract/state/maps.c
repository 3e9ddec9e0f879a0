/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <string.h>

#include "contract.h"

static const enum ad_state_map all_maps[] = {AD_STATE_STEP, AD_STATE_CONTENT, AD_STATE_ANALYSIS,
                                             AD_STATE_PLAN, AD_STATE_RUN};
#define MAPS (sizeof(all_maps) / sizeof(all_maps[0]))

static void set(struct ad_state *state, enum ad_state_map map, uint64_t id, uint64_t cid)
{
    artdag_error err = {0};
    const struct ad_id key = contract_id(id);
    const struct ad_cid value = contract_cid(cid);
    assert_ok(ad_state_set(state, map, &key, &value, NULL, &err));
}

static void assert_holds(struct ad_state *state, enum ad_state_map map, uint64_t id,
                         uint64_t cid)
{
    artdag_error err = {0};
    const struct ad_id key = contract_id(id);
    const struct ad_cid value = contract_cid(cid);
    struct ad_cid got = {0};
    assert_ok(ad_state_get(state, map, &key, &got, &err));
    assert_cids_equal(&got, &value);
}

static void assert_lacks(struct ad_state *state, enum ad_state_map map, uint64_t id)
{
    artdag_error err = {0};
    const struct ad_id key = contract_id(id);
    struct ad_cid got = {0};
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_get(state, map, &key, &got, &err));
    assert_false(ad_cid_is_set(&got));
}

static void each_map_answers_for_itself_and_after_reopening(void **state)
{
    const char *dir = *state;
    struct ad_state *s = contract_open(dir);
    for (size_t i = 0; i < MAPS; i++)
        assert_lacks(s, all_maps[i], 7);
    for (size_t i = 0; i < MAPS; i++)
        set(s, all_maps[i], 7, 100 + i);
    ad_state_close(s);
    s = contract_open(dir);
    for (size_t i = 0; i < MAPS; i++) {
        assert_holds(s, all_maps[i], 7, 100 + i);
        assert_lacks(s, all_maps[i], 8);
    }
    ad_state_close(s);
}

static void another_folder_is_another_state(void **state)
{
    const char *dir = *state;
    struct ad_state *a = contract_open(ad_test_path(dir, "a"));
    struct ad_state *b = contract_open(ad_test_path(dir, "b"));
    set(a, AD_STATE_STEP, 1, 1);
    assert_lacks(b, AD_STATE_STEP, 1);
    ad_state_close(a);
    ad_state_close(b);
}

static void every_kind_of_cid_comes_back_as_it_was(void **state)
{
    static const char *const texts[] = {
        "QmZULkCELmmk5XNfCgTnCyFgAVxBRBXyDHGGMVoLFLiXEN", /* "hello\n" as ipfs add makes it */
        "bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
        "bafyreigdmqpykrgxyaxtlafqpqhzrb7qy2rh75nldvfd4tucqmqqme5yje",
        "bafkqabtimvwgy3yk", /* identity */
    };
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    for (uint64_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct ad_id id = contract_id(i);
        const struct ad_cid cid = ad_test_cid(texts[i]);
        struct ad_cid got = {0};
        assert_ok(ad_state_set(s, AD_STATE_STEP, &id, &cid, NULL, &err));
        assert_ok(ad_state_get(s, AD_STATE_STEP, &id, &got, &err));
        assert_cid_equal(texts[i], &got);
    }
    ad_state_close(s);
}

static void setting_no_cid_is_refused(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    const struct ad_id id = contract_id(1);
    const struct ad_cid none = {0};
    assert_fails(ARTDAG_E_INVAL, ad_state_set(s, AD_STATE_STEP, &id, &none, NULL, &err));
    assert_lacks(s, AD_STATE_STEP, 1);
    ad_state_close(s);
}

static void first_writer_wins_and_the_contradiction_is_counted(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    const struct ad_id id = contract_id(1);
    const struct ad_cid first = contract_cid(1), second = contract_cid(2);
    struct ad_cid kept = {0};
    int64_t conflicts = -1;
    assert_ok(ad_state_set(s, AD_STATE_STEP, &id, &first, &kept, &err));
    assert_cids_equal(&kept, &first);
    assert_ok(ad_state_set(s, AD_STATE_STEP, &id, &first, &kept, &err));
    assert_cids_equal(&kept, &first);
    assert_ok(ad_state_conflicts(s, &conflicts, &err));
    assert_int_equal(conflicts, 0);
    assert_ok(ad_state_set(s, AD_STATE_STEP, &id, &second, &kept, &err));
    assert_cids_equal(&kept, &first);
    assert_holds(s, AD_STATE_STEP, 1, 1);
    assert_ok(ad_state_set(s, AD_STATE_STEP, &id, &second, NULL, &err));
    assert_ok(ad_state_conflicts(s, &conflicts, &err));
    assert_int_equal(conflicts, 2);
    ad_state_close(s);
}

static void runs_and_plans_take_the_newest(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    int64_t conflicts = -1;
    const enum ad_state_map newest[] = {AD_STATE_RUN, AD_STATE_PLAN};
    for (size_t i = 0; i < 2; i++) {
        set(s, newest[i], 1, 1);
        set(s, newest[i], 1, 2);
        assert_holds(s, newest[i], 1, 2);
    }
    assert_ok(ad_state_conflicts(s, &conflicts, &err));
    assert_int_equal(conflicts, 0);
    ad_state_close(s);
}

static void get_many_finds_what_is_there_and_only_that(void **state)
{
    enum {
        COUNT = 1000
    };
    static struct ad_id ids[COUNT];
    static struct ad_cid cids[COUNT];
    static bool found[COUNT];
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    for (uint64_t i = 0; i < COUNT; i++) {
        ids[i] = contract_id(i);
        if (i % 3 == 0)
            set(s, AD_STATE_STEP, i, i);
        found[i] = i % 3 != 0; /* the opposite of what is to come */
    }
    ids[999] = ids[0];
    assert_ok(ad_state_get_many(s, AD_STATE_STEP, ids, COUNT, cids, found, &err));
    for (uint64_t i = 0; i < COUNT; i++) {
        const struct ad_cid want = contract_cid(i == 999 ? 0 : i);
        assert_int_equal(found[i], i % 3 == 0);
        if (found[i])
            assert_cids_equal(&cids[i], &want);
    }
    assert_ok(ad_state_get_many(s, AD_STATE_STEP, NULL, 0, NULL, NULL, &err));
    ad_state_close(s);
}

static void a_forgotten_entry_can_be_set_anew(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    const struct ad_id id = contract_id(1);
    set(s, AD_STATE_STEP, 1, 1);
    set(s, AD_STATE_STEP, 2, 2);
    set(s, AD_STATE_PLAN, 1, 1);
    assert_ok(ad_state_forget(s, AD_STATE_STEP, &id, &err));
    assert_lacks(s, AD_STATE_STEP, 1);
    assert_holds(s, AD_STATE_STEP, 2, 2);
    assert_holds(s, AD_STATE_PLAN, 1, 1);
    assert_ok(ad_state_forget(s, AD_STATE_STEP, &id, &err));
    set(s, AD_STATE_STEP, 1, 3);
    assert_holds(s, AD_STATE_STEP, 1, 3);
    ad_state_close(s);
}

static void forget_cids_drops_every_entry_of_the_block_whatever_its_codec(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    set(s, AD_STATE_STEP, 1, 10);
    set(s, AD_STATE_STEP, 2, 10);
    set(s, AD_STATE_ANALYSIS, 3, 10);
    set(s, AD_STATE_STEP, 4, 11);
    set(s, AD_STATE_STEP, 5, 12);
    struct ad_cid gone[3] = {contract_cid(10), contract_cid(99), contract_cid(12)};
    gone[0].codec = AD_CODEC_RAW; /* as gc gives it */
    gone[2].version = 0;
    assert_ok(ad_state_forget_cids(s, gone, 3, &err));
    assert_lacks(s, AD_STATE_STEP, 1);
    assert_lacks(s, AD_STATE_STEP, 2);
    assert_lacks(s, AD_STATE_ANALYSIS, 3);
    assert_holds(s, AD_STATE_STEP, 4, 11);
    assert_lacks(s, AD_STATE_STEP, 5);
    assert_ok(ad_state_forget_cids(s, NULL, 0, &err));
    ad_state_close(s);
}

struct walk {
    struct ad_state *state;
    struct ad_id last;
    size_t count;
    size_t stop_at;
};

static enum artdag_err on_entry(void *payload, const struct ad_id *id, const struct ad_cid *cid,
                                artdag_error *err)
{
    struct walk *walk = payload;
    struct ad_cid again = {0};
    bool sorted = walk->count == 0 || memcmp(walk->last.bytes, id->bytes, AD_ID_BYTES) < 0;
    if (!sorted)
        return ad_error_set(err, ARTDAG_E_INTERNAL, "test", "not in order");
    walk->last = *id;
    if (++walk->count == walk->stop_at)
        return ad_error_set(err, ARTDAG_E_CANCELED, "test", "enough");
    /* The state can be used meanwhile, also written to. */
    enum artdag_err rc = ad_state_get(walk->state, AD_STATE_STEP, id, &again, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (!ad_cid_equal(&again, cid))
        return ad_error_set(err, ARTDAG_E_INTERNAL, "test", "two answers");
    return ad_state_forget(walk->state, AD_STATE_STEP, id, err);
}

static void each_walks_in_order_while_the_state_is_used_and_stops_when_told(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    struct walk walk = {.state = s, .stop_at = 3};
    for (uint64_t i = 0; i < 50; i++)
        set(s, AD_STATE_STEP, i, i);
    set(s, AD_STATE_PLAN, 1000, 1000);
    assert_fails(ARTDAG_E_CANCELED, ad_state_each(s, AD_STATE_STEP, on_entry, &walk, &err));
    assert_int_equal(walk.count, 3);
    walk = (struct walk){.state = s};
    assert_ok(ad_state_each(s, AD_STATE_STEP, on_entry, &walk, &err));
    assert_int_equal(walk.count, 48);
    walk = (struct walk){.state = s};
    assert_ok(ad_state_each(s, AD_STATE_STEP, on_entry, &walk, &err));
    assert_int_equal(walk.count, 0);
    ad_state_close(s);
}

/* ---- many at once ---- */

#define WRITERS 8
#define SHARED_IDS 200

struct race {
    const char *url;
    struct ad_cid kept[WRITERS][SHARED_IDS];
};

static int write_and_note(void *payload, int i)
{
    struct race *race = payload;
    struct ad_state *s = NULL;
    int failed = 0;
    if (ad_state_open(race->url, NULL, &s, NULL) != ARTDAG_OK)
        return 1;
    for (uint64_t n = 0; n < SHARED_IDS; n++) {
        /* In different orders, so that all win some. */
        uint64_t id = (n * 7 + (uint64_t)i * 25) % SHARED_IDS;
        const struct ad_id key = contract_id(id);
        const struct ad_cid mine = contract_cid(id * WRITERS + (uint64_t)i);
        failed |=
            ad_state_set(s, AD_STATE_STEP, &key, &mine, &race->kept[i][id], NULL) != ARTDAG_OK;
    }
    ad_state_close(s);
    return failed;
}

static void check_race(struct ad_state *s, const struct race *race)
{
    for (uint64_t id = 0; id < SHARED_IDS; id++) {
        artdag_error err = {0};
        const struct ad_id key = contract_id(id);
        struct ad_cid got = {0};
        int writer = -1;
        assert_ok(ad_state_get(s, AD_STATE_STEP, &key, &got, &err));
        for (int i = 0; i < WRITERS; i++) {
            const struct ad_cid theirs = contract_cid(id * WRITERS + (uint64_t)i);
            assert_cids_equal(&race->kept[i][id], &got);
            writer = ad_cid_equal(&got, &theirs) ? i : writer;
        }
        assert_in_range(writer, 0, WRITERS - 1);
    }
}

static void eight_processes_agree_on_the_first_writer(void **state)
{
    /* The state does not exist yet: they also create it together. */
    struct race *race = contract_share(sizeof(*race));
    race->url = contract_factory->url(*state);
    assert_int_equal(contract_processes(WRITERS, write_and_note, race), 0);
    struct ad_state *s = contract_open(*state);
    int64_t conflicts = 0;
    artdag_error err = {0};
    check_race(s, race);
    assert_ok(ad_state_conflicts(s, &conflicts, &err));
    assert_int_equal(conflicts, SHARED_IDS * (WRITERS - 1));
    ad_state_close(s);
    contract_unshare(race, sizeof(*race));
}

struct worker {
    struct ad_state *state;
    uint64_t base;
    int failed;
};

static void *use_handle(void *payload)
{
    struct worker *w = payload;
    for (uint64_t n = w->base; n < w->base + 100; n++) {
        const struct ad_id id = contract_id(n);
        const struct ad_cid cid = contract_cid(n);
        struct ad_cid got = {0};
        w->failed |= ad_state_set(w->state, AD_STATE_STEP, &id, &cid, NULL, NULL) != ARTDAG_OK;
        w->failed |= ad_state_get(w->state, AD_STATE_STEP, &id, &got, NULL) != ARTDAG_OK;
        w->failed |= !ad_cid_equal(&got, &cid);
    }
    return NULL;
}

static void many_threads_share_a_handle(void **state)
{
    struct ad_state *s = contract_open(*state);
    pthread_t threads[24];
    struct worker workers[24];
    for (uint64_t i = 0; i < 24; i++) {
        workers[i] = (struct worker){.state = s, .base = i * 50}; /* overlapping halves */
        assert_int_equal(pthread_create(&threads[i], NULL, use_handle, &workers[i]), 0);
    }
    for (size_t i = 0; i < 24; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].failed, 0);
    }
    for (uint64_t n = 0; n < 24 * 50 + 50; n++)
        assert_holds(s, AD_STATE_STEP, n, n);
    ad_state_close(s);
}

const struct CMUnitTest contract_maps[] = {
    ad_test_in_dir(each_map_answers_for_itself_and_after_reopening),
    ad_test_in_dir(another_folder_is_another_state),
    ad_test_in_dir(every_kind_of_cid_comes_back_as_it_was),
    ad_test_in_dir(setting_no_cid_is_refused),
    ad_test_in_dir(first_writer_wins_and_the_contradiction_is_counted),
    ad_test_in_dir(runs_and_plans_take_the_newest),
    ad_test_in_dir(get_many_finds_what_is_there_and_only_that),
    ad_test_in_dir(a_forgotten_entry_can_be_set_anew),
    ad_test_in_dir(forget_cids_drops_every_entry_of_the_block_whatever_its_codec),
    ad_test_in_dir(each_walks_in_order_while_the_state_is_used_and_stops_when_told),
    ad_test_in_dir(eight_processes_agree_on_the_first_writer),
    ad_test_in_dir(many_threads_share_a_handle),
};
const size_t contract_maps_count = sizeof(contract_maps) / sizeof(contract_maps[0]);
