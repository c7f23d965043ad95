"""Translates Alembic's operations into those of cmig."""
import copy


class Untranslatable(Exception):
    """cmig has no operation that certainly does the same; the SQL is recorded instead."""


SIMPLE_TYPES = {
    "SmallInteger": "smallint", "Integer": "integer", "BigInteger": "bigint", "Boolean": "boolean", "Text": "text",
    "UnicodeText": "text", "Date": "date", "Time": "time", "LargeBinary": "binary", "JSON": "json", "Float": "double",
    "SMALLINT": "smallint", "INTEGER": "integer", "BIGINT": "bigint", "BOOLEAN": "boolean", "TEXT": "text",
    "DATE": "date",
}


def need(condition):
    if not condition:
        raise Untranslatable


def type_of(kind):
    """A type in cmig's words."""
    need(type(kind).__module__ == "sqlalchemy.sql.sqltypes")
    name = type(kind).__name__
    if name in ("String", "Unicode", "VARCHAR"):
        need(not kind.collation)
        return "string(%d)" % kind.length if kind.length else "string"
    if name in ("DateTime", "TIMESTAMP"):
        return "timestamptz" if kind.timezone else "timestamp"
    if name in ("Numeric", "NUMERIC"):
        need(kind.precision is not None and kind.scale is not None)
        return "numeric(%d,%d)" % (kind.precision, kind.scale)
    need(name in SIMPLE_TYPES and not getattr(kind, "length", None) and not getattr(kind, "timezone", False))
    need(not getattr(kind, "create_constraint", False) and not getattr(kind, "precision", None))
    return SIMPLE_TYPES[name]


def default_of(value, dialect):
    """A server default, as SQL."""
    argument = getattr(value, "arg", value)
    if isinstance(argument, str):
        return {"sql": "'%s'" % argument.replace("'", "''")}
    need(hasattr(argument, "compile"))
    return {"sql": str(argument.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))}


def name_of(schema, name):
    return "%s.%s" % (schema, name) if schema else name


def named(item, result):
    """Adds the name of a constraint, which may be a symbol for none."""
    if isinstance(item.name, str) and item.name != "_unnamed_":
        result["name"] = str(item.name)
    return result


def column_of(column, dialect, postgresql):
    need(not column.computed and not column.identity and not column.dialect_options)
    result = {"type": type_of(column.type)}
    if column.primary_key and column is column.table._autoincrement_column:
        if postgresql:
            need(result["type"] in ("integer", "bigint", "smallint"))
            result["type"] = {"integer": "serial", "bigint": "bigserial", "smallint": "smallserial"}[result["type"]]
    elif column.primary_key:
        result["autoincrement"] = False
    if not column.nullable and not column.primary_key:
        result["nullable"] = False
    if column.server_default is not None:
        result["default"] = default_of(column.server_default, dialect)
    if column.comment:
        result["comment"] = column.comment
    return result


def foreign_key_of(constraint):
    need(not constraint.deferrable and not constraint.initially and not constraint.match and not constraint.use_alter)
    targets = [element.target_fullname.split(".") for element in constraint.elements]
    result = named(constraint, {"columns": list(constraint.column_keys)})
    result["references"] = {"table": ".".join(targets[0][:-1]), "columns": [t[-1] for t in targets]}
    for key in ("ondelete", "onupdate"):
        if getattr(constraint, key):
            result["on_%s" % key[2:]] = getattr(constraint, key).lower()
    return result


def check_of(constraint, dialect):
    text = constraint.sqltext.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return named(constraint, {"sql": str(text)})


def unique_of(constraint):
    need(not constraint.deferrable and not constraint.initially and not constraint.dialect_kwargs)
    return named(constraint, {"columns": [c.name for c in constraint.columns]})


def index_of(index):
    need(not index.dialect_kwargs and all(hasattr(e, "name") and hasattr(e, "table") for e in index.expressions))
    result = {"name": str(index.name), "columns": [c.name for c in index.columns]}
    if index.unique:
        result["unique"] = True
    return result


def create_table(operation, context):
    table = operation.to_table(context.migration_context)
    dialect = context.migration_context.dialect
    postgresql = dialect.name == "postgresql"
    need(not table._prefixes and not table.dialect_kwargs)
    result = {"name": name_of(table.schema, table.name)}
    result["columns"] = {c.name: column_of(c, dialect, postgresql) for c in table.columns}
    kinds = {
        "UniqueConstraint": ("uniques", unique_of),
        "ForeignKeyConstraint": ("foreign_keys", foreign_key_of),
        "CheckConstraint": ("checks", lambda c: check_of(c, dialect)),
    }
    for constraint in sorted(table.constraints, key=lambda c: getattr(c, "_creation_order", 0)):
        kind = type(constraint).__name__
        if kind == "PrimaryKeyConstraint":
            if len(constraint.columns):
                result["primary_key"] = named(constraint, {"columns": [c.name for c in constraint.columns]})
            continue
        need(kind in kinds)
        key, translate = kinds[kind]
        result.setdefault(key, []).append(translate(constraint))
    for index in sorted(table.indexes, key=lambda i: str(i.name)):
        result.setdefault("indexes", []).append(index_of(index))
    if table.comment:
        result["comment"] = table.comment
    return {"create_table": result}


def drop_table(operation, context):
    need(not getattr(operation, "if_exists", None))
    return {"drop_table": name_of(operation.schema, operation.table_name)}


def rename_table(operation, context):
    need(not operation.schema)
    return {"rename_table": {"name": operation.table_name, "new_name": operation.new_table_name}}


def add_column(operation, context):
    column = operation.column
    need(not column.primary_key and not column.foreign_keys and not column.unique and not column.index)
    need(not column.constraints and not getattr(operation, "if_not_exists", None))
    result = {"table": name_of(operation.schema, operation.table_name), "name": column.name}
    result.update(column_of(column, context.migration_context.dialect, False))
    return {"add_column": result}


def drop_column(operation, context):
    need(not operation.kw and not getattr(operation, "if_exists", None))
    return {"drop_column": {"table": name_of(operation.schema, operation.table_name), "name": operation.column_name}}


def alter_column(operation, context):
    need(operation.modify_comment is False and not operation.kw)
    table = {"table": name_of(operation.schema, operation.table_name), "name": operation.column_name}
    if operation.modify_name:
        need(operation.modify_nullable is None and operation.modify_server_default is False and not operation.modify_type)
        return {"rename_column": dict(table, new_name=operation.modify_name)}
    if operation.modify_type is not None:
        table["type"] = type_of(operation.modify_type)
    if operation.modify_nullable is not None:
        table["nullable"] = operation.modify_nullable
    if operation.modify_server_default is not False:
        default = operation.modify_server_default
        table["default"] = None if default is None else default_of(default, context.migration_context.dialect)
    return {"alter_column": table}


def create_index(operation, context):
    need(not operation.kw and all(isinstance(c, str) for c in operation.columns))
    need(not getattr(operation, "if_not_exists", None))
    result = {"table": name_of(operation.schema, operation.table_name), "name": str(operation.index_name)}
    result["columns"] = list(operation.columns)
    if operation.unique:
        result["unique"] = True
    return {"create_index": result}


def drop_index(operation, context):
    need(operation.table_name and not operation.kw and not getattr(operation, "if_exists", None))
    table = name_of(operation.schema, operation.table_name)
    return {"drop_index": {"table": table, "name": str(operation.index_name)}}


def create_constraint(operation, context):
    constraint = operation.to_constraint(context.migration_context)
    dialect = context.migration_context.dialect
    kind, translate = {
        "UniqueConstraint": ("create_unique_constraint", unique_of),
        "ForeignKeyConstraint": ("create_foreign_key", foreign_key_of),
        "CheckConstraint": ("create_check_constraint", lambda c: check_of(c, dialect)),
    }[type(constraint).__name__]
    result = {"table": name_of(constraint.table.schema, constraint.table.name)}
    result.update(translate(constraint))
    return {kind: result}


def drop_constraint(operation, context):
    need(operation.constraint_name and operation.constraint_type != "primary")
    table = name_of(operation.schema, operation.table_name)
    return {"drop_constraint": {"table": table, "name": str(operation.constraint_name)}}


TRANSLATIONS = {
    "CreateTableOp": create_table,
    "DropTableOp": drop_table,
    "RenameTableOp": rename_table,
    "AddColumnOp": add_column,
    "DropColumnOp": drop_column,
    "AlterColumnOp": alter_column,
    "CreateIndexOp": create_index,
    "DropIndexOp": drop_index,
    "CreateUniqueConstraintOp": create_constraint,
    "CreateForeignKeyOp": create_constraint,
    "CreateCheckConstraintOp": create_constraint,
    "DropConstraintOp": drop_constraint,
}


def translate(operation, context):
    """An operation of cmig, or None. Columns can belong to one table only, so that a copy is translated."""
    try:
        return TRANSLATIONS[type(operation).__name__](copy.deepcopy(operation), context)
    except (Untranslatable, KeyError, AttributeError, NotImplementedError, TypeError):
        return None
