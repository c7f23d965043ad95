/*
 * ensure-version: create the version table if it does not exist.
 */
#include "command.h"

struct values {
    const char *dialect;
    bool sql;
};

/* Under the lock, since two sessions that create the same table at once can fail even with IF NOT EXISTS. */
static bool create(struct call *c, struct conn *conn)
{
    struct project *p = &c->project;
    struct statements statements = {0};
    struct strings rows;
    bool exists, ok;

    if (!conn->dialect->lock(conn, &p->version, p->config.lock_timeout_ms))
        return false;
    ok = conn->dialect->versions(conn, &p->version, &rows, &exists);
    if (ok && !exists) {
        conn->dialect->version_create(c->ctx, &p->version, &statements);
        ok = conn->dialect->begin(conn) && conn->dialect->exec(conn, &statements, true);
        if (!ok)
            conn->dialect->rollback(conn);
    }
    conn->dialect->unlock(conn);
    return ok;
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct project *p = &c->project;
    const char *name;
    struct strings rows;
    struct node *document;
    bool exists;

    if (v->sql)
        return script_print(c, &(struct script_options){.dialect = v->dialect}, migrate_script_tables);
    if (!connect_database(c, MISSING_IS_MADE) ||
        !p->conn->dialect->versions(p->conn, &p->version, &rows, &exists))
        return false;
    name = qname_text(&c->ctx->arena, &p->config.version_table.name);
    if (!exists && !create(c, p->conn))
        return fail_in(c->ctx, "cannot create version table '%s'", name);
    if (c->globals->json) {
        document = document_begin(c);
        node_set(&c->ctx->arena, document, "table", node_string(&c->ctx->arena, name));
        node_set(&c->ctx->arena, document, "created", node_boolean(&c->ctx->arena, !exists));
    }
    log_info(c->ctx, "version table '%s' %s", name, exists ? "already exists" : "was created");
    return true;
}

static const struct option_spec options[] = {
    {0, "sql", OPTION_FLAG, offsetof(struct values, sql), NULL, "print the statements, without a database",
        NULL, NULL},
    {0, "dialect", OPTION_STRING, offsetof(struct values, dialect), "NAME",
        "with --sql: sqlite, postgresql or mysql (default: that of the URL)", NULL, NULL},
    {0},
};

const struct command command_ensure_version = {
    .spec = {.name = "ensure-version",
        .group = "Migrate a database",
        .summary = "Create the version table if it does not exist",
        .help = "Commands that need the table create it; this one does nothing else. Use it if\n"
                "the role that migrates may not create tables.\n",
        .examples = "  cmig ensure-version\n"
                    "  cmig ensure-version --sql --dialect postgresql\n",
        .options = options},
    .values_size = sizeof(struct values),
    .need = NEED_CONFIG,
    .answers = true,
    .changes = true,
    .run = run,
};
