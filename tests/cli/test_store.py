#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The store's commands. CIDs are those of IPIP-0499 and the UnixFS specification."""
import os
import pathlib
import subprocess
import unittest

from support import Case, media

HELLO = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"  # "hello world", IPIP-0499
HELLO_V0 = "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD"
EMPTY_FOLDER = "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354"


class Store(Case):
    def test_add_prints_the_cid_of_the_specification(self):
        path = self.write("hello.txt", "hello world")
        self.assertEqual(self.ok("add", "-q", path).stdout.strip(), HELLO)

    def test_other_profiles_are_for_hashing_only(self):
        path = self.write("hello.txt", "hello world")
        done = self.ok("add", "-q", "--only-hash", "--profile", "unixfs-v0-2015", path)
        self.assertEqual(done.stdout.strip(), HELLO_V0)
        self.fails(2, "add", "--profile", "unixfs-v0-2015", path)
        self.fails(4, "cat", HELLO)

    def test_only_hash_agrees_with_an_independent_program(self):
        path = self.write("bytes", bytes(i % 251 for i in range(1_000_003)))
        ours = self.ok("add", "-q", "--only-hash", "--profile", "unixfs-v0-2015", path).stdout.strip()
        theirs = subprocess.run(["ipfs_cid", str(path)], capture_output=True, text=True, check=True)
        self.assertIn(ours, theirs.stdout)

    def test_cat_gives_any_range(self):
        data = os.urandom(3 * (1 << 20) + 12345)
        cid = self.ok("add", "-q", self.write("blob", data)).stdout.strip()
        self.assertEqual(self.ok("cat", cid, text=False).stdout, data)
        for offset, length in ((0, 1), (1 << 20, 1), ((1 << 20) - 1, 2), (3 << 20, 99999), (5, 0),
                               (len(data), 10), (len(data) + 10, 10)):
            got = self.ok("cat", cid, "--offset", offset, "--length", length, text=False).stdout
            self.assertEqual(got, data[offset:offset + length])

    def test_folders_go_in_and_come_out(self):
        tree = self.dir / "tree"
        (tree / "sub" / "deep").mkdir(parents=True)
        (tree / "empty").mkdir()
        (tree / "a.txt").write_text("a")
        (tree / "sub" / "ü b.bin").write_bytes(os.urandom(2_000_000))
        (tree / "sub" / "deep" / "hello.txt").write_text("hello world")
        cid = self.json("add", tree)[0]["cid"]
        names = {e["name"]: e["cid"] for e in self.json("ls", cid)}
        self.assertEqual(set(names), {"a.txt", "sub", "empty"})
        self.assertEqual(names["empty"], EMPTY_FOLDER)
        out = self.dir / "out"
        self.ok("get", cid, "-o", out)
        diff = subprocess.run(["diff", "-r", str(tree), str(out)], check=False)
        self.assertEqual(diff.returncode, 0)

    def test_get_replaces_a_file_and_refuses_a_folder(self):
        cid = self.ok("add", "-q", self.write("f", "hello world")).stdout.strip()
        target = self.write("target", "old")
        self.ok("get", cid, "-o", target)
        self.assertEqual(target.read_text(), "hello world")
        folder = self.dir / "folder"
        folder.mkdir()
        self.assertNotEqual(self.artdag("get", cid, "-o", folder).returncode, 0)
        self.assertEqual(list(folder.iterdir()), [])

    def test_stat_counts_blocks(self):
        cid = self.ok("add", "-q", self.write("blob", os.urandom(3 << 20))).stdout.strip()
        stat = self.json("stat", cid)
        self.assertEqual((stat["type"], stat["file_bytes"], stat["blocks"]), ("file", 3 << 20, 4))

    def test_stat_says_what_two_files_share(self):
        first, second, third, other = (os.urandom(1 << 20) for _ in range(4))
        a = self.ok("add", "-q", self.write("a", first + second + third)).stdout.strip()
        b = self.ok("add", "-q", self.write("b", first + other + third + b"more")).stdout.strip()
        shared = self.json("stat", "--shared", a, b)
        self.assertEqual(shared["common"], {"blocks": 2, "bytes": 2 << 20})
        sides = shared["sides"]
        self.assertEqual([s["cid"] for s in sides], [a, b])
        self.assertEqual([s["own_blocks"] for s in sides], [2, 3])  # the changed one, the rest, the root
        for side, cid in zip(sides, (a, b)):
            stat = self.json("stat", cid)
            self.assertEqual((side["blocks"], side["bytes"]), (stat["blocks"], stat["dag_bytes"]))
            self.assertEqual(side["own_bytes"], stat["dag_bytes"] - (2 << 20))
        text = self.ok("stat", "--shared", a, b).stdout.splitlines()
        self.assertEqual(text[0].split(), f"common {2 << 20} bytes (2.0 MiB) in 2 blocks".split())
        self.assertEqual([text[1], text[3]], [a, b])
        self.assertEqual([line.split()[-2] for line in (text[2], text[4])], ["2", "3"])
        self.assertIn("--shared", self.ok("stat", "--help").stdout)

    def test_stat_shared_wants_two_that_are_here(self):
        cid = self.ok("add", "-q", self.write("f", "hello world")).stdout.strip()
        self.fails(2, "stat", "--shared", cid)
        self.fails(2, "stat", "--shared", cid, cid, cid)
        self.fails(2, "stat", "--shared", cid, "nonsense")
        self.fails(4, "stat", "--shared", cid, EMPTY_FOLDER)

    def test_pins_have_names_and_hold(self):
        cid = self.ok("add", "-q", self.write("f", "hello world")).stdout.strip()
        self.ok("pin", "add", cid, "-n", "one")
        self.ok("pin", "add", cid, "-n", "two")
        self.assertEqual({p["name"] for p in self.json("pin", "ls")}, {"one", "two"})
        self.ok("pin", "rm", cid, "-n", "one")
        self.ok("gc")
        self.assertEqual(self.ok("cat", cid).stdout, "hello world")
        self.ok("pin", "rm", cid)
        self.ok("gc")
        self.fails(4, "cat", cid)
        self.fails(4, "pin", "add", cid)

    def test_gc_can_be_bounded(self):
        for i in range(8):
            self.ok("add", "-q", self.write(f"f{i}", os.urandom(1 << 20)))
        self.ok("gc", "--older-than", "1h")
        self.assertEqual(self.json("verify")["blocks"], 8)
        dry = self.json("gc", "--dry-run")
        self.assertEqual(dry["removed_blocks"], 8)
        kept = self.json("gc", "--keep", "4MiB")
        self.assertEqual(kept["removed_blocks"], 4)
        self.assertEqual(self.json("verify")["blocks"], 4)

    def test_archives_go_out_and_come_in(self):
        cid = self.ok("add", "-q", self.write("blob", os.urandom(2_500_000))).stdout.strip()
        car = self.dir / "x.car"
        self.ok("car", "export", cid, "-o", car)
        other = self.env(ARTDAG_HOME=str(self.dir / "other"))
        self.assertEqual(self.ok("car", "import", car, env=other).stdout.strip(), cid)
        self.assertEqual(self.ok("cat", cid, env=other, text=False).stdout,
                         self.ok("cat", cid, text=False).stdout)
        data = bytearray(car.read_bytes())
        data[len(data) // 2] ^= 1
        car.write_bytes(data)
        third = self.env(ARTDAG_HOME=str(self.dir / "third"))
        self.fails(5, "car", "import", car, env=third)

    def test_a_reference_copies_nothing_and_notices_change(self):
        path = self.write("big.bin", os.urandom(8 << 20))
        cid = self.ok("add", "-q", "--reference", path).stdout.strip()
        self.assertEqual(cid, self.ok("add", "-q", "--only-hash", path).stdout.strip())
        store = pathlib.Path(self.home) / ".local/share/artdag/store"
        used = sum(f.stat().st_size for f in store.rglob("*") if f.is_file())
        self.assertLess(used, 1 << 20)
        self.assertEqual(self.ok("cat", cid, text=False).stdout, path.read_bytes())
        data = bytearray(path.read_bytes())
        data[5 << 20] ^= 1
        path.write_bytes(data)
        self.fails(5, "cat", cid, "--offset", 5 << 20)

    def test_a_flipped_bit_is_found(self):
        cid = self.ok("add", "-q", self.write("blob", os.urandom(500_000))).stdout.strip()
        blocks = pathlib.Path(self.home) / ".local/share/artdag/store/blocks"
        block = next(p for p in blocks.rglob("*") if p.is_file() and p.stat().st_size == 500_000)
        block.chmod(0o600)
        data = bytearray(block.read_bytes())
        data[1234] ^= 0x10
        block.write_bytes(data)
        self.fails(5, "cat", cid)
        self.fails(4, "cat", cid)  # quarantined: now it is absent
        self.assert_store_clean()

    def test_analysis_says_what_a_file_is(self):
        report = self.json("analyze", media("big_buck_bunny_0_30.webm"))
        video = report["analysis"]["video"]
        self.assertEqual((video["width"], video["height"], video["codec"]), (1280, 720, "vp8"))
        self.assertEqual((video["frames"], video["fps"]), (720, {"num": 24, "den": 1}))
        self.assertEqual(report["analysis"]["duration"], {"num": 30, "den": 1})


if __name__ == "__main__":
    unittest.main(verbosity=2)
