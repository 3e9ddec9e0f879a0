/* SPDX-License-Identifier: MIT
 *
 * JSON as RFC 8259 has it. A reader of its own, because limits must hold while the text is read
 * and not after all of it has become objects, and because values need positions.
 */
#include <string.h>

#include "doc/tree.h"

struct reader {
    struct ad_tree tree;
    struct ad_str text;
    size_t at;
    uint32_t line;
    size_t line_start;
    struct ad_buf scratch; /* the string being unescaped */
};

static struct ad_pos pos_at(const struct reader *r, size_t at)
{
    return (struct ad_pos){r->line, (uint32_t)(at - r->line_start + 1)};
}

static struct ad_pos here(const struct reader *r)
{
    return pos_at(r, r->at);
}

/* The next byte, or 0 at the end: NUL bytes have been refused before. */
static char peek(const struct reader *r)
{
    return r->at < r->text.len ? r->text.ptr[r->at] : '\0';
}

static void skip_space(struct reader *r)
{
    for (;; r->at++) {
        char c = peek(r);
        if (c == '\n' ||
            (c == '\r' && !(r->at + 1 < r->text.len && r->text.ptr[r->at + 1] == '\n'))) {
            r->line++;
            r->line_start = r->at + 1;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            return;
        }
    }
}

static enum artdag_err expected(struct reader *r, const char *what)
{
    if (r->at >= r->text.len) {
        return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, here(r), "expected %s, found the end",
                            what);
    }
    size_t len = 1;
    while (r->at + len < r->text.len &&
           ((unsigned char)r->text.ptr[r->at + len] & 0xc0) == 0x80) {
        len++;
    }
    return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, here(r), "expected %s, found '%.*s'", what,
                        (int)len, r->text.ptr + r->at);
}

/* Four hex digits at the reading point. */
static bool read_hex4(struct reader *r, uint32_t *ret)
{
    uint32_t n = 0;
    if (r->text.len - r->at < 4) {
        return false;
    }
    for (size_t i = 0; i < 4; i++) {
        char c = r->text.ptr[r->at + i];
        uint32_t digit = 0;
        if (c >= '0' && c <= '9') {
            digit = (uint32_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = (uint32_t)(c - 'a' + 10);
        } else if (c >= 'A' && c <= 'F') {
            digit = (uint32_t)(c - 'A' + 10);
        } else {
            return false;
        }
        n = n * 16 + digit;
    }
    r->at += 4;
    *ret = n;
    return true;
}

static void append_utf8(struct ad_buf *buf, uint32_t c)
{
    if (c < 0x80) {
        (void)ad_buf_byte(buf, (uint8_t)c);
        return;
    }
    if (c < 0x800) {
        (void)ad_buf_byte(buf, (uint8_t)(0xc0 | c >> 6));
    } else {
        if (c < 0x10000) {
            (void)ad_buf_byte(buf, (uint8_t)(0xe0 | c >> 12));
        } else {
            (void)ad_buf_byte(buf, (uint8_t)(0xf0 | c >> 18));
            (void)ad_buf_byte(buf, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
        }
        (void)ad_buf_byte(buf, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
    }
    (void)ad_buf_byte(buf, (uint8_t)(0x80 | (c & 0x3f)));
}

/* What follows \u, with the second half of a surrogate pair. */
static enum artdag_err read_unicode(struct reader *r, struct ad_pos pos)
{
    uint32_t c = 0;
    uint32_t low = 0;
    if (!read_hex4(r, &c)) {
        return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos,
                            "\\u needs four hexadecimal digits");
    }
    if (c == 0) {
        return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos, "NUL character in a string");
    }
    if (c >= 0xd800 && c <= 0xdfff) {
        bool pair =
            c < 0xdc00 && ad_str_starts(ad_str_slice(r->text, r->at, r->text.len), "\\u");
        if (pair) {
            r->at += 2;
            pair = read_hex4(r, &low) && low >= 0xdc00 && low <= 0xdfff;
        }
        if (!pair) {
            return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos, "half of a surrogate pair");
        }
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(&r->scratch, c);
    return ARTDAG_OK;
}

static enum artdag_err read_escape(struct reader *r)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    struct ad_pos pos = here(r);
    r->at++;
    char c = peek(r);
    if (c == 'u') {
        r->at++;
        return read_unicode(r, pos);
    }
    const char *found = c != '\0' ? strchr(letters, c) : NULL;
    if (found == NULL) {
        return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos, "unknown escape in a string");
    }
    r->at++;
    (void)ad_buf_byte(&r->scratch, (uint8_t)meanings[found - letters]);
    return ARTDAG_OK;
}

/* The string at the opening quote, copied into the arena. */
static enum artdag_err read_string(struct reader *r, struct ad_str *ret)
{
    struct ad_pos start = here(r);
    r->at++;
    ad_buf_clear(&r->scratch);
    for (;;) {
        size_t from = r->at;
        while (r->at < r->text.len && r->text.ptr[r->at] != '"' && r->text.ptr[r->at] != '\\' &&
               (unsigned char)r->text.ptr[r->at] >= 0x20) {
            r->at++;
        }
        (void)ad_buf_append(&r->scratch, r->text.ptr + from, r->at - from);
        if (r->at >= r->text.len) {
            return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, start, "string has no end");
        }
        if (r->text.ptr[r->at] == '"') {
            break;
        }
        if (r->text.ptr[r->at] != '\\') {
            return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, here(r),
                                "control character in a string");
        }
        enum artdag_err code = read_escape(r);
        if (code != ARTDAG_OK) {
            return code;
        }
    }
    r->at++;
    if (ad_buf_status(&r->scratch) != ARTDAG_OK) {
        return ad_tree_nomem(&r->tree);
    }
    *ret = ad_arena_str(r->tree.arena, ad_buf_as_str(&r->scratch));
    return ret->ptr != NULL ? ARTDAG_OK : ad_tree_nomem(&r->tree);
}

static size_t skip_digits(struct reader *r)
{
    size_t from = r->at;
    while (peek(r) >= '0' && peek(r) <= '9') {
        r->at++;
    }
    return r->at - from;
}

/* Moves over a number as the grammar has it. */
static enum artdag_err scan_number(struct reader *r, bool *ret_integer)
{
    bool integer = true;
    if (peek(r) == '-') {
        r->at++;
    }
    if (peek(r) == '0') {
        r->at++;
    } else if (skip_digits(r) == 0) {
        return expected(r, "a digit");
    }
    if (peek(r) == '.') {
        integer = false;
        r->at++;
        if (skip_digits(r) == 0) {
            return expected(r, "a digit");
        }
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        integer = false;
        r->at++;
        if (peek(r) == '+' || peek(r) == '-') {
            r->at++;
        }
        if (skip_digits(r) == 0) {
            return expected(r, "a digit");
        }
    }
    *ret_integer = integer;
    return ARTDAG_OK;
}

static enum artdag_err read_number(struct reader *r, struct ad_value *value)
{
    bool integer = false;
    size_t from = r->at;
    struct ad_pos pos = here(r);
    enum artdag_err code = scan_number(r, &integer);
    if (code != ARTDAG_OK) {
        return code;
    }
    struct ad_str text = ad_str_slice(r->text, from, r->at);
    if (integer ? ad_number_from_integer(text, value)
                : ad_str_to_double(text, &value->number)) {
        return ARTDAG_OK;
    }
    return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos, "%s is out of range",
                        integer ? "integer" : "number");
}

static enum artdag_err read_word(struct reader *r, struct ad_value *value)
{
    static const struct {
        const char *word;
        enum ad_value_kind kind;
        bool boolean;
    } words[] = {{"true", AD_VALUE_BOOL, true},
                 {"false", AD_VALUE_BOOL, false},
                 {"null", AD_VALUE_NULL, false}};
    struct ad_str rest = ad_str_slice(r->text, r->at, r->text.len);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (ad_str_starts(rest, words[i].word)) {
            value->kind = words[i].kind;
            value->boolean = words[i].boolean;
            r->at += strlen(words[i].word);
            return ARTDAG_OK;
        }
    }
    return expected(r, "a value");
}

static enum artdag_err read_scalar(struct reader *r)
{
    struct ad_value *value = NULL;
    char c = peek(r);
    bool number = c == '-' || (c >= '0' && c <= '9');
    enum ad_value_kind kind = c == '"' ? AD_VALUE_STRING
                              : number ? AD_VALUE_DOUBLE
                                       : AD_VALUE_NULL;
    enum artdag_err code = ad_tree_scalar(&r->tree, kind, here(r), &value);
    if (code != ARTDAG_OK) {
        return code;
    }
    if (c == '"') {
        code = read_string(r, &value->string);
    } else {
        code = number ? read_number(r, value) : read_word(r, value);
    }
    if (code != ARTDAG_OK) {
        return code;
    }
    return ad_tree_attach(&r->tree, (struct ad_tree_part){value, 1, 0});
}

static enum artdag_err read_key(struct reader *r)
{
    struct ad_str key = {0};
    struct ad_pos pos = here(r);
    if (peek(r) != '"') {
        return expected(r, "a key in quotes");
    }
    enum artdag_err code = read_string(r, &key);
    if (code != ARTDAG_OK) {
        return code;
    }
    skip_space(r);
    if (peek(r) != ':') {
        return expected(r, "':'");
    }
    r->at++;
    skip_space(r);
    return ad_tree_key(&r->tree, key, false, pos);
}

/* After a value: closes what closes, and stops before the next value or when the root is
 * finished. */
static enum artdag_err read_between(struct reader *r)
{
    struct ad_tree_frame *top = NULL;
    while ((top = ad_tree_top(&r->tree)) != NULL) {
        bool map = top->kind == AD_VALUE_MAP;
        skip_space(r);
        char c = peek(r);
        if (c == ',') {
            r->at++;
            skip_space(r);
            return map ? read_key(r) : ARTDAG_OK;
        }
        if (c != (map ? '}' : ']')) {
            return expected(r, map ? "',' or '}'" : "',' or ']'");
        }
        r->at++;
        enum artdag_err code = ad_tree_close(&r->tree, NULL);
        if (code != ARTDAG_OK) {
            return code;
        }
    }
    return ARTDAG_OK;
}

/* One value's beginning: a whole scalar, or the opening of a list or map up to its first value.
 */
static enum artdag_err read_value(struct reader *r)
{
    char c = peek(r);
    if (c != '{' && c != '[') {
        enum artdag_err code = read_scalar(r);
        return code == ARTDAG_OK ? read_between(r) : code;
    }
    bool map = c == '{';
    enum artdag_err code = ad_tree_open(&r->tree, map ? AD_VALUE_MAP : AD_VALUE_LIST, here(r));
    if (code != ARTDAG_OK) {
        return code;
    }
    r->at++;
    skip_space(r);
    if (peek(r) == (map ? '}' : ']')) {
        return read_between(r);
    }
    return map ? read_key(r) : ARTDAG_OK;
}

enum artdag_err ad_json_parse(struct ad_arena *arena, struct ad_str text, const char *file,
                              const struct ad_doc_limits *limits,
                              const struct ad_value **ret_root, artdag_error *err)
{
    struct reader r = {.text = text, .line = 1, .scratch = AD_BUF_INIT(text.len)};
    ad_tree_init(&r.tree, arena, file, limits, err);
    enum artdag_err code = ad_tree_screen(&r.tree, text, false);
    skip_space(&r);
    while (code == ARTDAG_OK && r.tree.root == NULL) {
        code = read_value(&r);
    }
    if (code == ARTDAG_OK) {
        skip_space(&r);
        if (r.at < text.len) {
            code = expected(&r, "the end of the document");
        }
    }
    if (code == ARTDAG_OK) {
        *ret_root = r.tree.root;
    }
    ad_buf_fini(&r.scratch);
    ad_tree_fini(&r.tree);
    return code;
}
