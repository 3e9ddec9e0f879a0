#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The language: expressions, and recipes made of recipes."""
import json
import os
import sys
import unittest

try:
    import jsonschema
    import yaml
except ImportError:  # another python3 stands before the system's, which has Debian's packages
    if os.path.realpath(sys.executable) == os.path.realpath("/usr/bin/python3"):
        raise
    os.execv("/usr/bin/python3", ["python3", *sys.argv])

from support import SOURCE_ROOT, SIMPLE, TINY, Case, frame_count, media

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


class Check(Case):
    def test_check_says_what_a_recipe_wants_and_stores_nothing(self):
        self.write("parts/half.yaml", HALF)
        path = self.write("top.yaml", TOP)
        said = self.json("recipe", "check", path)
        self.assertEqual([i["name"] for i in said["inputs"]], ["source"])
        self.assertEqual(said["params"], [{"default": 1, "description": "", "name": "len", "type": "time"}])
        self.assertEqual(said["outputs"], ["film"])
        self.assertEqual(len(said["files"]), 2)
        blocks = [p for p in (self.home / ".local/share/artdag/store").rglob("*") if p.is_file()
                  and p.suffix == ".data"]
        self.assertEqual(blocks, [])

    def test_every_example_checks_and_is_laid_out(self):
        for path in sorted((SOURCE_ROOT / "examples").rglob("*.yaml")):
            if "dag:" in path.read_text():
                self.ok("recipe", "check", path)
            self.ok("recipe", "fmt", "-l", path)

    def test_the_first_failure_is_the_status_and_all_files_are_looked_at(self):
        good, bad = self.write("good.yaml", SIMPLE), self.write("bad.yaml", SIMPLE.replace("SEGMENT", "SEGMNET"))
        done = self.artdag("recipe", "check", bad, good)
        self.assertEqual(done.returncode, 2)
        self.assertIn("bad.yaml:9:13:", done.stderr)
        self.assertIn("did you mean SEGMENT?", done.stderr)
        self.assertIn("good.yaml: ok", done.stdout)


class Format(Case):
    def test_fmt_changes_layout_and_no_meaning(self):
        messy = "# what\ndag:\n    nodes:\n    -   {id: a, type: SOURCE, config: {input: true}}   # x\n\n\n\n    output: a\n"
        path = self.write("messy.yaml", messy)
        wanted = "# what\ndag:\n  nodes:\n    - {id: a, type: SOURCE, config: {input: true}}   # x\n\n  output: a\n"
        self.assertEqual(self.ok("recipe", "fmt", path).stdout, wanted)
        self.assertEqual(path.read_text(), messy)
        listed = self.artdag("recipe", "fmt", "-l", path)
        self.assertEqual((listed.returncode, listed.stdout), (1, f"{path}\n"))
        self.ok("recipe", "fmt", "-w", path)
        self.assertEqual(path.read_text(), wanted)
        self.assertEqual(self.ok("recipe", "fmt", "-l", path).stdout, "")
        self.assertEqual(self.ok("recipe", "fmt", "-", input=messy).stdout, wanted)


class Schema(Case):
    """What the schema takes is judged by an independent validator."""

    def setUp(self):
        super().setUp()
        schema = self.json("recipe", "schema")
        jsonschema.Draft7Validator.check_schema(schema)
        self.validator = jsonschema.Draft7Validator(schema)

    def errors(self, text):
        document = json.loads(json.dumps(yaml.safe_load(text)))
        return [error.message for error in self.validator.iter_errors(document)]

    def test_recipes_that_artdag_takes_are_valid(self):
        texts = [SIMPLE, TINY, TOP, HALF]
        texts += [p.read_text() for p in sorted((SOURCE_ROOT / "examples").rglob("*.yaml"))
                  if "dag:" in p.read_text()]
        for text in texts:
            self.assertEqual(self.errors(text), [], text)

    def test_mistakes_that_artdag_refuses_are_invalid(self):
        for before, after in (("type: SEGMENT", "type: SEGMNET"), ("start: 0.0", "strat: 0.0"),
                              ("end: 2.0", "end: [2]"), ("dag:", "dog:"), ("id: seg1", "idd: seg1"),
                              ("input: true", "input: 7"), ("{start: 0.0, end: 2.0}", "5"),
                              ("output: output", "outptu: output")):
            wrong = SIMPLE.replace(before, after, 1)
            self.assertNotEqual(wrong, SIMPLE)
            self.fails(2, "recipe", "check", self.write("wrong.yaml", wrong))
            self.assertNotEqual(self.errors(wrong), [], after)


if __name__ == "__main__":
    unittest.main()
