/* SPDX-License-Identifier: MIT
 *
 * The public store functions: argument checks, then calls inward.
 */
#include "api/api.h"

#define ROOM "api"
#define CAT_BYTES ((size_t)1 << 20)

static bool is_ours(const struct ad_unixfs_profile *p)
{
    const struct ad_unixfs_profile *ours = &ad_unixfs_v1_2025;
    return p->cid_version == ours->cid_version && p->raw_leaves == ours->raw_leaves &&
           p->chunk_bytes == ours->chunk_bytes && p->width == ours->width;
}

static enum artdag_err profile_of(const artdag_add_params *params,
                                  struct ad_unixfs_profile *ret, artdag_error *err)
{
    const char *name = params->profile ? params->profile : "unixfs-v1-2025";
    const struct ad_unixfs_profile *known = ad_unixfs_profile_find(name);
    if (!known)
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                            "unknown profile \"%s\" (unixfs-v1-2025, unixfs-v0-2015)", name);
    *ret = *known;
    if (params->chunk_bytes)
        ret->chunk_bytes = params->chunk_bytes;
    if (params->width)
        ret->width = params->width;
    /* One profile in the store: the same bytes must not live there under two CIDs. */
    if (!params->only_hash && !is_ours(ret))
        return ad_error_set(
            err, ARTDAG_E_INVAL, ROOM,
            "the store uses unixfs-v1-2025; other profiles only with only-hash");
    if (ret->chunk_bytes == 0 || ret->chunk_bytes > AD_BLOCK_MAX - 256 || ret->width < 2 ||
        ret->width > 8192)
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                            "chunks are 1 to %u bytes, nodes 2 to 8192 links wide",
                            AD_BLOCK_MAX - 256);
    return ARTDAG_OK;
}

enum artdag_err artdag_add(artdag_site *site, const char *path, const artdag_add_params *params,
                           artdag_cid *ret, uint64_t *ret_bytes, artdag_error *err)
{
    static const artdag_add_params defaults = ARTDAG_ADD_PARAMS_INIT;
    struct ad_unixfs_profile profile;
    struct ad_cid cid;
    if (!site || !path || !ret)
        return ad_api_misuse(err, __func__, "site, path or ret is NULL");
    if (!params)
        params = &defaults;
    if (params->size != sizeof(*params))
        return ad_api_misuse(err, __func__, "params.size is not set");
    enum artdag_err rc = profile_of(params, &profile, err);
    if (rc != ARTDAG_OK)
        return rc;
    struct ad_add_params inner = {
        .profile = &profile,
        .only_hash = params->only_hash != 0,
        .reference = params->reference != 0,
    };
    rc = ad_store_add_path(ad_site_store(site->inner), path, &inner, &cid, ret_bytes, err);
    if (rc == ARTDAG_OK)
        *ret = ad_api_cid(&cid);
    return rc;
}

static enum artdag_err cat_range(struct ad_unixfs_file *file, uint64_t offset, uint64_t end,
                                 int (*write)(void *payload, const void *data, size_t len),
                                 void *payload, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    uint8_t *piece = ad_alloc(CAT_BYTES);
    if (!piece)
        return ad_error_nomem(err, ROOM);
    while (rc == ARTDAG_OK && offset < end) {
        size_t want = end - offset < CAT_BYTES ? (size_t)(end - offset) : CAT_BYTES;
        size_t got = 0;
        rc = ad_unixfs_pread(file, piece, want, offset, &got, err);
        if (rc != ARTDAG_OK || got == 0)
            break;
        offset += got;
        if (write(payload, piece, got) != 0)
            rc = ad_error_set(err, ARTDAG_E_CANCELED, ROOM, "stopped by the reader");
    }
    free(piece);
    return rc;
}

enum artdag_err artdag_cat(artdag_site *site, const char *cid, uint64_t offset, int64_t length,
                           int (*write)(void *payload, const void *data, size_t len),
                           void *payload, artdag_error *err)
{
    struct ad_cid parsed;
    struct ad_unixfs_file *file = NULL;
    if (!site || !cid || !write)
        return ad_api_misuse(err, __func__, "site, cid or write is NULL");
    enum artdag_err rc = ad_api_parse_cid(cid, &parsed, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_open_file(ad_site_store(site->inner), &parsed, &file, err);
    if (rc != ARTDAG_OK)
        return rc;
    uint64_t end = ad_unixfs_size(file);
    if (offset > end)
        offset = end;
    if (length >= 0 && (uint64_t)length < end - offset)
        end = offset + (uint64_t)length;
    rc = cat_range(file, offset, end, write, payload, err);
    ad_unixfs_close(file);
    return rc;
}

enum artdag_err artdag_get(artdag_site *site, const char *cid, const char *path,
                           artdag_error *err)
{
    struct ad_cid parsed;
    if (!site || !cid || !path)
        return ad_api_misuse(err, __func__, "site, cid or path is NULL");
    enum artdag_err rc = ad_api_parse_cid(cid, &parsed, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_export(ad_site_store(site->inner), &parsed, path, err);
    return rc;
}

struct listing {
    void (*each)(void *payload, const artdag_entry *entry);
    void *payload;
};

static enum artdag_err list_one(void *payload, const struct ad_dir_entry *entry,
                                artdag_error *err)
{
    const struct listing *l = payload;
    struct ad_buf name = AD_BUF_INIT((size_t)1 << 20);
    if (ad_buf_view(&name, entry->name) != ARTDAG_OK) {
        ad_buf_fini(&name);
        return ad_error_nomem(err, ROOM);
    }
    artdag_entry out = {.name = name.data ? (const char *)name.data : "",
                        .cid = ad_api_cid(&entry->cid),
                        .dag_bytes = entry->tsize};
    l->each(l->payload, &out);
    ad_buf_fini(&name);
    return ARTDAG_OK;
}

enum artdag_err artdag_ls(artdag_site *site, const char *cid,
                          void (*each)(void *payload, const artdag_entry *entry), void *payload,
                          artdag_error *err)
{
    struct ad_cid parsed;
    struct listing l = {each, payload};
    if (!site || !cid || !each)
        return ad_api_misuse(err, __func__, "site, cid or each is NULL");
    enum artdag_err rc = ad_api_parse_cid(cid, &parsed, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_list(ad_site_store(site->inner), &parsed, list_one, &l, err);
    return rc;
}

static enum artdag_node_type public_type(enum ad_unixfs_type type)
{
    switch (type) {
    case AD_UNIXFS_DIRECTORY:
    case AD_UNIXFS_HAMT:
        return ARTDAG_FOLDER;
    case AD_UNIXFS_SYMLINK:
        return ARTDAG_SYMLINK;
    default:
        return ARTDAG_FILE;
    }
}

enum artdag_err artdag_stat_cid(artdag_site *site, const char *cid, artdag_stat *ret,
                                artdag_error *err)
{
    struct ad_cid parsed;
    struct ad_dag_stat stat;
    if (!site || !cid || !ret)
        return ad_api_misuse(err, __func__, "site, cid or ret is NULL");
    enum artdag_err rc = ad_api_parse_cid(cid, &parsed, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_stat(ad_site_store(site->inner), &parsed, &stat, err);
    if (rc != ARTDAG_OK)
        return rc;
    *ret = (artdag_stat){
        .cid = ad_api_cid(&parsed),
        .type = public_type(stat.type),
        .file_bytes = stat.file_bytes,
        .dag_bytes = stat.dag_bytes,
        .blocks = stat.blocks,
    };
    return ARTDAG_OK;
}

enum artdag_err artdag_stat_shared(artdag_site *site, const char *a, const char *b,
                                   artdag_shared *ret, artdag_error *err)
{
    struct ad_cid first;
    struct ad_cid second;
    struct ad_shared shared;
    if (!site || !a || !b || !ret)
        return ad_api_misuse(err, __func__, "site, a, b or ret is NULL");
    enum artdag_err rc = ad_api_parse_cid(a, &first, err);
    if (rc == ARTDAG_OK)
        rc = ad_api_parse_cid(b, &second, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_shared(ad_site_store(site->inner), &first, &second, &shared, err);
    if (rc != ARTDAG_OK)
        return rc;
    *ret = (artdag_shared){
        .a_blocks = shared.a_blocks,
        .a_bytes = shared.a_bytes,
        .b_blocks = shared.b_blocks,
        .b_bytes = shared.b_bytes,
        .common_blocks = shared.common_blocks,
        .common_bytes = shared.common_bytes,
    };
    return ARTDAG_OK;
}

enum artdag_err artdag_pin_add(artdag_site *site, const char *cid, const char *name,
                               artdag_error *err)
{
    struct ad_cid parsed;
    bool complete = false;
    if (!site || !cid || !name)
        return ad_api_misuse(err, __func__, "site, cid or name is NULL");
    enum artdag_err rc = ad_api_parse_cid(cid, &parsed, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_complete(ad_site_store(site->inner), &parsed, &complete, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (!complete) {
        ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM,
                     "not whole in the store, so it cannot be pinned");
        ad_error_cid(err, cid);
        return ARTDAG_E_NOTFOUND;
    }
    return ad_store_pin(ad_site_store(site->inner), &parsed, name, err);
}

enum artdag_err artdag_pin_rm(artdag_site *site, const char *cid, const char *name,
                              artdag_error *err)
{
    struct ad_cid parsed;
    if (!site || !cid)
        return ad_api_misuse(err, __func__, "site or cid is NULL");
    enum artdag_err rc = ad_api_parse_cid(cid, &parsed, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_unpin(ad_site_store(site->inner), &parsed, name, err);
    return rc;
}

struct pin_listing {
    void (*each)(void *payload, const artdag_cid *cid, const char *name);
    void *payload;
};

static enum artdag_err list_pin(void *payload, const struct ad_cid *cid, const char *name,
                                artdag_error *err)
{
    const struct pin_listing *l = payload;
    artdag_cid out = ad_api_cid(cid);
    (void)err;
    l->each(l->payload, &out, name);
    return ARTDAG_OK;
}

enum artdag_err artdag_pin_ls(artdag_site *site,
                              void (*each)(void *payload, const artdag_cid *cid,
                                           const char *name),
                              void *payload, artdag_error *err)
{
    struct pin_listing l = {each, payload};
    if (!site || !each)
        return ad_api_misuse(err, __func__, "site or each is NULL");
    return ad_store_pins(ad_site_store(site->inner), list_pin, &l, err);
}

/* CIDs of collected blocks, told to the state in batches. */
struct collected {
    struct ad_state *state;
    struct ad_cid cids[256];
    size_t count;
};

static enum artdag_err forget_collected(struct collected *c, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    if (c->count > 0 && !ad_state_is_shared(c->state))
        rc = ad_state_forget_cids(c->state, c->cids, c->count, err);
    c->count = 0;
    return rc;
}

static enum artdag_err on_removed(void *payload, const struct ad_cid *cid, uint64_t bytes,
                                  artdag_error *err)
{
    struct collected *c = payload;
    (void)bytes;
    c->cids[c->count++] = *cid;
    return c->count == sizeof(c->cids) / sizeof(*c->cids) ? forget_collected(c, err)
                                                          : ARTDAG_OK;
}

enum artdag_err artdag_gc(artdag_site *site, const artdag_gc_params *params,
                          artdag_gc_result *ret, artdag_error *err)
{
    static const artdag_gc_params defaults = ARTDAG_GC_PARAMS_INIT;
    struct ad_gc_result result = {0};
    if (!site)
        return ad_api_misuse(err, __func__, "site is NULL");
    if (!params)
        params = &defaults;
    if (params->size != sizeof(*params))
        return ad_api_misuse(err, __func__, "params.size is not set");
    struct collected *c = ad_alloc(sizeof(*c));
    if (!c)
        return ad_error_nomem(err, ROOM);
    c->state = ad_site_state(site->inner);
    struct ad_gc_params inner = {
        .dry_run = params->dry_run != 0,
        .keep_bytes = params->keep_bytes,
        .older_than_ms = params->older_than_ms,
        .removed = params->dry_run ? NULL : on_removed,
        .payload = c,
    };
    enum artdag_err rc = ad_store_gc(ad_site_store(site->inner), &inner, &result, err);
    enum artdag_err forgot = forget_collected(c, rc == ARTDAG_OK ? err : NULL);
    free(c);
    if (rc == ARTDAG_OK)
        rc = forgot;
    if (rc == ARTDAG_OK && ret)
        *ret = (artdag_gc_result){result.removed_blocks, result.removed_bytes,
                                  result.kept_blocks, result.kept_bytes};
    return rc;
}

struct bad_block {
    void (*bad)(void *payload, const char *cid, const char *why);
    void *payload;
};

static void on_bad(void *payload, const struct ad_cid *cid, const char *why)
{
    const struct bad_block *b = payload;
    artdag_cid text = ad_api_cid(cid);
    if (b->bad)
        b->bad(b->payload, text.text, why);
}

enum artdag_err artdag_verify(artdag_site *site,
                              void (*bad)(void *payload, const char *cid, const char *why),
                              void *payload, artdag_verify_result *ret, artdag_error *err)
{
    struct ad_verify_result result = {0};
    struct bad_block b = {bad, payload};
    if (!site)
        return ad_api_misuse(err, __func__, "site is NULL");
    enum artdag_err rc = ad_store_verify(ad_site_store(site->inner), on_bad, &b, &result, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (ret)
        *ret = (artdag_verify_result){result.blocks, result.bytes, result.corrupt,
                                      result.missing_pinned};
    if (result.corrupt == 0 && result.missing_pinned == 0)
        return ARTDAG_OK;
    ad_error_set(err, ARTDAG_E_CORRUPT, ROOM, "%llu corrupt blocks, %llu pinned blocks missing",
                 (unsigned long long)result.corrupt, (unsigned long long)result.missing_pinned);
    ad_error_hint(err, "corrupt blocks were quarantined; add the inputs again, and run again");
    return ARTDAG_E_CORRUPT;
}

enum artdag_err artdag_car_export(artdag_site *site, const char *const *cids, size_t count,
                                  int fd, artdag_error *err)
{
    if (!site || (count > 0 && !cids) || fd < 0)
        return ad_api_misuse(err, __func__, "site or cids is NULL, or fd is no descriptor");
    struct ad_cid *roots = ad_alloc_array(count, sizeof(*roots));
    if (!roots)
        return ad_error_nomem(err, ROOM);
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++)
        rc = ad_api_parse_cid(cids[i], &roots[i], err);
    if (rc == ARTDAG_OK)
        rc = ad_store_car_export(ad_site_store(site->inner), roots, count, fd, err);
    free(roots);
    return rc;
}

enum artdag_err artdag_car_import(artdag_site *site, int fd,
                                  void (*root)(void *payload, const artdag_cid *cid),
                                  void *payload, artdag_error *err)
{
    ad_cid_vec roots = {0};
    if (!site || fd < 0)
        return ad_api_misuse(err, __func__, "site is NULL, or fd is no descriptor");
    enum artdag_err rc = ad_store_car_import(ad_site_store(site->inner), fd, &roots, err);
    for (size_t i = 0; rc == ARTDAG_OK && root && i < roots.len; i++) {
        artdag_cid text = ad_api_cid(&roots.items[i]);
        root(payload, &text);
    }
    ad_vec_fini(&roots);
    return rc;
}
