/* Reflects a whole schema in three round trips. */
#include "dialect/postgresql/reflect/reflect.h"

#include <stdlib.h>

#include "dialect/postgresql/objects/objects.h"
#include "dialect/postgresql/reflect/catalog.h"
#include "dialect/postgresql/spell/names.h"

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
        /* PostgreSQL 15.20 keeps an internal number here, which differs per table and is meaningless. */
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

void reflection_unmodelled(
    struct reflection *r, const char *kind, const struct qname *name, const char *detail)
{
    if (!r->scope || scope_excludes(r->scope, kind, name, r->home))
        return;
    struct unmodelled *u = ctx_new(r->ctx, struct unmodelled);
    *u = (struct unmodelled){.kind = ctx_strdup(r->ctx, kind), .name = *name, .detail = detail};
    vec_add(r->ctx, &r->s->unmodelled, u);
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

struct batch VEC_OF(struct question);

static void ask(struct ctx *ctx, struct batch *b, const char *sql)
{
    vec_add(ctx, b, ((struct question){.sql = sql}));
}

/* Names of what lies outside of the home schema are printed with their schema, and constants in one way, whatever
 * the session's settings are. They are columns of a query that is sent anyway. */
static void add_settings(struct sql *q, struct pg *pg, const char *home)
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
    sql_addf(q, ", pg_catalog.set_config('search_path', %L, true)", path);
    for (size_t i = 0; i < COUNT_OF(settings); i++)
        sql_addf(q, ", pg_catalog.set_config(%L, %L, true)", settings[i][0], settings[i][1]);
}

/* The queries, in this order. Most databases need only a few of them, and the first use of each catalogue in a
 * new session is expensive: so the server is first asked which of them have rows. The names of types are read for
 * those types that the columns have. */
static const struct {
    const char *sql;
    bool (*take)(struct pg *pg, void *user, const struct answer *rows);
    const char *exists; /* whether there is something to ask for, as an SQL condition */
} catalog_questions[] = {
    {catalog_comments, take_comments, "EXISTS (SELECT FROM pg_catalog.pg_description WHERE objoid >= 16384)"},
    {catalog_owned, take_owned_objects, "EXISTS (SELECT FROM pg_catalog.pg_extension WHERE oid >= 16384)"},
    {catalog_namespaces, take_namespaces,
        "EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> "
        "'information_schema' AND nspname IS DISTINCT FROM pg_catalog.current_schema())"},
    {catalog_extensions, take_extensions, "true"},
    {catalog_relations, take_relations, "true"},
    {catalog_columns, take_columns, "true"},
    {catalog_constraints, take_constraints, CATALOG_HAS_DEPENDING("pg_constraint")},
    {catalog_types, take_types, "true"},
    {catalog_opclasses, take_opclasses, "EXISTS (SELECT FROM pg_catalog.pg_index WHERE indexrelid >= 16384)"},
    {catalog_indexes, take_indexes, "EXISTS (SELECT FROM pg_catalog.pg_index WHERE indexrelid >= 16384)"},
    {catalog_enums, take_enums, CATALOG_HAS_TYPES},
    {catalog_sequences, take_sequences, "EXISTS (SELECT FROM pg_catalog.pg_sequence)"},
    {catalog_view_uses, take_view_uses, CATALOG_HAS_DEPENDING("pg_rewrite")},
    {catalog_collations, take_sql_objects, CATALOG_HAS_DEPENDING("pg_collation")},
    {catalog_composites, take_sql_objects, "EXISTS (SELECT FROM pg_catalog.pg_class WHERE relkind = 'c')"},
    {catalog_ranges, take_sql_objects, "EXISTS (SELECT FROM pg_catalog.pg_range WHERE rngtypid >= 16384)"},
    {catalog_domains, take_sql_objects, CATALOG_HAS_TYPES},
    {catalog_functions, take_sql_objects, CATALOG_HAS_DEPENDING("pg_proc")},
    {catalog_aggregates, take_sql_objects, CATALOG_HAS_DEPENDING("pg_proc")},
    {catalog_operators, take_sql_objects, CATALOG_HAS_DEPENDING("pg_operator")},
    {catalog_operator_families, take_sql_objects, CATALOG_HAS_DEPENDING("pg_opfamily")},
    {catalog_casts, take_sql_objects, "EXISTS (SELECT FROM pg_catalog.pg_cast WHERE oid >= 16384)"},
    {catalog_dictionaries, take_sql_objects, CATALOG_HAS_DEPENDING("pg_ts_dict")},
    {catalog_configurations, take_sql_objects, CATALOG_HAS_DEPENDING("pg_ts_config")},
    {catalog_statistics, take_sql_objects, CATALOG_HAS_DEPENDING("pg_statistic_ext")},
    {catalog_policies, take_sql_objects, CATALOG_HAS_DEPENDING("pg_policy")},
    {catalog_rules, take_sql_objects, CATALOG_HAS_DEPENDING("pg_rewrite")},
    {catalog_triggers, take_sql_objects, CATALOG_HAS_TRIGGERS},
    {catalog_languages, take_sql_objects, "EXISTS (SELECT FROM pg_catalog.pg_language WHERE oid >= 16384)"},
    {catalog_transforms, take_sql_objects, "EXISTS (SELECT FROM pg_catalog.pg_transform WHERE oid >= 16384)"},
    {catalog_conversions, take_sql_objects, CATALOG_HAS_DEPENDING("pg_conversion")},
    {catalog_access_methods, take_sql_objects, "EXISTS (SELECT FROM pg_catalog.pg_am WHERE oid >= 16384)"},
    {catalog_text_search_parsers, take_sql_objects, CATALOG_HAS_DEPENDING("pg_ts_parser")},
    {catalog_text_search_templates, take_sql_objects, CATALOG_HAS_DEPENDING("pg_ts_template")},
    {catalog_foreign_data_wrappers, take_sql_objects,
        "EXISTS (SELECT FROM pg_catalog.pg_foreign_data_wrapper WHERE oid >= 16384)"},
    {catalog_servers, take_sql_objects,
        "EXISTS (SELECT FROM pg_catalog.pg_foreign_server WHERE oid >= 16384)"},
    {catalog_foreign_tables, take_sql_objects, CATALOG_HAS_FOREIGN_TABLES},
    {catalog_publications, take_sql_objects, "EXISTS (SELECT FROM pg_catalog.pg_publication)"},
    {catalog_event_triggers, take_sql_objects, CATALOG_HAS_DEPENDING("pg_event_trigger")},
    {catalog_access, take_access, "false"},
    {catalog_default_access, take_default_access, "false"},
};

/* The judge needs no objects, or only those that it has created itself. */
static bool is_asked(const struct reflect_request *request, size_t at)
{
    return !request->only_tables || request->objects || catalog_questions[at].take != take_sql_objects;
}

/* Asked in any case when owners or grants are managed. */
static bool has_access(size_t at)
{
    return catalog_questions[at].take == take_namespaces || catalog_questions[at].take == take_access ||
           catalog_questions[at].take == take_default_access;
}

static const char *exists_condition(struct pg *pg, const struct reflect_request *request, size_t at)
{
    if (!is_asked(request, at))
        return "false";
    if (has_access(at) && pg->base.manages && !request->only_tables)
        return "true";
    return catalog_questions[at].exists;
}

/* Adds a condition, unless an earlier one is the same. */
static void add_condition(struct reflection *r, const char *condition)
{
    size_t at = 0;
    while (at < r->conditions.n && !str_eq(r->conditions.v[at], condition))
        at++;
    if (at == r->conditions.n)
        vec_add(r->ctx, &r->conditions, condition);
    vec_add(r->ctx, &r->condition_of, at);
}

/* Queries which catalogues have rows: a condition for each query, then, unless only tables are wanted, one for
 * each kind that is not modelled. */
static const char *existence_query(struct reflection *r, const struct reflect_request *request)
{
    struct sql q = sql_begin(r->ctx, &postgresql_dialect);
    for (size_t i = 0; i < COUNT_OF(catalog_questions); i++)
        add_condition(r, exists_condition(r->pg, request, i));
    for (const struct unmodelled_kind *k = unmodelled_kinds; k->kind && !request->only_tables; k++)
        add_condition(r, unmodelled_exists(r->pg, k));
    sql_add(&q, "SELECT ");
    vec_each(i, &r->conditions)
        sql_addf(&q, "%E%E", i ? ", " : "", r->conditions.v[i]);
    add_settings(&q, r->pg, request->home);
    return sql_end(&q);
}

static bool take_existence(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    r->exists = arena_alloc(&r->scratch, r->condition_of.n * sizeof(*r->exists));
    vec_each(i, &r->condition_of)
        r->exists[i] = answer_bool(a, 0, (int)r->condition_of.v[i]);
    return true;
}

/* All that is not modelled comes as one list; NULL: there is nothing. */
static const char *unmodelled_query(struct reflection *r)
{
    struct str out = STR(r->ctx);
    const bool *exists = r->exists + COUNT_OF(catalog_questions);
    for (const struct unmodelled_kind *k = unmodelled_kinds; k->kind; k++)
        if (exists[k - unmodelled_kinds])
            str_addf(&out, "%s UNION ALL ", unmodelled_rows(r->ctx, k));
    if (!out.n && !r->exists[0])
        return NULL;
    str_addf(&out, "%s ORDER BY 1, 2, 3, 4", catalog_odd_comments);
    return catalog_query(r->pg, str_get(&out));
}

/* The types that the columns have, as three arrays. */
static void ask_types(struct reflection *r, struct batch *b)
{
    enum { PARTS = 3 };
    struct str out[PARTS] = {STR(r->ctx), STR(r->ctx), STR(r->ctx)};
    const char **params = arena_alloc(&r->scratch, PARTS * sizeof(*params));
    for (size_t i = 0; i < r->types.cap; i++)
        for (const struct type_use *u = oids_slot(&r->types, i); u; u = u->next) {
            const int64_t parts[PARTS] = {u->oid, (int32_t)u->length, u->collation_oid};
            for (size_t k = 0; k < PARTS; k++)
                str_addf(&out[k], "%c%lld", out[k].n ? ',' : '{', (long long)parts[k]);
        }
    for (size_t k = 0; k < PARTS; k++) {
        str_addc(&out[k], '}');
        params[k] = str_get(&out[k]);
    }
    if (r->types.n)
        vec_add(r->ctx, b,
            ((struct question){
                .sql = catalog_types, .params = params, .nparams = PARTS, .take = take_types}));
}

/* The queries from `*at` on, as far as they can be sent before others are answered. */
static void ask_schemas(struct reflection *r, struct batch *b, size_t *at)
{
    size_t i = *at;
    if (i && catalog_questions[i].take == take_types)
        ask_types(r, b), i++;
    for (; i < COUNT_OF(catalog_questions) && catalog_questions[i].take != take_types; i++)
        if (r->exists[i])
            vec_add(r->ctx, b,
                ((struct question){.sql = catalog_query(r->pg, catalog_questions[i].sql),
                    .take = catalog_questions[i].take}));
    *at = i;
}

static bool ask_batch(struct reflection *r, struct batch *b, const struct reflect_request *request)
{
    const char *schemas[] = {array_literal(r->ctx, &request->schemas)};
    vec_each(i, b) {
        if (!b->v[i].params && strstr(b->v[i].sql, "$1")) {
            b->v[i].params = schemas;
            b->v[i].nparams = 1;
        }
    }
    return pg_ask(r->pg, b->v, b->n, r);
}

static void reflection_finish(struct reflection *r)
{
    arena_finish(&r->scratch);
}

/* The queries that need the answers of earlier ones form a batch of their own. */
static bool ask_batches(struct reflection *r, const struct reflect_request *request, bool is_inside)
{
    struct batch first = {0}, second = {0}, third = {0};
    const char *sql;
    size_t at = 0;
    if (!is_inside)
        ask(r->ctx, &first, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    ask(r->ctx, &first, existence_query(r, request));
    first.v[first.n - 1].take = take_existence;
    if (!ask_batch(r, &first, request))
        return false;
    ask_schemas(r, &second, &at);
    if (!ask_batch(r, &second, request))
        return false;
    ask_schemas(r, &third, &at);
    if (!request->only_tables && (sql = unmodelled_query(r)))
        vec_add(r->ctx, &third, ((struct question){.sql = sql, .take = take_unmodelled}));
    if (!is_inside)
        ask(r->ctx, &third, "COMMIT");
    return !third.n || ask_batch(r, &third, request);
}

/* Three round trips, in a transaction of their own unless one is open. */
static bool ask_all(struct reflection *r, const struct reflect_request *request)
{
    bool is_inside = pg_has_open_transaction(r->pg);
    if (ask_batches(r, request, is_inside))
        return true;
    if (!is_inside)
        r->pg->base.dialect->rollback(&r->pg->base);
    return false;
}

bool reflect_schemas(struct pg *pg, const struct reflect_request *request, struct schema *ret)
{
    struct ctx *ctx = pg->base.ctx;
    struct schema s = {.default_schema = pg->base.default_schema};
    struct reflection r CLEANUP(reflection_finish) = {
        .pg = pg, .ctx = ctx, .scope = request->scope, .home = request->home, .s = &s, .names = MAP(ctx)};
    struct oids *maps[] = {&r.relations, &r.types, &r.constraints, &r.opclasses, &r.default_opclasses,
        &r.holders, &r.owned, &r.comments[0], &r.comments[1], &r.comments[2]};
    for (size_t i = 0; i < COUNT_OF(maps); i++)
        maps[i]->arena = &r.scratch;
    if (!ask_all(&r, request))
        return false;
    schema_sort(&s);
    reflection_settle_children(&r);
    say_autoincrement(&s);
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
