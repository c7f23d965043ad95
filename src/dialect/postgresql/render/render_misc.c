/* Renders schemas, sequences, comments and rows. */
#include "dialect/postgresql/render/render_alter.h"

#include "dialect/postgresql/objects/objects.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

/* ---- schemas ----------------------------------------------------------------------------------------- */

bool pg_render_create_schema(struct rendering *r, const struct op *op)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "CREATE SCHEMA %E%I", op->u.schema.if_not_exists ? "IF NOT EXISTS " : "", op->u.schema.name);
    pg_render_add(r, &q);
    return true;
}

bool pg_render_drop_schema(struct rendering *r, const struct op *op)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "DROP SCHEMA %E%I%E", op->u.schema.if_exists ? "IF EXISTS " : "", op->u.schema.name,
        op->u.schema.cascade ? " CASCADE" : "");
    pg_render_add(r, &q);
    return true;
}

/* ---- sequences --------------------------------------------------------------------------------------- */

void pg_render_sequence_options(struct sql *q, const struct sequence_options *o)
{
    const struct {
        const char *words, *value;
    } parts[] = {{"START WITH", o->start}, {"INCREMENT BY", o->increment}, {"MINVALUE", o->min},
        {"MAXVALUE", o->max}, {"CACHE", o->cache}};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (parts[i].value)
            sql_addf(q, " %E %E", parts[i].words, parts[i].value);
    if (o->cycle != TRI_UNSET)
        sql_add(q, o->cycle == TRI_TRUE ? " CYCLE" : " NO CYCLE");
}

/* Whether the operation drops the identity of the column that owns the sequence: PostgreSQL 12 fails if the column
 * owns two. */
static bool drops_identity_of_owner(const struct op *op, const struct sequence *s)
{
    const struct op_alter_column *o = &op->u.alter_column;
    return op->kind == OP_ALTER_COLUMN && ALTER_HAS(o, ALTER_IDENTITY) && !o->identity &&
           qname_eq(&o->table, &s->owner) && str_eq(o->name, s->owner_column);
}

/* Whether a later operation creates the column that owns the sequence, or prepares it. */
static bool is_owner_later(const struct rendering *r, const struct sequence *s)
{
    for (size_t i = r->at + 1; i < r->ops->n; i++) {
        const struct op *op = r->ops->v[i];
        if (op->kind == OP_CREATE_TABLE && qname_eq(&op->u.create_table.table.name, &s->owner))
            return true;
        if (op->kind == OP_ADD_COLUMN && qname_eq(&op->u.add_column.table, &s->owner) &&
            str_eq(op->u.add_column.column.name, s->owner_column))
            return true;
        if (drops_identity_of_owner(op, s))
            return true;
    }
    return false;
}

static void pg_render_owner(struct rendering *r, const struct sequence *s)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "ALTER SEQUENCE %Q OWNED BY %Q.%I", &s->name, &s->owner, s->owner_column);
    if (is_owner_later(r, s))
        pg_render_later(r, &q);
    else
        pg_render_add(r, &q);
}

static const char *sequence_text(struct rendering *r, const struct qname *name)
{
    return ctx_printf(r->ctx, "SEQUENCE %s", pg_qname(&r->ctx->arena, name));
}

bool pg_render_create_sequence(struct rendering *r, const struct op *op)
{
    const struct sequence *s = &op->u.sequence.sequence;
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "CREATE %ESEQUENCE %Q", pg_is_set(s->settings, "unlogged") ? "UNLOGGED " : "", &s->name);
    if (s->type && !str_eq(s->type, "bigint"))
        sql_addf(&q, " AS %E", s->type);
    pg_render_sequence_options(&q, &s->options);
    pg_render_add(r, &q);
    if (s->owner.name)
        pg_render_owner(r, s);
    if (s->comment)
        pg_render_comment(r, sequence_text(r, &s->name), s->comment);
    return true;
}

const char *pg_render_sequence_start(const struct sequence_options *o)
{
    if (o->start)
        return o->start;
    if (o->increment && *o->increment == '-')
        return o->max ? o->max : "-1";
    return o->min ? o->min : "1";
}

/* The sequence before; NULL: unknown. */
struct sequence_before {
    const char *min, *max;
    bool unlogged;
};

static bool sequence_before(struct rendering *r, const struct qname *name, struct sequence_before *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&r->ctx->arena, name)};
    const struct sequence *old = r->state->schema ? schema_sequence(r->state->schema, name) : NULL;
    if (!r->pg) {
        if (old)
            *ret = (struct sequence_before){pg_sequence_min(&old->options, old->type),
                pg_sequence_max(&old->options, old->type), pg_is_set(old->settings, "unlogged")};
        return true;
    }
    if (!pg_query(r->pg,
            "SELECT s.seqmin, s.seqmax, c.relpersistence = 'u' FROM pg_catalog.pg_sequence s "
            "JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid WHERE s.seqrelid = pg_catalog.to_regclass($1)",
            params, 1, &a))
        return false;
    if (answer_rows(&a))
        *ret = (struct sequence_before){answer_copy(&a, 0, 0), answer_copy(&a, 0, 1), answer_bool(&a, 0, 2)};
    return true;
}

/* Whether the owner's default is a number of the sequence and nothing else. */
static bool is_numbering(struct rendering *r, const struct sequence *s, bool *ret)
{
    struct column_now now;
    *ret = false;
    if (!s->owner.name || is_owner_later(r, s))
        return true;
    if (!pg_render_column_now(r, &s->owner, s->owner_column, NULL, &now))
        return false;
    *ret = qname_eq(&now.sequence, &s->name) && now.type && pg_serial_of(now.type);
    return true;
}

static const char *alter_sequence_text(struct rendering *r, const struct sequence *s)
{
    const struct sequence_options *o = &s->options;
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "ALTER SEQUENCE %Q AS %E INCREMENT BY %E", &s->name, s->type ? s->type : "bigint",
        o->increment ? o->increment : "1");
    sql_addf(&q, o->min ? " MINVALUE %E" : " NO MINVALUE", o->min);
    sql_addf(&q, o->max ? " MAXVALUE %E" : " NO MAXVALUE", o->max);
    sql_addf(&q, " START WITH %E CACHE %E%E", pg_render_sequence_start(o), o->cache ? o->cache : "1",
        o->cycle == TRI_TRUE ? " CYCLE" : " NO CYCLE");
    if (!s->owner.name)
        sql_add(&q, " OWNED BY NONE");
    return sql_end(&q);
}

static bool set_bounds(struct rendering *r, const struct sequence *s, const char *min, const char *max)
{
    struct sql name = pg_render_begin(r);
    bool counts;
    if (!is_numbering(r, s, &counts))
        return false;
    sql_string(&name, pg_qname(&r->ctx->arena, &s->name));
    struct rebound b = {
        .alter = alter_sequence_text(r, s),
        .sequence = sql_end(&name),
        .name = &s->name,
        .table = &s->owner,
        .column = counts ? s->owner_column : NULL,
        .min = min,
        .max = max,
        .descends = s->options.increment && *s->options.increment == '-',
    };
    pg_render_rebound(r, &b);
    return true;
}

/* SET UNLOGGED and SET LOGGED of a table also change the sequences that its columns own. This is whether an earlier
 * operation does that. */
static bool follows_owner(const struct rendering *r, const struct sequence *s, bool *ret_unlogged)
{
    for (size_t i = r->at; s->owner.name && i-- > 0;) {
        const struct op *op = r->ops->v[i];
        if (op->kind != OP_ALTER_TABLE || !qname_eq(&op->u.alter_table.table, &s->owner) ||
            !options_get(&op->u.alter_table.options, "postgresql", "unlogged"))
            continue;
        *ret_unlogged = pg_is_set(&op->u.alter_table.options, "unlogged");
        return true;
    }
    return false;
}

/* The settings as they will be: one that is left out gets the value that a new sequence would have. */
bool pg_render_alter_sequence(struct rendering *r, const struct op *op)
{
    const struct sequence *s = &op->u.sequence.sequence;
    const char *min = pg_sequence_min(&s->options, s->type), *max = pg_sequence_max(&s->options, s->type);
    struct sequence_before old = {0};
    bool unlogged = pg_is_set(s->settings, "unlogged"), moved;
    if (!sequence_before(r, &s->name, &old))
        return false;
    if (pg_sequence_covers(min, max, old.min, old.max))
        statement_add(r->ctx, r->ret, alter_sequence_text(r, s), op);
    else if (!set_bounds(r, s, min, max))
        return false;
    bool may_be = !r->pg || r->pg->version >= 150000;
    if (may_be && unlogged != (follows_owner(r, s, &moved) ? moved : old.unlogged)) {
        struct sql q = pg_render_begin(r);
        sql_addf(&q, "ALTER SEQUENCE %Q SET %E", &s->name, unlogged ? "UNLOGGED" : "LOGGED");
        pg_render_add(r, &q);
    }
    if (s->owner.name)
        pg_render_owner(r, s);
    if (s->comment)
        pg_render_comment(r, sequence_text(r, &s->name), s->comment);
    return true;
}

/* One that belongs to a column is dropped with it, so it may already be gone. */
bool pg_render_drop_sequence(struct rendering *r, const struct op *op)
{
    bool may_be_gone = op->u.drop.if_exists;
    for (size_t i = 0; i < r->at; i++)
        may_be_gone |= r->ops->v[i]->kind == OP_DROP_TABLE || r->ops->v[i]->kind == OP_DROP_COLUMN;
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "DROP SEQUENCE %E%Q%E", may_be_gone ? "IF EXISTS " : "", &op->u.drop.name,
        op->u.drop.cascade ? " CASCADE" : "");
    pg_render_add(r, &q);
    return true;
}

bool pg_render_rename_sequence(struct rendering *r, const struct op *op)
{
    const struct op_rename *o = &op->u.rename;
    struct qname moved = {o->name.schema, o->new_name.name};
    struct sql q = pg_render_begin(r);
    if (!str_eq(o->name.name, o->new_name.name)) {
        sql_addf(&q, "ALTER SEQUENCE %Q RENAME TO %I", &o->name, o->new_name.name);
        pg_render_add(r, &q);
    }
    if (!str_eq(o->name.schema, o->new_name.schema)) {
        q = pg_render_begin(r);
        sql_addf(&q, "ALTER SEQUENCE %Q SET SCHEMA %I", &moved,
            o->new_name.schema ? o->new_name.schema
            : r->pg            ? r->pg->base.default_schema
                               : "public");
        pg_render_add(r, &q);
    }
    return true;
}

/* ---- comments ---------------------------------------------------------------------------------------- */

bool pg_render_set_comment(struct rendering *r, const struct op *op)
{
    static const struct {
        const char *on, *words;
    } rows[] = {{"enum", "TYPE"}, {"sequence", "SEQUENCE"}};
    const struct op_set_comment *o = &op->u.set_comment;
    struct arena *a = &r->ctx->arena;
    const char *what = NULL;
    if (pg_comment_object(r, o))
        return true;
    struct qname index = {o->name.schema ? o->name.schema : o->table.schema, o->name.name};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_eq(rows[i].on, o->on))
            what = arena_printf(a, "%s %s", rows[i].words, pg_qname(a, &o->name));
    if (str_eq(o->on, "view")) {
        if (!pg_render_view_words(r, &o->name, &what))
            return false;
        what = arena_printf(a, "%s %s", what, pg_qname(a, &o->name));
    }
    if (str_eq(o->on, "constraint"))
        what = arena_printf(a, "CONSTRAINT %s ON %s", pg_ident(a, o->name.name), pg_qname(a, &o->table));
    if (str_eq(o->on, "index"))
        what = arena_printf(a, "INDEX %s", pg_qname(a, &index));
    if (str_eq(o->on, "schema"))
        what = arena_printf(a, "SCHEMA %s", pg_ident(a, o->name.name));
    if (!what)
        return fail(r->ctx, STATUS_CONFIG, "PostgreSQL has no comment on '%s'", o->on);
    pg_render_comment(r, what, o->comment);
    return true;
}

/* ---- rows -------------------------------------------------------------------------------------------- */

static struct strings columns_of(struct rendering *r, const struct rows *rows)
{
    struct strings columns = {0};
    vec_each(i, rows)
        vec_each(k, rows->v[i])
            if (!strings_have(&columns, rows->v[i]->v[k]->column))
                vec_add(r->ctx, &columns, rows->v[i]->v[k]->column);
    return columns;
}

static const struct value *value_in(const struct row *row, const char *column)
{
    vec_each(i, row)
        if (str_eq(row->v[i]->column, column))
            return &row->v[i]->value;
    return NULL;
}

/* A smaller number of rows is sent with the other statements, in one round trip. */
enum { ROWS_TO_COPY = 100 };

/* Whether COPY can take the rows as they are: each has the same columns, and no value is an expression. */
static bool are_plain(const struct rows *rows)
{
    vec_each(i, rows) {
        const struct row *row = rows->v[i];
        if (row->n != rows->v[0]->n)
            return false;
        vec_each(k, row) {
            const struct value *v = &row->v[k]->value;
            bool is_text = v->kind == VALUE_STRING || v->kind == VALUE_NUMBER || v->kind == VALUE_BOOL;
            if (!str_eq(row->v[k]->column, rows->v[0]->v[k]->column) ||
                (v->kind != VALUE_NONE && (!is_text || v->expr.sql.by || !v->expr.sql.text)))
                return false;
        }
    }
    return true;
}

/* COPY bypasses rules and row security, and does not accept views. */
static bool may_copy(struct rendering *r, const struct op_bulk_insert *o, bool *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&r->ctx->arena, &o->table)};
    *ret = r->pg && o->rows.n >= ROWS_TO_COPY && o->rows.v[0]->n && are_plain(&o->rows);
    if (!*ret)
        return true;
    if (!pg_query(r->pg,
            "SELECT 1 FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1) AND "
            "(c.relkind NOT IN ('r', 'p') OR c.relhasrules OR pg_catalog.row_security_active(c.oid))",
            params, 1, &a))
        return false;
    *ret = !answer_rows(&a);
    return true;
}

static void add_rows(struct rendering *r, const struct op *op, const char *path)
{
    const char *what = path ? path : op_describe(&r->ctx->arena, op);
    struct statement *s =
        statement_add(r->ctx, r->ret, sql_comment(r->ctx, ctx_printf(r->ctx, "rows of '%s'", what)), op);
    s->flags = STATEMENT_ROWS;
    s->subject = path;
}

static bool insert_rows(struct rendering *r, const struct op_bulk_insert *o)
{
    struct strings columns = columns_of(r, &o->rows);
    if (!columns.n)
        return true;
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "INSERT INTO %Q %C VALUES", &o->table, &columns);
    vec_each(i, &o->rows) {
        sql_add(&q, i ? ",\n    (" : "\n    (");
        vec_each(k, &columns) {
            const struct value *v = value_in(o->rows.v[i], columns.v[k]);
            sql_add(&q, k ? ", " : "");
            if (!v)
                sql_add(&q, "DEFAULT");
            else if (v->kind == VALUE_NONE)
                sql_add(&q, "NULL");
            else if (!pg_render_value(r, &q, v))
                return false;
        }
        sql_add(&q, ")");
    }
    pg_render_add(r, &q);
    return true;
}

bool pg_render_bulk_insert(struct rendering *r, const struct op *op)
{
    const struct op_bulk_insert *o = &op->u.bulk_insert;
    bool copies;
    if (o->file) {
        add_rows(r, op, fs_join(&r->ctx->arena, r->state->base ? r->state->base : ".", o->file));
        return true;
    }
    if (!may_copy(r, o, &copies))
        return false;
    if (!copies)
        return insert_rows(r, o);
    add_rows(r, op, NULL);
    return true;
}

bool pg_render_execute(struct rendering *r, const struct op *op)
{
    const char *sql = dtext_for(&op->u.execute.sql, "postgresql");
    if (sql)
        statement_add(r->ctx, r->ret, sql, op)->flags =
            op->u.execute.outside ? STATEMENT_OUTSIDE : STATEMENT_SCRIPT;
    return true;
}

/* The number of rows comes with each of the first ones. */
bool pg_render_assert(struct rendering *r, const struct op *op)
{
    const char *sql = dtext_for(&op->u.assertion.sql, "postgresql");
    struct sql q = pg_render_begin(r);
    if (!sql)
        return true;
    sql_addf(&q, "SELECT *, pg_catalog.count(*) OVER () FROM (%E) AS found LIMIT %d", sql,
        (int64_t)ASSERTION_ROWS);
    pg_render_add(r, &q)->flags = STATEMENT_CHECK;
    return true;
}

/* ---- what the runner does ---------------------------------------------------------------------------- */

bool pg_render_run(struct rendering *r, const struct op *op)
{
    const char *text = sql_comment(r->ctx, op_describe(&r->ctx->arena, op));
    statement_add(r->ctx, r->ret, text, op)->flags = STATEMENT_OUTSIDE | STATEMENT_TASK;
    return true;
}
