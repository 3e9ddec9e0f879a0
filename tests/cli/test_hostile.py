#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bad input of every kind: one clear line, the documented exit status, an unchanged store."""
import os
import pathlib
import subprocess
import unittest

from support import ARTDAG, Case, SIMPLE, TINY, audible_samples, frame_count, media

BUNNY = "big_buck_bunny_0_30.webm"


class Recipes(Case):
    def refuses(self, recipe, says, status=2, at=None, args=()):
        path = self.write("recipe.yaml", recipe)
        line = self.fails(status, "run-recipe", path, "-i", f"video={media(BUNNY)}", *args, says=says)
        if at:
            self.assertIn(f"recipe.yaml:{at}", line)
        self.assert_store_clean()

    def test_an_unknown_node_type_names_the_nearest(self):
        self.refuses(SIMPLE.replace("type: SEQUENCE", "type: SEQUENZE"), "SEQUENCE", at="17:")

    def test_an_unknown_config_key_names_the_nearest(self):
        self.refuses(SIMPLE.replace("start: 5.0", "strat: 5.0"), "start", at="14:")

    def test_an_unknown_top_level_key_is_refused(self):
        self.refuses(SIMPLE.replace("version:", "verison:"), "version", at="2:1")

    def test_an_unknown_input_node_is_refused(self):
        self.refuses(SIMPLE.replace("inputs: [seg1, seg2]", "inputs: [seg1, seg3]"), "seg3", at="18:")

    def test_a_duplicate_id_is_refused(self):
        self.refuses(SIMPLE.replace("id: seg2", "id: seg1"), "seg1", at="12:")

    def test_a_duplicate_key_is_refused(self):
        self.refuses(SIMPLE.replace("{start: 0.0, end: 2.0}", "{start: 0.0, start: 1.0, end: 2.0}"),
                     "start", at="10:")

    def test_a_cycle_is_refused(self):
        self.refuses(SIMPLE.replace("inputs: [seg1, seg2]", "inputs: [seg1, output]"), "output -> output", at="18:")

    def test_a_wrong_type_is_refused(self):
        self.refuses(SIMPLE.replace("end: 2.0", "end: [2.0]"), "end", at="10:")

    def test_a_wrong_unit_is_refused(self):
        self.refuses(SIMPLE.replace("end: 2.0", "end: 2 parsecs"), "end", at="10:")

    def test_an_end_before_its_start_is_refused(self):
        self.refuses(SIMPLE.replace("{start: 5.0, end: 7.0}", "{start: 7.0, end: 5.0}"), "seg2", at="14:")

    def test_a_clip_of_no_length_is_refused(self):
        self.refuses(SIMPLE.replace("{start: 5.0, end: 7.0}", "{start: 5.0, end: 5.0}"), "seg2", at="14:")

    def test_a_clip_beyond_its_source_is_refused(self):
        self.refuses(SIMPLE.replace("{start: 5.0, end: 7.0}", "{start: 5.0, end: 70.0}"), "seg2", at="14:")

    def test_a_missing_input_is_refused(self):
        path = self.write("recipe.yaml", SIMPLE)
        self.fails(2, "run-recipe", path, says="video")

    def test_an_unknown_input_name_names_the_nearest(self):
        path = self.write("recipe.yaml", SIMPLE)
        self.fails(2, "run-recipe", path, "-i", f"vidoe={media(BUNNY)}", says="video")

    def test_an_unknown_parameter_names_the_nearest(self):
        self.refuses(TINY, "saturation", args=("-p", "saturaton=1"))

    def test_a_parameter_out_of_range_is_refused(self):
        self.refuses(TINY, "saturation", args=("-p", "saturation=7"))

    def test_a_yaml_bomb_ends_quickly(self):
        bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
            f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]\n" for i in range(1, 12))
        path = self.write("recipe.yaml", bomb)
        done = self.artdag("run-recipe", path, timeout=20)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assert_store_clean()

    def test_deep_nesting_is_refused(self):
        self.refuses("dag: " + "[" * 100000, "")

    def test_ten_megabytes_of_recipe_end_in_one_line(self):
        junk = "".join(f"    - {{id: n{i}, type: SEGMENT, config: {{start: 0}}, inputs: [video]}}\n"
                       for i in range(160000))
        recipe = SIMPLE.replace("    - id: output", junk + "    - id: output")
        self.assertGreater(len(recipe), 10_000_000)
        done = self.artdag("run-recipe", self.write("recipe.yaml", recipe), timeout=60)
        self.assertEqual(done.returncode, 2, done.stderr[-300:])
        self.assertEqual(len(done.stderr.strip().splitlines()), 1)

    def test_bytes_that_are_no_text_are_refused(self):
        self.refuses(b"name: \xff\xfe\n", "", at="1:")
        self.refuses(b"name: a\x00b\n", "")

    def test_an_empty_recipe_is_refused(self):
        self.refuses("", "")
        self.refuses("[]\n", "")


class Media(Case):
    def refuses(self, path, says="", status=1):
        recipe = self.write("recipe.yaml", TINY)
        line = self.fails(status, "run-recipe", recipe, "-i", f"video={path}", says=says)
        self.assert_store_clean()
        return line

    def test_garbage_is_refused(self):
        self.refuses(self.write("garbage.mp4", os.urandom(100000)))

    def test_an_empty_file_is_refused(self):
        self.refuses(self.write("empty.mp4", b""))

    def test_a_text_is_refused(self):
        self.refuses(self.write("text.webm", "this is no film\n" * 100))

    def test_truncated_films_are_refused(self):
        for name in (BUNNY, "chaplin.mp4", "transparent.webm"):
            data = pathlib.Path(media(name)).read_bytes()
            self.refuses(self.write("cut-" + name, data[:len(data) // 2]))

    def test_a_playlist_named_like_a_video_opens_nothing(self):
        secret = self.write("secret.txt", "do not read me")
        for text in (f"#EXTM3U\n#EXTINF:1,\n{secret}\n", f"ffconcat version 1.0\nfile '{secret}'\n",
                     f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n"):
            line = self.refuses(self.write("video.mp4", text))
            self.assertNotIn("do not read me", line)

    def test_a_missing_file_is_not_found(self):
        self.refuses(self.dir / "nowhere.mp4", "nowhere.mp4", status=4)

    def test_a_folder_is_no_input(self):
        self.refuses(self.dir, status=2)

    def test_an_unreadable_input_is_told(self):
        path = self.write("locked.mp4", pathlib.Path(media("chaplin.mp4")).read_bytes())
        path.chmod(0)
        if os.geteuid() != 0:
            self.refuses(path, "locked.mp4")
        else:
            # root may read everything but its own memory from address 0
            self.refuses("/proc/self/mem", "/proc/self/mem")

    def test_damage_in_the_middle_names_the_input_and_its_line(self):
        data = bytearray(pathlib.Path(media("chaplin.mp4")).read_bytes())
        for at in range(200_000, 700_000, 4001):
            data[at:at + 16] = bytes(16)
        path = self.write("damaged.mp4", bytes(data))
        recipe = self.write("recipe.yaml", TINY.replace("duration: 12f", "duration: 150f"))
        line = self.fails(1, "run-recipe", recipe, "-i", f"video={path}")
        number = 1 + next(i for i, text in enumerate(TINY.splitlines()) if "id: video" in text)
        self.assertIn(f"recipe.yaml:{number}:", line)
        self.assertIn("tiny.video", line)
        self.assert_store_clean()

    def test_a_cid_that_nobody_has_is_not_found(self):
        self.refuses("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", status=4)

    def test_a_failed_run_keeps_no_result_and_succeeds_once_mended(self):
        path = self.write("recipe.yaml", TINY)
        broken = self.write("broken.webm", pathlib.Path(media(BUNNY)).read_bytes()[:300000])
        self.fails(1, "run-recipe", path, "-i", f"video={broken}")
        good = self.json("run-recipe", path, "-i", f"video={media(BUNNY)}")
        self.assertGreater(good["steps"]["executed"], 0)


class OddMedia(Case):
    """Inputs as they come from telephones, recorders and the net: each renders, with exact length."""

    def renders(self, path, frames=20, recipe=None):
        recipe = recipe or ("name: odd\nformat: {width: 64, height: 48, fps: 25}\ndag:\n  nodes:\n"
                            "    - {id: video, type: SOURCE, config: {input: true}}\n"
                            f"    - {{id: cut, type: SEGMENT, config: {{duration: {frames}f}}, inputs: [video]}}\n"
                            "  output: cut\n")
        film = self.dir / "film.mp4"
        result = self.run_recipe(recipe, "-i", f"video={path}", "-o", film)
        self.assertEqual((result["frames"], frame_count(film)), (frames, frames))
        return film

    def test_every_sample_film_renders(self):
        for name in (BUNNY, "chaplin.mp4", "no_duration.webm", "transparent.webm"):
            with self.subTest(name):
                self.renders(media(name))

    def test_a_film_without_sound_renders(self):
        self.renders(self.lavfi("mute.mp4", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=2"))

    def test_mono_sound_renders(self):
        self.renders(self.lavfi("mono.mkv", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=2", "-f",
                                "lavfi", "-i", "sine=r=22050:d=2", "-ac", "1"))

    def test_odd_sizes_render(self):
        for size in ("1x1", "35x17", "161x121"):
            with self.subTest(size):
                self.renders(self.lavfi("odd.mkv", "-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-r", "25", "-i",
                                        "/dev/zero", "-frames:v", "25", "-c:v", "ffv1"))

    def test_ten_bits_render(self):
        self.renders(self.lavfi("ten.mkv", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=1", "-pix_fmt",
                                "yuv420p10le", "-c:v", "ffv1"))

    def test_variable_frame_rates_render(self):
        self.renders(self.lavfi("vfr.mkv", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=30:d=3", "-vf",
                                "select='not(mod(n,3))+lt(n,20)'", "-vsync", "vfr", "-c:v", "ffv1"))

    def test_a_rotated_film_stands_upright(self):
        import shutil
        plain = self.lavfi("plain.mp4", "-f", "lavfi", "-i", "color=red:s=80x160:r=25:d=1", "-f", "lavfi", "-i",
                           "color=blue:s=80x160:r=25:d=1", "-filter_complex", "[0][1]hstack", "-c:v", "libx264",
                           "-qp", "0")
        rotated = self.lavfi("rotated.mp4", "-i", plain, "-c", "copy", "-metadata:s:v:0", "rotate=90")
        shutil.copy(rotated, self.dir / "input.mp4")
        film = self.renders(self.dir / "input.mp4", recipe=(
            "name: odd\ndag:\n  nodes:\n    - {id: video, type: SOURCE, config: {input: true}}\n"
            "    - {id: cut, type: SEGMENT, config: {duration: 20f}, inputs: [video]}\n  output: cut\n"))

        def corner(path, x, y):
            out = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-frames:v", "1", "-vf",
                                  f"crop=16:16:{x}:{y},scale=1:1", "-f", "rawvideo", "-pix_fmt", "rgb24",
                                  "-"], capture_output=True, check=True).stdout
            return "red" if out[0] > out[2] else "blue"

        # ffmpeg itself turns by the same metadata: what it shows is what must be in the film
        upright = self.lavfi("upright.mkv", "-i", rotated, "-c:v", "ffv1")
        for x, y in ((8, 8), (120, 8), (8, 120), (120, 120)):
            self.assertEqual(corner(film, x, y), corner(upright, x, y), (x, y))

    def test_sound_alone_makes_a_film_of_sound(self):
        recipe = ("name: sound\ndag:\n  nodes:\n    - {id: music, type: SOURCE, config: {input: true}}\n"
                  "    - {id: cut, type: SEGMENT, config: {start: 1, duration: 2}, inputs: [music]}\n"
                  "    - {id: out, type: ENCODE, config: {profile: audio}, inputs: [cut]}\n  output: out\n")
        film = self.dir / "film.m4a"
        result = self.run_recipe(recipe, "-i", f"music={media('rain.mp3')}", "-o", film)
        self.assertEqual(result["duration"], 2.0)
        self.assertAlmostEqual(audible_samples(str(film)), 2 * 44100, delta=1)


class Surroundings(Case):
    # A lossless film of 18 pictures of 640x360: several megabytes, however little is kept on the way.
    LARGE = TINY.replace("width: 96, height: 64", "width: 640, height: 360").replace("start: 0,", "start: 10s,").replace(
        "start: 1s", "start: 20s").replace(
        "width: 64, height: 48", "width: 640, height: 360").replace(
        "  output: small", "    - {id: master, type: ENCODE, config: {profile: master}, inputs: [small]}\n  output: master")

    def test_a_full_disk_is_told_and_leaves_a_clean_store(self):
        disk = self.dir / "disk"
        disk.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], check=False,
                              capture_output=True)
        if done.returncode != 0:
            # Without the right to mount, a limit on the size of files stands in for the full disk.
            self.limited_files()
            return
        try:
            env = self.env(ARTDAG_HOME=str(disk / "home"))
            recipe = self.write("recipe.yaml", self.LARGE)
            line = self.fails(1, "run-recipe", recipe, "-i", f"video={media(BUNNY)}", env=env)
            self.assertIn("space", line)
            report = self.json("verify", env=env)
            self.assertEqual(report["corrupt"], 0)
        finally:
            subprocess.run(["umount", str(disk)], check=True)

    def limited_files(self):
        recipe = self.write("recipe.yaml", self.LARGE)
        done = subprocess.run(["bash", "-c", 'ulimit -f 500; exec "$@"', "-", ARTDAG, "run-recipe", str(recipe),
                               "-i", f"video={media(BUNNY)}"], env=self.env(), capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assert_store_clean()

    def test_a_home_that_cannot_be_written_is_unreachable(self):
        blocker = self.write("file", "not a folder")
        self.fails(3, "add", media("chaplin.mp4"), env=self.env(ARTDAG_HOME=str(blocker / "home")))

    def test_a_missing_media_program_is_told_with_what_to_do(self):
        recipe = self.write("recipe.yaml", TINY)
        env = self.env(ARTDAG_MEDIA=str(self.dir / "nowhere"))
        line = self.fails(4, "run-recipe", recipe, "-i", f"video={media(BUNNY)}", env=env)
        self.assertIn("ARTDAG_MEDIA", line)

    def test_a_corrupt_block_is_found_quarantined_and_rendered_again(self):
        recipe = self.write("recipe.yaml", TINY)
        first = self.json("run-recipe", recipe, "-i", f"video={media(BUNNY)}")
        blocks = sorted((self.home / ".local/share/artdag/store/blocks").rglob("*"),
                        key=lambda p: p.stat().st_size if p.is_file() else -1)
        for block in blocks:
            if block.is_file():
                block.chmod(0o600)
                data = bytearray(block.read_bytes())
                if data:
                    data[len(data) // 2] ^= 1
                    block.write_bytes(data)
        self.fails(5, "verify")
        again = self.json("run-recipe", recipe, "-i", f"video={media(BUNNY)}", "--rehash")
        self.assertEqual(first["output_cid"], again["output_cid"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
