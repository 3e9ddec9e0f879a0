/* SPDX-License-Identifier: MIT
 *
 * Where settings come from, which wins, and what is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ad_test.h"
#include "api/api.h"

static const char *const variables[] = {
    "ARTDAG_HOME",
    "ARTDAG_STORE",
    "ARTDAG_STATE",
    "ARTDAG_CLUSTER_KEY",
    "ARTDAG_CLUSTER_KEY_FILE",
    "ARTDAG_MEDIA",
    "ARTDAG_JOBS",
    "ARTDAG_CONFIG",
    "ARTDAG_CPU_FLAGS",
    "HOME",
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
};

static void set(const char *name, const char *value)
{
    assert_int_equal(setenv(name, value, 1), 0);
}

/* A folder and an environment with nothing in it but HOME. */
static int in_empty_environment(void **state)
{
    for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
        (void)unsetenv(variables[i]);
    int rc = ad_test_tmpdir(state);
    if (rc == 0)
        set("HOME", *state);
    return rc;
}

#define in_empty_env(test)                                                                     \
    cmocka_unit_test_setup_teardown(test, in_empty_environment, ad_test_tmpdir_remove)

static const artdag_site_params none = ARTDAG_SITE_PARAMS_INIT;

static const char *config_file(const char *dir, const char *text)
{
    const char *path = ad_test_path(dir, "config.yaml");
    ad_test_write(path, text, strlen(text));
    return path;
}

static void nothing_said_means_the_defaults(void **state)
{
    artdag_error err = {0};
    struct ad_settings s = {0};
    assert_ok(ad_settings_resolve(&none, &s, &err));
    assert_string_equal(s.home, ad_test_path(*state, ".local/share/artdag"));
    assert_null(s.store);
    assert_null(s.state);
    assert_null(s.media_program);
    assert_null(s.config);
    assert_int_equal(s.jobs, 0);
    assert_int_equal(s.cluster_key_len, 0);
    ad_settings_fini(&s);
    assert_null(s.home);
    set("XDG_DATA_HOME", "/data");
    assert_ok(ad_settings_resolve(&none, &s, &err));
    assert_string_equal(s.home, "/data/artdag");
    ad_settings_fini(&s);
    set("XDG_DATA_HOME", "relative: to be ignored");
    assert_ok(ad_settings_resolve(&none, &s, &err));
    assert_string_equal(s.home, ad_test_path(*state, ".local/share/artdag"));
    ad_settings_fini(&s);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_int_equal(unsetenv("XDG_DATA_HOME"), 0);
    assert_fails(ARTDAG_E_INVAL, ad_settings_resolve(&none, &s, &err));
    assert_err_says("ARTDAG_HOME");
}

/* Each setting from file, environment and flag, each beating the one before. */
static void a_flag_beats_the_environment_beats_the_file(void **state)
{
    static const struct {
        const char *key, *variable;
        size_t param, setting; /* offsets */
    } cases[] = {
        {"home", "ARTDAG_HOME", offsetof(artdag_site_params, home),
         offsetof(struct ad_settings, home)},
        {"store", "ARTDAG_STORE", offsetof(artdag_site_params, store),
         offsetof(struct ad_settings, store)},
        {"state", "ARTDAG_STATE", offsetof(artdag_site_params, state),
         offsetof(struct ad_settings, state)},
        {"media", "ARTDAG_MEDIA", offsetof(artdag_site_params, media_program),
         offsetof(struct ad_settings, media_program)},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        artdag_error err = {0};
        struct ad_settings s = {0};
        char text[100];
        artdag_site_params params = none;
        char *const *value = (char **)((char *)&s + cases[i].setting);
        snprintf(text, sizeof(text), "%s: /from/file\n", cases[i].key);
        params.config = config_file(*state, text);
        assert_ok(ad_settings_resolve(&params, &s, &err));
        assert_string_equal(*value, "/from/file");
        assert_string_equal(s.config, params.config);
        ad_settings_fini(&s);
        set(cases[i].variable, "/from/environment");
        assert_ok(ad_settings_resolve(&params, &s, &err));
        assert_string_equal(*value, "/from/environment");
        ad_settings_fini(&s);
        *(const char **)((char *)&params + cases[i].param) = "/from/flag";
        assert_ok(ad_settings_resolve(&params, &s, &err));
        assert_string_equal(*value, "/from/flag");
        ad_settings_fini(&s);
        /* set to nothing is not set */
        *(const char **)((char *)&params + cases[i].param) = NULL;
        set(cases[i].variable, "");
        assert_ok(ad_settings_resolve(&params, &s, &err));
        assert_string_equal(*value, "/from/file");
        ad_settings_fini(&s);
        (void)unsetenv(cases[i].variable);
    }
}

static unsigned jobs_of(const artdag_site_params *params)
{
    artdag_error err = {0};
    struct ad_settings s = {0};
    assert_ok(ad_settings_resolve(params, &s, &err));
    unsigned jobs = s.jobs;
    ad_settings_fini(&s);
    return jobs;
}

static void jobs_are_a_number_from_anywhere(void **state)
{
    artdag_error err = {0};
    struct ad_settings s = {0};
    artdag_site_params params = none;
    params.config = config_file(*state, "jobs: 3\n");
    assert_int_equal(jobs_of(&params), 3);
    set("ARTDAG_JOBS", "5");
    assert_int_equal(jobs_of(&params), 5);
    params.jobs = 7;
    assert_int_equal(jobs_of(&params), 7);
    params.jobs = 0;
    set("ARTDAG_JOBS", "many");
    assert_fails(ARTDAG_E_INVAL, ad_settings_resolve(&params, &s, &err));
    assert_err_says("many");
    set("ARTDAG_JOBS", "-1");
    assert_fails(ARTDAG_E_INVAL, ad_settings_resolve(&params, &s, &err));
    set("ARTDAG_JOBS", "1025");
    assert_fails(ARTDAG_E_INVAL, ad_settings_resolve(&params, &s, &err));
    assert_err_says("1024");
    set("ARTDAG_JOBS", "4294967297");
    assert_fails(ARTDAG_E_INVAL, ad_settings_resolve(&params, &s, &err));
}

static void the_file_is_found_by_flag_variable_and_custom(void **state)
{
    artdag_error err = {0};
    struct ad_settings s = {0};
    artdag_site_params params = none;
    assert_int_equal(mkdir(ad_test_path(*state, ".config"), 0700), 0);
    assert_int_equal(mkdir(ad_test_path(*state, ".config/artdag"), 0700), 0);
    ad_test_write(ad_test_path(*state, ".config/artdag/config.yaml"), "home: /custom\n", 14);
    assert_ok(ad_settings_resolve(&params, &s, &err));
    assert_string_equal(s.home, "/custom");
    ad_settings_fini(&s);
    set("XDG_CONFIG_HOME", "/nonexistent");
    assert_ok(ad_settings_resolve(&params, &s, &err));
    assert_null(s.config);
    ad_settings_fini(&s);
    /* one that was asked for must be there */
    set("ARTDAG_CONFIG", "/nonexistent/config.yaml");
    assert_fails(ARTDAG_E_NOTFOUND, ad_settings_resolve(&params, &s, &err));
    assert_err_says("/nonexistent/config.yaml");
    params.config = config_file(*state, "home: /by/flag\n");
    assert_ok(ad_settings_resolve(&params, &s, &err));
    assert_string_equal(s.home, "/by/flag");
    ad_settings_fini(&s);
}

static void mistakes_in_the_file_have_their_place(void **state)
{
    static const struct {
        const char *text;
        int line, column;
        const char *says;
    } cases[] = {
        {"home: /a\nstroe: fs:/b\n", 2, 1, "did you mean \"store\"?"},
        {"cluster_key: secret\n", 1, 1, "cluster_key_file"},
        {"home:\n  - /a\n", 2, 3, "home must be a text"},
        {"state: true\n", 1, 8, "state must be a text"},
        {"- home\n", 1, 1, "must be a map"},
        {"home: [\n", 0, 0, ""},
        {"home: /a\nhome: /b\n", 2, 1, "home"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        artdag_error err = {0};
        struct ad_settings s = {0};
        artdag_site_params params = none;
        params.config = config_file(*state, cases[i].text);
        assert_fails(ARTDAG_E_FORMAT, ad_settings_resolve(&params, &s, &err));
        assert_string_equal(err.file, params.config);
        assert_err_says(cases[i].says);
        if (cases[i].line && (err.line != cases[i].line || err.column != cases[i].column))
            fail_msg("%s: %d:%d", cases[i].text, err.line, err.column);
        assert_true(err.line > 0);
        assert_null(s.home);
    }
}

static void an_empty_file_says_nothing(void **state)
{
    static const char *const texts[] = {"", "# nothing yet\n", "---\n", "{}\n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        artdag_error err = {0};
        struct ad_settings s = {0};
        artdag_site_params params = none;
        params.config = config_file(*state, texts[i]);
        assert_ok(ad_settings_resolve(&params, &s, &err));
        assert_string_equal(s.config, params.config);
        ad_settings_fini(&s);
    }
}

static void assert_key(const artdag_site_params *params, const char *key)
{
    artdag_error err = {0};
    struct ad_settings s = {0};
    assert_ok(ad_settings_resolve(params, &s, &err));
    assert_int_equal(s.cluster_key_len, strlen(key));
    assert_memory_equal(s.cluster_key, key, strlen(key));
    ad_settings_fini(&s);
    assert_null(s.cluster_key);
}

static void the_key_comes_from_a_variable_or_a_file(void **state)
{
    artdag_error err = {0};
    struct ad_settings s = {0};
    artdag_site_params params = none;
    const char *file = ad_test_path(*state, "key");
    char text[1000];
    ad_test_write(file, "key in a file\r\nsecond line\n", 27);
    set("ARTDAG_CLUSTER_KEY_FILE", file);
    assert_key(&params, "key in a file");
    set("ARTDAG_CLUSTER_KEY", "key in a variable");
    assert_key(&params, "key in a variable");
    params.cluster_key_file = file; /* asked for by flag: wins over the variable */
    assert_key(&params, "key in a file");
    params.cluster_key = "key of the caller";
    assert_key(&params, "key of the caller");
    params = none;
    (void)unsetenv("ARTDAG_CLUSTER_KEY");
    (void)unsetenv("ARTDAG_CLUSTER_KEY_FILE");
    snprintf(text, sizeof(text), "cluster_key_file: %s\n", file);
    params.config = config_file(*state, text);
    assert_key(&params, "key in a file");
    set("ARTDAG_CLUSTER_KEY", "key in a variable");
    assert_key(&params, "key in a variable");
    params = none;
    (void)unsetenv("ARTDAG_CLUSTER_KEY");
    params.cluster_key_file = "/nonexistent/key";
    assert_fails(ARTDAG_E_NOTFOUND, ad_settings_resolve(&params, &s, &err));
    assert_err_says("cluster key file");
    params.cluster_key_file = file;
    ad_test_write(file, "\nkey\n", 5);
    assert_fails(ARTDAG_E_INVAL, ad_settings_resolve(&params, &s, &err));
    assert_err_says("is empty");
    memset(text, 'k', sizeof(text));
    FILE *big = fopen(file, "we");
    for (int i = 0; big && i < 5; i++)
        assert_int_equal(fwrite(text, 1, sizeof(text), big), sizeof(text));
    assert_int_equal(fclose(big), 0);
    assert_fails(ARTDAG_E_LIMIT, ad_settings_resolve(&params, &s, &err));
}

static void weak_keys_are_told_from_strong_ones(void **state)
{
    (void)state;
    static const char *const weak[] = {"password", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                       "123123123123123123123123123123",
                                       "exactly21characterss!"};
    for (size_t i = 0; i < sizeof(weak) / sizeof(*weak); i++)
        assert_non_null(ad_key_weakness(weak[i], strlen(weak[i])));
    assert_null(ad_key_weakness("", 0)); /* shares with nobody */
    const char *strong = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    assert_null(ad_key_weakness(strong, strlen(strong)));
}

static const struct CMUnitTest tests[] = {
    in_empty_env(nothing_said_means_the_defaults),
    in_empty_env(a_flag_beats_the_environment_beats_the_file),
    in_empty_env(jobs_are_a_number_from_anywhere),
    in_empty_env(the_file_is_found_by_flag_variable_and_custom),
    in_empty_env(mistakes_in_the_file_have_their_place),
    in_empty_env(an_empty_file_says_nothing),
    in_empty_env(the_key_comes_from_a_variable_or_a_file),
    cmocka_unit_test(weak_keys_are_told_from_strong_ones),
};

AD_TEST_MAIN(tests)
