/* SPDX-License-Identifier: MIT */
#include "pipeline_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "in_store.h"

static void write_analysis(const char *path)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf text = AD_BUF_INIT(1 << 20);
    struct ad_json_writer w;
    ad_jw_init(&w, &text);
    ad_jw_value(&w, media_analysis(&arena, media_find("silent")));
    ad_test_write(path, text.data, text.len);
    ad_buf_fini(&text);
    ad_arena_fini(&arena);
}

static void open_site(struct place *place)
{
    artdag_error err = {0};
    assert_ok(ad_site_open(&place->params, &place->site, &err));
}

static const char *program(const char *dir, const char *arguments)
{
    char all[1024];
    snprintf(all, sizeof(all), "--analysis '%s/analysis.json' %s", dir, arguments);
    return fake_program(dir, "fake", all);
}

void place_open(struct place *place, const char *dir, const char *arguments)
{
    *place = (struct place){.dir = dir};
    place->input = ad_test_path(dir, "in.bin");
    place->recipe = ad_test_path(dir, "film.yaml");
    write_analysis(ad_test_path(dir, "analysis.json"));
    ad_test_write(place->input, "some film", 9);
    place_recipe(place, FILM);
    place->params = (struct ad_site_params){
        .home = ad_test_path(dir, "home"),
        .cluster_key = ad_str_from(PLACE_KEY),
        .media_program = program(dir, arguments),
        .jobs = 2,
    };
    open_site(place);
}

void place_reopen(struct place *place, const char *arguments)
{
    ad_site_close(place->site);
    place->site = NULL;
    if (arguments)
        (void)program(place->dir, arguments);
    open_site(place);
}

void place_close(struct place *place)
{
    ad_site_close(place->site);
    place->site = NULL;
}

void place_recipe(struct place *place, const char *yaml)
{
    ad_test_write(place->recipe, yaml, strlen(yaml));
}

struct ad_plan *place_plan(struct place *place, struct ad_cid *ret_cid)
{
    artdag_error err = {0};
    struct ad_plan *plan = NULL;
    struct ad_cid cid;
    const struct ad_named input = {"video", place->input};
    const struct ad_plan_request request = {
        .recipe = place->recipe, .inputs = &input, .input_count = 1};
    assert_ok(ad_make_plan(place->site, &request, &plan, &cid, &err));
    if (ret_cid)
        *ret_cid = cid;
    return plan;
}

enum artdag_err place_run(struct place *place, struct ad_execute_result *ret, artdag_error *err)
{
    struct ad_execute_request request = {0};
    struct ad_plan *plan = place_plan(place, &request.plan_cid);
    request.plan = plan;
    enum artdag_err rc = ad_execute(place->site, &request, ret, err);
    ad_plan_destroy(plan);
    return rc;
}

size_t place_jobs(const struct place *place, const char *kind)
{
    size_t count = 0;
    for (const char *line = jobs_log(place->dir); *line; line = strchr(line, '\n') + 1)
        count += !kind || strncmp(line, kind, strlen(kind)) == 0;
    return count;
}

void place_lose(const struct place *place, const struct ad_cid *cid)
{
    const char *file = block_file(ad_test_path(place->dir, "home"), "blocks", cid);
    if (unlink(file) != 0)
        fail_msg("no block %s", file);
}

bool place_complete(const struct place *place, const struct ad_cid *cid)
{
    artdag_error err = {0};
    bool complete = false;
    assert_ok(ad_store_complete(ad_site_store(place->site), cid, &complete, &err));
    return complete;
}

struct ad_cid cid_of_text(const char *text)
{
    artdag_error err = {0};
    struct ad_cid cid;
    assert_ok(ad_cid_of(AD_CODEC_RAW, text, strlen(text), &cid, &err));
    return cid;
}

void let_time_pass(void)
{
    int64_t until = ad_clock_wall_ms() + 60;
    while (ad_clock_wall_ms() < until)
        usleep(5000);
}
