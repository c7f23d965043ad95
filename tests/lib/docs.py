#!/usr/bin/env python3
"""Checks the manual pages.

    docs.py PROGRAM ROOT

They must describe all commands, options, keys, operations and variables, and their examples must be valid. The lists
come from the program itself (its help and its JSON Schemas) and, for the rest, from the tables in the sources. In the
pages a comment such as `.\\" record: column` marks the start of the part about it, which ends at the next such comment
or section. Prints TAP.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAM, ROOT = sys.argv[1:]
MARK = re.compile(r'^\.\\" (\w+): (\S+(?: \S+)*)$')
# An operation that makes an object takes the keys which that has in a model.
MODELS_OF = {
    "create_table": ["table"],
    "add_column": ["column"],
    "create_index": ["index"],
    "create_primary_key": ["primary_key"],
    "create_unique_constraint": ["unique_constraint"],
    "create_check_constraint": ["check_constraint"],
    "create_foreign_key": ["foreign_key"],
    "create_exclude_constraint": ["exclusion_constraint"],
    "create_enum": ["enum"],
    "create_sequence": ["sequence"],
    "alter_sequence": ["sequence"],
    "create_extension": ["extension"],
    "alter_extension": ["extension"],
    "create_view": ["view"],
    "replace_view": ["view"],
}
# Records of the schemas that the pages describe together with what they belong to.
WITHIN = {"command": None, "value": None, "operation": None}

failures = []


def miss(text):
    failures.append(text)


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def program(*words):
    return subprocess.run([*PROGRAM.split(), *words], capture_output=True, text=True, check=True).stdout


def parts(page):
    """The text after each mark, by (kind, name)."""
    found, current = {}, None
    for line in read("man", page).splitlines():
        mark = MARK.match(line)
        if mark:
            current = []
            for name in mark[2].split():
                current = found.setdefault((mark[1], name), current)
        elif line.startswith((".Sh ", ".Ss ")):
            current = None
        elif current is not None:
            current.append(line)
    return found


def names(lines, items=False):
    """The words marked up as keywords by .Ic, alone or in a list; or only those in .It."""
    found = set()
    for line in lines or []:
        keyword = re.match(r"\.It Ic (.*)" if items else r"\.(?:It )?Ic (.*)", line)
        if keyword:
            found.update(re.findall(r"[\w.*]+", re.split(r" : | (?:Li|Ar|Pq) ", keyword[1])[0]))
    return found


def definitions(format):
    schema = json.loads(program("schema", format))
    return {
        name.removesuffix("_body"): one["properties"]
        for name, one in schema["$defs"].items()
        if "properties" in one
    }


def need(where, lines, keys, only_these=False):
    said = names(lines)
    if only_these:
        for key in sorted(names(lines, items=True) - set(keys)):
            miss("%s: there is no key '%s'" % (where, key))
    for key in keys:
        if key not in said:
            miss("%s: key '%s' is not described" % (where, key))


def check_records():
    for format, page in (("config", "cmig.yaml.5"), ("models", "cmig-models.5"), ("test", "cmig-test.5")):
        described = parts(page)
        for record, keys in definitions(format).items():
            if record in WITHIN:
                continue
            lines = described.get(("record", record))
            if lines is None and record not in keys:
                miss("%s: no part about the record '%s'" % (page, record))
            need("%s, %s" % (page, record), lines, keys, only_these=True)


def check_operations():
    described, models = parts("cmig-revision.5"), parts("cmig-models.5")
    all = definitions("revision")
    need("cmig-revision.5, revision", described.get(("record", "revision")), all["revision"], only_these=True)
    for name in all["operation"]:
        if name in ("only", "online"):
            continue
        lines = described.get(("operation", name))
        if lines is None:
            miss("cmig-revision.5: no part about the operation '%s'" % name)
            continue
        shared = set()
        for record in MODELS_OF.get(name, []):
            shared |= names(models.get(("record", record)))
        need("cmig-revision.5, %s" % name, lines, set(all.get(name, {})) - shared - {"only", "online"})


# Features of Alembic 1.19: cmig-from-alembic(7) gives the equivalent of each, or None.
ALEMBIC = """
    init list_templates revision check merge upgrade downgrade show history heads branches current stamp edit
    ensure_version
    --package --autogenerate --sql --head --splice --branch-label --version-path --rev-id --depends-on --tag
    --resolve-dependencies --purge --config --name -x --raiseerr --quiet --help --version ALEMBIC_CONFIG
    revision down_revision branch_labels depends_on upgrade downgrade autocommit_block script.py.mako
    create_table drop_table rename_table add_column alter_column drop_column create_index drop_index create_primary_key
    create_unique_constraint create_foreign_key create_check_constraint create_exclude_constraint drop_constraint
    create_table_comment drop_table_comment execute bulk_insert inline_literal f get_bind get_context run_async invoke
    batch_alter_table register_operation implementation_for
    schema= if_not_exists if_exists prefixes info inline_references inline_primary_key nullable server_default
    new_column_name type_ comment autoincrement existing_* postgresql_using mssql_* postgresql_concurrently
    postgresql_where postgresql_include postgresql_ops postgresql_with postgresql_tablespace
    postgresql_nulls_not_distinct sqlite_where mysql_engine mysql_length deferrable
    initially match ondelete onupdate source_schema
    referent_schema postgresql_not_valid where using existing_comment execution_options multiinsert
    recreate copy_from table_args table_kwargs reflect_args reflect_kwargs naming_convention partial_reordering
    insert_before insert_after
    script_location file_template truncate_slug_length timezone prepend_sys_path version_locations path_separator
    version_path_separator recursive_version_locations sourceless output_encoding revision_environment sqlalchemy.url
    sqlalchemy.* databases post_write_hooks type entrypoint executable module options REVISION_SCRIPT_FILENAME cwd
    loggers handlers formatters
    connection url dialect_name dialect_opts target_metadata version_table version_table_schema version_table_pk
    transactional_ddl transaction_per_migration on_version_apply starting_rev tag output_buffer literal_binds
    template_args compare_type compare_server_default include_name include_object include_schemas render_as_batch
    render_item upgrade_token downgrade_token alembic_module_prefix sqlalchemy_module_prefix user_module_prefix
    process_revision_directives Rewriter autogenerate_plugins mssql_batch_separator oracle_batch_separator
    is_offline_mode get_x_argument get_tag_argument get_head_revision get_starting_revision_argument
    get_revision_argument is_transactional_ddl begin_transaction run_migrations static_output Config.attributes
""".split()


def check_alembic():
    text = re.sub(r"Fl Fl ", "--", read("man", "cmig-from-alembic.7"))
    text = re.sub(r"Fl (\w)", r"-\1", text)
    for word in ALEMBIC + ["-m", "-t", "-r", "-v", "-i", "-c", "-n", "-q", "-h"]:
        if not re.search(r"(?<![\w-])%s(?!\w)" % re.escape(word), text):
            miss("cmig-from-alembic.7: nothing about '%s'" % word)


def options(text):
    """The labels of the options in a help text; other commands' options in their explanations are none."""
    section = re.search(r"^Options.*?:\n((?: .*\n)*)", text, re.M)
    return re.findall(r"^ +(?:-\w, )?--([\w-]+)", section[1], re.M) if section else []


def check_commands():
    described = parts("cmig.1")
    help = program("--help")
    commands = re.findall(r"^  ([a-z][a-z-]+) {2,}\S", help[: help.index("\nOptions")], re.M)
    for command in commands:
        if ("command", command) not in described:
            miss("cmig.1: no part about the command '%s'" % command)
        elif not any(re.match(r"\.It Cm %s\b" % command, line) for line in described["command", command]):
            miss("cmig.1: the part about '%s' does not begin with it" % command)
    wanted = [(("options", "global"), options(help))]
    for command in commands:
        wanted.append((("command", command), options(program(command, "--help"))))
    for place, flags in wanted:
        text = "\n".join(described.get(place, []))
        for flag in flags:
            if not re.search(r"^\.It .*Fl Fl %s( |$)" % re.escape(flag), text, re.M):
                miss("cmig.1, %s: option '--%s' is not described" % (place[1], flag))
    for status in re.findall(r"^  (\d+) ", help[help.index("Exit statuses") :], re.M):
        if not re.search(r"^\.It %s\b" % status, read("man", "cmig.1"), re.M):
            miss("cmig.1: exit status %s is not described" % status)


def sources():
    for folder, _, files in os.walk(os.path.join(ROOT, "src")):
        for name in files:
            if name.endswith(".c"):
                yield os.path.join(folder, name)


def check_variables():
    page = read("man", "cmig.1")
    for path in sources():
        for name in re.findall(r'(?:getenv\(|variable_get\(v, )"(\w+)"', open(path, encoding="utf-8").read()):
            if not re.search(r"^\.It Ev .*\b%s\b" % name, page, re.M):
                miss("cmig.1: variable '%s' is not described" % name)


def check_dialect_options():
    described = parts("cmig-models.5")
    row = re.compile(r'^ +\{"(?:table|column|index|unique|primary_key|check|foreign_key|exclude|view)", "([^"]+)", "', re.M)
    for path in sources():
        found = re.search(r"/dialect/(\w+)/(?:options|dialect)\.c$", path)
        if not found:
            continue
        said = names(described.get(("options", found[1]), []))
        for line in described.get(("options", found[1]), []):
            said.update(re.findall(r"^\.Pq Ic (\S+)", line))
        for option in row.findall(open(path, encoding="utf-8").read()):
            if option not in said:
                miss("cmig-models.5, %s: option '%s' is not described" % (found[1], option))


def check_words():
    """Types and the tokens of patterns."""
    models, config = read("man", "cmig-models.5"), read("man", "cmig.yaml.5")
    for name in re.findall(r'^ +\[TYPE_\w+\] = \{"(\w+)"', read("src", "schema", "type.c"), re.M):
        if not re.search(r"^\.It Li %s\b" % name, models, re.M):
            miss("cmig-models.5: type '%s' is not in the table" % name)
    for path in (("schema", "naming.c"), ("revision", "template.c")):
        for token in re.findall(r'^ +\{"(\w+)", (?:\w+_text|token_\w+|NULL)', read("src", *path), re.M):
            if "{%s}" % token not in config:
                miss("cmig.yaml.5: token '{%s}' is not described" % token)


def literals(page):
    for block in re.findall(r"^\.Bd -literal.*\n(.*?)^\.Ed", read("man", page), re.M | re.S):
        yield re.sub(r"\\&|\\e", lambda m: "\\" if m[0] == "\\e" else "", block)


def check_examples():
    """Each example of an operation is read as part of a revision."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "migrations"))
        path = os.path.join(folder, "migrations", "a.yaml")
        for block in literals("cmig-revision.5"):
            if not block.startswith(("- ", "revision:")):
                continue
            text = block if block.startswith("revision:") else "revision: aaaa\nupgrade:\n" + block
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            done = subprocess.run(
                [*PROGRAM.split(), "--url", "sqlite://", "show", "head"], cwd=folder, capture_output=True, text=True
            )
            if done.returncode:
                miss("cmig-revision.5: an example is not read\n%s%s" % (block, done.stderr))


def check_form():
    """What mandoc says, and whether each page is installed."""
    build = read("man", "meson.build")
    mandoc = shutil.which("mandoc")
    for page in sorted(os.listdir(os.path.join(ROOT, "man"))):
        if not re.search(r"\.\d$", page):
            continue
        if "'%s'" % page not in build:
            miss("%s is not installed" % page)
        if mandoc:
            path = os.path.join(ROOT, "man", page)
            done = subprocess.run([mandoc, "-Tlint", "-Wwarning", path], capture_output=True, text=True)
            if done.stdout or done.returncode:
                miss(done.stdout)
        for section, name in re.findall(r"^\.Xr (cmig\S*) (\d)", read("man", page), re.M):
            if not os.path.exists(os.path.join(ROOT, "man", "%s.%s" % (section, name))):
                miss("%s refers to %s(%s), which is not there" % (page, section, name))


def rendered(mandoc, page):
    """The page as a terminal shows it, without its examples."""
    source = re.sub(r"^\.Bd -literal.*\n(?:.*\n)*?\.Ed$", "", read("man", page), flags=re.M)
    done = subprocess.run([mandoc, "-Tutf8", "-O", "width=78"], input=source, capture_output=True, text=True, check=True)
    return source, re.sub(".\b", "", done.stdout)


def check_rendering():
    """A word that mdoc takes for a macro, and a macro line that was wrapped, leave traces in the page."""
    mandoc = shutil.which("mandoc")
    for page in sorted(os.listdir(os.path.join(ROOT, "man"))):
        if not re.search(r"\.\d$", page):
            continue
        for line in re.findall(r"^\.S[hs] .*(?<!\S)[A-Z][a-z](?!\S).*", read("man", page), re.M):
            miss("%s: a word of '%s' is a macro" % (page, line))
        if not mandoc:
            continue
        source, text = rendered(mandoc, page)
        for word in re.findall(r"<[a-z]+>", text):
            if word not in source:
                miss("%s: a word became %s" % (page, word))
        for line in text.splitlines():
            if re.search(r"\w [;,:)](\s|$)|\w \.$|\(\s|^\s*[;,.:)](\s|$)", line):
                miss("%s: a delimiter stands alone: %s" % (page, line.strip()))
        if text.count("(") != text.count(")"):
            miss("%s: a parenthesis is not closed" % page)


CHECKS = [
    ("keys of configuration and models", check_records),
    ("operations and their keys", check_operations),
    ("commands, options, exit statuses", check_commands),
    ("environment variables", check_variables),
    ("options of one database", check_dialect_options),
    ("types and tokens", check_words),
    ("examples of operations", check_examples),
    ("what Alembic has", check_alembic),
    ("form of the pages", check_form),
    ("pages as a terminal shows them", check_rendering),
]


def main():
    print("1..%d" % len(CHECKS))
    bad = 0
    for number, (title, check) in enumerate(CHECKS, 1):
        failures.clear()
        check()
        print("%s %d - %s" % ("not ok" if failures else "ok", number, title))
        for text in failures:
            print("# " + text.rstrip().replace("\n", "\n# "))
        bad += bool(failures)
    return 1 if bad else 0


sys.exit(main())
