/* SPDX-License-Identifier: MIT
 *
 * Slices and joints of ops that show the frames of one input.
 */
#include "ops/op.h"

enum artdag_err ad_slice_one(const struct ad_op_call *call, const struct ad_value *config,
                             uint32_t input, struct ad_span span, struct ad_slice *ret,
                             artdag_error *err)
{
    uint32_t *inputs = ad_arena_array(call->arena, 1, sizeof(*inputs));
    struct ad_span *spans = ad_arena_array(call->arena, 1, sizeof(*spans));
    if (!config || !inputs || !spans)
        return ad_error_nomem(err, "ops");
    *inputs = input;
    *spans = span;
    *ret = (struct ad_slice){.config = config, .inputs = inputs, .spans = spans, .count = 1};
    return ARTDAG_OK;
}

enum artdag_err ad_slice_same(const struct ad_op_call *call, struct ad_span out,
                              struct ad_slice *ret, artdag_error *err)
{
    return ad_slice_one(call, call->config, 0, out, ret, err);
}

bool ad_joints_one(const struct ad_op_call *call, uint32_t input, struct ad_span in,
                   struct ad_joints *ret)
{
    struct ad_piece *piece = ad_arena_array(call->arena, 1, sizeof(*piece));
    if (!piece)
        return false;
    *piece = (struct ad_piece){.input = input, .in = in};
    *ret = (struct ad_joints){.pieces = piece, .piece_count = 1};
    return true;
}

bool ad_joints_same(const struct ad_op_call *call, struct ad_joints *ret)
{
    return ad_joints_one(call, 0, (struct ad_span){0, call->inputs[0].edge.frames}, ret);
}

enum artdag_err ad_slice_curves(const struct ad_op_call *call, const struct ad_field *fields,
                                struct ad_span out, struct ad_slice *ret, artdag_error *err)
{
    return ad_slice_one(call, ad_conf_slice(call->arena, fields, call->config, out), 0, out,
                        ret, err);
}

enum artdag_err ad_finish_curves(const struct ad_op_call *call, const struct ad_field *fields,
                                 const struct ad_value **ret_config, artdag_error *err)
{
    const struct ad_value *config = ad_conf_slice(
        call->arena, fields, call->config, (struct ad_span){0, call->inputs[0].edge.frames});
    if (!config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}
