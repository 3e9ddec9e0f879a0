/* SPDX-License-Identifier: MIT
 *
 * doctor: looks at everything a site needs and says what to do.
 */
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "api/api.h"

#define ROOM "doctor"
#define FREE_BYTES_WANTED ((uint64_t)1 << 30)

struct examination {
    void (*each)(void *payload, const artdag_check *check);
    void *payload;
};

static void report(const struct examination *x, const char *name, bool ok, const char *detail,
                   const char *hint)
{
    artdag_check check = {.name = name, .ok = ok, .detail = detail, .hint = ok ? "" : hint};
    x->each(x->payload, &check);
}

/* Reports an error of one check: its own hint wins over the general one. */
static void report_error(const struct examination *x, const char *name, const artdag_error *why,
                         const char *hint)
{
    report(x, name, false, why->message, why->hint[0] ? why->hint : hint);
}

static void check_home(const struct examination *x, const char *home)
{
    struct statvfs fs;
    char detail[512];
    artdag_error why = {0};
    if (ad_fs_mkdirs(home, ROOM, &why) != ARTDAG_OK || statvfs(home, &fs) != 0) {
        report_error(x, "home", &why, "choose another folder with ARTDAG_HOME");
        return;
    }
    uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    snprintf(detail, sizeof(detail), "%s, %.1f GiB free", home,
             (double)free_bytes / (double)((uint64_t)1 << 30));
    report(x, "home", free_bytes >= FREE_BYTES_WANTED, detail,
           "free some space, or run `artdag gc`");
}

static void check_key(const struct examination *x, const struct ad_settings *settings)
{
    const char *weakness = ad_key_weakness(settings->cluster_key, settings->cluster_key_len);
    if (settings->cluster_key_len == 0)
        report(x, "cluster key", true, "none: results are shared with nobody else", "");
    else
        report(x, "cluster key", !weakness, weakness ? weakness : "set and strong",
               "make one with `artdag cluster-key new`");
}

static void check_store(const struct examination *x, struct ad_site *site)
{
    struct ad_cid cid;
    struct ad_buf back = AD_BUF_INIT(4096);
    artdag_error why = {0};
    static const char probe[] = "artdag doctor\n";
    enum artdag_err rc =
        ad_store_add_bytes(ad_site_store(site), probe, sizeof(probe) - 1, &cid, &why);
    if (rc == ARTDAG_OK)
        rc = ad_store_read(ad_site_store(site), &cid, 4096, &back, &why);
    if (rc == ARTDAG_OK)
        report(x, "store", true, ad_store_url(ad_site_store(site)), "");
    else
        report_error(x, "store", &why, "run `artdag verify`");
    ad_buf_fini(&back);
}

/* Law 3 as it was lived here: one id, two results. */
static void check_determinism(const struct examination *x, struct ad_site *site)
{
    char detail[80];
    int64_t count = 0;
    artdag_error why = {0};
    if (ad_state_conflicts(ad_site_state(site), &count, &why) != ARTDAG_OK) {
        report_error(x, "same bytes", &why, "");
        return;
    }
    snprintf(detail, sizeof(detail), "%lld results differed from one of the same id",
             (long long)count);
    report(x, "same bytes", count == 0, detail,
           "the log names them: [state.nondeterminism]; please report which operation it was");
}

static void check_state(const struct examination *x, struct ad_site *site)
{
    struct ad_id id = {{0}};
    struct ad_cid cid;
    artdag_error why = {0};
    enum artdag_err rc = ad_state_get(ad_site_state(site), AD_STATE_STEP, &id, &cid, &why);
    if (rc != ARTDAG_OK && rc != ARTDAG_E_NOTFOUND) {
        report_error(x, "state", &why, "move the state file away: it is rebuilt by rendering");
        return;
    }
    report(x, "state", true, "answers", "");
    check_determinism(x, site);
}

static void check_media(const struct examination *x, struct ad_site *site)
{
    const char *toolchain = NULL;
    artdag_error why = {0};
    if (ad_exec_toolchain(ad_site_exec(site), &toolchain, &why) == ARTDAG_OK)
        report(x, "media program", true, toolchain, "");
    else
        report_error(x, "media program", &why,
                     "install artdag-media beside artdag, or name it with ARTDAG_MEDIA");
}

enum artdag_err artdag_doctor(const artdag_site_params *params,
                              void (*each)(void *payload, const artdag_check *check),
                              void *payload, artdag_error *err)
{
    static const artdag_site_params defaults = ARTDAG_SITE_PARAMS_INIT;
    struct examination x = {each, payload};
    struct ad_settings settings = {0};
    struct artdag_site *site = NULL;
    artdag_error why = {0};
    if (!each)
        return ad_api_misuse(err, __func__, "each is NULL");
    if (!params)
        params = &defaults;
    enum artdag_err rc = ad_settings_resolve(params, &settings, err);
    if (rc != ARTDAG_OK)
        return rc;
    report(&x, "version", true, artdag_version(), "");
    report(&x, "configuration", true, settings.config ? settings.config : "no file, defaults",
           "");
    check_home(&x, settings.home);
    check_key(&x, &settings);
    if (artdag_site_open(params, &site, &why) == ARTDAG_OK) {
        check_store(&x, site->inner);
        check_state(&x, site->inner);
        check_media(&x, site->inner);
    } else {
        report_error(&x, "store and state", &why, "check ARTDAG_STORE and ARTDAG_STATE");
    }
    artdag_site_close(site);
    ad_settings_fini(&settings);
    return ARTDAG_OK;
}
