/*
 * create-database and drop-database.
 */
#include "command.h"

struct values {
    struct database_settings settings;
    bool force, yes;
};

static const char *shown_url(struct call *c)
{
    return url_text(&c->ctx->arena, c->project.url.text);
}

static bool report(struct call *c, const char *key, bool done)
{
    struct arena *a = &c->ctx->arena;
    struct node *document;

    if (!c->globals->json)
        return true;
    document = document_begin(c);
    node_set(a, document, "database", node_string(a, shown_url(c)));
    node_set(a, document, key, node_boolean(a, done));
    return true;
}

/* ---- create-database ---- */

static bool run_create(struct call *c)
{
    const struct values *v = c->values;
    struct project *p = &c->project;
    const struct open_options options = {.wait_ms = c->globals->wait_ms};
    bool is_new;

    if (!project_url(p))
        return false;
    if (!p->url.dialect->create_database(c->ctx, &p->url, &options, &v->settings, &is_new))
        return fail_in(c->ctx, "cannot create database '%s'", shown_url(c));
    log_info(c->ctx, "database '%s' %s", shown_url(c), is_new ? "was created" : "already exists");
    return report(c, "created", is_new);
}

static const struct option_spec create_options[] = {
    {0, "owner", OPTION_STRING, offsetof(struct values, settings.owner), "ROLE",
        "PostgreSQL: owner (default: the role that connects)", NULL, NULL},
    {0, "template", OPTION_STRING, offsetof(struct values, settings.template), "NAME",
        "PostgreSQL: database that is copied (default: template1)", NULL, NULL},
    {0, "encoding", OPTION_STRING, offsetof(struct values, settings.encoding), "NAME",
        "encoding or character set (default: the server's)", NULL, NULL},
    {0, "collation", OPTION_STRING, offsetof(struct values, settings.collation), "NAME",
        "collation or locale, on a server (default: the server's)", NULL, NULL},
    {0},
};

const struct command command_create_database = {
    .spec = {.name = "create-database",
        .group = "Migrate a database",
        .summary = "Create the configured database, if it does not exist",
        .help = "A database that exists stays as it is. On a server the role needs the right to\n"
                "create databases. 'upgrade' then creates the tables.\n",
        .examples = "  cmig create-database && cmig upgrade head\n"
                    "  cmig create-database --owner app --collation C.UTF-8\n",
        .options = create_options},
    .values_size = sizeof(struct values),
    .need = NEED_CONFIG,
    .answers = true,
    .changes = true,
    .run = run_create,
};

/* ---- drop-database ---- */

static bool check_meant(struct call *c)
{
    const struct values *v = c->values;
    bool is_meant = false;

    if (v->yes)
        return true;
    if (!has_person()) {
        fail(c->ctx, STATUS_USAGE, "drop-database needs --yes when there is no terminal");
        return fail_hint(c->ctx, "With --yes, database '%s' and all of its rows are dropped.", shown_url(c));
    }
    if (!confirm(
            c->ctx, ctx_printf(c->ctx, "Drop database '%s' with all of its rows?", shown_url(c)), &is_meant))
        return false;
    return is_meant || fail(c->ctx, STATUS_FAILED, "nothing was dropped");
}

static bool run_drop(struct call *c)
{
    const struct values *v = c->values;
    struct project *p = &c->project;
    const struct open_options options = {.wait_ms = c->globals->wait_ms};
    bool existed;

    if (!check_unprotected(c, "Drop it with the database's own programs.") || !project_url(p) ||
        !check_meant(c))
        return false;
    if (!p->url.dialect->drop_database(c->ctx, &p->url, &options, v->force, &existed))
        return fail_in(c->ctx, "cannot drop database '%s'", shown_url(c));
    log_info(c->ctx, "database '%s' %s", shown_url(c), existed ? "was dropped" : "does not exist");
    return report(c, "dropped", existed);
}

static const struct option_spec drop_options[] = {
    {0, "yes", OPTION_FLAG, offsetof(struct values, yes), NULL, "do not ask", NULL, NULL},
    {0, "force", OPTION_FLAG, offsetof(struct values, force), NULL, "also if other sessions use it", NULL,
        NULL},
    {0},
};

const struct command command_drop_database = {
    .spec = {.name = "drop-database",
        .group = "Migrate a database",
        .summary = "Drop the configured database, with all of its rows",
        .help = "Asks first; without a terminal it needs --yes. A database that does not exist is\n"
                "fine. Nothing can bring the rows back. Refused for a database that the\n"
                "configuration protects.\n",
        .examples = "  cmig drop-database\n"
                    "  cmig -n test drop-database --yes --force && cmig -n test create-database\n",
        .options = drop_options},
    .values_size = sizeof(struct values),
    .need = NEED_CONFIG,
    .answers = true,
    .changes = true,
    .run = run_drop,
};
