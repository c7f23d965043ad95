#!/usr/bin/python3
"""Compares the schema that cmig builds from YAML models with that of SQLAlchemy from the same models as classes.

    judge.py --cmig PATH [--postgresql URL] [--mysql URL] [SYSTEM...]

Each system is a directory below tests/cases/sqlalchemy with models.py (classes) and models.yaml (the same as a newcomer
writes it). Alembic decides: compare_metadata() with types and server defaults must find nothing

    built     in an empty database that cmig upgraded from the YAML, and `cmig check` neither;
    changed   after a column was added to that database with rows in it, and after that was reverted: the rows stay;
    adopted   in a database that was built from what `cmig inspect` prints of SQLAlchemy's own.

Needs SQLAlchemy and Alembic for /usr/bin/python3. The result is TAP.
"""
import argparse
import datetime
import decimal
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

sys.dont_write_bytecode = True

import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.pool import NullPool

SYSTEMS = pathlib.Path(__file__).resolve().parent / "cases" / "sqlalchemy"
OWN_TABLES = {"cmig_version", "cmig_history", "cmig_progress"}
STRING_LENGTH = 255    # of strings without one, on MariaDB
NEW_COLUMN = "      role: {type: string(20), nullable: false, default: user}\n"


class Failed(Exception):
    pass


def engine(url, **options):
    return sqlalchemy.create_engine(url, poolclass=NullPool, **options)


def differences(url, metadata):
    """What Alembic would change in the database to match the classes, as texts."""
    def is_compared(_object, name, kind, is_reflected, _other):
        return not (kind == "table" and is_reflected and name in OWN_TABLES)

    with engine(url).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "include_object": is_compared})
        found = []
        for change in compare_metadata(context, metadata):
            found += change if isinstance(change, list) else [change]
    return {text for text in map(describe, found) if text}


def describe(change):
    if change[0] == "modify_default":
        texts = [str(getattr(default, "arg", default)).strip("()") for default in change[5:7]]
        if texts[0] == texts[1]:    # Alembic 1.8 puts some expressions in parentheses when it reads them
            return None
        return "modify_default %s.%s: %s -> %s" % (change[2], change[3], *texts)
    if change[0].startswith("modify_"):
        return "%s %s.%s: %s -> %s" % (change[0], change[2], change[3], change[5], change[6])
    return "%s %s" % (change[0], getattr(change[1], "name", None) or change[1:])


def is_generated(column):
    return (isinstance(column.type, sqlalchemy.Integer) or isinstance(getattr(column.type, "impl", None), sqlalchemy.Integer)
            ) and column.primary_key and len(column.table.primary_key.columns) == 1 and not column.foreign_keys


def value(column, number):
    kind = column.type
    for key in column.foreign_keys:
        return number if key.column.table is not column.table else number - 1 or None
    if isinstance(kind, sqlalchemy.Enum):
        return kind.enums[number % len(kind.enums)]
    if isinstance(kind, sqlalchemy.String):
        return ("%d %s" % (number, column.name))[:kind.length]
    for type_, made in ((sqlalchemy.Boolean, number % 2 == 0), (sqlalchemy.Float, number + 0.5),
                        (sqlalchemy.Numeric, decimal.Decimal(number)), (sqlalchemy.Integer, number),
                        (sqlalchemy.Date, datetime.date(2024, 2, number)),
                        (sqlalchemy.DateTime, datetime.datetime(2024, 2, number, tzinfo=datetime.timezone.utc
                                                                if getattr(kind, "timezone", False) else None)),
                        (sqlalchemy.JSON, {"number": number}), (sqlalchemy.LargeBinary, bytes([0, number]))):
        if isinstance(kind, type_):
            return made
    raise Failed("no value for type %r" % kind)


def insert_rows(url, metadata):
    """Two rows in each table, as a program inserts them: keys and defaults are left to the database."""
    with engine(url).begin() as connection:
        for table in metadata.sorted_tables:
            for number in (1, 2):
                connection.execute(table.insert().values({
                    column.name: value(column, number) for column in table.columns
                    if not (is_generated(column) or column.default is not None or column.server_default is not None)}))


def rows(url, metadata):
    with engine(url).connect() as connection:
        return {table.name: [dict(row._mapping) for row in
                             connection.execute(table.select().order_by(*table.primary_key.columns))]
                for table in metadata.sorted_tables}


def limit_to_mysql(metadata):
    """MariaDB has neither VARCHAR without a length nor an index on an expression or on some rows."""
    for table in metadata.tables.values():
        for column in table.columns:
            if type(column.type) is sqlalchemy.String and column.type.length is None:
                column.type = sqlalchemy.String(STRING_LENGTH)
        for index in list(table.indexes):
            if not all(isinstance(part, sqlalchemy.Column) for part in index.expressions):
                table.indexes.remove(index)


def for_mysql(yaml):
    """The same in the models."""
    yaml = re.sub(r"\bstring\b(?!\()", "string(%d)" % STRING_LENGTH, yaml)
    return re.sub(r"\{sql: (\w+\(\w+\))\}", r"{sql: {default: \1, mysql: null}}", yaml)


class Databases:
    """Empty databases, removed at the end."""

    def __init__(self, name, directory, url):
        self.name, self.directory, self.url, self.created = name, directory, url, []

    def create(self, label):
        if not self.url:
            return "sqlite:///%s/%s.db" % (self.directory, label)
        self.execute("CREATE DATABASE judge_%d_%s" % (os.getpid(), label))
        self.created.append("judge_%d_%s" % (os.getpid(), label))
        return sqlalchemy.engine.make_url(self.url).set(database=self.created[-1]).render_as_string(hide_password=False)

    def execute(self, statement):
        with engine(self.url, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(sqlalchemy.text(statement))

    def remove(self):
        for name in self.created:
            self.execute("DROP DATABASE %s" % name)


class Trial:
    """One system on one kind of database."""

    def __init__(self, cmig, databases, directory, system):
        self.cmig, self.databases, self.system = cmig, databases, system
        self.directory = directory / ("%s_%s" % (databases.name, system))
        self.yaml = (SYSTEMS / system / "models.yaml").read_text()
        if databases.name == "mysql":
            self.yaml = for_mysql(self.yaml)
        self.original = self.create("original")
        metadata = self.metadata()
        metadata.create_all(engine(self.original))
        self.ignored = differences(self.original, metadata)    # what Alembic reports on SQLAlchemy's own database

    def create(self, label):
        return self.databases.create("%s_%s" % (self.system, label))

    def metadata(self):
        """A new copy of the classes' metadata."""
        spec = importlib.util.spec_from_file_location("models", SYSTEMS / self.system / "models.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if self.databases.name == "mysql":
            limit_to_mysql(module.Base.metadata)
        return module.Base.metadata

    def project(self, name, models):
        path = self.directory / name
        (path / "models").mkdir(parents=True)
        (path / "migrations").mkdir()
        (path / "cmig.yaml").touch()
        (path / "models" / "models.yaml").write_text(models)
        return path

    def run(self, project, url, *arguments):
        run = subprocess.run([*self.cmig, *arguments], cwd=project, env=dict(os.environ, DATABASE_URL=url),
                             stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if run.returncode:
            raise Failed("cmig %s: %d\n%s%s" % (" ".join(arguments), run.returncode, run.stdout, run.stderr))
        return run.stdout

    def expect_same(self, url, metadata):
        found = differences(url, metadata) - self.ignored
        if found:
            raise Failed("Alembic would change:\n%s" % "\n".join(sorted(found)))

    def expect_rows(self, url, metadata, expected):
        if rows(url, metadata) != expected:
            raise Failed("rows changed:\n%r\n%r" % (expected, rows(url, metadata)))

    def built(self):
        self.url, self.path, metadata = self.create("built"), self.project("built", self.yaml), self.metadata()
        self.run(self.path, self.url, "revision", "--autogenerate", "-m", "first")
        self.run(self.path, self.url, "upgrade")
        self.expect_same(self.url, metadata)
        self.run(self.path, self.url, "check")

    def changed(self):
        metadata, after = self.metadata(), self.metadata()
        table = next(iter(after.tables.values()))
        table.append_column(sqlalchemy.Column("role", sqlalchemy.String(20), nullable=False, server_default="user"))
        head = "  %s:\n    columns:\n" % table.name
        (self.path / "models" / "models.yaml").write_text(self.yaml.replace(head, head + NEW_COLUMN))
        insert_rows(self.url, metadata)
        before = rows(self.url, metadata)
        self.run(self.path, self.url, "revision", "--autogenerate", "-m", "role")
        self.run(self.path, self.url, "upgrade")
        self.expect_same(self.url, after)
        self.expect_rows(self.url, after, dict(before, **{table.name: [dict(row, role="user") for row in before[table.name]]}))
        self.run(self.path, self.url, "downgrade", "-1")
        self.expect_same(self.url, metadata)
        self.expect_rows(self.url, metadata, before)

    def adopted(self):
        project, url = self.project("adopted", "tables: {}\n"), self.create("adopted")
        (project / "models" / "models.yaml").write_text(self.run(project, self.original, "inspect"))
        self.run(project, self.original, "check")
        self.run(project, url, "revision", "--autogenerate", "-m", "baseline")
        self.run(project, url, "upgrade")
        self.expect_same(url, self.metadata())
        self.run(project, url, "check")


def driver(url):
    """SQLAlchemy's URL of a MariaDB server; cmig gets the same."""
    return "mysql+pymysql:%s?charset=utf8mb4" % url.split(":", 1)[1]


def judge(trial, part):
    try:
        getattr(trial, part)()
    except (Failed, sqlalchemy.exc.SQLAlchemyError, AttributeError) as error:
        return str(error) or repr(error)
    return None


def main():
    parser = argparse.ArgumentParser(description="Compare what cmig and SQLAlchemy build from the same models.")
    parser.add_argument("--cmig", required=True)
    parser.add_argument("--postgresql")
    parser.add_argument("--mysql")
    parser.add_argument("system", nargs="*")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    count = failures = 0
    with tempfile.TemporaryDirectory(prefix="cmig-judge-") as directory:
        directory = pathlib.Path(directory)
        kinds = [Databases("sqlite", directory, None)]
        kinds += [Databases("postgresql", directory, arguments.postgresql)] if arguments.postgresql else []
        kinds += [Databases("mysql", directory, driver(arguments.mysql))] if arguments.mysql else []
        for databases in kinds:
            try:
                for system in arguments.system or sorted(path.parent.name for path in SYSTEMS.glob("*/models.py")):
                    trial = Trial(arguments.cmig.split(), databases, directory, system)
                    for part in ("built", "changed", "adopted"):
                        problem, count = judge(trial, part), count + 1
                        failures += problem is not None
                        print("%s %d - %s, %s on %s" % ("not ok" if problem else "ok", count, system, part, databases.name))
                        for line in (problem or "").splitlines():
                            print("# " + line)
                        sys.stdout.flush()
            finally:
                databases.remove()
    print("1..%d" % count)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
