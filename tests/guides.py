#!/usr/bin/env python3
"""Runs the commands in README, the guides and the tutorial, and compares what they print with what is printed there.

    guides.py --cmig PROGRAM --postgresql URL [--mysql URL] [--on sqlite|postgresql|mysql] [--write] FILE...

A fenced block of Markdown begins with a language and options:

    console [exit=N] [on=DATABASE]  run: `$ ` begins a command, `> ` continues it, other lines are its output;
                                    N is the status of the last command (default: 0), as it is of the others unless
                                    `echo $?` follows; DATABASE may be several: on=postgresql,mysql
    LANGUAGE file=PATH              written to PATH; the text before it names PATH
    LANGUAGE ends=PATH              replaces the end of PATH, from the line that begins like the block; the text before it
                                    names PATH
    LANGUAGE shows=PATTERN          what the file that matches the pattern contains by now
    LANGUAGE                        parsed, if this machine has a parser for the language

A comment `<!-- new project -->` begins an empty directory with an empty database, `<!-- run` ... `-->` holds commands that
are run and not shown. In a page in mdoc the lines `.\\" run`, `.\\" prints`, `.\\" file: PATH` and `.\\" ends: PATH`, with
the same options, say what the next display is.

In output, a line `...` or `# ...` stands for any lines, and `...` within a line for any text. Ids of revisions are those
of the text throughout: each is replaced by the id that the program chose. Durations, times, URLs and versions of the
server are not compared. On PostgreSQL and MariaDB, DATABASE_URL names an empty database, unless the text sets it; a URL
postgresql://shop:secret@localhost/NAME stands for another one. With --write the output in the Markdown files is replaced
by what was printed. Prints TAP.
"""
import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from dataclasses import dataclass, field

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ID = re.compile(r"(?<![0-9a-z])[0-9a-f]{12}(?![0-9a-z])")
# A database in the text; its name says which one.
URL = re.compile(r"postgresql://shop:secret@localhost/(\w+)")
NOT_COMPARED = [
    (re.compile(r"\b\d+(\.\d+)? (s|ms)\b"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)?"), "TIME"),
    (re.compile(r"(postgresql|mysql)://[^\s'\",}]*"), "URL"),
    (re.compile(r"PostgreSQL \d+(\.\d+)?( \([^()]*\))?"), "SERVER"),
    (re.compile(r"MariaDB \d+(\.\d+)+"), "SERVER"),
    (re.compile(r"SQLite \d+\.\d+\.\d+"), "SERVER"),
]
TIMEOUT = 300  # seconds; sanitized programs are slow
ANYTHING = re.compile(r"\.\.\.|…")


@dataclass
class Block:
    line: int
    language: str
    text: list
    options: dict = field(default_factory=dict)
    before: str = ""  # the text since the last block


@dataclass
class Step:
    line: int
    command: str
    expected: list = None  # None: not compared
    status: int = 0  # None: the next command prints it


class Wrong(Exception):
    pass


# ---- reading -----------------------------------------------------------------------------------------------------


def options_of(words):
    return dict(word.split("=", 1) if "=" in word else (word, "") for word in words)


def markdown_blocks(lines):
    blocks, before, opened = [], [], None
    for number, line in enumerate(lines, 1):
        if opened:
            if line == ("-->" if opened.language == "run" else "```"):
                blocks.append(opened)
                before = before if opened.language == "run" else []
                opened = None
            else:
                opened.text.append(line)
        elif line.startswith("```"):
            words = line[3:].split() or [""]
            opened = Block(number, words[0], [], options_of(words[1:]), "\n".join(before))
        elif line.startswith("<!-- run"):
            opened = Block(number, "run", [], options_of(line.split()[2:]))
        elif line == "<!-- new project -->":
            blocks.append(Block(number, "new", []))
        else:
            before.append(line)
    if opened:
        raise Wrong("line %d: the block does not end" % opened.line)
    return blocks


def mdoc_blocks(lines):
    blocks, mark, opened, before = [], None, None, []
    for number, line in enumerate(lines, 1):
        found = re.match(r'\.\\" (run|prints|file:|ends:)(?: (.*))?$', line)
        if opened:
            if line == ".Ed":
                blocks.append(opened)
                opened, before = None, []
            else:
                opened.text.append(line.replace("\\e", "\\").replace("\\(aq", "'").replace("\\-", "-").replace("\\&", ""))
        elif found:
            kind, words = found[1].rstrip(":"), (found[2] or "").split()
            if found[1].endswith(":"):
                words[0] = kind + "=" + words[0]
            mark = (kind, options_of(words))
        elif line.startswith(".Bd -literal") and mark:
            opened, mark = Block(number, mark[0], [], mark[1], "\n".join(before)), None
        else:
            before.append(line)
    return blocks


def steps_of(block):
    """The commands of a block `console`, each with its output."""
    steps = []
    for number, line in enumerate(block.text, block.line + 1):
        if line.startswith("$ "):
            steps.append(Step(number, line[2:], []))
        elif line.startswith("> ") and steps and not steps[-1].expected:
            steps[-1].command += "\n" + line[2:]
        elif steps:
            steps[-1].expected.append(line)
        else:
            raise Wrong("line %d: output without a command" % number)
    if steps:
        steps[-1].status = int(block.options.get("exit", 0))
    for step, following in zip(steps, steps[1:]):
        if following.command == "echo $?":
            step.status = None
    return steps


# ---- parsing what is not run -------------------------------------------------------------------------------------


def parse_with(*words):
    def parse(text):
        if shutil.which(words[0]):
            done = subprocess.run(words, input=text, capture_output=True, text=True)
            if done.returncode:
                raise Wrong(done.stderr.strip())

    return parse


PARSERS = {
    "yaml": lambda text: list(yaml.safe_load_all(text)),
    "python": ast.parse,
    "sh": parse_with("sh", "-n"),
    "c": parse_with("gcc", "-fsyntax-only", "-std=c17", "-I" + os.path.join(ROOT, "include"), "-x", "c", "-"),
    "javascript": parse_with("node", "--input-type=module", "--check"),
    "go": parse_with("gofmt", "-e"),
    "sql": None,
    "dockerfile": None,
}


# ---- running -----------------------------------------------------------------------------------------------------


class Session:
    """A shell with a directory, an environment and databases, for one file of text."""

    def __init__(self, program, servers, given):
        """`given`: the server on which DATABASE_URL names a database; None: the project's own database is used."""
        self.servers, self.given = servers, given
        self.top = tempfile.mkdtemp(prefix="cmig-guide-")
        self.databases, self.ids, self.projects = {}, {}, 0
        self.status = 0  # of the last command
        os.makedirs(os.path.join(self.top, "bin"))
        os.makedirs(os.path.join(self.top, "home"))
        wrapper = os.path.join(self.top, "bin", "cmig")
        with open(wrapper, "w") as file:
            file.write('#!/bin/sh\nexec %s "$@"\n' % program)
        os.chmod(wrapper, 0o755)
        self.new_project()

    def close(self):
        self.drop_databases()
        shutil.rmtree(self.top)

    def administer(self, dialect, statement):
        if dialect == "mysql":
            url = urllib.parse.urlsplit(self.servers[dialect])
            program = ["mariadb", "--no-defaults", "-u" + url.username, "-h" + url.hostname, "-P%d" % url.port, "-e"]
        else:
            program = ["psql", "-Xq", "-d", self.servers[dialect], "-c"]
        done = subprocess.run([*program, statement], capture_output=True, text=True,
                              env={**os.environ, "PGOPTIONS": "-c client_min_messages=error"})
        if done.returncode:
            raise Wrong(done.stderr.strip())

    def drop_databases(self):
        for (dialect, _), name in self.databases.items():
            self.administer(dialect, "DROP DATABASE IF EXISTS %s%s" % (name, "" if dialect == "mysql" else " WITH (FORCE)"))
        self.databases = {}

    def database(self, name, dialect="postgresql"):
        """The URL of a database that the text calls NAME."""
        key = dialect, name
        if key not in self.databases:
            self.databases[key] = "cmig_guide_%d_%s" % (os.getpid(), name)
            self.administer(dialect, "CREATE DATABASE " + self.databases[key])
        base, _, options = self.servers[dialect].partition("?")
        return base.rsplit("/", 1)[0] + "/" + self.databases[key] + (options and "?" + options)

    def new_project(self):
        self.drop_databases()
        self.projects += 1
        self.directory = os.path.join(self.top, str(self.projects))
        os.makedirs(self.directory)
        self.environment = {
            "PATH": os.path.join(self.top, "bin") + os.pathsep + os.environ["PATH"],
            "HOME": os.path.join(self.top, "home"), "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "dumb",
            "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org",
            "GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.org",
            "PYTHONDONTWRITEBYTECODE": "1", "TESTS": os.path.join(ROOT, "tests"),
            **{key: value for key, value in os.environ.items() if key.startswith(("ASAN_", "UBSAN_"))},
        }
        if self.given:
            self.environment["DATABASE_URL"] = self.database("default", self.given)

    def real(self, text):
        """The text as it is run: with the ids and databases that are really there."""
        text = URL.sub(lambda found: self.database(found[1]), text)
        return ID.sub(lambda found: self.ids.get(found[0], found[0]), text)

    def run(self, command):
        state = os.path.join(self.top, "state")
        script = ("(exit %d); eval \"$COMMAND\"; status=$?; pwd >%s.pwd; unset COMMAND; env -0 >%s.env; exit $status"
                  % (self.status, state, state))
        try:
            done = subprocess.run(["bash", "-c", script], cwd=self.directory, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT,
                                  env={**self.environment, "COMMAND": self.real(command)})
        except subprocess.TimeoutExpired:
            raise Wrong("'%s' takes more than %d seconds" % (command, TIMEOUT)) from None
        with open(state + ".pwd") as file:
            self.directory = file.read().rstrip("\n")
        with open(state + ".env") as file:
            pairs = [one.split("=", 1) for one in file.read().split("\0") if "=" in one]
        self.environment = {key: value for key, value in pairs if key not in ("_", "SHLVL", "PWD", "OLDPWD")}
        self.status = done.returncode
        return done.returncode, done.stdout

    def write(self, path, lines):
        path = os.path.join(self.directory, self.real(path))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(self.real("\n".join(lines)) + "\n")

    def beginning(self, path, line):
        """The lines of a file before the first that begins like this one."""
        with open(os.path.join(self.directory, self.real(path))) as file:
            lines = file.read().split("\n")
        for number, one in enumerate(lines):
            if one.startswith(line):
                return lines[:number]
        raise Wrong("%s has no line '%s'" % (path, line))

    def learn(self, expected, actual):
        """Pairs the ids of the text with those of the output, in the order in which they come."""
        known = set(self.ids.values())
        new = [one for one in dict.fromkeys(ID.findall(actual)) if one not in known]
        wanted = [one for one in dict.fromkeys(ID.findall(expected)) if one not in self.ids]
        self.ids.update(zip(wanted, new))

    def as_text(self, output):
        back = {real: name for name, real in self.ids.items()}
        return ID.sub(lambda found: back.get(found[0], found[0]), output)


def plain(text):
    for pattern, word in NOT_COMPARED:
        text = pattern.sub(word, text)
    return re.sub(r"(?<=\S) +", " ", text)  # columns are as wide as what is in them


def agrees(expected, actual):
    """Whether the lines are the same, where `...` is anything."""
    pattern = ""
    for line in expected:
        line = line.rstrip()
        if line.lstrip("# ") in ("...", "…"):
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in ANYTHING.split(plain(line))) + r"[ \t]*\n"
    text = "".join(plain(line).rstrip() + "\n" for line in actual)
    return re.fullmatch(pattern, text) is not None


def run_step(session, step):
    """Runs a command; its output by lines, in the words of the text."""
    status, output = session.run(step.command)
    session.learn("\n".join(step.expected or []), output)
    actual = session.as_text(output).rstrip("\n").split("\n") if output.strip("\n") else []
    if step.status is not None and status != step.status:
        raise Wrong("line %d: '%s' ended with %d instead of %d\n%s"
                    % (step.line, step.command, status, step.status, "\n".join(actual)))
    return actual


def without_end(lines):
    """The lines without empty ones at the end."""
    return lines[:next((n for n in range(len(lines), 0, -1) if lines[n - 1].strip()), 0)]


def compare(step, actual):
    if step.expected is not None and not agrees(without_end(step.expected), actual):
        raise Wrong("line %d: '%s' prints\n%s" % (step.line, step.command, "\n".join(actual)))


def mentions(block, path):
    return any(path in one for one in [one for one in block.before.split("\n\n") if one.strip()][-2:])


class Run:
    """One file of text on one database."""

    def __init__(self, path, session, lines=None):
        self.markdown, self.session, self.lines = path.endswith(".md"), session, lines
        self.replaced = []  # with --write: the first and last line of a block's text, and what comes instead

    def block(self, block, following):
        if block.language == "new":
            self.session.new_project()
        elif "file" in block.options:
            self.file(block, block.options["file"])
        elif "ends" in block.options:
            self.file(block, block.options["ends"], self.session.beginning(block.options["ends"], block.text[0]))
        elif "shows" in block.options:
            self.shows(block)
        elif block.language == "run":
            expected = following.text if following and following.language == "prints" else None
            step = Step(block.line, "\n".join(block.text), expected, int(block.options.get("exit", 0)))
            compare(step, run_step(self.session, step))
        elif block.language == "console":
            self.console(block)
        elif block.language != "prints":
            parse(block)

    def file(self, block, path, beginning=()):
        if self.markdown and not mentions(block, path):
            raise Wrong("line %d: the text before the block does not name %s" % (block.line, path))
        parse(block)
        self.session.write(path, [*beginning, *block.text])

    def shows(self, block):
        step = Step(block.line, "cat " + block.options["shows"], block.text)
        actual = run_step(self.session, step)
        if self.lines is None:
            compare(step, actual)
        elif not agrees(block.text, actual):
            self.replaced.append((block.line, block.line + len(block.text), actual))

    def console(self, block):
        written = []
        for step in steps_of(block):
            actual = run_step(self.session, step)
            first, *more = step.command.split("\n")
            written += ["$ " + first, *("> " + one for one in more)]
            if self.lines is None:
                compare(step, actual)
            elif agrees(without_end(step.expected), actual):
                written += step.expected
            else:
                written += actual + [one for one in step.expected[len(without_end(step.expected)):]]
        if written != block.text:
            self.replaced.append((block.line, block.line + len(block.text), written))

    def written(self):
        for first, last, text in reversed(self.replaced):
            self.lines[first:last] = text
        return "\n".join(self.lines)


def parse(block):
    if block.language not in PARSERS:
        if block.language not in ("file", "ends"):
            raise Wrong("line %d: unknown language '%s'" % (block.line, block.language))
        return
    parser = PARSERS[block.language]
    try:
        if parser:
            parser("\n".join(block.text) + "\n")
    except (Wrong, SyntaxError, ValueError, yaml.YAMLError) as error:
        raise Wrong("line %d: %s: %s" % (block.line, block.language, error))


def run_file(path, arguments, dialect):
    """Runs the file on one of the databases."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    blocks = (markdown_blocks if path.endswith(".md") else mdoc_blocks)(lines)
    blocks = [one for one in blocks if dialect in one.options.get("on", dialect).split(",")]
    sets_url = any("DATABASE_URL=" in line for one in blocks for line in one.text if one.language in ("run", "console"))
    session = Session(arguments.cmig, {"postgresql": arguments.postgresql, "mysql": arguments.mysql},
                      None if sets_url or dialect == "sqlite" else dialect)
    try:
        run = Run(path, session, lines if arguments.write else None)
        for block, following in zip(blocks, blocks[1:] + [None]):
            run.block(block, following)
    finally:
        session.close()
    if run.replaced and arguments.write:
        with open(path, "w", encoding="utf-8") as file:
            file.write(run.written())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cmig", required=True)
    parser.add_argument("--postgresql", required=True)
    parser.add_argument("--mysql")
    parser.add_argument("--on", choices=["sqlite", "postgresql", "mysql"], action="append")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    if os.path.exists(arguments.cmig):  # it may also be a program with words before it
        arguments.cmig = os.path.abspath(arguments.cmig)
    number = failed = 0
    for path in arguments.files:
        for dialect in arguments.on or ["sqlite", "postgresql"] + ["mysql"] * bool(arguments.mysql):
            number += 1
            title = "%s on %s" % (os.path.relpath(path, ROOT), dialect)
            try:
                run_file(path, arguments, dialect)
                print("ok %d - %s" % (number, title), flush=True)
            except Wrong as error:
                failed += 1
                print("not ok %d - %s" % (number, title))
                print("\n".join("# " + line for line in str(error).split("\n")), flush=True)
    print("1..%d" % number)
    return 1 if failed else 0


sys.exit(main())
