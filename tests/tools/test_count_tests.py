#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/count-tests counts cases, and never takes a crash, a skip or an empty log for success."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parent.parent.parent / "tools" / "count-tests"

CASE_OK = "[ RUN      ] {0}\n[       OK ] {0}\n"
CASE_BAD = "[ RUN      ] {0}\n[  FAILED  ] {0}\n"
CASE_SKIPPED = "[ RUN      ] {0}\n[  SKIPPED ] {0}\n"


def entry(result, stdout, stderr=""):
    return {"name": "t", "result": result, "returncode": 0 if result == "OK" else 1,
            "stdout": stdout, "stderr": stderr}


class CountTests(unittest.TestCase):
    def assert_counts(self, entries, passed, failed):
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            file.write("".join(json.dumps(e) + "\n" for e in entries))
            file.flush()
            result = subprocess.run([sys.executable, TOOL, file.name], capture_output=True,
                                    text=True, check=True)
        self.assertEqual(result.stdout.split(), [str(passed), str(failed)], result.stderr)

    def test_each_case_counts(self):
        self.assert_counts([entry("OK", CASE_OK.format("a") + CASE_OK.format("b"))], 2, 0)

    def test_failed_case_counts_once(self):
        text = CASE_OK.format("a") + CASE_BAD.format("b")
        summary = "[  FAILED  ] tests: 1 test(s), listed below:\n[  FAILED  ] b\n"
        self.assert_counts([entry("FAIL", text, summary)], 1, 1)

    def test_crash_in_a_case_counts(self):
        self.assert_counts([entry("FAIL", CASE_OK.format("a") + "[ RUN      ] b\n")], 1, 1)

    def test_leak_after_good_cases_counts(self):
        self.assert_counts([entry("FAIL", CASE_OK.format("a"))], 1, 1)

    def test_skipped_case_is_no_success(self):
        self.assert_counts([entry("OK", CASE_OK.format("a") + CASE_SKIPPED.format("b"))], 1, 1)

    def test_unittest_cases_count(self):
        self.assert_counts([entry("OK", "", "Ran 14 tests in 0.5s\n\nOK\n")], 14, 0)
        self.assert_counts(
            [entry("FAIL", "", "Ran 14 tests in 0.5s\n\nFAILED (failures=2, errors=1)\n")], 11, 3)

    def test_plain_program_counts_once(self):
        self.assert_counts([entry("OK", "hello"), entry("TIMEOUT", "hello")], 1, 1)

    def test_empty_log_is_a_failure(self):
        self.assert_counts([], 0, 1)

    def test_missing_log_is_a_failure(self):
        result = subprocess.run([sys.executable, TOOL, "/nonexistent"], capture_output=True,
                                text=True, check=True)
        self.assertEqual(result.stdout.split(), ["0", "1"])


if __name__ == "__main__":
    unittest.main()
