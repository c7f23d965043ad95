/*
 * switch: take a development database to the revisions of the checkout.
 *
 * It first plans everything and counts the rows that would be lost, then asks. Reverting and applying are two runs, so a
 * failure in between leaves the database at the common revisions, and a second switch continues.
 */
#include "command.h"

#define ONE_BY_ONE "Revert revisions of such a database one by one, with 'cmig downgrade --recover REVISION'."

struct values {
    bool yes, dry_run, restamp, from_history;
    const char *tag;
};

/* What will be done. */
struct course {
    struct lost_search search;
    struct strings rows;  /* of the version table */
    struct strings below; /* version rows once everything without a file is reverted */
    struct plan down, up;
    struct losses losses;
    struct run_result done;
    struct revisions restamped; /* of `up`: recorded instead of applied */
};

/* ---- planning ------------------------------------------------------------------------------------ */

static void ignore_statement(void *user, const char *sql)
{
    (void)user, (void)sql;
}

static struct run_options down_options(struct call *c)
{
    const struct values *v = c->values;

    return (struct run_options){
        .direction = DIRECTION_DOWN,
        .lost = true,
        .recover = true,
        .from_history = v->from_history,
        .wait_ms = c->globals->wait_ms,
        .print = ignore_statement,
        .tag = v->tag,
    };
}

static bool fail_unrecorded(struct call *c, const struct course *k, const struct lost *l)
{
    struct strings hints = {0};

    fail(c->ctx, STATUS_UNKNOWN_REVISION,
        "cannot revert revision %s%s: no copy of the applied text was found", l->revision,
        l->is_edited ? ", whose file was edited" : "");
    if (l->is_edited || l->is_moved) /* those of one without a file are added to each such error */
        lost_search_hints(c, &k->search, l, &hints);
    vec_each(i, &hints)
        fail_hint(c->ctx, "%s", hints.v[i]);
    return fail_hint(c->ctx, "Restore %s, or undo by hand what it did and run 'cmig stamp --purge REVISION'.",
        l->is_edited ? "the text that was applied" : "its file");
}

static bool find_lost(struct call *c, struct course *k)
{
    struct project *p = &c->project;
    struct attempt attempt;

    if (!connect_database(c, MISSING_FAILS) || !project_rows(p, &k->rows) ||
        !project_attempt(p, &k->rows, &attempt))
        return false;
    if (attempt.kind != ATTEMPT_NONE)
        return attempt_fail(c->ctx, &attempt, STATUS_FAILED);
    k->below = k->rows;
    if (!project_lost(p, &k->rows, true, &k->search) || !project_moved(p, &k->rows, true, &k->search) ||
        !project_edited(p, &k->rows, true, &k->search))
        return false;
    vec_each(i, &k->search.all)
        if (!k->search.all.v[i]->recorded)
            return fail_unrecorded(c, k, k->search.all.v[i]);
    return true;
}

/* The graph of the files again, after a run has added revisions to it that have none. */
static bool reload(struct project *p)
{
    p->graph = (struct graph){0};
    p->graph_loaded = false;
    return project_graph(p);
}

static bool plan_down(struct call *c, struct course *k)
{
    struct run_options options = down_options(c);

    options.dry_run = true;
    if (!k->search.all.n)
        return true;
    if (!migrate_run(&c->project, &options, &k->done))
        return false;
    k->down = k->done.plan;
    k->below = k->done.rows;
    return reload(&c->project);
}

static bool plan_up(struct call *c, struct course *k)
{
    struct project *p = &c->project;

    return !p->graph.all.n || plan_upgrade(c->ctx, &p->graph, &k->below, "heads", &k->up);
}

/* ---- recording instead of running ---------------------------------------------------------------- */

static const struct step *step_of(const struct plan *plan, const char *id)
{
    for (size_t i = 0; i < plan->n; i++)
        if (str_eq(plan->v[i].revision->id, id))
            return &plan->v[i];
    return NULL;
}

/* The revision file for what a reverted step did: of a lost revision the one with the same operations, of any other its own. */
static const char *counterpart(const struct course *k, const struct revision *r)
{
    vec_each(i, &k->search.all) {
        const struct lost *l = k->search.all.v[i];

        if (str_eq(l->revision, r->id))
            return l->same ? l->same->id : NULL;
    }
    return r->id;
}

static bool plan_restamp(struct call *c, struct course *k)
{
    const struct values *v = c->values;

    for (size_t i = 0; v->restamp && i < k->down.n; i++) {
        const struct revision *r = k->down.v[i].revision;
        const char *id = counterpart(k, r);
        const struct step *step = id ? step_of(&k->up, id) : NULL;

        if (!step) {
            fail(c->ctx, STATUS_FAILED, "no revision file has the operations of revision %s",
                revision_title(&c->ctx->arena, r));
            return fail_hint(c->ctx, "Run 'cmig switch' without --restamp to revert it.");
        }
        vec_add(c->ctx, &k->restamped, (struct revision *)step->revision);
    }
    return true;
}

static bool is_restamped(const struct course *k, const struct revision *r)
{
    vec_each(i, &k->restamped)
        if (k->restamped.v[i] == r)
            return true;
    return false;
}

/* ---- losses -------------------------------------------------------------------------------------- */

static bool count_losses(struct call *c, struct course *k)
{
    struct plan all = {0};
    size_t n = k->restamped.n ? 0 : k->down.n;

    all.v = arena_alloc(&c->ctx->arena, (n + k->up.n + 1) * sizeof(*all.v));
    for (size_t i = 0; i < n; i++)
        all.v[all.n++] = k->down.v[i];
    for (size_t i = 0; i < k->up.n; i++)
        if (!is_restamped(k, k->up.v[i].revision))
            all.v[all.n++] = k->up.v[i];
    return migrate_losses(&c->project, &all, &k->losses);
}

static const char *loss_text(struct call *c, const struct loss *l)
{
    struct arena *a = &c->ctx->arena;
    const char *table = qname_text(a, &l->table),
               *what = l->column        ? ctx_printf(c->ctx, "column '%s.%s'", table, l->column)
                       : l->keeps_table ? ctx_printf(c->ctx, "the rows of table '%s'", table)
                                        : ctx_printf(c->ctx, "table '%s'", table);
    const char *rows = l->rows < 0 ? "an unknown number of rows"
                                   : count_text(c->ctx, (size_t)l->rows, l->column ? "value" : "row");

    return ctx_printf(c->ctx, "%s with %s (revision %s)", what, rows, l->revision->id);
}

/* ---- showing the plan ---------------------------------------------------------------------------- */

static const struct lost *lost_of(const struct course *k, const struct revision *r)
{
    vec_each(i, &k->search.all)
        if (str_eq(k->search.all.v[i]->revision, r->id))
            return k->search.all.v[i];
    return NULL;
}

static void print_step(struct call *c, const struct revision *r, const char *remark)
{
    const char *message = r->message ? r->message : "";
    int first_line = (int)strcspn(message, "\r\n");

    print_line(c, "  %s%s%.*s%s", r->id, first_line ? ", " : "", first_line, message, remark);
}

static void print_down(struct call *c, const struct course *k)
{
    for (size_t i = 0; i < k->down.n; i++) {
        const struct revision *r = k->down.v[i].revision;
        const struct lost *l = lost_of(k, r);

        print_step(c, r, "");
        if (l)
            print_line(c, "    found in %s", lost_place(c->ctx, l));
        if (l && l->is_edited)
            print_line(c, "    its file has other operations now");
        if (l && l->is_moved)
            print_line(c, "    applied without %s", strings_join(&c->ctx->arena, &l->skipped, ", "));
    }
}

static void print_plan(struct call *c, const struct course *k)
{
    if (k->down.n)
        print_line(c, k->restamped.n ? "Replace the records of:" : "Revert:");
    print_down(c, k);
    if (k->up.n)
        print_line(c, "Apply:");
    for (size_t i = 0; i < k->up.n; i++)
        print_step(c, k->up.v[i].revision,
            is_restamped(k, k->up.v[i].revision) ? " (only recorded: its operations were applied)" : "");
    if (k->losses.n)
        print_line(c, "Lost:");
    vec_each(i, &k->losses)
        print_line(c, "  %s", loss_text(c, k->losses.v[i]));
    fflush(stdout);
}

static struct node *losses_node(struct call *c, const struct losses *list)
{
    struct arena *a = &c->ctx->arena;
    struct node *n = node_sequence(a);

    vec_each(i, list) {
        const struct loss *l = list->v[i];
        struct node *one = node_mapping(a);

        node_set(a, one, "table", node_string(a, qname_text(a, &l->table)));
        node_set(a, one, "column", node_string(a, l->column));
        node_set(a, one, "rows", l->rows < 0 ? node_null(a) : node_number(a, l->rows));
        node_set(a, one, "revision", node_string(a, l->revision->id));
        node_append(a, n, one);
    }
    return n;
}

static struct node *steps_node(struct call *c, const struct plan *plan)
{
    struct strings ids = {0};

    for (size_t i = 0; i < plan->n; i++)
        vec_add(c->ctx, &ids, plan->v[i].revision->id);
    return strings_node(c, &ids);
}

static void add_to_document(struct call *c, const struct course *k)
{
    struct arena *a = &c->ctx->arena;
    struct node *document = document_begin(c);
    struct strings recorded = {0};

    vec_each(i, &k->restamped)
        vec_add(c->ctx, &recorded, k->restamped.v[i]->id);
    node_set(a, document, "found", lost_nodes(c, &k->search));
    node_set(a, document, "revert", steps_node(c, &k->down));
    node_set(a, document, "apply", steps_node(c, &k->up));
    node_set(a, document, "restamp", strings_node(c, &recorded));
    node_set(a, document, "lost", losses_node(c, &k->losses));
}

/* ---- asking -------------------------------------------------------------------------------------- */

static bool check_meant(struct call *c, const struct course *k)
{
    const struct values *v = c->values;
    bool is_yes = false;

    if (v->yes || (!k->down.n && !k->losses.n))
        return true;
    if (!has_person()) {
        fail(c->ctx, STATUS_USAGE, "cmig switch asks before it reverts revisions, and there is no terminal");
        return fail_hint(
            c->ctx, "Use --yes to revert them without a question, or --dry-run to see the plan.");
    }
    if (!confirm(c->ctx, "Change the database?", &is_yes))
        return false;
    return is_yes || fail(c->ctx, STATUS_FAILED, "not confirmed; nothing was changed");
}

/* ---- doing it ------------------------------------------------------------------------------------ */

static bool run_one(struct call *c, struct run_options *options)
{
    const struct values *v = c->values;
    struct run_result result;

    options->tag = v->tag;
    options->wait_ms = c->globals->wait_ms;
    return migrate_run(&c->project, options, &result);
}

static bool stamp(struct call *c, const struct strings *targets, bool purge)
{
    struct run_options options = {
        .direction = DIRECTION_STAMP, .targets = *targets, .purge = purge, .keeps_text = !purge};

    if (!targets->n)
        vec_add(c->ctx, &options.targets, "base");
    return run_one(c, &options);
}

/* The rows are those below the lost revisions; from there each revision is either recorded or applied. */
static bool restamp(struct call *c, const struct course *k)
{
    if (!stamp(c, &k->below, true))
        return false;
    for (size_t i = 0; i < k->up.n; i++) {
        const struct revision *r = k->up.v[i].revision;
        struct run_options up = {.direction = DIRECTION_UP, .only = r};
        struct strings one = {0};

        vec_add(c->ctx, &one, r->id);
        if (!(is_restamped(k, r) ? stamp(c, &one, false) : run_one(c, &up)))
            return false;
    }
    return true;
}

static bool revert_and_apply(struct call *c, const struct course *k)
{
    struct run_options down = down_options(c), up = {.direction = DIRECTION_UP, .target = "heads"};

    down.shown = &k->rows;

    if (k->down.n && (!run_one(c, &down) || !reload(&c->project)))
        return false;
    return !k->up.n || run_one(c, &up);
}

static bool finish(struct call *c, const struct course *k)
{
    struct strings rows;

    if (!project_rows(&c->project, &rows))
        return false;
    if (c->globals->json)
        node_set(&c->ctx->arena, c->document, "rows", strings_node(c, &rows));
    log_info(c->ctx, "%s: the database is at %s", k->down.n || k->up.n ? "done" : "nothing to do",
        rows.n ? strings_join(&c->ctx->arena, &rows, ", ") : "base");
    return true;
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct course k = {0};

    if ((!v->dry_run && !check_unprotected(c, ONE_BY_ONE)) || !find_lost(c, &k) || !plan_down(c, &k) ||
        !plan_up(c, &k) || !plan_restamp(c, &k) || !count_losses(c, &k))
        return false;
    if (c->globals->json)
        add_to_document(c, &k);
    else
        print_plan(c, &k);
    if (v->dry_run) {
        log_info(c->ctx, "dry run: nothing was changed");
        return true;
    }
    if (!check_meant(c, &k) || !(k.restamped.n ? restamp : revert_and_apply)(c, &k))
        return false;
    return finish(c, &k);
}

static const struct option_spec options[] = {
    {0, "yes", OPTION_FLAG, offsetof(struct values, yes), NULL, "do not ask before revisions are reverted",
        NULL, NULL},
    {0, "dry-run", OPTION_FLAG, offsetof(struct values, dry_run), NULL,
        "print the plan and what is lost, and change nothing", NULL, NULL},
    {0, "restamp", OPTION_FLAG, offsetof(struct values, restamp), NULL,
        "record revisions with the same operations instead of reverting", NULL, NULL},
    {0, "from-history", OPTION_FLAG, offsetof(struct values, from_history), NULL,
        "also revert revisions that do not descend from a file", NULL, NULL},
    {0, "tag", OPTION_STRING, offsetof(struct values, tag), "TEXT", "a note for the history table", NULL,
        NULL},
    {0},
};

const struct command command_switch = {
    .spec = {.name = "switch",
        .group = "Migrate a database",
        .summary = "Take a development database to this checkout",
        .help = "Reverts the applied revisions that have no file here, or one with other operations,\n"
                "by their texts in git or in the history table, and applies the pending ones up to\n"
                "the heads. Prints first what is reverted and applied, and which tables and columns\n"
                "are lost with how many rows, and asks. Refused for a database that the\n"
                "configuration protects.\n",
        .examples = "  git switch main && cmig switch\n"
                    "  cmig switch --dry-run\n"
                    "  cmig switch --restamp --yes\n",
        .options = options},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .changes = true,
    .label = print_environment,
    .run = run,
};
