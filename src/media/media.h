/* SPDX-License-Identifier: MIT
 *
 * The door of room media: the program artdag-media. Nothing includes it; other rooms talk to the program over the wire of
 * graph/graph.h. This header holds what the jobs share.
 *
 * Main thread: everything. Other threads: libav's own, and the watcher of conn.c.
 */
#ifndef AD_MEDIA_MEDIA_H
#define AD_MEDIA_MEDIA_H

#include "base/base.h"
#include "graph/graph.h"
#include "media/conn.h"
#include "media/pool.h"

/* Raised when this program's own code changes the bytes of films or the meaning of the metadata. */
#define AD_MEDIA_EXACT_REVISION 2

struct ad_done {
    int64_t bytes, frames, samples, decode_errors;
    AD_VEC(int64_t)
    cuts; /* JOIN: offsets at which spans and their sound begin; freed by ad_child_main */
};

/* What a child works with. Descriptors are its own. */
struct ad_child {
    struct ad_conn conn;
    int output_fd;
    int part_fd;         /* the second file: an audio part, or a contact sheet; -1 = none */
    struct ad_pool pool; /* what the spans rendered so far leave to the next one */
};

/* The kinds of job. What they fail with goes to the parent as it is. */
enum artdag_err ad_job_film(struct ad_child *child, const struct ad_job *job,
                            struct ad_done *ret, artdag_error *err);
/* A FILM of sound alone. */
enum artdag_err ad_job_film_of_sound(struct ad_child *child, const struct ad_job *job,
                                     struct ad_done *ret, artdag_error *err);
enum artdag_err ad_job_audio(struct ad_child *child, const struct ad_job *job,
                             struct ad_done *ret, artdag_error *err);
enum artdag_err ad_job_part(struct ad_child *child, const struct ad_job *job,
                            struct ad_done *ret, artdag_error *err);
enum artdag_err ad_job_join(struct ad_child *child, const struct ad_job *job,
                            struct ad_done *ret, artdag_error *err);
enum artdag_err ad_job_probe(struct ad_child *child, const struct ad_job *job,
                             struct ad_done *ret, artdag_error *err);
enum artdag_err ad_job_features(struct ad_child *child, const struct ad_job *job,
                                struct ad_done *ret, artdag_error *err);
enum artdag_err ad_job_plot(struct ad_child *child, const struct ad_job *job,
                            struct ad_done *ret, artdag_error *err);

/* MEDIA: what came out is longer or shorter than the unit says. */
enum artdag_err ad_job_wrong_length(artdag_error *err, const char *what, int64_t got,
                                    int64_t want);

/* Receives a job on socket, does it, reports. Returns the exit status of the process. Takes the descriptors. */
int ad_child_main(int socket, int output_fd, int part_fd);

/* Serves SPAWN and KILL until the parent closes. Returns the exit status. */
int ad_zygote_main(int socket);

/* One line that names everything the bytes of a film depend on. */
enum artdag_err ad_toolchain(struct ad_buf *buf, artdag_error *err);

#endif
