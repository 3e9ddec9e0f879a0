#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The picture operations, pixel by pixel: each against its definition, computed here from the input's code values.

Films are made of code values that this file chooses, stored without loss, in the working format from the start, so that
SOURCE changes nothing. What comes out is stored without loss too.
"""
import random
import subprocess
import unittest

from support import SOURCE_ROOT, Case, ffprobe, frame_count, media

W, H = 32, 16
FRAMES = 6
LEVELS = ("0", "sse2", "ssse3", "avx2")


class Film:
    """Frames of planes y, u, v (and a) at 4:2:0, 8 or 10 bits."""

    def __init__(self, frames, width=W, height=H, alpha=False, depth=8):
        self.frames, self.width, self.height, self.alpha, self.depth = frames, width, height, alpha, depth

    def pixel_format(self):
        return ("yuva420p" if self.alpha else "yuv420p") + ("10le" if self.depth == 10 else "")

    def write(self, path):
        data = b"".join(value.to_bytes(1 if self.depth == 8 else 2, "little")
                        for frame in self.frames for plane in frame for row in plane for value in row)
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", self.pixel_format(), "-s",
                        f"{self.width}x{self.height}", "-r", "24", "-i", "-", "-c:v", "ffv1", "-level", "3",
                        "-colorspace", "bt709", "-color_range", "tv", "-color_primaries", "bt709", "-color_trc",
                        "bt709", path], input=data, check=True)
        return path


def read(path, width=W, height=H, depth=8, alpha=False):
    """The planes of every frame of a film, as lists of rows."""
    form = ("yuva420p" if alpha else "yuv420p") + ("10le" if depth == 10 else "")
    data = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-map", "0:v", "-pix_fmt", form, "-f", "rawvideo", "-"],
                          check=True, capture_output=True).stdout
    step = 1 if depth == 8 else 2
    sizes = [(width, height), (width // 2, height // 2), (width // 2, height // 2)]
    sizes += [(width, height)] if alpha else []
    frames, at = [], 0
    while at < len(data):
        planes = []
        for w, h in sizes:
            planes.append([[int.from_bytes(data[at + (y * w + x) * step:at + (y * w + x + 1) * step], "little")
                            for x in range(w)] for y in range(h)])
            at += w * h * step
        frames.append(planes)
    return frames


def noise(seed, width=W, height=H, frames=FRAMES, low=16, high=235, depth=8, alpha=None):
    """A film of random code values; alpha: a function of x, y."""
    rng = random.Random(seed)
    scale = 1 if depth == 8 else 4

    def plane(w, h, top):
        return [[rng.randrange(low * scale, top * scale) for _ in range(w)] for _ in range(h)]

    def one():
        planes = [plane(width, height, high), plane(width // 2, height // 2, 240), plane(width // 2, height // 2, 240)]
        if alpha:
            planes.append([[alpha(x, y) for x in range(width)] for y in range(height)])
        return planes
    return Film([one() for _ in range(frames)], width, height, alpha is not None, depth)


class Pictures(Case):
    format = f"{{width: {W}, height: {H}, fps: 24}}"

    def recipe(self, nodes, inputs, form):
        sources = [f"{{id: {name}, type: SOURCE, config: {{input: true}}}}" for name in inputs]
        lines = "".join(f"    - {line}\n" for line in [*sources, *nodes])
        return (f"name: picture\nformat: {form or self.format}\ndag:\n  nodes:\n{lines}"
                "    - {id: film, type: ENCODE, config: {profile: master}, inputs: [out]}\n  output: film\n")

    def render(self, nodes, films, form=None, size=(W, H), depth=8, levels=(), alpha=False):
        """The film of node `out`: rendered in both ways and at all given CPU levels, which must agree."""
        paths = {}
        for name, film in films.items():
            paths[name] = film.write(self.dir / f"{name}.mkv") if isinstance(film, Film) else film
        args = [arg for name, path in paths.items() for arg in ("-i", f"{name}={path}")]
        path = self.write("picture.yaml", self.recipe(nodes, films, form))
        out = self.dir / "out.mkv"
        ways = [("--strategy", "naive"), *(("--cpu-flags", level) for level in levels)]
        first = self.json("run-recipe", path, *args, "-o", out, env=self.env(ARTDAG_HOME=str(self.dir / "auto")))
        for number, way in enumerate(ways):
            again = self.json("run-recipe", path, *args, *way, env=self.env(ARTDAG_HOME=str(self.dir / f"h{number}")))
            self.assertEqual(again["output_cid"], first["output_cid"], way)
        return read(out, *size, depth, alpha)

    def assert_near(self, got, want, most, what=""):
        """Planes of equal size differ by at most `most` code values."""
        self.assertEqual((len(got), len(got[0])), (len(want), len(want[0])))
        worst = max((abs(g - w), x, y, g, w) for y, (grow, wrow) in enumerate(zip(got, want))
                    for x, (g, w) in enumerate(zip(grow, wrow)))
        self.assertLessEqual(worst[0], most, f"{what}: at {worst[1]}, {worst[2]}: {worst[3]} instead of {worst[4]}")


def laid(ground, top, at, opacity=1.0):
    """A picture with straight alpha at a place of another: luma in single pixels, colour in pairs, where the pixels of a pair
    count by their alpha."""
    x0, y0 = at
    h, w = len(top[0]), len(top[0][0])
    full = [[255] * w for _ in range(h)]
    alpha = top[3] if len(top) > 3 else full

    def weight(x, y):
        return alpha[y - y0][x - x0] / 255 * opacity if 0 <= x - x0 < w and 0 <= y - y0 < h else 0.0
    luma = [[ground[0][y][x] * (1 - weight(x, y)) + (top[0][y - y0][x - x0] * weight(x, y) if weight(x, y) else 0)
             for x in range(len(ground[0][0]))] for y in range(len(ground[0]))]
    planes = [luma]
    for p in (1, 2):
        plane = []
        for cy in range(len(ground[p])):
            row = []
            for cx in range(len(ground[p][0])):
                places = [(2 * cx + i, 2 * cy + j) for i in (0, 1) for j in (0, 1)]
                value = 0.0
                for x, y in places:
                    m = weight(x, y)
                    value += ground[p][cy][cx] * (1 - m)
                    value += top[p][(y - y0) // 2][(x - x0) // 2] * m if m else 0
                row.append(value / 4)
            plane.append(row)
        planes.append(plane)
    return planes


class Layer(Pictures):
    def test_an_opaque_picture_lies_where_it_is_put_and_changes_nothing_else(self):
        a, b = noise(1), noise(2, 12, 8)
        # SOURCE brings everything to the working size: RESIZE to the small one is not exact, so the place is cropped out.
        for at in ((0, 0), (4, 2), (5, 3), (-3, 1), (27, 13)):
            with self.subTest(at=at):
                got = self.render([
                    "{id: small, type: LAYER, config: {width: 12, height: 8, inputs: [{position: [0, 0]}]}, inputs: [b]}",
                    f"{{id: out, type: LAYER, config: {{inputs: [{{}}, {{position: [{at[0]}, {at[1]}]}}]}}, "
                    "inputs: [a, small]}"], {"a": a, "b": noise(2)})
                big = noise(2).frames
                for f, frame in enumerate(got):
                    top = [[row[:12 >> (p > 0)] for row in big[f][p][:8 >> (p > 0)]] for p in range(3)]
                    want = laid(a.frames[f], top, at)
                    self.assert_near(frame[0], want[0], 0, f"luma of frame {f}")
                    for p in (1, 2):
                        self.assert_near(frame[p], want[p], 0 if at[0] % 2 == at[1] % 2 == 0 else 2, f"plane {p}")
        self.assertEqual(len(b.frames), FRAMES)

    def test_transparency_weighs_pixels_and_colours(self):
        def ramp(x, y):
            return min(255, 255 * (x + y) // (W + H - 4))
        a, b = noise(3), noise(4, low=3, high=238, alpha=ramp)
        for at, opacity in (((0, 0), 1), ((0, 0), 0.4), ((3, 5), 0.7)):
            with self.subTest(at=at, opacity=opacity):
                got = self.render([f"{{id: out, type: LAYER, config: {{inputs: [{{}}, {{position: [{at[0]}, {at[1]}], "
                                   f"opacity: {opacity}}}]}}, inputs: [a, b]}}"], {"a": a, "b": b},
                                  form=f"{{width: {W}, height: {H}, fps: 24, pixel_format: yuva420p}}", levels=LEVELS)
                for f, frame in enumerate(got):
                    want = laid(a.frames[f], b.frames[f], at, opacity)
                    for p in range(3):
                        self.assert_near(frame[p], want[p], 6 if p else 2, f"plane {p} of frame {f}")

    def test_places_opacity_and_times_follow_their_keyframes(self):
        a, b = noise(5, frames=12), noise(6, frames=12, low=2, high=239)  # beyond black and white, too
        got = self.render([
            "{id: out, type: LAYER, config: {inputs: [{}, {position: [{keyframes: [{at: 2f, value: 1}, "
            "{at: 8f, value: 13}]}, {keyframes: [{at: 0, value: 4, ease: hold}, {at: 5f, value: -6}]}], "
            "opacity: {keyframes: [{at: 4f, value: 0.25, ease: ease}, {at: 8f, value: 1}]}, start: 3f, end: 11f}]}, "
            "inputs: [a, b]}"], {"a": a, "b": b}, levels=("0",))
        self.assertEqual(len(got), 12)
        for f in range(12):
            x = min(13, 1 + max(0, f - 2) * 2)
            t = min(1, max(0, f - 4) / 4)
            opacity = 0.25 + 0.75 * t * t * (3 - 2 * t)
            want = a.frames[f] if f < 3 or f >= 11 else laid(a.frames[f], b.frames[f - 3], (x, 4 if f < 5 else -6), opacity)
            for p in range(3):
                self.assert_near(got[f][p], want[p], 0 if f < 3 or f >= 11 else (3 if p else 2), f"plane {p} of frame {f}")

    def test_what_is_cropped_is_not_there_and_what_turns_by_right_angles_is_exact(self):
        a, b = noise(7), noise(8)
        got = self.render([
            "{id: out, type: LAYER, config: {inputs: [{}, {crop: {left: 3, top: {keyframes: [{at: 0, value: 1}, "
            "{at: 5f, value: 6}]}, right: 7, bottom: 2}, rotation: 180}]}, inputs: [a, b]}"], {"a": a, "b": b},
            levels=("0", "avx2"))
        for f in range(FRAMES):
            for y in range(H):
                for x in range(W):
                    sx, sy = W - 1 - x, H - 1 - y
                    inside = 3 <= sx < W - 7 and 1 + f <= sy < H - 2
                    want = b.frames[f][0][sy][sx] if inside else a.frames[f][0][y][x]
                    self.assertEqual(got[f][0][y][x], want, (f, x, y))

    def test_sizes_and_angles_change_with_time_and_the_ground_stays(self):
        flat = Film([[[[200] * W] * H, [[90] * (W // 2)] * (H // 2), [[160] * (W // 2)] * (H // 2)]] * 8)
        a = noise(9, frames=8)
        got = self.render([
            "{id: out, type: LAYER, config: {inputs: [{}, {anchor: center, origin: center, scale: {keyframes: "
            "[{at: 0, value: 0.25}, {at: 7f, value: 0.6}]}, rotation: {keyframes: [{at: 0, value: 0}, {at: 7f, value: 90}]}"
            "}]}, inputs: [a, flat]}"], {"a": a, "flat": flat}, levels=LEVELS)
        for f in range(8):
            scale = 0.25 + 0.35 * f / 7
            area = sum(got[f][0][y][x] == 200 for y in range(H) for x in range(W))
            self.assertLess(abs(area - W * H * scale * scale), 0.25 * W * H * scale * scale + 8, f)
            reach = (W * W + H * H) ** 0.5 * scale / 2 + 2
            for y in range(H):
                for x in range(W):
                    away = ((x - W / 2 + 0.5) ** 2 + (y - H / 2 + 0.5) ** 2) ** 0.5
                    if away > reach:
                        self.assertEqual(got[f][0][y][x], a.frames[f][0][y][x], (f, x, y))

    def test_ten_bits_stay_ten_bits(self):
        a, b = noise(10, depth=10), noise(11, depth=10)
        got = self.render(["{id: out, type: LAYER, config: {inputs: [{}, {position: [7, 4], opacity: 0.5}]}, inputs: [a, b]}"],
                          {"a": a, "b": b}, depth=10, levels=("0",),
                          form=f"{{width: {W}, height: {H}, fps: 24, pixel_format: yuv420p10le}}")
        for f in range(FRAMES):
            for y in range(H):
                for x in range(W):
                    m = 0.5 if x >= 7 and y >= 4 else 0
                    want = a.frames[f][0][y][x] * (1 - m) + (b.frames[f][0][y - 4][x - 7] * m if m else 0)
                    self.assertLessEqual(abs(got[f][0][y][x] - want), 3, (f, x, y))

    def test_the_result_lasts_as_long_as_its_last_input_and_stills_stand(self):
        a, b = noise(12, frames=5), noise(13, frames=9)
        still = noise(14, frames=1)
        got = self.render(["{id: s, type: SEGMENT, config: {duration: 1f}, inputs: [still]}",
                           "{id: out, type: LAYER, config: {background: white, inputs: [{}, {start: 2f, position: [16, 0]}, "
                           "{position: [0, 8]}]}, inputs: [a, b, s]}"], {"a": a, "b": b, "still": still})
        self.assertEqual(len(got), 11)
        for f in range(11):
            self.assertEqual([row[:16] for row in got[f][0][8:]], [row[:16] for row in still.frames[0][0][:8]])
            corner = a.frames[f][0][0][0] if f < 5 else 235
            self.assertEqual(got[f][0][0][0], corner)
            self.assertEqual(got[f][0][0][16], b.frames[f - 2][0][0][0] if f >= 2 else a.frames[f][0][0][16])

    def test_a_film_with_vp9_alpha_covers_by_its_alpha(self):
        flat = Film([[[[150] * 64] * 64, [[128] * 32] * 32, [[128] * 32] * 32]] * 4, 64, 64)
        form = "{width: 64, height: 64, fps: 30, pixel_format: yuva420p}"
        ghost = media("transparent.webm")
        got = self.render(["{id: g, type: SEGMENT, config: {duration: 4f}, inputs: [ghost]}",
                           "{id: out, type: LAYER, config: {inputs: [{}, {}]}, inputs: [flat, g]}"],
                          {"flat": flat, "ghost": ghost}, form=form, size=(64, 64))
        raw = subprocess.run(["ffmpeg", "-v", "error", "-c:v", "libvpx-vp9", "-i", ghost, "-frames:v", "1", "-vf",
                              "alphaextract,scale=64:64", "-pix_fmt", "gray", "-f", "rawvideo", "-"], check=True,
                             capture_output=True).stdout
        def around(i, value):
            return all(raw[i + j + 64 * k] == value for j in (-2, 0, 2) for k in (-2, 0, 2))
        inner = [i for i in range(64 * 64) if 2 <= i % 64 < 62 and 2 <= i // 64 < 62]
        clear, solid = [i for i in inner if around(i, 0)], [i for i in inner if raw[i] == 255]
        self.assertTrue(clear and solid)
        self.assertTrue(all(abs(got[0][0][i // 64][i % 64] - 150) <= 1 for i in clear))
        self.assertFalse(all(abs(got[0][0][i // 64][i % 64] - 150) <= 1 for i in solid))


def rgb_of(y, u, v):
    """BT.709, limited range, to 0..255."""
    y, u, v = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    return tuple(255 * min(1, max(0, c)) for c in (y + 1.5748 * v, y - 0.187324 * u - 0.468124 * v, y + 1.8556 * u))


def yuv_of(r, g, b):
    y = (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255
    return 16 + 219 * y, 128 + 224 * (b / 255 - y) / 1.8556, 128 + 224 * (r / 255 - y) / 1.5748


# From 0..1 below and above; the W3C's compositing specification and the usual handbooks of picture editors.
FORMULAS = {
    "multiply": lambda b, t: b * t, "screen": lambda b, t: b + t - b * t,
    "overlay": lambda b, t: 2 * b * t if b < 0.5 else 1 - 2 * (1 - b) * (1 - t),
    "add": lambda b, t: b + t, "subtract": lambda b, t: b - t, "average": lambda b, t: (b + t) / 2,
    "difference": lambda b, t: abs(b - t), "lighten": max, "darken": min, "normal": lambda b, t: t,
    "dodge": lambda b, t: 1 if t >= 1 else b / (1 - t), "burn": lambda b, t: 0 if t <= 0 else 1 - (1 - b) / t,
    "hardlight": lambda b, t: 2 * b * t if t < 0.5 else 1 - 2 * (1 - b) * (1 - t),
    "exclusion": lambda b, t: b + t - 2 * b * t, "linearlight": lambda b, t: b + 2 * t - 1,
    "divide": lambda b, t: b / t if t > 0 else 1, "negation": lambda b, t: 1 - abs(1 - b - t),
    "pinlight": lambda b, t: min(b, 2 * t) if t < 0.5 else max(b, 2 * t - 1),
}
EVERY_MODE = sorted({*FORMULAS, "and", "bleach", "extremity", "freeze", "geometric", "glow", "grainextract", "grainmerge",
                     "hardmix", "hardoverlay", "harmonic", "heat", "multiply128", "or", "phoenix", "reflect",
                     "softdifference", "softlight", "stain", "vividlight", "xor", "interpolate"})


def flat(y, u, v, frames=2, width=W, height=H):
    return Film([[[[y] * width] * height, [[u] * (width // 2)] * (height // 2), [[v] * (width // 2)] * (height // 2)]]
                * frames, width, height)


class Blend(Pictures):
    PAIRS = (((90, 110, 150), (170, 140, 120)), ((200, 120, 130), (60, 130, 125)), ((50, 128, 128), (210, 100, 140)))

    def colours(self, mode, opacity=1.0):
        """One frame a pair: what BLEND makes of flat colours."""
        below = Film([flat(*a).frames[0] for a, _ in self.PAIRS])
        above = Film([flat(*b).frames[0] for _, b in self.PAIRS])
        got = self.render([f"{{id: out, type: BLEND, config: {{mode: {mode}, opacity: {opacity}}}, inputs: [a, b]}}"],
                          {"a": below, "b": above})
        return [(f[0][5][5], f[1][3][3], f[2][3][3]) for f in got]

    def test_each_formula_is_applied_to_red_green_and_blue(self):
        for mode, formula in FORMULAS.items():
            with self.subTest(mode=mode):
                for got, (a, b) in zip(self.colours(mode), self.PAIRS):
                    mixed = [255 * min(1, max(0, formula(x / 255, y / 255))) for x, y in zip(rgb_of(*a), rgb_of(*b))]
                    for g, want in zip(got, yuv_of(*mixed)):
                        # Two roundings to 8 bits; steep formulas make more of them.
                        self.assertLessEqual(abs(g - want), 8 if mode in ("dodge", "burn", "divide") else 3, (a, b, got))

    def test_opacity_is_continuous_and_moves(self):
        values = [self.colours("multiply", o)[1][0] for o in (0.1, 0.5, 0.99)]
        self.assertEqual(len(set(values)), 3)
        a, b = noise(20, frames=11), noise(21, frames=11)
        got = self.render(["{id: out, type: BLEND, config: {mode: average, opacity: {keyframes: [{at: 0, value: 0}, "
                           "{at: 10f, value: 1}]}}, inputs: [a, b]}"], {"a": a, "b": b})
        for f in range(11):
            for p in range(3):
                want = [[x + ((x + y) / 2 - x) * f / 10 for x, y in zip(r, s)]
                        for r, s in zip(a.frames[f][p], b.frames[f][p])]
                self.assert_near(got[f][p], want, 2, f"plane {p} of frame {f}")

    def test_sizes_conform_and_a_shorter_picture_ends(self):
        a = noise(22, frames=8)
        b = noise(23, frames=5)
        got = self.render(["{id: tall, type: CROP, config: {width: 8, height: 16, x: 0, y: 0}, inputs: [b]}",
                           "{id: out, type: BLEND, config: {mode: darken, opacity: 1}, inputs: [a, tall]}"],
                          {"a": a, "b": b})
        self.assertEqual(len(got), 8)
        for f in range(8):
            for y in range(H):
                row = got[f][0][y]
                self.assertEqual(row[:12] + row[20:], a.frames[f][0][y][:12] + a.frames[f][0][y][20:])
        self.assertEqual(got[6:], a.frames[6:])

    def test_every_mode_gives_the_same_on_every_cpu_but_the_one_that_says_so(self):
        """One film, all modes one after the other, so that one run per level does."""
        nodes, parts = [], []
        for mode in EVERY_MODE:
            if mode == "interpolate":
                continue
            nodes.append(f"{{id: m-{mode}, type: BLEND, config: {{mode: {mode}, opacity: 0.7}}, inputs: [a, b]}}")
            parts.append(f"m-{mode}")
        nodes.append(f"{{id: out, type: SEQUENCE, inputs: [{', '.join(parts)}]}}")
        self.render(nodes, {"a": noise(24, frames=1), "b": noise(25, frames=1)}, levels=LEVELS)


class Others(Pictures):
    def test_flips_move_pixels_and_nothing_else(self):
        a = noise(30)
        for direction, turn in (("horizontal", lambda p: [r[::-1] for r in p]), ("vertical", lambda p: p[::-1]),
                                ("both", lambda p: [r[::-1] for r in p[::-1]])):
            got = self.render([f"{{id: out, type: FLIP, config: {{direction: {direction}}}, inputs: [a]}}"], {"a": a})
            self.assertEqual(got, [[turn(p) for p in frame] for frame in a.frames])

    def test_crops_are_cut_to_the_pixel_and_move(self):
        a = noise(31, frames=8)
        got = self.render(["{id: out, type: CROP, config: {width: 16, height: 8, x: {keyframes: [{at: 0, value: 0}, "
                           "{at: 7f, value: 14}]}, y: 3}, inputs: [a]}"], {"a": a}, size=(16, 8), levels=("0", "avx2"))
        for f in range(8):
            self.assertEqual(got[f][0], [row[2 * f:2 * f + 16] for row in a.frames[f][0][3:11]])
            for p in (1, 2):
                want = [[sum(a.frames[f][p][(2 * y + 3 + j) // 2][(2 * x + 2 * f + i) // 2] for i in (0, 1) for j in (0, 1))
                         / 4 for x in range(8)] for y in range(4)]
                self.assert_near(got[f][p], want, 1, f"plane {p} of frame {f}")
        got = self.render(["{id: out, type: CROP, config: {width: 8, height: 8}, inputs: [a]}"], {"a": a}, size=(8, 8))
        for f in range(8):
            self.assertEqual(got[f], [[row[12 >> s:20 >> s] for row in a.frames[f][p][4 >> s:12 >> s]]
                                      for p, s in ((0, 0), (1, 1), (2, 1))])

    def test_right_angles_are_exact_and_others_come_near(self):
        a = noise(32, frames=2)
        quarter = lambda p: [list(r) for r in zip(*p[::-1])]
        for angle, times, size in ((90, 1, (H, W)), (-90, 3, (H, W)), (180, 2, (W, H)), (720, 0, (W, H))):
            got = self.render([f"{{id: out, type: ROTATE, config: {{angle: {angle}}}, inputs: [a]}}"], {"a": a}, size=size)
            want = a.frames
            for _ in range(times):
                want = [[quarter(p) for p in frame] for frame in want]
            self.assertEqual(got, want, angle)
        got = self.render(["{id: out, type: ROTATE, config: {angle: {keyframes: [{at: 0, value: 0}, {at: 1f, value: 180}]}}, "
                           "inputs: [a]}"], {"a": a}, levels=("0",))
        self.assertEqual(got[0], a.frames[0])
        self.assertEqual(got[1], [[r[::-1] for r in p[::-1]] for p in a.frames[1]])
        got = self.render(["{id: out, type: ROTATE, config: {angle: 30, background: white}, inputs: [c]}"],
                          {"c": flat(100, 128, 128)}, size=(36, 30), levels=LEVELS)
        area = sum(row.count(100) for row in got[0][0])
        self.assertLess(abs(area - W * H), 80)
        self.assertEqual(got[0][0][0][0], 235)

    def test_the_vignette_follows_its_formula(self):
        got = self.render(["{id: out, type: VIGNETTE, config: {strength: 0.8, radius: 0.3}, inputs: [c]}"],
                          {"c": flat(180, 100, 150)}, levels=LEVELS)
        for y in range(H):
            for x in range(W):
                u, v = (x + 0.5) * 2 / W - 1, (y + 0.5) * 2 / H - 1
                t = min(1, max(0, (((u * u + v * v) / 2) ** 0.5 - 0.3) / 0.7))
                self.assertLessEqual(abs(got[0][0][y][x] - (180 + (16 - 180) * 0.8 * t * t * (3 - 2 * t))), 2, (x, y))

    def test_grain_is_the_same_everywhere_and_other_on_every_frame(self):
        frames = self.render(["{id: out, type: GRAIN, config: {strength: 20, seed: 7}, inputs: [c]}"],
                             {"c": flat(120, 100, 150, 30)}, levels=LEVELS)
        self.assertEqual(len({str(f[0]) for f in frames}), 30)
        for f in frames:
            self.assertTrue(all(v == 100 for row in f[1] for v in row) and all(v == 150 for row in f[2] for v in row))
            values = [v for row in f[0] for v in row]
            self.assertLess(abs(sum(values) / len(values) - 120), 4)
            self.assertGreater(len(set(values)), 8)
        part = self.render(["{id: g, type: GRAIN, config: {strength: 20, seed: 7}, inputs: [c]}",
                            "{id: out, type: SEGMENT, config: {start: 11f, duration: 5f}, inputs: [g]}"],
                           {"c": flat(120, 100, 150, 30)})
        self.assertEqual(part, frames[11:16])
        other = self.render(["{id: out, type: GRAIN, config: {strength: 20, seed: 8}, inputs: [c]}"],
                            {"c": flat(120, 100, 150, 2)})
        self.assertNotEqual(other[0], frames[0])

    def test_the_keys_colour_disappears_and_others_stay(self):
        green = tuple(round(c) for c in yuv_of(0, 255, 0))
        plane = lambda a, b, w, h: [[a if x < w // 2 else b for x in range(w)] for y in range(h)]
        two = Film([[plane(green[0], 120, W, H), plane(green[1], 110, W // 2, H // 2), plane(green[2], 160, W // 2, H // 2)]] * 2)
        got = self.render(["{id: k, type: CHROMA_KEY, inputs: [two]}",
                           "{id: out, type: LAYER, config: {inputs: [{}, {}]}, inputs: [c, k]}"],
                          {"c": flat(60, 90, 140), "two": two}, levels=LEVELS,
                          form=f"{{width: {W}, height: {H}, fps: 24, pixel_format: yuva420p}}")
        for y in range(H):
            self.assertEqual(got[0][0][y][:W // 2 - 3], [60] * (W // 2 - 3))
            self.assertEqual(got[0][0][y][W // 2 + 3:], [120] * (W // 2 - 3))

    def test_a_table_that_swaps_red_and_blue_does_so(self):
        cube = "LUT_3D_SIZE 2\n" + "".join(f"{b} {g} {r}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))
        table = self.write("swap.cube", cube)
        colour = yuv_of(200, 120, 40)
        got = self.render(["{id: out, type: LUT, inputs: {picture: c, lut: table}}"],
                          {"c": flat(*(round(c) for c in colour)), "table": table}, levels=LEVELS)
        for g, want in zip((got[0][0][5][5], got[0][1][3][3], got[0][2][3][3]), yuv_of(40, 120, 200)):
            self.assertLessEqual(abs(g - want), 2)


class Examples(Case):
    def check(self, name, frames, *inputs):
        """The recipe of the gallery at an eighth of its size: length and size. (That both ways of rendering give one film:
        test_strategies.py.)"""
        film = self.dir / f"{name}.mp4"
        run = ("run-recipe", SOURCE_ROOT / "examples" / f"{name}.yaml", *inputs, "--proxy", "1/8")
        one = self.json(*run, "-o", film)
        self.assertEqual(one["frames"], frames)
        size = ffprobe(film, "-select_streams", "v:0", "-show_entries", "stream=width,height")["streams"][0]
        self.assertEqual((size["width"], size["height"]), (160, 90))
        self.assertEqual(frame_count(film), frames)

    def test_the_gallery_renders(self):
        bunny, chaplin = media("big_buck_bunny_0_30.webm"), media("chaplin.mp4")
        self.check("picture-in-picture", 8 * 24, "-i", f"film={bunny}", "-i", f"camera={chaplin}")
        self.check("split-screen", 6 * 24, "-i", f"left={bunny}", "-i", f"right={chaplin}")
        green = self.lavfi("green.mkv", "-f", "lavfi", "-i", "color=lime:s=1280x720:r=24:d=5", "-f", "lavfi", "-i",
                           "testsrc=s=400x500:r=24:d=5", "-filter_complex", "overlay=440:150", "-c:v", "ffv1")
        self.check("green-screen", 5 * 24, "-i", f"shot={green}", "-i", f"place={chaplin}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
