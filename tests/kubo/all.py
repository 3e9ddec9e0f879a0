# SPDX-License-Identifier: MIT
"""Runs the store's contract over a real, solitary node, then test_nodes.py; counts both."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import nodes


def contract(build, program, kind, folder):
    node = nodes.Node(program, kind, folder / "alone", offline=True).start()
    try:
        environment = dict(os.environ, ARTDAG_TEST_KUBO=node.api)
        done = subprocess.run([build / "tests/contract/store/test_contract_store"], env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=900, check=False)
    finally:
        node.stop()
    passed = done.stdout.count("[       OK ]")
    failed = sum(line.startswith("[  FAILED  ]") and "listed below" not in line for line in done.stdout.splitlines()) // 2
    if done.returncode != 0:
        print(done.stdout)
        failed = max(failed, 1)
    return passed, failed


def main():
    build = pathlib.Path(sys.argv[1])
    program, kind = nodes.find_program(os.environ["ARTDAG_TEST_NODES"])
    with tempfile.TemporaryDirectory(prefix="artdag-nodes-") as folder:
        passed, failed = contract(build, program, kind, pathlib.Path(folder))
    import test_nodes  # reads the environment
    result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromModule(test_nodes))
    bad = len(result.failures) + len(result.errors)
    passed += result.testsRun - bad
    failed += bad
    print(f"\n{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
