#!/usr/bin/env python3
"""Records the SQL of Alembic's or Django's migrations, for `cmig import`.

record.py alembic INI SECTION | record.py django MANAGE_PY

All migrations run in the scratch database of CMIG_URL, first every upgrade, then every downgrade, newest first. The
statements of each become one revision; the result is JSON on standard output. "sqlite://" is a temporary file.
"""
import contextlib
import datetime
import decimal
import json
import logging
import os
import re
import sys
import tempfile
import traceback

if "translate" not in globals():  # cmig runs both files as one
    from operations import translate

TARGET = os.environ["CMIG_URL"]
# Queries by which the libraries read the catalogue.
CATALOGUE = re.compile(r"pg_catalog|\bpg_[a-z]+|information_schema|sqlite_(master|schema)|@@|\bfrom duckdb_", re.I)
READS = re.compile(r"\s*(select|show|pragma|explain|describe|values)\b", re.I)
NOISE = re.compile(r"\s*(savepoint|release|rollback|begin|commit|start transaction)\b", re.I)


# ---- values -----------------------------------------------------------------------------------------------------


def literal(value):
    """A value as SQL that every database of ours reads."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(int(value)) if not TARGET.startswith("postgres") else str(value).lower()
    if isinstance(value, (int, float, decimal.Decimal)):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        hexadecimal = bytes(value).hex()
        return "'\\x%s'" % hexadecimal if TARGET.startswith("postgres") else "X'%s'" % hexadecimal
    if isinstance(value, datetime.datetime):
        value = value.isoformat(" ")
    elif isinstance(value, (datetime.date, datetime.time)):
        value = value.isoformat()
    elif isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False)
    text = str(value).replace("'", "''")
    if not TARGET.startswith(("postgres", "sqlite")):
        text = text.replace("\\", "\\\\")
    return "'%s'" % text


def fill(statement, parameters):
    """A statement with literals in place of its parameters."""
    if isinstance(parameters, dict):
        return re.sub(
            r"%\((\w+)\)s|%%|'[^']*'|:(\w+)\b(?!:)",
            lambda m: literal(parameters[m[1]]) if m[1] else "%" if m[0] == "%%"
            else literal(parameters[m[2]]) if m[2] in parameters else m[0],
            statement,
        )
    values = iter(parameters)
    if "?" in statement and "%s" not in statement:
        pattern = r"\?|'(?:[^']|'')*'|\"[^\"]*\""
    else:
        pattern = r"%s|%%"
    return re.sub(
        pattern, lambda m: literal(next(values)) if m[0] in ("?", "%s") else "%" if m[0] == "%%" else m[0], statement
    )


def expand(cursor, statement, parameters):
    if parameters is None:
        return statement
    mogrify = getattr(cursor, "mogrify", None)
    if mogrify:
        text = mogrify(statement, parameters)
        return text.decode() if isinstance(text, bytes) else text
    return fill(statement, parameters) if parameters or "%%" in statement else statement


# ---- recording --------------------------------------------------------------------------------------------------


class Recorder:
    """The statements of the direction of a migration that runs; None outside of one."""

    def __init__(self):
        self.statements = None
        self.operations = []
        self.reads = False
        self.within = 0  # operations that are recorded as such

    def begin(self):
        self.statements, self.operations, self.reads, self.within = [], [], False, 0

    def end(self):
        statements, self.statements = self.statements, None
        return "\n".join(statements)

    def add(self, cursor, statement, parameters, many):
        if self.statements is None or NOISE.match(statement):
            return
        if READS.match(statement):
            if CATALOGUE.search(statement) or not re.match(r"\s*select\b", statement, re.I):
                return
            if re.search(r"\bfrom\b", statement, re.I):
                self.reads = True
                return
            if re.match(r"\s*select\s+(1|version\(\)|cast|json\()", statement, re.I):
                return
        for one in parameters if many else [parameters]:
            text = expand(cursor, statement, one).strip().rstrip(";") + ";"
            self.statements.append(text)
            if not self.within:
                self.operations.append({"execute": text})


RECORDER = Recorder()
READ_NOTE = "reads rows in Python: what it then changed depends on the rows and must be written as SQL"


def note_reads(notes):
    if RECORDER.reads and READ_NOTE not in notes:
        notes.append(READ_NOTE)


def failure(what):
    kind, value, _ = sys.exc_info()
    return "%s: %s: %s" % (what, kind.__name__, str(value).strip().splitlines()[0] if str(value).strip() else "")


# ---- Alembic ----------------------------------------------------------------------------------------------------


def target_url(given):
    """The scratch database, by the driver that the project uses."""
    from sqlalchemy.engine import make_url

    url = make_url(str(given))
    target = make_url(re.sub(r"^(postgres|postgresql)://", "postgresql://", TARGET))
    names = {"mariadb": "mysql"}
    backend = names.get(url.get_backend_name(), url.get_backend_name())
    wanted = names.get(target.get_backend_name(), target.get_backend_name())
    if backend != wanted:
        raise SystemExit("the project is for %s, but the database of cmig is %s" % (backend, wanted))
    if wanted == "sqlite":
        return target.set(drivername=url.drivername, database=scratch_file(), query=url.query)
    # Parts of the URL that libpq also takes as parameters.
    query, parts = dict(target.query), {"dbname": "database", "user": "username", "host": "host", "password": "password"}
    target = target.set(**{parts[k]: query.pop(k) for k in list(query) if k in parts})
    return target.set(drivername=url.drivername, query=url.query if wanted == "mysql" else query)


def scratch_file():
    if not hasattr(scratch_file, "folder"):
        scratch_file.folder = tempfile.TemporaryDirectory()
    return os.path.join(scratch_file.folder.name, "scratch.db")


def default_driver():
    from sqlalchemy.engine import make_url

    scheme = make_url(re.sub(r"^postgres://", "postgresql://", TARGET)).get_backend_name()
    for driver, module in {
        "postgresql": (("postgresql+psycopg2", "psycopg2"), ("postgresql+psycopg", "psycopg")),
        "mysql": (("mysql+pymysql", "pymysql"), ("mysql+mysqldb", "MySQLdb")),
        "mariadb": (("mysql+pymysql", "pymysql"), ("mysql+mysqldb", "MySQLdb")),
    }.get(scheme, ()):
        try:
            __import__(module)
            return driver + "://"
        except ImportError:
            pass
    return "sqlite://" if scheme == "sqlite" else scheme + "://"


def patch_engines():
    """Every engine that env.py creates is of the scratch database."""
    import sqlalchemy
    from sqlalchemy import event
    from sqlalchemy.engine import Engine, create

    original = create.create_engine

    def create_engine(url, **options):
        options.pop("json_serializer", None)
        return original(target_url(url), **options)

    for module in (sqlalchemy, sqlalchemy.engine, create):
        module.create_engine = create_engine
    event.listen(
        Engine,
        "before_cursor_execute",
        lambda connection, cursor, statement, parameters, context, many: RECORDER.add(
            cursor, statement, parameters, many
        ),
    )


def patch_operations():
    """Operations that cmig has, too, are recorded as such, and a batch if all of its operations are."""
    from alembic.operations import base, batch

    class_ = getattr(base, "AbstractOperations", base.Operations)
    invoke, flush = class_.invoke, batch.BatchOperationsImpl.flush

    def run(translated, original, *arguments):
        RECORDER.operations += translated
        RECORDER.within += bool(translated)
        try:
            return original(*arguments)
        finally:
            RECORDER.within -= bool(translated)

    def recorded(operations, operation):
        found = translate(operation, operations)
        if isinstance(operations, base.BatchOperations):
            operations.impl.__dict__.setdefault("recorded", []).append(found)
            return invoke(operations, operation)
        return run([found] if found else [], invoke, operations, operation)

    def flush_recorded(implementation):
        found = implementation.__dict__.get("recorded", [])
        return run(found if all(found) else [], flush, implementation)

    class_.invoke, batch.BatchOperationsImpl.flush = recorded, flush_recorded


def as_list(value):
    return [value] if isinstance(value, str) else list(value or ())


class Alembic:
    def __init__(self, ini, section):
        from alembic.config import Config
        from alembic.runtime import migration
        from alembic.script import ScriptDirectory

        self.config = Config(ini, ini_section=section or "alembic")
        self.is_flask = not self.config.get_main_option("script_location")
        if self.is_flask:
            self.config.set_main_option("script_location", os.path.dirname(os.path.abspath(ini)))
        url = self.config.get_main_option("sqlalchemy.url") or ""
        if not url or url.startswith("driver://"):
            self.config.set_main_option("sqlalchemy.url", default_driver())
        self.script = ScriptDirectory.from_config(self.config)
        self.step = migration.RevisionStep
        self.found, self.outside = {}, None
        self.patch(migration.MigrationContext)

    def patch(self, context_class):
        original, configure = context_class.autocommit_block, context_class.configure
        recorder = self

        def in_transactions(*positional, opts=None, **options):
            return configure(*positional, opts={**(opts or {}), "transaction_per_migration": True}, **options)

        def autocommit_block(context):
            recorder.outside["outside"] = True
            return original(context)

        context_class.autocommit_block = autocommit_block
        context_class.configure = in_transactions

    def scripts(self):
        """Parents first."""
        return list(reversed(list(self.script.walk_revisions("base", "heads"))))

    def entry(self, script):
        dependencies = [self.script.get_revision(d).revision for d in as_list(script.dependencies)]
        return {
            "id": script.revision,
            "message": (script.doc or "").strip(),
            "down": as_list(script.down_revision),
            "depends_on": dependencies,
            "labels": sorted(as_list(getattr(script.module, "branch_labels", None))),
            "path": os.path.relpath(script.path),
            "outside": False,
            "downgrade": None,
            "notes": [],
        }

    def recorded(self, script, upwards):
        """A step of one revision whose statements are recorded."""
        step = self.step(self.script.revision_map, script, upwards)
        entry = self.found[script.revision]
        original = step.migration_fn

        def migration_fn(**options):
            self.outside = entry
            RECORDER.begin()
            try:
                original(**options)
                direction = "upgrade" if upwards else "downgrade"
                entry[direction] = RECORDER.end()
                entry["%s_operations" % direction] = RECORDER.operations
                note_reads(entry["notes"])
            finally:
                RECORDER.statements = None

        step.migration_fn = migration_fn
        return step

    def application(self):
        """Flask-Migrate's env.py needs its application."""
        if not self.is_flask:
            return contextlib.nullcontext()
        from flask.cli import ScriptInfo

        return ScriptInfo().load_app().app_context()

    def run(self, steps):
        from alembic.runtime.environment import EnvironmentContext

        with self.application(), EnvironmentContext(self.config, self.script, fn=lambda rev, context: steps()):
            self.script.run_env()

    def upgrade(self):
        def steps():
            for script in self.scripts():
                self.at = script
                self.found[script.revision] = self.entry(script)
                yield self.recorded(script, True)

        try:
            self.run(steps)
        except Exception:
            traceback.print_exc()
            where = getattr(self, "at", None)
            raise SystemExit(failure("upgrade of revision %s failed" % where.revision if where else "env.py failed"))

    def downgrade(self):
        left = list(reversed(self.scripts()))
        skipped = set()

        def steps():
            while left:
                script = left[0]
                step = self.recorded(script, False)
                if script.revision in skipped:
                    step.migration_fn = lambda **options: None
                yield step
                left.pop(0)

        while left:
            try:
                self.run(steps)
            except Exception:
                if left[0].revision in skipped:
                    raise
                skipped.add(left[0].revision)
                entry = self.found[left[0].revision]
                entry["downgrade"] = None
                entry["notes"].append(failure("its downgrade fails and was not recorded"))


def record_alembic(ini, section):
    patch_engines()
    patch_operations()
    os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"
    sys.path.insert(0, os.getcwd())
    alembic = Alembic(ini, section)
    alembic.upgrade()
    alembic.downgrade()
    return list(alembic.found.values())


# ---- Django -----------------------------------------------------------------------------------------------------


def setup_django(manage):
    folder = os.path.dirname(os.path.abspath(manage))
    with open(manage, encoding="utf-8") as file:
        found = re.search(r"DJANGO_SETTINGS_MODULE['\"]\s*,\s*['\"]([\w.]+)", file.read())
    if found:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", found[1])
    sys.path.insert(0, folder)
    os.chdir(folder)
    import django

    django.setup()


def use_scratch(connection):
    from urllib.parse import parse_qsl, unquote, urlsplit

    url = urlsplit(TARGET)
    vendors = {"postgres": "postgresql", "mariadb": "mysql"}
    scheme = url.scheme.split("+")[0]
    if connection.vendor != vendors.get(scheme, scheme):
        raise SystemExit("the project is for %s, but the database of cmig is %s" % (connection.vendor, scheme))
    if scheme == "sqlite":
        connection.settings_dict["NAME"] = scratch_file()
        return
    query = dict(parse_qsl(url.query))
    connection.settings_dict.update(
        NAME=query.get("dbname") or unquote(url.path[1:]),
        USER=unquote(url.username or query.get("user", "")),
        PASSWORD=unquote(url.password or ""),
        HOST=unquote(url.hostname or query.get("host", "")),
        PORT=str(url.port or query.get("port", "")),
    )


class Django:
    def __init__(self, connection):
        from django.db.migrations.executor import MigrationExecutor

        self.connection = connection
        self.executor = MigrationExecutor(connection)
        self.graph = self.executor.loader.graph
        self.plan = [m for m, _ in self.executor.migration_plan(self.graph.leaf_nodes())]
        self.names = {(m.app_label, m.name) for m in self.plan}
        self.found = {}

    def parents(self, migration):
        node = self.graph.node_map[migration.app_label, migration.name]
        keys = sorted(p.key for p in node.parents if p.key in self.names)
        return (
            ["%s.%s" % k for k in keys if k[0] == migration.app_label],
            ["%s.%s" % k for k in keys if k[0] != migration.app_label],
        )

    def entry(self, migration):
        down, depends_on = self.parents(migration)
        notes = []
        for operation in migration.operations:
            if type(operation).__name__ == "RunPython" and operation.code.__name__ != "noop":
                notes.append("runs Python (%s), whose changes of rows must be written as SQL" % operation.code.__name__)
        return {
            "id": "%s.%s" % (migration.app_label, migration.name),
            "message": migration.name.replace("_", " "),
            "down": down,
            "depends_on": depends_on,
            "labels": [] if down else [migration.app_label],
            "path": os.path.relpath(sys.modules[type(migration).__module__].__file__),
            "outside": not migration.atomic,
            "downgrade": None,
            "notes": notes,
        }

    def record(self, run):
        RECORDER.begin()
        try:
            with self.connection.execute_wrapper(record_django_statement):
                run()
            return RECORDER.end()
        finally:
            RECORDER.statements = None

    def upgrade(self):
        self.executor.recorder.ensure_schema()
        state = self.executor._create_project_state(with_applied_migrations=True)
        for migration in self.plan:
            entry = self.found[migration] = self.entry(migration)
            try:
                entry["upgrade"] = self.record(lambda: self.apply(state, migration))
            except Exception:
                traceback.print_exc()
                raise SystemExit(failure("migration %s failed" % entry["id"]))
            note_reads(entry["notes"])

    def apply(self, state, migration):
        self.executor.apply_migration(state, migration)
        if "apps" in state.__dict__:
            state.clear_delayed_apps_cache()

    def downgrade(self):
        for migration in reversed(self.plan):
            entry = self.found[migration]
            state = self.executor.loader.project_state((migration.app_label, migration.name), at_end=False)
            try:
                entry["downgrade"] = self.record(lambda: self.executor.unapply_migration(state, migration))
            except Exception:
                entry["notes"].append(failure("its downgrade fails and was not recorded"))


def record_django_statement(execute, sql, params, many, context):
    if "django_migrations" not in sql:
        RECORDER.add(context["cursor"].cursor, sql, params, many)
    return execute(sql, params, many, context)


def record_django(manage):
    setup_django(manage)
    from django.db import connection

    use_scratch(connection)
    connection.close()
    django = Django(connection)
    django.upgrade()
    django.downgrade()
    return list(django.found.values())


def main():
    out, sys.stdout = sys.stdout, sys.stderr
    logging.disable(logging.INFO)
    kinds = {"alembic": record_alembic, "django": record_django}
    revisions = kinds[sys.argv[1]](*sys.argv[2:])
    json.dump({"revisions": revisions}, out, ensure_ascii=False)


main()
