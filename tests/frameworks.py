#!/usr/bin/env python3
"""Frameworks whose models cmig reads, with what `cmig init --models` writes for them.

    frameworks.py --cmig PROGRAM sqlalchemy URL
    frameworks.py --cmig PROGRAM django URL OTHER_URL

The project below tests/frameworks/ is taken to the empty database, rows are inserted, its models change, and cmig writes
and applies the revision. The framework is that of Debian's Python. Then it must find no difference: SQLAlchemy's comparison (Alembic's) is empty; Django's
own migrations, in the other empty database, lead to the same schema.
"""
import argparse
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

COMPARE_SQLALCHEMY = """
import sys
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from models import Base

def compare(url):
    def wanted(_object, name, kind, is_reflected, _other):
        return not (kind == "table" and is_reflected and (name.startswith("cmig_") or name == "sqlite_sequence"))
    with sqlalchemy.create_engine(url).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "include_object": wanted})
        return compare_metadata(context, Base.metadata)

found = compare(sys.argv[1])
defaults = [c for c in found if isinstance(c, list) and all(one[0] == "modify_default" for one in c)]
# MariaDB and SQLite print defaults in their own words, which Alembic reports of SQLAlchemy's own tables, too.
if [c for c in found if c not in defaults] or (defaults and sys.argv[1].startswith("postgresql")):
    sys.exit("SQLAlchemy finds differences: %s" % found)
"""


class Project:
    """A directory with the framework's models and with what init wrote."""

    def __init__(self, cmig, framework, url):
        self.cmig_words = shlex.split(cmig)
        self.url = url
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cmig-frameworks-")) / framework
        shutil.copytree(HERE / "frameworks" / framework, self.directory)
        self.environment = dict(os.environ, DATABASE_URL=url, SHOP_URL=url, PYTHONDONTWRITEBYTECODE="1",
                                PYTHONPATH=str(self.directory), PATH="/usr/bin:" + os.environ["PATH"])
        self.environment.pop("CHANGED", None)
        self.cmig("init", "--models", framework)

    def run(self, words, **environment):
        result = subprocess.run(words, cwd=self.directory, env=dict(self.environment, **environment), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if result.returncode:
            sys.exit("%s: status %d\n%s%s" % (" ".join(words), result.returncode, result.stdout, result.stderr))
        return result.stdout

    def cmig(self, *words):
        return self.run([*self.cmig_words, *words])

    def python(self, *words, **environment):
        return self.run(["/usr/bin/python3", "-W", "ignore", *words], **environment)

    def migrate(self, message):
        """The models to the database, by a revision."""
        if not self.cmig("revision", "--autogenerate", "-m", message).startswith("migrations/"):
            sys.exit("no revision was written: %s" % message)
        self.cmig("upgrade")
        self.cmig("check")

    def change(self):
        self.environment["CHANGED"] = "yes"


def test_sqlalchemy(cmig, url):
    p = Project(cmig, "sqlalchemy", url)
    driver_url = url.replace("mysql:", "mysql+pymysql:")
    rows = """
import sys, sqlalchemy
from models import Base
users = Base.metadata.tables["users"]
with sqlalchemy.create_engine(sys.argv[1]).begin() as connection:
    if sys.argv[2] == "insert":
        connection.execute(users.insert().values(email="ann@example.org", name="Ann"))
    elif [(r.email, r.name, r.role) for r in connection.execute(users.select())] != [("ann@example.org", "Ann", "user")]:
        sys.exit("the rows are not as they were")
"""
    p.migrate("first")
    p.python("-c", COMPARE_SQLALCHEMY, driver_url)
    p.python("-c", rows, driver_url, "insert")
    p.change()
    p.migrate("second")
    p.python("-c", COMPARE_SQLALCHEMY, driver_url)
    p.python("-c", rows, driver_url, "compare")
    return p


def test_django(cmig, url, other):
    p = Project(cmig, "django", url)
    p.environment["DJANGO_SETTINGS_MODULE"] = "settings"
    insert = "import django; django.setup(); from shop.models import Product as P; P(sku='a', title='A', price=3).save()"
    count = "import django; django.setup(); from shop.models import Product as P; assert P.objects.get(sku='a').title == 'A'"
    p.migrate("first")
    p.python("-c", insert)
    p.change()
    p.migrate("second")
    p.python("-c", count)
    (p.directory / "shop" / "migrations").mkdir()
    (p.directory / "shop" / "migrations" / "__init__.py").touch()
    p.python("-m", "django", "makemigrations", "-v0")
    p.python("-m", "django", "migrate", "-v0", SHOP_URL=other)
    found = p.cmig("diff", url, other)
    if found:
        sys.exit("Django's migrations lead to another schema:\n" + found)
    return p


def main():
    parser = argparse.ArgumentParser(description="Tests frameworks whose models cmig reads.")
    parser.add_argument("--cmig", required=True, help="the program, perhaps after the command that runs it")
    parser.add_argument("framework", choices=("sqlalchemy", "django"))
    parser.add_argument("urls", nargs="+", help="of empty databases")
    options = parser.parse_args()
    tests = {"sqlalchemy": test_sqlalchemy, "django": test_django}
    project = tests[options.framework](options.cmig, *options.urls)
    shutil.rmtree(project.directory.parent)


main()
