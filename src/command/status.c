/*
 * status: compare the database, the revision files and the history.
 */
#include "command.h"

struct values {
    struct target_options targets;
};

static const struct target_options *targets(const struct call *c)
{
    return &((const struct values *)c->values)->targets;
}

/* What is collected before anything is printed. */
struct findings {
    const char *url, *server, *table;
    struct strings rows;
    struct revisions tips, heads, pending;
    struct strings unknown;      /* rows of unknown revisions */
    struct history_rows missing; /* applied once, by the history, and without a file now */
    struct lost_search lost;     /* what is known of both */
    struct lost_search moved;    /* revisions that were applied after other parents */
    struct strings edited;       /* paths of files that differ from what was applied */
    struct unmodelleds unmodelled;
    struct strings unmanaged;
    struct attempt attempt;
    uint32_t shape; /* a hash of the schema */
};

/* ---- finding out ---- */

static void sort_rows(struct call *c, struct findings *f, struct strings *ret_known)
{
    vec_each(i, &f->rows)
        vec_add(
            c->ctx, map_get(&c->project.graph.by_id, f->rows.v[i]) ? ret_known : &f->unknown, f->rows.v[i]);
}

static bool find_positions(struct call *c, struct findings *f)
{
    const struct graph *g = &c->project.graph;
    struct strings known = {0};
    struct revisions rows;
    struct plan plan = {0};

    if (!connect_database(c, MISSING_IS_EMPTY) || !project_rows(&c->project, &f->rows))
        return false;
    if (!project_attempt(&c->project, &f->rows, &f->attempt))
        return false;
    sort_rows(c, f, &known);
    if (!graph_rows(c->ctx, g, &known, &rows))
        return false;
    graph_current(c->ctx, g, &rows, &f->tips);
    graph_heads(c->ctx, g, &f->heads);
    if (f->unknown.n == 0 && g->all.n && !plan_upgrade(c->ctx, g, &known, "heads", &plan))
        return false;
    for (size_t i = 0; i < plan.n; i++)
        vec_add(c->ctx, &f->pending, (struct revision *)plan.v[i].revision);
    return true;
}

static bool find_lost(struct call *c, struct findings *f)
{
    struct strings ids = {0};

    vec_each(i, &f->rows)
        vec_add(c->ctx, &ids, f->rows.v[i]);
    vec_each(i, &f->missing)
        if (!strings_have(&ids, f->missing.v[i]->revision))
            vec_add(c->ctx, &ids, f->missing.v[i]->revision);
    /* A moved revision has an edited file. */
    return project_lost(&c->project, &ids, true, &f->lost) &&
           (!f->edited.n || project_moved(&c->project, &f->rows, false, &f->moved));
}

/* In a schema of a tenant, its name does not count. */
static uint32_t shape_of(struct call *c, const struct schema *schema)
{
    struct str text = STR(c->ctx);

    node_json(&text, schema_encode(c->ctx, c->project.conn->dialect, schema), false);
    return hash_bytes(str_get(&text), text.n);
}

static bool find_out(struct call *c, struct findings *f)
{
    struct project *p = &c->project;
    struct schema schema = {0};
    struct applied_files files;

    if (!find_positions(c, f) || !project_applied_files(p, &f->rows, true, &files) ||
        !migrate_inspect(p, &schema))
        return false;
    f->missing = files.missing;
    f->edited = files.edited;
    if (!find_lost(c, f))
        return false;
    f->url = url_text(&c->ctx->arena, p->url.text);
    f->server = p->conn->server;
    f->table = qname_text(&c->ctx->arena, &p->config.version_table.name);
    f->unmodelled = schema.unmodelled;
    f->unmanaged = schema.unmanaged;
    f->shape = c->position ? shape_of(c, &schema) : 0;
    return true;
}

/* ---- telling ---- */

static struct node *missing_node(struct call *c, const struct history_rows *missing)
{
    struct strings ids = {0};

    vec_each(i, missing)
        vec_add(c->ctx, &ids, missing->v[i]->revision);
    return strings_node(c, &ids);
}

static void print_json(struct call *c, const struct findings *f)
{
    struct arena *a = &c->ctx->arena;
    struct listing listing = {.graph = &c->project.graph};
    struct node *document = document_begin(c);

    node_set(a, document, "url", node_string(a, f->url));
    node_set(a, document, "server", node_string(a, f->server));
    node_set(a, document, "version_table", node_string(a, f->table));
    node_set(a, document, "rows", strings_node(c, &f->rows));
    node_set(a, document, "current", revisions_node(c, &listing, &f->tips));
    node_set(a, document, "half_applied", attempt_node(c, &f->attempt));
    node_set(a, document, "heads", revisions_node(c, &listing, &f->heads));
    node_set(a, document, "pending", f->unknown.n ? node_null(a) : revisions_node(c, &listing, &f->pending));
    node_set(a, document, "unknown", strings_node(c, &f->unknown));
    node_set(a, document, "missing", missing_node(c, &f->missing));
    node_set(a, document, "found", lost_nodes(c, &f->lost));
    node_set(a, document, "moved", lost_nodes(c, &f->moved));
    node_set(a, document, "edited", strings_node(c, &f->edited));
    node_set(a, document, "unmodelled", unmodelled_node(c, &f->unmodelled));
    node_set(a, document, "unmanaged", strings_node(c, &f->unmanaged));
}

/* A line of a list. */
static void print_item(struct call *c, enum sign sign, const char *text)
{
    struct str out = STR(c->ctx);

    str_add(&out, "  ");
    add_sign(c, &out, sign);
    print_line(c, "%s%s", str_get(&out), text);
}

static void print_list(struct call *c, const char *label, enum sign sign, const struct revisions *list,
    const struct strings *unknown)
{
    struct listing listing = {.graph = &c->project.graph};

    print_line(c, "%s:%s", label, list->n || unknown->n ? "" : " none");
    vec_each(i, unknown)
        print_item(c, SIGN_BAD, ctx_printf(c->ctx, "%s, which has no file", unknown->v[i]));
    vec_each(i, list)
        print_item(c, sign, revision_line_text(c, &listing, list->v[i]));
}

/* Only when there is something to say. */
static void print_strings(struct call *c, const char *label, const struct strings *list)
{
    if (list->n)
        print_line(c, "%s:", label);
    vec_each(i, list)
        print_item(c, SIGN_BAD, list->v[i]);
}

static const struct lost *lost_of(const struct findings *f, const char *id)
{
    vec_each(i, &f->lost.all)
        if (str_eq(f->lost.all.v[i]->revision, id))
            return f->lost.all.v[i];
    return NULL;
}

static void print_found(struct call *c, const struct lost *l)
{
    if (l && l->recorded)
        print_line(c, "    found in %s", lost_place(c->ctx, l));
    if (l && l->same)
        print_line(
            c, "    same operations as %s: 'cmig switch --restamp' records that one instead", l->same->id);
}

/* What helps to find the file. */
static void print_missing(struct call *c, const struct findings *f)
{
    if (f->missing.n)
        print_line(c, "Applied, but the file is missing:");
    vec_each(i, &f->missing) {
        const struct history_row *row = f->missing.v[i];
        int first_line = row->message ? (int)strcspn(row->message, "\r\n") : 0;

        print_item(c, SIGN_BAD,
            ctx_printf(c->ctx, "%s%s%.*s%s%s, applied %s%s%s", row->revision, first_line ? ", " : "",
                first_line, first_line ? row->message : "", row->path ? ", " : "", row->path ? row->path : "",
                row->started, row->user ? " by " : "", row->user ? row->user : ""));
        print_found(c, lost_of(f, row->revision));
    }
}

static void print_moved(struct call *c, const struct losts *moved)
{
    if (moved->n)
        print_line(c, "Applied after other parents than the file names:");
    vec_each(i, moved) {
        const struct lost *l = moved->v[i];

        print_item(c, SIGN_BAD,
            ctx_printf(c->ctx, "%s, without %s: run 'cmig switch%s'", l->revision,
                strings_join(&c->ctx->arena, &l->skipped, ", "), l->same ? " --restamp" : ""));
    }
}

static void print_attempt(struct call *c, const struct attempt *a)
{
    const struct progress *at = &a->at;

    if (a->kind == ATTEMPT_NONE)
        return;
    print_line(c, "Half %s:", a->is_downgrade ? "downgraded" : "applied");
    if (a->kind == ATTEMPT_VALID)
        print_item(c, SIGN_BAD,
            ctx_printf(c->ctx, "%s: %lld of %lld operations applied", at->revision, (long long)at->operation,
                (long long)at->operations));
    else
        print_item(c, SIGN_BAD, ctx_printf(c->ctx, "%s: the record is outdated", at->revision));
    log_warn(c->ctx, "%s", attempt_text(c->ctx, a));
}

/* A head is applied, or waits. */
static void print_heads(struct call *c, const struct findings *f)
{
    struct listing listing = {.graph = &c->project.graph};

    print_line(c, "Heads:%s", f->heads.n ? "" : " none");
    vec_each(i, &f->heads) {
        bool waits = false;

        vec_each(k, &f->pending)
            waits |= f->pending.v[k] == f->heads.v[i];
        print_item(c, waits || f->unknown.n ? SIGN_WAITS : SIGN_GOOD,
            revision_line_text(c, &listing, f->heads.v[i]));
    }
}

static void print_findings(struct call *c, const struct findings *f)
{
    const struct strings none = {0};

    print_line(c, "Database: %s (%s)", f->url, f->server ? f->server : "unknown server");
    print_line(c, "Version table: %s", f->table);
    print_list(c, "Current", SIGN_GOOD, &f->tips, &f->unknown);
    print_attempt(c, &f->attempt);
    if (f->unknown.n)
        print_line(c, "Pending: unknown");
    else
        print_list(c, "Pending", SIGN_WAITS, &f->pending, &none);
    print_heads(c, f);
    print_missing(c, f);
    print_moved(c, &f->moved.all);
    print_strings(c, "Edited since it was applied", &f->edited);
    if (f->unmodelled.n)
        print_line(c, "Not modelled: %s", count_text(c->ctx, f->unmodelled.n, "object"));
    note_unmodelled(c, &f->unmodelled);
    note_unmanaged(c, &f->unmanaged);
}

/* One of many databases: the summary of all follows when all are known. */
static void take_position(struct call *c, const struct findings *f)
{
    struct strings rows = f->rows;

    strings_sort(&rows);
    *c->position = (struct position){
        .at = strings_join(&c->ctx->arena, &rows, ", "),
        .pending = f->pending.n,
        .is_half = f->attempt.kind != ATTEMPT_NONE,
        .is_edited = f->edited.n > 0,
        .is_unknown = f->unknown.n > 0,
        .shape = f->shape,
    };
}

static bool run(struct call *c)
{
    struct findings f = {0};

    if (!find_out(c, &f))
        return false;
    if (c->position) {
        take_position(c, &f);
        return true;
    }
    if (c->globals->json)
        print_json(c, &f);
    else
        print_findings(c, &f);
    note_unfound(c, &f.lost);
    return true;
}

static const struct option_spec options[] = {
    {0, "summary", OPTION_FLAG, offsetof(struct values, targets.summary), NULL,
        "group targets by revision, and list those that are behind or differ", NULL, NULL},
    TARGET_READ_OPTION_ROWS(struct values, targets),
    {0},
};

const struct command command_status = {
    .spec = {.name = "status",
        .group = "Inspect the database",
        .summary = "Show the state of the database",
        .help = "Prints the connection, the current and pending revisions, files that were edited\n"
                "or removed since they were applied, and objects that cmig does not model.\n",
        .examples = "  cmig status\n"
                    "  cmig status --json | jq '.pending | length'\n"
                    "  cmig status --summary\n",
        .options = options},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .label = print_environment,
    .targets = targets,
    .run = run,
};
