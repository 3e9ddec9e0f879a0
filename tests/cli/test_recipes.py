#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The language: expressions, and recipes made of recipes."""
import unittest

from support import Case, frame_count, media

BUNNY = "big_buck_bunny_0_30.webm"

HEAD = "name: r\nformat: {width: 64, height: 36, fps: 24}\n"

# The first half of what it gets, and no longer than `most`.
HALF = """\
name: half
params:
  most: {type: time, default: 10}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true}}
    - {id: cut, type: SEGMENT, config: {duration: "${min(video.duration / 2, most)}"}, inputs: [video]}
    - {id: film, type: ENCODE, inputs: [cut]}
  output: film
"""

TOP = HEAD + """\
params:
  len: {type: time, default: 1}
dag:
  nodes:
    - {id: source, type: SOURCE, config: {input: true}}
    - {id: clip, type: SEGMENT, config: {duration: 20f}, inputs: [source]}
    - id: intro
      type: INCLUDE
      config: {recipe: parts/half.yaml}
      inputs: {video: clip}
    - id: short
      type: INCLUDE
      config: {recipe: parts/half.yaml, params: {most: "${len / 8}"}}
      inputs: {video: clip}
    - {id: film, type: SEQUENCE, inputs: [intro, short, clip]}
  output: film
"""


class Expressions(Case):
    def test_lengths_follow_other_nodes_and_parameters(self):
        recipe = HEAD + """\
params: {tail: {type: time, default: 6f}}
dag:
  nodes:
    - {id: source, type: SOURCE, config: {input: true}}
    - {id: clip, type: SEGMENT, config: {duration: 20f}, inputs: [source]}
    - {id: end, type: SEGMENT, config: {start: "${clip.duration - tail}"}, inputs: [clip]}
  output: end
"""
        film = self.dir / "film.mp4"
        args = ("-i", f"source={media(BUNNY)}", "-o", film)
        self.assertEqual(self.run_recipe(recipe, *args)["frames"], 6)
        self.assertEqual(frame_count(film), 6)
        # Written out, it is the same computation: nothing runs.
        plain = recipe.replace('"${clip.duration - tail}"', "14f")
        self.assertEqual(self.run_recipe(plain, *args)["steps"]["executed"], 0)
        self.assertEqual(self.run_recipe(recipe, *args, "-p", "tail=3f")["frames"], 3)

    def test_a_ring_through_a_length_is_refused(self):
        recipe = HEAD + """\
dag:
  nodes:
    - {id: source, type: SOURCE, config: {input: true}}
    - {id: a, type: SEGMENT, config: {duration: "${b.duration}"}, inputs: [source]}
    - {id: b, type: SEGMENT, config: {duration: "${a.duration}"}, inputs: [source]}
  output: a
"""
        path = self.write("ring.yaml", recipe)
        line = self.fails(2, "run-recipe", path, "-i", f"source={media(BUNNY)}", says="own result")
        self.assertIn("ring.yaml:", line)


class Includes(Case):
    def test_a_recipe_made_of_recipes_renders_and_freezes(self):
        self.write("parts/half.yaml", HALF)
        film = self.dir / "film.mp4"
        path = self.write("top.yaml", TOP)
        result = self.json("run-recipe", path, "-i", f"source={media(BUNNY)}", "-o", film)
        self.assertEqual(result["frames"], 10 + 3 + 20)
        self.assertEqual(frame_count(film), 33)
        # The stored recipe stands for everything: it works where the files are not.
        stored = self.ok("cat", result["recipe_cid"]).stdout
        self.assertNotIn("parts/half.yaml", stored)
        (self.dir / "parts" / "half.yaml").unlink()
        again = self.json("run-recipe", result["recipe_cid"], "-i", f"source={media(BUNNY)}")
        self.assertEqual(again["output_cid"], result["output_cid"])
        self.assertEqual(again["recipe_cid"], result["recipe_cid"])
        self.assertEqual(again["steps"]["executed"], 0)
        self.fails(4, "run-recipe", path, "-i", f"source={media(BUNNY)}", says="parts/half.yaml")

    def test_mistakes_are_told_in_the_file_they_are_in(self):
        self.write("parts/half.yaml", HALF.replace("${min(", "${mni("))
        path = self.write("top.yaml", TOP)
        line = self.fails(2, "run-recipe", path, "-i", f"source={media(BUNNY)}", says="mni")
        self.assertIn("parts/half.yaml:7:", line)

    def test_a_node_of_an_included_recipe_is_a_target(self):
        self.write("parts/half.yaml", HALF)
        path = self.write("top.yaml", TOP)
        result = self.json("run-recipe", path, "--target", "short/cut", "-i",
                           f"source={media(BUNNY)}")
        self.assertEqual(result["frames"], 3)


if __name__ == "__main__":
    unittest.main()
