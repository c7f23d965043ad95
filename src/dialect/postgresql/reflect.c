/* How is a whole schema read in one round trip? */
#include "dialect/postgresql/reflect.h"

#include <stdlib.h>

#include "dialect/postgresql/names.h"

/* ---- numbers to pointers ----------------------------------------------------------------------------- */

struct oid_slot {
    uint32_t oid, part;
    void *value; /* NULL: free */
};

static size_t oid_start(const struct oids *m, uint32_t oid, uint32_t part)
{
    return ((oid * 2654435761u) ^ (part * 2246822519u)) & (m->cap - 1);
}

void *oids_get(const struct oids *m, uint32_t oid, uint32_t part)
{
    if (!m->n)
        return NULL;
    for (size_t i = oid_start(m, oid, part); m->slots[i].value; i = (i + 1) & (m->cap - 1))
        if (m->slots[i].oid == oid && m->slots[i].part == part)
            return m->slots[i].value;
    return NULL;
}

void oids_set(struct oids *m, uint32_t oid, uint32_t part, void *value)
{
    if (m->n * 2 >= m->cap) {
        struct oids more = {.arena = m->arena, .cap = m->cap ? m->cap * 2 : 64};
        more.slots = arena_alloc(m->arena, more.cap * sizeof(*more.slots));
        for (size_t i = 0; i < m->cap; i++)
            if (m->slots[i].value)
                oids_set(&more, m->slots[i].oid, m->slots[i].part, m->slots[i].value);
        *m = more;
    }
    size_t i = oid_start(m, oid, part);
    while (m->slots[i].value && (m->slots[i].oid != oid || m->slots[i].part != part))
        i = (i + 1) & (m->cap - 1);
    m->n += !m->slots[i].value;
    m->slots[i] = (struct oid_slot){oid, part, value};
}

void *oids_slot(const struct oids *m, size_t slot)
{
    return m->slots[slot].value;
}

void *oids_at(const struct oids *m, size_t slot)
{
    return m->slots[slot].part == 0 ? m->slots[slot].value : NULL;
}

/* ---- what all parts use ------------------------------------------------------------------------------ */

uint32_t answer_oid(const struct answer *a, int row, int column)
{
    return (uint32_t)answer_int(a, row, column);
}

bool next_number(const char **at, int64_t *ret)
{
    const char *s = *at;
    while (s && *s && *s != '-' && (*s < '0' || *s > '9'))
        s++;
    if (!s || !*s)
        return false;
    char *end;
    *ret = strtoll(s, &end, 10);
    *at = end;
    return true;
}

char *next_text(struct arena *a, const char **at)
{
    if (!*at)
        return NULL;
    const char *end = strchr(*at, '\x01');
    char *text = end ? arena_strndup(a, *at, (size_t)(end - *at)) : arena_strdup(a, *at);
    *at = end ? end + 1 : NULL;
    return text;
}

void take_options(struct reflection *r, const char *joined, const char *prefix, struct options **ret)
{
    char *item;
    while ((item = next_text(&r->ctx->arena, &joined))) {
        char *equals = strchr(item, '=');
        /* PostgreSQL 15.20 keeps a number of its own here, which differs per table and means nothing. */
        if (!equals || str_starts(item, "pg_attver="))
            continue;
        *equals = '\0';
        if (!*ret)
            *ret = ctx_new(r->ctx, struct options);
        options_set(r->ctx, *ret, "postgresql", ctx_printf(r->ctx, "%s%s", prefix, item), equals + 1);
    }
}

struct qname reflection_name(struct reflection *r, const char *schema, const char *name)
{
    struct qname q = {.name = ctx_strdup(r->ctx, name)};
    if (!str_eq(schema, r->home))
        q.schema = map_intern(&r->names, schema, strlen(schema));
    return q;
}

const char *reflection_comment(struct reflection *r, enum comment_on on, uint32_t oid, uint32_t part)
{
    return oids_get(&r->comments[on], oid, part);
}

bool reflection_owned(const struct reflection *r, uint32_t catalogue, uint32_t oid)
{
    return oids_get(&r->owned, oid, catalogue) != NULL;
}

struct relation *reflection_relation(struct reflection *r, uint32_t oid)
{
    return oids_get(&r->relations, oid, 0);
}

struct unmodelled *reflection_unmodelled(
    struct reflection *r, const char *kind, const struct qname *name, const char *detail)
{
    if (!r->scope || scope_excludes(r->scope, kind, name, r->home))
        return NULL;
    struct unmodelled *u = ctx_new(r->ctx, struct unmodelled);
    *u = (struct unmodelled){.kind = ctx_strdup(r->ctx, kind), .name = *name, .detail = detail};
    vec_add(r->ctx, &r->s->unmodelled, u);
    return u;
}

/* ---- the batch --------------------------------------------------------------------------------------- */

const char *array_literal(struct ctx *ctx, const struct strings *list)
{
    struct str out = STR(ctx);
    str_addc(&out, '{');
    vec_each(i, list) {
        str_add(&out, i ? ",\"" : "\"");
        for (const char *c = list->v[i]; *c; c++) {
            if (*c == '"' || *c == '\\')
                str_addc(&out, '\\');
            str_addc(&out, *c);
        }
        str_addc(&out, '"');
    }
    str_addc(&out, '}');
    return str_get(&out);
}

enum { QUESTIONS = 17 };
struct batch {
    struct ctx *ctx;
    struct question list[QUESTIONS];
    size_t n;
    const char *const *params;
};

static void ask(struct batch *b, const char *sql)
{
    assert(b->n < QUESTIONS && "there are as many as this file has");
    b->list[b->n++] = (struct question){.sql = sql};
}

static void ask_schemas(
    struct batch *b, const char *sql, bool (*take)(struct pg *pg, void *user, const struct answer *rows))
{
    ask(b, sql);
    b->list[b->n - 1].take = take;
    if (strstr(sql, "$1")) {
        b->list[b->n - 1].params = b->params;
        b->list[b->n - 1].nparams = 1;
    }
}

/* The query with what this server's version has for its {}. */
static const char *versioned(struct pg *pg, const char *sql, int since, const char *has, const char *has_not)
{
    const char *insert = pg->version >= since ? has : has_not;
    struct str out = STR(pg->base.ctx);
    for (const char *at; (at = strstr(sql, "{}")); sql = at + 2) {
        str_addn(&out, sql, (size_t)(at - sql));
        str_add(&out, insert);
    }
    str_add(&out, sql);
    return str_get(&out);
}

/* Names of what lies outside of the home schema are printed with their schema, and constants in one way, whatever
 * the session's settings are. */
static void ask_settings(struct batch *b, struct pg *pg, const char *home)
{
    struct ctx *ctx = pg->base.ctx;
    bool is_temporary = str_starts(home, "pg_temp");
    const char *path = is_temporary
                           ? ctx_printf(ctx, "pg_temp, %s", pg_ident(&ctx->arena, pg->base.default_schema))
                           : pg_ident(&ctx->arena, home);
    /* The planner takes these queries for expensive; compiling them (jit) costs ten times what they do. */
    static const char *const settings[][2] = {{"IntervalStyle", "postgres"}, {"DateStyle", "ISO"},
        {"TimeZone", "UTC"}, {"extra_float_digits", "1"}, {"bytea_output", "hex"}, {"lc_monetary", "C"},
        {"xmlbinary", "base64"}, {"quote_all_identifiers", "off"}, {"jit", "off"}};
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    sql_addf(&q, "SELECT pg_catalog.set_config('search_path', %L, true)", path);
    for (size_t i = 0; i < COUNT_OF(settings); i++)
        sql_addf(&q, ", pg_catalog.set_config(%L, %L, true)", settings[i][0], settings[i][1]);
    ask(b, sql_end(&q));
}

/* All that is not modelled comes as one list. */
static const char *unmodelled_sql(struct ctx *ctx)
{
    struct str out = STR(ctx);
    for (const char *const *part = catalog_unmodelled; *part; part++)
        str_addf(&out, "%s%s", part == catalog_unmodelled ? "" : " UNION ALL ", *part);
    str_add(&out, " ORDER BY 1, 2, 3, 4");
    return str_get(&out);
}

static void ask_all(struct batch *b, struct pg *pg, bool only_tables)
{
    ask_schemas(b, catalog_comments, take_comments);
    ask_schemas(b, catalog_owned, take_owned_objects);
    ask_schemas(b, catalog_namespaces, take_namespaces);
    ask_schemas(b, catalog_relations, take_relations);
    ask_schemas(b, catalog_types, take_types);
    ask_schemas(b, versioned(pg, catalog_columns, 140000, "a.attcompression", "''"), take_columns);
    ask_schemas(b, catalog_defaults, take_defaults);
    ask_schemas(b,
        versioned(pg, catalog_constraints, 180000, "k.confdelsetcols, k.conenforced, k.conperiod",
            pg->version >= 150000 ? "k.confdelsetcols, true, false" : "NULL, true, false"),
        take_constraints);
    ask_schemas(b, catalog_opclasses, take_opclasses);
    ask_schemas(b, versioned(pg, catalog_indexes, 150000, "i.indnullsnotdistinct", "false"), take_indexes);
    ask_schemas(b, catalog_enums, take_enums);
    ask_schemas(b, catalog_sequences, take_sequences);
    ask_schemas(b, catalog_view_uses, take_view_uses);
    if (!only_tables)
        ask_schemas(b, unmodelled_sql(b->ctx), take_unmodelled);
}

static void reflection_finish(struct reflection *r)
{
    arena_finish(&r->scratch);
}

bool reflect_schemas(struct pg *pg, const struct reflect_request *request, struct schema *ret)
{
    struct ctx *ctx = pg->base.ctx;
    struct schema s = {.default_schema = pg->base.default_schema};
    struct reflection r CLEANUP(reflection_finish) = {
        .pg = pg, .ctx = ctx, .scope = request->scope, .home = request->home, .s = &s, .names = MAP(ctx)};
    struct oids *maps[] = {&r.relations, &r.types, &r.constraints, &r.opclasses, &r.owned, &r.comments[0],
        &r.comments[1], &r.comments[2], &r.comments[3]};
    for (size_t i = 0; i < COUNT_OF(maps); i++)
        maps[i]->arena = &r.scratch;
    const char *params[] = {array_literal(ctx, &request->schemas)};
    struct batch b = {.ctx = ctx, .params = params};
    bool is_inside = pg_has_open_transaction(pg);
    if (!is_inside)
        ask(&b, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    ask_settings(&b, pg, request->home);
    ask_all(&b, pg, request->only_tables);
    if (!is_inside)
        ask(&b, "COMMIT");
    if (!pg_ask(pg, b.list, b.n, &r)) {
        if (!is_inside)
            pg->base.dialect->rollback(&pg->base);
        return false;
    }
    schema_sort(&s);
    *ret = s;
    return true;
}

bool pg_reflect(struct conn *conn, const struct scope *scope, struct schema *ret)
{
    struct pg *pg = pg_of(conn);
    struct reflect_request request = {
        .scope = scope, .schemas = scope->schemas, .home = conn->default_schema};
    if (!request.schemas.n)
        vec_add(conn->ctx, &request.schemas, conn->default_schema);
    return reflect_schemas(pg, &request, ret);
}
