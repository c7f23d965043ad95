/* Differences between the tables, enums, sequences and schemas of two databases. */
#include "diff/differ.h"

static const char *text_of(struct differ *d, const struct qname *name)
{
    return qname_text(&d->ctx->arena, name);
}

static bool comments_differ(const struct differ *d, const char *a, const char *b)
{
    return d->dialect->has.comments && !str_eq(a, b);
}

/* ---- the database ------------------------------------------------------------------------------------------ */

static const char *database_setting(const struct differ *d, const struct schema *s, const char *key)
{
    const char *value = options_get(s->options, d->dialect->name, key);

    return value ? value : "0";
}

/* A setting that is not given is 0. */
void compare_database(struct differ *d)
{
    struct op *op = NULL;

    for (const struct option_row *o = d->dialect->options; o && o->on; o++) {
        const char *a, *b;

        if (!str_eq(o->on, "database"))
            continue;
        a = database_setting(d, d->from, o->key);
        b = database_setting(d, d->to, o->key);
        if (option_values_same(a, b))
            continue;
        if (!op)
            op = differ_add(d, PHASE_COMMENT, op_new(d->ctx, OP_ALTER_DATABASE));
        options_set(d->ctx, &op->u.alter_database.options, d->dialect->name, o->key, b);
        if (d->found)
            differ_found(d, (struct pos){0}, "%s: %s in the database, %s in the models", o->key, a, b);
    }
}

/* ---- schemas ---------------------------------------------------------------------------------------------- */

static const struct namespace *find_namespace(const struct schema *s, const char *name)
{
    vec_each(i, &s->namespaces)
        if (str_eq(s->namespaces.v[i]->name, name))
            return s->namespaces.v[i];
    return NULL;
}

static void need_namespace(struct differ *d, struct strings *names, const struct qname *name)
{
    if (name->schema && !str_eq(name->schema, d->to->default_schema) && !strings_have(names, name->schema))
        vec_add(d->ctx, names, name->schema);
}

/* All that are listed or used. An object may be in a schema that is not under management. */
static void namespaces_of(struct differ *d, const struct schema *s, struct strings *ret)
{
    vec_each(i, &s->namespaces)
        vec_add(d->ctx, ret, s->namespaces.v[i]->name);
    vec_each(i, &s->tables)
        need_namespace(d, ret, &s->tables.v[i]->name);
    vec_each(i, &s->enums)
        need_namespace(d, ret, &s->enums.v[i]->name);
    vec_each(i, &s->sequences)
        need_namespace(d, ret, &s->sequences.v[i]->name);
    vec_each(i, &s->views)
        need_namespace(d, ret, &s->views.v[i]->name);
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &s->objects[kind])
            need_namespace(d, ret,
                &(struct qname){.schema = object_schema((enum object_kind)kind, s->objects[kind].v[i])});
    strings_sort(ret);
}

static void comment_namespace(struct differ *d, const char *name)
{
    const struct namespace *a = find_namespace(d->from, name), *b = find_namespace(d->to, name);
    const char *comment = b ? b->comment : NULL;

    if (!comments_differ(d, a ? a->comment : NULL, comment))
        return;
    differ_add(
        d, PHASE_COMMENT, op_set_comment_for(d, "schema", NULL, (struct qname){.name = name}, comment));
    if (d->found)
        differ_found(d, b ? b->pos : (struct pos){0}, "schema '%s': the comment differs", name);
}

static void change_namespace(struct differ *d, enum op_kind kind, const char *name)
{
    struct op *op = op_new(d->ctx, kind);

    op->u.schema.name = name;
    differ_add(d, kind == OP_CREATE_SCHEMA ? PHASE_CREATE_SCHEMA : PHASE_DROP_SCHEMA, op);
    if (d->found)
        differ_found(d, (struct pos){0}, "schema '%s': not in the %s", name,
            kind == OP_CREATE_SCHEMA ? "database" : "models");
}

/* Whether the database has it, and nobody manages it. */
static bool is_unmanaged(const struct differ *d, const char *name)
{
    return strings_have(&d->from->unmanaged, name) || strings_have(&d->to->unmanaged, name);
}

void compare_namespaces(struct differ *d)
{
    struct strings a = {0}, b = {0};

    if (!d->dialect->has.schemas)
        return;
    namespaces_of(d, d->from, &a);
    namespaces_of(d, d->to, &b);
    vec_each(i, &b) {
        if (!strings_have(&a, b.v[i]) && !is_unmanaged(d, b.v[i]))
            change_namespace(d, OP_CREATE_SCHEMA, b.v[i]);
        comment_namespace(d, b.v[i]);
    }
    vec_each(i, &a)
        if (!strings_have(&b, a.v[i]) && !is_unmanaged(d, a.v[i]))
            change_namespace(d, OP_DROP_SCHEMA, a.v[i]);
}

/* ---- enums ------------------------------------------------------------------------------------------------ */

/* Whether the remaining old values keep their order, so that new ones can be inserted. */
static bool only_adds(const struct strings *a, const struct strings *b)
{
    size_t at = 0;

    for (size_t i = 0; i < b->n && at < a->n; i++)
        at += str_eq(a->v[at], b->v[i]);
    return at == a->n;
}

/* How the database spells the type of a column of this enum. */
static const char *enum_native(struct differ *d, const struct enumeration *e)
{
    struct table t = {.name = e->name};
    struct column c = {.name = "c"};
    const char *native = NULL;

    c.type.text = ctx_printf(d->ctx, "enum(%s)", text_of(d, &e->name));
    if (!d->dialect->type_native(d->ctx, &t, &c, &native))
        err_clear(d->ctx);
    return native;
}

/* Whether the change of an enum also changes a column's values, where they belong to the column. */
bool enum_covers(struct differ *d, const struct column *a, const struct column *b)
{
    const struct enumeration *from = column_enumeration(d->ctx, d->dialect, d->from, a);
    const struct enumeration *to = column_enumeration(d->ctx, d->dialect, d->to, b);

    return from && to && qname_eq(&from->name, &to->name) && !strings_eq(&from->values, &to->values) &&
           strings_eq(b->values, &to->values);
}

static bool uses_enum(struct differ *d, const struct column *a, const struct column *b,
    const struct enumeration *e, const char *native)
{
    size_t n;

    if (!d->dialect->has.enums)
        return a->values && b->values && !strings_eq(a->values, b->values) &&
               column_enumeration(d->ctx, d->dialect, d->from, a) == e && enum_covers(d, a, b);
    if (!native || !a->native)
        return false;
    n = strlen(native);
    return strncmp(a->native, native, n) == 0 && (!a->native[n] || a->native[n] == '[');
}

/* Up to the brackets of an array. */
static size_t element_length(const char *native)
{
    size_t n = strlen(native);

    while (n > 2 && native[n - 2] == '[' && native[n - 1] == ']')
        n -= 2;
    return n;
}

/* An enum that is changed may not have the column's values yet. */
bool enum_is_left(struct differ *d, const struct column *a, const struct column *b)
{
    const struct enumeration *to = column_enumeration(d->ctx, d->dialect, d->to, b);
    const struct enumeration *before = to ? schema_enum(d->from, &to->name) : NULL;
    size_t n = element_length(a->native);

    if (n == element_length(b->native) && strncmp(a->native, b->native, n) == 0)
        return false;
    return !before || strings_eq(&before->values, &to->values);
}

/* The columns that use it. Those that are dropped or retyped have changed before it is recreated; the others
 * are marked, for other functions. */
static void enum_users(struct differ *d, const struct enumeration *e, bool remade, struct strings *ret)
{
    const char *native = d->dialect->has.enums ? enum_native(d, e) : NULL;

    vec_each(i, &d->from->tables) {
        const struct table *t = d->from->tables.v[i], *other = schema_table(d->to, &t->name);

        vec_each(k, &t->columns) {
            const struct column *c = t->columns.v[k], *now = other ? table_column(other, c->name) : NULL;

            if (!uses_enum(d, c, now ? now : c, e, native))
                continue;
            if (!c->is_inherited &&
                ((now && !(remade && !differ_rebuilds(d) && enum_is_left(d, c, now))) || !remade))
                vec_add(d->ctx, ret, ctx_printf(d->ctx, "%s.%s", text_of(d, &t->name), c->name));
            if (!remade || differ_rebuilds(d))
                continue;
            refuse_key_column(d, t, c);
            differ_remake(d, t, c->name, REMADE_TYPE);
            vec_add(d->ctx, &differ_touch(d, t)->columns, c->name);
        }
    }
}

static void alter_enum(struct differ *d, const struct enumeration *a, const struct enumeration *b)
{
    struct op *op = op_new(d->ctx, OP_ALTER_ENUM);
    bool remade = !only_adds(&a->values, &b->values);

    op->pos = b->pos;
    op->u.alter_enum.name = b->name;
    op->u.alter_enum.values = b->values;
    op->u.alter_enum.existing_values = a->values;
    enum_users(d, a, remade, &op->u.alter_enum.columns);
    if (remade && d->dialect->has.enums)
        vec_add(d->ctx, &d->recreated_enums, str_lower(&d->ctx->arena, a->name.name));
    vec_each(i, &a->values)
        if (!strings_have(&b->values, a->values.v[i]))
            op->note = "fails if a row contains a removed value";
    /* Without enum types nothing changes unless a column does. */
    if (!d->dialect->has.enums && !op->u.alter_enum.columns.n)
        return;
    differ_add(d, PHASE_ALTER_ENUM, op);
    if (d->found)
        differ_found(d, b->pos, "enum '%s': values %s in the database, %s in the models",
            text_of(d, &b->name), strings_join(&d->ctx->arena, &a->values, ", "),
            strings_join(&d->ctx->arena, &b->values, ", "));
}

static void compare_enum(struct differ *d, const struct enumeration *a, const struct enumeration *b)
{
    if (!strings_eq(&a->values, &b->values))
        alter_enum(d, a, b);
    if (!comments_differ(d, a->comment, b->comment))
        return;
    differ_add(d, PHASE_COMMENT, op_set_comment_for(d, "enum", NULL, b->name, b->comment));
    if (d->found)
        differ_found(d, b->pos, "enum '%s': the comment differs", text_of(d, &b->name));
}

static void create_enum(struct differ *d, const struct enumeration *e)
{
    struct op *op = op_new(d->ctx, OP_CREATE_ENUM);

    op->pos = e->pos;
    op->u.create_enum.enumeration = *e;
    op->u.create_enum.enumeration.renamed_from = NULL;
    differ_add(d, PHASE_CREATE_ENUM, op);
    if (d->found)
        differ_found(d, e->pos, "enum '%s': not in the database", text_of(d, &e->name));
}

void compare_enums(struct differ *d)
{
    vec_each(i, &d->to->enums) {
        const struct enumeration *b = d->to->enums.v[i], *a = schema_enum(d->from, &b->name);

        if (a)
            compare_enum(d, a, b);
        else
            create_enum(d, b);
    }
    vec_each(i, &d->from->enums) {
        const struct enumeration *a = d->from->enums.v[i];

        if (schema_enum(d->to, &a->name))
            continue;
        differ_add(d, PHASE_DROP_ENUM, op_drop_for(d, OP_DROP_ENUM, &a->name));
        if (d->found)
            differ_found(d, (struct pos){0}, "enum '%s': not in the models", text_of(d, &a->name));
    }
}

/* ---- sequences -------------------------------------------------------------------------------------------- */

/* A sequence with all its numbers: missing ones get the database's defaults. */
struct numbering {
    const char *start, *increment, *min, *max, *cache;
    bool cycle;
};

static struct numbering numbering_of(const struct differ *d, const struct sequence *q)
{
    static const struct {
        const char *type, *min, *max;
    } limits[] = {
        {"smallint", "-32768", "32767"},
        {"integer", "-2147483648", "2147483647"},
        {"bigint", "-9223372036854775808", "9223372036854775807"},
    };
    const struct sequence_options *o = &q->options;
    const struct sequence_defaults *own = d->dialect->sequence_defaults;
    struct numbering n = {
        .increment = o->increment ? o->increment : "1",
        .cache = o->cache ? o->cache
                 : own    ? own->cache
                          : "1",
        .cycle = o->cycle == TRI_TRUE,
    };
    bool descends = n.increment[0] == '-';
    size_t k = 0;

    while (k + 1 < COUNT_OF(limits) && !str_eq(limits[k].type, q->type))
        k++;
    n.min = o->min ? o->min : !descends ? "1" : own ? own->min : limits[k].min;
    n.max = o->max ? o->max : descends ? "-1" : own ? own->max : limits[k].max;
    n.start = o->start ? o->start : descends ? n.max : n.min;
    return n;
}

static bool same_sequence(struct differ *d, const struct sequence *a, const struct sequence *b)
{
    const struct numbering x = numbering_of(d, a), y = numbering_of(d, b);

    return str_eq(a->type ? a->type : "bigint", b->type ? b->type : "bigint") && str_eq(x.start, y.start) &&
           str_eq(x.increment, y.increment) && str_eq(x.min, y.min) && str_eq(x.max, y.max) &&
           str_eq(x.cache, y.cache) && x.cycle == y.cycle &&
           same_options(d->dialect, a->settings, b->settings);
}

static bool same_owner(const struct sequence *a, const struct sequence *b)
{
    return qname_eq(&a->owner, &b->owner) && str_eq(a->owner_column, b->owner_column);
}

/* Whether the column that owns a sequence is there. */
static bool owner_is_in(const struct schema *s, const struct sequence *q)
{
    const struct table *t = q->owner.name ? schema_table(s, &q->owner) : NULL;

    return t && table_column(t, q->owner_column);
}

/* Whether its table gets other settings: the database may let the sequence follow (SET UNLOGGED). */
static bool owner_changes(struct differ *d, const struct sequence *a, const struct sequence *b)
{
    const struct table *before = a->owner.name ? schema_table(d->from, &a->owner) : NULL,
                       *after = b->owner.name ? schema_table(d->to, &b->owner) : NULL;
    const char *name = d->dialect->name;

    for (const struct option_row *o = d->dialect->options; before && after && o && o->on; o++)
        if (str_eq(o->on, "sequence") && !option_values_same(options_get(before->options, name, o->key),
                                             options_get(after->options, name, o->key)))
            return true;
    return false;
}

static struct op *sequence_op(struct differ *d, enum op_kind kind, const struct sequence *q, bool owned)
{
    struct op *op = op_new(d->ctx, kind);

    op->pos = q->pos;
    op->u.sequence.sequence = *q;
    if (!owned) {
        op->u.sequence.sequence.owner = (struct qname){0};
        op->u.sequence.sequence.owner_column = NULL;
    }
    return op;
}

/* Its owner may be dropped, or created later: in between it has none. */
static void alter_sequence(struct differ *d, const struct sequence *a, const struct sequence *b)
{
    bool before = owner_is_in(d->from, b), leaves = a->owner.name && !same_owner(a, b);

    if (!same_sequence(d, a, b) || leaves || (before && !same_owner(a, b)))
        differ_add(d, PHASE_DETACH_SEQUENCE,
            sequence_op(d, OP_ALTER_SEQUENCE, b, before || (a->owner.name && same_owner(a, b))));
    if (b->owner.name && !before && !same_owner(a, b))
        differ_add(d, PHASE_ALTER_SEQUENCE, sequence_op(d, OP_ALTER_SEQUENCE, b, true));
    if (d->found)
        differ_found(d, b->pos, "sequence '%s': the settings differ", text_of(d, &b->name));
}

void sequence_changes_table(struct differ *d, const struct sequence *q)
{
    differ_add(d, PHASE_DETACH_SEQUENCE, sequence_op(d, OP_ALTER_SEQUENCE, q, false));
    differ_add(d, PHASE_ALTER_SEQUENCE, sequence_op(d, OP_ALTER_SEQUENCE, q, true));
}

static void create_sequence(struct differ *d, const struct sequence *q)
{
    bool there = owner_is_in(d->from, q);

    differ_add(d, PHASE_CREATE_SEQUENCE, sequence_op(d, OP_CREATE_SEQUENCE, q, there));
    if (q->owner.name && !there)
        differ_add(d, PHASE_ALTER_SEQUENCE, sequence_op(d, OP_ALTER_SEQUENCE, q, true));
    if (d->found)
        differ_found(d, q->pos, "sequence '%s': not in the database", text_of(d, &q->name));
}

void compare_sequences(struct differ *d)
{
    vec_each(i, &d->to->sequences) {
        const struct sequence *b = d->to->sequences.v[i], *a = schema_sequence(d->from, &b->name);

        if (!a) {
            create_sequence(d, b);
            continue;
        }
        if (!same_sequence(d, a, b) || !same_owner(a, b))
            alter_sequence(d, a, b);
        else if (owner_changes(d, a, b))
            differ_add(d, PHASE_ALTER_SEQUENCE, sequence_op(d, OP_ALTER_SEQUENCE, b, true));
        if (comments_differ(d, a->comment, b->comment))
            differ_add(d, PHASE_COMMENT, op_set_comment_for(d, "sequence", NULL, b->name, b->comment));
    }
    vec_each(i, &d->from->sequences) {
        const struct sequence *a = d->from->sequences.v[i];

        if (schema_sequence(d->to, &a->name))
            continue;
        if (d->found)
            differ_found(d, (struct pos){0}, "sequence '%s': not in the models", text_of(d, &a->name));
        /* A sequence that a dropped column owns is dropped with it. */
        if (!a->owner.name || (owner_is_in(d->to, a) && !differ_replaces(d, &a->owner)))
            differ_add(d, PHASE_DROP_SEQUENCE, op_drop_for(d, OP_DROP_SEQUENCE, &a->name));
    }
}

/* ---- tables ----------------------------------------------------------------------------------------------- */

static void add_option(
    const struct differ *d, struct options *list, const struct option *o, const char *value)
{
    if (option_counts(d->dialect, o))
        vec_add(d->ctx, list, ((struct option){.dialect = o->dialect, .key = o->key, .value = value}));
}

struct options *options_between(const struct differ *d, const struct options *a, const struct options *b)
{
    struct options *list = ctx_new(d->ctx, struct options);

    for (size_t i = 0; b && i < b->n; i++) {
        const struct option *o = &b->v[i];

        if (!option_values_same(o->value, a ? options_get(a, o->dialect, o->key) : NULL))
            add_option(d, list, o, o->value);
    }
    for (size_t i = 0; a && i < a->n; i++) {
        const struct option *o = &a->v[i];

        if (!b || !options_get(b, o->dialect, o->key))
            add_option(d, list, o, "");
    }
    return list;
}

/* The options of b, with the SQL texts of a where they only are spelt in another way. */
static const struct options *options_as_spelt(
    struct differ *d, const struct options *a, const struct options *b)
{
    const char *name = d->dialect->name;
    struct options *copy = ctx_new(d->ctx, struct options);

    for (size_t i = 0; b && i < b->n; i++)
        vec_add(d->ctx, copy, b->v[i]);
    for (const struct option_row *o = d->dialect->options; a && b && o && o->on; o++) {
        const char *from = options_get(a, name, o->key), *to = options_get(b, name, o->key);

        if (str_eq(o->kind, "sql") && from && to && same_expr(d->ctx, d->dialect, NULL, from, to))
            options_set(d->ctx, copy, name, o->key, from);
    }
    return copy;
}

static void compare_options(struct differ *d, const struct table *a, const struct table *b)
{
    const struct options *wanted = options_as_spelt(d, a->options, b->options);
    struct op *op;

    if (same_options(d->dialect, a->options, wanted))
        return;
    op = op_new(d->ctx, OP_ALTER_TABLE);
    op->pos = b->pos;
    op->u.alter_table.table = b->name;
    op->u.alter_table.options = *options_between(d, a->options, wanted);
    options_remove(&op->u.alter_table.options, "postgresql", "of"); /* compare_types() */
    if (d->dialect->options_note)
        op->note = d->dialect->options_note(d->ctx, a->options, wanted);
    if (op->u.alter_table.options.n)
        differ_add(d, PHASE_ALTER_COLUMN, op);
    if (d->found)
        differ_found(d, b->pos, "%s: the %s options differ", text_of(d, &b->name), d->dialect->name);
}

static void compare_comment(struct differ *d, const struct table *a, const struct table *b)
{
    struct op *op;

    if (!comments_differ(d, a->comment, b->comment))
        return;
    op = op_new(d->ctx, b->comment ? OP_CREATE_TABLE_COMMENT : OP_DROP_TABLE_COMMENT);
    op->u.table_comment = (struct op_table_comment){.table = b->name, .comment = b->comment};
    differ_add(d, PHASE_COMMENT, op);
    if (d->found)
        differ_found(d, b->pos, "%s: the comment differs", text_of(d, &b->name));
}

static void compare_table(struct differ *d, struct table *a, struct table *b)
{
    compare_inherits(d, a, b, &a, &b);
    compare_partition(d, a, b, &a, &b);
    compare_options(d, a, b); /* first: the spelling of a key in SQLite depends on whether there is a rowid */
    compare_columns(d, a, b);
    compare_not_null(d, a, b);
    compare_own_defaults(d, a, b);
    compare_parts(d, a, b);
    compare_comment(d, a, b);
}

static bool same_columns(const struct dialect *dialect, const struct table *a, const struct table *b)
{
    if (!a->columns.n || a->columns.n != b->columns.n || !str_eq(a->bound.native, b->bound.native))
        return false;
    vec_each(i, &a->columns) {
        const struct column *other = table_column(b, a->columns.v[i]->name);

        if (!other || !same_native_type(dialect, a->columns.v[i], other))
            return false;
    }
    return true;
}

static void ask_renamed(struct differ *d)
{
    vec_each(i, &d->created) {
        vec_each(k, &d->dropped) {
            const struct table *new = d->created.v[i], *old = d->dropped.v[k];
            struct rename_question *q;

            if (differ_replaces(d, &new->name) || differ_replaces(d, &old->name) ||
                !same_columns(d->dialect, old, new))
                continue;
            q = ctx_new(d->ctx, struct rename_question);
            *q = (struct rename_question){
                .kind = "table", .from = text_of(d, &old->name), .to = text_of(d, &new->name)};
            vec_add(d->ctx, d->questions, q);
        }
    }
}

/* What refers to the columns of a replaced table must step aside. */
static void touch_dropped(struct differ *d, const struct table *t)
{
    struct touched *touched = differ_touch(d, t);

    touched->whole = true;
    touched->replaced = differ_replaces(d, &t->name);
    for (size_t i = 0; touched->replaced && i < t->columns.n; i++)
        vec_add(d->ctx, &touched->columns, t->columns.v[i]->name);
}

/* Lists are sorted alike: both are walked once. */
void compare_tables(struct differ *d)
{
    const struct tables *a = &d->from->tables, *b = &d->to->tables;

    for (size_t i = 0, j = 0; i < a->n || j < b->n;) {
        int order = i == a->n ? 1 : j == b->n ? -1 : qname_cmp(&a->v[i]->name, &b->v[j]->name);

        if (order == 0 && differ_replaces(d, &a->v[i]->name)) {
            vec_add(d->ctx, &d->dropped, a->v[i++]);
            vec_add(d->ctx, &d->created, b->v[j++]);
        } else if (order == 0) {
            compare_table(d, a->v[i++], b->v[j++]);
        } else if (order < 0) {
            vec_add(d->ctx, &d->dropped, a->v[i++]);
        } else {
            vec_add(d->ctx, &d->created, b->v[j++]);
        }
    }
    for (size_t i = 0; d->found && i < d->created.n; i++)
        if (!differ_replaces(d, &d->created.v[i]->name))
            differ_found(d, d->created.v[i]->pos, "%s: the table is not in the database",
                text_of(d, &d->created.v[i]->name));
    for (size_t i = 0; d->found && i < d->dropped.n; i++)
        if (!differ_replaces(d, &d->dropped.v[i]->name))
            differ_found(
                d, (struct pos){0}, "%s: the table is not in the models", text_of(d, &d->dropped.v[i]->name));
    vec_each(i, &d->dropped)
        touch_dropped(d, d->dropped.v[i]);
    if (d->questions)
        ask_renamed(d);
}
