/*
 * Reads a statement of user SQL by its words.
 *
 * Not a parser: a statement is recognised by its leading words and the names after them, and what it does becomes an
 * operation, if one expresses it. Anything else that is known to change no schema is harmless; the rest is reported as not
 * understood, never guessed.
 */
#include "dialect/read_sql.h"

/* ---- other statements -------------------------------------------------------------------------------------- */

/* The parts of an index in parentheses: names, and expressions. */
static void read_parts(struct reader *r, struct index_parts *ret)
{
    if (!read_sign(r, '('))
        return;
    do {
        size_t end = read_item_end(r, r->at);
        struct index_part *part = ctx_new(r->ctx, struct index_part);

        if (!is_sign(read_peek(r, 1), '('))
            read_name(r, &part->column);
        vec_add(r->ctx, ret, part);
        r->at = end;
    } while (read_sign(r, ','));
    read_sign(r, ')');
}

static bool read_create_index(struct reader *r, bool is_unique)
{
    struct op *op = read_add_op(r, OP_CREATE_INDEX);
    struct op_create_index *o = &op->u.create_index;

    o->index.unique = is_unique;
    o->concurrently = read_last(r)->concurrently = read_take(r, "CONCURRENTLY");
    o->if_not_exists = read_last(r)->is_guarded = read_take(r, "IF NOT EXISTS");
    if (!is_word(read_peek(r, 0), "ON") && !read_name(r, &o->index.name))
        return false;
    if (read_take(r, "USING"))
        r->at++;
    if (!read_take(r, "ON"))
        return false;
    read_take(r, "ONLY");
    if (!read_qname(r, &o->table))
        return false;
    if (read_take(r, "USING"))
        read_name(r, &o->index.using);
    read_parts(r, &o->index.parts);
    for (size_t i = r->at; i < r->words.n; i++)
        if (is_word(&r->words.v[i], "WHERE"))
            o->index.where.sql = plain(read_source(r, i + 1, r->words.n));
    return true;
}

static bool read_drop(struct reader *r)
{
    static const struct {
        const char *words;
        enum op_kind kind; /* OP_KINDS: another object */
    } kinds[] = {{"TEMPORARY TABLE", OP_KINDS}, {"TABLES", OP_DROP_TABLE}, {"TABLE", OP_DROP_TABLE},
        {"INDEX", OP_DROP_INDEX}, {"SCHEMA", OP_DROP_SCHEMA}};
    enum op_kind kind = OP_KINDS;

    if (read_take(r, "DATABASE")) {
        read_add(r, SQL_ACT_DROP_DATABASE)->is_ddl = true;
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(kinds) && kind == OP_KINDS; i++)
        if (read_take(r, kinds[i].words))
            kind = kinds[i].kind;
    bool concurrently = read_take(r, "CONCURRENTLY"), cascade = read_has(r, r->at, r->words.n, "CASCADE");
    while (kind == OP_KINDS && r->at < r->words.n && !is_word(read_peek(r, 0), "IF"))
        r->at++;
    bool guarded = read_take(r, "IF EXISTS");
    if (kind == OP_KINDS) {
        struct sql_change *c = read_add(r, SQL_ACT_DROP_OTHER);
        c->is_ddl = true;
        c->cascade = cascade;
        c->is_guarded = guarded;
        return true;
    }
    do {
        struct qname name;
        struct op *op;

        if (!read_qname(r, &name))
            return false;
        op = read_add_op(r, kind);
        read_last(r)->is_guarded = guarded;
        read_last(r)->concurrently = concurrently;
        read_last(r)->cascade = cascade;
        if (kind == OP_DROP_TABLE)
            op->u.drop = (struct op_drop){.name = name, .if_exists = guarded, .cascade = cascade};
        else if (kind == OP_DROP_SCHEMA)
            op->u.schema = (struct op_schema){.name = name.name, .if_exists = guarded, .cascade = cascade};
        else
            op->u.drop_index =
                (struct op_drop_index){.name = name.name, .if_exists = guarded, .concurrently = concurrently};
    } while (read_sign(r, ','));
    return true;
}

static bool read_tables(struct reader *r, enum sql_act act)
{
    bool concurrently = read_take(r, "CONCURRENTLY");

    read_take(r, "TABLE");
    read_take(r, "ONLY");
    do {
        struct qname table = {0};

        if (!read_qname(r, &table))
            return false;
        struct sql_change *c = read_add(r, act);
        c->table = table;
        c->concurrently = concurrently;
        c->cascade = read_has(r, r->at, r->words.n, "CASCADE");
        read_sign(r, '*');
    } while (read_sign(r, ','));
    return true;
}

/* `all`: what it does without a condition. */
static bool read_write(struct reader *r, enum sql_act all)
{
    enum sql_act act = read_has(r, r->at, r->words.n, "WHERE") ? SQL_ACT_WRITE : all;
    struct qname table;

    read_take(r, "ONLY");
    if (!read_qname(r, &table))
        return false;
    if (all == SQL_ACT_HARMLESS)
        act = read_has(r, r->at, r->words.n, "SELECT") ? SQL_ACT_WRITE : SQL_ACT_HARMLESS;
    read_add(r, act)->table = table;
    return true;
}

static bool read_reindex(struct reader *r)
{
    struct sql_change *c;

    read_skip_parentheses(r);
    if (!read_take(r, "INDEX") && !read_take(r, "TABLE") && !read_take(r, "SCHEMA") &&
        !read_take(r, "DATABASE"))
        read_take(r, "SYSTEM");
    c = read_add(r, SQL_ACT_REINDEX);
    c->concurrently = read_take(r, "CONCURRENTLY");
    return read_name(r, &c->name);
}

static bool read_vacuum(struct reader *r)
{
    bool is_full = false;

    if (is_sign(read_peek(r, 0), '(')) {
        size_t from = r->at;
        read_skip_parentheses(r);
        is_full = read_has(r, from, r->at, "FULL");
    }
    is_full |= read_take(r, "FULL");
    while (read_take(r, "FREEZE") || read_take(r, "VERBOSE") || read_take(r, "ANALYZE"))
        ;
    struct sql_change *c = read_add(r, is_full ? SQL_ACT_REWRITE : SQL_ACT_HARMLESS);
    return !is_full || r->at == r->words.n || read_qname(r, &c->table);
}

static bool read_alter_type(struct reader *r)
{
    struct qname name;
    struct sql_change *c;

    if (!read_qname(r, &name))
        return false;
    c = read_add(r, read_take(r, "RENAME VALUE") ? SQL_ACT_RENAME_VALUE : SQL_ACT_HARMLESS);
    c->name = qname_text(&r->ctx->arena, &name);
    c->is_ddl = true;
    c->is_guarded = read_has(r, r->at, r->words.n, "EXISTS");
    return true;
}

static bool read_alter_schema(struct reader *r)
{
    struct qname name;

    if (!read_qname(r, &name))
        return false;
    struct sql_change *c = read_add(r, read_take(r, "RENAME TO") ? SQL_ACT_RENAME_SCHEMA : SQL_ACT_HARMLESS);
    c->name = name.name;
    c->is_ddl = true;
    return true;
}

static bool read_domain(struct reader *r, enum sql_act act)
{
    struct qname name;
    bool has_check, is_valid = true;

    if (!read_qname(r, &name))
        return false;
    has_check = read_has(r, r->at, r->words.n, "CHECK") || read_has(r, r->at, r->words.n, "NOT");
    for (size_t i = r->at; i + 1 < r->words.n; i++)
        is_valid &= !(is_word(&r->words.v[i], "NOT") && is_word(&r->words.v[i + 1], "VALID"));
    if (act == SQL_ACT_DOMAIN_CHECK)
        has_check &= is_valid && (is_word(read_peek(r, 0), "ADD") || is_word(read_peek(r, 0), "SET"));
    struct sql_change *c = read_add(r, has_check ? act : SQL_ACT_HARMLESS);
    c->name = qname_text(&r->ctx->arena, &name);
    c->is_ddl = true;
    return true;
}

static bool read_create(struct reader *r)
{
    static const char *const table_words[] = {"GLOBAL", "LOCAL", "TEMPORARY", "TEMP", "UNLOGGED", NULL};
    bool guarded = read_take(r, "OR REPLACE");
    struct sql_change *c;
    struct qname name;

    while (read_any(r, table_words))
        ;
    if (read_take(r, "TABLE"))
        return read_create_table(r);
    if (read_take(r, "UNIQUE INDEX"))
        return read_create_index(r, true);
    if (read_take(r, "INDEX") || read_take(r, "FULLTEXT INDEX") || read_take(r, "SPATIAL INDEX"))
        return read_create_index(r, false);
    if (read_take(r, "DOMAIN"))
        return read_domain(r, SQL_ACT_NEW_DOMAIN_CHECK);
    bool is_view = read_take(r, "MATERIALIZED VIEW") || read_take(r, "VIEW");
    c = read_add(r, SQL_ACT_HARMLESS);
    c->is_ddl = true;
    c->is_guarded = guarded || read_take(r, "IF NOT EXISTS");
    if (is_view && read_qname(r, &name))
        c->table = name;
    return true;
}

static bool is_harmless(struct reader *r)
{
    static const char *const firsts[] = {"SELECT", "VALUES", "TABLE", "SHOW", "EXPLAIN", "SET", "RESET",
        "COMMENT", "GRANT", "REVOKE", "ANALYZE", "PRAGMA", "NOTIFY", "LISTEN", "UNLISTEN", "DISCARD",
        "DEALLOCATE", "ALTER", "SECURITY", "REASSIGN", "COPY", "USE", "SAVEPOINT", "RELEASE", "IMPORT",
        "LOAD", "CHECKPOINT", "FLUSH", NULL};

    return read_any(r, firsts);
}

static bool read_statement(struct reader *r);

/* MariaDB: settings for one statement. */
static bool read_set_statement(struct reader *r)
{
    while (r->at < r->words.n && !is_word(read_peek(r, 0), "FOR"))
        r->at++;
    return read_take(r, "FOR") && read_statement(r);
}

static bool take_alter_table(struct reader *r)
{
    static const char *const starts[] = {
        "ALTER TABLE", "ALTER ONLINE TABLE", "ALTER IGNORE TABLE", "ALTER ONLINE IGNORE TABLE", NULL};
    return read_any(r, starts);
}

static bool read_statement(struct reader *r)
{
    if (read_take(r, "SET STATEMENT"))
        return read_set_statement(r);
    if (read_take(r, "CREATE"))
        return read_create(r);
    if (take_alter_table(r))
        return read_alter_table(r);
    if (read_take(r, "ALTER TYPE"))
        return read_alter_type(r);
    if (read_take(r, "ALTER SCHEMA"))
        return read_alter_schema(r);
    if (read_take(r, "ALTER DOMAIN"))
        return read_domain(r, SQL_ACT_DOMAIN_CHECK);
    if (read_take(r, "DROP"))
        return read_drop(r);
    if (read_take(r, "TRUNCATE"))
        return read_tables(r, SQL_ACT_TRUNCATE);
    if (read_take(r, "REFRESH MATERIALIZED VIEW"))
        return read_tables(r, SQL_ACT_REFRESH);
    if (read_take(r, "CLUSTER"))
        return r->at == r->words.n || read_tables(r, SQL_ACT_REWRITE);
    if (read_take(r, "LOCK TABLES") || read_take(r, "LOCK"))
        return read_tables(r, SQL_ACT_LOCK);
    if (read_take(r, "REINDEX"))
        return read_reindex(r);
    if (read_take(r, "VACUUM"))
        return read_vacuum(r);
    if (read_take(r, "UPDATE"))
        return read_write(r, SQL_ACT_UPDATE_ALL);
    if (read_take(r, "DELETE FROM"))
        return read_write(r, SQL_ACT_DELETE_ALL);
    if (read_take(r, "INSERT INTO") || read_take(r, "REPLACE INTO") ||
        read_take(r, "INSERT OR IGNORE INTO") || read_take(r, "INSERT OR REPLACE INTO") ||
        read_take(r, "INSERT IGNORE INTO"))
        return read_write(r, SQL_ACT_HARMLESS);
    if (!is_harmless(r))
        return false;
    read_add(r, SQL_ACT_HARMLESS);
    return true;
}

void sql_read_words(struct ctx *ctx, const struct dialect *dialect, const char *text, size_t from, size_t to,
    struct sql_changes *ret)
{
    uint32_t n = ret->n;
    struct reader r = {.ctx = ctx, .dialect = dialect, .text = text, .from = from, .to = to, .ret = ret};

    read_cut(&r);
    if (!r.words.n)
        return;
    if (read_statement(&r) && ret->n > n)
        return;
    ret->n = n;
    read_add(&r, SQL_ACT_UNKNOWN);
}

void sql_read(struct ctx *ctx, const struct dialect *dialect, const char *text, size_t from, size_t to,
    struct sql_changes *ret)
{
    const struct hazard_facts *facts = dialect->hazards;
    const char *problem = NULL;
    uint32_t n = ret->n;

    if (facts && facts->read && facts->read(ctx, dialect, text, from, to, ret, &problem))
        return;
    sql_read_words(ctx, dialect, text, from, to, ret);
    /* A variable without a value is no SQL. */
    if (ret->n > n && !strstr(text, "${x:"))
        ret->v[n]->problem = problem;
}

void hazard_add(const struct hazard_call *h, enum rule rule, const char *fmt, ...)
{
    struct hazard one = {.rule = rule};
    va_list ap;

    va_start(ap, fmt);
    one.text = arena_vprintf(&h->ctx->arena, fmt, ap);
    va_end(ap);
    vec_add(h->ctx, h->ret, one);
}
