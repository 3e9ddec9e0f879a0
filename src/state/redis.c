/* SPDX-License-Identifier: MIT
 *
 * The redis back end: maps and claims that many machines share. docs/formats/state.md names the keys. Receipts of runs and
 * rates are a machine's own and stay in its records (state.c).
 */
#include "state/redis.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state/owner.h"

#define HEX_LEN ((size_t)2 * AD_ID_BYTES)
#define FIELDS_PER_COMMAND 512 /* of an HMGET: a server does one command at a time */
#define KEY_MAX 400

static const char *const map_names[] = {
    [AD_STATE_STEP] = "cid_cache",          [AD_STATE_CONTENT] = "content_cache",
    [AD_STATE_ANALYSIS] = "analysis_cache", [AD_STATE_PLAN] = "plan_cache",
    [AD_STATE_RUN] = "run_cache",
};
#define MAPS (sizeof(map_names) / sizeof(map_names[0]))

/* ---- words ---- */

struct key {
    char text[KEY_MAX];
    size_t len;
};

static struct key make_key(const struct ad_redis *r, const char *name)
{
    struct key key;
    int len = snprintf(key.text, sizeof(key.text), "%s%s", ad_redis_prefix(r), name);
    key.len = len > 0 && (size_t)len < sizeof(key.text) ? (size_t)len : sizeof(key.text) - 1;
    return key;
}

static struct key make_id_key(const struct ad_redis *r, const char *name,
                              const struct ad_id *id)
{
    char text[HEX_LEN + 40];
    int len = snprintf(text, sizeof(text), "%s:", name);
    ad_hex_format(id->bytes, AD_ID_BYTES, text + len);
    return make_key(r, text);
}

/* Up to eight words, as a call wants them. */
struct words {
    const char *words[10];
    size_t lens[10];
    int count;
};

static void add(struct words *w, const char *text, size_t len)
{
    w->words[w->count] = text;
    w->lens[w->count++] = len;
}

static void add_text(struct words *w, const char *text)
{
    add(w, text, strlen(text));
}

static enum artdag_err odd_reply(artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_REMOTE, ROOM, "Redis gave a reply of an unexpected kind");
}

static enum artdag_err send_one(struct ad_redis *r, const struct words *w,
                                enum artdag_err (*reply)(void *payload, size_t i,
                                                         const redisReply *reply,
                                                         artdag_error *err),
                                void *payload, artdag_error *err)
{
    const struct ad_redis_command command = {w->words, w->lens, w->count};
    return ad_redis_send(r, &command, 1, reply, payload, err);
}

static enum artdag_err ignore(void *payload, size_t i, const redisReply *reply,
                              artdag_error *err)
{
    (void)payload;
    (void)i;
    (void)reply;
    (void)err;
    return ARTDAG_OK;
}

static enum artdag_err take_number(void *payload, size_t i, const redisReply *reply,
                                   artdag_error *err)
{
    int64_t *ret = payload;
    (void)i;
    if (reply->type == REDIS_REPLY_NIL)
        *ret = 0;
    else if (reply->type == REDIS_REPLY_INTEGER)
        *ret = reply->integer;
    else if (reply->type != REDIS_REPLY_STRING ||
             !ad_str_to_i64((struct ad_str){reply->str, (size_t)reply->len}, ret))
        return odd_reply(err);
    return ARTDAG_OK;
}

/* ---- opening ---- */

static enum artdag_err open_state(const char *where, const struct ad_state_params *params,
                                  void **ret, artdag_error *err)
{
    struct ad_redis *r = NULL;
    enum artdag_err rc = ad_redis_open(where, params->log, &r, err);
    if (rc == ARTDAG_OK)
        *ret = r;
    return rc;
}

static void close_state(void *self)
{
    ad_redis_close(self);
}

/* ---- maps: look-ups ---- */

static enum artdag_err read_cid(const redisReply *reply, struct ad_cid *ret, artdag_error *err)
{
    struct ad_str text = {reply->str, (size_t)reply->len};
    if (reply->type != REDIS_REPLY_STRING)
        return odd_reply(err);
    if (ad_cid_parse(text, ret, NULL) == ARTDAG_OK)
        return ARTDAG_OK;
    ad_error_set(err, ARTDAG_E_CORRUPT, ROOM, "an entry in Redis is no CID");
    ad_error_hint(err, "somebody else wrote it; delete it, or use another prefix");
    return ARTDAG_E_CORRUPT;
}

struct look_up {
    struct ad_cid *cids;
    bool *found;
    size_t count;
};

static enum artdag_err take_values(void *payload, size_t i, const redisReply *reply,
                                   artdag_error *err)
{
    struct look_up *l = payload;
    size_t from = i * FIELDS_PER_COMMAND;
    enum artdag_err rc = ARTDAG_OK;
    if (reply->type != REDIS_REPLY_ARRAY || from + reply->elements > l->count)
        return odd_reply(err);
    for (size_t k = 0; rc == ARTDAG_OK && k < reply->elements; k++) {
        l->found[from + k] = reply->element[k]->type != REDIS_REPLY_NIL;
        if (l->found[from + k])
            rc = read_cid(reply->element[k], &l->cids[from + k], err);
    }
    return rc;
}

/* The words of all commands in one block: per command "HMGET", the key, and its fields. */
struct batch {
    struct ad_redis_command *commands;
    const char **words;
    size_t *lens;
    char *hex;
};

static void free_batch(struct batch *b)
{
    free(b->commands);
    free(b->words);
    free(b->lens);
    free(b->hex);
}

static bool make_batch(struct batch *b, const struct key *key, const struct ad_id *ids,
                       size_t count)
{
    size_t commands = (count + FIELDS_PER_COMMAND - 1) / FIELDS_PER_COMMAND, word = 0;
    b->commands = ad_alloc_array(commands, sizeof(*b->commands));
    b->words = ad_alloc_array(count + 2 * commands, sizeof(*b->words));
    b->lens = ad_alloc_array(count + 2 * commands, sizeof(*b->lens));
    b->hex = ad_alloc_array(count, HEX_LEN + 1);
    if (!b->commands || !b->words || !b->lens || !b->hex)
        return false;
    for (size_t c = 0; c < commands; c++) {
        size_t from = c * FIELDS_PER_COMMAND, to = from + FIELDS_PER_COMMAND;
        to = to < count ? to : count;
        b->commands[c] =
            (struct ad_redis_command){b->words + word, b->lens + word, (int)(to - from + 2)};
        b->words[word] = "HMGET";
        b->lens[word++] = 5;
        b->words[word] = key->text;
        b->lens[word++] = key->len;
        for (size_t i = from; i < to; i++) {
            char *hex = b->hex + i * (HEX_LEN + 1);
            ad_hex_format(ids[i].bytes, AD_ID_BYTES, hex);
            b->words[word] = hex;
            b->lens[word++] = HEX_LEN;
        }
    }
    return true;
}

static enum artdag_err get_many(void *self, enum ad_state_map map, const struct ad_id *ids,
                                size_t count, struct ad_cid *ret_cids, bool *ret_found,
                                artdag_error *err)
{
    struct batch b = {0};
    struct key key = make_key(self, map_names[map]);
    struct look_up l = {.count = count};
    enum artdag_err rc = ARTDAG_OK;
    l.cids = ret_cids;
    l.found = ret_found;
    if (!make_batch(&b, &key, ids, count))
        rc = ad_error_nomem(err, ROOM);
    else
        rc = ad_redis_send(self, b.commands,
                           (count + FIELDS_PER_COMMAND - 1) / FIELDS_PER_COMMAND, take_values,
                           &l, err);
    free_batch(&b);
    return rc;
}

/* ---- maps: entering ---- */

/* First writer wins. The answer is what the map holds now; another offer is kept beside it and counted. */
static const char set_script[] = "local kept = redis.call('HGET', KEYS[1], ARGV[1])\n"
                                 "if not kept or ARGV[3] == '1' then\n"
                                 "  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])\n"
                                 "  return ARGV[2]\n"
                                 "end\n"
                                 "if kept ~= ARGV[2] then\n"
                                 "  redis.call('SADD', KEYS[3], ARGV[2])\n"
                                 "  redis.call('INCR', KEYS[2])\n"
                                 "end\n"
                                 "return kept\n";

static enum artdag_err take_kept(void *payload, size_t i, const redisReply *reply,
                                 artdag_error *err)
{
    (void)i;
    return read_cid(reply, payload, err);
}

static enum artdag_err set(void *self, enum ad_state_map map, const struct ad_id *id,
                           const struct ad_cid *cid, bool replace, struct ad_cid *ret_kept,
                           artdag_error *err)
{
    char hex[HEX_LEN + 1], text[AD_CID_TEXT_MAX];
    struct key key = make_key(self, map_names[map]), count = make_key(self, "conflicts");
    struct key others = make_id_key(self, "conflict", id);
    struct words w = {0};
    ad_hex_format(id->bytes, AD_ID_BYTES, hex);
    size_t len = ad_cid_format(cid, text);
    add_text(&w, "EVAL");
    add(&w, set_script, sizeof(set_script) - 1);
    add_text(&w, "3");
    add(&w, key.text, key.len);
    add(&w, count.text, count.len);
    add(&w, others.text, others.len);
    add(&w, hex, HEX_LEN);
    add(&w, text, len);
    add_text(&w, replace ? "1" : "0");
    return send_one(self, &w, take_kept, ret_kept, err);
}

static enum artdag_err conflicts(void *self, int64_t *ret_count, artdag_error *err)
{
    struct key key = make_key(self, "conflicts");
    struct words w = {0};
    add_text(&w, "GET");
    add(&w, key.text, key.len);
    return send_one(self, &w, take_number, ret_count, err);
}

static enum artdag_err forget(void *self, enum ad_state_map map, const struct ad_id *id,
                              artdag_error *err)
{
    char hex[HEX_LEN + 1];
    struct key key = make_key(self, map_names[map]);
    struct words w = {0};
    ad_hex_format(id->bytes, AD_ID_BYTES, hex);
    add_text(&w, "HDEL");
    add(&w, key.text, key.len);
    add(&w, hex, HEX_LEN);
    return send_one(self, &w, ignore, NULL, err);
}

/* ---- maps: all entries ---- */

struct entry {
    struct ad_id id;
    struct ad_cid cid;
};

struct listing {
    AD_VEC(struct entry) entries;
    uint64_t cursor;
    size_t before; /* entries of earlier passes: a pass that is sent again begins here */
};

static enum artdag_err take_page(void *payload, size_t i, const redisReply *reply,
                                 artdag_error *err)
{
    struct listing *l = payload;
    (void)i;
    l->entries.len = l->before;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
        reply->element[0]->type != REDIS_REPLY_STRING ||
        reply->element[1]->type != REDIS_REPLY_ARRAY || reply->element[1]->elements % 2)
        return odd_reply(err);
    const redisReply *cursor = reply->element[0], *page = reply->element[1];
    if (!ad_str_to_u64((struct ad_str){cursor->str, (size_t)cursor->len}, &l->cursor))
        return odd_reply(err);
    for (size_t k = 0; k < page->elements; k += 2) {
        struct entry entry = {.cid = {0}};
        struct ad_str hex = {page->element[k]->str, (size_t)page->element[k]->len};
        if (page->element[k]->type != REDIS_REPLY_STRING || hex.len != HEX_LEN ||
            !ad_hex_parse(hex, entry.id.bytes, AD_ID_BYTES))
            continue; /* not one of ours */
        enum artdag_err rc = read_cid(page->element[k + 1], &entry.cid, err);
        if (rc != ARTDAG_OK)
            return rc;
        if (!ad_vec_push(&l->entries, entry))
            return ad_error_nomem(err, ROOM);
    }
    return ARTDAG_OK;
}

static int compare_entries(const void *a, const void *b)
{
    return memcmp(a, b, AD_ID_BYTES); /* the id is first */
}

/* By id, each once: HSCAN may show an entry twice. */
static void sort_entries(struct listing *l)
{
    size_t kept = 0;
    if (l->entries.len)
        qsort(l->entries.items, l->entries.len, sizeof(struct entry), compare_entries);
    for (size_t i = 0; i < l->entries.len; i++)
        if (!kept || compare_entries(&l->entries.items[kept - 1], &l->entries.items[i]) != 0)
            l->entries.items[kept++] = l->entries.items[i];
    l->entries.len = kept;
}

static enum artdag_err list(struct ad_redis *r, enum ad_state_map map, struct listing *l,
                            artdag_error *err)
{
    struct key key = make_key(r, map_names[map]);
    enum artdag_err rc = ARTDAG_OK;
    do {
        char cursor[24];
        struct words w = {0};
        (void)snprintf(cursor, sizeof(cursor), "%" PRIu64, l->cursor);
        l->before = l->entries.len;
        add_text(&w, "HSCAN");
        add(&w, key.text, key.len);
        add_text(&w, cursor);
        add_text(&w, "COUNT");
        add_text(&w, "1000");
        rc = send_one(r, &w, take_page, l, err);
    } while (rc == ARTDAG_OK && l->cursor);
    sort_entries(l);
    return rc;
}

static enum artdag_err each(void *self, enum ad_state_map map, ad_state_entry_fn fn,
                            void *payload, artdag_error *err)
{
    struct listing l = {0};
    enum artdag_err rc = list(self, map, &l, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < l.entries.len; i++)
        rc = fn(payload, &l.entries.items[i].id, &l.entries.items[i].cid, err);
    ad_vec_fini(&l.entries);
    return rc;
}

static enum artdag_err forget_cids(void *self, const struct ad_cid *cids, size_t count,
                                   artdag_error *err)
{
    struct ad_map blocks = {0};
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++) {
        struct ad_str hash = {(const char *)cids[i].digest, cids[i].digest_len};
        if (!ad_map_put(&blocks, hash, NULL))
            rc = ad_error_nomem(err, ROOM);
    }
    for (size_t map = 0; rc == ARTDAG_OK && map < MAPS; map++) {
        struct listing l = {0};
        rc = list(self, (enum ad_state_map)map, &l, err);
        for (size_t i = 0; rc == ARTDAG_OK && i < l.entries.len; i++) {
            const struct ad_cid *cid = &l.entries.items[i].cid;
            struct ad_str hash = {(const char *)cid->digest, cid->digest_len};
            if (ad_map_find(&blocks, hash))
                rc = forget(self, (enum ad_state_map)map, &l.entries.items[i].id, err);
        }
        ad_vec_fini(&l.entries);
    }
    ad_map_fini(&blocks);
    return rc;
}

/* ---- claims ----
 * The key lives as long as the lease, by the server's clock; whoever only knows SET NX and DEL gets along with it. A
 * second key remembers the last owner longer, so that a claim that ran out can be revived when nobody took it. */

#define REMEMBER_MS 600000

/* Gives "" when the claim is ours now, else its owner and what is left of its lease. ARGV[3] is an owner known to be dead. */
static const char claim_script[] =
    "local owner = redis.call('GET', KEYS[1])\n"
    "if not owner or owner == ARGV[1] or owner == ARGV[3] then\n"
    "  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])\n"
    "  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2] + ARGV[4])\n"
    "  return {'', 0}\n"
    "end\n"
    "return {owner, redis.call('PTTL', KEYS[1])}\n";
static const char renew_script[] =
    "local owner = redis.call('GET', KEYS[1]) or redis.call('GET', KEYS[2])\n"
    "if owner ~= ARGV[1] then return 0 end\n"
    "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])\n"
    "redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2] + ARGV[3])\n"
    "return 1\n";
static const char release_script[] =
    "local owner = redis.call('GET', KEYS[1]) or redis.call('GET', KEYS[2])\n"
    "if owner ~= ARGV[1] then return 0 end\n"
    "redis.call('DEL', KEYS[1], KEYS[2])\n"
    "return 1\n";

struct holder {
    char owner[AD_OWNER_TOKEN_MAX * 2];
    int64_t left_ms;
};

static enum artdag_err take_holder(void *payload, size_t i, const redisReply *reply,
                                   artdag_error *err)
{
    struct holder *h = payload;
    (void)i;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
        reply->element[0]->type != REDIS_REPLY_STRING ||
        reply->element[1]->type != REDIS_REPLY_INTEGER)
        return odd_reply(err);
    (void)snprintf(h->owner, sizeof(h->owner), "%s", reply->element[0]->str);
    h->left_ms = reply->element[1]->integer;
    return ARTDAG_OK;
}

struct claim_keys {
    struct key claim, last;
    char ttl[24], remember[24];
};

static void begin_claim(struct ad_redis *r, struct words *w, struct claim_keys *k,
                        const char *script, const struct ad_id *id, int64_t ttl_ms)
{
    k->claim = make_id_key(r, "claim", id);
    k->last = make_id_key(r, "claimed", id);
    (void)snprintf(k->ttl, sizeof(k->ttl), "%" PRId64, ttl_ms);
    (void)snprintf(k->remember, sizeof(k->remember), "%d", REMEMBER_MS);
    *w = (struct words){0};
    add_text(w, "EVAL");
    add_text(w, script);
    add_text(w, "2");
    add(w, k->claim.text, k->claim.len);
    add(w, k->last.text, k->last.len);
}

static enum artdag_err claim(struct ad_redis *r, const struct ad_id *id, const char *owner,
                             int64_t ttl_ms, const char *dead, struct holder *ret,
                             artdag_error *err)
{
    struct words w;
    struct claim_keys keys;
    begin_claim(r, &w, &keys, claim_script, id, ttl_ms);
    add_text(&w, owner);
    add_text(&w, keys.ttl);
    add_text(&w, dead);
    add_text(&w, keys.remember);
    return send_one(r, &w, take_holder, ret, err);
}

static enum artdag_err try_claim(void *self, const struct ad_id *id, const char *owner,
                                 int64_t ttl_ms, int64_t *ret_left_ms, artdag_error *err)
{
    struct holder h = {0};
    enum artdag_err rc = claim(self, id, owner, ttl_ms, owner, &h, err);
    if (rc == ARTDAG_OK && h.owner[0] && ad_owner_is_gone(h.owner)) {
        struct holder dead = h;
        rc = claim(self, id, owner, ttl_ms, dead.owner, &h, err);
    }
    if (rc != ARTDAG_OK || !h.owner[0])
        return rc;
    /* A claim of somebody who gave it no end lasts as long as he wants. */
    *ret_left_ms = h.left_ms < 0 ? AD_CLAIM_TTL_MAX_MS : h.left_ms;
    return ad_error_set(err, ARTDAG_E_BUSY, ROOM, "another owner holds the claim");
}

static enum artdag_err owners_only(int64_t done, artdag_error *err)
{
    return done ? ARTDAG_OK
                : ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the claim is not this owner's");
}

static enum artdag_err renew_claim(void *self, const struct ad_id *id, const char *owner,
                                   int64_t ttl_ms, artdag_error *err)
{
    struct words w;
    struct claim_keys keys;
    int64_t done = 0;
    begin_claim(self, &w, &keys, renew_script, id, ttl_ms);
    add_text(&w, owner);
    add_text(&w, keys.ttl);
    add_text(&w, keys.remember);
    enum artdag_err rc = send_one(self, &w, take_number, &done, err);
    return rc == ARTDAG_OK ? owners_only(done, err) : rc;
}

static enum artdag_err release_claim(void *self, const struct ad_id *id, const char *owner,
                                     artdag_error *err)
{
    struct words w;
    struct claim_keys keys;
    int64_t done = 0;
    begin_claim(self, &w, &keys, release_script, id, 1);
    add_text(&w, owner);
    enum artdag_err rc = send_one(self, &w, take_number, &done, err);
    return rc == ARTDAG_OK ? owners_only(done, err) : rc;
}

const struct ad_state_backend ad_state_redis = {
    .scheme = "redis",
    .shared = true,
    .open = open_state,
    .close = close_state,
    .get_many = get_many,
    .set = set,
    .conflicts = conflicts,
    .forget = forget,
    .forget_cids = forget_cids,
    .each = each,
    .try_claim = try_claim,
    .renew_claim = renew_claim,
    .release_claim = release_claim,
};
