/* SPDX-License-Identifier: MIT
 *
 * The child's end of a job's socket: messages out from any thread, requests and their answers from the main thread.
 */
#ifndef AD_MEDIA_CONN_H
#define AD_MEDIA_CONN_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/base.h"
#include "graph/graph.h"

struct ad_conn {
    int fd;
    pthread_mutex_t send_lock;
    atomic_bool finished; /* the result is out: the parent may close its end */
    artdag_error trouble; /* why the last READ failed; libav only sees EIO */
    int64_t last_progress_ms;
};

void ad_conn_init(struct ad_conn *conn, int fd); /* fd stays the caller's */

void ad_conn_begin(struct ad_conn *conn); /* another job */

/* Starts a thread that ends the process at once when the parent closes its end. */
enum artdag_err ad_conn_watch(struct ad_conn *conn, artdag_error *err);

enum artdag_err ad_conn_send(struct ad_conn *conn, enum ad_wire type, const void *data,
                             size_t len, artdag_error *err);

/* Asks the parent for bytes of an input; they replace buf's content (fewer than len only at the end of the
 * file). Main thread only. The parent's own code when it cannot serve; also kept in conn->trouble. */
enum artdag_err ad_conn_read(struct ad_conn *conn, uint32_t input, uint64_t offset,
                             uint32_t len, struct ad_buf *buf, artdag_error *err);

/* Asks the parent for bytes of an input's frame index. NOTFOUND when it has none, or cannot read it: nobody needs
 * an index. Main thread only. */
enum artdag_err ad_conn_read_index(struct ad_conn *conn, uint32_t input, uint64_t offset,
                                   uint32_t len, struct ad_buf *buf);

/* Reports frames (audio: samples) done, at most every 100 ms unless `last`. Main thread only. */
void ad_conn_progress(struct ad_conn *conn, int64_t done, bool last);

#endif
