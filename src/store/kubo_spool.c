/* SPDX-License-Identifier: MIT
 *
 * Blocks waiting for their upload: the sections of a CAR in a file without a name, so that nothing is left when the process
 * dies, memory stays flat, and an upload that failed can begin anew.
 */
#include <errno.h>
#include <unistd.h>

#include "store/handle.h"
#include "store/kubo.h"

#define LEN_BITS 22 /* a block has at most 2 MiB */

enum artdag_err ad_spool_create(const char *folder, struct ad_spool **ret, artdag_error *err)
{
    struct ad_spool *spool = ad_alloc(sizeof(*spool));
    if (spool == NULL)
        return ad_error_nomem(err, ROOM);
    spool->fd = -1;
    enum artdag_err code = ad_fs_temp_fd(folder, &spool->fd, ROOM, err);
    if (code != ARTDAG_OK) {
        ad_spool_destroy(spool);
        return ad_error_prefix(err, code, "cannot keep blocks for their upload");
    }
    *ret = spool;
    return ARTDAG_OK;
}

void ad_spool_destroy(struct ad_spool *spool)
{
    if (spool == NULL)
        return;
    if (spool->fd >= 0)
        (void)close(spool->fd);
    ad_map_fini(&spool->index);
    free(spool);
}

static enum artdag_err write_section(struct ad_spool *spool, const struct ad_cid *cid,
                                     const void *data, size_t len, artdag_error *err)
{
    struct ad_buf section = AD_BUF_INIT(AD_BLOCK_MAX + 4096);
    enum artdag_err code = ad_car_write_section(&section, cid, data, len, err);
    /* A section that was cut short by a full disk is overwritten by the next one. */
    if (code == ARTDAG_OK && lseek(spool->fd, (off_t)spool->bytes, SEEK_SET) < 0)
        code = ad_error_errno(err, errno, ROOM, "cannot keep blocks for their upload");
    if (code == ARTDAG_OK)
        code = ad_fs_write_full(spool->fd, section.data, section.len, ROOM, err);
    if (code == ARTDAG_OK)
        spool->bytes += section.len;
    ad_buf_fini(&section);
    return code;
}

enum artdag_err ad_spool_put(struct ad_spool *spool, const struct ad_cid *cid, const void *data,
                             size_t len, artdag_error *err)
{
    uint8_t bytes[AD_CID_BYTES_MAX];
    struct ad_str key = ad_store_block_key(cid, bytes);
    if (ad_map_find(&spool->index, key) != NULL) {
        spool->last = *cid;
        return ARTDAG_OK;
    }
    enum artdag_err code = write_section(spool, cid, data, len, err);
    if (code != ARTDAG_OK)
        return code;
    union ad_map_value *value = ad_map_put(&spool->index, key, NULL);
    if (value == NULL)
        return ad_error_nomem(err, ROOM); /* sent twice, perhaps: harmless */
    value->num = (spool->bytes - len) << LEN_BITS | len;
    spool->last = *cid;
    return ARTDAG_OK;
}

bool ad_spool_find(const struct ad_spool *spool, const struct ad_cid *cid, uint64_t *ret_at,
                   size_t *ret_len)
{
    uint8_t bytes[AD_CID_BYTES_MAX];
    const union ad_map_value *value =
        ad_map_find(&spool->index, ad_store_block_key(cid, bytes));
    if (value == NULL)
        return false;
    *ret_at = value->num >> LEN_BITS;
    *ret_len = (size_t)(value->num & ((UINT64_C(1) << LEN_BITS) - 1));
    return true;
}
