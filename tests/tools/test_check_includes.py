#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/check-includes finds each kind of violation in a small made-up tree, and nothing in a clean one."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOL = ROOT / "tools" / "check-includes"

CLEAN = {
    "include/artdag/error.h": "#include <stddef.h>\n#include <artdag/export.h>\n",
    "include/artdag/export.h": "\n",
    "src/base/base.h": '#include "base/buf.h"\n',
    "src/base/buf.h": "#include <artdag/error.h>\n",
    "src/cid/cid.h": '#include "base/base.h"\n',
    "src/cid/cid.c": '#include "cid.h"\n#include "cid/digest.h"\n#include <openssl/evp.h>\n',
    "src/cid/digest.h": "#include <stdint.h>\n",
    "src/media/main.c": '#include <libavutil/frame.h>\n#include "graph/graph.h"\n',
    "src/graph/graph.h": '#include "base/base.h"\n',
    "src/cli/main.c": "#include <artdag/error.h>\n",
    "examples/render.c": "#include <artdag/error.h>\n#include <stdio.h>\n",
}


class CheckIncludes(unittest.TestCase):
    def run_on(self, changes):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**CLEAN, **changes}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return subprocess.run([sys.executable, TOOL, folder], capture_output=True, text=True,
                                  check=False)

    def assert_found(self, changes, *words):
        result = self.run_on(changes)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertEqual(len(result.stdout.splitlines()), 1, result.stdout)
        for word in words:
            self.assertIn(word, result.stdout)

    def test_clean_tree_passes(self):
        result = self.run_on({})
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_arrow_against_the_order_is_found(self):
        self.assert_found({"src/base/x.c": '\n#include "cid/cid.h"\n'}, "src/base/x.c:2",
                          "no arrow base -> cid")

    def test_arrow_that_was_not_drawn_is_found(self):
        self.assert_found({"src/graph/x.c": '#include "cid/cid.h"\n'}, "no arrow graph -> cid")

    def test_arrow_by_relative_path_is_found(self):
        self.assert_found({"src/graph/x.c": '#include "../cid/cid.h"\n'}, "no arrow graph -> cid")

    def test_side_entrance_is_found(self):
        self.assert_found({"src/store/x.c": '#include "cid/digest.h"\n'}, "not the door cid/cid.h")

    def test_base_is_entered_by_its_door_too(self):
        self.assert_found({"src/store/x.c": '#include "base/buf.h"\n'}, "not the door base/base.h")

    def test_libav_outside_media_is_found(self):
        self.assert_found({"src/exec/x.c": "#include <libavcodec/avcodec.h>\n"}, "belongs to media")

    def test_other_library_outside_its_room_is_found(self):
        self.assert_found({"src/store/x.c": "#include <openssl/evp.h>\n"}, "belongs to cid")

    def test_command_line_sees_public_headers_only(self):
        self.assert_found({"src/cli/x.c": '#include "base/base.h"\n'}, "public headers only")

    def test_public_header_sees_public_headers_only(self):
        self.assert_found({"include/artdag/x.h": '#include "base/base.h"\n'}, "only public headers")

    def test_example_sees_public_headers_only(self):
        self.assert_found({"examples/x.c": '#include "store/store.h"\n'}, "only public headers")

    def test_cycle_is_found(self):
        self.assert_found({"src/cid/digest.h": '#include "cid/cid.h"\n',
                           "src/cid/cid.h": '#include "cid/digest.h"\n'}, "cycle:", "src/cid/cid.h")

    def test_unknown_room_is_found(self):
        self.assert_found({"src/attic/x.c": "\n"}, "attic is not a room")

    def test_missing_tree_is_an_error(self):
        result = subprocess.run([sys.executable, TOOL, "/nonexistent"], capture_output=True,
                                text=True, check=False)
        self.assertEqual(result.returncode, 1)


if __name__ == "__main__":
    unittest.main()
