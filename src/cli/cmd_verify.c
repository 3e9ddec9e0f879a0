/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cli/cli.h"

struct listing {
    const struct ad_cli_args *args;
    json_t *bad;
};

static void on_bad(void *payload, const char *cid, const char *why)
{
    struct listing *l = payload;
    if (l->args->json)
        json_array_append_new(l->bad, json_pack("{s:s, s:s}", "cid", cid, "why", why));
    else
        printf("%s  %s\n", cid, why);
}

static int print(const struct ad_cli_args *args, const artdag_verify_result *r, json_t *bad)
{
    char bytes[32];
    if (args->json)
        return ad_cli_print_json(json_pack("{s:I, s:I, s:I, s:I, s:O}", "blocks",
                                           (json_int_t)r->blocks, "bytes", (json_int_t)r->bytes,
                                           "corrupt", (json_int_t)r->corrupt, "missing_pinned",
                                           (json_int_t)r->missing_pinned, "bad", bad));
    printf("%llu blocks, %s: %llu corrupt, %llu pinned but missing\n",
           (unsigned long long)r->blocks, ad_cli_bytes(r->bytes, bytes),
           (unsigned long long)r->corrupt, (unsigned long long)r->missing_pinned);
    return 0;
}

static int run(struct ad_cli_args *args)
{
    artdag_site *site = NULL;
    artdag_error err = {0};
    artdag_verify_result result = {0};
    struct listing l = {args, json_array()};
    int status = ad_cli_open(args, &site);
    if (status == 0) {
        enum artdag_err rc = artdag_verify(site, on_bad, &l, &result, &err);
        if (rc == ARTDAG_OK || rc == ARTDAG_E_CORRUPT)
            status = print(args, &result, l.bad);
        else
            status = ad_cli_fail(args, &err);
        if (rc == ARTDAG_E_CORRUPT) {
            fprintf(stderr, "artdag: %s (%s)\n", err.message, err.hint);
            status = artdag_err_exit_status(rc);
        }
    }
    json_decref(l.bad);
    artdag_site_close(site);
    return status;
}

const struct ad_cli_command ad_cmd_verify = {
    .name = "verify",
    .usage = "",
    .summary = "read every block and check it against its CID",
    .help = "Wrong blocks are moved to quarantine. Exit status 5 when there was any.",
    .min_args = 0,
    .max_args = 0,
    .run = run,
};
