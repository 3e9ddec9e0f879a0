/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"only-hash", 'n', AD_CLI_FLAG, NULL, AD_CLI_AT(only_hash), "print the CID, store nothing"},
    {"reference", 0, AD_CLI_FLAG, NULL, AD_CLI_AT(reference),
     "leave the bytes where they are and remember the place"},
    {"profile", 0, AD_CLI_VALUE, "NAME", AD_CLI_AT(profile),
     "unixfs-v1-2025 (default) or unixfs-v0-2015 (with --only-hash)"},
    {"chunk", 0, AD_CLI_VALUE, "BYTES", AD_CLI_AT(chunk), "chunk size (with --only-hash)"},
    {"width", 0, AD_CLI_VALUE, "N", AD_CLI_AT(width), "links per node (with --only-hash)"},
    {"pin", 0, AD_CLI_VALUE, "NAME", AD_CLI_AT(name), "pin under this name"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

static bool params_of(const struct ad_cli_args *args, artdag_add_params *ret)
{
    uint64_t chunk = 0, width = 0;
    if ((args->chunk && !ad_cli_u64(args, "--chunk", args->chunk, &chunk)) ||
        (args->width && !ad_cli_u64(args, "--width", args->width, &width)))
        return false;
    if (chunk > UINT32_MAX || width > UINT32_MAX)
        return ad_cli_usage(args, "--chunk or --width is too large"), false;
    *ret = (artdag_add_params)ARTDAG_ADD_PARAMS_INIT;
    ret->profile = args->profile;
    ret->chunk_bytes = (uint32_t)chunk;
    ret->width = (uint32_t)width;
    ret->only_hash = args->only_hash;
    ret->reference = args->reference;
    return true;
}

static int add_one(const struct ad_cli_args *args, artdag_site *site, const char *path,
                   const artdag_add_params *params, json_t *list)
{
    artdag_cid cid;
    uint64_t bytes = 0;
    artdag_error err = {0};
    enum artdag_err rc = artdag_add(site, path, params, &cid, &bytes, &err);
    if (rc == ARTDAG_OK && args->name && !args->only_hash)
        rc = artdag_pin_add(site, cid.text, args->name, &err);
    if (rc != ARTDAG_OK)
        return ad_cli_fail(args, &err);
    if (args->json)
        json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "path", path, "cid", cid.text,
                                              "bytes", (json_int_t)bytes));
    else if (args->quiet)
        printf("%s\n", cid.text);
    else
        printf("%s  %s\n", cid.text, path);
    return 0;
}

static int run(struct ad_cli_args *args)
{
    artdag_add_params params;
    artdag_site *site = NULL;
    json_t *list = json_array();
    int status = params_of(args, &params) ? ad_cli_open(args, &site) : 2;
    for (int i = 0; status == 0 && i < args->rest_count; i++)
        status = add_one(args, site, args->rest[i], &params, list);
    if (status == 0 && args->json)
        status = ad_cli_print_json(json_incref(list));
    json_decref(list);
    artdag_site_close(site);
    return status;
}

const struct ad_cli_command ad_cmd_add = {
    .name = "add",
    .usage = "PATH ...",
    .summary = "add files or folders and print their CIDs",
    .help = "The CID equals that of `ipfs add` with the profile unixfs-v1-2025. Nothing is "
            "pinned unless\n"
            "--pin says so: `artdag gc` takes what neither a pin nor a running render needs.",
    .options = options,
    .min_args = 1,
    .max_args = -1,
    .run = run,
};
