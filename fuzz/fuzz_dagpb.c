/* SPDX-License-Identifier: MIT
 *
 * dag-pb and UnixFS: a block that is accepted is written as the same bytes again, since readers are strict; views stay inside the block. The
 * block is also read as a file and a directory, with itself as its only child.
 */
#include <string.h>

#include "fuzz.h"
#include "ipld/ipld.h"

struct one_block {
    const uint8_t *data;
    size_t size;
};

/* Every CID leads to the same bytes: a DAG that never ends, which readers must leave at a bounded depth. */
static enum artdag_err get(void *payload, const struct ad_cid *cid, struct ad_buf *buf,
                           artdag_error *err)
{
    (void)cid;
    const struct one_block *block = payload;
    ad_buf_clear(buf);
    if (ad_buf_append(buf, block->data, block->size) != ARTDAG_OK)
        return ad_error_nomem(err, "fuzz");
    return ARTDAG_OK;
}

static enum artdag_err see_entry(void *payload, const struct ad_dir_entry *entry,
                                 artdag_error *err)
{
    (void)err;
    *(uint64_t *)payload += entry->name.len;
    return ARTDAG_OK;
}

static void read_as_file_and_folder(const uint8_t *data, size_t size)
{
    struct one_block block = {data, size};
    struct ad_block_source source = {get, &block};
    struct ad_unixfs_file *file = NULL;
    struct ad_cid cid;
    uint8_t out[256];
    size_t got = 0;
    uint64_t names = 0;
    artdag_error err = {0};
    FUZZ_CHECK(ad_cid_of(AD_CODEC_DAG_PB, data, size, &cid, &err) == ARTDAG_OK);
    if (ad_unixfs_open(&source, &cid, &file, &err) == ARTDAG_OK) {
        uint64_t end = ad_unixfs_size(file);
        (void)ad_unixfs_pread(file, out, sizeof(out), 0, &got, &err);
        (void)ad_unixfs_pread(file, out, sizeof(out), end > 100 ? end - 100 : 0, &got, &err);
        FUZZ_CHECK(got <= sizeof(out));
    }
    ad_unixfs_close(file);
    (void)ad_unixfs_list(&source, &cid, see_entry, &names, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ad_pb_node node = {0};
    struct ad_unixfs unixfs = {0};
    struct ad_buf out = AD_BUF_INIT(1 << 22);
    artdag_error err = {0};
    enum artdag_err code = ad_pb_decode(data, size, &node, &err);
    if (code != ARTDAG_OK) {
        FUZZ_CHECK_ERROR(code, err);
        goto out;
    }
    if (node.has_data && node.data.len > 0) {
        FUZZ_CHECK((const uint8_t *)node.data.ptr >= data &&
                   (const uint8_t *)node.data.ptr + node.data.len <= data + size);
        if (ad_unixfs_decode(node.data, &unixfs, &err) == ARTDAG_OK && unixfs.has_data)
            FUZZ_CHECK(unixfs.data.len <= node.data.len);
    }
    FUZZ_CHECK(ad_pb_encode(&node, &out, &err) == ARTDAG_OK);
    struct ad_pb_node copy = {0};
    FUZZ_CHECK(ad_pb_decode(out.data, out.len, &copy, &err) == ARTDAG_OK);
    FUZZ_CHECK(copy.links.len == node.links.len && copy.has_data == node.has_data);
    ad_pb_node_fini(&copy);
    if (size < 65536)
        read_as_file_and_folder(data, size);
out:
    ad_unixfs_fini(&unixfs);
    ad_pb_node_fini(&node);
    ad_buf_fini(&out);
    return 0;
}
