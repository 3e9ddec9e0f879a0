#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Scores beats, downbeats and onsets against the truth that pieces.py wrote.

    score.py ARTDAG FOLDER [--also aubio] [--also librosa] [--each]

F-measures: beats and downbeats within 70 ms with the first 5 s left out (as mir_eval does), onsets within 50 ms. One estimate
answers one event.
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile


def f_measure(truth, found, window, skip=0.0):
    truth = [t for t in truth if t >= skip]
    found = [t for t in found if t >= skip]
    hits = i = j = 0
    while i < len(truth) and j < len(found):
        if abs(truth[i] - found[j]) <= window:
            hits, i, j = hits + 1, i + 1, j + 1
        elif truth[i] < found[j]:
            i += 1
        else:
            j += 1
    return 2.0 * hits / (len(truth) + len(found)) if truth or found else 1.0


def continuity(truth, found, skip=5.0):
    """CMLt and AMLt with tolerances of 17.5 % (Davies et al. 2009), written anew."""
    truth = [t for t in truth if t >= skip]
    found = [t for t in found if t >= skip]
    if len(truth) < 4 or len(found) < 4:
        return 0.0, 0.0
    middle = [(a + b) / 2 for a, b in zip(truth, truth[1:])]
    levels = [truth, middle, sorted(truth + middle), truth[::2], truth[1::2]]
    scores = []
    for level in levels:
        right = 0
        for k in range(1, len(found)):
            n = min(range(len(level)), key=lambda x: abs(level[x] - found[k]))
            if n == 0:
                n = 1
            gap = level[n] - level[n - 1]
            if (abs(level[n] - found[k]) <= 0.175 * gap and abs(level[n - 1] - found[k - 1]) <= 0.175 * gap
                    and abs(found[k] - found[k - 1] - gap) <= 0.175 * gap):
                right += 1
        scores.append(right / max(len(found) - 1, len(level) - 1))
    return scores[0], max(scores)


def numbers(text):
    return [float(line.split()[0]) for line in text.splitlines() if line.strip()]


def aubio(path):
    def run(*command):
        return numbers(subprocess.run(command + ("-i", path), capture_output=True, text=True, check=True).stdout)
    return {"beats": run("aubiotrack"), "downbeats": [], "onsets": run("aubioonset")}


def librosa(path):
    import librosa as lib
    samples, rate = lib.load(path, sr=22050)
    _, beats = lib.beat.beat_track(y=samples, sr=rate, units="time")
    return {"beats": list(beats), "downbeats": [], "onsets": list(lib.onset.onset_detect(y=samples, sr=rate, units="time"))}


def own(artdag, paths):
    """What `artdag analyze` says, in a home of its own."""
    results = {}
    with tempfile.TemporaryDirectory(prefix="artdag-score-") as home:
        for i in range(0, len(paths), 12):
            command = [artdag, "analyze", "--quiet", "--home", home, "--json", "--features", "beats,onsets"]
            text = subprocess.run(command + paths[i:i + 12], capture_output=True, text=True, check=True).stdout
            reports = json.loads(text)
            for report in reports if isinstance(reports, list) else [reports]:
                audio = report["analysis"]["audio"]
                beats = audio["beats"]
                results[report["path"]] = {
                    "beats": beats["beat_times"], "downbeats": beats["downbeat_times"], "onsets": audio["onsets"],
                    "tempo": beats["tempo"] or 0, "beats_per_bar": beats["beats_per_bar"], "confidence": beats["confidence"],
                    "downbeat_confidence": beats["downbeat_confidence"]}
    return results


def mean(values):
    return sum(values) / len(values) if values else float("nan")


def table(name, pieces, results):
    rows = []
    for path, truth in pieces:
        r = results[path]
        cml, aml = continuity(truth["beats"], r["beats"])
        rows.append({
            "name": os.path.basename(path)[:-4], "truth": truth, "result": r,
            "beat": f_measure(truth["beats"], r["beats"], 0.07, 5.0),
            "downbeat": f_measure(truth["downbeats"], r["downbeats"], 0.07, 5.0),
            "onset": f_measure(truth["onsets"], r["onsets"], 0.05), "cml": cml, "aml": aml,
        })
    groups = (("all", lambda t: True), ("drums", lambda t: t["drums"]), ("no drums", lambda t: not t["drums"]),
              ("tempo changes", lambda t: t["curve"] != "constant"), ("percussive", lambda t: t["percussive"]))
    for group, test in groups:
        chosen = [r for r in rows if test(r["truth"])]
        print("| %s | %s (%d) | %.3f | %.3f | %.3f | %.3f | %.3f |" % (
            name, group, len(chosen), mean([r["beat"] for r in chosen]), mean([r["cml"] for r in chosen]),
            mean([r["aml"] for r in chosen]), mean([r["downbeat"] for r in chosen]), mean([r["onset"] for r in chosen])))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artdag")
    parser.add_argument("folder")
    parser.add_argument("--also", action="append", default=[], choices=("aubio", "librosa"))
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--offsets", action="store_true", help="how early or late what is found stands")
    args = parser.parse_args()
    pieces = []
    for path in sorted(glob.glob(os.path.join(args.folder, "*.wav"))):
        with open(path[:-4] + ".json") as file:
            pieces.append((path, json.load(file)))
    if not pieces:
        print("no pieces in " + args.folder, file=sys.stderr)
        return 1
    print("| tracker | pieces | beat F | CMLt | AMLt | downbeat F | onset F |\n|---|---|---|---|---|---|---|")
    rows = table("artdag", pieces, own(args.artdag, [p for p, _ in pieces]))
    for other in args.also:
        table(other, pieces, {p: globals()[other](p) for p, _ in pieces})
    if args.offsets:
        for what in ("beats", "onsets"):
            off = sorted(min((f - t for t in r["truth"][what]), key=abs) for r in rows for f in r["result"][what])
            off = [x for x in off if abs(x) <= 0.05]
            print("%s: found %.1f ms later than true in the middle" % (what, 1000 * off[len(off) // 2]))
    if args.each:
        for r in rows:
            t, q = r["truth"], r["result"]
            print("%-14s %5.1f bpm %-11s %d/4  found %5.1f %d  beat %.3f  downbeat %.3f  onset %.3f  conf %.2f %.2f" % (
                r["name"], t["bpm"], t["curve"], t["metre"], q["tempo"], q["beats_per_bar"], r["beat"], r["downbeat"],
                r["onset"], q["confidence"], q["downbeat_confidence"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
