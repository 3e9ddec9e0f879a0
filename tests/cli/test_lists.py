#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lists, cuts and signals: films that follow music whose beats are known."""
import json
import math
import struct
import subprocess
import unittest
import wave

from support import SOURCE_ROOT, Case, audible_samples, frame_count, media

RATE, FPS = 44100, 25
# As the original's documents write it; the format keeps the test quick.
BEAT_CUTS = """\
name: beat-cuts
version: "1.0"
format: {width: 64, height: 36, fps: 25}
dag:
  nodes:
    - id: music
      type: SOURCE
      config: {input: true, name: Music}
    - id: beats
      type: ANALYZE
      config: {feature: beats}
      inputs: [music]
    - id: videos
      type: SOURCE_LIST
      config: {input: true}
    - id: slices
      type: MAP
      config: {operation: RANDOM_SLICE}
      inputs: {items: videos, timing: beats}
    - id: final
      type: SEQUENCE
      inputs: [slices]
  output: final
"""


def clicks(path, seconds, times):
    """A click, 30 ms of a dying 1 kHz tone, at each of the times."""
    pcm = [0.0] * int(RATE * seconds)
    for time in times:
        for i in range(int(0.03 * RATE)):
            at = round(time * RATE) + i
            if at < len(pcm):
                pcm[at] = 0.9 * math.exp(-i / RATE * 120) * math.sin(2 * math.pi * 1000 * i / RATE)
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, len(pcm), "NONE", ""))
        out.writeframes(b"".join(struct.pack("<h", int(v * 32767)) for v in pcm))
    return path


def colour(path, value, seconds=8):
    """A film of one colour."""
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
                    f"color={value}:s=64x36:r={FPS}:d={seconds}", "-pix_fmt", "yuv420p", "-c:v", "libx264",
                    "-qp", "0", "-f", "mp4", str(path)], check=True)
    return path


def planes(path, size=(64, 36)):
    """The mean of Y, U and V of every frame."""
    w, h = size
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
                         check=True, capture_output=True).stdout
    luma, chroma = w * h, (w // 2) * (h // 2)
    frame = luma + 2 * chroma
    means = []
    for at in range(0, len(raw), frame):
        y, u, v = (raw[at:at + luma], raw[at + luma:at + luma + chroma], raw[at + luma + chroma:at + frame])
        means.append((sum(y) / luma, sum(u) / chroma, sum(v) / chroma))
    return means


def half_up(x):
    return math.floor(x + 0.5)


class Lists(Case):
    def inputs(self):
        return ["-i", f"videos={colour(self.dir / 'red.mp4', 'red')}",
                "-i", f"videos={colour(self.dir / 'blue.mp4', 'blue')}"]

    def music(self, beats):
        """Some sound with an analysis made by hand."""
        sound = clicks(self.dir / "music.wav", 5, [0.5])
        document = self.write("music.json", json.dumps({"audio": {"beats": {"beat_times": beats}}}))
        return ["-i", f"music={sound}", "--analysis", f"music={document}"]

    def cuts(self, film):
        """Frames at which red and blue change places."""
        red = [v > u for _, u, v in planes(film)]
        return [i for i in range(1, len(red)) if red[i] != red[i - 1]]

    def test_cuts_fall_on_the_beats_of_a_click_track_to_the_frame(self):
        truth = [0.25 + 0.5 * i for i in range(16)]
        music = clicks(self.dir / "music.wav", 8, truth)
        args = [f"music={music}", *self.inputs()]
        film = self.dir / "film.mp4"
        result = self.run_recipe(BEAT_CUTS, "-i", *args, "-o", film)
        # What was heard is what was played, and the analysis was not made twice.
        found = self.json("analyze", music, "--features", "beats")["analysis"]["audio"]["beats"]["beat_times"]
        self.assertEqual(len(found), len(truth))
        for heard, played in zip(found, truth):
            self.assertLess(abs(heard - played), 0.07)
        frames = [half_up(time * FPS) for time in found]
        self.assertEqual(result["frames"], frames[-1] - frames[0])
        self.assertEqual(frame_count(str(film)), frames[-1] - frames[0])
        # Two videos that never come twice in a row: every beat is a change of colour, and nothing else is.
        self.assertEqual(self.cuts(film), [f - frames[0] for f in frames[1:-1]])
        self.assertEqual(set(result["input_cids"]), {"music", "videos.0", "videos.1"})

    def test_a_moved_beat_renders_the_two_slices_beside_it_and_no_other(self):
        beats = [0.5 * i for i in range(9)]
        before = self.run_recipe(BEAT_CUTS, *self.music(beats), *self.inputs())
        self.assertEqual(before["frames"], 100)
        beats[4] = 2.2
        film = self.dir / "film.mp4"
        after = self.run_recipe(BEAT_CUTS, *self.music(beats), *self.inputs(), "-o", film)
        self.assertEqual(self.cuts(film), [13, 25, 38, 55, 63, 75, 88])
        # Two spans, the sound, and putting them together.
        self.assertLessEqual(after["units"]["executed"], 4)
        why = self.ok("why", "slices.3", self.dir / "recipe.yaml", *self.music(beats), *self.inputs()).stdout
        self.assertIn("beat-cuts.slices.3 (SEGMENT)", why)
        again = self.run_recipe(BEAT_CUTS, *self.music(beats), *self.inputs())
        self.assertEqual((again["output_cid"], again["units"]["executed"]), (after["output_cid"], 0))

    def test_every_strategy_gives_the_same_film(self):
        args = [*self.music([0.1, 0.7, 1.0, 1.9]), *self.inputs()]
        films = [self.run_recipe(BEAT_CUTS, *args, "--strategy", strategy,
                                 env=self.env(ARTDAG_HOME=str(self.dir / strategy)))["output_cid"]
                 for strategy in ("auto", "naive")]
        self.assertEqual(films[0], films[1])

    def test_a_switch_follows_the_bars_and_keeps_time(self):
        recipe = """\
name: multicam
format: {width: 64, height: 36, fps: 25}
dag:
  nodes:
    - {id: music, type: SOURCE, config: {input: true}}
    - {id: cameras, type: SOURCE_LIST, config: {input: true}}
    - {id: picture, type: SWITCH, config: {times_from: music.downbeats}, inputs: [cameras]}
    - {id: film, type: MUX, inputs: {video: picture, audio: music}}
  output: film
"""
        sound = clicks(self.dir / "music.wav", 4, [0.5])
        document = self.write("music.json", json.dumps(
            {"audio": {"beats": {"beat_times": [0, 1, 2, 3], "downbeat_times": [1, 3]}}}))
        ramps = []
        for name, base in (("a", 40), ("b", 140)):  # brightness tells camera and frame
            path = self.dir / f"{name}.mkv"
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
                            f"nullsrc=s=64x36:r=25:d=4,format=yuv420p,geq=lum='{base}+N/2':cb=128:cr=128", "-c:v",
                            "ffv1", str(path)], check=True)
            ramps += ["-i", f"cameras={path}"]
        film = self.dir / "film.mp4"
        self.run_recipe(recipe, "-i", f"music={sound}", "--analysis", f"music={document}", *ramps, "-o", film)
        shown = [y for y, _, _ in planes(film)]
        self.assertEqual(len(shown), 100)
        for i, y in enumerate(shown):
            self.assertAlmostEqual(y, (140 if 25 <= i < 75 else 40) + i // 2, delta=1.5, msg=f"frame {i}")

    def test_lists_and_signals_go_into_included_recipes(self):
        self.write("part.yaml", """\
dag:
  nodes:
    - {id: clips, type: SOURCE_LIST, config: {input: true}}
    - {id: song, type: SOURCE, config: {input: true}}
    - {id: cuts, type: SEGMENT_AT, config: {times_from: song.beats, ends: false}, inputs: [clips]}
    - {id: row, type: SEQUENCE, inputs: [cuts]}
  output: row
""")
        recipe = """\
name: outer
format: {width: 64, height: 36, fps: 25}
dag:
  nodes:
    - {id: music, type: SOURCE, config: {input: true}}
    - {id: mine, type: SOURCE_LIST, config: {input: true}}
    - {id: own, type: INCLUDE, config: {recipe: part.yaml}, inputs: {song: music}}
    - {id: shared, type: INCLUDE, config: {recipe: part.yaml}, inputs: {song: music, clips: mine}}
    - {id: film, type: SEQUENCE, inputs: [own, shared]}
  output: film
"""
        red, blue = (str(colour(self.dir / f"{name}.mp4", name, 2)) for name in ("red", "blue"))
        plan = json.loads(self.ok("plan", self.write("recipe.yaml", recipe), *self.music([0, 0.4, 1]), "-i",
                                  f"own/clips={red}", "-i", f"own/clips={blue}", "-i", f"mine={blue}").stdout)
        steps = {step["name"]: step for step in plan["steps"]}
        self.assertEqual(steps["outer.film"]["frames"], 50)
        self.assertEqual(steps["outer.shared/row"]["frames"], 25)
        self.assertEqual(len(steps["outer.own/row"]["input_steps"]), 2)
        self.assertEqual([i["name"] for i in plan["inputs"]], ["mine.0", "music", "own/clips.0", "own/clips.1"])

    def test_mistakes_are_one_line_with_the_place(self):
        recipe = self.write("recipe.yaml", BEAT_CUTS)
        music, videos = self.music([0, 1]), self.inputs()
        self.fails(2, "run-recipe", recipe, *music, says="input \"videos\" is not given")
        self.fails(2, "run-recipe", recipe, *music, *music[:2], *videos, says="input \"music\" is given twice")
        self.fails(2, "run-recipe", recipe, *music, *videos, "--analysis", f"musik={music[3][6:]}",
                   says="an analysis is given for \"musik\"")
        self.fails(2, "run-recipe", recipe, *self.music([3]), *videos, says="no two times to cut between")
        line = self.fails(4, "run-recipe", recipe, *music[:2], *videos, "--analysis",
                          f"music={self.write('none.json', '{}')}", says="no beats in the analysis of music")
        self.assertIn("recipe.yaml:16", line)


class Binds(Case):
    def grey(self, luma=100, seconds=2):
        path = self.dir / "grey.mkv"
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
                        f"nullsrc=s=64x36:r=25:d={seconds},format=yuv420p,geq=lum={luma}:cb=128:cr=128", "-c:v",
                        "ffv1", str(path)], check=True)
        return path

    def recipe(self, bind):
        return f"""\
name: reactive
format: {{width: 64, height: 36, fps: 25}}
dag:
  nodes:
    - {{id: music, type: SOURCE, config: {{input: true}}}}
    - {{id: video, type: SOURCE, config: {{input: true}}}}
    - {{id: lit, type: TRANSFORM, config: {{effects: {{brightness: {{bind: {{{bind}}}}}}}}}, inputs: [video]}}
    - {{id: film, type: ENCODE, config: {{profile: master}}, inputs: [lit]}}
  output: film
"""

    def test_a_picture_flashes_on_the_beats_that_were_played(self):
        music = clicks(self.dir / "music.wav", 3, [0.4 + 0.4 * i for i in range(6)])
        film = self.dir / "film.mkv"
        recipe = self.recipe("signal: music.beats, range: [0, 0.4], decay: 5f, steps: 5")
        result = self.run_recipe(recipe, "-i", f"music={music}", "-i", f"video={self.grey()}", "-o", film)
        self.assertEqual(result["frames"], 50)
        found = self.json("analyze", music, "--features", "beats")["analysis"]["audio"]["beats"]["beat_times"]
        beats = [half_up(time * FPS) for time in found]
        self.assertGreater(len(beats), 3)
        for i, (y, _, _) in enumerate(planes(film)):
            since = min([i - b for b in beats if b <= i], default=99)
            brightness = 0.4 * max(0, 5 - since) / 5
            self.assertAlmostEqual(y, 100 + 219 * brightness, delta=0.51, msg=f"frame {i} of {beats}")

    def test_a_level_of_the_sound_is_seen_and_only_what_changes_is_rendered(self):
        times = [i / 20 for i in range(60)]
        args = ["-i", f"music={clicks(self.dir / 'music.wav', 3, [1])}", "-i", f"video={self.grey()}"]

        def film(values, name):
            document = self.write(name + ".json", json.dumps(
                {"audio": {"energy": {"times": times, "values": values, "window_ms": 50}}}))
            path = self.dir / (name + ".mkv")
            result = self.run_recipe(self.recipe("signal: music.energy, range: [-0.2, 0.2], domain: [0, 1], "
                                                 "steps: 4"), *args, "--analysis", f"music={document}", "-o", path)
            return result, [y for y, _, _ in planes(path)]

        steps = [0.0] * 20 + [0.5] * 10 + [1.0] * 30
        first, shown = film(steps, "first")
        self.assertEqual(len(shown), 50)
        for i, y in enumerate(shown):
            time = i / 25 - 0.025  # values stand at the middle of their windows
            level = 0.0 if time < 0.95 else min(0.5, (time - 0.95) * 10) if time < 1.45 else min(
                1.0, 0.5 + (time - 1.45) * 10)
            brightness = -0.2 + 0.4 * half_up(level * 4) / 4
            self.assertAlmostEqual(y, 100 + 219 * brightness, delta=0.51, msg=f"frame {i}")
        second, _ = film(steps[:50] + [0.25] * 10, "second")  # behind the film's end
        self.assertEqual((second["output_cid"], second["units"]["executed"]), (first["output_cid"], 0))

    def test_every_strategy_gives_the_same_film(self):
        music = clicks(self.dir / "music.wav", 2, [0.5, 1])
        films = [self.run_recipe(self.recipe("signal: music.energy, range: [0, 0.3], smooth: 120ms, steps: 8"), "-i",
                                 f"music={music}", "-i", f"video={self.grey(seconds=1)}", "--strategy", strategy,
                                 env=self.env(ARTDAG_HOME=str(self.dir / strategy)))["output_cid"]
                 for strategy in ("auto", "naive")]
        self.assertEqual(films[0], films[1])


class Examples(Case):
    """Small and short; what they show is looked at by people."""

    def small(self, name):
        text = (SOURCE_ROOT / f"examples/{name}.yaml").read_text()
        return text.replace("dag:", "format: {width: 64, height: 36, fps: 12}\ndag:")

    def test_beat_cuts_is_as_long_as_the_beats_with_the_song_beside(self):
        music = clicks(self.dir / "music.wav", 5, [0.25 + 0.5 * i for i in range(10)])
        videos = [arg for name in ("red", "blue") for arg in ("-i", f"videos={colour(self.dir / name, name, 3)}")]
        found = self.json("analyze", music, "--features", "beats")["analysis"]["audio"]["beats"]["beat_times"]
        film = self.dir / "film.mp4"
        for every in (1, 2):
            frames = [half_up(time * 12) for time in found[::every]]
            result = self.run_recipe(self.small("beat-cuts"), "-i", f"music={music}", *videos, "-p", f"every={every}",
                                     "-o", film)
            self.assertEqual((result["frames"], frame_count(str(film))), (frames[-1] - frames[0],) * 2)
        self.assertAlmostEqual(audible_samples(str(film)), RATE * (frames[-1] - frames[0]) / 12, delta=1)

    def test_audio_reactive_renders(self):
        music = clicks(self.dir / "music.wav", 3, [0.5, 1, 1.5, 2])
        result = self.run_recipe(self.small("audio-reactive"), "-i", f"music={music}", "-i",
                                 f"video={media('chaplin.mp4')}", "-p", "length=1")
        self.assertEqual(result["frames"], 12)


if __name__ == "__main__":
    unittest.main()
