/* SPDX-License-Identifier: MIT
 *
 * Plans as pictures: Graphviz and Mermaid text. Names come from recipes, so they are escaped for both.
 */
#include <string.h>

#include "plan/planner.h"

static void dot_text(struct ad_buf *buf, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            (void)ad_buf_byte(buf, '\\');
        (void)ad_buf_byte(buf, (uint8_t)((unsigned char)*text < 0x20 ? ' ' : *text));
    }
}

/* Mermaid reads entities inside quotes; everything that could end the label or be markup becomes one. */
static void mermaid_text(struct ad_buf *buf, const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20)
            (void)ad_buf_byte(buf, ' ');
        else if (strchr("\"<>&#`;\\", *text))
            (void)ad_buf_printf(buf, "#%d;", *text);
        else
            (void)ad_buf_byte(buf, (uint8_t)*text);
    }
}

static void seconds(const struct ad_plan *plan, const struct ad_step *step, char out[32])
{
    double s =
        (double)step->edge.frames * (double)plan->format.fps_den / (double)plan->format.fps_num;
    ad_double_format((double)(int64_t)(s * 1000 + 0.5) / 1000, out);
}

static bool is_shown_slot(const struct ad_step *step)
{
    return step->op->slots && step->op->slots[0].name;
}

static bool is_output(const struct ad_plan *plan, size_t step)
{
    for (size_t i = 0; i < plan->output_count; i++)
        if (plan->outputs[i].step == step)
            return true;
    return false;
}

static enum artdag_err finish(const struct ad_buf *buf, artdag_error *err)
{
    if (ad_buf_status(buf) == ARTDAG_E_LIMIT)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "the picture of the plan is too large");
    return ad_buf_status(buf) == ARTDAG_OK ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

enum artdag_err ad_plan_to_dot(const struct ad_plan *plan, struct ad_buf *buf,
                               artdag_error *err)
{
    (void)ad_buf_str(buf, "digraph \"");
    dot_text(buf, plan->name);
    (void)ad_buf_str(buf,
                     "\" {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct ad_step *step = &plan->steps[i];
        char length[32];
        seconds(plan, step, length);
        (void)ad_buf_printf(buf, "  s%zu [label=\"", i);
        dot_text(buf, step->name);
        (void)ad_buf_printf(buf, "\\n%s\\n%lld frames, %s s\"%s%s];\n", step->op->node_type,
                            (long long)step->edge.frames, length,
                            ad_step_is_source(step) ? ", shape=ellipse" : "",
                            is_output(plan, i) ? ", peripheries=2" : "");
    }
    for (size_t i = 0; i < plan->step_count; i++)
        for (uint32_t k = 0; k < plan->steps[i].input_count; k++) {
            const struct ad_step_ref *ref = &plan->steps[i].inputs[k];
            (void)ad_buf_printf(buf, "  s%u -> s%zu", (unsigned)ref->step, i);
            if (is_shown_slot(&plan->steps[i]))
                (void)ad_buf_printf(buf, " [label=\"%s\"]", ref->slot);
            (void)ad_buf_str(buf, ";\n");
        }
    (void)ad_buf_str(buf, "}\n");
    return finish(buf, err);
}

enum artdag_err ad_plan_to_mermaid(const struct ad_plan *plan, struct ad_buf *buf,
                                   artdag_error *err)
{
    (void)ad_buf_str(buf, "flowchart LR\n");
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct ad_step *step = &plan->steps[i];
        bool source = ad_step_is_source(step), output = is_output(plan, i);
        char length[32];
        seconds(plan, step, length);
        (void)ad_buf_printf(buf, "  s%zu%s\"", i, source ? "([" : output ? "[[" : "[");
        mermaid_text(buf, step->name);
        (void)ad_buf_printf(buf, "<br>%s<br>%lld frames, %s s\"%s\n", step->op->node_type,
                            (long long)step->edge.frames, length,
                            source   ? "])"
                            : output ? "]]"
                                     : "]");
    }
    for (size_t i = 0; i < plan->step_count; i++)
        for (uint32_t k = 0; k < plan->steps[i].input_count; k++) {
            const struct ad_step_ref *ref = &plan->steps[i].inputs[k];
            if (is_shown_slot(&plan->steps[i]))
                (void)ad_buf_printf(buf, "  s%u -- %s --> s%zu\n", (unsigned)ref->step,
                                    ref->slot, i);
            else
                (void)ad_buf_printf(buf, "  s%u --> s%zu\n", (unsigned)ref->step, i);
        }
    return finish(buf, err);
}
