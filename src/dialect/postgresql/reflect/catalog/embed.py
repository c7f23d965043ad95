#!/usr/bin/env python3
"""Turns SQL files into C strings: embed.py HEADER FILE..., the strings on standard output.

catalog/enums.sql becomes `const char catalog_enums[]`, without its comments and its indentation.
"""
import os
import sys


def main():
    print('#include "%s"' % sys.argv[1])
    print('#pragma GCC diagnostic ignored "-Woverlength-strings"')
    for path in sys.argv[2:]:
        with open(path, encoding="ascii") as file:
            lines = [line.strip() for line in file]
        print("\nconst char catalog_%s[] =" % os.path.basename(path).removesuffix(".sql"))
        texts = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines if line and not line.startswith("--")]
        print("\n".join('    "%s%s"' % (text, " " if text is not texts[-1] else "") for text in texts) + ";")


main()
