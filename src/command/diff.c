/*
 * diff: show the operations that autogenerate would write, or those between any two sides.
 */
#include "markdown.h"
#include "sides.h"

struct values {
    struct rename_options renames;
    const char *dialect, *scratch_url;
    bool sql, markdown, offline;
};

/* The names of the two sides. */
struct names {
    const char *from, *to;
};

static struct node *ops_node(struct call *c, const struct ops *ops)
{
    struct node *n = node_sequence(&c->ctx->arena);

    n->block = true;
    vec_each(i, ops)
        node_append(&c->ctx->arena, n, op_encode(&c->ctx->arena, ops->v[i]));
    return n;
}

static void print_ops(struct call *c, const struct ops *ops)
{
    struct str out = STR(c->ctx);

    node_yaml(&out, ops_node(c, ops), 0);
    print_text(c, str_get(&out));
}

/* Each of several variants is printed with the options that choose it. */
static bool print_reading(struct call *c, const struct diff_reading *r)
{
    const struct values *v = c->values;
    const struct ops *ops = &r->found.diff.up;
    struct strings words = {0};
    const char *options, *script;

    vec_each(i, &r->options)
        vec_add(c->ctx, &words, str_shell(&c->ctx->arena, r->options.v[i]));
    options = strings_join(&c->ctx->arena, &words, " ");
    if (r->options.n && v->sql)
        print_line(c, "%s", sql_comment(c->ctx, ctx_printf(c->ctx, "with %s", options)));
    else if (r->options.n)
        print_line(c, "--- # with %s", options);
    if (v->sql) {
        if (!ops_script(c, ops, &script))
            return false;
        print_text(c, script);
    } else if (ops->n) {
        print_ops(c, ops);
    }
    return true;
}

/* r NULL: the result is unknown, since there are several readings. */
static bool add_operations(struct call *c, const struct diff_reading *r, struct node *n)
{
    const struct values *v = c->values;
    struct arena *a = &c->ctx->arena;
    const char *script = NULL;

    if (r && v->sql && !ops_script(c, &r->found.diff.up, &script))
        return false;
    node_set(a, n, "upgrade", r ? ops_node(c, &r->found.diff.up) : node_null(a));
    node_set(a, n, "downgrade", r ? ops_node(c, &r->found.diff.down) : node_null(a));
    if (v->sql)
        node_set(a, n, "sql", node_string(a, script));
    return true;
}

static void add_sides(struct call *c, const struct names *names, struct node *document)
{
    struct arena *a = &c->ctx->arena;

    node_set(a, document, "from", node_string(a, names->from));
    node_set(a, document, "to", node_string(a, names->to));
    node_set(a, document, "dialect", node_string(a, c->project.url.dialect->name));
}

static bool report_json(struct call *c, const struct names *names, const struct diff_readings *readings)
{
    struct arena *a = &c->ctx->arena;
    struct node *document = document_begin(c), *list = node_sequence(a), *item;
    bool is_decided = readings->n == 1;

    add_sides(c, names, document);
    if (!add_operations(c, is_decided ? readings->v[0] : NULL, document))
        return false;
    for (size_t i = 0; !is_decided && i < readings->n; i++) {
        item = node_mapping(a);
        node_set(a, item, "options", strings_node(c, &readings->v[i]->options));
        if (!add_operations(c, readings->v[i], item))
            return false;
        node_append(a, list, item);
    }
    node_set(a, document, "readings", list);
    node_set(a, document, "unmodelled", unmodelled_node(c, &readings->v[0]->found.unmodelled));
    node_set(a, document, "text_only", node_boolean(a, readings->v[0]->found.text_only));
    return true;
}

static void print_label(struct call *c)
{
    const struct values *v = c->values;

    (v->sql ? print_environment_comment : print_environment)(c);
}

static bool report(struct call *c, const struct names *names, const struct diff_readings *readings)
{
    const struct values *v = c->values;
    const struct markdown markdown = {names->from, names->to, readings};

    if (c->globals->json)
        return report_json(c, names, readings);
    if (v->markdown && !print_markdown(c, &markdown))
        return false;
    for (size_t i = 0; i < readings->n && !v->markdown; i++)
        if (!print_reading(c, readings->v[i]))
            return false;
    return true;
}

static void note_result(struct call *c, const struct names *names, const struct diff_readings *readings)
{
    const struct values *v = c->values;

    if (c->globals->json)
        return;
    if (readings->n == 1 && readings->v[0]->found.diff.up.n == 0 && !v->markdown)
        log_info(c->ctx, "%s and %s agree", names->to, names->from);
    note_unmodelled(c, &readings->v[0]->found.unmodelled);
}

static bool compare_and_report(struct call *c, const struct names *names)
{
    const struct values *v = c->values;
    struct diff_readings readings;

    if (!compare_readings(c, &v->renames, &readings) || !report(c, names, &readings))
        return false;
    note_result(c, names, &readings);
    return true;
}

/* Two sides, of which the second is the models if it is not given. */
static bool compare_sides(struct call *c)
{
    const struct values *v = c->values;
    const struct sides_wishes wishes = {
        .from = c->operands.v[0],
        .to = c->operands.n > 1 ? c->operands.v[1] : NULL,
        .dialect = v->dialect,
        .scratch_url = v->scratch_url,
        .offline = v->offline,
    };
    struct opened_sides opened;
    bool ok = sides_begin(c, &wishes, &opened);

    if (ok) {
        const struct names names = {opened.from.name, opened.to.name};

        ok = compare_and_report(c, &names);
    }
    sides_finish(c, &opened);
    return ok;
}

static bool run(struct call *c)
{
    static const struct names models = {"database", "models"};
    const struct values *v = c->values;

    if (v->markdown && (v->sql || c->globals->json))
        return fail(c->ctx, STATUS_USAGE, "--markdown cannot be combined with --%s", v->sql ? "sql" : "json");
    if (v->scratch_url && v->offline)
        return fail(c->ctx, STATUS_USAGE, "--scratch-url cannot be combined with --offline");
    if (c->operands.n)
        return compare_sides(c);
    if (v->dialect || v->scratch_url || v->offline)
        return fail(c->ctx, STATUS_USAGE, "--%s needs two sides to compare, such as revisions and models",
            v->offline   ? "offline"
            : v->dialect ? "dialect"
                         : "scratch-url");
    return migrate_models(&c->project) && connect_database(c, MISSING_IS_EMPTY) &&
           compare_and_report(c, &models);
}

static const struct option_spec options[] = {
    {0, "sql", OPTION_FLAG, offsetof(struct values, sql), NULL, "print SQL statements", NULL, NULL},
    {0, "markdown", OPTION_FLAG, offsetof(struct values, markdown), NULL,
        "print a comment for a pull request: what changes, locks and destroys", NULL, NULL},
    {0, "dialect", OPTION_STRING, offsetof(struct values, dialect), "NAME",
        "sqlite, postgresql or mysql, if no side is a database (default: that of the URL)", NULL, NULL},
    SCRATCH_URL_OPTION_ROW(struct values, scratch_url),
    {0, "offline", OPTION_FLAG, offsetof(struct values, offline), NULL,
        "connect only to databases that are sides; compare expressions as text", NULL, NULL},
    RENAME_OPTION_ROWS(struct values, renames),
    {0},
};

static const struct operand_spec operand = {"SIDE",
    "FROM and TO: a URL, environment, path or git ref, models, or revisions[:ID]", 0, 2, "file", NULL};

const struct command command_diff = {
    .spec = {.name = "diff",
        .group = "Inspect the database",
        .summary = "Show the operations from the database to the models, or between any two sides",
        .help = "Prints the operations that 'cmig revision --autogenerate' would write, in the\n"
                "form of a revision file, or as SQL. The database need not be at head. Exits\n"
                "with 0 even if there are any; 'cmig check' reports differences by its status.\n"
                "If something may have been renamed, it asks on a terminal, and elsewhere\n"
                "prints both readings, with the options that choose one.\n"
                "\n"
                "With FROM and TO it compares any two of these, TO being the models if only FROM\n"
                "is given:\n"
                "  URL, database         a database, or the configured one\n"
                "  env:NAME              the database of an environment\n"
                "  models[:PATH]         the models of the project, or a file or directory\n"
                "  git:REF               the models in a commit, branch or tag\n"
                "  revisions[:ID]        what the revisions create, all or up to this one\n"
                "A word without a prefix is an environment, else a path, else a git ref. Sides\n"
                "that are no database are created in a scratch database, of the server of the\n"
                "other side or of the URL; SQLite needs none.\n",
        .examples = "  cmig diff\n"
                    "  cmig diff --sql\n"
                    "  cmig diff main --markdown\n"
                    "  cmig diff revisions models --dialect postgresql\n"
                    "  cmig diff env:staging env:production\n"
                    "  cmig diff --rename users=people\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .need = NEED_CONFIG,
    .answers = true,
    .pages = true,
    .label = print_label,
    .run = run,
};
