/*
 * Chooses the server of a scratch database, for commands that do not read the configured database.
 */
#include "command.h"

static bool set_url(struct call *c, const char *text, const char *what)
{
    struct project *p = &c->project;

    return url_parse(c->ctx, text, p->config.folder, &p->url) || fail_in(c->ctx, "cannot use %s", what);
}

/* An embedded database needs no server, and no file of the user's. */
static bool use_memory(struct call *c, const struct dialect *dialect)
{
    c->project.url = (struct url){0};
    return set_url(c, ctx_printf(c->ctx, "%s://", dialect->name), "a database in memory");
}

bool scratch_server(struct call *c, const char *url, const char *dialect, bool *ret_found)
{
    struct project *p = &c->project;
    const struct dialect *wanted = NULL;

    *ret_found = true;
    if (dialect && !dialect_find(c->ctx, dialect, &wanted))
        return false;
    if (wanted && wanted->has.embedded)
        return use_memory(c, wanted);
    if (!(url ? set_url(c, url, "--scratch-url") : project_url(p)))
        return false;
    *ret_found = !wanted || wanted == p->url.dialect;
    return !p->url.dialect->has.embedded || !*ret_found || use_memory(c, p->url.dialect);
}
