#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ranges of sources: exactly the frames that reading from the start gives, and no more bytes than they need.

The pictures of a range are compared with those of the whole, which is shorter than a span and so decoded from its start.
"""
import json
import re
import subprocess
import unittest

from support import Case, ffprobe

SIZE = "64x36"
FRAMES = 150  # 6 s at 25: one span
PICTURES = ("-f", "lavfi", "-i", f"testsrc2=size={SIZE}:rate=25:duration=6")
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")

# name: how it is made. Every one has key frames in the middle.
FILES = {
    "open_gop.mp4": (*PICTURES, *X264, "-g", "25", "-bf", "3", "-x264-params", "open-gop=1:scenecut=0"),
    "b_pyramid.mkv": (*PICTURES, *X264, "-g", "30", "-bf", "6", "-x264-params", "b-pyramid=normal:scenecut=0"),
    "long_gop.mp4": (*PICTURES, *X264, "-g", "70", "-bf", "2"),
    "hevc_open_gop.mp4": (*PICTURES, "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params",
                          "keyint=25:min-keyint=25:open-gop=1:bframes=3:log-level=none:pools=1"),
    "open_gop.ts": (*PICTURES, *X264, "-g", "25", "-bf", "3", "-x264-params", "open-gop=1:scenecut=0"),
    "mpeg2_open_gop.ts": (*PICTURES, "-c:v", "mpeg2video", "-g", "15", "-bf", "2", "-b:v", "1M"),
    "mpeg2.mpg": (*PICTURES, "-c:v", "mpeg2video", "-g", "15", "-bf", "2", "-b:v", "1M"),
    "vfr.mkv": (*PICTURES, "-vf", "select='not(between(mod(n\\,20)\\,5\\,8))'", "-vsync", "vfr", *X264, "-g", "20"),
    "vfr.mp4": (*PICTURES, "-vf", "setpts='PTS+0.3*mod(N\\,7)/25/TB'", "-vsync", "vfr", *X264, "-g", "20", "-bf", "3"),
    "no_pts.avi": (*PICTURES, *X264, "-g", "25", "-bf", "2"),
    "mpeg4_b.avi": (*PICTURES, "-c:v", "mpeg4", "-g", "25", "-bf", "2", "-q:v", "3"),
    "mpeg4.avi": (*PICTURES, "-c:v", "mpeg4", "-g", "25", "-bf", "0", "-q:v", "3"),
    "intra.avi": (*PICTURES, "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"),
    "no_cues.webm": (*PICTURES, "-c:v", "libvpx", "-g", "25", "-deadline", "realtime", "-cpu-used", "8", "-f", "webm",
                     "-live", "1"),
    "flash.flv": (*PICTURES, *X264, "-g", "25", "-bf", "2"),
    "theora.ogv": (*PICTURES, "-c:v", "libtheora", "-g", "25", "-q:v", "4"),
    "late.mkv": ("-itsoffset", "3.21", *PICTURES, *X264, "-g", "25", "-bf", "2"),
    "edits.mp4": ("-ss", "0.5", *PICTURES, *X264, "-g", "25", "-bf", "2"),
}
STARTS = (30, 61, 101, 126)
LENGTH = 7


def recipe(nodes, output):
    return (f"name: ranges\nformat: {{width: 64, height: 36, fps: 25}}\ndag:\n  nodes:\n"
            "    - {id: video, type: SOURCE, config: {input: true}}\n" + nodes +
            f"    - {{id: film, type: ENCODE, config: {{profile: master}}, inputs: [{output}]}}\n  output: film\n")


def pictures(path):
    """A hash per picture, in order."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v:0", "-f", "framehash", "-hash",
                           "sha256", "-"], check=True, capture_output=True, text=True)
    return [line.rsplit(",", 1)[1].strip() for line in done.stdout.splitlines() if not line.startswith("#")]


def reads(stderr):
    """(bytes, blocks, blocks there are) of every job that read something."""
    return [tuple(map(int, m)) for m in
            re.findall(r"read (\d+) bytes in (\d+) of (\d+) blocks", stderr)]


class Exact(Case):
    def test_ranges_have_the_frames_of_sequential_decoding(self):
        for name, how in FILES.items():
            with self.subTest(name):
                source = self.lavfi(name, *how)
                whole = self.dir / "whole.mkv"
                text = recipe("    - {id: all, type: SEGMENT, config: {start: 0}, inputs: [video]}\n", "all")
                result = self.run_recipe(text, "-i", f"video={source}", "-o", whole)
                expected = pictures(whole)
                self.assertEqual(len(expected), result["frames"])
                for start in (s for s in STARTS if s + LENGTH <= len(expected)):
                    cut = self.dir / f"cut{start}.mkv"
                    text = recipe(f"    - {{id: cut, type: SEGMENT, config: {{start: {start}f, duration: {LENGTH}f}}, "
                                  "inputs: [video]}\n", "cut")
                    self.run_recipe(text, "-i", f"video={source}", "-o", cut)
                    self.assertEqual(pictures(cut), expected[start:start + LENGTH], f"{name} from {start}")

    def test_a_source_without_a_duration_has_its_true_number_of_frames(self):
        source = self.lavfi("live.webm", *FILES["no_cues.webm"])
        self.assertNotIn("duration", ffprobe(source, "-show_entries", "format=duration")["format"])
        said = self.json("analyze", source)
        self.assertEqual(json.dumps(said).count(f'"frames": {FRAMES}') > 0, True, said)


class Few(Case):
    """A unit that needs 2 s of a big file reads the blocks of those 2 s, and the head of the file."""

    def big(self, name, seconds, *how):
        # One second of noise, again and again: quickly made, 280 MB in all, and no two of its blocks are alike.
        second = self.lavfi("second.mkv", "-f", "lavfi", "-i", f"testsrc2=size={SIZE}:rate=25:duration=1", "-vf",
                            "noise=alls=100:allf=t,scale=256:144:flags=neighbor", "-c:v", "libx264", "-preset",
                            "ultrafast", "-qp", "12", "-bf", "2", "-g", "25", "-pix_fmt", "yuv420p")
        return self.lavfi(name, "-stream_loop", str(seconds - 1), "-i", second, "-c", "copy", *how)

    def test_two_seconds_of_a_big_source_touch_two_percent_of_its_blocks(self):
        for name, how in (("big.mp4", ()), ("live.mkv", ("-live", "1")), ("big.ts", ())):
            with self.subTest(name):
                source = self.big(name, 750, *how)
                self.json("analyze", source)
                text = recipe("    - {id: cut, type: SEGMENT, config: {start: 421s, duration: 2s}, inputs: [video]}\n",
                              "cut")
                path = self.write("few.yaml", text)
                done = self.ok("run-recipe", path, "-i", f"video={source}", env=self.env(ARTDAG_LOG="debug"))
                told = [r for r in reads(done.stderr) if r[2] >= 200]
                self.assertEqual(len(told), 1, done.stderr)
                self.assertLessEqual(told[0][1], told[0][2] * 0.02, told)


if __name__ == "__main__":
    unittest.main(verbosity=2)
