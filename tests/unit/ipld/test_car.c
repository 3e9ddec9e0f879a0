/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>
#include <unistd.h>

#include "content.h"

#define HELLO_CID "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
#define HELLO_CID_HEX "01551220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
#define HELLO_HEX "68656c6c6f20776f726c64"
#define HEADER_HEX "3aa265726f6f747381d82a582500" HELLO_CID_HEX "6776657273696f6e01"
#define NO_ROOTS_HEX "11a265726f6f7473806776657273696f6e01"
#define SECTION_HEX "2f" HELLO_CID_HEX HELLO_HEX

struct archive {
    struct ad_test_blocks blocks;
    ad_cid_vec roots;
};

static void archive_fini(struct archive *archive)
{
    ad_test_blocks_fini(&archive->blocks);
    ad_vec_fini(&archive->roots);
    *archive = (struct archive){0};
}

static enum artdag_err read_bytes(const uint8_t *data, size_t len, struct archive *archive,
                                  artdag_error *err)
{
    struct ad_block_sink sink = ad_test_sink(&archive->blocks);
    int fd = memfd_create("car", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    enum artdag_err rc = ad_car_read_fd(fd, &sink, &archive->roots, err);
    (void)close(fd);
    return rc;
}

static enum artdag_err read_hex(const char *hex, struct archive *archive, artdag_error *err)
{
    uint8_t data[1024];
    size_t len = ad_test_from_hex(hex, data, sizeof(data));
    return read_bytes(data, len, archive, err);
}

/* ---- writing ---- */

static void the_header_of_one_root_is_the_known_59_bytes(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(1000);
    struct ad_cid root = ad_test_cid(HELLO_CID);
    assert_ok(ad_car_write_header(&buf, &root, 1, &err));
    assert_int_equal(buf.len, 59);
    assert_bytes_hex(buf.data, buf.len, HEADER_HEX);
    ad_buf_clear(&buf);
    assert_ok(ad_car_write_header(&buf, NULL, 0, &err));
    assert_bytes_hex(buf.data, buf.len, NO_ROOTS_HEX);
    ad_buf_clear(&buf);
    assert_ok(ad_car_write_section(&buf, &root, "hello world", 11, &err));
    assert_bytes_hex(buf.data, buf.len, SECTION_HEX);
    ad_buf_fini(&buf);
}

static void what_is_written_reads_back_from_files_and_pipes(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct ad_import_params params = {.profile = &ad_unixfs_v0_2015,
                                      .sink = ad_test_sink(&blocks)};
    struct archive back = {0};
    struct ad_buf buf = AD_BUF_INIT(4 << 20);
    struct ad_cid roots[300];
    uint8_t *data = content_bytes("mod251", 1000000);
    assert_ok(ad_unixfs_import_bytes(data, 1000000, &params, &roots[0], &err));
    for (int i = 1; i < 300; i++) /* so that the list's length takes two bytes */
        roots[i] =
            ad_test_cid(i % 2 ? HELLO_CID : "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
    assert_ok(ad_car_write_header(&buf, roots, 300, &err));
    for (size_t i = 0; i < blocks.list.len; i++)
        assert_ok(ad_car_write_section(&buf, &blocks.list.items[i].cid,
                                       blocks.list.items[i].data, blocks.list.items[i].len,
                                       &err));
    assert_ok(read_bytes(buf.data, buf.len, &back, &err));
    assert_int_equal(back.roots.len, 300);
    for (int i = 0; i < 300; i++)
        assert_cids_equal(&back.roots.items[i], &roots[i]);
    assert_int_equal(back.blocks.list.len, blocks.list.len);
    for (size_t i = 0; i < blocks.list.len; i++)
        assert_cids_equal(&back.blocks.list.items[i].cid, &blocks.list.items[i].cid);
    archive_fini(&back);

    int fds[2];
    struct ad_block_sink sink = ad_test_sink(&back.blocks);
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], buf.data, 20000), 20000);
    (void)close(fds[1]);
    assert_fails(ARTDAG_E_FORMAT,
                 ad_car_read_fd(fds[0], &sink, NULL, &err)); /* cut in a block */
    (void)close(fds[0]);
    archive_fini(&back);
    free(data);
    ad_buf_fini(&buf);
    ad_test_blocks_fini(&blocks);
}

/* ---- the fixtures of the specification ---- */

struct fixture {
    uint8_t data[1024];
    size_t len;
    struct archive want; /* of blocks only CID and length */
};

static void fixture_row(char *fields[TABLE_FIELDS], void *payload)
{
    struct fixture *fixture = payload;
    if (strcmp(fields[0], "hex") == 0) {
        fixture->len += ad_test_from_hex(fields[1], fixture->data + fixture->len,
                                         sizeof(fixture->data) - fixture->len);
    } else if (strcmp(fields[0], "root") == 0) {
        assert_true(ad_vec_push(&fixture->want.roots, ad_test_cid(fields[1])));
    } else {
        struct ad_test_block block = {ad_test_cid(fields[1]), NULL,
                                      strtoul(fields[2], NULL, 10)};
        assert_string_equal(fields[0], "block");
        assert_true(ad_vec_push(&fixture->want.blocks.list, block));
    }
}

static void check_fixture(const char *path, size_t roots, size_t blocks)
{
    artdag_error err = {0};
    struct fixture fixture = {0};
    struct archive archive = {0};
    (void)each_row(path, fixture_row, &fixture);
    assert_int_equal(fixture.len, 715);
    assert_int_equal(fixture.want.roots.len, roots);
    assert_int_equal(fixture.want.blocks.list.len, blocks);
    assert_ok(read_bytes(fixture.data, fixture.len, &archive, &err));
    assert_int_equal(archive.roots.len, roots);
    for (size_t i = 0; i < roots; i++)
        assert_cids_equal(&archive.roots.items[i], &fixture.want.roots.items[i]);
    assert_int_equal(archive.blocks.list.len, blocks);
    for (size_t i = 0; i < blocks; i++) {
        assert_cids_equal(&archive.blocks.list.items[i].cid,
                          &fixture.want.blocks.list.items[i].cid);
        assert_int_equal(archive.blocks.list.items[i].len,
                         fixture.want.blocks.list.items[i].len);
    }
    archive_fini(&archive);
    archive_fini(&fixture.want);
}

static void the_specifications_version_1_fixture_reads(void **state)
{
    (void)state;
    check_fixture("tests/golden/carv1-basic.tsv", 2, 8);
}

static void the_specifications_version_2_fixture_reads_without_its_index(void **state)
{
    (void)state;
    check_fixture("tests/golden/carv2-basic.tsv", 1, 5);
}

static void either_fixture_cut_anywhere_is_refused_unless_at_a_sections_end(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const struct {
        const char *path;
        size_t whole;    /* from here on everything is there */
        size_t complete; /* cuts after the header or a block, but the last */
    } cases[] = {{"tests/golden/carv1-basic.tsv", 715, 8},
                 {"tests/golden/carv2-basic.tsv", 499, 0}};
    for (size_t c = 0; c < 2; c++) {
        struct fixture fixture = {0};
        size_t complete = 0;
        (void)each_row(cases[c].path, fixture_row, &fixture);
        for (size_t len = 0; len < cases[c].whole; len++) {
            struct archive archive = {0};
            enum artdag_err rc = read_bytes(fixture.data, len, &archive, &err);
            complete += rc == ARTDAG_OK;
            if (rc != ARTDAG_OK) {
                assert_int_equal(rc, ARTDAG_E_FORMAT);
                assert_int_equal(archive.roots.len, 0);
            }
            archive_fini(&archive);
        }
        assert_int_equal(complete, cases[c].complete);
        archive_fini(&fixture.want);
    }
}

/* ---- oddities that are fine ---- */

static void archives_without_roots_with_duplicates_or_foreign_roots_read(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct archive archive = {0};
    assert_ok(read_hex(NO_ROOTS_HEX, &archive, &err));
    assert_int_equal(archive.roots.len, 0);
    assert_int_equal(archive.blocks.puts, 0);
    assert_ok(read_hex(HEADER_HEX, &archive, &err)); /* the root's block is not there */
    assert_int_equal(archive.roots.len, 1);
    assert_cid_equal(HELLO_CID, &archive.roots.items[0]);
    assert_ok(read_hex(HEADER_HEX SECTION_HEX SECTION_HEX, &archive, &err));
    assert_int_equal(archive.blocks.puts, 2);
    assert_int_equal(archive.roots.len, 2); /* appended */
    archive_fini(&archive);
    /* the map's keys in the other order */
    assert_ok(read_hex("11a26776657273696f6e0165726f6f747380", &archive, &err));
    archive_fini(&archive);
}

static void identity_cids_are_checked_and_passed_over(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct archive archive = {0};
    assert_ok(read_hex(NO_ROOTS_HEX "080155000261626162" SECTION_HEX, &archive, &err));
    assert_int_equal(archive.blocks.puts, 1);
    assert_fails(ARTDAG_E_CORRUPT, read_hex(NO_ROOTS_HEX "080155000261626163", &archive, &err));
    archive_fini(&archive);
}

/* ---- what must be refused ---- */

#define V2_HEX "0aa16776657273696f6e02 00000000000000000000000000000000"

static void bad_archives_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const struct {
        enum artdag_err code;
        const char *hex;
        const char *what;
    } bad[] = {
        {ARTDAG_E_FORMAT, "", "nothing"},
        {ARTDAG_E_FORMAT, "00", "empty header"},
        {ARTDAG_E_FORMAT, "50617373", "something else"},
        {ARTDAG_E_CORRUPT, NO_ROOTS_HEX "2f" HELLO_CID_HEX "68656c6c6f20576f726c64",
         "wrong hash"},
        {ARTDAG_E_FORMAT, NO_ROOTS_HEX "00", "empty section"},
        {ARTDAG_E_FORMAT, NO_ROOTS_HEX "af00" HELLO_CID_HEX HELLO_HEX, "length is not minimal"},
        {ARTDAG_E_FORMAT, NO_ROOTS_HEX "ffffffffffffffffff01", "length of ten bytes"},
        {ARTDAG_E_LIMIT, NO_ROOTS_HEX "ffffffffffffffff7f", "section of 2^63"},
        {ARTDAG_E_LIMIT, NO_ROOTS_HEX "95818001", "section one byte too long for any block"},
        {ARTDAG_E_LIMIT, "81804000", "header of more than a megabyte"},
        {ARTDAG_E_FORMAT, NO_ROOTS_HEX "0401551220", "CID cut by its section"},
        {ARTDAG_E_FORMAT, NO_ROOTS_HEX "020255", "no CID"},
        {ARTDAG_E_FORMAT, NO_ROOTS_HEX "8801 01550081 01", "identity beyond 128 bytes"},
        {ARTDAG_E_UNSUPPORTED, NO_ROOTS_HEX "0501551e0100", "unknown hash"},
        {ARTDAG_E_FORMAT, "11a265726f6f7473806776657273696f6e03", "version 3"},
        {ARTDAG_E_FORMAT, "11a265726f6f7473806776657273696f6e02", "version 2 with roots"},
        {ARTDAG_E_FORMAT, "0aa16776657273696f6e01", "version 1 without roots"},
        {ARTDAG_E_FORMAT, "08a165726f6f747380", "no version"},
        {ARTDAG_E_FORMAT, "12a265726f6f7473806776657273696f6e0100", "a byte behind the map"},
        {ARTDAG_E_FORMAT, "10a265726f6f7473806776657273696f6e", "header cut in CBOR"},
        {ARTDAG_E_FORMAT, "11a265726f6f7473406776657273696f6e01", "roots are bytes"},
        {ARTDAG_E_FORMAT, "11a265726f6f7473816776657273696f6e01", "root is text"},
        {ARTDAG_E_FORMAT, "19a265726f6f74739bffffffffffffffff6776657273696f6e01", "2^64 roots"},
        {ARTDAG_E_FORMAT, "15a265726f6f747381d82a41006776657273696f6e01", "root without a CID"},
        {ARTDAG_E_FORMAT, "18a265726f6f747381d82a4401550000 6776657273696f6e01",
         "root without the zero byte"},
        {ARTDAG_E_FORMAT, "11a265726f6f7473806776657273696f6d01", "unknown key"},
        {ARTDAG_E_FORMAT, "11a16776657273696f6e016776657273696f6e01", "something behind"},
        {ARTDAG_E_FORMAT, V2_HEX, "version 2 cut in its header"},
        {ARTDAG_E_FORMAT,
         V2_HEX "3200000000000000 1200000000000000 0000000000000000" NO_ROOTS_HEX,
         "data inside the header"},
        {ARTDAG_E_FORMAT,
         V2_HEX "3300000000000000 1300000000000000 0000000000000000" NO_ROOTS_HEX,
         "data too short"},
        {ARTDAG_E_FORMAT,
         V2_HEX "3300000000000000 1100000000000000 0000000000000000" NO_ROOTS_HEX, "data cut"},
        {ARTDAG_E_FORMAT,
         V2_HEX "3300000000000000 ffffffffffffffff 0000000000000000" NO_ROOTS_HEX,
         "endless data"},
        {ARTDAG_E_FORMAT, V2_HEX "ffffffffffffff7f ffffffffffffff7f 0000000000000000",
         "offset overflows"},
        {ARTDAG_E_FORMAT,
         V2_HEX "3300000000000000 0b00000000000000 0000000000000000 0aa16776657273696f6e02",
         "2 in 2"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct archive archive = {0};
        enum artdag_err rc = read_hex(bad[i].hex, &archive, &err);
        if (rc != bad[i].code)
            fail_msg("%s gave \"%s\": %s", bad[i].what, artdag_err_name(rc), err.message);
        assert_fails(bad[i].code, read_hex(bad[i].hex, &archive, &err));
        assert_int_equal(archive.blocks.puts, 0);
        assert_int_equal(archive.roots.len, 0);
        archive_fini(&archive);
    }
}

static void version_2_may_pad_and_carry_an_index(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct archive archive = {0};
    assert_ok(read_hex(V2_HEX
                       "3500000000000000 1200000000000000 4700000000000000 ffff" NO_ROOTS_HEX
                       "8008deadbeef",
                       &archive, &err));
    assert_int_equal(archive.blocks.puts, 0);
    archive_fini(&archive);
}

static void blocks_of_two_mebibytes_read_and_larger_ones_do_not(void **state)
{
    (void)state;
    artdag_error err = {0};
    uint8_t *data = content_bytes("zeros", AD_BLOCK_MAX + 1);
    for (size_t more = 0; more < 2; more++) {
        struct archive archive = {0};
        struct ad_buf buf = AD_BUF_INIT(AD_BLOCK_MAX + 1000);
        struct ad_cid cid = {0};
        assert_ok(ad_cid_of(AD_CODEC_RAW, data, AD_BLOCK_MAX + more, &cid, &err));
        assert_ok(ad_car_write_header(&buf, NULL, 0, &err));
        assert_ok(ad_car_write_section(&buf, &cid, data, AD_BLOCK_MAX + more, &err));
        if (more)
            assert_fails(ARTDAG_E_LIMIT, read_bytes(buf.data, buf.len, &archive, &err));
        else
            assert_ok(read_bytes(buf.data, buf.len, &archive, &err));
        assert_int_equal(archive.blocks.puts, 1 - more);
        ad_buf_fini(&buf);
        archive_fini(&archive);
    }
    free(data);
}

static void unreadable_descriptor_is_io_and_full_buffer_a_limit(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_block_sink sink = {NULL, NULL};
    struct ad_buf buf = AD_BUF_INIT(10);
    struct ad_cid cid = ad_test_cid(HELLO_CID);
    assert_fails(ARTDAG_E_IO, ad_car_read_fd(-1, &sink, NULL, &err));
    assert_fails(ARTDAG_E_LIMIT, ad_car_write_header(&buf, &cid, 1, &err));
    ad_buf_clear(&buf);
    assert_fails(ARTDAG_E_LIMIT, ad_car_write_section(&buf, &cid, "hello world", 11, &err));
    ad_buf_fini(&buf);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_header_of_one_root_is_the_known_59_bytes),
    cmocka_unit_test(what_is_written_reads_back_from_files_and_pipes),
    cmocka_unit_test(the_specifications_version_1_fixture_reads),
    cmocka_unit_test(the_specifications_version_2_fixture_reads_without_its_index),
    cmocka_unit_test(either_fixture_cut_anywhere_is_refused_unless_at_a_sections_end),
    cmocka_unit_test(archives_without_roots_with_duplicates_or_foreign_roots_read),
    cmocka_unit_test(identity_cids_are_checked_and_passed_over),
    cmocka_unit_test(bad_archives_are_refused),
    cmocka_unit_test(version_2_may_pad_and_carry_an_index),
    cmocka_unit_test(blocks_of_two_mebibytes_read_and_larger_ones_do_not),
    cmocka_unit_test(unreadable_descriptor_is_io_and_full_buffer_a_limit),
};
AD_TEST_MAIN(tests)
