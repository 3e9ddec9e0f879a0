/* SPDX-License-Identifier: MIT
 *
 * The text libraries: they are libavfilter's, and only looked at here.
 */
#include <dlfcn.h>
#include <ft2build.h>
#include <string.h>
#include FT_FREETYPE_H

#include "media/files.h"

#define ROOM "media"

enum artdag_err ad_font_check(const struct ad_files *files, size_t i, artdag_error *err)
{
    char path[AD_FILE_PATH_MAX];
    FT_Library library = NULL;
    FT_Face face = NULL;
    if (FT_Init_FreeType(&library)) {
        return ad_error_nomem(err, ROOM);
    }
    ad_files_path(files, i, path);
    bool usable = FT_New_Face(library, path, 0, &face) == 0 && FT_IS_SCALABLE(face) &&
                  FT_Select_Charmap(face, FT_ENCODING_UNICODE) == 0;
    if (face) {
        (void)FT_Done_Face(face);
    }
    (void)FT_Done_FreeType(library);
    if (usable) {
        return ARTDAG_OK;
    }
    (void)ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "the file is no font that can be used");
    ad_error_hint(err, "it takes a scalable font with Unicode characters: TTF, OTF, TTC");
    return ARTDAG_E_MEDIA;
}

/* fribidi says more than its version, over several lines: "fribidi) 1.0.8\n...". */
static void add_word(struct ad_buf *buf, const char *name, const char *text)
{
    size_t from = strcspn(text, "0123456789");
    size_t len = strspn(text + from, "0123456789.");
    (void)ad_buf_printf(buf, "%s %.*s, ", name, (int)len, text + from);
}

void ad_font_toolchain(struct ad_buf *buf)
{
    FT_Library library = NULL;
    int v[3] = {0};
    if (FT_Init_FreeType(&library) == 0) {
        FT_Library_Version(library, &v[0], &v[1], &v[2]);
        (void)FT_Done_FreeType(library);
        (void)ad_buf_printf(buf, "freetype %d.%d.%d, ", v[0], v[1], v[2]);
    }
    const char *const *fribidi = dlsym(RTLD_DEFAULT, "fribidi_version_info");
    if (fribidi && *fribidi) {
        add_word(buf, "fribidi", *fribidi);
    }
    const char *(*harfbuzz)(void) = NULL;
    void *symbol = dlsym(RTLD_DEFAULT, "hb_version_string");
    memcpy(&harfbuzz, &symbol,
           sizeof(harfbuzz)); /* ISO C has no cast from object to function */
    if (harfbuzz) {
        add_word(buf, "harfbuzz", harfbuzz());
    }
}
