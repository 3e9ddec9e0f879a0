#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes pieces of music whose truth is known: NAME.mid and NAME.json (beats, downbeats, onsets).

    pieces.py FOLDER --seeds 1-3            every style once for each seed
    pieces.py FOLDER --seeds 1-3 --render   and NAME.wav through fluidsynth

A piece is made from its style's name and its seed alone. Times come from the tempo map; notes are moved
off the grid by a few milliseconds, as players do, but the truth of a beat is the grid. The truth of an
onset is the time of the note itself.
"""
import argparse
import json
import os
import random
import struct
import subprocess
import sys

TICKS = 480  # per quarter note
LEAD_IN = 0.5  # seconds of silence
KICK, STICK, SNARE, CLAP, HAT, PEDAL, OPEN, CRASH, RIDE = 36, 37, 38, 39, 42, 44, 46, 49, 51
TOMS = (50, 47, 45, 43)
CONGA_HIGH, CONGA_LOW, CLAVE, SHAKER, COWBELL, TAMBOURINE = 62, 64, 75, 70, 56, 54
MAJOR, MINOR = (0, 4, 7), (0, 3, 7)
SCALES = {MAJOR: (0, 2, 4, 5, 7, 9, 11), MINOR: (0, 2, 3, 5, 7, 8, 10)}


class Piece:
    """Notes in quarters on a grid of beats; a tempo per beat."""

    def __init__(self, style, seed):
        self.rng = random.Random("%s/%d" % (style, seed))
        self.style = style
        self.notes = []  # (quarter, quarters, channel, key, velocity)
        self.programs = {}
        self.metre = 4  # beats per bar
        self.beat = 1.0  # quarters per beat
        self.bpm = 120.0
        self.curve = "constant"
        self.jitter = 0.006  # seconds, standard deviation
        self.seconds = 40.0
        self.percussive = False
        self.root = self.rng.randrange(12)
        self.mode = self.rng.choice((MAJOR, MINOR))
        self.bar_count = 0

    # ---- writing notes ----
    def note(self, at, length, channel, key, velocity):
        velocity = max(8, min(127, int(velocity + self.rng.gauss(0, 5))))
        self.notes.append((at, length, channel, max(0, min(127, key)), velocity))

    def drum(self, at, key, velocity=90):
        self.note(at, 0.1, 9, key, velocity)

    def chord_of(self, bar):
        """Root and shape of the bar's chord: a progression that repeats every four bars."""
        if not hasattr(self, "progression"):
            choices = ((0, 5, 3, 4), (0, 3, 4, 4), (0, 4, 5, 3), (5, 3, 0, 4), (0, 0, 3, 4), (0, 5, 1, 4))
            self.progression = self.rng.choice(choices)
        scale = SCALES[self.mode]
        degree = self.progression[bar % 4]
        return (self.root + scale[degree % 7]) % 12, tuple(
            (scale[(degree + step) % 7] - scale[degree]) % 12 for step in (0, 2, 4))

    def chord(self, bar, at, length, channel, base, velocity):
        root, shape = self.chord_of(bar)
        for step in shape:
            self.note(at, length, channel, base + (root + step) % 12, velocity)

    def bass(self, bar, at, length, channel, velocity=95, step=0):
        root, shape = self.chord_of(bar)
        self.note(at, length, channel, 36 + (root + shape[step % 3]) % 12, velocity)

    def melody(self, bar, at, channel, base, unit, count, density, velocity=80):
        root, shape = self.chord_of(bar)
        scale = SCALES[self.mode]
        where = self.rng.randrange(7)
        step = 0
        while step < count:
            length = self.rng.choice((1, 1, 2, 3))
            if self.rng.random() < density:
                if step == 0:
                    key = base + (root + self.rng.choice(shape)) % 12
                else:
                    where += self.rng.choice((-2, -1, -1, 0, 1, 1, 2))
                    key = base + (self.root + scale[where % 7]) % 12
                self.note(at + step * unit, length * unit * 0.9, channel, key, velocity)
            step += length

    # ---- time ----
    def tempo_list(self, beats):
        """The tempo of each beat."""
        rng, result = self.rng, []
        turn = rng.uniform(0.35, 0.65)
        factor = rng.choice((0.75, 0.8, 0.85, 1.18, 1.25, 1.33))
        for i in range(beats):
            x = i / max(1, beats - 1)
            if self.curve == "step":
                scale = factor if x >= turn else 1.0
            elif self.curve == "accelerando":
                scale = 0.85 + 0.35 * x
            elif self.curve == "ritardando":
                scale = 1.15 - 0.3 * x
            elif self.curve == "rubato":
                if i % self.metre == 0:
                    self.bend = rng.uniform(0.93, 1.07)
                scale = self.bend
            elif self.curve == "drift":
                self.bend = getattr(self, "bend", 1.0) * (1 + rng.gauss(0, 0.006))
                self.bend += (1 - self.bend) * 0.05
                scale = self.bend
            else:
                scale = 1.0
            result.append(self.bpm * scale)
        return result

    def write(self, folder, name):
        beats = self.bar_count * self.metre
        tempos = self.tempo_list(beats + 8)
        times = [LEAD_IN]
        for bpm in tempos:
            times.append(times[-1] + 60.0 / bpm)

        def seconds(quarter):
            beat = max(0.0, quarter / self.beat)
            i = min(int(beat), len(tempos) - 1)
            return times[i] + (beat - i) * 60.0 / tempos[i]

        played, events = [], []
        for at, length, channel, key, velocity in self.notes:
            start = max(0.0, seconds(at) + self.rng.gauss(0, self.jitter))
            stop = max(start + 0.03, seconds(at + length))
            played.append(start)
            events.append((start, 1, bytes((0x90 | channel, key, velocity))))
            events.append((stop, 0, bytes((0x80 | channel, key, 0))))
        for channel, program in self.programs.items():
            events.append((0.0, -1, bytes((0xC0 | channel, program))))
        write_midi(os.path.join(folder, name + ".mid"), events)
        truth = {
            "style": self.style,
            "metre": self.metre,
            "bpm": self.bpm,
            "curve": self.curve,
            "drums": any(n[2] == 9 for n in self.notes),
            "percussive": self.percussive,
            "beats": [round(t, 6) for t in times[:beats]],
            "downbeats": [round(t, 6) for t in times[:beats:self.metre]],
            "onsets": merge(played),
        }
        with open(os.path.join(folder, name + ".json"), "w") as out:
            json.dump(truth, out)


def merge(times, gap=0.03):
    """Notes of one stroke are one onset."""
    result = []
    for t in sorted(times):
        if not result or t - result[-1] > gap:
            result.append(t)
    return [round(t, 6) for t in result]


def write_midi(path, events):
    """One track at a fixed 1/1000 s per tick; the tempo map is already in the times."""
    data, last = bytearray(), 0
    for at, _, message in sorted(events, key=lambda e: (e[0], e[1])):
        tick = int(round(at * 1000))
        data += varint(tick - last) + message
        last = tick
    data = varint(0) + b"\xff\x51\x03" + (500000).to_bytes(3, "big") + bytes(data)
    data += varint(1500) + b"\xff\x2f\x00"
    with open(path, "wb") as out:
        out.write(b"MThd" + struct.pack(">IHHH", 6, 0, 1, 500))
        out.write(b"MTrk" + struct.pack(">I", len(data)) + data)


def varint(value):
    out = [value & 0x7F]
    while value > 0x7F:
        value >>= 7
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))


# ---- styles: each sets the piece up and returns a function that writes one bar ----
def fill(p, at, quarters):
    """Toms or snare in sixteenths over the bar's last beat."""
    for i in range(4):
        if p.rng.random() < 0.85:
            p.drum(at + quarters - 1 + i * 0.25, p.rng.choice(TOMS + (SNARE,)), 85 + 6 * i)


def ends_phrase(p, bar):
    return bar % 4 == 3 and p.rng.random() < 0.6


def rock(p):
    p.bpm = p.rng.uniform(95, 150)
    p.programs = {0: p.rng.choice((29, 30, 27)), 1: p.rng.choice((33, 34)), 2: 81}
    ghost = p.rng.random() < 0.5
    kicks = p.rng.choice(((0, 2), (0, 1.5, 2), (0, 2, 2.5), (0, 2.5), (0, 0.5, 2, 3.5)))
    riff = [p.rng.random() < 0.8 for _ in range(8)]

    def bar(b, at):
        filled = ends_phrase(p, b)
        for q in kicks:
            p.drum(at + q, KICK, 105)
        for q in (1, 3):
            if not (filled and q == 3):
                p.drum(at + q, SNARE, 105)
        for i in range(8):
            if not (filled and i >= 6):
                p.drum(at + i / 2, HAT, 85 if i % 2 == 0 else 65)
        if b % 4 == 0:
            p.drum(at, CRASH, 95)
        if ghost:
            p.drum(at + 1.75, SNARE, 45)
        if filled:
            fill(p, at, 4)
        for i in range(8):
            p.bass(b, at + i / 2, 0.45, 1, 95 if i % 4 == 0 else 80)
            if riff[i]:
                p.chord(b, at + i / 2, 0.45, 0, 48, 85 if i % 4 == 0 else 70)
        if b >= 4:
            p.melody(b, at, 2, 72, 0.5, 8, 0.5)
    return bar


def house(p):
    p.bpm = p.rng.uniform(116, 132)
    p.jitter = 0.0
    p.programs = {0: p.rng.choice((81, 90, 4)), 1: p.rng.choice((38, 39)), 2: p.rng.choice((89, 50))}
    off_bass = p.rng.random() < 0.6
    stabs = p.rng.choice(((0.5, 2.5), (0.75, 2.25, 3.5), (0, 1.5, 3), (0.5, 1.5, 2.5, 3.5)))

    def bar(b, at):
        quiet = b % 16 in (12, 13)
        for q in range(4):
            if not quiet:
                p.drum(at + q, KICK, 115)
            p.drum(at + q + 0.5, OPEN, 85)
            if off_bass:
                p.bass(b, at + q + 0.5, 0.4, 1, 95)
            for i in range(4):
                p.drum(at + q + i / 4, HAT, 55)
        if not off_bass:
            for i in range(16):
                if p.rng.random() < 0.6:
                    p.bass(b, at + i / 4, 0.2, 1, 90, p.rng.choice((0, 0, 2)))
        for q in (1, 3):
            p.drum(at + q, CLAP, 95)
        for q in stabs:
            p.chord(b, at + q, 0.3, 0, 60, 80)
        p.chord(b, at, 3.9, 2, 48, 55)
    return bar


def breakbeat(p):
    p.bpm = p.rng.uniform(160, 176)
    p.programs = {0: 89, 1: 38}

    def bar(b, at):
        for q in (0, 2.5):
            p.drum(at + q, KICK, 110)
        for q in (1, 3):
            p.drum(at + q, SNARE, 105)
        if p.rng.random() < 0.5:
            p.drum(at + 1.75, SNARE, 55)
        for i in range(8):
            p.drum(at + i / 2, HAT, 75 if i % 2 == 0 else 55)
        p.bass(b, at, 1.4, 1, 100)
        p.bass(b, at + 2.5, 1.2, 1, 90, 2)
        p.chord(b, at, 3.9, 0, 60, 60)
    return bar


def swing(p):
    p.bpm = p.rng.uniform(120, 190)
    p.programs = {0: 0, 1: 32, 2: p.rng.choice((65, 66, 56, 11))}
    p.jitter = 0.01

    def bar(b, at):
        for q in range(4):
            p.drum(at + q, RIDE, 85 if q % 2 else 75)
            if q % 2:
                p.drum(at + q + 2 / 3, RIDE, 65)
                p.drum(at + q, PEDAL, 75)
            p.bass(b, at + q, 0.9, 1, 90, q)
        if p.rng.random() < 0.4:
            p.drum(at + p.rng.choice((0.667, 1.667, 2.667, 3.667)), SNARE, 50)
        for q in p.rng.choice(((0, 1.667), (0.667, 2.667), (1.667, 3), (0,))):
            p.chord(b, at + q, 0.5, 0, 60, 70)
        for q in range(4):
            if p.rng.random() < 0.7:
                p.melody(b, at + q, 2, 67, 2 / 3, 1, 1.0)
            if p.rng.random() < 0.5:
                p.melody(b, at + q + 2 / 3, 2, 67, 1 / 3, 1, 1.0, 70)
    return bar


def bossa(p):
    p.bpm = p.rng.uniform(110, 150)
    p.programs = {0: 24, 1: 32, 2: p.rng.choice((73, 65))}
    clave = p.rng.choice(((0, 1.5, 3), (0, 1.5, 3, 3.5), (0, 0.5, 1.5, 3)))

    def bar(b, at):
        for i in range(8):
            p.drum(at + i / 2, SHAKER if b % 2 else HAT, 75 if i % 2 == 0 else 55)
        for q in clave:
            p.drum(at + q, STICK, 80)
        for q in (0, 1.5, 2, 3.5):
            p.drum(at + q, KICK, 85 if q in (0, 2) else 65)
        p.bass(b, at, 1.4, 1, 95)
        p.bass(b, at + 1.5, 0.4, 1, 75, 2)
        p.bass(b, at + 2, 1.4, 1, 90, 2)
        p.bass(b, at + 3.5, 0.4, 1, 75, 0)
        for q in p.rng.choice(((0, 1, 2.5), (0, 1.5, 3), (0.5, 2, 3))):
            p.chord(b, at + q, 0.4, 0, 55, 75)
        if b >= 2:
            p.melody(b, at, 2, 72, 0.5, 8, 0.5, 75)
    return bar


def waltz(p):
    p.metre = 3
    p.bpm = p.rng.uniform(100, 180)
    p.programs = {0: p.rng.choice((0, 21, 48)), 1: p.rng.choice((32, 43)), 2: p.rng.choice((40, 73, 21))}
    drums = p.rng.random() < 0.5

    def bar(b, at):
        p.bass(b, at, 0.9, 1, 95, 0 if b % 2 == 0 else 2)
        for q in (1, 2):
            p.chord(b, at + q, 0.6, 0, 60, 70)
            if drums:
                p.drum(at + q, HAT if q == 1 else SNARE, 60)
        if drums:
            p.drum(at, KICK, 85)
            p.drum(at, RIDE, 60)
        p.melody(b, at, 2, 72, 0.5, 6, 0.6, 85)
    return bar


def ballad(p):
    p.bpm = p.rng.uniform(62, 84)
    p.programs = {0: p.rng.choice((0, 4, 24)), 1: 33, 2: 48, 3: p.rng.choice((73, 65, 52))}
    p.jitter = 0.01

    def bar(b, at):
        for i in range(8):
            p.drum(at + i / 2, HAT, 70 if i % 2 == 0 else 55)
        p.drum(at, KICK, 95)
        if b % 2:
            p.drum(at + 2.5, KICK, 80)
        else:
            p.drum(at + 2, KICK, 85)
        p.drum(at + 1, SNARE, 90)
        p.drum(at + 3, SNARE, 90)
        root, shape = p.chord_of(b)
        for i in range(8):
            p.note(at + i / 2, 0.6, 0, 60 + (root + shape[(0, 1, 2, 1)[i % 4]]) % 12, 70)
        p.bass(b, at, 1.9, 1, 90)
        p.bass(b, at + 2, 1.9, 1, 85)
        p.chord(b, at, 3.9, 2, 48, 50)
        if b >= 4:
            p.melody(b, at, 3, 72, 0.5, 8, 0.5)
    return bar


def six_eight(p):
    p.metre = 2
    p.beat = 1.5
    p.bpm = p.rng.uniform(55, 90)
    p.programs = {0: p.rng.choice((24, 25, 0)), 1: 33, 2: p.rng.choice((73, 22))}
    p.jitter = 0.008

    def bar(b, at):
        root, shape = p.chord_of(b)
        for i in range(6):
            p.note(at + i / 2, 0.6, 0, 60 + (root + shape[(0, 1, 2, 1, 2, 1)[i]]) % 12, 80 if i % 3 == 0 else 65)
            p.drum(at + i / 2, HAT, 80 if i % 3 == 0 else 55)
        p.drum(at, KICK, 95)
        p.drum(at + 1.5, SNARE, 90)
        p.bass(b, at, 1.4, 1)
        p.bass(b, at + 1.5, 1.3, 1, 85, 2)
        if b >= 2:
            p.melody(b, at, 2, 72, 0.5, 6, 0.5)
    return bar


def five_four(p):
    p.metre = 5
    p.bpm = p.rng.uniform(110, 170)
    p.programs = {0: p.rng.choice((0, 4)), 1: 32, 2: 65}

    def bar(b, at):
        for q in range(5):
            p.drum(at + q, RIDE, 80)
            if p.rng.random() < 0.3:
                p.drum(at + q + 0.5, RIDE, 55)
        p.drum(at, KICK, 100)
        p.drum(at + 3, KICK, 90)
        p.drum(at + 2, SNARE, 70)
        p.drum(at + 4, SNARE, 85)
        p.bass(b, at, 1.4, 1, 100)
        p.bass(b, at + 1.5, 1.3, 1, 80, 1)
        p.bass(b, at + 3, 0.9, 1, 95, 2)
        p.bass(b, at + 4, 0.9, 1, 85, 1)
        for q in (0, 1.5, 3):
            p.chord(b, at + q, 0.8, 0, 60, 75)
        p.melody(b, at, 2, 72, 0.5, 10, 0.4)
    return bar


def seven_four(p):
    p.metre = 7
    p.bpm = p.rng.uniform(110, 160)
    p.programs = {0: 29, 1: 34}

    def bar(b, at):
        for i in range(14):
            p.drum(at + i / 2, HAT, 80 if i % 2 == 0 else 60)
        for q in (0, 2, 4, 4.5):
            p.drum(at + q, KICK, 105)
        for q in (1, 3, 5, 6):
            p.drum(at + q, SNARE, 95)
        if b % 2 == 0:
            p.drum(at, CRASH, 90)
        for q in (0, 1, 2, 3, 4, 5, 5.5, 6, 6.5):
            p.bass(b, at + q, 0.45, 1)
        for q in (0, 1.5, 3, 4, 5.5):
            p.chord(b, at + q, 0.7, 0, 48, 80)
    return bar


def march(p):
    p.metre = 2
    p.bpm = p.rng.uniform(100, 128)
    p.programs = {0: 61, 1: 58, 2: 56}

    def bar(b, at):
        p.drum(at, KICK, 100)
        for q, v in ((0.5, 60), (1, 95), (1.5, 70), (1.75, 60)):
            p.drum(at + q, SNARE, v)
        if b % 4 == 0:
            p.drum(at, CRASH, 90)
        p.bass(b, at, 0.7, 1, 95)
        p.bass(b, at + 1, 0.7, 1, 90, 2)
        for q in (0.5, 1.5):
            p.chord(b, at + q, 0.4, 0, 60, 75)
        p.melody(b, at, 2, 67, 0.5, 4, 0.7)
    return bar


def piano(p):
    p.bpm = p.rng.uniform(80, 130)
    p.programs = {0: 0}
    p.jitter = 0.01
    p.metre = p.rng.choice((4, 4, 3))

    def bar(b, at):
        root, shape = p.chord_of(b)
        for i in range(p.metre * 2):
            step = 0 if i == 0 else (0, 2, 1, 2)[i % 4]
            p.note(at + i / 2, 0.5, 0, (43 if i == 0 else 48) + (root + shape[step]) % 12, 75 if i == 0 else 60)
        p.melody(b, at, 0, 72, 0.5, p.metre * 2, 0.7, 90)
    return bar


def strings(p):
    p.bpm = p.rng.uniform(85, 125)
    p.programs = {0: 48, 1: 45, 2: 40, 3: 42}
    p.jitter = 0.012

    def bar(b, at):
        p.chord(b, at, 3.9, 0, 60, 70)
        for q in range(4):
            p.bass(b, at + q, 0.6, 1, 95 if q == 0 else 80, q)
        p.bass(b, at, 1.9, 3, 80)
        p.bass(b, at + 2, 1.9, 3, 75, 2)
        p.melody(b, at, 2, 72, 0.5, 8, 0.6, 90)
    return bar


def picking(p):
    p.bpm = p.rng.uniform(85, 125)
    p.programs = {0: 25, 1: p.rng.choice((22, 73, 40))}
    p.jitter = 0.008

    def bar(b, at):
        root, shape = p.chord_of(b)
        for q in range(4):
            p.note(at + q, 0.9, 0, 40 + (root + shape[0 if q % 2 == 0 else 2]) % 12, 90 if q == 0 else 80)
            p.note(at + q + 0.5, 0.5, 0, 60 + (root + shape[q % 3]) % 12, 65)
            if p.rng.random() < 0.5:
                p.note(at + q, 0.5, 0, 64 + (root + shape[(q + 1) % 3]) % 12, 70)
        if b >= 2:
            p.melody(b, at, 1, 72, 0.5, 8, 0.5)
    return bar


def funk(p):
    p.bpm = p.rng.uniform(92, 118)
    p.programs = {0: 28, 1: 36, 2: p.rng.choice((61, 17))}
    kicks = p.rng.choice(((0, 0.75, 2.5), (0, 1.5, 2.25, 2.5), (0, 0.5, 2.5, 3.25)))
    line = [i for i in range(16) if i == 0 or p.rng.random() < 0.45]
    chops = [i for i in range(16) if p.rng.random() < 0.5]

    def bar(b, at):
        for q in kicks:
            p.drum(at + q, KICK, 105)
        for q in (1, 3):
            p.drum(at + q, SNARE, 105)
        for q in (1.75, 2.25):
            if p.rng.random() < 0.6:
                p.drum(at + q, SNARE, 50)
        for i in range(16):
            p.drum(at + i / 4, HAT, (85, 50, 70, 50)[i % 4])
        for i in line:
            p.bass(b, at + i / 4, 0.2, 1, 100 if i == 0 else 85, p.rng.choice((0, 0, 2)))
        for i in chops:
            p.chord(b, at + i / 4, 0.15, 0, 60, 70)
        if b % 2 and b >= 4:
            for q in (2.5, 3, 3.5):
                p.chord(b, at + q, 0.3, 2, 60, 85)
    return bar


def reggae(p):
    p.bpm = p.rng.uniform(70, 95)
    p.programs = {0: 27, 1: 33, 2: 16}

    def bar(b, at):
        for i in range(8):
            p.drum(at + i / 2, HAT, 75 if i % 2 == 0 else 60)
        p.drum(at + 2, KICK, 105)
        p.drum(at + 2, STICK, 90)
        if p.rng.random() < 0.5:
            p.drum(at, KICK, 70)
        for q in (1, 3):
            p.chord(b, at + q, 0.25, 0, 60, 90)
            p.chord(b, at + q + 0.5, 0.2, 2, 60, 60)
        p.bass(b, at, 0.7, 1, 100)
        p.bass(b, at + 1.5, 0.4, 1, 85, 2)
        p.bass(b, at + 2, 0.9, 1, 95, 1)
        p.bass(b, at + 3.5, 0.4, 1, 80, 0)
    return bar


def hiphop(p):
    p.bpm = p.rng.uniform(82, 100)
    p.programs = {0: 4, 1: 38, 2: 89}
    kicks = p.rng.choice(((0, 0.75, 2.5), (0, 2.25, 2.5), (0, 1.75, 2.5, 3.75)))

    def bar(b, at):
        for q in kicks:
            p.drum(at + q, KICK, 115)
            p.bass(b, at + q, 0.6, 1, 100)
        for q in (1, 3):
            p.drum(at + q, SNARE, 100)
            p.drum(at + q, CLAP, 85)
        for i in range(8):
            p.drum(at + i / 2, HAT, 75 if i % 2 == 0 else 60)
        if p.rng.random() < 0.3:
            p.drum(at + 3.75, HAT, 60)
        for q in (0, 1.5):
            p.chord(b, at + q, 1.2, 0, 60, 70)
        p.chord(b, at, 3.9, 2, 60, 45)
    return bar


def metal(p):
    p.bpm = p.rng.uniform(130, 190)
    p.programs = {0: 30, 1: 34, 2: 30}
    gallop = p.rng.random() < 0.5

    def bar(b, at):
        for q in range(4):
            for i in ((0, 2, 3) if gallop else (0, 1, 2, 3)):
                p.drum(at + q + i / 4, KICK, 105 if i == 0 else 90)
                p.chord(b, at + q + i / 4, 0.2, 0, 40, 95 if i == 0 else 75)
                p.bass(b, at + q + i / 4, 0.2, 1, 95 if i == 0 else 80)
            p.drum(at + q, RIDE if b % 8 >= 4 else HAT, 90)
        for q in (1, 3):
            p.drum(at + q, SNARE, 115)
        if b % 4 == 0:
            p.drum(at, CRASH, 110)
        if ends_phrase(p, b):
            fill(p, at, 4)
        if b >= 4:
            p.melody(b, at, 2, 64, 0.5, 8, 0.6)
    return bar


def disco(p):
    p.bpm = p.rng.uniform(108, 128)
    p.programs = {0: 27, 1: 33, 2: 48}

    def bar(b, at):
        for q in range(4):
            p.drum(at + q, KICK, 110)
            p.drum(at + q, HAT, 70)
            p.drum(at + q + 0.5, OPEN, 80)
            p.bass(b, at + q, 0.4, 1, 95)
            root, shape = p.chord_of(b)
            p.note(at + q + 0.5, 0.4, 1, 48 + root, 90)
            for i in range(4):
                if p.rng.random() < 0.6:
                    p.chord(b, at + q + i / 4, 0.15, 0, 60, 65)
        for q in (1, 3):
            p.drum(at + q, SNARE, 100)
        p.melody(b, at, 2, 72, 0.5, 8, 0.6, 75)
    return bar


def percussion(p):
    p.bpm = p.rng.uniform(95, 130)
    p.percussive = True
    high = [i for i in range(16) if p.rng.random() < 0.5]

    def bar(b, at):
        for q in (0, 2) if b % 2 else (0, 1.5, 2.5):
            p.drum(at + q, CONGA_LOW, 100)
        for i in high:
            p.drum(at + i / 4, CONGA_HIGH, 80)
        for q in (0, 0.75, 1.5, 2.5, 3):
            p.drum(at + q, CLAVE, 75)
        for q in range(4):
            p.drum(at + q, COWBELL if b % 8 < 4 else TAMBOURINE, 80)
        p.drum(at, KICK, 95)
    return bar


def drums_only(p):
    p.bpm = p.rng.uniform(85, 150)
    p.percussive = True
    kicks = p.rng.choice(((0, 2), (0, 1.5, 2), (0, 2.5), (0, 0.75, 2.5)))

    def bar(b, at):
        filled = ends_phrase(p, b)
        for q in kicks:
            p.drum(at + q, KICK, 105)
        p.drum(at + 1, SNARE, 105)
        if filled:
            fill(p, at, 4)
        else:
            p.drum(at + 3, SNARE, 105)
        for i in range(8):
            p.drum(at + i / 2, HAT if b % 8 < 4 else RIDE, 85 if i % 2 == 0 else 65)
        if b % 4 == 0:
            p.drum(at, CRASH, 95)
    return bar


def pop(p):
    """Piano intro without drums, then the band."""
    p.bpm = p.rng.uniform(88, 126)
    p.programs = {0: 0, 1: 33, 2: 25, 3: 53}

    def bar(b, at):
        for q in range(4):
            p.chord(b, at + q, 0.9, 0, 60, 85 if q == 0 else 70)
        p.note(at, 3.8, 0, 36 + p.chord_of(b)[0], 85)
        if b < 4 or b % 12 in (10, 11):
            return
        for i in range(8):
            p.drum(at + i / 2, HAT, 80 if i % 2 == 0 else 60)
            if p.rng.random() < 0.7:
                p.chord(b, at + i / 2, 0.4, 2, 55, 65)
        for q in (0, 2, 2.5) if b % 2 else (0, 2):
            p.drum(at + q, KICK, 100)
            p.bass(b, at + q, 0.9, 1)
        for q in (1, 3):
            p.drum(at + q, SNARE, 100)
        p.melody(b, at, 3, 67, 0.5, 8, 0.6, 90)
    return bar


def jig(p):
    """6/8 tune felt in two, no drums but a bodhran."""
    p.metre = 2
    p.beat = 1.5
    p.bpm = p.rng.uniform(95, 125)
    p.programs = {0: p.rng.choice((40, 73, 21)), 1: 25}

    def bar(b, at):
        p.melody(b, at, 0, 72, 0.5, 6, 0.95, 90)
        for q in (0, 1.5):
            p.bass(b, at + q, 0.9, 1, 90 if q == 0 else 80)
            p.chord(b, at + q + 1, 0.4, 1, 55, 65)
            p.drum(at + q, 41, 80 if q == 0 else 70)
            p.drum(at + q + 1, 45, 50)
    return bar


def reel(p):
    p.bpm = p.rng.uniform(95, 120)
    p.programs = {0: p.rng.choice((40, 73, 21, 105)), 1: 25}
    p.metre = 4

    def bar(b, at):
        for i in range(16):
            if p.rng.random() < 0.85:
                p.melody(b, at + i / 4, 0, 72, 0.25, 1, 1.0, 95 if i % 4 == 0 else 75)
        for q in range(4):
            p.bass(b, at + q, 0.5, 1, 95 if q == 0 else 80, 0 if q % 2 == 0 else 2)
            p.chord(b, at + q + 0.5, 0.3, 1, 55, 65)
    return bar


STYLES = (rock, house, breakbeat, swing, bossa, waltz, ballad, six_eight, five_four, seven_four, march, piano,
          strings, picking, funk, reggae, hiphop, metal, disco, percussion, drums_only, pop, jig, reel)
CURVES = ("constant", "constant", "constant", "drift", "step", "accelerando", "ritardando", "rubato")
STEADY = ("house", "breakbeat", "hiphop", "disco")


def make(style, seed):
    p = Piece(style.__name__, seed)
    write_bar = style(p)
    if style.__name__ not in STEADY:
        p.curve = p.rng.choice(CURVES)
    quarters = p.metre * p.beat
    p.bar_count = max(8, int(p.seconds / (p.metre * 60.0 / p.bpm)))
    for b in range(p.bar_count):
        write_bar(b, b * quarters)
    return p


def render(folder, name, font):
    wav = os.path.join(folder, name + ".wav")
    subprocess.run(["fluidsynth", "-ni", "-q", "-g", "0.5", "-r", "44100", "-T", "wav", "-O", "s16", "-F", wav, font,
                    os.path.join(folder, name + ".mid")], check=True, stdout=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--seeds", default="1-2", help="FIRST-LAST")
    parser.add_argument("--render", action="store_true")
    parser.add_argument("--font", default="/usr/share/sounds/sf2/FluidR3_GM.sf2")
    args = parser.parse_args()
    first, last = (int(x) for x in args.seeds.split("-"))
    os.makedirs(args.folder, exist_ok=True)
    for seed in range(first, last + 1):
        for style in STYLES:
            name = "%s-%d" % (style.__name__, seed)
            make(style, seed).write(args.folder, name)
            if args.render:
                render(args.folder, name, args.font)
    return 0


if __name__ == "__main__":
    sys.exit(main())
