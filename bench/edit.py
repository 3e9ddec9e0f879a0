#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an edit costs: a film of 100 clips and 5 minutes, rendered cold and then after single changes.

usage: edit.py ARTDAG ARTDAG_MEDIA [CLIPS [WIDTHxHEIGHT]]

Prints wall seconds, the ratio to the cold render of the same run, units rendered, and the bytes that two versions of the
film do not share. Sources are the sample films in ARTDAG_TEST_MEDIA; the music is made here.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

FPS = 24
SOURCES = {"bunny": ("big_buck_bunny_0_30.webm", 26.0), "chaplin": ("chaplin.mp4", 6.0)}


class Film:
    """A list of clips (source, start in frames) with crossfades, over music."""

    def __init__(self, count, size):
        self.size = size
        self.clips = [("bunny", (i * 37) % 600) if i % 2 else ("chaplin", (i * 29) % 140)
                      for i in range(count)]
        self.music = "music"

    def recipe(self):
        width, height = self.size.split("x")
        lines = ["name: edit", f"format: {{width: {width}, height: {height}, fps: {FPS}, sample_rate: 48000}}",
                 "dag:", "  nodes:"]
        for name in (*SOURCES, "music", "song"):
            lines.append(f"    - {{id: {name}, type: SOURCE, config: {{input: true}}}}")
        for i, (source, start) in enumerate(self.clips):
            lines.append(f"    - {{id: cut{i}, type: SEGMENT, config: {{start: {start}f, duration: 78f}}, "
                         f"inputs: [{source}]}}")
            lines.append(f"    - {{id: clip{i}, type: TRANSFORM, config: {{effects: {{saturation: 1.2, "
                         f"contrast: 1.05}}}}, inputs: [cut{i}]}}")
        ids = ", ".join(f"clip{i}" for i in range(len(self.clips)))
        lines.append(f"    - {{id: film, type: SEQUENCE, config: {{transition: {{type: crossfade, duration: 6f}}}}, "
                     f"inputs: [{ids}]}}")
        lines.append(f"    - {{id: mix, type: MUX, inputs: {{video: film, audio: {self.music}}}}}")
        lines.append("  output: mix\n")
        return "\n".join(lines)


class Bench:
    def __init__(self, artdag, media_program):
        self.artdag = artdag
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="artdag-bench-"))
        self.env = {**os.environ, "ARTDAG_HOME": str(self.dir / "home"), "ARTDAG_MEDIA": media_program}
        media = pathlib.Path(os.environ.get("ARTDAG_TEST_MEDIA", "../shared/media"))
        self.inputs = {name: str(media / file) for name, (file, _) in SOURCES.items()}
        for name, pitch in (("music", 220), ("song", 330)):
            path = self.dir / f"{name}.flac"
            subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i",
                            f"sine=f={pitch}:r=48000:d=400", "-ac", "2", str(path)], check=True)
            self.inputs[name] = str(path)

    def run(self, film):
        path = self.dir / "recipe.yaml"
        path.write_text(film.recipe())
        args = [arg for name, file in self.inputs.items() for arg in ("-i", f"{name}={file}")]
        start = time.monotonic()
        done = subprocess.run([self.artdag, "run-recipe", str(path), *args, "--json"], env=self.env, check=True,
                              capture_output=True)
        return time.monotonic() - start, json.loads(done.stdout)

    def own_bytes(self, new, old):
        """Bytes of the new film that the old one does not have, and the new film's bytes."""
        done = subprocess.run([self.artdag, "stat", "--shared", new, old, "--json"], env=self.env, check=True,
                              capture_output=True)
        side = json.loads(done.stdout)["sides"][0]
        return side["own_bytes"], side["bytes"]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    size = sys.argv[4] if len(sys.argv) > 4 else "640x360"
    bench = Bench(sys.argv[1], sys.argv[2])
    film = Film(count, size)
    cold, first = bench.run(film)
    print(f"{count} clips, {first['duration']:.1f} s of film at {size}")
    print(f"{'change':<18} {'seconds':>8} {'of cold':>8} {'units':>6} {'new bytes':>12}")
    print(f"{'cold':<18} {cold:8.2f} {'':>8} {first['units']['executed']:6}")
    middle = count // 2

    def edit(what, change):
        version = Film(count, size)
        change(version)
        seconds, result = bench.run(version)
        own, total = bench.own_bytes(result["output_cid"], first["output_cid"])
        print(f"{what:<18} {seconds:8.2f} {seconds / cold:8.1%} {result['units']['executed']:6} "
              f"{own / total:12.1%}", flush=True)

    edit("nothing", lambda f: None)
    edit("one clip changed", lambda f: f.clips.__setitem__(middle, ("bunny", 311)))
    edit("one inserted", lambda f: f.clips.insert(middle, ("bunny", 222)))
    edit("one moved", lambda f: f.clips.insert(5, f.clips.pop(middle)))
    edit("other music", lambda f: setattr(f, "music", "song"))


if __name__ == "__main__":
    main()
