/*
 * Rebuilds a table without losing anything.
 *
 * The procedure of section 7 of lang_altertable.html: create the new table under another name, copy the rows,
 * drop the old table, rename the new one. Foreign keys are off (see sqlite_begin), and the old way of renaming
 * leaves views, triggers and the references of other tables as they are. The old table is never renamed: that
 * would rewrite them.
 */
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/render.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/types.h"

struct rebuild {
    struct change *ch;
    struct rendering *r;
    struct ctx *ctx;
    const char *table, *temporary;
    struct shadow_rows kept; /* indexes that are created again */
};

/* ---- rows -------------------------------------------------------------------------------------------- */

static const char *source_of(const struct rebuild *b, const struct column *c)
{
    return map_get(&b->ch->sources, str_lower(&b->ctx->arena, c->name));
}

/* Whether every column is copied unchanged, in its position: then SQLite may copy whole rows. */
static bool is_whole(const struct rebuild *b)
{
    const struct table *old = b->ch->before.table, *new = b->ch->after;
    if (old->columns.n != new->columns.n || b->ch->sources.n)
        return false;
    vec_each(i, &new->columns)
        if (new->columns.v[i]->generated ||
            change_before(b->ch, new->columns.v[i]->name) != old->columns.v[i])
            return false;
    return true;
}

/* A name of the hidden rowid that no column has, or NULL. */
static const char *rowid_name(const struct rebuild *b)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        bool taken = false;
        vec_each(k, &b->ch->before.table->columns)
            taken = taken || str_eq_ci(b->ch->before.table->columns.v[k]->name, names[i]);
        vec_each(k, &b->ch->after->columns)
            taken = taken || str_eq_ci(b->ch->after->columns.v[k]->name, names[i]);
        if (!taken)
            return names[i];
    }
    return NULL;
}

/* Whether the hidden rowids are 1, 2, 3, …: then copying gives the same ones by itself. */
static bool has_plain_rowids(const struct rebuild *b, const char *rowid)
{
    struct sqlite_conn *c = rendering_rows(b->r);
    const char *plain = NULL;
    struct sql q = sql_begin(b->ctx, &sqlite_dialect);
    sql_addf(
        &q, "SELECT count(*) = 0 OR (min(%E) = 1 AND max(%E) = count(*)) FROM %I", rowid, rowid, b->table);
    if (!c)
        return false;
    if (!sqlite_query(c, sql_end(&q), &plain)) {
        if (!ctx_interrupted(b->ctx))
            err_clear(b->ctx); /* does not exist yet: created by this revision */
        return false;
    }
    return str_eq(plain, "1");
}

/* The rowid that must be copied by name, or NULL: there is none, it is a column, or it comes out the same. */
static const char *rowid_to_copy(const struct rebuild *b)
{
    const struct table *old = b->ch->before.table, *new = b->ch->after;
    if (table_flag(old, "without_rowid") || table_flag(new, "without_rowid") || table_rowid_alias(new))
        return NULL;
    const char *rowid = rowid_name(b);
    return rowid && !has_plain_rowids(b, rowid) ? rowid : NULL;
}

static void add_to(struct sql *q, bool *first, const char *text, bool is_name)
{
    if (!*first)
        sql_add(q, ", ");
    *first = false;
    sql_addf(q, is_name ? "%I" : "%E", text);
}

static const char *copy_columns(const struct rebuild *b, const char *rowid)
{
    struct sql into = sql_begin(b->ctx, &sqlite_dialect), from = sql_begin(b->ctx, &sqlite_dialect);
    bool first_into = true, first_from = true;
    if (rowid) {
        add_to(&into, &first_into, rowid, false);
        add_to(&from, &first_from, rowid, false);
    }
    vec_each(i, &b->ch->after->columns) {
        const struct column *c = b->ch->after->columns.v[i], *before = change_before(b->ch, c->name);
        const char *source = source_of(b, c);
        if (c->generated || (!before && !source))
            continue;
        add_to(&into, &first_into, c->name, true);
        add_to(&from, &first_from, source ? source : before->name, !source);
    }
    if (first_into)
        return NULL;
    struct sql q = sql_begin(b->ctx, &sqlite_dialect);
    sql_addf(
        &q, "INSERT INTO %I (%E) SELECT %E FROM %I", b->temporary, sql_end(&into), sql_end(&from), b->table);
    return sql_end(&q);
}

static void copy_rows(struct rebuild *b)
{
    const char *rowid = rowid_to_copy(b), *sql;
    if (is_whole(b) && !rowid) {
        struct sql q = sql_begin(b->ctx, &sqlite_dialect);
        sql_addf(&q, "INSERT INTO %I SELECT * FROM %I", b->temporary, b->table);
        sql = sql_end(&q);
    } else {
        sql = copy_columns(b, rowid);
    }
    if (!sql)
        return;
    struct statement *s = rendering_add(b->r, sql, b->ch->op);
    s->flags |= STATEMENT_COPY;
    s->subject = b->table;
    s->key = change_op_of(b->ch, OP_CREATE_UNIQUE_CONSTRAINT);
    if (!s->key)
        s->key = change_op_of(b->ch, OP_CREATE_PRIMARY_KEY);
}

/* ---- the counter of AUTOINCREMENT -------------------------------------------------------------------- */

static bool is_counted(const struct table *t)
{
    const struct column *c = table_rowid_alias(t);
    return c && c->options && str_eq(options_get(c->options, "sqlite", "autoincrement"), "true");
}

/* Copying sets it to the highest existing id; those of deleted rows would be reused. The row outlives
 * AUTOINCREMENT itself, which may be restored later. */
static void copy_counter(struct rebuild *b)
{
    struct sql q = sql_begin(b->ctx, &sqlite_dialect);
    if (!is_counted(b->ch->before.table) && !is_counted(b->ch->after))
        return;
    sql_addf(&q,
        "INSERT INTO sqlite_sequence (name, seq) SELECT %L, max(seq) FROM sqlite_sequence WHERE name IN (%L, "
        "%L) "
        "HAVING count(*) > 0",
        b->temporary, b->table, b->temporary);
    rendering_add(b->r, sql_end(&q), b->ch->op);
    q = sql_begin(b->ctx, &sqlite_dialect);
    sql_addf(&q,
        "DELETE FROM sqlite_sequence WHERE name = %L OR (name = %L AND rowid < (SELECT max(rowid) FROM "
        "sqlite_sequence WHERE name = %L))",
        b->table, b->temporary, b->temporary);
    rendering_add(b->r, sql_end(&q), b->ch->op);
}

/* ---- replacing --------------------------------------------------------------------------------------- */

/* SQLite puts the new name in quotes; the text gets the former spelling again. */
static bool restore_name(struct rebuild *b)
{
    const struct layout *l = &b->ch->layout;
    if (!b->ch->is_spliced || !rendering_rows(b->r) || *l->name == '"')
        return true;
    return edit_text(b->r, b->ch->op, b->table, b->ch->text);
}

static void replace(struct rebuild *b)
{
    struct sql q = sql_begin(b->ctx, &sqlite_dialect);
    sql_addf(&q, "DROP TABLE %I", b->table);
    rendering_add(b->r, sql_end(&q), b->ch->op);
    rendering_add(b->r, "PRAGMA legacy_alter_table = ON", b->ch->op);
    q = sql_begin(b->ctx, &sqlite_dialect);
    sql_addf(&q, "ALTER TABLE %I RENAME TO %I", b->temporary, b->table);
    rendering_add(b->r, sql_end(&q), b->ch->op);
    rendering_add(b->r, "PRAGMA legacy_alter_table = OFF", b->ch->op);
}

static bool table_has_index(const struct table *t, const char *name)
{
    vec_each(i, &t->indexes)
        if (str_eq_ci(t->indexes.v[i]->name, name))
            return true;
    return false;
}

static bool makes_index(const struct pending *p, const char *name)
{
    vec_each(i, &p->ops)
        if (p->ops.v[i]->kind == OP_CREATE_INDEX && str_eq_ci(p->ops.v[i]->u.create_index.index.name, name))
            return true;
    return false;
}

/* The indexes that are there before and afterwards. An operation may have dropped one with its column. */
static void find_kept(struct rebuild *b)
{
    const struct change *ch = b->ch;
    vec_each(i, &ch->indexes)
        if (table_has_index(ch->after, ch->indexes.v[i]->name) &&
            !makes_index(ch->pending, ch->indexes.v[i]->name))
            vec_add(b->ctx, &b->kept, ch->indexes.v[i]);
}

/* Indexes and triggers were dropped with the old table; they are created again unchanged. */
static void restore(struct rebuild *b)
{
    const struct change *ch = b->ch;
    vec_each(i, &b->kept)
        rendering_add(b->r, b->kept.v[i]->sql, ch->op);
    vec_each(i, &ch->triggers)
        rendering_add(b->r, ch->triggers.v[i]->sql, ch->op);
}

/* Whether a copied value may change. */
static bool converts(const struct rebuild *b)
{
    if (b->ch->sources.n)
        return true;
    vec_each(i, &b->ch->after->columns) {
        const struct column *c = b->ch->after->columns.v[i], *before = change_before(b->ch, c->name);
        if (before && type_affinity(before->native) != type_affinity(c->native))
            return true;
    }
    return false;
}

/* Values that were copied unchanged refer, and are referred to, as before: rows that already violated a key are
 * then no obstacle. */
static bool concern_keys(struct rebuild *b)
{
    struct shadow_rows children;
    bool changed = converts(b);
    if (b->ch->after->foreign_keys.n && (changed || change_has_new_keys(b->ch)))
        change_concern(b->ch, b->table);
    if (!changed && change_keeps_keys(b->ch))
        return true;
    if (!shadow_rows(b->r,
            "SELECT DISTINCT m.name, NULL FROM sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE "
            "m.type = "
            "'table' AND f.\"table\" = ? COLLATE NOCASE ORDER BY m.name",
            b->table, &children))
        return false;
    vec_each(i, &children)
        change_concern(b->ch, children.v[i]->name);
    return true;
}

/* ---- without rows ------------------------------------------------------------------------------------ */

/* In the database, SQLite writes the new name in quotes, and only a spliced text gets its former spelling back. Where a
 * module is missing, the shadow must show whether renaming fails. */
static struct exchange *exchange_begin(struct rebuild *b, const struct statement *first)
{
    if ((!b->ch->is_spliced && rendering_rows(b->r)) || b->r->modules.n)
        return NULL;
    struct exchange *e = ctx_new(b->ctx, struct exchange);
    *e = (struct exchange){.first = first, .table = b->table, .text = b->ch->text};
    vec_add(b->ctx, &b->r->exchanges, e);
    return e;
}

const struct exchange *exchange_at(struct exchanges *list, const struct statement *s)
{
    const struct exchange *e = list->at < list->n ? list->v[list->at] : NULL;
    if (!e || (!list->inside && e->first != s))
        return NULL;
    list->inside = e->last != s;
    list->at += !list->inside;
    return e;
}

void exchange_run(struct ctx *ctx, const struct sqlite_conn *c, const struct exchange *e)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q, "DROP TABLE %I", e->table);
    sqlite3_exec(c->db, sql_end(&q), NULL, NULL, NULL);
    sqlite3_exec(c->db, e->text, NULL, NULL, NULL);
}

/* ---- all of it --------------------------------------------------------------------------------------- */

bool rebuild_table(struct change *ch)
{
    struct rebuild b = {.ch = ch, .r = ch->r, .ctx = ch->r->ctx, .table = ch->before.table->name.name};
    find_kept(&b);
    if (!missing_check_rebuild(ch, &b.kept) || !missing_check_collations(ch, &b.kept) ||
        !change_free_name(ch, &b.temporary))
        return false;
    if (!rendering_rows(b.r))
        change_check_known(ch);
    change_check_rows(ch);
    struct exchange *exchange = exchange_begin(&b, rendering_add(b.r, change_text(ch, b.temporary), ch->op));
    copy_rows(&b);
    copy_counter(&b);
    if (!statistics_save(ch, &b.kept, b.temporary))
        return false;
    replace(&b);
    if (exchange)
        exchange->last = b.r->out->v[b.r->out->n - 1];
    if (!restore_name(&b) || !statistics_rename_table(b.r, ch->op, b.temporary, b.table))
        return false;
    restore(&b);
    return concern_keys(&b) && change_create_indexes(ch);
}
