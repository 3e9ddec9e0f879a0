/* SPDX-License-Identifier: MIT
 *
 * YAML by libyaml's events. What the text means is decided here and not by libyaml: plain
 * scalars, tags, anchors, merge keys. libyaml never sees more than one document (its handling
 * of later directives is quadratic).
 */
#include <string.h>

#include <yaml.h>

#include "doc/tree.h"

/* A place in the text, known in libyaml's measure (characters) and in ours. */
struct cursor {
    size_t chars;
    size_t bytes;
    size_t line_start; /* in bytes */
    uint32_t line;
};

struct anchor {
    struct ad_tree_part part; /* value is NULL as long as it is being read */
};

struct reader {
    struct ad_tree tree;
    struct ad_str text;
    yaml_parser_t parser;
    struct cursor now;
    struct cursor before; /* where now was at the last question */
    struct ad_map names;  /* anchor name -> index in anchors, the latest of that name */
    AD_VEC(struct anchor) anchors;
};

static void step(struct cursor *c, struct ad_str text)
{
    char first = text.ptr[c->bytes];
    c->bytes++;
    c->chars++;
    while (c->bytes < text.len && ((unsigned char)text.ptr[c->bytes] & 0xc0) == 0x80) {
        c->bytes++;
    }
    bool crlf = first == '\r' && c->bytes < text.len && text.ptr[c->bytes] == '\n';
    if (first == '\n' || (first == '\r' && !crlf)) {
        c->line++;
        c->line_start = c->bytes;
    }
}

/* Line and byte column of a mark. Marks come nearly in order, so this is linear over a
 * document. */
static struct ad_pos pos_of(struct reader *r, yaml_mark_t mark)
{
    struct cursor c = r->now;
    if (mark.index < c.chars) {
        c = mark.index >= r->before.chars ? r->before : (struct cursor){.line = 1};
    }
    while (c.chars < mark.index && c.bytes < r->text.len) {
        step(&c, r->text);
    }
    r->before = r->now;
    r->now = c;
    return (struct ad_pos){c.line, (uint32_t)(c.bytes - c.line_start + 1)};
}

static enum artdag_err fail_at(struct reader *r, yaml_mark_t mark, const char *what)
{
    return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos_of(r, mark), "%s", what);
}

static enum artdag_err parser_failure(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR) {
        return ad_error_nomem(r->tree.err, AD_DOC_ROOM);
    }
    const char *problem = p->problem != NULL ? p->problem : "text is not YAML";
    struct ad_pos pos = pos_of(r, p->problem_mark);
    enum artdag_err code =
        ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos, "%s%s%s", problem,
                     p->context != NULL ? " " : "", p->context != NULL ? p->context : "");
    size_t at = r->now.bytes;
    if (at < r->text.len && r->text.ptr[at] == '\t') {
        ad_error_hint(r->tree.err, "YAML does not allow tabs for indentation");
    } else if (p->context != NULL && p->context_mark.index < p->problem_mark.index) {
        ad_error_hint(r->tree.err, "it starts at line %u",
                      (unsigned)pos_of(r, p->context_mark).line);
    }
    return code;
}

/* ---- plain scalars ---- */

static bool is_word(struct ad_str s, const char *lower, const char *title, const char *upper)
{
    return ad_str_is(s, lower) || ad_str_is(s, title) || ad_str_is(s, upper);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_exponent(struct ad_str s)
{
    if (s.len == 0 || (s.ptr[0] != 'e' && s.ptr[0] != 'E')) {
        return false;
    }
    size_t start = s.len > 1 && (s.ptr[1] == '+' || s.ptr[1] == '-') ? 2 : 1;
    size_t i = start;
    while (i < s.len && is_digit(s.ptr[i])) {
        i++;
    }
    return i > start && i == s.len;
}

/* Decimal numbers; s has no '+' any more. A superfluous leading zero makes a string: 1.1 reads
 * 010 as 8, 1.2 as 10. */
static bool looks_like_number(struct ad_str s, bool *ret_integer)
{
    size_t i = s.len > 0 && s.ptr[0] == '-' ? 1 : 0;
    bool integer = true;
    size_t digits = 0;
    if (i + 1 < s.len && s.ptr[i] == '0' && is_digit(s.ptr[i + 1])) {
        return false;
    }
    for (; i < s.len && (is_digit(s.ptr[i]) || s.ptr[i] == '.'); i++) {
        if (s.ptr[i] == '.') {
            if (!integer) {
                return false;
            }
            integer = false;
        } else {
            digits++;
        }
    }
    if (digits == 0) {
        return false;
    }
    *ret_integer = integer && i == s.len;
    return i == s.len || is_exponent(ad_str_slice(s, i, s.len));
}

/* Gives value the kind its text has as a plain scalar. False: a number that nothing carries. */
static bool resolve(struct ad_value *value)
{
    struct ad_str s = value->text;
    bool integer = false;
    bool plus = s.len > 0 && s.ptr[0] == '+';
    struct ad_str number = ad_str_slice(s, plus ? 1 : 0, s.len);
    if (s.len == 0 || ad_str_is(s, "~") || is_word(s, "null", "Null", "NULL")) {
        value->kind = AD_VALUE_NULL;
    } else if (is_word(s, "true", "True", "TRUE")) {
        value->kind = AD_VALUE_BOOL;
        value->boolean = true;
    } else if (is_word(s, "false", "False", "FALSE")) {
        value->kind = AD_VALUE_BOOL;
        value->boolean = false;
    } else if (!(plus && ad_str_starts(number, "-")) && looks_like_number(number, &integer)) {
        value->kind = AD_VALUE_DOUBLE;
        return integer ? ad_number_from_integer(number, value)
                       : ad_str_to_double(number, &value->number);
    } else {
        value->kind = AD_VALUE_STRING;
        value->string = s;
    }
    return true;
}

/* ---- tags ---- */

static const char *core_tag(const char *tag)
{
    static const char prefix[] = "tag:yaml.org,2002:";
    size_t len = sizeof(prefix) - 1;
    return tag != NULL && strncmp(tag, prefix, len) == 0 ? tag + len : NULL;
}

static enum artdag_err unknown_tag(struct reader *r, const yaml_event_t *event, const char *tag)
{
    return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos_of(r, event->start_mark),
                        "tag %.100s is not supported", tag);
}

static enum artdag_err apply_tag(struct reader *r, const yaml_event_t *event,
                                 struct ad_value *value)
{
    static const struct {
        const char *name;
        enum ad_value_kind kind;
    } tags[] = {{"str", AD_VALUE_STRING},
                {"null", AD_VALUE_NULL},
                {"bool", AD_VALUE_BOOL},
                {"int", AD_VALUE_INT},
                {"float", AD_VALUE_DOUBLE}};
    const char *tag = (const char *)event->data.scalar.tag;
    const char *core = strcmp(tag, "!") == 0 ? "str" : core_tag(tag);
    for (size_t i = 0; core != NULL && i < sizeof(tags) / sizeof(tags[0]); i++) {
        if (strcmp(core, tags[i].name) != 0) {
            continue;
        }
        if (tags[i].kind == AD_VALUE_STRING) {
            value->kind = AD_VALUE_STRING;
            value->string = value->text;
            return ARTDAG_OK;
        }
        bool fits = resolve(value);
        if (fits && value->kind == AD_VALUE_INT && tags[i].kind == AD_VALUE_DOUBLE) {
            value->kind = AD_VALUE_DOUBLE;
            value->number = (double)value->integer;
        }
        if (!fits || value->kind != tags[i].kind) {
            return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos_of(r, event->start_mark),
                                "text does not fit its tag !!%s", core);
        }
        return ARTDAG_OK;
    }
    return unknown_tag(r, event, tag);
}

static enum artdag_err check_collection_tag(struct reader *r, const yaml_event_t *event,
                                            const yaml_char_t *tag, const char *name)
{
    const char *text = (const char *)tag;
    const char *core = core_tag(text);
    if (text == NULL || strcmp(text, "!") == 0 || (core != NULL && strcmp(core, name) == 0)) {
        return ARTDAG_OK;
    }
    return unknown_tag(r, event, text);
}

/* ---- anchors ---- */

/* Notes that name now stands for a value that is being read; *ret_index (from 1) is its anchor.
 */
static enum artdag_err begin_anchor(struct reader *r, const yaml_char_t *name,
                                    size_t *ret_index)
{
    *ret_index = 0;
    if (name == NULL) {
        return ARTDAG_OK;
    }
    union ad_map_value *slot = ad_map_put(&r->names, ad_str_from((const char *)name), NULL);
    if (slot == NULL || !ad_vec_push(&r->anchors, (struct anchor){0})) {
        return ad_tree_nomem(&r->tree);
    }
    slot->num = r->anchors.len;
    *ret_index = r->anchors.len;
    return ARTDAG_OK;
}

static void finish_anchor(struct reader *r, size_t index, struct ad_tree_part part)
{
    if (index > 0) {
        r->anchors.items[index - 1].part = part;
    }
}

static bool wants_key(struct reader *r)
{
    const struct ad_tree_frame *top = ad_tree_top(&r->tree);
    return top != NULL && top->kind == AD_VALUE_MAP && !top->has_key;
}

/* ---- events ---- */

static enum artdag_err on_alias(struct reader *r, const yaml_event_t *event)
{
    struct ad_pos pos = pos_of(r, event->start_mark);
    const char *name = (const char *)event->data.alias.anchor;
    const union ad_map_value *slot = ad_map_find(&r->names, ad_str_from(name));
    if (wants_key(r)) {
        return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos, "an alias cannot be a key");
    }
    if (slot == NULL) {
        return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos, "alias *%.100s has no anchor",
                            name);
    }
    struct ad_tree_part part = r->anchors.items[slot->num - 1].part;
    if (part.value == NULL) {
        return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos, "alias *%.100s contains itself",
                            name);
    }
    enum artdag_err code = ad_tree_reuse(&r->tree, part, pos);
    return code == ARTDAG_OK ? ad_tree_attach(&r->tree, part) : code;
}

static enum artdag_err on_key(struct reader *r, const yaml_event_t *event, struct ad_str text)
{
    struct ad_pos pos = pos_of(r, event->start_mark);
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL) {
        return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos,
                            "a key cannot have an anchor or a tag");
    }
    if (plain && text.len == 0) {
        return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, pos, "a key is missing");
    }
    text = ad_arena_str(r->tree.arena, text);
    if (text.ptr == NULL) {
        return ad_tree_nomem(&r->tree);
    }
    return ad_tree_key(&r->tree, text, plain && ad_str_is(text, "<<"), pos);
}

static enum artdag_err on_scalar(struct reader *r, const yaml_event_t *event)
{
    size_t anchor = 0;
    struct ad_value *value = NULL;
    struct ad_str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    if (memchr(text.ptr, 0, text.len) != NULL) {
        return fail_at(r, event->start_mark, "NUL character in a string");
    }
    if (wants_key(r)) {
        return on_key(r, event, text);
    }
    struct ad_pos pos = pos_of(r, event->start_mark);
    enum artdag_err code = begin_anchor(r, event->data.scalar.anchor, &anchor);
    if (code == ARTDAG_OK) {
        code = ad_tree_scalar(&r->tree, AD_VALUE_STRING, pos, &value);
    }
    if (code != ARTDAG_OK) {
        return code;
    }
    value->text = ad_arena_str(r->tree.arena, text);
    if (value->text.ptr == NULL) {
        return ad_tree_nomem(&r->tree);
    }
    value->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    value->string = value->text;
    if (event->data.scalar.tag != NULL) {
        code = apply_tag(r, event, value);
    } else if (event->data.scalar.plain_implicit && !resolve(value)) {
        code = fail_at(r, event->start_mark, "number is out of range");
        ad_error_hint(r->tree.err, "put it in quotes if it is text");
    }
    if (code != ARTDAG_OK) {
        return code;
    }
    struct ad_tree_part part = {value, 1, 0};
    finish_anchor(r, anchor, part);
    return ad_tree_attach(&r->tree, part);
}

static enum artdag_err on_open(struct reader *r, const yaml_event_t *event)
{
    bool map = event->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *name =
        map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    const yaml_char_t *tag =
        map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    size_t anchor = 0;
    if (wants_key(r)) {
        return fail_at(r, event->start_mark, "a list or map cannot be a key");
    }
    enum artdag_err code = check_collection_tag(r, event, tag, map ? "map" : "seq");
    if (code == ARTDAG_OK) {
        code = begin_anchor(r, name, &anchor);
    }
    if (code == ARTDAG_OK) {
        code = ad_tree_open(&r->tree, map ? AD_VALUE_MAP : AD_VALUE_LIST,
                            pos_of(r, event->start_mark));
    }
    if (code == ARTDAG_OK) {
        r->tree.frames.items[r->tree.frames.len - 1].user = anchor;
    }
    return code;
}

static enum artdag_err on_close(struct reader *r)
{
    struct ad_tree_part part = {0};
    size_t anchor = r->tree.frames.items[r->tree.frames.len - 1].user;
    enum artdag_err code = ad_tree_close(&r->tree, &part);
    if (code == ARTDAG_OK) {
        finish_anchor(r, anchor, part);
    }
    return code;
}

static enum artdag_err on_event(struct reader *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return on_alias(r, event);
    case YAML_SCALAR_EVENT:
        return on_scalar(r, event);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return on_open(r, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(r);
    case YAML_STREAM_END_EVENT:
        return fail_at(r, event->start_mark, "document is empty");
    default:
        return ARTDAG_OK;
    }
}

/* ---- around the document ---- */

static size_t line_end(struct ad_str text, size_t at)
{
    while (at < text.len && text.ptr[at] != '\n' && text.ptr[at] != '\r') {
        at++;
    }
    return at;
}

/* Moves over blanks, line ends and comments. */
static size_t skip_idle(struct ad_str text, size_t at)
{
    while (at < text.len) {
        char c = text.ptr[at];
        if (c == '#') {
            at = line_end(text, at);
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            at++;
        } else {
            break;
        }
    }
    return at;
}

/* Only a %YAML line may stand before the document. */
static enum artdag_err check_directives(struct reader *r)
{
    size_t at = skip_idle(r->text, 0);
    bool seen = false;
    while (at < r->text.len && r->text.ptr[at] == '%') {
        if (seen || !ad_str_starts(ad_str_slice(r->text, at, r->text.len), "%YAML ")) {
            return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, ad_tree_pos_of(r->text, at),
                                "directives other than one %%YAML are not supported");
        }
        seen = true;
        at = skip_idle(r->text, line_end(r->text, at));
    }
    return ARTDAG_OK;
}

/* After the document only comments and "..." may come. */
static enum artdag_err check_rest(struct reader *r, yaml_mark_t end)
{
    (void)pos_of(r, end);
    size_t at = skip_idle(r->text, r->now.bytes);
    while (ad_str_starts(ad_str_slice(r->text, at, r->text.len), "...")) {
        at = skip_idle(r->text, at + 3);
    }
    if (at >= r->text.len) {
        return ARTDAG_OK;
    }
    return ad_tree_fail(&r->tree, ARTDAG_E_FORMAT, ad_tree_pos_of(r->text, at),
                        "there must be only one document");
}

static enum artdag_err read_document(struct reader *r)
{
    enum artdag_err code = ARTDAG_OK;
    bool done = false;
    while (code == ARTDAG_OK && !done) {
        yaml_event_t event;
        if (yaml_parser_parse(&r->parser, &event) == 0) {
            return parser_failure(r);
        }
        if (event.type == YAML_DOCUMENT_END_EVENT) {
            done = true;
            code = check_rest(r, event.end_mark);
        } else {
            code = on_event(r, &event);
        }
        yaml_event_delete(&event);
    }
    return code;
}

enum artdag_err ad_yaml_parse(struct ad_arena *arena, struct ad_str text, const char *file,
                              const struct ad_doc_limits *limits,
                              const struct ad_value **ret_root, artdag_error *err)
{
    struct reader r = {.text = text, .now = {.line = 1}, .before = {.line = 1}};
    ad_tree_init(&r.tree, arena, file, limits, err);
    if (yaml_parser_initialize(&r.parser) == 0) {
        return ad_error_nomem(err, AD_DOC_ROOM);
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &r.parser, (const unsigned char *)(text.ptr != NULL ? text.ptr : ""), text.len);
    enum artdag_err code = ad_tree_screen(&r.tree, text, true);
    if (code == ARTDAG_OK) {
        code = check_directives(&r);
    }
    if (code == ARTDAG_OK) {
        code = read_document(&r);
    }
    if (code == ARTDAG_OK) {
        *ret_root = r.tree.root;
    }
    yaml_parser_delete(&r.parser);
    ad_map_fini(&r.names);
    ad_vec_fini(&r.anchors);
    ad_tree_fini(&r.tree);
    return code;
}
