/*
 * lint: warn of revisions that are dangerous in production.
 */
#include "lint_files.h"

#include "cmig/vcs.h"

struct values {
    const char *base, *stats, *dialect, *explain;
    int format;
    int64_t small;
    bool list_rules, downgrade;
};

/* ---- rules --------------------------------------------------------------------------------------------- */

static struct node *rule_node(struct arena *a, const struct lint_rule *r)
{
    struct node *n = node_mapping(a);

    node_set(a, n, "rule", node_string(a, r->name));
    node_set(a, n, "level", node_string(a, lint_level_names[r->level]));
    node_set(a, n, "inspects", node_string(a, r->inspects));
    node_set(a, n, "databases", node_string(a, r->databases));
    node_set(a, n, "why", node_string(a, r->why));
    node_set(a, n, "safe", node_string(a, r->safe));
    return n;
}

static bool list_rules(struct call *c)
{
    struct arena *a = &c->ctx->arena;
    struct node *list = node_sequence(a);

    for (size_t i = 0; i < RULES; i++) {
        const struct lint_rule *r = &lint_rules[i];

        node_append(a, list, rule_node(a, r));
        if (!c->globals->json)
            print_line(c, "%-32s %-8s %s", r->name, lint_level_names[r->level], r->databases);
    }
    if (c->globals->json)
        node_set(a, document_begin(c), "rules", list);
    return true;
}

static bool explain(struct call *c, const char *name)
{
    struct arena *a = &c->ctx->arena;
    enum rule rule = lint_rule_find(name);
    const struct lint_rule *r;

    if (rule == RULES) {
        fail(c->ctx, STATUS_USAGE, "unknown rule '%s'", name);
        return lint_rule_suggest(c->ctx, name);
    }
    r = &lint_rules[rule];
    if (c->globals->json) {
        struct node *list = node_sequence(a);
        node_append(a, list, rule_node(a, r));
        node_set(a, document_begin(c), "rules", list);
        return true;
    }
    print_line(c, "Rule: %s\nLevel: %s\nInspects: %s\nDatabases: %s\n\n%s\n\n%s", r->name,
        lint_level_names[r->level], r->inspects, r->databases, r->why, r->safe);
    return true;
}

/* ---- which revisions ----------------------------------------------------------------------------------- */

static bool *new_marks(struct call *c)
{
    return arena_alloc(&c->ctx->arena, (c->project.graph.all.n + 1) * sizeof(bool));
}

static bool mark_range(struct call *c, bool **ret)
{
    struct revisions found;

    if (!c->operands.n)
        return true;
    if (!resolve_symbols(c, &c->operands, &found))
        return false;
    *ret = new_marks(c);
    vec_each(i, &found)
        (*ret)[found.v[i]->order] = true;
    return true;
}

/* A file that the commit has as it is now was reviewed there. */
static bool unmark_known(struct call *c, struct vcs *vcs, bool *marks)
{
    const struct revisions *all = &c->project.graph.all;

    vec_each(i, all) {
        const struct revision *r = all->v[i];
        struct vcs_file file;
        size_t size;
        char *text;

        if (!marks[r->order] || !r->path)
            continue;
        if (!fs_read(c->ctx, &c->ctx->arena, "revision", r->path, FS_TEXT_LIMIT, &text, &size))
            return false;
        vcs_file(vcs, r->path, text, size, &file);
        marks[r->order] = !file.tracked || file.modified;
    }
    return true;
}

static bool mark_new(struct call *c, const char *base, bool **marks)
{
    struct vcs_base found;
    struct vcs *vcs;
    bool ok;

    if (!base)
        return true;
    if (!*marks) {
        *marks = new_marks(c);
        for (size_t i = 0; i < c->project.graph.all.n; i++)
            (*marks)[i] = true;
    }
    vcs = vcs_open(c->ctx, c->project.config.folder);
    ok = !str_eq(base, "auto") || vcs_find_base(vcs, base, &found);
    if (ok && str_eq(base, "auto"))
        base = found.name;
    ok = ok && vcs_select(vcs, base) && unmark_known(c, vcs, *marks);
    vcs_close(vcs);
    return ok;
}

/* ---- together ------------------------------------------------------------------------------------------ */

static bool judge(struct call *c, const struct findings *found)
{
    size_t counts[LINT_ERROR + 1] = {0};

    vec_each(i, found)
        counts[found->v[i]->level]++;
    if (counts[LINT_ERROR])
        return fail(c->ctx, STATUS_FOUND, "lint found %s", count_text(c->ctx, counts[LINT_ERROR], "error"));
    if (!found->n)
        log_info(c->ctx, "lint found nothing");
    return true;
}

/* Other formats are read by programs. */
static void label(struct call *c)
{
    const struct values *v = c->values;

    if (!v->list_rules && !v->explain && finding_format(v->format) == LINT_TEXT)
        print_environment(c);
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct lint_wishes wishes = {
        .dialect = v->dialect, .stats = v->stats, .small = v->small, .downgrades = v->downgrade};
    struct config_request request = config_request_of(c->globals);
    struct findings found;

    if (v->list_rules)
        return list_rules(c);
    if (v->explain)
        return explain(c, v->explain);
    if (!project_open(c->ctx, &request, &c->project) || !project_graph(&c->project) ||
        !mark_range(c, &wishes.wanted) || !mark_new(c, v->base, &wishes.wanted) ||
        !lint_files(c, &wishes, &found))
        return false;
    if (c->globals->json)
        node_set(&c->ctx->arena, document_begin(c), "findings", lint_encode(&c->ctx->arena, &found));
    else
        print_text(c, lint_print(c->ctx, &found, finding_format(v->format)));
    return judge(c, &found);
}

#define AT(member) offsetof(struct values, member)
static const struct option_spec options[] = {
    {0, "base", OPTION_STRING, AT(base), "REF",
        "only revisions that this git branch, tag or commit lacks or has in another form; 'auto' is the base "
        "branch",
        NULL, NULL},
    {0, "dialect", OPTION_STRING, AT(dialect), "NAME",
        "sqlite, postgresql or mysql (default: that of the URL)", NULL, NULL},
    {0, "downgrade", OPTION_FLAG, AT(downgrade), NULL, "also warn of locks, scans and rewrites in downgrades",
        NULL, NULL},
    FORMAT_OPTION_ROW(struct values, format),
    {0, "stats", OPTION_STRING, AT(stats), "FILE",
        "rows per table, from 'cmig inspect --stats': ignore small tables", NULL, "file"},
    {0, "small", OPTION_NUMBER, AT(small), "ROWS", "with --stats: rows up to which a table is small", NULL,
        NULL},
    {0, "list-rules", OPTION_FLAG, AT(list_rules), NULL, "print the rules and their levels", NULL, NULL},
    {0, "explain", OPTION_STRING, AT(explain), "RULE", "print why a rule exists, and the safe form", NULL,
        NULL},
    {0},
};

static const struct operand_spec operand = {"REVISION",
    "an id or its prefix, a label, head, heads, head-2, FROM:TO (default: all revisions)", 0, 0, "revision",
    NULL};

const struct command command_lint = {
    .spec = {.name = "lint",
        .group = "Inspect revisions",
        .summary = "Warn of revisions that are dangerous in production",
        .help = "Reads upgrades as they would run, without a database: statements that lock,\n"
                "scan, copy or rewrite a table that has rows, break running programs, or lose\n"
                "data. A table that the same revision creates is no danger. Raw SQL is read,\n"
                "too. Exits with 2 if there are errors, and with 0 if there are only warnings.\n"
                "\n"
                "'lint: {rules: {RULE: LEVEL}}' in cmig.yaml sets levels: off, note, warning,\n"
                "error. A comment allows a rule: # cmig-lint: allow RULE, reason\n",
        .examples = "  cmig lint\n"
                    "  cmig lint --base origin/main --format sarif > lint.sarif\n"
                    "  cmig lint --explain create-index-blocking\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .opens_itself = true,
    .answers = true,
    .label = label,
    .run = run,
};
