# SPDX-License-Identifier: MIT
"""The program against real IPFS nodes: what other implementations made and read, networks, crashes.

Environment: ARTDAG_BIN, ARTDAG_TEST_NODES (folder for the node's program). The CIDs are those of IPIP-0499's vectors and of
ipfs-unixfs-importer 17 and Debian's ipfs-cid.
"""
import json
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import nodes

ARTDAG = os.environ["ARTDAG_BIN"]
SOURCE = pathlib.Path(__file__).resolve().parents[2]
MOD251 = bytes(i % 251 for i in range(251))
VECTORS = {
    1: "bafkreidogqfzz75tpkmjzjke425xqcrmpcib2p5tg44hnbirumdbpl5adu",
    1048576: "bafkreidddocae7lltzjlkooe5a3tmiwsgazn7logjvqk7bzttsidpzhxne",
    1048577: "bafybeidjogjfwuhbzwopgd4bn3skcf5m6oz72xshywcndzxgqb623nfclu",
    10485767: "bafybeigj7mewf43urs3qmj6hhcf2dpsqxzwrt3ag4mqp5pam3n4msfxzpm",
}


def mod251(size):
    return (MOD251 * (size // 251 + 1))[:size]


class NodesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program, cls.kind = nodes.find_program(os.environ["ARTDAG_TEST_NODES"])
        nodes.say(f"running against {cls.program}")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="artdag-nodes-"))
        cls.a = nodes.Node(cls.program, cls.kind, cls.folder / "a").start()
        cls.b = nodes.Node(cls.program, cls.kind, cls.folder / "b").start()
        cls.a.connect(cls.b)

    @classmethod
    def tearDownClass(cls):
        cls.a.stop()
        cls.b.stop()
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="home-", dir=self.folder))

    def artdag(self, node, *arguments, status=0, options="", **more):
        environment = dict(os.environ, ARTDAG_HOME=str(self.home), ARTDAG_STORE=f"kubo:{node.api}?find-ms=20000{options}")
        done = subprocess.run([ARTDAG, *map(str, arguments)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, timeout=300, check=False, **more)
        self.assertEqual(done.returncode, status, done.stderr.decode(errors="replace"))
        return done.stdout

    def add(self, node, path, *options):
        return self.artdag(node, "add", *options, path).decode().split()[0]

    def write(self, name, data):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def test_added_files_have_the_known_cids_and_the_node_reads_them(self):
        for size, cid in VECTORS.items():
            path = self.write("file", mod251(size))
            self.assertEqual(self.add(self.a, path), cid)
            self.assertEqual(self.a.rpc("cat", cid), mod251(size))
            self.assertEqual(self.artdag(self.a, "cat", cid), mod251(size))

    def test_a_file_on_one_node_is_read_through_another(self):
        data = os.urandom(3000000)
        cid = self.add(self.a, self.write("film", data))
        if self.kind == "kubo": # js-ipfs would fetch it to answer
            self.assertFalse(self.b.has(cid))
        self.assertEqual(self.artdag(self.b, "cat", cid), data)

    def test_a_film_from_clips_on_another_node_is_the_one_of_a_folder(self):
        clip = self.home / "clip.mp4"
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=8",
                        "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=8", "-c:v", "libx264", "-preset",
                        "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", clip], check=True, timeout=60)
        recipe = SOURCE / "examples/simple_sequence.yaml"
        cid = self.add(self.a, clip)
        over_network = json.loads(self.artdag(self.b, "run-recipe", recipe, "-i", f"video={cid}", "--json"))
        again = json.loads(self.artdag(self.b, "run-recipe", recipe, "-i", f"video={cid}", "--json"))
        fs = dict(os.environ, ARTDAG_HOME=str(self.home / "fs"))
        in_folder = json.loads(subprocess.run([ARTDAG, "run-recipe", recipe, "-i", f"video={clip}", "--json"], env=fs, check=True,
                                              timeout=120, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
        self.assertEqual(over_network["output_cid"], in_folder["output_cid"])
        self.assertEqual(again["steps"]["executed"], 0)
        self.assertEqual(len(self.b.rpc("cat", over_network["output_cid"])),
                         len(self.artdag(self.a, "cat", over_network["output_cid"])))

    def test_a_sharded_folder_lists_on_the_node(self):
        folder = self.home / "many"
        folder.mkdir()
        for i in range(5000):
            (folder / f"file number {i} with quite a long name, so that the folder is sharded").write_bytes(b"%d" % (i % 10))
        cid = self.add(self.a, folder)
        self.assertEqual(len(self.artdag(self.a, "ls", cid).splitlines()), 5000)
        listed = json.loads(self.a.rpc("ls", cid))["Objects"][0]["Links"]
        self.assertEqual({link["Name"] for link in listed}, {p.name for p in folder.iterdir()})
        one = "file number 4321 with quite a long name, so that the folder is sharded"
        self.assertEqual(self.a.rpc("cat", f"/ipfs/{cid}/{one}"), b"1")

    def test_archives_go_both_ways(self):
        data = os.urandom(2500000)
        cid = self.add(self.a, self.write("film", data))
        car = self.a.rpc("dag/export", cid)
        fs = dict(os.environ, ARTDAG_HOME=str(self.home / "fs"))
        subprocess.run([ARTDAG, "car", "import", self.write("a.car", car)], env=fs, check=True, timeout=60, stdout=subprocess.DEVNULL)
        back = subprocess.run([ARTDAG, "cat", cid], env=fs, check=True, timeout=60, stdout=subprocess.PIPE).stdout
        self.assertEqual(back, data)
        other = os.urandom(2500000)
        subprocess.run([ARTDAG, "add", self.write("other", other)], env=fs, check=True, timeout=60, stdout=subprocess.DEVNULL)
        other_cid = subprocess.run([ARTDAG, "add", "--only-hash", self.home / "other"], env=fs, check=True, timeout=60,
                                   stdout=subprocess.PIPE, text=True).stdout.split()[0]
        subprocess.run([ARTDAG, "car", "export", other_cid, "-o", self.home / "b.car"], env=fs, check=True, timeout=60)
        self.assertIn(other_cid.encode() if self.kind == "kubo" else b"Root", self.a.import_car((self.home / "b.car").read_bytes()))
        self.assertEqual(self.a.rpc("cat", other_cid), other)

    def test_the_nodes_collection_takes_what_is_not_pinned(self):
        kept = self.add(self.a, self.write("kept", os.urandom(2500000)), "--pin", "artdag/run/1")
        loose = self.add(self.a, self.write("loose", os.urandom(2500000)))
        self.assertIn(f"{kept}", self.artdag(self.a, "pin", "ls").decode())
        self.assertIn("artdag/run/1", self.artdag(self.a, "pin", "ls").decode())
        self.a.rpc("repo/gc")
        self.assertTrue(self.a.has(kept))
        self.assertFalse(self.a.has(loose))
        self.artdag(self.a, "pin", "rm", kept, "-n", "artdag/run/1")
        self.artdag(self.a, "gc")
        self.assertFalse(self.a.has(kept))

    def test_a_node_killed_during_the_upload_is_an_error_and_the_next_try_works(self):
        node = nodes.Node(self.program, self.kind, self.folder / f"killed-{time.monotonic_ns()}", offline=True).start()
        path = self.write("film", os.urandom(60000000))
        expected = self.add(node, path, "--only-hash")
        threading.Timer(1.0, node.kill).start()
        try:
            begin = time.monotonic()
            self.artdag(node, "add", path, status=3)
            self.assertLess(time.monotonic() - begin, 60)
            node.start()
            self.assertEqual(self.add(node, path), expected)
            self.assertEqual(self.artdag(node, "cat", expected), path.read_bytes())
        finally:
            node.stop()

    def test_memory_does_not_grow_with_the_file(self):
        used = []
        for megabytes in (16, 160):
            path = self.home / "big"
            with open(path, "wb") as out:
                for _ in range(megabytes):
                    out.write(os.urandom(1 << 20))
            child = os.fork()
            if child == 0:
                try:
                    self.add(self.a, path)
                    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
                    (self.home / f"peak-{megabytes}").write_text(str(peak))
                finally:
                    os._exit(0)
            os.waitpid(child, 0)
            used.append(int((self.home / f"peak-{megabytes}").read_text()))
        self.assertLess(used[1], used[0] + 16384, f"kB at the peak: {used}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
