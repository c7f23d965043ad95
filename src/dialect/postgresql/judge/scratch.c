/*
 * Which temporary objects print the models' texts?
 *
 * What has no expression in it (foreign keys, plain indexes) is left out. Objects of the default schema keep their
 * names, so that texts find and print them by these; others, and everything that may have no name, get one of ours.
 */
#include "dialect/postgresql/judge/scratch.h"

#include "dialect/postgresql/objects/objects.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

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

static bool has_word(const char *text, const char *word)
{
    return text && strstr(text, word);
}

static bool parts_have(const struct index_parts *parts, const char *word)
{
    vec_each(i, parts)
        if (has_word(parts->v[i]->expr.native, word))
            return true;
    return false;
}

static bool indexes_have(const struct indexes *list, const char *word)
{
    vec_each(i, list)
        if (has_word(list->v[i]->where.native, word) || parts_have(&list->v[i]->parts, word))
            return true;
    return false;
}

static bool table_has(const struct table *t, const char *word)
{
    struct constraint *c;
    vec_each(i, &t->columns) {
        const struct column *column = t->columns.v[i];
        if (has_word(column->native, word) || has_word(column->dflt.expr.native, word) ||
            (column->generated && has_word(column->generated->expr.native, word)))
            return true;
    }
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (has_word(c->check.native, word) || has_word(c->where.native, word) || parts_have(&c->parts, word))
            return true;
    return indexes_have(&t->indexes, word);
}

/* Whether any text of the wanted tables, views and objects has this word. */
static bool is_said(const struct judge *j, const char *word)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &j->wanted->objects[kind])
            if (has_word(j->wanted->objects[kind].v[i]->native, word))
                return true;
    vec_each(i, &j->wanted->views) {
        const struct view *v = j->wanted->views.v[i];
        if (has_word(v->body.native, word) || indexes_have(&v->indexes, word))
            return true;
    }
    vec_each(i, &j->wanted->tables)
        if (table_has(j->wanted->tables.v[i], word))
            return true;
    return false;
}

static const char *enum_name(struct judge *j, size_t at)
{
    return scratch_name(j, &j->wanted->enums.v[at]->name, "enum", at);
}

static void add_enums(struct judge *j)
{
    vec_each(i, &j->wanted->enums) {
        const struct enumeration *e = j->wanted->enums.v[i];
        if (!is_said(j, pg_ident(&j->ctx->arena, enum_name(j, i))))
            continue;
        struct sql q = sql_begin(j->ctx, &postgresql_dialect);
        struct creation *c = add_creation(j);
        mark(j, c, &q, e->pos, ctx_printf(j->ctx, "enum '%s'", e->name.name));
        sql_addf(&q, "CREATE TYPE pg_temp.%I AS ENUM (", enum_name(j, i));
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

static const char *do_block(struct judge *j, const char *body)
{
    const char *tag = dollar_tag(j->ctx, body);
    return ctx_printf(j->ctx, "DO %s %s %s", tag, body, tag);
}

/* For a block: runs a text, which cannot end the transaction then. */
static const char *execute_text(struct judge *j, const char *text)
{
    const char *tag = dollar_tag(j->ctx, text);
    return ctx_printf(j->ctx, "EXECUTE %s%s%s; ", tag, text, tag);
}

/* What an object is called among the temporary ones. */
const char *scratch_name(struct judge *j, const struct qname *name, const char *kind, size_t at)
{
    return name->schema ? ctx_printf(j->ctx, "cmig %s %zu", kind, at) : name->name;
}

bool scratch_says_sequence(const struct column *c)
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
    if (scratch_says_sequence(&c))
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
static void add_sequence_defaults(struct judge *j, const struct table *t, const char *name)
{
    vec_each(i, &t->columns) {
        const struct column *column = t->columns.v[i];
        if (!scratch_says_sequence(column))
            continue;
        struct creation *creation = add_creation(j);
        struct sql q = sql_begin(j->ctx, &postgresql_dialect);
        const char *tag = dollar_tag(j->ctx, column->dflt.expr.native);
        mark(j, creation, &q, column->pos, ctx_printf(j->ctx, "column '%s'", column->name));
        sql_addf(&q,
            "DO %E BEGIN ALTER TABLE pg_temp.%I ALTER COLUMN %I SET DEFAULT %E; "
            "EXCEPTION WHEN undefined_table OR invalid_schema_name THEN NULL; END %E",
            tag, name, column->name, column->dflt.expr.native, tag);
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

/* What the parent of a partition is called, which is created before; NULL: the table is no partition. */
static const char *scratch_parent(struct judge *j, const struct table *t)
{
    if (!table_is_partition(t))
        return NULL;
    vec_each(i, &j->wanted->tables)
        if (qname_eq(&j->wanted->tables.v[i]->name, &t->partition_of))
            return scratch_name(j, &t->partition_of, "table", i);
    return NULL;
}

/* With the parent's columns. */
static bool write_partition(struct judge *j, const struct table *t, const char *name, const char *parent,
    size_t at, struct creation *ret)
{
    struct sql q = sql_begin(j->ctx, &postgresql_dialect), parts = sql_begin(j->ctx, &postgresql_dialect);
    struct creation ignored = {0};
    mark(j, ret, &q, t->pos, ctx_printf(j->ctx, "partition '%s'", t->name.name));
    if (!add_table_constraints(j, &parts, &ignored, t, at))
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
    mark(j, ret, &q, t->pos, ctx_printf(j->ctx, "table '%s'", t->name.name));
    sql_addf(&q, "CREATE TEMPORARY TABLE %I (", name);
    vec_each(i, &t->columns) {
        sql_add(&q, i ? ",\n    " : "\n    ");
        mark(j, ret, &q, t->columns.v[i]->pos, ctx_printf(j->ctx, "column '%s'", t->columns.v[i]->name));
        if (!add_column(j, &q, t->columns.v[i]))
            return false;
    }
    if (!add_table_constraints(j, &q, ret, t, at))
        return false;
    sql_add(&q, "\n)");
    if (table_is_partitioned(t)) {
        mark(j, ret, &q, t->pos, ctx_printf(j->ctx, "'partition_by' of table '%s'", t->name.name));
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
    vec_each(i, &t->columns)
        if (t->columns.v[i]->generated)
            add_text(&q, &t->columns.v[i]->generated->expr);
    vec_each(i, &t->checks)
        add_text(&q, &t->checks.v[i]->check);
    vec_each(i, &t->indexes)
        if (scratch_has_index(t->indexes.v[i]))
            add_index_text(&q, t->indexes.v[i]);
    return sql_end(&q);
}

/* Two columns that are written alike print alike. NULL: it depends on more. */
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

/* Whether another column answers for this one; else it does for those that follow. */
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

/* By what a table can be partitioned; NULL where such a one cannot have all that it has, or views ask for its key. */
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
 * A table's files are most of what making it costs, and a partitioned one has none. Columns that no text names and
 * another answers for are left out, unless a text means a whole row by the table's name.
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
    struct creation *creation = add_creation(j);
    if (!write_table(j, t, name, at, creation) || (!is_type && !write_lean(j, t, name, at, &creation->lean)))
        return false;
    if (!scratch_parent(j, t))
        add_sequence_defaults(j, t, name);
    return true;
}

/* ---- indexes and views ------------------------------------------------------------------------------- */

/* One of these prints the same when it is not unique, and only then has none of what partitions would ask for. */
static bool is_btree(const struct index *x)
{
    return !x->using || str_eq(x->using, "btree");
}

const char *scratch_index_name(struct judge *j, size_t table, size_t at)
{
    return ctx_printf(j->ctx, "cmig_index_%zu_%zu", table, at);
}

static bool add_indexes(struct judge *j, const struct indexes *list, const char *name, size_t at)
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
        struct creation *creation = add_creation(j);
        struct sql q = sql_begin(j->ctx, &postgresql_dialect);
        mark(j, creation, &q, list->v[i]->pos,
            ctx_printf(j->ctx, "index '%s'", list->v[i]->name ? list->v[i]->name : ""));
        creation->sql = made.v[0]->text;
    }
    return true;
}

static void add_create_view(struct sql *q, const struct view *v, const char *name, const char *body)
{
    sql_addf(q, "CREATE TEMPORARY VIEW %I", name);
    if (v->columns.n)
        sql_addf(q, " %C", &v->columns);
    sql_addf(q, " AS\n%E\n; ", body);
}

/*
 * A view may read what is not there yet; then its text stays as it is. Or it calls a function with a row of a table, which
 * takes none of the stand-in's: the real tables may do. A function of which there is none under any signature is missing,
 * though.
 */
static void add_view(struct judge *j, const struct view *v, const char *name, const char *original)
{
    static const char missing[] =
        "EXCEPTION WHEN undefined_table OR undefined_column OR undefined_function OR undefined_object "
        "OR wrong_object_type OR insufficient_privilege OR datatype_mismatch OR ambiguous_function THEN ";
    static const char raise[] =
        "IF SQLSTATE = '42883' AND pg_catalog.strpos(SQLERRM, '(') > 0 AND NOT EXISTS (SELECT FROM "
        "pg_catalog.pg_proc p WHERE pg_catalog.strpos(SQLERRM, p.proname || '(') > 0) THEN RAISE; END IF; ";
    struct creation *creation = add_creation(j);
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    const char *body = v->body.native;
    const char *tag = dollar_tag(j->ctx, ctx_printf(j->ctx, "%s%s", body, original));
    mark(j, creation, &q, v->pos, ctx_printf(j->ctx, "view '%s'", v->name.name));
    sql_addf(&q, "DO %E DECLARE path text := pg_catalog.current_setting('search_path'); BEGIN ", tag);
    add_create_view(&q, v, name, body);
    sql_addf(&q,
        "%EBEGIN PERFORM pg_catalog.set_config('search_path', "
        "pg_catalog.regexp_replace(path, '^pg_temp(, *)?(.*)$', '\\2\\1pg_temp'), true); ",
        missing);
    add_create_view(&q, v, name, original);
    sql_addf(&q, "PERFORM pg_catalog.set_config('search_path', path, true); %E%E END; END %E", missing, raise,
        tag);
    creation->sql = sql_end(&q);
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
        c->sql = do_block(
            j, ctx_printf(j->ctx, "BEGIN %s; EXCEPTION WHEN undefined_table THEN NULL; END", c->sql));
    }
}

/* Temporary views have no indexes: a table that has the columns of the view does. */
static bool add_view_indexes(struct judge *j, size_t at)
{
    const struct view *v = j->wanted->views.v[at];
    const char *rows = scratch_rows_name(j, at);
    size_t from = j->list.n;
    bool any = false;
    vec_each(i, &v->indexes)
        any |= scratch_has_index(v->indexes.v[i]);
    if (!any)
        return true;
    struct creation *creation = add_creation(j);
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    mark(j, creation, &q, v->pos, ctx_printf(j->ctx, "view '%s'", v->name.name));
    sql_addf(&q, "CREATE TEMPORARY TABLE %I AS SELECT * FROM pg_temp.%I WITH NO DATA", rows,
        scratch_name(j, &v->name, "view", at));
    creation->sql = sql_end(&q);
    if (!add_indexes(j, &v->indexes, rows, j->wanted->tables.n + at))
        return false;
    forgive_missing(j, from);
    return true;
}

/* ---- all of it --------------------------------------------------------------------------------------- */

void scratch_relocate(struct judge *j)
{
    const struct schema *w = j->original;
    struct schema *copy = ctx_new(j->ctx, struct schema);
    *copy = *w;
    copy->tables = (struct tables){0};
    copy->views = (struct views){0};
    relocation_init(&j->texts, j->ctx, w->default_schema);
    relocation_init(&j->types, j->ctx, w->default_schema);
    j->wanted = copy;
    vec_each(i, &w->enums) {
        relocation_add(&j->texts, &w->enums.v[i]->name, enum_name(j, i));
        relocation_add(&j->types, &w->enums.v[i]->name, enum_name(j, i));
    }
    vec_each(i, &w->tables) {
        const struct qname *name = &w->tables.v[i]->name;
        relocation_add(&j->types, name, scratch_name(j, name, "table", i));
        if (!name->schema)
            relocation_add(&j->texts, name, NULL);
    }
    vec_each(i, &w->views) {
        const struct qname *name = &w->views.v[i]->name;
        relocation_add(&j->types, name, scratch_name(j, name, "view", i));
        if (!name->schema)
            relocation_add(&j->texts, name, NULL);
    }
    vec_each(i, &w->tables)
        vec_add(j->ctx, &copy->tables, relocate_table(&j->texts, &j->types, w->tables.v[i]));
    vec_each(i, &w->views)
        vec_add(j->ctx, &copy->views, relocate_view(&j->texts, w->views.v[i]));
    for (int kind = 0; kind < OBJECT_KINDS; kind++) {
        copy->objects[kind] = (struct objects){0};
        vec_each(i, &w->objects[kind]) {
            struct object *o = ctx_new(j->ctx, struct object);
            *o = *w->objects[kind].v[i];
            o->native = relocate(&j->types, o->native);
            vec_add(j->ctx, &copy->objects[kind], o);
        }
    }
}

/* The wanted table whose rows a column holds; their number when it is none. */
static size_t row_type_of(const struct judge *j, const struct column *c)
{
    size_t n = strcspn(c->native, "[");
    uintptr_t at = (uintptr_t)map_getn(&j->tables, c->native, n);
    return at ? (size_t)at - 1 : j->wanted->tables.n;
}

/* Tables whose rows others hold come before these, with all of their columns. */
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

static bool add_tables(struct judge *j)
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

/* ---- objects of the table of kinds ------------------------------------------------------------------- */

static void label_object(struct judge *j, struct creation *c, enum object_kind kind, const struct object *o)
{
    struct sql start = sql_begin(j->ctx, &postgresql_dialect);
    mark(j, c, &start, o->pos,
        ctx_printf(j->ctx, "%s '%s'", object_table[kind].name, object_text(&j->ctx->arena, o)));
}

static void add_extensions(struct judge *j)
{
    vec_each(i, &j->original->objects[OBJECT_EXTENSION]) {
        const struct object *o = j->original->objects[OBJECT_EXTENSION].v[i];
        struct statements list = {0};
        struct rendering r = j->r;
        struct creation *c = add_creation(j);
        r.ret = &list;
        pg_scratch_extension(&r, o, j->original->default_schema);
        c->sql = list.v[0]->text;
        label_object(j, c, OBJECT_EXTENSION, o);
    }
}

/* Whether the text that is printed tells more than the text that was written, and can be had without touching anything. */
static bool is_printed(enum object_kind kind)
{
    static const bool printed[OBJECT_KINDS] = {[OBJECT_COLLATION] = true,
        [OBJECT_TEXT_SEARCH_DICTIONARY] = true,
        [OBJECT_TYPE] = true,
        [OBJECT_DOMAIN] = true,
        [OBJECT_FUNCTION] = true,
        [OBJECT_PROCEDURE] = true,
        [OBJECT_AGGREGATE] = true,
        [OBJECT_STATISTICS] = true,
        [OBJECT_POLICY] = true,
        [OBJECT_RULE] = true,
        [OBJECT_TRIGGER] = true};
    return printed[kind];
}

/* Whether there are stand-ins with other names than their tables': a body may call its table's column by the table's name. */
static bool names_elsewhere(const struct judge *j)
{
    vec_each(i, &j->original->tables)
        if (j->original->tables.v[i]->name.schema)
            return true;
    return false;
}

/* In its own schema, where others find it, unless the role may not. */
static void add_real(struct judge *j, enum object_kind kind, const struct object *o)
{
    struct creation *c = add_creation(j);
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    struct sql schema = sql_begin(j->ctx, &postgresql_dialect);
    if (o->name.schema)
        sql_addf(&schema, "CREATE SCHEMA IF NOT EXISTS %I; ", o->name.schema);
    /* That the SQL creates what the models call it. */
    const char *check = "";
    if (kind == OBJECT_FUNCTION || kind == OBJECT_PROCEDURE) {
        struct sql found = sql_begin(j->ctx, &postgresql_dialect);
        sql_addf(&found,
            "IF pg_catalog.to_regprocedure(%L) IS NULL THEN RAISE 'its SQL creates it with other arguments' "
            "USING "
            "ERRCODE = 'invalid_function_definition'; END IF; ",
            ctx_printf(
                j->ctx, "%s(%s)", pg_qname(&j->ctx->arena, &o->name), relocate(&j->types, o->signature)));
        check = sql_end(&found);
    }
    sql_addf(&q,
        "DECLARE path text := pg_catalog.current_setting('search_path'); BEGIN "
        "PERFORM pg_catalog.set_config('search_path', pg_catalog.quote_ident(%L), true); %E%E"
        "PERFORM pg_catalog.set_config('search_path', path, true); "
        "%EEXCEPTION WHEN insufficient_privilege OR duplicate_object OR duplicate_function%E THEN NULL; END",
        j->original->default_schema, sql_end(&schema), execute_text(j, o->native), check,
        names_elsewhere(j) ? " OR undefined_table" : "");
    c->sql = do_block(j, sql_end(&q));
    label_object(j, c, kind, o);
}

static bool names_any(struct judge *j, const struct object *o, const struct map *names)
{
    struct map seen = MAP(j->ctx);
    struct strings words = {0};
    words_of_sql(j->ctx, o->native, &seen, &words);
    vec_each(i, &words) {
        const void *found = map_get(names, words.v[i]);
        if (found && found != o->key)
            return true;
    }
    return false;
}

static void add_to(struct judge *j, struct map *names, const struct qname *name, const void *what)
{
    map_set(names, str_lower(&j->ctx->arena, name->name), (void *)(uintptr_t)what);
}

static void collect_names(struct judge *j)
{
    j->names_of_tables = MAP(j->ctx);
    j->names_changed = MAP(j->ctx);
    vec_each(i, &j->original->tables)
        add_to(j, &j->names_of_tables, &j->original->tables.v[i]->name, j);
    vec_each(i, &j->original->views)
        add_to(j, &j->names_of_tables, &j->original->views.v[i]->name, j);
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &j->original->objects[kind]) {
            const struct object *o = j->original->objects[kind].v[i];
            if (!o->is_new && !o->of.name)
                add_to(j, &j->names_changed, &o->name, o->key);
        }
}

/*
 * As a temporary one, or on a stand-in of its table: inside of a block, which lets no statement end the transaction. Where
 * it names another object that changes, and needs that as it shall be, it cannot be made yet; nor where it needs a view
 * that could not be made.
 */
static void add_printed(struct judge *j, enum object_kind kind, const struct object *o)
{
    static const char forgiving[] =
        "EXCEPTION WHEN undefined_function OR undefined_object OR undefined_column OR wrong_object_type OR "
        "datatype_mismatch OR ambiguous_function OR invalid_function_definition OR undefined_table OR "
        "invalid_schema_name THEN NULL; ";
    struct creation *c = add_creation(j);
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    size_t at, n;
    const char *text = o->native;
    if (!o->of.name && object_sql_name(kind, text, &at, &n)) {
        size_t end = pg_statement_length(text);
        sql_addf(&q, "%E pg_temp.%I%E", ctx_printf(j->ctx, "%.*s", (int)at, text), o->name.name,
            ctx_printf(j->ctx, "%.*s", (int)(end - at - n), text + at + n));
        text = sql_end(&q);
    }
    bool forgives = names_any(j, o, &j->names_changed) || (o->of.name && j->original->views.n);
    c->sql =
        do_block(j, ctx_printf(j->ctx, "BEGIN %s%sEND", execute_text(j, text), forgives ? forgiving : ""));
    label_object(j, c, kind, o);
}

/* An object of a kind, or a view by its place. */
struct wanted_object {
    enum object_kind kind; /* OBJECT_KINDS: a view */
    const struct object *object;
    size_t view;
};

static struct wanted_object *want(
    struct judge *j, struct mentions *m, enum object_kind kind, const char *name, const char *text)
{
    struct wanted_object *w = ctx_new(j->ctx, struct wanted_object);
    w->kind = kind;
    mentions_add(m, name, text, w);
    return w;
}

/* Marks, in the order of kinds and of their lists, those that come after the tables: they need one, or another that does, and no
 * table needs them. */
static bool *find_late(struct judge *j)
{
    const struct schema *s = j->original;
    struct mentions m;
    struct pointers_found all = {0};
    mentions_begin(&m, j->ctx);
    struct map in_tables = MAP(j->ctx);
    vec_each(i, &s->tables)
        words_of_table(j->ctx, s->tables.v[i], &in_tables);
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &s->objects[kind]) {
            struct object *o = s->objects[kind].v[i];
            mentions_add(&m, o->name.name, o->native, o);
            vec_add(j->ctx, &all, o);
        }
    bool *late = arena_alloc(&j->ctx->arena, all.n + 1), *early = arena_alloc(&j->ctx->arena, all.n + 1);
    vec_each(i, &all) {
        const struct object *o = all.v[i];
        late[i] = o->of.name || names_any(j, o, &j->names_of_tables);
        early[i] = !o->of.name && map_get(&in_tables, str_lower(&j->ctx->arena, o->name.name));
    }
    mentions_spread(&m, early, true);
    vec_each(i, &all)
        late[i] &= !early[i];
    mentions_spread(&m, late, false);
    vec_each(i, &all)
        late[i] &= !early[i];
    return late;
}

/* Those that need no tables, or the others and the views, each after those that it names. */
static struct pointers_found in_order(struct judge *j, const bool *is_late, bool late)
{
    const struct schema *s = j->original;
    struct mentions m;
    mentions_begin(&m, j->ctx);
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        for (size_t i = 0; i < s->objects[kind].n; i++) {
            const struct object *o = j->wanted->objects[kind].v[i];
            bool this_late = *is_late++ || kind == OBJECT_STATISTICS;
            if (object_table[kind].has_sql && kind != OBJECT_EVENT_TRIGGER && this_late == late)
                want(j, &m, (enum object_kind)kind, o->name.name, o->native)->object = o;
        }
    for (size_t i = 0; late && i < s->views.n; i++)
        want(j, &m, OBJECT_KINDS, s->views.v[i]->name.name, s->views.v[i]->body.native)->view = i;
    return mentions_order(&m);
}

static void add_object(struct judge *j, enum object_kind kind, const struct object *o)
{
    /* What follows the first statement names it by the name that it has not. */
    bool is_one = o->of.name || !o->native[pg_statement_length(o->native)];
    if (o->is_new && !o->of.name && kind != OBJECT_STATISTICS)
        add_real(j, kind, o);
    else if (is_printed(kind) && is_one)
        add_printed(j, kind, o);
}

static void add_in_order(struct judge *j, const bool *is_late, bool late)
{
    const struct pointers_found all = in_order(j, is_late, late);
    struct pointers_found on_tables = {0};
    vec_each(i, &all) {
        struct wanted_object *w = all.v[i];
        const struct view *v = w->object ? NULL : j->wanted->views.v[w->view];
        if (v)
            add_view(j, v, scratch_name(j, &v->name, "view", w->view),
                pg_render_expr(&j->original->views.v[w->view]->body));
        else if (w->object->of.name)
            vec_add(j->ctx, &on_tables, w);
        else
            add_object(j, w->kind, w->object);
    }
    vec_each(i, &on_tables) {
        const struct wanted_object *w = on_tables.v[i];
        add_object(j, w->kind, w->object);
    }
}

bool scratch_add_all(struct judge *j)
{
    const struct schema *w = j->wanted;
    collect_names(j);
    const bool *is_late = find_late(j);
    add_extensions(j);
    add_enums(j);
    add_in_order(j, is_late, false);
    if (!add_tables(j))
        return false;
    vec_each(i, &w->tables)
        if (!add_indexes(j, &w->tables.v[i]->indexes, scratch_name(j, &w->tables.v[i]->name, "table", i), i))
            return false;
    add_in_order(j, is_late, true);
    vec_each(i, &w->views)
        if (w->views.v[i]->materialized && !add_view_indexes(j, i))
            return false;
    return true;
}
