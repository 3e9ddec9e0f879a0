/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"keep", 0, AD_CLI_VALUE, "SIZE", AD_CLI_AT(keep),
     "stop when the store is this small (50G)"},
    {"older-than", 0, AD_CLI_VALUE, "AGE", AD_CLI_AT(older_than),
     "only what was unused this long (30d)"},
    {"dry-run", 'n', AD_CLI_FLAG, NULL, AD_CLI_AT(dry_run),
     "say what would go, remove nothing"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

static int print(const struct ad_cli_args *args, const artdag_gc_result *r)
{
    char removed[32], kept[32];
    if (args->json)
        return ad_cli_print_json(
            json_pack("{s:b, s:I, s:I, s:I, s:I}", "dry_run", args->dry_run, "removed_blocks",
                      (json_int_t)r->removed_blocks, "removed_bytes",
                      (json_int_t)r->removed_bytes, "kept_blocks", (json_int_t)r->kept_blocks,
                      "kept_bytes", (json_int_t)r->kept_bytes));
    printf("%s %llu blocks, %s; kept %llu blocks, %s\n",
           args->dry_run ? "would remove" : "removed", (unsigned long long)r->removed_blocks,
           ad_cli_bytes(r->removed_bytes, removed), (unsigned long long)r->kept_blocks,
           ad_cli_bytes(r->kept_bytes, kept));
    return 0;
}

static int run(struct ad_cli_args *args)
{
    artdag_site *site = NULL;
    artdag_error err = {0};
    artdag_gc_result result = {0};
    artdag_gc_params params = ARTDAG_GC_PARAMS_INIT;
    params.dry_run = args->dry_run;
    if (args->keep && !ad_cli_size(args, "--keep", args->keep, &params.keep_bytes))
        return 2;
    if (args->older_than &&
        !ad_cli_age_ms(args, "--older-than", args->older_than, &params.older_than_ms))
        return 2;
    int status = ad_cli_open(args, &site);
    if (status == 0)
        status = artdag_gc(site, &params, &result, &err) == ARTDAG_OK ? print(args, &result)
                                                                      : ad_cli_fail(args, &err);
    artdag_site_close(site);
    return status;
}

const struct ad_cli_command ad_cmd_gc = {
    .name = "gc",
    .usage = "[--keep SIZE] [--older-than AGE]",
    .summary = "remove what neither a pin nor a running render needs",
    .help = "Safe beside running renders. Results whose bytes go are forgotten, and rendered "
            "again when\n"
            "they are needed. Films of runs are pinned; `artdag pin rm CID` lets them go.",
    .options = options,
    .min_args = 0,
    .max_args = 0,
    .run = run,
};
