#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/lint-commit accepts the house's subjects and says what is wrong with others."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parent.parent.parent / "tools" / "lint-commit"


class LintCommit(unittest.TestCase):
    def lint(self, message):
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
            file.write(message)
            file.flush()
            return subprocess.run([sys.executable, TOOL, file.name], capture_output=True, text=True,
                                  check=False)

    def assert_found(self, message, words):
        result = self.lint(message)
        self.assertEqual(result.returncode, 1)
        self.assertIn(words, result.stdout)

    def test_good_messages_pass(self):
        for message in ("store: sync before rename\n",
                        "base, cid: use one hex table\n\nTwo had drifted apart.\n",
                        "docs/errors: list the CLI's codes\n# a comment of git\n"):
            self.assertEqual(self.lint(message).returncode, 0, message)

    def test_subject_without_room_is_found(self):
        self.assert_found("sync before rename\n", 'not "room: do the thing"')

    def test_capital_is_found(self):
        self.assert_found("store: Sync before rename\n", "capital")

    def test_long_subject_is_found(self):
        self.assert_found("store: " + "x" * 66 + "\n", "73 columns")

    def test_full_stop_is_found(self):
        self.assert_found("store: sync before rename.\n", "full stop")

    def test_body_on_second_line_is_found(self):
        self.assert_found("store: sync before rename\nbecause\n", "second line")


if __name__ == "__main__":
    unittest.main()
