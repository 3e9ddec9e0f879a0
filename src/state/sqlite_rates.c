/* SPDX-License-Identifier: MIT
 *
 * The sqlite back end: rates.
 */
#include "state/sqlite.h"

static enum artdag_err add_one(struct ad_conn *conn, const struct ad_rate_record *rate,
                               artdag_error *err)
{
    sqlite3_stmt *add = NULL;
    enum artdag_err rc = ad_db_statement(conn, AD_SQL_RATE_ADD, &add, err);
    if (rc != ARTDAG_OK)
        return rc;
    ad_db_bind_text(add, 1, rate->kind);
    sqlite3_bind_double(add, 2, rate->amount);
    sqlite3_bind_double(add, 3, rate->ms);
    sqlite3_bind_double(add, 4, rate->bytes);
    sqlite3_bind_double(add, 5, AD_RATES_FADE);
    return ad_db_run(conn, add, err);
}

enum artdag_err ad_sqlite_rates_add(void *self, const struct ad_rate_record *rates,
                                    size_t count, artdag_error *err)
{
    const struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    enum artdag_err rc = ad_db_write(s->db, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++)
        rc = add_one(conn, &rates[i], err);
    return ad_db_end(conn, rc, err);
}

enum artdag_err ad_sqlite_rates(void *self, ad_state_rate_fn fn, void *payload,
                                artdag_error *err)
{
    const struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    sqlite3_stmt *rates = NULL;
    bool row = true;
    enum artdag_err rc = ad_db_read(s->db, false, &conn, err);
    if (rc == ARTDAG_OK)
        rc = ad_db_statement(conn, AD_SQL_RATES, &rates, err);
    while (rc == ARTDAG_OK && (rc = ad_db_step(conn, rates, &row, err)) == ARTDAG_OK && row) {
        const struct ad_rate_record rate = {
            .kind = ad_db_text(rates, 0),
            .amount = sqlite3_column_double(rates, 1),
            .ms = sqlite3_column_double(rates, 2),
            .bytes = sqlite3_column_double(rates, 3),
        };
        rc = rate.kind ? fn(payload, &rate, err) : ad_error_nomem(err, ROOM);
    }
    ad_db_done(conn);
    return rc;
}
