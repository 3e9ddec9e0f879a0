/* SPDX-License-Identifier: MIT
 *
 * Shared by the tests of room pipeline: a site whose media program is the stand-in of tests/unit/exec, with an input and a
 * recipe. Every input is analysed as 10 s of 640x360 at 25 frames a second, without sound.
 */
#ifndef PIPELINE_TEST_H
#define PIPELINE_TEST_H

#include "exec_test.h"
#include "pipeline/site.h"

struct place {
    const char *dir;
    struct ad_site_params params;
    struct ad_site *site;
    const char *input, *recipe; /* paths: dir/in.bin, dir/film.yaml */
};

/* The cluster key that a place has unless told otherwise. */
#define PLACE_KEY "a cluster key for tests"

void place_open(struct place *place, const char *dir, const char *arguments);
/* Closes the site and opens it again, with a media program that behaves like this (NULL = as before). */
void place_reopen(struct place *place, const char *arguments);
void place_close(struct place *place);

/* Writes the recipe. */
void place_recipe(struct place *place, const char *yaml);
/* The plan of the recipe over the input; *ret_cid may be NULL. */
struct ad_plan *place_plan(struct place *place, struct ad_cid *ret_cid);
/* Plans and executes. The result is ended with ad_execute_result_fini when it is OK. */
enum artdag_err place_run(struct place *place, struct ad_execute_result *ret,
                          artdag_error *err);

/* How many jobs of a kind ("probe", "film" ...) ran, of all kinds for NULL. */
size_t place_jobs(const struct place *place, const char *kind);
/* Takes the block of these bytes, or with this CID, out of the store, as if it had been lost. */
void place_lose(const struct place *place, const struct ad_cid *cid);
bool place_complete(const struct place *place, const struct ad_cid *cid);

struct ad_cid cid_of_text(const char *text);
/* Waits until the clock has moved on, so that a file written before is not racy any more. */
void let_time_pass(void);

#define FILM                                                                                   \
    DAG(VIDEO "  - {id: a, type: SEGMENT, config: {duration: 10f}, inputs: [video]}\n"         \
              "  - {id: b, type: SEGMENT, config: {start: 1, duration: 20f}, inputs: "         \
              "[video]}\n"                                                                     \
              "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n")

#endif
