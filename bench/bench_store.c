/* SPDX-License-Identifier: MIT
 *
 * usage: bench_store FILE FOLDER ROUNDS
 *
 * Times, in turn and ROUNDS times over, on the disk that holds FOLDER:
 *   add       the file into a new store, durable when it returns
 *   copy      what anybody would do instead: hash the file's mebibytes on all cores, write a
 *             copy of it, sync that
 *   cat       the stored file, every block checked
 *   read      what anybody would do instead: read the copy and hash it
 *   readd     the same file once more into the same store
 *   small     1,000 files of 1,000 bytes in one folder, into the store; and copying them by
 *             hand with one sync, its measure
 *   hold      a lease_hold of the file, per call
 * The median of each is printed, and the median of the rounds' ratios.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

#define PIECE_BYTES ((size_t)1 << 20)
#define ROUNDS_MAX 50
#define SMALL_FILES 1000
#define HOLDS 1000

enum way {
    ADD,
    COPY,
    CAT,
    READ,
    READD,
    SMALL,
    SMALL_COPY,
    HOLD,
    WAYS
};

static const char *const names[WAYS] = {"add",
                                        "hash and copy",
                                        "cat",
                                        "read and hash",
                                        "readd",
                                        "1,000 small files",
                                        "cp and sync of them",
                                        "hold"};

struct bench {
    const char *file;
    char store[1024];
    char copy[1024];
    char small[1024];
    char small_copy[1024];
    uint64_t bytes;
    struct ad_cid cid;
    double times[WAYS][ROUNDS_MAX];
};

static void die(const char *what, const artdag_error *err)
{
    (void)fprintf(stderr, "bench_store: %s: %s\n", what,
                  err != NULL ? err->message : strerror(errno));
    exit(1);
}

static void must(enum artdag_err code, const char *what, const artdag_error *err)
{
    if (code != ARTDAG_OK)
        die(what, err);
}

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int open_file(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd < 0)
        die(path, NULL);
    return fd;
}

static struct ad_store *open_store(struct bench *b)
{
    artdag_error err = {0};
    struct ad_store *store = NULL;
    char url[1100];
    (void)snprintf(url, sizeof(url), "fs:%s", b->store);
    must(ad_store_open(url, NULL, &store, &err), "open", &err);
    return store;
}

static double time_add(struct bench *b)
{
    artdag_error err = {0};
    struct ad_store *store = open_store(b);
    double start = seconds();
    must(ad_store_add_path(store, b->file, NULL, &b->cid, &b->bytes, &err), "add", &err);
    double end = seconds();
    ad_store_close(store);
    return end - start;
}

/* ---- what anybody would do instead ---- */

static enum artdag_err hash_piece(void *payload, size_t i, artdag_error *err)
{
    const int *fd = payload;
    uint8_t digest[32];
    size_t got = 0;
    uint8_t *piece = malloc(PIECE_BYTES);
    if (piece == NULL)
        die("memory", NULL);
    enum artdag_err code =
        ad_fs_pread_full(*fd, piece, PIECE_BYTES, i * PIECE_BYTES, &got, "bench", err);
    if (code == ARTDAG_OK)
        code = ad_sha256(piece, got, digest, err);
    free(piece);
    return code;
}

static void hash_file(const char *path, uint64_t bytes)
{
    artdag_error err = {0};
    int fd = open_file(path, O_RDONLY);
    must(ad_threads_each(0, (size_t)((bytes + PIECE_BYTES - 1) / PIECE_BYTES), hash_piece, &fd,
                         &err),
         "hash", &err);
    (void)close(fd);
}

static void copy_file(const char *from, const char *to)
{
    artdag_error err = {0};
    uint8_t *piece = malloc(PIECE_BYTES);
    int in = open_file(from, O_RDONLY);
    int out = open_file(to, O_WRONLY | O_CREAT | O_TRUNC);
    ssize_t n = 0;
    if (piece == NULL)
        die("memory", NULL);
    while ((n = read(in, piece, PIECE_BYTES)) > 0)
        must(ad_fs_write_full(out, piece, (size_t)n, "bench", &err), "copy", &err);
    if (n < 0 || fdatasync(out) != 0)
        die("copy", NULL);
    (void)close(in);
    (void)close(out);
    free(piece);
}

static double time_copy(struct bench *b)
{
    double start = seconds();
    hash_file(b->file, b->bytes);
    copy_file(b->file, b->copy);
    return seconds() - start;
}

/* One stream on one core, as cat is. */
static double time_read(struct bench *b)
{
    artdag_error err = {0};
    uint8_t digest[32];
    uint8_t *piece = malloc(PIECE_BYTES);
    int fd = open_file(b->copy, O_RDONLY);
    double start = seconds();
    ssize_t n = 0;
    while ((n = read(fd, piece, PIECE_BYTES)) > 0)
        must(ad_sha256(piece, (size_t)n, digest, &err), "hash", &err);
    double end = seconds();
    (void)close(fd);
    free(piece);
    return end - start;
}

static double time_cat(struct bench *b)
{
    artdag_error err = {0};
    struct ad_store *store = open_store(b);
    struct ad_unixfs_file *file = NULL;
    uint8_t *piece = malloc(PIECE_BYTES);
    double start = seconds();
    must(ad_store_open_file(store, &b->cid, &file, &err), "open", &err);
    for (uint64_t at = 0; at < b->bytes; at += PIECE_BYTES) {
        size_t got = 0;
        must(ad_unixfs_pread(file, piece, PIECE_BYTES, at, &got, &err), "cat", &err);
    }
    double end = seconds();
    ad_unixfs_close(file);
    ad_store_close(store);
    free(piece);
    return end - start;
}

/* ---- many small files ---- */

static void make_small(const char *folder)
{
    char path[1100];
    char data[1000];
    if (mkdir(folder, 0700) != 0)
        die(folder, NULL);
    for (int i = 0; i < SMALL_FILES; i++) {
        (void)snprintf(path, sizeof(path), "%s/%04d", folder, i);
        memset(data, i % 251, sizeof(data));
        (void)snprintf(data, sizeof(data), "%d", i);
        int fd = open_file(path, O_WRONLY | O_CREAT);
        if (write(fd, data, sizeof(data)) != (ssize_t)sizeof(data))
            die(path, NULL);
        (void)close(fd);
    }
}

static double time_small(struct bench *b)
{
    artdag_error err = {0};
    struct ad_cid cid = {0};
    struct ad_store *store = open_store(b);
    double start = seconds();
    must(ad_store_add_path(store, b->small, NULL, &cid, NULL, &err), "small", &err);
    double end = seconds();
    ad_store_close(store);
    return end - start;
}

static double time_small_copy(struct bench *b)
{
    char from[1100];
    char to[1100];
    double start = seconds();
    if (mkdir(b->small_copy, 0700) != 0)
        die(b->small_copy, NULL);
    int folder = open_file(b->small_copy, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < SMALL_FILES; i++) {
        char data[1000];
        (void)snprintf(from, sizeof(from), "%s/%04d", b->small, i);
        (void)snprintf(to, sizeof(to), "%s/%04d", b->small_copy, i);
        int in = open_file(from, O_RDONLY);
        int out = open_file(to, O_WRONLY | O_CREAT);
        if (read(in, data, sizeof(data)) != (ssize_t)sizeof(data) ||
            write(out, data, sizeof(data)) != (ssize_t)sizeof(data))
            die(to, NULL);
        (void)close(in);
        (void)close(out);
    }
    if (syncfs(folder) != 0)
        die("syncfs", NULL);
    (void)close(folder);
    return seconds() - start;
}

static double time_hold(struct bench *b)
{
    artdag_error err = {0};
    struct ad_lease *lease = NULL;
    struct ad_store *store = open_store(b);
    must(ad_lease_open(store, &lease, &err), "lease", &err);
    double start = seconds();
    for (int i = 0; i < HOLDS; i++) {
        bool complete = false;
        must(ad_lease_hold(lease, &b->cid, &complete, &err), "hold", &err);
        if (!complete)
            die("the file is not whole", NULL);
    }
    double end = seconds();
    ad_lease_close(lease);
    ad_store_close(store);
    return (end - start) / HOLDS;
}

/* ---- rounds ---- */

static void run_round(struct bench *b, int round)
{
    static double (*const ways[WAYS])(struct bench *) = {time_add,        time_copy, time_cat,
                                                         time_read,       time_add,  time_small,
                                                         time_small_copy, time_hold};
    artdag_error err = {0};
    for (int way = 0; way < WAYS; way++)
        b->times[way][round] = ways[way](b);
    must(ad_fs_remove_tree(b->store, "bench", &err), "clean", &err);
    must(ad_fs_remove_tree(b->copy, "bench", &err), "clean", &err);
    must(ad_fs_remove_tree(b->small_copy, "bench", &err), "clean", &err);
    sync();
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static double median(const double *values, int count)
{
    double sorted[ROUNDS_MAX];
    memcpy(sorted, values, (size_t)count * sizeof(*values));
    qsort(sorted, (size_t)count, sizeof(*sorted), compare);
    return sorted[count / 2];
}

static void print_ratio(const struct bench *b, enum way way, enum way against, int rounds)
{
    double ratios[ROUNDS_MAX];
    for (int i = 0; i < rounds; i++)
        ratios[i] = b->times[way][i] / b->times[against][i];
    (void)printf("%-20s takes %5.2f times as long as %s\n", names[way], median(ratios, rounds),
                 names[against]);
}

int main(int argc, char **argv)
{
    struct bench b = {0};
    artdag_error err = {0};
    int rounds = argc == 4 ? atoi(argv[3]) : 0;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        (void)fprintf(stderr, "usage: bench_store FILE FOLDER ROUNDS\n");
        return 2;
    }
    b.file = argv[1];
    (void)snprintf(b.store, sizeof(b.store), "%s/store", argv[2]);
    (void)snprintf(b.copy, sizeof(b.copy), "%s/copy", argv[2]);
    (void)snprintf(b.small, sizeof(b.small), "%s/small", argv[2]);
    (void)snprintf(b.small_copy, sizeof(b.small_copy), "%s/small-copy", argv[2]);
    make_small(b.small);
    for (int i = 0; i < rounds; i++)
        run_round(&b, i);
    must(ad_fs_remove_tree(b.small, "bench", &err), "clean", &err);
    for (int way = 0; way < WAYS; way++) {
        double t = median(b.times[way], rounds);
        (void)printf("%-20s %9.6f s", names[way], t);
        if (way <= READD)
            (void)printf("  %7.0f MB/s", (double)b.bytes / t / 1e6);
        (void)printf("\n");
    }
    print_ratio(&b, ADD, COPY, rounds);
    print_ratio(&b, READD, COPY, rounds);
    print_ratio(&b, CAT, READ, rounds);
    print_ratio(&b, SMALL, SMALL_COPY, rounds);
    return 0;
}
