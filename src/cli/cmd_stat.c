/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cli/cli.h"

static json_t *stat_json(const artdag_stat *s)
{
    static const char *const types[] = {
        [ARTDAG_FILE] = "file", [ARTDAG_FOLDER] = "folder", [ARTDAG_SYMLINK] = "symlink"};
    return json_pack("{s:s, s:s, s:I, s:I, s:I}", "cid", s->cid.text, "type", types[s->type],
                     "file_bytes", (json_int_t)s->file_bytes, "dag_bytes",
                     (json_int_t)s->dag_bytes, "blocks", (json_int_t)s->blocks);
}

static void print(const artdag_stat *s)
{
    char file[32], dag[32];
    printf("%s\n", s->cid.text);
    if (s->type == ARTDAG_FILE)
        printf("  content  %llu bytes (%s)\n", (unsigned long long)s->file_bytes,
               ad_cli_bytes(s->file_bytes, file));
    printf("  DAG      %llu bytes (%s) in %llu blocks\n", (unsigned long long)s->dag_bytes,
           ad_cli_bytes(s->dag_bytes, dag), (unsigned long long)s->blocks);
}

static json_t *side_json(const char *cid, uint64_t blocks, uint64_t bytes,
                         const artdag_shared *s)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:I}", "cid", cid, "blocks", (json_int_t)blocks,
                     "bytes", (json_int_t)bytes, "own_blocks",
                     (json_int_t)(blocks - s->common_blocks), "own_bytes",
                     (json_int_t)(bytes - s->common_bytes));
}

static void print_share(const char *label, uint64_t blocks, uint64_t bytes)
{
    char text[32];
    printf("  %-8s %llu bytes (%s) in %llu blocks\n", label, (unsigned long long)bytes,
           ad_cli_bytes(bytes, text), (unsigned long long)blocks);
}

static int run_shared(struct ad_cli_args *args)
{
    artdag_site *site = NULL;
    artdag_error err = {0};
    artdag_shared s;
    if (args->rest_count != 2)
        return ad_cli_usage(args, "--shared compares two CIDs");
    const char *a = args->rest[0];
    const char *b = args->rest[1];
    int status = ad_cli_open(args, &site);
    if (status == 0 && artdag_stat_shared(site, a, b, &s, &err) != ARTDAG_OK)
        status = ad_cli_fail(args, &err);
    artdag_site_close(site);
    if (status != 0)
        return status;
    if (args->json)
        return ad_cli_print_json(json_pack(
            "{s:{s:I, s:I}, s:[o, o]}", "common", "blocks", (json_int_t)s.common_blocks,
            "bytes", (json_int_t)s.common_bytes, "sides",
            side_json(a, s.a_blocks, s.a_bytes, &s), side_json(b, s.b_blocks, s.b_bytes, &s)));
    print_share("common", s.common_blocks, s.common_bytes);
    printf("%s\n", a);
    print_share("own", s.a_blocks - s.common_blocks, s.a_bytes - s.common_bytes);
    printf("%s\n", b);
    print_share("own", s.b_blocks - s.common_blocks, s.b_bytes - s.common_bytes);
    return 0;
}

static int run(struct ad_cli_args *args)
{
    if (args->shared)
        return run_shared(args);
    artdag_site *site = NULL;
    artdag_error err = {0};
    artdag_stat s;
    json_t *list = json_array();
    int status = ad_cli_open(args, &site);
    for (int i = 0; status == 0 && i < args->rest_count; i++) {
        if (artdag_stat_cid(site, args->rest[i], &s, &err) != ARTDAG_OK)
            status = ad_cli_fail(args, &err);
        else if (args->json)
            json_array_append_new(list, stat_json(&s));
        else
            print(&s);
    }
    if (status == 0 && args->json)
        status = ad_cli_print_json(
            json_incref(args->rest_count == 1 ? json_array_get(list, 0) : list));
    json_decref(list);
    artdag_site_close(site);
    return status;
}

static const struct ad_cli_option options[] = {
    {"shared", 0, AD_CLI_FLAG, NULL, AD_CLI_AT(shared), "compare two CIDs, block by block"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

const struct ad_cli_command ad_cmd_stat = {
    .name = "stat",
    .usage = "CID ... | --shared CID1 CID2",
    .summary = "sizes of a file or folder",
    .help = "With --shared: how many blocks and bytes two files or folders have in common, and "
            "how many\n"
            "only one of them has. Two versions of a film share the spans that did not change.",
    .options = options,
    .min_args = 1,
    .max_args = -1,
    .run = run,
};
