/* SPDX-License-Identifier: MIT
 *
 * usage: bench_plan [STEPS ...]      default: yaml:100000 100000 1000000
 *
 * Plans films of so many steps (a cut, a colour correction and, per hundred pairs, a crossfaded scene), made as recipe
 * structures, or with "yaml:" as text that is parsed first. Each runs in a process of its own. Prints seconds, peak
 * memory of the whole process, what lowering takes, and the ratio to what cannot be avoided: SHA3-256 of the very same pre-images, by
 * libcrypto alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "plan/plan.h"

#define SCENE 100 /* cuts in a scene */

static const char analysis_text[] =
    "{\"audio\":{\"channel_layout\":\"stereo\",\"channels\":2,\"codec\":\"aac\","
    "\"sample_rate\":48000,\"samples\":1,\"start\":{\"den\":1,\"num\":0},\"stream\":1},"
    "\"bytes\":1,\"container\":\"mov\",\"duration\":{\"den\":1,\"num\":30000000},"
    "\"format\":\"artdag/metadata/1\",\"ignored\":[],\"origin\":{\"den\":1,\"num\":0},"
    "\"video\":{\"alpha\":false,\"bits\":8,\"codec\":\"h264\",\"color\":{\"matrix\":\"\","
    "\"primaries\":\"\",\"range\":\"\",\"transfer\":\"\"},\"fps\":{\"den\":1,\"num\":24},"
    "\"frames\":1,\"height\":720,\"interlaced\":false,\"pixel_format\":\"yuv420p\","
    "\"rotation\":0,\"sar\":{\"den\":1,\"num\":1},\"start\":{\"den\":1,\"num\":0},"
    "\"still\":false,\"stream\":0,\"vfr\":false,\"width\":1280}}";

static void die(const char *what, const artdag_error *err)
{
    char line[1000] = "";
    if (err)
        artdag_error_format(err, line, sizeof(line));
    (void)fprintf(stderr, "bench_plan: %s: %s\n", what, line);
    exit(1);
}

static void check(enum artdag_err rc, const char *what, const artdag_error *err)
{
    if (rc != ARTDAG_OK)
        die(what, err);
}

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double peak_mib(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

/* ---- recipes as structures ---- */

struct maker {
    struct ad_recipe *recipe;
    struct ad_recipe_node *nodes;
    struct ad_slot_names slots;
    const struct ad_op *segment, *transform, *sequence;
};

static struct ad_recipe_node *new_node(struct maker *m, const struct ad_op *op, const char *id)
{
    struct ad_recipe_node *node = &m->nodes[m->recipe->node_count++];
    node->op = op;
    node->id = ad_str_from(id);
    node->line = (uint32_t)m->recipe->node_count;
    return node;
}

static void set_inputs(struct maker *m, struct ad_recipe_node *node, const uint32_t *from,
                       size_t count)
{
    struct ad_recipe_ref *refs =
        ad_arena_array(&m->recipe->arena, count, sizeof(struct ad_recipe_ref));
    if (!refs)
        die("no memory", NULL);
    for (size_t i = 0; i < count; i++) {
        refs[i].slot = ad_slot_name(&m->slots, &m->recipe->arena, i);
        refs[i].node = from[i];
    }
    node->inputs = refs;
    node->input_count = count;
}

static const struct ad_value *one_key(struct ad_arena *arena, const char *key,
                                      const struct ad_value *value)
{
    struct ad_map_builder map;
    ad_map_begin(&map, arena);
    ad_map_add(&map, key, value);
    return ad_map_end(&map);
}

static const struct ad_value *cut_config(struct ad_arena *arena, uint32_t i)
{
    struct ad_map_builder map;
    char start[32];
    (void)snprintf(start, sizeof(start), "%uf", (unsigned)i);
    ad_map_begin(&map, arena);
    ad_map_add(&map, "start", ad_value_new_str(arena, ad_str_from(start)));
    ad_map_add(&map, "duration", ad_value_new_int(arena, 2));
    return ad_map_end(&map);
}

/* A cut and its colours; the index of the latter. */
static uint32_t add_shot(struct maker *m, uint32_t i)
{
    struct ad_arena *arena = &m->recipe->arena;
    uint32_t source = 0;
    struct ad_recipe_node *cut =
        new_node(m, m->segment, ad_arena_printf(arena, "cut%u", (unsigned)i));
    cut->config = cut_config(arena, i);
    set_inputs(m, cut, &source, 1);
    uint32_t below = (uint32_t)m->recipe->node_count - 1;
    struct ad_recipe_node *look =
        new_node(m, m->transform, ad_arena_printf(arena, "look%u", (unsigned)i));
    look->config =
        one_key(arena, "effects",
                one_key(arena, "saturation", ad_value_new_double(arena, 1 + (i % 50) / 100.0)));
    set_inputs(m, look, &below, 1);
    return below + 1;
}

static uint32_t add_scene(struct maker *m, uint32_t number, const uint32_t *shots, size_t count)
{
    struct ad_arena *arena = &m->recipe->arena;
    struct ad_recipe_node *scene =
        new_node(m, m->sequence, ad_arena_printf(arena, "scene%u", (unsigned)number));
    scene->config =
        one_key(arena, "transition",
                one_key(arena, "type", ad_value_new_str(arena, AD_STR_LIT("crossfade"))));
    set_inputs(m, scene, shots, count);
    return (uint32_t)m->recipe->node_count - 1;
}

static void add_nodes(struct maker *m, size_t steps)
{
    uint32_t shots[SCENE];
    uint32_t *scenes = ad_alloc_array(steps / (2 * SCENE) + 2, sizeof(*scenes));
    uint32_t scene_count = 0, shot = 0;
    if (!scenes)
        die("no memory", NULL);
    while (m->recipe->node_count + 3 < steps) {
        size_t count = 0;
        while (count < SCENE && m->recipe->node_count + 4 < steps)
            shots[count++] = add_shot(m, shot++);
        if (!count)
            break;
        scenes[scene_count] = add_scene(m, scene_count, shots, count);
        scene_count++;
    }
    struct ad_recipe_node *film = new_node(m, m->sequence, "film");
    set_inputs(m, film, scenes, scene_count);
    free(scenes);
}

static struct ad_recipe *make_recipe(size_t steps)
{
    struct maker m = {.recipe = ad_alloc(sizeof(struct ad_recipe))};
    if (!m.recipe)
        die("no memory", NULL);
    struct ad_arena *arena = &m.recipe->arena;
    ad_arena_init(arena, 0);
    m.recipe->name = AD_STR_LIT("bench");
    m.nodes = ad_arena_array(arena, steps + 8, sizeof(*m.nodes));
    uint32_t *order = ad_arena_array(arena, steps + 8, sizeof(*order));
    if (!m.nodes || !order)
        die("no memory", NULL);
    m.recipe->nodes = m.nodes;
    m.segment = ad_op_find(AD_STR_LIT("SEGMENT"));
    m.transform = ad_op_find(AD_STR_LIT("TRANSFORM"));
    m.sequence = ad_op_find(AD_STR_LIT("SEQUENCE"));
    struct ad_recipe_node *source = new_node(&m, ad_op_find(AD_STR_LIT("SOURCE")), "video");
    source->input_name = source->id;
    source->config = one_key(arena, "input", ad_value_new_bool(arena, true));
    add_nodes(&m, steps);
    for (uint32_t i = 0; i < m.recipe->node_count; i++)
        order[i] = i;
    m.recipe->order = order;
    m.recipe->output = (uint32_t)m.recipe->node_count - 1;
    struct ad_recipe_output *output = ad_arena_array(arena, 1, sizeof(*output));
    struct ad_recipe_scope *top = ad_arena_array(arena, 1, sizeof(*top));
    if (!output || !top)
        die("no memory", NULL);
    m.recipe->scopes = top;
    m.recipe->scope_count = 1;
    output->node = m.recipe->output;
    m.recipe->outputs = output;
    m.recipe->output_count = 1;
    ad_slot_names_fini(&m.slots);
    if (ad_arena_failed(arena))
        die("no memory", NULL);
    return m.recipe;
}

/* ---- the same film as text ---- */

static struct ad_recipe *parse_recipe(size_t steps)
{
    artdag_error err = {0};
    struct ad_buf text = AD_BUF_INIT((size_t)16 << 20);
    struct ad_recipe_options limits = {.max_nodes = steps + 8};
    struct ad_recipe *recipe = NULL;
    size_t shots = (steps - 3) / 2;
    (void)ad_buf_str(&text, "name: bench\ndag:\n  nodes:\n"
                            "  - {id: video, type: SOURCE, config: {input: true}}\n");
    for (size_t i = 0; i < shots; i++)
        (void)ad_buf_printf(&text,
                            "  - {id: c%zu, type: SEGMENT, config: {start: %zuf, duration: 2}, "
                            "inputs: [video]}\n"
                            "  - {id: l%zu, type: TRANSFORM, config: {effects: {saturation: "
                            "1.%02zu}}, inputs: [c%zu]}\n",
                            i, i, i, i % 50, i);
    (void)ad_buf_str(&text, "  - id: film\n    type: SEQUENCE\n    inputs: [");
    for (size_t i = 0; i < shots; i++)
        (void)ad_buf_printf(&text, "%sl%zu", i ? ", " : "", i);
    (void)ad_buf_str(&text, "]\n  output: film\n");
    if (ad_buf_status(&text) != ARTDAG_OK)
        die("the text is too long", NULL);
    check(ad_recipe_parse(ad_buf_as_str(&text), "bench.yaml", &limits, &recipe, &err),
          "parsing", &err);
    ad_buf_fini(&text);
    return recipe;
}

/* ---- the yardstick ---- */

static void append_preimage(const struct ad_plan *plan, const struct ad_step *step,
                            struct ad_buf *buf)
{
    uint8_t cid[AD_CID_BYTES_MAX];
    ad_field_str(buf, AD_STR_LIT("artdag/step/1"));
    ad_field_str(buf, AD_STR_LIT("bench"));
    ad_field_str(buf, ad_str_from(step->op->needs_toolchain ? plan->toolchain : ""));
    ad_field_str(buf, ad_str_from(step->op->node_type));
    ad_field_str(buf, step->config_json);
    (void)ad_buf_be64(buf, ad_step_is_source(step) ? 1 : step->input_count);
    for (uint32_t i = 0; i < step->input_count; i++) {
        ad_field_str(buf, ad_str_from(step->inputs[i].slot));
        ad_field(buf, plan->steps[step->inputs[i].step].cache_id.bytes, 32);
    }
    if (ad_step_is_source(step)) {
        ad_field_str(buf, (struct ad_str){0});
        ad_field(buf, cid, ad_cid_to_bytes(&plan->inputs[step->input].cid, cid));
    }
}

/* Seconds that libcrypto takes for the pre-images of all steps; they must give the plan's ids. */
static double hash_alone(const struct ad_plan *plan)
{
    struct ad_buf all = AD_BUF_INIT((size_t)4 << 30);
    size_t *ends = ad_alloc_array(plan->step_count, sizeof(*ends));
    EVP_MD *md = EVP_MD_fetch(NULL, "SHA3-256", NULL);
    if (!ends || !md)
        die("no memory", NULL);
    for (size_t i = 0; i < plan->step_count; i++) {
        append_preimage(plan, &plan->steps[i], &all);
        ends[i] = all.len;
    }
    if (ad_buf_status(&all) != ARTDAG_OK)
        die("no memory", NULL);
    double start = seconds();
    for (size_t i = 0; i < plan->step_count; i++) {
        unsigned char id[32];
        size_t from = i ? ends[i - 1] : 0;
        if (!EVP_Digest(all.data + from, ends[i] - from, id, NULL, md, NULL) ||
            memcmp(id, plan->steps[i].cache_id.bytes, sizeof(id)) != 0)
            die("the yardstick gives another id", NULL);
    }
    double spent = seconds() - start;
    EVP_MD_free(md);
    free(ends);
    ad_buf_fini(&all);
    return spent;
}

/* ---- lowering ---- */

static enum artdag_err know_nothing(void *payload, const uint32_t *steps, size_t count,
                                    bool *ret_known, artdag_error *err)
{
    (void)payload;
    (void)steps;
    (void)err;
    for (size_t i = 0; i < count; i++)
        ret_known[i] = false;
    return ARTDAG_OK;
}

static size_t span_count_of(const struct ad_lowering *lowering)
{
    size_t count = 0;
    for (size_t i = 0; i < lowering->film_count; i++)
        count += lowering->films[i].span_count;
    return count;
}

/* The units of all spans, as workers make them. Gives microseconds per unit. */
static double make_units(const struct ad_plan *plan, const struct ad_lowering *lowering)
{
    artdag_error err = {0};
    size_t count = 0;
    const char **cids = ad_alloc_array(plan->step_count, sizeof(*cids));
    if (!cids)
        die("no memory", NULL);
    for (size_t i = 0; i < plan->step_count; i++)
        cids[i] = "bafkreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    double start = seconds();
    for (size_t i = 0; i < lowering->task_count; i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_unit unit;
        if (lowering->tasks[i].kind != AD_TASK_SPAN)
            continue;
        check(ad_lower_unit(plan, &lowering->tasks[i], cids, NULL, &arena, &unit, &err),
              "a unit", &err);
        ad_arena_fini(&arena);
        count++;
    }
    double spent = seconds() - start;
    free(cids);
    return count ? spent / (double)count * 1e6 : 0;
}

static void lower_all(const struct ad_plan *plan, enum ad_strategy strategy, const char *name)
{
    artdag_error err = {0};
    struct ad_shape *shape = NULL;
    struct ad_lowering *lowering = NULL;
    enum ad_need *need = ad_alloc_array(plan->step_count, sizeof(*need));
    if (!need)
        die("no memory", NULL);
    double start = seconds();
    check(ad_plan_shape(plan, strategy, &shape, &err), "shaping", &err);
    double shaped = seconds();
    check(ad_plan_prune(plan, shape, know_nothing, NULL, need, &err), "pruning", &err);
    double pruned = seconds();
    check(ad_lower(plan, shape, need, &lowering, &err), "lowering", &err);
    printf("         %s: shape %.2f s, prune %.2f s, lower %.2f s; %zu tasks, %zu spans, peak "
           "%.0f MiB\n",
           name, shaped - start, pruned - shaped, seconds() - pruned, lowering->task_count,
           span_count_of(lowering), peak_mib());
    if (strategy == AD_STRATEGY_AUTO)
        printf("         units of spans: %.0f microseconds each\n", make_units(plan, lowering));
    ad_lowering_destroy(lowering);
    ad_shape_destroy(shape);
    free(need);
}

/* ---- one case ---- */

static void run_case(const char *what)
{
    artdag_error err = {0};
    bool yaml = strncmp(what, "yaml:", 5) == 0;
    size_t steps = strtoul(yaml ? what + 5 : what, NULL, 10);
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_plan_input input = {.name = "video", .analysis_cid = ""};
    struct ad_plan_env env = {.cluster_key = AD_STR_LIT("bench"), .toolchain = "bench tools/1"};
    struct ad_plan *plan = NULL;
    if (steps < 10)
        die("not a number of steps", NULL);
    check(ad_json_parse(&arena, ad_str_from(analysis_text), NULL, NULL, &input.analysis, &err),
          "analysis", &err);
    check(ad_cid_of(AD_CODEC_RAW, "x", 1, &input.cid, &err), "cid", &err);
    double start = seconds();
    struct ad_recipe *recipe = yaml ? parse_recipe(steps) : make_recipe(steps);
    double made = seconds();
    const struct ad_plan_wish wish = {.inputs = &input, .input_count = 1};
    check(ad_plan_make(recipe, &wish, &env, &plan, &err), "planning", &err);
    double planned = seconds();
    double mib = peak_mib();
    double made_at = made - start, planned_in = planned - made;
    lower_all(plan, AD_STRATEGY_AUTO, "auto");
    lower_all(plan, AD_STRATEGY_NAIVE, "naive");
    double alone = hash_alone(plan);
    printf("%8zu steps%s: recipe %.2f s, plan %.2f s, peak %.0f MiB (%.0f bytes a step); "
           "SHA3-256 of "
           "the pre-images alone %.2f s, ratio %.2f\n",
           plan->step_count, yaml ? " from YAML" : "", made_at, planned_in, mib,
           mib * 1048576 / (double)plan->step_count, alone, planned_in / alone);
    ad_plan_destroy(plan);
    ad_recipe_destroy(recipe);
    ad_arena_fini(&arena);
}

/* A process each, so that one's peak is not another's. */
static int run_apart(const char *what)
{
    int status = 0;
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        run_case(what);
        exit(fflush(stdout) == 0 ? 0 : 1);
    }
    return child < 0 || waitpid(child, &status, 0) != child || status != 0;
}

int main(int argc, char **argv)
{
    static const char *const usual[] = {"yaml:100000", "100000", "1000000"};
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= run_apart(argv[i]);
    for (size_t i = 0; argc == 1 && i < sizeof(usual) / sizeof(usual[0]); i++)
        failed |= run_apart(usual[i]);
    return failed;
}
