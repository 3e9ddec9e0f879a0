/* SPDX-License-Identifier: MIT
 *
 * Paths and CIDs become CIDs; what was read before is not read again, and what has changed is.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline_test.h"

static struct ad_cid register_ok(struct place *place, const char *what)
{
    artdag_error err = {0};
    struct ad_cid cid = {0};
    assert_ok(ad_register_input(place->site, what, &cid, &err));
    assert_true(place_complete(place, &cid));
    return cid;
}

static void assert_registers(struct place *place, const char *what, const char *content)
{
    struct ad_cid want = cid_of_text(content), cid = register_ok(place, what);
    assert_true(ad_cid_equal(&cid, &want));
}

/* Makes the stat cache say that the unchanged input has another content: whoever asks it is found out. */
static void plant(struct place *place, const char *content)
{
    artdag_error err = {0};
    struct stat st;
    struct ad_cid cid;
    char *real = realpath(place->input, NULL);
    let_time_pass();
    assert_non_null(real);
    assert_int_equal(stat(real, &st), 0);
    const struct ad_stat_key key = {
        .path = real,
        .taken_ms = ad_clock_wall_ms(),
        .size = (uint64_t)st.st_size,
        .inode = (uint64_t)st.st_ino,
        .device = (uint64_t)st.st_dev,
        .mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
        .ctime_ns = (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec,
    };
    assert_ok(
        ad_store_add_bytes(ad_site_store(place->site), content, strlen(content), &cid, &err));
    assert_ok(ad_stat_cache_set(place->site->stats, &key, &cid, &err));
    free(real);
}

static void an_unchanged_file_is_not_read_again(void **state)
{
    struct place place;
    place_open(&place, *state, "");
    assert_registers(&place, place.input, "some film");
    plant(&place, "what was remembered");
    assert_registers(&place, place.input, "what was remembered");
    place_reopen(&place, NULL);
    assert_registers(&place, place.input, "what was remembered");
    /* by another name of the same file too */
    const char *link = ad_test_path(place.dir, "link.bin");
    assert_int_equal(symlink(place.input, link), 0);
    assert_registers(&place, link, "what was remembered");
    place_close(&place);
}

static void rehash_reads_everything(void **state)
{
    struct place place;
    place_open(&place, *state, "");
    plant(&place, "what was remembered");
    place.params.rehash = true;
    place_reopen(&place, NULL);
    assert_registers(&place, place.input, "some film");
    place_close(&place);
}

static void a_changed_file_is_read_again_whatever_its_time_says(void **state)
{
    struct place place;
    struct stat st;
    place_open(&place, *state, "");
    let_time_pass();
    assert_registers(&place, place.input, "some film");
    assert_int_equal(stat(place.input, &st), 0);
    let_time_pass(); /* or the change would have the same time of change */
    int fd = open(place.input, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "SOME", 4, 0), 4);
    const struct timespec times[2] = {st.st_atim, st.st_mtim};
    assert_int_equal(futimens(fd, times), 0);
    (void)close(fd);
    assert_registers(&place, place.input, "SOME film");
    place_close(&place);
}

static void a_file_replaced_by_another_is_read_again(void **state)
{
    struct place place;
    struct stat st;
    place_open(&place, *state, "");
    let_time_pass();
    assert_registers(&place, place.input, "some film");
    assert_int_equal(stat(place.input, &st), 0);
    const char *other = ad_test_path(place.dir, "other.bin");
    ad_test_write(other, "more film", 9);
    const struct timespec times[2] = {st.st_atim, st.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, other, times, 0), 0);
    assert_int_equal(rename(other, place.input), 0);
    assert_registers(&place, place.input, "more film");
    place_close(&place);
}

static void a_remembered_file_whose_blocks_are_gone_is_read_again(void **state)
{
    struct place place;
    place_open(&place, *state, "");
    let_time_pass();
    struct ad_cid cid = register_ok(&place, place.input);
    place_reopen(&place, NULL); /* a lease would hold them */
    place_lose(&place, &cid);
    assert_false(place_complete(&place, &cid));
    assert_registers(&place, place.input, "some film");
    place_close(&place);
}

static void what_cannot_be_an_input_is_refused(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_cid cid = {0};
    place_open(&place, *state, "");
    const char *missing = ad_test_path(place.dir, "missing.bin");
    assert_fails(ARTDAG_E_NOTFOUND, ad_register_input(place.site, missing, &cid, &err));
    assert_err_says("missing.bin");
    assert_fails(ARTDAG_E_INVAL, ad_register_input(place.site, place.dir, &cid, &err));
    assert_err_says("not a regular file");
    const char *fifo = ad_test_path(place.dir, "fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_fails(ARTDAG_E_INVAL, ad_register_input(place.site, fifo, &cid, &err));
    assert_fails(ARTDAG_E_INVAL, ad_register_input(place.site, "/dev/null", &cid, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_register_input(place.site, "", &cid, &err));
    assert_false(ad_cid_is_set(&cid));
    place_close(&place);
}

static void cids_are_inputs_when_the_store_has_them(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_cid cid = cid_of_text("some film"), got;
    char text[AD_CID_TEXT_MAX];
    ad_cid_format(&cid, text);
    place_open(&place, *state, "");
    assert_fails(ARTDAG_E_NOTFOUND, ad_register_input(place.site, text, &got, &err));
    assert_string_equal(err.cid, text);
    assert_err_says("CAR");
    (void)register_ok(&place, place.input);
    assert_registers(&place, text, "some film");
    char address[AD_CID_TEXT_MAX + 8];
    snprintf(address, sizeof(address), "ipfs://%s", text);
    assert_registers(&place, address, "some film");
    /* A file of that name is meant when there is one. */
    assert_int_equal(chdir(place.dir), 0);
    ad_test_write(ad_test_path(place.dir, "%s", text), "a file", 6);
    assert_registers(&place, text, "a file");
    assert_int_equal(chdir("/"), 0);
    place_close(&place);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(an_unchanged_file_is_not_read_again),
    ad_test_in_dir(rehash_reads_everything),
    ad_test_in_dir(a_changed_file_is_read_again_whatever_its_time_says),
    ad_test_in_dir(a_file_replaced_by_another_is_read_again),
    ad_test_in_dir(a_remembered_file_whose_blocks_are_gone_is_read_again),
    ad_test_in_dir(what_cannot_be_an_input_is_refused),
    ad_test_in_dir(cids_are_inputs_when_the_store_has_them),
};

AD_TEST_MAIN(tests)
