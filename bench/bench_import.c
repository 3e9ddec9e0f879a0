/* SPDX-License-Identifier: MIT
 *
 * usage: bench_import FILE ROUNDS
 *
 * Times four ways to digest the same file, in turn, ROUNDS times over: the import of both
 * profiles with nothing stored, raw SHA-256 of the file's mebibytes on all cores, and the
 * program ipfs_cid. The median of each and the median of the rounds' ratios are printed: what
 * disturbs a round disturbs its neighbours too.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ipld/ipld.h"

#define PIECE_BYTES ((size_t)1 << 20)
#define ROUNDS_MAX 100

extern char **environ;

enum way {
    IMPORT_V1,
    IMPORT_V0,
    RAW_HASHING,
    IPFS_CID,
    WAYS
};

static const char *const way_names[WAYS] = {
    [IMPORT_V1] = "import, unixfs-v1-2025",
    [IMPORT_V0] = "import, unixfs-v0-2015",
    [RAW_HASHING] = "raw SHA-256, all cores",
    [IPFS_CID] = "ipfs_cid (same CID as v0-2015)",
};

static void die(const char *what, const artdag_error *err)
{
    (void)fprintf(stderr, "bench_import: %s: %s\n", what, err ? err->message : strerror(errno));
    exit(1);
}

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double to_seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Of this process and its children: what other programs on the machine leave alone. */
static double cpu_seconds(void)
{
    struct rusage self;
    struct rusage children;
    if (getrusage(RUSAGE_SELF, &self) != 0 || getrusage(RUSAGE_CHILDREN, &children) != 0)
        die("getrusage", NULL);
    return to_seconds(self.ru_utime) + to_seconds(self.ru_stime) +
           to_seconds(children.ru_utime) + to_seconds(children.ru_stime);
}

static int open_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        die(path, NULL);
    return fd;
}

static void import(const char *path, const struct ad_unixfs_profile *profile,
                   char cid_text[AD_CID_TEXT_MAX])
{
    artdag_error err = {0};
    struct ad_import_params params = {.profile = profile};
    struct ad_cid root = {0};
    int fd = open_file(path);
    if (ad_unixfs_import_fd(fd, &params, &root, NULL, &err) != ARTDAG_OK)
        die("import", &err);
    (void)close(fd);
    (void)ad_cid_format(&root, cid_text);
}

struct raw {
    int fd;
    unsigned threads;
    size_t pieces;
};

/* One thread's share: every piece whose number is its own modulo the thread count, read into
 * one buffer. */
static enum artdag_err hash_share(void *payload, size_t thread, artdag_error *err)
{
    const struct raw *raw = payload;
    enum artdag_err rc = ARTDAG_OK;
    uint8_t digest[32];
    uint8_t *piece = ad_alloc(PIECE_BYTES);
    if (!piece)
        return ad_error_nomem(err, "bench");
    for (size_t i = thread; i < raw->pieces && rc == ARTDAG_OK; i += raw->threads) {
        size_t len = 0;
        rc = ad_fs_pread_full(raw->fd, piece, PIECE_BYTES, (uint64_t)i * PIECE_BYTES, &len,
                              "bench", err);
        if (rc == ARTDAG_OK)
            rc = ad_sha256(piece, len, digest, err);
    }
    free(piece);
    return rc;
}

static void hash_raw(const char *path, uint64_t bytes)
{
    artdag_error err = {0};
    struct raw raw = {
        .fd = open_file(path),
        .threads = ad_threads_cores(),
        .pieces = (size_t)((bytes + PIECE_BYTES - 1) / PIECE_BYTES),
    };
    if (ad_threads_each(raw.threads, raw.threads, hash_share, &raw, &err) != ARTDAG_OK)
        die("raw hashing", &err);
    (void)close(raw.fd);
}

/* Runs ipfs_cid and checks that it says what we say, so that both have done the same work. */
static void run_ipfs_cid(const char *path, const char *expected)
{
    int fds[2];
    char output[512] = "";
    size_t used = 0;
    ssize_t n = 0;
    int status = 0;
    pid_t pid = 0;
    posix_spawn_file_actions_t actions;
    char *argv[] = {strdup("ipfs_cid"), strdup(path), NULL};
    if (!argv[0] || !argv[1] || pipe2(fds, O_CLOEXEC) != 0 ||
        posix_spawn_file_actions_init(&actions) != 0)
        die("ipfs_cid", NULL);
    (void)posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
    (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    errno = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    if (errno)
        die("ipfs_cid", NULL);
    (void)close(fds[1]);
    while (used < sizeof(output) - 1 &&
           (n = read(fds[0], output + used, sizeof(output) - 1 - used)) > 0)
        used += (size_t)n;
    (void)close(fds[0]);
    if (waitpid(pid, &status, 0) != pid || status != 0 || !strstr(output, expected)) {
        (void)fprintf(stderr, "bench_import: ipfs_cid says \"%s\", not %s\n", output, expected);
        exit(1);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    free(argv[0]);
    free(argv[1]);
}

static void measure(enum way way, const char *path, uint64_t bytes, char v0[AD_CID_TEXT_MAX],
                    double *ret_time, double *ret_cpu)
{
    char v1[AD_CID_TEXT_MAX];
    double cpu = cpu_seconds();
    double start = seconds();
    switch (way) {
    case IMPORT_V1:
        import(path, &ad_unixfs_v1_2025, v1);
        break;
    case IMPORT_V0:
        import(path, &ad_unixfs_v0_2015, v0);
        break;
    case RAW_HASHING:
        hash_raw(path, bytes);
        break;
    default:
        run_ipfs_cid(path, v0);
        break;
    }
    *ret_time = seconds() - start;
    *ret_cpu = cpu_seconds() - cpu;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(const double *values, size_t count)
{
    double sorted[ROUNDS_MAX];
    memcpy(sorted, values, count * sizeof(*values));
    qsort(sorted, count, sizeof(*sorted), compare_doubles);
    return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

static double median_ratio(const double *over, const double *under, size_t count)
{
    double ratios[ROUNDS_MAX];
    for (size_t i = 0; i < count; i++)
        ratios[i] = over[i] / under[i];
    return median(ratios, count);
}

int main(int argc, char **argv)
{
    static double times[WAYS][ROUNDS_MAX];
    static double cpu[WAYS][ROUNDS_MAX];
    char v0[AD_CID_TEXT_MAX] = "";
    struct stat st;
    size_t rounds = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        (void)fprintf(stderr, "usage: bench_import FILE ROUNDS (1 to %d)\n", ROUNDS_MAX);
        return 2;
    }
    if (stat(argv[1], &st) != 0)
        die(argv[1], NULL);
    uint64_t bytes = (uint64_t)st.st_size;
    for (size_t round = 0; round < rounds; round++) {
        for (enum way way = 0; way < WAYS; way++)
            measure(way, argv[1], bytes, v0, &times[way][round], &cpu[way][round]);
    }
    double mebibytes = (double)bytes / 1048576;
    printf("%.0f MiB, %u cores, median of %zu rounds\n", mebibytes, ad_threads_cores(), rounds);
    for (enum way way = 0; way < WAYS; way++) {
        double time = median(times[way], rounds);
        printf("  %-32s %8.3f s  %7.0f MiB/s  %8.3f s of CPU\n", way_names[way], time,
               mebibytes / time, median(cpu[way], rounds));
    }
    printf("ratio ipfs_cid / import v1-2025:      %5.2f  (aim: at least 5)\n",
           median_ratio(times[IPFS_CID], times[IMPORT_V1], rounds));
    printf("ratio ipfs_cid / import v0-2015:      %5.2f\n",
           median_ratio(times[IPFS_CID], times[IMPORT_V0], rounds));
    printf("the same in CPU time:                 %5.2f\n",
           median_ratio(cpu[IPFS_CID], cpu[IMPORT_V1], rounds));
    printf("ratio import v1-2025 / raw SHA-256:   %5.2f  (aim: at most 1.3)\n",
           median_ratio(times[IMPORT_V1], times[RAW_HASHING], rounds));
    return 0;
}
