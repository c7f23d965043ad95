#!/usr/bin/env python3
"""Packs a directory with bin/ and share/ as a wheel: build.py VERSION PROGRAM-DIRECTORY OUTPUT-DIRECTORY

Written without setuptools, since nothing is built: the wheel installs files. Its platform tag names the glibc
that the program's symbols need, not the builder's. Files get the time SOURCE_DATE_EPOCH.
"""
import base64
import hashlib
import os
import platform
import re
import subprocess
import sys
import time
import zipfile

METADATA = """Metadata-Version: 2.1
Name: cmig
Version: %s
Summary: Schema migrations for SQLite, PostgreSQL and MariaDB
License: MIT
Classifier: License :: OSI Approved :: MIT License
Classifier: Operating System :: POSIX :: Linux
Classifier: Topic :: Database
Description-Content-Type: text/markdown

"""
WHEEL = """Wheel-Version: 1.0
Generator: cmig
Root-Is-Purelib: false
Tag: %s
"""


def platform_tag(program):
    """manylinux_2_34_x86_64, if the newest symbol that the program needs is of glibc 2.34."""
    symbols = subprocess.run(["objdump", "-T", program], capture_output=True, text=True, check=True).stdout
    newest = max((int(major), int(minor)) for major, minor in re.findall(r"\(GLIBC_(\d+)\.(\d+)", symbols))
    return "manylinux_%d_%d_%s" % (*newest, platform.machine())


def files_of(root, version):
    """Pairs of a place in the wheel and a file: the program is a script, the rest data below the environment."""
    data = "cmig-%s.data" % version
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            place = os.path.relpath(path, root)
            if place.startswith("bin/"):
                yield "%s/scripts/%s" % (data, name), path
            elif place.startswith("share/"):
                yield "%s/data/%s" % (data, place), path


def main():
    version, root, output = sys.argv[1:]
    tag = "py3-none-" + platform_tag(os.path.join(root, "bin/cmig"))
    info = "cmig-%s.dist-info" % version
    when = time.gmtime(max(int(os.environ.get("SOURCE_DATE_EPOCH", 0)), 315532800))[:6]  # zip begins in 1980
    name = os.path.join(output, "cmig-%s-%s.whl" % (version, tag))
    record = []
    with open(os.path.join(root, "share/doc/cmig/README.md"), encoding="utf-8") as file:
        readme = file.read()
    with open(os.path.join(root, "share/doc/cmig/LICENSE"), "rb") as file:
        licence = file.read()

    with zipfile.ZipFile(name + ".part", "w", zipfile.ZIP_DEFLATED) as archive:

        def add(place, content, mode=0o644):
            entry = zipfile.ZipInfo(place, when)
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append("%s,sha256=%s,%d\n" % (place, digest, len(content)))

        for place, path in files_of(root, version):
            with open(path, "rb") as file:
                add(place, file.read(), 0o755 if "/scripts/" in place else 0o644)
        add(info + "/LICENSE", licence)
        add(info + "/METADATA", (METADATA % version + readme).encode())
        add(info + "/WHEEL", (WHEEL % tag).encode())
        place = info + "/RECORD"
        add(place, ("".join(record) + place + ",,\n").encode())
    os.replace(name + ".part", name)
    print(name)


main()
