/* SPDX-License-Identifier: MIT */
#include "plan_test.h"

#include <stdio.h>

static const struct media all[] = {
    {"film", 1280, 720, 24, 1, 0, 1, 1, 300, 44100, 2, false},
    {"other", 1280, 720, 24, 1, 0, 1, 1, 300, 44100, 2, false},
    {"music", 0, 0, 0, 0, 0, 0, 0, 600, 44100, 2, false},
    {"tall", 721, 405, 30000, 1001, 90, 4, 3, 100, 48000, 1, false},
    {"small", 320, 180, 25, 1, 0, 1, 1, 100, 48000, 1, false},
    {"silent", 640, 360, 25, 1, 0, 1, 1, 100, 0, 0, false},
    {"photo", 801, 601, 25, 1, 0, 1, 1, 0, 0, 0, true},
};

const struct media *media_find(const char *kind)
{
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i].kind, kind) == 0)
            return &all[i];
    fail_msg("no media called %s", kind);
    return NULL;
}

struct ad_cid media_cid(const char *kind)
{
    artdag_error err = {0};
    struct ad_cid cid = {0};
    assert_ok(ad_cid_of(AD_CODEC_RAW, kind, strlen(kind), &cid, &err));
    return cid;
}

const struct ad_value *media_analysis(struct ad_arena *arena, const struct media *m)
{
    artdag_error err = {0};
    const struct ad_value *root = NULL;
    char video[600] = "null", audio[200] = "null", text[1200];
    if (m->width)
        snprintf(video, sizeof(video),
                 "{\"alpha\":false,\"bits\":8,\"codec\":\"h264\",\"color\":{\"matrix\":\"\","
                 "\"primaries\":\"\",\"range\":\"\",\"transfer\":\"\"},"
                 "\"fps\":{\"den\":%d,\"num\":%d},\"frames\":1,\"height\":%d,"
                 "\"interlaced\":false,\"pixel_format\":\"yuv420p\",\"rotation\":%d,"
                 "\"sar\":{\"den\":%d,\"num\":%d},\"start\":{\"den\":1,\"num\":0},"
                 "\"still\":%s,\"stream\":0,\"vfr\":false,\"width\":%d}",
                 m->fps_den, m->fps_num, m->height, m->rotation, m->sar_den, m->sar_num,
                 m->still ? "true" : "false", m->width);
    if (m->rate)
        snprintf(
            audio, sizeof(audio),
            "{\"channel_layout\":\"stereo\",\"channels\":%d,\"codec\":\"aac\","
            "\"sample_rate\":%d,\"samples\":1,\"start\":{\"den\":1,\"num\":0},\"stream\":1}",
            m->channels, m->rate);
    snprintf(
        text, sizeof(text),
        "{\"audio\":%s,\"bytes\":1,\"container\":\"mov\",\"duration\":{\"den\":%d,\"num\":%d},"
        "\"format\":\"artdag/metadata/1\",\"ignored\":[],"
        "\"origin\":{\"den\":1,\"num\":0},\"video\":%s}",
        audio, m->still ? 25 : 10, m->still ? 1 : m->seconds, video);
    assert_ok(
        ad_json_parse(arena, ad_arena_str(arena, ad_str_from(text)), NULL, NULL, &root, &err));
    return root;
}

struct ad_plan_env request_env(const struct request *request)
{
    struct ad_plan_env env = {
        .cluster_key = ad_str_from(request->key ? request->key : TEST_KEY),
        .toolchain = request->toolchain ? request->toolchain : TEST_TOOLCHAIN,
        .recipe_cid = media_cid(request->yaml),
    };
    return env;
}

/* "name=kind name=kind" */
static size_t make_inputs(const char *text, struct ad_arena *arena, struct ad_plan_input *ret)
{
    size_t count = 0;
    while (*text) {
        size_t name = strcspn(text, "="), kind = strcspn(text + name + 1, " ");
        struct ad_plan_input *input = &ret[count++];
        const char *what = ad_arena_strdup(arena, (struct ad_str){text + name + 1, kind});
        input->name = ad_arena_strdup(arena, (struct ad_str){text, name});
        input->cid = media_cid(what);
        input->analysis = media_analysis(arena, media_find(what));
        input->analysis_cid = "bafkreianalysis";
        text += name + 1 + kind;
        text += *text == ' ';
    }
    return count;
}

enum artdag_err try_plan(const struct request *request, struct ad_plan **ret, artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_recipe *recipe = NULL;
    struct ad_plan_input inputs[16] = {{0}};
    struct ad_plan_env env = request_env(request);
    enum artdag_err rc =
        ad_recipe_parse(ad_str_from(request->yaml), "film.yaml", NULL, &recipe, err);
    size_t count =
        make_inputs(request->inputs ? request->inputs : "video=film", &arena, inputs);
    const struct ad_value *features = NULL;
    if (rc == ARTDAG_OK && request->features)
        rc = ad_json_parse(&arena, ad_str_from(request->features), NULL, NULL, &features, err);
    for (size_t i = 0; i < count; i++)
        inputs[i].features = ad_value_get(features, inputs[i].name);
    const struct ad_plan_wish wish = {
        .inputs = inputs,
        .input_count = count,
        .params = request->params,
        .param_count = request->param_count,
        .target = request->target,
        .only = request->only,
        .only_count = request->only_count,
    };
    if (rc == ARTDAG_OK)
        rc = ad_plan_make(recipe, &wish, &env, ret, err);
    ad_recipe_destroy(recipe); /* a plan stands by itself */
    ad_arena_fini(&arena);
    return rc;
}

struct ad_plan *make_plan(const struct request *request)
{
    artdag_error err = {0};
    struct ad_plan *plan = NULL;
    assert_ok(try_plan(request, &plan, &err));
    return plan;
}

struct ad_plan *plan_of(const char *yaml)
{
    return make_plan(&(struct request){.yaml = yaml});
}

const struct ad_step *step_of(const struct ad_plan *plan, const char *node)
{
    char name[200];
    snprintf(name, sizeof(name), "%s.%s", plan->name, node);
    for (size_t i = 0; i < plan->step_count; i++)
        if (strcmp(plan->steps[i].name, name) == 0)
            return &plan->steps[i];
    fail_msg("no step called %s", name);
    return NULL;
}

char *source_text(const char *name)
{
    artdag_error err = {0};
    struct ad_buf text = AD_BUF_INIT(16 << 20);
    assert_ok(ad_fs_read_file(ad_test_source(name), 16 << 20, &text, "test", &err));
    char *taken = ad_buf_take(&text, NULL);
    ad_buf_fini(&text);
    return taken;
}
