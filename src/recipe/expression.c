/* SPDX-License-Identifier: MIT
 *
 * A recursive descent over at most 1024 bytes, reckoning as it reads:
 *
 *     sum       product { ("+" | "-") product }
 *     product   unary { ("*" | "/" | "%") unary }
 *     unary     { "-" } primary
 *     primary   NUMBER | NAME [ "." FIELD ] | FUNCTION "(" sum { "," sum } ")" | "(" sum ")"
 *               | "if" "(" condition "," sum "," sum ")"
 *     condition sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
 *
 * Names may hold "-", so a minus between names stands between spaces.
 */
#include "recipe/expression.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ROOM "recipe"
#define TEXT_MAX 1024U
#define DEPTH_MAX 64U
#define ARGS_MAX 16U

struct parser {
    struct ad_str text;
    size_t at;
    unsigned depth;
    unsigned skipped; /* inside of branches that are not taken */
    const struct ad_expression_names *names;
    const struct ad_value *value;
    const char *file;
    artdag_error *err;
};

/* ---- numbers ---- */

static __int128 greatest_divisor(__int128 a, __int128 b)
{
    while (b) {
        __int128 rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

bool ad_number_make(__int128 num, __int128 den, struct ad_number *ret)
{
    if (den == 0)
        return false;
    __int128 divisor = greatest_divisor(num, den);
    num /= divisor;
    den /= divisor;
    if (den < 0) {
        num = -num;
        den = -den;
    }
    if (num > INT64_MAX || num < -INT64_MAX || den > INT64_MAX)
        return false;
    *ret = (struct ad_number){(int64_t)num, (int64_t)den};
    return true;
}

/* Appends a digit; false when the number leaves what 18 digits hold. */
static bool add_digit(__int128 *n, char c)
{
    *n = *n * 10 + (c - '0');
    return *n < (__int128)1000000000000000000;
}

static __int128 power_of_ten(int64_t n)
{
    __int128 p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

/* Digits with at most one point; *ret_end is where they end. False: none, or too many. */
static bool parse_digits(struct ad_str text, size_t at, __int128 *ret, int64_t *ret_exponent,
                         size_t *ret_end)
{
    size_t digits = 0;
    bool point = false;
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        if (!add_digit(ret, c))
            return false;
        *ret_exponent -= point;
        digits++;
    }
    *ret_end = at;
    return digits > 0;
}

/* "e-3" to the end of the text. */
static bool parse_exponent(struct ad_str text, size_t at, int64_t *exponent)
{
    int64_t written = 0;
    if (at == text.len)
        return true;
    if (text.ptr[at] != 'e' && text.ptr[at] != 'E')
        return false;
    at += at + 1 < text.len && text.ptr[at + 1] == '+' ? 2 : 1;
    if (!ad_str_to_i64(ad_str_slice(text, at, text.len), &written) || written > 18 ||
        written < -18)
        return false;
    *exponent += written;
    return true;
}

bool ad_number_parse(struct ad_str text, struct ad_number *ret)
{
    __int128 n = 0;
    int64_t exponent = 0;
    size_t end = 0;
    bool negative = text.len && text.ptr[0] == '-';
    if (!parse_digits(text, negative, &n, &exponent, &end) ||
        !parse_exponent(text, end, &exponent) || exponent < -18 || exponent > 18)
        return false;
    n = negative ? -n : n;
    return exponent < 0 ? ad_number_make(n, power_of_ten(-exponent), ret)
                        : ad_number_make(n * power_of_ten(exponent), 1, ret);
}

struct ad_value *ad_number_value(struct ad_arena *arena, struct ad_number number)
{
    if (number.den == 1)
        return ad_value_new_int(arena, number.num);
    struct ad_value *value =
        ad_value_new_double(arena, (double)number.num / (double)number.den);
    const char *text =
        ad_arena_printf(arena, "%lld/%lld", (long long)number.num, (long long)number.den);
    if (!value || !text)
        return NULL;
    value->plain = true;
    value->text = ad_str_from(text);
    return value;
}

static int compare(struct ad_number a, struct ad_number b)
{
    __int128 left = (__int128)a.num * b.den, right = (__int128)b.num * a.den;
    return left < right ? -1 : left > right;
}

/* Down to a whole number; half: 1 adds one half first. */
static struct ad_number floored(struct ad_number a, int half)
{
    __int128 num = 2 * (__int128)a.num + (__int128)half * a.den, den = 2 * (__int128)a.den;
    __int128 whole = num / den - (num % den < 0);
    return (struct ad_number){(int64_t)whole, 1};
}

/* ---- errors ---- */

static enum artdag_err fail(struct parser *p, size_t at, const char *fmt, ...) AD_PRINTF(3, 4);
static enum artdag_err fail(struct parser *p, size_t at, const char *fmt, ...)
{
    char message[200];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    (void)ad_error_set(p->err, ARTDAG_E_FORMAT, ROOM, "%s", message);
    /* Behind "${", and behind the quote if there is one; escapes may shift it. */
    ad_error_at(p->err, p->file, (int)p->value->line,
                (int)(p->value->column + 2 + at + (p->value->plain ? 0 : 1)));
    return ARTDAG_E_FORMAT;
}

/* ---- words ---- */

static void skip_blanks(struct parser *p)
{
    while (p->at < p->text.len && (p->text.ptr[p->at] == ' ' || p->text.ptr[p->at] == '\t'))
        p->at++;
}

static char peek(struct parser *p)
{
    skip_blanks(p);
    return p->at < p->text.len ? p->text.ptr[p->at] : '\0';
}

static bool take(struct parser *p, char c)
{
    if (peek(p) != c)
        return false;
    p->at++;
    return true;
}

static enum artdag_err expect(struct parser *p, char c)
{
    if (take(p, c))
        return ARTDAG_OK;
    return p->at < p->text.len ? fail(p, p->at, "\"%c\" is missing in the expression", c)
                               : fail(p, p->at, "the expression ends before its \"%c\"", c);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct ad_str read_word(struct parser *p, bool dashes)
{
    size_t from = p->at;
    while (p->at < p->text.len) {
        char c = p->text.ptr[p->at];
        if (!is_letter(c) && !is_digit(c) && !(dashes && c == '-'))
            break;
        p->at++;
    }
    return ad_str_slice(p->text, from, p->at);
}

/* ---- the grammar ---- */

/* The recursion is DEPTH_MAX deep at most. */
/* NOLINTBEGIN(misc-no-recursion) */

static enum artdag_err read_sum(struct parser *p, struct ad_number *ret);

static bool is_idle(const struct parser *p)
{
    return p->names->check || p->skipped;
}

static enum artdag_err reckon(struct parser *p, size_t at, char sign, struct ad_number a,
                              struct ad_number b, struct ad_number *ret)
{
    __int128 an = a.num, ad = a.den, bn = b.num, bd = b.den;
    bool fits = true;
    if (is_idle(p))
        return ARTDAG_OK;
    if ((sign == '/' || sign == '%') && b.num == 0)
        return fail(p, at, "the expression divides by zero");
    if (sign == '*')
        fits = ad_number_make(an * bn, ad * bd, ret);
    else if (sign == '/')
        fits = ad_number_make(an * bd, ad * bn, ret);
    else if (sign == '%') { /* what is left of a after as many whole b as fit, b > 0 */
        struct ad_number quotient = {0, 1};
        fits = ad_number_make(an * bd, ad * bn, &quotient);
        __int128 whole = floored(quotient, 0).num;
        fits = fits && ad_number_make(an * bd - whole * bn * ad, ad * bd, ret);
    } else
        fits =
            ad_number_make(sign == '+' ? an * bd + bn * ad : an * bd - bn * ad, ad * bd, ret);
    return fits ? ARTDAG_OK
                : fail(p, at, "the result is too large or too fine for 64-bit fractions");
}

static enum artdag_err read_number(struct parser *p, struct ad_number *ret)
{
    size_t from = p->at;
    while (p->at < p->text.len && (is_digit(p->text.ptr[p->at]) || p->text.ptr[p->at] == '.'))
        p->at++;
    if (ad_number_parse(ad_str_slice(p->text, from, p->at), ret))
        return ARTDAG_OK;
    return fail(p, from, "\"%.*s\" is not a number", (int)(p->at - from), p->text.ptr + from);
}

/* Signs, and for which order of left and right each holds: less, equal, greater. */
static const struct {
    const char *sign;
    bool holds[3];
} comparisons[] = {
    {"<=", {true, true, false}}, {">=", {false, true, true}}, {"==", {false, true, false}},
    {"!=", {true, false, true}}, {"<", {true, false, false}}, {">", {false, false, true}},
};

static enum artdag_err read_condition(struct parser *p, bool *ret)
{
    struct ad_number left = {0, 1}, right = {0, 1};
    enum artdag_err rc = read_sum(p, &left);
    if (rc != ARTDAG_OK)
        return rc;
    *ret = left.num != 0;
    if (!peek(p) || !strchr("<>=!", peek(p)))
        return ARTDAG_OK;
    size_t i = 0;
    while (i < 6 &&
           !ad_str_starts(ad_str_slice(p->text, p->at, p->text.len), comparisons[i].sign))
        i++;
    if (i == 6)
        return fail(p, p->at, "comparisons are <, <=, >, >=, == and !=");
    p->at += strlen(comparisons[i].sign);
    rc = read_sum(p, &right);
    *ret = comparisons[i].holds[compare(left, right) + 1];
    return rc;
}

/* Only the branch that counts is reckoned, so that it may be guarded against zero. */
static enum artdag_err read_branch(struct parser *p, bool taken, struct ad_number *ret)
{
    struct ad_number value = {0, 1};
    p->skipped += !taken;
    enum artdag_err rc = read_sum(p, &value);
    p->skipped -= !taken;
    if (taken)
        *ret = value;
    return rc;
}

static enum artdag_err read_if(struct parser *p, struct ad_number *ret)
{
    bool yes = false;
    enum artdag_err rc = read_condition(p, &yes);
    if (rc == ARTDAG_OK)
        rc = expect(p, ',');
    if (rc == ARTDAG_OK)
        rc = read_branch(p, yes, ret);
    if (rc == ARTDAG_OK)
        rc = expect(p, ',');
    if (rc == ARTDAG_OK)
        rc = read_branch(p, !yes, ret);
    return rc == ARTDAG_OK ? expect(p, ')') : rc;
}

enum function {
    MIN,
    MAX,
    ABS,
    FLOOR,
    CEIL,
    ROUND,
    CLAMP
};
static const struct {
    const char *name;
    unsigned min, max; /* arguments */
} functions[] = {
    [MIN] = {"min", 1, ARGS_MAX}, [MAX] = {"max", 1, ARGS_MAX}, [ABS] = {"abs", 1, 1},
    [FLOOR] = {"floor", 1, 1},    [CEIL] = {"ceil", 1, 1},      [ROUND] = {"round", 1, 1},
    [CLAMP] = {"clamp", 3, 3},
};

static struct ad_number apply(enum function function, const struct ad_number *args,
                              unsigned count)
{
    struct ad_number a = args[0];
    struct ad_number negative = {-a.num, a.den};
    switch (function) {
    case MIN:
    case MAX:
        for (unsigned i = 1; i < count; i++)
            if ((compare(args[i], a) < 0) == (function == MIN))
                a = args[i];
        return a;
    case ABS:
        return a.num < 0 ? negative : a;
    case FLOOR:
        return floored(a, 0);
    case ROUND: /* halves up */
        return floored(a, 1);
    case CEIL:
        a = floored(negative, 0);
        return (struct ad_number){-a.num, 1};
    default: /* CLAMP: the upper bound wins */
        a = compare(a, args[1]) < 0 ? args[1] : a;
        return compare(a, args[2]) > 0 ? args[2] : a;
    }
}

static enum artdag_err read_call(struct parser *p, struct ad_str name, size_t at,
                                 struct ad_number *ret)
{
    struct ad_number args[ARGS_MAX] = {{0, 1}};
    unsigned count = 0;
    size_t f = 0;
    if (ad_str_is(name, "if"))
        return read_if(p, ret);
    while (f <= CLAMP && !ad_str_is(name, functions[f].name))
        f++;
    if (f > CLAMP)
        return fail(p, at,
                    "there is no function \"%.*s\": min, max, abs, floor, ceil, round, "
                    "clamp and if are known",
                    (int)(name.len > 40 ? 40 : name.len), name.ptr);
    do {
        if (count == functions[f].max)
            return fail(p, p->at, "%s takes at most %u values", functions[f].name, count);
        enum artdag_err rc = read_sum(p, &args[count++]);
        if (rc != ARTDAG_OK)
            return rc;
    } while (take(p, ','));
    if (count < functions[f].min)
        return fail(p, p->at, "%s takes %u values", functions[f].name, functions[f].min);
    *ret = apply((enum function)f, args, count);
    return expect(p, ')');
}

static enum artdag_err read_name(struct parser *p, struct ad_number *ret)
{
    size_t at = p->at;
    struct ad_str field = {"", 0};
    struct ad_str name = read_word(p, false);
    if (peek(p) == '(') {
        p->at++;
        return read_call(p, name, at, ret);
    }
    p->at = at;
    name = read_word(p, true);
    if (p->at < p->text.len && p->text.ptr[p->at] == '.') {
        p->at++;
        field = read_word(p, false);
        if (!field.len)
            return fail(p, p->at, "a name is missing behind the dot");
    }
    enum artdag_err rc = p->names->find(p->names->payload, name, field, ret, p->err);
    if (rc != ARTDAG_OK && p->err && !p->err->line)
        ad_error_at(p->err, p->file, (int)p->value->line,
                    (int)(p->value->column + 2 + at + (p->value->plain ? 0 : 1)));
    return rc;
}

static enum artdag_err read_primary(struct parser *p, struct ad_number *ret)
{
    char c = peek(p);
    if (is_digit(c) || c == '.')
        return read_number(p, ret);
    if (is_letter(c))
        return read_name(p, ret);
    if (c == '(') {
        p->at++;
        enum artdag_err rc = read_sum(p, ret);
        return rc == ARTDAG_OK ? expect(p, ')') : rc;
    }
    return c ? fail(p, p->at, "\"%c\" is not expected here", c)
             : fail(p, p->at, "the expression ends too early");
}

static enum artdag_err read_unary(struct parser *p, struct ad_number *ret)
{
    bool negative = false;
    while (take(p, '-'))
        negative = !negative;
    enum artdag_err rc = read_primary(p, ret);
    if (negative)
        ret->num = -ret->num;
    return rc;
}

static enum artdag_err read_product(struct parser *p, struct ad_number *ret)
{
    enum artdag_err rc = read_unary(p, ret);
    for (char c = peek(p); rc == ARTDAG_OK && (c == '*' || c == '/' || c == '%'); c = peek(p)) {
        struct ad_number right = {0, 1};
        size_t at = p->at++;
        rc = read_unary(p, &right);
        if (rc == ARTDAG_OK)
            rc = reckon(p, at, c, *ret, right, ret);
    }
    return rc;
}

static enum artdag_err read_sum(struct parser *p, struct ad_number *ret)
{
    if (p->depth == DEPTH_MAX)
        return fail(p, p->at, "the expression is nested too deeply");
    p->depth++;
    enum artdag_err rc = read_product(p, ret);
    for (char c = peek(p); rc == ARTDAG_OK && (c == '+' || c == '-'); c = peek(p)) {
        struct ad_number right = {0, 1};
        size_t at = p->at++;
        rc = read_product(p, &right);
        if (rc == ARTDAG_OK)
            rc = reckon(p, at, c, *ret, right, ret);
    }
    p->depth--;
    return rc;
}

/* NOLINTEND(misc-no-recursion) */

bool ad_value_is_expression(const struct ad_value *value, struct ad_str *ret_text)
{
    if (!ad_value_is_reference(value) || ad_value_is_param(value, NULL))
        return false;
    *ret_text = ad_str_slice(value->string, 2, value->string.len - 1);
    return true;
}

enum artdag_err ad_expression_eval(const struct ad_value *value, const char *file,
                                   const struct ad_expression_names *names,
                                   struct ad_number *ret, artdag_error *err)
{
    struct parser p = {.names = names, .value = value, .file = file, .err = err};
    struct ad_number number = {0, 1};
    (void)ad_value_is_expression(value, &p.text);
    if (p.text.len > TEXT_MAX)
        return fail(&p, 0, "the expression is longer than %u bytes", TEXT_MAX);
    enum artdag_err rc = read_sum(&p, &number);
    if (rc == ARTDAG_OK && peek(&p))
        rc = fail(&p, p.at, "\"%c\" is not expected here", peek(&p));
    if (rc == ARTDAG_OK)
        *ret = number;
    return rc;
}
