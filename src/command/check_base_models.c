/*
 * check --base: whether the models changed without a revision.
 *
 * The models are compared with the schema to which the revisions lead, here and at the commit at which the branch left the
 * base. Only differences that are new here are findings: others are not this branch's, or of the kind that only a database
 * can tell.
 */
#include "check_base.h"

struct comparison_side {
    const struct graph *graph;
    const struct config *config;
    struct differences found;
    struct revisions unread;
    bool is_comparable; /* the models are YAML in files */
};

static bool compare(struct base_check *b, struct comparison_side *side)
{
    struct lint_replay replayed = {0};
    struct schema models = {0};

    if (side->config->model_sources.n)
        return true;
    if (!schema_load(b->ctx, &side->config->models, &models))
        return false;
    side->is_comparable = !models.sql_files.n;
    if (!side->is_comparable)
        return true;
    if (!base_replay(b, side->graph, &replayed) ||
        !migrate_compare_replayed(&b->c->project, b->dialect, replayed.schema, &models, &side->found))
        return false;
    side->unread = replayed.unread;
    return true;
}

static bool compare_fork(struct base_check *b, struct comparison_side *side)
{
    struct revisions files = b->base.fork.all;
    struct graph graph;

    side->graph = &graph;
    side->config = &b->base.fork.config;
    if (graph_build(b->ctx, &files, &graph) && compare(b, side) && side->is_comparable)
        return true;
    err_clear(b->ctx);
    return false;
}

static bool had(const struct comparison_side *fork, const struct difference *d)
{
    vec_each(i, &fork->found)
        if (str_eq(fork->found.v[i]->text, d->text))
            return true;
    return false;
}

/* A revision of this branch with SQL that cannot be read, for example: it may do what the models say. */
static const struct revision *unread_here(const struct base_check *b, const struct comparison_side *own)
{
    vec_each(i, &own->unread)
        if (!map_get(&b->base.fork.by_id, own->unread.v[i]->id))
            return own->unread.v[i];
    return NULL;
}

static void report(
    struct base_check *b, const struct comparison_side *own, const struct comparison_side *fork)
{
    const struct revision *unread = unread_here(b, own);
    size_t n = 0;

    differences_sort((struct differences *)(uintptr_t)&own->found);
    vec_each(i, &own->found) {
        const struct difference *d = own->found.v[i];

        if (had(fork, d))
            continue;
        n++;
        if (!unread)
            base_add(b, BASE_MODELS, NULL, d->pos, "Run 'cmig revision --autogenerate -m MESSAGE'",
                "the models changed without a revision: %s", d->text);
    }
    if (n && unread)
        log_info(b->ctx,
            "cannot tell whether the models changed without a revision: revision %s cannot be followed "
            "without a database",
            unread->id);
}

bool base_check_models(struct base_check *b)
{
    struct comparison_side own = {.graph = &b->c->project.graph, .config = &b->c->project.config}, fork = {0};

    if (!compare(b, &own)) {
        if (!b->is_guessed)
            return false;
        err_clear(b->ctx);
        log_info(b->ctx,
            "the models were not compared with the revisions: name the database system with --dialect");
        return true;
    }
    if (!own.is_comparable) {
        log_info(
            b->ctx, "models that are not YAML files are compared only with a database: run 'cmig check'");
        return true;
    }
    if (!compare_fork(b, &fork))
        return true;
    report(b, &own, &fork);
    return true;
}
