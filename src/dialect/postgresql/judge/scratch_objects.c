/*
 * Objects given as SQL, and views: what is new is created where it belongs, what differs as a temporary one, each after
 * what it names.
 */
#include "dialect/postgresql/judge/scratch.h"

#include "dialect/postgresql/objects/objects.h"
#include "dialect/postgresql/spell/names.h"

/* For a block: runs a text, which cannot end the transaction then. */
static const char *execute_text(struct judge *j, const char *text)
{
    const char *tag = scratch_dollar_tag(j->ctx, text);
    return ctx_printf(j->ctx, "EXECUTE %s%s%s; ", tag, text, tag);
}

/* ---- views ------------------------------------------------------------------------------------------- */

static void add_create_view(struct sql *q, const struct view *v, const char *name, const char *body)
{
    sql_addf(q, "CREATE TEMPORARY VIEW %I", name);
    if (v->columns.n)
        sql_addf(q, " %C", &v->columns);
    sql_addf(q, " AS\n%E\n; ", body);
}

/*
 * A view may read an object that does not exist yet; then its text stays unchanged. Or it calls a function with a
 * row of a table, which does not accept a row of the stand-in; then the real tables may work. But if no function of
 * that name exists, under any signature, it is missing.
 */
static void add_view(struct judge *j, const struct view *v, const char *name, const char *original)
{
    static const char missing[] =
        "EXCEPTION WHEN undefined_table OR undefined_column OR undefined_function OR undefined_object "
        "OR wrong_object_type OR insufficient_privilege OR datatype_mismatch OR ambiguous_function THEN ";
    static const char raise[] =
        "IF SQLSTATE = '42883' AND pg_catalog.strpos(SQLERRM, '(') > 0 AND NOT EXISTS (SELECT FROM "
        "pg_catalog.pg_proc p WHERE pg_catalog.strpos(SQLERRM, p.proname || '(') > 0) THEN RAISE; END IF; ";
    struct creation *creation = scratch_creation(j);
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    const char *body = v->body.native;
    const char *tag = scratch_dollar_tag(j->ctx, ctx_printf(j->ctx, "%s%s", body, original));
    scratch_mark(j, creation, &q, v->pos, ctx_printf(j->ctx, "view '%s'", v->name.name));
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

/* ---- objects ----------------------------------------------------------------------------------------- */

static void label_object(struct judge *j, struct creation *c, enum object_kind kind, const struct object *o)
{
    struct sql start = sql_begin(j->ctx, &postgresql_dialect);
    scratch_mark(j, c, &start, sql_file_pos(&o->file, &o->sql, "postgresql", 0, o->pos),
        ctx_printf(j->ctx, "%s '%s'", object_table[kind].name, object_text(&j->ctx->arena, o)));
}

void scratch_add_extensions(struct judge *j)
{
    vec_each(i, &j->original->objects[OBJECT_EXTENSION]) {
        const struct object *o = j->original->objects[OBJECT_EXTENSION].v[i];
        struct statements list = {0};
        struct rendering r = j->r;
        struct creation *c = scratch_creation(j);
        r.ret = &list;
        pg_scratch_extension(&r, o, j->original->default_schema);
        c->sql = list.v[0]->text;
        label_object(j, c, OBJECT_EXTENSION, o);
    }
}

/* Whether the text that is printed tells more than the text that was written, and can be had without touching anything. */
bool scratch_is_printed(enum object_kind kind)
{
    static const bool printed[OBJECT_KINDS] = {[OBJECT_COLLATION] = true,
        [OBJECT_TEXT_SEARCH_DICTIONARY] = true,
        [OBJECT_TEXT_SEARCH_CONFIGURATION] = true,
        [OBJECT_OPERATOR] = true,
        [OBJECT_CAST] = true,
        [OBJECT_EVENT_TRIGGER] = true,
        [OBJECT_TYPE] = true,
        [OBJECT_DOMAIN] = true,
        [OBJECT_FUNCTION] = true,
        [OBJECT_PROCEDURE] = true,
        [OBJECT_AGGREGATE] = true,
        [OBJECT_OPERATOR_FAMILY] = true,
        [OBJECT_OPERATOR_CLASS] = true,
        [OBJECT_TRANSFORM] = true,
        [OBJECT_STATISTICS] = true,
        [OBJECT_POLICY] = true,
        [OBJECT_RULE] = true,
        [OBJECT_TRIGGER] = true,
        [OBJECT_FOREIGN_TABLE] = true};
    return printed[kind];
}

const char *scratch_renamed(struct ctx *ctx, enum object_kind kind, const char *sql, const char *name)
{
    struct str out = STR(ctx);
    while (*sql) {
        size_t end = pg_statement_length(sql), at, n;
        const char *next = sql_skip_space(sql + end + (sql[end] == ';'), SQL_POSTGRESQL);
        bool is_first = !out.n;
        if (is_first ? !object_sql_name(kind, sql, &at, &n) : !object_altered_name(kind, sql, &at, &n))
            return NULL;
        str_addf(&out, "%s%.*s%s%.*s", is_first ? "" : ";\n", (int)at, sql, name, (int)(end - at - n),
            sql + at + n);
        sql = next;
    }
    return str_get(&out);
}

/* Whether there are stand-ins with other names than their tables': a body may call its table's column by the table's name. */
static bool names_elsewhere(const struct judge *j)
{
    vec_each(i, &j->original->tables)
        if (j->original->tables.v[i]->name.schema)
            return true;
    return false;
}

/* A range type has companion types, whose names are in use by those of the type with the old name. */
static const char *rename_sql(struct judge *j, enum object_kind kind, const struct object *o)
{
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    struct qname old;
    if (kind != OBJECT_TYPE || !o->is_renamed || !qname_parse(&j->ctx->arena, o->renamed_from, &old) ||
        !str_eq(old.schema, o->name.schema))
        return NULL;
    sql_addf(&q, "ALTER TYPE %Q RENAME TO %I", &old, o->name.name);
    return sql_end(&q);
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

/* `after`: what follows the default schema in the path. pg_temp is searched first unless it stands there. */
static void add_in_place(
    struct judge *j, struct sql *q, const char *after, const char *make, const char *check)
{
    sql_addf(q,
        "PERFORM pg_catalog.set_config('search_path', pg_catalog.quote_ident(%L) || '%E', true); %E"
        "PERFORM pg_catalog.set_config('search_path', path, true); %E",
        j->original->default_schema, after, make, check);
}

/* In its own schema, where others find it, unless the role may not. The functions that exist accept only the existing
 * form of a type that changes. */
static void add_real(struct judge *j, enum object_kind kind, const struct object *o)
{
    struct creation *c = scratch_creation(j);
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    struct sql schema = sql_begin(j->ctx, &postgresql_dialect);
    if (o->name.schema)
        sql_addf(&schema, "CREATE SCHEMA IF NOT EXISTS %I; ", o->name.schema);
    /* That the SQL creates what the models call it. */
    const char *check = "", *renames = rename_sql(j, kind, o);
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
    const char *make =
        ctx_printf(j->ctx, "%s%s", sql_end(&schema), execute_text(j, renames ? renames : o->native));
    sql_add(&q, "DECLARE path text := pg_catalog.current_setting('search_path'); BEGIN ");
    add_in_place(j, &q, "", make, check);
    sql_addf(&q,
        "EXCEPTION WHEN insufficient_privilege OR duplicate_object OR duplicate_function%E THEN NULL; ",
        names_elsewhere(j) ? " OR undefined_table" : "");
    if (names_any(j, o, &j->names_changed)) {
        sql_add(&q, "WHEN undefined_function OR datatype_mismatch THEN ");
        add_in_place(j, &q, ", pg_temp", make, check);
    }
    sql_add(&q, "END");
    c->sql = scratch_do_block(j, sql_end(&q));
    label_object(j, c, kind, o);
}

static void add_to(struct judge *j, struct map *names, const struct qname *name, const void *what)
{
    map_set(names, str_lower(&j->ctx->arena, name->name), (void *)(uintptr_t)what);
}

static void collect_names(struct judge *j)
{
    j->names_of_tables = MAP(j->ctx);
    j->names_changed = MAP(j->ctx);
    j->enums_changed = MAP(j->ctx);
    j->left_out = MAP(j->ctx);
    vec_each(i, &j->original->enums)
        add_to(j, &j->enums_changed, &j->original->enums.v[i]->name, j);
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

const char *scratch_object_name(struct ctx *ctx, enum object_kind kind, const struct qname *name)
{
    if (kind != OBJECT_OPERATOR)
        return pg_qname(&ctx->arena, name);
    return name->schema ? ctx_printf(ctx, "%s.%s", pg_ident(&ctx->arena, name->schema), name->name)
                        : name->name;
}

/* The SQL without what binds the object to others. */
static const char *text_alone(struct ctx *ctx, enum object_kind kind, const char *sql)
{
    if (kind == OBJECT_OPERATOR)
        return pg_operator_alone(ctx, sql);
    return kind == OBJECT_OPERATOR_CLASS ? pg_class_alone(ctx, sql) : sql;
}

/* The statement that creates an object to be printed; NULL: statements after the first one use its name, which it
 * does not have here. Transforms, casts and event triggers have no schema, and replace the existing ones until the
 * transaction is rolled back. */
static const char *text_to_print(struct judge *j, enum object_kind kind, const struct object *o)
{
    struct ctx *ctx = j->ctx;
    if (o->of.name)
        return o->native;
    if (kind == OBJECT_TRANSFORM)
        return pg_replacing_sql(ctx, o->native);
    if (kind == OBJECT_CAST || kind == OBJECT_EVENT_TRIGGER)
        return ctx_printf(ctx, "DROP %s IF EXISTS %s;\n%s", kind == OBJECT_CAST ? "CAST" : "EVENT TRIGGER",
            pg_object_identity(&j->r, kind, o), o->native);
    return scratch_renamed(ctx, kind, text_alone(ctx, kind, o->native),
        scratch_object_name(ctx, kind, &(struct qname){"pg_temp", o->name.name}));
}

/*
 * Created as a temporary object, or on a stand-in of its table: inside of a block, in which no statement can end the
 * transaction. If it needs the new form of another object that changes, or a view that could not be created, it
 * cannot be created yet. If it needs the existing form of a type, it is tried with that.
 */
static void add_printed(struct judge *j, enum object_kind kind, const struct object *o, const char *text,
    const char *original_text)
{
    static const char forgiving[] =
        "EXCEPTION WHEN undefined_function OR undefined_object OR undefined_column OR wrong_object_type OR "
        "datatype_mismatch OR ambiguous_function OR invalid_function_definition OR undefined_table OR "
        "invalid_schema_name OR insufficient_privilege OR dependent_objects_still_exist THEN ";
    /* Only superusers and owners of languages can create these; for other roles the text is compared as written. */
    static const bool restricted[OBJECT_KINDS] = {
        [OBJECT_OPERATOR_FAMILY] = true, [OBJECT_OPERATOR_CLASS] = true, [OBJECT_TRANSFORM] = true};
    /* Others may depend on the existing one, or it may be bound to another operator; then the text is compared, too. */
    static const bool bound[OBJECT_KINDS] = {
        [OBJECT_OPERATOR] = true, [OBJECT_CAST] = true, [OBJECT_EVENT_TRIGGER] = true};
    struct creation *c = scratch_creation(j);
    bool names_changed = names_any(j, o, &j->names_changed) || names_any(j, o, &j->enums_changed);
    struct sql q = sql_begin(j->ctx, &postgresql_dialect);
    /* The columns of its table may be of a type that changes. A rule may call a column by its table's name. */
    bool is_unsure = (o->of.name && (j->original->views.n || j->original->enums.n ||
                                        j->original->objects[OBJECT_TYPE].n)) ||
                     (kind == OBJECT_RULE && names_elsewhere(j));
    const char *make = execute_text(j, text);
    sql_addf(&q, "DECLARE path text := pg_catalog.current_setting('search_path'); BEGIN %E", make);
    if (bound[kind] || is_unsure || names_changed) {
        sql_add(&q, forgiving);
        if (names_changed && !o->of.name) {
            sql_add(&q, "BEGIN ");
            add_in_place(j, &q, ", pg_temp", execute_text(j, original_text), "");
            sql_addf(&q, "%ENULL; END; ", forgiving);
        }
        sql_add(&q, "NULL; ");
    } else if (restricted[kind]) {
        sql_add(&q, "EXCEPTION WHEN insufficient_privilege THEN NULL; ");
    }
    sql_add(&q, "END");
    c->sql = scratch_do_block(j, sql_end(&q));
    label_object(j, c, kind, o);
}

/* An object of a kind, or a view by its place. */
struct wanted_object {
    enum object_kind kind;                  /* OBJECT_KINDS: a view */
    const struct object *object, *original; /* with the names of the stand-ins, and without */
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

/*
 * Marks, in the order of kinds and of their lists, those that come after the tables: they need one, or another that
 * does, and no table needs them.
 */
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
    mentions_spread_late(&m, early, late);
    return late;
}

void scratch_sort_objects(struct judge *j)
{
    collect_names(j);
    j->is_late = find_late(j);
}

/* Those that need no tables, or the others and the views, each after those that it names in the models' text: what is
 * created names stand-ins. */
static struct pointers_found in_order(struct judge *j, bool late)
{
    const bool *is_late = j->is_late;
    const struct schema *s = j->original;
    struct mentions m;
    mentions_begin(&m, j->ctx);
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        for (size_t i = 0; i < s->objects[kind].n; i++) {
            const struct object *o = j->wanted->objects[kind].v[i];
            bool this_late = *is_late++ || kind == OBJECT_STATISTICS;
            /* Those two act on real tables, or on the statements here; event triggers come last. */
            bool is_made = kind != OBJECT_EVENT_TRIGGER && kind != OBJECT_PUBLICATION;
            const struct object *original = s->objects[kind].v[i];
            if (!object_table[kind].has_sql || !is_made || this_late != late)
                continue;
            struct wanted_object *w = want(j, &m, (enum object_kind)kind, o->name.name, original->native);
            w->object = o;
            w->original = original;
        }
    for (size_t i = 0; late && i < s->views.n; i++)
        want(j, &m, OBJECT_KINDS, s->views.v[i]->name.name, s->views.v[i]->body.native)->view = i;
    return mentions_order(&m);
}

/* A foreign table that has parents: their stand-ins are temporary, and no permanent table can inherit from them. */
static bool has_parents(struct ctx *ctx, enum object_kind kind, const struct object *o)
{
    struct map words = MAP(ctx);
    if (kind != OBJECT_FOREIGN_TABLE)
        return false;
    words_of_sql(ctx, o->native, &words, NULL);
    return map_get(&words, "inherits") || map_get(&words, "partition");
}

static void add_object(
    struct judge *j, enum object_kind kind, const struct object *o, const struct object *original)
{
    const char *text;
    bool is_temporary = kind == OBJECT_STATISTICS || has_parents(j->ctx, kind, o);
    if (o->is_new && !o->of.name && !is_temporary)
        add_real(j, kind, o);
    if ((!o->is_new || o->is_renamed || o->of.name || is_temporary) && scratch_is_printed(kind) &&
        (text = text_to_print(j, kind, o)))
        add_printed(j, kind, o, text, text_to_print(j, kind, original));
}

void scratch_add_objects(struct judge *j, bool late)
{
    const struct pointers_found all = in_order(j, late);
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
            add_object(j, w->kind, w->object, w->original);
    }
    vec_each(i, &on_tables) {
        const struct wanted_object *w = on_tables.v[i];
        add_object(j, w->kind, w->object, w->original);
    }
}

void scratch_add_event_triggers(struct judge *j)
{
    vec_each(i, &j->wanted->objects[OBJECT_EVENT_TRIGGER])
        add_object(j, OBJECT_EVENT_TRIGGER, j->wanted->objects[OBJECT_EVENT_TRIGGER].v[i],
            j->original->objects[OBJECT_EVENT_TRIGGER].v[i]);
}
