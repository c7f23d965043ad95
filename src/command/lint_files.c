/* Lints the revision files of the project, for the commands that do. */
#include "lint_files.h"

const char *const finding_format_names[] = {"auto", "text", "github", "gitlab", "junit", "sarif", NULL};

enum lint_format finding_format(int choice)
{
    return choice ? (enum lint_format)(choice - 1) : lint_format_here();
}

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

static int version_of(const struct lint_config *config, const struct dialect *dialect)
{
    const struct lint_versions *v = config ? config->versions : NULL;

    if (!v)
        return 0;
    return str_eq(dialect->name, "postgresql") ? v->postgresql.number
           : str_eq(dialect->name, "mysql")    ? v->mariadb.number
                                               : v->sqlite.number;
}

bool lint_files(struct call *c, const struct lint_wishes *w, struct findings *ret)
{
    struct lint_levels levels;
    struct table_sizes sizes;
    struct lint_request request = {.config = &c->project.config,
        .graph = &c->project.graph,
        .wanted = w->wanted,
        .least = w->least,
        .downgrades = w->downgrades,
        .levels = &levels};

    if (!lint_configure(c->ctx, c->project.config.lint, &levels) ||
        !find_dialect(c, w->dialect, &request.dialect))
        return false;
    request.version = version_of(c->project.config.lint, request.dialect);
    if (w->small)
        levels.small_rows = w->small;
    if (w->stats) {
        if (!lint_sizes_read(c->ctx, w->stats, &sizes))
            return false;
        request.sizes = &sizes;
    }
    return lint_run(c->ctx, &request, ret);
}

bool lint_comparison(struct call *c, struct comparison *found, struct findings *ret)
{
    struct lint_levels levels;
    struct lint_request request = {.config = &c->project.config,
        .dialect = c->project.url.dialect,
        .levels = &levels,
        .version = version_of(c->project.config.lint, c->project.url.dialect),
        .least = LINT_NOTE};

    return lint_configure(c->ctx, c->project.config.lint, &levels) &&
           lint_ops(c->ctx, &request, c->project.conn, &found->database, &found->diff, ret);
}

/* ---- a new file ------------------------------------------------------------------------------------------- */

static bool lint_new(struct call *c, const char *id, const char *dialect, struct findings *ret)
{
    struct lint_wishes wishes = {.dialect = dialect, .least = LINT_WARNING};
    const struct revision *r;

    c->project.graph_loaded = false;
    c->project.graph = (struct graph){0};
    if (!project_graph(&c->project) || !(r = map_get(&c->project.graph.by_id, id)))
        return false;
    wishes.wanted = arena_alloc(&c->ctx->arena, (c->project.graph.all.n + 1) * sizeof(bool));
    wishes.wanted[r->order] = true;
    return lint_files(c, &wishes, ret);
}

void lint_note_new(struct call *c, const char *id, const char *dialect)
{
    enum { MOST = 5 };
    struct findings found = {0};
    size_t n = 0;

    if (!lint_new(c, id, dialect, &found)) {
        log_warn(c->ctx, "cannot lint the new revision: %s", err_text(c->ctx));
        err_clear(c->ctx);
        return;
    }
    fflush(stdout); /* the path comes first */
    vec_each(i, &found) {
        const struct finding *f = found.v[i];

        if (n++ < MOST)
            log_info(c->ctx, "%s%s: %s [%s]", pos_text(&c->ctx->arena, f->pos), lint_level_names[f->level],
                f->text, f->code);
    }
    if (n > MOST)
        log_info(c->ctx, "and %s more; 'cmig lint %s' prints all of them",
            count_text(c->ctx, n - MOST, "warning"), id);
}
