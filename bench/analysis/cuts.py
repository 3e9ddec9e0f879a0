#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Joins films from clips so that every cut is known, and scores the cuts that are found.

    cuts.py ARTDAG FOLDER --media MEDIA [--films 12] [--seed 1] [--also scenedetect]

MEDIA holds the sample films. Besides hard cuts the films contain dissolves, fades through black, flashes, fast pans, shakes and changes
of light, none of which is a hard cut. A found cut counts when it lies within one frame of a true one.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

WIDTH, HEIGHT, FPS = 320, 180, 25
FRAME = WIDTH * HEIGHT * 3 // 2
SCALE = "scale=%d:%d:flags=area,setsar=1,fps=%d,format=yuv420p" % (WIDTH, HEIGHT, FPS)
LAVFI = ("testsrc2=s=640x360:r=25", "testsrc=s=640x360:r=25", "smptehdbars=s=640x360:r=25", "rgbtestsrc=s=640x360:r=25",
         "mandelbrot=s=640x360:r=25:start_scale=0.5", "life=s=320x180:r=25:ratio=0.2:mold=10:seed=7",
         "gradients=s=640x360:r=25:seed=3:speed=0.02", "gradients=s=640x360:r=25:seed=9:speed=0.05:c0=red:c1=blue",
         "cellauto=s=320x180:r=25:rule=110:random_seed=5", "sierpinski=s=640x360:r=25:seed=2",
         "color=c=0x204060:s=640x360:r=25", "pal75bars=s=640x360:r=25", "yuvtestsrc=s=640x360:r=25")
# Stretches of the sample films without a cut of their own: file, first second, last second.
SHOTS = (("big_buck_bunny_0_30.webm", 1.0, 6.0), ("big_buck_bunny_0_30.webm", 13.0, 15.0),
         ("chaplin.mp4", 0.2, 9.4))
EFFECTS = ("", "", "", "crop=iw/3:ih/3:x='abs(mod(t*300,iw*4/3)-iw*2/3)':y=ih/3", "rotate=t:fillcolor=gray", "eq=brightness=-0.3:contrast=0.5",
           "noise=alls=25:allf=t", "crop=iw/2:ih/2:x='iw/4+20*sin(40*t)':y='ih/4+20*cos(31*t)'",
           "hue=s=0", "zoompan=z='1+0.02*on':d=1:s=640x360", "eq=brightness='0.12*sin(6*t)':eval=frame", "hflip,negate")


def clip(rng, media, frames, cache):
    """Raw pictures of one clip that has no cut of its own."""
    effect = rng.choice(EFFECTS)
    if rng.random() < 0.5:
        source = rng.choice(LAVFI)
        start = rng.choice((0, 2, 5))
        what = ["-f", "lavfi", "-i", source, "-ss", str(start)]
    else:
        name, first, last = rng.choice(SHOTS)
        start = round(rng.uniform(first, max(first, last - frames / FPS - 0.1)), 2)
        frames = min(frames, int((last - start) * FPS))
        what = ["-ss", str(start), "-i", os.path.join(media, name)]
        source = name
    chain = ",".join(f for f in ("scale=640:360,format=yuv420p", effect, SCALE) if f)
    data = subprocess.run(["ffmpeg", "-v", "error", "-threads", "1"] + what + ["-an", "-vf", chain, "-frames:v", str(frames),
                           "-f", "rawvideo", "-"], capture_output=True, check=True).stdout
    return (source, effect), [data[i:i + FRAME] for i in range(0, len(data) - FRAME + 1, FRAME)]


def mix(a, b, share):
    """share of 256 parts of b."""
    table_a = bytes(v * (256 - share) // 256 for v in range(256))
    table_b = bytes(v * share // 256 for v in range(256))
    x = int.from_bytes(a.translate(table_a), "little") + int.from_bytes(b.translate(table_b), "little")
    return x.to_bytes(len(a) + 1, "little")[:len(a)]


def film(seed, media):
    rng = random.Random(seed)
    luma = WIDTH * HEIGHT
    black = bytes([16]) * luma + bytes([128]) * (FRAME - luma)
    white = bytes([235]) * luma + bytes([128]) * (FRAME - luma)
    frames, cuts, last = [], [], None
    while len(frames) < 40 * FPS:
        kind, pictures = clip(rng, media, rng.randint(12, 90), None)
        if len(pictures) < 10 or kind[0] == last:
            continue
        last = kind[0]
        joint = rng.random()
        if frames and joint < 0.15 and len(pictures) > 20:  # a dissolve
            n = rng.randint(10, 20)
            tail, frames = frames[-n:], frames[:-n]
            n = len(tail)
            if cuts and cuts[-1] >= len(frames):
                frames += tail
                cuts.append(len(frames))
            else:
                pictures = [mix(tail[i], pictures[i], 256 * (i + 1) // (n + 1)) for i in range(n)] + pictures[n:]
        elif frames and joint < 0.25:  # through black
            n = rng.randint(8, 15)
            frames += [mix(frames[-1], black, 256 * (i + 1) // n) for i in range(n)] + [black] * 5
            pictures = [mix(black, pictures[0], 256 * (i + 1) // n) for i in range(n)] + pictures
        elif frames:
            cuts.append(len(frames))
        if rng.random() < 0.2 and len(pictures) > 40:  # a flash
            at = rng.randint(15, len(pictures) - 15)
            for i in range(rng.randint(1, 3)):
                pictures[at + i] = mix(pictures[at + i], white, rng.choice((150, 220)))
        frames += pictures
    return frames, cuts


def score(truth, found):
    hits, free = 0, list(found)
    for t in truth:
        near = [f for f in free if abs(f - t) <= 1]
        if near:
            free.remove(near[0])
            hits += 1
    return hits, free


def own(artdag, path):
    """What `artdag analyze` says, in a home of its own."""
    with tempfile.TemporaryDirectory(prefix="artdag-cuts-") as home:
        text = subprocess.run([artdag, "analyze", "--quiet", "--home", home, "--json", "--features", "scene_changes", path],
                              capture_output=True, check=True).stdout
    video = json.loads(text)["analysis"]["video"]
    return video["scene_frames"], {"scores": video["frame_scores"]}


def scenedetect(path):
    from scenedetect import ContentDetector, detect
    return [s[0].get_frames() for s in detect(path, ContentDetector())][1:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artdag")
    parser.add_argument("folder")
    parser.add_argument("--media", required=True)
    parser.add_argument("--films", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--also", choices=("scenedetect",))
    parser.add_argument("--each", action="store_true")
    args = parser.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    totals = {}
    for seed in range(args.seed, args.seed + args.films):
        path = os.path.join(args.folder, "film-%d.mp4" % seed)
        if not os.path.exists(path + ".json"):
            frames, cuts = film(seed, args.media)
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-s", "%dx%d" % (WIDTH, HEIGHT), "-pix_fmt", "yuv420p",
                            "-r", str(FPS), "-i", "-", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-threads", "1",
                            path], input=b"".join(frames), check=True)
            with open(path + ".json", "w") as out:
                json.dump(cuts, out)
        with open(path + ".json") as file:
            cuts = json.load(file)
        found, result = own(args.artdag, path)
        lists = {"artdag": found}
        if args.also:
            lists[args.also] = scenedetect(path)
        for name, found in lists.items():
            hits, wrong = score(cuts, found)
            t = totals.setdefault(name, [0, 0, 0])
            t[0], t[1], t[2] = t[0] + hits, t[1] + len(cuts), t[2] + len(wrong)
            if args.each and name == "artdag":
                missed = [c for c in cuts if all(abs(c - f) > 1 for f in found)]
                weakest = sorted(round(max(result["scores"][max(0, c - 1):c + 2])) for c in cuts)[:5]
                print(seed, "weakest", weakest, "missed", [(c, result["scores"][c]) for c in missed], "wrong", [(f, result["scores"][f]) for f in wrong])
    print("| detector | true cuts | recall | precision | F | false |\n|---|---|---|---|---|---|")
    for name, (hits, true, wrong) in totals.items():
        recall, precision = hits / true, hits / max(1, hits + wrong)
        print("| %s | %d | %.3f | %.3f | %.3f | %d |" % (name, true, recall, precision,
                                                       2 * recall * precision / max(1e-9, recall + precision), wrong))
    return 0


if __name__ == "__main__":
    sys.exit(main())
