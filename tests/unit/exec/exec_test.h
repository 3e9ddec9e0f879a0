/* SPDX-License-Identifier: MIT
 *
 * Shared by the tests of room exec: an engine over a fresh store and state, whose media program is fake_media.c with chosen
 * behaviour.
 */
#ifndef EXEC_TEST_H
#define EXEC_TEST_H

#include "exec/exec_private.h"
#include "plan_test.h"

struct site {
    const char *dir;
    struct ad_store *store;
    struct ad_state *state;
    struct ad_exec *exec;
    struct ad_exec_params params; /* of exec; change and reopen_exec */
};

/* An executable dir/NAME that runs the fake with these arguments; good until the test's teardown. */
const char *fake_program(const char *dir, const char *name, const char *arguments);
/* The same, running a line of shell before. */
const char *script(const char *dir, const char *name, const char *line, const char *arguments);

/* Opens store, state and engine in dir with the fake. The store holds the input called "film". */
void site_open(struct site *site, const char *dir, const char *arguments);
void site_reopen_exec(struct site *site);
void site_close(struct site *site);

struct made {
    struct ad_plan *plan;
    struct ad_lowering *lowering;
    char **cids;
};
/* Plans yaml and lowers all of it; cids hold the inputs. */
struct made make_tasks(const char *yaml);
/* Forgets all results, so that the tasks can run again. */
void made_forget(struct made *made);
void made_fini(struct made *made);

/* The fake's log, read whole; "" when no job ran. */
const char *jobs_log(const char *dir);
void touch(const char *path);

#define LOG_NAME "jobs.log"
#define GATE_NAME "gate"

#endif
