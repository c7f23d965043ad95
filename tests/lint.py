#!/usr/bin/env python3
"""Runs cmig lint over the revisions below tests/cases/lint, and compares its findings with their comments.

    lint.py --cmig PROGRAM [DIRECTORY ...]

A comment `expect: RULE, RULE` names all rules that fire at the operation or statement on its line, or on the next one if the
comment has its line to itself; `safe: RULE, RULE` names some that do not. Over all directories each rule must be named by
both. Prints TAP.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MARK = re.compile(r"(expect|safe): ([a-z0-9-]+(?:, [a-z0-9-]+)*)")
failures = []


def lint(program, directory, *words):
    done = subprocess.run(
        [*program.split(), "lint", "--json", *words],
        cwd=directory, capture_output=True, text=True, check=False, env={**os.environ, "DATABASE_URL": ""})
    if done.returncode not in (0, 2):
        raise SystemExit("%s: status %d\n%s%s" % (directory, done.returncode, done.stdout, done.stderr))
    return json.loads(done.stdout)


def wishes(path):
    """By line: what is expected, and what is not."""
    expected, safe = collections.defaultdict(list), collections.defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            alone = re.match(r"\s*(#|--) (expect|safe):", line)
            for kind, rules in MARK.findall(line):
                where = expected if kind == "expect" else safe
                where[number + bool(alone)].extend(rules.split(", "))
    return expected, safe


def compare(directory, findings, seen):
    found = collections.defaultdict(list)
    for one in findings:
        found[one["file"], one["line"]].append(one["rule"])
    for name in sorted(os.listdir(os.path.join(directory, "migrations"))):
        path = "migrations/" + name
        expected, safe = wishes(os.path.join(directory, path))
        lines = set(expected) | {line for file, line in found if file == path}
        for line in sorted(lines):
            here, wanted = sorted(set(found[path, line])), sorted(set(expected[line]))
            if here != wanted:
                failures.append("%s:%d: found %s, expected %s" % (path, line, here, wanted))
        for line, rules in safe.items():
            for rule in set(rules) & set(found[path, line]):
                failures.append("%s:%d: %s fires" % (path, line, rule))
            seen["safe"].update(rules)
        for rules in expected.values():
            seen["expect"].update(rules)


def report(name):
    global failures
    report.number += 1
    print("%sok %d - %s" % ("not " if failures else "", report.number, name))
    for text in failures:
        print("# " + text)
    report.failed |= bool(failures)
    failures = []


report.number, report.failed = 0, False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cmig", required=True)
    parser.add_argument("directories", nargs="*")
    options = parser.parse_args()
    root = os.path.join(HERE, "cases", "lint")
    directories = options.directories or [os.path.join(root, one) for one in sorted(os.listdir(root))]
    seen = {"expect": set(), "safe": set()}
    for directory in directories:
        compare(directory, lint(options.cmig, directory)["findings"], seen)
        report(os.path.basename(directory))
    if not options.directories:
        rules = {one["rule"] for one in lint(options.cmig, root, "--list-rules")["rules"]}
        failures.extend("no case in which %s fires" % rule for rule in sorted(rules - seen["expect"]))
        failures.extend("no case in which %s does not fire" % rule for rule in sorted(rules - seen["safe"]))
        failures.extend("unknown rule %s" % rule for rule in sorted((seen["expect"] | seen["safe"]) - rules))
        report("each rule has both cases")
    print("1..%d" % report.number)
    sys.exit(report.failed)


main()
