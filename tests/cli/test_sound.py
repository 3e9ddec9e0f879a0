#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sound and time operations, sample by sample.

Inputs are made here, rendered without loss, and every sample of the result is compared with what arithmetic says. A sample of
the result is off by half a step of 24 bits at most, since that is how profile master stores it.
"""
import cmath
import math
import struct
import subprocess
import unittest

from support import SOURCE_ROOT, Case, audible_samples, frame_count

RATE = 8000
FPS = 25  # 320 samples a frame
STEP = 320
EXACT = 2 ** -23


def tone(frequency, seconds, amplitude=0.25, phase=0.0):
    return [amplitude * math.sin(2 * math.pi * frequency * n / RATE + phase) for n in range(round(seconds * RATE))]


def level(samples, frequency):
    """Amplitude of one frequency; whole periods."""
    total = sum(x * cmath.exp(-2j * math.pi * frequency * n / RATE) for n, x in enumerate(samples))
    return 2 * abs(total) / len(samples)


def db(x):
    return 10 ** (x / 20)


class Sound(Case):
    def wav(self, name, samples):
        """One channel, 32 bit floats."""
        data = struct.pack(f"<{len(samples)}f", *samples)
        head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3, 1, RATE,
                           RATE * 4, 4, 32, b"data", len(data))
        return self.write(name, head + data)

    def heard(self, path):
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0", "-f", "f64le", "-"],
                             check=True, capture_output=True).stdout
        return list(struct.unpack(f"<{len(raw) // 8}d", raw))

    def text(self, nodes, output):
        lines = "\n".join("    - " + node for node in nodes)
        return (f"name: sound\nformat: {{width: 64, height: 36, fps: {FPS}, sample_rate: {RATE}, channels: 1}}\n"
                f"dag:\n  nodes:\n{lines}\n"
                f"    - {{id: film, type: ENCODE, config: {{profile: master}}, inputs: [{output}]}}\n  output: film\n")

    def render(self, nodes, output, *strategy, **inputs):
        """Nodes behind SOURCEs of these names; the result's samples. Both strategies give one film."""
        sources = [f"{{id: {name}, type: SOURCE, config: {{input: true}}}}" for name in inputs]
        args = [arg for name, path in inputs.items() for arg in ("-i", f"{name}={path}")]
        recipe = self.write("sound.yaml", self.text(sources + nodes, output))
        film = self.dir / "film.mkv"
        auto = self.json("run-recipe", recipe, *args, "-o", film, env=self.env(ARTDAG_HOME=str(self.dir / "auto")))
        naive = self.json("run-recipe", recipe, *args, "--strategy", "naive",
                          env=self.env(ARTDAG_HOME=str(self.dir / "naive")))
        self.assertEqual(auto["output_cid"], naive["output_cid"])
        self.film = film
        return self.heard(film)

    def assert_samples(self, got, want, within=EXACT):
        self.assertEqual(len(got), len(want))
        worst = max(range(len(want)), key=lambda n: abs(got[n] - want[n]))
        self.assertLessEqual(abs(got[worst] - want[worst]), within,
                             f"sample {worst}: {got[worst]} instead of {want[worst]}")

    def wrong(self, says, node, **inputs):
        sources = [f"{{id: {name}, type: SOURCE, config: {{input: true}}}}" for name in inputs]
        args = [arg for name, path in inputs.items() for arg in ("-i", f"{name}={path}")]
        recipe = self.write("wrong.yaml", self.text([*sources, node], "out"))
        return self.fails(2, "run-recipe", recipe, *args, says=says)


class Volume(Sound):
    def test_a_constant_gain_multiplies_every_sample(self):
        a = tone(440, 1)
        path = self.wav("a.wav", a)
        got = self.render(["{id: out, type: VOLUME, config: {gain: 0.3}, inputs: [a]}"], "out", a=path)
        self.assert_samples(got, [0.3 * x for x in a])
        got = self.render(["{id: out, type: VOLUME, config: {gain_db: -20}, inputs: [a]}"], "out", a=path)
        self.assert_samples(got, [0.1 * x for x in a])

    def test_a_moving_gain_moves_from_sample_to_sample(self):
        a = tone(440, 2)
        keys = "{gain: {keyframes: [{at: 0.4, value: 0}, {at: 1.2, value: 2, ease: hold}, {at: 1.6, value: 0.5}]}}"
        got = self.render([f"{{id: out, type: VOLUME, config: {keys}, inputs: [a]}}"], "out", a=self.wav("a.wav", a))

        def gain(t):
            return 0 if t < 0.4 else (t - 0.4) / 0.8 * 2 if t < 1.2 else 2 if t < 1.6 else 0.5
        self.assert_samples(got, [gain(n / RATE) * x for n, x in enumerate(a)], 1e-6)

    def test_a_gain_in_decibels_moves_evenly_in_decibels(self):
        a = [0.5] * (2 * RATE)
        keys = "{gain_db: {keyframes: [{at: 0, value: -60}, {at: 2, value: 0}]}}"
        got = self.render([f"{{id: out, type: VOLUME, config: {keys}, inputs: [a]}}"], "out", a=self.wav("a.wav", a))
        for n in range(0, 2 * RATE, 111):
            self.assertAlmostEqual(20 * math.log10(got[n] / 0.5), -60 + 30 * n / RATE, delta=0.05)

    def test_one_gain_is_written_in_one_way(self):
        self.wrong("gain and gain_db", "{id: out, type: VOLUME, config: {gain: 1, gain_db: 2}, inputs: [a]}",
                   a=self.wav("a.wav", tone(440, 1)))


class Fade(Sound):
    SHAPES = {"linear": lambda x: x, "power": math.sqrt, "square": lambda x: x * x, "cubic": lambda x: x ** 3}

    def test_sound_fades_in_the_shape_that_is_asked_for(self):
        a = [0.5] * (2 * RATE)
        path = self.wav("a.wav", a)
        for shape, f in self.SHAPES.items():
            got = self.render([f"{{id: out, type: FADE, config: {{in: 0.4, out: 0.8, shape: {shape}}}, inputs: [a]}}"],
                              "out", a=path)
            rise, fall = 3200, 6400
            want = [0.5 * f(min(1, n / rise)) * f(min(1, (2 * RATE - n) / fall)) for n in range(2 * RATE)]
            self.assert_samples(got, want, 1e-6)

    def test_pictures_fade_to_black_step_by_step(self):
        film = self.lavfi("white.mkv", "-f", "lavfi", "-i", f"color=white:64x36:r={FPS}:d=2", "-c:v", "ffv1")
        recipe = self.write("fade.yaml", self.text(
            ["{id: a, type: SOURCE, config: {input: true}}",
             "{id: out, type: FADE, config: {in: 10f, out: 20f}, inputs: [a]}"], "out"))
        self.json("run-recipe", recipe, "-i", f"a={film}", "-o", self.dir / "film.mkv")
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", self.dir / "film.mkv", "-f", "rawvideo", "-pix_fmt", "gray",
                              "-vf", "extractplanes=y,crop=1:1", "-"],
                             check=True, capture_output=True).stdout
        self.assertEqual(len(raw), 50)
        for i, luma in enumerate(raw):
            factor = min(1, i / 10, (50 - i) / 20)
            self.assertAlmostEqual(luma, 16 + 219 * factor, delta=1.01, msg=f"frame {i}")


    def test_pictures_fade_in_shapes_and_from_colours(self):
        film = self.lavfi("grey.mkv", "-f", "lavfi", "-i", f"color=0x808080:64x36:r={FPS}:d=2,format=yuv420p", "-c:v",
                          "ffv1")
        for shape, f in self.SHAPES.items():
            recipe = self.write("fade.yaml", self.text(
                ["{id: a, type: SOURCE, config: {input: true}}",
                 f"{{id: out, type: FADE, config: {{in: 10f, out: 20f, color: white, shape: {shape}}}, inputs: [a]}}"],
                "out"))
            films = set()
            for way in (("--strategy", "auto"), ("--strategy", "naive"), ("--cpu-flags", "0")):
                films.add(self.json("run-recipe", recipe, "-i", f"a={film}", "-o", self.dir / "film.mkv", *way,
                                    env=self.env(ARTDAG_HOME=str(self.dir / (shape + way[1]))))["output_cid"])
            self.assertEqual(len(films), 1)
            raw = subprocess.run(["ffmpeg", "-v", "error", "-i", self.dir / "film.mkv", "-f", "rawvideo", "-vf",
                                  "extractplanes=y,crop=1:1", "-"], check=True, capture_output=True).stdout
            self.assertEqual(len(raw), 50)
            body = raw[20]
            for i, luma in enumerate(raw):
                factor = f(min(1, i / 10, (50 - i) / 20))
                self.assertAlmostEqual(luma, 235 + (body - 235) * factor, delta=1.6, msg=f"{shape}, frame {i}")
        self.wrong("do not overlap", "{id: out, type: FADE, config: {in: 30f, out: 30f, color: red}, inputs: [a]}", a=film)


class Mix(Sound):
    def test_three_sounds_are_added_up_at_once(self):
        a, b, c = tone(200, 2), tone(300, 1), tone(500, 1.52)
        config = "{normalize: false, gains: [1, 0.5], inputs: [{}, {offset: 0.48, fade_in: 0.2}, {gain_db: -6}]}"
        got = self.render([f"{{id: out, type: AUDIO_MIX, config: {config}, inputs: [a, b, c]}}"], "out",
                          a=self.wav("a.wav", a), b=self.wav("b.wav", b), c=self.wav("c.wav", c))
        want = list(a)
        for n, x in enumerate(b):
            want[n + 3840] += 0.5 * x * min(1, n / 1600)
        for n, x in enumerate(c):
            want[n] += db(-6) * x
        self.assert_samples(got, want, 3 * EXACT)

    def test_normalising_divides_by_the_sum_once_and_for_all(self):
        """Not pairwise, and no input gets louder because another one ends."""
        a, b, c = [0.9] * (2 * RATE), [0.9] * RATE, [0.9] * (RATE // 2)
        got = self.render(["{id: out, type: AUDIO_MIX, inputs: [a, b, c]}"], "out",
                          a=self.wav("a.wav", a), b=self.wav("b.wav", b), c=self.wav("c.wav", c))
        want = [0.3 * (1 + (n < RATE) + (n < RATE // 2)) for n in range(2 * RATE)]
        self.assert_samples(got, want, 2 * EXACT)
        self.assertLessEqual(max(map(abs, got)), 0.9 + EXACT)

    def test_gains_that_add_up_to_less_than_one_are_left_alone(self):
        a = [0.5] * RATE
        got = self.render(["{id: out, type: AUDIO_MIX, config: {gains: [0.25, 0.5]}, inputs: [a, a]}"], "out",
                          a=self.wav("a.wav", a))
        self.assert_samples(got, [0.375] * RATE)

    def test_the_order_of_inputs_decides_whose_gain_it_is(self):
        a, b = [0.5] * RATE, [-0.25] * RATE
        paths = {"a": self.wav("a.wav", a), "b": self.wav("b.wav", b)}
        node = "{{id: out, type: AUDIO_MIX, config: {{gains: [1, 0], normalize: false}}, inputs: [{}]}}"
        self.assert_samples(self.render([node.format("a, b")], "out", **paths), a)
        self.assert_samples(self.render([node.format("b, a")], "out", **paths), b)

    def test_music_goes_down_under_a_voice_and_comes_back(self):
        voice = [0.0] * RATE + [0.5] * RATE + [0.0] * (3 * RATE)
        music = [0.25] * (5 * RATE)
        duck = "{under: 0, by_db: 20, threshold_db: -30, attack: 0.1, hold: 0.5, release: 1}"
        got = self.render([f"{{id: out, type: AUDIO_MIX, config: {{normalize: false, duck: {duck}}}, inputs: [v, m]}}"],
                          "out", v=self.wav("v.wav", voice), m=self.wav("m.wav", music))
        depth, hold, want = 0.0, 0, []
        for v, m in zip(voice, music):
            hold = RATE // 2 if abs(v) > db(-30) else max(hold - 1, 0)
            depth = min(1, depth + 1 / 800) if hold else max(0, depth - 1 / RATE)
            want.append(v + m * (1 - 0.9 * depth))
        self.assert_samples(got, want, 1e-6)
        self.assertAlmostEqual(got[RATE + 1000], 0.5 + 0.025, delta=1e-6)
        self.assertAlmostEqual(got[-1], 0.25, delta=1e-6)

    def test_what_is_shorter_than_the_picture_leaves_it_alone(self):
        film = self.lavfi("clip.mkv", "-f", "lavfi", "-i", f"testsrc=64x36:r={FPS}:d=2", "-f", "lavfi", "-i",
                          f"sine=300:r={RATE}:d=2", "-c:v", "ffv1", "-c:a", "pcm_s16le")
        self.render(["{id: out, type: AUDIO_MIX, inputs: [m, clip]}"], "out", m=self.wav("m.wav", tone(440, 1)),
                    clip=film)
        self.assertEqual(frame_count(self.film), 2 * FPS)

    def test_mistakes_are_told(self):
        paths = {"a": self.wav("a.wav", tone(440, 1))}
        for config, says in (("{gains: [1, 1, 1]}", "3 entries for 2 inputs"),
                             ("{duck: {under: 2}}", "there is no input 2"),
                             ("{duck: {under: 1, input: 1}}", "make room for itself"),
                             ("{gains: [1], inputs: [{gain: 2}]}", "already"),
                             ("{inputs: [{fade_in: 2}]}", "longer than input 0"),
                             ("{duration: first, inputs: [{}, {offset: 1}]}", "when the mix has ended")):
            self.wrong(says, f"{{id: out, type: AUDIO_MIX, config: {config}, inputs: [a, a]}}", **paths)


class Equaliser(Sound):
    def test_bands_change_what_they_are_for(self):
        """Gains at one frequency each, against the textbook's transfer function."""
        bands = ("{type: peak, frequency: 1000, gain_db: 12, q: 2}", "{type: low_shelf, frequency: 500, gain_db: -9}",
                 "{type: high_pass, frequency: 1000}", "{type: low_pass, frequency: 1000}")
        expected = {"peak": {1000: 12.0, 125: 0.04}, "low_shelf": {62.5: -9.0, 500: -4.5, 3500: 0.0},
                    "high_pass": {1000: -3.01, 3500: 0.0}, "low_pass": {1000: -3.01, 125: 0.0}}
        for band in bands:
            kind = band.split("type: ")[1].split(",")[0]
            for frequency, gain in expected[kind].items():
                a = tone(frequency, 1.6, 0.1)
                got = self.render([f"{{id: out, type: EQ, config: {{bands: [{band}]}}, inputs: [a]}}"], "out",
                                  a=self.wav("a.wav", a))
                self.assertEqual(len(got), len(a))
                settled = slice(RATE // 2, RATE // 2 + RATE)
                change = 20 * math.log10(level(got[settled], frequency) / level(a[settled], frequency))
                self.assertAlmostEqual(change, gain, delta=0.12, msg=f"{band} at {frequency}")

    def test_an_impulse_answers_as_the_difference_equation_says(self):
        a = [0.0] * 100 + [0.5] + [0.0] * (RATE - 101)
        got = self.render(["{id: out, type: EQ, config: {bands: [{frequency: 700, gain_db: 6, q: 1.5}]}, inputs: [a]}"],
                          "out", a=self.wav("a.wav", a))
        w, amp = 2 * math.pi * 700 / RATE, 10 ** (6 / 40)
        alpha = math.sin(w) / 3
        b = [1 + alpha * amp, -2 * math.cos(w), 1 - alpha * amp]
        d = [1 + alpha / amp, -2 * math.cos(w), 1 - alpha / amp]
        want = []
        for n in range(RATE):
            y = sum(b[k] * a[n - k] for k in range(3) if n >= k)
            y -= sum(d[k] * want[n - k] for k in (1, 2) if n >= k)
            want.append(y / d[0])
        self.assert_samples(got, want, 2 * EXACT)


class Loudness(Sound):
    def measured(self, path):
        """By ffmpeg's own meter."""
        out = subprocess.run(["ffmpeg", "-hide_banner", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"],
                             check=True, capture_output=True, text=True).stderr
        summary = out[out.rindex("Summary"):]
        return (float(summary.split("I:")[1].split()[0]), float(summary.split("Peak:")[1].split()[0]))

    def test_a_film_comes_out_at_the_target_with_one_gain(self):
        a = tone(997, 3, 0.02) + tone(500, 3, 0.05)
        got = self.render(["{id: out, type: LOUDNESS, config: {target: -20}, inputs: [a]}"], "out",
                          a=self.wav("a.wav", a))
        self.assertAlmostEqual(self.measured(self.film)[0], -20, delta=0.15)
        gains = [y / x for x, y in zip(a, got) if abs(x) > 0.01]
        self.assertLess(max(gains) - min(gains), 1e-4)

    def test_peaks_stay_below_the_ceiling(self):
        a = tone(997, 4, 0.01)
        a[20000] = 0.5
        self.render(["{id: out, type: LOUDNESS, config: {target: -14, true_peak: -3}, inputs: [a]}"], "out",
                    a=self.wav("a.wav", a))
        loudness, peak = self.measured(self.film)
        self.assertLess(loudness, -25)
        self.assertAlmostEqual(peak, -3, delta=0.3)

    def test_silence_stays_silent(self):
        a = [0.0] * RATE
        self.assert_samples(self.render(["{id: out, type: LOUDNESS, inputs: [a]}"], "out", a=self.wav("a.wav", a)), a, 0)

    def test_a_mix_is_measured_as_it_is_mixed(self):
        a, b = tone(997, 3, 0.3), tone(500, 3, 0.02)
        self.render(["{id: quiet, type: LOUDNESS, config: {target: -30}, inputs: [a]}",
                     "{id: out, type: AUDIO_MIX, config: {loudness: {target: -16}}, inputs: [b, quiet, a]}"], "out",
                    a=self.wav("a.wav", a), b=self.wav("b.wav", b))
        self.assertAlmostEqual(self.measured(self.film)[0], -16, delta=0.15)


class Limiter(Sound):
    def test_nothing_is_above_the_limit_and_nothing_is_late(self):
        a = tone(440, 1, 0.1) + tone(440, 1, 0.9) + tone(440, 1, 0.1)
        got = self.render(["{id: out, type: LIMITER, config: {limit_db: -6}, inputs: [a]}"], "out",
                          a=self.wav("a.wav", a))
        self.assertEqual(len(got), len(a))
        self.assertLessEqual(max(map(abs, got)), db(-6) + 1e-6)
        self.assertLess(max(abs(x - y) for x, y in zip(a[:7000], got[:7000])), 1e-6)


class Time(Sound):
    def test_shifted_pitch_is_the_speed(self):
        a = tone(400, 2)
        for speed, frequency in (("2", 800), ("1/2", 200), ("5/4", 500)):
            got = self.render([f"{{id: out, type: SPEED, config: {{speed: {speed}, pitch: shift}}, inputs: [a]}}"],
                              "out", a=self.wav("a.wav", a))
            self.assertEqual(len(got), round(2 * RATE * 400 / frequency))
            middle = got[2000:2000 + RATE // 2]
            self.assertAlmostEqual(level(middle, frequency), 0.25, delta=0.003)

    def test_kept_pitch_is_kept(self):
        a = tone(400, 2)
        for speed, seconds in (("2", 1), ("2/3", 3)):
            got = self.render([f"{{id: out, type: SPEED, config: {{speed: {speed}}}, inputs: [a]}}"], "out",
                              a=self.wav("a.wav", a))
            self.assertEqual(len(got), seconds * RATE)
            self.assertGreater(level(got[1000:1000 + RATE // 2], 400), 0.2)

    def test_a_pause_is_silent_and_nothing_is_lost(self):
        a = tone(440, 1)
        got = self.render(["{id: out, type: FREEZE, config: {at: 9f, duration: 1}, inputs: [a]}"], "out",
                          a=self.wav("a.wav", a))
        self.assert_samples(got, a[:10 * STEP] + [0.0] * RATE + a[10 * STEP:])

    def test_joints_of_changed_clips_are_exact_to_the_sample(self):
        """Five clips through sound nodes, cut together: each begins at its frame's sample, none drifts."""
        a = [0.5 if n % STEP == 0 else 0.0 for n in range(4 * RATE)]
        nodes, names, want = [], [], []
        for i, (start, frames) in enumerate(((3, 7), (50, 1), (11, 13), (80, 2), (0, 5))):
            nodes.append(f"{{id: s{i}, type: SEGMENT, config: {{start: {start}f, duration: {frames}f}}, inputs: [a]}}")
            nodes.append(f"{{id: v{i}, type: VOLUME, config: {{gain: {(i + 1) / 10}}}, inputs: [s{i}]}}")
            names.append(f"v{i}")
            want += [(i + 1) / 10 * x for x in a[start * STEP:(start + frames) * STEP]]
        nodes.append(f"{{id: out, type: SEQUENCE, inputs: [{', '.join(names)}]}}")
        self.assert_samples(self.render(nodes, "out", a=self.wav("a.wav", a)), want)


class Several(Sound):
    """Nodes that come to several steps."""

    def pictures(self, path):
        """Brightness of each frame's first pixel."""
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-vf",
                              "extractplanes=y,crop=1:1", "-"], check=True, capture_output=True).stdout
        return list(raw)

    def counted(self, frames):
        """A film whose frame k has the brightness 20 + k, and sound that counts samples."""
        samples = [n / (frames * STEP) for n in range(frames * STEP)]
        sound = self.wav("count.wav", samples)
        film = self.lavfi("count.mkv", "-f", "lavfi", "-i",
                          f"color=black:64x36:r={FPS}:d={frames / FPS},format=yuv420p,geq=lum='20+N':cb=128:cr=128",
                          "-i", str(sound), "-c:v", "ffv1", "-c:a", "pcm_f32le", "-color_range", "tv",
                          "-colorspace", "bt709")
        return film, samples

    def test_backwards_is_exactly_backwards(self):
        """120 frames: three pieces."""
        film, samples = self.counted(120)
        got = self.render(["{id: out, type: REVERSE, inputs: [a]}"], "out", a=film)
        self.assert_samples(got, samples[::-1])
        self.assertEqual(self.pictures(self.film), [20 + k for k in range(120)][::-1])
        plan = self.json("plan", self.dir / "sound.yaml", "-i", f"a={film}")
        held = [step["frames"] for step in plan["steps"]
                if step["node_type"] == "REVERSE" and step["config"].get("part") == "picture"]
        self.assertEqual(sorted(held), [24, 48, 48])

    def test_sound_and_short_films_go_backwards_at_once(self):
        film, samples = self.counted(120)
        got = self.render(["{id: s, type: SEGMENT, config: {start: 7f, duration: 30f}, inputs: [a]}",
                           "{id: out, type: REVERSE, inputs: [s]}"], "out", a=film)
        self.assert_samples(got, samples[7 * STEP:37 * STEP][::-1])
        self.assertEqual(self.pictures(self.film), [20 + k for k in range(7, 37)][::-1])

    def test_a_loop_is_its_input_so_many_times(self):
        film, samples = self.counted(10)
        got = self.render(["{id: out, type: LOOP, config: {times: 3}, inputs: [a]}"], "out", a=film)
        self.assert_samples(got, 3 * samples)
        self.assertEqual(self.pictures(self.film), 3 * [20 + k for k in range(10)])

    def test_a_loop_can_be_as_long_as_one_wants(self):
        film, samples = self.counted(10)
        got = self.render(["{id: out, type: LOOP, config: {duration: 27f}, inputs: [a]}"], "out", a=film)
        self.assert_samples(got, (3 * samples)[:27 * STEP])
        self.assertEqual(self.pictures(self.film), (3 * [20 + k for k in range(10)])[:27])

    def test_rounds_of_a_loop_can_dissolve(self):
        film, samples = self.counted(10)
        got = self.render(["{id: out, type: LOOP, config: {times: 2, crossfade: 4f}, inputs: [a]}"], "out", a=film)
        cross = 4 * STEP
        want = samples[:-cross]
        # straight lines, of which the falling one ends with its last sample
        want += [samples[n - cross] * (cross - 1 - n) / cross + samples[n] * n / cross for n in range(cross)]
        self.assert_samples(got, want + samples[cross:], 1e-6)
        self.assertEqual(len(self.pictures(self.film)), 16)

    def test_a_boomerang_goes_there_and_back(self):
        film, _ = self.counted(10)
        self.render(["{id: back, type: REVERSE, inputs: [a]}", "{id: both, type: SEQUENCE, inputs: [a, back]}",
                     "{id: out, type: LOOP, config: {times: 2}, inputs: [both]}"], "out", a=film)
        there = [20 + k for k in range(10)]
        self.assertEqual(self.pictures(self.film), 2 * (there + there[::-1]))

    def test_silence_is_trimmed_where_it_is_asked_for(self):
        loud = tone(440, 1, 0.5)
        samples = [0.0] * (2 * RATE) + loud + [0.0] * RATE + loud + [0.0] * RATE
        path = self.wav("a.wav", samples)
        for config, want in (("{}", samples[2 * RATE:5 * RATE]),
                             ("{where: start}", samples[2 * RATE:]),
                             ("{where: end, keep: 5f}", samples[:5 * RATE + 5 * STEP]),
                             ("{where: all}", 2 * loud)):
            got = self.render([f"{{id: out, type: TRIM_SILENCE, config: {config}, inputs: [a]}}"], "out", a=path)
            # the analysis looks at windows of some milliseconds: a frame or two at each edge
            self.assertAlmostEqual(len(got), len(want), delta=8 * STEP, msg=config)
            power = sum(x * x for x in got)
            self.assertAlmostEqual(power, sum(x * x for x in want), delta=0.001 * power)

    def test_mistakes_are_told(self):
        paths = {"a": self.wav("a.wav", [0.0] * RATE)}
        for node, says in (("type: LOOP, inputs: [a]", "takes times or duration"),
                           ("type: LOOP, config: {times: 2, duration: 5}, inputs: [a]", "not both"),
                           ("type: LOOP, config: {times: 2, crossfade: 1}, inputs: [a]", "as long as the input"),
                           ("type: TRIM_SILENCE, inputs: [a]", "silent throughout")):
            self.wrong(says, f"{{id: out, {node}}}", **paths)
        recipe = self.write("eq.yaml", self.text(
            ["{id: a, type: SOURCE, config: {input: true}}", "{id: v, type: VOLUME, inputs: [a]}",
             "{id: out, type: TRIM_SILENCE, inputs: [v]}"], "out"))
        done = self.artdag("run-recipe", recipe, "-i", f"a={paths['a']}")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("what VOLUME makes cannot be analysed", done.stderr)


class Machines(Sound):
    def test_no_sample_depends_on_the_instructions_that_libm_finds(self):
        """glibc has other versions of exp, log, sin and pow for CPUs with FMA. Threads and libav's own SIMD: sound is
        rendered without; tests/media/test_exact.c."""
        a, b = tone(440, 2, 0.7), tone(300, 3, 0.2)
        nodes = ["{id: a, type: SOURCE, config: {input: true}}", "{id: b, type: SOURCE, config: {input: true}}",
                 "{id: eq, type: EQ, inputs: [a], config: {bands: [{frequency: 300, gain_db: 7}, "
                 "{type: high_shelf, frequency: 2000, gain_db: -5}, {type: low_pass, frequency: 3000}]}}",
                 "{id: vol, type: VOLUME, inputs: [b], config: {gain_db: {keyframes: [{at: 0, value: -20}, "
                 "{at: 1, value: 3, ease: ease}, {at: 2, value: -6}]}}}",
                 "{id: mix, type: AUDIO_MIX, inputs: [eq, vol], config: {duck: {attack: 0.05}, "
                 "inputs: [{fade_in: 1, shape: power}, {offset: 0.4}], loudness: {target: -18}}}",
                 "{id: slow, type: SPEED, inputs: [mix], config: {speed: 24/25, pitch: shift}}",
                 "{id: kept, type: SPEED, inputs: [slow], config: {speed: 1.3}}",
                 "{id: out, type: LIMITER, inputs: [kept], config: {gain_db: 9}}"]
        recipe = self.write("all.yaml", self.text(nodes, "out"))
        args = ("run-recipe", recipe, "-i", "a=" + str(self.wav("a.wav", a)), "-i", "b=" + str(self.wav("b.wav", b)))
        films = set()
        for number, off in enumerate(("", "-FMA,-FMA4", "-AVX2,-FMA,-FMA4,-AVX")):
            env = self.env(ARTDAG_HOME=str(self.dir / f"home{number}"),
                           GLIBC_TUNABLES=f"glibc.cpu.hwcaps={off}" if off else "")
            films.add(self.json(*args, env=env)["output_cid"])
        self.assertEqual(len(films), 1)


    def test_no_picture_depends_on_simd(self):
        clip = self.lavfi("clip.mkv", "-f", "lavfi", "-i", f"testsrc2=64x36:r={FPS}:d=4", "-c:v", "ffv1")
        nodes = ["{id: a, type: SOURCE, config: {input: true}}",
                 "{id: slow, type: SPEED, inputs: [a], config: {speed: 3/4}}",
                 "{id: back, type: REVERSE, inputs: [slow]}",
                 "{id: stop, type: FREEZE, inputs: [back], config: {at: 20f, duration: 9f, mode: hold}}",
                 "{id: loop, type: LOOP, inputs: [stop], config: {times: 2, crossfade: 11f}}",
                 "{id: out, type: FADE, inputs: [loop], config: {in: 13f, out: 17f}}"]
        recipe = self.write("all.yaml", self.text(nodes, "out"))
        films = set()
        for level in ("0", "sse2", "ssse3", "avx2"):
            films.add(self.json("run-recipe", recipe, "-i", f"a={clip}", "--cpu-flags", level,
                                env=self.env(ARTDAG_HOME=str(self.dir / level)))["output_cid"])
        self.assertEqual(len(films), 1)


class Examples(Case):
    """Examples of this kind of edit, small."""

    def render(self, name, frames, *args):
        text = (SOURCE_ROOT / "examples" / name).read_text().replace(
            "\ndag:", f"\nformat: {{width: 64, height: 36, fps: {FPS}, sample_rate: 44100}}\ndag:", 1)
        film = self.dir / "film.mp4"
        clip = self.lavfi("clip.mkv", "-f", "lavfi", "-i", f"testsrc2=64x36:r={FPS}:d=6", "-f", "lavfi", "-i",
                          "sine=330:r=44100:d=6", "-c:v", "ffv1", "-c:a", "pcm_s16le")
        self.run_recipe(text, "-i", f"video={clip}", *args, "-o", film)
        self.assertEqual(frame_count(film), frames)
        self.assertEqual(audible_samples(film), frames * 44100 // FPS)
        return film

    def test_a_voice_over_is_as_long_as_the_film_and_as_loud_as_the_web(self):
        for name, seconds in (("voice", 3), ("music", 2.5)):
            self.lavfi(f"{name}.wav", "-f", "lavfi", "-i", f"sine={900 if name == 'voice' else 200}:r=44100:d={seconds}")
        film = self.render("voice-over.yaml", 6 * FPS, "-i", f"voice={self.dir / 'voice.wav'}", "-i",
                           f"music={self.dir / 'music.wav'}")
        out = subprocess.run(["ffmpeg", "-hide_banner", "-i", str(film), "-af", "ebur128", "-f", "null", "-"],
                             check=True, capture_output=True, text=True).stderr
        self.assertAlmostEqual(float(out[out.rindex("I:"):].split()[1]), -16, delta=0.6)

    def test_slow_motion_has_its_length(self):
        """2 s, 1 s four times slower, a second still, 3 s."""
        self.render("slow-motion.yaml", (2 + 4 + 1 + 3) * FPS)

    def test_a_boomerang_has_its_length(self):
        """25 frames in 17, there and back three times."""
        self.render("boomerang.yaml", 3 * 2 * 17)


if __name__ == "__main__":
    unittest.main(verbosity=2)
