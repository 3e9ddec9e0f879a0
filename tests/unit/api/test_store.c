/* SPDX-License-Identifier: MIT
 *
 * The public store functions.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "api_test.h"

static struct user open_user(void **state)
{
    struct user u;
    user_open(&u, *state, "");
    return u;
}

static artdag_cid add(struct user *u, const char *name, const char *text)
{
    artdag_error err = {0};
    artdag_cid cid;
    uint64_t bytes = 0;
    const char *path = ad_test_path(u->files.dir, "%s", name);
    ad_test_write(path, text, strlen(text));
    assert_ok(artdag_add(u->site, path, NULL, &cid, &bytes, &err));
    assert_int_equal(bytes, strlen(text));
    return cid;
}

struct collected {
    char text[100];
    size_t len, stop_after;
};

static int collect(void *payload, const void *data, size_t len)
{
    struct collected *c = payload;
    if (c->stop_after && c->len >= c->stop_after)
        return 1;
    assert_true(c->len + len < sizeof(c->text));
    memcpy(c->text + c->len, data, len);
    c->len += len;
    return c->stop_after ? 1 : 0;
}

static void ranges_of_a_file_are_given(void **state)
{
    static const struct {
        uint64_t offset;
        int64_t length;
        const char *want;
    } cases[] = {
        {0, -1, "hello world"}, {6, -1, "world"}, {0, 5, "hello"},         {3, 0, ""},
        {11, -1, ""},           {99, 5, ""},      {6, INT64_MAX, "world"}, {UINT64_MAX, 5, ""},
    };
    artdag_error err = {0};
    struct user u = open_user(state);
    artdag_cid cid = add(&u, "f", "hello world");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct collected c = {0};
        assert_ok(
            artdag_cat(u.site, cid.text, cases[i].offset, cases[i].length, collect, &c, &err));
        assert_string_equal(c.text, cases[i].want);
    }
    struct collected c = {.stop_after = 1};
    assert_fails(ARTDAG_E_CANCELED, artdag_cat(u.site, cid.text, 0, -1, collect, &c, &err));
    user_close(&u);
}

/* The CIDs are those of kubo: echo -n hello | ipfs add with these settings. */
static void profiles_give_their_cids(void **state)
{
    artdag_error err = {0};
    struct user u = open_user(state);
    artdag_cid cid = add(&u, "f", "hello");
    assert_string_equal(cid.text,
                        "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq");
    artdag_add_params params = ARTDAG_ADD_PARAMS_INIT;
    const char *path = ad_test_path(*state, "f");
    params.profile = "unixfs-v0-2015";
    assert_fails(ARTDAG_E_INVAL, artdag_add(u.site, path, &params, &cid, NULL, &err));
    assert_err_says("only-hash");
    params.only_hash = 1;
    assert_ok(artdag_add(u.site, path, &params, &cid, NULL, &err));
    assert_string_equal(cid.text, "QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX");
    params.profile = "unixfs-v9";
    assert_fails(ARTDAG_E_INVAL, artdag_add(u.site, path, &params, &cid, NULL, &err));
    assert_err_says("unixfs-v9");
    params.profile = NULL;
    params.width = 1;
    assert_fails(ARTDAG_E_INVAL, artdag_add(u.site, path, &params, &cid, NULL, &err));
    user_close(&u);
}

struct pins {
    size_t count;
    char names[100];
};

static void on_pin(void *payload, const artdag_cid *cid, const char *name)
{
    struct pins *p = payload;
    (void)cid;
    p->count++;
    strncat(p->names, name, sizeof(p->names) - strlen(p->names) - 1);
    strncat(p->names, ";", sizeof(p->names) - strlen(p->names) - 1);
}

static void pins_keep_what_gc_would_take(void **state)
{
    artdag_error err = {0};
    struct user u = open_user(state);
    artdag_cid kept = add(&u, "kept", "kept bytes"), lost = add(&u, "lost", "lost bytes");
    artdag_gc_params params = ARTDAG_GC_PARAMS_INIT;
    artdag_gc_result gc;
    struct pins pins = {0};
    struct collected c = {0};
    assert_ok(artdag_pin_add(u.site, kept.text, "one", &err));
    assert_ok(artdag_pin_add(u.site, kept.text, "two", &err));
    assert_ok(artdag_pin_rm(u.site, kept.text, "one", &err));
    assert_fails(ARTDAG_E_NOTFOUND, artdag_pin_rm(u.site, kept.text, "one", &err));
    assert_ok(artdag_pin_ls(u.site, on_pin, &pins, &err));
    assert_int_equal(pins.count, 1);
    assert_string_equal(pins.names, "two;");
    user_reopen(&u);
    params.dry_run = 1;
    assert_ok(artdag_gc(u.site, &params, &gc, &err));
    assert_int_equal(gc.removed_blocks, 1);
    assert_ok(artdag_cat(u.site, lost.text, 0, -1, collect, &c, &err));
    assert_ok(artdag_gc(u.site, NULL, &gc, &err));
    assert_int_equal(gc.removed_blocks, 1);
    assert_int_equal(gc.removed_bytes, strlen("lost bytes"));
    assert_ok(artdag_cat(u.site, kept.text, 0, -1, collect, &c, &err));
    assert_fails(ARTDAG_E_NOTFOUND, artdag_cat(u.site, lost.text, 0, -1, collect, &c, &err));
    assert_fails(ARTDAG_E_NOTFOUND, artdag_pin_add(u.site, lost.text, "", &err));
    assert_string_equal(err.cid, lost.text);
    user_close(&u);
}

static void on_root(void *payload, const artdag_cid *cid)
{
    *(artdag_cid *)payload = *cid;
}

static void an_archive_carries_a_file_to_another_site(void **state)
{
    artdag_error err = {0};
    struct user u = open_user(state);
    artdag_cid cid = add(&u, "f", "carried over"), root = {{0}};
    const char *const roots[] = {cid.text};
    int fd = open(ad_test_path(*state, "x.car"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_ok(artdag_car_export(u.site, roots, 1, fd, &err));
    u.where.home = ad_test_path(*state, "elsewhere");
    user_reopen(&u);
    struct collected c = {0};
    assert_fails(ARTDAG_E_NOTFOUND, artdag_cat(u.site, cid.text, 0, -1, collect, &c, &err));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_ok(artdag_car_import(u.site, fd, on_root, &root, &err));
    assert_string_equal(root.text, cid.text);
    assert_ok(artdag_get(u.site, cid.text, ad_test_path(*state, "back"), &err));
    assert_string_equal((const char *)ad_test_read(ad_test_path(*state, "back"), NULL),
                        "carried over");
    (void)close(fd);
    user_close(&u);
}

static void verify_finds_a_spoiled_block(void **state)
{
    artdag_error err = {0};
    struct user u = open_user(state);
    artdag_cid cid = add(&u, "f", "to be spoiled");
    artdag_verify_result result = {0};
    assert_ok(artdag_pin_add(u.site, cid.text, "", &err));
    assert_ok(artdag_verify(u.site, NULL, NULL, &result, &err));
    assert_int_equal(result.blocks, 1);
    struct ad_cid parsed = cid_of_text("to be spoiled");
    user_close(&u);
    place_lose(&u.files, &parsed);
    user_reopen(&u);
    assert_fails(ARTDAG_E_CORRUPT, artdag_verify(u.site, NULL, NULL, &result, &err));
    assert_int_equal(result.missing_pinned, 1);
    user_close(&u);
}

static void folders_and_addresses_are_understood(void **state)
{
    artdag_error err = {0};
    struct user u = open_user(state);
    artdag_cid cid, empty;
    artdag_stat stat;
    const char *folder = ad_test_path(*state, "empty");
    assert_ok(ad_fs_mkdirs(folder, "test", &err));
    assert_ok(artdag_add(u.site, folder, NULL, &empty, NULL, &err));
    assert_ok(artdag_stat_cid(u.site, empty.text, &stat, &err));
    assert_int_equal(stat.type, ARTDAG_FOLDER);
    assert_int_equal(stat.file_bytes, 0);
    assert_ok(
        artdag_cid_parse("/ipfs/QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn", &cid, &err));
    assert_string_equal(cid.text, "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
    user_close(&u);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(ranges_of_a_file_are_given),
    ad_test_in_dir(profiles_give_their_cids),
    ad_test_in_dir(pins_keep_what_gc_would_take),
    ad_test_in_dir(an_archive_carries_a_file_to_another_site),
    ad_test_in_dir(verify_finds_a_spoiled_block),
    ad_test_in_dir(folders_and_addresses_are_understood),
};

AD_TEST_MAIN(tests)
