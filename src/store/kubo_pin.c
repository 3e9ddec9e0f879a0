/* SPDX-License-Identifier: MIT
 *
 * Pins, and what artdag's gc means for a node. A pin without a name is the node's own pin of the CID. A pin with a name is a
 * record, because a node keeps one name for each CID at most; the record's pin bears the name too, for people who list the
 * node's pins.
 */
#include <stdlib.h>
#include <string.h>

#include "store/kubo.h"

enum artdag_err ad_kubo_pin(void *self, const struct ad_cid *cid, const char *name,
                            bool *ret_new, artdag_error *err)
{
    struct ad_kubo_store *k = self;
    struct ad_kubo_record record = {0};
    struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
    struct ad_cid record_cid = {0};
    *ret_new = false; /* nothing to take back: a node pins only what is whole */
    if (name[0] == '\0')
        return ad_kubo_pin_add(k->node, cid, NULL, err);
    bool here = false;
    enum artdag_err code = ad_kubo_block_has(k->node, cid, &here, NULL, err);
    if (code == ARTDAG_OK && !here)
        code = ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the node has not got it");
    if (code != ARTDAG_OK)
        return code;
    memcpy(record.pin_name, name, strlen(name) + 1);
    code = ad_vec_push(&record.targets, *cid) ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    if (code == ARTDAG_OK)
        code = ad_kubo_record_encode(&record, &record_cid, &block, err);
    if (code == ARTDAG_OK)
        code = ad_kubo_pin_block(k, &record_cid, &block, err);
    if (code == ARTDAG_OK)
        code = ad_kubo_pin_add(k->node, &record_cid, name, err); /* tells the node the name */
    ad_kubo_record_fini(&record);
    ad_buf_fini(&block);
    return code;
}

/* ---- listing ---- */

struct listed {
    struct ad_cid pinned; /* on the node */
    struct ad_cid cid;    /* for artdag */
    char *name;
    char text[AD_CID_TEXT_MAX];
};
typedef AD_VEC(struct listed) listed_vec;

struct listing {
    struct ad_kubo_store *k;
    AD_VEC(struct listed) raw; /* as the node tells them; name NULL = it does not know names */
    listed_vec pins;
    ad_cid_vec dead_leases;
    int64_t now_s;
};

static void free_listed(listed_vec *list)
{
    for (size_t i = 0; i < list->len; i++)
        free(list->items[i].name);
    ad_vec_fini(list);
}

static enum artdag_err note_raw(void *payload, const struct ad_cid *cid, const char *name,
                                artdag_error *err)
{
    struct listing *l = payload;
    struct listed one = {.pinned = *cid, .cid = *cid, .name = ad_strdup(name)};
    if ((name != NULL && one.name == NULL) || !ad_vec_push(&l->raw, one)) {
        free(one.name);
        return ad_error_nomem(err, ROOM);
    }
    return ARTDAG_OK;
}

static enum artdag_err push_pin(struct listing *l, const struct ad_cid *pinned,
                                const struct ad_cid *cid, const char *name, artdag_error *err)
{
    struct listed one = {.pinned = *pinned, .cid = *cid, .name = ad_strdup(name)};
    (void)ad_cid_format(cid, one.text);
    if (one.name == NULL || !ad_vec_push(&l->pins, one)) {
        free(one.name);
        return ad_error_nomem(err, ROOM);
    }
    return ARTDAG_OK;
}

/* Only a node that tells names lets us know without looking that a pin is none of our records. */
static bool may_be_record(const struct listed *one)
{
    return one->pinned.codec == AD_CODEC_DAG_PB && one->pinned.version == 1 &&
           (one->name == NULL || one->name[0] != '\0');
}

static enum artdag_err take_record(struct listing *l, const struct listed *one,
                                   const struct ad_kubo_record *record, artdag_error *err)
{
    if (!record->lease)
        return push_pin(l, &one->pinned, &record->targets.items[0], record->pin_name, err);
    if (record->expires_s >= l->now_s && !ad_kubo_token_is_dead(record->token))
        return ARTDAG_OK;
    return ad_vec_push(&l->dead_leases, one->pinned) ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

static enum artdag_err interpret(struct listing *l, const struct listed *one, artdag_error *err)
{
    struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
    struct ad_kubo_record record = {0};
    bool is = false;
    enum artdag_err code = ARTDAG_OK;
    if (may_be_record(one)) {
        code = ad_kubo_block_get(l->k->node, &one->pinned, true, &block, err);
        if (code == ARTDAG_E_NOTFOUND)
            code = ARTDAG_OK; /* pinned and not there: somebody else's trouble */
        else if (code == ARTDAG_OK)
            code = ad_kubo_record_decode(&block, &record, &is, err);
    }
    if (code == ARTDAG_OK && is)
        code = take_record(l, one, &record, err);
    else if (code == ARTDAG_OK)
        code = push_pin(l, &one->pinned, &one->pinned, one->name != NULL ? one->name : "", err);
    ad_kubo_record_fini(&record);
    ad_buf_fini(&block);
    return code;
}

static int by_text_and_name(const void *a, const void *b)
{
    const struct listed *left = a;
    const struct listed *right = b;
    int order = strcmp(left->text, right->text);
    return order != 0 ? order : strcmp(left->name, right->name);
}

static enum artdag_err list_all(struct listing *l, artdag_error *err)
{
    l->now_s = ad_clock_wall_ms() / 1000;
    enum artdag_err code = ad_kubo_pin_ls(l->k->node, note_raw, l, err);
    for (size_t i = 0; i < l->raw.len && code == ARTDAG_OK; i++)
        code = interpret(l, &l->raw.items[i], err);
    if (code == ARTDAG_OK && l->pins.len > 0)
        qsort(l->pins.items, l->pins.len, sizeof(l->pins.items[0]), by_text_and_name);
    return code;
}

static void listing_fini(struct listing *l)
{
    for (size_t i = 0; i < l->raw.len; i++)
        free(l->raw.items[i].name);
    ad_vec_fini(&l->raw);
    free_listed(&l->pins);
    ad_vec_fini(&l->dead_leases);
}

enum artdag_err ad_kubo_pins(void *self, ad_backend_root_fn each, void *payload,
                             artdag_error *err)
{
    struct listing l = {.k = self};
    enum artdag_err code = list_all(&l, err);
    for (size_t i = 0; i < l.pins.len && code == ARTDAG_OK; i++)
        code = each(payload, &l.pins.items[i].cid, l.pins.items[i].name, err);
    listing_fini(&l);
    return code;
}

enum artdag_err ad_kubo_unpin(void *self, const struct ad_cid *cid, const char *name,
                              size_t *ret_removed, artdag_error *err)
{
    struct ad_kubo_store *k = self;
    struct listing l = {.k = k};
    size_t removed = 0;
    enum artdag_err code = list_all(&l, err);
    for (size_t i = 0; i < l.pins.len && code == ARTDAG_OK; i++) {
        const struct listed *one = &l.pins.items[i];
        if (!ad_cid_equal(&one->cid, cid) || (name != NULL && strcmp(one->name, name) != 0))
            continue;
        code = ad_kubo_pin_rm(k->node, &one->pinned, err);
        removed += code == ARTDAG_OK;
        if (code == ARTDAG_E_NOTFOUND)
            code = ARTDAG_OK; /* somebody was faster */
    }
    listing_fini(&l);
    if (code == ARTDAG_OK)
        *ret_removed = removed;
    return code;
}

/* ---- gc ---- */

struct collected {
    const struct ad_gc_params *params;
    struct ad_gc_result result;
};

static enum artdag_err note_removed(void *payload, const struct ad_cid *cid, artdag_error *err)
{
    struct collected *c = payload;
    struct ad_cid key = *cid;
    key.version = 1;
    key.codec = AD_CODEC_RAW;
    c->result.removed_blocks++;
    return c->params->removed != NULL ? c->params->removed(c->params->payload, &key, 0, err)
                                      : ARTDAG_OK;
}

static enum artdag_err forget_dead_leases(struct ad_kubo_store *k, artdag_error *err)
{
    struct listing l = {.k = k};
    enum artdag_err code = list_all(&l, err);
    for (size_t i = 0; i < l.dead_leases.len && code == ARTDAG_OK; i++) {
        code = ad_kubo_pin_rm(k->node, &l.dead_leases.items[i], err);
        if (code == ARTDAG_E_NOTFOUND)
            code = ARTDAG_OK;
    }
    listing_fini(&l);
    return code;
}

enum artdag_err ad_kubo_collect(void *self, const struct ad_gc_params *params,
                                struct ad_gc_result *ret, artdag_error *err)
{
    struct ad_kubo_store *k = self;
    struct collected c = {.params = params};
    if (params->dry_run || params->keep_bytes >= 0 || params->older_than_ms > 0)
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                            "an IPFS node collects all of its garbage or none");
    enum artdag_err code = forget_dead_leases(k, err);
    if (code == ARTDAG_OK)
        code = ad_kubo_gc(k->node, note_removed, &c, err);
    if (code == ARTDAG_OK)
        *ret = c.result;
    return code;
}
