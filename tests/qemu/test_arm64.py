#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Room analysis gives the same bits on arm64, which fuses multiplications and additions where it may, and on other levels of
x86-64. Built here by a cross compiler, run by an emulator; sound and pictures are made by whole numbers."""
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest
import wave

ROOT = pathlib.Path(os.environ["ARTDAG_SOURCE_ROOT"])
FLAGS = ["-std=c17", "-D_GNU_SOURCE", "-O2", "-ffp-contract=off", "-fno-strict-aliasing", "-w", f"-I{ROOT}/src",
         f"-I{ROOT}/include", f"-I{ROOT}"]
SOURCES = [str(ROOT / "bench/analysis/measure.c"), *sorted(str(p) for p in (ROOT / "src/analysis").glob("*.c")),
           *sorted(str(p) for p in (ROOT / "src/base").glob("*.c"))]


def noise():
    state = 1
    while True:
        state = (state * 1103515245 + 12345) % (1 << 31)
        yield (state >> 16) - 16384


def music(path):
    """Six seconds of strokes, a bass that changes with the bar, and noise; two channels."""
    rate, random = 22050, noise()
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(rate)
        frames = bytearray()
        for i in range(6 * rate):
            beat, into = divmod(i, rate * 6 // 13)
            bass = 6000 if (i * (110 if beat // 4 % 2 else 82)) // rate % 2 else -6000
            stroke = next(random) * max(0, 1500 - into) // 1500
            hat = next(random) * max(0, 300 - (into * 2) % (rate * 6 // 13)) // 900
            frames += struct.pack("<hh", (bass + stroke) // 2, (bass + hat) // 2)
        out.writeframes(bytes(frames))
    return path


def pictures():
    """Two seconds of 64x36: a bar that moves, then noise, then black."""
    random, out = noise(), bytearray()
    for n in range(50):
        if n < 25:
            luma = bytes(200 if (x + 2 * n) % 32 < 8 else 40 for _ in range(36) for x in range(64))
        elif n < 40:
            luma = bytes((next(random) >> 8) + 128 & 255 for _ in range(64 * 36))
        else:
            luma = bytes([16]) * (64 * 36)
        out += luma + bytes([128]) * (2 * 32 * 18)
    return bytes(out)


class OtherMachines(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="artdag-test-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def built(self, name, compiler, *flags):
        self.assertTrue(shutil.which(compiler), f"{compiler} is missing")
        program = self.dir / name
        subprocess.run([compiler, *FLAGS, *flags, "-o", str(program), *SOURCES, "-lpthread", "-lm"], check=True)
        return str(program)

    def heard_and_seen(self, *command):
        sound = subprocess.run([*command, str(self.wav)], check=True, capture_output=True).stdout
        sight = subprocess.run([*command, "--video", "64", "36", "25"], input=pictures(), check=True,
                               capture_output=True).stdout
        return sound, sight

    def test_bits_are_equal_on_arm64_and_every_level_of_x86_64(self):
        self.wav = music(self.dir / "music.wav")
        plain = self.built("plain", os.environ.get("CC", "cc").split()[-1])
        expected = self.heard_and_seen(plain)
        self.assertIn(b'"beats": [', expected[0])
        self.assertIn(b'"cuts": [25, 40]', expected[1])
        arm = self.built("arm64", "aarch64-linux-gnu-gcc", "-static")
        self.assertEqual(self.heard_and_seen(self.emulator("qemu-aarch64"), arm), expected)
        level3 = self.built("level3", os.environ.get("CC", "cc").split()[-1], "-O3", "-march=x86-64-v3")
        self.assertEqual(self.heard_and_seen(self.emulator("qemu-x86_64"), "-cpu", "max", level3), expected)

    def emulator(self, name):
        self.assertTrue(shutil.which(name), f"{name} is missing")
        return name


if __name__ == "__main__":
    unittest.main(verbosity=2)
