/* SPDX-License-Identifier: MIT
 *
 * Settings: flags win over the environment, the environment over the configuration file, the file over the
 * defaults. One table says what exists.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "doc/doc.h"

#define ROOM "settings"
#define KEY_FILE_BYTES_MAX 4096
#define CONFIG_BYTES_MAX ((size_t)1 << 20)
#define JOBS_MAX 1024

enum setting {
    HOME,
    STORE,
    STATE,
    KEY,
    KEY_FILE,
    MEDIA,
    FONT,
    CPU_FLAGS,
    JOBS,
    SETTINGS
};

static const struct {
    const char *env;
    const char *key; /* in the configuration file; NULL = not allowed there */
} table[SETTINGS] = {
    [HOME] = {"ARTDAG_HOME", "home"},
    [STORE] = {"ARTDAG_STORE", "store"},
    [STATE] = {"ARTDAG_STATE", "state"},
    /* A secret does not belong into a file that people show each other. */
    [KEY] = {"ARTDAG_CLUSTER_KEY", NULL},
    [KEY_FILE] = {"ARTDAG_CLUSTER_KEY_FILE", "cluster_key_file"},
    [MEDIA] = {"ARTDAG_MEDIA", "media"},
    [FONT] = {"ARTDAG_FONT", "font"},
    [CPU_FLAGS] = {"ARTDAG_CPU_FLAGS", NULL},
    [JOBS] = {"ARTDAG_JOBS", "jobs"},
};

static const char *const config_keys[] = {"home",  "store", "state", "cluster_key_file",
                                          "media", "font",  "jobs",  NULL};

/* An environment variable that is set to nothing counts as not set. */
static const char *env(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): read once, at opening */
    return value && *value ? value : NULL;
}

static char *xdg(const char *variable, const char *below_home, const char *name)
{
    struct ad_buf path = AD_BUF_INIT(8192);
    const char *folder = env(variable), *home = env("HOME");
    if (folder && folder[0] == '/')
        ad_buf_printf(&path, "%s/%s", folder, name);
    else if (home)
        ad_buf_printf(&path, "%s/%s/%s", home, below_home, name);
    else
        return NULL;
    return ad_buf_take(&path, NULL);
}

static enum artdag_err config_value(const char *file, const struct ad_member *member,
                                    char *values[SETTINGS], artdag_error *err)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        if (!table[i].key || !ad_str_is(member->key, table[i].key))
            continue;
        const struct ad_value *v = member->value;
        struct ad_str text = v->plain ? v->text : v->string;
        if (v->kind != AD_VALUE_STRING && v->kind != AD_VALUE_INT) {
            ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "%s must be a text", table[i].key);
            ad_error_at(err, file, (int)v->line, (int)v->column);
            return ARTDAG_E_FORMAT;
        }
        struct ad_buf copy = AD_BUF_INIT(8192);
        ad_buf_view(&copy, text);
        free(values[i]);
        values[i] = ad_buf_take(&copy, NULL);
        return values[i] ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    }
    ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "unknown setting \"%.*s\"",
                 AD_STR_ARG(member->key));
    ad_error_at(err, file, (int)member->line, (int)member->column);
    const char *near = ad_str_nearest(member->key, config_keys);
    if (ad_str_is(member->key, "cluster_key"))
        ad_error_hint(err, "the key does not belong here: name its file with cluster_key_file");
    else if (near)
        ad_error_hint(err, "did you mean \"%s\"?", near);
    return ARTDAG_E_FORMAT;
}

/* A file with nothing in it but comments says nothing, and that is fine. */
static bool says_nothing(const char *text)
{
    for (;;) {
        text += strspn(text, " \t\r\n");
        if (strncmp(text, "---", 3) == 0)
            text += 3;
        else if (*text == '#')
            text += strcspn(text, "\n");
        else
            return *text == 0;
    }
}

static enum artdag_err read_config(const char *file, char *values[SETTINGS], artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf text = AD_BUF_INIT(CONFIG_BYTES_MAX);
    const struct ad_value *root = NULL;
    enum artdag_err rc = ad_fs_read_file(file, CONFIG_BYTES_MAX, &text, ROOM, err);
    if (rc == ARTDAG_OK && !says_nothing(text.data ? (const char *)text.data : ""))
        rc = ad_yaml_parse(&arena, ad_buf_as_str(&text), file, NULL, &root, err);
    if (rc != ARTDAG_OK || !root)
        goto out;
    if (root->kind != AD_VALUE_MAP) {
        rc = ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "the configuration must be a map");
        ad_error_at(err, file, (int)root->line, (int)root->column);
        goto out;
    }
    for (size_t i = 0; rc == ARTDAG_OK && i < root->map.len; i++)
        rc = config_value(file, &root->map.items[i], values, err);
out:
    ad_buf_fini(&text);
    ad_arena_fini(&arena);
    return rc;
}

/* The file named by a flag or the environment must exist; the default one may be missing. */
static enum artdag_err load_config(const artdag_site_params *params, char *values[SETTINGS],
                                   char **ret_file, artdag_error *err)
{
    const char *named = params->config ? params->config : env("ARTDAG_CONFIG");
    char *file =
        named ? ad_strdup(named) : xdg("XDG_CONFIG_HOME", ".config", "artdag/config.yaml");
    if (!file)
        return named ? ad_error_nomem(err, ROOM) : ARTDAG_OK;
    if (!named && !ad_fs_exists(file)) {
        free(file);
        return ARTDAG_OK;
    }
    enum artdag_err rc = read_config(file, values, err);
    if (rc == ARTDAG_OK)
        *ret_file = file;
    else
        free(file);
    return rc;
}

static enum artdag_err set(char **value, const char *text, artdag_error *err)
{
    if (!text)
        return ARTDAG_OK;
    free(*value);
    *value = ad_strdup(text);
    return *value ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

/* A key file that was asked for by flag is not overruled by a key in the environment. */
static const char *from_env(const char *const flags[SETTINGS], size_t i)
{
    return i == KEY && flags[KEY_FILE] ? NULL : env(table[i].env);
}

static enum artdag_err overlay(const artdag_site_params *params, char *values[SETTINGS],
                               artdag_error *err)
{
    const char *flags[SETTINGS] = {
        [HOME] = params->home,
        [STORE] = params->store,
        [STATE] = params->state,
        [KEY] = params->cluster_key,
        [KEY_FILE] = params->cluster_key_file,
        [MEDIA] = params->media_program,
        [FONT] = params->font,
        [CPU_FLAGS] = params->cpu_flags,
    };
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < SETTINGS; i++)
        rc = set(&values[i], flags[i] ? flags[i] : from_env(flags, i), err);
    if (rc == ARTDAG_OK && !values[HOME]) {
        values[HOME] = xdg("XDG_DATA_HOME", ".local/share", "artdag");
        if (!values[HOME]) {
            ad_error_set(err, ARTDAG_E_INVAL, ROOM, "no home folder: HOME is not set");
            ad_error_hint(err, "set ARTDAG_HOME");
            return ARTDAG_E_INVAL;
        }
    }
    return rc;
}

static enum artdag_err parse_jobs(const artdag_site_params *params, const char *text,
                                  unsigned *ret, artdag_error *err)
{
    uint64_t jobs = params->jobs;
    if (jobs == 0 && text && !ad_str_to_u64(ad_str_from(text), &jobs))
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "jobs must be a number, not \"%s\"",
                            text);
    if (jobs > JOBS_MAX)
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "jobs must be at most %d", JOBS_MAX);
    *ret = (unsigned)jobs;
    return ARTDAG_OK;
}

/* The first line of the file; a key never holds a newline. */
static enum artdag_err read_key_file(const char *path, struct ad_settings *settings,
                                     artdag_error *err)
{
    struct ad_buf text = AD_BUF_INIT(KEY_FILE_BYTES_MAX);
    enum artdag_err rc = ad_fs_read_file(path, KEY_FILE_BYTES_MAX, &text, ROOM, err);
    if (rc != ARTDAG_OK) {
        ad_buf_fini(&text);
        return ad_error_prefix(err, rc, "cluster key file");
    }
    size_t len = 0;
    while (len < text.len && text.data[len] != '\n' && text.data[len] != '\r')
        len++;
    if (len == 0) {
        ad_buf_fini(&text);
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "the cluster key file %s is empty",
                            path);
    }
    text.data[len] = 0;
    settings->cluster_key = ad_buf_take(&text, NULL);
    settings->cluster_key_len = len;
    return ARTDAG_OK;
}

static enum artdag_err resolve_key(char *values[SETTINGS], struct ad_settings *settings,
                                   artdag_error *err)
{
    if (!values[KEY] && values[KEY_FILE])
        return read_key_file(values[KEY_FILE], settings, err);
    settings->cluster_key = values[KEY];
    settings->cluster_key_len = values[KEY] ? strlen(values[KEY]) : 0;
    values[KEY] = NULL;
    return ARTDAG_OK;
}

enum artdag_err ad_settings_resolve(const artdag_site_params *params, struct ad_settings *ret,
                                    artdag_error *err)
{
    char *values[SETTINGS] = {0};
    struct ad_settings s = {0};
    enum artdag_err rc = load_config(params, values, &s.config, err);
    if (rc == ARTDAG_OK)
        rc = overlay(params, values, err);
    if (rc == ARTDAG_OK)
        rc = parse_jobs(params, values[JOBS], &s.jobs, err);
    if (rc == ARTDAG_OK)
        rc = resolve_key(values, &s, err);
    if (rc == ARTDAG_OK) {
        s.home = values[HOME];
        s.store = values[STORE];
        s.state = values[STATE];
        s.media_program = values[MEDIA];
        s.font = values[FONT];
        s.cpu_flags = values[CPU_FLAGS];
        values[HOME] = values[STORE] = values[STATE] = values[MEDIA] = values[FONT] =
            values[CPU_FLAGS] = NULL;
        *ret = s;
    } else {
        ad_settings_fini(&s);
    }
    for (size_t i = 0; i < SETTINGS; i++)
        free(values[i]);
    return rc;
}

void ad_settings_fini(struct ad_settings *settings)
{
    if (!settings)
        return;
    if (settings->cluster_key)
        explicit_bzero(settings->cluster_key, settings->cluster_key_len);
    free(settings->cluster_key);
    free(settings->home);
    free(settings->store);
    free(settings->state);
    free(settings->media_program);
    free(settings->font);
    free(settings->cpu_flags);
    free(settings->config);
    *settings = (struct ad_settings){0};
}

/* Public ids are hashes over the key, so a key that can be enumerated can be found. The bar is what a
 * generated key passes easily and a password does not. */
const char *ad_key_weakness(const char *key, size_t len)
{
    bool seen[256] = {false};
    size_t distinct = 0;
    if (len == 0)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        distinct += !seen[(unsigned char)key[i]];
        seen[(unsigned char)key[i]] = true;
    }
    if (len < 22)
        return "the cluster key is shorter than 22 characters: outsiders could guess it from "
               "public ids";
    if (distinct < 10)
        return "the cluster key repeats few characters: outsiders could guess it from public "
               "ids";
    return NULL;
}
