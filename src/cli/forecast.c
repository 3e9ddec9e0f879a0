/* SPDX-License-Identifier: MIT
 *
 * What a run would render, and what that is estimated to take.
 */
#include <stdio.h>

#include "cli/cli.h"

static const char *kind_name(enum artdag_unit_kind kind)
{
    static const char *const names[] = {
        [ARTDAG_UNIT_STEP] = "step",
        [ARTDAG_UNIT_SPAN] = "span",
        [ARTDAG_UNIT_SOUND] = "sound",
        [ARTDAG_UNIT_JOIN] = "join",
    };
    return names[kind];
}

void ad_cli_units_on(struct ad_cli_units *u, const artdag_unit_view *unit)
{
    char bytes[32];
    if (u->args->json) {
        if (!u->units)
            u->units = json_array();
        json_array_append_new(
            u->units, json_pack("{s:s, s:s, s:s, s:I, s:I, s:b, s:f, s:I}", "unit",
                                kind_name(unit->unit), "step", unit->step, "node_type",
                                unit->node_type, "first_frame", (json_int_t)unit->first_frame,
                                "frames", (json_int_t)unit->frames, "known", unit->known,
                                "seconds", unit->known ? 0.0 : (double)unit->estimate_ms / 1000,
                                "bytes", (json_int_t)(unit->known ? 0 : unit->estimate_bytes)));
        return;
    }
    printf("%-6s %-32s %8lld %8lld frames ", kind_name(unit->unit), unit->step,
           (long long)unit->first_frame, (long long)unit->frames);
    if (unit->known)
        printf("  known\n");
    else
        printf("%8.2f s  %s\n", (double)unit->estimate_ms / 1000,
               ad_cli_bytes((uint64_t)unit->estimate_bytes, bytes));
}

void ad_cli_units_fini(struct ad_cli_units *u)
{
    json_decref(u->units);
    u->units = NULL;
}

json_t *ad_cli_forecast_json(const artdag_forecast *f)
{
    return json_pack("{s:I, s:I, s:I, s:f, s:f, s:f, s:I}", "units", (json_int_t)f->units,
                     "frames", (json_int_t)f->frames, "bytes", (json_int_t)f->bytes,
                     "total_seconds", (double)f->total_ms / 1000, "critical_seconds",
                     (double)f->critical_ms / 1000, "elapsed_seconds",
                     (double)f->elapsed_ms / 1000, "jobs", (json_int_t)f->jobs);
}

static void format_ms(int64_t ms, char out[32])
{
    if (ms < 60000)
        snprintf(out, 32, "%.1f s", (double)ms / 1000);
    else
        ad_cli_time((double)ms / 1000, out);
}

void ad_cli_forecast_print(const artdag_forecast *f)
{
    char bytes[32], total[32], elapsed[32], critical[32];
    format_ms(f->total_ms, total);
    format_ms(f->elapsed_ms, elapsed);
    format_ms(f->critical_ms, critical);
    fprintf(stderr,
            "to do   %zu units, %lld frames, about %s to write\n"
            "time    about %s of work, %s with --jobs %u, never less than %s\n",
            f->units, (long long)f->frames, ad_cli_bytes((uint64_t)f->bytes, bytes), total,
            elapsed, f->jobs, critical);
}

int ad_cli_print_forecast(const struct ad_cli_args *args, const artdag_run_result *result,
                          struct ad_cli_units *u)
{
    if (!args->json && result->output_cid.text[0])
        return ad_cli_print_result(args, result);
    if (!args->json) {
        if (!args->quiet)
            ad_cli_forecast_print(&result->forecast);
        return 0;
    }
    json_t *document = ad_cli_result_json(result);
    if (u->steps)
        json_object_set(document, "plan_steps", u->steps);
    json_object_set_new(document, "plan_units", u->units ? u->units : json_array());
    u->units = NULL;
    json_object_set_new(document, "forecast", ad_cli_forecast_json(&result->forecast));
    json_object_set_new(document, "dry_run", json_true());
    return ad_cli_print_json(document);
}
