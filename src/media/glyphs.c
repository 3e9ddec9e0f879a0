/* SPDX-License-Identifier: MIT */
#include "media/glyphs.h"

#include <ft2build.h>
#include <stdlib.h>
#include FT_FREETYPE_H
#include FT_GLYPH_H
#include FT_STROKER_H
#include <hb-ft.h>
#include <hb.h>

#define ROOM "media"
#define LOAD_FLAGS (FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP)
#define ONE 64

struct ad_glyphs {
    FT_Library library;
    FT_Face face;
    FT_Stroker stroker;
    hb_font_t *font;
    hb_buffer_t *buffer;
};

static enum artdag_err no_font(artdag_error *err)
{
    (void)ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "the file is no font that can be used");
    ad_error_hint(err, "it takes a scalable font with Unicode characters: TTF, OTF, TTC");
    return ARTDAG_E_MEDIA;
}

static enum artdag_err open_face(struct ad_glyphs *g, const struct ad_files *files, size_t file,
                                 int64_t size, artdag_error *err)
{
    char path[AD_FILE_PATH_MAX];
    if (FT_Init_FreeType(&g->library)) {
        return ad_error_nomem(err, ROOM);
    }
    ad_files_path(files, file, path);
    if (FT_New_Face(g->library, path, 0, &g->face) || !FT_IS_SCALABLE(g->face) ||
        FT_Select_Charmap(g->face, FT_ENCODING_UNICODE) ||
        FT_Set_Char_Size(g->face, 0, (FT_F26Dot6)size, 72, 72)) {
        return no_font(err);
    }
    if (FT_Stroker_New(g->library, &g->stroker)) {
        return ad_error_nomem(err, ROOM);
    }
    g->font = hb_ft_font_create_referenced(g->face);
    g->buffer = hb_buffer_create();
    hb_ft_font_set_load_flags(g->font, LOAD_FLAGS);
    return hb_buffer_allocation_successful(g->buffer) ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

enum artdag_err ad_glyphs_open(const struct ad_files *files, size_t file, int64_t size,
                               struct ad_glyphs **ret, artdag_error *err)
{
    struct ad_glyphs *g = ad_alloc(sizeof(*g));
    if (!g) {
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = open_face(g, files, file, size, err);
    if (rc != ARTDAG_OK) {
        ad_glyphs_close(g);
        return rc;
    }
    *ret = g;
    return ARTDAG_OK;
}

void ad_glyphs_close(struct ad_glyphs *g)
{
    if (!g) {
        return;
    }
    hb_buffer_destroy(g->buffer);
    hb_font_destroy(g->font);
    if (g->stroker) {
        FT_Stroker_Done(g->stroker);
    }
    if (g->face) {
        (void)FT_Done_Face(g->face);
    }
    if (g->library) {
        (void)FT_Done_FreeType(g->library);
    }
    free(g);
}

int64_t ad_glyphs_ascent(const struct ad_glyphs *g)
{
    return g->face->size->metrics.ascender;
}

int64_t ad_glyphs_descent(const struct ad_glyphs *g)
{
    return -(int64_t)g->face->size->metrics.descender;
}

/* ---- shaping ---- */

static enum artdag_err shape(struct ad_glyphs *g, struct ad_str line, artdag_error *err)
{
    hb_buffer_clear_contents(g->buffer);
    hb_buffer_add_utf8(g->buffer, line.ptr, (int)line.len, 0, (int)line.len);
    /* Not the process's locale: letters say what script they are of. */
    hb_buffer_guess_segment_properties(g->buffer);
    hb_buffer_set_language(g->buffer, hb_language_from_string("en", -1));
    hb_shape(g->font, g->buffer, NULL, 0);
    return hb_buffer_allocation_successful(g->buffer) ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

enum artdag_err ad_glyphs_width(struct ad_glyphs *g, struct ad_str line, int64_t *ret,
                                artdag_error *err)
{
    unsigned count = 0;
    int64_t width = 0;
    enum artdag_err rc = shape(g, line, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    const hb_glyph_position_t *at = hb_buffer_get_glyph_positions(g->buffer, &count);
    for (unsigned i = 0; i < count; i++) {
        width += at[i].x_advance;
    }
    *ret = width;
    return ARTDAG_OK;
}

/* ---- drawing ---- */

static uint8_t add_cover(uint8_t a, uint8_t b)
{
    return (uint8_t)(255 - ((255 - a) * (255 - b) + 127) / 255);
}

static void blit(const FT_BitmapGlyph glyph, int64_t x, int64_t y, const struct ad_cover *cover)
{
    const FT_Bitmap *bitmap = &glyph->bitmap;
    for (int64_t row = 0; row < (int64_t)bitmap->rows; row++) {
        int64_t to_row = y - glyph->top + row;
        if (to_row < 0 || to_row >= cover->height) {
            continue;
        }
        const uint8_t *from = bitmap->buffer + row * bitmap->pitch;
        uint8_t *to = cover->rows + to_row * cover->width;
        for (int64_t column = 0; column < (int64_t)bitmap->width; column++) {
            int64_t to_column = x + glyph->left + column;
            if (to_column >= 0 && to_column < cover->width) {
                to[to_column] = add_cover(to[to_column], from[column]);
            }
        }
    }
}

static int64_t floor_pixel(int64_t n)
{
    return n >= 0 ? n / ONE : -((ONE - 1 - n) / ONE);
}

/* One glyph with its origin at x, y. */
static enum artdag_err draw_glyph(struct ad_glyphs *g, hb_codepoint_t id, int64_t x, int64_t y,
                                  bool outline, const struct ad_cover *cover, artdag_error *err)
{
    FT_Glyph glyph = NULL;
    int64_t column = floor_pixel(x);
    int64_t row = floor_pixel(y);
    FT_Vector rest = {(FT_Pos)(x - column * ONE), -(FT_Pos)(y - row * ONE)};
    if (FT_Load_Glyph(g->face, id, LOAD_FLAGS) || FT_Get_Glyph(g->face->glyph, &glyph)) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "the font has a broken letter");
    }
    bool ok = (!outline || !FT_Glyph_StrokeBorder(&glyph, g->stroker, 0, 1)) &&
              !FT_Glyph_To_Bitmap(&glyph, FT_RENDER_MODE_NORMAL, &rest, 1);
    if (ok) {
        blit((FT_BitmapGlyph)(void *)glyph, column, row, cover);
    }
    FT_Done_Glyph(glyph);
    return ok ? ARTDAG_OK
              : ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "a letter of the font cannot be drawn");
}

enum artdag_err ad_glyphs_draw(struct ad_glyphs *g, struct ad_str line, int64_t x, int64_t y,
                               int64_t outline, const struct ad_cover *cover, artdag_error *err)
{
    unsigned count = 0;
    enum artdag_err rc = shape(g, line, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    if (outline > 0) {
        FT_Stroker_Set(g->stroker, outline, FT_STROKER_LINECAP_ROUND, FT_STROKER_LINEJOIN_ROUND,
                       0);
    }
    const hb_glyph_info_t *info = hb_buffer_get_glyph_infos(g->buffer, NULL);
    const hb_glyph_position_t *at = hb_buffer_get_glyph_positions(g->buffer, &count);
    for (unsigned i = 0; rc == ARTDAG_OK && i < count; i++) {
        rc = draw_glyph(g, info[i].codepoint, x + at[i].x_offset, y - at[i].y_offset,
                        outline > 0, cover, err);
        x += at[i].x_advance;
        y -= at[i].y_advance;
    }
    return rc;
}

/* How much of pixel n lies within [from, to), in 1/64. */
static int64_t share(int64_t n, int64_t from, int64_t to)
{
    int64_t left = from > n * ONE ? from : n * ONE;
    int64_t right = to < (n + 1) * ONE ? to : (n + 1) * ONE;
    return right > left ? right - left : 0;
}

void ad_cover_box(const struct ad_cover *cover, int64_t left, int64_t top, int64_t right,
                  int64_t bottom)
{
    for (int64_t row = 0; row < cover->height; row++) {
        int64_t high = share(row, top, bottom);
        if (!high) {
            continue;
        }
        for (int64_t column = 0; column < cover->width; column++) {
            int64_t part = high * share(column, left, right);
            uint8_t *to = &cover->rows[row * cover->width + column];
            *to = add_cover(*to, (uint8_t)((part * 255 + ONE * ONE / 2) / (ONE * ONE)));
        }
    }
}
