#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Homes that share a state in Redis."""
import pathlib
import subprocess
import tempfile
import time
import unittest

from support import TINY, Case, media

BUNNY = "big_buck_bunny_0_30.webm"


class SharedState(Case):
    def setUp(self):
        super().setUp()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="artdag-redis-"))  # short, as socket paths must be
        self.socket = folder / "s"
        self.server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", self.socket, "--save", "",
                                        "--dir", folder], stdout=subprocess.DEVNULL)
        self.addCleanup(lambda: (folder / "s").exists() or folder.rmdir())
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)
        deadline = time.monotonic() + 20
        while not self.socket.exists():
            self.assertIsNone(self.server.poll(), "redis-server ended")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def site(self, name, store):
        home = self.dir / name
        home.mkdir(exist_ok=True)
        return self.env(HOME=str(home), ARTDAG_STATE=f"redis:unix:{self.socket}",
                        ARTDAG_STORE=f"fs:{self.dir / store}")

    def film(self, env):
        return self.run_recipe(TINY, "-i", f"video={media(BUNNY)}", env=env)

    def test_what_one_home_rendered_is_a_hit_in_another_that_shares_the_store(self):
        first = self.film(self.site("a", "store"))
        second = self.film(self.site("b", "store"))
        self.assertGreater(first["steps"]["executed"], 0)
        self.assertEqual(second["steps"]["executed"], 0)
        self.assertEqual(second["output_cid"], first["output_cid"])
        # Receipts are each home's own.
        self.assertEqual(len(self.json("runs", env=self.site("b", "store"))), 1)

    def test_a_store_without_the_bytes_renders_anew_and_takes_nothing_from_the_others(self):
        first = self.film(self.site("a", "store-a"))
        second = self.film(self.site("b", "store-b"))
        self.assertGreater(second["steps"]["executed"], 0)
        self.assertEqual(second["output_cid"], first["output_cid"])
        self.json("gc", env=self.site("b", "store-b"))
        self.assertEqual(self.film(self.site("a", "store-a"))["steps"]["executed"], 0)

    def test_a_server_that_is_not_there_is_told_without_the_password(self):
        env = self.site("a", "store")
        env["ARTDAG_STATE"] = "redis://me:secret@127.0.0.1:1/0"
        recipe = self.write("tiny.yaml", TINY)
        line = self.fails(3, "run-recipe", recipe, "-i", f"video={media(BUNNY)}", env=env, says="Redis")
        self.assertNotIn("secret", line)


if __name__ == "__main__":
    unittest.main()
