/* SPDX-License-Identifier: MIT
 *
 * libav's log as LOG messages of the job, and libav's error numbers as artdag errors.
 */
#ifndef AD_MEDIA_LOG_H
#define AD_MEDIA_LOG_H

#include "media/conn.h"

/* Takes over av_log: warnings and errors go to conn (NULL = nowhere), a limited number of lines per job.
 * Process-global; called once, before any other libav function of the job. */
void ad_media_log_start(struct ad_conn *conn);
void ad_media_log_stop(
    void); /* says how many lines were left out; conn is not used afterwards */

/* Forgets the remembered line; what fails next is explained by what is logged from here on. */
void ad_media_log_forget(void);

/* The last error line of libav since then, without its newline; "" = none. Any thread. */
void ad_media_log_last(char *out, size_t size);

/* MEDIA with the message ": " libav's last error line, or its text for the error number e. ENOMEM gives NOMEM; an
 * input the parent could not serve gives the parent's reason and code. conn may be NULL. */
enum artdag_err ad_media_error(artdag_error *err, struct ad_conn *conn, int e, const char *fmt,
                               ...) AD_PRINTF(4, 5);

#endif
