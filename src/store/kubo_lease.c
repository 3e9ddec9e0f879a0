/* SPDX-License-Identifier: MIT
 *
 * Leases on a node that others collect: pinned records with a date on which they end. Each is renewed, all targets in one record, when
 * two thirds of its time are left and the lease is used; one whose process is gone, or whose date has passed, is forgotten by the
 * next gc, from whatever machine.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/handle.h"
#include "store/kubo.h"

#define LEASE_S (INT64_C(24) * 3600)
#define RENEW_MS (LEASE_S / 3 * 1000)

/* ---- who we are ---- */

/* This boot's process numbers: equal in two processes only when they can see each other's. */
static void number_space(char out[17])
{
    char text[256] = "";
    uint8_t digest[AD_SHA256_BYTES] = {0};
    struct ad_buf boot = AD_BUF_INIT(128);
    (void)ad_fs_read_file("/proc/sys/kernel/random/boot_id", 128, &boot, ROOM, NULL);
    ssize_t len = readlink("/proc/self/ns/pid", text, sizeof(text) - 1);
    (void)ad_buf_append(&boot, text, len > 0 && len < 100 ? (size_t)len : 0);
    (void)ad_sha256(boot.data, boot.len, digest, NULL);
    ad_hex_format(digest, 8, out);
    ad_buf_fini(&boot);
}

void ad_kubo_token(char out[64])
{
    char space[17];
    number_space(space);
    (void)snprintf(out, 64, "%s-%ld", space, (long)getpid());
}

bool ad_kubo_token_is_dead(const char *token)
{
    char space[17];
    uint64_t pid = 0;
    number_space(space);
    if (strlen(token) < 18 || strncmp(token, space, 16) != 0 || token[16] != '-' ||
        !ad_str_to_u64(ad_str_from(token + 17), &pid) || pid == 0 || pid > INT32_MAX)
        return false;
    return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* ---- records ---- */

static enum artdag_err encode(struct ad_kubo_store *k, struct ad_kubo_lease *lease,
                              const struct ad_cid *targets, size_t count, struct ad_cid *ret,
                              struct ad_buf *block, artdag_error *err)
{
    struct ad_kubo_record record = {.lease = true,
                                    .expires_s = ad_clock_wall_ms() / 1000 + LEASE_S};
    /* The serial tells apart records of two leases, or of two moments, that hold the same. */
    (void)snprintf(record.token, sizeof(record.token), "%.50s", k->token);
    record.expires_s += lease->serial++;
    enum artdag_err code = ARTDAG_OK;
    for (size_t i = 0; i < count && code == ARTDAG_OK; i++) {
        if (!ad_vec_push(&record.targets, targets[i]))
            code = ad_error_nomem(err, ROOM);
    }
    if (code == ARTDAG_OK)
        code = ad_kubo_record_encode(&record, ret, block, err);
    ad_kubo_record_fini(&record);
    return code;
}

/* Pins the targets for the lease, and names the record's pin for people; under the lock. */
static enum artdag_err pin_targets(struct ad_kubo_store *k, struct ad_kubo_lease *lease,
                                   const struct ad_cid *targets, size_t count,
                                   artdag_error *err)
{
    struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
    struct ad_cid cid = {0};
    enum artdag_err code = encode(k, lease, targets, count, &cid, &block, err);
    if (code == ARTDAG_OK)
        code = ad_kubo_pin_block(k, &cid, &block, err);
    if (code == ARTDAG_OK && !ad_vec_push(&lease->records, cid)) {
        (void)ad_kubo_pin_rm(k->node, &cid, NULL);
        code = ad_error_nomem(err, ROOM);
    }
    if (code == ARTDAG_OK)
        code = ad_kubo_pin_add(k->node, &cid, "artdag-lease", err);
    ad_buf_fini(&block);
    return code;
}

static void unpin_records(struct ad_kubo_store *k, struct ad_kubo_lease *lease, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        artdag_error err = {0};
        enum artdag_err code = ad_kubo_pin_rm(k->node, &lease->records.items[i], &err);
        if (code != ARTDAG_OK && code != ARTDAG_E_NOTFOUND)
            ad_log_warn(k->log, "store.lease-left",
                        "a lease stays on the node until its date: %s", err.message);
    }
}

/* New records for everything held, then the old ones go. */
static enum artdag_err renew(struct ad_kubo_store *k, struct ad_kubo_lease *lease,
                             artdag_error *err)
{
    size_t old = lease->records.len;
    enum artdag_err code = ARTDAG_OK;
    if (ad_clock_monotonic_ms() < lease->renew_ms)
        return ARTDAG_OK;
    for (size_t i = 0; i < lease->targets.len && code == ARTDAG_OK;
         i += AD_KUBO_RECORD_TARGETS) {
        size_t left = lease->targets.len - i;
        code = pin_targets(k, lease, lease->targets.items + i,
                           left < AD_KUBO_RECORD_TARGETS ? left : AD_KUBO_RECORD_TARGETS, err);
    }
    if (code != ARTDAG_OK)
        return code;
    unpin_records(k, lease, old);
    if (old > 0)
        memmove(lease->records.items, lease->records.items + old,
                (lease->records.len - old) * sizeof(lease->records.items[0]));
    lease->records.len -= old;
    lease->renew_ms = ad_clock_monotonic_ms() + RENEW_MS;
    return ARTDAG_OK;
}

/* ---- the lease ---- */

enum artdag_err ad_kubo_lease_open(void *self, void **ret, artdag_error *err)
{
    struct ad_kubo_store *k = self;
    struct ad_kubo_lease *lease = ad_alloc(sizeof(*lease));
    if (lease == NULL)
        return ad_error_nomem(err, ROOM);
    lease->renew_ms = ad_clock_monotonic_ms() + RENEW_MS;
    (void)pthread_mutex_lock(&k->lock);
    lease->serial = k->lease_serial;
    k->lease_serial += 1000;
    lease->next = k->leases;
    k->leases = lease;
    (void)pthread_mutex_unlock(&k->lock);
    *ret = lease;
    return ARTDAG_OK;
}

void ad_kubo_lease_close(void *self, void *handle)
{
    struct ad_kubo_store *k = self;
    struct ad_kubo_lease *lease = handle;
    if (lease == NULL)
        return;
    (void)pthread_mutex_lock(&k->lock);
    for (struct ad_kubo_lease **at = &k->leases; *at != NULL; at = &(*at)->next) {
        if (*at == lease) {
            *at = lease->next;
            break;
        }
    }
    (void)pthread_mutex_unlock(&k->lock);
    unpin_records(k, lease, lease->records.len);
    ad_vec_fini(&lease->records);
    ad_vec_fini(&lease->targets);
    ad_map_fini(&lease->held);
    ad_map_fini(&lease->wanted);
    free(lease);
}

static enum artdag_err want(struct ad_kubo_lease *lease, const struct ad_cid *cid,
                            artdag_error *err)
{
    uint8_t bytes[AD_CID_BYTES_MAX];
    struct ad_str key = ad_store_cid_key(cid, bytes);
    if (ad_map_find(&lease->held, key) != NULL)
        return ARTDAG_OK;
    union ad_map_value *value = ad_map_put(&lease->wanted, key, NULL);
    if (value == NULL)
        return ad_error_nomem(err, ROOM);
    value->num = 1;
    return ARTDAG_OK;
}

static enum artdag_err note_held(struct ad_kubo_lease *lease, const struct ad_cid *cid,
                                 artdag_error *err)
{
    uint8_t bytes[AD_CID_BYTES_MAX];
    struct ad_str key = ad_store_cid_key(cid, bytes);
    union ad_map_value *wanted = ad_map_find(&lease->wanted, key);
    bool added = false;
    if (wanted != NULL)
        wanted->num = 0;
    if (ad_map_put(&lease->held, key, &added) == NULL ||
        (added && !ad_vec_push(&lease->targets, *cid)))
        return ad_error_nomem(err, ROOM);
    return ARTDAG_OK;
}

enum artdag_err ad_kubo_lease_add(void *self, void *handle, const struct ad_cid *cid,
                                  artdag_error *err)
{
    struct ad_kubo_store *k = self;
    (void)pthread_mutex_lock(&k->lock);
    enum artdag_err code = want(handle, cid, err);
    (void)pthread_mutex_unlock(&k->lock);
    return code;
}

/* The node refuses to pin what is not whole, so its yes is the proof. */
static enum artdag_err hold_locked(struct ad_kubo_store *k, struct ad_kubo_lease *lease,
                                   const struct ad_cid *cid, bool *ret, artdag_error *err)
{
    uint8_t bytes[AD_CID_BYTES_MAX];
    enum artdag_err code = renew(k, lease, err);
    *ret = ad_map_find(&lease->held, ad_store_cid_key(cid, bytes)) != NULL;
    if (code != ARTDAG_OK || *ret)
        return code;
    code = want(lease, cid, err);
    if (code == ARTDAG_OK)
        code = ad_kubo_block_has(k->node, cid, ret, NULL, err);
    if (code != ARTDAG_OK || !*ret)
        return code;
    *ret = false;
    code = pin_targets(k, lease, cid, 1, err);
    if (code == ARTDAG_OK) {
        *ret = true;
        code = note_held(lease, cid, err);
    }
    return code == ARTDAG_E_NOTFOUND ? ARTDAG_OK : code;
}

/* ---- what only other nodes have ---- */

static enum artdag_err node_get(void *payload, const struct ad_cid *cid, struct ad_buf *buf,
                                artdag_error *err)
{
    struct ad_kubo_store *k = payload;
    enum artdag_err code = ad_kubo_block_get(k->node, cid, false, buf, err);
    return code == ARTDAG_OK ? ad_cid_verify(cid, buf->data, buf->len, err) : code;
}

struct search {
    struct ad_kubo_store *k;
    bool found; /* a block that the node did not have came from elsewhere */
};

/* Ends the walk, with CANCELED, at the first leaf that the node has to fetch and can. */
static enum artdag_err look_further(void *payload, const struct ad_cid *cid, const void *data,
                                    size_t len, artdag_error *err)
{
    struct search *search = payload;
    struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
    bool here = true;
    (void)len;
    if (data != NULL)
        return ARTDAG_OK;
    enum artdag_err code = ad_kubo_block_has(search->k->node, cid, &here, NULL, err);
    if (code == ARTDAG_OK && !here)
        code = node_get(search->k, cid, &block, err);
    ad_buf_fini(&block);
    search->found = code == ARTDAG_OK && !here;
    return search->found ? ARTDAG_E_CANCELED : code;
}

/* Whoever has the first missing block has the others too, as far as can be known without fetching them all. */
static enum artdag_err find_elsewhere(struct ad_kubo_store *k, const struct ad_cid *cid,
                                      bool *ret, artdag_error *err)
{
    artdag_error inner = {0};
    struct search search = {.k = k};
    struct ad_block_source source = {node_get, k};
    enum artdag_err code = ad_dag_walk(&source, cid, false, look_further, &search, &inner);
    *ret = search.found || code == ARTDAG_OK;
    if (search.found || code == ARTDAG_OK || code == ARTDAG_E_NOTFOUND ||
        code == ARTDAG_E_CORRUPT)
        return ARTDAG_OK;
    if (err != NULL)
        *err = inner;
    return code;
}

/* What the node has whole is held. What others have is only promised: they may collect as they like, and a unit that then misses a
 * block fails with its name. It is held from the commit on that brings it here. */
enum artdag_err ad_kubo_lease_hold(void *self, void *handle, const struct ad_cid *cid,
                                   bool *ret_complete, artdag_error *err)
{
    struct ad_kubo_store *k = self;
    bool complete = false;
    (void)pthread_mutex_lock(&k->lock);
    enum artdag_err code = hold_locked(k, handle, cid, &complete, err);
    (void)pthread_mutex_unlock(&k->lock);
    if (code == ARTDAG_OK && !complete)
        code = find_elsewhere(k, cid, &complete, err);
    if (code == ARTDAG_OK)
        *ret_complete = complete;
    return code;
}

/* ---- what a commit brings ---- */

void ad_kubo_grants_fini(ad_kubo_grants *grants)
{
    for (size_t i = 0; i < grants->len; i++)
        ad_vec_fini(&grants->items[i].targets);
    ad_vec_fini(grants);
}

static enum artdag_err add_grant(struct ad_kubo_store *k, struct ad_kubo_lease *lease,
                                 ad_cid_vec *targets, ad_kubo_grants *grants,
                                 struct ad_buf *sections, artdag_error *err)
{
    struct ad_kubo_grant grant = {.lease = lease};
    struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
    enum artdag_err code =
        encode(k, lease, targets->items, targets->len, &grant.record, &block, err);
    if (code == ARTDAG_OK)
        code = ad_car_write_section(sections, &grant.record, block.data, block.len, err);
    ad_buf_fini(&block);
    if (code != ARTDAG_OK)
        return code;
    grant.targets = *targets;
    if (!ad_vec_push(grants, grant))
        return ad_error_nomem(err, ROOM);
    *targets = (ad_cid_vec){0};
    return ARTDAG_OK;
}

static enum artdag_err grants_of(struct ad_kubo_store *k, struct ad_kubo_lease *lease,
                                 const struct ad_spool *spool, ad_kubo_grants *grants,
                                 struct ad_buf *sections, artdag_error *err)
{
    ad_cid_vec targets = {0};
    enum artdag_err code = ARTDAG_OK;
    for (size_t i = 0; i < lease->wanted.len && code == ARTDAG_OK; i++) {
        const struct ad_map_entry *entry = &lease->wanted.entries[i];
        struct ad_cid cid = {0};
        uint64_t at = 0;
        size_t len = 0;
        if (entry->value.num == 0 ||
            ad_cid_from_bytes((const uint8_t *)entry->key.ptr, entry->key.len, &cid, err) !=
                ARTDAG_OK ||
            !ad_spool_find(spool, &cid, &at, &len))
            continue;
        if (!ad_vec_push(&targets, cid))
            code = ad_error_nomem(err, ROOM);
        if (code == ARTDAG_OK && targets.len == AD_KUBO_RECORD_TARGETS)
            code = add_grant(k, lease, &targets, grants, sections, err);
    }
    if (code == ARTDAG_OK && targets.len > 0)
        code = add_grant(k, lease, &targets, grants, sections, err);
    ad_vec_fini(&targets);
    return code;
}

enum artdag_err ad_kubo_grants_make(struct ad_kubo_store *k, const struct ad_spool *spool,
                                    ad_kubo_grants *ret, struct ad_buf *sections,
                                    artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    (void)pthread_mutex_lock(&k->lock);
    for (struct ad_kubo_lease *lease = k->leases; lease != NULL && code == ARTDAG_OK;
         lease = lease->next)
        code = grants_of(k, lease, spool, ret, sections, err);
    (void)pthread_mutex_unlock(&k->lock);
    return code;
}

static bool is_open(const struct ad_kubo_store *k, const struct ad_kubo_lease *lease)
{
    const struct ad_kubo_lease *at = k->leases;
    while (at != NULL && at != lease)
        at = at->next;
    return at != NULL;
}

static enum artdag_err settle_one(struct ad_kubo_store *k, const struct ad_kubo_grant *grant,
                                  artdag_error *err)
{
    if (!is_open(k, grant->lease)) {
        (void)ad_kubo_pin_rm(k->node, &grant->record, NULL);
        return ARTDAG_OK;
    }
    enum artdag_err code = ad_vec_push(&grant->lease->records, grant->record)
                               ? ARTDAG_OK
                               : ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < grant->targets.len && code == ARTDAG_OK; i++)
        code = note_held(grant->lease, &grant->targets.items[i], err);
    if (code == ARTDAG_OK)
        code = ad_kubo_pin_add(k->node, &grant->record, "artdag-lease", err);
    return code == ARTDAG_OK ? renew(k, grant->lease, err) : code;
}

enum artdag_err ad_kubo_grants_settle(struct ad_kubo_store *k, const ad_kubo_grants *grants,
                                      artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    (void)pthread_mutex_lock(&k->lock);
    for (size_t i = 0; i < grants->len && code == ARTDAG_OK; i++)
        code = settle_one(k, &grants->items[i], err);
    (void)pthread_mutex_unlock(&k->lock);
    return code;
}
