/* Describes an operation in a few words. */
#include "op/describe.h"

static const char *joined(struct arena *a, const struct op *op, const char *subject)
{
    return arena_printf(a, "%s %s", op_table[op->kind].name, subject);
}

static const char *part(struct arena *a, const struct op *op, const struct qname *table, const char *name)
{
    if (!table->name)
        return joined(a, op, name ? name : "?");
    return arena_printf(
        a, "%s %s%s%s", op_table[op->kind].name, qname_text(a, table), name ? "." : "", name ? name : "");
}

static const char *list(
    struct arena *a, const struct op *op, const struct qname *table, const struct strings *columns)
{
    return arena_printf(
        a, "%s %s(%s)", op_table[op->kind].name, qname_text(a, table), strings_join(a, columns, ", "));
}

const char *describe_schema(struct arena *a, const struct op *op)
{
    return joined(a, op, op->u.schema.name);
}

const char *describe_database(struct arena *a, const struct op *op)
{
    const struct options *o = &op->u.alter_database.options;
    struct strings keys = {0};

    vec_each(i, o)
        vec_push(a, &keys, o->v[i].key);
    return joined(a, op, strings_join(a, &keys, ", "));
}

const char *describe_table(struct arena *a, const struct op *op)
{
    return joined(a, op, qname_text(a, op_table_name(op)));
}

const char *describe_partition(struct arena *a, const struct op *op)
{
    const struct op_partition *o = &op->u.partition;

    return arena_printf(
        a, "%s %s of %s", op_table[op->kind].name, qname_text(a, &o->partition), qname_text(a, &o->table));
}

const char *describe_parent(struct arena *a, const struct op *op)
{
    const struct op_parent *o = &op->u.parent;

    return arena_printf(
        a, "%s %s of %s", op_table[op->kind].name, qname_text(a, &o->parent), qname_text(a, &o->table));
}

const char *describe_drop(struct arena *a, const struct op *op)
{
    return joined(a, op, qname_text(a, &op->u.drop.name));
}

const char *describe_rename(struct arena *a, const struct op *op)
{
    const struct op_rename *r = &op->u.rename;

    return arena_printf(
        a, "%s %s to %s", op_table[op->kind].name, qname_text(a, &r->name), qname_text(a, &r->new_name));
}

const char *describe_create_enum(struct arena *a, const struct op *op)
{
    return joined(a, op, qname_text(a, &op->u.create_enum.enumeration.name));
}

const char *describe_alter_enum(struct arena *a, const struct op *op)
{
    return joined(a, op, qname_text(a, &op->u.alter_enum.name));
}

const char *describe_object(struct arena *a, const struct op *op)
{
    return joined(a, op, object_text(a, &op->u.object.object));
}

const char *describe_rename_object(struct arena *a, const struct op *op)
{
    const struct op_object *o = &op->u.object;

    return arena_printf(a, "%s %s to %s", op_table[op->kind].name, object_text(a, &o->object), o->new_name);
}

const char *describe_sequence(struct arena *a, const struct op *op)
{
    return joined(a, op, qname_text(a, &op->u.sequence.sequence.name));
}

const char *describe_add_column(struct arena *a, const struct op *op)
{
    return part(a, op, &op->u.add_column.table, op->u.add_column.column.name);
}

const char *describe_drop_column(struct arena *a, const struct op *op)
{
    return part(a, op, &op->u.drop_column.table, op->u.drop_column.name);
}

const char *describe_alter_column(struct arena *a, const struct op *op)
{
    return part(a, op, &op->u.alter_column.table, op->u.alter_column.name);
}

const char *describe_rename_part(struct arena *a, const struct op *op)
{
    const struct op_rename_part *r = &op->u.rename_part;

    return arena_printf(a, "%s to %s", part(a, op, &r->table, r->name), r->new_name);
}

static const char *index_columns(struct arena *a, const struct index *i)
{
    struct strings names = {0};

    vec_each(k, &i->parts) {
        const char *column = i->parts.v[k]->column;

        vec_push(a, &names, column ? column : "…");
    }
    return strings_join(a, &names, ", ");
}

const char *describe_create_index(struct arena *a, const struct op *op)
{
    const struct op_create_index *o = &op->u.create_index;

    if (o->index.name)
        return part(a, op, &o->table, o->index.name);
    return arena_printf(
        a, "%s %s(%s)", op_table[op->kind].name, qname_text(a, &o->table), index_columns(a, &o->index));
}

const char *describe_drop_index(struct arena *a, const struct op *op)
{
    return part(a, op, &op->u.drop_index.table, op->u.drop_index.name);
}

const char *describe_create_constraint(struct arena *a, const struct op *op)
{
    const struct op_create_constraint *o = &op->u.create_constraint;

    if (o->constraint.name || !o->constraint.columns.n)
        return part(a, op, &o->table, o->constraint.name);
    return list(a, op, &o->table, &o->constraint.columns);
}

const char *describe_drop_constraint(struct arena *a, const struct op *op)
{
    const struct op_drop_constraint *o = &op->u.drop_constraint;

    if (o->name || !o->columns.n)
        return part(a, op, &o->table, o->name);
    return list(a, op, &o->table, &o->columns);
}

const char *describe_validate_constraint(struct arena *a, const struct op *op)
{
    return part(a, op, &op->u.validate_constraint.table, op->u.validate_constraint.name);
}

const char *describe_set_comment(struct arena *a, const struct op *op)
{
    const struct op_set_comment *o = &op->u.set_comment;
    const char *name = qname_text(a, &o->name);

    return arena_printf(a, "set_comment on %s %s%s%s", o->on, o->table.name ? qname_text(a, &o->table) : "",
        o->table.name ? "." : "", name);
}

const char *describe_view(struct arena *a, const struct op *op)
{
    return joined(a, op, qname_text(a, &op->u.view.view.name));
}

const char *describe_run(struct arena *a, const struct op *op)
{
    return joined(a, op, strings_join(a, &op->u.run.command, " "));
}

/* The first words of a text. */
static const char *shortened(struct arena *a, const struct op *op, const char *text)
{
    enum { SHOWN = 40 };

    const char *line = str_trim(a, text);
    size_t n = strcspn(line, "\r\n");
    if (n <= SHOWN && !line[n])
        return joined(a, op, line);
    size_t cut = n < SHOWN ? n : SHOWN;
    while (cut && ((unsigned char)line[cut] & 0xc0) == 0x80)
        cut--;
    return joined(a, op, arena_printf(a, "%.*s…", (int)cut, line));
}

/* The first words of its text, or its file. */
const char *describe_execute(struct arena *a, const struct op *op)
{
    const struct op_execute *o = &op->u.execute;

    if (o->role)
        return o->role;
    if (dtext_is_set(&o->file))
        return joined(a, op, o->file.text ? o->file.text : o->file.by->text);
    return shortened(a, op, o->sql.text ? o->sql.text : o->sql.by ? o->sql.by->text : "");
}

const char *describe_assert(struct arena *a, const struct op *op)
{
    return shortened(a, op, op->u.assertion.message);
}

const char *op_describe(struct arena *a, const struct op *op)
{
    return op_table[op->kind].describe(a, op);
}

const char *op_label(struct arena *a, const struct op *op)
{
    if (op->of < 2)
        return op_describe(a, op);
    return arena_printf(a, "operation %u of %u, %s", op->at, op->of, op_describe(a, op));
}

const char *describe_access(struct arena *a, const struct op *op)
{
    const struct op_access *o = &op->u.access;

    return arena_printf(a, "%s on %s %s", op_table[op->kind].name, o->on, o->name);
}
