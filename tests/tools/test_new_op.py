#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/new-op makes an op that compiles, is in the table and is built, and touches nothing when it refuses."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOL = ROOT / "tools" / "new-op"


class NewOp(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        shutil.copytree(ROOT / "src" / "ops", self.root / "src" / "ops")
        shutil.copytree(ROOT / "tests" / "unit" / "ops", self.root / "tests" / "unit" / "ops")
        shutil.copy(ROOT / ".clang-format", self.root)

    def tearDown(self):
        self.folder.cleanup()

    def run_tool(self, name):
        return subprocess.run([sys.executable, TOOL, name, self.root], capture_output=True,
                              text=True, check=False)

    def compile(self, path):
        flags = ["-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
                 "-Wno-missing-field-initializers", "-fsyntax-only"]
        folders = [self.root / "src", ROOT / "src", ROOT / "include", ROOT / "tests" / "support"]
        return subprocess.run([os.environ.get("CC", "cc"), *flags,
                               *(f"-I{folder}" for folder in folders), self.root / path],
                              capture_output=True, text=True, check=False)

    def test_new_op_compiles_and_is_entered_everywhere(self):
        result = self.run_tool("PASS_ON")
        self.assertEqual(result.returncode, 0, result.stderr)
        for path in ("src/ops/pass_on.c", "src/ops/table.c", "tests/unit/ops/test_pass_on.c"):
            compiled = self.compile(path)
            self.assertEqual(compiled.returncode, 0, compiled.stderr)
        table = (self.root / "src/ops/table.c").read_text("utf-8")
        self.assertEqual(table.count("&ad_op_pass_on"), 1)
        self.assertEqual(table.count("&ad_op_sequence"), 1)
        self.assertIn("'pass_on.c',\n", (self.root / "src/ops/meson.build").read_text("utf-8"))
        self.assertIn("'pass_on',\n", (self.root / "tests/unit/ops/meson.build").read_text("utf-8"))

    def test_known_op_is_refused(self):
        before = (self.root / "src/ops/segment.c").read_text("utf-8")
        result = self.run_tool("SEGMENT")
        self.assertEqual(result.returncode, 1)
        self.assertIn("is there already", result.stderr)
        self.assertEqual((self.root / "src/ops/segment.c").read_text("utf-8"), before)

    def test_odd_name_is_refused(self):
        for name in ("loop", "../LOOP", "L", "A B"):
            result = self.run_tool(name)
            self.assertEqual(result.returncode, 1, name)
            self.assertIn("capitals", result.stderr)


if __name__ == "__main__":
    unittest.main()
