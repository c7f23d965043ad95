/*
 * Has the server print the models' texts in its own spelling.
 *
 * Types, tables, indexes, views and the objects on them are created as temporary ones, in a transaction that is
 * rolled back, and read with the same code as real ones. That needs only the privilege to create temporary tables,
 * and locks nothing. Functions, types and the like that the database lacks, and extensions that are missing or in
 * another schema than the models', are created in their final places, so that texts find them.
 */
#include "dialect/postgresql/judge/normalise.h"

#include "dialect/postgresql/judge/scratch.h"
#include "dialect/postgresql/objects/objects.h"
#include "dialect/postgresql/reflect/reflect.h"
#include "dialect/postgresql/spell/names.h"

#include <stdlib.h>

/* ---- creating ---------------------------------------------------------------------------------------- */

/* Sessions that are read-only by default can still be asked: what is made is temporary, and rolled back. */
static const char begin_sql[] =
    "BEGIN READ WRITE;\nSELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', 'pg_temp', "
    "NULLIF(pg_catalog.current_setting('search_path'), '')), "
    "true), pg_catalog.set_config('client_min_messages', 'error', true), "
    "pg_catalog.set_config('check_function_bodies', 'off', true), "
    "pg_catalog.set_config('jit', 'off', true);\n";

/* What a statement needs and the database lacks: cmig does not model it, or the models do not have it. */
struct lack {
    const char *code, *at; /* of the error; `at`: a place in the models and what is there */
    const char *message;
};
struct lacks {
    struct lack *v;
    uint32_t n, cap;
    bool is_wrong; /* the last statement would also fail after all changes */
};

/* syntax_error, invalid_text_representation */
static bool is_wrong(const char *code)
{
    return str_eq(code, "42601") || str_eq(code, "22P02");
}

/* undefined_object, undefined_function, undefined_table */
static bool is_lack(const char *code)
{
    static const char *const codes[] = {"42704", "42883", "42P01"};
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (str_eq(codes[i], code))
            return true;
    return false;
}

static const char *place_of(struct pg *pg, const struct creation *c, const PGresult *r)
{
    struct ctx *ctx = pg->base.ctx;
    const char *position = pg->pq.PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
    size_t at = position ? (size_t)strtoul(position, NULL, 10) : 0;
    const struct fragment *f = &c->v[0];
    for (size_t i = 0; i < c->n && c->v[i].at <= at; i++)
        f = &c->v[i];
    return ctx_printf(ctx, "%sthe database does not accept %s", pos_text(&ctx->arena, f->pos), f->label);
}

static bool fail_creation(struct pg *pg, const struct creation *c, const PGresult *r, struct lacks *ret)
{
    struct ctx *ctx = pg->base.ctx;
    pg_fail(pg, r);
    ret->is_wrong = is_wrong(pg_code(pg, r));
    if (!c->n)
        return false;
    if (is_lack(pg_code(pg, r)) && !strstr(pg->pq.PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY), "pg_temp"))
        vec_add(ctx, ret,
            ((struct lack){ctx_strdup(ctx, pg_code(pg, r)), place_of(pg, c, r),
                ctx_strdup(ctx, pg->pq.PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY))}));
    return fail_in(ctx, "%s", place_of(pg, c, r));
}

/* What it lacks is added to the list, and the error is set all the same. */
static bool create_one(struct pg *pg, const struct creation *c, struct lacks *ret)
{
    struct ctx *ctx = pg->base.ctx;
    if (!pg->pq.PQsendQuery(pg->conn, c->sql))
        return pg_fail(pg, NULL);
    bool ok = true;
    for (PGresult *r; (r = pg_result(pg)); pg->pq.PQclear(r))
        if (ok && pg_failed(pg, r))
            ok = fail_creation(pg, c, r, ret);
    if (!ok && ctx->err.status == STATUS_FAILED)
        ctx->err.status = STATUS_CONFIG;
    return ok;
}

static bool says_already(const struct lacks *list, const struct lack *one)
{
    for (size_t i = 0; list->v + i < one; i++)
        if (str_eq(list->v[i].message, one->message))
            return true;
    return false;
}

/* Reports all that is missing at once. */
static bool fail_lacking(struct ctx *ctx, const struct lacks *list)
{
    err_clear(ctx);
    fail(ctx, STATUS_CONFIG, "postgresql %s: %s", list->v[0].code, list->v[0].message);
    for (size_t i = 1; i < list->n; i++)
        if (!says_already(list, &list->v[i]))
            fail_detail(ctx, "%s: %s", list->v[i].at, list->v[i].message);
    fail_hint(ctx, "Add it to the models, for example under 'extensions' or 'functions'. If cmig does not "
                   "model it, create it with 'execute: CREATE …' in a revision before this one.");
    return fail_in(ctx, "%s", list->v[0].at);
}

/* Tries it without the parts that depend on an object that changes. False: it has none; the error stays. */
static bool create_sure(struct judge *j, const struct creation *c, const struct lacks *lacks)
{
    struct err first = j->ctx->err;
    struct lacks ignored = {0};
    struct creation sure = *c;
    if (!c->sure || lacks->is_wrong || ctx_interrupted(j->ctx) || first.status == STATUS_UNREACHABLE)
        return false;
    sure.sql = c->sure;
    j->ctx->err = (struct err){0};
    if (pg_run(j->pg, "ROLLBACK TO SAVEPOINT cmig") && (!*sure.sql || create_one(j->pg, &sure, &ignored)))
        return true;
    j->ctx->err = first;
    return false;
}

/* Runs one by one what failed as a whole, for the place of what the server refuses. */
static bool create_in_turn(struct judge *j)
{
    struct lacks lacks = {0};
    if (!pg_run(j->pg, begin_sql))
        return false;
    vec_each(i, &j->list) {
        if (!pg_run(j->pg, "SAVEPOINT cmig"))
            return false;
        uint32_t lacking = lacks.n;
        if (create_one(j->pg, j->list.v[i], &lacks))
            continue;
        if (create_sure(j, j->list.v[i], &lacks)) {
            lacks.n = lacking;
            continue;
        }
        /* After the first that is lacking, other failures may be what follows from it. */
        if (!lacks.n || ctx_interrupted(j->ctx) || j->ctx->err.status == STATUS_UNREACHABLE)
            return false;
        err_clear(j->ctx);
        if (!pg_run(j->pg, "ROLLBACK TO SAVEPOINT cmig"))
            return false;
    }
    return !lacks.n || fail_lacking(j->ctx, &lacks);
}

static bool create_all(struct judge *j)
{
    struct str all = STR(j->ctx);
    str_add(&all, begin_sql);
    vec_each(i, &j->list) {
        const struct creation *c = j->list.v[i];
        const char *sql = c->lean ? c->lean : c->sql;
        if (*sql)
            str_addf(&all, "%s;\n", sql);
    }
    if (pg_run(j->pg, str_get(&all)))
        return true;
    if (ctx_interrupted(j->ctx) || j->ctx->err.status == STATUS_UNREACHABLE)
        return false;
    err_clear(j->ctx);
    j->pg->base.dialect->rollback(&j->pg->base);
    return create_in_turn(j);
}

static bool read_back(struct judge *j, struct schema *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    static const char sql[] =
        "SELECT nspname FROM pg_catalog.pg_namespace WHERE oid = pg_catalog.pg_my_temp_schema()";
    if (!pg_query(j->pg, sql, NULL, 0, &a))
        return false;
    struct reflect_request request = {.only_tables = true, .objects = j->has_objects};
    if (!answer_rows(&a))
        return true;
    request.home = answer_copy(&a, 0, 0);
    vec_add(j->ctx, &request.schemas, request.home);
    return reflect_schemas(j->pg, &request, ret);
}

/* ---- taking over ------------------------------------------------------------------------------------- */

static void take_column(struct column *to, const struct column *from, bool is_whole)
{
    to->native = from->native;
    if (is_whole && to->dflt.kind == VALUE_SQL && from->dflt.kind == VALUE_NONE && !scratch_says_sequence(to))
        to->dflt = (struct value){0}; /* NULL */
    if (to->dflt.kind != VALUE_NONE && from->dflt.kind != VALUE_NONE)
        to->dflt.expr.native = from->dflt.expr.native;
    if (to->generated && from->generated)
        to->generated->expr.native = from->generated->expr.native;
}

static void take_parts(struct index_parts *to, const struct index_parts *from)
{
    for (size_t i = 0; i < to->n && i < from->n; i++) {
        struct index_part *part = to->v[i];
        part->column = from->v[i]->column; /* of an expression that is one */
        part->expr = (struct expr){
            .sql = part->column ? (struct dtext){0} : part->expr.sql, .native = from->v[i]->expr.native};
        part->collation = from->v[i]->collation; /* none where it is the column's or the expression's own */
        part->opclass = from->v[i]->opclass;
        part->nulls = from->v[i]->nulls;
    }
}

/* A condition that is always true is none. */
static void take_where(struct expr *to, const struct expr *from)
{
    to->native = from->native;
    if (!to->native)
        *to = (struct expr){0};
}

static void take_constraint(struct constraint *to, const struct table *made, const char *name)
{
    const struct constraint *from = table_constraint(made, name);
    if (!from)
        return;
    to->check.native = from->check.native;
    take_where(&to->where, &from->where);
    take_parts(&to->parts, &from->parts);
}

static void take_index(struct judge *j, struct index *to, const struct table *made, size_t table, size_t at)
{
    const struct index *from = table_index(made, scratch_index_name(j, table, at));
    if (!from)
        return;
    take_where(&to->where, &from->where);
    take_parts(&to->parts, &from->parts);
}

static const struct column *column_made(
    struct judge *j, const struct schema *made, const struct table *from, const struct column *c)
{
    const struct column *own = from ? table_column(from, c->name) : NULL;
    const struct stand_in *s = own ? NULL : scratch_stand_in(j, c);
    if (!s)
        return own;
    struct qname name = {NULL, s->table};
    const struct table *other = schema_table(made, &name);
    return other ? table_column(other, s->column) : NULL;
}

static void take_table_texts(
    struct judge *j, const struct schema *made, const struct table *from, size_t at, struct table *t)
{
    vec_each(i, &t->columns) {
        struct column *to = t->columns.v[i];
        const struct column *c = column_made(j, made, from, to);
        if (c)
            take_column(to, c, !scratch_column_is_left_out(j, &t->name, to->name));
    }
    if (!from)
        return;
    if (table_is_partitioned(t))
        t->partition_by.native = from->partition_by.native;
    if (table_is_partition(t) && from->bound.native)
        t->bound.native = from->bound.native;
    vec_each(i, &t->checks)
        take_constraint(t->checks.v[i], from, scratch_constraint_name(j, "check", at, i));
    vec_each(i, &t->excludes)
        take_constraint(t->excludes.v[i], from, scratch_constraint_name(j, "exclude", at, i));
    vec_each(i, &t->indexes)
        take_index(j, t->indexes.v[i], from, at, i);
}

static struct table *take_table(struct judge *j, const struct schema *made, size_t at)
{
    const struct table *wanted = j->wanted->tables.v[at];
    struct qname name = {NULL, scratch_name(j, &wanted->name, "table", at)};
    const struct table *from = schema_table(made, &name);
    struct table *t = table_copy(j->ctx, wanted);
    take_table_texts(j, made, from, at, t);
    relocate_table_back(&j->texts, &j->types, t);
    return t;
}
static struct view *take_view(struct judge *j, const struct schema *made, size_t at)
{
    const struct view *wanted = j->wanted->views.v[at];
    struct qname name = {NULL, scratch_name(j, &wanted->name, "view", at)};
    const struct view *from = schema_view(made, &name);
    const struct table *rows = schema_table(made, &(struct qname){NULL, scratch_rows_name(j, at)});
    struct view *v = view_copy(j->ctx, wanted);
    if (from)
        v->body.native = from->body.native;
    for (size_t i = 0; rows && i < v->indexes.n; i++)
        take_index(j, v->indexes.v[i], rows, j->wanted->tables.n + at, i);
    relocate_view_back(&j->types, v);
    return v;
}

/* The text that was printed, under the object's own name. */
static const char *native_of(
    struct judge *j, enum object_kind kind, const struct object *o, const char *printed)
{
    const char *renamed;
    printed = relocate_back(&j->types, printed);
    if (kind == OBJECT_OPERATOR_CLASS && !o->is_new)
        printed = pg_class_complete(j->ctx, j->original->default_schema, o, printed);
    if (kind == OBJECT_OPERATOR && !o->is_new)
        printed = pg_operator_complete(j->ctx, j->original->default_schema, o, printed);
    if (o->of.name ||
        !(renamed = scratch_renamed(j->ctx, kind, printed, scratch_object_name(j->ctx, kind, &o->name))))
        return printed;
    return renamed;
}

/* What the table or view is called among the temporary ones. */
static const char *stand_in_name(struct judge *j, const struct qname *name)
{
    vec_each(i, &j->original->tables)
        if (qname_eq(&j->original->tables.v[i]->name, name))
            return scratch_name(j, name, "table", i);
    vec_each(i, &j->original->views)
        if (qname_eq(&j->original->views.v[i]->name, name))
            return scratch_name(j, name, "view", i);
    return name->name;
}

static void take_publication(
    struct judge *j, const struct object *o, const struct object *printed, struct schema *ret)
{
    const char *native =
        pg_publication_sql(j->ctx, j->original->default_schema, o->native, printed ? printed->native : NULL);
    struct object *taken = ctx_new(j->ctx, struct object);
    *taken = *o;
    if (native)
        taken->native = native;
    vec_add(j->ctx, &ret->objects[OBJECT_PUBLICATION], taken);
}

static void take_object(struct judge *j, const struct schema *made, enum object_kind kind,
    const struct object *o, struct schema *ret)
{
    struct object key = *o, *taken;
    const struct object *from;
    key.name.schema = NULL;
    if (o->of.name)
        key.of = (struct qname){NULL, stand_in_name(j, &o->of)};
    object_make_key(&j->ctx->arena, kind, &key);
    from = objects_find(&made->objects[kind], &key);
    if (kind == OBJECT_PUBLICATION) {
        take_publication(j, o, from, ret);
        return;
    }
    /* Of the other kinds it is the one that the database has. */
    if (!from || (!o->is_new && !scratch_is_printed(kind)))
        return;
    taken = ctx_new(j->ctx, struct object);
    *taken = *o;
    taken->native = native_of(j, kind, o, from->native);
    vec_each(i, &from->parts)
        from->parts.v[i] = relocate_back(&j->types, from->parts.v[i]);
    taken->parts = from->parts;
    vec_add(j->ctx, &ret->objects[kind], taken);
}

/* The arguments as the models name them. */
static void name_arguments(struct judge *j, struct schema *made, enum object_kind kind)
{
    vec_each(i, &made->objects[kind]) {
        struct object *o = made->objects[kind].v[i];
        if (object_table[kind].naming != NAMED_BY_SIGNATURE)
            continue;
        o->signature = relocate_back(&j->types, o->signature);
        object_make_key(&j->ctx->arena, kind, o);
    }
}

static void take_objects(struct judge *j, struct schema *made, struct schema *ret)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++) {
        name_arguments(j, made, (enum object_kind)kind);
        objects_sort(&made->objects[kind]);
        for (size_t i = 0; object_table[kind].has_sql && i < j->original->objects[kind].n; i++)
            take_object(j, made, (enum object_kind)kind, j->original->objects[kind].v[i], ret);
    }
}

/* Whether there are objects that must be created in their final places but that the role may not create: then other
 * texts would lack them. */
static bool is_denied(struct judge *j, bool *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {j->original->default_schema};
    bool any = false;
    *ret = false;
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        for (size_t i = 0; object_table[kind].has_sql && i < j->original->objects[kind].n; i++)
            any |= j->original->objects[kind].v[i]->is_new && !j->original->objects[kind].v[i]->of.name;
    if (!any)
        return true;
    if (!pg_query(j->pg, "SELECT pg_catalog.has_schema_privilege($1, 'CREATE')", params, 1, &a))
        return false;
    *ret = !answer_bool(&a, 0, 0);
    if (*ret)
        j->pg->base.unjudged =
            ctx_printf(j->ctx, "the role may not create anything in schema '%s'", params[0]);
    return true;
}

bool pg_normalise(struct conn *conn, const struct schema *wanted, struct schema *ret, bool *ret_asked)
{
    struct ctx *ctx = conn->ctx;
    struct state state = {.dialect = &postgresql_dialect, .conn = conn};
    static const struct ops none = {0};
    struct judge j = {.ctx = ctx,
        .pg = pg_of(conn),
        .original = wanted,
        .alike = MAP(ctx),
        .tables = MAP(ctx),
        .r = {.ctx = ctx, .state = &state, .pg = pg_of(conn), .ops = &none}};
    struct schema made = {0}, result = {.default_schema = wanted->default_schema};
    *ret_asked = !conn->unjudged;
    if (!*ret_asked)
        return true;
    bool denied;
    if (!is_denied(&j, &denied))
        return false;
    *ret_asked = !denied;
    if (denied)
        return true;
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        j.has_objects |= object_table[kind].has_sql && wanted->objects[kind].n;
    scratch_relocate(&j);
    bool ok = scratch_add_all(&j) && create_all(&j) && read_back(&j, &made);
    conn->dialect->rollback(conn);
    if (!ok)
        return false;
    vec_each(i, &wanted->tables)
        vec_add(ctx, &result.tables, take_table(&j, &made, i));
    vec_each(i, &wanted->views)
        vec_add(ctx, &result.views, take_view(&j, &made, i));
    take_objects(&j, &made, &result);
    *ret = result;
    return true;
}
