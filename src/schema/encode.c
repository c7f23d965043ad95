/* Encodes a schema as a model. */

#include "cmig/dialect.h"

/* ---- authored spelling -------------------------------------------------------------------------------- */

/* "mood[]" of an enum gives "enum(mood)[]". */
static const char *enum_text(struct ctx *ctx, const char *native)
{
    size_t n = strlen(native);

    while (n >= 2 && native[n - 1] == ']' && native[n - 2] == '[')
        n -= 2;
    return ctx_printf(ctx, "enum(%.*s)%s", (int)n, native, native + n);
}

static const struct dtext_by *only_for(struct ctx *ctx, const char *dialect, const char *text)
{
    struct dtext_by *by = arena_alloc(&ctx->arena, 2 * sizeof(*by));

    by[0] = (struct dtext_by){dialect, text};
    return by;
}

static void type_spell(struct ctx *ctx, const struct dialect *dialect, struct column *c)
{
    const char *model;

    if (dtext_is_set(&c->type) || !c->native)
        return;
    model = dialect->type_model(ctx, c->native);
    if (model) {
        c->type.text = model;
    } else if (c->values) {
        c->type.text = enum_text(ctx, c->native);
    } else {
        c->type.text = dialect->type_near ? dialect->type_near(c->native) : NULL;
        c->type.by = only_for(ctx, dialect->name, c->native);
    }
}

/* Whether the database would have the same text again; else `CURRENT_TIMESTAMP` would come back as `now()`. */
static bool gives_back(
    struct ctx *ctx, const struct dialect *dialect, const struct column *c, const char *native)
{
    const char *back = NULL;

    if (dialect->value_native(ctx, c, &c->dflt, &back))
        return str_eq(back, native);
    err_clear(ctx);
    return false;
}

/* Whether the models take it: SQLite has any literal as the default of any type. */
static bool is_value(struct ctx *ctx, const struct dialect *dialect, const struct column *c)
{
    if (column_check_default(ctx, dialect, c))
        return true;
    err_clear(ctx);
    return false;
}

static void default_spell(struct ctx *ctx, const struct dialect *dialect, struct column *c)
{
    const char *native = c->dflt.expr.native;

    if (c->dflt.kind == VALUE_NONE || dtext_is_set(&c->dflt.expr.sql) || !native)
        return;
    dialect->value_model(ctx, c, native, &c->dflt);
    if (!gives_back(ctx, dialect, c, native) || !is_value(ctx, dialect, c))
        c->dflt = (struct value){.kind = VALUE_SQL, .expr.sql.text = native};
    c->dflt.expr.native = native;
}

/* The text of a literal in single quotes; NULL: it is something else. */
static const char *unquoted(struct ctx *ctx, const char *native)
{
    struct sql_piece p = sql_piece(native, 0);

    return p.kind == SQL_STRING && !native[p.n] ? sql_piece_text(&ctx->arena, &p) : NULL;
}

static void on_update_spell(struct ctx *ctx, const struct dialect *dialect, struct column *c)
{
    const char *native = c->on_update.expr.native, *text, *back = NULL;

    if (c->on_update.kind == VALUE_NONE || dtext_is_set(&c->on_update.expr.sql) || !native)
        return;
    dialect->value_model(ctx, c, native, &c->on_update);
    if (c->on_update.kind == VALUE_SQL && (text = unquoted(ctx, native)))
        c->on_update = (struct value){.kind = VALUE_STRING, .expr.sql.text = text};
    if (!column_on_update(ctx, dialect, c, &back) || !str_eq(back, native) ||
        !column_check_on_update(ctx, dialect, c)) {
        err_clear(ctx);
        c->on_update = (struct value){.kind = VALUE_SQL, .expr.sql.text = native};
    }
    c->on_update.expr.native = native;
}

static void expr_spell(struct expr *e)
{
    if (!dtext_is_set(&e->sql))
        e->sql.text = e->native;
}

void column_spell(
    struct ctx *ctx, const struct dialect *dialect, ATTR_UNUSED const struct table *t, struct column *c)
{
    type_spell(ctx, dialect, c);
    default_spell(ctx, dialect, c);
    on_update_spell(ctx, dialect, c);
    if (c->generated)
        expr_spell(&c->generated->expr);
}

/* A key that has nothing but a column stands on that column. */
static void key_spell(const struct table *t)
{
    const struct constraint *pk = t->primary_key;
    struct column *c;

    if (!pk || pk->columns.n != 1 || pk->name || pk->include.n || pk->deferrable || pk->comment ||
        (pk->options && pk->options->n))
        return;
    c = table_column(t, pk->columns.v[0]);
    if (c)
        c->primary_key = true;
}

static void parts_spell(const struct index_parts *parts)
{
    vec_each(i, parts)
        expr_spell(&parts->v[i]->expr);
}

void table_spell(struct ctx *ctx, const struct dialect *dialect, struct table *t)
{
    struct constraint *c;
    size_t state = 0;

    vec_each(i, &t->columns) {
        struct column *column = t->columns.v[i];

        column_spell(ctx, dialect, t, column);
        /* A column of a key is not nullable unless it says so. */
        column->nullable_said = column->nullable && column_in_key(t, column->name);
    }
    key_spell(t);
    expr_spell(&t->partition_by);
    expr_spell(&t->bound);
    while ((c = table_next_constraint(t, &state))) {
        expr_spell(&c->check);
        expr_spell(&c->where);
        parts_spell(&c->parts);
    }
    vec_each(i, &t->indexes) {
        expr_spell(&t->indexes.v[i]->where);
        parts_spell(&t->indexes.v[i]->parts);
    }
}

/* ---- enums -------------------------------------------------------------------------------------------- */

static struct enumeration *enum_of_native(struct arena *a, const struct schema *s, const char *native)
{
    struct qname name;
    size_t n = strlen(native);

    while (n >= 2 && native[n - 1] == ']' && native[n - 2] == '[')
        n -= 2;
    if (!qname_parse(a, arena_strndup(a, native, n), &name))
        return NULL;
    if (name.schema && str_eq(name.schema, s->default_schema))
        name.schema = NULL;
    return schema_enum(s, &name);
}

void schema_link_enums(struct ctx *ctx, struct schema *s)
{
    struct map known = MAP(ctx);
    struct enumeration none, *e;

    if (!s->enums.n)
        return;
    vec_each(i, &s->tables)
        vec_each(j, &s->tables.v[i]->columns) {
            struct column *c = s->tables.v[i]->columns.v[j];

            if (!c->native || c->values)
                continue;
            e = map_get(&known, c->native);
            if (!e) {
                e = enum_of_native(&ctx->arena, s, c->native);
                map_set(&known, c->native, e ? e : &none);
            }
            if (e && e != &none)
                c->values = &e->values;
        }
}

/* ---- the document ------------------------------------------------------------------------------------- */

/* The key of one integer column is made by the database unless the model says otherwise, and nothing else is;
 * what PostgreSQL calls serial says so by its type. */
static void generation_simplify(
    struct ctx *ctx, const struct dialect *dialect, const struct table *t, struct column *c)
{
    bool single = t->primary_key && t->primary_key->columns.n == 1 && column_in_key(t, c->name);
    const char *problem;
    struct type type;
    bool integer =
        c->type.text && type_parse(&ctx->arena, c->type.text, &type, &problem) && type_is_integer(&type);

    if (!c->native)
        return;
    if (!c->type.text && dialect->type_is_numbered)
        integer = dialect->type_is_numbered(c->native);
    if (c->autoincrement == TRI_TRUE && single && c->type.text)
        c->autoincrement = TRI_UNSET;
    if (c->autoincrement == TRI_FALSE && !(single && integer))
        c->autoincrement = TRI_UNSET;
}

/* An enum that the model does not hold, being in another schema, is only a type of the database's own there. */
static void enum_simplify(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *s, struct column *c)
{
    bool is_enum = c->values || (c->type.text && str_starts(c->type.text, "enum("));

    if (!is_enum || !c->native || enum_of_native(&ctx->arena, s, c->native))
        return;
    c->values = NULL;
    c->type = (struct dtext){.by = only_for(ctx, dialect->name, c->native)};
}

/* Columns of a parent are listed there. */
static void columns_simplify(struct ctx *ctx, struct table *t)
{
    size_t kept = 0;

    t->defaults = table_own_defaults(ctx, t);
    vec_each(i, &t->columns)
        if (!t->columns.v[i]->is_inherited)
            t->columns.v[kept++] = t->columns.v[i];
    t->columns.n = kept;
}

/* As in a model: values belong to the enum there, and implied checks to the column. */
static struct table *table_for_model(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *s, const struct table *t)
{
    struct table *copy = table_copy(ctx, t);
    size_t kept = 0;

    vec_each(i, &copy->columns)
        enum_simplify(ctx, dialect, s, copy->columns.v[i]);
    table_spell(ctx, dialect, copy);
    vec_each(i, &copy->columns) {
        copy->columns.v[i]->values = NULL;
        generation_simplify(ctx, dialect, copy, copy->columns.v[i]);
    }
    vec_each(i, &copy->checks)
        if (!copy->checks.v[i]->implied)
            copy->checks.v[kept++] = copy->checks.v[i];
    copy->checks.n = kept;
    columns_simplify(ctx, copy);
    return copy;
}

/* Partitions are listed with their parents. */
static void nest_partitions(struct ctx *ctx, struct tables *list)
{
    struct map by_name = MAP(ctx);
    size_t kept = 0;

    vec_each(i, list)
        map_set(&by_name, qname_text(&ctx->arena, &list->v[i]->name), list->v[i]);
    vec_each(i, list) {
        struct table *t = list->v[i];
        struct table *parent =
            table_is_partition(t) ? map_get(&by_name, qname_text(&ctx->arena, &t->partition_of)) : NULL;

        if (parent)
            vec_add(ctx, &parent->partitions, t);
        else
            list->v[kept++] = t;
    }
    list->n = kept;
}

/* What makes it again in another database. */
static struct objects objects_for_model(struct ctx *ctx, const struct schema *s, enum object_kind kind)
{
    struct objects list = {0}, all = objects_ranked(ctx, &s->objects[kind]);

    vec_each(i, &all) {
        struct object *o;

        if (all.v[i]->built_in)
            continue;
        o = ctx_new(ctx, struct object);
        *o = *all.v[i];
        object_pair(kind, o, NULL);
        if (!dtext_is_set(&o->sql))
            o->sql.text = o->native;
        for (size_t at = 0; at < OBJECT_SETTINGS; at++)
            if (object_table[kind].settings[at].meaning == SETTING_SCHEMA &&
                str_eq(o->settings[at], s->default_schema))
                o->settings[at] = NULL;
        vec_add(ctx, &list, o);
    }
    return list;
}

static struct object *foreign_table(const struct schema *model, const struct qname *name)
{
    const struct objects *list = &model->objects[OBJECT_FOREIGN_TABLE];

    vec_each(i, list)
        if (qname_eq(&list->v[i]->name, name))
            return list->v[i];
    return NULL;
}

/* Puts what is on tables and views there. */
static void put_on(struct ctx *ctx, struct schema *model)
{
    for (int at = 0; at < OBJECT_KINDS_ON_TABLE; at++) {
        struct objects *list = &model->objects[OBJECT_FIRST_ON_TABLE + at];

        vec_each(i, list) {
            struct object *o = list->v[i];
            struct table *t = schema_table(model, &o->of);
            struct view *v = t ? NULL : schema_view(model, &o->of);
            struct object *f = t || v ? NULL : foreign_table(model, &o->of);

            if (t)
                vec_add(ctx, &t->on[at], o);
            else if (v)
                vec_add(ctx, &v->on[at], o);
            else if (f)
                vec_add(ctx, &f->triggers, o);
        }
        *list = (struct objects){0};
    }
}

struct node *schema_encode(struct ctx *ctx, const struct dialect *dialect, const struct schema *s)
{
    struct schema model = *s;

    model.complete = true;
    if (access_is_given(s->home_access)) {
        struct namespace *home = ctx_new(ctx, struct namespace);

        *home = (struct namespace){.name = s->default_schema, .access = s->home_access};
        model.namespaces = (struct namespaces){0};
        vec_add(ctx, &model.namespaces, home);
        vec_each(i, &s->namespaces)
            vec_add(ctx, &model.namespaces, s->namespaces.v[i]);
    }
    model.tables = (struct tables){0};
    vec_each(i, &s->tables)
        vec_add(ctx, &model.tables, table_for_model(ctx, dialect, s, s->tables.v[i]));
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        model.objects[kind] = objects_for_model(ctx, s, (enum object_kind)kind);
    model.views = (struct views){0};
    vec_each(i, &s->views) {
        struct view *v = ctx_new(ctx, struct view);

        *v = *s->views.v[i];
        vec_add(ctx, &model.views, v);
    }
    put_on(ctx, &model);
    nest_partitions(ctx, &model.tables);
    return record_encode(&ctx->arena, &schema_record, &model);
}
