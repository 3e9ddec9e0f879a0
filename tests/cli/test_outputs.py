#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Recipes with several outputs, and every kind of file that comes out."""
import json
import subprocess
import unittest

from support import SOURCE_ROOT, Case, audible_samples, ffprobe, frame_count, media, sample_count

BUNNY = "big_buck_bunny_0_30.webm"
CHAPLIN = "chaplin.mp4"

NODES = """\
name: several
format: {width: 64, height: 36, fps: 25, sample_rate: 44100}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true}}
    - {id: a, type: SEGMENT, config: {start: 0, duration: 7f}, inputs: [video]}
    - {id: b, type: SEGMENT, config: {start: 2, duration: 9f}, inputs: [video]}
    - {id: edit, type: SEQUENCE, inputs: [a, b]}
    - {id: square, type: RESIZE, config: {width: 36, height: 36, mode: fill}, inputs: [edit]}
    - {id: master, type: ENCODE, config: {profile: master}, inputs: [edit]}
    - {id: sound, type: ENCODE, config: {profile: audio}, inputs: [edit]}
"""
SEVERAL = "outputs: {wide: edit, square: square, master: master, sound: sound}\n" + NODES


class Several(Case):
    def input(self):
        return ("-i", f"video={media(BUNNY)}")

    def test_each_output_is_the_film_that_it_is_alone(self):
        together = self.run_recipe(SEVERAL, *self.input())["outputs"]
        self.assertEqual(list(together), ["wide", "square", "master", "sound"])
        for name, node in (("wide", "edit"), ("square", "square"), ("master", "master"), ("sound", "sound")):
            alone = self.run_recipe(NODES + f"  output: {node}\n", *self.input(),
                                    env=self.env(ARTDAG_HOME=str(self.dir / name)))
            self.assertEqual(alone["output_cid"], together[name]["cid"], name)
            self.assertEqual(list(alone["outputs"]), [node])

    def test_a_folder_takes_all_and_a_second_run_renders_nothing(self):
        result = self.run_recipe(SEVERAL, *self.input(), "-o", f"{self.dir}/films/")
        films = self.dir / "films"
        self.assertEqual(sorted(f.name for f in films.iterdir()),
                         ["master.mkv", "sound.m4a", "square.mp4", "wide.mp4"])
        for name in ("master.mkv", "square.mp4", "wide.mp4"):
            self.assertEqual(frame_count(films / name), 16, name)
        size = ffprobe(str(films / "square.mp4"), "-show_entries", "stream=width,height")["streams"][0]
        self.assertEqual((size["width"], size["height"]), (36, 36))
        self.assertEqual(result["output_cid"], result["outputs"]["wide"]["cid"])
        again = self.run_recipe(SEVERAL, *self.input())
        self.assertEqual((again["steps"]["executed"], again["units"]["executed"]), (0, 0))
        self.assertEqual({n: o["cid"] for n, o in again["outputs"].items()},
                         {n: o["cid"] for n, o in result["outputs"].items()})
        self.assertEqual(again["run_id"], result["run_id"])
        pins = self.ok("pin", "ls").stdout
        for name, output in result["outputs"].items():
            self.assertIn(f"artdag/run/{result['run_id']}/{name}", pins)
            self.assertIn(output["cid"], pins)
        self.assert_store_clean()

    def test_a_change_of_one_output_leaves_the_others_alone(self):
        first = self.run_recipe(SEVERAL, *self.input())["outputs"]
        changed = SEVERAL.replace("{width: 36, height: 36", "{width: 32, height: 36")
        second = self.run_recipe(changed, *self.input())
        self.assertEqual([n for n in first if first[n]["cid"] != second["outputs"][n]["cid"]], ["square"])
        # RESIZE and its ENCODE: two spans and a join, the sound is known.
        self.assertEqual((second["steps"]["executed"], second["units"]["executed"]), (2, 3))

    def test_outputs_are_written_where_they_are_told_to_and_picked_by_name(self):
        result = self.run_recipe(SEVERAL, *self.input(), "--only", "sound", "--only", "square", "-o",
                                 f"square={self.dir}/s.mp4")
        self.assertEqual(list(result["outputs"]), ["square", "sound"])
        self.assertEqual(result["outputs"]["square"]["path"], f"{self.dir}/s.mp4")
        self.assertNotIn("path", result["outputs"]["sound"])
        self.assertEqual(frame_count(self.dir / "s.mp4"), 16)
        one = self.run_recipe(SEVERAL, *self.input(), "--only", "wide", "-o", self.dir / "w.mp4")
        self.assertEqual(one["outputs"]["wide"]["path"], f"{self.dir}/w.mp4")
        lines = self.ok("run-recipe", self.dir / "recipe.yaml", *self.input(), "-q").stdout.splitlines()
        self.assertEqual([line.split()[1] for line in lines], ["wide", "square", "master", "sound"])

    def test_wrong_wishes_are_told_before_anything_is_rendered(self):
        path = self.write("recipe.yaml", SEVERAL)
        run = ("run-recipe", path, *self.input())
        self.fails(2, *run, "-o", self.dir / "film.mp4", says="there are 4 outputs")
        self.fails(2, *run, "-o", f"squaer={self.dir}/a.mp4", says="did you mean square?")
        self.fails(2, *run, "-o", "wide=", says="NAME=FILE")
        self.fails(2, *run, "-o", f"wide={self.dir}/a.mp4", "-o", f"wide={self.dir}/b.mp4", says="written twice")
        self.fails(4, *run, "--only", "nothing", says="no output called")
        self.fails(2, *run, "--only", "wide", "--target", "edit", says="choose one")
        self.assertEqual(json.loads(self.ok("runs", "--json").stdout), [])

    def test_a_plan_of_several_outputs_is_executed_elsewhere(self):
        path = self.write("recipe.yaml", SEVERAL)
        plan = self.dir / "plan.json"
        self.ok("plan", path, *self.input(), "-o", plan)
        outputs = json.loads(plan.read_text())["outputs"]
        self.assertEqual([(o["name"], o["index"], o["media_type"]) for o in outputs],
                         [("wide", 0, "video"), ("square", 1, "video"), ("master", 2, "video"), ("sound", 3, "audio")])
        done = self.json("execute", plan, "-o", f"{self.dir}/out/", "-o", f"sound={self.dir}/music.m4a")
        self.assertEqual(done["outputs"]["sound"]["path"], f"{self.dir}/music.m4a")
        self.assertEqual([o["cache_id"] for o in outputs], [o["step_id"] for o in done["outputs"].values()])
        self.assertTrue((self.dir / "out/wide.mp4").exists() and (self.dir / "music.m4a").exists())

    def test_naive_gives_the_same_outputs(self):
        auto = self.run_recipe(SEVERAL, *self.input())
        naive = self.run_recipe(SEVERAL, *self.input(), "--strategy", "naive",
                                env=self.env(ARTDAG_HOME=str(self.dir / "naive")))
        self.assertEqual({n: o["cid"] for n, o in auto["outputs"].items()},
                         {n: o["cid"] for n, o in naive["outputs"].items()})


KINDS = """\
name: kinds
format: {width: 96, height: 54, fps: 25, sample_rate: 44100}
outputs: {webm: webm, prores: prores, gif: gif, flac: flac, wav: wav, png: png, jpeg: jpeg, audio: audio, web: web}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true}}
    - {id: a, type: SEGMENT, config: {start: 0, duration: 8f}, inputs: [video]}
    - {id: b, type: SEGMENT, config: {start: 2, duration: 9f}, inputs: [video]}
    - {id: one, type: SEGMENT, config: {start: 2, duration: 1f}, inputs: [video]}
    - {id: edit, type: SEQUENCE, inputs: [a, b]}
    - {id: webm, type: ENCODE, config: {profile: webm}, inputs: [edit]}
    - {id: prores, type: ENCODE, config: {profile: prores}, inputs: [edit]}
    - {id: gif, type: ENCODE, config: {profile: gif, width: 48}, inputs: [edit]}
    - {id: flac, type: ENCODE, config: {profile: flac}, inputs: [edit]}
    - {id: wav, type: ENCODE, config: {profile: wav}, inputs: [edit]}
    - {id: png, type: ENCODE, config: {profile: png}, inputs: [one]}
    - {id: jpeg, type: ENCODE, config: {profile: jpeg}, inputs: [one]}
    - {id: audio, type: ENCODE, config: {profile: audio}, inputs: [edit]}
    - {id: web, type: ENCODE, config: {height: 36}, inputs: [edit]}
"""


def pixels(path, pixel_format="rgb24", frame=0):
    """One decoded frame as bytes."""
    return subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-vf",
                           f"select=eq(n\\,{frame}),scale=flags=accurate_rnd+full_chroma_int:in_color_matrix=auto",
                           "-frames:v", "1", "-pix_fmt", pixel_format, "-f", "rawvideo", "-"], check=True,
                          capture_output=True).stdout


def difference(a, b):
    """Mean absolute difference of two equal sizes of bytes."""
    assert len(a) == len(b) > 0, (len(a), len(b))
    return sum(abs(x - y) for x, y in zip(a, b)) / len(a)


class Kinds(Case):
    def render(self, *args, env=None):
        return self.run_recipe(KINDS, "-i", f"video={media(BUNNY)}", *args, env=env)

    def test_every_kind_has_exactly_the_frames_and_samples(self):
        result = self.render("-o", f"{self.dir}/out/")
        out = self.dir / "out"
        self.assertEqual(sorted(f.name for f in out.iterdir()),
                         ["audio.m4a", "flac.flac", "gif.gif", "jpeg.jpg", "png.png", "prores.mov", "wav.wav",
                          "web.mp4", "webm.webm"])
        for name, frames, size in (("webm.webm", 17, (96, 54)), ("prores.mov", 17, (96, 54)), ("gif.gif", 17, (48, 28)),
                                   ("web.mp4", 17, (64, 36)), ("png.png", 1, (96, 54)), ("jpeg.jpg", 1, (96, 54))):
            stream = ffprobe(str(out / name), "-select_streams", "v", "-show_entries",
                             "stream=width,height")["streams"][0]
            self.assertEqual((stream["width"], stream["height"]), size, name)
            self.assertEqual(frame_count(out / name), frames, name)
            self.assertEqual(result["outputs"][name.split(".")[0]]["frames"], frames)
        self.assertEqual(sample_count(str(out / "webm.webm"), 48000), 17 * 48000 // 25)
        for name in ("prores.mov", "flac.flac", "wav.wav"):
            self.assertEqual(sample_count(str(out / name), 44100), 17 * 44100 // 25, name)
        for name in ("audio.m4a", "web.mp4"):
            self.assertEqual(audible_samples(str(out / name)), 17 * 44100 // 25, name)
        for name, kind in (("webm", "video/webm"), ("gif", "image/gif"), ("jpeg", "image/jpeg"), ("wav", "audio/wav")):
            self.assertEqual(result["outputs"][name]["media_type"], kind)

    def test_the_pictures_are_the_same_in_every_kind(self):
        self.render("-o", f"{self.dir}/out/")
        out = self.dir / "out"
        master = self.dir / "master.mkv"
        self.run_recipe(KINDS.split("outputs:")[0] + "dag:" + KINDS.split("dag:")[1] +
                        "    - {id: m, type: ENCODE, config: {profile: master}, inputs: [edit]}\n  output: m\n",
                        "-i", f"video={media(BUNNY)}", "-o", master, name="master.yaml")
        for frame in (0, 7, 8, 16):
            want = pixels(master, "gray", frame)
            for name, limit in (("webm.webm", 4), ("prores.mov", 2)):
                self.assertLess(difference(want, pixels(out / name, "gray", frame)), limit, (name, frame))
        want = pixels(master, "rgb24", 8)
        self.assertLess(difference(want, pixels(out / "png.png")), 2.5)
        self.assertLess(difference(want, pixels(out / "jpeg.jpg")), 6)
        # flac and wav are lossless at 24 bits: equal to each other, sample by sample
        sound = [subprocess.run(["ffmpeg", "-v", "error", "-i", out / name, "-map", "0:a", "-f", "s32le", "-"],
                                check=True, capture_output=True).stdout for name in ("flac.flac", "wav.wav", "prores.mov")]
        self.assertEqual(len(set(sound)), 1)

    def test_the_cpu_level_and_jobs_reach_no_kind(self):
        cids = {}
        for flags, jobs in (("", "2"), ("0", "1"), ("sse2", "4"), ("avx2", "1")):
            args = ("--cpu-flags", flags) if flags else ()
            outputs = self.render("--jobs", jobs, *args, env=self.env(ARTDAG_HOME=str(self.dir / ("cpu" + flags))))
            for name, output in outputs["outputs"].items():
                cids.setdefault(name, set()).add(output["cid"])
        self.assertEqual({n: len(c) for n, c in cids.items()}, {n: 1 for n in cids})

    def test_transparency_is_kept_where_the_kind_has_it(self):
        text = ("name: alpha\nformat: {width: 64, height: 36, fps: 25, pixel_format: yuva420p}\n"
                "outputs: {webm: webm, prores: prores, png: png}\ndag:\n  nodes:\n"
                "    - {id: over, type: SOURCE, config: {input: true}}\n"
                "    - {id: some, type: SEGMENT, config: {end: 4f}, inputs: [over]}\n"
                "    - {id: one, type: SEGMENT, config: {end: 1f}, inputs: [over]}\n"
                "    - {id: webm, type: ENCODE, config: {profile: webm}, inputs: [some]}\n"
                "    - {id: prores, type: ENCODE, config: {profile: prores, prores: '4444'}, inputs: [some]}\n"
                "    - {id: png, type: ENCODE, config: {profile: png}, inputs: [one]}\n")
        self.run_recipe(text, "-i", f"over={media('transparent.webm')}", "-o", f"{self.dir}/out/")
        for name, decoder in (("webm.webm", ("-c:v", "libvpx-vp9")), ("prores.mov", ()), ("png.png", ())):
            rgba = subprocess.run(["ffmpeg", "-v", "error", *decoder, "-i", self.dir / "out" / name, "-frames:v", "1",
                                   "-pix_fmt", "rgba", "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
            alpha = rgba[3::4]
            self.assertEqual(len(alpha), 64 * 36)
            self.assertLess(min(alpha), 8, name)
            self.assertGreater(max(alpha), 247, name)


STILLS = """\
name: stills
format: {width: 96, height: 54, fps: 25, sample_rate: 44100}
outputs: {poster: poster, small: small, best: best, sheet: sheet, held: held, film: film}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true}}
    - {id: a, type: SEGMENT, config: {start: 1, duration: 20f}, inputs: [video]}
    - {id: b, type: SEGMENT, config: {start: 9, duration: 30f}, inputs: [video]}
    - {id: edit, type: SEQUENCE, inputs: [a, b]}
    - {id: poster, type: THUMBNAIL, config: {at: 31f}, inputs: [edit]}
    - {id: small, type: ENCODE, config: {profile: jpeg, width: 32}, inputs: [poster]}
    - {id: best, type: THUMBNAIL, config: {mode: best}, inputs: [edit]}
    - {id: sheet, type: CONTACT_SHEET, config: {columns: 3, rows: 2, width: 48, gap: 2}, inputs: [edit]}
    - {id: still, type: FREEZE, config: {duration: 3f}, inputs: [poster]}
    - {id: held, type: ENCODE, config: {profile: master}, inputs: [still]}
    - {id: film, type: ENCODE, config: {profile: master}, inputs: [edit]}
"""


def crop(rgb, width, x, y, w, h):
    return b"".join(rgb[3 * (width * row + x):3 * (width * row + x + w)] for row in range(y, y + h))


class Stills(Case):
    def render(self, *args, env=None):
        return self.run_recipe(STILLS, "-i", f"video={media(BUNNY)}", *args, env=env)

    def test_stills_show_the_frames_that_they_say(self):
        self.render("-o", f"{self.dir}/out/")
        self.check_thumbnail(self.dir / "out")
        self.check_best(self.dir / "out")
        self.check_sheet(self.dir / "out")

    def check_thumbnail(self, out):
        self.assertEqual(sorted(f.name for f in out.iterdir()),
                         ["best.png", "film.mkv", "held.mkv", "poster.png", "sheet.png", "small.jpg"])
        frames = [pixels(out / "film.mkv", "rgb24", n) for n in range(50)]
        near = sorted(range(50), key=lambda n: difference(frames[n], pixels(out / "poster.png")))
        self.assertIn(31, near[:3])
        self.assertLess(difference(frames[31], pixels(out / "poster.png")), 2.5)
        # The film that holds it shows that very frame, losslessly.
        self.assertEqual(frame_count(out / "held.mkv"), 4)
        want = pixels(out / "film.mkv", "yuv420p", 31)
        self.assertEqual({pixels(out / "held.mkv", "yuv420p", n) for n in (0, 3)}, {want})
        stream = ffprobe(str(out / "small.jpg"), "-show_entries", "stream=width,height,codec_name")["streams"][0]
        self.assertEqual((stream["codec_name"], stream["width"], stream["height"]), ("mjpeg", 32, 18))

    def check_best(self, out):
        # Frames 2 to 47 of 50, every second: 24 candidates.
        best = min(difference(pixels(out / "film.mkv", "rgb24", n), pixels(out / "best.png")) for n in range(2, 48, 2))
        self.assertLess(best, 4)

    def check_sheet(self, out):
        sheet = pixels(out / "sheet.png")
        width, height = 3 * 48 + 4 * 2, 2 * 28 + 3 * 2
        self.assertEqual(len(sheet), 3 * width * height)
        self.assertLess(max(crop(sheet, width, 0, 0, width, 1)), 10)
        # 50 frames, six places: a step of 8, begun so that as much is left at both ends.
        for place in range(6):
            tile = crop(sheet, width, 2 + place % 3 * 50, 2 + place // 3 * 30, 48, 28)
            want = subprocess.run(["ffmpeg", "-v", "error", "-i", out / "film.mkv", "-vf",
                                   f"select=eq(n\\,{4 + 8 * place}),scale=48:28:flags=bicubic", "-frames:v", "1",
                                   "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
            self.assertLess(difference(tile, want), 6, place)

    def test_stills_are_the_same_on_every_cpu_level_and_step_by_step(self):
        cids = {}
        for name, args in (("one", ()), ("scalar", ("--cpu-flags", "0")), ("naive", ("--strategy", "naive"))):
            outputs = self.render(*args, env=self.env(ARTDAG_HOME=str(self.dir / name)))["outputs"]
            for output, value in outputs.items():
                cids.setdefault(output, set()).add(value["cid"])
        self.assertEqual({n: len(c) for n, c in cids.items()}, {n: 1 for n in cids})

    def test_mistakes_are_told(self):
        recipe = self.write("recipe.yaml", STILLS.replace("{at: 31f}", "{at: 50f}"))
        self.fails(2, "plan", recipe, "-i", f"video={media(BUNNY)}", says="frame 50 is wanted, but the film has 50")


CAPTIONS = """\
name: captions
format: {width: 96, height: 54, fps: 25, sample_rate: 44100}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true}}
    - {id: words, type: SOURCE, config: {input: true}}
    - {id: a, type: SEGMENT, config: {start: 12, duration: 10f}, inputs: [video]}
    - {id: b, type: SEGMENT, config: {start: 14, duration: 10f}, inputs: [video]}
    - {id: edit, type: SEQUENCE, inputs: [a, b]}
    - {id: captions, type: CAPTIONS, config: CONFIG, inputs: {video: edit, captions: words}}
    - {id: film, type: ENCODE, config: {profile: master}, inputs: [captions]}
    - {id: plain, type: ENCODE, config: {profile: master}, inputs: [edit]}
outputs: {film: film, plain: plain}
"""
SRT = "1\n00:00:00,160 --> 00:00:00,480\nHello\n"


class Captions(Case):
    def film(self, words=SRT, config="{}", name="words.srt", args=(), env=None):
        text = self.write(name, words)
        return self.run_recipe(CAPTIONS.replace("CONFIG", config), "-i", f"video={media(BUNNY)}", "-i",
                               f"words={text}", *args, env=env)

    def changed(self, folder):
        """The frames of the captioned film that differ from the plain one."""
        pairs = [[pixels(folder / name, "gray", n) for name in ("film.mkv", "plain.mkv")] for n in range(20)]
        for captioned, plain in pairs:
            self.assertEqual(captioned[:96 * 27], plain[:96 * 27])  # the upper half is left alone
        return [n for n, (captioned, plain) in enumerate(pairs) if captioned != plain]

    def test_a_caption_is_seen_in_its_frames_and_nowhere_else(self):
        self.film(config="{font_size: 14, margin: 2}", args=("-o", f"{self.dir}/out/"))
        self.assertEqual(self.changed(self.dir / "out"), list(range(4, 12)))
        letters = pixels(self.dir / "out" / "film.mkv", "gray", 5)
        plain = pixels(self.dir / "out" / "plain.mkv", "gray", 5)
        self.assertGreater(sum(a > b + 40 for a, b in zip(letters, plain)), 10)  # white
        self.film(config="{delay: 5f}", args=("-o", f"{self.dir}/late/"))
        self.assertEqual(self.changed(self.dir / "late"), list(range(9, 17)))

    def test_srt_and_webvtt_look_the_same(self):
        srt = self.film(args=("-o", f"{self.dir}/srt/"))["outputs"]
        vtt = self.film("WEBVTT\n\n00:00.160 --> 00:00.480 line:0\n<b>Hello</b>\n", name="w.vtt",
                        args=("-o", f"{self.dir}/vtt/"))["outputs"]
        self.assertEqual(srt["film"]["cid"], vtt["film"]["cid"])
        self.assertNotEqual(srt["film"]["step_id"], vtt["film"]["step_id"])

    def test_captions_are_the_same_on_every_cpu_level_and_step_by_step(self):
        cids = set()
        for name, args in (("one", ()), ("scalar", ("--cpu-flags", "0")), ("naive", ("--strategy", "naive"))):
            cids.add(self.film(args=args, env=self.env(ARTDAG_HOME=str(self.dir / name)))["outputs"]["film"]["cid"])
        self.assertEqual(len(cids), 1)

    def test_what_is_no_caption_file_is_an_error_that_names_it(self):
        words = self.write("words.srt", "not a caption\nat all\n")
        recipe = self.write("recipe.yaml", CAPTIONS.replace("CONFIG", "{}"))
        self.fails(1, "run-recipe", recipe, "-i", f"video={media(BUNNY)}", "-i", f"words={words}",
                   says="captions, line 2: no times")


LIMITED = """\
name: limited
format: {width: 128, height: 72, fps: 25, sample_rate: 44100}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true}}
    - {id: cut, type: SEGMENT, config: {start: 4, duration: DURATIONf}, inputs: [video]}
    - {id: film, type: ENCODE, config: CONFIG, inputs: [cut]}
  output: film
"""


class Limits(Case):
    def film(self, config, duration=24, **how):
        film = self.dir / "film.out"
        result = self.run_recipe(LIMITED.replace("CONFIG", config).replace("DURATION", str(duration)), "-i",
                                 f"video={media(BUNNY)}", "-o", film, **how)
        return film, result

    def test_a_film_is_as_large_as_allowed_and_no_larger(self):
        free, _ = self.film("{crf: 6, preset: veryfast, audio_bitrate: 32k}")
        for profile, share in (("web", 1.5), ("web", 2.5), ("webm", 1.5)):
            limit = int(free.stat().st_size / share)
            film, result = self.film(f"{{profile: {profile}, crf: 6, preset: veryfast, audio_bitrate: 32k, max_size: {limit}}}")
            self.assertLessEqual(film.stat().st_size, limit, profile)
            self.assertGreater(film.stat().st_size, limit * 0.7, profile)
            self.assertEqual((frame_count(film), result["frames"]), (24, 24))

    def test_a_limit_that_is_not_reached_changes_nothing_of_the_picture(self):
        free, _ = self.film("{preset: veryfast}", duration=8)
        pictures = [pixels(free, "yuv420p", n) for n in (0, 7)]
        film, _ = self.film("{preset: veryfast, max_size: 100M}", duration=8)
        self.assertEqual([pixels(film, "yuv420p", n) for n in (0, 7)], pictures)

    def test_what_cannot_fit_is_an_error(self):
        recipe = self.write("recipe.yaml", LIMITED.replace("CONFIG", "{max_size: 1000}").replace("DURATION", "12"))
        line = self.fails(1, "run-recipe", recipe, "-i", f"video={media(BUNNY)}", says="does not fit into 1000 bytes")
        self.assertIn("recipe.yaml:7", line)

    def test_a_capped_film_never_takes_more_over_a_second(self):
        cap = 15000
        film, _ = self.film(f"{{max_bitrate: {cap}, preset: veryfast}}", duration=100)
        packets = ffprobe(str(film), "-select_streams", "v", "-show_entries", "packet=size,dts")["packets"]
        sizes = [int(p["size"]) * 8 for p in packets]
        self.assertEqual(len(sizes), 100)
        free, _ = self.film("{preset: veryfast}", duration=100)
        loud = [int(p["size"]) * 8 for p in ffprobe(str(free), "-select_streams", "v", "-show_entries",
                                                    "packet=size")["packets"]]
        self.assertGreater(sum(loud), 2 * 4 * cap)  # the cap means something
        # A buffer of a second filled at the cap: over n frames at most n/25 s of the cap and the buffer.
        for length in (25, 50, 100):
            worst = max(sum(sizes[i:i + length]) for i in range(0, 101 - length))
            self.assertLessEqual(worst, cap * length / 25 + cap, length)


class Examples(Case):
    def test_social_cuts_gives_one_edit_in_three_shapes(self):
        recipe = (SOURCE_ROOT / "examples/social-cuts.yaml").read_text()
        recipe = recipe.replace("params:", "format: {width: 64, height: 36, fps: 25, sample_rate: 44100}\nparams:")
        recipe = recipe.replace("width: 720, height: 1280", "width: 36, height: 64")
        args = ("-i", f"video={media(BUNNY)}", "-p", "length=0.4", "-p", "size=64")
        first = self.run_recipe(recipe, *args, "-o", f"{self.dir}/films/")
        frames = 3 * 10 - 2 * 5
        for name, shape in (("wide", (114, 64)), ("square", (64, 64)), ("story", (36, 64))):
            film = self.dir / "films" / f"{name}.mp4"
            stream = ffprobe(str(film), "-select_streams", "v", "-show_entries", "stream=width,height")["streams"][0]
            self.assertEqual((stream["width"], stream["height"]), shape, name)
            self.assertEqual((frame_count(film), first["outputs"][name]["frames"]), (frames, frames), name)
        second = self.run_recipe(recipe, *args, env=self.env(ARTDAG_HOME=str(self.dir / "other")))
        self.assertEqual({n: o["cid"] for n, o in first["outputs"].items()},
                         {n: o["cid"] for n, o in second["outputs"].items()})

    def test_podcast_is_as_long_as_the_voice_and_moves_with_it(self):
        # Half a second of quiet, then as much of a loud tone.
        voice = self.lavfi("voice.wav", "-f", "lavfi", "-i", "sine=400:r=48000:d=1,volume='if(lt(t,0.5),0.002,0.9)':"
                           "eval=frame")
        words = self.write("words.srt", SRT)
        args = ("-i", f"voice={voice}", "-i", f"words={words}", "-p", "title=Seven", "--proxy", "1/8")
        recipe = SOURCE_ROOT / "examples/podcast.yaml"
        first = self.json("run-recipe", recipe, *args, "-o", f"{self.dir}/out/")
        film = self.dir / "out" / "film.mp4"
        stream = ffprobe(str(film), "-select_streams", "v", "-show_entries", "stream=width,height")["streams"][0]
        self.assertEqual((stream["width"], stream["height"]), (160, 90))
        self.assertEqual((frame_count(film), first["outputs"]["film"]["frames"]), (25, 25))
        self.assertEqual(audible_samples(str(film)), 48000)
        self.assertEqual(frame_count(self.dir / "out" / "poster.png"), 1)
        # The second bar, which follows the energy, is short in the quiet and tall in the loud half: 50/8 left of the middle.
        bars = []
        for frame in (6, 20):
            rgb = pixels(film, "rgb24", frame)
            column = [rgb[3 * (160 * y + 74):3 * (160 * y + 74) + 3] for y in range(22, 68)]
            bars.append(sum(r > 160 and b < 110 for r, _, b in column))
        self.assertLess(bars[0], 8)
        self.assertGreater(bars[1], 25)
        second = self.json("run-recipe", recipe, *args, env=self.env(ARTDAG_HOME=str(self.dir / "other")))
        self.assertEqual({n: o["cid"] for n, o in first["outputs"].items()},
                         {n: o["cid"] for n, o in second["outputs"].items()})


if __name__ == "__main__":
    unittest.main(verbosity=2)
