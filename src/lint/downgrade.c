/*
 * Rules about downgrades: whether there is one, and whether it brings the tables back to what they were.
 *
 * Only revisions that consist of operations on tables are compared: what SQL does is not known well enough for that.
 */
#include "lint.h"

/* A first revision without a downgrade is a baseline. */
void downgrade_check(struct review *v)
{
    const struct revision *r = v->revision;

    if (!v->body.has_downgrade && r->parents.n)
        review_add(v, RULE_MISSING_DOWNGRADE, r->pos, NULL, "revision %s has no downgrade", r->id);
}

/* ---- which revisions, and which tables ---------------------------------------------------------------------- */

static bool is_known(const struct op *op)
{
    return op->kind >= OP_CREATE_TABLE && op->kind <= OP_DROP_TABLE_COMMENT && op->kind != OP_ALTER_TABLE &&
           op->kind != OP_ATTACH_PARTITION && op->kind != OP_DETACH_PARTITION;
}

static bool is_comparable(const struct ops *ops)
{
    vec_each(i, ops)
        if (!is_known(ops->v[i]) || ops->v[i]->only.n)
            return false;
    return true;
}

/* Names of tables. Most tables are others, which their names without a schema tell. */
struct names {
    struct strings list;
    struct map texts, last_parts;
};

static bool have_name(const struct review *v, const struct names *names, const struct qname *name)
{
    return map_get(&names->last_parts, name->name) && map_get(&names->texts, review_name(v, name));
}

static void add_table(struct review *v, struct names *names, const struct qname *name)
{
    if (!name || !name->name || have_name(v, names, name))
        return;
    const char *text = review_name(v, name);
    vec_add(v->ctx, &names->list, text);
    map_set(&names->texts, text, v);
    map_set(&names->last_parts, name->name, v);
}

static void add_tables(struct review *v, const struct ops *ops, struct names *list)
{
    vec_each(i, ops) {
        const struct op *op = ops->v[i];

        add_table(v, list, op_table_name(op));
        if (op->kind == OP_CREATE_TABLE)
            add_table(v, list, &op->u.create_table.table.name);
        if (op->kind == OP_RENAME_TABLE) {
            add_table(v, list, &op->u.rename.name);
            add_table(v, list, &op->u.rename.new_name);
        }
        if (op->kind == OP_DROP_TABLE)
            add_table(v, list, &op->u.drop.name);
    }
}

/* Whether an operation on one of these tables may change this one as well. */
static bool follows(const struct review *v, const struct table *t, const struct names *changed)
{
    if (t->partition_of.name || t->inherits.n || have_name(v, changed, &t->name))
        return true;
    vec_each(i, &t->foreign_keys)
        if (have_name(v, changed, &t->foreign_keys.v[i]->references))
            return true;
    return false;
}

/* A schema with copies of the tables that may change, so that operations can be applied to it; NULL: of all. */
static struct schema *copied(struct review *v, const struct names *changed)
{
    struct schema *s = ctx_new(v->ctx, struct schema);

    *s = *v->l->schema;
    s->tables = (struct tables){0};
    vec_each(i, &v->l->schema->tables) {
        struct table *t = v->l->schema->tables.v[i];
        vec_add(v->ctx, &s->tables, !changed || follows(v, t, changed) ? table_copy(v->ctx, t) : t);
    }
    s->sequences = (struct sequences){0};
    s->views = (struct views){0};
    memset(s->objects, 0, sizeof(s->objects));
    return s;
}

struct schema *downgrade_schema(struct review *v)
{
    return copied(v, NULL);
}

/* ---- comparing ---------------------------------------------------------------------------------------------- */

static void report(
    struct review *v, const char *what, const char *name, const struct qname *table, const char *how)
{
    review_add(v, RULE_INCOMPLETE_DOWNGRADE, v->revision->pos, NULL,
        "%s%s%s%s of table '%s' %s after the downgrade", what, name ? " '" : "", name ? name : "",
        name ? "'" : "", review_name(v, table), how);
}

/* A type of the default schema may be written with its name or without. */
static const char *plain_type(const struct review *v, const char *native)
{
    const char *home = v->l->schema->default_schema;
    size_t n = home ? strlen(home) : 0;

    return native && n && strncmp(native, home, n) == 0 && native[n] == '.' ? native + n + 1 : native;
}

static void compare_columns(struct review *v, const struct table *a, const struct table *b)
{
    vec_each(i, &a->columns) {
        const struct column *c = a->columns.v[i], *other = table_column(b, c->name);

        if (!other)
            report(v, "column", c->name, &a->name, "is missing");
        else if (!str_eq(plain_type(v, c->native), plain_type(v, other->native)))
            report(v, "column", c->name, &a->name,
                ctx_printf(v->ctx, "is of type %s, not %s,", other->native, c->native));
        else if (c->nullable != other->nullable)
            report(v, "column", c->name, &a->name, other->nullable ? "is nullable" : "is NOT NULL");
    }
    vec_each(i, &b->columns)
        if (!table_column(a, b->columns.v[i]->name))
            report(v, "column", b->columns.v[i]->name, &a->name, "remains");
}

/* A unique index may be a constraint, where they are the same. */
static bool has_index(const struct table *t, const struct index *x)
{
    return !x->name || table_index(t, x->name) || table_constraint(t, x->name);
}

static void compare_indexes(struct review *v, const struct table *a, const struct table *b)
{
    vec_each(i, &a->indexes)
        if (!has_index(b, a->indexes.v[i]))
            report(v, "index", a->indexes.v[i]->name, &a->name, "is missing");
    vec_each(i, &b->indexes)
        if (!has_index(a, b->indexes.v[i]))
            report(v, "index", b->indexes.v[i]->name, &a->name, "remains");
}

/* Those that only their number tells apart. */
static size_t count_unnamed(const struct table *t)
{
    const struct constraint *c;
    size_t state = 0, n = 0;

    while ((c = table_next_constraint(t, &state)))
        n += !c->name && !c->implied && c->kind != CONSTRAINT_PRIMARY_KEY;
    return n;
}

/* Not every database keeps the name of a primary key, or tells a unique constraint from an index. */
static bool has_constraint(const struct table *t, const struct constraint *c)
{
    if (c->kind == CONSTRAINT_PRIMARY_KEY)
        return t->primary_key;
    return !c->name || table_constraint(t, c->name) || table_index(t, c->name);
}

static const char *constraint_text(const struct constraint *c)
{
    return c->name ? c->name : c->kind == CONSTRAINT_PRIMARY_KEY ? "primary key" : NULL;
}

static void compare_constraints(struct review *v, const struct table *a, const struct table *b)
{
    const struct constraint *c;
    size_t state = 0;

    while ((c = table_next_constraint(a, &state)))
        if (!has_constraint(b, c))
            report(v, "constraint", constraint_text(c), &a->name, "is missing");
    for (state = 0; (c = table_next_constraint(b, &state));)
        if (!has_constraint(a, c))
            report(v, "constraint", constraint_text(c), &a->name, "remains");
    if (count_unnamed(a) != count_unnamed(b))
        report(v, "the number of constraints", NULL, &a->name, "is not as before");
}

static void compare(struct review *v, const struct schema *after, const char *name)
{
    struct qname table;

    if (!qname_parse(&v->ctx->arena, name, &table))
        return;
    const struct table *a = schema_table(v->l->schema, &table), *b = schema_table(after, &table);
    if (a && b) {
        compare_columns(v, a, b);
        compare_indexes(v, a, b);
        compare_constraints(v, a, b);
    } else if (a || b) {
        review_add(v, RULE_INCOMPLETE_DOWNGRADE, v->revision->pos, NULL, "table '%s' %s after the downgrade",
            name, a ? "is missing" : "remains");
    }
}

static void report_unapplied(struct review *v, const char *why)
{
    const char *last = strrchr(why, '\n');

    last = last ? last + 1 : why;
    review_add(v, RULE_INCOMPLETE_DOWNGRADE, v->revision->pos, NULL, "the downgrade cannot be applied: %s",
        last + strspn(last, " "));
}

void downgrade_compare(struct review *v)
{
    struct ctx *ctx = v->ctx;
    struct names tables = {.texts = MAP(ctx), .last_parts = MAP(ctx)};

    if (!v->body.has_downgrade || v->l->request->levels->of[RULE_INCOMPLETE_DOWNGRADE] == LINT_OFF ||
        !is_comparable(&v->body.upgrade) || !is_comparable(&v->body.downgrade))
        return;
    add_tables(v, &v->body.upgrade, &tables);
    add_tables(v, &v->body.downgrade, &tables);
    struct arena own = ctx->arena; /* the tables of this revision, once more, are needed here only */
    ctx->arena = (struct arena){0};
    struct schema *s = copied(v, &tables);
    bool is_known = ops_apply(ctx, v->l->dialect, s, &v->body.upgrade);
    bool is_applied = is_known && ops_apply(ctx, v->l->dialect, s, &v->body.downgrade);
    const char *why = is_known && !is_applied ? err_text(ctx) : NULL;
    struct arena scratch = ctx->arena;
    ctx->arena = own;
    err_clear(ctx);
    if (why)
        report_unapplied(v, why);
    for (size_t i = 0; is_applied && i < tables.list.n; i++)
        compare(v, s, tables.list.v[i]);
    arena_finish(&scratch);
}
