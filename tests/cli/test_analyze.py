# SPDX-License-Identifier: MIT
"""artdag analyze on sound and pictures that were made here, so that what is in them is known."""
import json
import math
import pathlib
import struct
import subprocess
import unittest
import wave
import zlib

from support import MEDIA_PROGRAM, Case, media


def pcm(path, rate, channels, samples):
    """A 16-bit WAV file; samples is one list per channel."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        frames = zip(*samples)
        out.writeframes(b"".join(struct.pack(f"<{channels}h", *f) for f in frames))
    return path


def sine(rate, seconds, hz, level=0.5):
    return [int(32767 * level * math.sin(2 * math.pi * hz * i / rate)) for i in range(int(rate * seconds))]


def clicks(rate, seconds, every, length=0.02):
    """A burst of a high tone at every multiple of `every` seconds."""
    out = [0] * int(rate * seconds)
    for beat in range(int(seconds / every)):
        at = round(beat * every * rate)
        for i in range(int(length * rate)):
            if at + i < len(out):
                out[at + i] = int(25000 * math.sin(2 * math.pi * 1500 * i / rate) * (1 - i / (length * rate)))
    return out


def png_size(path):
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", data[:8]
    assert zlib.crc32(data[12:29]) == struct.unpack(">I", data[29:33])[0]
    return struct.unpack(">II", data[16:24])


class Sound(Case):
    def analyze(self, path, features, *more, env=None):
        return self.json("analyze", path, "--features", features, *more, env=env)["analysis"]

    def test_beats_of_a_click_track_are_where_the_clicks_are(self):
        path = pcm(self.dir / "clicks.wav", 22050, 1, [clicks(22050, 20, 0.5)])
        audio = self.analyze(path, "beats,onsets,tempo")["audio"]
        self.assertAlmostEqual(audio["beats"]["tempo"], 120, delta=1)
        self.assertRegex(audio["beats"]["time_signature"], r"^[2-7]/4$|^\d+/8$")
        times = [t for t in audio["beats"]["beat_times"] if 2 < t < 18]
        self.assertGreaterEqual(len(times), 30)
        for t in times:
            self.assertAlmostEqual(t, round(t * 2) / 2, delta=0.003)  # to the frame, at any rate
        self.assertTrue(set(audio["beats"]["downbeat_times"]) <= set(audio["beats"]["beat_times"]))
        for k in range(4, 36):
            self.assertTrue(any(abs(t - k / 2) < 0.003 for t in audio["onsets"]), k)
        self.assertEqual(len(audio["onsets"]), len(audio["onset_strengths"]))

    def test_energy_spectrum_and_silence_are_those_of_the_signal(self):
        rate = 16000
        tone = sine(rate, 1, 100) + [0] * rate + sine(rate, 1, 4000, 0.25)
        path = pcm(self.dir / "tones.wav", rate, 1, [tone])
        document = self.analyze(path, "energy,spectrum,silence", "--set", "window_ms=100")
        audio = document["audio"]
        energy, spectrum = audio["energy"], audio["spectrum"]
        self.assertEqual((energy["window_ms"], len(energy["values"]), energy["times"][13]), (100, 30, 1.3))
        for i, level in ((5, 0.5), (15, 0), (25, 0.25)):
            self.assertAlmostEqual(energy["values"][i], level / math.sqrt(2), delta=0.002)
        self.assertGreater(spectrum["bass"][5], 20 * spectrum["high"][5])
        self.assertGreater(spectrum["high"][25], 20 * spectrum["bass"][25])
        # No band reaches beyond half the sample rate.
        self.assertEqual(spectrum["band_ranges"], {"bass": [20, 200], "mid": [200, 2000], "high": [2000, 8000]})
        (start, end), = audio["silence"]["ranges"]
        self.assertAlmostEqual(start, 1, delta=0.02)
        self.assertAlmostEqual(end, 2, delta=0.02)
        self.assertEqual(document["parameters"], {"silence_db": -60, "silence_min": 0.5, "window_ms": 100})

    def test_loudness_is_what_the_standard_says_of_its_tone(self):
        # EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS is -23 LUFS.
        tone = sine(48000, 20, 1000, 10 ** (-23 / 20))
        path = pcm(self.dir / "ebu.wav", 48000, 2, [tone, tone])
        loudness = self.analyze(path, "loudness")["audio"]["loudness"]
        self.assertAlmostEqual(loudness["integrated"], -23, delta=0.1)
        self.assertAlmostEqual(loudness["true_peak"], -23, delta=0.2)
        self.assertAlmostEqual(loudness["range"], 0, delta=0.1)

    def test_surround_channels_weigh_more_and_effects_nothing(self):
        # The same tone from one channel of six: front 1, effects 0, surround 1.41 times the power (BS.1770).
        found = {}
        for name, number in (("front", 0), ("lfe", 3), ("surround", 4)):
            tone = f"sine=frequency=1000:sample_rate=48000:duration=3,volume=0.5,pan=5.1|c{number}=c0"
            path = self.lavfi(f"{name}.wav", "-f", "lavfi", "-i", tone)
            found[name] = self.analyze(path, "loudness")["audio"]["loudness"]["integrated"]
        self.assertIsNone(found["lfe"])
        self.assertAlmostEqual(found["surround"] - found["front"], 10 * math.log10(1.41), delta=0.02)

    def test_rates_and_shapes_at_the_edges_are_analysed(self):
        for name, rate, channels in (("low.wav", 8000, 1), ("high.wav", 192000, 2), ("odd.wav", 11025, 3)):
            path = pcm(self.dir / name, rate, channels, [sine(rate, 1, 440)] * channels)
            audio = self.analyze(path, "beats,tempo,energy,spectrum,onsets,loudness,silence")["audio"]
            self.assertEqual((audio["sample_rate"], audio["channels"], audio["duration"]), (rate, channels, 1))
            self.assertLessEqual(audio["spectrum"]["band_ranges"]["high"][1], rate / 2)
            self.assertAlmostEqual(audio["energy"]["values"][5], 0.5 / math.sqrt(2), delta=0.002)

    def test_silence_has_no_beats_and_no_loudness(self):
        path = pcm(self.dir / "silence.wav", 44100, 2, [[0] * 88200] * 2)
        audio = self.analyze(path, "all")["audio"]
        self.assertEqual(audio["beats"]["beat_times"], [])
        self.assertIsNone(audio["beats"]["tempo"])
        self.assertIsNone(audio["beats"]["time_signature"])
        self.assertIsNone(audio["loudness"]["integrated"])
        self.assertEqual(audio["silence"]["ranges"], [[0, 2]])

    def test_time_counts_from_where_the_film_begins(self):
        # The sound begins half a second after the pictures, and its tone one second into it.
        tone = pcm(self.dir / "tone.wav", 48000, 1, [[0] * 48000 + sine(48000, 1, 440)])
        film = self.lavfi("late.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=3", "-itsoffset", "0.5", "-i",
                          str(tone), "-map", "0", "-map", "1", "-c:v", "ffv1", "-c:a", "pcm_s16le")
        values = self.analyze(film, "energy")["audio"]["energy"]["values"]
        first = next(i for i, v in enumerate(values) if v > 0.1)
        self.assertEqual(first, 30)  # 1.5 s in windows of 50 ms


class Pictures(Case):
    JOIN = ("color=red:s=64x36:r=25:d=1[a];testsrc=s=64x36:r=25:d=1[b];color=black:s=64x36:r=25:d=1[c];"
            "smptebars=s=64x36:r=25:d=1[d];[a][b][c][d]concat=n=4")

    def joined(self):
        return self.lavfi("joined.mkv", "-filter_complex", self.JOIN, "-pix_fmt", "yuv420p", "-c:v", "ffv1")

    def analyze(self, path, features, *more):
        return self.json("analyze", path, "--features", features, *more)["analysis"]

    def test_cuts_black_and_frozen_stretches_are_found(self):
        video = self.analyze(self.joined(), "scene_changes,black,freeze,motion_tempo")["video"]
        self.assertEqual(video["scene_frames"], [25, 50, 75])
        self.assertEqual(video["scene_changes"], [1, 2, 3])
        self.assertEqual((len(video["scene_scores"]), len(video["frame_scores"])), (3, 100))
        self.assertEqual(video["black"], {"ranges": [[2, 3]], "total": 1})
        self.assertEqual(len(video["freeze"]["ranges"]), 3)  # all but the test picture
        self.assertEqual((video["frame_rate"], video["duration"], video["frames"]), (25, 4, 100))
        self.assertEqual(len(video["motion"]["values"]), 100)

    def test_pixel_formats_and_sizes_do_not_change_what_is_seen(self):
        expected = None
        for pixels, size in (("yuv420p", "160x90"), ("yuv444p10le", "160x90"), ("rgb24", "160x90"),
                             ("yuyv422", "160x90"), ("gray", "160x90"), ("yuv420p", "322x182"),
                             ("yuva420p", "20x18")):
            join = self.JOIN.replace("64x36", size)
            path = self.lavfi("pixels.nut", "-filter_complex", join, "-pix_fmt", pixels, "-c:v",
                              "rawvideo" if pixels in ("gray", "yuyv422") else "ffv1")
            found = self.analyze(path, "scene_changes")["video"]["scene_frames"]
            expected = expected or found
            self.assertEqual(found, expected, (pixels, size))
        self.assertEqual(expected, [25, 50, 75])

    def test_a_film_of_variable_rate_is_seen_at_its_common_rate(self):
        # Every third frame is dropped, so that pictures stand for 1/25 s or for 2/25 s.
        path = self.lavfi("vfr.mkv", "-filter_complex", self.JOIN + ",select='not(eq(mod(n,3),2))'", "-fps_mode",
                          "vfr", "-pix_fmt", "yuv420p", "-c:v", "ffv1")
        video = self.analyze(path, "scene_changes,black")["video"]
        self.assertTrue(video["vfr"])
        for found, true in zip(video["scene_changes"], (1, 2, 3), strict=True):
            self.assertAlmostEqual(found, true, delta=0.081)

    def test_one_frame_is_a_film_too(self):
        path = self.lavfi("one.mkv", "-f", "lavfi", "-i", "testsrc=s=64x36:r=25", "-frames:v", "1", "-c:v", "ffv1")
        video = self.analyze(path, "all")["video"]
        self.assertEqual((video["frames"], video["scene_changes"], len(video["contact_sheet"]["times"])), (1, [], 1))
        still = self.lavfi("still.png", "-f", "lavfi", "-i", "testsrc=s=64x36:r=25", "-frames:v", "1")
        self.assertTrue(self.analyze(still, "all")["video"]["still"])

    def test_a_contact_sheet_is_a_picture_in_the_store(self):
        film = self.joined()
        video = self.analyze(film, "contact_sheet", "--set", "sheet_columns=2", "--set", "sheet_rows=2", "--set",
                             "sheet_width=64")["video"]
        sheet = video["contact_sheet"]
        self.ok("get", sheet["cid"], "-o", self.dir / "sheet.png")
        self.assertEqual(png_size(self.dir / "sheet.png"), (sheet["width"], sheet["height"]))
        self.assertEqual(sheet["times"], [0.48, 1.48, 2.48, 3.48])
        raw = self.rgb(self.dir / "sheet.png")

        def pixel(cell):
            x = 4 + cell % 2 * (sheet["cell_width"] + 4) + 32
            y = 4 + cell // 2 * (sheet["cell_height"] + 4) + 18
            return raw[(y * sheet["width"] + x) * 3:][:3]

        red, black = pixel(0), pixel(2)
        self.assertTrue(red[0] > 240 and red[1] < 12 and red[2] < 12, list(red))
        self.assertTrue(max(black) < 8, list(black))

    def test_a_turned_film_stands_upright_on_its_sheet(self):
        flat = self.lavfi("flat.mp4", "-f", "lavfi", "-i", "color=red:s=64x32:r=25:d=0.4,drawbox=0:0:64:16:blue:fill",
                          "-pix_fmt", "yuv420p")
        turned = self.lavfi("turned.mp4", "-i", flat, "-c", "copy", "-metadata:s:v", "rotate=90")
        video = self.analyze(turned, "contact_sheet", "--set", "sheet_columns=1", "--set", "sheet_rows=1", "--set",
                             "sheet_width=32")["video"]
        sheet = video["contact_sheet"]
        self.assertEqual((sheet["cell_width"], sheet["cell_height"]), (32, 64))
        self.ok("get", sheet["cid"], "-o", self.dir / "sheet.png")
        # ffmpeg turns pictures by itself when it decodes.
        upright = self.rgb(turned)
        self.assertEqual(len(upright), 32 * 64 * 3)
        cells = self.rgb(self.dir / "sheet.png")
        for x in (6, 26):
            true = upright[(32 * 32 + x) * 3:][:3]
            seen = cells[((4 + 32) * 40 + 4 + x) * 3:][:3]
            self.assertTrue(all(abs(a - b) < 12 for a, b in zip(true, seen)), (x, list(true), list(seen)))
        self.assertNotEqual(upright[6 * 3:][:3], upright[26 * 3:][:3])

    def rgb(self, path):
        """The first picture as ffmpeg shows it."""
        return subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-frames:v", "1", "-pix_fmt", "rgb24", "-f",
                               "rawvideo", "-"], check=True, capture_output=True).stdout


class Together(Case):
    def film(self, *more):
        return self.lavfi("film.mp4", "-f", "lavfi", "-i", "testsrc2=s=96x54:r=25:d=2", "-f", "lavfi", "-i",
                          "sine=f=330:b=4:d=2:r=44100", "-c:v", "libx264", "-c:a", "aac", *more)

    def test_the_document_is_equal_on_every_cpu_and_number_of_threads(self):
        film = self.film()
        seen = set()
        for i, (flags, jobs) in enumerate((("", "1"), ("0", "2"), ("sse2", "3"), ("avx2", "1"))):
            env = self.env(ARTDAG_HOME=str(self.dir / f"home{i}"), ARTDAG_JOBS=jobs)
            if flags:
                env["ARTDAG_CPU_FLAGS"] = flags
            report = self.json("analyze", film, "--features", "all", env=env)
            seen.add((report["analysis_cid"], json.dumps(report["analysis"])))
        self.assertEqual(len(seen), 1)

    def test_what_was_found_once_needs_no_media_program(self):
        film = self.film()
        starts = self.dir / "starts"
        program = self.write("media", f'#!/bin/sh\necho >> "{starts}"\nexec "{MEDIA_PROGRAM}" "$@"\n')
        program.chmod(0o755)
        env = self.env(ARTDAG_MEDIA=str(program))
        first = self.json("analyze", film, "--features", "all", env=env)["analysis"]
        started = starts.read_text()
        for features in ("beats", "energy,scene_changes", "metadata", "all"):
            again = self.json("analyze", film, "--features", features, env=env)["analysis"]
            for medium in ("audio", "video"):
                for key, value in again[medium].items():
                    self.assertEqual(value, first[medium][key])
        self.assertEqual(starts.read_text(), started)
        self.assertNotIn("energy", self.json("analyze", film, "--features", "beats", env=env)["analysis"]["audio"])

    def test_several_inputs_give_several_documents_in_order(self):
        films = [self.film(), media("rain.mp3")]
        reports = self.json("analyze", *films, "--features", "energy")
        self.assertEqual([r["path"] for r in reports], films)
        by_cid = self.json("analyze", reports[1]["input_cid"], "--features", "energy")
        self.assertEqual(by_cid["analysis_cid"], reports[1]["analysis_cid"])

    def test_a_plot_is_a_picture_of_every_kind_of_input(self):
        film = self.film()
        self.ok("analyze", film, "--plot", self.dir / "film.png")
        self.assertEqual(png_size(self.dir / "film.png")[0], 1600)
        self.ok("analyze", self.lavfi("tone.wav", "-f", "lavfi", "-i", "sine=d=0.2"), "--plot", self.dir / "tone.png")
        silent = self.lavfi("silent.mkv", "-i", film, "-an", "-c", "copy")
        self.ok("analyze", silent, "--features", "scene_changes", "--plot", self.dir / "silent.png")
        heights = [png_size(self.dir / name)[1] for name in ("film.png", "tone.png", "silent.png")]
        self.assertTrue(heights[0] > heights[1] > heights[2], heights)
        again = self.dir / "again.png"
        self.ok("analyze", film, "--plot", again)
        self.assertEqual(again.read_bytes(), (self.dir / "film.png").read_bytes())

    def test_the_summary_says_what_was_found(self):
        out = self.ok("analyze", self.film(), "--features", "all").stdout
        for word in ("container", "h264, 96x54", "25 fps, 50 frames", "aac, mono", "beats", "energy", "loudness", "LUFS",
                     "scenes", "motion", "contact sheet", "analysis"):
            self.assertIn(word, out)

    def test_of_a_recipe_its_inputs_are_analysed_for_what_it_needs(self):
        music = str(pcm(self.dir / "music.wav", 22050, 1, [clicks(22050, 6, 0.5)]))
        recipe = self.write("follow.yaml", """\
name: follow
format: {width: 64, height: 36, fps: 25, sample_rate: 22050}
dag:
  nodes:
    - {id: music, type: SOURCE, config: {input: true}}
    - {id: film, type: SOURCE, config: {input: true}}
    - {id: out, type: TRANSFORM, config: {effects: {saturation: {bind: {signal: music.energy, range: [0.5, 2]}}}}, inputs: [film]}
  output: out
""")
        given = ("-i", f"music={music}", "-i", f"film={self.film()}")
        reports = {r["path"]: r["analysis"] for r in self.json("analyze", recipe, *given)}
        self.assertEqual(reports["music"]["features_requested"], ["energy"])
        self.assertEqual(reports["film"]["features_requested"], ["metadata"])
        reports = {r["path"]: r["analysis"] for r in self.json("analyze", recipe, *given, "--features", "onsets")}
        self.assertEqual(reports["film"]["features_requested"], ["onsets"])
        self.fails(2, "analyze", recipe, "-i", f"musik={music}", says="musik")

    def test_what_cannot_be_is_refused_in_one_line(self):
        silent = self.lavfi("silent.mkv", "-f", "lavfi", "-i", "testsrc=s=64x36:d=0.2", "-c:v", "ffv1")
        self.fails(1, "analyze", silent, "--features", "beats", says="it has no sound, so it has no beats")
        self.fails(1, "analyze", media("rain.mp3"), "--features", "black", says="it has no pictures")
        self.fails(2, "analyze", silent, "--features", "beets", says="did you mean beats?")
        self.fails(2, "analyze", silent, "--set", "window=5", says="window")
        self.fails(2, "analyze", silent, "--set", "window_ms=5", says="from 10 to 1000")
        self.fails(2, "analyze", silent, silent, "--plot", self.dir / "x.png", says="one input")
        self.fails(4, "analyze", self.dir / "nowhere.mp4", says="nowhere.mp4")

    def test_damage_is_an_error_and_is_not_kept(self):
        film = pathlib.Path(self.film("-movflags", "+faststart"))
        whole = film.read_bytes()
        cut = self.write("cut.mp4", whole[:len(whole) * 2 // 3])
        for _ in range(2):
            self.fails(1, "analyze", cut, "--features", "all", says="cut off")
        flac = self.lavfi("noise.flac", "-f", "lavfi", "-i", "anoisesrc=d=2")
        data = bytearray(pathlib.Path(flac).read_bytes())
        data[len(data) // 2] ^= 0x55
        bad = self.write("bad.flac", bytes(data))
        for _ in range(2):
            self.fails(1, "analyze", bad, "--features", "energy", says="damaged")
        nan = self.dir / "nan.wav"
        subprocess.run(["ffmpeg", "-v", "error", "-f", "f32le", "-ar", "8000", "-ac", "1", "-i", "-", "-c:a", "pcm_f32le",
                        str(nan)], check=True, input=struct.pack("<f", float("nan")) * 8000)
        self.fails(1, "analyze", nan, "--features", "energy")
        self.fails(1, "analyze", self.write("text.mp4", "no film at all"), "--features", "all")
        self.fails(1, "analyze", self.write("empty.wav", b""), "--features", "all")


if __name__ == "__main__":
    unittest.main(verbosity=2)
