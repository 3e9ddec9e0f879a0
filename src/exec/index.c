/* SPDX-License-Identifier: MIT
 *
 * Where the frame index of an input is kept: an analysis of its own, beside the metadata that is made in the same
 * reading. It spares reading and never changes a result.
 */
#include <string.h>

#include "exec/exec_private.h"

#define ROOM AD_EXEC_ROOM
#define REVISION 1

enum artdag_err ad_exec_index_id(struct ad_exec *exec, const struct ad_cid *cid,
                                 struct ad_id *ret, artdag_error *err)
{
    struct ad_buf what = AD_BUF_INIT(8192);
    const char *toolchain = NULL;
    struct ad_json_writer w;
    struct ad_hash32 hash;
    enum artdag_err rc = ad_exec_toolchain(exec, &toolchain, err);
    if (rc != ARTDAG_OK)
        return rc;
    ad_jw_init(&w, &what);
    ad_jw_map_begin(&w);
    ad_jw_key(&w, "feature");
    ad_jw_cstr(&w, "index");
    ad_jw_key(&w, "revision");
    ad_jw_int(&w, REVISION);
    ad_jw_key(&w, "toolchain");
    ad_jw_cstr(&w, toolchain);
    ad_jw_map_end(&w);
    rc = ad_buf_status(&what) == ARTDAG_OK ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    if (rc == ARTDAG_OK)
        rc = ad_analysis_id(exec->cluster_key, cid, ad_buf_as_str(&what), &hash, err);
    if (rc == ARTDAG_OK)
        memcpy(ret->bytes, hash.bytes, sizeof(ret->bytes));
    ad_buf_fini(&what);
    return rc;
}

enum artdag_err ad_exec_index_open(struct ad_exec *exec, const struct ad_cid *cid,
                                   struct ad_unixfs_file **ret, artdag_error *err)
{
    struct ad_id id;
    struct ad_cid index;
    if (!exec->params.state)
        return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "there is no state");
    enum artdag_err rc = ad_exec_index_id(exec, cid, &id, err);
    if (rc == ARTDAG_OK)
        rc = ad_state_get(exec->params.state, AD_STATE_ANALYSIS, &id, &index, err);
    return rc == ARTDAG_OK ? ad_store_open_file(exec->params.store, &index, ret, err) : rc;
}
