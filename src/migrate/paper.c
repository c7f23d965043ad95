/*
 * Lets a schema in memory be compared like a database.
 *
 * The connection has a copy of the dialect in which the functions that need a server are replaced. Expressions are
 * compared as text, and statements are rendered as for a script.
 */
#include "migrate/sides.h"

struct paper {
    struct conn conn;
    struct dialect dialect; /* the copy */
    const struct dialect *original;
    const struct node *document; /* NULL: empty */
};

static struct paper *paper_of(struct conn *conn)
{
    return (struct paper *)conn;
}

/* The copy is a part of its connection, so rendering, which may have none, finds it by the dialect. */
static struct paper *paper_of_dialect(const struct dialect *dialect)
{
    return (struct paper *)((uintptr_t)dialect - offsetof(struct paper, dialect));
}

static bool read_document(struct paper *p, struct schema *ret)
{
    struct ctx *ctx = p->conn.ctx;
    struct schema schema = {0};
    if (p->document && !schema_of_document(ctx, p->document, &schema))
        return false;
    if (!schema_prepare(ctx, p->original, p->conn.default_schema, &schema))
        return false;
    schema.default_schema = p->conn.default_schema;
    *ret = schema;
    return true;
}

/* ---- the functions ------------------------------------------------------------------------------- */

static bool paper_reflect(struct conn *conn, const struct scope *scope, struct schema *ret)
{
    (void)scope;
    return read_document(paper_of(conn), ret);
}

static bool paper_normalise(
    struct conn *conn, const struct schema *wanted, struct schema *ret, bool *ret_asked)
{
    (void)wanted, (void)ret;
    *ret_asked = !paper_of(conn)->document; /* everything is new: nothing depends on its spelling */
    return true;
}

static bool paper_versions(
    struct conn *conn, const struct version_table *v, struct strings *ret, bool *ret_exists)
{
    (void)conn, (void)v, (void)ret;
    *ret_exists = false;
    return true;
}

static bool paper_check_op(struct ctx *ctx, const struct conn *conn, const struct op *op)
{
    const struct paper *p = (const struct paper *)conn;
    return p->original->check_op(ctx, NULL, op);
}

static bool paper_render(struct ctx *ctx, struct state *state, const struct ops *ops, struct statements *ret)
{
    struct paper *p = paper_of_dialect(state->dialect);
    struct state offline = *state;
    offline.dialect = p->original;
    offline.conn = NULL;
    if (!offline.schema) {
        offline.schema = ctx_new(ctx, struct schema);
        if (!read_document(p, offline.schema))
            return false;
    }
    return p->original->render(ctx, &offline, ops, ret);
}

static bool paper_scratch_open(
    struct conn *conn, const struct url *url, const struct url *given, struct scratch *ret)
{
    (void)conn, (void)url, (void)given;
    *ret = (struct scratch){.why = "no server is connected", .hint = "Name a server with --url"};
    return true;
}

static void paper_close(struct conn *conn)
{
    (void)conn;
}

/* ---- opening it ---------------------------------------------------------------------------------- */

struct conn *paper_open(struct ctx *ctx, const struct dialect *dialect, const char *default_schema)
{
    struct paper *p = ctx_new(ctx, struct paper);
    p->original = dialect;
    p->dialect = *dialect;
    p->dialect.reflect = paper_reflect;
    p->dialect.normalise = paper_normalise;
    p->dialect.versions = paper_versions;
    p->dialect.check_op = paper_check_op;
    p->dialect.render = paper_render;
    p->dialect.scratch_open = paper_scratch_open;
    p->dialect.close = paper_close;
    if (!dialect->expr_alike)
        p->dialect.expr_alike = dialect->expr_same;
    p->dialect.hidden_query = NULL;
    p->dialect.state_inherited = NULL;
    p->dialect.check_roles = NULL;
    p->dialect.complete = NULL;
    p->conn = (struct conn){.dialect = &p->dialect,
        .ctx = ctx,
        .default_schema = default_schema,
        .unjudged = "no server was asked"};
    return &p->conn;
}

/* How an operation leaves the numbers of a key is known to the database only. */
static bool any_generation(
    const struct table *ta, const struct column *a, const struct table *tb, const struct column *b)
{
    (void)ta, (void)a, (void)tb, (void)b;
    return true;
}

void paper_ignore_generation(struct conn *conn)
{
    paper_of(conn)->dialect.generation_same = any_generation;
}

void paper_set(struct conn *conn, const struct node *document)
{
    paper_of(conn)->document = document;
}
