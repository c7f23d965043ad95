"""How do tests make a database, run SQL in it, and see what it contains?

Both classes answer the same calls. What a database contains is asked of the database itself: pg_dump ($PG_DUMP when
there are several), or sqlite_schema with the pragmas. cmig's own tables are left out.
"""
import json
import os
import re
import sqlite3
import subprocess
from urllib.parse import urlsplit, urlunsplit

from catalogue import OWN_TABLES, catalogue_dump
from sqlite_text import read_other, read_table

# What cmig says of itself, but for times and who it was: two runs of the same say the same.
OWN_ROWS = (
    "SELECT revision FROM cmig_version ORDER BY revision",
    "SELECT revision, parents, direction, version, blob, commit_id, modified, path, text, outcome, message, tag "
    "FROM cmig_history ORDER BY id")


class Failed(Exception):
    pass


def own_rows(database):
    return [database.ask(query) for query in OWN_ROWS]


def sqlite_name(name):
    return '"%s"' % name.replace('"', '""')


class Sqlite:
    dialect = "sqlite"

    def __init__(self, folder, name):
        self.path = os.path.join(folder, name + ".db")
        self.url = "sqlite:///" + self.path

    def remove(self):
        for suffix in ("", "-journal", "-wal", "-shm"):
            if os.path.exists(self.path + suffix):
                os.unlink(self.path + suffix)

    def connect(self):
        return sqlite3.connect(self.path, isolation_level=None)

    def execute(self, sql):
        connection = self.connect()
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.executescript(sql)
        except sqlite3.Error as error:
            raise Failed("%s\n%s" % (error, sql))
        finally:
            connection.close()

    def script(self, text):
        """What the shell says to a script, "" when it takes it."""
        run = subprocess.run(["sqlite3", "-bail", self.path], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             env=dict(os.environ, HOME="/nonexistent"))
        return run.stdout.decode() if run.returncode else ""

    def ask(self, sql):
        """The result of one query, a line per row."""
        connection = self.connect()
        try:
            rows = connection.execute(sql).fetchall()
        except sqlite3.Error as error:
            raise Failed("%s\n%s" % (error, sql))
        finally:
            connection.close()
        return "".join("|".join("" if v is None else str(v) for v in row) + "\n" for row in rows)

    def snapshot(self):
        if not os.path.exists(self.path):
            return {}
        connection = self.connect()
        found = {}
        for kind, name, table, sql in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"):
            if sql is None or name.startswith("sqlite_") or table in OWN_TABLES:
                continue
            if kind != "table" or "virtual" in sql.lower().split()[:2]:
                found["%s %s" % (kind, name)] = read_other(sql)
                continue
            columns, constraints, options = read_table(sql)
            indexes = sorted(
                str([(c[2], c[3], c[4].lower()) for c in connection.execute("PRAGMA index_xinfo(%s)" % sqlite_name(i[1])) if c[5]])
                for i in connection.execute("PRAGMA index_list(%s)" % sqlite_name(name)) if i[3] != "c")
            found["table " + name] = "\n".join(
                ["column %s: %s" % column for column in sorted(columns)] + constraints + indexes + [options])
        connection.close()
        return found

    def same_after_restore(self, a, b):
        return False

    def rows(self):
        """{table: {column: sorted values}}"""
        connection = self.connect()
        found = {}
        names = [r[0] for r in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")]
        for name in names:
            if name in OWN_TABLES:
                continue
            cursor = connection.execute("SELECT * FROM " + sqlite_name(name))
            columns = [d[0] for d in cursor.description]
            values = cursor.fetchall()
            found[name] = {c: sorted(repr(row[i]) for row in values) for i, c in enumerate(columns)}
        connection.close()
        return found


def psql(url, sql):
    run = subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"],
        input=sql.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ, PGCLIENTENCODING="UTF8"))
    if run.returncode:
        raise Failed("%s\n%s" % (run.stderr.decode(), sql))
    return run.stdout.decode()


def server_version(url):
    return int(psql(url, "SHOW server_version_num")) // 10000


def dump(url):
    """The schema as SQL."""
    program = os.environ.get("PG_DUMP", "pg_dump")
    version = subprocess.run([program, "--version"], stdout=subprocess.PIPE, check=True).stdout.decode()
    if int(re.search(r"\d+", version)[0]) < server_version(url):
        return catalogue_dump(lambda sql: psql(url, sql))
    run = subprocess.run(
        [program, "-s", "--no-owner", "--no-privileges", "--encoding=UTF8", "-d", url]
        + ["--exclude-table=%s*" % table for table in OWN_TABLES], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode:
        raise Failed(run.stderr.decode())
    return "".join(line for line in run.stdout.decode().splitlines(True)
                   if not line.startswith(("\\restrict", "\\unrestrict")))


class Postgresql:
    dialect = "postgresql"

    def __init__(self, server, name):
        """server: the URL of a database that may create others."""
        self.server, self.name = server, name
        self.version = server_version(server)
        parts = urlsplit(server)
        self.url = urlunsplit(parts._replace(path="/" + name))
        self.scratch = None
        self.drop()
        self.psql("CREATE DATABASE %s" % name, server)

    def remove(self):
        if self.scratch:
            self.scratch.remove()
        self.drop()

    def drop(self):
        force = " WITH (FORCE)" if self.version >= 13 else ""
        self.psql("DROP DATABASE IF EXISTS %s%s" % (self.name, force), self.server)

    def psql(self, sql, url=None):
        return psql(url or self.url, sql)

    def script(self, text):
        try:
            self.psql(text)
        except Failed as error:
            return str(error)
        return ""

    def execute(self, sql):
        self.psql("SET client_min_messages = warning;\n" + sql)

    def ask(self, sql):
        return self.psql(sql)

    def dump(self):
        return dump(self.url)

    def snapshot(self):
        found = {}
        self.last_dump = self.dump()
        header = re.compile(r"^--\n-- Name: (.*); Type: (.*); Schema: (.*); Owner:.*\n--\n", re.M)
        parts = header.split(self.last_dump)
        for name, kind, schema, body in zip(*[iter(parts[1:])] * 4):
            lines = [line.rstrip(",") for line in body.splitlines() if line and not line.startswith(("SET ", "--"))]
            if kind == "TABLE":
                lines.sort()
            key = "%s %s.%s" % (kind.lower(), schema, name)
            while key in found:
                key += "'"
            found[key] = "\n".join(lines)
        return found

    def restored(self, text):
        if not self.scratch:
            self.scratch = Postgresql(self.server, self.name + "_scratch")
        else:
            self.scratch.__init__(self.server, self.name + "_scratch")
        self.scratch.execute(text)
        return self.scratch

    def same_after_restore(self, a, b):
        """The server prints some expressions in another way once they were dumped and restored (twice, and they stay)."""
        results = []
        for text in (a, b):
            for _ in range(2):
                text = self.restored("DROP SCHEMA public;\n" + text if "CREATE SCHEMA public" in text else text).dump()
            results.append(self.scratch.snapshot())
        return results[0] == results[1]

    def rows(self):
        tables = self.psql(
            "SELECT json_build_array(n.nspname, c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname)) "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') "
            "AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' ORDER BY n.nspname, c.relname")
        wanted = [json.loads(line) for line in tables.splitlines()]
        wanted = [table for table in wanted if table[1] not in OWN_TABLES]
        found = {(s + "." if s != "public" else "") + t: {} for s, t, _ in wanted}
        if not wanted:
            return found
        query = " UNION ALL ".join(
            "SELECT %d, row_to_json(whole_row)::text FROM %s AS whole_row" % (i, quoted) for i, (_, _, quoted) in enumerate(wanted))
        for line in self.psql("SELECT json_build_array(i, j) FROM (%s) AS x(i, j)" % query).splitlines():
            index, text = json.loads(line)
            schema, table, _ = wanted[index]
            columns = found[(schema + "." if schema != "public" else "") + table]
            for column, value in json.loads(text).items():
                columns.setdefault(column, []).append(json.dumps(value))
        for columns in found.values():
            for values in columns.values():
                values.sort()
        return found
