/* SPDX-License-Identifier: MIT */
#include "ad_test.h"
#include "ipld/ipld.h"

static enum artdag_err decode(const char *hex, uint8_t bytes[128], struct ad_unixfs *ret,
                              artdag_error *err)
{
    size_t len = ad_test_from_hex(hex, bytes, 128);
    return ad_unixfs_decode((struct ad_str){(const char *)bytes, len}, ret, err);
}

static void a_file_node_of_two_chunks_is_read(void **state)
{
    (void)state;
    artdag_error err = {0};
    uint8_t bytes[128];
    struct ad_unixfs u = {0};
    assert_ok(decode("0802 18818040 20808040 2001", bytes, &u, &err));
    assert_int_equal(u.type, AD_UNIXFS_FILE);
    assert_true(u.has_filesize);
    assert_int_equal(u.filesize, 1048577);
    assert_int_equal(u.blocksizes.len, 2);
    assert_int_equal(u.blocksizes.items[0], 1048576);
    assert_int_equal(u.blocksizes.items[1], 1);
    assert_false(u.has_data);
    ad_unixfs_fini(&u);
    ad_unixfs_fini(&u);
    ad_unixfs_fini(NULL);
}

static void packed_sizes_other_orders_and_later_fields_are_understood(void **state)
{
    (void)state;
    artdag_error err = {0};
    uint8_t bytes[128];
    struct ad_unixfs u = {0};
    /* blocksizes packed (5, 300), mode, mtime with seconds and nanoseconds, an unknown
     * 64-bit and 32-bit field, then the type */
    assert_ok(decode("220305ac02 38a403 420708011501000000 490102030405060708 5501020304 0802",
                     bytes, &u, &err));
    assert_int_equal(u.type, AD_UNIXFS_FILE);
    assert_int_equal(u.blocksizes.len, 2);
    assert_int_equal(u.blocksizes.items[1], 300);
    ad_unixfs_fini(&u);
    assert_ok(decode("0805 1201ff 2822 308002", bytes, &u, &err));
    assert_int_equal(u.type, AD_UNIXFS_HAMT);
    assert_int_equal(u.hash_type, 0x22);
    assert_int_equal(u.fanout, 256);
    assert_bytes_hex(u.data.ptr, u.data.len, "ff");
    ad_unixfs_fini(&u);
}

static void malformed_data_is_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const char *const bad[] = {
        "",               /* no type */
        "1801",           /* no type either */
        "0806",           /* unknown type */
        "08",             /* cut */
        "0880",           /* cut varint */
        "08800208 02",    /* type 256 */
        "0802 0802",      /* type twice */
        "0802 1801 1801", /* size twice */
        "0802 1205 00",   /* data cut */
        "0802 1000",      /* data is a number */
        "0802 1a00",      /* file size is bytes */
        "0802 2280",      /* packed sizes cut */
        "0802 220180",    /* bad varint in packed sizes */
        "0802 00",        /* field number 0 */
        "0802 0b",        /* a group */
        "0802 51010203",  /* fixed64 cut */
        "0802 1501020304" /* data as fixed32 */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t bytes[128];
        struct ad_unixfs u = {0};
        assert_fails(ARTDAG_E_FORMAT, decode(bad[i], bytes, &u, &err));
        assert_int_equal(u.blocksizes.len, 0);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_file_node_of_two_chunks_is_read),
    cmocka_unit_test(packed_sizes_other_orders_and_later_fields_are_understood),
    cmocka_unit_test(malformed_data_is_refused),
};
AD_TEST_MAIN(tests)
