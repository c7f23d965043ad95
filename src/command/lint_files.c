/* Lints the revision files of the project, for the commands that do. */
#include "lint_files.h"

static bool find_dialect(struct call *c, const char *name, const struct dialect **ret)
{
    struct strings known = {0};

    if (!name) {
        if (!project_url(&c->project))
            return fail_hint(c->ctx, "Or name a database system with --dialect; lint connects to none.");
        *ret = c->project.url.dialect;
        return true;
    }
    *ret = dialect_by_name(name);
    if (*ret)
        return true;
    for (size_t i = 0; dialects[i]; i++)
        vec_add(c->ctx, &known, dialects[i]->name);
    fail(c->ctx, STATUS_USAGE, "unknown dialect '%s'", name);
    return fail_hint(c->ctx, "Expected one of %s.", strings_join(&c->ctx->arena, &known, ", "));
}

bool lint_files(struct call *c, const struct lint_wishes *w, struct findings *ret)
{
    struct lint_levels levels;
    struct table_sizes sizes;
    struct lint_request request = {
        .config = &c->project.config, .graph = &c->project.graph, .wanted = w->wanted, .levels = &levels};

    if (!lint_configure(c->ctx, c->project.config.lint, &levels) ||
        !find_dialect(c, w->dialect, &request.dialect))
        return false;
    if (w->small)
        levels.small_rows = w->small;
    if (w->stats) {
        if (!lint_sizes_read(c->ctx, w->stats, &sizes))
            return false;
        request.sizes = &sizes;
    }
    return lint_run(c->ctx, &request, ret);
}
