#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One film, made by several programs: cold, side by side, as ratios.

usage: peers.py ARTDAG ARTDAG_MEDIA [ROUNDS [SIZE ...]]      SIZE: 720 1080; samples: ARTDAG_TEST_MEDIA

The film: 8 clips of 3 s from 2 sources in turn, each fitted into the size, coloured, joined by 7 crossfades of 12 frames, with
music: 516 frames at 25 a second; H.264 crf 18, preset fast, a key frame every 48 frames, AAC at 192 kbit/s. The ways:

  ffmpeg      one command by hand: a seek to each clip, one filter graph
  artdag -j2  nothing cached, two media processes at once; artdag -j1: one
  per step    one ffmpeg process for each step (cut, size, colour of each clip; joining; music), as a script would do it
  melt        the same project on its command line, when it is installed (Debian: melt)
  editly      when it is on PATH (npm: editly); without colours, which it does not have

Every round runs every way once, and ratios are taken within a round, so that what else the machine does cancels out.
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

from render_measure import run

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = pathlib.Path(os.environ.get("ARTDAG_TEST_MEDIA") or HERE / "../../shared/media")
STARTS = (1, 2.5, 5, 6.5, 9, 10.5, 13, 14.5)
CLIP, CROSS, FPS = 75, 12, 25
FRAMES = 8 * CLIP - 7 * CROSS
SECONDS = FRAMES / FPS
SCALER = "flags=bicubic+accurate_rnd+full_chroma_int+bitexact"
EQ = "eq=saturation=1.3:contrast=1.1:brightness=0.03"
ENCODER = ("-c:v libx264 -profile:v high -level 4.1 -preset fast -crf 18 -g 48 -pix_fmt yuv420p "
           "-c:a aac -b:a 192k -ar 48000")
QUIET = "ffmpeg -nostdin -v error -y"


class Film:
    def __init__(self, folder, height, artdag):
        self.folder, self.height, self.width, self.artdag = folder, height, height * 16 // 9, artdag
        self.sources = [folder / "a.mp4", folder / "b.mp4"]
        self.music = folder / "music.wav"

    def make_sources(self):
        """Real pictures brought to the size, with light grain, so that decoding costs what it costs in life."""
        for name, out in zip(("big_buck_bunny_0_30.webm", "chaplin.mp4"), self.sources):
            subprocess.run(f"{QUIET} -stream_loop 3 -i {SAMPLES / name} -t 20 -r {FPS} "
                           f"-vf scale={self.width}:{self.height},noise=alls=2:allf=t -c:v libx264 -crf 17 -g 250 "
                           f"-preset veryfast -pix_fmt yuv420p -ar 48000 -ac 2 -c:a aac {out}", shell=True, check=True)
        subprocess.run(f"{QUIET} -i {SAMPLES / 'rain.mp3'} -t {SECONDS + 1} -ar 48000 -ac 2 {self.music}", shell=True,
                       check=True)

    def box(self):
        w, h = self.width, self.height
        return (f"scale={w}:{h}:force_original_aspect_ratio=decrease:{SCALER},pad={w}:{h}:(ow-iw)/2:(oh-ih)/2,"
                "setsar=1,format=yuv420p")

    def source(self, i):
        return self.sources[i % 2]

    # ---- the ways: what is run, and where its bytes go ----

    def ours(self, jobs):
        nodes = ["{id: a, type: SOURCE, config: {input: true}}", "{id: b, type: SOURCE, config: {input: true}}",
                 "{id: music, type: SOURCE, config: {input: true}}"]
        for i, start in enumerate(STARTS):
            nodes += [f"{{id: c{i}, type: SEGMENT, config: {{start: {start}, duration: {CLIP}f}}, inputs: [{'ab'[i % 2]}]}}",
                      f"{{id: s{i}, type: RESIZE, config: {{width: {self.width}, height: {self.height}, mode: pad}}, "
                      f"inputs: [c{i}]}}",
                      f"{{id: e{i}, type: TRANSFORM, config: {{effects: {{saturation: 1.3, contrast: 1.1, "
                      f"brightness: 0.03}}}}, inputs: [s{i}]}}"]
        nodes += [f"{{id: cut, type: SEQUENCE, config: {{transition: {{type: crossfade, duration: {CROSS}f}}}}, "
                  f"inputs: [{', '.join(f'e{i}' for i in range(8))}]}}",
                  "{id: film, type: MUX, inputs: {video: cut, audio: music}}"]
        recipe = self.folder / "film.yaml"
        recipe.write_text(f"name: peers\nformat: {{width: {self.width}, height: {self.height}, fps: {FPS}, "
                          "sample_rate: 48000}\ndag:\n  nodes:\n" + "".join(f"    - {n}\n" for n in nodes) +
                          "  output: film\n")
        home = self.folder / f"home{jobs}"
        return (f"rm -rf {home}; ARTDAG_HOME={home} {self.artdag} run-recipe {recipe} -i a={self.sources[0]} "
                f"-i b={self.sources[1]} -i music={self.music} -o {self.folder}/artdag{jobs}.mp4 -q -j {jobs}",
                home / "store")

    def xfades(self, last):
        parts = []
        for i in range(1, 8):
            at = (CLIP - CROSS) * i / FPS
            parts.append(f"[{last}][v{i}]xfade=transition=fade:duration={CROSS / FPS}:offset={at:.3f}[x{i}]")
            last = f"x{i}"
        return parts, last

    def one_command(self):
        inputs = " ".join(f"-ss {start} -t {CLIP / FPS} -i {self.source(i)}" for i, start in enumerate(STARTS))
        graph = [f"[{i}:v]fps={FPS},{self.box()},settb=1/{FPS},{EQ}[v{i}]" for i in range(8)]
        fades, last = self.xfades("v0")
        return (f"{QUIET} {inputs} -i {self.music} -filter_complex '{';'.join(graph + fades)}' -map '[{last}]' -map 8:a "
                f"{ENCODER} -t {SECONDS} -movflags +faststart {self.folder}/ffmpeg.mp4", None)

    def per_step(self):
        work = self.folder / "steps"
        lines = ["set -e", f"rm -rf {work}", f"mkdir {work}"]
        for i, start in enumerate(STARTS):
            lines += [f"{QUIET} -i {self.source(i)} -ss {start} -t {CLIP / FPS} {ENCODER} {work}/c{i}.mkv",
                      f"{QUIET} -i {work}/c{i}.mkv -vf '{self.box()}' {ENCODER} {work}/s{i}.mkv",
                      f"{QUIET} -i {work}/s{i}.mkv -vf {EQ} {ENCODER} {work}/e{i}.mkv"]
        graph = [f"[{i}:v]fps={FPS},settb=1/{FPS}[v{i}]" for i in range(8)]
        fades, last = self.xfades("v0")
        inputs = " ".join(f"-i {work}/e{i}.mkv" for i in range(8))
        lines += [f"{QUIET} {inputs} -filter_complex '{';'.join(graph + fades)}' -map '[{last}]' {ENCODER} {work}/cut.mkv",
                  f"{QUIET} -i {work}/cut.mkv -i {self.music} -map 0:v -map 1:a -t {SECONDS} {ENCODER} -movflags +faststart "
                  f"{self.folder}/steps.mp4"]
        return "\n".join(lines), work

    def melt(self):
        clips = []
        for i, start in enumerate(STARTS):
            first = int(start * FPS)
            clips.append(f"{self.source(i)} in={first} out={first + CLIP - 1}")
            if i:
                clips.append(f"-mix {CROSS} -mixer luma")
        profile = self.folder / "profile"
        profile.write_text(f"description=bench\nframe_rate_num={FPS}\nframe_rate_den=1\nwidth={self.width}\n"
                           f"height={self.height}\nprogressive=1\nsample_aspect_num=1\nsample_aspect_den=1\n"
                           "display_aspect_num=16\ndisplay_aspect_den=9\ncolorspace=709\n")
        return (f"melt -silent -profile {profile} {' '.join(clips)} -filter avfilter.eq av.saturation=1.3 av.contrast=1.1 "
                f"av.brightness=0.03 -audio-track {self.music} out={FRAMES - 1} -consumer "
                f"avformat:{self.folder}/melt.mp4 vcodec=libx264 preset=fast crf=18 g=48 pix_fmt=yuv420p acodec=aac "
                f"ab=192k movflags=+faststart >/dev/null 2>&1", None)

    def editly(self):
        clips = [{"duration": CLIP / FPS, "layers": [{"type": "video", "path": str(self.source(i)), "cutFrom": start,
                                                     "cutTo": start + CLIP / FPS, "resizeMode": "contain"}]}
                 for i, start in enumerate(STARTS)]
        spec = self.folder / "editly.json"
        spec.write_text(json.dumps({
            "outPath": str(self.folder / "editly.mp4"), "width": self.width, "height": self.height, "fps": FPS,
            "audioFilePath": str(self.music), "clips": clips,
            "defaults": {"transition": {"name": "fade", "duration": CROSS / FPS}},
            "customOutputArgs": ENCODER.split()}))
        return f"editly {spec} >/dev/null 2>&1", None


def frames_of(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-select_streams", "v", "-show_entries",
                           "stream=nb_read_packets", "-of", "csv=p=0", str(path)], capture_output=True, text=True)
    return done.stdout.strip().strip(",") or "no"


def mebibytes(path):
    return sum(f.stat().st_size for f in path.rglob("*") if f.is_file()) / (1 << 20) if path and path.exists() else 0


def compare(film, rounds):
    ways = {"ffmpeg": film.one_command(), "artdag -j2": film.ours(2), "artdag -j1": film.ours(1),
            "per step": film.per_step()}
    for program, way in (("melt", film.melt), ("editly", film.editly)):
        if shutil.which(program):
            ways[program] = way()
        else:
            print(f"{program} is not installed")
    runs = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (command, _) in ways.items():
            runs[name].append(run(command))
    print(f"\n{film.width}x{film.height}, {FRAMES} frames, {os.cpu_count()} cores, {rounds} rounds, medians")
    print(f"{'':<12} {'elapsed':>9} {'CPU':>9} {'memory':>9} {'stored':>9} {'film':>8} {'frames':>7}   to one command: elapsed, CPU")
    for name, (_, stored) in ways.items():
        wall, cpu, peak = (statistics.median(r[i] for r in runs[name]) for i in range(3))
        ratios = [statistics.median(a[i] / b[i] for a, b in zip(runs[name], runs["ffmpeg"])) for i in (0, 1)]
        out = film.folder / f"{ {'per step': 'steps'}.get(name, name.replace(' -j', '')) }.mp4"
        print(f"{name:<12} {wall:7.1f} s {cpu:7.1f} s {peak:5.0f} MiB {mebibytes(stored):5.0f} MiB "
              f"{out.stat().st_size / (1 << 20):4.1f} MiB {frames_of(out):>7}   {ratios[0]:.2f} {ratios[1]:.2f}")
    speed = [b[0] / a[0] for a, b in zip(runs["artdag -j2"], runs["artdag -j1"])]
    step = [a[0] / b[0] for a, b in zip(runs["artdag -j2"], runs["per step"])]
    print(f"from one job to two: {statistics.median(speed):.2f} times as fast; "
          f"artdag -j2 to per step: {statistics.median(step):.2f} of the time")


def main():
    artdag, media = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    os.environ["ARTDAG_MEDIA"] = str(media)
    for name in ("ARTDAG_CLUSTER_KEY", "ARTDAG_CLUSTER_KEY_FILE"):
        os.environ.pop(name, None)
    for height in map(int, sys.argv[4:] or ("720", "1080")):
        with tempfile.TemporaryDirectory(prefix="artdag-bench-") as name:
            film = Film(pathlib.Path(name), height, artdag)
            film.make_sources()
            compare(film, rounds)


main()
