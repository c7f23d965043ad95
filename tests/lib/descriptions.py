#!/usr/bin/env python3
"""Checks the files that other systems read, and that the version is in meson.build alone: descriptions.py ROOT"""
import json
import os
import re
import subprocess
import sys

import yaml

JOB_KEYS = {"image", "variables", "rules", "before_script", "script", "extends"}
HOOK_KEYS = {"id", "name", "description", "entry", "language", "files", "pass_filenames", "always_run", "stages"}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def check_gitlab(path):
    document = yaml.safe_load(read(path))
    del document["variables"]
    for name, job in document.items():
        assert set(job) <= JOB_KEYS, "%s: unknown keys %s" % (name, set(job) - JOB_KEYS)
        assert job.get("extends", name) in document
        for command in job.get("before_script", []) + job.get("script", []):
            subprocess.run(["sh", "-n"], input=command, text=True, check=True)


def check_hooks(path):
    for hook in yaml.safe_load(read(path)):
        assert set(hook) <= HOOK_KEYS, "%s: unknown keys %s" % (hook["id"], set(hook) - HOOK_KEYS)
        assert hook["language"] == "system"


def check_version(root):
    """A version in another file would be forgotten: all of them are filled in from meson.build."""
    version = re.search(r"^  version: '(.*)',$", read(root + "/meson.build"), re.M).group(1)
    for folder, _, names in os.walk(root + "/packaging"):
        for name in names:
            text = read(os.path.join(folder, name))
            if name in ("libcmig0.symbols", "cmig.gitlab-ci.yml"):
                continue  # since when a symbol exists, and an example
            assert version not in text, "%s contains the version %s" % (name, version)


root = sys.argv[1]
json.loads(read(root + "/packaging/npm/package.json"))
check_gitlab(root + "/packaging/gitlab/cmig.gitlab-ci.yml")
check_hooks(root + "/.pre-commit-hooks.yaml")
check_version(root)
