/*
 * Virtual tables: which module they are of, and what is lost when they are dropped.
 *
 * SQLite keeps their statement as it was written and hands the arguments to the module, which makes of them what it
 * likes. The modules that come with SQLite are known here. Of all others neither the arguments nor the tables in which
 * they keep their data are known.
 */
#include "dialect/sqlite/virtual.h"

#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/token.h"

static const struct module {
    const char *name;
    enum holding holding;
    bool has_content; /* content='t' makes it an index over t, content='' one without rows */
    const char *owns[6];
} modules[] = {
    {"fts3", HOLDS_ROWS, true, {"content", "segments", "segdir", "docsize", "stat"}},
    {"fts4", HOLDS_ROWS, true, {"content", "segments", "segdir", "docsize", "stat"}},
    {"fts5", HOLDS_ROWS, true, {"data", "idx", "content", "docsize", "config"}},
    {"rtree", HOLDS_ROWS, false, {"node", "rowid", "parent"}},
    {"rtree_i32", HOLDS_ROWS, false, {"node", "rowid", "parent"}},
    {"geopoly", HOLDS_ROWS, false, {"node", "rowid", "parent"}},
    {"fts3tokenize", HOLDS_NOTHING, false, {0}},
    {"fts4aux", HOLDS_NOTHING, false, {0}},
    {"fts5vocab", HOLDS_NOTHING, false, {0}},
    {"dbstat", HOLDS_NOTHING, false, {0}},
    {"sqlite_dbpage", HOLDS_NOTHING, false, {0}},
    {"bytecode", HOLDS_NOTHING, false, {0}},
    {"tables_used", HOLDS_NOTHING, false, {0}},
};

static const struct module *find_module(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(modules); i++)
        if (str_eq_ci(modules[i].name, name))
            return &modules[i];
    return NULL;
}

/* ---- statements -------------------------------------------------------------------------------------- */

/* The value of `content=…` among the arguments; NULL: there is none. */
static const char *find_content(struct ctx *ctx, const struct tokens *t, size_t from)
{
    for (size_t i = from, depth = 0; i + 2 < t->n; i++) {
        depth += token_op(&t->v[i], "(");
        depth -= depth && token_op(&t->v[i], ")");
        if (depth != 1 || (!token_op(&t->v[i], "(") && !token_op(&t->v[i], ",")) ||
            !token_is(&t->v[i + 1], "CONTENT") || !token_op(&t->v[i + 2], "="))
            continue;
        bool is_empty = i + 3 == t->n || token_op(&t->v[i + 3], ",") || token_op(&t->v[i + 3], ")");
        return is_empty ? "" : token_name(&ctx->arena, &t->v[i + 3]);
    }
    return NULL;
}

static void find_holding(struct ctx *ctx, const struct tokens *t, size_t from, struct virtual_table *v)
{
    const struct module *m = find_module(v->module);
    const char *content = m && m->has_content ? find_content(ctx, t, from) : NULL;
    v->holding = m ? m->holding : HOLDS_UNKNOWN;
    if (!content)
        return;
    v->holding = *content ? HOLDS_INDEX : HOLDS_WORDS;
    v->content = *content ? content : NULL;
}

bool virtual_parse(struct ctx *ctx, const char *sql, struct virtual_table *ret)
{
    struct tokens t;
    size_t i = 3;
    tokens_read(ctx, sql, strlen(sql), &t);
    if (t.n < 6 || !token_is(&t.v[0], "CREATE") || !token_is(&t.v[1], "VIRTUAL") ||
        !token_is(&t.v[2], "TABLE"))
        return false;
    if (token_is(&t.v[i], "IF") && token_is(&t.v[i + 1], "NOT"))
        i += 3;
    if (i + 2 < t.n && token_op(&t.v[i + 1], "."))
        i += 2;
    if (i + 2 >= t.n || !token_is(&t.v[i + 1], "USING"))
        return false;
    *ret = (struct virtual_table){.name = token_name(&ctx->arena, &t.v[i]),
        .module = token_name(&ctx->arena, &t.v[i + 2]),
        .rest = t.v[i + 1].s};
    find_holding(ctx, &t, i + 3, ret);
    return true;
}

const char *virtual_sql(struct ctx *ctx, const struct virtual_table *v)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q, "CREATE VIRTUAL TABLE %I %E", v->name, v->rest);
    return sql_end(&q);
}

/* ---- modules ----------------------------------------------------------------------------------------- */

bool virtual_owns(const struct virtual_table *v, const char *table)
{
    const struct module *m = find_module(v->module);
    size_t n = strlen(v->name);
    if (sqlite3_strnicmp(table, v->name, (int)n) != 0 || table[n] != '_')
        return false;
    for (size_t i = 0; m && i < COUNT_OF(m->owns) && m->owns[i]; i++)
        if (str_eq_ci(table + n + 1, m->owns[i]))
            return true;
    return !m;
}

bool virtual_has_module(struct ctx *ctx, const char *module)
{
    struct sqlite_conn *memory = sqlite_open_memory(ctx);
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    if (!memory)
        return false;
    sql_addf(&q, "CREATE VIRTUAL TABLE t USING %I", module);
    bool ok = sqlite3_exec(memory->db, sql_end(&q), NULL, NULL, NULL) == SQLITE_OK ||
              !str_starts(sqlite3_errmsg(memory->db), "no such module");
    sqlite_close(&memory->base);
    return ok;
}

bool virtual_check_module(struct ctx *ctx, struct pos pos, const struct virtual_table *v)
{
    if (virtual_has_module(ctx, v->module))
        return true;
    if (ctx->err.status != STATUS_OK)
        return false;
    fail_at(ctx, STATUS_CONFIG, pos, "virtual table '%s' needs module '%s', which SQLite %s does not have",
        v->name, v->module, sqlite3_libversion());
    return fail_hint(ctx,
        "Use cmig with an SQLite that has the module, or let the application change the table and "
        "add it to 'exclude' in cmig.yaml.");
}

/* ---- changes ----------------------------------------------------------------------------------------- */

const char virtual_hint[] = "Give the new table another name and have the application fill it, or drop the "
                            "table in a revision before this one if its contents may be lost.";

const char *virtual_refusal(struct ctx *ctx, const struct virtual_table *a, const struct virtual_table *b)
{
    const struct virtual_table *unknown = a->holding == HOLDS_UNKNOWN   ? a
                                          : b->holding == HOLDS_UNKNOWN ? b
                                                                        : NULL;
    bool from_words = a->holding == HOLDS_WORDS && (b->holding == HOLDS_ROWS || b->holding == HOLDS_WORDS);
    bool to_words = b->holding == HOLDS_WORDS && (a->holding == HOLDS_ROWS || a->holding == HOLDS_WORDS);
    if (unknown)
        return ctx_printf(ctx,
            "cannot change virtual table '%s': the data of module '%s' in it is unknown and would be lost",
            a->name, unknown->module);
    if (from_words || to_words)
        return ctx_printf(ctx,
            "cannot change virtual table '%s': a contentless index does not have the rows from which it "
            "could be "
            "rebuilt",
            a->name);
    return NULL;
}

bool sqlite_object_possible(struct ctx *ctx, enum object_kind kind, const struct object *a,
    const struct object *b, const char **ret_why, const char **ret_hint)
{
    struct virtual_table from, to;
    if (kind != OBJECT_VIRTUAL_TABLE || !virtual_parse(ctx, a->native, &from) ||
        !virtual_parse(ctx, b->native, &to))
        return true;
    *ret_why = virtual_refusal(ctx, &from, &to);
    *ret_hint = virtual_hint;
    return !*ret_why;
}

/* The operation says what becomes of the rows. */
bool sqlite_object_change(ATTR_UNUSED struct ctx *ctx, ATTR_UNUSED enum object_kind kind,
    ATTR_UNUSED const struct object *a, ATTR_UNUSED const struct object *b,
    ATTR_UNUSED struct strings *ret_steps)
{
    return true;
}
