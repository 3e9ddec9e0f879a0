/* SPDX-License-Identifier: MIT */
#include "ad_test.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Memory handed to a test: freed at its teardown (test_list) or at exit (program_list). */
struct kept {
    struct kept *next;
    void *memory;
};

static struct kept *test_list;
static struct kept *program_list;
static uint64_t run_seed;
static uint64_t random_state;

static void *keep(struct kept **list, void *memory)
{
    struct kept *k = malloc(sizeof(*k));
    if (!k || !memory) {
        print_error("out of memory in the test support\n");
        abort();
    }
    *k = (struct kept){*list, memory};
    *list = k;
    return memory;
}

static void drop_kept(struct kept **list)
{
    while (*list) {
        struct kept *next = (*list)->next;
        free((*list)->memory);
        free(*list);
        *list = next;
    }
}

static char *keep_vprintf(struct kept **list, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

static char *keep_vprintf(struct kept **list, const char *fmt, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, fmt, args) < 0)
        text = NULL;
    return keep(list, text);
}

static char *keep_printf(struct kept **list, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static char *keep_printf(struct kept **list, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = keep_vprintf(list, fmt, args);
    va_end(args);
    return text;
}

/* ---- assertions ---- */

static void print_artdag_error(const artdag_error *err)
{
    char text[1024];
    if (err->code != ARTDAG_OK) {
        artdag_error_format(err, text, sizeof(text));
        print_error("  %s: %s\n", artdag_err_name(err->code), text);
    }
}

void ad_test_ok(enum artdag_err code, const artdag_error *err, const char *expr,
                const char *file, int line)
{
    if (code == ARTDAG_OK)
        return;
    print_error("%s\n  is \"%s\", expected to succeed\n", expr, artdag_err_name(code));
    print_artdag_error(err);
    _fail(file, line);
}

void ad_test_fails(enum artdag_err want, enum artdag_err code, const artdag_error *err,
                   const char *expr, const char *file, int line)
{
    if (code != want) {
        print_error("%s\n  is \"%s\", expected \"%s\"\n", expr, artdag_err_name(code),
                    artdag_err_name(want));
        print_artdag_error(err);
        _fail(file, line);
    }
    if (err->code != ARTDAG_OK && (err->code != code || err->message[0] == '\0')) {
        print_error("%s\n  returned \"%s\" but the error object says otherwise, or nothing\n",
                    expr, artdag_err_name(code));
        print_artdag_error(err);
        _fail(file, line);
    }
}

void ad_test_err_says(const artdag_error *err, const char *text, const char *file, int line)
{
    if (strstr(err->message, text) || strstr(err->hint, text) || strstr(err->node, text))
        return;
    print_error("the error does not say \"%s\"\n", text);
    print_artdag_error(err);
    _fail(file, line);
}

void ad_test_near(double actual, double expected, double tolerance, const char *expr,
                  const char *file, int line)
{
    if (fabs(actual - expected) <= tolerance)
        return;
    print_error("%s is %.17g, expected %.17g within %g\n", expr, actual, expected, tolerance);
    _fail(file, line);
}

void ad_test_view_equal(struct ad_str actual, struct ad_str expected, const char *expr,
                        const char *file, int line)
{
    if (ad_str_equal(actual, expected))
        return;
    print_error("%s is \"%.*s\", expected \"%.*s\"\n", expr, AD_STR_ARG(actual),
                AD_STR_ARG(expected));
    _fail(file, line);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

size_t ad_test_from_hex(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = 0;
    while (*hex) {
        if (*hex == ' ') {
            hex++;
            continue;
        }
        int high = hex_digit(hex[0]);
        int low = high < 0 ? -1 : hex_digit(hex[1]);
        if (low < 0)
            fail_msg("bad hex digit at \"%s\"", hex);
        if (n == cap)
            fail_msg("hex text is longer than %zu bytes", cap);
        out[n++] = (uint8_t)(high << 4 | low);
        hex += 2;
    }
    return n;
}

void ad_test_bytes_hex(const void *data, size_t len, const char *hex, const char *expr,
                       const char *file, int line)
{
    size_t cap = strlen(hex) / 2 + 1;
    uint8_t *want = keep(&test_list, malloc(cap));
    size_t want_len = ad_test_from_hex(hex, want, cap);
    if (want_len == len && (len == 0 || memcmp(data, want, len) == 0))
        return;
    print_error("%s has %zu bytes, expected %zu\n  is       ", expr, len, want_len);
    for (size_t i = 0; i < len && i < 256; i++)
        print_error("%02x", ((const uint8_t *)data)[i]);
    print_error("\n  expected %s\n", hex);
    _fail(file, line);
}

/* ---- folders and files ---- */

int ad_test_tmpdir(void **state)
{
    const char *base = getenv("TMPDIR");
    char *path =
        keep_printf(&test_list, "%s/artdag-test-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(path)) {
        print_error("cannot make %s: %s\n", path, strerror(errno));
        return -1;
    }
    *state = path;
    return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* A test may have taken the write permission from a folder. */
static int open_folder(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    if (type == FTW_D || type == FTW_DNR)
        (void)chmod(path, 0700);
    return 0;
}

int ad_test_tmpdir_remove(void **state)
{
    int rc = 0;
    if (*state) {
        (void)nftw(*state, open_folder, 16, FTW_PHYS);
        rc = nftw(*state, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        if (rc)
            print_error("cannot remove %s: %s\n", (char *)*state, strerror(errno));
    }
    *state = NULL;
    drop_kept(&test_list);
    return rc;
}

const char *ad_test_path(const char *dir, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *name = keep_vprintf(&test_list, fmt, args);
    va_end(args);
    return keep_printf(&test_list, "%s/%s", dir, name);
}

void ad_test_write(const char *path, const void *data, size_t len)
{
    FILE *f = fopen(path, "wbe");
    if (!f)
        fail_msg("cannot create %s: %s", path, strerror(errno));
    size_t written = len ? fwrite(data, 1, len, f) : 0;
    if (fclose(f) != 0 || written != len)
        fail_msg("cannot write %s: %s", path, strerror(errno));
}

uint8_t *ad_test_read(const char *path, size_t *ret_len)
{
    struct stat st;
    FILE *f = fopen(path, "rbe");
    if (!f || fstat(fileno(f), &st) != 0)
        fail_msg("cannot open %s: %s", path, strerror(errno));
    size_t len = (size_t)st.st_size;
    uint8_t *data = keep(&test_list, malloc(len + 1));
    size_t got = fread(data, 1, len, f);
    (void)fclose(f);
    if (got != len)
        fail_msg("cannot read %s", path);
    data[len] = 0;
    if (ret_len)
        *ret_len = len;
    return data;
}

const char *ad_test_media(const char *name)
{
    const char *folder = getenv("ARTDAG_TEST_MEDIA");
    char *path = folder && *folder ? keep_printf(&program_list, "%s/%s", folder, name)
                                   : keep_printf(&program_list, "%s/../shared/media/%s",
                                                 AD_TEST_SOURCE_ROOT, name);
    if (access(path, R_OK) != 0)
        fail_msg(
            "sample %s is missing (%s); set ARTDAG_TEST_MEDIA to the folder with the samples",
            path, strerror(errno));
    return path;
}

const char *ad_test_source(const char *name)
{
    char *path = keep_printf(&program_list, "%s/%s", AD_TEST_SOURCE_ROOT, name);
    if (access(path, R_OK) != 0)
        fail_msg("%s is missing: %s", path, strerror(errno));
    return path;
}

/* ---- numbers ---- */

uint64_t ad_test_random(void)
{
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void ad_test_seed(uint64_t salt)
{
    random_state = salt;
    random_state = run_seed ^ ad_test_random();
}

uint64_t ad_test_random_below(uint64_t limit)
{
    assert_true(limit > 0);
    return ad_test_random() % limit;
}

void ad_test_random_bytes(void *data, size_t len)
{
    uint8_t *out = data;
    for (size_t i = 0; i < len; i += 8) {
        uint64_t r = ad_test_random();
        for (size_t k = 0; k < 8 && i + k < len; k++)
            out[i + k] = (uint8_t)(r >> (8 * k));
    }
}

/* ---- the runner ---- */

int ad_test_run(const char *file, const struct CMUnitTest *tests, size_t count)
{
    static const char *const ours[] = {
        "ARTDAG_HOME",        "ARTDAG_STORE",
        "ARTDAG_STATE",       "ARTDAG_BROKER",
        "ARTDAG_CLUSTER_KEY", "ARTDAG_CLUSTER_KEY_FILE",
        "ARTDAG_IPNS_SYNC",   "ARTDAG_IPNS_SYNC_INTERVAL",
        "ARTDAG_LOG",         "IPFS_API",
    };
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        unsetenv(ours[i]);

    const char *text = getenv("ARTDAG_TEST_SEED");
    run_seed = text && *text ? strtoull(text, NULL, 0) : 20240229;
    ad_test_seed(0);
    printf("ARTDAG_TEST_SEED=%llu\n", (unsigned long long)run_seed);
    (void)fflush(stdout);

    if (count == 0) {
        print_error("%s has no tests\n", file);
        return 1;
    }
    int failed = _cmocka_run_group_tests(file, tests, count, NULL, NULL);
    drop_kept(&test_list);
    drop_kept(&program_list);
    return failed == 0 ? 0 : 1;
}
