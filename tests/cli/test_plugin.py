#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PLUGIN: effects in C, opted into by folder."""
import os
import pathlib
import shutil
import subprocess
import unittest

from support import Case

SOLARIZE = os.environ["ARTDAG_SOLARIZE"]
W, H = 64, 36
RECIPE = f"""\
name: p
format: {{width: {W}, height: {H}, fps: 24, pixel_format: FORMAT}}
dag:
  nodes:
    - {{id: g, type: GENERATE, config: {{kind: gradient, duration: 12f, color: black, color_end: white}}}}
    - {{id: code, type: SOURCE, config: {{input: true}}}}
    - {{id: x, type: PLUGIN, config: {{params: PARAMS}}, inputs: {{video: g, plugin: code}}}}
    - {{id: y, type: PLUGIN, inputs: {{video: x, plugin: code}}}}
    - {{id: s, type: SEQUENCE, inputs: [g, NODE]}}
    - {{id: m, type: ENCODE, config: {{profile: master}}, inputs: [s]}}
  output: m
"""


class Plugins(Case):
    def setUp(self):
        super().setUp()
        self.folder = self.dir / "plugins"
        self.folder.mkdir()
        self.code = self.folder / "anything.so"
        shutil.copy(SOLARIZE, self.code)

    def recipe(self, node="x", params="{above: 0.5}", pixel_format="yuv420p"):
        text = RECIPE.replace("NODE", node).replace("PARAMS", params).replace("FORMAT", pixel_format)
        return self.write("p.yaml", text)

    def allowed(self, **more):
        return self.env(ARTDAG_PLUGINS=str(self.folder), **more)

    def luma(self, film):
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", film, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"], check=True,
                             capture_output=True).stdout
        size = W * H * 3 // 2
        return [raw[i:i + W * H] for i in range(0, len(raw), size)]

    def test_it_changes_pictures_as_its_source_says(self):
        film = self.dir / "film.mkv"
        self.json("run-recipe", self.recipe(), "-i", f"code={self.code}", "-o", film, env=self.allowed())
        frames = self.luma(film)
        self.assertEqual(len(frames), 24)
        limit = 16 + int(0.5 * 219)
        for before, after in zip(frames[:12], frames[12:]):
            self.assertEqual(list(after), [251 - v if limit < v <= 235 else v for v in before])

    def test_strategies_and_chains_of_plugins_agree(self):
        films = [self.json("run-recipe", self.recipe("y", pixel_format=f), "-i", f"code={self.code}", "--strategy", s,
                           env=self.allowed(ARTDAG_HOME=str(self.dir / (s + f))))["output_cid"]
                 for f in ("yuv420p", "yuv422p10le") for s in ("auto", "naive")]
        self.assertEqual(films[0], films[1])
        self.assertEqual(films[2], films[3])
        self.assertNotEqual(films[0], films[2])

    def test_code_that_was_not_opted_into_never_runs(self):
        self.fails(2, "run-recipe", self.recipe(), "-i", f"code={self.code}", says="not allowed here")
        empty = self.dir / "empty"
        empty.mkdir()
        self.fails(2, "run-recipe", self.recipe(), "-i", f"code={self.code}", says="none of those",
                   env=self.env(ARTDAG_PLUGINS=str(empty)))

    def test_its_bytes_are_part_of_the_identity(self):
        first = self.json("run-recipe", self.recipe(), "-i", f"code={self.code}", env=self.allowed())
        self.code.rename(self.folder / "renamed.so")
        again = self.json("run-recipe", self.recipe(), "-i", f"code={self.folder / 'renamed.so'}", env=self.allowed())
        self.assertEqual(again["steps"]["executed"], 0)
        other = self.folder / "other.so"
        other.write_bytes(pathlib.Path(SOLARIZE).read_bytes() + b"\0")
        third = self.json("run-recipe", self.recipe(), "-i", f"code={other}", env=self.allowed())
        self.assertGreater(third["steps"]["executed"], 0)
        self.assertEqual(third["output_cid"], first["output_cid"])  # equal pictures, though

    def test_what_is_no_plugin_is_told(self):
        text = self.folder / "text.so"
        text.write_text("no code")
        self.fails(1, "run-recipe", self.recipe(), "-i", f"code={text}", says="cannot be loaded", env=self.allowed())
        self.fails(1, "run-recipe", self.recipe(params="{below: 1}"), "-i", f"code={self.code}", says="its only parameter",
                   env=self.allowed())
        self.fails(2, "run-recipe", self.recipe(params="{above: red}"), "-i", f"code={self.code}", says="a name and a number",
                   env=self.allowed())


if __name__ == "__main__":
    unittest.main(verbosity=2)
