/* SPDX-License-Identifier: MIT
 *
 * What `artdag ops` prints, out of the field tables: there is no second description that could differ.
 */
#include <string.h>

#include "ops/op.h"

#define COLUMNS 80

static const char *field_type_name(enum ad_field_type type)
{
    static const char *const names[] = {
        [AD_FIELD_BOOL] = "true/false",
        [AD_FIELD_INT] = "integer",
        [AD_FIELD_NUMBER] = "number",
        [AD_FIELD_STRING] = "string",
        [AD_FIELD_ENUM] = "name",
        [AD_FIELD_TIME] = "time",
        [AD_FIELD_COLOR] = "colour",
        [AD_FIELD_MAP] = "map",
        [AD_FIELD_ANY] = "map of any values",
        [AD_FIELD_BITRATE] = "bit rate",
        [AD_FIELD_LIST] = "list",
        [AD_FIELD_RATIO] = "number or ratio",
    };
    return names[type];
}

static bool is_bounded(const struct ad_field *f)
{
    return f->min != 0 || f->max != 0;
}

/* ---- Text ---- */

static void indent(struct ad_buf *buf, size_t by)
{
    for (size_t i = 0; i < by; i++)
        (void)ad_buf_byte(buf, ' ');
}

/* Words from text filled into lines; a newline in it begins a new one. */
static void fill(struct ad_buf *buf, const char *text, size_t by)
{
    size_t column = 0;
    while (*text) {
        size_t word = strcspn(text, " \n");
        if (column > 0 && column + 1 + word > COLUMNS) {
            (void)ad_buf_byte(buf, '\n');
            column = 0;
        }
        if (word) {
            if (column == 0)
                indent(buf, by);
            else
                (void)ad_buf_byte(buf, ' ');
            (void)ad_buf_append(buf, text, word);
            column = (column == 0 ? by : column + 1) + word;
        }
        text += word;
        if (*text == '\n') {
            (void)ad_buf_byte(buf, '\n');
            column = 0;
        }
        text += *text != 0;
    }
    (void)ad_buf_byte(buf, '\n');
}

static void field_facts(struct ad_buf *buf, const struct ad_field *f)
{
    (void)ad_buf_str(buf, field_type_name(f->type));
    if (f->animated)
        (void)ad_buf_str(buf, " or keyframes");
    if (is_bounded(f)) {
        char low[32];
        char high[32];
        (void)ad_double_format(f->min, low);
        (void)ad_double_format(f->max, high);
        (void)ad_buf_printf(buf, ", %s to %s", low, high);
    }
    if (f->type == AD_FIELD_LIST)
        (void)ad_buf_str(buf, " elements");
    if (f->unit && *f->unit)
        (void)ad_buf_printf(buf, " %s", f->unit);
    if (f->required)
        (void)ad_buf_str(buf, ", required");
    else if (f->fallback && f->type != AD_FIELD_MAP)
        (void)ad_buf_printf(buf, ", default %s", f->fallback);
}

/* Field tables nest two deep. */
/* NOLINTBEGIN(misc-no-recursion) */
static void fields_text(struct ad_buf *buf, const struct ad_field *fields, size_t by)
{
    for (const struct ad_field *f = fields; f->name; f++) {
        if (f->internal)
            continue;
        indent(buf, by);
        (void)ad_buf_printf(buf, "%s", f->name);
        if (f->alias)
            (void)ad_buf_printf(buf, " (or %s)", f->alias);
        (void)ad_buf_str(buf, ": ");
        field_facts(buf, f);
        (void)ad_buf_byte(buf, '\n');
        fill(buf, f->doc ? f->doc : "", by + 4);
        if (f->type == AD_FIELD_ENUM) {
            struct ad_buf list = AD_BUF_INIT(4096);
            (void)ad_buf_str(&list, "One of:");
            for (const char *const *v = f->values; *v; v++)
                (void)ad_buf_printf(&list, " %s%s", *v, v[1] ? "," : ".");
            if (ad_buf_status(&list) == ARTDAG_OK)
                fill(buf, (const char *)list.data, by + 4);
            ad_buf_fini(&list);
        }
        if (f->fields)
            fields_text(buf, f->fields, by + 4);
        if (f->item) {
            const struct ad_field item[] = {*f->item, {NULL}};
            fields_text(buf, item, by + 4);
        }
    }
}

/* NOLINTEND(misc-no-recursion) */

static void slots_text(struct ad_buf *buf, const struct ad_op *op)
{
    (void)ad_buf_str(buf, "\nInputs\n");
    if (!op->slots->max)
        (void)ad_buf_str(buf, "  none from other nodes\n");
    for (const struct ad_slot *s = op->slots; s->max; s++) {
        indent(buf, 2);
        if (s->name)
            (void)ad_buf_printf(buf, "%s%s%s", s->name, s->max > 1 ? ", one or more" : "",
                                s->min ? "" : " (optional)");
        else if (s->max == 1)
            (void)ad_buf_str(buf, "one");
        else
            (void)ad_buf_printf(buf, "a list of %zu or more", s->min);
        (void)ad_buf_printf(buf, ": %s\n", s->doc ? s->doc : "");
    }
}

/* Field tables nest two deep. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static bool has_numbers(const struct ad_field *fields)
{
    for (const struct ad_field *f = fields; f->name; f++) {
        if (!f->internal && (ad_field_may_follow(f) || (f->fields && has_numbers(f->fields))))
            return true;
    }
    return false;
}

/* The recipe as it is, indented. */
static void example_text(struct ad_buf *buf, const char *text)
{
    (void)ad_buf_str(buf, "\nExample\n");
    while (*text) {
        size_t line = strcspn(text, "\n");
        indent(buf, 2);
        (void)ad_buf_append(buf, text, line);
        (void)ad_buf_byte(buf, '\n');
        text += line + (text[line] == '\n');
    }
}

static void op_text(struct ad_buf *buf, const struct ad_op *op)
{
    (void)ad_buf_printf(buf, "%s: %s\n\n", op->node_type, op->summary);
    fill(buf, op->doc, 2);
    slots_text(buf, op);
    (void)ad_buf_str(buf, "\nConfig\n");
    if (op->fields->name)
        fields_text(buf, op->fields, 2);
    else
        (void)ad_buf_str(buf, "  none\n");
    if (op->example)
        example_text(buf, op->example);
    if (!op->expands && has_numbers(op->fields))
        (void)ad_buf_str(buf, "\nA number may follow a signal: {bind: {signal: music.energy, "
                              "range: [0, 1]}}.\n");
    if (op->expands)
        (void)ad_buf_str(buf, "\nNo step of its own: it is made into other steps when a plan "
                              "is made.\n");
    else
        (void)ad_buf_printf(buf, "\nClass: %s. Revision: %u.\n", ad_class_name(op->exactness),
                            op->revision);
}

static enum artdag_err status(const struct ad_buf *buf, artdag_error *err)
{
    enum artdag_err rc = ad_buf_status(buf);
    if (rc == ARTDAG_E_NOMEM)
        return ad_error_nomem(err, "ops");
    return rc ? ad_error_set(err, rc, "ops", "the manual is larger than %zu bytes", buf->max)
              : ARTDAG_OK;
}

enum artdag_err ad_op_manual(const struct ad_op *op, struct ad_buf *buf, artdag_error *err)
{
    if (op) {
        op_text(buf, op);
        return status(buf, err);
    }
    for (size_t i = 0; ad_ops[i]; i++) {
        if (i)
            (void)ad_buf_str(buf, "\n----\n\n");
        op_text(buf, ad_ops[i]);
    }
    return status(buf, err);
}

/* ---- JSON; keys in canonical order ---- */

static void field_values(const struct ad_field *f, struct ad_json_writer *w)
{
    ad_jw_key(w, "values");
    ad_jw_list_begin(w);
    for (const char *const *v = f->values; *v; v++)
        ad_jw_cstr(w, *v);
    ad_jw_list_end(w);
}

/* NOLINTBEGIN(misc-no-recursion) */

static void field_json(const struct ad_field *f, struct ad_json_writer *w)
{
    ad_jw_map_begin(w);
    if (f->alias) {
        ad_jw_key(w, "alias");
        ad_jw_cstr(w, f->alias);
    }
    if (f->animated) {
        ad_jw_key(w, "animated");
        ad_jw_bool(w, true);
    }
    if (f->fallback) {
        ad_jw_key(w, "default");
        ad_jw_raw(w, ad_str_from(f->fallback));
    }
    ad_jw_key(w, "doc");
    ad_jw_cstr(w, f->doc ? f->doc : "");
    if (f->fields)
        ad_fields_json("fields", f->fields, w);
    if (f->item) {
        ad_jw_key(w, "item");
        field_json(f->item, w);
    }
    if (is_bounded(f)) {
        ad_jw_key(w, "max");
        ad_jw_double(w, f->max);
        ad_jw_key(w, "min");
        ad_jw_double(w, f->min);
    }
    ad_jw_key(w, "name");
    ad_jw_cstr(w, f->name);
    ad_jw_key(w, "required");
    ad_jw_bool(w, f->required);
    ad_jw_key(w, "type");
    ad_jw_cstr(w, field_type_name(f->type));
    if (f->unit) {
        ad_jw_key(w, "unit");
        ad_jw_cstr(w, f->unit);
    }
    if (f->type == AD_FIELD_ENUM)
        field_values(f, w);
    ad_jw_map_end(w);
}

void ad_fields_json(const char *key, const struct ad_field *fields, struct ad_json_writer *w)
{
    ad_jw_key(w, key);
    ad_jw_list_begin(w);
    for (const struct ad_field *f = fields; f->name; f++) {
        if (!f->internal)
            field_json(f, w);
    }
    ad_jw_list_end(w);
}
/* NOLINTEND(misc-no-recursion) */

static void slots_json(const struct ad_op *op, struct ad_json_writer *w)
{
    ad_jw_key(w, "inputs");
    ad_jw_list_begin(w);
    for (const struct ad_slot *s = op->slots; s->max; s++) {
        ad_jw_map_begin(w);
        ad_jw_key(w, "doc");
        ad_jw_cstr(w, s->doc ? s->doc : "");
        ad_jw_key(w, "max");
        ad_jw_int(w, (int64_t)s->max);
        ad_jw_key(w, "min");
        ad_jw_int(w, (int64_t)s->min);
        if (s->name) {
            ad_jw_key(w, "slot");
            ad_jw_cstr(w, s->name);
        }
        ad_jw_map_end(w);
    }
    ad_jw_list_end(w);
}

enum artdag_err ad_op_json(const struct ad_op *op, struct ad_json_writer *w, artdag_error *err)
{
    ad_jw_map_begin(w);
    ad_jw_key(w, "class");
    ad_jw_cstr(w, ad_class_name(op->exactness));
    ad_jw_key(w, "doc");
    ad_jw_cstr(w, op->doc);
    if (op->example) {
        ad_jw_key(w, "example");
        ad_jw_cstr(w, op->example);
    }
    ad_fields_json("fields", op->fields, w);
    slots_json(op, w);
    ad_jw_key(w, "node_type");
    ad_jw_cstr(w, op->node_type);
    ad_jw_key(w, "revision");
    ad_jw_int(w, op->revision);
    ad_jw_key(w, "summary");
    ad_jw_cstr(w, op->summary);
    ad_jw_map_end(w);
    return status(w->buf, err);
}
