/* SPDX-License-Identifier: MIT
 *
 * What a run gives away: its outputs, and the files they are written to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"

#define ROOM "api"

/* ---- where they go ---- */

static enum artdag_err no_output(const struct ad_plan *plan, const char *name,
                                 artdag_error *err)
{
    const char **known = ad_alloc_array(plan->output_count + 1, sizeof(*known));
    ad_error_set(err, ARTDAG_E_INVAL, ROOM, "there is no output called \"%.200s\"", name);
    if (!known)
        return ARTDAG_E_INVAL;
    for (size_t i = 0; i < plan->output_count; i++)
        known[i] = plan->outputs[i].name;
    const char *near = ad_str_nearest(ad_str_from(name), known);
    ad_error_hint(err, near ? "did you mean %s?" : "the first is called %s",
                  near ? near : known[0]);
    free(known);
    return ARTDAG_E_INVAL;
}

static enum artdag_err set_path(artdag_run_output *output, char *path, artdag_error *err)
{
    if (!path)
        return ad_error_nomem(err, ROOM);
    if (output->path) {
        free(path);
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "output %s is to be written twice",
                            output->name);
    }
    output->path = path;
    return ARTDAG_OK;
}

/* A node's id may hold what file names should not. */
static char *path_in(const char *folder, const artdag_run_output *output)
{
    size_t len = strlen(folder);
    bool slash = len > 0 && folder[len - 1] == '/';
    size_t size = len + strlen(output->name) + strlen(output->extension) + 3;
    char *path = ad_alloc_array(size, 1);
    if (!path)
        return NULL;
    snprintf(path, size, "%s%s%s.%s", folder, slash ? "" : "/", output->name,
             output->extension);
    for (char *c = path + len + !slash; *c; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("_-.", *c);
        if (!plain || (*c == '.' && c[-1] == '/'))
            *c = '_';
    }
    return path;
}

static enum artdag_err place_files(const struct ad_plan *plan,
                                   const artdag_execute_params *params,
                                   artdag_run_result *result, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < params->file_count; i++) {
        const artdag_named *file = &params->files[i];
        const struct ad_plan_output *output = ad_plan_find_output(plan, file->name);
        if (!output)
            return no_output(plan, file->name, err);
        rc = set_path(&result->outputs[output - plan->outputs], ad_strdup(file->value), err);
    }
    return rc;
}

static enum artdag_err place(const struct ad_plan *plan, const artdag_execute_params *params,
                             artdag_run_result *result, artdag_error *err)
{
    enum artdag_err rc = place_files(plan, params, result, err);
    if (rc == ARTDAG_OK && params->output && result->output_count > 1) {
        rc =
            ad_error_set(err, ARTDAG_E_INVAL, ROOM, "%s is one file, and there are %zu outputs",
                         params->output, result->output_count);
        ad_error_hint(err, "-o %s=%s, or -o FOLDER/ for all of them", plan->outputs[0].name,
                      params->output);
    } else if (rc == ARTDAG_OK && params->output) {
        rc = set_path(&result->outputs[0], ad_strdup(params->output), err);
    }
    if (rc == ARTDAG_OK && params->folder && !params->dry_run)
        rc = ad_fs_mkdirs(params->folder, ROOM, err);
    for (size_t i = 0; rc == ARTDAG_OK && params->folder && i < result->output_count; i++)
        if (!result->outputs[i].path)
            rc = set_path(&result->outputs[i], path_in(params->folder, &result->outputs[i]),
                          err);
    return rc;
}

/* ---- what they are ---- */

static enum artdag_err describe(const struct ad_plan *plan, const struct ad_plan_output *from,
                                artdag_run_output *to, artdag_error *err)
{
    struct ad_file_type type = {0};
    enum artdag_err rc = ad_plan_file_type(plan, from->step, &type, err);
    if (rc != ARTDAG_OK)
        return rc;
    snprintf(to->name, sizeof(to->name), "%s", from->name);
    ad_step_id(&plan->steps[from->step], to->step_id);
    to->media_type = type.media_type;
    to->extension = type.extension;
    to->frames = plan->steps[from->step].edge.frames;
    return ARTDAG_OK;
}

enum artdag_err ad_api_outputs(const struct ad_plan *plan, const artdag_execute_params *params,
                               artdag_run_result *result, artdag_error *err)
{
    if (params->file_count > 0 && !params->files)
        return ad_api_misuse(err, "artdag", "files is NULL but counted");
    for (size_t i = 0; i < params->file_count; i++)
        if (!params->files[i].name || !params->files[i].value)
            return ad_api_misuse(err, "artdag", "a name or path of files is NULL");
    result->outputs = ad_alloc_array(plan->output_count, sizeof(*result->outputs));
    if (!result->outputs)
        return ad_error_nomem(err, ROOM);
    result->output_count = plan->output_count;
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < plan->output_count; i++)
        rc = describe(plan, &plan->outputs[i], &result->outputs[i], err);
    return rc == ARTDAG_OK ? place(plan, params, result, err) : rc;
}

/* ---- once they are there ---- */

enum artdag_err ad_api_outputs_done(artdag_site *site, const struct ad_plan *plan,
                                    const struct ad_execute_result *done, bool dry,
                                    artdag_run_result *result, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < result->output_count; i++) {
        artdag_run_output *output = &result->outputs[i];
        const char *text = done->cids[plan->outputs[i].step];
        struct ad_cid cid;
        if (!text)
            continue;
        rc = ad_api_parse_cid(text, &cid, err);
        if (rc != ARTDAG_OK)
            break;
        output->cid = ad_api_cid(&cid);
        if (output->path && !dry)
            rc = ad_store_export(ad_site_store(site->inner), &cid, output->path, err);
    }
    return rc;
}

void ad_api_outputs_fini(artdag_run_result *result)
{
    for (size_t i = 0; i < result->output_count; i++)
        free(result->outputs[i].path);
    free(result->outputs);
    result->outputs = NULL;
    result->output_count = 0;
}
