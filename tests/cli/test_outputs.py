#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Recipes with several outputs, and every kind of file that comes out."""
import json
import unittest

from support import SOURCE_ROOT, Case, ffprobe, frame_count, media

BUNNY = "big_buck_bunny_0_30.webm"
CHAPLIN = "chaplin.mp4"

NODES = """\
name: several
format: {width: 64, height: 36, fps: 25, sample_rate: 44100}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true}}
    - {id: a, type: SEGMENT, config: {start: 0, duration: 7f}, inputs: [video]}
    - {id: b, type: SEGMENT, config: {start: 2, duration: 9f}, inputs: [video]}
    - {id: edit, type: SEQUENCE, inputs: [a, b]}
    - {id: square, type: RESIZE, config: {width: 36, height: 36, mode: fill}, inputs: [edit]}
    - {id: master, type: ENCODE, config: {profile: master}, inputs: [edit]}
    - {id: sound, type: ENCODE, config: {profile: audio}, inputs: [edit]}
"""
SEVERAL = "outputs: {wide: edit, square: square, master: master, sound: sound}\n" + NODES


class Several(Case):
    def input(self):
        return ("-i", f"video={media(BUNNY)}")

    def test_each_output_is_the_film_that_it_is_alone(self):
        together = self.run_recipe(SEVERAL, *self.input())["outputs"]
        self.assertEqual(list(together), ["wide", "square", "master", "sound"])
        for name, node in (("wide", "edit"), ("square", "square"), ("master", "master"), ("sound", "sound")):
            alone = self.run_recipe(NODES + f"  output: {node}\n", *self.input(),
                                    env=self.env(ARTDAG_HOME=str(self.dir / name)))
            self.assertEqual(alone["output_cid"], together[name]["cid"], name)
            self.assertEqual(list(alone["outputs"]), [node])

    def test_a_folder_takes_all_and_a_second_run_renders_nothing(self):
        result = self.run_recipe(SEVERAL, *self.input(), "-o", f"{self.dir}/films/")
        films = self.dir / "films"
        self.assertEqual(sorted(f.name for f in films.iterdir()),
                         ["master.mkv", "sound.m4a", "square.mp4", "wide.mp4"])
        for name in ("master.mkv", "square.mp4", "wide.mp4"):
            self.assertEqual(frame_count(films / name), 16, name)
        size = ffprobe(str(films / "square.mp4"), "-show_entries", "stream=width,height")["streams"][0]
        self.assertEqual((size["width"], size["height"]), (36, 36))
        self.assertEqual(result["output_cid"], result["outputs"]["wide"]["cid"])
        again = self.run_recipe(SEVERAL, *self.input())
        self.assertEqual((again["steps"]["executed"], again["units"]["executed"]), (0, 0))
        self.assertEqual({n: o["cid"] for n, o in again["outputs"].items()},
                         {n: o["cid"] for n, o in result["outputs"].items()})
        self.assertEqual(again["run_id"], result["run_id"])
        pins = self.ok("pin", "ls").stdout
        for name, output in result["outputs"].items():
            self.assertIn(f"artdag/run/{result['run_id']}/{name}", pins)
            self.assertIn(output["cid"], pins)
        self.assert_store_clean()

    def test_a_change_of_one_output_leaves_the_others_alone(self):
        first = self.run_recipe(SEVERAL, *self.input())["outputs"]
        changed = SEVERAL.replace("{width: 36, height: 36", "{width: 32, height: 36")
        second = self.run_recipe(changed, *self.input())
        self.assertEqual([n for n in first if first[n]["cid"] != second["outputs"][n]["cid"]], ["square"])
        # RESIZE and its ENCODE: two spans and a join, the sound is known.
        self.assertEqual((second["steps"]["executed"], second["units"]["executed"]), (2, 3))

    def test_outputs_are_written_where_they_are_told_to_and_picked_by_name(self):
        result = self.run_recipe(SEVERAL, *self.input(), "--only", "sound", "--only", "square", "-o",
                                 f"square={self.dir}/s.mp4")
        self.assertEqual(list(result["outputs"]), ["square", "sound"])
        self.assertEqual(result["outputs"]["square"]["path"], f"{self.dir}/s.mp4")
        self.assertNotIn("path", result["outputs"]["sound"])
        self.assertEqual(frame_count(self.dir / "s.mp4"), 16)
        one = self.run_recipe(SEVERAL, *self.input(), "--only", "wide", "-o", self.dir / "w.mp4")
        self.assertEqual(one["outputs"]["wide"]["path"], f"{self.dir}/w.mp4")
        lines = self.ok("run-recipe", self.dir / "recipe.yaml", *self.input(), "-q").stdout.splitlines()
        self.assertEqual([line.split()[1] for line in lines], ["wide", "square", "master", "sound"])

    def test_wrong_wishes_are_told_before_anything_is_rendered(self):
        path = self.write("recipe.yaml", SEVERAL)
        run = ("run-recipe", path, *self.input())
        self.fails(2, *run, "-o", self.dir / "film.mp4", says="there are 4 outputs")
        self.fails(2, *run, "-o", f"squaer={self.dir}/a.mp4", says="did you mean square?")
        self.fails(2, *run, "-o", "wide=", says="NAME=FILE")
        self.fails(2, *run, "-o", f"wide={self.dir}/a.mp4", "-o", f"wide={self.dir}/b.mp4", says="written twice")
        self.fails(4, *run, "--only", "nothing", says="no output called")
        self.fails(2, *run, "--only", "wide", "--target", "edit", says="choose one")
        self.assertEqual(json.loads(self.ok("runs", "--json").stdout), [])

    def test_a_plan_of_several_outputs_is_executed_elsewhere(self):
        path = self.write("recipe.yaml", SEVERAL)
        plan = self.dir / "plan.json"
        self.ok("plan", path, *self.input(), "-o", plan)
        outputs = json.loads(plan.read_text())["outputs"]
        self.assertEqual([(o["name"], o["index"], o["media_type"]) for o in outputs],
                         [("wide", 0, "video"), ("square", 1, "video"), ("master", 2, "video"), ("sound", 3, "audio")])
        done = self.json("execute", plan, "-o", f"{self.dir}/out/", "-o", f"sound={self.dir}/music.m4a")
        self.assertEqual(done["outputs"]["sound"]["path"], f"{self.dir}/music.m4a")
        self.assertEqual([o["cache_id"] for o in outputs], [o["step_id"] for o in done["outputs"].values()])
        self.assertTrue((self.dir / "out/wide.mp4").exists() and (self.dir / "music.m4a").exists())

    def test_naive_gives_the_same_outputs(self):
        auto = self.run_recipe(SEVERAL, *self.input())
        naive = self.run_recipe(SEVERAL, *self.input(), "--strategy", "naive",
                                env=self.env(ARTDAG_HOME=str(self.dir / "naive")))
        self.assertEqual({n: o["cid"] for n, o in auto["outputs"].items()},
                         {n: o["cid"] for n, o in naive["outputs"].items()})


class Examples(Case):
    def test_social_cuts_gives_one_edit_in_three_shapes(self):
        recipe = (SOURCE_ROOT / "examples/social-cuts.yaml").read_text()
        recipe = recipe.replace("params:", "format: {width: 64, height: 36, fps: 25, sample_rate: 44100}\nparams:")
        recipe = recipe.replace("width: 720, height: 1280", "width: 36, height: 64")
        args = ("-i", f"video={media(BUNNY)}", "-p", "length=0.4", "-p", "size=64")
        first = self.run_recipe(recipe, *args, "-o", f"{self.dir}/films/")
        frames = 3 * 10 - 2 * 5
        for name, shape in (("wide", (114, 64)), ("square", (64, 64)), ("story", (36, 64))):
            film = self.dir / "films" / f"{name}.mp4"
            stream = ffprobe(str(film), "-select_streams", "v", "-show_entries", "stream=width,height")["streams"][0]
            self.assertEqual((stream["width"], stream["height"]), shape, name)
            self.assertEqual((frame_count(film), first["outputs"][name]["frames"]), (frames, frames), name)
        second = self.run_recipe(recipe, *args, env=self.env(ARTDAG_HOME=str(self.dir / "other")))
        self.assertEqual({n: o["cid"] for n, o in first["outputs"].items()},
                         {n: o["cid"] for n, o in second["outputs"].items()})


if __name__ == "__main__":
    unittest.main(verbosity=2)
