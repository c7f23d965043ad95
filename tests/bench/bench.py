#!/usr/bin/env python3
"""Compares cmig with the unavoidable work of each task.

    bench.py CMIG [--pg URL] [--mysql URL] [--only REGEX] [--runs N]

Parts: start, walk sqlite, check sqlite 1000, check sqlite 5000, the same for postgresql and mysql, rebuild.

Each workload runs in turns with its floor (floor.c, or sqlite3 and psql), A B A B …, and prints the medians of the
time, of its processor time (the client's: a server's is not counted), their ratio and the peak memory. A URL names a server on which databases called cmig_bench_* may be made and dropped, that of MariaDB without a
password. Times depend on the machine; ratios from one run can be compared.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ["id: {type: integer, primary_key: true, autoincrement: false}", "parent_id: {type: integer, references: %(parent)s.id}",
           "code: {type: string(40), nullable: false}", "name: {type: string(100), nullable: false}", "qty: {type: integer, default: 0}",
           "price: {type: 'numeric(10,2)'}", "active: {type: boolean, nullable: false}", "created_at: {type: timestamp, nullable: false}",
           "note: text", "ref: bigint"]


class Bench:
    def __init__(self, args):
        self.cmig = os.path.abspath(args.cmig)
        self.pg, self.mysql, self.runs = args.pg, args.mysql, args.runs
        self.dir = tempfile.mkdtemp(prefix="cmig-bench-")
        self.floor, self.empty = os.path.join(self.dir, "floor"), os.path.join(self.dir, "empty")
        include = subprocess.run(["pg_config", "--includedir"], capture_output=True, text=True, check=True).stdout.strip()
        subprocess.run(["cc", "-O2", "-I", include, "-I", "/usr/include/mariadb", os.path.join(HERE, "floor.c"), "-o", self.floor, "-lsqlite3", "-lpq", "-lmariadb", "-lyaml"], check=True)
        subprocess.run(["cc", "-O2", os.path.join(HERE, "empty.c"), "-o", self.empty], check=True)

    def path(self, *parts):
        p = os.path.join(self.dir, *parts)
        os.makedirs(os.path.dirname(p), exist_ok=True)
        return p

    def write(self, text, *parts):
        with open(self.path(*parts), "w") as f:
            f.write(text)
        return self.path(*parts)

    def psql(self, sql, database="postgres"):
        subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", sql], check=True, stdout=subprocess.DEVNULL)

    def mariadb(self, sql):
        host, port = re.match(r"[a-z]+://root@([^:/]+):(\d+)/", self.mysql).groups()
        subprocess.run(["mariadb", "-h", host, "-P", port, "-u", "root", "-e", sql], check=True)

    def url(self, database, kind="postgresql"):
        return re.sub(r"/[^/]*$", "/" + database, self.mysql if kind == "mysql" else self.pg)

    def fresh(self, kind, name, like=None):
        """The URL of an empty database, or of one like another, which nobody is connected to."""
        if kind == "sqlite":
            p = self.path("db", name + ".db")
            for suffix in ("", "-journal", "-wal", "-shm"):
                if os.path.exists(p + suffix):
                    os.unlink(p + suffix)
            if like:
                shutil.copy(self.path("db", like + ".db"), p)
            return p
        if kind == "mysql":
            self.mariadb("DROP DATABASE IF EXISTS cmig_bench_%s; CREATE DATABASE cmig_bench_%s" % (name, name))
            return self.url("cmig_bench_" + name, kind)
        self.psql("DROP DATABASE IF EXISTS cmig_bench_" + name)
        self.psql("CREATE DATABASE cmig_bench_%s%s" % (name, " TEMPLATE cmig_bench_" + like if like else ""))
        return self.url("cmig_bench_" + name)


def run(b, argv, ok=(0,)):
    """Wall seconds, peak memory in MB and processor seconds."""
    out = b.path("time")
    p = subprocess.run([b.floor, "time", out, *argv], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    with open(out) as f:
        seconds, kilobytes, status, busy = f.read().split()
    if int(status) not in ok:
        sys.exit("%s ended with %s\n%s" % (" ".join(argv), status, p.stderr))
    return float(seconds), int(kilobytes) / 1024, float(busy)


def compare(b, label, ours, floor, before_ours=None, before_floor=None, runs=None, ok=(0,)):
    a, c, mem, busy = [], [], 0, []
    for i in range((runs or b.runs) + 1):
        for argv, before, out in ((ours, before_ours, a), (floor, before_floor, c)):
            if before:
                before()
            if not argv:
                continue
            t, m, p = run(b, argv, ok)
            if out is a:
                mem = max(mem, m)
                busy.append(p)
            if i:
                out.append(t)
    report(label, a, c, busy, mem)


def report(label, a, c, busy, mem):
    line = "%-44s %8.1f ms (cpu %6.1f)" % (label, statistics.median(a) * 1e3, statistics.median(busy) * 1e3)
    if c:
        ratio = statistics.median(x / y for x, y in zip(a, c))
        line += "   floor %8.1f ms   x %.2f" % (statistics.median(c) * 1e3, ratio)
    print("%s %6.1f MB" % (line, mem), flush=True)


# ---- workloads -----------------------------------------------------------------------------------

def revision_sql(i, kind):
    t = "t%05d" % (i // 3 * 3)
    return [("CREATE TABLE %s (id INTEGER NOT NULL, name VARCHAR(100) NOT NULL, qty INTEGER, created_at TIMESTAMP, note TEXT, "
             "PRIMARY KEY (id))" % t, "DROP TABLE %s" % t),
            ("ALTER TABLE %s ADD COLUMN extra VARCHAR(50)" % t, "ALTER TABLE %s DROP COLUMN extra" % t),
            ("CREATE INDEX ix_%s_name ON %s (name)" % (t, t), "DROP INDEX ix_%s_name%s" % (t, " ON " + t if kind == "mysql" else ""))][i % 3]


def revision_yaml(i, kind):
    t = "t%05d" % (i // 3 * 3)
    # the same table as revision_sql's: in SQLite, an integer key without numbers would be INT with an index of its own
    numbers = "" if kind == "sqlite" else ", autoincrement: false"
    up = ["create_table:\n      name: %s\n      columns:\n        id: {type: integer, nullable: false%s}\n        name: {type: string(100), "
          "nullable: false}\n        qty: integer\n        created_at: timestamp\n        note: text\n      primary_key: [id]" % (t, numbers),
          "add_column: {table: %s, name: extra, type: string(50)}" % t,
          "create_index: {table: %s, name: ix_%s_name, columns: [name]}" % (t, t)][i % 3]
    down = ["drop_table: %s" % t, "drop_column: {table: %s, name: extra}" % t, "drop_index: {table: %s, name: ix_%s_name}" % (t, t)][i % 3]
    return "revision: '%012x'\ndown_revision: %s\nmessage: step %d\nupgrade:\n  - %s\ndowngrade:\n  - %s\n" % (
        i + 1, "'%012x'" % i if i else "null", i, up, down)


def psql_script(steps):
    move = "UPDATE floor_version SET revision = '%012x';\n"
    return "".join("BEGIN;\n%s;\n%sCOMMIT;\n" % (sql, move % to) for sql, to in steps)


def make_revisions(b, n, project="walk", kind="sqlite"):
    for i in range(n):
        b.write(revision_yaml(i, kind), project, "migrations", "%012x_step.yaml" % (i + 1))
    b.write("migrations: [migrations]\nmodels: [models]\n", project, "cmig.yaml")
    b.write("tables: {}\n", project, "models", "m.yaml")
    up = b.write("".join("-- rev %012x\n%s;\n" % (i + 1, revision_sql(i, kind)[0]) for i in range(n)), project, "up.txt")
    down = b.write("".join("-- rev %012x\n%s;\n" % (i, revision_sql(i, kind)[1]) for i in reversed(range(n))), project, "down.txt")
    psql_up = b.write("CREATE TABLE floor_version (revision varchar(255) NOT NULL PRIMARY KEY);\nINSERT INTO floor_version VALUES ('base');\n" +
                      psql_script((revision_sql(i, kind)[0], i + 1) for i in range(n)), project, "psql-up.sql")
    psql_down = b.write(psql_script((revision_sql(i, kind)[1], i) for i in reversed(range(n))), project, "psql-down.sql")
    return up, down, psql_up, psql_down


def make_models(b, n, project, changed=False):
    out = ["tables:"]
    for i in range(n):
        t, parent = "m%05d" % i, "m%05d" % ((i - 1) // 2 if i else 0)
        out.append("  %s:\n    columns:" % t)
        out += ["      " + c % {"parent": parent} for c in COLUMNS]
        if changed and i % max(1, n // 10) == 0:
            out.append("      added: string(40)")
        out.append("    indexes: {ix_%s_name: [name]}\n    uniques: {uq_%s_code: [code]}" % (t, t))
    b.write("\n".join(out) + "\n", project, "models", "m.yaml")
    b.write("models: [models]\nmigrations: [migrations]\n", project, "cmig.yaml")
    b.path(project, "migrations", "x")


def cmig(b, project, url, *args):
    return [b.cmig, "-c", b.path(project, "cmig.yaml"), "--url", url if "://" in url else "sqlite:///" + url, "-q", *args]


# ---- measurements --------------------------------------------------------------------------------

def bench_start(b):
    make_revisions(b, 1, "one")
    db = b.fresh("sqlite", "start")
    run(b, cmig(b, "one", db, "upgrade", "head"))
    compare(b, "start: cmig --version", [b.cmig, "--version"], [b.empty], runs=30)
    compare(b, "start: cmig current, SQLite", cmig(b, "one", db, "current"), [b.empty], runs=30)


PREFIX = {"sqlite": "sqlite", "postgresql": "pg", "mysql": "my"}


def bench_walk(b, kind, n=1000):
    up, down, psql_up, psql_down = make_revisions(b, n, kind=kind)
    name, prefix = kind + "_walk", PREFIX[kind]
    ours, floor = b.fresh(kind, name), b.fresh(kind, name + "_floor")
    ways = {"up": (up, psql_up, cmig(b, "walk", ours, "upgrade", "head"), None, None),
            "down": (down, psql_down, cmig(b, "walk", ours, "downgrade", "base"), name + "_full", name + "_floor_full")}
    if kind == "mysql": # which copies no databases: the way down begins where the way up ended
        walk_there_and_back(b, n, ours, floor, ways)
    else:
        walk_copies(b, kind, n, floor, ways)
    both = ["sh", "-c", '"$0" %s-open "$1"; "$0" heads "$2"' % prefix, b.floor, floor, b.path("walk", "migrations", "x")[:-2]]
    compare(b, "%s: upgrade head, nothing to do, %d files" % (kind, n), cmig(b, "walk", ours, "upgrade", "head"), both, runs=10)


def walk_copies(b, kind, n, floor, ways):
    name = kind + "_walk"
    for way, (file, psql, argv, like, like_floor) in ways.items():
        fresh = [lambda: b.fresh(kind, name, like), lambda: b.fresh(kind, name + "_floor", like_floor)]
        compare(b, "%s: %d revisions %s" % (kind, n, way), argv, [b.floor, PREFIX[kind] + "-run", floor, file], *fresh, runs=b.runs)
        if kind != "sqlite":
            compare(b, "%s: %d revisions %s, floor is psql -f" % (kind, n, way), argv, ["psql", "-qX", "-d", floor, "-f", psql], *fresh,
                    runs=b.runs)
        if way == "up": # the last thing that both did
            b.fresh(kind, name + "_full", name)
            b.fresh(kind, name + "_floor_full", name + "_floor")
    b.fresh(kind, name, name + "_full")
    b.fresh(kind, name + "_floor", name + "_floor_full")


def walk_there_and_back(b, n, ours, floor, ways):
    figures = {way: ([], [], []) for way in ways}
    for i in range(b.runs + 1):
        for way, (file, _, argv, _, _) in ways.items():
            a, c, busy = figures[way]
            t, mem, p = run(b, argv)
            a.append(t)
            busy.append(p)
            c.append(run(b, [b.floor, "my-run", floor, file])[0])
    for way, (a, c, busy) in figures.items():
        report("mysql: %d revisions %s" % (n, way), a[1:], c[1:], busy, mem)
    run(b, ways["up"][2])
    run(b, [b.floor, "my-run", floor, ways["up"][0]])


def bench_check(b, kind, n):
    project = "check%d" % n
    make_models(b, n, project)
    db = b.fresh(kind, "%s_check%d" % (kind, n))
    prefix = PREFIX[kind]
    compare(b, "%s: autogenerate %d tables, empty database" % (kind, n), cmig(b, project, db, "revision", "--autogenerate", "-m", "all"), None,
            lambda: shutil.rmtree(b.path(project, "migrations", "x")[:-2]) or b.path(project, "migrations", "x"), runs=3)
    run(b, cmig(b, project, db, "upgrade", "head"))
    floor = ["sh", "-c", '"$0" %s-reflect "$1"; "$0" heads "$2"' % prefix, b.floor, db, b.path(project, "models", "x")[:-2]]
    compare(b, "%s: check %d tables" % (kind, n), cmig(b, project, db, "check"), floor, runs=5)
    make_models(b, n, project, changed=True)
    compare(b, "%s: check %d tables, ten changes" % (kind, n), cmig(b, project, db, "check"), floor, runs=5, ok=(0, 2))


def bench_rebuild(b, rows=1000000):
    base = b.fresh("sqlite", "rows")
    fill = ("CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(40) NOT NULL, b INTEGER, c TEXT, d REAL, e INTEGER);"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO t SELECT i, 'name ' || i, i %% 100, "
            "'some text that is a little longer ' || i, i / 3.0, NULL FROM n;" % rows)
    subprocess.run(["sqlite3", base, fill], check=True)
    project = "rebuild"
    b.write("models: [models]\nmigrations: [migrations]\n", project, "cmig.yaml")
    b.write("tables: {}\n", project, "models", "m.yaml")
    cases = {"whole rows": ("alter_column: {table: t, name: e, type: text}", "id INTEGER PRIMARY KEY, a VARCHAR(40) NOT NULL, b INTEGER, c TEXT, d REAL, e TEXT", "*"),
             "converted": ("alter_column: {table: t, name: b, type: text}", "id INTEGER PRIMARY KEY, a VARCHAR(40) NOT NULL, b TEXT, c TEXT, d REAL, e INTEGER",
                           "id, a, CAST(b AS TEXT), c, d, e"),
             "a default": ("alter_column: {table: t, name: b, default: 7}", "id INTEGER PRIMARY KEY, a VARCHAR(40) NOT NULL, b INTEGER, c TEXT, d REAL, e INTEGER", "*")}
    for label, (op, new, columns) in cases.items():
        b.write("revision: aaaa\ndown_revision: null\nmessage: m\nupgrade:\n  - %s\n" % op, project, "migrations", "aaaa.yaml")
        ours, floor = b.path("db", "ours.db"), b.path("db", "floor.db")

        def fresh_floor():
            shutil.copy(base, floor)
            subprocess.run(["sqlite3", floor, "CREATE TABLE n (%s)" % new], check=True)
        compare(b, "sqlite: %d rows, %s" % (rows, label), cmig(b, project, ours, "upgrade", "head"),
                [b.floor, "sqlite-copy", floor, "t", "n", columns], lambda: shutil.copy(base, ours), fresh_floor, runs=3)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("cmig")
    ap.add_argument("--pg")
    ap.add_argument("--mysql")
    ap.add_argument("--only")
    ap.add_argument("--runs", type=int, default=5)
    args = ap.parse_args()
    b = Bench(args)
    try:
        kinds = ["sqlite"] + (["postgresql"] if args.pg else []) + (["mysql"] if args.mysql else [])
        parts = {"start": lambda: bench_start(b), "rebuild": lambda: bench_rebuild(b)}
        for kind in kinds:
            parts["walk " + kind] = lambda kind=kind: bench_walk(b, kind)
            for n in (1000, 5000):
                parts["check %s %d" % (kind, n)] = lambda kind=kind, n=n: bench_check(b, kind, n)
        for name, part in parts.items():
            if not args.only or re.search(args.only, name):
                part()
    finally:
        shutil.rmtree(b.dir, ignore_errors=True)


if __name__ == "__main__":
    main()
