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

static int run(struct ad_cli_args *args)
{
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

const struct ad_cli_command ad_cmd_stat = {
    .name = "stat",
    .usage = "CID ...",
    .summary = "sizes of a file or folder",
    .min_args = 1,
    .max_args = -1,
    .run = run,
};
