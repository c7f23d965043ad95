/*
 * Property test: the operations between any two schemas run, and lead exactly there and back.
 *
 * Random models, changed at random, with a fixed seed. The operations go through their written form and are
 * then done one by one to a schema in memory; before each it is asked whether a server would refuse it, and
 * after each whether what is left is consistent. In the end the schema must be the other one.
 */
#include "property_models.h"

/* ---- what a server would say --------------------------------------------------------------------------- */

static const char *problem(struct ctx *ctx, const char *what, const char *name)
{
    return ctx_printf(ctx, "%s: %s", what, name ? name : "(unnamed)");
}

static const char *take_relation(struct ctx *ctx, struct map *names, const char *schema, const char *name)
{
    const char *key = ctx_printf(ctx, "%s.%s", schema ? schema : "", name);

    if (map_get(names, key))
        return problem(ctx, "name used twice", key);
    map_set(names, key, names);
    return NULL;
}

static bool is_key(const struct table *t, const struct strings *columns)
{
    if (t->primary_key && strings_eq(&t->primary_key->columns, columns))
        return true;
    vec_each(i, &t->uniques)
        if (strings_eq(&t->uniques.v[i]->columns, columns))
            return true;
    vec_each(i, &t->indexes) {
        const struct index *x = t->indexes.v[i];

        if (x->unique && !x->where.native && x->parts.n == 1 && columns->n == 1 &&
            str_eq(x->parts.v[0]->column, columns->v[0]))
            return true;
    }
    return false;
}

/* The function that a text calls, after these words: "f0". NULL: none. */
static const char *called_in(struct ctx *ctx, const char *text)
{
    static const char *const before[] = {" WHERE f", " AND f", " <> f", "EXECUTE FUNCTION f"};

    for (size_t i = 0; i < COUNT_OF(before); i++) {
        const char *at = strstr(text, before[i]);

        if (at)
            return ctx_printf(
                ctx, "f%.*s", (int)strcspn(at + strlen(before[i]), "( "), at + strlen(before[i]));
    }
    return NULL;
}

/* Whether the server records what an object names, and so depends on it. */
static bool holds(const struct object *o)
{
    return !strstr(o->native, "$$");
}

/* The table and column that the SQL of a function or policy reads, or that a trigger waits for. */
static bool object_source(
    struct ctx *ctx, const struct object *o, struct qname *ret_table, const char **ret_column)
{
    static const char *const before[] = {"(SELECT c", "USING (c", "UPDATE OF c"};
    const char *at = NULL, *from = strstr(o->native, " FROM ");

    for (size_t i = 0; i < COUNT_OF(before) && !at; i++) {
        at = strstr(o->native, before[i]);
        at += at ? strlen(before[i]) - 1 : 0;
    }
    if (!at)
        return false;
    *ret_column = arena_strndup(&ctx->arena, at, strcspn(at, " "));
    *ret_table = o->of;
    if (!o->of.name)
        assert_true(qname_parse(
            &ctx->arena, arena_strndup(&ctx->arena, from + 6, strcspn(from + 6, " )")), ret_table));
    return true;
}

static bool function_exists(const struct schema *s, const char *name)
{
    vec_each(i, &s->objects[OBJECT_FUNCTION])
        if (str_eq(s->objects[OBJECT_FUNCTION].v[i]->name.name, name))
            return true;
    return !name;
}

static const char *check_key(
    struct ctx *ctx, const struct schema *s, const struct table *t, const struct constraint *c)
{
    const struct table *other = schema_table(s, &c->references);

    if (!other)
        return problem(ctx, "foreign key to a missing table", c->references.name);
    vec_each(i, &c->columns) {
        const struct column *from = table_column(t, c->columns.v[i]),
                            *to = table_column(other, c->referred_columns.v[i]);

        if (!from || !to)
            return problem(ctx, "foreign key on a missing column", c->name);
        if (!str_eq(from->native, to->native))
            return problem(ctx, "foreign key of two types", c->name);
    }
    return is_key(other, &c->referred_columns) ? NULL : problem(ctx, "foreign key to no key", c->name);
}

static const char *check_constraint(
    struct ctx *ctx, const struct schema *s, const struct table *t, const struct constraint *c)
{
    char *column;

    vec_each(i, &c->columns)
        if (!table_column(t, c->columns.v[i]))
            return problem(ctx, "constraint on a missing column", c->name);
    if (c->kind == CONSTRAINT_FOREIGN_KEY)
        return check_key(ctx, s, t, c);
    if (c->kind != CONSTRAINT_CHECK)
        return NULL;
    if (!function_exists(s, called_in(ctx, c->check.native)))
        return problem(ctx, "check calls a missing function", c->check.native);
    column = arena_strndup(&ctx->arena, c->check.native, strcspn(c->check.native, " "));
    return table_column(t, column) ? NULL : problem(ctx, "check on a missing column", c->check.native);
}

static const char *check_column(struct ctx *ctx, const struct dialect *dialect, const struct schema *s,
    const struct table *t, const struct column *c)
{
    if (!c->native)
        return problem(ctx, "column without a type", c->name);
    if (c->generated) {
        char *base =
            arena_strndup(&ctx->arena, c->generated->expr.native, strcspn(c->generated->expr.native, " "));

        if (!table_column(t, base))
            return problem(ctx, "generated from a missing column", c->name);
    }
    if (!dialect->has.enums || !str_starts(c->native, "ENUM("))
        return NULL;
    char *name = str_lower(&ctx->arena, arena_strndup(&ctx->arena, c->native + 5, strlen(c->native) - 6));
    return schema_enum(s, &(struct qname){.name = name}) ? NULL
                                                         : problem(ctx, "column of a missing enum", c->name);
}

static const char *check_table(struct ctx *ctx, const struct dialect *dialect, const struct schema *s,
    const struct table *t, struct map *names)
{
    struct constraint *c;
    const char *why = take_relation(ctx, names, t->name.schema, t->name.name);
    struct map own = MAP(ctx);

    for (size_t i = 0; !why && i < t->columns.n; i++)
        why = check_column(ctx, dialect, s, t, t->columns.v[i]);
    for (size_t state = 0; !why && (c = table_next_constraint(t, &state));) {
        why = check_constraint(ctx, s, t, c);
        if (why || !c->name)
            continue;
        why = take_relation(ctx, &own, NULL, c->name);
        if (!why && (c->kind == CONSTRAINT_PRIMARY_KEY || c->kind == CONSTRAINT_UNIQUE))
            why = take_relation(ctx, names, t->name.schema, c->name);
    }
    for (size_t i = 0; !why && i < t->indexes.n; i++) {
        const struct index *x = t->indexes.v[i];

        why = take_relation(ctx, names, t->name.schema, x->name);
        vec_each(k, &x->parts)
            if (!table_column(t, x->parts.v[k]->column))
                return problem(ctx, "index on a missing column", x->name);
    }
    return why;
}

/* The object that a view reads: a table's column, or another view. */
static struct qname view_source(struct ctx *ctx, const struct view *v)
{
    const char *from = strstr(v->body.native, " FROM ") + 6;
    struct qname name = {0};

    assert_true(qname_parse(&ctx->arena, arena_strndup(&ctx->arena, from, strcspn(from, " ")), &name));
    return name;
}

static const char *view_column(struct ctx *ctx, const struct view *v)
{
    const char *column = v->body.native + strlen("SELECT ");

    return arena_strndup(&ctx->arena, column, strcspn(column, " "));
}

static const char *check_view(struct ctx *ctx, const struct schema *s, const struct view *v)
{
    struct qname source = view_source(ctx, v);
    const struct table *t = schema_table(s, &source);

    if (!function_exists(s, called_in(ctx, v->body.native)))
        return problem(ctx, "view calls a missing function", v->body.native);
    if (schema_view(s, &source))
        return NULL;
    return t && table_column(t, view_column(ctx, v))
               ? NULL
               : problem(ctx, "view of something missing", v->body.native);
}

static const char *check_object(struct ctx *ctx, const struct schema *s, const struct object *o)
{
    struct qname table;
    const char *column;

    if (!holds(o))
        return NULL;
    if (o->of.name && !schema_table(s, &o->of) && !schema_view(s, &o->of))
        return problem(ctx, "object on something missing", o->native);
    if (o->of.name && !strstr(o->native, ctx_printf(ctx, "ON %s ", qname_text(&ctx->arena, &o->of))))
        return problem(ctx, "object says another table", o->native);
    if (!function_exists(s, called_in(ctx, o->native)))
        return problem(ctx, "call of a missing function", o->native);
    if (!object_source(ctx, o, &table, &column))
        return NULL;
    return schema_table(s, &table) && table_column(schema_table(s, &table), column)
               ? NULL
               : problem(ctx, "object of something missing", o->native);
}

static const char *check_objects(struct ctx *ctx, const struct schema *s)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &s->objects[kind]) {
            const char *why = check_object(ctx, s, s->objects[kind].v[i]);

            if (why)
                return why;
        }
    return NULL;
}

static const char *check_schema(struct ctx *ctx, const struct dialect *dialect, const struct schema *s)
{
    struct map names = MAP(ctx);
    const char *why = NULL;

    for (size_t i = 0; !why && i < s->tables.n; i++) {
        why = check_table(ctx, dialect, s, s->tables.v[i], &names);
        if (i && qname_cmp(&s->tables.v[i - 1]->name, &s->tables.v[i]->name) >= 0)
            why = "tables are not sorted";
    }
    for (size_t i = 0; !why && i < s->views.n; i++) {
        why = check_view(ctx, s, s->views.v[i]);
        if (!why)
            why = take_relation(ctx, &names, s->views.v[i]->name.schema, s->views.v[i]->name.name);
    }
    for (size_t i = 0; !why && i < s->sequences.n; i++) {
        const struct sequence *q = s->sequences.v[i];

        why = take_relation(ctx, &names, q->name.schema, q->name.name);
        if (!why && q->owner.name && !schema_table(s, &q->owner))
            why = problem(ctx, "sequence of a missing table", q->name.name);
    }
    return why ? why : check_objects(ctx, s);
}

static bool is_viewed(struct ctx *ctx, const struct schema *s, const struct qname *name, const char *column)
{
    vec_each(i, &s->views) {
        struct qname source = view_source(ctx, s->views.v[i]);

        if (qname_eq(&source, name) &&
            (!column || str_eq(view_column(ctx, s->views.v[i]), column) ||
                (str_eq(column, "id") && strstr(s->views.v[i]->body.native, "WHERE id"))))
            return true;
    }
    return false;
}

static bool is_referred(const struct schema *s, const struct qname *name, const char *column)
{
    vec_each(i, &s->tables) {
        const struct constraints *keys = &s->tables.v[i]->foreign_keys;

        vec_each(k, keys)
            if (qname_eq(&keys->v[k]->references, name) &&
                (column || !qname_eq(&s->tables.v[i]->name, name)) &&
                (!column || strings_have(&keys->v[k]->referred_columns, column)))
                return true;
    }
    return false;
}

static bool is_generated_from(const struct schema *s, const struct qname *table, const char *column)
{
    const struct table *t = schema_table(s, table);

    for (size_t i = 0; t && i < t->columns.n; i++)
        if (t->columns.v[i]->generated && sql_mentions(t->columns.v[i]->generated->expr.native, column))
            return true;
    return false;
}

/* An enum that is recreated must not be used in expressions. */
static const char *refuse_enum(struct ctx *ctx, const struct schema *s, const struct op_alter_enum *o)
{
    size_t at = 0;

    for (size_t i = 0; i < o->values.n && at < o->existing_values.n; i++)
        at += str_eq(o->existing_values.v[at], o->values.v[i]);
    if (at == o->existing_values.n)
        return NULL;
    vec_each(i, &o->columns) {
        const char *dot = strrchr(o->columns.v[i], '.');
        struct qname name;

        assert_true(qname_parse(&ctx->arena,
            arena_strndup(&ctx->arena, o->columns.v[i], (size_t)(dot - o->columns.v[i])), &name));
        const struct table *t = schema_table(s, &name);
        if (!t || !table_column(t, dot + 1))
            return problem(ctx, "enum says a missing column", o->columns.v[i]);
        if (is_viewed(ctx, s, &name, dot + 1))
            return problem(ctx, "enum is viewed", o->columns.v[i]);
        vec_each(k, &t->checks)
            if (!t->checks.v[k]->implied && sql_mentions(t->checks.v[k]->check.native, dot + 1))
                return problem(ctx, "enum is checked", o->columns.v[i]);
        vec_each(k, &t->indexes)
            if (sql_mentions(t->indexes.v[k]->where.native, dot + 1))
                return problem(ctx, "enum is in a partial index", o->columns.v[i]);
    }
    return NULL;
}

/* Whether an object's SQL needs a table, or a column of it. */
static bool is_held(struct ctx *ctx, const struct schema *s, const struct qname *name, const char *column)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &s->objects[kind]) {
            const struct object *o = s->objects[kind].v[i];
            struct qname table;
            const char *of;

            if (holds(o) && object_source(ctx, o, &table, &of) && qname_eq(&table, name) &&
                (column ? str_eq(of, column) : !o->of.name))
                return true;
        }
    return false;
}

/* The server prints the new name of a function wherever it is called. */
static void follow_function(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *s, const char *from, const char *to)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &s->objects[kind]) {
            struct object *o = s->objects[kind].v[i];

            o->native = sql_rename_all(ctx, dialect, o->native, from, to);
        }
    vec_each(i, &s->views) {
        struct expr *body = &s->views.v[i]->body;

        body->native = sql_rename_all(ctx, dialect, body->native, from, to);
    }
    vec_each(i, &s->tables)
        vec_each(k, &s->tables.v[i]->checks) {
            struct expr *check = &s->tables.v[i]->checks.v[k]->check;

            check->native = sql_rename_all(ctx, dialect, check->native, from, to);
        }
}

/* SQL bodies follow renames. */
static void follow_rename(
    struct ctx *ctx, const struct dialect *dialect, struct schema *s, const struct op *op)
{
    const struct op_rename_part *part = &op->u.rename_part;
    bool is_column = op->kind == OP_RENAME_COLUMN;

    if (op->kind == OP_RENAME_FUNCTION)
        follow_function(ctx, dialect, s, op->u.object.object.name.name, op->u.object.new_name);
    const struct qname *name = is_column ? &part->table : &op->u.rename.name;

    if (!is_column && op->kind != OP_RENAME_TABLE)
        return;
    vec_each(i, &s->objects[OBJECT_FUNCTION]) {
        struct object *o = s->objects[OBJECT_FUNCTION].v[i];
        struct qname table;
        const char *column;

        if (!holds(o) || !object_source(ctx, o, &table, &column) || !qname_eq(&table, name) ||
            (is_column && !str_eq(column, part->name)))
            continue;
        o->native = is_column ? sql_rename(ctx, dialect, o->native, part->name, part->new_name)
                              : sql_rename(ctx, dialect, o->native, name->name, op->u.rename.new_name.name);
    }
}

static bool is_called(struct ctx *ctx, const struct schema *s, const char *function)
{
    vec_each(i, &s->views)
        if (str_eq(called_in(ctx, s->views.v[i]->body.native), function))
            return true;
    vec_each(i, &s->tables)
        vec_each(k, &s->tables.v[i]->checks)
            if (str_eq(called_in(ctx, s->tables.v[i]->checks.v[k]->check.native), function))
                return true;
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &s->objects[kind])
            if (holds(s->objects[kind].v[i]) &&
                str_eq(called_in(ctx, s->objects[kind].v[i]->native), function))
                return true;
    return false;
}

static const char *refuse_alter(struct ctx *ctx, const struct schema *s, const struct op_alter_column *o)
{
    const struct table *t = schema_table(s, &o->table);

    if (ALTER_HAS(o, ALTER_TYPE) &&
        (is_viewed(ctx, s, &o->table, o->name) || is_generated_from(s, &o->table, o->name) ||
            is_held(ctx, s, &o->table, o->name)))
        return problem(ctx, "type of something that is used", o->name);
    if (t && ALTER_HAS(o, ALTER_NULLABLE) && o->nullable && column_in_key(t, o->name))
        return problem(ctx, "NULL in a key", o->name);
    if (ALTER_HAS(o, ALTER_GENERATED) && o->generated)
        return problem(ctx, "expression changed in place", o->name);
    return NULL;
}

/* Operations that are refused because another object depends on theirs. */
static const char *refuse(struct ctx *ctx, const struct schema *s, const struct op *op)
{
    const struct op_drop_column *c = &op->u.drop_column;

    if (op->kind == OP_DROP_TABLE &&
        (is_referred(s, &op->u.drop.name, NULL) || is_viewed(ctx, s, &op->u.drop.name, NULL) ||
            is_held(ctx, s, &op->u.drop.name, NULL)))
        return problem(ctx, "table is used", op->u.drop.name.name);
    if (op->kind == OP_DROP_VIEW && is_viewed(ctx, s, &op->u.drop.name, NULL))
        return problem(ctx, "view is used", op->u.drop.name.name);
    if (op->kind == OP_DROP_COLUMN &&
        (is_referred(s, &c->table, c->name) || is_viewed(ctx, s, &c->table, c->name) ||
            is_generated_from(s, &c->table, c->name) || is_held(ctx, s, &c->table, c->name)))
        return problem(ctx, "column is used", c->name);
    if (op->kind == OP_DROP_FUNCTION && is_called(ctx, s, op->u.object.object.name.name))
        return problem(ctx, "function is used", op->u.object.object.name.name);
    if ((op->kind == OP_RENAME_TABLE && is_viewed(ctx, s, &op->u.rename.name, NULL)) ||
        (op->kind == OP_RENAME_COLUMN && is_viewed(ctx, s, &op->u.rename_part.table, op->u.rename_part.name)))
        return problem(ctx, "renamed under a view", op_describe(&ctx->arena, op));
    if (op->kind == OP_ALTER_COLUMN)
        return refuse_alter(ctx, s, &op->u.alter_column);
    return op->kind == OP_ALTER_ENUM ? refuse_enum(ctx, s, &op->u.alter_enum) : NULL;
}

/* ---- what a schema is ---------------------------------------------------------------------------------- */

static const char *sorted(struct ctx *ctx, struct strings *lines)
{
    strings_sort(lines);
    return strings_join(&ctx->arena, lines, "\n");
}

static const char *constraint_line(struct ctx *ctx, const struct constraint *c)
{
    return ctx_printf(ctx, "  %s %s (%s) %s -> %s (%s) %d", constraint_kind_names[c->kind],
        c->name && c->kind != CONSTRAINT_CHECK ? c->name
        : c->name                              ? c->name
                                               : "-",
        strings_join(&ctx->arena, &c->columns, ","), c->check.native ? c->check.native : "",
        c->references.name ? qname_text(&ctx->arena, &c->references) : "",
        strings_join(&ctx->arena, &c->referred_columns, ","), c->on_delete);
}

static const char *column_line(struct ctx *ctx, const struct dialect *dialect, const struct column *c)
{
    bool comments = dialect->has.comments;

    return ctx_printf(ctx, "  column %s %s %s default %s generated %s comment %s", c->name, c->native,
        c->nullable ? "null" : "not null", c->dflt.kind == VALUE_NONE ? "-" : c->dflt.expr.native,
        c->generated ? c->generated->expr.native : "-", comments && c->comment ? c->comment : "-");
}

static const char *table_lines(struct ctx *ctx, const struct dialect *dialect, const struct table *t)
{
    struct strings lines = {0};
    struct constraint *c;

    vec_each(i, &t->columns)
        vec_add(ctx, &lines, column_line(ctx, dialect, t->columns.v[i]));
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        vec_add(ctx, &lines, constraint_line(ctx, c));
    vec_each(i, &t->indexes) {
        const struct index *x = t->indexes.v[i];
        struct strings parts = {0};

        vec_each(k, &x->parts)
            vec_add(ctx, &parts, x->parts.v[k]->column);
        vec_add(ctx, &lines,
            ctx_printf(ctx, "  index %s (%s)%s where %s", x->name, strings_join(&ctx->arena, &parts, ","),
                x->unique ? " unique" : "", x->where.native ? x->where.native : "-"));
    }
    return ctx_printf(ctx, "table %s %s\n%s\n", qname_text(&ctx->arena, &t->name),
        dialect->has.comments && t->comment ? t->comment : "-", sorted(ctx, &lines));
}

static const char *schema_lines(struct ctx *ctx, const struct dialect *dialect, const struct schema *s)
{
    struct str out = STR(ctx);

    vec_each(i, &s->tables)
        str_add(&out, table_lines(ctx, dialect, s->tables.v[i]));
    vec_each(i, &s->views)
        str_addf(&out, "view %s %s\n", s->views.v[i]->name.name, s->views.v[i]->body.native);
    for (size_t i = 0; dialect->has.enums && i < s->enums.n; i++)
        str_addf(&out, "enum %s %s %s\n", s->enums.v[i]->name.name,
            strings_join(&ctx->arena, &s->enums.v[i]->values, ","),
            s->enums.v[i]->comment ? s->enums.v[i]->comment : "-");
    vec_each(i, &s->sequences) {
        const struct sequence *q = s->sequences.v[i];

        str_addf(
            &out, "sequence %s %s %s\n", q->name.name, q->options.start, q->owner.name ? q->owner.name : "-");
    }
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &s->objects[kind])
            str_addf(&out, "%s %s: %s\n", object_table[kind].name,
                object_text(&ctx->arena, s->objects[kind].v[i]), s->objects[kind].v[i]->native);
    return str_get(&out);
}

/* ---- the property -------------------------------------------------------------------------------------- */

/* One pair of models, and everything that a report of a failure needs. */
struct pair {
    struct ctx *ctx;
    const struct dialect *dialect;
    const char *a, *b;
    struct diff_options options;
    uint64_t seed;
};

static void complain(const struct pair *p, const char *direction, const struct ops *ops, const char *why)
{
    fprintf(stderr, "seed %llu %s: %s\n%s\n---- from\n%s---- to\n%s", (unsigned long long)p->seed, direction,
        why, ops_yaml(p->ctx, ops), p->a, p->b);
    fail_msg("%s", why);
}

static void load(const struct pair *p, struct schema *database, struct schema *models)
{
    *database = reflected(p->ctx, p->dialect, p->a);
    *models = prepared(p->ctx, p->dialect, p->b);
    assert_ok(p->ctx, diff_pair(p->ctx, p->dialect, &p->options, database, models));
}

/* The lines of one text that the other one lacks, each after a sign. */
static void add_lines(struct ctx *ctx, struct str *out, const char *sign, const char *of, const char *other)
{
    const char *around = ctx_printf(ctx, "\n%s", other);

    for (const char *p = of; *p; p += strcspn(p, "\n") + (p[strcspn(p, "\n")] == '\n')) {
        const char *line = ctx_printf(ctx, "\n%.*s\n", (int)strcspn(p, "\n"), p);

        if (!strstr(around, line) || str_starts(p, "table"))
            str_addf(out, "%s%s", sign, line + 1);
    }
}

static void run(const struct pair *p, const char *direction, struct schema *s, const struct ops *written,
    const struct schema *wanted)
{
    bool strict = !p->dialect->has.rebuilds;
    struct ops ops = written->n ? ops_of(p->ctx, ops_yaml(p->ctx, written)) : *written;
    const char *why;

    vec_each(i, &ops) {
        struct ops one = {.v = &ops.v[i], .n = 1, .cap = 1};

        if (strict && (why = refuse(p->ctx, s, ops.v[i])))
            complain(p, direction, &ops, why);
        follow_rename(p->ctx, p->dialect, s, ops.v[i]);
        if (!ops_apply(p->ctx, p->dialect, s, &one))
            complain(p, direction, &ops, err_text(p->ctx));
        if (strict && (why = check_schema(p->ctx, p->dialect, s)))
            complain(p, direction, &ops,
                ctx_printf(p->ctx, "%s, after %s", why, op_describe(&p->ctx->arena, ops.v[i])));
    }
    const char *is = schema_lines(p->ctx, p->dialect, s), *shall = schema_lines(p->ctx, p->dialect, wanted);
    if (str_eq(is, shall))
        return;
    struct str lines = STR(p->ctx);
    add_lines(p->ctx, &lines, "is    ", is, shall);
    add_lines(p->ctx, &lines, "shall ", shall, is);
    if (getenv("PROPERTY_SEED"))
        str_addf(&lines, "is\n%sshall\n%s", is, shall);
    complain(p, direction, &ops, str_get(&lines));
}

static void try_pair(const struct pair *p)
{
    struct schema database, models, other_database, other_models;
    struct diff diff = {0}, again = {0};

    load(p, &database, &models);
    load(p, &other_database, &other_models);
    if (!diff_schemas(p->ctx, p->dialect, &p->options, &database, &models, &diff))
        complain(p, "diff", &diff.up, err_text(p->ctx));
    assert_int_equal(diff.found.n > 0, diff.up.n > 0);
    run(p, "up", &other_database, &diff.up, &models);
    load(p, &other_database, &other_models);
    run(p, "down", &other_models, &diff.down, &database);

    /* The schema that was reached does not differ. */
    struct pair same = *p;
    same.a = p->b;
    same.options.renames = NULL;
    load(&same, &database, &models);
    assert_ok(p->ctx, diff_schemas(p->ctx, p->dialect, &same.options, &database, &models, &again));
    if (again.up.n)
        complain(&same, "again", &again.up, "there and not there");
}

static void try_many(const struct dialect *dialect, uint64_t first, unsigned rounds, bool full)
{
    const char *only = getenv("PROPERTY_SEED"), *more = getenv("PROPERTY_ROUNDS");

    rounds = more ? (unsigned)strtoul(more, NULL, 10) : rounds;
    first = more ? first * 1000 : first;

    for (unsigned i = 0; i < rounds; i++) {
        struct ctx ctx = {0};
        struct pair p = {.ctx = &ctx, .dialect = dialect, .seed = first + i};
        struct gen a, b;

        if (only)
            p.seed = strtoull(only, NULL, 10);
        seed = p.seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
        make(&a);
        b = a;
        change(&b);
        p.a = emit(&ctx, &a, full);
        p.b = emit(&ctx, &b, full);
        p.options = (struct diff_options){.renames = hints(&ctx, &a, &b, full), .no_rename = true};
        try_pair(&p);
        ctx_finish(&ctx);
        if (only)
            break;
    }
}

static void test_strict(ATTR_UNUSED void **state)
{
    struct dialect dialect = strict_dialect();

    try_many(&dialect, 1, 3000, true);
}

static void test_plain(ATTR_UNUSED void **state)
{
    struct dialect dialect = plain_dialect();

    try_many(&dialect, 100000, 3000, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strict),
        cmocka_unit_test(test_plain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
