/* The state of a column before an operation: that of the server, or offline of the replayed schema, after the
 * earlier operations of the list. */
#include "dialect/postgresql/render/render_alter.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

/* The sequence of an identity, else that of a default which is nothing but its next number. */
#define SEQUENCE_OF_COLUMN \
    "(SELECT s.oid FROM pg_catalog.pg_depend p JOIN pg_catalog.pg_class s ON s.relkind = 'S' AND s.oid = " \
    "CASE " \
    "p.deptype WHEN 'i' THEN p.objid ELSE p.refobjid END " \
    "WHERE p.deptype = 'i' AND p.classid = 'pg_catalog.pg_class'::regclass " \
    "AND p.refclassid = 'pg_catalog.pg_class'::regclass AND p.refobjid = a.attrelid AND p.refobjsubid = " \
    "a.attnum " \
    "OR p.classid = 'pg_catalog.pg_attrdef'::regclass AND p.objid = d.oid AND p.deptype = 'n' " \
    "AND p.refclassid = 'pg_catalog.pg_class'::regclass " \
    "AND " PG_DEFAULT_TEXT " ~ '^nextval\\(''([^'']|'''')*''::regclass\\)$' " \
    "ORDER BY p.deptype LIMIT 1)"

#define OWNS_SEQUENCE \
    "EXISTS (SELECT FROM pg_catalog.pg_depend p WHERE p.classid = 'pg_catalog.pg_class'::regclass " \
    "AND p.objid = q.seqrelid AND p.refclassid = 'pg_catalog.pg_class'::regclass AND p.refobjid = " \
    "a.attrelid " \
    "AND p.refobjsubid = a.attnum AND p.deptype IN ('a', 'i'))"

static const char column_now_sql[] =
    "SELECT pg_catalog.format_type(a.atttypid, a.atttypmod), "
    "CASE WHEN a.attgenerated = '' THEN " PG_DEFAULT_TEXT " END, a.attidentity, "
    "a.attgenerated, t.typstorage, a.attnotnull, "
    "CASE WHEN a.attcollation <> t.typcollation THEN pg_catalog.format('\"%s\".\"%s\"', cn.nspname, "
    "co.collname) END, "
    "EXISTS (SELECT 1 FROM pg_catalog.pg_cast k WHERE k.castsource = a.atttypid "
    "AND k.casttarget = pg_catalog.to_regtype($3)), "
    "EXISTS (SELECT 1 FROM pg_catalog.pg_cast k WHERE k.castsource = a.atttypid "
    "AND k.casttarget = pg_catalog.to_regtype($3) AND k.castcontext IN ('a', 'i')), "
    "pg_catalog.col_description(a.attrelid, a.attnum), "
    "sn.nspname, s.relname, pg_catalog.format_type(q.seqtypid, NULL), " OWNS_SEQUENCE ", "
    "a.attnotnull AND q.seqtypid = a.atttypid AND q.seqincrement = 1 AND q.seqmin = 1 AND q.seqstart = 1 AND "
    "q.seqcache = 1 AND NOT q.seqcycle AND q.seqmax = CASE q.seqtypid WHEN 21 THEN 32767 WHEN 23 THEN "
    "2147483647 ELSE 9223372036854775807 END AND pg_catalog.obj_description(s.oid, 'pg_class') IS NULL, "
    "q.seqmin, q.seqmax FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
    "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
    "LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation "
    "LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace "
    "LEFT JOIN pg_catalog.pg_sequence q ON q.seqrelid = " SEQUENCE_OF_COLUMN " "
    "LEFT JOIN pg_catalog.pg_class s ON s.oid = q.seqrelid "
    "LEFT JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace "
    "WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = $2 AND NOT a.attisdropped";

enum {
    NOW_TYPE,
    NOW_DEFAULT,
    NOW_IDENTITY,
    NOW_GENERATED,
    NOW_STORAGE,
    NOW_NOT_NULL,
    NOW_COLLATION,
    NOW_HAS_CAST,
    NOW_IS_ASSIGNED,
    NOW_COMMENT,
    NOW_SEQUENCE_SCHEMA,
    NOW_SEQUENCE,
    NOW_SEQUENCE_TYPE,
    NOW_OWNS_SEQUENCE,
    NOW_IS_USUAL,
    NOW_SEQUENCE_MIN,
    NOW_SEQUENCE_MAX,
};

/* The column that an operation makes. */
static const struct column *column_of(const struct op *op, const struct qname *table, const char *column)
{
    const struct op_add_column *o = &op->u.add_column;
    const struct table *t = &op->u.create_table.table;
    if (op->kind == OP_CREATE_TABLE)
        return qname_eq(&t->name, table) ? table_column(t, column) : NULL;
    bool is_it = op->kind == OP_ADD_COLUMN && qname_eq(&o->table, table) && str_eq(o->column.name, column);
    return is_it ? &o->column : NULL;
}

/* The type of a column that an operation before this one adds; NULL: none does. */
static bool column_made_here(
    struct rendering *r, const struct qname *table, const char *column, const char **ret)
{
    for (size_t i = r->at; i-- > 0;) {
        const struct column *made = column_of(r->ops->v[i], table, column);
        if (!made)
            continue;
        struct column c = *made;
        *ret = c.native;
        return c.native || pg_type_native(r->ctx, NULL, &c, ret);
    }
    return true;
}

static bool column_now_online(struct rendering *r, const struct qname *table, const char *column,
    const char *type, struct column_now *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    struct qname old = pg_render_old_table(r, table);
    const char *params[] = {
        pg_qname(&r->ctx->arena, &old), pg_render_old_column(r, table, column), type ? type : "text"};
    if (!pg_query(r->pg, column_now_sql, params, 3, &a))
        return false;
    if (!answer_rows(&a))
        return column_made_here(r, table, column, &ret->type);
    *ret = (struct column_now){
        .known = true,
        .type = answer_copy(&a, 0, NOW_TYPE),
        .dflt = answer_copy(&a, 0, NOW_DEFAULT),
        .identity = *answer_text(&a, 0, NOW_IDENTITY),
        .generated = *answer_text(&a, 0, NOW_GENERATED),
        .storage = *answer_text(&a, 0, NOW_STORAGE),
        .not_null = answer_bool(&a, 0, NOW_NOT_NULL),
        .collation = answer_copy(&a, 0, NOW_COLLATION),
        .has_cast = answer_bool(&a, 0, NOW_HAS_CAST),
        .is_assigned = answer_bool(&a, 0, NOW_IS_ASSIGNED),
        .comment = answer_copy(&a, 0, NOW_COMMENT),
    };
    if (!answer_text(&a, 0, NOW_SEQUENCE))
        return true;
    ret->sequence.name = answer_copy(&a, 0, NOW_SEQUENCE);
    if (!str_eq(answer_text(&a, 0, NOW_SEQUENCE_SCHEMA), r->pg->base.default_schema))
        ret->sequence.schema = answer_copy(&a, 0, NOW_SEQUENCE_SCHEMA);
    ret->sequence_type = answer_copy(&a, 0, NOW_SEQUENCE_TYPE);
    ret->sequence_min = answer_copy(&a, 0, NOW_SEQUENCE_MIN);
    ret->sequence_max = answer_copy(&a, 0, NOW_SEQUENCE_MAX);
    ret->owns_sequence = answer_bool(&a, 0, NOW_OWNS_SEQUENCE);
    ret->is_serial = ret->owns_sequence && !ret->identity && answer_bool(&a, 0, NOW_IS_USUAL);
    return true;
}

static void sequence_offline(
    struct rendering *r, const struct table *t, const struct column *c, struct column_now *ret)
{
    struct qname name;
    bool comes_with_it, is_all;
    if (!pg_column_sequence(r->ctx, t, c, &name, &comes_with_it) ||
        (!comes_with_it &&
            !(pg_default_sequence(&r->ctx->arena, c->dflt.expr.native, &name, &is_all) && is_all)))
        return;
    for (int n = 1; comes_with_it && schema_sequence(r->state->schema, &name); n++)
        name.name = pg_object_name(&r->ctx->arena, t->name.name, c->name, ctx_printf(r->ctx, "seq%d", n));
    const struct sequence *q = comes_with_it ? NULL : schema_sequence(r->state->schema, &name);
    ret->sequence = name;
    ret->sequence_type = q && q->type ? q->type : comes_with_it ? c->native : "bigint";
    ret->owns_sequence = comes_with_it || (q && q->owner.name && qname_eq(&q->owner, &t->name) &&
                                              str_eq(q->owner_column, c->name));
    ret->is_serial = pg_is_serial(c);
    const struct sequence_options none = {0}, *o = q             ? &q->options
                                                   : c->identity ? &c->identity->options
                                                                 : &none;
    ret->sequence_min = pg_sequence_min(o, ret->sequence_type);
    ret->sequence_max = pg_sequence_max(o, ret->sequence_type);
    if (pg_is_serial(c)) {
        struct sql text = pg_render_begin(r);
        sql_addf(&text, "nextval(%L::regclass)", pg_qname(&r->ctx->arena, &name));
        ret->dflt = sql_end(&text);
    }
}

/* Without a connection it follows from the schema that the revisions have created so far. */
static void column_now_offline(
    struct rendering *r, const struct qname *table, const char *column, struct column_now *ret)
{
    struct qname old = pg_render_old_table(r, table);
    struct table *t = r->state->schema ? schema_table(r->state->schema, &old) : NULL;
    struct column *c = t ? table_column(t, pg_render_old_column(r, table, column)) : NULL;
    if (!c)
        return;
    bool is_key = pg_is_generated_key(t, c);
    *ret = (struct column_now){
        .known = true,
        .type = c->native,
        .dflt = c->dflt.expr.native,
        .collation = c->collation,
        .identity = is_key || (c->identity && c->identity->kind == IDENTITY_BY_DEFAULT) ? 'd'
                    : c->identity                                                       ? 'a'
                                                                                        : 0,
        .generated = !c->generated          ? 0
                     : c->generated->stored ? 's'
                                            : 'v',
        .comment = c->comment,
        .storage = 'x',
        .not_null = !c->nullable,
    };
    sequence_offline(r, t, c, ret);
}

/* Where the column takes its numbers from after an operation of the list. */
static void follow_sequence(
    struct rendering *r, const struct op_alter_column *o, const struct column *c, struct column_now *now)
{
    bool is_all, is_numbered = ALTER_HAS(o, ALTER_TYPE) && pg_is_serial(c);
    is_numbered |= (ALTER_HAS(o, ALTER_IDENTITY) && o->identity) ||
                   (ALTER_HAS(o, ALTER_AUTOINCREMENT) && o->autoincrement == TRI_TRUE);
    bool is_left = ALTER_HAS(o, ALTER_DEFAULT) || ALTER_HAS(o, ALTER_IDENTITY) ||
                   (ALTER_HAS(o, ALTER_AUTOINCREMENT) && o->autoincrement == TRI_FALSE);
    struct qname usual = {o->table.schema, pg_serial_sequence(&r->ctx->arena, o->table.name, o->name)}, name;
    if (is_numbered && (is_left || !now->sequence.name)) {
        now->sequence = usual;
        now->owns_sequence = true;
    } else if (is_left && !is_numbered) {
        now->owns_sequence = now->is_serial = false;
        now->sequence = (struct qname){0};
        if (ALTER_HAS(o, ALTER_DEFAULT) && pg_default_sequence(&r->ctx->arena, now->dflt, &name, &is_all) &&
            is_all)
            now->sequence = name;
    }
    if (is_numbered || (ALTER_HAS(o, ALTER_TYPE) && now->is_serial))
        now->sequence_type = now->type;
    if (is_numbered || is_left)
        now->sequence_min = now->sequence_max = NULL;
}

/* What an operation of the list has changed since. */
static bool follow_alter(struct rendering *r, const struct op_alter_column *o, struct column_now *now)
{
    struct column c = {.name = o->name, .type = o->type};
    struct sql dflt = pg_render_begin(r);
    if (ALTER_HAS(o, ALTER_TYPE)) {
        now->has_cast = now->is_assigned = false;
        if (!pg_type_native(r->ctx, NULL, &c, &now->type))
            return false;
    }
    if (ALTER_HAS(o, ALTER_NULLABLE))
        now->not_null = !o->nullable;
    if (ALTER_HAS(o, ALTER_COLLATION))
        now->collation = o->collation;
    if (ALTER_HAS(o, ALTER_DEFAULT) && o->dflt.kind != VALUE_NONE && !pg_render_value(r, &dflt, &o->dflt))
        return false;
    if (ALTER_HAS(o, ALTER_DEFAULT))
        now->dflt = *sql_end(&dflt) ? sql_end(&dflt) : NULL;
    if (ALTER_HAS(o, ALTER_GENERATED))
        now->generated = o->generated ? 's' : 0;
    if (ALTER_HAS(o, ALTER_IDENTITY))
        now->identity = !o->identity ? 0 : o->identity->kind == IDENTITY_ALWAYS ? 'a' : 'd';
    follow_sequence(r, o, &c, now);
    return true;
}

/* Operations are about this column if they lead back to the same column before the list. */
static bool follow_alters(
    struct rendering *r, const struct qname *table, const char *column, struct column_now *now)
{
    struct rendering then = *r;
    for (then.at = 0; then.at < r->at; then.at++) {
        const struct op *op = r->ops->v[then.at];
        const struct op_alter_column *o = &op->u.alter_column;
        if (op->kind != OP_ALTER_COLUMN)
            continue;
        struct qname was = pg_render_old_table(&then, &o->table), is = pg_render_old_table(r, table);
        if (qname_eq(&was, &is) &&
            str_eq(pg_render_old_column(&then, &o->table, o->name), pg_render_old_column(r, table, column)) &&
            !follow_alter(r, o, now))
            return false;
    }
    return true;
}

/* The name of the sequence after the renames of the list. */
static void follow_renames(
    struct rendering *r, struct qname table, const char *column, struct column_now *now)
{
    struct arena *a = &r->ctx->arena;
    for (size_t i = 0; now->sequence.name && i < r->at; i++) {
        const struct op *op = r->ops->v[i];
        bool is_usual =
            (now->identity || now->is_serial) && pg_is_serial_name(a, now->sequence.name, table.name, column);
        if (op->kind == OP_RENAME_SEQUENCE && qname_eq(&op->u.rename.name, &now->sequence)) {
            now->sequence = op->u.rename.new_name;
        } else if (op->kind == OP_RENAME_TABLE && qname_eq(&op->u.rename.name, &table)) {
            table = op->u.rename.new_name;
            if (is_usual)
                now->sequence.name = pg_serial_sequence(a, table.name, column);
            if (now->owns_sequence)
                now->sequence.schema = table.schema;
        } else if (op->kind == OP_RENAME_COLUMN && qname_eq(&op->u.rename_part.table, &table) &&
                   str_eq(op->u.rename_part.name, column)) {
            column = op->u.rename_part.new_name;
            if (is_usual)
                now->sequence.name = pg_serial_sequence(a, table.name, column);
        }
    }
}

bool pg_render_column_now(struct rendering *r, const struct qname *table, const char *column,
    const char *new_type, struct column_now *ret)
{
    *ret = (struct column_now){0};
    if (r->pg && !column_now_online(r, table, column, new_type, ret))
        return false;
    if (!r->pg)
        column_now_offline(r, table, column, ret);
    follow_renames(r, pg_render_old_table(r, table), pg_render_old_column(r, table, column), ret);
    return follow_alters(r, table, column, ret);
}
