#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Timelines of OpenTimelineIO, made and read by its own library."""
import os
import sys
import unittest

try:
    import opentimelineio as otio
except ImportError:  # the Python that ./dev test made for the tests has it
    if os.environ.get("ARTDAG_TEST_PYTHON_TRIED") or not os.environ.get("ARTDAG_TEST_PYTHON"):
        raise
    os.environ["ARTDAG_TEST_PYTHON_TRIED"] = "1"
    os.execv(os.environ["ARTDAG_TEST_PYTHON"], [os.environ["ARTDAG_TEST_PYTHON"], *sys.argv])

from support import Case, frame_count, media

Time, Range = otio.opentime.RationalTime, otio.opentime.TimeRange
BUNNY = "big_buck_bunny_0_30.webm"


def span(start, frames, rate=24):
    return Range(Time(start, rate), Time(frames, rate))


def clip(name, url, start, frames, origin=86400, rate=24):
    media_range = span(origin, 700, rate)
    return otio.schema.Clip(name, otio.schema.ExternalReference(url, media_range),
                            span(origin + start, frames, rate))


def timeline(*tracks):
    result = otio.schema.Timeline("cut")
    result.tracks.extend(tracks)
    return result


def track(kind, *items):
    result = otio.schema.Track(kind, kind=kind)
    result.extend(items)
    return result


class Import(Case):
    def recipe_of(self, line):
        path = self.dir / "line.otio"
        otio.adapters.write_to_file(line, str(path))
        recipe = self.dir / "line.yaml"
        self.ok("recipe", "import", path, "-o", recipe)
        # Small, for the tests.
        text = recipe.read_text().replace("format: {", "format: {width: 64, height: 36, ")
        recipe.write_text(text)
        self.ok("recipe", "check", recipe)
        self.ok("recipe", "fmt", "-l", recipe)
        return recipe

    def frames_of(self, line, *inputs):
        film = self.dir / "film.mp4"
        result = self.json("run-recipe", self.recipe_of(line), *inputs, "-o", film)
        self.assertEqual(frame_count(film), result["frames"])
        return result["frames"]

    def test_cuts_dissolves_and_gaps_are_as_long_as_the_library_says(self):
        line = timeline(track(
            "Video", clip("one", "file:///a/bunny.webm", 24, 20),
            otio.schema.Transition("t", "SMPTE_Dissolve", Time(3, 24), Time(5, 24)),
            clip("two", "file:///a/bunny.webm", 100, 30), clip("three", "file:///a/bunny.webm", 10, 6),
            otio.schema.Transition("u", "SMPTE_Dissolve", Time(2, 24), Time(2, 24)),
            clip("four", "file:///a/bunny.webm", 200, 12), otio.schema.Gap(source_range=span(0, 7))))
        want = int(line.duration().value)
        self.assertEqual(want, 20 + 30 + 6 + 12 + 7)
        self.assertEqual(self.frames_of(line, "-i", f"bunny={media(BUNNY)}"), want)

    def test_a_faster_clip_takes_more_of_its_media(self):
        fast = clip("fast", "file:///a/bunny.webm", 50, 12)
        fast.effects.append(otio.schema.LinearTimeWarp("w", time_scalar=2.0))
        line = timeline(track("Video", fast, clip("next", "file:///a/bunny.webm", 90, 6)))
        recipe = self.recipe_of(line).read_text()
        self.assertIn("start: 50f, duration: 24f", recipe)
        self.assertEqual(self.frames_of(line, "-i", f"bunny={media(BUNNY)}"), 18)

    def test_upper_tracks_lie_over_the_lowest_where_they_have_clips(self):
        line = timeline(track("Video", clip("low", "file:///a/bunny.webm", 0, 30)),
                        track("Video", otio.schema.Gap(source_range=span(0, 10)),
                              clip("high", "file:///a/over.webm", 5, 8)),
                        track("Audio", clip("music", "rain.mp3", 0, 30, origin=0)))
        recipe = self.recipe_of(line).read_text()
        self.assertIn("inputs: [{}, {start: 10f}]", recipe)
        self.assertIn("type: MUX", recipe)
        self.assertEqual(self.frames_of(line, "-i", f"bunny={media(BUNNY)}", "-i", f"over={media(BUNNY)}",
                                        "-i", f"rain={media('rain.mp3')}"), 30)

    def test_ntsc_rates_are_exact(self):
        line = timeline(track("Video", clip("n", "file:///a/bunny.webm", 30, 60, origin=0, rate=30000 / 1001)))
        self.assertIn("fps: 30000/1001", self.recipe_of(line).read_text())
        self.assertEqual(self.frames_of(line, "-i", f"bunny={media(BUNNY)}"), 60)

    def test_odd_characters_of_names_are_escaped(self):
        line = timeline(track("Video", clip("a\x7f\u0085\u2028\ufeff", "file:///a/\x7fbunny.webm", 0, 6)))
        line.name = "n\u2029\u009f"
        self.assertIn('name: "n\\u2029\\u009f"', self.recipe_of(line).read_text())

    def test_what_would_be_another_film_is_refused_with_its_place(self):
        nested = otio.schema.Clip("gen", otio.schema.GeneratorReference("bars", "SMPTEBars"), span(0, 10))
        path = self.dir / "bad.otio"
        otio.adapters.write_to_file(timeline(track("Video", nested)), str(path))
        line = self.fails(2, "recipe", "import", path, says="media reference")
        self.assertIn("bad.otio:", line)
        self.fails(2, "recipe", "import", self.write("no.otio", '{"OTIO_SCHEMA": "Clip.1"}'))
        self.fails(2, "recipe", "import", self.write("no.otio", "{"))


RECIPE = """\
name: cut
format: {width: 64, height: 36, fps: 24}
dag:
  nodes:
    - {id: v, type: SOURCE, config: {input: true}}
    - {id: a, type: SEGMENT, config: {start: 1, duration: 24f}, inputs: [v]}
    - {id: b, type: SEGMENT, config: {start: 3, duration: 20f}, inputs: [v]}
    - {id: c, type: SEGMENT, config: {start: 5, duration: 30f}, inputs: [v]}
    - {id: s, type: SEQUENCE, config: {transition: {type: crossfade, duration: 7f}}, inputs: [a, b, c]}
    - {id: out, type: SEQUENCE, inputs: [s, b]}
  output: out
"""


class Export(Case):
    def test_the_library_reads_the_timeline_and_it_comes_back_as_the_same_film(self):
        recipe = self.write("cut.yaml", RECIPE)
        text = self.ok("plan", recipe, "-i", f"v={media(BUNNY)}", "--graph", "otio").stdout
        line = otio.adapters.read_from_string(text, "otio_json")
        frames = 24 + 20 + 30 - 2 * 7 + 20
        self.assertEqual(line.duration(), Time(frames, 24))
        video = line.video_tracks()[0]
        clips = [c for c in video if isinstance(c, otio.schema.Clip)]
        joints = [c for c in video if isinstance(c, otio.schema.Transition)]
        self.assertEqual((len(clips), len(joints)), (4, 2))
        self.assertEqual([t.in_offset.value + t.out_offset.value for t in joints], [7, 7])
        # The first clip is seen alone for 17 frames, and half of the dissolve belongs to it.
        self.assertEqual(clips[0].source_range, span(24, 17 + 3))
        self.assertEqual(len(line.audio_tracks()), 1)
        back = self.dir / "back.yaml"
        self.ok("recipe", "import", self.write("cut.otio", text), "-o", back)
        back.write_text(back.read_text().replace("format: {", "format: {width: 64, height: 36, "))
        first = self.json("run-recipe", recipe, "-i", f"v={media(BUNNY)}", "-o", self.dir / "a.mp4")
        second = self.json("run-recipe", back, "-o", self.dir / "b.mp4")
        self.assertEqual(second["output_cid"], first["output_cid"])


if __name__ == "__main__":
    unittest.main()
