#!/usr/bin/env python3
"""Runs action.yml as GitHub's runner would: action.py ROOT TARBALL DIRECTORY

Fills in the expressions that the action uses, and runs its steps on the sample project.
"""
import os
import re
import shutil
import subprocess
import sys

import yaml

STEP_KEYS = {"id", "if", "shell", "env", "run", "working-directory"}


def fill_in(text, values):
    return re.sub(r"\$\{\{ inputs\.([a-z0-9-]+) \}\}", lambda match: values[match.group(1)], text)


def run_step(step, values, env):
    """Whether the step succeeded; its `if` is of the form inputs.NAME != ''."""
    assert set(step) <= STEP_KEYS, "unknown key in a step: %s" % (set(step) - STEP_KEYS)
    if "if" in step:
        name = re.fullmatch(r"inputs\.([a-z-]+) != ''", step["if"]).group(1)
        if not values[name]:
            return True
    own = {name: fill_in(text, values) for name, text in step.get("env", {}).items()}
    if os.path.exists(env["GITHUB_PATH"]):
        with open(env["GITHUB_PATH"], encoding="utf-8") as file:
            own["PATH"] = ":".join(file.read().split("\n")[:-1]) + ":" + env["PATH"]
    command = [step["shell"], "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(command, env={**env, **own}, cwd=fill_in(step.get("working-directory", "."), values)).returncode == 0


def run_action(action, root, directory, inputs):
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    env = {**os.environ, "GITHUB_ACTION_PATH": root, "RUNNER_TEMP": directory,
           "GITHUB_PATH": directory + "/path", "GITHUB_OUTPUT": directory + "/output"}
    values = {name: inputs.get(name, row["default"]) for name, row in action["inputs"].items()}
    return all(run_step(step, values, env) for step in action["runs"]["steps"])


def main():
    root, tarball, work = sys.argv[1:]
    with open(root + "/action.yml", encoding="utf-8") as file:
        action = yaml.safe_load(file)
    assert set(action) == {"name", "description", "branding", "inputs", "outputs", "runs"}
    assert action["runs"]["using"] == "composite"
    project = work + "/action project"
    shutil.copytree(root + "/migrations", project, ignore=shutil.ignore_patterns("*.db"))
    inputs = {"tarball": tarball, "working-directory": project}
    directory = work + "/action"
    assert run_action(action, root, directory, {**inputs, "run": "check --offline"})
    with open(directory + "/output", encoding="utf-8") as file:
        assert re.fullmatch(r"version=\d+\.\d+\.\d+\n", file.read())
    # What is wrong fails the job, and the words of `run` are no shell syntax.
    assert not run_action(action, root, directory, {**inputs, "run": "check --offline; touch " + work + "/injected"})
    assert not os.path.exists(work + "/injected")
    assert not run_action(action, root, directory, {**inputs, "sha256": "0" * 64})
    assert not run_action(action, root, directory, {"tarball": "https://localhost/cmig.tar.gz"})


main()
