/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"media", 0, AD_CLI_VALUE, "FILE", AD_CLI_AT(media), "the media program (ARTDAG_MEDIA)"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

struct examination {
    const struct ad_cli_args *args;
    json_t *checks;
    int problems;
};

static void on_check(void *payload, const artdag_check *check)
{
    struct examination *x = payload;
    x->problems += !check->ok;
    if (x->args->json)
        json_array_append_new(x->checks, json_pack("{s:s, s:b, s:s, s:s}", "name", check->name,
                                                   "ok", check->ok, "detail", check->detail,
                                                   "hint", check->hint));
    else
        printf("%-4s %-16s %s%s%s\n", check->ok ? "ok" : "BAD", check->name, check->detail,
               *check->hint ? " -> " : "", check->hint);
}

static int run(struct ad_cli_args *args)
{
    struct examination x = {args, json_array(), 0};
    artdag_site_params params;
    artdag_error err = {0};
    int status = ad_cli_site_params(args, &params) ? 0 : 2;
    if (status == 0 && artdag_doctor(&params, on_check, &x, &err) != ARTDAG_OK)
        status = ad_cli_fail(args, &err);
    if (status == 0 && args->json)
        status = ad_cli_print_json(
            json_pack("{s:O, s:i}", "checks", x.checks, "problems", x.problems));
    if (status == 0 && x.problems > 0)
        status = 3;
    json_decref(x.checks);
    return status;
}

const struct ad_cli_command ad_cmd_doctor = {
    .name = "doctor",
    .usage = "",
    .summary = "check everything artdag needs and say what to do",
    .help = "Exit status 3 when there is a problem.",
    .options = options,
    .min_args = 0,
    .max_args = 0,
    .run = run,
};
