/* SPDX-License-Identifier: MIT
 *
 * register, for recipes: what a recipe includes by path is stored first, and the recipe with CIDs in place of the paths,
 * so that its own CID stands for everything it says.
 */
#include <stdlib.h>
#include <string.h>

#include "pipeline/site.h"

#define ROOM "pipeline"
#define RECIPE_BYTES_MAX ((size_t)16 << 20)

static bool is_cid(const char *path_or_cid)
{
    return !ad_fs_exists(path_or_cid) && ad_cid_looks_like(ad_str_from(path_or_cid));
}

/* A path is relative to the file it is written in. Below a recipe that came by its CID there are no paths. */
static const char *resolve_path(struct ad_arena *arena, const char *from, const char *ref,
                                artdag_error *err)
{
    const char *slash = from ? strrchr(from, '/') : NULL;
    if (from && is_cid(from)) {
        (void)ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                           "a stored recipe can only include stored recipes");
        ad_error_hint(err, "register the recipe from its file: paths become CIDs");
        return NULL;
    }
    const char *path = ref[0] == '/' || !slash
                           ? ad_arena_strdup(arena, ad_str_from(ref))
                           : ad_arena_printf(arena, "%.*s/%s", (int)(slash - from), from, ref);
    char *real = path ? realpath(path, NULL) : NULL; /* one name for one file */
    const char *name = real ? ad_arena_strdup(arena, ad_str_from(real)) : path;
    free(real);
    if (!name)
        (void)ad_error_nomem(err, ROOM);
    return name;
}

static enum artdag_err load(void *payload, const char *from, const char *ref,
                            struct ad_arena *arena, const char **ret_file,
                            struct ad_str *ret_text, artdag_error *err)
{
    struct ad_site *site = payload;
    struct ad_buf text = AD_BUF_INIT(RECIPE_BYTES_MAX);
    struct ad_cid cid = {0};
    const char *name = ad_cid_looks_like(ad_str_from(ref))
                           ? ad_arena_strdup(arena, ad_str_from(ref))
                           : resolve_path(arena, from, ref, err);
    if (!name)
        return err && err->code ? err->code : ad_error_nomem(err, ROOM);
    enum artdag_err rc = ad_site_load(site, name, RECIPE_BYTES_MAX, &text, &cid, err);
    struct ad_str kept = {0};
    if (rc == ARTDAG_OK)
        kept = ad_arena_str(arena, ad_buf_as_str(&text));
    ad_buf_fini(&text);
    if (rc != ARTDAG_OK)
        return rc;
    if (ad_arena_failed(arena))
        return ad_error_nomem(err, ROOM);
    *ret_file = name;
    *ret_text = kept;
    return ARTDAG_OK;
}

/* ---- storing ---- */

struct freezing {
    struct ad_site *site;
    const struct ad_recipe *recipe;
    const char **cids; /* per file, "" = not stored yet */
    char (*texts)[AD_CID_TEXT_MAX];
};

static bool is_ready(const struct freezing *f, uint32_t file)
{
    const struct ad_recipe_file *in = &f->recipe->files[file];
    for (size_t i = 0; i < in->site_count; i++)
        if (!f->cids[in->sites[i].file][0])
            return false;
    return !f->cids[file][0];
}

static enum artdag_err freeze(struct freezing *f, uint32_t file, artdag_error *err)
{
    struct ad_buf text = AD_BUF_INIT(2 * RECIPE_BYTES_MAX);
    struct ad_cid cid;
    bool complete = false;
    enum artdag_err rc = ad_recipe_freeze(f->recipe, file, f->cids, &text, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_add_bytes(f->site->store, text.data, text.len, &cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_lease_hold(f->site->lease, &cid, &complete, err);
    if (rc == ARTDAG_OK) {
        ad_cid_format(&cid, f->texts[file]);
        f->cids[file] = f->texts[file];
    }
    ad_buf_fini(&text);
    return rc;
}

static enum artdag_err freeze_all(struct ad_site *site, const struct ad_recipe *recipe,
                                  struct ad_cid *ret, artdag_error *err)
{
    struct freezing f = {.site = site,
                         .recipe = recipe,
                         .cids = ad_alloc_array(recipe->file_count, sizeof(*f.cids)),
                         .texts = ad_alloc_array(recipe->file_count, sizeof(*f.texts))};
    enum artdag_err rc = ARTDAG_OK;
    if (!f.cids || !f.texts)
        rc = ad_error_nomem(err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < recipe->file_count; i++)
        f.cids[i] = "";
    /* There is no ring, and files are AD_RECIPE_INCLUDE_DEPTH deep: so many rounds are enough. */
    while (rc == ARTDAG_OK && !f.cids[0][0])
        for (size_t i = recipe->file_count; rc == ARTDAG_OK && i-- > 0;)
            if (is_ready(&f, (uint32_t)i))
                rc = freeze(&f, (uint32_t)i, err);
    if (rc == ARTDAG_OK)
        rc = ad_cid_parse(ad_str_from(f.cids[0]), ret, err);
    free(f.cids);
    free(f.texts);
    return rc;
}

static enum artdag_err read_recipe(struct ad_site *site, const char *path_or_cid,
                                   struct ad_recipe **ret, struct ad_cid *ret_cid,
                                   artdag_error *err)
{
    struct ad_buf text = AD_BUF_INIT(RECIPE_BYTES_MAX);
    struct ad_recipe_options options = {.load = load, .payload = site};
    enum artdag_err rc = ad_site_load(site, path_or_cid, RECIPE_BYTES_MAX, &text, ret_cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_recipe_parse(ad_buf_as_str(&text), path_or_cid, &options, ret, err);
    ad_buf_fini(&text);
    return rc;
}

enum artdag_err ad_read_recipe(struct ad_site *site, const char *path_or_cid,
                               struct ad_recipe **ret, artdag_error *err)
{
    struct ad_cid cid = {0};
    return read_recipe(site, path_or_cid, ret, &cid, err);
}

enum artdag_err ad_register_recipe(struct ad_site *site, const char *path_or_cid,
                                   struct ad_recipe **ret, struct ad_cid *ret_cid,
                                   artdag_error *err)
{
    struct ad_recipe *recipe = NULL;
    struct ad_cid cid = {0};
    bool complete = false;
    enum artdag_err rc = read_recipe(site, path_or_cid, &recipe, &cid, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (ad_cid_is_set(&cid))
        rc = ad_lease_hold(site->lease, &cid, &complete, err);
    else
        rc = freeze_all(site, recipe, &cid, err);
    if (rc != ARTDAG_OK) {
        ad_recipe_destroy(recipe);
        return rc;
    }
    *ret = recipe;
    *ret_cid = cid;
    return ARTDAG_OK;
}
