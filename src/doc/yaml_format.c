/* SPDX-License-Identifier: MIT
 *
 * Layout of YAML: two spaces a level, sequences inside of their key, no blanks at line ends, one blank line at most.
 * Comments, quotes, flow style and the order of keys are the writer's own. Only whole lines move: libyaml's tokens say how
 * deep each is, and the result is read again and must mean the same.
 */
#include <string.h>

#include <yaml.h>

#include "doc/doc.h"

#define ROOM "doc"
#define STEP 2U

enum line_kind {
    REST,  /* goes on with what an earlier line began */
    FRESH, /* a token begins it */
    BLOCK  /* inside of a literal or folded scalar: moves as a whole */
};

struct line {
    struct ad_str text; /* without its end */
    enum line_kind kind;
    uint32_t indent; /* FRESH: as it shall be */
    int32_t shift;   /* REST, BLOCK: by how much the line that began it moves */
};

/* A block collection: the column of its entries, as it is and as it shall be. */
struct level {
    size_t column;
    uint32_t indent;
    bool flow;
    bool indentless; /* a sequence at its key's own column */
};

struct layout {
    AD_VEC(struct line) lines;
    AD_VEC(struct level) levels;
    yaml_parser_t parser;
    size_t line;      /* of the last token that began one */
    bool any;         /* there was one */
    bool after_value; /* a key's value comes next: an entry here is of an indentless sequence */
    artdag_error *err;
};

/* ---- lines ---- */

/* libyaml ends lines at more than line feeds; here only those and CR LF do. */
static bool has_other_line_ends(struct ad_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        struct ad_str rest = ad_str_slice(text, i, text.len);
        bool lone = text.ptr[i] == '\r' && (i + 1 == text.len || text.ptr[i + 1] != '\n');
        if (lone || ad_str_starts(rest, "\xc2\x85") || ad_str_starts(rest, "\xe2\x80\xa8") ||
            ad_str_starts(rest, "\xe2\x80\xa9"))
            return true;
    }
    return false;
}

static bool split(struct layout *l, struct ad_str text)
{
    size_t at = 0;
    while (at < text.len) {
        const char *end = memchr(text.ptr + at, '\n', text.len - at);
        size_t stop = end ? (size_t)(end - text.ptr) : text.len;
        size_t len = stop - at;
        len -= len && text.ptr[at + len - 1] == '\r';
        if (!ad_vec_push(&l->lines, (struct line){.text = {text.ptr + at, len}}))
            return false;
        at = stop + 1;
    }
    return true;
}

static size_t leading(struct ad_str s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] == ' ')
        n++;
    return n;
}

static struct ad_str trimmed(struct ad_str s)
{
    size_t from = leading(s), to = s.len;
    while (to > from && (s.ptr[to - 1] == ' ' || s.ptr[to - 1] == '\t'))
        to--;
    return ad_str_slice(s, from, to);
}

/* ---- depth ---- */

static uint32_t base_indent(const struct layout *l)
{
    bool any = l->levels.items && l->levels.len;
    return any ? l->levels.items[l->levels.len - 1].indent : 0;
}

/* A token that begins its line decides where the line shall begin. */
static void begin_line(struct layout *l, size_t row, size_t column, uint32_t indent)
{
    if (row >= l->lines.len || (l->any && row <= l->line))
        return;
    struct line *line = &l->lines.items[row];
    line->kind = FRESH;
    line->indent = indent;
    line->shift = (int32_t)indent - (int32_t)column;
    l->line = row;
    l->any = true;
}

static bool open_block(struct layout *l, const yaml_token_t *token)
{
    /* Behind "- " too, an entry is one step in. */
    uint32_t indent = l->levels.len ? base_indent(l) + STEP : 0;
    struct level level = {.column = token->start_mark.column, .indent = indent};
    if (!ad_vec_push(&l->levels, level))
        return false;
    begin_line(l, token->start_mark.line, token->start_mark.column, indent);
    return true;
}

static bool open_flow(struct layout *l, const yaml_token_t *token)
{
    bool in_flow = l->levels.len && l->levels.items[l->levels.len - 1].flow;
    uint32_t step = l->levels.len && !in_flow ? STEP : 0;
    begin_line(l, token->start_mark.line, token->start_mark.column, base_indent(l) + step);
    struct level level = {.column = token->start_mark.column, .flow = true};
    level.indent = STEP + (l->line < l->lines.len ? l->lines.items[l->line].indent : 0);
    return ad_vec_push(&l->levels, level);
}

static void close_level(struct layout *l, const yaml_token_t *token)
{
    while (l->levels.len && l->levels.items[l->levels.len - 1].indentless)
        l->levels.len--;
    if (!l->levels.len)
        return;
    struct level closed = l->levels.items[--l->levels.len];
    if (closed.flow)
        begin_line(l, token->start_mark.line, token->start_mark.column, closed.indent - STEP);
}

/* "- " where its sequence has no level of its own yet: it stands at the column of the key. */
static bool entry(struct layout *l, const yaml_token_t *token)
{
    size_t column = token->start_mark.column;
    struct level *top = l->levels.len ? &l->levels.items[l->levels.len - 1] : NULL;
    if (top && !top->flow && !top->indentless && l->after_value && top->column == column) {
        struct level level = {
            .column = column, .indent = top->indent + STEP, .indentless = true};
        if (!ad_vec_push(&l->levels, level))
            return false;
    }
    begin_line(l, token->start_mark.line, column, base_indent(l));
    return true;
}

/* Lines of a scalar behind its first. */
static void mark_scalar(struct layout *l, const yaml_token_t *token)
{
    bool block = token->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
                 token->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
    size_t from = token->start_mark.line + 1, to = token->end_mark.line;
    if (token->end_mark.column == 0 && block && to > 0)
        to--; /* its end is the beginning of the next line */
    for (size_t i = from; i <= to && i < l->lines.len; i++) {
        l->lines.items[i].kind = block ? BLOCK : REST;
        l->lines.items[i].shift = l->lines.items[l->line].shift;
        l->lines.items[i].indent = l->lines.items[l->line].indent + STEP;
    }
    if (to > l->line && from <= to) {
        l->line = to;
        l->any = true;
    }
}

/* A key of the mapping ends the sequence that stands at its column. */
static void key(struct layout *l, const yaml_token_t *token)
{
    size_t column = token->start_mark.column;
    if (l->levels.len && l->levels.items[l->levels.len - 1].indentless &&
        l->levels.items[l->levels.len - 1].column == column)
        l->levels.len--;
    begin_line(l, token->start_mark.line, column, base_indent(l));
}

/* A scalar and what stands before it: on a line of its own, one step in. */
static void scalar(struct layout *l, const yaml_token_t *token)
{
    bool flow = l->levels.len && l->levels.items[l->levels.len - 1].flow;
    uint32_t step = l->levels.len && !flow ? STEP : 0;
    begin_line(l, token->start_mark.line, token->start_mark.column, base_indent(l) + step);
    if (token->type == YAML_SCALAR_TOKEN)
        mark_scalar(l, token);
}

static bool take(struct layout *l, const yaml_token_t *token)
{
    bool ok = true;
    switch (token->type) {
    case YAML_STREAM_START_TOKEN:
    case YAML_STREAM_END_TOKEN:
        break;
    case YAML_BLOCK_SEQUENCE_START_TOKEN:
    case YAML_BLOCK_MAPPING_START_TOKEN:
        ok = open_block(l, token);
        break;
    case YAML_FLOW_SEQUENCE_START_TOKEN:
    case YAML_FLOW_MAPPING_START_TOKEN:
        ok = open_flow(l, token);
        break;
    case YAML_BLOCK_END_TOKEN:
    case YAML_FLOW_SEQUENCE_END_TOKEN:
    case YAML_FLOW_MAPPING_END_TOKEN:
        close_level(l, token);
        break;
    case YAML_BLOCK_ENTRY_TOKEN:
        ok = entry(l, token);
        break;
    case YAML_KEY_TOKEN:
        key(l, token);
        break;
    case YAML_SCALAR_TOKEN:
    case YAML_ALIAS_TOKEN:
    case YAML_ANCHOR_TOKEN:
    case YAML_TAG_TOKEN:
        scalar(l, token);
        break;
    default:
        begin_line(l, token->start_mark.line, token->start_mark.column, base_indent(l));
        break;
    }
    l->after_value = token->type == YAML_VALUE_TOKEN;
    return ok;
}

static enum artdag_err scan(struct layout *l, struct ad_str text)
{
    enum artdag_err rc = ARTDAG_OK;
    bool done = false;
    if (!yaml_parser_initialize(&l->parser))
        return ad_error_nomem(l->err, ROOM);
    yaml_parser_set_input_string(&l->parser, (const unsigned char *)text.ptr, text.len);
    while (rc == ARTDAG_OK && !done) {
        yaml_token_t token;
        if (!yaml_parser_scan(&l->parser, &token)) /* it parsed before */
            return yaml_parser_delete(&l->parser), ad_error_nomem(l->err, ROOM);
        if (!take(l, &token))
            rc = ad_error_nomem(l->err, ROOM);
        done = token.type == YAML_STREAM_END_TOKEN;
        yaml_token_delete(&token);
    }
    yaml_parser_delete(&l->parser);
    return rc;
}

/* ---- writing ---- */

static void put_spaces(struct ad_buf *buf, int64_t count)
{
    for (; count > 0; count--)
        (void)ad_buf_byte(buf, ' ');
}

/* "-   - a" becomes "- - a": what is behind a dash is one step in. */
static struct ad_str put_dashes(struct ad_buf *buf, struct ad_str text)
{
    while (text.len > 1 && text.ptr[0] == '-' && text.ptr[1] == ' ') {
        (void)ad_buf_str(buf, "- ");
        text = trimmed(ad_str_slice(text, 1, text.len));
    }
    return text;
}

/* A comment stands with the line below it, or with the one above when it stood in that one's column. */
static uint32_t comment_indent(const struct layout *l, size_t i)
{
    size_t column = leading(l->lines.items[i].text), above = i, below = i;
    while (above > 0 && l->lines.items[above].kind != FRESH)
        above--;
    while (below < l->lines.len && l->lines.items[below].kind != FRESH)
        below++;
    const struct line *next = below < l->lines.len ? &l->lines.items[below] : NULL;
    const struct line *last = &l->lines.items[above];
    if (last->kind == FRESH && leading(last->text) == column &&
        (!next || leading(next->text) != column))
        return last->indent;
    return next ? next->indent : 0;
}

static void put_line(const struct layout *l, size_t i, struct ad_buf *buf)
{
    const struct line *line = &l->lines.items[i];
    struct ad_str text = trimmed(line->text);
    if (line->kind == BLOCK) {
        if (text.len)
            put_spaces(buf, (int64_t)leading(line->text) + line->shift);
        (void)ad_buf_view(
            buf,
            text.len ? ad_str_slice(line->text, leading(line->text), line->text.len) : text);
    } else if (line->kind == FRESH) {
        put_spaces(buf, line->indent);
        (void)ad_buf_view(buf, put_dashes(buf, text));
    } else if (text.len) {
        put_spaces(buf, text.ptr[0] == '#' ? comment_indent(l, i) : line->indent);
        (void)ad_buf_view(buf, text);
    }
    (void)ad_buf_byte(buf, '\n');
}

static void put_all(const struct layout *l, struct ad_buf *buf)
{
    size_t end = l->lines.len;
    bool blank = true; /* none at the beginning */
    while (end && l->lines.items[end - 1].kind != BLOCK &&
           !trimmed(l->lines.items[end - 1].text).len)
        end--;
    for (size_t i = 0; i < end; i++) {
        bool empty = l->lines.items[i].kind != BLOCK && !trimmed(l->lines.items[i].text).len;
        /* Blank lines inside of a scalar that spans lines are line feeds of it. */
        if (!empty || !blank || l->lines.items[i].indent)
            put_line(l, i, buf);
        blank = empty;
    }
}

static enum artdag_err same(struct ad_str before, struct ad_str after, const char *file,
                            artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *a = NULL, *b = NULL;
    enum artdag_err rc = ad_yaml_parse(&arena, before, file, NULL, &a, err);
    if (rc == ARTDAG_OK && (ad_yaml_parse(&arena, after, file, NULL, &b, NULL) != ARTDAG_OK ||
                            !ad_value_equal(a, b))) {
        rc = ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                          "the text cannot be laid out without changing what it means");
        ad_error_hint(err,
                      "it stays as it is; unusual multi-line scalars are the likely cause");
        ad_error_at(err, file, 1, 1);
    }
    ad_arena_fini(&arena);
    return rc;
}

enum artdag_err ad_yaml_format(struct ad_str text, const char *file, struct ad_buf *ret,
                               artdag_error *err)
{
    struct layout l = {.err = err};
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *root = NULL;
    struct ad_buf out = AD_BUF_INIT(ret->max);
    enum artdag_err rc = ad_yaml_parse(&arena, text, file, NULL, &root, err);
    ad_arena_fini(&arena);
    if (rc == ARTDAG_OK && has_other_line_ends(text)) {
        rc = ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                          "the text has line ends other than LF and CR LF");
        ad_error_at(err, file, 1, 1);
    }
    if (rc == ARTDAG_OK && !split(&l, text))
        rc = ad_error_nomem(err, ROOM);
    if (rc == ARTDAG_OK)
        rc = scan(&l, text);
    if (rc == ARTDAG_OK) {
        put_all(&l, &out);
        if (ad_buf_status(&out) != ARTDAG_OK)
            rc = ad_error_set(err, ad_buf_status(&out), ROOM, "the text is too long");
    }
    if (rc == ARTDAG_OK)
        rc = same(text, ad_buf_as_str(&out), file, err);
    if (rc == ARTDAG_OK && ad_buf_view(ret, ad_buf_as_str(&out)) != ARTDAG_OK)
        rc = ad_error_set(err, ad_buf_status(ret), ROOM, "the text is too long");
    ad_buf_fini(&out);
    ad_vec_fini(&l.lines);
    ad_vec_fini(&l.levels);
    return rc;
}
