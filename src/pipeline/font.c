/* SPDX-License-Identifier: MIT
 *
 * The system's font: a short list of places, so that no catalogue of fonts has a say in what is found.
 */
#include "pipeline/site.h"

#define ROOM "pipeline"

static const char *const places[] = {
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf",
    "/usr/share/fonts/liberation-sans/LiberationSans-Regular.ttf",
    "/usr/share/fonts/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/freefont/FreeSans.ttf",
};

enum artdag_err ad_register_font(struct ad_site *site, struct ad_cid *ret, artdag_error *err)
{
    const char *found = site->font;
    for (size_t i = 0; !found && i < sizeof(places) / sizeof(places[0]); i++)
        if (ad_fs_exists(places[i]))
            found = places[i];
    if (!found)
        return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the system has no font");
    enum artdag_err rc = ad_register_file(site, found, ret, err);
    return rc == ARTDAG_OK ? rc : ad_error_prefix(err, rc, "the font %s", found);
}
