/* SPDX-License-Identifier: MIT
 *
 * The door of room doc: documents as a tree of values with positions. YAML and JSON come in,
 * canonical JSON (RFC 8785) goes out. A tree lives in one arena and is read-only once built, so
 * it may be shared by threads. Nothing here depends on the locale.
 */
#ifndef AD_DOC_DOC_H
#define AD_DOC_DOC_H

#include "base/base.h"

enum ad_value_kind {
    AD_VALUE_NULL,
    AD_VALUE_BOOL,
    AD_VALUE_INT,
    AD_VALUE_DOUBLE, /* finite */
    AD_VALUE_STRING, /* valid UTF-8 without NUL when it was read */
    AD_VALUE_LIST,
    AD_VALUE_MAP
};

struct ad_value;

struct ad_member {
    struct ad_str key;
    uint32_t line; /* of the key */
    uint32_t column;
    const struct ad_value *value;
};

struct ad_value {
    enum ad_value_kind kind;
    uint32_t line;   /* from 1; 0 = made by code */
    uint32_t column; /* from 1, in bytes */
    bool plain;      /* YAML: a scalar written without quotes */
    /* Scalars from YAML: as written ("1.50", "00:01:02"), without quotes and escapes; else
     * empty. */
    struct ad_str text;
    union {
        bool boolean;
        int64_t integer;
        double number;
        struct ad_str string;
        struct {
            const struct ad_value *const *items;
            size_t len;
        } list;
        struct {
            const struct ad_member *items; /* in source order; no key twice */
            size_t len;
        } map;
    };
};

/* Lists and maps within each other, in anything read or written. */
#define AD_DOC_MAX_DEPTH 64

/* What a reader accepts. Zero = the default in brackets. */
struct ad_doc_limits {
    size_t max_bytes;   /* [16 MiB] */
    size_t max_values;  /* [1,000,000] values after aliases are expanded */
    unsigned max_depth; /* [64], which is also the most there can be */
};

/* Reads one YAML document (a JSON superset in practice). Plain scalars follow the YAML 1.2 core
 * schema with decimal numbers only: null and ~, true and false (each also True, TRUE), 12,
 * -3, 1.5, 1e3. Everything else is a string: yes, no, on, 0x10, 0o7, 012, 1:30, 1_000, .inf,
 * dates. A number that neither int64 nor a double carries is refused. Keys are scalars and
 * taken as written; one key twice is refused. Anchors, aliases and merge keys (<<) work; tags
 * other than the core ones, directives other than %YAML, a second document, a byte order mark
 * and NUL do not. file names the source in errors (may be NULL). FORMAT with line:column,
 * LIMIT, NOMEM. The tree points into the arena only; aliased parts are shared within it. */
enum artdag_err ad_yaml_parse(struct ad_arena *arena, struct ad_str text, const char *file,
                              const struct ad_doc_limits *limits,
                              const struct ad_value **ret_root, artdag_error *err);

/* Appends the same document laid out anew: two spaces a level, sequences one level inside of their key, no blanks at
 * line ends, at most one blank line. Comments, quotes, flow style and order stay. The result has been read again and
 * means the same; formatting it once more changes nothing. Errors of ad_yaml_parse; UNSUPPORTED when it cannot be done;
 * ret is as it was then. */
enum artdag_err ad_yaml_format(struct ad_str text, const char *file, struct ad_buf *ret,
                               artdag_error *err);

/* Reads one JSON document (RFC 8259; one key twice, NUL characters and a byte order mark are
 * refused). An integer beyond int64 is refused too, unless it is just what RFC 8785 prints for
 * some double, which it then is. Errors and values carry line:column. */
enum artdag_err ad_json_parse(struct ad_arena *arena, struct ad_str text, const char *file,
                              const struct ad_doc_limits *limits,
                              const struct ad_value **ret_root, artdag_error *err);

/* The value under key of a map, or NULL (also when map is NULL or no map). Linear in the map's
 * size. */
const struct ad_value *ad_value_get(const struct ad_value *map, const char *key);
const struct ad_member *ad_value_member(const struct ad_value *map, struct ad_str key);
const char *ad_value_kind_name(enum ad_value_kind kind); /* "string", "list" ... for messages */
/* By content; map order is ignored; 1 != 1.0. NULL equals only NULL. */
bool ad_value_equal(const struct ad_value *a, const struct ad_value *b);

/* Typed access to a member that must be there: FORMAT with the key's name and the position
 * otherwise. err->file stays empty, for the caller to fill in. map NULL or no map is FORMAT as
 * well. */
enum artdag_err ad_value_str(const struct ad_value *map, const char *key, struct ad_str *ret,
                             artdag_error *err);
enum artdag_err ad_value_i64(const struct ad_value *map, const char *key, int64_t *ret,
                             artdag_error *err);
enum artdag_err ad_value_bool(const struct ad_value *map, const char *key, bool *ret,
                              artdag_error *err);
enum artdag_err ad_value_list(const struct ad_value *map, const char *key,
                              const struct ad_value **ret, artdag_error *err);
enum artdag_err ad_value_map(const struct ad_value *map, const char *key,
                             const struct ad_value **ret, artdag_error *err);

/* Making values by code. All return NULL when the arena has failed. Strings are copied. */
struct ad_value *ad_value_new_null(struct ad_arena *arena);
struct ad_value *ad_value_new_bool(struct ad_arena *arena, bool b);
struct ad_value *ad_value_new_int(struct ad_arena *arena, int64_t i);
struct ad_value *ad_value_new_double(struct ad_arena *arena, double d);
struct ad_value *ad_value_new_str(struct ad_arena *arena, struct ad_str s);
/* Lists and maps are built with a builder and frozen into the arena by _end. Keys are copied;
 * adding a key twice is a bug (asserted for maps of up to 64 members). */
struct ad_map_builder {
    struct ad_arena *arena;
    AD_VEC(struct ad_member) members;
    bool failed;
};
struct ad_list_builder {
    struct ad_arena *arena;
    AD_VEC(const struct ad_value *) items;
    bool failed;
};
void ad_map_begin(struct ad_map_builder *b, struct ad_arena *arena);
void ad_map_add(struct ad_map_builder *b, const char *key,
                const struct ad_value *value);         /* NULL value = failure */
struct ad_value *ad_map_end(struct ad_map_builder *b); /* frees the builder; NULL on failure */
void ad_list_begin(struct ad_list_builder *b, struct ad_arena *arena);
void ad_list_add(struct ad_list_builder *b, const struct ad_value *value);
struct ad_value *ad_list_end(struct ad_list_builder *b);

/* Appends the canonical JSON (RFC 8785) of value. INVAL for what JSON does not carry: text that
 * is not UTF-8, inf and nan, and integers beyond 2^53 unless their digits are just what RFC
 * 8785 prints for the nearest double. LIMIT beyond AD_DOC_MAX_DEPTH or buf's maximum. */
enum artdag_err ad_json_canonical(const struct ad_value *value, struct ad_buf *buf,
                                  artdag_error *err);
/* Streaming writer for large documents: canonical when the caller gives keys in RFC 8785 order
 * (asserted in debug builds). Errors are sticky in buf, whose status may also become INVAL
 * here, as for ad_json_canonical; problem then says why. */
struct ad_json_writer {
    struct ad_buf *buf;
    unsigned depth;
    uint64_t has_items; /* one bit per level */
    uint64_t is_map;
    struct ad_str last_key[AD_DOC_MAX_DEPTH]; /* per level, for the order check */
    bool after_key;
    const char *problem;
};
void ad_jw_init(struct ad_json_writer *w, struct ad_buf *buf);
void ad_jw_map_begin(struct ad_json_writer *w);
void ad_jw_map_end(struct ad_json_writer *w);
void ad_jw_list_begin(struct ad_json_writer *w);
void ad_jw_list_end(struct ad_json_writer *w);
void ad_jw_key(struct ad_json_writer *w, const char *key); /* key must outlive the level */
void ad_jw_str(struct ad_json_writer *w, struct ad_str s);
void ad_jw_cstr(struct ad_json_writer *w, const char *s);
void ad_jw_int(struct ad_json_writer *w, int64_t i);
void ad_jw_bool(struct ad_json_writer *w, bool b);
void ad_jw_double(struct ad_json_writer *w, double d);
void ad_jw_null(struct ad_json_writer *w);
void ad_jw_value(struct ad_json_writer *w, const struct ad_value *v); /* canonical form of v */
void ad_jw_raw(struct ad_json_writer *w,
               struct ad_str canonical_json); /* already canonical text */

/* RFC 8785 order of keys: by UTF-16 code units. Both must be UTF-8. */
int ad_json_key_compare(struct ad_str a, struct ad_str b);

#endif
