# SPDX-License-Identifier: MIT
"""What the tests of the program share: a home of their own per test, and ways to look at films.

Every test runs the real artdag with the real media program in an empty HOME. Expectations come from arithmetic or from
ffprobe and ffmpeg, never from artdag itself.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

ARTDAG = os.environ["ARTDAG_BIN"]
MEDIA_PROGRAM = os.environ["ARTDAG_MEDIA_BIN"]
SOURCE_ROOT = pathlib.Path(os.environ["ARTDAG_SOURCE_ROOT"])
MEDIA = pathlib.Path(os.environ.get("ARTDAG_TEST_MEDIA") or SOURCE_ROOT / "../shared/media")

SIMPLE = """\
name: simple_sequence
version: "1.0"
dag:
  nodes:
    - id: video
      type: SOURCE
      config: {input: true, name: video}
    - id: seg1
      type: SEGMENT
      config: {start: 0.0, end: 2.0}
      inputs: [video]
    - id: seg2
      type: SEGMENT
      config: {start: 5.0, end: 7.0}
      inputs: [video]
    - id: output
      type: SEQUENCE
      inputs: [seg1, seg2]
  output: output
"""

# Small and quick, with everything that tends to differ between machines: scaling, colour, a crossfade, speed, resampled sound.
TINY = """\
name: tiny
format: {width: 96, height: 64, fps: 25, sample_rate: 44100}
params:
  saturation: {type: number, default: 1.4, min: 0, max: 3}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true, name: video}}
    - {id: a, type: SEGMENT, config: {start: 0, duration: 10f}, inputs: [video]}
    - {id: b, type: SEGMENT, config: {start: 1s, duration: 12f}, inputs: [video]}
    - {id: colour, type: TRANSFORM, config: {effects: {saturation: $saturation, brightness: 0.05}}, inputs: [b]}
    - {id: join, type: SEQUENCE, config: {transition: {type: crossfade, duration: 4f}}, inputs: [a, colour]}
    - {id: small, type: RESIZE, config: {width: 64, height: 48, mode: pad}, inputs: [join]}
  output: small
"""


def media(name):
    """A sample film. One that is missing is a failure, never a skip."""
    path = MEDIA / name
    if not path.exists():
        raise AssertionError(f"{path} is missing; set ARTDAG_TEST_MEDIA")
    return str(path)


def ffprobe(path, *entries):
    out = subprocess.run(["ffprobe", "-v", "error", *entries, "-of", "json", path], check=True,
                         capture_output=True)
    return json.loads(out.stdout)


def frame_count(path):
    """Decoded, not believed."""
    streams = ffprobe(path, "-count_frames", "-select_streams", "v:0", "-show_entries",
                      "stream=nb_read_frames")["streams"]
    return int(streams[0]["nb_read_frames"])


def audible_samples(path):
    """Samples per channel that the edit list lets sound: AAC comes in frames of 1024, and the file says how many
    samples of the last one count. (ffmpeg's own decoder plays that frame to its end.)"""
    stream = ffprobe(path, "-select_streams", "a:0", "-show_entries",
                     "stream=duration_ts,time_base,sample_rate")["streams"][0]
    assert stream["time_base"] == "1/" + stream["sample_rate"], stream
    return int(stream["duration_ts"])


def sample_count(path, rate, channels=2):
    """Samples per channel after decoding."""
    pcm = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-map", "0:a:0", "-f", "s16le", "-ar",
                          str(rate), "-ac", str(channels), "-"], check=True, capture_output=True)
    return len(pcm.stdout) // (2 * channels)


class Case(unittest.TestCase):
    """One test, one empty home."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="artdag-test-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.home = self.dir / "home"
        self.home.mkdir()

    def env(self, **more):
        kept = {k: v for k, v in os.environ.items()
                if k in ("PATH", "LD_LIBRARY_PATH") or k.endswith("SAN_OPTIONS")}
        return {**kept, "HOME": str(self.home), "ARTDAG_MEDIA": MEDIA_PROGRAM, **more}

    def artdag(self, *args, env=None, **how):
        """Runs artdag; returns the finished process, whatever its status."""
        return subprocess.run([ARTDAG, *map(str, args)], env=env or self.env(), capture_output=True,
                              text=how.pop("text", True), timeout=how.pop("timeout", 600), **how)

    def ok(self, *args, env=None, **how):
        done = self.artdag(*args, env=env, **how)
        self.assertEqual(done.returncode, 0, f"artdag {args}: {done.stderr}")
        return done

    def json(self, *args, env=None):
        """The one JSON document that --json prints on stdout."""
        return json.loads(self.ok(*args, "--json", env=env).stdout)

    def fails(self, status, *args, says="", env=None):
        """The command ends with this status and one clear line."""
        done = self.artdag(*args, env=env)
        self.assertEqual(done.returncode, status, f"artdag {args}: {done.stdout} {done.stderr}")
        lines = [line for line in done.stderr.splitlines()
                 if line.startswith("artdag:") and not line.startswith("artdag: warning:")]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertIn(says, lines[0])
        return lines[0]

    def write(self, name, text):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run_recipe(self, text, *args, env=None, name="recipe.yaml"):
        return self.json("run-recipe", self.write(name, text), *args, env=env)

    def assert_store_clean(self, env=None):
        report = self.json("verify", env=env)
        self.assertEqual((report["corrupt"], report["missing_pinned"]), (0, 0))

    def lavfi(self, name, *args):
        """Makes a film with ffmpeg; returns its path."""
        path = self.dir / name
        subprocess.run(["ffmpeg", "-v", "error", "-y", *args, str(path)], check=True,
                       stdin=subprocess.DEVNULL)
        return str(path)


def children_of(pid):
    """All living descendants of a process, by /proc."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(entry.name)] = int(fields[1])
    found, todo = set(), [pid]
    while todo:
        parent = todo.pop()
        for child, its_parent in parents.items():
            if its_parent == parent and child not in found:
                found.add(child)
                todo.append(child)
    return found


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
