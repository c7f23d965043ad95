/*
 * How would this server print the models' texts?
 *
 * Types, tables, indexes and views are created as temporary ones, in a transaction that is rolled back, and read with
 * the same code as real ones. That takes nothing but the right to make temporary tables and locks nothing. What has
 * no expression in it (foreign keys, plain indexes) is left out. Objects of the default schema keep their names, so
 * that texts find and print them by these; others, and everything that may have no name, get one of ours.
 */
#include "dialect/postgresql/normalise.h"

#include "dialect/postgresql/names.h"
#include "dialect/postgresql/reflect.h"
#include "dialect/postgresql/render.h"
#include "dialect/postgresql/types.h"

#include <stdlib.h>

/* A place in a statement, and what of the models is written there. */
struct fragment {
    size_t at;
    struct pos pos;
    const char *label;
};
struct creation {
    const char *sql;
    const char *fileless; /* added to it where it may be; or NULL */
    struct fragment *v;   /* of the statement, in order */
    size_t n, cap;
};
struct creations VEC_OF(struct creation *);

struct judge {
    struct ctx *ctx;
    struct pg *pg;
    const struct schema *wanted;
    struct rendering r; /* for the parts that are written as in real statements */
    struct creations list;
};

/* ---- statements -------------------------------------------------------------------------------------- */

static struct creation *add_creation(struct judge *j)
{
    struct creation *c = ctx_new(j->ctx, struct creation);
    vec_add(j->ctx, &j->list, c);
    return c;
}

static void mark(struct judge *j, struct creation *c, const struct sql *q, struct pos pos, const char *label)
{
    struct fragment f = {q->text.n, pos, label};
    vec_add(j->ctx, c, f);
}

/* Whether any text of the wanted tables and views has this word. */
static bool is_said(const struct judge *j, const char *word)
{
    vec_each(i, &j->wanted->views)
        if (strstr(pg_render_expr(&j->wanted->views.v[i]->body), word))
            return true;
    vec_each(i, &j->wanted->tables) {
        const struct table *t = j->wanted->tables.v[i];
        vec_each(k, &t->columns) {
            const struct column *c = t->columns.v[k];
            if (strstr(c->native, word) || (c->dflt.expr.native && strstr(c->dflt.expr.native, word)))
                return true;
        }
        vec_each(k, &t->checks)
            if (strstr(pg_render_expr(&t->checks.v[k]->check), word))
                return true;
    }
    return false;
}

static void add_enums(struct judge *j)
{
    vec_each(i, &j->wanted->enums) {
        const struct enumeration *e = j->wanted->enums.v[i];
        if (e->name.schema || !is_said(j, e->name.name))
            continue;
        struct sql q = sql_begin(j->ctx, &postgresql_dialect);
        struct creation *c = add_creation(j);
        mark(j, c, &q, e->pos, ctx_printf(j->ctx, "enum '%s'", e->name.name));
        sql_addf(&q, "CREATE TYPE pg_temp.%I AS ENUM (", e->name.name);
        vec_each(k, &e->values)
            sql_addf(&q, k ? ", %L" : "%L", e->values.v[k]);
        sql_add(&q, ")");
        c->sql = sql_end(&q);
    }
}

/* What may stand around a text. */
static const char *dollar_tag(struct ctx *ctx, const char *text)
{
    const char *tag = "$cmig$";
    for (int i = 0; strstr(text, tag); i++)
        tag = ctx_printf(ctx, "$cmig%d$", i);
    return tag;
}

/* What an object is called among the temporary ones. */
static const char *scratch_name(struct judge *j, const struct qname *name, const char *kind, size_t at)
{
    return name->schema ? ctx_printf(j->ctx, "cmig %s %zu", kind, at) : name->name;
}

static bool says_sequence(const struct column *c)
{
    return c->dflt.kind == VALUE_SQL && strstr(c->dflt.expr.native, "nextval");
}

static bool add_column(struct judge *j, struct sql *q, const struct column *column)
{
    /* Numbering needs a sequence and prints nothing. */
    struct column c = *column;
    c.identity = NULL;
    c.nullable = true;
    c.autoincrement = TRI_FALSE;
    c.type = (struct dtext){0};
    if (says_sequence(&c))
        c.dflt = (struct value){0};
    return pg_render_column_definition(&j->r, q, NULL, &c);
}

static bool add_named_constraint(struct judge *j, struct sql *q, struct creation *creation,
    const struct constraint *from, const char *name)
{
    struct constraint c = *from;
    sql_add(q, ",\n    ");
    mark(j, creation, q, from->pos,
        from->name ? ctx_printf(j->ctx, "constraint '%s'", from->name) : "constraint");
    c.name = name;
    return pg_render_constraint(&j->r, q, &c);
}

/* An exclusion constraint's name is also that of its index, and those of all tables are in one place. */
static const char *constraint_name(struct judge *j, const char *kind, size_t table, size_t at)
{
    return ctx_printf(j->ctx, "cmig_%s_%zu_%zu", kind, table, at);
}

static bool add_table_constraints(
    struct judge *j, struct sql *q, struct creation *creation, const struct table *t, size_t at)
{
    vec_each(i, &t->checks)
        if (!add_named_constraint(j, q, creation, t->checks.v[i], constraint_name(j, "check", at, i)))
            return false;
    vec_each(i, &t->excludes)
        if (!add_named_constraint(j, q, creation, t->excludes.v[i], constraint_name(j, "exclude", at, i)))
            return false;
    /* What a view may group by depends on the key. */
    if (t->primary_key && j->wanted->views.n) {
        struct constraint key = {.kind = CONSTRAINT_PRIMARY_KEY, .columns = t->primary_key->columns};
        return add_named_constraint(j, q, creation, &key, constraint_name(j, "key", at, 0));
    }
    return true;
}

/* A sequence may not be there yet, nor its schema; then the text stays as it is. */
static void add_sequence_defaults(struct judge *j, const struct table *t, const char *name)
{
    vec_each(i, &t->columns) {
        const struct column *column = t->columns.v[i];
        if (!says_sequence(column))
            continue;
        struct creation *creation = add_creation(j);
        struct sql q = sql_begin(j->ctx, &postgresql_dialect);
        const char *tag = dollar_tag(j->ctx, column->dflt.expr.native);
        mark(j, creation, &q, column->pos, ctx_printf(j->ctx, "column '%s'", column->name));
        sql_addf(&q,
            "DO %E BEGIN ALTER TABLE %I ALTER COLUMN %I SET DEFAULT %E; "
            "EXCEPTION WHEN undefined_table OR invalid_schema_name THEN NULL; END %E",
            tag, name, column->name, column->dflt.expr.native, tag);
        creation->sql = sql_end(&q);
    }
}

/*
 * A table's files are most of what making it costs; one that is partitioned has none. It cannot have everything, and
 * a view of it would group by no key of it.
 */
static const char *without_files(struct judge *j, const struct table *t)
{
    if (j->wanted->views.n || t->excludes.n)
        return NULL;
    vec_each(i, &t->checks)
        if (t->checks.v[i]->no_inherit)
            return NULL;
    vec_each(i, &t->columns) {
        if (t->columns.v[i]->generated)
            continue;
        struct sql q = sql_begin(j->ctx, &postgresql_dialect);
        sql_addf(&q, " PARTITION BY LIST ((%I IS NULL))", t->columns.v[i]->name);
        return sql_end(&q);
    }
    return NULL;
}

static bool add_table(struct judge *j, const struct table *t, const char *name, size_t at)
{
    struct creation *creation = add_creation(j);
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    mark(j, creation, &q, t->pos, ctx_printf(j->ctx, "table '%s'", t->name.name));
    sql_addf(&q, "CREATE TEMPORARY TABLE %I (", name);
    vec_each(i, &t->columns) {
        sql_add(&q, i ? ",\n    " : "\n    ");
        mark(j, creation, &q, t->columns.v[i]->pos, ctx_printf(j->ctx, "column '%s'", t->columns.v[i]->name));
        if (!add_column(j, &q, t->columns.v[i]))
            return false;
    }
    if (!add_table_constraints(j, &q, creation, t, at))
        return false;
    sql_add(&q, "\n)");
    creation->sql = sql_end(&q);
    creation->fileless = without_files(j, t);
    add_sequence_defaults(j, t, name);
    return true;
}

static bool has_expression(const struct index *x)
{
    vec_each(i, &x->parts)
        if (!x->parts.v[i]->column)
            return true;
    return pg_render_expr(&x->where) != NULL;
}

/* One of these prints the same when it is not unique, and only then has none of what partitions would ask for. */
static bool is_btree(const struct index *x)
{
    return !x->using || str_eq(x->using, "btree");
}

static const char *index_name(struct judge *j, size_t table, size_t at)
{
    return ctx_printf(j->ctx, "cmig_index_%zu_%zu", table, at);
}

static bool add_indexes(struct judge *j, const struct table *t, const char *name, size_t at)
{
    vec_each(i, &t->indexes) {
        struct op_create_index o = {.table = {NULL, name}, .index = *t->indexes.v[i]};
        struct statements made = {0};
        if (!has_expression(&o.index))
            continue;
        o.index.name = index_name(j, at, i);
        o.index.comment = NULL;
        o.index.options = NULL;
        o.index.unique &= !is_btree(&o.index);
        j->r.ret = &made;
        if (!pg_render_index(&j->r, &o.table, &o))
            return false;
        struct creation *creation = add_creation(j);
        struct sql q = sql_begin(j->ctx, &postgresql_dialect);
        mark(j, creation, &q, t->indexes.v[i]->pos,
            ctx_printf(j->ctx, "index '%s'", t->indexes.v[i]->name ? t->indexes.v[i]->name : ""));
        creation->sql = made.v[0]->text;
    }
    return true;
}

/* A view may read what is not there yet; then its text stays as it is. */
static void add_view(struct judge *j, const struct view *v, const char *name)
{
    struct creation *creation = add_creation(j);
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    const char *body = pg_render_expr(&v->body), *tag = dollar_tag(j->ctx, body);
    mark(j, creation, &q, v->pos, ctx_printf(j->ctx, "view '%s'", v->name.name));
    sql_addf(&q, "DO %E BEGIN CREATE TEMPORARY VIEW %I", tag, name);
    if (v->columns.n)
        sql_addf(&q, " %C", &v->columns);
    sql_addf(&q,
        " AS\n%E\n; EXCEPTION WHEN undefined_table OR undefined_column OR undefined_function OR "
        "undefined_object "
        "OR wrong_object_type OR insufficient_privilege OR datatype_mismatch OR ambiguous_function "
        "THEN NULL; END %E",
        body, tag);
    creation->sql = sql_end(&q);
}

/* Each view behind those that it reads. */
static void add_view_behind(struct judge *j, size_t at, bool *done)
{
    const struct views *views = &j->wanted->views;
    const struct view *v = views->v[at];
    done[at] = true;
    vec_each(i, views)
        if (!done[i] && sql_mentions(pg_render_expr(&v->body), views->v[i]->name.name))
            add_view_behind(j, i, done);
    add_view(j, v, scratch_name(j, &v->name, "view", at));
}

static bool add_all(struct judge *j)
{
    const struct schema *w = j->wanted;
    bool *done = arena_alloc(&j->ctx->arena, w->views.n + 1);
    add_enums(j);
    vec_each(i, &w->tables)
        if (!add_table(j, w->tables.v[i], scratch_name(j, &w->tables.v[i]->name, "table", i), i))
            return false;
    vec_each(i, &w->tables)
        if (!add_indexes(j, w->tables.v[i], scratch_name(j, &w->tables.v[i]->name, "table", i), i))
            return false;
    vec_each(i, &w->views)
        if (!done[i])
            add_view_behind(j, i, done);
    return true;
}

/* ---- creating ---------------------------------------------------------------------------------------- */

/* Sessions that are read-only by default can still be asked: what is made is temporary, and rolled back. */
static const char begin_sql[] =
    "BEGIN READ WRITE;\nSELECT pg_catalog.set_config('search_path', 'pg_temp, ' || "
    "pg_catalog.current_setting('search_path'), "
    "true), pg_catalog.set_config('client_min_messages', 'error', true), "
    "pg_catalog.set_config('jit', 'off', true);\n";

/* Runs one by one what failed as a whole, for the place of what the server refuses. */
static bool fail_creation(struct pg *pg, const struct creation *c, const PGresult *r)
{
    struct ctx *ctx = pg->base.ctx;
    const char *position = pg->pq.PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
    size_t at = position ? (size_t)strtoul(position, NULL, 10) : 0;
    const struct fragment *f = c->n ? &c->v[0] : NULL;
    for (size_t i = 0; i < c->n && c->v[i].at <= at; i++)
        f = &c->v[i];
    pg_fail(pg, r);
    if (!f)
        return false;
    return fail_in(ctx, "%sthe database does not accept %s", pos_text(&ctx->arena, f->pos), f->label);
}

static bool create_one(struct pg *pg, const struct creation *c)
{
    struct ctx *ctx = pg->base.ctx;
    if (!pg->pq.PQsendQuery(pg->conn, c->sql))
        return pg_fail(pg, NULL);
    bool ok = true;
    for (PGresult *r; (r = pg_result(pg)); pg->pq.PQclear(r))
        if (ok && pg_failed(pg, r))
            ok = fail_creation(pg, c, r);
    if (!ok && ctx->err.status == STATUS_FAILED)
        ctx->err.status = STATUS_CONFIG;
    return ok;
}

static bool create_all(struct judge *j)
{
    struct str all = STR(j->ctx);
    str_add(&all, begin_sql);
    vec_each(i, &j->list)
        str_addf(&all, "%s%s;\n", j->list.v[i]->sql, j->list.v[i]->fileless ? j->list.v[i]->fileless : "");
    if (pg_run(j->pg, str_get(&all)))
        return true;
    if (ctx_interrupted(j->ctx) || j->ctx->err.status == STATUS_UNREACHABLE)
        return false;
    err_clear(j->ctx);
    j->pg->base.dialect->rollback(&j->pg->base);
    if (!pg_run(j->pg, begin_sql))
        return false;
    vec_each(i, &j->list)
        if (!create_one(j->pg, j->list.v[i]))
            return false;
    return true;
}

static bool read_back(struct judge *j, struct schema *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    static const char sql[] =
        "SELECT nspname FROM pg_catalog.pg_namespace WHERE oid = pg_catalog.pg_my_temp_schema()";
    if (!pg_query(j->pg, sql, NULL, 0, &a))
        return false;
    struct reflect_request request = {.only_tables = true};
    if (!answer_rows(&a))
        return true;
    request.home = answer_copy(&a, 0, 0);
    vec_add(j->ctx, &request.schemas, request.home);
    return reflect_schemas(j->pg, &request, ret);
}

/* ---- taking over ------------------------------------------------------------------------------------- */

static void take_column(struct column *to, const struct column *from)
{
    to->native = from->native;
    if (to->dflt.kind != VALUE_NONE && from->dflt.kind != VALUE_NONE)
        to->dflt.expr.native = from->dflt.expr.native;
    if (to->generated && from->generated)
        to->generated->expr.native = from->generated->expr.native;
}

static void take_parts(struct index_parts *to, const struct index_parts *from)
{
    for (size_t i = 0; i < to->n && i < from->n; i++) {
        to->v[i]->expr.native = from->v[i]->expr.native;
        if (to->v[i]->column)
            continue;
        to->v[i]->collation = from->v[i]->collation; /* none where it is the expression's own */
        to->v[i]->opclass = from->v[i]->opclass;
    }
}

static void take_constraint(struct constraint *to, const struct table *made, const char *name)
{
    const struct constraint *from = table_constraint(made, name);
    if (!from)
        return;
    to->check.native = from->check.native;
    to->where.native = from->where.native;
    take_parts(&to->parts, &from->parts);
}

static void take_index(struct judge *j, struct index *to, const struct table *made, size_t table, size_t at)
{
    const struct index *from = table_index(made, index_name(j, table, at));
    if (!from)
        return;
    to->where.native = from->where.native;
    take_parts(&to->parts, &from->parts);
}

static struct table *take_table(struct judge *j, const struct schema *made, size_t at)
{
    const struct table *wanted = j->wanted->tables.v[at];
    struct qname name = {NULL, scratch_name(j, &wanted->name, "table", at)};
    const struct table *from = schema_table(made, &name);
    struct table *t = table_copy(j->ctx, wanted);
    if (!from)
        return t;
    vec_each(i, &t->columns) {
        const struct column *c = table_column(from, t->columns.v[i]->name);
        if (c)
            take_column(t->columns.v[i], c);
    }
    vec_each(i, &t->checks)
        take_constraint(t->checks.v[i], from, constraint_name(j, "check", at, i));
    vec_each(i, &t->excludes)
        take_constraint(t->excludes.v[i], from, constraint_name(j, "exclude", at, i));
    vec_each(i, &t->indexes)
        take_index(j, t->indexes.v[i], from, at, i);
    return t;
}

static struct view *take_view(struct judge *j, const struct schema *made, size_t at)
{
    const struct view *wanted = j->wanted->views.v[at];
    struct qname name = {NULL, scratch_name(j, &wanted->name, "view", at)};
    const struct view *from = schema_view(made, &name);
    struct view *v = ctx_new(j->ctx, struct view);
    *v = *wanted;
    if (from)
        v->body.native = from->body.native;
    return v;
}

bool pg_normalise(struct conn *conn, const struct schema *wanted, struct schema *ret, bool *ret_asked)
{
    struct ctx *ctx = conn->ctx;
    struct state state = {.dialect = &postgresql_dialect, .conn = conn};
    static const struct ops none = {0};
    struct judge j = {.ctx = ctx,
        .pg = pg_of(conn),
        .wanted = wanted,
        .r = {.ctx = ctx, .state = &state, .pg = pg_of(conn), .ops = &none}};
    struct schema made = {0}, result = {.default_schema = wanted->default_schema};
    *ret_asked = !conn->unjudged;
    if (!*ret_asked)
        return true;
    bool ok = add_all(&j) && create_all(&j) && read_back(&j, &made);
    conn->dialect->rollback(conn);
    if (!ok)
        return false;
    vec_each(i, &wanted->tables)
        vec_add(ctx, &result.tables, take_table(&j, &made, i));
    vec_each(i, &wanted->views)
        vec_add(ctx, &result.views, take_view(&j, &made, i));
    *ret = result;
    return true;
}
