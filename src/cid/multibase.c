/* SPDX-License-Identifier: MIT
 *
 * Bytes as text. Bases that are powers of two (16, 32, 64) take bits off the front, without
 * padding; bases 36 and 58 treat the bytes as one big number and keep leading zero bytes as
 * leading zero digits.
 */
#include "cid/multibase.h"

#include <string.h>

#include "cid/cid.h"

/* Big-number conversion is quadratic, so hostile text must not be long. The longest CID
 * needs 283 digits. */
#define RADIX_TEXT_MAX 1024

#define ALPHABET_16 "0123456789abcdef"
#define ALPHABET_16_UPPER "0123456789ABCDEF"
#define ALPHABET_32 "abcdefghijklmnopqrstuvwxyz234567"
#define ALPHABET_32_UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#define ALPHABET_36 "0123456789abcdefghijklmnopqrstuvwxyz"
#define ALPHABET_36_UPPER "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ALPHABET_58 "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
#define ALPHABET_64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

struct base {
    char prefix;
    unsigned bits;  /* per digit, 0 for big-number bases */
    unsigned radix; /* digits in the alphabet */
    const char *alphabet;
};

static const struct base bases[] = {
    {'b', 5, 32, ALPHABET_32},       {'B', 5, 32, ALPHABET_32_UPPER}, {'k', 0, 36, ALPHABET_36},
    {'K', 0, 36, ALPHABET_36_UPPER}, {'z', 0, 58, ALPHABET_58},       {'f', 4, 16, ALPHABET_16},
    {'F', 4, 16, ALPHABET_16_UPPER}, {'u', 6, 64, ALPHABET_64},
};

static const struct base *find_base(char prefix)
{
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        if (bases[i].prefix == prefix)
            return &bases[i];
    }
    return NULL;
}

static int digit_value(const char *alphabet, char digit)
{
    const char *at = digit ? strchr(alphabet, digit) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

static size_t encode_bits(const struct base *base, const uint8_t *data, size_t len, char *out)
{
    uint32_t held = 0;
    unsigned held_bits = 0;
    uint32_t mask = (1u << base->bits) - 1;
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        held = (held << 8) | data[i];
        held_bits += 8;
        while (held_bits >= base->bits) {
            held_bits -= base->bits;
            out[n++] = base->alphabet[(held >> held_bits) & mask];
        }
        held &= (1u << (held_bits & 7)) - 1;
    }
    if (held_bits)
        out[n++] = base->alphabet[(held << (base->bits - held_bits)) & mask];
    return n;
}

static bool decode_bits(const struct base *base, struct ad_str digits, struct ad_buf *buf)
{
    uint32_t held = 0;
    unsigned held_bits = 0;
    for (size_t i = 0; i < digits.len; i++) {
        int value = digit_value(base->alphabet, digits.ptr[i]);
        if (value < 0)
            return false;
        held = (held << base->bits) | (uint32_t)value;
        held_bits += base->bits;
        if (held_bits >= 8) {
            held_bits -= 8;
            (void)ad_buf_byte(buf, (uint8_t)(held >> held_bits));
        }
        held &= (1u << (held_bits & 7)) - 1;
    }
    /* What is left over is padding: less than one digit, and zero. */
    return held_bits < base->bits && held == 0;
}

/* Rewrites `count` digits of radix `from`, most significant first, as digits of radix `to`,
 * least significant first. Returns how many; out has room for every result (cap is checked
 * by the callers' choice of size). */
static size_t convert_radix(const uint8_t *digits, size_t count, unsigned from, unsigned to,
                            uint8_t *out, size_t cap)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned carry = digits[i];
        for (size_t k = 0; k < used || (carry && k < cap); k++) {
            if (k == used)
                out[used++] = 0;
            carry += out[k] * from;
            out[k] = (uint8_t)(carry % to);
            carry = carry / to;
        }
    }
    return used;
}

static size_t count_leading(const uint8_t *data, size_t len)
{
    size_t zeros = 0;
    while (zeros < len && data[zeros] == 0)
        zeros++;
    return zeros;
}

static size_t encode_radix(const struct base *base, const uint8_t *data, size_t len, char *out)
{
    uint8_t digits[RADIX_TEXT_MAX];
    size_t zeros = count_leading(data, len);
    size_t used =
        convert_radix(data + zeros, len - zeros, 256, base->radix, digits, sizeof(digits));
    size_t n = 0;
    while (n < zeros)
        out[n++] = base->alphabet[0];
    for (size_t i = used; i > 0; i--)
        out[n++] = base->alphabet[digits[i - 1]];
    return n;
}

static bool decode_radix(const struct base *base, struct ad_str digits, struct ad_buf *buf)
{
    uint8_t values[RADIX_TEXT_MAX] = {0};
    uint8_t out[RADIX_TEXT_MAX];
    if (digits.len > sizeof(values))
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        int value = digit_value(base->alphabet, digits.ptr[i]);
        if (value < 0)
            return false;
        values[i] = (uint8_t)value;
    }
    size_t zeros = count_leading(values, digits.len);
    size_t used =
        convert_radix(values + zeros, digits.len - zeros, base->radix, 256, out, sizeof(out));
    for (size_t i = 0; i < zeros; i++)
        (void)ad_buf_byte(buf, 0);
    for (size_t i = used; i > 0; i--)
        (void)ad_buf_byte(buf, out[i - 1]);
    return true;
}

/* An upper bound; base 36 takes 1.55 digits a byte, base 58 1.37. */
static size_t encoded_max(const struct base *base, size_t len)
{
    return base->bits ? (len * 8 + base->bits - 1) / base->bits : len * 2;
}

size_t ad_base_encode(char prefix, const uint8_t *data, size_t len, char *out)
{
    const struct base *base = find_base(prefix);
    if (!base)
        return 0;
    return base->bits ? encode_bits(base, data, len, out) : encode_radix(base, data, len, out);
}

enum artdag_err ad_base_decode(char prefix, struct ad_str digits, struct ad_buf *buf,
                               artdag_error *err)
{
    const struct base *base = find_base(prefix);
    if (!base)
        return ad_error_set(err, ARTDAG_E_FORMAT, "cid", "unknown multibase prefix in \"%.*s\"",
                            (int)(digits.len < 80 ? digits.len : 80), digits.ptr);
    bool good = base->bits ? decode_bits(base, digits, buf) : decode_radix(base, digits, buf);
    if (!good)
        return ad_error_set(err, ARTDAG_E_FORMAT, "cid", "\"%.*s\" is not valid base%u",
                            (int)(digits.len < 80 ? digits.len : 80), digits.ptr, base->radix);
    if (ad_buf_status(buf) != ARTDAG_OK)
        return ad_error_set(err, ad_buf_status(buf), "cid", "multibase text is too long");
    return ARTDAG_OK;
}

enum artdag_err ad_multibase_encode(char base, const uint8_t *data, size_t len,
                                    struct ad_buf *buf)
{
    const struct base *found = find_base(base);
    if (!found)
        return ARTDAG_E_INVAL;
    if (len > (found->bits ? SIZE_MAX / 16 : RADIX_TEXT_MAX / 2))
        return ARTDAG_E_LIMIT;
    char *text = ad_alloc(encoded_max(found, len) + 1);
    if (!text)
        return ARTDAG_E_NOMEM;
    text[0] = base;
    enum artdag_err rc =
        ad_buf_append(buf, text, 1 + ad_base_encode(base, data, len, text + 1));
    free(text);
    return rc;
}

enum artdag_err ad_multibase_decode(struct ad_str text, struct ad_buf *buf, artdag_error *err)
{
    if (text.len == 0)
        return ad_error_set(err, ARTDAG_E_FORMAT, "cid", "empty multibase text");
    return ad_base_decode(text.ptr[0], ad_str_slice(text, 1, text.len), buf, err);
}

void ad_hex_format(const uint8_t *data, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = ALPHABET_16[data[i] >> 4];
        out[2 * i + 1] = ALPHABET_16[data[i] & 15];
    }
    out[2 * len] = '\0';
}

static int hex_value(char c)
{
    int value = digit_value(ALPHABET_16, c);
    return value >= 0 ? value : digit_value(ALPHABET_16_UPPER, c);
}

bool ad_hex_parse(struct ad_str text, uint8_t *ret, size_t len)
{
    if (text.len != 2 * len)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (hex_value(text.ptr[i]) < 0)
            return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned high = (unsigned)hex_value(text.ptr[2 * i]);
        unsigned low = (unsigned)hex_value(text.ptr[2 * i + 1]);
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
