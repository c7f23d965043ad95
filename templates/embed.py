#!/usr/bin/env python3
"""Turns the files below templates/ into a C table: embed.py TABLE ROOT FILE..., the table on standard output.

A file ROOT/<template>/<path> becomes a row; ROOT/<template>/DESCRIPTION is the template's one line. A
directory with a file MODELS instead is a framework: the lines of cmig.yaml for its models.
"""
import os
import sys


def literal(text):
    """A C string literal, a line of it for each line of text; ? is escaped because of trigraphs."""
    escapes = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "?": "\\?"}
    lines = []
    for line in text.splitlines(keepends=True):
        body = "".join(
            escapes.get(c) or (c if " " <= c <= "~" else "".join("\\%03o" % b for b in c.encode()))
            for c in line.rstrip("\n")
        )
        lines.append('"%s%s"' % (body, "\\n" if line.endswith("\n") else ""))
    return "\n        ".join(lines) or '""'


def main():
    table, root = sys.argv[1:3]
    print("/* Made from the files below templates/. */")
    print('#pragma GCC diagnostic ignored "-Woverlength-strings"')
    print('#include "command/template.h"\n')
    print("const struct template_file %s[] = {" % table)
    for path in sorted(sys.argv[3:]):
        name, rest = os.path.relpath(path, root).split(os.sep, 1)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        print('    {"%s", "%s",\n        %s},' % (name, rest, literal(text)))
    print("    {0},\n};")


main()
