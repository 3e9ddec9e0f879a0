#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The C example renders the film that the program renders."""
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(os.environ["ARTDAG_SOURCE_ROOT"]) / "tests/cli"))
from support import TINY, Case, frame_count, media  # noqa: E402

RENDER = os.environ["ARTDAG_RENDER_BIN"]


class Render(Case):
    def render(self, *args, **env):
        return subprocess.run([RENDER, *map(str, args)], env=self.env(**env), capture_output=True, text=True,
                              timeout=300, check=False)

    def test_the_example_prints_the_cid_that_the_program_prints(self):
        recipe = self.write("recipe.yaml", TINY)
        film = self.dir / "film.mp4"
        video = "video=" + media("big_buck_bunny_0_30.webm")
        example = self.render(recipe, film, video, ARTDAG_HOME=str(self.dir / "of the example"))
        self.assertEqual(example.returncode, 0, example.stderr)
        program = self.json("run-recipe", recipe, "-i", video, env=self.env(ARTDAG_HOME=str(self.dir / "other")))
        self.assertGreater(program["steps"]["executed"], 0)
        self.assertEqual(example.stdout.strip(), program["output_cid"])
        self.assertEqual(frame_count(str(film)), program["frames"])

    def test_mistakes_end_with_one_line_and_the_status_of_the_program(self):
        missing = self.render(self.dir / "nowhere.yaml", self.dir / "film.mp4")
        self.assertEqual(missing.returncode, 4)
        self.assertIn("nowhere.yaml", missing.stderr)
        self.assertEqual(self.render("too few").returncode, 2)
        self.assertEqual(self.render("r.yaml", "f.mp4", "no equals sign").returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
