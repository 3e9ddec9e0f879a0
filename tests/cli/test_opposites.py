#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the Python original got wrong, end to end, where no other test shows the opposite."""
import shutil
import struct
import subprocess
import unittest

from support import Case, ffprobe, frame_count

FPS, RATE = 25, 48000
FORMAT = f"format: {{width: 64, height: 36, fps: {FPS}, sample_rate: {RATE}, channels: 1}}"


def recipe(*nodes, output="out", format=FORMAT):
    lines = "\n".join("    - " + node for node in nodes)
    return f"name: opposites\n{format}\ndag:\n  nodes:\n{lines}\n  output: {output}\n"


def source(name):
    return f"{{id: {name}, type: SOURCE, config: {{input: true}}}}"


class Opposites(Case):
    def film(self, name, colour, seconds=1, size="64x36", rate=FPS, sound=None):
        """A film of one colour, with a tone or without sound."""
        tone = ("-f", "lavfi", "-i", f"sine={sound}:r={RATE}:d={seconds}") if sound else ()
        return self.lavfi(name, "-f", "lavfi", "-i", f"color={colour}:s={size}:r={rate}:d={seconds}", *tone, "-c:v", "ffv1",
                          "-c:a", "pcm_s16le")

    def samples(self, path):
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0", "-f", "f64le", "-"], check=True,
                             capture_output=True).stdout
        return struct.unpack(f"<{len(raw) // 8}d", raw)

    def steps(self, text, *args):
        plan = self.json("plan", self.write("steps.yaml", text), *args)
        return {step["name"].split(".", 1)[1]: step for step in plan["steps"]}

    def test_one_file_at_two_places_of_a_list_is_one_step(self):
        a, b = self.film("a.mkv", "red"), self.film("b.mkv", "blue")
        shutil.copy(a, self.dir / "copy.mkv")
        text = recipe("{id: clips, type: SOURCE_LIST, config: {input: true}}",
                      "{id: out, type: SEQUENCE, inputs: [clips]}")
        plan = self.json("plan", self.write("list.yaml", text), "-i", f"clips={a}", "-i", f"clips={b}", "-i",
                         f"clips={self.dir / 'copy.mkv'}")
        sources = [step["cache_id"] for step in plan["steps"] if step["node_type"] == "SOURCE"]
        self.assertEqual(len(sources), 2)
        swapped = self.json("plan", self.dir / "list.yaml", "-i", f"clips={b}", "-i", f"clips={a}", "-i", f"clips={a}")
        self.assertEqual({s["cache_id"] for s in swapped["steps"] if s["node_type"] == "SOURCE"}, set(sources))
        self.assertNotEqual(swapped["plan_id"], plan["plan_id"])

    def test_the_name_of_an_asset_or_node_is_no_part_of_its_id(self):
        a = self.film("a.mkv", "red")
        cid = self.ok("add", a).stdout.split()[0]
        ids = set()
        for name in ("logo", "brand"):
            text = recipe(f"{{id: {name}_node, type: SOURCE, config: {{asset: {name}}}}}",
                          f"{{id: out, type: SEGMENT, config: {{duration: 5f}}, inputs: [{name}_node]}}")
            text = text.replace("dag:", f"registry: {{assets: {{{name}: {{hash: {cid}}}}}}}\ndag:", 1)
            ids.add(self.steps(text)["out"]["cache_id"])
        self.assertEqual(len(ids), 1)

    def test_mixing_n_sounds_is_not_mixing_pairs(self):
        """REDUCE over an operation that takes many inputs joins them all at once."""
        args = []
        for i, tone in enumerate((300, 500, 700)):
            args += ["-i", f"s={self.film(f's{i}.mkv', 'black', sound=tone)}"]
        listed = "{id: s, type: SOURCE_LIST, config: {input: true}}"
        films = {self.run_recipe(recipe(listed, node, output="out"), *args)["output_cid"] for node in (
            "{id: out, type: REDUCE, config: {operation: AUDIO_MIX}, inputs: [s]}",
            "{id: out, type: AUDIO_MIX, inputs: [s]}")}
        self.assertEqual(len(films), 1)

    def test_paths_are_names_and_nothing_else(self):
        odd = self.dir / "it's $(touch pwned) \"a\" film; rm -rf .mkv"
        shutil.copy(self.film("a.mkv", "red"), odd)
        shutil.copy(self.film("b.mkv", "blue", size="96x54", rate=30), self.dir / "b b.mkv")
        film = self.dir / "out `id`.mp4"
        text = recipe(source("a"), source("b"), "{id: out, type: SEQUENCE, config: {transition: {type: crossfade, "
                      "duration: 5f}}, inputs: [a, b]}")
        self.run_recipe(text, "-i", f"a={odd}", "-i", f"b={self.dir / 'b b.mkv'}", "-o", film)
        self.assertEqual(frame_count(film), 45)
        self.assertEqual([p.name for p in self.dir.rglob("pwned")], [])

    def test_clips_with_and_without_sound_of_any_size_and_rate_are_joined(self):
        """The silent one is silent, the others start at their samples."""
        clips = {"a": self.film("a.mkv", "red", sound=440), "b": self.film("b.mkv", "blue", size="96x54", rate=30),
                 "c": self.film("c.mkv", "green", size="30x60", rate=15, sound=880)}
        film = self.dir / "film.mkv"
        text = recipe(*map(source, clips), "{id: join, type: SEQUENCE, inputs: [a, b, c]}",
                      "{id: out, type: ENCODE, config: {profile: master}, inputs: [join]}")
        self.run_recipe(text, *[x for name, path in clips.items() for x in ("-i", f"{name}={path}")], "-o", film)
        self.assertEqual(frame_count(film), 3 * FPS)
        heard = self.samples(film)
        self.assertEqual(len(heard), 3 * RATE)
        self.assertEqual(max(map(abs, heard[RATE:2 * RATE])), 0)
        for start, path in ((0, clips["a"]), (2 * RATE, clips["c"])):
            for got, want in zip(heard[start:start + RATE], self.samples(path)):
                self.assertAlmostEqual(got, want, delta=2 ** -23)

    def test_very_slow_and_very_fast_films_are_whole(self):
        a = self.film("a.mkv", "red", seconds=2, sound=440)
        for speed, frames in (("0.1", 500), ("1/20", 1000), ("20", 3)):
            film = self.dir / "film.mkv"
            text = recipe(source("a"), f"{{id: fast, type: SPEED, config: {{speed: {speed}}}, inputs: [a]}}",
                          "{id: out, type: ENCODE, config: {profile: master}, inputs: [fast]}")
            self.run_recipe(text, "-i", f"a={a}", "-o", film)
            self.assertEqual(frame_count(film), frames)
            self.assertEqual(len(self.samples(film)), frames * RATE // FPS)

    def test_a_mix_leaves_its_config_as_it_was(self):
        """Twice in one recipe, and again in the next run: one step, one id."""
        a = self.film("a.mkv", "red", sound=440)
        node = "{{id: {}, type: AUDIO_MIX, config: {{gains: [0.5, 2]}}, inputs: [a, a]}}"
        text = recipe(source("a"), node.format("m1"), node.format("m2"), "{id: out, type: SEQUENCE, inputs: [m1, m2]}")
        first, again = (self.json("plan", self.write("twice.yaml", text), "-i", f"a={a}") for _ in range(2))
        self.assertEqual(first["plan_id"], again["plan_id"])
        mixes = [s for s in first["steps"] if s["node_type"] == "AUDIO_MIX"]
        self.assertEqual([m["config"]["inputs"] for m in mixes], [[{"gain": 0.5}, {"gain": 2}]])

    def test_a_film_is_what_its_container_says(self):
        a = self.film("a.mkv", "red", sound=440)
        film = self.dir / "film.mp4"
        self.run_recipe(recipe(source("a"), "{id: out, type: SEGMENT, inputs: [a]}"), "-i", f"a={a}", "-o", film)
        self.assertIn("mp4", ffprobe(film, "-show_entries", "format=format_name")["format"]["format_name"])
        data = film.read_bytes()
        self.assertLess(data.index(b"moov"), data.index(b"mdat"))  # plays while it loads

    def test_a_sound_is_no_film(self):
        a = self.film("a.mkv", "red", sound=440)
        film = self.dir / "sound.m4a"
        self.run_recipe(recipe(source("a"), "{id: out, type: ENCODE, config: {profile: audio}, inputs: [a]}"), "-i",
                        f"a={a}", "-o", film)
        streams = ffprobe(film, "-show_entries", "stream=codec_type")["streams"]
        self.assertEqual([s["codec_type"] for s in streams], ["audio"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
