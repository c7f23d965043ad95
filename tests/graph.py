#!/usr/bin/env python3
"""Checks that the commands migrate real databases through the graphs of tests/cases/graph as expected.

    graph.py --cmig PATH [--mysql URL]

On SQLite, or on a server of MariaDB whose URL is given.

Up and down: the history table must show the steps in order, the version table the final rows. Stamp: the final rows.
The README beside the cases explains their notation. The result is TAP.
"""
import argparse
import concurrent.futures
import contextlib
import functools
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse

import pymysql

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases", "graph")


def lines(name):
    with open(os.path.join(CASES, name), encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if not re.match(r"(#( |$)|\s*$)", line)]


def parse_revision(word):
    """id<parents~dependencies#labels"""
    parts = re.split(r"([<~#])", word)
    found = {"id": parts[0], "<": [], "~": [], "#": []}
    for mark, names in zip(parts[1::2], parts[2::2]):
        found[mark] = names.split(",")
    return found


class Sqlite:
    """A database in a file of a folder."""

    url = "sqlite:///x.db"

    def __init__(self, folder):
        self.path = os.path.join(folder, "x.db")

    def connect(self):
        return sqlite3.connect(self.path)

    def empty(self):
        if os.path.exists(self.path):
            os.unlink(self.path)

    def remove(self):
        self.empty()


class Mysql:
    """A database of a server, named after the folder."""

    def __init__(self, server, folder):
        place = urllib.parse.urlsplit(server)
        self.place = {"host": place.hostname, "port": place.port or 3306, "user": place.username,
                      "password": urllib.parse.unquote(place.password or "")}
        self.name = os.path.basename(folder).replace("-", "_")
        self.url = urllib.parse.urlunsplit(place._replace(path="/" + self.name))
        self.empty()

    def connect(self):
        return pymysql.connect(database=self.name, **self.place)

    def administer(self, *statements):
        connection = pymysql.connect(**self.place)
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement % self.name)

    def empty(self):
        self.administer("DROP DATABASE IF EXISTS `%s`", "CREATE DATABASE `%s`")

    def remove(self):
        self.administer("DROP DATABASE IF EXISTS `%s`")


class Project:
    """A folder with the revision files of one graph, and a database."""

    def __init__(self, command, database, revisions):
        self.command = command
        self.folder = tempfile.mkdtemp(prefix="cmig-graph-")
        self.database = database(self.folder)
        os.mkdir(os.path.join(self.folder, "migrations"))
        os.mkdir(os.path.join(self.folder, "models"))
        with open(os.path.join(self.folder, "cmig.yaml"), "w", encoding="utf-8") as file:
            file.write("url: %s\n" % self.database.url)
        for number, revision in enumerate(revisions):
            self.write(number, revision)

    def write(self, number, revision):
        name = "%03d_%s.yaml" % (number, revision["id"])
        with open(os.path.join(self.folder, "migrations", name), "w", encoding="utf-8") as file:
            file.write("revision: %s\ndown_revision: [%s]\nmessage: %s\nbranch_labels: [%s]\ndepends_on: [%s]\n"
                       "upgrade: []\ndowngrade: []\n" % (
                           revision["id"], ", ".join(revision["<"]), revision["id"], ", ".join(revision["#"]),
                           ", ".join(revision["~"])))

    def run(self, *words):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("CMIG_", "DATABASE_URL"))}
        environment["HOME"] = self.folder
        run = subprocess.run(self.command + list(words), cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        return run.returncode, run.stdout.decode(), run.stderr.decode()

    def begin(self, rows):
        self.database.empty()
        status, _, errors = self.run("ensure-version")
        if status:
            return errors
        with contextlib.closing(self.database.connect()) as connection:
            for row in rows:
                connection.cursor().execute("INSERT INTO cmig_version (revision) VALUES ('%s')" % row)
            connection.commit()
        return None

    def ask(self, query):
        with contextlib.closing(self.database.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(query)
            return [row[0] for row in cursor.fetchall()]

    def remove(self):
        self.database.remove()
        shutil.rmtree(self.folder, ignore_errors=True)


def words(text):
    return [] if text == "-" else text.split()


def walk(project, command, fields):
    current, target, steps = fields[0].split(), fields[1], fields[2]
    problem = project.begin(current)
    if problem:
        return problem
    # A target may be several, and none at all is base.
    status, output, errors = project.run(command, *(target.split() if command == "stamp" else [target]))
    if steps.startswith("ERR"):
        return None if status not in (0, -11, -6) and errors.startswith("cmig: ") else "should fail: %s, %d, %s" % (
            steps, status, errors)
    if status:
        return errors
    rows = sorted(project.ask("SELECT revision FROM cmig_version"))
    if rows != sorted(words(fields[4])):
        return "rows %s, expected %s" % (rows, fields[4])
    if command == "stamp":
        return None
    ran = project.ask("SELECT revision FROM cmig_history ORDER BY id")
    return None if ran == words(steps) else "steps %s, expected %s" % (" ".join(ran), steps)


def history(project, fields):
    low, high, wanted = fields
    problem = project.begin([])
    if problem:
        return problem
    range_words = ["-r", "%s:%s" % (low, high)] if low or high else []
    status, output, errors = project.run("history", *range_words)
    if wanted.startswith("ERR"):
        return None if status > 0 else "should fail: " + wanted
    if status:
        return errors
    got = [re.match(r"(\S+)", line.split("-> ", 1)[-1])[1].rstrip(",") for line in output.splitlines() if line.strip()]
    return None if got == words(wanted) else "history %s, expected %s" % (" ".join(got), wanted)


def run_case(projects, line):
    dag, command, *fields = line.split("|")
    if command == "hist":
        # What is relative to the database is asked of an empty one, and of one at the second revision.
        return history(projects[dag], fields)
    return walk(projects[dag], {"up": "upgrade", "down": "downgrade"}.get(command, command), fields)


def run_rejected(command, database, line):
    graph, reason = line.split("|")
    project = Project(command, database, [parse_revision(word) for word in graph.split()])
    try:
        for words_ in (["heads"], ["history"], ["upgrade", "head"], ["current"]):
            status, _, errors = project.run(*words_)
            if status != 78 or "migrations/" not in errors:
                return "%s: status %d: %s" % (" ".join(words_), status, errors)
        return None
    finally:
        project.remove()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cmig", required=True)
    parser.add_argument("--mysql", help="a URL of a MariaDB server")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("filter", nargs="*", help="only these lines, by their beginning")
    arguments = parser.parse_args()
    command = arguments.cmig.split()
    database = functools.partial(Mysql, arguments.mysql) if arguments.mysql else Sqlite
    projects = {}
    for line in lines("dags.txt"):
        name, *revisions = line.split()
        projects[name] = Project(command, database, [parse_revision(word) for word in revisions])
    tests = [(line, lambda line=line: run_case(projects, line)) for line in lines("cases.txt")]
    tests += [("rejected: " + line, lambda line=line: run_rejected(command, database, line)) for line in lines("rejected.txt")]
    tests = [test for test in tests if not arguments.filter or test[0].startswith(tuple(arguments.filter))]
    print("1..%d" % len(tests), flush=True)
    # The lines of one graph share its database.
    groups = {}
    for test in tests:
        groups.setdefault(test[0].split("|")[0], []).append(test)
    groups = list(groups.values())
    number = failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for group, problems in zip(groups, pool.map(lambda group: [test() for _, test in group], groups)):
            for (line, _), problem in zip(group, problems):
                number += 1
                print("%s %d - %s" % ("not ok" if problem else "ok", number, line.replace("#", "")))
                for text in (problem or "").splitlines():
                    print("# " + text)
                failed += problem is not None
            sys.stdout.flush()
    for project in projects.values():
        project.remove()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
