/*
 * Do the operations between any two schemas run, and lead exactly there and back?
 *
 * Random models, changed at random, with a fixed seed. The operations go through their written form and are then
 * done one by one to a schema in memory; before each it is asked whether a server would refuse it, and after each
 * whether what is left is consistent. In the end the schema must be the other one.
 */
#include "diff_unit.h"

#include <stdlib.h>

enum { TABLES = 6, COLUMNS = 6, INDEXES = 3, KEYS = 2, VIEWS = 4, ENUMS = 3, SEQUENCES = 2 };

/* ---- random numbers ------------------------------------------------------------------------------------ */

static uint64_t seed;

static unsigned draw(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % n;
}

static bool chance(unsigned percent)
{
    return draw(100) < percent;
}

/* ---- models -------------------------------------------------------------------------------------------- */

/* Objects keep their id when they change; names come from small pools, so that they are taken often. */
struct gen_column {
    int id; /* 0: none */
    unsigned name, type;
    bool nullable, dflt, unique, check, generated;
    unsigned comment;
};
struct gen_index {
    int id;
    unsigned name;
    int columns[2];
    bool unique, partial;
};
struct gen_key {
    int id, column, table, target; /* ids; target 0: the primary key */
    unsigned action;
};
struct gen_table {
    int id;
    unsigned name, comment, schema;
    bool has_key, named_unique;
    struct gen_column columns[COLUMNS];
    struct gen_index indexes[INDEXES];
    struct gen_key keys[KEYS];
};
struct gen_view {
    int id;
    unsigned name;
    int table, column, view; /* what it reads */
    bool condition;
};
struct gen_enum {
    bool live;
    unsigned values[4], n, comment;
};
struct gen_sequence {
    bool live;
    unsigned start;
    int table;
};
struct gen {
    int last_id;
    struct gen_table tables[TABLES];
    struct gen_view views[VIEWS];
    struct gen_enum enums[ENUMS];
    struct gen_sequence sequences[SEQUENCES];
};

static const char *const types[] = {
    "integer", "bigint", "text", "string(20)", "string(40)", "enum(e0)", "enum(e1)", "enum(e2)"};
enum { INTEGER_TYPES = 2, ENUM_TYPES = 5 };

static bool name_free(const struct gen *g, unsigned name)
{
    for (int i = 0; i < TABLES; i++)
        if (g->tables[i].id && g->tables[i].name == name)
            return false;
    return true;
}

static unsigned column_name(const struct gen_table *t)
{
    for (;;) {
        unsigned name = draw(COLUMNS + 3);
        bool free = true;

        for (int i = 0; i < COLUMNS; i++)
            free = free && !(t->columns[i].id && t->columns[i].name == name);
        if (free)
            return name;
    }
}

static void make_column(struct gen *g, struct gen_table *t, struct gen_column *c)
{
    unsigned name = column_name(t);

    *c = (struct gen_column){.id = ++g->last_id, .name = name, .type = draw(COUNT_OF(types))};
    c->nullable = chance(60);
    c->dflt = chance(30);
    c->unique = chance(25);
    c->check = chance(25);
    c->generated = c->type < INTEGER_TYPES && chance(15);
}

static int any_column(const struct gen_table *t)
{
    for (int tries = 0; tries < 20; tries++) {
        const struct gen_column *c = &t->columns[draw(COLUMNS)];

        if (c->id)
            return c->id;
    }
    return 0;
}

static const struct gen_table *any_table(const struct gen *g)
{
    for (int tries = 0; tries < 20; tries++) {
        const struct gen_table *t = &g->tables[draw(TABLES)];

        if (t->id)
            return t;
    }
    return NULL;
}

static void make_index(struct gen *g, const struct gen_table *t, struct gen_index *i)
{
    *i = (struct gen_index){.id = ++g->last_id, .name = draw(6), .unique = chance(30), .partial = chance(30)};
    i->columns[0] = any_column(t);
    i->columns[1] = chance(40) ? any_column(t) : 0;
}

static void make_key(struct gen *g, const struct gen_table *t, struct gen_key *k)
{
    const struct gen_table *other = any_table(g);

    *k = (struct gen_key){.id = ++g->last_id, .column = any_column(t), .action = draw(2)};
    if (!other)
        return;
    k->table = other->id;
    k->target = chance(70) ? 0 : any_column(other);
}

static void make_table(struct gen *g, struct gen_table *t)
{
    unsigned name;

    do
        name = draw(TABLES + 2);
    while (!name_free(g, name));
    *t = (struct gen_table){.id = ++g->last_id, .name = name, .has_key = chance(85), .schema = chance(15)};
    t->named_unique = chance(50);
    for (unsigned i = 0, n = 1 + draw(COLUMNS); i < n; i++)
        make_column(g, t, &t->columns[i]);
    for (unsigned i = 0, n = draw(INDEXES + 1); i < n; i++)
        make_index(g, t, &t->indexes[i]);
    for (unsigned i = 0, n = draw(KEYS + 1); i < n; i++)
        make_key(g, t, &t->keys[i]);
}

static void make_view(struct gen *g, struct gen_view *v)
{
    const struct gen_table *t = any_table(g);

    *v = (struct gen_view){.id = ++g->last_id, .name = draw(6), .condition = chance(50)};
    if (t) {
        v->table = t->id;
        v->column = any_column(t);
    }
    if (chance(30) && v != g->views)
        v->view = g->views[draw((unsigned)(v - g->views))].id;
}

static void make_enum(struct gen_enum *e)
{
    *e = (struct gen_enum){.live = true, .n = 1};
    while (e->n < 4 && chance(60))
        e->n++;
    for (unsigned i = 0; i < e->n; i++)
        e->values[i] = i;
}

static void make(struct gen *g)
{
    *g = (struct gen){0};
    for (int i = 0; i < ENUMS; i++)
        make_enum(&g->enums[i]);
    for (unsigned i = 0, n = draw(TABLES + 1); i < n; i++)
        make_table(g, &g->tables[i]);
    for (int i = 0; i < TABLES; i++)
        for (int k = 0; g->tables[i].id && k < KEYS; k++)
            if (g->tables[i].keys[k].id)
                make_key(g, &g->tables[i], &g->tables[i].keys[k]);
    for (unsigned i = 0, n = draw(VIEWS + 1); i < n; i++)
        make_view(g, &g->views[i]);
    for (int i = 0; i < SEQUENCES; i++)
        g->sequences[i] =
            (struct gen_sequence){.live = chance(40), .start = draw(3), .table = g->tables[i].id};
}

/* ---- changes ------------------------------------------------------------------------------------------- */

static void change_column(struct gen *g, struct gen_table *t, struct gen_column *c)
{
    switch (draw(9)) {
    case 0:
        c->id = 0;
        break;
    case 1:
        c->type = draw(COUNT_OF(types));
        c->generated = c->generated && c->type < INTEGER_TYPES;
        break;
    case 2:
        c->nullable = !c->nullable;
        break;
    case 3:
        c->dflt = !c->dflt;
        break;
    case 4:
        c->unique = !c->unique;
        break;
    case 5:
        c->check = !c->check;
        break;
    case 6:
        c->name = column_name(t);
        break;
    case 7:
        c->comment = draw(3);
        break;
    default:
        make_column(g, t, &t->columns[draw(COLUMNS)]);
    }
}

static void swap_names(struct gen *g)
{
    struct gen_table *a = &g->tables[draw(TABLES)], *b = &g->tables[draw(TABLES)];
    unsigned name = a->name;

    if (!a->id || !b->id)
        return;
    a->name = b->name;
    b->name = name;
}

static void change_table(struct gen *g, struct gen_table *t)
{
    unsigned name = draw(TABLES + 2);

    switch (draw(9)) {
    case 0:
        t->id = 0;
        break;
    case 1:
        t->name = name_free(g, name) ? name : t->name;
        break;
    case 2:
        t->has_key = !t->has_key;
        break;
    case 3:
        make_index(g, t, &t->indexes[draw(INDEXES)]);
        break;
    case 4:
        t->indexes[draw(INDEXES)].id = 0;
        break;
    case 5:
        make_key(g, t, &t->keys[draw(KEYS)]);
        break;
    case 6:
        t->comment = draw(3);
        break;
    case 7:
        t->named_unique = !t->named_unique;
        break;
    default:
        t->keys[draw(KEYS)].id = 0;
    }
}

static void change_enum(struct gen_enum *e)
{
    unsigned at = draw(e->n), other = draw(e->n), value = e->values[at];

    switch (draw(4)) {
    case 0:
        e->values[at] = e->values[other];
        e->values[other] = value;
        break;
    case 1:
        e->n = e->n > 1 ? e->n - 1 : e->n;
        break;
    case 2:
        make_enum(e);
        break;
    default:
        e->comment = draw(3);
    }
}

static void change(struct gen *g)
{
    for (unsigned i = 0, n = draw(12); i < n; i++) {
        struct gen_table *t = &g->tables[draw(TABLES)];

        switch (draw(9)) {
        case 0:
            make_table(g, t);
            break;
        case 1:
            swap_names(g);
            break;
        case 2:
            make_view(g, &g->views[draw(VIEWS)]);
            break;
        case 3:
            g->views[draw(VIEWS)].id = 0;
            break;
        case 4:
            change_enum(&g->enums[draw(ENUMS)]);
            break;
        case 5:
            g->sequences[draw(SEQUENCES)] = (struct gen_sequence){chance(60), draw(3), t->id};
            break;
        default:
            if (t->id && chance(50))
                change_table(g, t);
            else if (t->id)
                change_column(g, t, &t->columns[draw(COLUMNS)]);
        }
    }
}

/* ---- as text ------------------------------------------------------------------------------------------- */

static const struct gen_table *table_by_id(const struct gen *g, int id)
{
    for (int i = 0; id && i < TABLES; i++)
        if (g->tables[i].id == id)
            return &g->tables[i];
    return NULL;
}

static const struct gen_column *column_by_id(const struct gen_table *t, int id)
{
    for (int i = 0; t && id && i < COLUMNS; i++)
        if (t->columns[i].id == id)
            return &t->columns[i];
    return NULL;
}

static const char *table_text(struct ctx *ctx, const struct gen_table *t, bool schemas)
{
    return ctx_printf(ctx, "%st%u", schemas && t->schema ? "aux." : "", t->name);
}

static const struct gen_column *base_of(const struct gen_table *t, const struct gen_column *c)
{
    for (int i = 0; i < COLUMNS; i++)
        if (t->columns[i].id && &t->columns[i] != c && t->columns[i].type < INTEGER_TYPES &&
            !t->columns[i].generated)
            return &t->columns[i];
    return NULL;
}

static void emit_column(
    struct str *out, const struct gen *g, const struct gen_table *t, const struct gen_column *c)
{
    const struct gen_column *base = c->generated ? base_of(t, c) : NULL;

    str_addf(
        out, "      c%u: {type: %s, nullable: %s", c->name, types[c->type], c->nullable ? "true" : "false");
    if (base)
        str_addf(out, ", generated: c%u + 1", base->name);
    else if (c->dflt && c->type < INTEGER_TYPES)
        str_addf(out, ", default: %u", c->type + 1);
    else if (c->dflt && c->type >= ENUM_TYPES)
        str_addf(out, ", default: v%u", g->enums[c->type - ENUM_TYPES].values[0]);
    else if (c->dflt)
        str_add(out, ", default: x");
    if (c->comment)
        str_addf(out, ", comment: m%u", c->comment);
    str_add(out, "}\n");
}

/* Index and view names are of one pool for the whole schema: the first to come has it. */
struct used {
    bool index[6], view[6];
};

static void emit_uniques(struct str *out, const struct gen_table *t)
{
    str_add(out, "    uniques:\n");
    for (int i = 0; i < COLUMNS; i++) {
        const struct gen_column *c = &t->columns[i];

        if (!c->id || !c->unique)
            continue;
        if (t->named_unique)
            str_addf(out, "    - {name: u%d_%u, columns: [c%u]}\n", t->id, c->name, c->name);
        else
            str_addf(out, "    - {columns: [c%u]}\n", c->name);
    }
}

static void emit_checks(struct str *out, const struct gen_table *t)
{
    str_add(out, "    checks:\n");
    for (int i = 0; i < COLUMNS; i++)
        if (t->columns[i].id && t->columns[i].check && t->columns[i].id % 2)
            str_addf(out, "    - {name: k%d, sql: \"c%u IS NOT NULL\"}\n", i, t->columns[i].name);
        else if (t->columns[i].id && t->columns[i].check)
            str_addf(out, "    - {sql: \"c%u <> '1'\"}\n", t->columns[i].name);
}

static void emit_indexes(struct str *out, const struct gen_table *t, struct used *used)
{
    str_add(out, "    indexes:\n");
    for (int i = 0; i < INDEXES; i++) {
        const struct gen_index *x = &t->indexes[i];
        const struct gen_column *a = column_by_id(t, x->columns[0]), *b = column_by_id(t, x->columns[1]);

        if (!x->id || !a || used->index[x->name])
            continue;
        used->index[x->name] = true;
        str_addf(out, "    - {name: i%u, columns: [c%u", x->name, a->name);
        if (b && b != a)
            str_addf(out, ", c%u", b->name);
        str_addf(out, "], unique: %s", x->unique ? "true" : "false");
        if (x->partial)
            str_addf(out, ", where: \"c%u IS NOT NULL\"", a->name);
        str_add(out, "}\n");
    }
}

static void emit_keys(
    struct ctx *ctx, struct str *out, const struct gen *g, const struct gen_table *t, bool schemas)
{
    str_add(out, "    foreign_keys:\n");
    for (int i = 0; i < KEYS; i++) {
        const struct gen_key *k = &t->keys[i];
        const struct gen_table *other = table_by_id(g, k->table);
        const struct gen_column *c = column_by_id(t, k->column), *target = column_by_id(other, k->target);

        if (!k->id || !other || !c)
            continue;
        if (k->target ? !target || !target->unique || target->type != c->type
                      : !other->has_key || c->type != 1)
            continue;
        str_addf(out, "    - {columns: [c%u], references: {table: %s, columns: [%s]}%s}\n", c->name,
            table_text(ctx, other, schemas), k->target ? ctx_printf(ctx, "c%u", target->name) : "id",
            k->action ? ", on_delete: cascade" : "");
    }
}

static void emit_table(struct ctx *ctx, struct str *out, const struct gen *g, const struct gen_table *t,
    struct used *used, bool schemas)
{
    str_addf(out, "  %s:\n", table_text(ctx, t, schemas));
    if (t->comment)
        str_addf(out, "    comment: m%u\n", t->comment);
    str_addf(out, "    columns:\n      id: {type: bigint, nullable: false%s}\n",
        t->has_key ? ", primary_key: true, autoincrement: false" : "");
    for (int i = 0; i < COLUMNS; i++)
        if (t->columns[i].id)
            emit_column(out, g, t, &t->columns[i]);
    emit_uniques(out, t);
    emit_checks(out, t);
    emit_indexes(out, t, used);
    emit_keys(ctx, out, g, t, schemas);
}

static const struct gen_view *view_by_id(const struct gen *g, int id)
{
    for (int i = 0; id && i < VIEWS; i++)
        if (g->views[i].id == id)
            return &g->views[i];
    return NULL;
}

static void emit_view(struct ctx *ctx, struct str *out, const struct gen *g, const struct gen_view *v,
    struct used *used, bool schemas)
{
    const struct gen_table *t = table_by_id(g, v->table);
    const struct gen_column *c = column_by_id(t, v->column);
    const struct gen_view *other = view_by_id(g, v->view);

    if (used->view[v->name])
        return;
    if (other && other < v && used->view[other->name])
        str_addf(out, "  w%u: {sql: \"SELECT x FROM w%u%s\"}\n", v->name, other->name,
            v->condition ? " WHERE x = 1" : "");
    else if (c)
        str_addf(out, "  w%u: {sql: \"SELECT c%u AS x FROM %s%s\"}\n", v->name, c->name,
            table_text(ctx, t, schemas), v->condition ? " WHERE id = 1" : "");
    else
        return;
    used->view[v->name] = true;
}

static const char *emit(struct ctx *ctx, const struct gen *g, bool full)
{
    struct str out = STR(ctx);
    struct used used = {0};

    if (full)
        str_add(&out, "schemas: [aux]\n");
    str_add(&out, "enums:\n");
    for (int i = 0; i < ENUMS; i++) {
        str_addf(&out, "  e%d: {values: [", i);
        for (unsigned k = 0; k < g->enums[i].n; k++)
            str_addf(&out, "%sv%u", k ? ", " : "", g->enums[i].values[k]);
        str_addf(&out, "]%s}\n", g->enums[i].comment == 1 ? ", comment: m" : "");
    }
    str_add(&out, "tables:\n");
    for (int i = 0; i < TABLES; i++)
        if (g->tables[i].id)
            emit_table(ctx, &out, g, &g->tables[i], &used, full);
    str_add(&out, "views:\n");
    for (int i = 0; i < VIEWS; i++)
        if (g->views[i].id)
            emit_view(ctx, &out, g, &g->views[i], &used, full);
    if (full)
        str_add(&out, "sequences:\n");
    for (int i = 0; full && i < SEQUENCES; i++) {
        const struct gen_table *t = table_by_id(g, g->sequences[i].table);

        if (g->sequences[i].live)
            str_addf(&out, "  s%d: {start: %u%s}\n", i, g->sequences[i].start + 1,
                t ? ctx_printf(ctx, ", owned_by: %s.id", table_text(ctx, t, full)) : "");
    }
    return str_get(&out);
}

/* What goes by another name, as a person would say it. */
static const struct rename_hint *hints(struct ctx *ctx, const struct gen *a, const struct gen *b, bool full)
{
    struct rename_hint *list = arena_alloc(&ctx->arena, (TABLES * (COLUMNS + 1) + 1) * sizeof(*list));
    size_t n = 0;

    for (int i = 0; i < TABLES; i++) {
        const struct gen_table *new = &b->tables[i], *old = table_by_id(a, new->id);

        if (!new->id || !old)
            continue;
        const char *from = table_text(ctx, old, full), *to = table_text(ctx, new, full);
        if (!str_eq(from, to))
            list[n++] = (struct rename_hint){.kind = "table", .from = from, .to = to};
        for (int k = 0; k < COLUMNS; k++) {
            const struct gen_column *c = &new->columns[k], *before = column_by_id(old, c->id);

            if (c->id && before && before->name != c->name)
                list[n++] = (struct rename_hint){.kind = "column",
                    .from = ctx_printf(ctx, "%s.c%u", from, before->name),
                    .to = ctx_printf(ctx, "%s.c%u", to, c->name)};
        }
    }
    return list;
}

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

/* What a view reads: a table's column, or another view. */
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

    if (schema_view(s, &source))
        return NULL;
    return t && table_column(t, view_column(ctx, v))
               ? NULL
               : problem(ctx, "view of something missing", v->body.native);
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
    return why;
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

/* An enum that is made anew must not be used in expressions. */
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

static const char *refuse_alter(struct ctx *ctx, const struct schema *s, const struct op_alter_column *o)
{
    const struct table *t = schema_table(s, &o->table);

    if (ALTER_HAS(o, ALTER_TYPE) &&
        (is_viewed(ctx, s, &o->table, o->name) || is_generated_from(s, &o->table, o->name)))
        return problem(ctx, "type of something that is used", o->name);
    if (t && ALTER_HAS(o, ALTER_NULLABLE) && o->nullable && column_in_key(t, o->name))
        return problem(ctx, "NULL in a key", o->name);
    if (ALTER_HAS(o, ALTER_GENERATED) && o->generated)
        return problem(ctx, "expression changed in place", o->name);
    return NULL;
}

/* What is refused because something else holds on to it. */
static const char *refuse(struct ctx *ctx, const struct schema *s, const struct op *op)
{
    const struct op_drop_column *c = &op->u.drop_column;

    if (op->kind == OP_DROP_TABLE &&
        (is_referred(s, &op->u.drop.name, NULL) || is_viewed(ctx, s, &op->u.drop.name, NULL)))
        return problem(ctx, "table is used", op->u.drop.name.name);
    if (op->kind == OP_DROP_VIEW && is_viewed(ctx, s, &op->u.drop.name, NULL))
        return problem(ctx, "view is used", op->u.drop.name.name);
    if (op->kind == OP_DROP_COLUMN &&
        (is_referred(s, &c->table, c->name) || is_viewed(ctx, s, &c->table, c->name) ||
            is_generated_from(s, &c->table, c->name)))
        return problem(ctx, "column is used", c->name);
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
    return str_get(&out);
}

/* ---- the property -------------------------------------------------------------------------------------- */

/* One pair of models, and all that is needed to tell what went wrong. */
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

/* The lines of one text that the other one lacks, each behind a sign. */
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

    /* What was reached has no differences. */
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
