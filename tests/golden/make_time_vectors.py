#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/time.txt: exact time arithmetic, computed with Python's unbounded integers.

usage: make_time_vectors.py > time.txt

Lines:  samples NUM DEN RATE FRAME AT FOR      ad_samples_at, ad_samples_for
        muldiv A B C FLOOR CEIL ROUND          saturated to int64
        time NUM DEN FRAMES TEXT               a time as people write it, at NUM/DEN frames a second
"""
import random
from fractions import Fraction

MAX = 2**63 - 1
RATES = [(24, 1), (25, 1), (30, 1), (30000, 1001), (24000, 1001), (15000, 1001), (60000, 1001), (1000, 1), (1, 1000)]
SAMPLE_RATES = [8000, 22050, 44100, 48000, 96000, 192000]


def half_up(x):
    return (x + Fraction(1, 2)).__floor__()


def sat(n):
    return min(n, MAX)


def main():
    rnd = random.Random(1)
    for num, den in RATES:
        for rate in SAMPLE_RATES:
            for frame in [0, 1, 2, 3, 1001, 30000, 123456, rnd.randrange(10**6), rnd.randrange(10**9), 10**9]:
                exact = Fraction(frame * rate * den, num)
                print("samples", num, den, rate, frame, sat(exact.__floor__()), sat(exact.__ceil__()))
    special = [0, 1, 2, 3, 2**31, 2**32 + 1, 2**53 + 1, 2**62, MAX - 1, MAX]
    triples = [(a, b, c) for a in special for b in (0, 1, 3, 2**40, MAX) for c in (1, 2, 3, 2**33, MAX)]
    triples += [(rnd.randrange(2**62), rnd.randrange(2**62), rnd.randrange(1, 2**62)) for _ in range(200)]
    for a, b, c in triples:
        x = Fraction(a * b, c)
        print("muldiv", a, b, c, sat(x.__floor__()), sat(x.__ceil__()), sat(half_up(x)))
    texts = ["0", "1", "2", "1.5", "0.5", "1.0", "0.020833333333", "0.0208334", "0.1", "0.3", "10.01", "3599.999",
             "0.000000000000000001", "1234567.891", "0.04", "0.02", "0.06", "0.5005", "0.016683333333333333"]
    for num, den in RATES:
        for text in texts:
            frames = half_up(Fraction(text) * num / den)
            if frames <= 10**9:
                print("time", num, den, frames, text)
                print("time", num, den, frames, text + "s")
        for text, seconds in [("250ms", "0.25"), ("41.7ms", "0.0417"), ("00:01:02.500", "62.5"), ("01:02.5", "62.5"),
                              ("10:00:00", "36000"), ("00:00:00.04", "0.04"), ("1e-3", "0.001"), ("1.5e1", "15")]:
            print("time", num, den, half_up(Fraction(seconds) * num / den), text)
        for frames in (0, 1, 36, 10**9):
            print("time", num, den, frames, f"{frames}f")


main()
