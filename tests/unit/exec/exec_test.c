/* SPDX-License-Identifier: MIT */
#include "exec_test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *script(const char *dir, const char *name, const char *line, const char *arguments)
{
    const char *path = ad_test_path(dir, "%s", name);
    struct ad_buf text = AD_BUF_INIT(65536);
    ad_buf_printf(&text, "#!/bin/sh\n%s\nexec '%s' --log '%s/%s' --gate '%s/%s' %s \"$@\"\n",
                  line, FAKE_MEDIA, dir, LOG_NAME, dir, GATE_NAME, arguments);
    ad_test_write(path, text.data, text.len);
    ad_buf_fini(&text);
    assert_int_equal(chmod(path, 0700), 0);
    return path;
}

const char *fake_program(const char *dir, const char *name, const char *arguments)
{
    return script(dir, name, "", arguments);
}

void site_reopen_exec(struct site *site)
{
    artdag_error err = {0};
    ad_exec_close(site->exec);
    site->exec = NULL;
    assert_ok(ad_exec_open(&site->params, &site->exec, &err));
}

void site_open(struct site *site, const char *dir, const char *arguments)
{
    artdag_error err = {0};
    struct ad_cid cid;
    *site = (struct site){.dir = dir};
    char url[512];
    snprintf(url, sizeof(url), "fs:%s/store", dir);
    assert_ok(ad_store_open(url, NULL, &site->store, &err));
    snprintf(url, sizeof(url), "sqlite:%s/state.db", dir);
    assert_ok(ad_state_open(url, NULL, &site->state, &err));
    assert_ok(ad_store_add_bytes(site->store, "silent", strlen("silent"), &cid, &err));
    struct ad_cid planned = media_cid("silent");
    assert_true(ad_cid_equal(&cid, &planned));
    site->params = (struct ad_exec_params){
        .store = site->store,
        .state = site->state,
        .media_program = fake_program(dir, "fake", arguments),
        .jobs = 2,
    };
    site_reopen_exec(site);
}

void site_close(struct site *site)
{
    ad_exec_close(site->exec);
    ad_state_close(site->state);
    ad_store_close(site->store);
    *site = (struct site){0};
}

struct made make_tasks(const char *yaml)
{
    artdag_error err = {0};
    struct made made = {0};
    struct ad_shape *shape = NULL;
    made.plan = make_plan(&(struct request){.yaml = yaml, .inputs = "video=silent"});
    size_t count = made.plan->step_count;
    enum ad_need *need = ad_alloc_array(count, sizeof(*need));
    made.cids = ad_alloc_array(count, sizeof(*made.cids));
    assert_non_null(need);
    assert_non_null(made.cids);
    for (size_t i = 0; i < count; i++)
        need[i] = ad_step_is_source(&made.plan->steps[i]) ? AD_NEED_HIT : AD_NEED_RUN;
    assert_ok(ad_plan_shape(made.plan, AD_STRATEGY_NAIVE, &shape, &err));
    shape->film_count = 0; /* STEP tasks only; test_span.c has the others */
    assert_ok(ad_lower(made.plan, shape, need, &made.lowering, &err));
    ad_shape_destroy(shape);
    free(need);
    made_forget(&made);
    return made;
}

void made_forget(struct made *made)
{
    for (size_t i = 0; i < made->plan->step_count; i++) {
        char text[AD_CID_TEXT_MAX];
        free(made->cids[i]);
        made->cids[i] = NULL;
        if (!ad_step_is_source(&made->plan->steps[i]))
            continue;
        ad_cid_format(&made->plan->inputs[made->plan->steps[i].input].cid, text);
        made->cids[i] = ad_strdup(text);
    }
}

void made_fini(struct made *made)
{
    for (size_t i = 0; i < made->plan->step_count; i++)
        free(made->cids[i]);
    free(made->cids);
    ad_lowering_destroy(made->lowering);
    ad_plan_destroy(made->plan);
}

const char *jobs_log(const char *dir)
{
    const char *path = ad_test_path(dir, LOG_NAME);
    return ad_fs_exists(path) ? (const char *)ad_test_read(path, NULL) : "";
}

void touch(const char *path)
{
    ad_test_write(path, "", 0);
}
