/* SPDX-License-Identifier: MIT
 *
 * The text libraries, for the toolchain.
 */
#include <dlfcn.h>
#include <ft2build.h>
#include <string.h>
#include FT_FREETYPE_H
#include <hb.h>

#include "media/files.h"

void ad_font_toolchain(struct ad_buf *buf)
{
    FT_Library library = NULL;
    int v[3] = {0};
    if (FT_Init_FreeType(&library) == 0) {
        FT_Library_Version(library, &v[0], &v[1], &v[2]);
        (void)FT_Done_FreeType(library);
    }
    (void)ad_buf_printf(buf, "freetype %d.%d.%d, harfbuzz %s, ", v[0], v[1], v[2],
                        hb_version_string());
}
