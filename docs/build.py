#!/usr/bin/env python3
"""Builds the documentation as a website that works from files: the manual pages, the guides and an index.

    build.py DIRECTORY

Needs mandoc(1) for the manual pages. Of Markdown it knows what the files of this project use, since Debian's converters
differ in tables and anchors: headings, paragraphs, lists, tables, fenced blocks, links, code and emphasis.
"""
import html
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGES = ["cmig.1", "cmig.yaml.5", "cmig-models.5", "cmig-revision.5", "cmig-test.5", "cmig-tutorial.7", "cmig-from-alembic.7", "cmig-import.7", "cmig.3"]
IMAGES = ["docs/shop.svg"]
TEXTS = ["README.md", "INSTALL.md", "docs/tour.md", "docs/cookbook.md", "docs/coming-from.md", "docs/models-from-programs.md", "ARCHITECTURE.md", "CONTRIBUTING.md",
         "SECURITY.md", "CHANGELOG.md", "LICENSE"]
ELSEWHERE = "https://manpages.debian.org/"
STYLE = """
body { max-width: 52em; margin: 2em auto; padding: 0 1em; font: 16px/1.5 sans-serif; color: #222; background: #fff; }
pre, code, .Li, .Bd-indent { font-family: monospace; font-size: 14px; }
pre { background: #f4f4f4; padding: 0.7em 1em; overflow-x: auto; }
a { color: #0645ad; }
nav { border-bottom: 1px solid #ccc; padding-bottom: 0.5em; }
table { border-collapse: collapse; }
img { max-width: 100%; }
main td, main th { border: 1px solid #ccc; padding: 0.3em 0.6em; text-align: left; vertical-align: top; }
table.head, table.foot { width: 100%; }
.head-vol { text-align: center; } .head-rtitle, .foot-os { text-align: right; }
.Nd, .Bl-compact > dd, .Bl-compact > li { margin-top: 0; } .Bd-indent { margin-left: 2em; }
"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%s</title>
<link rel="stylesheet" href="style.css"></head>
<body><nav><a href="index.html">cmig</a></nav><main>
%s
</main></body>
</html>
"""


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


# ---- Markdown ----------------------------------------------------------------------------------------------------


def target(link):
    """Where a link of a file leads on the website."""
    path, _, anchor = link.partition("#")
    if not path or "://" in path:
        return link
    return os.path.basename(path.rstrip("/")).removesuffix(".md") + ".html" + (anchor and "#" + anchor)


def is_on_site(link):
    name = os.path.basename(link.partition("#")[0])
    return not name or "://" in link or name in PAGES or any(os.path.basename(text) == name for text in TEXTS)


def anchor_of(heading):
    """The anchor that code hosting sites give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def inline(text):
    codes = re.findall(r"`([^`]+)`", text)
    text = html.escape(re.sub(r"`[^`]+`", "\0", text), quote=False)
    text = re.sub(r"!\[([^\]]*)\]\(([^)\s]+)\)",
                  lambda image: '<img src="%s" alt="%s">' % (os.path.basename(image[2]), image[1].replace('"', "&quot;")), text)
    text = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)",
                  lambda link: '<a href="%s">%s</a>' % (target(link[2]), link[1]) if is_on_site(link[2]) else link[1], text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    text = re.sub(r"(?<!\*)\*(?!\s)([^*]+)\*", r"<em>\1</em>", text)
    for code in codes:
        text = text.replace("\0", "<code>%s</code>" % html.escape(code, quote=False), 1)
    return text


def cells(line):
    return [one.strip().replace("\\|", "|") for one in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def table(lines):
    rows = ["<tr>%s</tr>" % "".join("<th>%s</th>" % inline(one) for one in cells(lines[0]))]
    rows += ["<tr>%s</tr>" % "".join("<td>%s</td>" % inline(one) for one in cells(line)) for line in lines[2:]]
    return "<table>\n%s\n</table>" % "\n".join(rows)


def items(lines, mark, tag):
    found = []
    for line in lines:
        if re.match(mark, line):
            found.append(re.sub(mark, "", line, count=1))
        else:
            found[-1] += " " + line.strip()
    return "<%s>\n%s\n</%s>" % (tag, "\n".join("<li>%s</li>" % inline(one) for one in found), tag)


def paragraph(lines):
    heading = re.match(r"(#{1,6}) (.*)", lines[0])
    if heading and len(lines) == 1:
        level = len(heading[1])
        return '<h%d id="%s">%s</h%d>' % (level, anchor_of(heading[2]), inline(heading[2]), level)
    if len(lines) > 1 and re.fullmatch(r"[|\- ]+", lines[1]):
        return table(lines)
    if lines[0].startswith("- "):
        return items(lines, r"- ", "ul")
    if re.match(r"\d+\. ", lines[0]):
        return items(lines, r"\d+\. ", "ol")
    if all(line.startswith("    ") for line in lines):
        return "<pre>%s</pre>" % html.escape("\n".join(line[4:] for line in lines), quote=False)
    return "<p>%s</p>" % inline("\n".join(lines))


def markdown(text):
    text = re.sub(r"<!--.*?-->\n?", "", text, flags=re.S)
    parts, lines, fence = [], [], None

    def end():
        if lines:
            parts.append(paragraph(lines))
            lines.clear()

    for line in text.split("\n") + [""]:
        if fence is not None:
            if line == "```":
                parts.append("<pre>%s</pre>" % html.escape("\n".join(fence), quote=False))
                fence = None
            else:
                fence.append(line)
        elif line.startswith("```"):
            end()
            fence = []
        elif not line.strip():
            end()
        else:
            if line.startswith("#"):
                end()
            lines.append(line)
            if line.startswith("#"):
                end()
    return "\n".join(parts)


# ---- the site ----------------------------------------------------------------------------------------------------


def title_of(text, path):
    found = re.search(r"^# (.*)$", text, re.M)
    return found[1] if found else os.path.basename(path)


def write(directory, name, text):
    with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
        file.write(text)


def write_page(directory, page):
    """A manual page. References to pages that are not here lead to Debian's."""
    body = subprocess.run(["mandoc", "-T", "html", "-O", "fragment,man=%N.%S.html", os.path.join(ROOT, "man", page)],
                          check=True, capture_output=True, text=True).stdout
    for anchor in re.findall(r'id="([^"]*-[^"]*)"', body):  # mandoc refers to a section with a hyphen by an underscore
        body = body.replace('href="#%s"' % anchor.replace("-", "_"), 'href="#%s"' % anchor)
    body = re.sub(r'href="([\w.-]+)\.html"',
                  lambda link: link[0] if link[1] in PAGES else 'href="%s"' % (ELSEWHERE + link[1]), body)
    write(directory, page + ".html", PAGE % (page, body))


def index():
    pages = []
    for page in PAGES:
        about = re.search(r"^\.Nd (.*)$", read("man/" + page), re.M)[1]
        pages.append('<li><a href="%s.html">%s(%s)</a>: %s</li>'
                     % (page, *page.rsplit(".", 1), html.escape(about, quote=False)))
    texts = ['<li><a href="%s">%s</a></li>' % (target(path), html.escape(title_of(read(path), path))) for path in TEXTS]
    return "<h1>cmig</h1>\n<h2>Guides</h2>\n<ul>\n%s\n</ul>\n<h2>Manual pages</h2>\n<ul>\n%s\n</ul>" % (
        "\n".join(texts), "\n".join(pages))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: build.py DIRECTORY")
    if not shutil.which("mandoc"):
        sys.exit("build.py: mandoc is not installed: 'apt-get install mandoc'")
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    write(directory, "style.css", STYLE.lstrip())
    for page in PAGES:
        write_page(directory, page)
    for path in TEXTS:
        text = read(path)
        body = markdown(text) if path.endswith(".md") else "<pre>%s</pre>" % html.escape(text, quote=False)
        write(directory, target(path), PAGE % (html.escape(title_of(text, path)), body))
    for path in IMAGES:
        shutil.copy(os.path.join(ROOT, path), directory)
    write(directory, "index.html", PAGE % ("cmig", index()))
    print(os.path.join(directory, "index.html"))


main()
