/*
 * Reflects an SQLite database.
 *
 * One statement reads the texts of sqlite_schema, and the parser does the rest. That is faster than the
 * pragmas, which must be run for each table and omit half of the information.
 */
#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/on_update.h"
#include "dialect/sqlite/parse.h"
#include "dialect/sqlite/token.h"
#include "dialect/sqlite/virtual.h"

/* A row of sqlite_schema. */
struct entry {
    const char *type, *name, *table, *sql;
};
struct entries VEC_OF(struct entry *);

struct reflection {
    struct sqlite_conn *c;
    struct ctx *ctx;
    const struct scope *scope;
    struct entries entries;
    struct map tables;  /* name in lower case → struct table: all of them, also what is out of scope */
    struct map names;   /* name in lower case → its spelling: tables and views */
    struct map types;   /* a type as written → as it is compared */
    struct map modules; /* name → whether the linked SQLite has it */
    struct VEC_OF(struct virtual_table *) virtuals;
    struct schema *schema;
};

static bool read_entries(struct reflection *r)
{
    STMT stmt = NULL;
    bool row = false;
    if (!sqlite_prepare(r->c, "SELECT type, name, tbl_name, sql FROM sqlite_schema", &stmt))
        return false;
    for (;;) {
        if (!sqlite_step(r->c, stmt, &row))
            return false;
        if (!row)
            return true;
        struct entry *e = ctx_new(r->ctx, struct entry);
        *e = (struct entry){sqlite_text(r->c, stmt, 0), sqlite_text(r->c, stmt, 1),
            sqlite_text(r->c, stmt, 2), sqlite_text(r->c, stmt, 3)};
        vec_add(r->ctx, &r->entries, e);
    }
}

/* ---- what is read ------------------------------------------------------------------------------------ */

static bool is_out_of_scope(const struct reflection *r, const char *kind, const char *name)
{
    const struct qname q = {.name = name};
    return scope_excludes(r->scope, kind, &q, NULL);
}

static bool is_internal(const struct entry *e)
{
    return strncmp(e->name, "sqlite_", 7) == 0 || !e->sql;
}

/* The virtual table that keeps its data in the table; NULL: none. */
static const struct virtual_table *find_owner(const struct reflection *r, const char *name)
{
    vec_each(i, &r->virtuals)
        if (virtual_owns(r->virtuals.v[i], name))
            return r->virtuals.v[i];
    return NULL;
}

static struct unmodelled *add_unmodelled(
    struct reflection *r, const char *kind, const char *name, const char *detail)
{
    struct unmodelled *u = ctx_new(r->ctx, struct unmodelled);
    *u = (struct unmodelled){.kind = kind, .name = {.name = name}, .detail = detail};
    if (!is_out_of_scope(r, kind, name))
        vec_add(r->ctx, &r->schema->unmodelled, u);
    return u;
}

/* ---- tables ------------------------------------------------------------------------------------------ */

/* What the pragma knows of a table that the parser cannot parse: better than to treat it as missing. */
static bool reflect_columns(struct reflection *r, const struct entry *e, struct table **ret)
{
    struct table *t = ctx_new(r->ctx, struct table);
    STMT stmt = NULL;
    bool row;
    t->name.name = e->name;
    if (!sqlite_prepare(r->c, "SELECT name, type, \"notnull\", dflt_value FROM pragma_table_xinfo(?)", &stmt))
        return false;
    sqlite3_bind_text(stmt, 1, e->name, -1, SQLITE_STATIC);
    while (sqlite_step(r->c, stmt, &row) && row) {
        struct column *c = ctx_new(r->ctx, struct column);
        c->name = sqlite_text(r->c, stmt, 0);
        c->native = sqlite_text(r->c, stmt, 1);
        c->nullable = !sqlite3_column_int(stmt, 2);
        c->dflt.expr.native = sqlite_text(r->c, stmt, 3);
        c->dflt.kind = c->dflt.expr.native ? VALUE_SQL : VALUE_NONE;
        vec_add(r->ctx, &t->columns, c);
    }
    *ret = t;
    return r->ctx->err.status == STATUS_OK;
}

static void remember(struct reflection *r, const struct entry *e, struct table *t)
{
    const char *key = str_lower(&r->ctx->arena, e->name);
    map_set(&r->names, key, (void *)(uintptr_t)e->name);
    if (t)
        map_set(&r->tables, key, t);
}

/* SQLite accepts empty names; models and operations cannot express them. */
static bool has_empty_name(const struct table *t)
{
    bool empty = !*t->name.name;
    vec_each(i, &t->columns)
        empty = empty || !*t->columns.v[i]->name;
    return empty;
}

static bool reflect_table(struct reflection *r, const struct entry *e)
{
    struct parsed_table parsed;
    const char *problem;
    struct table *t;
    if (parse_table(r->ctx, e->sql, &r->types, &parsed, &problem)) {
        t = parsed.table;
        t->name.name = e->name;
    } else {
        if (!reflect_columns(r, e, &t))
            return false;
        add_unmodelled(r, "table definition", e->name, ctx_printf(r->ctx, "cannot parse it at %s", problem))
            ->sql = e->sql;
    }
    remember(r, e, t);
    if (has_empty_name(t))
        add_unmodelled(r, "table", e->name, "with an empty name")->sql = e->sql;
    else if (!is_out_of_scope(r, "table", e->name))
        vec_add(r->ctx, &r->schema->tables, t);
    return true;
}

static bool has_module(struct reflection *r, const char *module)
{
    static const char yes[] = "yes", no[] = "no";
    const char *known = map_get(&r->modules, module);
    if (!known)
        map_set(&r->modules, module, (void *)(known = virtual_has_module(r->ctx, module) ? yes : no));
    return known == yes;
}

/* Without its module a table can be neither created nor dropped, so it is left alone. */
static bool reflect_virtual_table(struct reflection *r, const struct entry *e)
{
    struct virtual_table *v = ctx_new(r->ctx, struct virtual_table);
    struct objects *list = &r->schema->objects[OBJECT_VIRTUAL_TABLE];
    if (!virtual_parse(r->ctx, e->sql, v))
        return false;
    v->name = e->name;
    vec_add(r->ctx, &r->virtuals, v);
    map_set(&r->names, str_lower(&r->ctx->arena, e->name), (void *)e->name);
    if (!*e->name) {
        add_unmodelled(r, "virtual table", e->name, "with an empty name")->sql = e->sql;
        return true;
    }
    if (is_out_of_scope(r, "virtual table", e->name))
        return true;
    if (!has_module(r, v->module)) {
        add_unmodelled(r, "virtual table", e->name,
            ctx_printf(r->ctx, "SQLite %s does not have its module '%s'", sqlite3_libversion(), v->module))
            ->sql = virtual_sql(r->ctx, v);
        return true;
    }
    struct object *o = ctx_new(r->ctx, struct object);
    o->key = o->name.name = e->name;
    o->native = virtual_sql(r->ctx, v);
    o->rank = list->n;
    vec_add(r->ctx, list, o);
    return true;
}

/* A table of a virtual table is not part of the models. Those of an unknown module can only be guessed. */
static bool is_shadow(struct reflection *r, const struct entry *e)
{
    const struct virtual_table *v = find_owner(r, e->name);
    if (v && v->holding == HOLDS_UNKNOWN)
        add_unmodelled(r, "table", e->name, ctx_printf(r->ctx, "perhaps of virtual table '%s'", v->name));
    return v != NULL;
}

static bool reflect_tables(struct reflection *r)
{
    struct entries tables = {0};
    vec_each(i, &r->entries) {
        struct entry *e = r->entries.v[i];
        if (str_eq(e->type, "table") && !is_internal(e) && !reflect_virtual_table(r, e))
            vec_add(r->ctx, &tables, e);
    }
    vec_each(i, &tables)
        if (!is_shadow(r, tables.v[i]) && !reflect_table(r, tables.v[i]))
            return false;
    return true;
}

/* REFERENCES parent, without columns, means its primary key, which must have as many; SQLite notices late. */
static void complete_reference(struct reflection *r, struct constraint *k)
{
    const struct table *parent = map_get(&r->tables, str_lower(&r->ctx->arena, k->references.name));
    if (!parent)
        return;
    if (!k->referred_columns.n && parent->primary_key && parent->primary_key->columns.n == k->columns.n)
        vec_each(i, &parent->primary_key->columns)
            vec_add(r->ctx, &k->referred_columns, parent->primary_key->columns.v[i]);
}

static void complete_references(struct reflection *r)
{
    vec_each(i, &r->schema->tables) {
        struct table *t = r->schema->tables.v[i];
        vec_each(k, &t->foreign_keys)
            complete_reference(r, t->foreign_keys.v[k]);
    }
}

/* ---- the rest ---------------------------------------------------------------------------------------- */

static void reflect_index(struct reflection *r, const struct entry *e)
{
    struct table *t = map_get(&r->tables, str_lower(&r->ctx->arena, e->table));
    const char *problem;
    struct index *index;
    if (!t || is_out_of_scope(r, "table", t->name.name) || is_out_of_scope(r, "index", e->name))
        return;
    if (!*e->name)
        add_unmodelled(r, "index", e->name, "with an empty name")->sql = e->sql;
    else if (parse_index(r->ctx, e->sql, t, &index, &problem))
        vec_add(r->ctx, &t->indexes, index);
    else
        add_unmodelled(r, "index", e->name, ctx_printf(r->ctx, "cannot parse it at %s", problem))->sql =
            e->sql;
}

/* The tables and views that a body names. */
static void find_dependencies(struct reflection *r, struct view *v)
{
    struct tokens t;
    tokens_read(r->ctx, v->body.native, strlen(v->body.native), &t);
    vec_each(i, &t) {
        if (t.v[i].kind != TOKEN_WORD && t.v[i].kind != TOKEN_QUOTED)
            continue;
        char *name = token_name(&r->ctx->arena, &t.v[i]);
        const char *known = map_get(&r->names, str_lower(&r->ctx->arena, name));
        if (known && !str_eq(known, v->name.name) && !strings_have(&v->depends_on, known))
            vec_add(r->ctx, &v->depends_on, known);
    }
    strings_sort(&v->depends_on);
}

static void reflect_view(struct reflection *r, const struct entry *e)
{
    const char *problem;
    struct view *v;
    if (is_out_of_scope(r, "view", e->name))
        return;
    if (!parse_view(r->ctx, e->sql, &v, &problem)) {
        add_unmodelled(r, "view", e->name, ctx_printf(r->ctx, "cannot parse it at %s", problem))->sql =
            e->sql;
        return;
    }
    v->name.name = e->name;
    if (!*e->name) {
        add_unmodelled(r, "view", e->name, "with an empty name")->sql = e->sql;
        return;
    }
    find_dependencies(r, v);
    vec_add(r->ctx, &r->schema->views, v);
}

static void reflect_trigger(struct reflection *r, const struct entry *e)
{
    if (is_out_of_scope(r, "table", e->table) || is_out_of_scope(r, "trigger", e->name))
        return;
    struct object *o = ctx_new(r->ctx, struct object);
    o->key = o->name.name = e->name;
    o->of.name = o->goes_with.name = e->table;
    o->native = e->sql;
    o->detail = ctx_printf(r->ctx, "on %s", e->table);
    o->rank = r->schema->objects[OBJECT_TRIGGER].n;
    vec_add(r->ctx, &r->schema->objects[OBJECT_TRIGGER], o);
}

/* Those of `on_update` belong to the columns. */
static void reflect_triggers(struct reflection *r, struct table *t, const struct entries *list)
{
    struct on_update_triggers triggers = {0};
    vec_each(i, list)
        vec_add(r->ctx, &triggers, ((struct on_update_trigger){list->v[i]->name, list->v[i]->sql, false}));
    if (t)
        on_update_fold(r->ctx, t, &triggers);
    vec_each(i, list)
        if (!triggers.v[i].is_taken)
            reflect_trigger(r, list->v[i]);
}

/* Those that have such a name, table by table. */
static void reflect_on_updates(struct reflection *r, const struct entries *list)
{
    struct map done = MAP(r->ctx);
    vec_each(i, list) {
        const char *table = str_lower(&r->ctx->arena, list->v[i]->table);
        struct entries same = {0};
        if (map_get(&done, table))
            continue;
        map_set(&done, table, list->v[i]);
        for (size_t k = i; k < list->n; k++)
            if (str_eq_ci(list->v[k]->table, table))
                vec_add(r->ctx, &same, list->v[k]);
        reflect_triggers(r, map_get(&r->tables, table), &same);
    }
}

static void reflect_others(struct reflection *r)
{
    struct entries on_updates = {0};
    vec_each(i, &r->entries)
        if (str_eq(r->entries.v[i]->type, "view"))
            remember(r, r->entries.v[i], NULL);
    vec_each(i, &r->entries) {
        struct entry *e = r->entries.v[i];
        if (is_internal(e))
            continue;
        if (str_eq(e->type, "index"))
            reflect_index(r, e);
        else if (str_eq(e->type, "view"))
            reflect_view(r, e);
        else if (str_eq(e->type, "trigger") && on_update_is_name(e->name))
            vec_add(r->ctx, &on_updates, e);
        else if (str_eq(e->type, "trigger"))
            reflect_trigger(r, e);
    }
    reflect_on_updates(r, &on_updates);
}

/* Numbers in the file's header, which applications set. */
static bool reflect_header(struct reflection *r)
{
    static const char *const names[] = {"user_version", "application_id"};
    STMT stmt = NULL;
    bool row;
    if (!sqlite_prepare(r->c,
            "SELECT nullif(user_version, 0), nullif(application_id, 0) FROM pragma_user_version, "
            "pragma_application_id",
            &stmt) ||
        !sqlite_step(r->c, stmt, &row))
        return false;
    for (int i = 0; row && i < (int)COUNT_OF(names); i++) {
        const char *value = sqlite_text(r->c, stmt, i);
        if (!value)
            continue;
        if (!r->schema->options)
            r->schema->options = ctx_new(r->ctx, struct options);
        options_set(r->ctx, r->schema->options, "sqlite", names[i], value);
    }
    return true;
}

bool sqlite_reflect(struct conn *conn, const struct scope *scope, struct schema *ret)
{
    struct ctx *ctx = conn->ctx;
    struct reflection r = {.c = sqlite_conn(conn),
        .ctx = ctx,
        .scope = scope,
        .tables = MAP(ctx),
        .names = MAP(ctx),
        .types = MAP(ctx),
        .modules = MAP(ctx)};
    r.schema = ctx_new(ctx, struct schema);
    if (!read_entries(&r) || !reflect_tables(&r) || !reflect_header(&r))
        return fail_in(ctx, "cannot read the schema of database '%s'", r.c->path);
    reflect_others(&r);
    complete_references(&r);
    schema_sort(r.schema);
    *ret = *r.schema;
    return true;
}
