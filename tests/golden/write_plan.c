/* SPDX-License-Identifier: MIT
 *
 * Prints the plan document of a recipe over made-up inputs, for identity.py to recompute.
 * usage: write_plan RECIPE.yaml "NAME=KIND ..."
 */
#include <stdio.h>

#include "plan_test.h"

static int report(const artdag_error *err)
{
    char line[1000];
    artdag_error_format(err, line, sizeof(line));
    fprintf(stderr, "write_plan: %s\n", line);
    return 1;
}

int main(int argc, char **argv)
{
    artdag_error err = {0};
    struct ad_buf text = AD_BUF_INIT(1 << 20), json = AD_BUF_INIT(64 << 20);
    struct ad_plan *plan = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: write_plan RECIPE INPUTS\n");
        return 2;
    }
    if (ad_fs_read_file(argv[1], 1 << 20, &text, "test", &err) != ARTDAG_OK)
        return report(&err);
    struct request request = {.yaml = (const char *)text.data, .inputs = argv[2]};
    if (try_plan(&request, &plan, &err) != ARTDAG_OK ||
        ad_plan_to_json(plan, &json, &err) != ARTDAG_OK)
        return report(&err);
    size_t written = fwrite(json.data, 1, json.len, stdout);
    int status = written == json.len && fflush(stdout) == 0 ? 0 : 1;
    ad_plan_destroy(plan);
    ad_buf_fini(&text);
    ad_buf_fini(&json);
    return status;
}
