/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"output", 'o', AD_CLI_VALUE, "FILE", AD_CLI_AT(output),
     "export to this file (default: stdout)"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

static int export_to(const struct ad_cli_args *args, artdag_site *site, int fd)
{
    artdag_error err = {0};
    const char *const *cids = (const char *const *)(args->rest + 1);
    if (artdag_car_export(site, cids, (size_t)args->rest_count - 1, fd, &err) == ARTDAG_OK)
        return 0;
    return ad_cli_fail(args, &err);
}

/* A failed export leaves no half archive behind. */
static int export_file(const struct ad_cli_args *args, artdag_site *site)
{
    int fd = open(args->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return ad_cli_usage(args, "cannot write %s", args->output);
    int status = export_to(args, site, fd);
    if (close(fd) != 0 && status == 0)
        status = 1;
    if (status != 0)
        unlink(args->output);
    else if (args->json)
        status = ad_cli_print_json(
            json_pack("{s:s, s:i}", "path", args->output, "roots", args->rest_count - 1));
    return status;
}

static int export_car(const struct ad_cli_args *args, artdag_site *site)
{
    if (args->output)
        return export_file(args, site);
    if (args->json)
        return ad_cli_usage(args, "car export --json wants -o FILE: stdout is the archive");
    return export_to(args, site, STDOUT_FILENO);
}

struct listing {
    const struct ad_cli_args *args;
    json_t *roots;
};

static void on_root(void *payload, const artdag_cid *cid)
{
    struct listing *l = payload;
    if (l->args->json)
        json_array_append_new(l->roots, json_string(cid->text));
    else
        printf("%s\n", cid->text);
}

static int import_car(const struct ad_cli_args *args, artdag_site *site, const char *path)
{
    artdag_error err = {0};
    struct listing l = {args, json_array()};
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    int status = 0;
    if (fd < 0)
        status = ad_cli_usage(args, "cannot read %s", path);
    else if (artdag_car_import(site, fd, on_root, &l, &err) != ARTDAG_OK)
        status = ad_cli_fail(args, &err);
    else if (args->json)
        status = ad_cli_print_json(json_pack("{s:O}", "roots", l.roots));
    if (fd >= 0 && !standard)
        close(fd);
    json_decref(l.roots);
    return status;
}

static int run(struct ad_cli_args *args)
{
    artdag_site *site = NULL;
    bool out = strcmp(args->rest[0], "export") == 0;
    if (!out && strcmp(args->rest[0], "import") != 0)
        return ad_cli_usage(args, "car knows export and import, not \"%s\"", args->rest[0]);
    int status = ad_cli_open(args, &site);
    if (status == 0)
        status = out ? export_car(args, site) : import_car(args, site, args->rest[1]);
    artdag_site_close(site);
    return status;
}

const struct ad_cli_command ad_cmd_car = {
    .name = "car",
    .usage = "export CID ... [-o FILE]  or  import FILE|-",
    .summary = "exchange DAGs as CAR archives",
    .options = options,
    .min_args = 2,
    .max_args = -1,
    .run = run,
};
