#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs two commands in turn, A B A B ..., and compares them.

usage: render_measure.py ROUNDS NAME_A COMMAND_A NAME_B COMMAND_B

Commands are lines of shell. Of each run: elapsed and CPU seconds (of all processes it started), and the largest sum
of resident memory (shared pages counted once) over all of them, sampled 20 times a second. Printed are medians and
the ratios A / B of each pair."""
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import threading
import time


def family(pid):
    """pid and all its living descendants."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    found, todo = {pid}, [pid]
    while todo:
        parent = todo.pop()
        for child, its_parent in parents.items():
            if its_parent == parent and child not in found:
                found.add(child)
                todo.append(child)
    return found


def resident_mib(pid):
    """Proportional set size: what several processes share is counted once."""
    total = 0
    for member in family(pid):
        try:
            for line in pathlib.Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            continue
    return total / 1024


def run(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    peak = [0.0]
    with subprocess.Popen(["bash", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        done = threading.Event()

        def watch():
            while not done.wait(0.05):
                peak[0] = max(peak[0], resident_mib(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        status = process.wait()
        wall = time.monotonic() - start
        done.set()
        watcher.join()
    if status:
        sys.exit(f"render_measure.py: failed with status {status}: {command}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, peak[0]


def main():
    rounds = int(sys.argv[1])
    names, commands = (sys.argv[2], sys.argv[4]), (sys.argv[3], sys.argv[5])
    runs = ([], [])
    for _ in range(rounds):
        for which in (0, 1):
            runs[which].append(run(commands[which]))
    print(f"{os.cpu_count()} cores, {rounds} rounds, medians")
    for which in (0, 1):
        wall, cpu, peak = (statistics.median(r[i] for r in runs[which]) for i in range(3))
        print(f"{names[which]:<28} {wall:7.2f} s elapsed {cpu:7.2f} s CPU {peak:7.0f} MiB at most")
    for i, what in enumerate(("elapsed", "CPU", "memory")):
        ratios = sorted(a[i] / b[i] for a, b in zip(*runs))
        print(f"ratio of {what:<19} {statistics.median(ratios):7.2f} (pairs from {ratios[0]:.2f} to {ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
