/* SPDX-License-Identifier: MIT
 *
 * `format:`, the working format as far as the recipe states it. Frame rates are exact fractions; the decimals
 * that people write for the NTSC rates (23.976, 29.97 ...) mean N * 1000/1001.
 */
#include <string.h>

#include "recipe/reader.h"

static const char *const format_keys[] = {"width",       "height",   "fps", "pixel_format",
                                          "sample_rate", "channels", NULL};
static const int64_t ntsc[] = {15, 24, 30, 48, 60, 120};

/* A format in which everything is right but what is put in: names the one wrong thing. */
static const struct ad_format fair = {
    .width = 2,
    .height = 2,
    .fps_num = 25,
    .fps_den = 1,
    .pixel_format = "yuv420p",
    .sample_rate = 48000,
    .channels = 2,
};

static int64_t gcd(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static bool set_rate(int64_t num, int64_t den, struct ad_recipe_format *ret)
{
    if (num < 1 || den < 1)
        return false;
    int64_t common = gcd(num, den);
    ret->fps_num = num / common;
    ret->fps_den = den / common;
    return true;
}

/* "12.5" is 25/2; "23.976", being 24000/1001 rounded to three digits, is that. */
static bool set_decimal(struct ad_str whole, struct ad_str part, struct ad_recipe_format *ret)
{
    int64_t number = 0, fraction = 0, scale = 1;
    if (whole.len > 6 || part.len > 6 || !ad_str_to_i64(whole, &number) || number < 0 ||
        !ad_str_to_i64(part, &fraction) || fraction < 0)
        return false;
    for (size_t i = 0; i < part.len; i++)
        scale *= 10;
    number = number * scale + fraction;
    for (size_t i = 0; part.len >= 2 && i < sizeof(ntsc) / sizeof(ntsc[0]); i++)
        if (ad_muldiv_round(ntsc[i] * 1000, scale, 1001) == number)
            return set_rate(ntsc[i] * 1000, 1001, ret);
    return set_rate(number, scale, ret);
}

static bool parse_rate(struct ad_str text, struct ad_recipe_format *ret)
{
    int64_t num = 0, den = 0;
    const char *mark = text.len ? memchr(text.ptr, '/', text.len) : NULL;
    size_t at = mark ? (size_t)(mark - text.ptr) : 0;
    if (mark)
        return ad_str_to_i64(ad_str_slice(text, 0, at), &num) &&
               ad_str_to_i64(ad_str_slice(text, at + 1, text.len), &den) &&
               set_rate(num, den, ret);
    mark = text.len ? memchr(text.ptr, '.', text.len) : NULL;
    at = mark ? (size_t)(mark - text.ptr) : 0;
    if (mark)
        return set_decimal(ad_str_slice(text, 0, at), ad_str_slice(text, at + 1, text.len),
                           ret);
    return ad_str_to_i64(text, &num) && set_rate(num, 1, ret);
}

static enum artdag_err read_rate(struct ad_recipe_reader *r, const struct ad_value *value)
{
    struct ad_recipe_format *format = &r->recipe->format;
    bool scalar = value->kind == AD_VALUE_INT || value->kind == AD_VALUE_DOUBLE ||
                  value->kind == AD_VALUE_STRING;
    struct ad_str text = value->kind == AD_VALUE_STRING ? value->string : value->text;
    if (!scalar || !parse_rate(text, format)) {
        enum artdag_err rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                                          "format.fps cannot be \"%.*s\"", AD_STR_ARG(text));
        ad_error_hint(r->err, "write 24, 12.5, 29.97 or \"30000/1001\"");
        return ad_reader_at(r, value->line, value->column, rc);
    }
    return ARTDAG_OK;
}

static enum artdag_err read_number(struct ad_recipe_reader *r, const struct ad_value *value,
                                   const char *key, int64_t *ret)
{
    if (value->kind == AD_VALUE_INT) {
        *ret = value->integer;
        return ARTDAG_OK;
    }
    enum artdag_err rc =
        ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "format.%s is a whole number, not a %s",
                     key, ad_value_kind_name(value->kind));
    return ad_reader_at(r, value->line, value->column, rc);
}

/* Reads one key into the recipe's format and into `check`, which then holds this one thing from outside. */
static enum artdag_err read_key(struct ad_recipe_reader *r, struct ad_str key,
                                const struct ad_value *value, struct ad_format *check)
{
    struct ad_recipe_format *format = &r->recipe->format;
    enum artdag_err rc = ARTDAG_OK;
    if (ad_str_is(key, "width")) {
        rc = read_number(r, value, "width", &format->width);
        check->width = format->width;
    } else if (ad_str_is(key, "height")) {
        rc = read_number(r, value, "height", &format->height);
        check->height = format->height;
    } else if (ad_str_is(key, "sample_rate")) {
        rc = read_number(r, value, "sample_rate", &format->sample_rate);
        check->sample_rate = format->sample_rate;
    } else if (ad_str_is(key, "channels")) {
        rc = read_number(r, value, "channels", &format->channels);
        check->channels = format->channels;
    } else if (ad_str_is(key, "fps")) {
        rc = read_rate(r, value);
        check->fps_num = format->fps_num;
        check->fps_den = format->fps_den;
    } else {
        struct ad_str name = {0};
        rc = ad_reader_name(r, value, "format.pixel_format", &name);
        format->pixel_format = ad_arena_strdup(&r->recipe->arena, name);
        check->pixel_format = format->pixel_format;
        if (!format->pixel_format)
            rc = ad_error_nomem(r->err, ROOM);
    }
    return rc;
}

enum artdag_err ad_reader_format(struct ad_recipe_reader *r, const struct ad_value *value)
{
    if (!value)
        return ARTDAG_OK;
    enum artdag_err rc = ad_reader_keys(r, value, format_keys, "format");
    for (size_t i = 0; rc == ARTDAG_OK && i < value->map.len; i++) {
        const struct ad_member *m = &value->map.items[i];
        struct ad_format check = fair;
        rc = read_key(r, m->key, m->value, &check);
        if (rc == ARTDAG_OK) {
            rc = ad_format_check(&check, r->err);
            if (rc == ARTDAG_E_INVAL && r->err)
                r->err->code = ARTDAG_E_FORMAT;
            if (rc == ARTDAG_E_INVAL)
                rc = ARTDAG_E_FORMAT;
            ad_reader_at(r, m->value->line, m->value->column, rc);
        }
    }
    if (rc == ARTDAG_OK && !r->recipe->format.width != !r->recipe->format.height) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "format has a %s and no %s",
                          r->recipe->format.width ? "width" : "height",
                          r->recipe->format.width ? "height" : "width");
        ad_reader_at(r, value->line, value->column, rc);
    }
    return rc;
}
