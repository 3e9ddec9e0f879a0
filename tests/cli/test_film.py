#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Films: exact lengths, equal bytes, and what makes ids change."""
import array
import json
import math
import os
import pathlib
import random
import re
import shutil
import subprocess
import unittest
import wave

from support import (ARTDAG, Case, SIMPLE, TINY, audible_samples, ffprobe, frame_count, media, sample_count)

BUNNY = "big_buck_bunny_0_30.webm"


class Lengths(Case):
    def test_two_segments_of_two_seconds_give_96_frames_and_4_seconds_of_sound(self):
        film = self.dir / "film.mp4"
        result = self.run_recipe(SIMPLE, "-i", f"video={media(BUNNY)}", "-o", film)
        self.assertEqual(result["frames"], 96)
        self.assertEqual(result["duration"], 4.0)
        self.assertEqual(frame_count(film), 96)
        audio = ffprobe(str(film), "-select_streams", "a", "-show_entries",
                        "stream=sample_rate")["streams"][0]
        rate = int(audio["sample_rate"])
        self.assertAlmostEqual(audible_samples(str(film)), 4 * rate, delta=1)
        # A lossless film has no encoder frames to round up to: what decodes is what was counted.
        master = self.dir / "film.mkv"
        recipe = SIMPLE.replace("  output: output", "    - {id: master, type: ENCODE, config: {profile: master}, "
                                "inputs: [output]}\n  output: master")
        self.run_recipe(recipe, "-i", f"video={media(BUNNY)}", "-o", master)
        self.assertEqual(frame_count(master), 96)
        self.assertAlmostEqual(sample_count(str(master), rate), 4 * rate, delta=1)

    def test_a_hundred_clips_have_exactly_the_summed_frames(self):
        lengths = [1 + (7 * i) % 5 for i in range(100)]
        nodes = ["    - {id: video, type: SOURCE, config: {input: true}}"]
        for i, frames in enumerate(lengths):
            nodes.append(f"    - {{id: c{i}, type: SEGMENT, inputs: [video], config: "
                         f"{{start: {3 * i}f, duration: {frames}f}}}}")
        clips = ", ".join(f"c{i}" for i in range(100))
        recipe = ("name: hundred\nformat: {width: 64, height: 36, fps: 30000/1001, sample_rate: 44100}\n"
                  "dag:\n  nodes:\n" + "\n".join(nodes) +
                  f"\n    - {{id: film, type: SEQUENCE, inputs: [{clips}]}}\n  output: film\n")
        film = self.dir / "film.mp4"
        result = self.run_recipe(recipe, "-i", f"video={media(BUNNY)}", "-o", film)
        self.assertEqual(result["frames"], sum(lengths))
        self.assertEqual(frame_count(film), sum(lengths))
        exact = sum(lengths) * 44100 * 1001 / 30000
        self.assertAlmostEqual(audible_samples(str(film)), exact, delta=1)

    def test_a_crossfade_overlaps_and_a_fade_does_not(self):
        for kind, expected in (("crossfade", 20 + 20 - 5), ("fade", 40), ("wipeleft", 35),
                               ("cut", 40)):
            recipe = SIMPLE.replace("{start: 0.0, end: 2.0}", "{start: 0, duration: 20f}").replace(
                "{start: 5.0, end: 7.0}", "{start: 2, duration: 20f}").replace(
                "type: SEQUENCE", f"type: SEQUENCE\n      config: {{transition: {{type: {kind}, duration: 5f}}}}")
            recipe = recipe.replace("dag:", "format: {width: 64, height: 36}\ndag:")
            film = self.dir / f"{kind}.mp4"
            result = self.run_recipe(recipe, "-i", f"video={media(BUNNY)}", "-o", film)
            self.assertEqual((result["frames"], frame_count(film)), (expected, expected), kind)


class Colours(Case):
    WEIGHTS = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114), "bt2020nc": (0.2627, 0.0593)}

    def expected(self, matrix, y, u, v):
        """The same colour in BT.709, by the definition of Y'CbCr in limited range."""
        kr, kb = self.WEIGHTS[matrix]
        luma, cb, cr = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
        red, blue = luma + 2 * (1 - kr) * cr, luma + 2 * (1 - kb) * cb
        green = (luma - kr * red - kb * blue) / (1 - kr - kb)
        kr, kb = self.WEIGHTS["bt709"]
        luma = kr * red + (1 - kr - kb) * green + kb * blue
        return (16 + 219 * luma, 128 + 224 * (blue - luma) / (2 * (1 - kb)),
                128 + 224 * (red - luma) / (2 * (1 - kr)))

    def test_a_film_shows_the_colours_of_its_source_whatever_their_matrix(self):
        patches = [(81, 90, 200), (145, 60, 80), (60, 200, 120), (180, 128, 128), (120, 110, 150), (40, 140, 110),
                   (200, 100, 140), (235, 128, 128)]
        picture = b"".join(bytes(patches[x // 8][0] for x in range(64)) for _ in range(16))
        for plane in (1, 2):
            picture += b"".join(bytes(patches[x // 4][plane] for x in range(32)) for _ in range(8))
        raw = self.write("picture.yuv", picture * 3)
        recipe = ("name: colours\nformat: {width: 64, height: 16, fps: 24, pixel_format: FORMAT}\ndag:\n  nodes:\n"
                  "    - {id: video, type: SOURCE, config: {input: true}}\n"
                  "    - {id: film, type: ENCODE, config: {profile: master}, inputs: [video]}\n  output: film\n")
        for matrix in self.WEIGHTS:
            source = self.lavfi("source.mkv", "-f", "rawvideo", "-s", "64x16", "-r", "24", "-pix_fmt", "yuv420p", "-i",
                                str(raw), "-c:v", "ffv1", "-colorspace", matrix, "-color_range", "tv")
            for pixel_format in ("yuv420p", "yuva420p"):
                film = self.dir / "film.mkv"
                self.run_recipe(recipe.replace("FORMAT", pixel_format), "-i", f"video={source}", "-o", film)
                got = subprocess.run(["ffmpeg", "-v", "error", "-i", str(film), "-frames:v", "1", "-pix_fmt", "yuv420p",
                                      "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
                for i, patch in enumerate(patches):
                    seen = (got[8 * i + 3], got[1024 + 4 * i + 1], got[1280 + 4 * i + 1])
                    # With alpha they go through 8-bit RGB, which rounds once more and clips.
                    delta = 1.01 if pixel_format == "yuv420p" else 3
                    for a, b in zip(seen, self.expected(matrix, *patch)):
                        self.assertAlmostEqual(a, b, delta=delta, msg=f"{matrix} {pixel_format} {patch} {seen}")


class Sound(Case):
    def test_sound_is_one_stream_where_two_stretches_of_it_meet(self):
        """AAC is encoded in stretches of 512 frames. Where they meet, what a single encoder loses is lost and no more: a seam would
        leave the frame's aliasing uncancelled. Clicks make the encoder switch windows all the time."""
        rate, frames = 48000, 640
        draw = random.Random(5)
        samples, level, click = array.array("h"), 0.0, 0
        for i in range(frames * 1024):
            if i == click:
                level, click = 1.0, i + draw.randint(300, 4000)
            level *= 0.995
            samples.append(int(20000 * level * draw.uniform(-1, 1) + 2000 * math.sin(i * 0.05)))
        source = self.dir / "clicks.wav"
        with wave.open(str(source), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(rate)
            out.writeframes(samples.tobytes())
        ours, single = self.dir / "ours.m4a", self.dir / "single.m4a"
        self.run_recipe("name: sound\nformat: {width: 64, height: 36, fps: 24, sample_rate: 48000, channels: 1}\ndag:\n  nodes:\n"
                        "    - {id: a, type: SOURCE, config: {input: true}}\n"
                        "    - {id: out, type: ENCODE, config: {profile: audio, audio_bitrate: 96000}, inputs: [a]}\n"
                        "  output: out\n", "-i", f"a={source}", "-o", ours)
        subprocess.run(["ffmpeg", "-v", "error", "-i", str(source), "-c:a", "aac", "-b:a", "96k", str(single)], check=True)

        def lost(path):
            """Per frame, the energy of what decoding gives back wrongly."""
            pcm = array.array("h")
            pcm.frombytes(subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-"], check=True,
                                         capture_output=True).stdout)
            return {f: sum((pcm[i] - samples[i]) ** 2 for i in range(f * 1024, f * 1024 + 1024))
                    for f in range(510, 514)}

        ours, single = lost(ours), lost(single)
        for frame, energy in ours.items():
            heard = sum(samples[i] ** 2 for i in range(frame * 1024, frame * 1024 + 1024))
            self.assertLess(energy, 4 * single[frame] + heard / 1000, f"frame {frame}")


class SameBytes(Case):
    def film(self, *args, env=None, recipe=TINY, name="recipe.yaml"):
        return self.run_recipe(recipe, "-i", f"video={media(BUNNY)}", *args, env=env, name=name)

    def other_home(self, name):
        return self.env(ARTDAG_HOME=str(self.dir / name))

    def test_two_homes_give_the_same_film(self):
        first = self.film(env=self.other_home("one"))
        second = self.film(env=self.other_home("two"))
        self.assertGreater(second["steps"]["executed"], 0)
        for key in ("output_cid", "run_id", "plan_id", "recipe_cid", "input_cids"):
            self.assertEqual(first[key], second[key], key)

    def test_the_number_of_jobs_does_not_matter(self):
        one = self.film("--jobs", "1", env=self.other_home("one"))
        four = self.film("--jobs", "4", env=self.other_home("four"))
        self.assertEqual(one["output_cid"], four["output_cid"])

    def test_the_cpu_level_does_not_matter(self):
        films = {}
        for flags in ("", "0", "sse2", "ssse3", "avx2"):
            args = ("--cpu-flags", flags) if flags else ()
            films[flags] = self.film(*args, env=self.other_home("cpu" + flags))["output_cid"]
        self.assertEqual(len(set(films.values())), 1, films)

    def test_locale_and_time_zone_do_not_matter(self):
        first = self.film(env=self.other_home("c"))
        env = self.other_home("de") | {"LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"}
        self.assertEqual(first["output_cid"], self.film(env=env)["output_cid"])

    def test_both_strategies_give_the_same_film(self):
        auto = self.film("--strategy", "auto", env=self.other_home("auto"))
        naive = self.film("--strategy", "naive", env=self.other_home("naive"))
        self.assertEqual(auto["output_cid"], naive["output_cid"])


class Incremental(Case):
    def film(self, *args, recipe=TINY, env=None, name="recipe.yaml"):
        return self.run_recipe(recipe, "-i", f"video={media(BUNNY)}", *args, env=env, name=name)

    def test_a_second_run_renders_nothing_and_opens_no_media_file(self):
        first = self.film()
        trace = self.dir / "trace"
        done = subprocess.run(["strace", "-f", "-e", "trace=execve,openat", "-o", str(trace), ARTDAG,
                               "run-recipe", str(self.dir / "recipe.yaml"), "-i", f"video={media(BUNNY)}",
                               "--json"], env=self.env(ASAN_OPTIONS="detect_leaks=0"),  # a traced process cannot look
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        second = json.loads(done.stdout)
        self.assertEqual(second["steps"]["executed"], 0)
        self.assertEqual(second["steps"]["cached"], second["steps"]["total"])
        self.assertEqual(second["units"]["executed"], 0)
        self.assertEqual(first["output_cid"], second["output_cid"])
        calls = trace.read_text()
        self.assertEqual(len(re.findall(r"execve\(", calls)), 1, "no program but artdag itself ran")
        self.assertNotIn(BUNNY, calls.split("\n", 1)[1], "the input was opened")

    def test_one_changed_parameter_runs_only_what_is_downstream(self):
        self.film()
        changed = self.film("-p", "saturation=0.7")
        # colour, join, small and the encode; not the two segments
        self.assertEqual(changed["steps"]["executed"], 4)
        self.assertEqual(changed["steps"]["cached"], changed["steps"]["total"] - 4)

    def test_rehash_reads_the_input_again_and_finds_it_unchanged(self):
        self.film()
        again = self.film("--rehash")
        self.assertEqual(again["steps"]["executed"], 0)

    def test_a_changed_input_file_is_noticed_even_with_its_old_time_stamp(self):
        one = self.lavfi("one.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=3", "-c:v", "ffv1")
        clip = self.dir / "clip.mkv"
        shutil.copy(one, clip)
        before = os.stat(clip)
        first = self.run_recipe(TINY, "-i", f"video={clip}")
        two = self.lavfi("two.mkv", "-f", "lavfi", "-i", "smptebars=s=64x48:r=25:d=3", "-c:v", "ffv1")
        data = pathlib.Path(two).read_bytes()
        with open(clip, "wb") as f:
            f.write(data)
        os.utime(clip, ns=(before.st_atime_ns, before.st_mtime_ns))
        second = self.run_recipe(TINY, "-i", f"video={clip}")
        self.assertNotEqual(first["input_cids"], second["input_cids"])
        self.assertNotEqual(first["output_cid"], second["output_cid"])


class Identity(Case):
    def result(self, recipe=TINY, *args, env=None, name="recipe.yaml", video=None):
        return self.run_recipe(recipe, "-i", f"video={video or media(BUNNY)}", *args, env=env, name=name)

    def plan_ids(self, recipe=TINY, *args, env=None):
        path = self.write("r.yaml", recipe)
        plan = json.loads(self.ok("plan", path, "-i", f"video={media(BUNNY)}", *args, env=env).stdout)
        return plan["plan_id"], [s["cache_id"] for s in plan["steps"]]

    def test_cosmetic_changes_change_no_id(self):
        base = self.plan_ids()
        renamed = TINY.replace("colour", "couleur").replace("id: a,", "id: zebra,").replace(
            "inputs: [a, ", "inputs: [zebra, ")
        reordered = TINY.replace("config: {width: 64, height: 48, mode: pad}",
                                 "config: {mode: pad, height: 48, width: 64}")
        commented = "# a film\n" + TINY.replace("params:", "# what one may turn\nparams:")
        written_out = TINY.replace("config: {start: 0, duration: 10f}",
                                   "config: {offset: 0.0s, duration: 0.4, precise: true}")
        described = TINY.replace("name: tiny\n", "name: another name\ndescription: of a film\n")
        for what, recipe in (("renamed", renamed), ("reordered", reordered), ("commented", commented),
                             ("defaults written out", written_out), ("described", described)):
            self.assertEqual(base, self.plan_ids(recipe), what)

    def test_names_that_change_are_no_contradiction(self):
        for text in (TINY, TINY.replace("name: tiny", "name: other"), TINY.replace("id: a,", "id: zebra,").replace(
                "inputs: [a, ", "inputs: [zebra, ")):
            done = self.ok("run-recipe", self.write("r.yaml", text), "-i", f"video={media(BUNNY)}")
            self.assertNotIn("nondeterminism", done.stderr)
        checks = {c["name"]: c for c in self.json("doctor")["checks"]}
        self.assertTrue(checks["same bytes"]["ok"], checks)

    def test_swapping_two_inputs_changes_the_output(self):
        base = self.result()
        swapped = self.result(TINY.replace("inputs: [a, colour]", "inputs: [colour, a]"))
        self.assertNotEqual(base["run_id"], swapped["run_id"])
        self.assertNotEqual(base["output_cid"], swapped["output_cid"])

    def test_moving_and_renaming_the_input_changes_nothing(self):
        base = self.result()
        elsewhere = self.dir / "some where" / "ünï.bin"
        elsewhere.parent.mkdir()
        shutil.copy(media(BUNNY), elsewhere)
        moved = self.result(video=elsewhere)
        self.assertEqual(moved["steps"]["executed"], 0)
        for key in ("output_cid", "run_id", "plan_id", "input_cids"):
            self.assertEqual(base[key], moved[key], key)

    def test_another_cluster_key_changes_every_id_and_no_film(self):
        key_a = self.env(ARTDAG_CLUSTER_KEY="0123456789abcdef0123456789abcdef")
        key_b = self.env(ARTDAG_CLUSTER_KEY="fedcba9876543210fedcba9876543210")
        plan_a, steps_a = self.plan_ids(env=key_a)
        plan_b, steps_b = self.plan_ids(env=key_b)
        self.assertNotEqual(plan_a, plan_b)
        self.assertEqual(set(steps_a) & set(steps_b), set())
        a, b = self.result(env=key_a), self.result(env=key_b)
        self.assertEqual(b["steps"]["executed"], a["steps"]["executed"])
        self.assertEqual(a["output_cid"], b["output_cid"])
        self.assertNotEqual(a["run_id"], b["run_id"])

    def test_the_cluster_key_is_never_shown(self):
        key = "correct-horse-battery-staple-and-more"
        env = self.env(ARTDAG_CLUSTER_KEY=key)
        path = self.write("r.yaml", TINY)
        done = self.ok("run-recipe", path, "-i", f"video={media(BUNNY)}", "-v", env=env)
        plan = self.ok("plan", path, "-i", f"video={media(BUNNY)}", env=env)
        doctor = self.ok("doctor", env=env)
        for text in (done.stdout, done.stderr, plan.stdout, plan.stderr, doctor.stdout):
            self.assertNotIn(key, text)
        for folder, _, files in os.walk(self.home):
            for name in files:
                with open(os.path.join(folder, name), "rb") as f:
                    self.assertNotIn(key.encode(), f.read(), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
