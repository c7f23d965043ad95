/*
 * Functions and modules that a schema needs and the linked SQLite does not have.
 *
 * They belong to the application, or to a newer SQLite. The shadow gets stand-ins for the functions, so that it
 * has every object of the database. Operations that would call one for the rows are rejected before anything
 * runs.
 */
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/render.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/token.h"

/* ---- functions --------------------------------------------------------------------------------------- */

static void stand_in(sqlite3_context *call, ATTR_UNUSED int n, ATTR_UNUSED sqlite3_value **values)
{
    sqlite3_result_null(call);
}

bool missing_add(struct rendering *r, const char *message)
{
    static const char missing[] = "no such function: ";
    const char *at = strstr(message, missing);
    if (!at)
        return false;
    const char *name = ctx_strdup(r->ctx, at + strlen(missing));
    if (strings_have(&r->missing, name))
        return false;
    if (sqlite3_create_function(r->shadow->db, name, -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, stand_in,
            NULL, NULL) != SQLITE_OK)
        return false;
    vec_add(r->ctx, &r->missing, name);
    return true;
}

/* name(…), or an operator that is a function: REGEXP, MATCH. */
static bool calls(struct ctx *ctx, const struct tokens *t, const char *name)
{
    bool is_operator = str_eq_ci(name, "regexp") || str_eq_ci(name, "match");
    vec_each(i, t) {
        const struct token *token = &t->v[i];
        if (token->kind != TOKEN_WORD && token->kind != TOKEN_QUOTED)
            continue;
        if ((is_operator || (i + 1 < t->n && token_op(&t->v[i + 1], "("))) &&
            str_eq_ci(token_name(&ctx->arena, token), name))
            return true;
    }
    return false;
}

const char *missing_call(const struct rendering *r, const char *sql)
{
    struct tokens t;
    if (!r->missing.n || !sql)
        return NULL;
    tokens_read(r->ctx, sql, strlen(sql), &t);
    vec_each(i, &r->missing)
        if (calls(r->ctx, &t, r->missing.v[i]))
            return r->missing.v[i];
    return NULL;
}

bool(missing_refuse)(const struct change *ch, const char *what, const char *function)
{
    struct ctx *ctx = ch->r->ctx;
    fail(ctx, STATUS_FAILED,
        "cannot change table '%s': %s calls function '%s', which SQLite %s does not have",
        ch->before.table->name.name, what, function, sqlite3_libversion());
    fail_hint(ctx, "Make this change where the function exists, in the application or another SQLite; or "
                   "drop the object that calls it first and create it again there.");
    return rendering_fail(ch->r, ch->op);
}

bool missing_check_edit(struct change *ch)
{
    vec_each(i, &ch->after->checks) {
        const char *text = expr_sql(ch->r->ctx, &ch->after->checks.v[i]->check);
        const char *function = missing_call(ch->r, text);
        if (function && !change_had_check(ch, text))
            return missing_refuse(ch, ctx_printf(ch->r->ctx, "the new check %s", text), function);
    }
    return true;
}

bool missing_check_rebuild(struct change *ch, const struct shadow_rows *indexes)
{
    const char *function = missing_call(ch->r, ch->text);
    if (function)
        return missing_refuse(ch, "its definition", function);
    vec_each(i, indexes) {
        function = missing_call(ch->r, indexes->v[i]->sql);
        if (function)
            return missing_refuse(
                ch, ctx_printf(ch->r->ctx, "its index '%s'", indexes->v[i]->name), function);
    }
    return true;
}

/* ---- collations -------------------------------------------------------------------------------------- */

static bool has_several_rows(struct change *ch)
{
    struct sql q = sql_begin(ch->r->ctx, &sqlite_dialect);
    const char *found = NULL;
    struct sqlite_conn *c = rendering_rows(ch->r);
    if (!c)
        return true;
    sql_addf(&q, "SELECT 1 FROM %I LIMIT 1 OFFSET 1", ch->before.table->name.name);
    if (sqlite_query(c, sql_end(&q), &found))
        return found != NULL;
    if (!ctx_interrupted(ch->r->ctx))
        err_clear(ch->r->ctx); /* created by this revision */
    return false;
}

/* Rows are compared when an index is built. */
bool missing_check_collations(struct change *ch, const struct shadow_rows *indexes)
{
    struct rendering *r = ch->r;
    struct shadow_rows used;
    if (!r->shadow->guesses.n)
        return true;
    if (!shadow_rows(r,
            "SELECT il.name, ix.coll FROM pragma_index_list(?) il, pragma_index_xinfo(il.name) ix WHERE "
            "ix.key "
            "ORDER BY il.seq DESC",
            ch->before.table->name.name, &used))
        return false;
    vec_each(i, &used) {
        bool kept = str_starts(used.v[i]->name, "sqlite_autoindex_");
        vec_each(k, indexes)
            kept = kept || str_eq_ci(indexes->v[k]->name, used.v[i]->name);
        if (!kept || !strings_have(&r->shadow->guesses, used.v[i]->sql) || !has_several_rows(ch))
            continue;
        fail(r->ctx, STATUS_FAILED,
            "cannot rebuild table '%s': its index '%s' is ordered by collation '%s', which SQLite %s does "
            "not have",
            ch->before.table->name.name, used.v[i]->name, used.v[i]->sql, sqlite3_libversion());
        fail_hint(r->ctx, "Make this change in the application, which has the collation.");
        return rendering_fail(r, ch->op);
    }
    return true;
}

/* ---- modules ----------------------------------------------------------------------------------------- */

void missing_add_module(struct rendering *r, const char *table, const char *message)
{
    static const char missing[] = "no such module: ";
    struct shadow_row *found = ctx_new(r->ctx, struct shadow_row);
    if (!str_starts(message, missing))
        return;
    *found = (struct shadow_row){ctx_strdup(r->ctx, table), ctx_strdup(r->ctx, message + strlen(missing))};
    vec_add(r->ctx, &r->modules, found);
}

/* Renaming reads all views and triggers, and fails with one that uses such a table. */
bool missing_check_rename(struct rendering *r, const struct statement *s, const char *message)
{
    if (!str_starts(s->text, "ALTER TABLE ") || !strstr(s->text, " RENAME ") ||
        !str_starts(message, "error in "))
        return true;
    vec_each(i, &r->modules) {
        const struct shadow_row *m = r->modules.v[i];
        if (!sql_mentions(message, m->name))
            continue;
        fail(r->ctx, STATUS_FAILED, "SQLite would reject the new name: %s", message);
        fail_detail(r->ctx, "virtual table '%s' needs module '%s', which SQLite %s does not have", m->name,
            m->sql, sqlite3_libversion());
        fail_hint(r->ctx, "Drop the view or trigger with an 'execute' before this operation and recreate it "
                          "with one after it.");
        return s->op ? rendering_fail(r, s->op) : false;
    }
    return true;
}
