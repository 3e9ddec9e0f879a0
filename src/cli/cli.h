/* SPDX-License-Identifier: MIT
 *
 * The artdag program: one file per subcommand, one table in main.c. It reaches the library by the public
 * headers only. Documents go to stdout; messages and progress go to stderr.
 */
#ifndef AD_CLI_CLI_H
#define AD_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <artdag/artdag.h>

/* NAME=VALUE pairs and other options that may be repeated. Pointers into argv, copied where split. */
struct ad_cli_list {
    const char **items;
    size_t len;
};

/* Every option there is; a command's table says which it takes. */
struct ad_cli_args {
    bool help, json, quiet, verbose, rehash, dry_run, only_hash, reference, list, write, shared;
    const char *home, *store, *state, *cluster_key_file, *config, *media, *jobs, *cpu_flags;
    const char *output, *target, *proxy, *graph, *engine, *strategy, *profile, *chunk, *width;
    const char *offset, *length, *name, *keep, *older_than, *limit, *features, *plot;
    struct ad_cli_list inputs, params, analyses, outputs, only, settings;
    char **rest; /* positional arguments */
    int rest_count;
};

enum ad_cli_kind {
    AD_CLI_FLAG,
    AD_CLI_VALUE,
    AD_CLI_LIST
};

struct ad_cli_option {
    const char *name; /* ends a table when NULL */
    char letter;      /* 0 = none */
    enum ad_cli_kind kind;
    const char *arg; /* name of the value in help */
    size_t offset;   /* in struct ad_cli_args */
    const char *help;
};
#define AD_CLI_AT(field) offsetof(struct ad_cli_args, field)

struct ad_cli_command {
    const char *name;
    const char *usage;   /* what follows the name */
    const char *summary; /* one line */
    const char *help;    /* paragraphs; NULL = none */
    const struct ad_cli_option *options;
    int min_args, max_args; /* positional; max < 0 = any number */
    int (*run)(struct ad_cli_args *args);
};

extern const struct ad_cli_option ad_cli_global_options[];
extern const struct ad_cli_command *const ad_cli_commands[]; /* NULL-terminated */

/* Parses argv after the command's name. Returns 0, or the exit status after having told what is wrong. */
int ad_cli_parse(const struct ad_cli_command *command, int argc, char **argv,
                 struct ad_cli_args *args);
void ad_cli_args_fini(struct ad_cli_args *args);
void ad_cli_help(const struct ad_cli_command *command); /* NULL = the program's */

/* ---- report.c ---- */

/* Tells an error on stderr, and with --json as a document on stdout too. Returns the exit status. */
int ad_cli_fail(const struct ad_cli_args *args, const artdag_error *err);
/* A wrong use of the command line: the same, status 2. */
int ad_cli_usage(const struct ad_cli_args *args, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints one JSON document on stdout and drops it. Returns 0, or 1 when stdout cannot be written. */
int ad_cli_print_json(json_t *document);
/* A JSON text of the library, indented. */
int ad_cli_print_text(const char *json);
/* Bytes for people: "12.3 MiB". */
const char *ad_cli_bytes(uint64_t bytes, char out[32]);
bool ad_cli_color(void);

/* ---- site.c ---- */

/* Opens the site that the options describe, with Ctrl-C leading to CANCELED. Returns 0 or the exit status,
 * the error told. */
int ad_cli_open(const struct ad_cli_args *args, artdag_site **ret);
/* The same as parameters, for calls that open by themselves. False: told already. */
bool ad_cli_site_params(const struct ad_cli_args *args, artdag_site_params *ret);

/* Values of options. False when the text is wrong: told already. */
bool ad_cli_u64(const struct ad_cli_args *args, const char *option, const char *text,
                uint64_t *ret);
bool ad_cli_size(const struct ad_cli_args *args, const char *option, const char *text,
                 int64_t *ret); /* 50G, 10MiB, 1024 */
bool ad_cli_age_ms(const struct ad_cli_args *args, const char *option, const char *text,
                   int64_t *ret); /* 30d, 12h, 45m, 10s */

/* ---- recipe options, shared by run-recipe, plan and why ---- */
struct ad_cli_recipe {
    artdag_recipe_params params;
    artdag_named *inputs, *values, *analyses;
    char *texts; /* the split copies */
};
bool ad_cli_recipe(const struct ad_cli_args *args, const char *recipe,
                   struct ad_cli_recipe *ret);
void ad_cli_recipe_fini(struct ad_cli_recipe *recipe);

/* ---- -o of run-recipe and execute: FILE, FOLDER/ or NAME=FILE, repeated ---- */
struct ad_cli_outputs {
    artdag_named *files;
    char *texts;
};
/* Fills in where outputs are written. False when the options are wrong: told already. The lists live in ret. */
bool ad_cli_outputs(const struct ad_cli_args *args, artdag_execute_params *execute,
                    struct ad_cli_outputs *ret);
void ad_cli_outputs_fini(struct ad_cli_outputs *outputs);

/* One NAME=VALUE list, split; *ret_texts holds the copies. Both are freed by the caller. False: told already. */
bool ad_cli_split(const struct ad_cli_args *args, const char *option,
                  const struct ad_cli_list *list, artdag_named **ret, char **ret_texts);

/* ---- analysis.c ---- */
/* An analysis document for people, on stdout. */
void ad_cli_print_analysis(json_t *document);

/* ---- progress.c ---- */
struct ad_cli_progress {
    bool quiet, terminal;
    int64_t shown_ms;
    bool line_open;
};
void ad_cli_progress_init(struct ad_cli_progress *p, const struct ad_cli_args *args);
void ad_cli_progress_on(void *payload, const artdag_progress *g);
void ad_cli_progress_end(struct ad_cli_progress *p);
/* The search for features, on a terminal. payload: NULL. */
void ad_cli_analyzing(void *payload, const artdag_analyze_progress *g);
/* Takes away the line of a search that stands. */
void ad_cli_analyzing_end(void);

void ad_cli_time(double seconds, char out[32]); /* "1:05", "2:00:00" */

/* ---- forecast.c: the units of a dry run, and what they are estimated to take ---- */
struct ad_cli_units {
    const struct ad_cli_args *args;
    json_t *units; /* with --json */
    json_t *steps; /* to be printed too; borrowed, may be NULL */
};
void ad_cli_units_on(struct ad_cli_units *u, const artdag_unit_view *unit);
void ad_cli_units_fini(struct ad_cli_units *u);
json_t *ad_cli_forecast_json(const artdag_forecast *forecast);
void ad_cli_forecast_print(const artdag_forecast *forecast); /* on stderr */
/* What a dry run ends with. */
int ad_cli_print_forecast(const struct ad_cli_args *args, const artdag_run_result *result,
                          struct ad_cli_units *units);

/* The result of a run, as text or JSON. */
int ad_cli_print_result(const struct ad_cli_args *args, const artdag_run_result *result);
json_t *ad_cli_result_json(const artdag_run_result *result);

extern const struct ad_cli_command ad_cmd_add, ad_cmd_analyze, ad_cmd_car, ad_cmd_cat,
    ad_cmd_cluster_key, ad_cmd_completion, ad_cmd_doctor, ad_cmd_effect, ad_cmd_execute,
    ad_cmd_gc, ad_cmd_get, ad_cmd_ls, ad_cmd_ops, ad_cmd_pin, ad_cmd_plan, ad_cmd_recipe,
    ad_cmd_run_recipe, ad_cmd_runs, ad_cmd_stat, ad_cmd_verify, ad_cmd_why;

#endif
