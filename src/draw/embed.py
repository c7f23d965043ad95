#!/usr/bin/env python3
"""Turns text files into C strings: embed.py HEADER FILE..., the strings on standard output.

page.css becomes `const char page_css[]`.
"""
import os
import sys


def main():
    print('#include "%s"' % sys.argv[1])
    print('#pragma GCC diagnostic ignored "-Woverlength-strings"')
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            lines = [line.rstrip("\n") for line in file]
        print("\nconst char %s[] =" % os.path.basename(path).replace(".", "_"))
        texts = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines]
        print("\n".join('    "%s\\n"' % text for text in texts) + ";")


main()
