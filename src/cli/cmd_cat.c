/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"offset", 0, AD_CLI_VALUE, "BYTES", AD_CLI_AT(offset), "start here"},
    {"length", 0, AD_CLI_VALUE, "BYTES", AD_CLI_AT(length), "stop after this many"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

static int write_piece(void *payload, const void *data, size_t len)
{
    (void)payload;
    return fwrite(data, 1, len, stdout) == len ? 0 : 1;
}

static int run(struct ad_cli_args *args)
{
    artdag_site *site = NULL;
    artdag_error err = {0};
    uint64_t offset = 0, length = 0;
    if ((args->offset && !ad_cli_u64(args, "--offset", args->offset, &offset)) ||
        (args->length && !ad_cli_u64(args, "--length", args->length, &length)))
        return 2;
    if (args->json)
        return ad_cli_usage(args, "cat writes bytes; there is no JSON form of them");
    int status = ad_cli_open(args, &site);
    for (int i = 0; status == 0 && i < args->rest_count; i++)
        if (artdag_cat(site, args->rest[i], offset, args->length ? (int64_t)length : -1,
                       write_piece, NULL, &err) != ARTDAG_OK)
            status = ad_cli_fail(args, &err);
    artdag_site_close(site);
    return status;
}

const struct ad_cli_command ad_cmd_cat = {
    .name = "cat",
    .usage = "CID ...",
    .summary = "write the bytes of a file to stdout",
    .options = options,
    .min_args = 1,
    .max_args = -1,
    .run = run,
};
