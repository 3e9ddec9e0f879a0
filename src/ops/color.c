/* SPDX-License-Identifier: MIT
 *
 * Colours: CSS names and "#rrggbb[aa]", and their BT.709 code values.
 */
#include <stdio.h>
#include <string.h>

#include "ops/op.h"

/* CSS names, sorted, and their values in the same order. */
/* clang-format off */
static const char *const names[] = {
    "aliceblue", "antiquewhite", "aqua", "aquamarine", "azure", "beige", "bisque", "black",
    "blanchedalmond", "blue", "blueviolet", "brown", "burlywood", "cadetblue", "chartreuse",
    "chocolate", "coral", "cornflowerblue", "cornsilk", "crimson", "cyan", "darkblue",
    "darkcyan", "darkgoldenrod", "darkgray", "darkgreen", "darkgrey", "darkkhaki",
    "darkmagenta", "darkolivegreen", "darkorange", "darkorchid", "darkred", "darksalmon",
    "darkseagreen", "darkslateblue", "darkslategray", "darkslategrey", "darkturquoise",
    "darkviolet", "deeppink", "deepskyblue", "dimgray", "dimgrey", "dodgerblue", "firebrick",
    "floralwhite", "forestgreen", "fuchsia", "gainsboro", "ghostwhite", "gold", "goldenrod",
    "gray", "green", "greenyellow", "grey", "honeydew", "hotpink", "indianred", "indigo",
    "ivory", "khaki", "lavender", "lavenderblush", "lawngreen", "lemonchiffon", "lightblue",
    "lightcoral", "lightcyan", "lightgoldenrodyellow", "lightgray", "lightgreen", "lightgrey",
    "lightpink", "lightsalmon", "lightseagreen", "lightskyblue", "lightslategray",
    "lightslategrey", "lightsteelblue", "lightyellow", "lime", "limegreen", "linen",
    "magenta", "maroon", "mediumaquamarine", "mediumblue", "mediumorchid", "mediumpurple",
    "mediumseagreen", "mediumslateblue", "mediumspringgreen", "mediumturquoise",
    "mediumvioletred", "midnightblue", "mintcream", "mistyrose", "moccasin", "navajowhite",
    "navy", "oldlace", "olive", "olivedrab", "orange", "orangered", "orchid", "palegoldenrod",
    "palegreen", "paleturquoise", "palevioletred", "papayawhip", "peachpuff", "peru", "pink",
    "plum", "powderblue", "purple", "red", "rosybrown", "royalblue", "saddlebrown", "salmon",
    "sandybrown", "seagreen", "seashell", "sienna", "silver", "skyblue", "slateblue",
    "slategray", "slategrey", "snow", "springgreen", "steelblue", "tan", "teal", "thistle",
    "tomato", "turquoise", "violet", "wheat", "white", "whitesmoke", "yellow", "yellowgreen",
    NULL,
};

static const uint32_t values[] = {
    0xf0f8ff, 0xfaebd7, 0x00ffff, 0x7fffd4, 0xf0ffff, 0xf5f5dc, 0xffe4c4, 0x000000, 0xffebcd,
    0x0000ff, 0x8a2be2, 0xa52a2a, 0xdeb887, 0x5f9ea0, 0x7fff00, 0xd2691e, 0xff7f50, 0x6495ed,
    0xfff8dc, 0xdc143c, 0x00ffff, 0x00008b, 0x008b8b, 0xb8860b, 0xa9a9a9, 0x006400, 0xa9a9a9,
    0xbdb76b, 0x8b008b, 0x556b2f, 0xff8c00, 0x9932cc, 0x8b0000, 0xe9967a, 0x8fbc8f, 0x483d8b,
    0x2f4f4f, 0x2f4f4f, 0x00ced1, 0x9400d3, 0xff1493, 0x00bfff, 0x696969, 0x696969, 0x1e90ff,
    0xb22222, 0xfffaf0, 0x228b22, 0xff00ff, 0xdcdcdc, 0xf8f8ff, 0xffd700, 0xdaa520, 0x808080,
    0x008000, 0xadff2f, 0x808080, 0xf0fff0, 0xff69b4, 0xcd5c5c, 0x4b0082, 0xfffff0, 0xf0e68c,
    0xe6e6fa, 0xfff0f5, 0x7cfc00, 0xfffacd, 0xadd8e6, 0xf08080, 0xe0ffff, 0xfafad2, 0xd3d3d3,
    0x90ee90, 0xd3d3d3, 0xffb6c1, 0xffa07a, 0x20b2aa, 0x87cefa, 0x778899, 0x778899, 0xb0c4de,
    0xffffe0, 0x00ff00, 0x32cd32, 0xfaf0e6, 0xff00ff, 0x800000, 0x66cdaa, 0x0000cd, 0xba55d3,
    0x9370d8, 0x3cb371, 0x7b68ee, 0x00fa9a, 0x48d1cc, 0xc71585, 0x191970, 0xf5fffa, 0xffe4e1,
    0xffe4b5, 0xffdead, 0x000080, 0xfdf5e6, 0x808000, 0x6b8e23, 0xffa500, 0xff4500, 0xda70d6,
    0xeee8aa, 0x98fb98, 0xafeeee, 0xd87093, 0xffefd5, 0xffdab9, 0xcd853f, 0xffc0cb, 0xdda0dd,
    0xb0e0e6, 0x800080, 0xff0000, 0xbc8f8f, 0x4169e1, 0x8b4513, 0xfa8072, 0xf4a460, 0x2e8b57,
    0xfff5ee, 0xa0522d, 0xc0c0c0, 0x87ceeb, 0x6a5acd, 0x708090, 0x708090, 0xfffafa, 0x00ff7f,
    0x4682b4, 0xd2b48c, 0x008080, 0xd8bfd8, 0xff6347, 0x40e0d0, 0xee82ee, 0xf5deb3, 0xffffff,
    0xf5f5f5, 0xffff00, 0x9acd32,
};
/* clang-format on */

const char *const *ad_color_names(void)
{
    return names;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool parse_hex(struct ad_str text, char ret[10])
{
    if (text.len != 7 && text.len != 9)
        return false;
    char out[10] = "#";
    for (size_t i = 1; i < text.len; i++) {
        out[i] = lower(text.ptr[i]);
        if (!strchr("0123456789abcdef", out[i]) || !out[i])
            return false;
    }
    /* An opaque colour has one spelling. */
    if (text.len == 9 && strcmp(out + 7, "ff") == 0)
        out[7] = 0;
    memcpy(ret, out, sizeof(out));
    return true;
}

bool ad_color_parse(struct ad_str text, char ret[10])
{
    char name[32];
    if (!text.len || text.len >= sizeof(name))
        return false;
    if (text.ptr[0] == '#')
        return parse_hex(text, ret);
    for (size_t i = 0; i < text.len; i++)
        name[i] = lower(text.ptr[i]);
    name[text.len] = 0;
    if (strcmp(name, "transparent") == 0) {
        memcpy(ret, "#00000000", 10);
        return true;
    }
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(names[i], name) == 0) {
            (void)snprintf(ret, 10, "#%06x", (unsigned)values[i]);
            return true;
        }
    }
    return false;
}

/* 2^(depth - 8) * (base + scale * num / den), rounded half up; the result is never negative. */
static int64_t code(int depth, int64_t base, int64_t scale, int64_t num, int64_t den)
{
    int64_t n = (base * den + scale * num) * (INT64_C(1) << (depth - 8));
    return (2 * n + den) / (2 * den);
}

/* The byte in two hex digits of a canonical colour. */
static int64_t hex_byte(const char *digits)
{
    static const char hex[] = "0123456789abcdef";
    int64_t byte = 0;
    for (int i = 0; i < 2; i++) {
        const char *at = digits[i] ? strchr(hex, digits[i]) : NULL;
        byte = byte * 16 + (at ? at - hex : 0);
    }
    return byte;
}

struct ad_color_yuv ad_color_to_yuv(const char *color, int depth)
{
    size_t len = strlen(color);
    bool known = len == 7 || len == 9;
    int64_t r = known ? hex_byte(color + 1) : 0;
    int64_t g = known ? hex_byte(color + 3) : 0;
    int64_t b = known ? hex_byte(color + 5) : 0;
    int64_t a = len == 9 ? hex_byte(color + 7) : 255;
    /* Luma times 10000 * 255, and the two chroma scales 1.8556 and 1.5748 times the same. */
    int64_t luma = 2126 * r + 7152 * g + 722 * b;
    return (struct ad_color_yuv){
        .y = code(depth, 16, 219, luma, 2550000),
        .u = code(depth, 128, 224, 10000 * b - luma, 4731780),
        .v = code(depth, 128, 224, 10000 * r - luma, 4015740),
        .alpha = a,
    };
}
