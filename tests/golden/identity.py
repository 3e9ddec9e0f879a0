#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Recomputes every id from docs/formats/identity.md, with nothing but hashlib and json.

usage: identity.py CASES.json             checks hand-written cases
       identity.py --write CASES.json     fills in what they must give
       identity.py --plan PLAN.json KEY   recomputes every id of a plan document; "-" reads stdin

exit 0: all agree, 1: something differs (one line each on stdout). It shares no code with artdag: that is its use.
"""
import base64
import hashlib
import json
import sys


def field(data):
    """u64 big-endian length, then the bytes."""
    if isinstance(data, str):
        data = data.encode("utf-8")
    return len(data).to_bytes(8, "big") + data


def sha3(preimage):
    return hashlib.sha3_256(preimage).hexdigest()


# ---- RFC 8785 ----

def number_text(value):
    """ECMAScript's Number::toString for a finite double."""
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, part = mantissa.partition(".")
    digits = whole + ("" if part == "0" else part)
    point = len(whole) + int(exponent or 0)
    point -= len(digits) - len(digits.lstrip("0"))
    digits = digits.lstrip("0").rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = point - 1
    text = digits[0] + ("." + digits[1:] if count > 1 else "")
    return f"{sign}{text}e{'+' if power >= 0 else '-'}{abs(power)}"


def canonical(value):
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(canonical(k) + ":" + canonical(value[k]) for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, float):
        return number_text(value)
    return json.dumps(value, ensure_ascii=False)


# ---- CIDs ----

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def cid_bytes(text):
    if text.startswith("b"):
        body = text[1:].upper()
        return base64.b32decode(body + "=" * (-len(body) % 8))
    number = 0
    for letter in text:
        number = number * 58 + BASE58.index(letter)
    return number.to_bytes(34, "big")


# ---- the ids ----

def cache_id(key, toolchain, node_type, config, inputs):
    preimage = field("artdag/step/1") + field(key) + field(toolchain) + field(node_type)
    preimage += field(canonical(config)) + len(inputs).to_bytes(8, "big")
    for slot, ident in inputs:
        preimage += field(slot) + field(ident)
    return sha3(preimage)


def analysis_id(key, cid, features):
    return sha3(field("artdag/analysis/1") + field(key) + field(cid_bytes(cid))
                + field(canonical(features)))


def unit_id(key, toolchain, unit):
    return sha3(field("artdag/unit/1") + field(key) + field(toolchain) + field(canonical(unit)))


def plan_id(key, body):
    return sha3(field("artdag/plan/1") + field(key) + field(canonical(body)))


def run_id(key, output, cids, outputs=()):
    ordered = sorted({cid_bytes(cid) for cid in cids})
    preimage = field("artdag/run/1") + field(key) + field(bytes.fromhex(output))
    preimage += len(ordered).to_bytes(8, "big")
    preimage += b"".join(field(cid) for cid in ordered)
    if len(outputs) > 1:
        preimage += len(outputs).to_bytes(8, "big")
        preimage += b"".join(field(bytes.fromhex(ident)) for ident in outputs)
    return sha3(preimage)


# ---- hand-written cases ----

def case_id(case):
    key = case["cluster_key"]
    kind = case["id"]
    if kind == "cache":
        inputs = [(slot, cid_bytes(ident[4:]) if ident.startswith("cid:") else bytes.fromhex(ident))
                  for slot, ident in case["inputs"]]
        return cache_id(key, case["toolchain"], case["node_type"], case["config"], inputs)
    if kind == "analysis":
        return analysis_id(key, case["cid"], case["features"])
    if kind == "unit":
        return unit_id(key, case["toolchain"], case["unit"])
    raise ValueError(f"unknown id {kind}")


def check_cases(path, write):
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)
    wrong = []
    for case in cases:
        got = case_id(case)
        if write:
            case["expected"] = got
        elif case["expected"] != got:
            wrong.append(f"{case['name']}: {got} instead of {case['expected']}")
    expected = [case["expected"] for case in cases]
    if len(set(expected)) != len(expected):
        wrong.append("two cases have one id")
    if write:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(cases, file, indent=2, ensure_ascii=False)
            file.write("\n")
    return wrong


# ---- plan documents ----

def step_id_of(step, plan, key, needs_toolchain):
    if step["node_type"] == "SOURCE":
        inputs = [("", cid_bytes(step["inputs"][0]["cid"]))]
    else:
        inputs = [(i["name"], bytes.fromhex(i["cache_id"])) for i in step["inputs"]]
    toolchain = plan["toolchain"] if needs_toolchain else ""
    return cache_id(key, toolchain, step["node_type"], step["config"], inputs)


def check_steps(plan, key):
    """Every step's id from its own content. Whether an op's bytes depend on the media libraries is not
    in the document, so either is accepted, but one type always answers the same."""
    wrong, depends = [], {}
    for step in plan["steps"]:
        ident, kind = step["cache_id"], step["node_type"]
        fits = {flag for flag in (False, True) if step_id_of(step, plan, key, flag) == ident}
        depends[kind] = depends.get(kind, {False, True}) & fits
        if not depends[kind]:
            wrong.append(f"{step['name']}: cache_id {ident} does not follow from its content")
        if step["step_id"] != ident:
            wrong.append(f"{step['name']}: step_id is not its cache_id")
        if step["input_steps"] != [i["source"] for i in step["inputs"] if "cache_id" in i]:
            wrong.append(f"{step['name']}: input_steps and inputs differ")
    return wrong


def plan_body(plan):
    used = {step["inputs"][0]["cid"] for step in plan["steps"] if step["node_type"] == "SOURCE"}
    inputs = {i["cid"]: {"analysis": i["analysis"], "cid": i["cid"]}
              for i in plan["inputs"] if i["cid"] in used}
    outputs = sorted({output["cache_id"] for output in plan["outputs"]})
    body = {
        "format": plan["format"],
        "inputs": [inputs[cid] for cid in sorted(inputs, key=cid_bytes)],
        "output": plan["output_step"],
        "toolchain": plan["toolchain"],
    }
    if len(outputs) > 1:
        body["outputs"] = outputs
    return body, used, outputs


def check_plan(path, key):
    with (sys.stdin if path == "-" else open(path, encoding="utf-8")) as file:
        text = file.read()
    plan = json.loads(text)
    wrong = check_steps(plan, key)
    body, used, outputs = plan_body(plan)
    if canonical(plan) != text:
        wrong.append("the document is not canonical JSON")
    if plan["plan_id"] != plan_id(key, body):
        wrong.append(f"plan_id {plan['plan_id']} does not follow from the document")
    if plan["run_id"] != run_id(key, plan["output_step"], used, outputs):
        wrong.append(f"run_id {plan['run_id']} does not follow from the document")
    return wrong


def main(args):
    if len(args) == 3 and args[0] == "--plan":
        wrong = check_plan(args[1], args[2])
    elif args and len(args) == 1 + (args[0] == "--write"):
        wrong = check_cases(args[-1], args[0] == "--write")
    else:
        sys.exit(__doc__)
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
