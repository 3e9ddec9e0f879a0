#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each public header compiles alone, twice included, as C99 and as C++11, without a warning."""
import os
import pathlib
import subprocess
import unittest

INCLUDE = pathlib.Path(__file__).resolve().parent.parent.parent / "include"
HEADERS = sorted(p.relative_to(INCLUDE).as_posix() for p in INCLUDE.rglob("*.h"))
WARNINGS = ["-Wall", "-Wextra", "-Wundef", "-Wstrict-prototypes", "-pedantic-errors", "-Werror"]


def compile_text(command, language, standard, text):
    flags = [w for w in WARNINGS if language == "c" or w != "-Wstrict-prototypes"]
    return subprocess.run([command, "-x", language, f"-std={standard}", *flags, "-fsyntax-only",
                           "-I", str(INCLUDE), "-"], input=text, capture_output=True, text=True,
                          check=False)


class PublicHeaders(unittest.TestCase):
    def assert_compiles(self, command, language, standard):
        self.assertTrue(HEADERS)
        for header in HEADERS:
            with self.subTest(header=header):
                line = f"#include <{header}>\n"
                result = compile_text(command, language, standard, line * 2 + "int unused;\n")
                self.assertEqual(result.returncode, 0, result.stderr)

    def test_each_header_is_complete_c99(self):
        self.assert_compiles(os.environ.get("CC", "cc"), "c", "c99")

    def test_each_header_is_complete_cplusplus(self):
        self.assert_compiles(os.environ.get("CXX", "c++"), "c++", "c++11")

    def test_each_header_has_a_guard_in_the_projects_name(self):
        for header in HEADERS:
            text = (INCLUDE / header).read_text(encoding="utf-8")
            guard = text.split("#ifndef ")[1].split()[0]
            self.assertTrue(guard.startswith("ARTDAG_") and guard.endswith("_H"), header)
            self.assertIn(f"#define {guard}\n", text, header)


if __name__ == "__main__":
    unittest.main()
