"""Databases for tests: create one, run SQL in it, read what it contains.

All classes have the same methods. The contents come from the database itself: pg_dump ($PG_DUMP when there are
several), mariadb-dump, or sqlite_schema with the pragmas. cmig's own tables are left out.
"""
import functools
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from urllib.parse import urlsplit, urlunsplit

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's packages, where another Python comes first in PATH
import psycopg2  # noqa: E402
import pymysql  # noqa: E402

from catalogue import OWN_TABLES, catalogue_dump  # noqa: E402
from sqlite_text import read_other, read_table  # noqa: E402

# cmig's messages, without times and names: two equal runs print the same.
OWN_ROWS = (
    "SELECT revision FROM cmig_version ORDER BY revision",
    "SELECT revision, parents, direction, version, blob, commit_id, modified, path, text, outcome, message, tag "
    "FROM cmig_history ORDER BY id")


class Failed(Exception):
    pass


def own_rows(database):
    return [database.own(text) for text in OWN_ROWS]


def sqlite_name(name):
    return '"%s"' % name.replace('"', '""')


class Database:
    product = "MariaDB"  # of a server that speaks this dialect

    def lacks(self, error):
        """Whether cmig refused what this server does not have, and the tests' other servers do."""
        return False


class Sqlite(Database):
    dialect = "sqlite"
    access = False

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

    own = ask

    def catalogue(self, found=None):
        return found or self.snapshot()

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


@functools.lru_cache(None)
def program(name):
    """Debian's /usr/bin/psql and pg_dump are a Perl script that looks for the real program: ten times its cost."""
    folder = subprocess.run(["pg_config", "--bindir"], stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    path = os.path.join(folder, name)
    return path if os.access(path, os.X_OK) else name


def psql(url, sql):
    run = subprocess.run(
        [program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"],
        input=sql.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ, PGCLIENTENCODING="UTF8"))
    if run.returncode:
        raise Failed("%s\n%s" % (run.stderr.decode(), sql))
    return run.stdout.decode()


def connect(url):
    connection = psycopg2.connect(url, client_encoding="UTF8")
    connection.autocommit = True
    return connection


def query(connection, sql):
    """The rows of one query."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
        except psycopg2.Error as error:
            raise Failed("%s\n%s" % (error, sql))


@functools.lru_cache(None)
def server_version(url):
    return int(psql(url, "SHOW server_version_num")) // 10000


@functools.lru_cache(None)
def dump_program():
    """pg_dump, and its major version."""
    path = os.environ.get("PG_DUMP") or program("pg_dump")
    text = subprocess.run([path, "--version"], stdout=subprocess.PIPE, check=True).stdout.decode()
    return path, int(re.search(r"\d+", text)[0])


def dump(url, server=None, access=False, by_name=False):
    """The schema as SQL. server: its version, where that is known. access: with owners and privileges. by_name: in an order
    that does not depend on when the objects were created, as pg_dump has it."""
    path, version = dump_program()
    if version < (server or server_version(url)):
        connection = connect(url)
        try:
            return catalogue_dump(lambda sql: query(connection, sql), by_name)
        finally:
            connection.close()
    run = subprocess.run(
        [path, "-s", "--encoding=UTF8", "-d", url] + ([] if access else ["--no-owner", "--no-privileges"])
        + ["--exclude-table=%s*" % table for table in OWN_TABLES], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode:
        raise Failed(run.stderr.decode())
    return "".join(line for line in run.stdout.decode().splitlines(True)
                   if not line.startswith(("\\restrict", "\\unrestrict")))


class Postgresql(Database):
    dialect = "postgresql"
    administrators = threading.local()  # a connection for each thread: starting a session costs more than what it is for

    def __init__(self, server, name, roles=()):
        """server: the URL of a database that may create others. roles: to be created, and part of what is compared."""
        self.server, self.name = server, name
        self.version = server_version(server)
        parts = urlsplit(server)
        self.url = urlunsplit(parts._replace(path="/" + name))
        self.scratch = None
        self.connection = None
        self.access = bool(roles)
        for role in roles:
            self.create_role(role)
        self.create()

    def create_role(self, role):
        """Roles belong to the server: other cases may have created it, or do so right now."""
        try:
            self.administer('CREATE ROLE "%s"' % role.replace('"', '""'))
        except Failed as error:
            if "already exists" not in str(error) and "duplicate key" not in str(error):
                raise

    def remove(self):
        if self.scratch:
            self.scratch.remove()
        self.drop()

    def administer(self, *commands):
        connections = self.administrators.__dict__
        if self.server not in connections:
            connections[self.server] = connect(self.server)
        for command in commands:
            query(connections[self.server], command)

    def create(self):
        # Copying the files of the template costs the server a third of writing its pages to the log.
        strategy = " STRATEGY file_copy" if self.version >= 15 else ""
        self.administer(self.dropping(), "CREATE DATABASE %s%s" % (self.name, strategy))

    def dropping(self):
        return "DROP DATABASE IF EXISTS %s%s" % (self.name, " WITH (FORCE)" if self.version >= 13 else "")

    def disconnect(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def drop(self):
        self.disconnect()
        self.administer(self.dropping())

    def script(self, text):
        try:
            psql(self.url, text)
        except Failed as error:
            return str(error)
        return ""

    def execute(self, sql):
        # psql sends statements one by one, which these need
        if re.search(r"\b(concurrently|vacuum|begin|commit|copy|set)\b|^\\", sql, re.I | re.M):
            psql(self.url, "SET client_min_messages = warning;\n" + sql)
        else:
            self.query(sql)

    def query(self, sql):
        """The rows of a query, through one connection for all of them."""
        if not self.connection:
            self.connection = connect(self.url)
        return query(self.connection, sql)

    def ask(self, sql):
        return psql(self.url, sql)

    def own(self, sql):
        return "".join("|".join("" if v is None else str(v) for v in row) + "\n" for row in self.query(sql))

    def dump(self):
        return dump(self.url, self.version, self.access)

    def catalogue(self, found=None):
        """The same by a query of the catalogue: a fifth of the cost of pg_dump, and of less authority. found: a snapshot
        that was just taken, which serves where there is no such query."""
        try:
            return catalogue_dump(self.query)
        finally:
            self.query("RESET search_path")

    def snapshot(self):
        found = {}
        self.last_dump = self.dump()
        header = re.compile(r"^--\n-- Name: (.*); Type: (.*); Schema: (.*); Owner:.*\n--\n", re.M)
        parts = header.split(self.last_dump)
        for name, kind, schema, body in zip(*[iter(parts[1:])] * 4):
            lines = [line.rstrip(",") for line in body.splitlines() if line and not line.startswith(("SET ", "--"))]
            if kind in ("TABLE", "ACL"):
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
        self.scratch.access = self.access
        self.scratch.execute(text)
        return self.scratch

    def same_after_restore(self, a, b):
        """The server prints some expressions in another way once they were dumped and restored (twice, and they stay)."""
        results = []
        try:
            for text in (a, b):
                for _ in range(2):
                    text = self.restored("DROP SCHEMA public;\n" + text if "CREATE SCHEMA public" in text else text).dump()
                results.append(self.scratch.snapshot())
        except Failed:  # not every dump of the catalogue can be restored
            return False
        return results[0] == results[1]

    def rows(self):
        tables = self.query(
            "SELECT n.nspname, c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname) "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') "
            "AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' ORDER BY n.nspname, c.relname")
        wanted = [table for table in tables if table[1] not in OWN_TABLES]
        found = {(s + "." if s != "public" else "") + t: {} for s, t, _ in wanted}
        if not wanted:
            return found
        union = " UNION ALL ".join(
            "SELECT %d, row_to_json(whole_row)::text FROM %s AS whole_row" % (i, quoted) for i, (_, _, quoted) in enumerate(wanted))
        for index, text in self.query(union):
            schema, table, _ = wanted[index]
            columns = found[(schema + "." if schema != "public" else "") + table]
            for column, value in json.loads(text).items():
                columns.setdefault(column, []).append(json.dumps(value))
        for columns in found.values():
            for values in columns.values():
                values.sort()
        return found


@functools.lru_cache(None)
def product(host, port, user, password):
    """"MariaDB" or "MySQL"."""
    connection = pymysql.connect(host=host, port=port, user=user, password=password)
    try:
        return "MariaDB" if "MariaDB" in connection.get_server_info() else "MySQL"
    finally:
        connection.close()


# What cmig says, before any statement, of models for MariaDB that MySQL 5.7 cannot have.
LACKS = re.compile(r"has no (check constraints|sequences|descending keys)|can't have a default value|near '\(nextval"
                   r"|near 'compressed|in a key or index of MySQL as a whole|LIST PARTITIONING requires|CREATE AGGREGATE"
                   r"|near '\(s VARCHAR\(40\)\) RETURNS")


class Mariadb(Database):
    dialect = "mysql"
    access = False
    connection = None

    def __init__(self, server, name):
        """server: the URL of a database whose user may create others."""
        parts = urlsplit(server)
        self.name = name
        self.url = urlunsplit(parts._replace(path="/" + name))
        self.place = {"host": parts.hostname, "port": parts.port, "user": parts.username, "password": parts.password or ""}
        self.product = product(**self.place)
        self.administer("DROP DATABASE IF EXISTS `%s`" % name, "CREATE DATABASE `%s`" % name)

    def lacks(self, error):
        return self.product != "MariaDB" and LACKS.search(error) is not None

    def remove(self):
        if self.connection:
            self.connection.close()
            self.connection = None
        self.administer("DROP DATABASE IF EXISTS `%s`" % self.name)

    def administer(self, *commands):
        connection = pymysql.connect(charset="utf8mb4", **self.place)
        try:
            with connection.cursor() as cursor:
                for command in commands:
                    cursor.execute(command)
        finally:
            connection.close()

    def query(self, sql):
        """The rows of a query, through one connection for all of them."""
        if not self.connection:
            self.connection = pymysql.connect(charset="utf8mb4", database=self.name, autocommit=True, **self.place)
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        except pymysql.Error as error:
            raise Failed("%s\n%s" % (error, sql))

    def program(self, name, *words, text=""):
        run = subprocess.run(
            [name, "--no-defaults", "--host=" + self.place["host"], "--port=%d" % self.place["port"], "--user=" + self.place["user"],
             "--password=" + self.place["password"], "--default-character-set=utf8mb4", *words, self.name],
            input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if run.returncode:
            raise Failed("%s\n%s" % (run.stderr.decode(), text))
        return run.stdout.decode(errors="backslashreplace")

    def script(self, text):
        try:
            self.program("mariadb", text=text)
        except Failed as error:
            return str(error)
        return ""

    def execute(self, sql):
        self.program("mariadb", text=sql)

    def ask(self, sql):
        return "".join("|".join("" if v is None else str(v) for v in row) + "\n" for row in self.query(sql))

    def own(self, sql):
        return self.ask(re.sub(r"\b(blob|text)\b", r"`\1`", sql))

    def catalogue(self, found=None):
        return found or self.snapshot()

    def snapshot(self):
        """Numbers that were given out are no schema; the order of columns is not compared."""
        text = self.program("mariadb-dump", "--no-data", "--compact", "--routines", "--events", "--skip-extended-insert")
        text = re.sub(r" AUTO_INCREMENT=\d+", "", text).replace("`%s`." % self.name, "")
        found = {}
        for kind, name, body in re.findall(r"^CREATE (TABLE) `([^\n]*?)` (\(\n.*?\n\)[^\n]*);$", text, re.M | re.S):
            if name not in OWN_TABLES:
                found["table " + name] = "\n".join(sorted(line.rstrip(",") for line in body.splitlines()))
        rest = re.sub(r"^CREATE TABLE `[^\n]*?` \(\n.*?\n\)[^\n]*;$", "", text, flags=re.M | re.S)
        for name, body in re.findall(r"^/\*!50001 VIEW `([^\n]*?)` (AS .*?)\*/;$", rest, re.M | re.S):
            found["view " + name] = body
        found["others"] = "\n".join(re.findall(r"(?:PROCEDURE|FUNCTION|EVENT) `.*?;;", rest, re.S))
        found["sequences"] = "\n".join(re.findall(r"^CREATE SEQUENCE .*;$", text, re.M))
        # the dump prints triggers as they were written, and does not say in which mode routines are read
        found["triggers"] = self.ask("""
            SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_order, action_statement, sql_mode
            FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY trigger_name""")
        found["modes"] = self.ask("""
            SELECT routine_name, routine_type, sql_mode FROM information_schema.routines WHERE routine_schema = DATABASE()
            UNION SELECT event_name, time_zone, sql_mode FROM information_schema.events WHERE event_schema = DATABASE()
            ORDER BY 1, 2""")
        return found

    def same_after_restore(self, a, b):
        return False

    def rows(self):
        found = {}
        tables = self.query("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'")
        for (table,) in tables:
            if table in OWN_TABLES:
                continue
            columns = [row[0] for row in self.query("SHOW COLUMNS FROM `%s`" % table.replace("`", "``"))]
            listed = ", ".join("`%s`" % column.replace("`", "``") for column in columns)  # * leaves out invisible ones
            values = self.query("SELECT %s FROM `%s`" % (listed, table.replace("`", "``")))
            found[table] = {c: sorted(repr(row[i]) for row in values) for i, c in enumerate(columns)}
        return found
