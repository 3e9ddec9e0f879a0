/* SPDX-License-Identifier: MIT
 *
 * The pre-images of all ids, byte for byte as docs/formats/identity.md has them. Every field carries its length, so no
 * two different sets of fields give the same bytes; numbers are big-endian.
 */
#include <string.h>

#include "plan/planner.h"

#define PREIMAGE_MAX ((size_t)1 << 30)

static enum artdag_err digest(const struct ad_buf *preimage, struct ad_hash32 *ret,
                              artdag_error *err)
{
    if (ad_buf_status(preimage) == ARTDAG_E_LIMIT)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "a step has too many inputs");
    if (ad_buf_status(preimage) != ARTDAG_OK)
        return ad_error_nomem(err, ROOM);
    return ad_sha3_256(preimage->data, preimage->len, ret->bytes, err);
}

enum artdag_err ad_cache_id(const struct ad_id_fields *fields, struct ad_buf *scratch,
                            struct ad_hash32 *ret, artdag_error *err)
{
    struct ad_buf own = AD_BUF_INIT(PREIMAGE_MAX);
    struct ad_buf *buf = scratch ? scratch : &own;
    ad_buf_clear(buf);
    ad_field_str(buf, AD_STR_LIT("artdag/step/1"));
    ad_field_str(buf, fields->cluster_key);
    ad_field_str(buf, fields->toolchain);
    ad_field_str(buf, fields->node_type);
    ad_field_str(buf, fields->config_json);
    (void)ad_buf_be64(buf, fields->input_count);
    for (size_t i = 0; i < fields->input_count; i++) {
        ad_field_str(buf, fields->inputs[i].slot);
        ad_field_str(buf, fields->inputs[i].id);
    }
    enum artdag_err rc = digest(buf, ret, err);
    ad_buf_fini(&own);
    return rc;
}

static void field_cid(struct ad_buf *buf, const struct ad_cid *cid)
{
    uint8_t bytes[AD_CID_BYTES_MAX];
    ad_field(buf, bytes, ad_cid_to_bytes(cid, bytes));
}

enum artdag_err ad_analysis_id(struct ad_str cluster_key, const struct ad_cid *cid,
                               struct ad_str features_json, struct ad_hash32 *ret,
                               artdag_error *err)
{
    struct ad_buf buf = AD_BUF_INIT(PREIMAGE_MAX);
    ad_field_str(&buf, AD_STR_LIT("artdag/analysis/1"));
    ad_field_str(&buf, cluster_key);
    field_cid(&buf, cid);
    ad_field_str(&buf, features_json);
    enum artdag_err rc = digest(&buf, ret, err);
    ad_buf_fini(&buf);
    return rc;
}

enum artdag_err ad_unit_id(struct ad_str cluster_key, struct ad_str toolchain,
                           struct ad_str unit_json, struct ad_hash32 *ret, artdag_error *err)
{
    struct ad_buf buf = AD_BUF_INIT(PREIMAGE_MAX);
    ad_field_str(&buf, AD_STR_LIT("artdag/unit/1"));
    ad_field_str(&buf, cluster_key);
    ad_field_str(&buf, toolchain);
    ad_field_str(&buf, unit_json);
    enum artdag_err rc = digest(&buf, ret, err);
    ad_buf_fini(&buf);
    return rc;
}

/* ---- plan and run ---- */

static int by_cid(const void *a, const void *b)
{
    const struct ad_plan_input *x = *(const struct ad_plan_input *const *)a;
    const struct ad_plan_input *y = *(const struct ad_plan_input *const *)b;
    uint8_t xs[AD_CID_BYTES_MAX], ys[AD_CID_BYTES_MAX];
    size_t xn = ad_cid_to_bytes(&x->cid, xs), yn = ad_cid_to_bytes(&y->cid, ys);
    return ad_str_compare((struct ad_str){(const char *)xs, xn},
                          (struct ad_str){(const char *)ys, yn});
}

/* The inputs that steps stand on, by CID and once each: names and what is not used do not count. */
static enum artdag_err used_inputs(const struct ad_plan *plan,
                                   const struct ad_plan_input ***ret, size_t *ret_count,
                                   artdag_error *err)
{
    bool *used = ad_alloc_array(plan->input_count, sizeof(*used));
    const struct ad_plan_input **inputs = ad_alloc_array(plan->input_count, sizeof(*inputs));
    size_t count = 0, kept = 0;
    if (!used || !inputs) {
        free(used);
        free(inputs);
        return ad_error_nomem(err, ROOM);
    }
    for (size_t i = 0; i < plan->step_count; i++)
        if (ad_step_is_source(&plan->steps[i]))
            used[plan->steps[i].input] = true;
    for (size_t i = 0; i < plan->input_count; i++)
        if (used[i])
            inputs[count++] = &plan->inputs[i];
    qsort(inputs, count, sizeof(*inputs), by_cid);
    for (size_t i = 0; i < count; i++)
        if (!kept || !ad_cid_equal(&inputs[kept - 1]->cid, &inputs[i]->cid))
            inputs[kept++] = inputs[i];
    free(used);
    *ret = inputs;
    *ret_count = kept;
    return ARTDAG_OK;
}

void ad_plan_write_format(const struct ad_format *format, struct ad_json_writer *w)
{
    ad_jw_map_begin(w);
    ad_jw_key(w, "channels");
    ad_jw_int(w, format->channels);
    ad_jw_key(w, "fps");
    ad_jw_map_begin(w);
    ad_jw_key(w, "den");
    ad_jw_int(w, format->fps_den);
    ad_jw_key(w, "num");
    ad_jw_int(w, format->fps_num);
    ad_jw_map_end(w);
    ad_jw_key(w, "height");
    ad_jw_int(w, format->height);
    ad_jw_key(w, "pixel_format");
    ad_jw_cstr(w, format->pixel_format);
    ad_jw_key(w, "sample_rate");
    ad_jw_int(w, format->sample_rate);
    ad_jw_key(w, "width");
    ad_jw_int(w, format->width);
    ad_jw_map_end(w);
}

/* The outputs of a plan that has several, by id and once each: names and order do not count. */
struct output_ids {
    struct ad_hash32 *ids;
    size_t count;
};

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct ad_hash32));
}

static enum artdag_err list_outputs(const struct ad_plan *plan, struct output_ids *ret,
                                    artdag_error *err)
{
    struct ad_hash32 *ids = ad_alloc_array(plan->output_count + 1, sizeof(*ids));
    size_t kept = 0;
    if (!ids)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < plan->output_count; i++)
        ids[i] = plan->steps[plan->outputs[i].step].cache_id;
    qsort(ids, plan->output_count, sizeof(*ids), by_bytes);
    for (size_t i = 0; i < plan->output_count; i++)
        if (!kept || memcmp(&ids[kept - 1], &ids[i], sizeof(*ids)) != 0)
            ids[kept++] = ids[i];
    *ret = (struct output_ids){ids, kept};
    return ARTDAG_OK;
}

static void write_outputs(const struct output_ids *outputs, struct ad_json_writer *w)
{
    char text[65];
    if (outputs->count < 2)
        return;
    ad_jw_key(w, "outputs");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < outputs->count; i++) {
        ad_hex_format(outputs->ids[i].bytes, sizeof(outputs->ids[i].bytes), text);
        ad_jw_cstr(w, text);
    }
    ad_jw_list_end(w);
}

/* What a plan means, and nothing that only people read. The output's cache_id stands for all steps; the analyses are here
 * because they say how the inputs are read. */
static void write_body(const struct ad_plan *plan, const struct ad_plan_input *const *inputs,
                       size_t count, const struct output_ids *outputs, struct ad_buf *buf)
{
    struct ad_json_writer w;
    char text[AD_CID_TEXT_MAX];
    ad_jw_init(&w, buf);
    ad_jw_map_begin(&w);
    ad_jw_key(&w, "format");
    ad_plan_write_format(&plan->format, &w);
    ad_jw_key(&w, "inputs");
    ad_jw_list_begin(&w);
    for (size_t i = 0; i < count; i++) {
        ad_jw_map_begin(&w);
        ad_jw_key(&w, "analysis");
        if (inputs[i]->analysis)
            ad_jw_value(&w, inputs[i]->analysis);
        else
            ad_jw_null(&w);
        ad_jw_key(&w, "cid");
        ad_cid_format(&inputs[i]->cid, text);
        ad_jw_cstr(&w, text);
        ad_jw_map_end(&w);
    }
    ad_jw_list_end(&w);
    ad_jw_key(&w, "output");
    ad_step_id(&plan->steps[plan->output], text);
    ad_jw_cstr(&w, text);
    write_outputs(outputs, &w);
    ad_jw_key(&w, "toolchain");
    ad_jw_cstr(&w, plan->toolchain);
    ad_jw_map_end(&w);
}

static enum artdag_err run_id(struct ad_plan *plan, struct ad_str cluster_key,
                              const struct ad_plan_input *const *inputs, size_t count,
                              const struct output_ids *outputs, artdag_error *err)
{
    struct ad_buf buf = AD_BUF_INIT(PREIMAGE_MAX);
    const struct ad_hash32 *output = &plan->steps[plan->output].cache_id;
    ad_field_str(&buf, AD_STR_LIT("artdag/run/1"));
    ad_field_str(&buf, cluster_key);
    ad_field(&buf, output->bytes, sizeof(output->bytes));
    (void)ad_buf_be64(&buf, count);
    for (size_t i = 0; i < count; i++)
        field_cid(&buf, &inputs[i]->cid);
    if (outputs->count > 1) {
        (void)ad_buf_be64(&buf, outputs->count);
        for (size_t i = 0; i < outputs->count; i++)
            ad_field(&buf, outputs->ids[i].bytes, sizeof(outputs->ids[i].bytes));
    }
    enum artdag_err rc = digest(&buf, &plan->run_id, err);
    ad_buf_fini(&buf);
    return rc;
}

static enum artdag_err plan_id(struct ad_plan *plan, struct ad_str cluster_key,
                               const struct ad_buf *body, artdag_error *err)
{
    struct ad_buf buf = AD_BUF_INIT(PREIMAGE_MAX);
    if (ad_buf_status(body) != ARTDAG_OK)
        return ad_error_nomem(err, ROOM);
    ad_field_str(&buf, AD_STR_LIT("artdag/plan/1"));
    ad_field_str(&buf, cluster_key);
    ad_field_str(&buf, ad_buf_as_str(body));
    enum artdag_err rc = digest(&buf, &plan->plan_id, err);
    ad_buf_fini(&buf);
    return rc;
}

enum artdag_err ad_plan_ids(struct ad_plan *plan, struct ad_str cluster_key, artdag_error *err)
{
    struct ad_buf body = AD_BUF_INIT(PREIMAGE_MAX);
    const struct ad_plan_input **inputs = NULL;
    struct output_ids outputs = {0};
    size_t count = 0;
    enum artdag_err rc = used_inputs(plan, &inputs, &count, err);
    if (rc == ARTDAG_OK)
        rc = list_outputs(plan, &outputs, err);
    if (rc == ARTDAG_OK) {
        write_body(plan, inputs, count, &outputs, &body);
        rc = plan_id(plan, cluster_key, &body, err);
    }
    if (rc == ARTDAG_OK)
        rc = run_id(plan, cluster_key, inputs, count, &outputs, err);
    free(inputs);
    free(outputs.ids);
    ad_buf_fini(&body);
    return rc;
}

void ad_step_id(const struct ad_step *step, char out[65])
{
    ad_hex_format(step->cache_id.bytes, sizeof(step->cache_id.bytes), out);
}

bool ad_step_is_source(const struct ad_step *step)
{
    return step->input_count == 0 && strcmp(step->op->node_type, "SOURCE") == 0;
}
