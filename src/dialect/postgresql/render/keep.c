/*
 * Completes a comparison with facts about the dropped objects that only the catalogue has.
 *
 * The downgrade of a dropped table, view or column gets statements that restore what the comparison has not written:
 * the owner and grants, unless they are managed, publications, and statistics targets of indexes; for views also rules,
 * triggers and the comments of these. If other tables inherit from the table of a column, the column is dropped there
 * as well, which the operation states. A constraint that cannot be added to a domain is refused.
 */
#include "dialect/postgresql/render/keep.h"

#include "cmig/diff.h"
#include "dialect/postgresql/objects/objects.h"
#include "dialect/postgresql/spell/acl.h"
#include "dialect/postgresql/spell/names.h"

/* ---- the catalogue ------------------------------------------------------------------------------------ */

/* The dropped table. $1: its name. */
#define TABLE_ITSELF \
    "WITH r AS (SELECT c.*, c.oid::pg_catalog.regclass::pg_catalog.text AS name FROM pg_catalog.pg_class c " \
    "WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind IN ('r', 'p'))"

/* $1: the table. */
static const char publications_of_table[] = TABLE_ITSELF
    " SELECT {}, p.pubname FROM r JOIN pg_catalog.pg_publication_rel x ON x.prrelid = r.oid JOIN "
    "pg_catalog.pg_publication p "
    "ON p.oid = x.prpubid ORDER BY 1";

/* The owner, and then the grants on the table and the sequences of its columns: a new owner gets the privileges
 * of the old one. $2: what the comparison has already written, as MANAGE_ bits. */
#define OWNER_LACKS \
    "o.word = 'TABLE' AND (SELECT pg_catalog.count(*) FROM pg_catalog.aclexplode(o.relacl) y " \
    "WHERE y.grantee = o.relowner) < (SELECT pg_catalog.count(*) FROM " \
    "pg_catalog.aclexplode(pg_catalog.acldefault('r', o.relowner)))"
/* clang-format off */
static const char grants_of_table[] = TABLE_ITSELF ", "
    "owned AS (SELECT oid, name, 'TABLE' AS word, relowner, relacl FROM r UNION ALL "
    "SELECT s.oid, s.oid::pg_catalog.regclass::pg_catalog.text, 'SEQUENCE', s.relowner, s.relacl FROM r "
    "JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND "
    "d.refobjid = r.oid AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND "
    "d.deptype IN ('a', 'i') AND d.refobjsubid > 0 "
    "JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S') "
    "SELECT text FROM ("
    "SELECT 10, pg_catalog.format('REVOKE ALL ON %s %s FROM %s', o.word, o.name, "
    "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(o.relowner))), 0 FROM owned o "
    "WHERE o.relacl IS NOT NULL AND " OWNER_LACKS
    " UNION ALL "
    "SELECT 11, pg_catalog.format('GRANT %s ON %s %s TO %s%s', x.privilege_type, o.word, "
    "o.name, " PG_GRANTEE("x") ", " PG_GRANT_OPTION("x") "), "
    "CASE WHEN o.word = 'TABLE' AND x.grantee <> o.relowner AND x.grantor = o.relowner THEN 1 ELSE 0 END "
    "FROM owned o, pg_catalog.aclexplode(o.relacl) x WHERE x.grantee <> o.relowner OR " OWNER_LACKS
    " UNION ALL "
    "SELECT 11, pg_catalog.format('GRANT %s (%I) ON TABLE %s TO %s%s', x.privilege_type, "
    "a.attname, r.name, " PG_GRANTEE("x") ", " PG_GRANT_OPTION("x") "), "
    "CASE WHEN x.grantee <> r.relowner AND x.grantor = r.relowner THEN 1 ELSE 0 END "
    "FROM r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND NOT a.attisdropped "
    "CROSS JOIN pg_catalog.aclexplode(a.attacl) x UNION ALL "
    "SELECT 9, pg_catalog.format('ALTER TABLE %s OWNER TO %I', name, pg_catalog.pg_get_userbyid(relowner)), 2 "
    "FROM r WHERE pg_catalog.pg_get_userbyid(relowner) <> CURRENT_USER"
    ") s (at, text, managed) WHERE managed & $2::pg_catalog.int4 = 0 ORDER BY at, text";
/* clang-format on */

/* Since PostgreSQL 15 a publication may have a list of columns and a condition. */
static const char membership_15[] =
    "pg_catalog.format('ALTER PUBLICATION %I ADD TABLE ONLY %s', p.pubname, r.name) || coalesce(' (' || "
    "(SELECT "
    "pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM "
    "pg_catalog.pg_attribute a "
    "WHERE a.attrelid = r.oid AND a.attnum = ANY (x.prattrs)) || ')', '') || coalesce(' WHERE (' || "
    "pg_catalog.pg_get_expr(x.prqual, x.prrelid) || ')', '')";
static const char membership[] =
    "pg_catalog.format('ALTER PUBLICATION %I ADD TABLE ONLY %s', p.pubname, r.name)";

/* $2: the column. */
static const char of_column[] =
    "SELECT pg_catalog.format('GRANT %s (%I) ON TABLE %s TO %s%s', x.privilege_type, a.attname, "
    "a.attrelid::pg_catalog.regclass, " PG_GRANTEE("x") ", " PG_GRANT_OPTION(
        "x") ") FROM pg_catalog.pg_attribute a CROSS JOIN "
             "pg_catalog.aclexplode(a.attacl) x WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname "
             "= $2 AND NOT "
             "a.attisdropped ORDER BY 1";

/* Statistics targets of expressions: of an index $2, or of all indexes of a table if that is NULL. */
static const char index_statistics[] =
    "SELECT pg_catalog.format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', "
    "x.indexrelid::pg_catalog.regclass, a.attnum, a.attstattarget) FROM pg_catalog.pg_index x "
    "JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indexrelid "
    "WHERE x.indrelid = pg_catalog.to_regclass($1) AND c.relname = COALESCE($2, c.relname) AND "
    "a.attstattarget >= 0 "
    "ORDER BY x.indexrelid::pg_catalog.regclass::pg_catalog.text, a.attnum";

/* The tables that have a column from this one and no other. */
static const char heirs[] =
    "WITH RECURSIVE t (oid) AS (SELECT pg_catalog.to_regclass($1)::pg_catalog.oid UNION SELECT i.inhrelid "
    "FROM t "
    "JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid "
    "AND NOT "
    "c.relispartition) SELECT pg_catalog.string_agg(oid::pg_catalog.regclass::pg_catalog.text, ', ' ORDER BY "
    "oid) "
    "FROM t WHERE oid <> pg_catalog.to_regclass($1)";

/* ---- the downgrade ------------------------------------------------------------------------------------ */

static const char *quoted(struct pg *pg, const struct qname *name)
{
    return pg_qname(&pg->base.ctx->arena, name);
}

/* The statements are PostgreSQL's: on other databases the operation does nothing. */
static void add_statement(struct ctx *ctx, struct ops *ops, const char *text)
{
    struct op *op = op_new(ctx, OP_EXECUTE);
    struct dtext_by *by = arena_alloc(&ctx->arena, 2 * sizeof(*by));
    by[0] = (struct dtext_by){"postgresql", text};
    by[1] = (struct dtext_by){0};
    op->u.execute.sql.by = by;
    vec_add(ctx, ops, op);
}

static bool add_statements(
    struct pg *pg, const char *sql, const char *const *params, int nparams, int column, struct ops *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    if (!pg_query(pg, sql, params, nparams, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++)
        add_statement(pg->base.ctx, ret, answer_copy(&a, i, column));
    return true;
}

/* Whether an operation gives the publication its tables. */
static bool is_restored(const struct ops *down, const char *publication)
{
    vec_each(i, down) {
        const struct op *op = down->v[i];
        bool gives = op_object_verb(op->kind) == OBJECT_CREATE || op_object_verb(op->kind) == OBJECT_CHANGE;
        if (op_object_kind(op->kind) == OBJECT_PUBLICATION && gives &&
            str_eq(op->u.object.object.name.name, publication))
            return true;
    }
    return false;
}

static bool add_publications(
    struct pg *pg, const char *sql, const char *const *params, const struct ops *down, struct ops *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    if (!pg_query(pg, sql, params, 1, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++)
        if (!is_restored(down, answer_text(&a, i, 1)))
            add_statement(pg->base.ctx, ret, answer_copy(&a, i, 0));
    return true;
}

/* Rules, triggers and statistics are restored by operations of their own. */
static bool add_view_statements(struct pg *pg, const char *const *params, struct ops *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    if (!pg_query(pg, view_keepsakes_sql, params, 1, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++) {
        int64_t what = answer_int(&a, i, 0);
        bool is_written =
            (what == KEEPSAKE_OWNER && pg->base.manages & MANAGE_OWNERS) ||
            ((what == KEEPSAKE_GRANT || what == KEEPSAKE_COLUMN_GRANT) && pg->base.manages & MANAGE_GRANTS);
        if (!is_written && what != KEEPSAKE_RULE && what != KEEPSAKE_TRIGGER && what != KEEPSAKE_STATISTICS)
            add_statement(pg->base.ctx, ret, answer_copy(&a, i, 2));
    }
    return true;
}

static const char *table_sql(struct pg *pg)
{
    const char *at = strstr(publications_of_table, "{}");
    return ctx_printf(pg->base.ctx, "%.*s%s%s", (int)(at - publications_of_table), publications_of_table,
        pg->version >= 150000 ? membership_15 : membership, at + 2);
}

static bool is_created(const struct ops *ops, enum op_kind kind, const struct qname *name)
{
    vec_each(i, ops) {
        const struct op *op = ops->v[i];
        const struct qname *other =
            kind == OP_CREATE_TABLE ? &op->u.create_table.table.name : &op->u.view.view.name;
        if (op->kind == kind && qname_eq(other, name))
            return true;
    }
    return false;
}

static bool is_added(const struct ops *ops, const struct qname *table, const char *column)
{
    vec_each(i, ops) {
        const struct op *op = ops->v[i];
        if (op->kind == OP_ADD_COLUMN && qname_eq(&op->u.add_column.table, table) &&
            str_eq(op->u.add_column.column.name, column))
            return true;
    }
    return false;
}

static bool creates_index(const struct ops *ops, const struct op_drop_index *dropped)
{
    vec_each(i, ops) {
        const struct op *op = ops->v[i];
        if (op->kind == OP_CREATE_INDEX && qname_eq(&op->u.create_index.table, &dropped->table) &&
            str_eq(op->u.create_index.index.name, dropped->name))
            return true;
    }
    return false;
}

/* The name that a table has in the database, where the upgrade has renamed it. */
static struct qname name_before(const struct ops *up, const struct qname *table)
{
    struct qname name = *table;
    for (size_t i = up->n; i-- > 0;)
        if (up->v[i]->kind == OP_RENAME_TABLE && qname_eq(&up->v[i]->u.rename.new_name, &name))
            name = up->v[i]->u.rename.name;
    return name;
}

/* Models have no place for the statistics targets of an index, which is dropped and created again. */
static bool keep_index_statistics(struct pg *pg, const struct ops *up, const struct op_drop_index *dropped,
    const struct ops *down, struct ops *ret_up, struct ops *ret)
{
    const struct qname before = name_before(up, &dropped->table);
    const char *params[] = {quoted(pg, &before), dropped->name};
    return (!creates_index(up, dropped) || add_statements(pg, index_statistics, params, 2, 0, ret_up)) &&
           (!creates_index(down, dropped) || add_statements(pg, index_statistics, params, 2, 0, ret));
}

/* Objects that one operation of the upgrade drops and that the downgrade restores. */
static bool keep(struct pg *pg, const struct ops *up, const struct op *op, const struct ops *down,
    struct ops *ret_up, struct ops *ret)
{
    const char *params[2] = {0};
    if (op->kind == OP_DROP_TABLE && is_created(down, OP_CREATE_TABLE, &op->u.drop.name)) {
        params[0] = quoted(pg, &op->u.drop.name);
        params[1] = ctx_printf(pg->base.ctx, "%u", pg->base.manages);
        if (!add_publications(pg, table_sql(pg), params, down, ret) ||
            !add_statements(pg, grants_of_table, params, 2, 0, ret))
            return false;
        params[1] = NULL;
        return add_statements(pg, index_statistics, params, 2, 0, ret);
    }
    if (op->kind == OP_DROP_INDEX)
        return keep_index_statistics(pg, up, &op->u.drop_index, down, ret_up, ret);
    if (op->kind == OP_RENAME_TABLE && op->note == diff_note_aside) {
        struct ops both = {0}; /* the table is replaced by one that must have the same, in both directions */
        params[0] = quoted(pg, &op->u.rename.name);
        params[1] = ctx_printf(pg->base.ctx, "%u", pg->base.manages);
        if (!add_publications(pg, table_sql(pg), params, up, &both) ||
            !add_statements(pg, grants_of_table, params, 2, 0, &both))
            return false;
        vec_each(i, &both) {
            vec_add(pg->base.ctx, ret, both.v[i]);
            vec_add(pg->base.ctx, ret_up, both.v[i]);
        }
        return true;
    }
    if (op->kind == OP_DROP_VIEW && !is_created(up, OP_CREATE_VIEW, &op->u.drop.name) &&
        is_created(down, OP_CREATE_VIEW, &op->u.drop.name)) {
        params[0] = quoted(pg, &op->u.drop.name);
        return add_view_statements(pg, params, ret);
    }
    if (op->kind != OP_DROP_COLUMN || !is_added(down, &op->u.drop_column.table, op->u.drop_column.name))
        return true;
    if (pg->base.manages & MANAGE_GRANTS)
        return true; /* the comparison has written them */
    struct qname before = name_before(up, &op->u.drop_column.table);
    params[0] = quoted(pg, &before);
    params[1] = op->u.drop_column.name;
    return add_statements(pg, of_column, params, 2, 0, ret);
}

/* ---- inheritance -------------------------------------------------------------------------------------- */

static bool spread(struct pg *pg, const struct ops *up, struct ops *ops)
{
    struct ctx *ctx = pg->base.ctx;
    vec_each(i, ops) {
        struct op *op = ops->v[i];
        struct answer a CLEANUP(answer_finish) = {0};
        if (op->kind != OP_DROP_COLUMN)
            continue;
        struct qname before = name_before(up, &op->u.drop_column.table);
        const char *params[] = {quoted(pg, &before)};
        if (!pg_query(pg, heirs, params, 1, &a))
            return false;
        if (!answer_rows(&a) || !answer_text(&a, 0, 0))
            continue;
        op->u.drop_column.cascade = true;
        op->note = ctx_printf(
            ctx, "destroys the column's data, also in the tables that inherit it: %s", answer_text(&a, 0, 0));
    }
    return true;
}

/* ---- domains ------------------------------------------------------------------------------------------ */

/* The name that a domain has in the database, where the operations before have renamed it. */
static struct qname domain_before(struct ctx *ctx, const struct ops *ops, size_t at)
{
    struct qname name = ops->v[at]->u.object.object.name;
    for (size_t i = at; i-- > 0;)
        if (ops->v[i]->kind == op_kind_of_object(OBJECT_DOMAIN, OBJECT_RENAME)) {
            const struct qname renamed = op_renamed_object(&ctx->arena, ops->v[i]).name;
            if (qname_eq(&renamed, &name))
                name = ops->v[i]->u.object.object.name;
        }
    return name;
}

static bool check_domains(struct pg *pg, const struct ops *up, struct ops *down)
{
    const enum op_kind change = op_kind_of_object(OBJECT_DOMAIN, OBJECT_CHANGE);
    vec_each(i, up) {
        if (up->v[i]->kind != change)
            continue;
        const struct qname there = domain_before(pg->base.ctx, up, i);
        if (!pg_check_domain_change(pg, up->v[i], &there))
            return false;
    }
    vec_each(i, down)
        if (down->v[i]->kind == change && !pg_weaken_domain_change(pg, down->v[i]))
            return false;
    return true;
}

bool pg_complete(struct conn *conn, struct ops *up, struct ops *down)
{
    struct pg *pg = pg_of(conn);
    struct ops restored = {0}, restored_up = {0};
    if (!check_domains(pg, up, down) || !spread(pg, up, up) || !spread(pg, up, down))
        return false;
    vec_each(i, up)
        if (!keep(pg, up, up->v[i], down, &restored_up, &restored))
            return false;
    vec_each(i, &restored_up)
        vec_add(conn->ctx, up, restored_up.v[i]);
    vec_each(i, &restored)
        vec_add(conn->ctx, down, restored.v[i]);
    return true;
}
