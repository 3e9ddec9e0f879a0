#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""--proxy: the same film at a lower size."""
import json
import re
import subprocess
import unittest

from support import Case, audible_samples, ffprobe, frame_count, media

RECIPE = """\
name: look
format: {width: 384, height: 216, fps: 24, sample_rate: 44100}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true}}
    - {id: a, type: SEGMENT, config: {start: 1s, duration: 20f}, inputs: [video]}
    - {id: b, type: SEGMENT, config: {start: 3s, duration: 30f}, inputs: [video]}
    - {id: soft, type: TRANSFORM, config: {effects: {blur: 4, saturation: 1.3}}, inputs: [b]}
    - {id: join, type: SEQUENCE, config: {transition: {type: crossfade, duration: 8f}}, inputs: [a, soft]}
    - {id: box, type: RESIZE, config: {width: 480, height: 216, mode: pad, background: navy}, inputs: [join]}
  output: box
"""
FRAMES = 20 + 30 - 8


def size(path):
    stream = ffprobe(str(path), "-select_streams", "v:0", "-show_entries", "stream=width,height")["streams"][0]
    return stream["width"], stream["height"]


def psnr(small, full):
    """Of the small film against the full one made small by ffmpeg."""
    width, height = size(small)
    graph = f"[1:v]scale={width}:{height}:flags=area[b];[0:v][b]psnr"
    done = subprocess.run(["ffmpeg", "-nostdin", "-i", str(small), "-i", str(full), "-lavfi", graph, "-f", "null", "-"],
                          check=True, capture_output=True, text=True)
    return float(re.search(r"PSNR .*average:([0-9.]+)", done.stderr).group(1))


class Proxy(Case):
    def setUp(self):
        super().setUp()
        self.recipe = self.write("look.yaml", RECIPE)
        self.input = ("-i", f"video={media('big_buck_bunny_0_30.webm')}")

    def run_at(self, ratio, name):
        film = self.dir / name
        return self.json("run-recipe", self.recipe, *self.input, "--proxy", ratio, "-o", film), film

    def test_a_proxy_looks_and_lasts_like_the_film(self):
        full_film = self.dir / "full.mp4"
        full = self.json("run-recipe", self.recipe, *self.input, "-o", full_film)
        self.assertEqual((full["frames"], frame_count(full_film), size(full_film)), (FRAMES, FRAMES, (480, 216)))
        for ratio, shown in (("1/2", (240, 108)), ("0.25", (120, 54))):
            small, film = self.run_at(ratio, f"small{shown[0]}.mp4")
            self.assertEqual((small["frames"], frame_count(film), size(film)), (FRAMES, FRAMES, shown))
            self.assertEqual(audible_samples(str(film)), audible_samples(str(full_film)))
            self.assertEqual(small["steps"]["total"], full["steps"]["total"])
            for key in ("output_cid", "run_id", "plan_id"):
                self.assertNotEqual(small[key], full[key], key)
            self.assertEqual(small["recipe_cid"], full["recipe_cid"])
            self.assertGreater(psnr(film, full_film), 35)
        again = self.json("run-recipe", self.recipe, *self.input)
        self.assertEqual((again["output_cid"], again["units"]["executed"]), (full["output_cid"], 0))

    def test_recipe_and_plan_give_one_proxy(self):
        plan = self.dir / "plan.json"
        self.ok("plan", self.recipe, *self.input, "-o", plan)
        small_plan = self.dir / "small.json"
        self.ok("plan", self.recipe, *self.input, "--proxy", "1/4", "-o", small_plan)
        names = [[(s["name"], s["node_type"], s["frames"], s["level"]) for s in json.loads(p.read_text())["steps"]]
                 for p in (plan, small_plan)]
        self.assertEqual(*names)
        ids = [{s["cache_id"] for s in json.loads(p.read_text())["steps"]} for p in (plan, small_plan)]
        self.assertFalse(ids[0] & ids[1])
        made = self.json("execute", plan, "--proxy", "1/4")
        again = self.json("execute", small_plan)
        ran, _ = self.run_at("1/4", "film.mp4")
        self.assertEqual(made["units"]["executed"] > 0, True)
        self.assertEqual((again["units"]["executed"], ran["units"]["executed"]), (0, 0))
        for key in ("output_cid", "plan_id", "plan_cid", "run_id"):
            self.assertEqual(made[key], again[key], key)
            self.assertEqual(made[key], ran[key], key)

    def test_a_wrong_ratio_is_a_usage_error(self):
        for ratio in ("0", "2", "1/100", "small"):
            self.fails(2, "run-recipe", self.recipe, *self.input, "--proxy", ratio, says="1/64")


if __name__ == "__main__":
    unittest.main(verbosity=2)
