/* SPDX-License-Identifier: MIT
 *
 * Records: UnixFS directories whose entries are the roots to be kept, and whose entries' names say why. Told in
 * docs/formats/kubo-records.md:
 *
 *   artdag-pin.NAME                      NAME in base32 with its prefix "b"; one entry
 *   artdag-lease.EXPIRES.TOKEN.N         seconds since 1970 in 10 or more digits, the process, a number
 */
#include <stdio.h>
#include <string.h>

#include "store/kubo.h"

#define PIN "artdag-pin."
#define LEASE "artdag-lease."

void ad_kubo_record_fini(struct ad_kubo_record *record)
{
    ad_vec_fini(&record->targets);
    *record = (struct ad_kubo_record){0};
}

static enum artdag_err entry_name(const struct ad_kubo_record *record, size_t n,
                                  struct ad_arena *arena, struct ad_str *ret, artdag_error *err)
{
    struct ad_buf text = AD_BUF_INIT(1024);
    if (record->lease) {
        (void)ad_buf_printf(&text, LEASE "%010lld.%s.%zu", (long long)record->expires_s,
                            record->token, n);
    } else {
        (void)ad_buf_str(&text, PIN);
        (void)ad_multibase_encode('b', (const uint8_t *)record->pin_name,
                                  strlen(record->pin_name), &text);
    }
    const char *name =
        ad_buf_status(&text) == ARTDAG_OK ? ad_arena_strdup(arena, ad_buf_as_str(&text)) : NULL;
    ad_buf_fini(&text);
    if (name == NULL)
        return ad_error_nomem(err, ROOM);
    *ret = ad_str_from(name);
    return ARTDAG_OK;
}

static enum artdag_err into_buffer(void *payload, const struct ad_cid *cid, const void *data,
                                   size_t len, artdag_error *err)
{
    struct ad_buf *block = payload;
    (void)cid;
    ad_buf_clear(block);
    return ad_buf_append(block, data, len) == ARTDAG_OK ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

enum artdag_err ad_kubo_record_encode(const struct ad_kubo_record *record, struct ad_cid *ret,
                                      struct ad_buf *block, artdag_error *err)
{
    struct ad_arena arena;
    struct ad_block_sink sink = {into_buffer, block};
    size_t count = record->targets.len;
    ad_arena_init(&arena, 0);
    struct ad_dir_entry *entries = ad_alloc_array(count, sizeof(*entries));
    enum artdag_err code = entries != NULL ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < count && code == ARTDAG_OK; i++) {
        entries[i].cid = record->targets.items[i];
        code = entry_name(record, i, &arena, &entries[i].name, err);
    }
    if (code == ARTDAG_OK)
        code = ad_unixfs_directory(NULL, entries, count, &sink, ret, NULL, err);
    free(entries);
    ad_arena_fini(&arena);
    return code;
}

/* ---- reading ---- */

static bool parse_pin(struct ad_str name, struct ad_kubo_record *ret)
{
    struct ad_buf text = AD_BUF_INIT(sizeof(ret->pin_name) - 1);
    bool ok = ad_multibase_decode(ad_str_slice(name, strlen(PIN), name.len), &text, NULL) ==
                  ARTDAG_OK &&
              text.len > 0 && memchr(text.data, '\0', text.len) == NULL;
    if (ok)
        memcpy(ret->pin_name, text.data, text.len + 1);
    ad_buf_fini(&text);
    return ok;
}

static struct ad_str next_field(struct ad_str *rest)
{
    size_t len = 0;
    while (len < rest->len && rest->ptr[len] != '.')
        len++;
    struct ad_str field = ad_str_slice(*rest, 0, len);
    *rest = ad_str_slice(*rest, len + 1, rest->len);
    return field;
}

static bool parse_lease(struct ad_str name, struct ad_kubo_record *ret)
{
    struct ad_str rest = ad_str_slice(name, strlen(LEASE), name.len);
    uint64_t expires = 0;
    struct ad_str date = next_field(&rest);
    struct ad_str token = next_field(&rest);
    while (date.len > 1 && date.ptr[0] == '0')
        date = ad_str_slice(date, 1, date.len);
    if (!ad_str_to_u64(date, &expires) || expires > INT64_MAX || token.len == 0 ||
        token.len >= sizeof(ret->token))
        return false;
    ret->lease = true;
    ret->expires_s = (int64_t)expires;
    memcpy(ret->token, token.ptr, token.len);
    ret->token[token.len] = '\0';
    return true;
}

static bool parse_name(struct ad_str name, struct ad_kubo_record *ret)
{
    if (ad_str_starts(name, PIN))
        return parse_pin(name, ret);
    return ad_str_starts(name, LEASE) && parse_lease(name, ret);
}

enum artdag_err ad_kubo_record_decode(const struct ad_buf *block, struct ad_kubo_record *ret,
                                      bool *ret_is, artdag_error *err)
{
    struct ad_pb_node node = {0};
    struct ad_kubo_record record = {0};
    enum artdag_err code = ad_pb_decode(block->data, block->len, &node, NULL);
    bool is = code == ARTDAG_OK && node.links.len > 0 && node.has_data && node.data.len == 2 &&
              memcmp(node.data.ptr, "\x08\x01", 2) == 0;
    code = ARTDAG_OK;
    for (size_t i = 0; i < node.links.len && is && code == ARTDAG_OK; i++) {
        is = parse_name(node.links.items[i].name, &record) && (record.lease || i == 0);
        if (is && !ad_vec_push(&record.targets, node.links.items[i].cid))
            code = ad_error_nomem(err, ROOM);
    }
    ad_pb_node_fini(&node);
    if (code == ARTDAG_OK && is)
        *ret = record;
    else
        ad_kubo_record_fini(&record);
    *ret_is = is;
    return code;
}
