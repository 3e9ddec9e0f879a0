#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same film on other CPUs: artdag here, its media program on emulated processors without and with AVX2.

tests/media compares single units this way; here it is the whole film: scaling, colour, a crossfade, x264, resampled sound
and AAC, put together from its parts, in six frames of 64x48."""
import os
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(os.environ["ARTDAG_SOURCE_ROOT"]) / "tests/cli"))
from support import MEDIA_PROGRAM, Case, frame_count, media  # noqa: E402

RECIPE = """\
name: cpus
format: {width: 64, height: 48, fps: 24, sample_rate: 44100}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true}}
    - {id: a, type: SEGMENT, config: {start: 2s, duration: 4f}, inputs: [video]}
    - {id: b, type: SEGMENT, config: {start: 4s, duration: 4f}, inputs: [video]}
    - {id: colour, type: TRANSFORM, config: {effects: {saturation: 1.4, brightness: 0.05}}, inputs: [b]}
    - {id: film, type: SEQUENCE, config: {transition: {type: crossfade, duration: 2f}}, inputs: [a, colour]}
  output: film
"""

# Every other kind of file, from a few frames.
KINDS = """\
name: kinds
format: {width: 48, height: 36, fps: 24, sample_rate: 44100}
outputs: {webm: webm, prores: prores, gif: gif, png: png, jpeg: jpeg}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true}}
    - {id: a, type: SEGMENT, config: {start: 2s, duration: 4f}, inputs: [video]}
    - {id: one, type: SEGMENT, config: {start: 2s, duration: 1f}, inputs: [video]}
    - {id: webm, type: ENCODE, config: {profile: webm}, inputs: [a]}
    - {id: prores, type: ENCODE, config: {profile: prores}, inputs: [a]}
    - {id: gif, type: ENCODE, config: {profile: gif}, inputs: [a]}
    - {id: png, type: ENCODE, config: {profile: png}, inputs: [one]}
    - {id: jpeg, type: ENCODE, config: {profile: jpeg}, inputs: [one]}
"""


class OtherCpus(Case):
    def film(self, name, *args, recipe=RECIPE, **env):
        home = self.dir / name
        return self.run_recipe(recipe, "-i", f"video={media('big_buck_bunny_0_30.webm')}", *args,
                               env=self.env(ARTDAG_HOME=str(home), **env))

    def emulated(self, cpu):
        """A media program that runs on this processor."""
        path = self.write(f"artdag-media-{cpu}", "#!/bin/sh\n"
                          f"exec '{shutil.which('qemu-x86_64')}' -cpu {cpu} '{MEDIA_PROGRAM}' \"$@\"\n")
        path.chmod(0o755)
        return str(path)

    def test_films_made_on_other_processors_are_equal(self):
        self.assertIsNotNone(shutil.which("qemu-x86_64"), "qemu-user is missing")
        out = self.dir / "film.mp4"
        here = self.film("native", "-o", str(out))
        self.assertEqual(here["frames"], 6)
        self.assertEqual(frame_count(str(out)), 6)
        for cpu in ("Nehalem", "Haswell"):
            there = self.film(cpu, ARTDAG_MEDIA=self.emulated(cpu))
            self.assertGreater(there["steps"]["executed"], 0)
            for key in ("output_cid", "plan_id", "run_id", "frames"):
                self.assertEqual(here[key], there[key], f"{key} on {cpu}")

    def test_every_kind_of_file_is_the_same_on_an_older_processor(self):
        here = self.film("native", recipe=KINDS)["outputs"]
        there = self.film("other", recipe=KINDS, ARTDAG_MEDIA=self.emulated("Nehalem"))["outputs"]
        for name, output in here.items():
            self.assertEqual(output["cid"], there[name]["cid"], name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
