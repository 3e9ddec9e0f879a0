/* SPDX-License-Identifier: MIT
 *
 * Driving artdag-media over the wire, as the engine does: starts the program, gives jobs, serves their inputs from
 * local files. Trouble of the machinery itself fails the test.
 */
#ifndef AD_TEST_MEDIA_H
#define AD_TEST_MEDIA_H

#include <sys/types.h>

#include "base/base.h"
#include "graph/graph.h"

struct ad_test_media {
    pid_t pid;
    int socket;
    char toolchain[512];
    char version[64];
};

/* Starts the program; prefix (NULL-terminated, may be NULL) goes in front of the command: an emulator. */
void ad_test_media_start(struct ad_test_media *media, const char *const *prefix);
/* Closes the socket and waits; returns the wait status. */
int ad_test_media_stop(struct ad_test_media *media);

struct ad_test_result {
    artdag_error error; /* of a FAIL */
    int64_t bytes, frames, samples, decode_errors;
    int64_t progress; /* the last one reported */
    size_t reads, logs, progresses;
    uint64_t read_bytes;
    int64_t peak_kib; /* the child's largest resident size seen */
    int exit_status;  /* wait status of the child */
    int64_t cuts[16]; /* of a join, as many as fit */
    size_t cut_count;
};

struct ad_test_job {
    const struct ad_job *job; /* sizes are filled in here */
    const char *const *paths; /* one per input */
    size_t path_count;
    int output_fd;
    int part_fd;               /* 0 or less = none */
    int64_t refuse_at;         /* > 0: reads at or beyond this offset are answered by NODATA */
    struct ad_test_warm *warm; /* NULL, or where the child of a span is kept for the next one */
};

/* A child between two spans; all zero before the first. */
struct ad_test_warm {
    int fd;
    pid_t pid;
};
/* Lets it end; returns its wait status. */
int ad_test_media_let_go(struct ad_test_media *media, struct ad_test_warm *warm);

/* Runs one job to its end. Returns the code of FAIL, or OK. */
enum artdag_err ad_test_media_run(struct ad_test_media *media, const struct ad_test_job *job,
                                  struct ad_test_result *ret);

/* Gives the job but serves nothing: returns the job's socket (close it) and the child's pid. */
int ad_test_media_begin(struct ad_test_media *media, const struct ad_test_job *job,
                        pid_t *ret_pid);

/* Renders a unit into the file `out`: AUDIO first when it has pictures and sound. */
enum artdag_err ad_test_media_render(struct ad_test_media *media, const struct ad_unit *unit,
                                     const char *const *paths, const char *cpu_flags,
                                     int threads, const char *out, struct ad_test_result *ret);
/* Probes a file; the document is freed at teardown. NULL when it failed. */
char *ad_test_media_probe(struct ad_test_media *media, const char *path,
                          struct ad_test_result *ret);

/* The whole number that follows "name": in the document, the first time it occurs. */
int64_t ad_test_json_int(const char *json, const char *name);

/* ---- other programs ---- */
/* Runs a shell command; fails the test unless it exits with 0. Returns its standard output, freed by the caller. */
char *ad_test_shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int64_t ad_test_shell_int(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
