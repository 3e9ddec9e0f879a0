#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""GENERATE, and files that nodes read: fonts."""
import cmath
import pathlib
import struct
import subprocess
import unittest

from support import Case, media

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
SERIF = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
WIDTH, HEIGHT, RATE = 64, 36, 24


def recipe(*nodes, pixel_format="yuv420p", output="film"):
    lines = "\n".join("    - " + node for node in nodes)
    return (f"name: made\nformat: {{width: {WIDTH}, height: {HEIGHT}, fps: {RATE}, sample_rate: 48000, "
            f"pixel_format: {pixel_format}}}\ndag:\n  nodes:\n{lines}\n"
            "    - {id: master, type: ENCODE, config: {profile: master}, inputs: [" + output + "]}\n  output: master\n")


class Made(Case):
    def render(self, text, *args, name="film", **env):
        path = self.write(name + ".yaml", text)
        film = self.dir / (name + ".mkv")
        result = self.json("run-recipe", path, *args, "-o", film, env=self.env(**env))
        return film, result

    def frames(self, film, pixel_format="yuv444p"):
        """Planes of every frame; 4:2:0 chroma is repeated, not interpolated."""
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", film, "-sws_flags", "neighbor", "-f", "rawvideo",
                              "-pix_fmt", pixel_format, "-"], check=True, capture_output=True).stdout
        size = len(raw) // (WIDTH * HEIGHT * len(pixel_format.replace("yuv444p", "yuv").replace("gray", "g")))
        planes = 1 if pixel_format == "gray" else 3
        step = WIDTH * HEIGHT
        return [[raw[(f * planes + p) * step:(f * planes + p + 1) * step] for p in range(planes)]
                for f in range(size)]

    def luma(self, film):
        return [planes[0] for planes in self.frames(film)]

    def samples(self, film):
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", film, "-f", "f64le", "-"], check=True,
                             capture_output=True).stdout
        values = struct.unpack(f"<{len(raw) // 8}d", raw)
        return values[0::2], values[1::2]

    def refused(self, text, *args, status=2, says=()):
        path = self.write("refused.yaml", text)
        run = self.artdag("run-recipe", path, *args)
        self.assertEqual(run.returncode, status, run.stderr)
        for words in (says,) if isinstance(says, str) else says:
            self.assertIn(words, run.stderr)


class Pictures(Made):
    def test_a_colour_is_its_bt709_code(self):
        film, result = self.render(recipe("{id: film, type: GENERATE, config: {kind: color, color: '#ff8000', duration: 0.5}}"))
        self.assertEqual(result["frames"], 12)
        r, g, b = 1, 128 / 255, 0
        y = 0.2126 * r + 0.7152 * g + 0.0722 * b
        want = [round(16 + 219 * y), round(128 + 224 * (b - y) / 1.8556), round(128 + 224 * (r - y) / 1.5748)]
        for planes in self.frames(film):
            self.assertEqual([set(p) for p in planes], [{w} for w in want])

    def test_a_gradient_goes_in_a_straight_line_from_colour_to_colour(self):
        film, _ = self.render(recipe("{id: film, type: GENERATE, config: {kind: gradient, duration: 2f, color: black, color_end: white}}"))
        first, second = self.luma(film)
        self.assertEqual(first, second)
        for x in range(WIDTH):
            column = [first[y * WIDTH + x] for y in range(HEIGHT)]
            want = 16 + 219 * (x + 0.5) / WIDTH
            self.assertLess(abs(sum(column) / HEIGHT - want), 0.25)
            self.assertLess(max(abs(v - want) for v in column), 1)

    def test_a_radial_gradient_ends_in_the_corners(self):
        film, _ = self.render(recipe("{id: film, type: GENERATE, config: {kind: gradient, direction: radial, duration: 1f, "
                                     "color: white, color_end: black}}"))
        luma = self.luma(film)[0]
        self.assertGreaterEqual(luma[HEIGHT // 2 * WIDTH + WIDTH // 2], 225)
        self.assertLessEqual(max(luma[0], luma[WIDTH - 1], luma[-1]), 24)

    def test_bars_are_the_codes_of_rp219(self):
        film, _ = self.render(recipe("{id: film, type: GENERATE, config: {kind: bars, duration: 2f}}"))
        luma = self.luma(film)[1][:WIDTH]
        # SMPTE RP 219, pattern 1: 40 % grey, then 75 % white, yellow, cyan, green, magenta, red, blue, 40 % grey.
        seen = [v for i, v in enumerate(luma) if i == 0 or v != luma[i - 1]]
        self.assertEqual(seen, [104, 180, 168, 145, 133, 63, 51, 28, 104])

    def test_a_slice_of_a_moving_picture_is_that_part_of_the_whole(self):
        for kind in ("testsrc, duration: 30f", "counter, duration: 30f, show: frames, font_size: 20",
                     "counter, duration: 30f, show: seconds, from: 3s, down: true, font_size: 20"):
            node = f"{{id: whole, type: GENERATE, config: {{kind: {kind}}}}}"
            cut = "{id: film, type: SEGMENT, config: {start: 11f, duration: 17f}, inputs: [whole]}"
            whole, _ = self.render(recipe(node, output="whole"))
            part, _ = self.render(recipe(node, cut), name="part")
            self.assertEqual(self.luma(whole)[11:28], self.luma(part))
            self.assertGreater(len(set(self.luma(whole))), 1)

    def test_a_counter_shows_what_text_shows(self):
        shown, _ = self.render(recipe("{id: film, type: GENERATE, config: {kind: counter, duration: 60f, from: 10s, font_size: 10}}"))
        text, _ = self.render(recipe("{id: film, type: GENERATE, config: {kind: text, text: '00:00:12:11', duration: 1f, font_size: 10}}"),
                              name="text")
        self.assertEqual(self.luma(shown)[2 * RATE + 11], self.luma(text)[0])

    def test_an_image_is_the_first_picture_standing_still(self):
        clip = "{id: clip, type: SEGMENT, config: {start: 20f, duration: 5f}, inputs: [video]}"
        source = "{id: video, type: SOURCE, config: {input: true}}"
        still, _ = self.render(recipe(source, clip, "{id: film, type: GENERATE, config: {kind: image, duration: 7f}, inputs: [clip]}"),
                               "-i", "video=" + media("chaplin.mp4"))
        moving, _ = self.render(recipe(source, clip, output="clip"), "-i", "video=" + media("chaplin.mp4"), name="moving")
        frames = self.luma(still)
        self.assertEqual(len(frames), 7)
        self.assertEqual(set(frames), {self.luma(moving)[0]})


class Text(Made):
    BELOW = "{id: below, type: GENERATE, config: {kind: color, color: black, duration: 24f}}"

    def title(self, config):
        return "{id: film, type: GENERATE, config: {kind: text, " + config + "}, inputs: [below]}"

    def test_text_comes_and_goes_in_straight_lines(self):
        film, result = self.render(recipe(self.BELOW, self.title(
            "text: 'I', font_size: 30, start: 4f, end: 20f, fade_in: 4f, fade_out: 8f")))
        self.assertEqual(result["frames"], 24)
        ink = [sum(v - 16 for v in frame) for frame in self.luma(film)]
        full = ink[10]
        self.assertGreater(full, 5000)
        want = [0] * 4 + [0, 0.25, 0.5, 0.75] + [1] * 4 + [1 - k / 8 for k in range(8)] + [0] * 4
        for frame, share in enumerate(want):
            self.assertLess(abs(ink[frame] - full * share), full * 0.02 + 1, f"frame {frame}")

    def test_a_box_lies_around_the_text_with_its_colour(self):
        film, _ = self.render(recipe(self.BELOW, self.title(
            "text: ' ', font_size: 16, x: 32, y: 18, box: {color: white, padding: 4}")))
        luma = self.luma(film)[0]
        rows = {y for y in range(HEIGHT) for x in range(WIDTH) if luma[y * WIDTH + x] > 200}
        # 1901 and 483 of 2048 units at 16 pixels, each rounded up: 19 pixels, and the padding twice.
        self.assertIn(len(rows), (26, 27))
        self.assertEqual(min(rows) + max(rows), HEIGHT - 1 + (len(rows) + HEIGHT) % 2)

    def test_text_over_a_transparent_format_leaves_the_rest_transparent(self):
        film, _ = self.render(recipe("{id: film, type: GENERATE, config: {kind: text, text: 'A', duration: 1f, font_size: 20}}",
                                     pixel_format="yuva420p"))
        alpha = subprocess.run(["ffmpeg", "-v", "error", "-i", film, "-vf", "alphaextract", "-f", "rawvideo", "-pix_fmt", "gray", "-"],
                               check=True, capture_output=True).stdout
        self.assertEqual(alpha[0], 0)
        self.assertEqual(max(alpha), 255)

    def test_text_is_data(self):
        film, result = self.render(recipe(self.BELOW, self.title('text: "%{localtime} \'; [a]x=1:y=2 \\\\\\\\ $(id)", font_size: 8')))
        self.assertEqual(result["frames"], 24)
        again, same = self.render(recipe(self.BELOW, self.title('text: "%{localtime} \'; [a]x=1:y=2 \\\\\\\\ $(id)", font_size: 8')),
                                  ARTDAG_HOME=str(self.dir / "another"))
        self.assertEqual(result["output_cid"], same["output_cid"])
        self.assertEqual(self.luma(film), self.luma(again))


class Fonts(Made):
    TITLE = "{id: film, type: GENERATE, config: {kind: text, text: Quay, duration: 2f, font_size: 20}, inputs: {font: face}}"
    FACE = "{id: face, type: SOURCE, config: {input: true}}"

    def test_a_font_given_is_an_input_by_its_cid(self):
        _, plain = self.render(recipe(self.FACE, self.TITLE), "-i", f"face={FONT}")
        copy = self.dir / "copy.bin"
        copy.write_bytes(pathlib.Path(FONT).read_bytes())
        _, copied = self.render(recipe(self.FACE, self.TITLE), "-i", f"face={copy}")
        _, serif = self.render(recipe(self.FACE, self.TITLE), "-i", f"face={SERIF}")
        self.assertEqual(copied["output_cid"], plain["output_cid"])
        self.assertEqual(copied["steps"]["executed"], 0)
        self.assertNotEqual(serif["output_cid"], plain["output_cid"])
        self.assertEqual(plain["input_cids"]["face"], self.artdag("add", "--only-hash", FONT).stdout.split()[0])

    def test_the_font_of_the_system_enters_the_identity(self):
        text = recipe("{id: film, type: GENERATE, config: {kind: text, text: Quay, duration: 2f, font_size: 20}}")
        _, standard = self.render(text)
        _, given = self.render(recipe(self.FACE, self.TITLE), "-i", f"face={FONT}")
        _, named = self.render(text, ARTDAG_FONT=SERIF)
        self.assertEqual(given["output_cid"], standard["output_cid"])
        self.assertEqual(given["steps"]["executed"], 0)
        self.assertNotEqual(named["output_cid"], standard["output_cid"])
        run = self.artdag("run-recipe", self.write("t.yaml", text), env=self.env(ARTDAG_FONT="/nowhere.ttf"))
        self.assertEqual(run.returncode, 4)
        self.assertIn("/nowhere.ttf", run.stderr)

    def test_a_font_may_be_an_asset_of_the_registry(self):
        cid = self.artdag("add", SERIF).stdout.split()[0]
        text = recipe("{id: face, type: SOURCE, config: {asset: serif}}", self.TITLE)
        text = text.replace("dag:\n", f"registry: {{assets: {{serif: {{cid: {cid}}}}}}}\ndag:\n", 1)
        _, asset = self.render(text)
        _, given = self.render(recipe(self.FACE, self.TITLE), "-i", f"face={SERIF}")
        self.assertEqual(asset["output_cid"], given["output_cid"])

    def test_a_plan_with_a_file_runs_elsewhere(self):
        path = self.write("t.yaml", recipe(self.FACE, self.TITLE))
        plan = self.json("plan", path, "-i", f"face={FONT}")
        source = [i for i in plan["inputs"] if i["name"] == "face"][0]
        self.assertEqual((source["media_type"], source["analysis"]), ("file", None))
        document = self.write("plan.json", self.artdag("plan", path, "-i", f"face={FONT}", "--json").stdout)
        run = self.json("execute", document)
        direct = self.json("run-recipe", path, "-i", f"face={FONT}")
        self.assertEqual(run["output_cid"], direct["output_cid"])

    def test_what_is_no_font_ends_with_the_name_of_its_node(self):
        broken = self.dir / "broken.ttf"
        broken.write_bytes(pathlib.Path(FONT).read_bytes()[:50000])
        for path in (broken, media("rain.mp3"), "/bin/sh"):
            self.refused(recipe(self.FACE, self.TITLE), "-i", f"face={path}", status=1, says=("no font", "face"))

    def test_a_file_has_a_largest_size(self):
        huge = self.dir / "huge.ttf"
        with open(huge, "wb") as f:
            f.truncate((64 << 20) + 1)
        self.refused(recipe(self.FACE, self.TITLE), "-i", f"face={huge}", says=("huge.ttf", "at most"))

    def test_a_source_is_media_or_a_file(self):
        both = recipe(self.FACE, "{id: film, type: GENERATE, config: {kind: text, text: x}, inputs: {video: face, font: face}}")
        self.refused(both, "-i", f"face={FONT}", says="two SOURCE nodes")
        fill = recipe("{id: face, type: SOURCE, config: {input: true, mode: fill}}", self.TITLE)
        self.refused(fill, "-i", f"face={FONT}", says="\"mode\" does not apply")
        other = recipe("{id: face, type: GENERATE, config: {kind: bars, duration: 1}}", self.TITLE)
        self.refused(other, says="is a file to be read")


class Sound(Made):
    def test_a_tone_is_a_sine_of_its_level(self):
        film, _ = self.render(recipe("{id: film, type: GENERATE, config: {kind: tone, frequency: 1500, level: 0.5, duration: 0.5}}"))
        left, right = self.samples(film)
        self.assertEqual(left, right)
        self.assertEqual(len(left), 24000)
        line = sum(v * cmath.exp(-2j * cmath.pi * 1500 * n / 48000) for n, v in enumerate(left)) * 2 / len(left)
        self.assertAlmostEqual(abs(line), 0.5, places=3)
        power = sum(v * v for v in left) / len(left)
        self.assertLess(abs(power - 0.125), 0.0005)  # nothing but that line

    def test_noise_has_its_level_and_its_seed(self):
        def noise(seed, kind="white"):
            film, result = self.render(recipe(f"{{id: film, type: GENERATE, config: {{kind: noise, noise: {kind}, seed: {seed}, "
                                              "level: 0.25, duration: 1}}"))
            return self.samples(film)[0], result["output_cid"]
        first, cid = noise(1)
        self.assertEqual(len(first), 48000)
        self.assertLessEqual(max(map(abs, first)), 0.25)
        # Uniform in [-level, level]: level / sqrt(3).
        self.assertAlmostEqual((sum(v * v for v in first) / 48000) ** 0.5, 0.25 / 3 ** 0.5, delta=0.003)
        self.assertNotEqual(noise(2)[1], cid)
        self.assertNotEqual(noise(1, "pink")[1], cid)

    def test_silence_is_zero(self):
        film, _ = self.render(recipe("{id: film, type: GENERATE, config: {kind: silence, duration: 0.25}}"))
        self.assertEqual(set(self.samples(film)[0]), {0.0})


class Refusals(Made):
    def test_slips_of_the_pen_are_told_with_their_place(self):
        for config, says in (("kind: bars", "needs a duration"), ("kind: tone, duration: 1, font_size: 3", "font_size does not apply"),
                             ("kind: color, duration: 0", "shorter than a frame"), ("kind: bar, duration: 1", 'did you mean "bars"'),
                             ("kind: text, duration: 1", "needs a text"), ("kind: image, duration: 1", "takes a picture"),
                             ("kind: color, duration: 1, width: 33", "even"),
                             ("kind: text, text: x, duration: 1, start: 0.9, fade_in: 0.5", "vanish before")):
            self.refused(recipe(f"{{id: film, type: GENERATE, config: {{{config}}}}}"), says=(says, "refused.yaml:5"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
