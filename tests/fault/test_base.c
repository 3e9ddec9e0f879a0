/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ad_fault.h"
#include "base/base.h"

static enum artdag_err fill_map(void *payload, artdag_error *err)
{
    (void)payload;
    struct ad_map map = {0};
    enum artdag_err rc = ARTDAG_OK;
    for (uint64_t i = 0; i < 100 && rc == ARTDAG_OK; i++) {
        uint64_t key = i * 7919;
        struct ad_str view = {(const char *)&key, sizeof(key)};
        union ad_map_value *value = ad_map_put(&map, view, NULL);
        if (!value)
            rc = ad_error_nomem(err, "test");
        else
            value->num = i;
    }
    /* A failed put leaves all earlier entries in place. */
    for (size_t i = 0; i < map.len; i++) {
        const union ad_map_value *found = ad_map_find(&map, map.entries[i].key);
        assert_non_null(found);
        assert_int_equal(found->num, i);
    }
    ad_map_fini(&map);
    return rc;
}

static void map_without_memory_keeps_what_it_has(void **state)
{
    (void)state;
    uint64_t met =
        ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, fill_map, NULL, NULL);
    assert_true(met >= 100); /* each key is copied */
    ad_fault_each(AD_FAULT_ALLOC, true, 0, ARTDAG_E_NOMEM, fill_map, NULL, NULL);
}

static enum artdag_err fill_arena(void *payload, artdag_error *err)
{
    (void)payload;
    struct ad_arena arena;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    ad_arena_init(&arena, 0);
    for (int i = 0; i < 200; i++) {
        (void)ad_arena_alloc(&arena, 1000);
        (void)ad_buf_printf(&buf, "line %d\n", i);
    }
    enum artdag_err rc = ARTDAG_OK;
    if (ad_arena_failed(&arena) || ad_buf_status(&buf) != ARTDAG_OK)
        rc = ad_error_nomem(err, "test");
    ad_arena_fini(&arena);
    ad_buf_fini(&buf);
    return rc;
}

static void arena_and_buffer_remember_a_failed_allocation(void **state)
{
    (void)state;
    ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, fill_arena, NULL, NULL);
}

static const char old_text[] = "old and whole";
static const char new_text[] = "new and whole, and longer";

static enum artdag_err replace_file(void *payload, artdag_error *err)
{
    const char *path = payload;
    ad_test_write(path, old_text, sizeof(old_text));
    return ad_fs_write_file(path, new_text, sizeof(new_text), 0600, "test", err);
}

/* Readers see the old or the new file whole, and no temporary name stays behind. */
static void file_is_whole(void *payload)
{
    const char *path = payload;
    size_t len = 0;
    const uint8_t *data = ad_test_read(path, &len);
    bool is_old = len == sizeof(old_text) && memcmp(data, old_text, len) == 0;
    bool is_new = len == sizeof(new_text) && memcmp(data, new_text, len) == 0;
    assert_true(is_old || is_new);
}

static void failed_replacement_leaves_a_whole_file(void **state)
{
    char *path = strdup(ad_test_path(*state, "file"));
    ad_fault_each(AD_FAULT_WRITE, false, ENOSPC, ARTDAG_E_IO, replace_file, file_is_whole,
                  path);
    ad_fault_each(AD_FAULT_SYNC, false, EIO, ARTDAG_E_IO, replace_file, file_is_whole, path);
    ad_fault_each(AD_FAULT_NAME, false, ENOSPC, ARTDAG_E_IO, replace_file, file_is_whole, path);
    ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, replace_file, file_is_whole, path);
    free(path);
}

static void full_disk_says_so(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "file");
    ad_fault_arm(AD_FAULT_WRITE, 1, true, ENOSPC);
    assert_fails(ARTDAG_E_IO,
                 ad_fs_write_file(path, new_text, sizeof(new_text), 0600, "t", &err));
    ad_fault_disarm();
    assert_err_says("no space left");
    assert_int_equal(err.sys, ENOSPC);
    assert_false(ad_fs_exists(path));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(map_without_memory_keeps_what_it_has),
    cmocka_unit_test(arena_and_buffer_remember_a_failed_allocation),
    ad_test_in_dir(failed_replacement_leaves_a_whole_file),
    ad_test_in_dir(full_disk_says_so),
};

AD_TEST_MAIN(tests)
