/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"limit", 0, AD_CLI_VALUE, "N", AD_CLI_AT(limit),
     "at most this many (default 20, 0 = all)"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

static const char *text(const json_t *map, const char *key)
{
    const char *s = json_string_value(json_object_get(map, key));
    return s ? s : "";
}

static void print_list(const json_t *runs)
{
    size_t i;
    json_t *run;
    json_array_foreach(runs, i, run)
    {
        const json_t *steps = json_object_get(run, "step_counts");
        printf("%.12s  %-8s  %4lld steps, %4lld executed  %8.2f s  %-20s %s\n",
               text(run, "run_id"), text(run, "status"),
               (long long)json_integer_value(json_object_get(steps, "total")),
               (long long)json_integer_value(json_object_get(steps, "executed")),
               json_number_value(json_object_get(run, "elapsed")), text(run, "recipe_name"),
               text(run, "output_cid"));
    }
}

static void print_one(const json_t *run)
{
    size_t i;
    json_t *step;
    printf("run     %s\nrecipe  %s  %s\nplan    %s\noutput  %s\nstatus  %s\n",
           text(run, "run_id"), text(run, "recipe_name"), text(run, "recipe_cid"),
           text(run, "plan_cid"), text(run, "output_cid"), text(run, "status"));
    if (*text(run, "error"))
        printf("error   %s\n", text(run, "error"));
    json_array_foreach(json_object_get(run, "steps"), i, step)
        printf("  %-9s %-24s %-10s %8lld frames %8.2f s  %s\n", text(step, "status"),
               text(step, "name"), text(step, "node_type"),
               (long long)json_integer_value(json_object_get(step, "frames")),
               json_number_value(json_object_get(step, "elapsed")), text(step, "output_cid"));
}

static int print(const struct ad_cli_args *args, const char *json)
{
    if (args->json)
        return ad_cli_print_text(json);
    json_t *root = json_loads(json, 0, NULL);
    if (!root)
        return 1;
    if (json_is_array(root))
        print_list(root);
    else
        print_one(root);
    json_decref(root);
    return 0;
}

static int run(struct ad_cli_args *args)
{
    artdag_site *site = NULL;
    artdag_error err = {0};
    char *json = NULL;
    uint64_t limit = 20;
    if (args->limit && !ad_cli_u64(args, "--limit", args->limit, &limit))
        return 2;
    int status = ad_cli_open(args, &site);
    if (status == 0) {
        enum artdag_err rc = artdag_runs(site, args->rest_count ? args->rest[0] : NULL,
                                         (size_t)limit, &json, &err);
        status = rc == ARTDAG_OK ? print(args, json) : ad_cli_fail(args, &err);
    }
    artdag_free(json);
    artdag_site_close(site);
    return status;
}

const struct ad_cli_command ad_cmd_runs = {
    .name = "runs",
    .usage = "[RUN]",
    .summary = "list the runs of this site, or show one with its steps",
    .options = options,
    .min_args = 0,
    .max_args = 1,
    .run = run,
};
