/*
 * The current revisions of the database, and symbols that are relative to them.
 */
#include "command.h"

bool connect_database(struct call *c, enum missing_database missing)
{
    struct open_options options = {.wait_ms = c->globals->wait_ms, .missing = missing};

    return project_connect(&c->project, &options);
}

bool current_rows(struct call *c, struct revisions *ret)
{
    struct strings rows;

    return connect_database(c, MISSING_IS_EMPTY) && project_rows(&c->project, &rows) &&
           graph_rows(c->ctx, &c->project.graph, &rows, ret);
}

static struct strings ids_of(struct call *c, const struct revisions *rows)
{
    struct strings ids = revision_ids(c, rows);

    strings_sort(&ids);
    return ids;
}

bool current_attempt(struct call *c, const struct revisions *rows, struct attempt *ret)
{
    struct strings ids = ids_of(c, rows);

    return project_attempt(&c->project, &ids, ret);
}

bool current_files(struct call *c, const struct revisions *rows, bool must_know, struct applied_files *ret)
{
    struct strings ids = ids_of(c, rows);

    return project_applied_files(&c->project, &ids, must_know, ret);
}

void heads_missing(struct call *c, const struct revisions *rows, struct revisions *ret)
{
    struct revisions heads;
    bool *applied;

    *ret = (struct revisions){0};
    graph_ancestors(c->ctx, &c->project.graph, rows, true, &applied);
    graph_heads(c->ctx, &c->project.graph, &heads);
    vec_each(i, &heads)
        if (!applied[heads.v[i]->order])
            vec_add(c->ctx, ret, heads.v[i]);
}

bool check_unprotected(struct call *c, const char *hint)
{
    const struct config *config = &c->project.config;

    if (!config->is_protected)
        return true;
    fail(c->ctx, STATUS_FAILED, "the database is protected in '%s'%s%s", config->path,
        config->environment ? ", environment " : "", config->environment ? config->environment : "");
    return fail_hint(c->ctx, "%s", hint);
}

bool check_single_head(struct call *c, const struct revisions *heads)
{
    if (heads->n < 2)
        return true;
    fail(c->ctx, STATUS_FOUND, "there are %u heads: %s", heads->n, ids_text(c, heads));
    return fail_hint(c->ctx, "Run 'cmig merge heads -m MESSAGE' to join them.");
}

bool check_head_policy(struct call *c)
{
    struct revisions heads, real = {0};

    if (c->project.config.heads != HEADS_SINGLE)
        return true;
    graph_heads(c->ctx, &c->project.graph, &heads);
    vec_each(i, &heads)
        if (revision_is_real_head(heads.v[i]))
            vec_add(c->ctx, &real, heads.v[i]);
    if (check_single_head(c, &real))
        return true;
    return fail_hint(c->ctx,
        "Or run 'cmig rebase REF' to put the revisions of this branch after those of another one. "
        "'heads: single' in cmig.yaml demands a single head.");
}

bool check_at_heads(struct call *c, const struct revisions *rows)
{
    struct revisions heads, missing;
    struct strings ids = {0};
    struct attempt attempt;

    if (!current_attempt(c, rows, &attempt))
        return false;
    if (attempt.kind != ATTEMPT_NONE)
        return attempt_fail(c->ctx, &attempt, STATUS_FOUND);
    heads_missing(c, rows, &missing);
    if (missing.n == 0)
        return true;
    vec_each(i, &missing)
        vec_add(c->ctx, &ids, missing.v[i]->id);
    graph_heads(c->ctx, &c->project.graph, &heads);
    fail(c->ctx, STATUS_FOUND, "the database is not at %s %s", ids.n > 1 ? "heads" : "head",
        strings_join(&c->ctx->arena, &ids, ", "));
    return fail_hint(c->ctx, "Run 'cmig upgrade %s'.", heads.n > 1 ? "heads" : "head");
}

bool current_at_heads(struct call *c)
{
    struct revisions rows;

    return current_rows(c, &rows) && check_at_heads(c, &rows);
}

/* The position after the branch, if one is named. */
static const char *own_part(const char *symbol)
{
    size_t n = strcspn(symbol, "@:");

    return symbol[n] == '@' ? symbol + n + 1 : symbol;
}

/* `current`, `+2`, `-1` and `label@-1` mean something only where a database stands; in a range only the first does. */
bool symbol_needs_database(const char *symbol)
{
    const char *own = own_part(symbol), *colon = strchr(symbol, ':');

    if (str_starts(own, "current"))
        return true;
    return colon ? str_starts(own_part(colon + 1), "current") : *own == '+' || *own == '-';
}

static void add_once(struct call *c, struct revisions *list, struct revision *r)
{
    vec_each(i, list)
        if (list->v[i] == r)
            return;
    vec_add(c->ctx, list, r);
}

bool resolve_symbols(struct call *c, const struct strings *symbols, struct revisions *ret)
{
    struct revisions rows, found;
    bool asked = false;

    *ret = (struct revisions){0};
    vec_each(i, symbols) {
        if (!asked && symbol_needs_database(symbols->v[i])) {
            if (!current_rows(c, &rows))
                return false;
            asked = true;
        }
        if (!(strchr(symbols->v[i], ':') ? graph_range : graph_resolve)(
                c->ctx, &c->project.graph, asked ? &rows : NULL, symbols->v[i], &found))
            return false;
        vec_each(j, &found)
            add_once(c, ret, found.v[j]);
    }
    return true;
}
