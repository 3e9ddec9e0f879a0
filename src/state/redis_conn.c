/* SPDX-License-Identifier: MIT
 *
 * Connections to Redis by hiredis: addresses, the pool, one pass of commands, and trying again.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "state/redis.h"

#define IDLE_MAX 16
#define CONNECT_MS 3000
#define COMMAND_MS 15000
#define TRIES 6 /* with pauses of 50 ms that double: about 1.5 s, and the time of the tries */
#define DEFAULT_PORT 6379

struct ad_redis {
    char *host, *path, *user, *password, *prefix; /* path: of a Unix socket; else host */
    int port, db;
    const artdag_log *log;
    pthread_mutex_t lock;
    redisContext *idle[IDLE_MAX];
    size_t idle_count;
};

/* ---- addresses ---- */

/* The text up to end with %XX decoded; NULL = no memory. */
static char *decoded(struct ad_str s)
{
    char *out = ad_alloc(s.len + 1);
    size_t len = 0;
    for (size_t i = 0; out && i < s.len; i++) {
        uint8_t byte = 0;
        if (s.ptr[i] == '%' && ad_hex_parse(ad_str_slice(s, i + 1, i + 3), &byte, 1)) {
            out[len++] = (char)byte;
            i += 2;
        } else {
            out[len++] = s.ptr[i];
        }
    }
    return out;
}

static bool put(char **field, struct ad_str s)
{
    free(*field);
    *field = decoded(s);
    return *field != NULL;
}

static enum artdag_err bad_address(artdag_error *err, const char *what)
{
    ad_error_set(err, ARTDAG_E_INVAL, ROOM, "the address of the Redis server has %s", what);
    ad_error_hint(err, "redis://[USER:PASSWORD@]HOST[:PORT][/DB][?prefix=TEXT] or "
                       "redis:unix:PATH[?db=N]");
    return ARTDAG_E_INVAL;
}

static bool read_number(struct ad_str s, int64_t max, int *ret)
{
    int64_t n = 0;
    if (!ad_str_to_i64(s, &n) || n < 0 || n > max)
        return false;
    *ret = (int)n;
    return true;
}

static struct ad_str cut(struct ad_str *s, char at)
{
    const char *end = s->len ? memchr(s->ptr, at, s->len) : NULL;
    struct ad_str head = *s;
    if (!end) {
        *s = (struct ad_str){s->ptr + s->len, 0};
        return head;
    }
    head.len = (size_t)(end - s->ptr);
    *s = ad_str_slice(*s, head.len + 1, s->len);
    return head;
}

static enum artdag_err read_query(struct ad_redis *r, struct ad_str query, artdag_error *err)
{
    while (query.len) {
        struct ad_str value = cut(&query, '&');
        struct ad_str key = cut(&value, '=');
        if (ad_str_is(key, "records"))
            continue; /* state.c reads it */
        if (ad_str_is(key, "db") && read_number(value, 1 << 20, &r->db))
            continue;
        char **field = ad_str_is(key, "prefix")     ? &r->prefix
                       : ad_str_is(key, "user")     ? &r->user
                       : ad_str_is(key, "password") ? &r->password
                                                    : NULL;
        if (!field)
            return bad_address(err, "an unknown parameter");
        if (!put(field, value))
            return ad_error_nomem(err, ROOM);
    }
    return ARTDAG_OK;
}

static enum artdag_err read_user(struct ad_redis *r, struct ad_str user, artdag_error *err)
{
    struct ad_str name = cut(&user, ':');
    bool ok = put(&r->password, user) && (!name.len || put(&r->user, name));
    return ok ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

static enum artdag_err read_host(struct ad_redis *r, struct ad_str rest, artdag_error *err)
{
    struct ad_str path = rest, authority = cut(&path, '/'), host = authority;
    const char *at = authority.len ? memrchr(authority.ptr, '@', authority.len) : NULL;
    enum artdag_err rc = ARTDAG_OK;
    if (at) {
        size_t len = (size_t)(at - authority.ptr);
        rc = read_user(r, ad_str_slice(authority, 0, len), err);
        host = ad_str_slice(authority, len + 1, authority.len);
    }
    if (rc != ARTDAG_OK)
        return rc;
    struct ad_str port = host;
    if (host.len && host.ptr[0] == '[') { /* [::1]:6379 */
        struct ad_str inner = cut(&port, ']');
        host = ad_str_slice(inner, 1, inner.len);
        (void)cut(&port, ':');
    } else {
        host = cut(&port, ':');
    }
    if (port.len && !read_number(port, 65535, &r->port))
        return bad_address(err, "a wrong port");
    if (path.len && !read_number(path, 1 << 20, &r->db))
        return bad_address(err, "a wrong database number");
    return put(&r->host, host.len ? host : AD_STR_LIT("127.0.0.1")) ? ARTDAG_OK
                                                                    : ad_error_nomem(err, ROOM);
}

static enum artdag_err read_address(struct ad_redis *r, const char *where, artdag_error *err)
{
    struct ad_str rest = ad_str_from(where), query = rest;
    rest = cut(&query, '?');
    enum artdag_err rc = ARTDAG_OK;
    r->port = DEFAULT_PORT;
    if (!put(&r->prefix, AD_STR_LIT("artdag:")))
        return ad_error_nomem(err, ROOM);
    if (ad_str_starts(rest, "unix:/"))
        rc = put(&r->path, ad_str_slice(rest, 5, rest.len)) ? ARTDAG_OK
                                                            : ad_error_nomem(err, ROOM);
    else if (ad_str_starts(rest, "//"))
        rc = read_host(r, ad_str_slice(rest, 2, rest.len), err);
    else
        rc = bad_address(err, "no host");
    return rc == ARTDAG_OK ? read_query(r, query, err) : rc;
}

/* ---- connecting ---- */

static enum artdag_err unreachable(const struct ad_redis *r, const redisContext *c,
                                   artdag_error *err)
{
    enum artdag_err rc = r->path
                             ? ad_error_set(err, ARTDAG_E_NET, ROOM, "Redis at %s: %s", r->path,
                                            c ? c->errstr : "out of memory")
                             : ad_error_set(err, ARTDAG_E_NET, ROOM, "Redis at %s port %d: %s",
                                            r->host, r->port, c ? c->errstr : "out of memory");
    ad_error_hint(err, "is it running, and reachable from here?");
    return rc;
}

static enum artdag_err refused(const char *message, artdag_error *err)
{
    if (strncmp(message, "OOM", 3) == 0) {
        ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "Redis has no memory left");
        ad_error_hint(err, "raise its maxmemory, with policy noeviction");
        return ARTDAG_E_LIMIT;
    }
    if (strncmp(message, "WRONGTYPE", 9) == 0) {
        ad_error_set(err, ARTDAG_E_CORRUPT, ROOM,
                     "a key of ours in Redis holds something of another type");
        ad_error_hint(err, "use another database number or prefix, or delete the key");
        return ARTDAG_E_CORRUPT;
    }
    return ad_error_set(err, ARTDAG_E_REMOTE, ROOM, "Redis refuses: %.150s", message);
}

/* A server that is still loading its data is as good as one that is not there yet. */
static bool is_passing(const char *message)
{
    return strncmp(message, "LOADING", 7) == 0 || strncmp(message, "BUSY ", 5) == 0 ||
           strncmp(message, "MASTERDOWN", 10) == 0 || strncmp(message, "READONLY", 8) == 0;
}

static enum artdag_err command(redisContext *c, int count, const char *const *words,
                               artdag_error *err)
{
    const char *argv[4];
    for (int i = 0; i < count; i++)
        argv[i] = words[i];
    redisReply *reply = redisCommandArgv(c, count, argv, NULL);
    enum artdag_err rc = ARTDAG_OK;
    if (!reply)
        rc = ad_error_set(err, ARTDAG_E_NET, ROOM, "Redis: %s", c->errstr);
    else if (reply->type == REDIS_REPLY_ERROR)
        rc = is_passing(reply->str)
                 ? ad_error_set(err, ARTDAG_E_NET, ROOM, "Redis: %.100s", reply->str)
                 : refused(reply->str, err);
    freeReplyObject(reply);
    return rc;
}

static enum artdag_err greet(const struct ad_redis *r, redisContext *c, artdag_error *err)
{
    char number[16];
    enum artdag_err rc = ARTDAG_OK;
    if (r->password && r->user)
        rc = command(c, 3, (const char *[]){"AUTH", r->user, r->password}, err);
    else if (r->password)
        rc = command(c, 2, (const char *[]){"AUTH", r->password}, err);
    (void)snprintf(number, sizeof(number), "%d", r->db);
    if (rc == ARTDAG_OK && r->db)
        rc = command(c, 2, (const char *[]){"SELECT", number}, err);
    if (rc == ARTDAG_E_REMOTE)
        ad_error_hint(err, "check user, password and database number of the address");
    return rc;
}

static enum artdag_err connect_new(struct ad_redis *r, redisContext **ret, artdag_error *err)
{
    const struct timeval connecting = {.tv_sec = CONNECT_MS / 1000};
    const struct timeval waiting = {.tv_sec = COMMAND_MS / 1000};
    redisContext *c = r->path ? redisConnectUnixWithTimeout(r->path, connecting)
                              : redisConnectWithTimeout(r->host, r->port, connecting);
    enum artdag_err rc = ARTDAG_OK;
    if (!c || c->err)
        rc = unreachable(r, c, err);
    if (rc == ARTDAG_OK)
        (void)redisSetTimeout(c, waiting);
    if (rc == ARTDAG_OK && !r->path)
        (void)redisEnableKeepAlive(c);
    if (rc == ARTDAG_OK)
        rc = greet(r, c, err);
    if (rc != ARTDAG_OK) {
        if (c)
            redisFree(c);
        return rc;
    }
    *ret = c;
    return ARTDAG_OK;
}

static redisContext *take_idle(struct ad_redis *r)
{
    redisContext *c = NULL;
    pthread_mutex_lock(&r->lock);
    if (r->idle_count)
        c = r->idle[--r->idle_count];
    pthread_mutex_unlock(&r->lock);
    return c;
}

static void give_back(struct ad_redis *r, redisContext *c)
{
    pthread_mutex_lock(&r->lock);
    bool room = r->idle_count < IDLE_MAX;
    if (room)
        r->idle[r->idle_count++] = c;
    pthread_mutex_unlock(&r->lock);
    if (!room)
        redisFree(c);
}

/* Idle connections of before a failure are most likely dead as well. */
static void drop_idle(struct ad_redis *r)
{
    redisContext *c;
    while ((c = take_idle(r)))
        redisFree(c);
}

enum artdag_err ad_redis_open(const char *where, const artdag_log *log, struct ad_redis **ret,
                              artdag_error *err)
{
    struct ad_redis *r = ad_alloc(sizeof(*r));
    redisContext *c = NULL;
    if (!r)
        return ad_error_nomem(err, ROOM);
    r->log = log;
    if (pthread_mutex_init(&r->lock, NULL) != 0) {
        free(r);
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = read_address(r, where, err);
    if (rc == ARTDAG_OK)
        rc = connect_new(r, &c, err);
    if (rc != ARTDAG_OK) {
        ad_redis_close(r);
        return rc;
    }
    give_back(r, c);
    *ret = r;
    return ARTDAG_OK;
}

void ad_redis_close(struct ad_redis *r)
{
    if (!r)
        return;
    drop_idle(r);
    pthread_mutex_destroy(&r->lock);
    if (r->password)
        explicit_bzero(r->password, strlen(r->password));
    free(r->host);
    free(r->path);
    free(r->user);
    free(r->password);
    free(r->prefix);
    free(r);
}

const char *ad_redis_prefix(const struct ad_redis *r)
{
    return r->prefix;
}

/* ---- sending ---- */

struct pass {
    const struct ad_redis_command *commands;
    size_t count;
    enum artdag_err (*reply)(void *payload, size_t i, const redisReply *r, artdag_error *err);
    void *payload;
    bool lost; /* the connection is of no more use, and another try may help */
};

static enum artdag_err read_reply(struct pass *pass, redisContext *c, size_t i,
                                  artdag_error *err)
{
    void *any = NULL;
    if (redisGetReply(c, &any) != REDIS_OK) {
        pass->lost = true;
        return ad_error_set(err, ARTDAG_E_NET, ROOM, "Redis: %s", c->errstr);
    }
    redisReply *reply = any;
    enum artdag_err rc;
    if (reply->type != REDIS_REPLY_ERROR) {
        rc = pass->reply(pass->payload, i, reply, err);
    } else {
        pass->lost = is_passing(reply->str);
        rc = refused(reply->str, err);
    }
    freeReplyObject(reply);
    return rc;
}

/* hiredis writes to sockets whose other end may be gone, and knows no MSG_NOSIGNAL: the signal is kept from this thread, and taken
 * away if it came from here. */
struct no_pipe_signal {
    sigset_t before;
    bool was_pending;
};

static void hold_pipe_signal(struct no_pipe_signal *held)
{
    sigset_t pipe_only, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigemptyset(&pending);
    (void)sigpending(&pending);
    held->was_pending = sigismember(&pending, SIGPIPE) == 1;
    (void)pthread_sigmask(SIG_BLOCK, &pipe_only, &held->before);
}

static void let_pipe_signal(const struct no_pipe_signal *held)
{
    const struct timespec now = {0};
    sigset_t pipe_only;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    if (!held->was_pending)
        (void)sigtimedwait(&pipe_only, NULL, &now);
    (void)pthread_sigmask(SIG_SETMASK, &held->before, NULL);
}

/* All replies are read, also behind a failure, so that the connection stays of use. */
static enum artdag_err send_pass(struct pass *pass, redisContext *c, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; i < pass->count; i++) {
        const struct ad_redis_command *cmd = &pass->commands[i];
        const char **words = (const char **)(uintptr_t)cmd->words; /* only read */
        if (redisAppendCommandArgv(c, cmd->count, words, cmd->lens) != REDIS_OK) {
            pass->lost = true;
            return ad_error_nomem(err, ROOM);
        }
    }
    for (size_t i = 0; i < pass->count && !pass->lost; i++) {
        enum artdag_err one = read_reply(pass, c, i, rc == ARTDAG_OK ? err : NULL);
        rc = rc == ARTDAG_OK ? one : rc;
    }
    return rc;
}

static void pause_before(unsigned attempt)
{
    int64_t ms = INT64_C(50) << attempt;
    const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};
    (void)nanosleep(&t, NULL);
}

enum artdag_err ad_redis_send(struct ad_redis *r, const struct ad_redis_command *commands,
                              size_t count,
                              enum artdag_err (*reply)(void *payload, size_t i,
                                                       const redisReply *r, artdag_error *err),
                              void *payload, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    struct no_pipe_signal held;
    hold_pipe_signal(&held);
    bool done = false;
    for (unsigned attempt = 0; attempt < TRIES && !done; attempt++) {
        struct pass pass = {commands, count, reply, payload, false};
        redisContext *c = take_idle(r);
        rc = c ? ARTDAG_OK : connect_new(r, &c, err);
        if (rc == ARTDAG_OK) {
            rc = send_pass(&pass, c, err);
            done = !pass.lost;
            if (done) {
                give_back(r, c);
            } else {
                redisFree(c);
                drop_idle(r);
            }
        } else {
            done = rc != ARTDAG_E_NET;
        }
        if (!done && attempt + 1 < TRIES) {
            ad_log_info(r->log, "state.redis",
                        "the connection to Redis was lost; trying again");
            pause_before(attempt);
        }
    }
    let_pipe_signal(&held);
    return rc;
}
