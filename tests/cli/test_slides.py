#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PAN_ZOOM and SLIDESHOW."""
import subprocess
import unittest

from support import SOURCE_ROOT, Case, ffprobe, frame_count, media

W, H = 64, 36
HEAD = f"name: s\nformat: {{width: {W}, height: {H}, fps: 24}}\ndag:\n  nodes:\n"
RAMP = "    - {id: g, type: GENERATE, config: {kind: gradient, duration: 12f, color: black, color_end: white}}\n"
PICTURES = "".join(f"    - {{id: p{i}, type: GENERATE, config: {{kind: color, color: {c}, duration: 3f}}}}\n"
                   for i, c in enumerate(("red", "lime", "blue")))


class Slides(Case):
    def run_it(self, nodes, output, name="film", *args, **env):
        film = self.dir / f"{name}.mkv"
        text = HEAD + nodes + f"    - {{id: m, type: ENCODE, config: {{profile: master}}, inputs: [{output}]}}\n  output: m\n"
        return film, self.json("run-recipe", self.write(f"{name}.yaml", text), "-o", film, *args, env=self.env(**env))

    def luma(self, film):
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", film, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"], check=True,
                             capture_output=True).stdout
        size = W * H * 3 // 2
        return [raw[i:i + W * H] for i in range(0, len(raw), size)]

    def test_the_view_is_where_the_keyframes_put_it(self):
        film, _ = self.run_it(RAMP + "    - {id: z, type: PAN_ZOOM, inputs: [g], config: {zoom: {keyframes: "
                              "[{at: 0, value: 1}, {at: 10f, value: 2}]}, x: {keyframes: [{at: 0, value: 0.5}, {at: 10f, value: 1}]}}}\n", "z")
        for n, frame in enumerate(self.luma(film)):
            zoom, middle = (1 + n / 10, 0.5 + n / 20) if n < 10 else (2, 1)
            left = min(max(middle - 0.5 / zoom, 0), 1 - 1 / zoom)
            for x in range(8, W - 8, 7):
                seen = sum(frame[y * W + x] for y in range(H)) / H
                want = 16 + 219 * (left + (x + 0.5) / W / zoom)
                self.assertLess(abs(seen - want), 1.6, (n, x))

    def test_slow_moves_do_not_jump(self):
        """A quarter of a pixel a frame: the brightness of a place in a ramp changes by the same little in each frame."""
        nodes = RAMP.replace("12f", "40f") + ("    - {id: z, type: PAN_ZOOM, inputs: [g], config: {zoom: 2, x: {keyframes: "
                                              "[{at: 0, value: 0.3}, {at: 32f, value: 0.425}]}}}\n")
        frames = self.luma(self.run_it(nodes, "z")[0])
        means = [sum(f) / len(f) for f in frames[:33]]
        steps = [b - a for a, b in zip(means, means[1:])]
        want = 219 * 0.125 / 32
        self.assertLess(max(abs(s - want) for s in steps), 0.25)

    def test_a_part_is_that_part_of_the_whole_on_every_cpu(self):
        nodes = PICTURES + RAMP + ("    - {id: a, type: PAN_ZOOM, inputs: [g], config: {zoom: {keyframes: "
                                   "[{at: 0, value: 1.7, ease: ease}, {at: 9f, value: 1.1}]}, y: 0.2}}\n"
                                   "    - {id: b, type: SEGMENT, config: {start: 3f, duration: 7f}, inputs: [a]}\n")
        whole = self.luma(self.run_it(nodes, "a")[0])
        film, part = self.run_it(nodes, "b", "part")
        self.assertEqual(self.luma(film), whole[3:10])
        for flags in ("0", "avx2"):
            _, same = self.run_it(nodes, "b", "cpu" + flags, ARTDAG_CPU_FLAGS=flags, ARTDAG_HOME=str(self.dir / flags))
            self.assertEqual(same["output_cid"], part["output_cid"])

    def test_a_slideshow_is_as_long_as_its_pictures_less_the_transitions(self):
        for move in ("alternate", "none", "pan_left"):
            film, result = self.run_it(PICTURES + "    - {id: s, type: SLIDESHOW, inputs: [p0, p1, p2], config: {duration: 20f, "
                                       f"transition: {{duration: 5f}}, move: {move}}}}}\n", "s", move)
            self.assertEqual(result["frames"], 3 * 20 - 2 * 5)
            self.assertEqual(frame_count(film), 50)
            luma = self.luma(film)
            # BT.709 codes of red, green and blue at full strength.
            for n, want in ((5, 63), (25, 173), (45, 32)):
                self.assertLessEqual(max(abs(v - want) for v in luma[n]), 1)

    def test_both_strategies_give_one_slideshow(self):
        nodes = PICTURES + RAMP + "    - {id: s, type: SLIDESHOW, inputs: [p0, g, p1, g], config: {duration: 30f, transition: {duration: 6f}}}\n"
        films = [self.run_it(nodes, "s", s, "--strategy", s, ARTDAG_HOME=str(self.dir / s))[1] for s in ("auto", "naive")]
        self.assertEqual(films[0]["output_cid"], films[1]["output_cid"])
        self.assertEqual(films[0]["frames"], 4 * 30 - 3 * 6)

    def test_slips_are_told(self):
        for node, says in (("type: PAN_ZOOM, inputs: [g], config: {duration: 1}", "this input has 12"),
                           ("type: PAN_ZOOM, inputs: [g], config: {zoom: 0.5}", "zoom"),
                           ("type: SLIDESHOW, inputs: [g], config: {move: spin}", "move")):
            text = HEAD + RAMP + f"    - {{id: s, {node}}}\n  output: s\n"
            run = self.artdag("run-recipe", self.write("x.yaml", text))
            self.assertEqual(run.returncode, 2, run.stderr)
            self.assertIn(says, run.stderr)


class Examples(Case):
    """At a small size: length, size, and the same film in another home."""

    def check(self, name, frames, *args, size=(160, 90)):
        film = self.dir / f"{name}.mp4"
        run = ("run-recipe", SOURCE_ROOT / "examples" / f"{name}.yaml", *args, "--proxy", "1/8", "-o", film)
        first = self.json(*run)
        again = self.json(*run, env=self.env(ARTDAG_HOME=str(self.dir / "again"), ARTDAG_JOBS="1"))
        self.assertEqual(first["output_cid"], again["output_cid"])
        self.assertEqual(frame_count(film), frames)
        stream = ffprobe(film, "-select_streams", "v:0", "-show_entries", "stream=width,height")["streams"][0]
        self.assertEqual((stream["width"], stream["height"]), size)

    def test_titles(self):
        self.check("titles", (5 + 5) * 24 - 12, "-i", "video=" + media("big_buck_bunny_0_30.webm"))

    def test_lower_thirds(self):
        self.check("lower-thirds", 6 * 24, "-i", "video=" + media("big_buck_bunny_0_30.webm"))

    def test_slideshow(self):
        pictures = []
        for number in range(3):
            picture = self.lavfi(f"p{number}.png", "-ss", str(5 * number + 2), "-i", media("big_buck_bunny_0_30.webm"), "-frames:v", "1")
            pictures += ["-i", f"photos={picture}"]
        self.check("slideshow", (3 * 2 - 2 * 1) * 25, *pictures, "-i", "music=" + media("rain.mp3"), "-p", "each=2")


if __name__ == "__main__":
    unittest.main(verbosity=2)
