#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a dry run says of the run to come."""
import json
import unittest

from support import Case, TINY, media


class Forecast(Case):
    def setUp(self):
        super().setUp()
        self.recipe = self.write("tiny.yaml", TINY)
        self.input = ("-i", f"video={media('big_buck_bunny_0_30.webm')}")

    def dry(self, *args):
        return self.json("run-recipe", self.recipe, *self.input, "--dry-run", *args)

    def test_a_dry_run_lists_the_units_that_the_run_renders(self):
        dry = self.dry()
        self.assertEqual(dry["units"]["executed"], 0)
        kinds = [u["unit"] for u in dry["plan_units"]]
        self.assertEqual(kinds.count("join"), 1)
        self.assertEqual(kinds.count("sound"), 1)
        spans = [u for u in dry["plan_units"] if u["unit"] == "span"]
        self.assertEqual(sum(u["frames"] for u in spans), dry["frames"])
        at = 0
        for span in spans:
            self.assertEqual(span["first_frame"], at)
            at += span["frames"]
        for unit in dry["plan_units"]:
            self.assertFalse(unit["known"])
            self.assertGreater(unit["seconds"], 0)
            self.assertGreater(unit["bytes"], 0)
        forecast = dry["forecast"]
        self.assertEqual(forecast["units"], len(kinds))
        self.assertAlmostEqual(forecast["total_seconds"], sum(u["seconds"] for u in dry["plan_units"]), places=2)
        self.assertLessEqual(forecast["critical_seconds"], forecast["elapsed_seconds"])
        self.assertLessEqual(forecast["elapsed_seconds"], forecast["total_seconds"])
        one = self.dry("--jobs", "1")["forecast"]
        self.assertEqual((one["jobs"], one["elapsed_seconds"]), (1, one["total_seconds"]))
        ran = self.json("run-recipe", self.recipe, *self.input)
        self.assertEqual(ran["units"]["executed"], len(kinds))
        after = self.dry()
        self.assertEqual((after["plan_units"], after["forecast"]["units"]), ([], 0))
        self.assertEqual(after["output_cid"], ran["output_cid"])

    def test_after_an_edit_only_what_it_touched_is_to_be_rendered(self):
        first = self.json("run-recipe", self.recipe, *self.input)
        edited = self.dry("-p", "saturation=0.5")
        known = [u["known"] for u in edited["plan_units"]]
        self.assertIn(True, known)
        self.assertIn(False, known)
        ran = self.json("run-recipe", self.recipe, *self.input, "-p", "saturation=0.5")
        self.assertEqual(ran["units"]["executed"], known.count(False))
        self.assertNotEqual(first["output_cid"], ran["output_cid"])

    def test_what_was_learned_changes_estimates_and_no_id(self):
        plan = self.dir / "plan.json"
        before = self.json("plan", self.recipe, *self.input, "-o", plan)
        text = plan.read_text()
        self.json("run-recipe", self.recipe, *self.input)
        (self.home / ".local/share/artdag/store").rename(self.dir / "gone")
        after = self.json("plan", self.recipe, *self.input, "-o", plan)
        self.assertEqual(text, plan.read_text())
        self.assertEqual(before["plan_cid"], after["plan_cid"])
        self.assertEqual(before["forecast"]["units"], after["forecast"]["units"])
        self.assertNotEqual(before["forecast"]["total_seconds"], after["forecast"]["total_seconds"])

    def test_plan_and_execute_say_the_same_for_people(self):
        plan = self.dir / "plan.json"
        listed = self.ok("plan", self.recipe, *self.input, "-o", plan)
        self.assertIn("sound", listed.stdout)
        self.assertRegex(listed.stderr, r"to do +\d+ units, \d+ frames, about .* to write")
        self.assertRegex(listed.stderr, r"with --jobs \d+")
        executed = self.ok("execute", plan, "-n")
        self.assertTrue(executed.stdout.endswith(listed.stdout))
        self.assertIn("miss", executed.stdout)
        ran = self.ok("run-recipe", self.recipe, *self.input, "-n")
        self.assertEqual(ran.stdout, listed.stdout)
        printed = self.ok("plan", self.recipe, *self.input)
        self.assertEqual(json.loads(printed.stdout), json.loads(plan.read_text()))


if __name__ == "__main__":
    unittest.main(verbosity=2)
