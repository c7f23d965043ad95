/* Reads operations from a revision file and writes them to one. */
#include "op/records.h"

/* ---- reading ---------------------------------------------------------------------------------------------- */

static bool find_kind(struct decoder *d, const struct node *n, enum op_kind *ret)
{
    const char *names[OP_KINDS], *name;
    size_t known = 0;

    if (!decode_string(d, n, &name))
        return false;
    for (int i = 0; i < OP_KINDS; i++) {
        if (!op_table[i].name)
            continue;
        if (str_eq(op_table[i].name, name)) {
            *ret = (enum op_kind)i;
            return true;
        }
        names[known++] = op_table[i].name;
    }
    decode_fail(d, n, "unknown operation '%s'", name);
    decode_suggest(d, name, names, known);
    return false;
}

/* A mapping without one of its keys; the node itself when it has none. */
static const struct node *without_key(struct arena *a, const struct node *n, const char *key)
{
    struct node *copy;
    size_t kept = 0;

    if (n->kind != NODE_MAPPING || !node_get(n, key))
        return n;
    copy = arena_new(a, struct node);
    *copy = *n;
    copy->v = arena_alloc(a, 2 * n->n * sizeof(struct node *));
    for (size_t i = 0; i < n->n; i++) {
        if (str_eq(n->v[2 * i]->scalar, key))
            continue;
        copy->v[2 * kept] = n->v[2 * i];
        copy->v[2 * kept + 1] = n->v[2 * i + 1];
        kept++;
    }
    copy->n = (uint32_t)kept;
    return copy;
}

static void add_place(struct decoder *d, const char *dialect, const struct node *n, struct op *op)
{
    const struct dialect_place one = {dialect, node_text_place(n)};

    if (n->kind == NODE_SCALAR && one.place.pos.line)
        vec_add(d->ctx, op->u.execute.places, one);
}

/* Where the file has the texts of an `execute`, as far as it has them as they are. */
static void note_places(struct decoder *d, const struct node *n, struct op *op)
{
    if (n->kind == NODE_MAPPING && node_get(n, "sql"))
        n = node_get(n, "sql");
    op->u.execute.places = ctx_new(d->ctx, struct text_places);
    if (n->kind == NODE_SCALAR)
        add_place(d, NULL, n, op);
    for (size_t i = 0; n->kind == NODE_MAPPING && i < n->n; i++) {
        const char *key = n->v[2 * i]->scalar;

        add_place(d, str_eq(key, "default") ? NULL : ctx_strdup(d->ctx, key), n->v[2 * i + 1], op);
    }
}

static bool is_of(const struct dtext *t, const char *dialect, const char *text)
{
    for (const struct dtext_by *by = t->by; by && by->dialect; by++)
        if (str_eq(by->dialect, dialect))
            return by->text == text;
    return false;
}

struct text_place op_text_place(const struct op *op, const char *dialect)
{
    const struct op_execute *o = &op->u.execute;
    const char *text = dtext_for(&o->sql, dialect), *own = dtext_own(&o->sql, dialect);
    struct text_place found = {.pos = o->text_pos};

    for (size_t i = 0; text && o->places && i < o->places->n; i++) {
        const char *name = o->places->v[i].dialect;

        if (own ? name && is_of(&o->sql, name, own) : !name)
            found = o->places->v[i].place;
    }
    return found;
}

/* `execute: {postgresql: …, sqlite: …}` is its text by dialect. */
static bool decode_payload(struct decoder *d, const struct node *n, struct op *op)
{
    if (op->kind == OP_EXECUTE)
        note_places(d, n, op);
    if (op->kind == OP_EXECUTE && n->kind == NODE_MAPPING && !node_get(n, "sql") && !node_get(n, "file"))
        return op_execute_short(d, n, &op->u.execute);
    return record_decode(d, op_table[op->kind].record, n, &op->u);
}

static void set_constraint_kind(struct op *op)
{
    for (int kind = CONSTRAINT_PRIMARY_KEY; kind <= CONSTRAINT_EXCLUDE; kind++)
        if (op_kind_of_constraint((enum constraint_kind)kind) == op->kind)
            op->u.create_constraint.constraint.kind = (enum constraint_kind)kind;
}

/* A foreign key of one column can be created with an added column; its other short forms become separate
 * operations. */
static bool expand_column(struct decoder *d, const struct node *n, struct op *op, struct ops *ret)
{
    struct table t = {.name = op->u.add_column.table, .pos = op->pos};
    bool conditional = op->u.add_column.if_not_exists;
    struct constraint *c;

    column_expand(d->ctx, &op->u.add_column.column, &t);
    for (size_t state = 0; (c = table_next_constraint(&t, &state));) {
        struct op *made = op_create_constraint_new(d->ctx, &t.name, c);

        if (conditional) {
            decode_fail(
                d, node_get(n, "if_not_exists"), "a column with 'if_not_exists' cannot have a constraint");
            return fail_hint(d->ctx, "Write the constraint as an operation of its own.");
        }
        made->pos = op->pos;
        made->only = op->only;
        made->online = op->online;
        vec_add(d->ctx, ret, made);
    }
    vec_each(i, &t.indexes) {
        struct op *made = op_new(d->ctx, OP_CREATE_INDEX);

        made->pos = op->pos;
        made->only = op->only;
        made->online = op->online;
        made->u.create_index.table = t.name;
        made->u.create_index.index = *t.indexes.v[i];
        made->u.create_index.if_not_exists = conditional;
        vec_add(d->ctx, ret, made);
    }
    return true;
}

/* What any operation may have, beside what its kind has. It is inside the operation, or next to it if that is not a
 * mapping. */
struct aside {
    const struct node *only, *online;
};

/* A mapping without these keys, which are added to `ret`; anything else as it is. */
static const struct node *take_aside(struct arena *a, const struct node *n, struct aside *ret)
{
    if (n->kind != NODE_MAPPING)
        return n;
    const struct node *only = node_get(n, "only"), *online = node_get(n, "online");
    ret->only = only ? only : ret->only;
    ret->online = online ? online : ret->online;
    return without_key(a, without_key(a, n, "only"), "online");
}

static bool decode_op(struct decoder *d, const struct node *key, const struct node *value, struct aside aside,
    const struct strings *environments, struct ops *ret)
{
    enum op_kind kind;

    if (!find_kind(d, key, &kind))
        return false;
    struct op *op = op_new(d->ctx, kind);
    op->pos = node_pos(key);
    set_constraint_kind(op);
    const struct node *payload = take_aside(&d->ctx->arena, value, &aside);
    if (aside.only && !only_decode(d, aside.only, environments, &op->only))
        return false;
    if ((aside.online && !online_decode(d, aside.online, op)) || !decode_payload(d, payload, op))
        return fail_in(d->ctx, "operation '%s'", op_table[kind].name);
    set_constraint_kind(op);
    vec_add(d->ctx, ret, op);
    return kind != OP_ADD_COLUMN || expand_column(d, value, op, ret);
}

static bool decode_item(
    struct decoder *d, const struct node *n, const struct strings *environments, struct ops *ret)
{
    struct aside aside = {0};
    const struct node *single = take_aside(&d->ctx->arena, n, &aside);

    if (single->kind != NODE_MAPPING || single->n != 1) {
        decode_fail(d, n, "an operation must be a mapping with one key, its name, not %s",
            node_describe(&d->ctx->arena, n));
        return fail_hint(d->ctx, "Write each operation as a list item, as in `- drop_table: users`.");
    }
    return decode_op(d, single->v[0], single->v[1], aside, environments, ret);
}

bool ops_decode(struct decoder *d, const struct node *n, const struct strings *environments, struct ops *ret)
{
    struct ops ops = {0};

    if (!node_is_null(n) && n->kind != NODE_SEQUENCE)
        return decode_fail(d, n, "expected a list of operations, not %s", node_describe(&d->ctx->arena, n));
    for (size_t i = 0; !node_is_null(n) && i < n->n; i++)
        if (!decode_item(d, n->v[i], environments, &ops))
            return false;
    *ret = ops;
    return true;
}

/* What stands beside an operation's name stays there. */
static void arrange_item(struct node *item)
{
    for (size_t i = 0; i < OP_KINDS; i++) {
        struct node *value = op_table[i].name ? node_get(item, op_table[i].name) : NULL;

        if (value)
            record_arrange(op_table[i].record, value);
    }
}

void ops_arrange(struct node *n)
{
    for (size_t i = 0; n->kind == NODE_SEQUENCE && i < n->n; i++)
        arrange_item(n->v[i]);
}

/* ---- writing ---------------------------------------------------------------------------------------------- */

struct node *op_encode(struct arena *a, const struct op *op)
{
    const struct op_row *row = &op_table[op->kind];
    struct node *item = node_mapping(a), *value = record_encode(a, row->record, &op->u);

    item->block = true;
    node_set(a, item, row->name, value);
    struct node *holder = value->kind == NODE_MAPPING && op->kind != OP_EXECUTE ? value : item;
    if (op->only.n)
        node_set(a, holder, "only", encode_strings(a, &op->only));
    if (op->online)
        node_set(a, holder, "online", node_boolean(a, true));
    return item;
}
