/*
 * log: list the steps that ran on the database, from its history table.
 *
 * The row of a step is committed with its last statement, so the table has only steps that were completed. A revision
 * that is applied in part has a record of its own, which is listed as the newest step.
 */
#include "command.h"

#include <limits.h>
#include <stdlib.h>

struct values {
    int64_t limit;
    bool verbose;
    struct target_options targets;
};

static const struct target_options *targets(const struct call *c)
{
    return &((const struct values *)c->values)->targets;
}

/* ---- which steps --------------------------------------------------------------------------------- */

static void add_once(struct call *c, struct strings *list, const char *id)
{
    if (!strings_have(list, id))
        vec_add(c->ctx, list, id);
}

static bool has_row(const struct history_rows *rows, const char *id)
{
    vec_each(i, rows)
        if (str_eq(rows->v[i]->revision, id))
            return true;
    return false;
}

/* A revision of the history may no longer have a file: its id is used as given. */
static bool find_ids(struct call *c, const struct history_rows *rows, struct strings *ret)
{
    *ret = (struct strings){0};
    vec_each(i, &c->operands) {
        struct strings one = {.v = &c->operands.v[i], .n = 1};
        struct revisions found;

        if (has_row(rows, one.v[0])) {
            add_once(c, ret, one.v[0]);
            continue;
        }
        if (!project_graph(&c->project) || !resolve_symbols(c, &one, &found))
            return false;
        vec_each(k, &found)
            add_once(c, ret, found.v[k]->id);
    }
    return true;
}

static bool is_wanted(struct call *c, const struct strings *ids, const char *id)
{
    return c->operands.n == 0 || strings_have(ids, id);
}

/* A half-applied revision as a step, without the columns that only the history has. */
static struct history_row *attempt_row(struct call *c, const struct attempt *a)
{
    struct history_row *row = ctx_new(c->ctx, struct history_row);

    row->revision = a->at.revision;
    row->direction = a->is_downgrade ? "downgrade" : "upgrade";
    row->outcome = a->kind == ATTEMPT_OUTDATED ? "half done (outdated record)"
                                               : ctx_printf(c->ctx, "%lld of %lld operations",
                                                     (long long)a->at.operation, (long long)a->at.operations);
    return row;
}

/* ids: of the operands, if there are any. */
static bool read_steps(
    struct call *c, struct strings *ids, struct history_rows *ret, struct attempt *ret_attempt)
{
    const struct values *v = c->values;
    struct project *p = &c->project;
    struct history_query which = {.without_text = true, .limit = c->operands.n ? 0 : v->limit};
    struct history_rows rows = {0};
    struct strings at;

    if (!connect_database(c, MISSING_IS_EMPTY) || !project_rows(p, &at) ||
        !project_attempt(p, &at, ret_attempt))
        return false;
    if (p->version.history.name && !p->conn->dialect->history(p->conn, &p->version, &which, &rows))
        return false;
    if (!find_ids(c, &rows, ids))
        return false;
    *ret = (struct history_rows){0};
    for (size_t i = 0; i < rows.n && (!v->limit || ret->n < (size_t)v->limit); i++)
        if (is_wanted(c, ids, rows.v[i]->revision))
            vec_add(c->ctx, ret, rows.v[i]);
    return true;
}

/* ---- as text ------------------------------------------------------------------------------------- */

static const char *duration_text(struct call *c, const struct history_row *row)
{
    long long ms = row->duration_ms ? atoll(row->duration_ms) : 0;

    return row->duration_ms ? ctx_printf(c->ctx, "%lld.%03lld s", ms / 1000, ms % 1000) : NULL;
}

static const char *commit_text(struct call *c, const struct history_row *row, int length)
{
    if (!row->commit || !*row->commit)
        return NULL;
    return ctx_printf(c->ctx, "%.*s%s", length, row->commit, row->modified ? " (modified)" : "");
}

static const char *started(ATTR_UNUSED struct call *c, const struct history_row *row)
{
    return row->started;
}

static const char *direction(ATTR_UNUSED struct call *c, const struct history_row *row)
{
    return row->direction;
}

static const char *revision(struct call *c, const struct history_row *row)
{
    struct str out = STR(c->ctx);

    add_id(c, &out, row->revision);
    return str_get(&out);
}

static const char *user(ATTR_UNUSED struct call *c, const struct history_row *row)
{
    return row->user;
}

static const char *short_commit(struct call *c, const struct history_row *row)
{
    enum { LENGTH = 10 };

    return commit_text(c, row, LENGTH);
}

static const char *outcome(ATTR_UNUSED struct call *c, const struct history_row *row)
{
    return row->outcome;
}

static const char *tag(ATTR_UNUSED struct call *c, const struct history_row *row)
{
    return row->tag;
}

static const char *message(struct call *c, const struct history_row *row)
{
    return row->message ? ctx_printf(c->ctx, "%.*s", (int)strcspn(row->message, "\r\n"), row->message) : NULL;
}

static const struct log_column {
    const char *title;
    const char *(*text)(struct call *c, const struct history_row *row); /* NULL or "": not known */
    bool is_number;
} columns[] = {
    {"Started", started, false},
    {"Step", direction, false},
    {"Revision", revision, false},
    {"Duration", duration_text, true},
    {"User", user, false},
    {"Commit", short_commit, false},
    {"Outcome", outcome, false},
    {"Tag", tag, false},
    {"Message", message, false},
};

static void add_cell(struct str *out, const struct log_column *column, size_t width, const char *text)
{
    int blanks = (int)(width - str_columns(text));

    str_addf(out, "%s%*s%s%*s", out->n ? "  " : "", column->is_number ? blanks : 0, "", text,
        column->is_number ? 0 : blanks, "");
}

/* A column that is empty for all steps has the width 0 and is left out. */
static void print_row(struct call *c, const size_t *widths, const struct history_row *row)
{
    struct str out = STR(c->ctx);

    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        const char *text = row ? columns[i].text(c, row) : columns[i].title;

        if (widths[i])
            add_cell(&out, &columns[i], widths[i], text && *text ? text : "-");
    }
    for (; out.n && out.s[out.n - 1] == ' '; out.n--)
        out.s[out.n - 1] = '\0';
    print_line(c, "%s", cut_to_terminal(c, str_get(&out)));
}

static void print_table(struct call *c, const struct history_rows *steps)
{
    size_t widths[COUNT_OF(columns)] = {0};

    vec_each(i, steps)
        for (size_t k = 0; k < COUNT_OF(columns); k++) {
            const char *text = columns[k].text(c, steps->v[i]);
            size_t width = text ? str_columns(text) : 0, title = str_columns(columns[k].title);

            if (width && width < title)
                width = title;
            if (width > widths[k])
                widths[k] = width;
        }
    print_row(c, widths, NULL);
    vec_each(i, steps)
        print_row(c, widths, steps->v[i]);
}

static void print_block(struct call *c, const struct history_row *row)
{
    struct str out = STR(c->ctx);

    str_addf(&out, "Step: %s ", row->direction);
    add_id(c, &out, row->revision);
    str_addc(&out, '\n');
    add_fact(&out, "Started", row->started);
    add_fact(&out, "Duration", duration_text(c, row));
    add_fact(&out, "User", row->user);
    add_fact(&out, "Outcome", row->outcome);
    add_fact(&out, "Commit", commit_text(c, row, INT_MAX));
    add_fact(&out, "Path", row->path);
    add_fact(&out, "Blob", row->blob);
    add_fact(&out, "Tag", row->tag);
    add_fact(&out, "cmig", row->version);
    add_message(&out, row->message);
    print_text(c, str_get(&out));
}

static void print_steps(struct call *c, const struct history_rows *steps)
{
    const struct values *v = c->values;

    if (!v->verbose && !c->globals->verbose) {
        print_table(c, steps);
        return;
    }
    vec_each(i, steps) {
        if (i)
            print_line(c, "%s", "");
        print_block(c, steps->v[i]);
    }
}

/* ---- as JSON ------------------------------------------------------------------------------------- */

static struct node *step_node(struct call *c, const struct history_row *row)
{
    struct arena *a = &c->ctx->arena;
    struct node *n = node_mapping(a);

    node_set(a, n, "revision", node_string(a, row->revision));
    node_set(a, n, "direction", node_string(a, row->direction));
    node_set(a, n, "message", node_string(a, row->message));
    node_set(a, n, "started", node_string(a, row->started));
    node_set(a, n, "milliseconds", row->duration_ms ? node_number(a, atoll(row->duration_ms)) : node_null(a));
    node_set(a, n, "user", node_string(a, row->user));
    node_set(a, n, "outcome", node_string(a, row->outcome));
    node_set(a, n, "commit", node_string(a, row->commit));
    node_set(a, n, "modified", node_boolean(a, row->modified));
    node_set(a, n, "blob", node_string(a, row->blob));
    node_set(a, n, "path", node_string(a, row->path));
    node_set(a, n, "tag", node_string(a, row->tag));
    node_set(a, n, "cmig", node_string(a, row->version));
    return n;
}

static void report_json(struct call *c, const struct history_rows *steps, const struct attempt *attempt)
{
    struct arena *a = &c->ctx->arena;
    struct node *document = document_begin(c), *list = node_sequence(a);

    vec_each(i, steps)
        node_append(a, list, step_node(c, steps->v[i]));
    node_set(a, document, "log", list);
    node_set(a, document, "half_applied", attempt_node(c, attempt));
}

/* ---- together ------------------------------------------------------------------------------------ */

static bool run(struct call *c)
{
    struct history_rows steps;
    struct attempt attempt;
    struct strings ids;

    if (!read_steps(c, &ids, &steps, &attempt))
        return false;
    if (c->globals->json) {
        report_json(c, &steps, &attempt);
        return true;
    }
    if (attempt.kind != ATTEMPT_NONE && is_wanted(c, &ids, attempt.at.revision))
        vec_insert(c->ctx, &steps, 0, attempt_row(c, &attempt));
    if (steps.n)
        print_steps(c, &steps);
    else if (!c->project.version.history.name)
        log_info(c->ctx, "the configuration keeps no history");
    else
        log_info(c->ctx, "no steps%s are recorded\n  hint: 'cmig history' lists the revision files.",
            c->operands.n ? " of these revisions" : "");
    return true;
}

static const struct option_spec options[] = {
    {0, "limit", OPTION_NUMBER, offsetof(struct values, limit), "N", "only the newest N steps", NULL, NULL},
    {'v', "verbose", OPTION_FLAG, offsetof(struct values, verbose), NULL, "show all details", NULL, NULL},
    TARGET_READ_OPTION_ROWS(struct values, targets),
    {0},
};

static const struct operand_spec operand = {"REVISION",
    "only steps of these revisions: ids, prefixes of them, labels, head, FROM:TO", 0, 0, "revision", NULL};

const struct command command_log = {
    .spec = {.name = "log",
        .group = "Inspect the database",
        .summary = "List the steps that ran on the database, newest first",
        .help = "Shows when each step started, how long it took, who ran it, the git commit of\n"
                "its file, the outcome and the message, from the history table. Steps that\n"
                "failed are not in it; a half-applied revision comes first.\n",
        .examples = "  cmig log\n"
                    "  cmig log --limit 10\n"
                    "  cmig log -v 1f3a\n"
                    "  cmig log --json | jq -r '.log[] | [.started, .revision, .user] | @tsv'\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .need = NEED_CONFIG,
    .answers = true,
    .pages = true,
    .label = print_environment,
    .targets = targets,
    .run = run,
};
