/* SPDX-License-Identifier: MIT
 *
 * What people and machines are told.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

bool ad_cli_color(void)
{
    const char *no = getenv("NO_COLOR");
    return isatty(STDERR_FILENO) && !(no && *no);
}

int ad_cli_print_json(json_t *document)
{
    if (!document)
        return 1;
    int rc = json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    json_decref(document);
    return rc == 0 && putchar('\n') != EOF ? 0 : 1;
}

int ad_cli_print_text(const char *json)
{
    return ad_cli_print_json(json_loads(json, JSON_DECODE_ANY, NULL));
}

static json_t *error_json(const artdag_error *err)
{
    return json_pack("{s:{s:s, s:i, s:s, s:s, s:i, s:i, s:s, s:s, s:s}}", "error", "code",
                     artdag_err_name(err->code), "status", artdag_err_exit_status(err->code),
                     "message", err->message, "file", err->file, "line", err->line, "column",
                     err->column, "node", err->node, "cid", err->cid, "hint", err->hint);
}

int ad_cli_fail(const struct ad_cli_args *args, const artdag_error *err)
{
    char line[1024];
    bool color = ad_cli_color();
    ad_cli_analyzing_end();
    artdag_error_format(err, line, sizeof(line));
    fprintf(stderr, "%sartdag:%s %s\n", color ? "\033[31m" : "", color ? "\033[0m" : "", line);
    if (args->json)
        (void)!ad_cli_print_json(error_json(err));
    return artdag_err_exit_status(err->code);
}

int ad_cli_usage(const struct ad_cli_args *args, const char *fmt, ...)
{
    artdag_error err = {.code = ARTDAG_E_INVAL};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(err.message, sizeof(err.message), fmt, ap);
    va_end(ap);
    (void)ad_cli_fail(args, &err);
    return 2;
}

const char *ad_cli_bytes(uint64_t bytes, char out[32])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double n = (double)bytes;
    size_t unit = 0;
    while (n >= 1024 && unit < 5) {
        n /= 1024;
        unit++;
    }
    snprintf(out, 32, unit ? "%.1f %s" : "%.0f %s", n, units[unit]);
    return out;
}
