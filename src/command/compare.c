/*
 * Compares models and database for commands, and asks about renames.
 */
#include "command.h"

#include <unistd.h>

struct hints VEC_OF(struct rename_hint);

static bool parse_rename(struct ctx *ctx, const char *text, struct rename_hint *ret)
{
    const char *equals = strchr(text, '=');

    if (!equals || equals == text || !equals[1] || strchr(equals + 1, '=')) {
        fail(ctx, STATUS_USAGE, "option '--rename' must be OLD=NEW, not '%s'", text);
        return fail_hint(ctx, "Write users=people for a table, users.name=users.title for a column.");
    }
    *ret = (struct rename_hint){
        .from = arena_strndup(&ctx->arena, text, (size_t)(equals - text)), .to = equals + 1};
    return true;
}

static bool parse_renames(struct ctx *ctx, const struct strings *renames, struct hints *ret)
{
    struct rename_hint hint;

    vec_each(i, renames) {
        if (!parse_rename(ctx, renames->v[i], &hint))
            return false;
        vec_add(ctx, ret, hint);
    }
    return true;
}

static const char *question_name(struct ctx *ctx, const struct rename_question *q, const char *name)
{
    if (!q->table.name)
        return name;
    return ctx_printf(ctx, "%s.%s", qname_text(&ctx->arena, &q->table), name);
}

static bool fail_questions(struct ctx *ctx, const struct rename_questions *questions)
{
    const struct rename_question *q = questions->v[0];

    fail(ctx, STATUS_FOUND, "cannot tell whether %s '%s' was renamed to '%s'", q->kind,
        question_name(ctx, q, q->from), q->to);
    for (size_t i = 1; i < questions->n; i++)
        fail_detail(ctx, "or whether %s '%s' was renamed to '%s'", questions->v[i]->kind,
            question_name(ctx, questions->v[i], questions->v[i]->from), questions->v[i]->to);
    return fail_hint(ctx, "Use --rename %s, or --no-rename if it was dropped and the other one is new.",
        str_shell(&ctx->arena,
            ctx_printf(ctx, "%s=%s", question_name(ctx, q, q->from), question_name(ctx, q, q->to))));
}

bool ask_yes(struct ctx *ctx, const char *question, bool *ret)
{
    char *answer;

    if (!term_ask(ctx, ctx_printf(ctx, "%s [y/N] ", question), &answer))
        return false;
    *ret = str_eq_ci(answer, "y") || str_eq_ci(answer, "yes");
    return true;
}

bool confirm(struct ctx *ctx, const char *question, bool *ret)
{
    *ret = false;
    return ask_yes(ctx, question, ret) || !ctx_interrupted(ctx) || fail_interrupted(ctx);
}

/* Adds a hint for each yes; *ret_said_no when there was a no. */
static bool ask(
    struct ctx *ctx, const struct rename_questions *questions, struct hints *hints, bool *ret_said_no)
{
    *ret_said_no = false;
    vec_each(i, questions) {
        const struct rename_question *q = questions->v[i];
        const char *from = question_name(ctx, q, q->from);
        bool is_renamed;

        if (!ask_yes(ctx, ctx_printf(ctx, "Was %s '%s' renamed to '%s'?", q->kind, from, q->to), &is_renamed))
            return ctx_interrupted(ctx) ? fail_interrupted(ctx) : fail_questions(ctx, questions);
        if (!is_renamed) {
            *ret_said_no = true;
            continue;
        }
        struct rename_hint hint = {.kind = q->kind, .from = from, .to = question_name(ctx, q, q->to)};
        vec_add(ctx, hints, hint);
    }
    return true;
}

bool has_person(void)
{
    return term_is_tty(STDIN_FILENO) && term_is_tty(STDERR_FILENO);
}

static bool compare(
    struct call *c, struct hints *hints, bool no_rename, bool way_back, struct comparison *ret)
{
    static const struct rename_hint end = {0};
    struct compare_options options = {.no_rename = no_rename, .way_back = way_back};

    vec_add(c->ctx, hints, end);
    hints->n--;
    options.renames = hints->v;
    return migrate_compare(&c->project, &options, ret);
}

bool compare_answered(struct call *c, const struct rename_options *renames, struct comparison *ret)
{
    struct hints hints = {0};
    bool no_rename = renames->no_rename;
    bool said_no;

    if (!parse_renames(c->ctx, &renames->renames, &hints) ||
        !compare(c, &hints, no_rename, renames->way_back, ret))
        return false;
    if (ret->diff.questions.n == 0)
        return true;
    if (!has_person())
        return fail_questions(c->ctx, &ret->diff.questions);
    while (ret->diff.questions.n) {
        if (!ask(c->ctx, &ret->diff.questions, &hints, &said_no))
            return false;
        /* Once every question was asked, the yes are hints and the rest is a no. */
        no_rename = no_rename || said_no;
        if (!compare(c, &hints, no_rename, renames->way_back, ret))
            return false;
    }
    return true;
}

/* ---- without an answer --------------------------------------------------------------------------- */

static bool is_taken(const struct hints *hints, const struct rename_hint *hint)
{
    vec_each(i, hints)
        if (str_eq(hints->v[i].from, hint->from) || str_eq(hints->v[i].to, hint->to))
            return true;
    return false;
}

/* Of several names that an object may have got, the first one. *ret_any: there was another hint. */
static void take_for_renamed(
    struct ctx *ctx, const struct rename_questions *questions, struct hints *hints, bool *ret_any)
{
    *ret_any = false;
    vec_each(i, questions) {
        const struct rename_question *q = questions->v[i];
        const struct rename_hint hint = {
            .kind = q->kind, .from = question_name(ctx, q, q->from), .to = question_name(ctx, q, q->to)};

        if (is_taken(hints, &hint))
            continue;
        vec_add(ctx, hints, hint);
        *ret_any = true;
    }
}

static void add_options(struct call *c, const struct hints *hints, bool no_rename, struct strings *ret)
{
    vec_each(i, hints) {
        vec_add(c->ctx, ret, "--rename");
        vec_add(c->ctx, ret, ctx_printf(c->ctx, "%s=%s", hints->v[i].from, hints->v[i].to));
    }
    if (no_rename)
        vec_add(c->ctx, ret, "--no-rename");
}

/* A renamed table may have columns that were renamed, too: then there are further questions. */
static bool read_as_renamed(
    struct call *c, struct hints *hints, const struct rename_questions *questions, struct diff_reading *ret)
{
    bool any = true, no_rename = false;

    ret->found.diff.questions = *questions;
    while (ret->found.diff.questions.n) {
        no_rename = !any;
        take_for_renamed(c->ctx, &ret->found.diff.questions, hints, &any);
        if (!compare(c, hints, no_rename, false, &ret->found))
            return false;
    }
    add_options(c, hints, no_rename, &ret->options);
    return true;
}

static void note_questions(struct call *c, const struct rename_questions *questions)
{
    vec_each(i, questions) {
        const struct rename_question *q = questions->v[i];

        log_info(c->ctx, "cannot tell whether %s '%s' was renamed to '%s'", q->kind,
            question_name(c->ctx, q, q->from), q->to);
    }
}

bool compare_readings(struct call *c, const struct rename_options *renames, struct diff_readings *ret)
{
    struct diff_reading *first = ctx_new(c->ctx, struct diff_reading),
                        *renamed = ctx_new(c->ctx, struct diff_reading);
    struct rename_questions questions;
    struct hints hints = {0};

    *ret = (struct diff_readings){0};
    vec_add(c->ctx, ret, first);
    if (has_person())
        return compare_answered(c, renames, &first->found);
    if (!parse_renames(c->ctx, &renames->renames, &hints) ||
        !compare(c, &hints, renames->no_rename, false, &first->found))
        return false;
    questions = first->found.diff.questions;
    if (questions.n == 0)
        return true;
    note_questions(c, &questions);
    if (!compare(c, &hints, true, false, &first->found))
        return false;
    add_options(c, &hints, true, &first->options);
    vec_insert(c->ctx, ret, 0, renamed);
    return read_as_renamed(c, &hints, &questions, renamed);
}

/* ---- what is not modelled ------------------------------------------------------------------------ */

static char *unmodelled_text(struct call *c, const struct unmodelled *u)
{
    const char *detail = u->detail ? u->detail : "";

    return ctx_printf(
        c->ctx, "%s '%s'%s%s", u->kind, qname_text(&c->ctx->arena, &u->name), *detail ? ": " : "", detail);
}

void note_unmodelled(struct call *c, const struct unmodelleds *list)
{
    vec_each(i, list)
        if (list->v[i]->hidden)
            log_warn(c->ctx, "not compared: %s", unmodelled_text(c, list->v[i]));
        else
            log_info(c->ctx, "not modelled, ignored: %s", unmodelled_text(c, list->v[i]));
}

void note_unmanaged(struct call *c, const struct strings *schemas)
{
    enum { SHOWN = 5 };
    struct strings shown = {.v = schemas->v, .n = schemas->n < SHOWN ? schemas->n : SHOWN};

    if (schemas->n)
        log_info(c->ctx, "%s %s not compared: %s%s", count_text(c->ctx, schemas->n, "other schema"),
            schemas->n == 1 ? "is" : "are", strings_join(&c->ctx->arena, &shown, ", "),
            schemas->n > SHOWN ? ", …" : "");
}

struct node *unmodelled_node(struct call *c, const struct unmodelleds *list)
{
    struct arena *a = &c->ctx->arena;
    struct node *n = node_sequence(a), *item;

    vec_each(i, list) {
        item = node_mapping(a);
        node_set(a, item, "kind", node_string(a, list->v[i]->kind));
        node_set(a, item, "name", node_string(a, qname_text(a, &list->v[i]->name)));
        node_set(a, item, "detail", node_string(a, list->v[i]->detail));
        node_append(a, n, item);
    }
    return n;
}

static bool render_after(struct call *c, const struct ops *before, struct schema *schema,
    const struct ops *ops, struct statements *ret)
{
    struct project *p = &c->project;
    struct state state = {.dialect = p->conn->dialect, .schema = schema, .base = p->config.folder};

    return ops_apply(c->ctx, state.dialect, schema, before) &&
           state.dialect->render(c->ctx, &state, ops, ret);
}

static void print_script(struct call *c, const struct statements *statements, const char **ret)
{
    struct str out = STR(c->ctx);

    vec_each(i, statements)
        if (!(statements->v[i]->flags & STATEMENT_CHECK))
            str_addf(
                &out, "%s%s\n", statements->v[i]->text, str_ends(statements->v[i]->text, ";") ? "" : ";");
    *ret = str_get(&out);
}

bool ops_script(struct call *c, const struct ops *ops, const char **ret)
{
    struct statements statements = {0};

    if (!migrate_render(&c->project, ops, &statements))
        return false;
    print_script(c, &statements, ret);
    return true;
}

bool ops_script_back(struct call *c, struct comparison *found, const char **ret)
{
    struct statements statements = {0};

    if (!render_after(c, &found->diff.up, &found->database, &found->diff.down, &statements))
        return false;
    print_script(c, &statements, ret);
    return true;
}
