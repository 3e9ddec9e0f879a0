/* SPDX-License-Identifier: MIT
 *
 * Progress: one line that is redrawn on a terminal, plain lines per step elsewhere.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

#define REDRAW_MS 100

void ad_cli_progress_init(struct ad_cli_progress *p, const struct ad_cli_args *args)
{
    *p = (struct ad_cli_progress){
        .quiet = args->quiet,
        .terminal = isatty(STDERR_FILENO) != 0,
        .shown_ms = -REDRAW_MS,
    };
}

void ad_cli_time(double seconds, char out[32])
{
    long s = (long)(seconds + 0.5);
    if (s >= 3600)
        snprintf(out, 32, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(out, 32, "%ld:%02ld", s / 60, s % 60);
}

static void redraw(struct ad_cli_progress *p, const artdag_progress *g)
{
    double seconds = (double)g->elapsed_ms / 1000;
    double fps = seconds > 0 ? (double)g->run_frames_done / seconds : 0;
    char left[32] = "-";
    if (g->left_ms >= 0)
        ad_cli_time((double)g->left_ms / 1000, left);
    int percent =
        g->run_frames_total > 0 ? (int)(100 * g->run_frames_done / g->run_frames_total) : 100;
    fprintf(stderr, "\r\033[K%3d%%  %lld/%lld frames  %.0f fps  %s left  unit %zu/%zu  %s",
            percent, (long long)g->run_frames_done, (long long)g->run_frames_total, fps, left,
            g->units_done, g->units_total, g->step);
    (void)fflush(stderr);
    p->line_open = true;
}

/* One line per unit that is done, for logs. */
static void print_unit(const artdag_progress *g)
{
    static const char *const what[] = {
        [ARTDAG_UNIT_STEP] = "",
        [ARTDAG_UNIT_SPAN] = " span",
        [ARTDAG_UNIT_SOUND] = " sound",
        [ARTDAG_UNIT_JOIN] = " joined",
    };
    fprintf(stderr, "%zu/%zu  %s %s%s", g->units_done, g->units_total, g->step, g->node_type,
            what[g->unit]);
    if (g->unit == ARTDAG_UNIT_SPAN)
        fprintf(stderr, " at %lld", (long long)g->first_frame);
    if (g->frames_total > 0)
        fprintf(stderr, "  %lld frames", (long long)g->frames_total);
    fprintf(stderr, "%s\n", g->known ? "  known" : "");
}

void ad_cli_progress_on(void *payload, const artdag_progress *g)
{
    struct ad_cli_progress *p = payload;
    if (p->quiet)
        return;
    bool due = g->elapsed_ms - p->shown_ms >= REDRAW_MS;
    if (p->terminal && (due || g->state == ARTDAG_STEP_DONE)) {
        p->shown_ms = g->elapsed_ms;
        redraw(p, g);
    } else if (!p->terminal && g->state == ARTDAG_STEP_DONE) {
        print_unit(g);
    }
}

void ad_cli_progress_end(struct ad_cli_progress *p)
{
    if (p->line_open)
        fputs("\r\033[K", stderr);
    p->line_open = false;
}

/* ---- searching for features ---- */

/* What stands on the terminal; there is only one. */
static struct {
    bool open;
    int permille;
} search = {.permille = -1};

void ad_cli_analyzing(void *payload, const artdag_analyze_progress *g)
{
    (void)payload;
    int permille = g->total > 0 && g->done < g->total ? (int)(1000 * g->done / g->total) : 1000;
    if (permille == search.permille)
        return;
    search.permille = permille;
    search.open = true;
    fprintf(stderr, "\r\033[K%3d.%d%%  %s %s", permille / 10, permille % 10,
            g->sound ? "listening to" : "watching", g->input);
    (void)fflush(stderr);
}

void ad_cli_analyzing_end(void)
{
    if (search.open)
        fputs("\r\033[K", stderr);
    search.open = false;
}
