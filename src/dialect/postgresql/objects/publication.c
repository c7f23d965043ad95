/*
 * Publications: parses their SQL, and changes one in place.
 *
 * The server has no temporary publications, and a real one cannot be on temporary tables. So their SQL is read
 * here, as far as it can be spelt in several ways.
 */
#include "dialect/postgresql/objects/objects.h"

#include <stdlib.h>
#include <strings.h>

#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

static const char *const events[] = {"insert", "update", "delete", "truncate"};
enum { ALL_EVENTS = (1 << COUNT_OF(events)) - 1 };

struct publication {
    const char *home; /* the schema that need not be written; or NULL */
    size_t name_end;
    bool all_tables;
    struct strings tables, schemas;
    unsigned publish; /* bits by event */
    bool via_root, generated;
};

static struct sql_piece piece_at(const char *s)
{
    return sql_piece(s, SQL_POSTGRESQL);
}

static const char *skip(const char *s)
{
    return sql_skip_space(s, SQL_POSTGRESQL);
}

/* The position after the word, or NULL if the text begins with another one. */
static const char *after_word(const char *s, const char *word)
{
    const struct sql_piece p = piece_at(s);
    return sql_piece_is(&p, word) ? skip(s + p.n) : NULL;
}

/* Where the item ends: at a comma or WITH outside of parentheses. */
static const char *item_end(const char *s)
{
    int depth = 0;
    for (struct sql_piece p; (p = piece_at(s)).kind != SQL_END; s += p.n) {
        depth += (*s == '(') - (*s == ')');
        if (depth < 0 || (depth == 0 && (*s == ',' || *s == ';' || sql_piece_is(&p, "with"))))
            break;
    }
    return s;
}

static const char *where_of(const char *item)
{
    int depth = 0;
    for (struct sql_piece p; (p = piece_at(item)).kind != SQL_END; item += p.n) {
        depth += (*item == '(') - (*item == ')');
        if (depth == 0 && sql_piece_is(&p, "where"))
            break;
    }
    return item;
}

/* A name as the server prints it. */
static const char *name_text(struct arena *a, const struct sql_piece *p)
{
    if (p->kind != SQL_QUOTED)
        return str_lower(a, arena_strndup(a, p->s, p->n));
    char *name = arena_strndup(a, p->s + 1, p->n - 2), *to = name;
    for (const char *from = name; *from; from += 1 + (*from == '"' && from[1] == '"'))
        *to++ = *from;
    *to = '\0';
    return pg_ident(a, name);
}

/* The table and its columns, without the condition. */
static const char *head_text(struct ctx *ctx, const char *item, bool sorted)
{
    const char *end = where_of(item);
    struct str name = STR(ctx);
    struct strings columns = {0};
    bool in_list = false;
    for (struct sql_piece p; item < end && (p = piece_at(item)).kind != SQL_END; item = skip(item + p.n)) {
        bool is_name = p.kind == SQL_WORD || p.kind == SQL_QUOTED;
        in_list |= *item == '(';
        if (is_name && in_list)
            vec_add(ctx, &columns, name_text(&ctx->arena, &p));
        else if (!in_list)
            str_add(&name, is_name ? name_text(&ctx->arena, &p) : arena_strndup(&ctx->arena, p.s, p.n));
    }
    if (sorted)
        strings_sort(&columns);
    if (columns.n)
        str_addf(&name, " (%s)", strings_join(&ctx->arena, &columns, ", "));
    return str_get(&name);
}

static const char *item_text(struct ctx *ctx, const char *home, const char *item)
{
    const char *where = where_of(item), *head = head_text(ctx, item, false);
    const char *prefix = home ? ctx_printf(ctx, "%s.", pg_ident(&ctx->arena, home)) : "";
    return ctx_printf(
        ctx, "%s%s%s", str_starts(head, prefix) ? head + strlen(prefix) : head, *where ? " " : "", where);
}

/* ---- reading ----------------------------------------------------------------------------------------- */

static const char *read_items(struct ctx *ctx, const char *s, struct publication *p)
{
    struct strings *list = &p->tables;
    for (;;) {
        const char *next = after_word(s, "tables");
        if (next) {
            const char *in = after_word(next, "in"), *schema = in ? after_word(in, "schema") : NULL;
            if (!schema)
                return NULL;
            s = schema;
            list = &p->schemas;
        } else if ((next = after_word(s, "table"))) {
            s = next;
            list = &p->tables;
        }
        const char *end = item_end(s);
        vec_add(ctx, list,
            item_text(ctx, p->home, str_trim(&ctx->arena, arena_strndup(&ctx->arena, s, (size_t)(end - s)))));
        if (*end != ',')
            return end;
        s = skip(end + 1);
    }
}

static bool is_true(const char *value)
{
    return !*value || strcasecmp(value, "true") == 0 || strcasecmp(value, "on") == 0 || str_eq(value, "1");
}

static bool take_parameter(struct ctx *ctx, struct publication *p, const char *key, const char *value)
{
    if (str_eq(key, "publish_via_partition_root")) {
        p->via_root = is_true(value);
    } else if (str_eq(key, "publish_generated_columns")) {
        p->generated = strcasecmp(value, "none") != 0;
    } else if (str_eq(key, "publish")) {
        const char *lower = str_lower(&ctx->arena, value);
        p->publish = 0;
        for (size_t i = 0; i < COUNT_OF(events); i++)
            p->publish |= (strstr(lower, events[i]) ? 1u : 0u) << i;
    } else {
        return false;
    }
    return true;
}

/* (publish = 'insert', publish_via_partition_root) */
static bool read_parameters(struct ctx *ctx, const char *s, struct publication *p)
{
    struct arena *a = &ctx->arena;
    if (*s++ != '(')
        return false;
    while (*(s = skip(s)) && *s != ')') {
        const struct sql_piece key = piece_at(s);
        const char *value = "";
        s = skip(s + key.n);
        if (*s == '=') {
            s = skip(s + 1);
            const struct sql_piece v = piece_at(s);
            bool quoted = v.kind == SQL_STRING || v.kind == SQL_QUOTED;
            value = quoted && v.n > 1 ? arena_strndup(a, v.s + 1, v.n - 2) : arena_strndup(a, v.s, v.n);
            s = skip(s + v.n);
        }
        if (!take_parameter(ctx, p, name_text(a, &key), value))
            return false;
        s += *s == ',';
    }
    return *s == ')';
}

static bool read_publication(struct ctx *ctx, const char *home, const char *sql, struct publication *p)
{
    size_t at, n;
    *p = (struct publication){.home = home, .publish = ALL_EVENTS};
    if (!object_sql_name(OBJECT_PUBLICATION, sql, &at, &n) || sql[pg_statement_length(sql)])
        return false;
    p->name_end = at + n;
    const char *s = skip(sql + at + n), *next;
    if ((next = after_word(s, "for"))) {
        const char *all = after_word(next, "all");
        p->all_tables = all != NULL;
        if (!(s = all ? after_word(all, "tables") : read_items(ctx, next, p)))
            return false;
    }
    if ((next = after_word(s, "with")))
        return read_parameters(ctx, next, p);
    return piece_at(s).kind == SQL_END;
}

bool pg_publication_is_selective(struct ctx *ctx, const char *sql)
{
    struct publication p;
    if (!read_publication(ctx, NULL, sql, &p))
        return false;
    vec_each(i, &p.tables)
        if (strchr(head_text(ctx, p.tables.v[i], false), '(') || *where_of(p.tables.v[i]))
            return true;
    return p.schemas.n;
}

/* ---- writing ----------------------------------------------------------------------------------------- */

static const char *publish_text(struct ctx *ctx, const struct publication *p)
{
    struct strings list = {0};
    for (size_t i = 0; i < COUNT_OF(events); i++)
        if (p->publish >> i & 1)
            vec_add(ctx, &list, events[i]);
    return ctx_printf(ctx, "publish = '%s'", strings_join(&ctx->arena, &list, ", "));
}

/* Those that differ from the other's. */
static const char *parameters_text(
    struct ctx *ctx, const struct publication *p, const struct publication *other)
{
    struct strings list = {0};
    if (p->publish != other->publish)
        vec_add(ctx, &list, publish_text(ctx, p));
    if (p->via_root != other->via_root)
        vec_add(
            ctx, &list, ctx_printf(ctx, "publish_via_partition_root = %s", p->via_root ? "true" : "false"));
    if (p->generated != other->generated)
        vec_add(
            ctx, &list, ctx_printf(ctx, "publish_generated_columns = %s", p->generated ? "stored" : "none"));
    return list.n ? strings_join(&ctx->arena, &list, ", ") : NULL;
}

static const char *items_text(struct ctx *ctx, const struct publication *p)
{
    struct str out = STR(ctx);
    if (p->all_tables)
        return "ALL TABLES";
    if (p->tables.n)
        str_addf(&out, "TABLE %s", strings_join(&ctx->arena, &p->tables, ", "));
    if (p->schemas.n)
        str_addf(
            &out, "%sTABLES IN SCHEMA %s", out.n ? ", " : "", strings_join(&ctx->arena, &p->schemas, ", "));
    return str_get(&out);
}

/* Whether two items are the same table, with the same columns and a filter that is apparently the same. */
static bool are_alike(struct ctx *ctx, const char *a, const char *b)
{
    return str_eq(head_text(ctx, a, true), head_text(ctx, b, true)) &&
           pg_text_alike(ctx, where_of(a), where_of(b));
}

static void take_printed(struct ctx *ctx, struct publication *p, const struct publication *printed)
{
    vec_each(i, &p->tables)
        vec_each(k, &printed->tables)
            if (are_alike(ctx, p->tables.v[i], printed->tables.v[k]))
                p->tables.v[i] = printed->tables.v[k];
}

const char *pg_publication_sql(struct ctx *ctx, const char *home, const char *sql, const char *printed)
{
    static const struct publication usual = {.publish = ALL_EVENTS};
    struct publication p, there;
    if (!read_publication(ctx, home, sql, &p))
        return NULL;
    if (printed && read_publication(ctx, home, printed, &there))
        take_printed(ctx, &p, &there);
    strings_sort(&p.tables);
    strings_sort(&p.schemas);
    const char *items = items_text(ctx, &p), *parameters = parameters_text(ctx, &p, &usual);
    return ctx_printf(ctx, "%.*s%s%s%s%s%s", (int)p.name_end, sql, *items ? " FOR " : "", items,
        parameters ? " WITH (" : "", parameters ? parameters : "", parameters ? ")" : "");
}

bool pg_publication_change(
    struct ctx *ctx, const struct qname *name, const char *a, const char *b, struct strings *ret_steps)
{
    struct publication before, after;
    const char *id = pg_ident(&ctx->arena, name->name);
    if (!a || !b || !read_publication(ctx, NULL, a, &before) || !read_publication(ctx, NULL, b, &after))
        return false;
    const char *items = items_text(ctx, &after), *parameters = parameters_text(ctx, &after, &before);
    bool same = str_eq(items_text(ctx, &before), items);
    if (before.all_tables != after.all_tables || (!same && !*items))
        return false;
    if (!same)
        vec_add(ctx, ret_steps, ctx_printf(ctx, "ALTER PUBLICATION %s SET %s", id, items));
    if (parameters)
        vec_add(ctx, ret_steps, ctx_printf(ctx, "ALTER PUBLICATION %s SET (%s)", id, parameters));
    return ret_steps->n > 0;
}
