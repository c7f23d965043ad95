/*
 * Stand-ins for tables, their indexes, and the indexes of materialized views.
 *
 * What has no expression in it (foreign keys, plain indexes) is left out.
 */
#include "dialect/postgresql/judge/scratch.h"

#include "dialect/postgresql/objects/objects.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

bool scratch_says_sequence(const struct column *c)
{
    static const char *const words[] = {"nextval", "currval", "setval", "regclass"};
    for (size_t i = 0; c->dflt.kind == VALUE_SQL && i < COUNT_OF(words); i++)
        if (strstr(c->dflt.expr.native, words[i]))
            return true;
    return false;
}

static bool add_column(struct judge *j, struct sql *q, const struct column *column)
{
    /* Numbering needs a sequence and prints nothing. */
    struct column c = *column;
    c.identity = NULL;
    c.nullable = true;
    c.autoincrement = TRI_FALSE;
    c.type = (struct dtext){0};
    if (scratch_says_sequence(&c))
        c.dflt = (struct value){0};
    return pg_render_column_definition(&j->r, q, NULL, &c);
}

static bool add_named_constraint(struct judge *j, struct sql *q, struct creation *creation,
    const struct constraint *from, const char *name)
{
    struct constraint c = *from;
    sql_add(q, ",\n    ");
    scratch_mark(j, creation, q, from->pos,
        from->name ? ctx_printf(j->ctx, "constraint '%s'", from->name) : "constraint");
    c.name = name;
    return pg_render_constraint(&j->r, q, &c);
}

/* An exclusion constraint's name is also that of its index, and temporary tables share one schema. */
const char *scratch_constraint_name(struct judge *j, const char *kind, size_t table, size_t at)
{
    return ctx_printf(j->ctx, "cmig_%s_%zu_%zu", kind, table, at);
}

static bool add_table_constraints(
    struct judge *j, struct sql *q, struct creation *creation, const struct table *t, size_t at)
{
    vec_each(i, &t->checks)
        if (!add_named_constraint(j, q, creation, t->checks.v[i], scratch_constraint_name(j, "check", at, i)))
            return false;
    vec_each(i, &t->excludes)
        if (!add_named_constraint(
                j, q, creation, t->excludes.v[i], scratch_constraint_name(j, "exclude", at, i)))
            return false;
    /* What a view may group by depends on the key. */
    if (t->primary_key && j->wanted->views.n) {
        struct constraint key = {.kind = CONSTRAINT_PRIMARY_KEY, .columns = t->primary_key->columns};
        return add_named_constraint(j, q, creation, &key, scratch_constraint_name(j, "key", at, 0));
    }
    return true;
}

/* A sequence may not be there yet, nor its schema; then the text stays as it is. */
static void add_sequence_defaults(struct judge *j, const struct table *t, const char *name, bool only_own)
{
    vec_each(i, &t->columns) {
        const struct column *column = t->columns.v[i];
        if (!scratch_says_sequence(column) || (only_own && !column->own_default))
            continue;
        struct creation *creation = scratch_creation(j);
        struct sql q = sql_begin(j->ctx, &postgresql_dialect);
        const char *tag = scratch_dollar_tag(j->ctx, column->dflt.expr.native);
        scratch_mark(j, creation, &q, column->pos, ctx_printf(j->ctx, "column '%s'", column->name));
        sql_addf(&q,
            "DO %E BEGIN ALTER TABLE pg_temp.%I ALTER COLUMN %I SET DEFAULT %E; "
            "EXCEPTION WHEN undefined_table OR invalid_schema_name THEN NULL; END %E",
            tag, name, column->name, column->dflt.expr.native, tag);
        creation->sql = sql_end(&q);
    }
}

/*
 * The body of a trigger function is not checked before it runs: so its expression is read as one over two rows of
 * the table. It may name tables that do not exist yet.
 */
static void add_on_updates(struct judge *j, const struct table *t, const char *name)
{
    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i];
        const char *text;
        if (c->is_inherited || !column_on_update(j->ctx, &postgresql_dialect, c, &text) || !text)
            continue;
        struct creation *creation = scratch_creation(j);
        struct sql q = sql_begin(j->ctx, &postgresql_dialect);
        const char *tag = scratch_dollar_tag(j->ctx, text);
        scratch_mark(j, creation, &q, c->pos, ctx_printf(j->ctx, "'on_update' of column '%s'", c->name));
        sql_addf(&q,
            "DO %E BEGIN PERFORM CAST((%E) AS %E) FROM pg_temp.%I AS new, pg_temp.%I AS old LIMIT 0; "
            "EXCEPTION WHEN undefined_table OR invalid_schema_name THEN NULL; END %E",
            tag, text, c->native, name, name, tag);
        creation->sql = sql_end(&q);
    }
}

bool scratch_has_index(const struct index *x)
{
    vec_each(i, &x->parts)
        if (!x->parts.v[i]->column || x->parts.v[i]->opclass || x->parts.v[i]->collation)
            return true;
    return pg_render_expr(&x->where) != NULL;
}

/* The name of a partition's parent, which is created before it; NULL: the table is not a partition. */
static const char *scratch_parent(struct judge *j, const struct table *t)
{
    if (!table_is_partition(t))
        return NULL;
    vec_each(i, &j->wanted->tables)
        if (qname_eq(&j->wanted->tables.v[i]->name, &t->partition_of))
            return scratch_name(j, &t->partition_of, "table", i);
    return NULL;
}

/* Defaults that are not the parent's. */
static bool add_own_defaults(struct judge *j, struct sql *q, struct creation *creation, const struct table *t)
{
    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i];
        if (!c->own_default || c->generated)
            continue;
        sql_add(q, ",\n    ");
        scratch_mark(j, creation, q, c->pos, ctx_printf(j->ctx, "the default of column '%s'", c->name));
        sql_addf(q, "%I DEFAULT ", c->name);
        if (c->dflt.kind == VALUE_NONE || scratch_says_sequence(c))
            sql_add(q, "NULL");
        else if (!pg_render_value(&j->r, q, &c->dflt))
            return false;
    }
    return true;
}

/* With the parent's columns. */
static bool write_partition(struct judge *j, const struct table *t, const char *name, const char *parent,
    size_t at, struct creation *ret)
{
    struct sql q = sql_begin(j->ctx, &postgresql_dialect), parts = sql_begin(j->ctx, &postgresql_dialect);
    struct creation ignored = {0};
    scratch_mark(j, ret, &q, t->pos, ctx_printf(j->ctx, "partition '%s'", t->name.name));
    if (!add_own_defaults(j, &parts, &ignored, t) || !add_table_constraints(j, &parts, &ignored, t, at))
        return false;
    const char *rest = sql_end(&parts);
    sql_addf(&q, "CREATE TEMPORARY TABLE %I PARTITION OF pg_temp.%I%E%E%E %E", name, parent,
        *rest ? " (" : "", *rest ? rest + 1 : "", *rest ? ")" : "", pg_render_expr(&t->bound));
    if (table_is_partitioned(t))
        sql_addf(&q, " PARTITION BY %E", pg_render_expr(&t->partition_by));
    ret->sql = sql_end(&q);
    return true;
}

static bool write_table(
    struct judge *j, const struct table *t, const char *name, size_t at, struct creation *ret)
{
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    const char *parent = scratch_parent(j, t);
    if (parent)
        return write_partition(j, t, name, parent, at, ret);
    scratch_mark(j, ret, &q, t->pos, ctx_printf(j->ctx, "table '%s'", t->name.name));
    sql_addf(&q, "CREATE TEMPORARY TABLE %I (", name);
    vec_each(i, &t->columns) {
        sql_add(&q, i ? ",\n    " : "\n    ");
        scratch_mark(
            j, ret, &q, t->columns.v[i]->pos, ctx_printf(j->ctx, "column '%s'", t->columns.v[i]->name));
        if (!add_column(j, &q, t->columns.v[i]))
            return false;
    }
    if (!add_table_constraints(j, &q, ret, t, at))
        return false;
    sql_add(&q, "\n)");
    if (table_is_partitioned(t)) {
        scratch_mark(j, ret, &q, t->pos, ctx_printf(j->ctx, "'partition_by' of table '%s'", t->name.name));
        sql_addf(&q, " PARTITION BY %E", pg_render_expr(&t->partition_by));
    }
    ret->sql = sql_end(&q);
    return true;
}

/* ---- as little as a table needs ---------------------------------------------------------------------- */

static void add_text(struct sql *q, const struct expr *e)
{
    const char *text = pg_render_expr(e);
    if (text)
        sql_addf(q, "%E\n", text);
}

static void add_index_text(struct sql *q, const struct index *x)
{
    vec_each(i, &x->parts) {
        if (x->parts.v[i]->column)
            sql_addf(q, "%I\n", x->parts.v[i]->column);
        else
            add_text(q, &x->parts.v[i]->expr);
    }
    vec_each(i, &x->include)
        sql_addf(q, "%I\n", x->include.v[i]);
    add_text(q, &x->where);
}

/* All that may name the table's columns. */
static const char *table_text(struct judge *j, const struct table *t)
{
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i];
        if (c->generated)
            add_text(&q, &c->generated->expr);
        if (c->on_update.kind != VALUE_NONE)
            add_text(&q, &c->on_update.expr);
    }
    vec_each(i, &t->checks)
        add_text(&q, &t->checks.v[i]->check);
    vec_each(i, &t->indexes)
        if (scratch_has_index(t->indexes.v[i]))
            add_index_text(&q, t->indexes.v[i]);
    return sql_end(&q);
}

/* Two columns that are written alike are printed alike. NULL: the printed form depends on more than the text. */
static const char *words_of(struct judge *j, const struct column *column)
{
    struct column c = *column;
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    if (c.generated || scratch_says_sequence(&c))
        return NULL;
    c.name = "";
    return add_column(j, &q, &c) ? sql_end(&q) : NULL;
}

const struct stand_in *scratch_stand_in(struct judge *j, const struct column *c)
{
    const char *words = words_of(j, c);
    return words ? map_get(&j->alike, words) : NULL;
}

/* Whether another column represents this one; if not, this one represents later ones. */
static bool is_answered(struct judge *j, const char *table, const struct column *c)
{
    const char *words = words_of(j, c);
    if (!words)
        return false;
    if (map_get(&j->alike, words))
        return true;
    struct stand_in *s = ctx_new(j->ctx, struct stand_in);
    *s = (struct stand_in){table, c->name};
    map_set(&j->alike, words, s);
    return false;
}

/* The key by which a stand-in can be partitioned; NULL if a partitioned table cannot have all parts of the table,
 * or if views need its key. */
static const struct column *partition_key(const struct judge *j, const struct table *t)
{
    if (j->wanted->views.n || t->excludes.n || j->has_objects)
        return NULL;
    vec_each(i, &t->checks)
        if (t->checks.v[i]->no_inherit)
            return NULL;
    vec_each(i, &t->columns)
        if (!t->columns.v[i]->generated)
            return t->columns.v[i];
    return NULL;
}

/*
 * Most of the cost of creating a table is its files, and a partitioned one has none. Columns that no text names
 * and another one represents are left out, unless a text uses the table's name for a whole row.
 */
static bool write_lean(
    struct judge *j, const struct table *t, const char *name, size_t at, const char **ret_sql)
{
    const struct column *key = table_is_partitioned(t) || table_is_partition(t) ? NULL : partition_key(j, t);
    if (!key)
        return true;
    struct table part = *t;
    struct creation made = {0};
    const char *said = table_text(j, t);
    bool asked = *said, all = sql_mentions(said, t->name.name) || table_column(t, t->name.name);
    part.columns = (struct columns){0};
    vec_each(i, &t->columns) {
        struct column *c = t->columns.v[i];
        bool needed = !is_answered(j, name, c);
        asked |= needed;
        if (all || needed || c == key || sql_mentions(said, c->name))
            vec_add(j->ctx, &part.columns, c);
    }
    if (!write_table(j, &part, name, at, &made))
        return false;
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    sql_addf(&q, "%E PARTITION BY LIST ((%I IS NULL))", made.sql, key->name);
    *ret_sql = asked ? sql_end(&q) : "";
    return true;
}

static bool add_table(struct judge *j, const struct table *t, const char *name, size_t at, bool is_type)
{
    struct creation *creation = scratch_creation(j);
    if (!write_table(j, t, name, at, creation) || (!is_type && !write_lean(j, t, name, at, &creation->lean)))
        return false;
    const struct table *sure = scratch_sure_table(j, at);
    struct creation without = {0};
    if (sure && !write_table(j, sure, name, at, &without))
        return false;
    creation->sure = without.sql;
    bool has_parent = scratch_parent(j, t);
    add_sequence_defaults(j, t, name, has_parent);
    if (!has_parent)
        add_on_updates(j, t, name);
    return true;
}

/* ---- indexes and views ------------------------------------------------------------------------------- */

/* Such an index is printed in the same way without UNIQUE, which would need the partition key. */
static bool is_btree(const struct index *x)
{
    return !x->using || str_eq(x->using, "btree");
}

const char *scratch_index_name(struct judge *j, size_t table, size_t at)
{
    return ctx_printf(j->ctx, "cmig_index_%zu_%zu", table, at);
}

bool scratch_add_indexes(struct judge *j, const struct indexes *list, const char *name, size_t at)
{
    vec_each(i, list) {
        struct op_create_index o = {.table = {"pg_temp", name}, .index = *list->v[i]};
        struct statements made = {0};
        if (!scratch_has_index(&o.index))
            continue;
        o.index.name = scratch_index_name(j, at, i);
        o.index.comment = NULL;
        o.index.options = NULL;
        o.index.unique &= !is_btree(&o.index);
        j->r.ret = &made;
        if (!pg_render_index(&j->r, &o.table, &o))
            return false;
        struct creation *creation = scratch_creation(j);
        struct sql q = sql_begin(j->ctx, &postgresql_dialect);
        scratch_mark(j, creation, &q, list->v[i]->pos,
            ctx_printf(j->ctx, "index '%s'", list->v[i]->name ? list->v[i]->name : ""));
        creation->sql = made.v[0]->text;
        if (at < j->original->tables.n &&
            scratch_index_is_unsure(j, j->original->tables.v[at], j->original->tables.v[at]->indexes.v[i]))
            creation->sure = "";
    }
    return true;
}

const char *scratch_rows_name(struct judge *j, size_t view)
{
    return ctx_printf(j->ctx, "cmig rows %zu", view);
}

/* Makes the statements from number `from` on do nothing where the view could not be created. */
static void forgive_missing(struct judge *j, size_t from)
{
    for (size_t i = from; i < j->list.n; i++) {
        struct creation *c = j->list.v[i];
        c->sql = scratch_do_block(
            j, ctx_printf(j->ctx, "BEGIN %s; EXCEPTION WHEN undefined_table THEN NULL; END", c->sql));
    }
}

/* Temporary views have no indexes: a table that has the columns of the view does. */
bool scratch_add_view_indexes(struct judge *j, size_t at)
{
    const struct view *v = j->wanted->views.v[at];
    const char *rows = scratch_rows_name(j, at);
    size_t from = j->list.n;
    bool any = false;
    vec_each(i, &v->indexes)
        any |= scratch_has_index(v->indexes.v[i]);
    if (!any)
        return true;
    struct creation *creation = scratch_creation(j);
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    scratch_mark(j, creation, &q, v->pos, ctx_printf(j->ctx, "view '%s'", v->name.name));
    sql_addf(&q, "CREATE TEMPORARY TABLE %I AS SELECT * FROM pg_temp.%I WITH NO DATA", rows,
        scratch_name(j, &v->name, "view", at));
    creation->sql = sql_end(&q);
    if (!scratch_add_indexes(j, &v->indexes, rows, j->wanted->tables.n + at))
        return false;
    forgive_missing(j, from);
    return true;
}

/* ---- in order ---------------------------------------------------------------------------------------- */

/* The wanted table whose rows a column contains; the number of tables if there is none. */
static size_t row_type_of(const struct judge *j, const struct column *c)
{
    size_t n = strcspn(c->native, "[");
    uintptr_t at = (uintptr_t)map_getn(&j->tables, c->native, n);
    return at ? (size_t)at - 1 : j->wanted->tables.n;
}

/* Tables whose rows other tables contain come before those, with all of their columns. */
struct tables_walk {
    struct judge *j;
    bool *is_type, *done;
};

static bool add_table_behind(struct tables_walk *w, size_t at)
{
    struct judge *j = w->j;
    const struct table *t = j->wanted->tables.v[at];
    w->done[at] = true;
    for (size_t i = 0; table_is_partition(t) && i < j->wanted->tables.n; i++)
        if (qname_eq(&j->wanted->tables.v[i]->name, &t->partition_of) && !w->done[i] &&
            !add_table_behind(w, i))
            return false;
    vec_each(i, &t->columns) {
        size_t other = row_type_of(j, t->columns.v[i]);
        if (other < j->wanted->tables.n && !w->done[other] && !add_table_behind(w, other))
            return false;
    }
    return add_table(j, t, scratch_name(j, &t->name, "table", at), at, w->is_type[at]);
}

bool scratch_add_tables(struct judge *j)
{
    const struct tables *tables = &j->wanted->tables;
    struct arena *arena = &j->ctx->arena;
    struct tables_walk w = {
        .j = j, .is_type = arena_alloc(arena, tables->n + 1), .done = arena_alloc(arena, tables->n + 1)};
    vec_each(i, tables)
        map_set(&j->tables, pg_ident(arena, scratch_name(j, &tables->v[i]->name, "table", i)),
            (void *)(uintptr_t)(i + 1));
    vec_each(i, tables)
        vec_each(k, &tables->v[i]->columns)
            w.is_type[row_type_of(j, tables->v[i]->columns.v[k])] = true;
    vec_each(i, tables)
        if (!w.done[i] && !add_table_behind(&w, i))
            return false;
    return true;
}
