/*
 * Reads a database in a number of queries that depends on nothing but its views, triggers, routines and events, which
 * the server prints one by one.
 *
 * The column names of information_schema are in capitals on MySQL and in lower case elsewhere, so columns are read
 * by their position.
 */
#include "dialect/mysql/reflect/reflect.h"

/* The server opens only the tables of these names. */
static void add_names(struct sql *q, const struct strings *names, const char *column)
{
    if (!names)
        return;
    sql_addf(q, " AND %E IN (NULL", column);
    vec_each(i, names)
        sql_addf(q, ", %L", names->v[i]);
    sql_add(q, ")");
}

bool my_read(struct reading *r, const struct reading_query *query)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    struct sql q = sql_begin(r->ctx, &mysql_dialect);
    sql_add(&q, query->plain && !r->my->server->prints_sql ? query->plain : query->sql);
    if (r->only)
        sql_addf(&q, " AND %E = %L", query->column, r->only);
    add_names(&q, r->names, query->column);
    sql_addf(&q, " ORDER BY %E", query->order);
    if (!my_query(r->my, sql_end(&q), &a))
        return false;
    while (my_next(&a)) {
        struct table *t = map_get(&r->tables, my_text(&a, 0));
        if ((t || query->takes_others) && !query->take(r, t, &a))
            return false;
    }
    return true;
}

static bool read_settings(struct reading *r)
{
    struct strings row;
    if (!my_query_row(
            &r->my->base, "SELECT @@collation_database, CURRENT_USER(), @@lower_case_table_names", &row))
        return false;
    r->collation = row.n > 1 ? row.v[0] : "";
    r->my->collation = r->collation;
    r->my->folds_names = row.n > 2 && !str_eq(row.v[2], "0");
    r->user = row.n > 1 ? row.v[1] : "";
    return true;
}

/* Once per connection. */
static bool read_rights(struct reading *r)
{
    struct my *my = r->my;
    if (!my_know_rights(my))
        return false;
    r->rights = my->rights;
    return true;
}

static bool has_foreign_keys(const struct schema *s)
{
    vec_each(i, &s->tables)
        if (s->tables.v[i]->foreign_keys.n)
            return true;
    return false;
}

/* The query that is sent in the place of another; NULL: none. */
static const struct reading_query *choose_query(const struct reading *r, const struct reading_query *query)
{
    if (query == &my_foreign_keys_query && !r->rights.sees_keys)
        return &my_restricted_keys_query;
    if (query == &my_foreign_key_rules_query && (!r->rights.sees_keys || !has_foreign_keys(r->schema)))
        return NULL;
    if (query == &my_checks_query && !r->my->server->has_checks)
        return NULL;
    return query;
}

static bool read_tables(struct reading *r)
{
    static const struct reading_query *const queries[] = {&my_tables_query, &my_columns_query,
        &my_indexes_query, &my_foreign_keys_query, &my_foreign_key_rules_query, &my_checks_query};
    if (!read_settings(r) || !read_rights(r))
        return false;
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        const struct reading_query *query = choose_query(r, queries[i]);
        if (query && !my_read(r, query))
            return false;
    }
    if (!my_read_binary_defaults(r) || (!r->rights.sees_keys && !my_read_key_actions(r)))
        return false;
    vec_each(i, &r->schema->tables)
        my_settle_table(r, r->schema->tables.v[i]);
    return my_read_texts(r);
}

/* Routines and events are on no table. */
static bool read_objects(struct reading *r)
{
    if (!my_read(r, &my_views_query) || !my_read(r, &my_triggers_list_query))
        return false;
    r->names = NULL;
    return my_read(r, &my_routines_query) && my_read(r, &my_events_query);
}

/* Takes what is out of scope from the lists. */
static void leave_scope(const struct scope *scope, struct schema *s)
{
    size_t kept = 0;
    vec_each(i, &s->tables)
        if (!scope_excludes(scope, "table", &s->tables.v[i]->name, NULL))
            s->tables.v[kept++] = s->tables.v[i];
    s->tables.n = (uint32_t)kept;
    kept = 0;
    vec_each(i, &s->sequences)
        if (!scope_excludes(scope, "sequence", &s->sequences.v[i]->name, NULL))
            s->sequences.v[kept++] = s->sequences.v[i];
    s->sequences.n = (uint32_t)kept;
    kept = 0;
    vec_each(i, &s->views)
        if (!scope_excludes(scope, "view", &s->views.v[i]->name, NULL))
            s->views.v[kept++] = s->views.v[i];
    s->views.n = (uint32_t)kept;
    for (int kind = 0; kind < OBJECT_KINDS; kind++) {
        struct objects *list = &s->objects[kind];
        kept = 0;
        vec_each(i, list)
            if (!scope_excludes(scope, object_table[kind].name, &list->v[i]->name, NULL) &&
                (!list->v[i]->of.name || !scope_excludes(scope, "table", &list->v[i]->of, NULL)))
                list->v[kept++] = list->v[i];
        list->n = (uint32_t)kept;
    }
    kept = 0;
    vec_each(i, &s->unmodelled)
        if (!scope_excludes(scope, s->unmodelled.v[i]->kind, &s->unmodelled.v[i]->name, NULL) &&
            (!s->unmodelled.v[i]->on.name || !scope_excludes(scope, "table", &s->unmodelled.v[i]->on, NULL)))
            s->unmodelled.v[kept++] = s->unmodelled.v[i];
    s->unmodelled.n = (uint32_t)kept;
}

static struct reading begin(struct conn *conn, struct schema *schema, const char *only)
{
    return (struct reading){
        .my = my_of(conn), .ctx = conn->ctx, .schema = schema, .only = only, .tables = MAP(conn->ctx)};
}

bool my_reflect(struct conn *conn, const struct scope *scope, struct schema *ret)
{
    struct schema found = {0};
    struct reading r = begin(conn, &found, NULL);
    r.names = scope->names;
    if (!read_tables(&r) || !my_read_sequences(&r) || !read_objects(&r) || !my_read_access(&r))
        return false;
    my_name_hidden(&r);
    leave_scope(scope, &found);
    schema_sort(&found);
    schema_mark_external(conn->ctx, &mysql_dialect, &found);
    *ret = found;
    return true;
}

bool my_reflect_view(struct conn *conn, const struct qname *name, struct view *v)
{
    struct schema found = {0};
    struct reading r = begin(conn, &found, name->name);
    if (!my_read(&r, &my_views_query))
        return false;
    if (found.views.n)
        v->body.native = found.views.v[0]->body.native;
    return true;
}

bool my_reflect_table(struct conn *conn, const struct qname *name, struct table **ret)
{
    struct schema found = {0};
    struct reading r = begin(conn, &found, name->name);
    if (!read_tables(&r) || !my_read_access(&r))
        return false;
    *ret = found.tables.n ? found.tables.v[0] : NULL;
    return true;
}
