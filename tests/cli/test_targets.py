#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""--target renders any node, and keep: true stores one by itself."""
import unittest

from support import Case, audible_samples, ffprobe, frame_count, media

RECIPE = """\
name: parts
format: {width: 64, height: 36, fps: 25, sample_rate: 44100}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true}}
    - {id: music, type: SOURCE, config: {input: true}}
    - {id: a, type: SEGMENT, config: {start: 1s, duration: 12f}, inputs: [video]}
    - {id: soft, type: TRANSFORM, config: {effects: {blur: 2, hue: 30}}, inputs: [a]KEEP}
    - {id: b, type: SEGMENT, config: {start: 3s, duration: 15f}, inputs: [video]}
    - {id: join, type: SEQUENCE, config: {transition: {type: JOINT, duration: 3f}}, inputs: [soft, b]}
    - {id: song, type: SEGMENT, config: {duration: 1s}, inputs: [music]}
    - {id: film, type: MUX, inputs: {video: join, audio: song}}
    - {id: web, type: ENCODE, config: {preset: ultrafast}, inputs: [film]}
  output: web
"""


def recipe(keep=False, joint="crossfade"):
    return RECIPE.replace("KEEP", ", keep: true" if keep else "").replace("JOINT", joint)


class Parts(Case):
    def setUp(self):
        super().setUp()
        video = self.lavfi("video.mp4", "-i", media("big_buck_bunny_0_30.webm"), "-t", "5", "-s", "96x54", "-c:v",
                           "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac")
        music = self.lavfi("music.wav", "-i", media("rain.mp3"), "-t", "2")
        self.input = ("-i", f"video={video}", "-i", f"music={music}")

    def kinds(self, path):
        streams = ffprobe(str(path), "-show_entries", "stream=codec_type")["streams"]
        return sorted(s["codec_type"] for s in streams)

    def test_a_target_is_any_node_of_any_kind(self):
        path = self.write("parts.yaml", recipe())
        whole = self.json("run-recipe", path, *self.input)
        both, sound = ["audio", "video"], ["audio"]
        for node, frames, kinds in (("video", 125, both), ("music", 50, sound), ("a", 12, both), ("soft", 12, both),
                                    ("join", 24, both), ("song", 25, sound), ("film", 24, both), ("web", 24, both)):
            with self.subTest(node):
                needs = self.input if node in ("film", "web") else \
                    self.input[2:] if node in ("music", "song") else self.input[:2]
                film = self.dir / f"of_{node}.mp4"
                result = self.json("run-recipe", path, *needs, "--target", node, "-o", film)
                self.assertEqual((result["frames"], self.kinds(film)), (frames, kinds))
                if "video" in kinds:
                    self.assertEqual(frame_count(str(film)), frames)
                self.assertAlmostEqual(audible_samples(str(film)), frames * 44100 / 25, delta=1)
                self.assertEqual(result["output_cid"] == whole["output_cid"], node == "web")
        proxy = self.json("run-recipe", path, *self.input[:2], "--target", "join", "--proxy", "1/2")
        self.assertEqual(proxy["frames"], 24)
        self.fails(4, "run-recipe", path, *self.input, "--target", "jion", says="did you mean join")

    def test_what_is_kept_is_found_and_changes_no_film(self):
        plain = self.run_recipe(recipe(), *self.input, env=self.env(ARTDAG_HOME=str(self.dir / "other")))
        kept = self.run_recipe(recipe(keep=True), *self.input)
        self.assertEqual(plain["output_cid"], kept["output_cid"])
        steps = {s["name"]: s for s in self.json("execute", kept["plan_cid"], "-n")["plan_steps"]}
        self.assertEqual(steps["parts.web"]["status"], "hit")
        edited = self.write("edited.yaml", recipe(keep=True, joint="wipeleft"))
        dry = self.json("run-recipe", edited, *self.input, "-n")
        self.assertNotIn("parts.soft", [u["step"] for u in dry["plan_units"]])
        again = self.json("run-recipe", edited, *self.input)
        fresh = self.run_recipe(recipe(joint="wipeleft"), *self.input,
                                env=self.env(ARTDAG_HOME=str(self.dir / "other")))
        self.assertEqual(again["output_cid"], fresh["output_cid"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
