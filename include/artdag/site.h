/* SPDX-License-Identifier: MIT
 *
 * A site: one store, one state and one engine, opened together. Almost everything else takes a site.
 */
#ifndef ARTDAG_SITE_H
#define ARTDAG_SITE_H

#include <stddef.h>

#include <artdag/error.h>
#include <artdag/log.h>

ARTDAG_BEGIN_DECLS

typedef struct artdag_site artdag_site;

/* Where a site is and how it works. Zero or NULL takes the environment variable named, then the
 * configuration file, then the default. The strings are copied. */
typedef struct artdag_site_params {
    size_t size;             /* sizeof(artdag_site_params), set by ARTDAG_SITE_PARAMS_INIT */
    const char *home;        /* ARTDAG_HOME; the XDG data folder "artdag" */
    const char *store;       /* ARTDAG_STORE; "fs:HOME/store" */
    const char *state;       /* ARTDAG_STATE; "sqlite:HOME/state.db", "redis://HOST" */
    const char *cluster_key; /* ARTDAG_CLUSTER_KEY, ARTDAG_CLUSTER_KEY_FILE; empty. Secret */
    const char *cluster_key_file; /* the same, in the first line of a file */
    const char *config; /* ARTDAG_CONFIG; the XDG configuration file "artdag/config.yaml" */
    /* ARTDAG_MEDIA; artdag-media beside the program, then as installed */
    const char *media_program;
    /* ARTDAG_FONT: path or CID of the font of text that gives none; looked for in the usual places */
    const char *font;
    /* ARTDAG_CPU_FLAGS; what the CPU has. For tests of reproducibility */
    const char *cpu_flags;
    unsigned jobs; /* ARTDAG_JOBS; the number of cores */
    int rehash;    /* not 0: read every input again instead of trusting its time stamps */
    const artdag_log *log; /* NULL = silent; must outlive the site */
    /* Asked often, from any thread: not 0 stops the call in progress with CANCELED. May be NULL. */
    int (*canceled)(void *payload);
    void *cancel_payload;
} artdag_site_params;

#define ARTDAG_SITE_PARAMS_INIT                                                                \
    {                                                                                          \
        .size = sizeof(artdag_site_params)                                                     \
    }

/* Opens a site, making its folder when it is missing. params may be NULL: all defaults. No process is
 * started until there is something to render. *ret is closed with artdag_site_close; one thread at a
 * time may use it. INVAL for contradictory settings, IO or NET when store or state cannot be had. */
ARTDAG_API enum artdag_err artdag_site_open(const artdag_site_params *params, artdag_site **ret,
                                            artdag_error *err);

/* Stops every child, releases every lease. NULL is allowed. */
ARTDAG_API void artdag_site_close(artdag_site *site);

/* Frees memory that this library handed out (documents, lists). NULL is allowed. */
ARTDAG_API void artdag_free(void *memory);

/* What makes the cluster key so weak that ids can be guessed, in one line; NULL when it is strong, or
 * when there is none (a site that shares with nobody needs none). Lives as long as the site. */
ARTDAG_API const char *artdag_site_key_warning(const artdag_site *site);

/* Writes a new strong cluster key (256 random bits as text) into out, NUL-terminated. */
#define ARTDAG_CLUSTER_KEY_BYTES 72
ARTDAG_API enum artdag_err artdag_cluster_key_new(char out[ARTDAG_CLUSTER_KEY_BYTES],
                                                  artdag_error *err);

/* One check of `artdag doctor`. All strings live during the call only. */
typedef struct artdag_check {
    const char *name;   /* "media program", "store" ... */
    int ok;             /* 0 = a problem */
    const char *detail; /* what was found */
    const char *hint;   /* what to do about it, or "" */
} artdag_check;

/* Looks at everything a site of these params needs, and calls each once per check. Problems are
 * reported through each, not as an error; an error means that the checks themselves failed. */
ARTDAG_API enum artdag_err artdag_doctor(const artdag_site_params *params,
                                         void (*each)(void *payload, const artdag_check *check),
                                         void *payload, artdag_error *err);

ARTDAG_END_DECLS

#endif
