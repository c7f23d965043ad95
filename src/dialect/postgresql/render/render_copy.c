/*
 * Renders copy_rows.
 *
 * Row security must not hide rows: with row_security off the server refuses to run a query that it would filter.
 */
#include "dialect/postgresql/render/render.h"

#include "dialect/postgresql/spell/names.h"

static const char *columns_text(struct rendering *r, const struct strings *columns)
{
    struct strings quoted = {0};
    vec_each(i, columns)
        vec_add(r->ctx, &quoted, pg_ident(&r->ctx->arena, columns->v[i]));
    return strings_join(&r->ctx->arena, &quoted, ", ");
}

/* Also a number that the sequence has not given yet, after RESTART. */
static void continue_sequence(struct rendering *r, const struct op_copy_rows *o, const char *column)
{
    struct sql body = pg_render_begin(r), q = pg_render_begin(r);
    const char *from = pg_qname(&r->ctx->arena, &o->from), *to = pg_qname(&r->ctx->arena, &o->table);
    sql_addf(&body,
        "DECLARE old text := pg_catalog.pg_get_serial_sequence(%L, %L); "
        "new text := pg_catalog.pg_get_serial_sequence(%L, %L); last bigint; called boolean; "
        "BEGIN IF old IS NOT NULL AND new IS NOT NULL THEN "
        "EXECUTE 'SELECT last_value, is_called FROM ' || old INTO last, called; "
        "PERFORM pg_catalog.setval(new, last, called); END IF; END",
        from, column, to, column);
    sql_addf(&q, "DO %L", sql_end(&body));
    pg_render_add(r, &q);
}

/* While the rows are copied, row security does not apply to the owner: it would hide rows, or reject them. */
static void copy(struct rendering *r, const struct op_copy_rows *o)
{
    const char *columns = columns_text(r, &o->columns);
    const char *from = pg_qname(&r->ctx->arena, &o->from), *to = pg_qname(&r->ctx->arena, &o->table);
    struct sql body = pg_render_begin(r), q = body;
    sql_addf(&body,
        "DECLARE forced regclass[] := ARRAY(SELECT c.oid FROM pg_catalog.pg_class c WHERE "
        "c.relforcerowsecurity "
        "AND c.oid IN (pg_catalog.to_regclass(%L), pg_catalog.to_regclass(%L))); one regclass; "
        "BEGIN FOREACH one IN ARRAY forced LOOP "
        "EXECUTE pg_catalog.format('ALTER TABLE %%s NO FORCE ROW LEVEL SECURITY', one); END LOOP; "
        "INSERT INTO %E (%E) OVERRIDING SYSTEM VALUE SELECT %E FROM %E; "
        "FOREACH one IN ARRAY forced LOOP "
        "EXECUTE pg_catalog.format('ALTER TABLE %%s FORCE ROW LEVEL SECURITY', one); END LOOP; END",
        from, to, to, columns, columns, from);
    sql_addf(&q, "DO %L", sql_end(&body));
    pg_render_add(r, &q);
}

static void take_owner(struct rendering *r, const struct op_copy_rows *o)
{
    struct sql body = pg_render_begin(r), q = body;
    const char *from = pg_qname(&r->ctx->arena, &o->from), *to = pg_qname(&r->ctx->arena, &o->table);
    sql_addf(&body,
        "DECLARE other name := (SELECT pg_catalog.pg_get_userbyid(a.relowner) FROM pg_catalog.pg_class a, "
        "pg_catalog.pg_class b WHERE a.oid = pg_catalog.to_regclass(%L) AND b.oid = "
        "pg_catalog.to_regclass(%L) "
        "AND a.relowner <> b.relowner); BEGIN IF other IS NOT NULL THEN "
        "EXECUTE pg_catalog.format('ALTER TABLE %%s OWNER TO %%I', %L, other); END IF; END",
        from, to, to);
    sql_addf(&q, "DO %L", sql_end(&body));
    pg_render_add(r, &q);
}

bool pg_render_copy_rows(struct rendering *r, const struct op *op)
{
    const struct op_copy_rows *o = &op->u.copy_rows;
    struct sql off = pg_render_begin(r), reset = off;
    sql_add(&off, "SET row_security = off");
    pg_render_add(r, &off);
    copy(r, o);
    sql_add(&reset, "RESET row_security");
    pg_render_add(r, &reset);
    if (o->with_owner)
        take_owner(r, o);
    vec_each(i, &o->numbered)
        continue_sequence(r, o, o->numbered.v[i]);
    return true;
}
