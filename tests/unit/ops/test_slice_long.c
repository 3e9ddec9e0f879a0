/* SPDX-License-Identifier: MIT
 *
 * Slices of films of very many clips.
 */
#include "ad_test.h"
#include "ops_test.h"

static void a_long_film_is_sliced_alike_with_and_without_counted_inputs(void **state)
{
    (void)state;
    enum {
        COUNT = 100000,
        STEP = 499
    };
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "SEQUENCE");
    struct ad_op_input *inputs = ad_arena_array(&c.arena, COUNT, sizeof(*inputs));
    assert_non_null(inputs);
    for (size_t i = 0; i < COUNT; i++)
        inputs[i] = (struct ad_op_input){
            .slot = "0", .edge = {10 + (int64_t)(i * 7 % 13), 64, 36, true, true, false}};
    c.call.inputs = inputs;
    c.call.input_count = COUNT;
    assert_ok(ops_plan(&c, "{transition: {type: crossfade, duration: 4f}}", &err));
    struct ad_joints plain = {0};
    struct ad_joints counted = {0};
    assert_true(c.op->joints(&c.call, &plain));
    struct ad_arena scratch = AD_ARENA_INIT;
    c.call.arena = &scratch;
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT; i += round ? 1 : STEP) {
            const struct ad_piece *p = &plain.pieces[i];
            struct ad_slice s = {0};
            struct ad_span out = {p->at, p->at + p->in.to - p->in.from};
            assert_ok(c.op->slice(&c.call, out, &s, &err));
            assert_int_equal(s.count, 1);
            assert_int_equal(s.inputs[0], i);
            assert_int_equal(s.spans[0].from, p->in.from);
            assert_int_equal(s.spans[0].to, p->in.to);
            ad_arena_fini(&scratch);
        }
        for (size_t i = 1; i < COUNT; i++)
            inputs[i].before = inputs[i - 1].before + inputs[i - 1].edge.frames;
    }
    c.call.arena = &c.arena;
    assert_true(c.op->joints(&c.call, &counted));
    assert_int_equal(plain.border_count, 2 * (COUNT - 1));
    assert_int_equal(counted.border_count, plain.border_count);
    assert_memory_equal(counted.borders, plain.borders,
                        plain.border_count * sizeof(*plain.borders));
    ops_fini(&c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_long_film_is_sliced_alike_with_and_without_counted_inputs),
};
AD_TEST_MAIN(tests)
