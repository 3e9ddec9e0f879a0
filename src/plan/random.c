/* SPDX-License-Identifier: MIT
 *
 * Random numbers by place, not by turn: what a slice gets does not depend on the slices before it. The mixing is that of
 * SplitMix64 (Steele, Lea, Flood 2014); integers only.
 */
#include "plan/expand.h"

static uint64_t mix(uint64_t z)
{
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t ad_random(uint64_t seed, uint64_t row, uint64_t n)
{
    return mix(mix(mix(seed) + row) + n);
}

uint64_t ad_random_below(uint64_t random, uint64_t limit)
{
    __extension__ typedef unsigned __int128 u128;
    return (uint64_t)(((u128)random * limit) >> 64);
}
