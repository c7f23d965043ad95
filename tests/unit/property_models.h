/* Random models for test_diff_property.c, and random changes to them. */
#pragma once

#include "diff_unit.h"

#include <stdlib.h>

enum {
    TABLES = 6,
    COLUMNS = 6,
    INDEXES = 3,
    KEYS = 2,
    VIEWS = 4,
    ENUMS = 3,
    SEQUENCES = 2,
    FUNCTIONS = 4,
    TRIGGERS = 5,
    POLICIES = 3
};

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

/* Objects keep their id when they change. Names come from small pools, so that they often clash. */
struct gen_column {
    int id; /* 0: none */
    unsigned name, type;
    bool nullable, dflt, unique, check, generated, on_update;
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
    int table, column, view, function; /* what it reads */
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
/* An SQL body depends on what it names; a body in a string does not. */
struct gen_function {
    int id;
    unsigned name, returns;
    bool is_text;
    int table, column, function; /* what it reads and calls */
};
struct gen_trigger {
    int id;
    unsigned name;
    int table, column, function, view;
};
struct gen_policy {
    int id;
    unsigned name;
    int table, column, function;
};
struct gen {
    int last_id;
    struct gen_table tables[TABLES];
    struct gen_view views[VIEWS];
    struct gen_enum enums[ENUMS];
    struct gen_sequence sequences[SEQUENCES];
    struct gen_function functions[FUNCTIONS];
    struct gen_trigger triggers[TRIGGERS];
    struct gen_policy policies[POLICIES];
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
    c->on_update = chance(10);
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
    if (chance(20))
        v->function = g->functions[draw(FUNCTIONS)].id;
}

static int any_function(const struct gen *g)
{
    return g->functions[draw(FUNCTIONS)].id;
}

static void make_function(struct gen *g, struct gen_function *f)
{
    const struct gen_table *t = chance(60) ? any_table(g) : NULL;

    *f = (struct gen_function){
        .id = ++g->last_id, .name = draw(FUNCTIONS), .returns = draw(2), .is_text = chance(40)};
    if (t) {
        f->table = t->id;
        f->column = any_column(t);
    }
    if (f != g->functions && chance(40))
        f->function = g->functions[draw((unsigned)(f - g->functions))].id;
}

static void make_trigger(struct gen *g, struct gen_trigger *r)
{
    const struct gen_table *t = any_table(g);

    *r = (struct gen_trigger){.id = ++g->last_id, .name = draw(3), .function = any_function(g)};
    if (chance(20))
        r->view = g->views[draw(VIEWS)].id;
    else if (t)
        *r = (struct gen_trigger){r->id, r->name, t->id, chance(50) ? any_column(t) : 0, r->function, 0};
}

static void make_policy(struct gen *g, struct gen_policy *p)
{
    const struct gen_table *t = any_table(g);

    *p = (struct gen_policy){.id = ++g->last_id, .name = draw(3), .function = any_function(g)};
    if (t) {
        p->table = t->id;
        p->column = any_column(t);
    }
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
    for (unsigned i = 0, n = draw(FUNCTIONS + 1); i < n; i++)
        make_function(g, &g->functions[i]);
    for (unsigned i = 0, n = draw(VIEWS + 1); i < n; i++)
        make_view(g, &g->views[i]);
    for (unsigned i = 0, n = draw(TRIGGERS + 1); i < n; i++)
        make_trigger(g, &g->triggers[i]);
    for (unsigned i = 0, n = draw(POLICIES + 1); i < n; i++)
        make_policy(g, &g->policies[i]);
    for (int i = 0; i < SEQUENCES; i++)
        g->sequences[i] =
            (struct gen_sequence){.live = chance(40), .start = draw(3), .table = g->tables[i].id};
}

/* ---- changes ------------------------------------------------------------------------------------------- */

static void change_column(struct gen *g, struct gen_table *t, struct gen_column *c)
{
    switch (draw(10)) {
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
    case 8:
        c->on_update = !c->on_update;
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

static void change_function(struct gen *g, struct gen_function *f)
{
    switch (draw(6)) {
    case 0:
        f->id = 0;
        break;
    case 3:
        f->name = draw(FUNCTIONS);
        break;
    case 1:
        f->returns = !f->returns;
        break;
    case 2:
        f->is_text = !f->is_text;
        break;
    default:
        make_function(g, f);
    }
}

static void change_object(struct gen *g)
{
    switch (draw(6)) {
    case 0:
        make_trigger(g, &g->triggers[draw(TRIGGERS)]);
        break;
    case 1:
        g->triggers[draw(TRIGGERS)].id = 0;
        break;
    case 2:
        make_policy(g, &g->policies[draw(POLICIES)]);
        break;
    case 3:
        g->policies[draw(POLICIES)].id = 0;
        break;
    default:
        change_function(g, &g->functions[draw(FUNCTIONS)]);
    }
}

static void change(struct gen *g)
{
    for (unsigned i = 0, n = draw(12); i < n; i++) {
        struct gen_table *t = &g->tables[draw(TABLES)];

        switch (draw(11)) {
        case 0:
            make_table(g, t);
            break;
        case 6:
        case 7:
            change_object(g);
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
    if (c->on_update && !base)
        str_addf(out, ", on_update: {sql: NEW.c%u}", c->name);
    if (c->comment)
        str_addf(out, ", comment: m%u", c->comment);
    str_add(out, "}\n");
}

/* Index and view names share a pool for the whole schema: the first object to use a name has it. */
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

/* A check that calls f9(), which calls others, and none of which ever changes. */
static bool calls(const struct gen_column *c)
{
    return c->id && c->check && c->id % 6 == 0;
}

static bool any_calls(const struct gen *g)
{
    for (int i = 0; i < TABLES; i++)
        for (int k = 0; k < COLUMNS; k++)
            if (g->tables[i].id && calls(&g->tables[i].columns[k]))
                return true;
    return false;
}

static void emit_checks(struct str *out, const struct gen_table *t, bool full)
{
    str_add(out, "    checks:\n");
    for (int i = 0; i < COLUMNS; i++)
        if (t->columns[i].id && t->columns[i].check && t->columns[i].id % 2)
            str_addf(out, "    - {name: k%d, sql: \"c%u IS NOT NULL\"}\n", i, t->columns[i].name);
        else if (full && calls(&t->columns[i]))
            str_addf(out, "    - {sql: \"c%u <> f9()\"}\n", t->columns[i].name);
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
        /* An operation could not tell two unnamed ones apart. */
        if (i && k->table == t->keys[0].table && k->column == t->keys[0].column)
            continue;
        if (k->target ? !target || !target->unique || target->type != c->type
                      : !other->has_key || c->type != 1)
            continue;
        str_addf(out, "    - {columns: [c%u], references: {table: %s, columns: [%s]}%s}\n", c->name,
            table_text(ctx, other, schemas), k->target ? ctx_printf(ctx, "c%u", target->name) : "id",
            k->action ? ", on_delete: cascade" : "");
    }
}

static const struct gen_view *view_by_id(const struct gen *g, int id)
{
    for (int i = 0; id && i < VIEWS; i++)
        if (g->views[i].id == id)
            return &g->views[i];
    return NULL;
}

/* The first object of a name keeps it. */
static const struct gen_function *function_by_id(const struct gen *g, int id)
{
    for (int i = 0; id && i < FUNCTIONS; i++) {
        bool is_first = true;

        for (int k = 0; k < i; k++)
            is_first = is_first && !(g->functions[k].id && g->functions[k].name == g->functions[i].name);
        if (g->functions[i].id == id)
            return is_first ? &g->functions[i] : NULL;
    }
    return NULL;
}

/* What a function reads and calls: "SELECT c1 FROM t2 WHERE f3() = 1". */
static const char *function_query(
    struct ctx *ctx, const struct gen *g, const struct gen_function *f, bool schemas)
{
    const struct gen_table *t = table_by_id(g, f->table);
    const struct gen_column *c = column_by_id(t, f->column);
    const struct gen_function *other = function_by_id(g, f->function);

    return ctx_printf(ctx, "SELECT %s%s%s", c ? ctx_printf(ctx, "c%u", c->name) : "1",
        c ? ctx_printf(ctx, " FROM %s", table_text(ctx, t, schemas)) : "",
        other && other < f ? ctx_printf(ctx, " WHERE f%u() = 1", other->name) : "");
}

static void emit_functions(struct ctx *ctx, struct str *out, const struct gen *g, bool schemas)
{
    static const char *const results[] = {"integer", "text"};

    str_add(out, "functions:\n");
    if (any_calls(g))
        str_add(out,
            "  f9(): {sql: \"CREATE FUNCTION f9() RETURNS integer RETURN (SELECT 1 WHERE f8() = 1)\"}\n"
            "  f8(): {sql: \"CREATE FUNCTION f8() RETURNS integer RETURN (SELECT 1)\"}\n");
    for (int i = 0; i < FUNCTIONS; i++) {
        const struct gen_function *f = function_by_id(g, g->functions[i].id);

        if (!f)
            continue;
        str_addf(out,
            f->is_text ? "  f%u(): {sql: \"CREATE FUNCTION f%u() RETURNS %s AS $$ %s $$\"}\n"
                       : "  f%u(): {sql: \"CREATE FUNCTION f%u() RETURNS %s RETURN (%s)\"}\n",
            f->name, f->name, results[f->returns], function_query(ctx, g, f, schemas));
    }
}

static void emit_trigger(struct ctx *ctx, struct str *out, const struct gen *g, const struct gen_trigger *r,
    const char *on, const struct gen_table *t, bool full)
{
    const struct gen_column *c = column_by_id(t, r->column);
    const struct gen_function *f = function_by_id(g, r->function);

    if (full && !f)
        return;
    str_addf(out, "      g%u: {sql: \"CREATE TRIGGER g%u %s UPDATE%s ON %s %s\"}\n", r->name, r->name,
        t ? "AFTER" : "INSTEAD OF", c ? ctx_printf(ctx, " OF c%u", c->name) : "", on,
        full ? ctx_printf(ctx, "EXECUTE FUNCTION f%u()", f->name) : "BEGIN SELECT 1; END");
}

static void emit_triggers(
    struct ctx *ctx, struct str *out, const struct gen *g, int table, int view, const char *on, bool full)
{
    bool used[3] = {false};

    str_add(out, "    triggers:\n");
    for (int i = 0; i < TRIGGERS; i++) {
        const struct gen_trigger *r = &g->triggers[i];

        if (!r->id || used[r->name] || !(table ? r->table == table : r->view == view && !r->table))
            continue;
        used[r->name] = true;
        emit_trigger(ctx, out, g, r, on, table_by_id(g, table), full);
    }
}

static void emit_policies(struct ctx *ctx, struct str *out, const struct gen *g, const struct gen_table *t)
{
    bool used[3] = {false};

    str_add(out, "    policies:\n");
    for (int i = 0; i < POLICIES; i++) {
        const struct gen_policy *p = &g->policies[i];
        const struct gen_column *c = column_by_id(t, p->column);
        const struct gen_function *f = function_by_id(g, p->function);

        if (!p->id || p->table != t->id || !c || used[p->name])
            continue;
        used[p->name] = true;
        str_addf(out, "      p%u: {sql: \"CREATE POLICY p%u ON %s USING (c%u IS NOT NULL%s)\"}\n", p->name,
            p->name, table_text(ctx, t, true), c->name, f ? ctx_printf(ctx, " AND f%u() = 1", f->name) : "");
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
    emit_checks(out, t, schemas);
    emit_indexes(out, t, used);
    emit_keys(ctx, out, g, t, schemas);
    emit_triggers(ctx, out, g, t->id, 0, table_text(ctx, t, schemas), schemas);
    if (schemas)
        emit_policies(ctx, out, g, t);
}

static void emit_view(struct ctx *ctx, struct str *out, const struct gen *g, const struct gen_view *v,
    struct used *used, bool schemas)
{
    const struct gen_table *t = table_by_id(g, v->table);
    const struct gen_column *c = column_by_id(t, v->column);
    const struct gen_view *other = view_by_id(g, v->view);

    const struct gen_function *f = schemas ? function_by_id(g, v->function) : NULL;
    const char *condition = f              ? ctx_printf(ctx, " WHERE f%u() = 1", f->name)
                            : v->condition ? " WHERE id = 1"
                                           : "";

    if (used->view[v->name])
        return;
    if (other && other < v && used->view[other->name])
        str_addf(out, "  w%u:\n    sql: SELECT x FROM w%u%s\n", v->name, other->name,
            f              ? condition
            : v->condition ? " WHERE x = 1"
                           : "");
    else if (c)
        str_addf(out, "  w%u:\n    sql: SELECT c%u AS x FROM %s%s\n", v->name, c->name,
            table_text(ctx, t, schemas), condition);
    else
        return;
    emit_triggers(ctx, out, g, 0, v->id, ctx_printf(ctx, "w%u", v->name), schemas);
    used->view[v->name] = true;
}

static const char *emit(struct ctx *ctx, const struct gen *g, bool full)
{
    struct str out = STR(ctx);
    struct used used = {0};

    str_add(&out, "complete: true\n");
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
        emit_functions(ctx, &out, g, full);
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

/* Renamed objects, as a user would give them. */
static const struct rename_hint *hints(struct ctx *ctx, const struct gen *a, const struct gen *b, bool full)
{
    struct rename_hint *list =
        arena_alloc(&ctx->arena, (TABLES * (COLUMNS + 1) + FUNCTIONS + 1) * sizeof(*list));
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
    for (int i = 0; full && i < FUNCTIONS; i++) {
        const struct gen_function *new = function_by_id(b, b->functions[i].id),
                                  *old = new ? function_by_id(a, new->id) : NULL;

        if (old && old->name != new->name)
            list[n++] = (struct rename_hint){.kind = "function",
                .from = ctx_printf(ctx, "f%u", old->name),
                .to = ctx_printf(ctx, "f%u", new->name)};
    }
    return list;
}
