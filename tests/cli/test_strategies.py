#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Law 4: execution strategy is invisible. Random recipes, rendered fused and step by step, give one film; so do the
examples.

ARTDAG_TEST_SEED chooses the recipes, ARTDAG_TEST_RECIPES how many. Many are rendered by one run, as its outputs: the two
strategies have a home each, and a recipe that fails is told with its own seed.
"""
import os
import random
import re
import unittest

from support import SOURCE_ROOT, Case, frame_count, media

SEED = int(os.environ.get("ARTDAG_TEST_SEED", "20261122"))
COUNT = int(os.environ.get("ARTDAG_TEST_RECIPES", "120"))
BATCH = 25
SOURCES = ("{id: bunny, type: SOURCE, config: {input: true}}", "{id: chaplin, type: SOURCE, config: {input: true}}")
TRANSITIONS = ("cut", "cut", "crossfade", "crossfade", "fade", "wipeleft", "slideup", "circleopen")
EFFECTS = {
    "saturation": lambda r: round(r.uniform(0, 3), 2),
    "contrast": lambda r: round(r.uniform(0.5, 1.5), 2),
    "brightness": lambda r: round(r.uniform(-0.3, 0.3), 2),
    "hue": lambda r: r.randrange(-180, 180),
    "blur": lambda r: r.randrange(0, 4),
    "sharpen": lambda r: round(r.uniform(0, 1), 2),
    "speed": lambda r: r.choice((0.5, 0.75, 1.25, 2)),
}


class Recipe:
    """A random recipe: a tree of sequences and effects over clips, some of them used twice."""

    def __init__(self, seed):
        self.seed = seed
        self.random = random.Random(seed)
        self.nodes = []
        self.made = []  # (id, frames at most)
        self.silent = set()  # ids of what has no sound
        made = self.sequence(self.random.randrange(0, 3))
        self.output = self.add("ENCODE", "{preset: ultrafast}", [made[0]], made[1])

    def add(self, node_type, config, inputs, frames):
        name = f"s{self.seed}_n{len(self.nodes)}"
        self.nodes.append(f"{{id: {name}, type: {node_type}, config: {config}, inputs: [{', '.join(inputs)}]}}")
        self.made.append((name, frames))
        if all(i in self.silent for i in inputs if i != "words"):
            self.silent.add(name)
        return name, frames

    def made_up(self):
        """A picture out of nothing."""
        frames = self.random.randrange(9, 25)
        kind = self.random.choice(("testsrc", "gradient, direction: diagonal", "bars", "color, color: teal",
                                   "counter, font_size: 9, show: frames", "text, text: made, font_size: 12"))
        return self.add("GENERATE", f"{{kind: {kind}, duration: {frames}f}}", [], frames)

    def view(self, below):
        """A view that moves over a picture."""
        name, frames = below
        zoom = self.random.choice(("1.3", "{keyframes: [{at: 0, value: 1, ease: ease}, {at: 12f, value: 1.6}]}"))
        return self.add("PAN_ZOOM", f"{{zoom: {zoom}, x: 0.3}}", [name], frames)

    def named(self, below):
        """An effect of the program; one of them looks back."""
        name, frames = below
        kind = self.random.choice(("glow, params: {radius: 2}", "sepia", "trails", "mirror", "pixelate, params: {size: 4}", "identity"))
        return self.add("EFFECT", f"{{effect: {kind}}}", [name], frames)

    def title(self, below):
        """Text over a picture: standing, coming and going, moving, counting."""
        name, frames = below
        kind = self.random.choice((
            "text, text: over, font_size: 10", "counter, font_size: 8, anchor: top_left",
            "text, text: fades, font_size: 10, fade_in: 3f, fade_out: 2f",
            "text, text: moves, font_size: 10, x: {keyframes: [{at: 1f, value: 3.5, ease: ease}, {at: 9f, value: 40}]}"))
        return self.add("GENERATE", f"{{kind: {kind}}}", [name], frames)

    def clip(self):
        if self.random.random() < 0.15:
            return self.made_up()
        start, frames = self.random.randrange(0, 150), self.random.randrange(9, 25)
        source = self.random.choice(("bunny", "chaplin"))
        return self.add("SEGMENT", f"{{start: {start}f, duration: {frames}f}}", [source], frames)

    def effect(self, below):
        name, frames = below
        if self.random.random() < 0.3:
            w, h = self.random.choice(((64, 36), (48, 48), (80, 36)))
            mode = self.random.choice(("fit", "pad", "fill", "stretch"))
            return self.add("RESIZE", f"{{width: {w}, height: {h}, mode: {mode}}}", [name], frames)
        if self.random.random() < 0.3:
            return self.time(below)
        if self.random.random() < 0.2 and frames >= 6:
            return self.title(below)
        if self.random.random() < 0.1:
            return self.still(below)
        if self.random.random() < 0.1:
            return self.captions(below)
        if self.random.random() < 0.4:
            return self.sound(below)
        if self.random.random() < 0.15:
            return self.named(below)
        if self.random.random() < 0.1:
            return self.view(below)
        keys = self.random.sample(sorted(EFFECTS), self.random.randrange(1, 3))
        values = {key: EFFECTS[key](self.random) for key in keys}
        text = ", ".join(f"{k}: {v}" for k, v in values.items())
        frames = max(1, int(frames / values.get("speed", 1)))
        return self.add("TRANSFORM", f"{{effects: {{{text}}}}}", [name], frames)

    def still(self, below):
        """One frame, which stands."""
        name, frames = below
        config = self.random.choice(("{mode: best}", f"{{at: {self.random.randrange(max(1, frames // 2))}f}}"))
        one = self.add("THUMBNAIL", config, [name], 1)[0]
        self.silent.add(one)
        held = self.random.randrange(8, 20)
        return self.add("FREEZE", f"{{duration: {held}f}}", [one], held + 1)

    def captions(self, below):
        name, frames = below
        config = self.random.choice(("{font_size: 8}", "{font_size: 6, position: top, box: black, delay: 2f}"))
        return self.add("CAPTIONS", config, [name, "words"], frames)

    def sound(self, below):
        """What changes the sound alone, or fades both."""
        name, frames = below
        kind = self.random.choice(("VOLUME", "VOLUME", "FADE", "EQ", "LOUDNESS", "LIMITER", "AUDIO_MIX"))
        if name in self.silent:
            kind = "FADE"
        config, inputs = "{}", [name]
        if kind == "VOLUME":
            key, low, high = self.random.choice((("gain", 0, 2), ("gain_db", -30, 6)))
            keys = ", ".join(f"{{at: {at}f, value: {self.random.uniform(low, high):.3f}, ease: "
                             f"{self.random.choice(('linear', 'ease', 'hold'))}}}"
                             for at in sorted(self.random.sample(range(frames + 1), min(3, frames))))
            config = f"{{{key}: {{keyframes: [{keys}]}}}}"
        elif kind == "FADE":
            config = (f"{{in: {self.random.randrange(frames // 2 + 1)}f, out: {self.random.randrange(frames // 2 + 1)}f, "
                      f"shape: {self.random.choice(('linear', 'power', 'square'))}, "
                      f"color: {self.random.choice(('black', 'white'))}}}")
        elif kind == "EQ":
            config = (f"{{bands: [{{frequency: {self.random.randrange(50, 5000)}, gain_db: {self.random.randrange(-12, 12)}}}, "
                      f"{{type: high_pass, frequency: 80}}]}}")
        elif kind == "AUDIO_MIX":
            other = self.clip()[0]
            while other in self.silent:
                other = self.clip()[0]
            inputs.append(other)
            config = self.random.choice(("{duration: first}", "{duration: first, duck: {under: 1}}",
                                         "{duration: first, gains: [1, 0.5], normalize: false}",
                                         "{duration: first, inputs: [{fade_in: 3f}, {gain_db: -6}], loudness: {}}"))
        return self.add(kind, config, inputs, frames)

    def time(self, below):
        """Slower, faster, standing still."""
        name, frames = below
        if self.random.random() < 0.3:
            if self.random.random() < 0.5:
                return self.add("REVERSE", "{}", [name], frames)
            length = self.random.randrange(1, 2 * frames)
            return self.add("LOOP", f"{{duration: {length}f}}", [name], length)
        if self.random.random() < 0.5:
            p, q = self.random.choice(((1, 2), (2, 1), (25, 24), (2, 3)))
            pitch = self.random.choice(("keep", "shift"))
            return self.add("SPEED", f"{{speed: {p}/{q}, pitch: {pitch}}}", [name], max(1, frames * q // p))
        at, duration = self.random.randrange(0, frames), self.random.randrange(1, 10)
        mode = self.random.choice(("pause", "hold"))
        longer = frames + duration if mode == "pause" else max(frames, at + duration)
        return self.add("FREEZE", f"{{at: {at}f, duration: {duration}f, mode: {mode}}}", [name], longer)

    def curve(self, values, frames):
        """A value, or keyframes on some of the frames."""
        if self.random.random() < 0.4:
            return str(values())
        at = sorted(self.random.sample(range(max(2, frames)), min(2, max(2, frames))))
        eases = [self.random.choice(("linear", "ease", "hold")) for _ in at]
        keys = ", ".join(f"{{at: {f}f, value: {values()}, ease: {ease}}}" for f, ease in zip(at, eases))
        return f"{{keyframes: [{keys}]}}"

    def layer(self, below):
        """Other clips over a clip."""
        r = self.random
        inputs, frames, layers = [below[0]], below[1], ["{}"]
        for _ in range(r.randrange(1, 3)):
            name, length = self.clip()
            start = r.randrange(0, max(1, frames - 4))
            entry = {"start": f"{start}f", "position": f"[{self.curve(lambda: r.randrange(-20, 60), frames)}, "
                     f"{self.curve(lambda: r.randrange(-10, 30), frames)}]"}
            if r.random() < 0.6:
                entry["opacity"] = self.curve(lambda: round(r.random(), 2), frames)
            if r.random() < 0.5:
                entry["scale"] = self.curve(lambda: round(r.uniform(0.2, 1.2), 2), frames)
            if r.random() < 0.3:
                entry["rotation"] = self.curve(lambda: r.randrange(-90, 91), frames)
            if r.random() < 0.3:
                entry["crop"] = "{left: " + self.curve(lambda: r.randrange(0, 30), frames) + "}"
            layers.append("{" + ", ".join(f"{k}: {v}" for k, v in entry.items()) + "}")
            inputs.append(name)
        return self.add("LAYER", f"{{duration: {frames}f, inputs: [{', '.join(layers)}]}}", inputs, frames)

    def picture(self, below):
        """One of the picture operations."""
        r, (name, frames) = self.random, below
        kind = r.choice(("BLEND", "CROP", "FLIP", "ROTATE", "VIGNETTE", "GRAIN"))
        if kind == "BLEND":
            mode = r.choice(("multiply", "screen", "overlay", "average", "difference", "softlight"))
            other = self.clip()[0]
            config = f"{{mode: {mode}, opacity: {self.curve(lambda: round(r.random(), 2), frames)}}}"
            return self.add(kind, config, [name, other], frames)
        configs = {
            "CROP": lambda: f"{{width: 40, height: 20, x: {self.curve(lambda: r.randrange(0, 24), frames)}}}",
            "FLIP": lambda: "{direction: " + r.choice(("horizontal", "vertical", "both")) + "}",
            "ROTATE": lambda: f"{{angle: {self.curve(lambda: r.randrange(-180, 180), frames)}, expand: false}}",
            "VIGNETTE": lambda: f"{{strength: {self.curve(lambda: round(r.random(), 2), frames)}}}",
            "GRAIN": lambda: f"{{strength: {r.randrange(0, 30)}, size: {r.randrange(1, 4)}, seed: {r.randrange(99)}}}"}
        if kind == "CROP":  # whatever size comes
            name = self.add("RESIZE", "{width: 64, height: 36, mode: pad}", [name], frames)[0]
        return self.add(kind, configs[kind](), [name], frames)

    def piece(self, below):
        name, frames = below
        start = self.random.randrange(0, max(1, frames // 3))
        length = max(8, frames - start - self.random.randrange(0, max(1, frames // 3)))
        return self.add("SEGMENT", f"{{start: {start}f, duration: {min(length, frames - start)}f}}", [name],
                        min(length, frames - start))

    def expanded(self, below):
        """What the planner makes into other steps: a switch, a dealt-out row of pieces, a light that follows the sound."""
        name, frames = below
        kind = self.random.choice(("SWITCH", "SEGMENT_AT", "bind"))
        if kind == "bind":
            return self.add("TRANSFORM", "{effects: {brightness: {bind: {signal: bunny.energy, range: [-0.2, 0.3], "
                            f"steps: 3, offset: {self.random.randrange(100)}f, hold: 2f}}}}}}}}", [name], frames)
        other, length = self.clip()
        shortest = min(frames, length)
        times = sorted(self.random.sample(range(1, max(4, shortest)), 3))
        cuts = ", ".join(f"{t}f" for t in times)
        if kind == "SWITCH":
            return self.add("SWITCH", f"{{times: [{cuts}], distribute: random}}", [name, other], shortest)
        self.add("SEGMENT_AT", f"{{times: [{cuts}], ends: false}}", [name, other], shortest)
        row = self.made.pop()[0]  # a list, which nothing else can take
        return self.add("SEQUENCE", "{}", [row], times[2] - times[0])

    def part(self, depth):
        if self.made and self.random.random() < 0.15:
            return self.random.choice([m for m in self.made if m[1] >= 8] or [self.clip()])
        below = self.sequence(depth - 1) if depth and self.random.random() < 0.5 else self.clip()
        while self.random.random() < 0.5:
            below = self.random.choice((self.effect, self.effect, self.effect, self.layer, self.picture, self.picture, self.piece,
                                         self.expanded))(below)
        return below

    def sequence(self, depth):
        parts = [self.part(depth) for _ in range(self.random.randrange(1, 5))]
        kind = self.random.choice(TRANSITIONS)
        shortest = min(frames for _, frames in parts)
        duration = self.random.randrange(1, max(2, shortest // 2))
        size = self.random.choice(("first", "last", "largest"))
        overlap = 0 if kind in ("cut", "fade") else duration
        frames = sum(f for _, f in parts) - overlap * (len(parts) - 1)
        return self.add("SEQUENCE", f"{{transition: {{type: {kind}, duration: {duration}f}}, target_size: {size}}}",
                        [name for name, _ in parts], frames)

    def text(self):
        return text_of([self])


def text_of(recipes):
    """One recipe, with the output of each as an output."""
    made = [node for recipe in recipes for node in recipe.nodes]
    words = ("{id: words, type: SOURCE, config: {input: true}}",) if any("CAPTIONS" in node for node in made) else ()
    nodes = "\n".join("    - " + node for node in (*SOURCES, *words, *made))
    outputs = ", ".join(f"s{recipe.seed}: {recipe.output[0]}" for recipe in recipes)
    return (f"name: random\nformat: {{width: 64, height: 36, fps: 24, sample_rate: 44100}}\noutputs: {{{outputs}}}\n"
            f"dag:\n  nodes:\n{nodes}\n")


class Strategies(Case):
    def test_sound_read_from_a_track_is_the_sound_read_from_the_file(self):
        """Many cuts out of one file: its sound is decoded once and kept, and every cut is read from there."""
        def recipe(cuts):
            nodes = [f"    - {{id: c{i}, type: SEGMENT, inputs: [v], config: {{start: {at}f, duration: {3 + i % 3}f}}}}"
                     for i, at in enumerate(cuts)]
            return ("name: cuts\nformat: {width: 64, height: 36, fps: 30000/1001, sample_rate: 44100}\ndag:\n  nodes:\n"
                    "    - {id: v, type: SOURCE, config: {input: true}}\n" + "\n".join(nodes) +
                    f"\n    - {{id: film, type: SEQUENCE, inputs: [{', '.join(f'c{i}' for i in range(len(cuts)))}], "
                    "config: {transition: {type: crossfade, duration: 1f}}}\n  output: film\n")

        cuts = [(i * 47) % 60 + 100 for i in range(24)]
        source = ("-i", f"v={media('chaplin.mp4')}")
        films = {}
        for strategy in ("auto", "naive"):
            home = self.env(ARTDAG_HOME=str(self.dir / strategy))
            films[strategy] = self.run_recipe(recipe(cuts), *source, "--strategy", strategy, env=home)
        self.assertEqual(films["auto"]["output_cid"], films["naive"]["output_cid"])
        auto = self.env(ARTDAG_HOME=str(self.dir / "auto"))

        def tracks(text):
            plan = self.run_recipe(text, *source, "--dry-run")
            return sum(unit["node_type"] == "SOURCE" for unit in plan["plan_units"])

        self.assertEqual(tracks(recipe(cuts)), 1)
        self.assertEqual(tracks(recipe(cuts[:2])), 0)  # a few seconds are not worth it
        silent = recipe(cuts).replace("  output: film", "    - {id: mix, type: MUX, inputs: {video: film, audio: v}}\n"
                                      "  output: mix")
        self.assertEqual(tracks(silent), 0)  # nobody hears the cuts
        # One cut more: its pictures, the sound, the film. Not the track.
        longer = self.run_recipe(recipe(cuts + [140]), *source, env=auto)
        self.assertLessEqual(longer["units"]["executed"], 5)

    def test_what_step_by_step_left_is_used_and_finds_the_same_spans(self):
        recipe = ("name: soft\nformat: {width: 64, height: 36, fps: 24}\ndag:\n  nodes:\n"
                  "    - {id: v, type: SOURCE, config: {input: true}}\n"
                  "    - {id: a, type: SEGMENT, inputs: [v], config: {start: 10f, duration: 12f}}\n"
                  "    - {id: soft, type: TRANSFORM, inputs: [a], config: {effects: {blur: 4, sharpen: 1}}}\n"
                  "    - {id: b, type: SEGMENT, inputs: [v], config: {start: 40f, duration: LENGTHf}}\n"
                  "    - {id: film, type: SEQUENCE, inputs: [soft, b]}\n  output: film\n")
        source = ("-i", f"v={media('chaplin.mp4')}")
        fresh = self.env(ARTDAG_HOME=str(self.dir / "fresh"))
        want = self.run_recipe(recipe.replace("LENGTH", "9"), *source, env=fresh)
        # An intermediate is there: the film is made of it, and is the same.
        self.run_recipe(recipe.replace("LENGTH", "8"), *source, "--strategy", "naive")
        got = self.run_recipe(recipe.replace("LENGTH", "9"), *source)
        self.assertEqual(got["output_cid"], want["output_cid"])
        # The span that does not change was rendered from the file; that it could be read now makes no other of it.
        self.run_recipe(recipe.replace("LENGTH", "6"), *source, "--strategy", "naive", env=fresh)
        edited = self.run_recipe(recipe.replace("LENGTH", "7"), *source, env=fresh)
        self.assertEqual(edited["units"]["executed"], 3)  # the changed span, the sound, the join

    def both(self, path, inputs, *args):
        """What the two strategies make of a recipe, each in a home of its own that lasts."""
        return (self.json("run-recipe", path, *inputs, *args, env=self.env(ARTDAG_HOME=str(self.dir / "auto"))),
                self.json("run-recipe", path, *inputs, "--strategy", "naive",
                          env=self.env(ARTDAG_HOME=str(self.dir / "naive"))))

    def small(self, name, film, *how):
        """Eight seconds of a film, made small: decoding large pictures would take nearly all of the time."""
        return self.lavfi(name, "-i", media(film), "-t", "8", *how)

    def test_fused_and_step_by_step_give_one_film(self):
        bunny = self.small("bunny.mp4", "big_buck_bunny_0_30.webm", "-s", "96x54", "-c:v", "libx264", "-g", "24",
                           "-bf", "2", "-pix_fmt", "yuv420p", "-ar", "48000", "-c:a", "aac")
        chaplin = self.small("chaplin.mkv", "chaplin.mp4", "-s", "80x60", "-r", "25", "-c:v", "libx264", "-g", "60",
                             "-pix_fmt", "yuv420p", "-ar", "44100", "-c:a", "flac")
        words = self.write("words.srt", "1\n00:00:00,100 --> 00:00:00,400\nWords\n\n2\n"
                           "00:00:00,300 --> 00:00:01,000\nMore\n")
        inputs = ("-i", f"bunny={bunny}", "-i", f"chaplin={chaplin}")
        for first in range(SEED, SEED + COUNT, BATCH):
            recipes = [Recipe(seed) for seed in range(first, min(first + BATCH, SEED + COUNT))]
            folder = self.dir / f"films{first}"
            with self.subTest(seeds=f"{first} to {recipes[-1].seed}"):
                path = self.write(f"{first}.yaml", text_of(recipes))
                spoken = ("-i", f"words={words}") if any("CAPTIONS" in r.text() for r in recipes) else ()
                auto, naive = self.both(path, inputs + spoken, "-o", f"{folder}/")
                for recipe in recipes:
                    with self.subTest(seed=recipe.seed, recipe=recipe.text()):
                        self.assertEqual(*(made["outputs"][f"s{recipe.seed}"]["cid"] for made in (auto, naive)))
                name, output = sorted(auto["outputs"].items())[0]
                self.assertEqual(frame_count(folder / f"{name}.mp4"), output["frames"])

    def test_every_example_is_one_film_in_both_ways(self):
        """With the inputs that the command at its head names, at an eighth of its size."""
        film = self.small("film.mp4", "big_buck_bunny_0_30.webm", "-t", "14", "-s", "384x216", "-c:v",
                          "libx264", "-g", "24", "-pix_fmt", "yuv420p", "-c:a", "aac")
        song = self.lavfi("song.wav", "-i", media("rain.mp3"), "-t", "16")
        for path in sorted((SOURCE_ROOT / "examples").glob("*.yaml")):
            with self.subTest(path.name):
                command = re.search(r"^# +artdag run-recipe (.*(?:\\\\\n#.*)*)", path.read_text(), re.MULTILINE)
                self.assertTrue(command, "its head shows no command")
                given = re.findall(r"-i (\w+)=(\S+)", command.group(1))
                inputs = [arg for name, value in given for arg in
                          ("-i", f"{name}={self.sample(value, film, song)}")]
                auto, naive = self.both(path, ("--proxy", "1/8", *inputs))
                self.assertEqual({n: o["cid"] for n, o in auto["outputs"].items()},
                                 {n: o["cid"] for n, o in naive["outputs"].items()})

    def sample(self, value, film, song):
        """Something to give where an example says what kind of thing it wants."""
        if value.endswith((".jpg", ".png")):
            return self.lavfi(value.rsplit("/", 1)[-1], "-f", "lavfi", "-i", "testsrc=s=96x64:d=1", "-frames:v", "1")
        if "." in value and not value.endswith((".mp4", ".mp3", ".wav", ".mkv", ".webm", ".mov")):
            path = SOURCE_ROOT / "examples" / value.rsplit("/", 1)[-1]
            self.assertTrue(path.exists(), f"no sample for {value}")
            return path
        return song if re.search("(?i)song|music|sound|voice|speech|mp3|wav", value) else film


if __name__ == "__main__":
    print(f"ARTDAG_TEST_SEED={SEED}")
    unittest.main(verbosity=2)
