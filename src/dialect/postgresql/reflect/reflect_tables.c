/* Reflects tables, columns and views. */
#include "dialect/postgresql/reflect/reflect.h"

#include <stdlib.h>

#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

/* ---- comments and schemas ---------------------------------------------------------------------------- */

bool take_comments(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(a); i++)
        oids_set(&r->comments[answer_int(a, i, 0)], answer_oid(a, i, 1), answer_oid(a, i, 2),
            answer_copy(a, i, 3));
    return true;
}

bool take_owned_objects(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(a); i++)
        oids_set(&r->owned, answer_oid(a, i, 1), answer_oid(a, i, 0), r);
    return true;
}

enum { NS_OID, NS_NAME, NS_COMMENT, NS_IS_WANTED };

bool take_namespaces(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(a); i++) {
        const char *name = answer_copy(a, i, NS_NAME);
        if (!answer_bool(a, i, NS_IS_WANTED)) {
            if (!reflection_owned(r, PG_NAMESPACE, answer_oid(a, i, NS_OID)))
                vec_add(r->ctx, &r->s->unmanaged, name);
        } else if (str_eq(name, r->home)) {
            reflection_holder(r, PG_NAMESPACE, answer_oid(a, i, NS_OID), "schema",
                &(struct qname){.name = name}, &r->s->home_access);
        } else {
            struct namespace *n = ctx_new(r->ctx, struct namespace);
            n->name = name;
            n->comment = answer_copy(a, i, NS_COMMENT);
            vec_add(r->ctx, &r->s->namespaces, n);
            reflection_holder(r, PG_NAMESPACE, answer_oid(a, i, NS_OID), "schema",
                &(struct qname){.name = name}, &n->access);
        }
    }
    return true;
}

/* ---- relations --------------------------------------------------------------------------------------- */

enum {
    REL_OID,
    REL_SCHEMA,
    REL_NAME,
    REL_KIND,
    REL_PERSISTENCE,
    REL_NATTS,
    REL_OPTIONS,
    REL_TOAST_OPTIONS,
    REL_TABLESPACE,
    REL_IDENTITY,
    REL_TYPE,
    REL_VIEW,
    REL_METHOD,
    REL_ROW_SECURITY,
    REL_HAS_GRANTS,
    REL_PARTITION_BY,
    REL_BOUND,
    REL_PARENTS,
};

static void add_option(struct reflection *r, struct options **options, const char *key, const char *value)
{
    if (!*options)
        *options = ctx_new(r->ctx, struct options);
    options_set(r->ctx, *options, "postgresql", key, ctx_strdup(r->ctx, value));
}

static void storage_options(struct reflection *r, struct options **options, const struct answer *a, int i)
{
    take_options(r, answer_text(a, i, REL_OPTIONS), "", options);
    take_options(r, answer_text(a, i, REL_TOAST_OPTIONS), "toast.", options);
    if (answer_text(a, i, REL_TABLESPACE))
        add_option(r, options, "tablespace", answer_text(a, i, REL_TABLESPACE));
    if (answer_text(a, i, REL_METHOD))
        add_option(r, options, "access_method", answer_text(a, i, REL_METHOD));
}

/* "enabled, forced" */
static void row_security_options(struct reflection *r, struct table *t, const char *text)
{
    if (text && strstr(text, "enabled"))
        add_option(r, &t->options, "row_security", "true");
    if (text && strstr(text, "forced"))
        add_option(r, &t->options, "force_row_security", "true");
}

static void table_options(struct reflection *r, struct table *t, const struct answer *a, int i)
{
    const char *identity = answer_text(a, i, REL_IDENTITY);
    if (*answer_text(a, i, REL_PERSISTENCE) == 'u')
        add_option(r, &t->options, "unlogged", "true");
    struct qname type;
    if (answer_text(a, i, REL_TYPE) && qname_parse(&r->ctx->arena, answer_text(a, i, REL_TYPE), &type))
        add_option(r, &t->options, "of", qname_text(&r->ctx->arena, &type));
    storage_options(r, &t->options, a, i);
    if (*identity == 'f' || *identity == 'n')
        add_option(r, &t->options, "replica_identity", *identity == 'f' ? "full" : "nothing");
    row_security_options(r, t, answer_text(a, i, REL_ROW_SECURITY));
}

static void make_columns(struct reflection *r, struct relation *rel, const struct answer *a, int i)
{
    rel->natts = (unsigned)answer_int(a, i, REL_NATTS);
    rel->columns = arena_alloc(&r->scratch, (rel->natts + 1) * sizeof(*rel->columns));
    rel->types = arena_alloc(&r->scratch, (rel->natts + 1) * sizeof(*rel->types));
    rel->storages = arena_alloc(&r->scratch, rel->natts + 1);
}

/* schema, table, schema, table, …, joined */
static void take_parents(struct reflection *r, struct table *t, const char *joined, bool is_partition)
{
    while (joined) {
        const char *schema = next_text(&r->scratch, &joined);
        struct qname parent = reflection_name(r, schema, next_text(&r->scratch, &joined));
        if (is_partition)
            t->partition_of = parent;
        else
            vec_add(r->ctx, &t->inherits, qname_text(&r->ctx->arena, &parent));
    }
}

static void relation_table(struct reflection *r, struct relation *rel, const struct answer *a, int i)
{
    struct table *t = ctx_new(r->ctx, struct table);
    rel->table = t;
    make_columns(r, rel, a, i);
    t->name = rel->name;
    t->comment = reflection_comment(r, COMMENT_RELATION, rel->oid, 0);
    table_options(r, t, a, i);
    t->partition_by.native = answer_copy(a, i, REL_PARTITION_BY);
    t->bound.native = answer_copy(a, i, REL_BOUND);
    take_parents(r, t, answer_text(a, i, REL_PARENTS), t->bound.native);
    if (r->scope && scope_excludes(r->scope, "table", &t->name, r->home)) {
        rel->kind = 0;
    } else {
        vec_add(r->ctx, &r->s->tables, t);
        reflection_holder(r, PG_CLASS, rel->oid, "table", &t->name, &t->access);
    }
}

/* " SELECT …;" without blanks and semicolon. */
static char *view_body(struct ctx *ctx, const char *definition)
{
    char *body = str_trim(&ctx->arena, definition);
    size_t n = strlen(body);
    if (n && body[n - 1] == ';')
        body[n - 1] = '\0';
    return body;
}

static void relation_view(struct reflection *r, struct relation *rel, const struct answer *a, int i)
{
    if (r->scope && scope_excludes(r->scope, "view", &rel->name, r->home))
        return;
    struct view *v = ctx_new(r->ctx, struct view);
    rel->view = v;
    v->name = rel->name;
    v->body.native = view_body(r->ctx, answer_text(a, i, REL_VIEW));
    v->comment = reflection_comment(r, COMMENT_RELATION, rel->oid, 0);
    v->materialized = rel->kind == 'm';
    if (v->materialized)
        make_columns(r, rel, a, i);
    storage_options(r, &v->options, a, i);
    vec_add(r->ctx, &r->s->views, v);
    reflection_holder(r, PG_CLASS, rel->oid, "view", &v->name, &v->access);
}

bool take_relations(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(a); i++) {
        if (reflection_owned(r, PG_CLASS, answer_oid(a, i, REL_OID)))
            continue;
        struct relation *rel = arena_new(&r->scratch, struct relation);
        rel->oid = answer_oid(a, i, REL_OID);
        rel->kind = *answer_text(a, i, REL_KIND);
        rel->name = reflection_name(r, answer_text(a, i, REL_SCHEMA), answer_text(a, i, REL_NAME));
        oids_set(&r->relations, rel->oid, 0, rel);
        *(r->last_relation ? &r->last_relation->next : &r->first_relation) = rel;
        r->last_relation = rel;
        if (rel->kind == 'r')
            relation_table(r, rel, a, i);
        else if (rel->kind == 'v' || rel->kind == 'm')
            relation_view(r, rel, a, i);
        if (rel->kind != 'r' && answer_text(a, i, REL_ROW_SECURITY))
            reflection_unmodelled(r, "row security", &rel->name, answer_copy(a, i, REL_ROW_SECURITY));
        rel->has_grants = answer_bool(a, i, REL_HAS_GRANTS);
        if (rel->has_grants && !(reflection_manages_grants(r) && strchr("rvmS", rel->kind)))
            reflection_unmodelled(r, "grants", &rel->name, NULL);
    }
    return true;
}

/* ---- columns ----------------------------------------------------------------------------------------- */

enum {
    COL_REL,
    COL_NUM,
    COL_NAME,
    COL_TYPE,
    COL_MOD,
    COL_COLLATION,
    COL_STORAGE,
    COL_FLAGS,
    COL_FILLED, /* "identity,generated", or null */
    COL_OPTIONS,
    COL_DEFAULT,
};

enum { FLAG_NOT_NULL = 1, FLAG_HAS_GRANTS = 2, FLAG_IS_LOCAL = 4 };

static struct type_use *type_find(struct reflection *r, uint32_t oid, uint32_t length, uint32_t collation)
{
    struct type_use *u = oids_get(&r->types, oid, length);
    while (u && u->collation_oid != collation)
        u = u->next;
    return u;
}

/* Its names are read later. */
static struct type_use *take_type(struct reflection *r, const struct answer *a, int i)
{
    uint32_t oid = answer_oid(a, i, COL_TYPE), length = answer_oid(a, i, COL_MOD);
    uint32_t collation = answer_oid(a, i, COL_COLLATION);
    struct type_use *u = type_find(r, oid, length, collation);
    if (u)
        return u;
    u = arena_new(&r->scratch, struct type_use);
    u->next = oids_get(&r->types, oid, length);
    u->oid = oid;
    u->length = length;
    u->collation_oid = collation;
    oids_set(&r->types, oid, length, u);
    return u;
}

/* "a," is an identity column, ",s" a generated one. */
static void take_filled(struct reflection *r, struct column *c, const char *text)
{
    if (!text)
        return;
    if (*text != ',') {
        c->identity = ctx_new(r->ctx, struct identity);
        c->identity->kind = *text == 'a' ? IDENTITY_ALWAYS : IDENTITY_BY_DEFAULT;
    } else {
        c->generated = ctx_new(r->ctx, struct generated);
        c->generated->stored = text[1] == 's';
    }
}

static void take_default(struct reflection *r, struct column *c, const char *text)
{
    const char *native = pg_unbracket(&r->ctx->arena, text);
    if (c->generated) {
        c->generated->expr.native = native;
    } else {
        c->dflt.kind = VALUE_SQL;
        c->dflt.expr.native = native;
    }
}

static void take_column(struct reflection *r, struct relation *rel, const struct answer *a, int i)
{
    struct column *c = ctx_new(r->ctx, struct column);
    unsigned at = (unsigned)answer_int(a, i, COL_NUM);
    int64_t flags = answer_int(a, i, COL_FLAGS);
    c->name = map_intern(&r->names, answer_text(a, i, COL_NAME), strlen(answer_text(a, i, COL_NAME)));
    c->nullable = !(flags & FLAG_NOT_NULL);
    c->is_inherited = !(flags & FLAG_IS_LOCAL);
    c->comment = reflection_comment(r, COMMENT_RELATION, rel->oid, at);
    take_filled(r, c, answer_text(a, i, COL_FILLED));
    if (rel->table && answer_text(a, i, COL_DEFAULT))
        take_default(r, c, answer_text(a, i, COL_DEFAULT));
    take_options(r, answer_text(a, i, COL_OPTIONS), "", &c->options);
    rel->columns[at] = c;
    rel->types[at] = take_type(r, a, i);
    rel->storages[at] = *answer_text(a, i, COL_STORAGE);
}

/* A column of an index has settings: its statistics target, and the parameters of its operator class. */
static void take_index_column(struct reflection *r, const struct answer *a, int i)
{
    const char *options = answer_text(a, i, COL_OPTIONS);
    if (options)
        oids_set(&r->relations, answer_oid(a, i, COL_REL), answer_oid(a, i, COL_NUM),
            arena_strdup(&r->scratch, options));
    take_type(r, a, i);
}

static void take_unmodelled_parts(
    struct reflection *r, const struct relation *rel, const struct answer *a, int i)
{
    const char *name = answer_text(a, i, COL_NAME);
    if (answer_int(a, i, COL_FLAGS) & FLAG_HAS_GRANTS &&
        !(reflection_manages_grants(r) && (rel->table || rel->view)))
        reflection_unmodelled(r, "grants", &rel->name, ctx_printf(r->ctx, "column %s", name));
    if (rel->kind == 'v' && answer_text(a, i, COL_DEFAULT))
        reflection_unmodelled(r, "default", &rel->name, ctx_printf(r->ctx, "column %s", name));
}

static void list_columns(struct reflection *r, struct relation *rel)
{
    struct columns *list = &rel->table->columns;
    list->v = arena_alloc(&r->ctx->arena, rel->natts * sizeof(struct column *));
    list->cap = rel->natts;
    for (unsigned k = 1; k <= rel->natts; k++)
        if (rel->columns[k])
            list->v[list->n++] = rel->columns[k];
}

/* Rows come in any order; the tables get their columns in the order of their numbers. */
bool take_columns(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(a); i++) {
        struct relation *rel = reflection_relation(r, answer_oid(a, i, COL_REL));
        if (!rel)
            take_index_column(r, a, i);
        else if (rel->columns)
            take_column(r, rel, a, i);
        if (rel)
            take_unmodelled_parts(r, rel, a, i);
    }
    for (struct relation *rel = r->first_relation; rel; rel = rel->next)
        if (rel->table)
            list_columns(r, rel);
    return true;
}

/* ---- types ------------------------------------------------------------------------------------------- */

enum {
    TYPE_OID,
    TYPE_MOD,
    TYPE_COLLATION_OID,
    TYPE_NAME,
    TYPE_STORAGE,
    TYPE_ENUM_SCHEMA,
    TYPE_ELEMENT_NAME,
    TYPE_IS_ARRAY,
    TYPE_COLLATION,
};

static const char *storage_name(char storage)
{
    return storage == 'p' ? "plain" : storage == 'e' ? "external" : storage == 'm' ? "main" : "extended";
}

/* What depends on the column's type. */
static void settle_column(struct reflection *r, struct relation *rel, unsigned at)
{
    struct column *c = rel->columns[at];
    const struct type_use *type = rel->types[at];
    c->native = type->native;
    c->type.text = type->model;
    c->collation = type->collation;
    if (rel->storages[at] != type->storage)
        add_option(r, &c->options, "storage", storage_name(rel->storages[at]));
    if (rel->view && c->options)
        reflection_unmodelled(r, "column settings", &rel->name, c->name);
}

static void settle_columns(struct reflection *r)
{
    for (struct relation *rel = r->first_relation; rel; rel = rel->next)
        for (unsigned k = 1; rel->columns && k <= rel->natts; k++)
            if (rel->columns[k])
                settle_column(r, rel, k);
}

bool take_types(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    struct arena *arena = &r->ctx->arena;
    for (int i = 0; i < answer_rows(a); i++) {
        struct type_use *u = type_find(
            r, answer_oid(a, i, TYPE_OID), answer_oid(a, i, TYPE_MOD), answer_oid(a, i, TYPE_COLLATION_OID));
        assert(u && "only the types of the columns are asked for");
        u->native = answer_copy(a, i, TYPE_NAME);
        u->collation = answer_copy(a, i, TYPE_COLLATION);
        u->storage = *answer_text(a, i, TYPE_STORAGE);
        const char *schema = answer_text(a, i, TYPE_ENUM_SCHEMA);
        if (schema) {
            struct qname q = reflection_name(r, schema, answer_text(a, i, TYPE_ELEMENT_NAME));
            u->model = arena_printf(
                arena, "enum(%s)%s", qname_text(arena, &q), answer_bool(a, i, TYPE_IS_ARRAY) ? "[]" : "");
        }
    }
    settle_columns(r);
    return true;
}

/* ---- views ------------------------------------------------------------------------------------------- */

bool take_view_uses(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(a); i++) {
        struct relation *rel = reflection_relation(r, answer_oid(a, i, 0));
        if (!rel || !rel->view)
            continue;
        struct qname q = reflection_name(r, answer_text(a, i, 1), answer_text(a, i, 2));
        vec_add(r->ctx, &rel->view->depends_on, qname_text(&r->ctx->arena, &q));
    }
    return true;
}
