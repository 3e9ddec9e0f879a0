#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Interrupting, killing, resuming, running beside each other, collecting garbage meanwhile."""
import json
import os
import re
import signal
import subprocess
import threading
import time
import unittest

from support import ARTDAG, Case, TINY, alive, children_of, media

BUNNY = "big_buck_bunny_0_30.webm"

# Long enough to be caught in the middle.
SLOW = """\
name: slow
format: {width: 640, height: 360, fps: 24}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true, name: video}}
    - {id: a, type: SEGMENT, config: {start: 0, duration: 1}, inputs: [video]}
    - {id: b, type: SEGMENT, config: {start: 2, duration: 14}, inputs: [video]}
    - {id: soft, type: TRANSFORM, config: {effects: {blur: 3, sharpen: 1}}, inputs: [b]}
    - {id: film, type: SEQUENCE, inputs: [a, soft]}
  output: film
"""


class Running(Case):
    def start(self, recipe=SLOW, env=None):
        path = self.write("slow.yaml", recipe)
        return subprocess.Popen([ARTDAG, "run-recipe", str(path), "-i", f"video={media(BUNNY)}", "--json"],
                                env=env or self.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)

    def wait_for_steps(self, process, count):
        """Until so many units are done, told by the plain progress lines."""
        done = 0
        for line in process.stderr:
            done += re.match(r"\d+/\d+  slow", line) is not None
            if done >= count:
                return
        self.fail("it ended before it could be interrupted")

    def descendants(self, process):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = children_of(process.pid)
            if len(found) >= 2:
                return found
            time.sleep(0.01)
        self.fail("no media process was seen")

    def assert_all_gone(self, pids):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and any(alive(p) for p in pids):
            time.sleep(0.05)
        self.assertEqual([p for p in pids if alive(p)], [])

    def finish(self, env=None):
        return self.json("run-recipe", self.dir / "slow.yaml", "-i", f"video={media(BUNNY)}", env=env)

    def calm_result(self):
        env = self.env(ARTDAG_HOME=str(self.dir / "calm"))
        self.write("slow.yaml", SLOW)
        return self.finish(env)

    def test_ctrl_c_stops_every_child_and_leaves_a_clean_store(self):
        process = self.start()
        self.wait_for_steps(process, 1)
        pids = self.descendants(process)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        self.assertEqual(process.returncode, 130)
        process.stdout.close()
        process.stderr.close()
        self.assert_all_gone(pids)
        self.assert_store_clean()
        rest = self.finish()
        calm = self.calm_result()
        self.assertGreater(rest["units"]["executed"], 0)
        self.assertLess(rest["units"]["executed"], calm["units"]["executed"])
        self.assertEqual(rest["output_cid"], calm["output_cid"])

    def test_kill_9_loses_nothing_that_was_done_and_the_film_is_the_same(self):
        process = self.start()
        self.wait_for_steps(process, 2)
        pids = self.descendants(process)
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
        self.assert_all_gone(pids)
        self.assert_store_clean()
        resumed = self.finish()
        calm = self.calm_result()
        self.assertLess(resumed["units"]["executed"], calm["units"]["executed"])
        self.assertEqual(resumed["output_cid"], calm["output_cid"])

    def test_a_killed_media_process_is_a_failed_step_that_names_its_node(self):
        process = self.start()
        self.wait_for_steps(process, 1)
        # A child between two spans has nothing to lose, so its death is none of a step: all are killed until one had.
        while process.poll() is None:
            for pid in set().union(*(children_of(zygote) for zygote in children_of(process.pid))):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.02)
        out, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 1, errors)
        # One that died while it waited for its next span is noticed when that is sent.
        self.assertRegex(errors, "signal 9|Broken pipe")
        self.assertIn("slow.", errors)
        self.assertIn("slow.yaml:", errors)
        self.assertEqual(json.loads(out)["error"]["status"], 1)
        self.assert_store_clean()
        self.finish()

    def test_two_processes_share_the_work_of_one_film(self):
        path = self.write("tiny.yaml", TINY)
        results = []

        def render():
            results.append(self.json("run-recipe", path, "-i", f"video={media(BUNNY)}"))

        threads = [threading.Thread(target=render) for _ in range(2)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(len(results), 2)
        self.assertEqual(results[0]["output_cid"], results[1]["output_cid"])
        units = sum(r["units"]["executed"] for r in results)
        alone = self.json("run-recipe", path, "-i", f"video={media(BUNNY)}",
                          env=self.env(ARTDAG_HOME=str(self.dir / "alone")))
        self.assertEqual(units, alone["units"]["executed"])

    def test_collecting_garbage_beside_a_render_breaks_nothing(self):
        process = self.start()
        errors = []
        drain = threading.Thread(target=lambda: errors.append(process.stderr.read()))
        drain.start()
        while process.poll() is None:
            self.ok("gc")
        out = process.stdout.read()
        process.stdout.close()
        drain.join()
        process.stderr.close()
        self.assertEqual(process.returncode, 0, errors)
        self.assertEqual(json.loads(out)["output_cid"], self.calm_result()["output_cid"])
        self.assert_store_clean()

    def test_after_gc_the_film_is_still_there_and_its_parts_are_made_again(self):
        path = self.write("tiny.yaml", TINY)
        first = self.json("run-recipe", path, "-i", f"video={media(BUNNY)}")
        freed = self.json("gc")
        self.assertGreater(freed["removed_bytes"], 0)
        self.ok("cat", first["output_cid"], text=False)
        again = self.json("run-recipe", path, "-i", f"video={media(BUNNY)}")
        self.assertEqual(again["steps"]["executed"], 0)
        self.ok("pin", "rm", first["output_cid"])
        self.ok("gc")
        self.fails(4, "cat", first["output_cid"])
        last = self.json("run-recipe", path, "-i", f"video={media(BUNNY)}")
        self.assertEqual(last["output_cid"], first["output_cid"])
        self.assertGreater(last["steps"]["executed"], 0)


class Explaining(Case):
    def setUp(self):
        super().setUp()
        self.recipe = self.write("tiny.yaml", TINY)
        self.input = ("-i", f"video={media(BUNNY)}")

    def test_why_names_the_field_that_changed(self):
        self.ok("run-recipe", self.recipe, *self.input)
        hit = self.json("why", "colour", self.recipe, *self.input)
        self.assertEqual(hit["status"], "hit")
        miss = self.json("why", "colour", self.recipe, *self.input, "-p", "saturation=0.5")
        self.assertEqual(miss["status"], "miss")
        self.assertEqual(len(miss["changes"]), 1, miss)
        change = miss["changes"][0]
        self.assertIn("effects", change["field"])
        self.assertIn("0.5", json.dumps(change["now"]))
        self.assertIn("1.4", json.dumps(change["before"]))

    def test_why_follows_a_change_upstream(self):
        self.ok("run-recipe", self.recipe, *self.input)
        miss = self.json("why", "join", self.recipe, *self.input, "-p", "saturation=0.5")
        self.assertEqual(miss["status"], "miss")
        self.assertEqual(len(miss["changes"]), 1, miss)
        self.assertIn("colour", miss["changes"][0]["field"])

    def test_runs_are_listed_with_their_steps(self):
        done = self.json("run-recipe", self.recipe, *self.input)
        again = self.json("run-recipe", self.recipe, *self.input)
        runs = self.json("runs")
        self.assertEqual(len(runs), 2)
        self.assertEqual({r["run_id"] for r in runs}, {done["run_id"], again["run_id"]})
        one = self.json("runs", done["run_id"][:12])
        self.assertEqual(one["output_cid"], done["output_cid"])
        self.assertEqual(one["status"], "done")

    def test_a_plan_can_be_written_and_executed_later(self):
        plan = self.dir / "plan.json"
        self.ok("plan", self.recipe, *self.input, "-o", plan)
        document = json.loads(plan.read_text())
        for key in ("plan_id", "recipe_cid", "inputs", "steps", "output_step"):
            self.assertIn(key, document)
        for step in document["steps"]:
            for key in ("step_id", "name", "node_type", "config", "input_steps", "cache_id", "level", "frames"):
                self.assertIn(key, step)
        dry = self.json("execute", plan, "--dry-run")
        self.assertTrue(all(s["status"] in ("miss", "hit") for s in dry["plan_steps"]), dry)
        done = self.json("execute", plan)
        self.assertEqual(done["plan_id"], document["plan_id"])
        self.assertEqual(done["output_cid"], self.json("run-recipe", self.recipe, *self.input)["output_cid"])
        after = self.json("execute", plan, "--dry-run")
        self.assertEqual(after["output_cid"], done["output_cid"])

    def test_a_tampered_plan_is_refused(self):
        plan = self.dir / "plan.json"
        self.ok("plan", self.recipe, *self.input, "-o", plan)
        document = json.loads(plan.read_text())
        for step in document["steps"]:
            if step["node_type"] == "TRANSFORM":
                step["config"]["effects"]["saturation"] = 2
        plan.write_text(json.dumps(document))
        self.fails(5, "execute", plan)

    def test_graphs_are_drawn(self):
        dot = self.ok("plan", self.recipe, *self.input, "--graph", "dot").stdout
        self.assertTrue(dot.startswith("digraph"))
        mermaid = self.ok("plan", self.recipe, *self.input, "--graph", "mermaid").stdout
        self.assertTrue(mermaid.startswith("flowchart"), mermaid)

    def test_a_target_renders_any_node(self):
        film = self.dir / "colour.mp4"
        done = self.json("run-recipe", self.recipe, *self.input, "--target", "colour", "-o", film)
        self.assertEqual(done["frames"], 12)


class Helping(Case):
    def test_doctor_finds_everything_in_order(self):
        report = self.json("doctor")
        self.assertEqual(report["problems"], 0, report)

    def test_doctor_finds_a_missing_media_program(self):
        done = self.artdag("doctor", env=self.env(ARTDAG_MEDIA="/nonexistent/artdag-media"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("ARTDAG_MEDIA", done.stdout)

    def test_cluster_keys_are_new_each_time_and_strong(self):
        one, two = self.ok("cluster-key", "new").stdout, self.ok("cluster-key", "new").stdout
        self.assertNotEqual(one, two)
        self.assertEqual(len(one.strip()), 64)

    def test_a_weak_key_draws_a_warning(self):
        done = self.ok("pin", "ls", env=self.env(ARTDAG_CLUSTER_KEY="password"))
        self.assertIn("warning", done.stderr)
        self.assertNotIn("password", done.stderr)

    def test_every_command_has_help_and_json_or_a_reason(self):
        for line in self.ok("--help").stdout.splitlines():
            if line.startswith("  ") and not line.startswith("   "):
                command = line.split()[0]
                text = self.ok(command, "--help").stdout
                self.assertIn("--json", text, command)
                self.assertIn("Usage: artdag " + command, text)

    def test_ops_documents_every_operation(self):
        listing = self.ok("ops").stdout
        for op in self.json("ops"):
            self.assertIn(op["node_type"], listing)
            manual = self.ok("ops", op["node_type"]).stdout
            for field in op["fields"]:
                self.assertIn(field["name"], manual)

    def test_unknown_commands_and_options_are_usage_errors(self):
        self.fails(2, "rnu-recipe", says="rnu-recipe")
        self.fails(2, "run-recipe", "x.yaml", "--frobnicate", says="--frobnicate")
        self.fails(2, "run-recipe", says="run-recipe")
        self.fails(4, "run-recipe", str(self.dir / "nowhere.yaml"), says="nowhere.yaml")


if __name__ == "__main__":
    unittest.main(verbosity=2)
