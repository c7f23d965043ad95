/*
 * check: compare models and database.
 */
#include "check_base.h"

struct values {
    bool strict, offline, drift;
    const char *dialect, *base;
    int format;
    struct target_options targets;
};

/* The files are not in any of them. */
static const struct target_options *targets(const struct call *c)
{
    const struct values *v = c->values;

    return v->offline || v->base ? NULL : &v->targets;
}

static void print_difference(struct call *c, const struct finding *f)
{
    struct str out = STR(c->ctx);

    add_sign(c, &out, SIGN_DIFFERS);
    print_line(c, "%s%s%s", str_get(&out), pos_text(&c->ctx->arena, f->pos), f->text);
}

/* In the form of lint's, for the formats that CI systems read. */
static void print_differences(struct call *c, const struct differences *list)
{
    const struct values *v = c->values;
    enum lint_format format = finding_format(v->format);
    struct findings findings = {0};

    vec_each(i, list) {
        struct finding *f = ctx_new(c->ctx, struct finding);

        *f = (struct finding){.rule = RULES,
            .code = "difference",
            .level = LINT_ERROR,
            .pos = list->v[i]->pos,
            .text = list->v[i]->text};
        vec_add(c->ctx, &findings, f);
        if (format == LINT_TEXT)
            print_difference(c, f);
    }
    if (format != LINT_TEXT)
        print_text(c, lint_print(c->ctx, &findings, format));
}

static void report(struct call *c, const struct comparison *found)
{
    struct arena *a = &c->ctx->arena;
    struct node *document = c->document;

    if (c->globals->json) {
        node_set(a, document, "clean", node_boolean(a, found->diff.up.n == 0 && found->diff.found.n == 0));
        node_set(a, document, "differences", differences_node(c, &found->diff.found));
        node_set(a, document, "unmodelled", unmodelled_node(c, &found->unmodelled));
        node_set(a, document, "text_only", node_boolean(a, found->text_only));
        return;
    }
    print_differences(c, &found->diff.found);
    note_unmodelled(c, &found->unmodelled);
}

static bool edited_is_error(const struct call *c)
{
    const struct values *v = c->values;

    return v->strict || c->project.config.edited_files == EDITED_FILES_ERROR;
}

static bool judge(struct call *c, const struct comparison *found, const struct strings *edited)
{
    const struct values *v = c->values;
    size_t n = found->diff.found.n ? found->diff.found.n : found->diff.up.n;

    if (n) {
        fail(c->ctx, STATUS_FOUND, "models and database differ: %s", count_text(c->ctx, n, "difference"));
        return fail_hint(c->ctx, "Run 'cmig revision --autogenerate -m MESSAGE' to write a revision.");
    }
    if (v->strict && found->unmodelled.n)
        return fail(c->ctx, STATUS_FOUND, "the database contains %s that cmig does not model",
            count_text(c->ctx, found->unmodelled.n, "object"));
    if (edited_is_error(c) && !edited_report(c->ctx, edited, STATUS_FOUND))
        return false;
    log_info(c->ctx, "models and database agree");
    return true;
}

/* An edited file is reported even if another error follows. */
static bool find_edited(struct call *c, const struct revisions *rows, struct strings *ret)
{
    struct applied_files files;

    if (!current_files(c, rows, edited_is_error(c), &files))
        return false;
    *ret = files.edited;
    if (c->globals->json)
        node_set(&c->ctx->arena, document_begin(c), "edited", strings_node(c, ret));
    return edited_report(c->ctx, ret, STATUS_OK);
}

static bool check_offline(struct call *c)
{
    const struct values *v = c->values;
    bool models;

    if (v->strict)
        return fail(c->ctx, STATUS_USAGE,
            "--offline connects to no database, so it cannot be combined with --strict");
    if (!check_head_policy(c) || !migrate_validate(&c->project, v->dialect, &models))
        return false;
    if (c->globals->json)
        document_begin(c);
    log_info(c->ctx, "%s valid; nothing was compared with a database",
        models ? "models and revisions are" : "revisions are");
    return true;
}

static bool compare_with_base(struct call *c)
{
    const struct values *v = c->values;
    const struct base_options options = {
        .ref = v->base, .dialect = v->dialect, .format = finding_format(v->format)};

    if (v->drift || v->offline || v->strict)
        return fail(c->ctx, STATUS_USAGE, "--base cannot be combined with --%s",
            v->drift     ? "drift"
            : v->offline ? "offline"
                         : "strict");
    return check_base(c, &options);
}

/* A rename that nobody has decided on is a difference in any case, so no question is asked. */
static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct compare_options options = {.no_rename = true, .no_ops = true};
    struct comparison found;
    struct revisions rows;
    struct strings edited;

    if (v->format && (v->drift || v->offline))
        return fail(
            c->ctx, STATUS_USAGE, "--format cannot be combined with --%s", v->drift ? "drift" : "offline");
    if (v->dialect && !v->offline && !v->base)
        return fail(c->ctx, STATUS_USAGE, "--dialect needs --offline or --base");
    if (v->base)
        return compare_with_base(c);
    if (v->drift)
        return v->offline || v->strict ? fail(c->ctx, STATUS_USAGE, "--drift cannot be combined with --%s",
                                             v->offline ? "offline" : "strict")
                                       : check_drift(c);
    if (v->offline)
        return check_offline(c);
    if (!check_head_policy(c) || !migrate_models(&c->project) || !current_rows(c, &rows) ||
        !find_edited(c, &rows, &edited) || !check_at_heads(c, &rows) ||
        !migrate_compare(&c->project, &options, &found))
        return false;
    differences_sort(&found.diff.found);
    report(c, &found);
    return judge(c, &found, &edited);
}

static const struct option_spec options[] = {
    {0, "strict", OPTION_FLAG, offsetof(struct values, strict), NULL,
        "fail also for edited files of applied revisions, and objects that cmig does not model", NULL, NULL},
    {0, "drift", OPTION_FLAG, offsetof(struct values, drift), NULL,
        "compare with what the applied revisions give in a scratch database, not with the models", NULL,
        NULL},
    {0, "base", OPTION_STRING, offsetof(struct values, base), "REF",
        "compare with a git branch, tag or commit, or 'auto', not with a database", NULL, NULL},
    {0, "offline", OPTION_FLAG, offsetof(struct values, offline), NULL,
        "check only the files: the models and all revisions, without a database", NULL, NULL},
    {0, "dialect", OPTION_STRING, offsetof(struct values, dialect), "NAME",
        "with --offline or --base: sqlite, postgresql or mysql (default: that of the URL)", NULL, NULL},
    FORMAT_OPTION_ROW(struct values, format),
    TARGET_READ_OPTION_ROWS(struct values, targets),
    {0},
};

const struct command command_check = {
    .spec = {.name = "check",
        .group = "Inspect the database",
        .summary = "Compare models and database",
        .help = "Exits with 0 if they agree, and with 2 if they differ or the database is not\n"
                "at head. Prints one line per difference. Nothing is written. A warning names\n"
                "applied revisions whose files were edited. With --offline no database is\n"
                "needed: models and revisions are read, and the SQL of revisions is written to\n"
                "find errors; for SQLite it runs in memory.\n"
                "\n"
                "With --base no database is needed either: the files are compared with those of\n"
                "the branch into which this one will be merged, and of the commit at which it\n"
                "left that branch. Findings are revisions that were edited, renamed or removed,\n"
                "several heads after the merge, changes of the same objects, and models that\n"
                "changed without a revision. 'auto' is the target branch that the CI system\n"
                "names, or else the default branch of origin.\n",
        .examples = "  cmig check\n"
                    "  cmig check --offline --dialect postgresql\n"
                    "  cmig check --base origin/main\n"
                    "  cmig check --base auto --format gitlab > cmig.json\n"
                    "  cmig check --drift\n"
                    "  cmig check --json | jq '.differences[].text'\n",
        .options = options},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .label = print_environment,
    .targets = targets,
    .run = run,
};
