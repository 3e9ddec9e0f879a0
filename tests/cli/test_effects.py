#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""EFFECT: effects of the program and of one's own."""
import subprocess
import unittest

from support import Case, media

W, H = 64, 36

GHOST = """\
effect: ghost
description: A pale double, with a trail.
range: {before: 4}
params:
  amount: {type: number, default: 0.5, min: 0, max: 1}
  shift: {type: int, default: 12, min: -500, max: 500, unit: pixels}
video:
  - {filter: split, options: {outputs: 2}, as: both}
  - {filter: tmix, in: [both.1], options: {frames: 5}}
  - {filter: chromashift, options: {cbh: $shift, crh: $shift}, as: double}
  - {filter: blend, in: [both.0, double], options: {all_mode: screen, all_opacity: $amount}}
"""

# Every filter that an effect may use, one after the other.
ALL = """\
effect: all
colors: COLORS
range: whole
video:
  - {filter: split, options: {outputs: 2}, as: s}
  - {filter: boxblur, in: [s.1], options: {luma_radius: 3, luma_power: 1, chroma_radius: 1}}
  - {filter: unsharp, options: {luma_amount: 0.7}}
  - {filter: hflip, as: t}
  - {filter: blend, in: [s.0, t], options: {all_mode: MODE, all_opacity: 0.6}}
  - {filter: "null"}
"""
CHAINS = (
    "chromashift: {cbh: 3, crv: -2}", "colorchannelmixer: {rr: 0.4, rg: 0.5, bb: 0.8}", "crop: {w: 32, h: 20, x: 4, y: 6}",
    "dilation: {coordinates: 255}", "edgedetect: {low: 0.1, high: 0.3}", "erosion: {}", "geq: {lum_expr: '(X+Y)/2+N', cb_expr: 128, cr_expr: X}",
    "hue: {h: 40, s: 1.3}", "lutrgb: {r: maxval-val}", "lutyuv: {y: val/2+60}", "negate: {}", "pixelize: {w: 8, h: 4}",
    "rgbashift: {rh: 3, bv: -3}", "scale: {w: 20, h: 12}", "swapuv: {}", "transpose: {dir: clock}", "vflip: {}", "tmix: {frames: 3}",
    "lagfun: {decay: 0.9}", "unsharp: {luma_amount: -0.5}", "boxblur: {luma_radius: 5, luma_power: 2}")
MODES = ("screen", "multiply", "overlay", "difference", "addition", "darken", "softlight")


class Effects(Case):
    def register(self, text, name="effect.yaml"):
        return self.ok("effect", "register", self.write(name, text)).stdout.split()[0]

    def recipe(self, config, cid=None, frames=12, more="", inputs="a", pixel_format="yuv420p"):
        registry = f"registry: {{effects: {{mine: {{cid: {cid}}}}}}}\n" if cid else ""
        return (f"name: e\n{registry}format: {{width: {W}, height: {H}, fps: 24, pixel_format: {pixel_format}}}\ndag:\n  nodes:\n"
                "    - {id: v, type: SOURCE, config: {input: true}}\n"
                f"    - {{id: a, type: SEGMENT, config: {{start: 1, duration: {frames}f}}, inputs: [v]}}\n{more}"
                f"    - {{id: e, type: EFFECT, config: {{{config}}}, inputs: [{inputs}]}}\n"
                "    - {id: out, type: ENCODE, config: {profile: master}, inputs: [e]}\n  output: out\n")

    def run_it(self, text, *args, name="film", **env):
        film = self.dir / f"{name}.mkv"
        return film, self.json("run-recipe", self.write(f"{name}.yaml", text), "-i", "v=" + media("chaplin.mp4"), "-o", film, *args,
                               env=self.env(**env))

    def planes(self, film):
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", film, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"], check=True,
                             capture_output=True).stdout
        size = W * H * 3 // 2
        return [raw[i:i + size] for i in range(0, len(raw), size)]

    def test_identity_changes_nothing(self):
        film, _ = self.run_it(self.recipe("effect: identity"))
        plain = self.recipe("effect: identity").replace("inputs: [e]", "inputs: [a]")
        source, _ = self.run_it(plain, name="plain")
        self.assertEqual(self.planes(film), self.planes(source))
        silent, _ = self.run_it(self.recipe(""), name="unnamed")
        self.assertEqual(self.planes(silent), self.planes(film))

    def test_invert_and_mirror_are_what_they_say(self):
        source = self.planes(self.run_it(self.recipe("effect: identity"))[0])
        inverted = self.planes(self.run_it(self.recipe("effect: invert"), name="invert")[0])
        mirrored = self.planes(self.run_it(self.recipe("effect: mirror"), name="mirror")[0])
        for a, b, m in zip(source, inverted, mirrored):
            self.assertEqual(list(b[:W * H]), [min(255, max(0, 251 - v)) for v in a[:W * H]])
            self.assertEqual(list(b[W * H:]), [min(255, max(0, 256 - v)) for v in a[W * H:]])
            for y in range(H):
                row = a[y * W:(y + 1) * W]
                self.assertEqual(m[y * W:(y + 1) * W], row[:W // 2] + row[:W // 2][::-1])

    def test_trails_are_the_mean_of_four_frames(self):
        source = self.planes(self.run_it(self.recipe("effect: identity"))[0])
        trails = self.planes(self.run_it(self.recipe("effect: trails"), name="trails")[0])
        for n in range(len(source)):
            window = [source[max(0, n - k)] for k in range(4)]
            for i in range(0, W * H, 37):
                mean = sum(f[i] for f in window) / 4
                self.assertLessEqual(abs(trails[n][i] - mean), 1, f"frame {n}")

    def test_an_effect_of_ones_own_is_named_by_its_cid(self):
        cid = self.register(GHOST)
        self.assertEqual(cid, self.ok("add", "--only-hash", self.dir / "effect.yaml").stdout.split()[0])
        _, one = self.run_it(self.recipe("effect: mine, params: {amount: 0.7}", cid))
        _, two = self.run_it(self.recipe("effect: mine, params: {amount: 0.2}", cid), name="two")
        self.assertNotEqual(one["output_cid"], two["output_cid"])
        renamed = self.register(GHOST.replace("effect: ghost", "effect: spectre").replace("amount", "much"), "other.yaml")
        _, same = self.run_it(self.recipe("effect: mine, params: {much: 0.7}", renamed), name="same")
        self.assertEqual(same["output_cid"], one["output_cid"])
        self.assertEqual(same["steps"]["executed"], 0)

    def test_a_film_is_divided_through_effects_that_look_back(self):
        cid = self.register(GHOST)
        more = "    - {id: b, type: SEGMENT, config: {start: 3, duration: 100f}, inputs: [v]}\n    - {id: c, type: SEQUENCE, inputs: [a, b]}\n"
        text = self.recipe("effect: mine", cid, more=more, inputs="c")
        runs = []
        for strategy in ("auto", "naive"):
            home = str(self.dir / strategy)
            self.ok("effect", "register", self.dir / "effect.yaml", env=self.env(ARTDAG_HOME=home))
            runs.append(self.run_it(text, "--strategy", strategy, name=strategy, ARTDAG_HOME=home))
        self.assertEqual(runs[0][1]["output_cid"], runs[1][1]["output_cid"])
        self.assertGreater(runs[0][1]["units"]["executed"], 2)

    def test_all_filters_give_the_same_bytes_on_every_cpu(self):
        texts = [ALL.replace("COLORS", "working").replace("MODE", m) for m in MODES] + [
            f"effect: one\nrange: whole\ncolors: {'rgb' if 'rgb' in c or 'mixer' in c else 'working'}\n"
            f"video:\n  - {{filter: {c.split(':')[0]}, options: {c.split(':', 1)[1]}}}\n" for c in CHAINS]
        cids = [self.register(t, f"e{i}.yaml") for i, t in enumerate(texts)]
        registry = ", ".join(f"e{i}: {{cid: {c}}}" for i, c in enumerate(cids))
        nodes = "".join(f"    - {{id: n{i}, type: EFFECT, config: {{effect: e{i}}}, inputs: [a]}}\n" for i in range(len(cids)))
        names = ", ".join(f"n{i}" for i in range(len(cids)))
        text = self.recipe("", frames=3, more=nodes + f"    - {{id: all, type: SEQUENCE, inputs: [{names}]}}\n", inputs="all")
        text = text.replace("name: e\n", f"name: e\nregistry: {{effects: {{{registry}}}}}\n", 1)
        store = f"fs:{self.home}/.local/share/artdag/store"
        films = {flags: self.run_it(text, name=f"f{flags}", ARTDAG_CPU_FLAGS=flags, ARTDAG_STORE=store,
                                    ARTDAG_STATE=f"sqlite:{self.dir}/{flags}.db")[1]["output_cid"] for flags in ("0", "sse2", "avx2")}
        self.assertEqual(len(set(films.values())), 1, films)

    def test_mistakes_in_a_definition_have_a_place(self):
        for change, says in ((("tmix", "movie"), ("cannot use filter \"movie\"", ":9:")),
                             (("{before: 4}", "{before: 3}"), ("before: 4", ":3:")),
                             (("both.1", "bothh.1"), ("no input and no filter above", ":9:")),
                             (("$shift, crh", "$shit, crh"), ("no parameter", ":10:")),
                             (("type: number", "type: float"), ("type is one of", ":5:")),
                             (("range:", "limits:"), ("no key \"limits\"",)),
                             (("min: 0, max: 1", "min: a"), ("min is not a number",))):
            path = self.write("bad.yaml", GHOST.replace(*change, 1))
            run = self.artdag("effect", "check", path)
            self.assertEqual(run.returncode, 2, run.stderr)
            for words in says:
                self.assertIn(words, run.stderr)

    def test_options_cannot_leave_their_shape(self):
        for option in ("{filter: lutyuv, options: {y: 'random(1)'}}", "{filter: scale, options: {w: '${n}'}}",
                       "{filter: boxblur, options: {luma_radius: a/b}}", "{filter: hue, options: {b: 1}}"):
            text = f"effect: x\nparams: {{n: {{type: enum, values: ['1:flags=0'], default: '1:flags=0'}}}}\nvideo:\n  - {option}\n"
            cid = self.register(text)
            run = self.artdag("run-recipe", self.write("x.yaml", self.recipe("effect: mine", cid)), "-i", "v=" + media("chaplin.mp4"))
            self.assertEqual(run.returncode, 2, run.stderr)
            self.assertIn("the effect cannot be built", run.stderr)

    def test_slips_in_a_recipe_are_told_with_their_place(self):
        cid = self.register(GHOST)
        for config, says in (("effect: glwo", "did you mean glow"), ("effect: mine, params: {amont: 1}", "amount"),
                             ("effect: mine, params: {amount: 2}", "amount"), ("effect: mine, params: 3", "map")):
            run = self.artdag("run-recipe", self.write("x.yaml", self.recipe(config, cid)), "-i", "v=" + media("chaplin.mp4"))
            self.assertEqual(run.returncode, 2, run.stderr)
            self.assertIn(says, run.stderr)
            self.assertIn("x.yaml:8", run.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
