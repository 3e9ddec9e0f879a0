/* SPDX-License-Identifier: MIT
 *
 * The outputs of a plan: by name, and what files they are.
 */
#include <string.h>

#include "plan/planner.h"

struct container {
    const char *name;
    bool video; /* holds pictures; some containers do either */
    struct ad_file_type type;
};

static const struct container containers[] = {
    {"flac", false, {"flac", "audio/flac", "audio"}},
    {"gif", true, {"gif", "image/gif", "image"}},
    {"ipod", false, {"m4a", "audio/mp4", "audio"}},
    {"matroska", false, {"mka", "audio/x-matroska", "audio"}},
    {"matroska", true, {"mkv", "video/x-matroska", "video"}},
    {"mjpeg", true, {"jpg", "image/jpeg", "image"}},
    {"mp4", false, {"m4a", "audio/mp4", "audio"}},
    {"mov", false, {"mov", "video/quicktime", "audio"}},
    {"mov", true, {"mov", "video/quicktime", "video"}},
    {"mp4", true, {"mp4", "video/mp4", "video"}},
    {"png", true, {"png", "image/png", "image"}},
    {"wav", false, {"wav", "audio/wav", "audio"}},
    {"webm", false, {"webm", "audio/webm", "audio"}},
    {"webm", true, {"webm", "video/webm", "video"}},
};

const struct ad_plan_output *ad_plan_find_output(const struct ad_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->output_count; i++)
        if (strcmp(plan->outputs[i].name, name) == 0)
            return &plan->outputs[i];
    return NULL;
}

/* A picture has no container: its codec says what it is. */
static bool is_still(const struct ad_encode *encode)
{
    return strcmp(encode->container, "image2pipe") == 0;
}

static enum artdag_err find_type(const char *container, bool video, struct ad_file_type *ret,
                                 artdag_error *err)
{
    for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++) {
        const struct container *c = &containers[i];
        if (strcmp(c->name, container) != 0 || c->video != video)
            continue;
        *ret = c->type;
        return ARTDAG_OK;
    }
    return ad_error_set(err, ARTDAG_E_INTERNAL, ROOM, "container %s has no file type",
                        container);
}

enum artdag_err ad_plan_file_type(const struct ad_plan *plan, uint32_t step,
                                  struct ad_file_type *ret, artdag_error *err)
{
    const struct ad_step *output = &plan->steps[step];
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_encode encode = {0};
    struct ad_op_input *inputs =
        ad_arena_array(&arena, (size_t)output->input_count + 1, sizeof(*inputs));
    if (!inputs)
        return ad_error_nomem(err, ROOM);
    struct ad_op_call call = ad_plan_call(plan, output, inputs, &arena);
    enum artdag_err rc = output->op->encode ? output->op->encode(&call, &encode, err)
                                            : ad_error_set(err, ARTDAG_E_INTERNAL, ROOM,
                                                           "%s is no file", output->name);
    if (rc == ARTDAG_OK)
        rc = find_type(is_still(&encode) ? encode.video.codec : encode.container,
                       output->edge.video, ret, err);
    ad_arena_fini(&arena);
    return rc;
}
