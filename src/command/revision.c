/*
 * revision: write a new revision file, empty or with the operations that lead to the models.
 */
#include "adopt.h"
#include "lint_files.h"
#include "sides.h"

struct values {
    struct new_values file;
    struct rename_options renames;
    const char *head, *dialect;
    struct strings depends_on, fill;
    bool autogenerate, offline, baseline, sql, allow_empty, online, asserts, no_asserts, phases;
};

/* ---- parents ---- */

static bool find_parents(struct call *c, const struct values *v, struct revisions *ret)
{
    struct strings symbol = {0};

    *ret = (struct revisions){0};
    if (!v->head && c->project.graph.all.n == 0)
        return true;
    vec_add(c->ctx, &symbol, v->head ? v->head : "head");
    if (resolve_symbols(c, &symbol, ret))
        return true;
    if (!v->head)
        fail_hint(c->ctx, "Use --head to name the parent of the new revision.");
    return false;
}

/* Ids are kept whole, labels as labels: they mean the revision that declares them. */
static bool find_dependencies(struct call *c, const struct strings *symbols, struct strings *ret)
{
    struct revisions found;

    vec_each(i, symbols) {
        struct strings symbol = {0};

        vec_add(c->ctx, &symbol, symbols->v[i]);
        if (!resolve_symbols(c, &symbol, &found))
            return false;
        if (found.n == 0)
            return fail(c->ctx, STATUS_USAGE, "no revision matches '%s' in --depends-on", symbols->v[i]);
        vec_each(j, &found)
            vec_add(c->ctx, ret,
                strings_have(&found.v[j]->labels, symbols->v[i]) ? symbols->v[i] : found.v[j]->id);
    }
    return true;
}

/* ---- content ---- */

/* The default message: "create_table users", or "create_table users and 3 more". */
static const char *message_of(struct ctx *ctx, const struct ops *ops)
{
    size_t asserts = 0;

    while (asserts + 1 < ops->n && ops->v[asserts]->kind == OP_ASSERT)
        asserts++;
    const char *first = op_describe(&ctx->arena, ops->v[asserts]);
    return ops->n - asserts == 1 ? first : ctx_printf(ctx, "%s and %zu more", first, ops->n - asserts - 1);
}

/* The differences of all environments that share the file. */
struct generation {
    const struct values *values;
    struct ops up, down;
    struct phases phases;         /* with --phases */
    struct strings covered;       /* environments that need not be compared any more */
    struct strings filled;        /* --fill options that some environment needed */
    struct revision_new *written; /* the SQL of the environment, and the databases to which it applies */
};

static bool render(struct call *c, struct comparison *found, struct generation *f)
{
    if (f->up.n) {
        fail(c->ctx, STATUS_FAILED,
            "cannot write one .sql file for several databases that differ from their models");
        return fail_hint(c->ctx, "Name one of them with -n, or write YAML.");
    }
    if (ops_script(c, &found->diff.up, &f->written->sql_up) &&
        ops_script_back(c, found, &f->written->sql_down))
        return true;
    return fail_hint(c->ctx, "Leave out --sql to write operations, which are rendered later.");
}

/* If other environments share the files but have other models, the operations for these models are not for
 * them. */
static bool find_sharing(struct call *c, struct generation *f, struct sharing *ret, struct strings *ret_only)
{
    *ret_only = (struct strings){0};
    if (!environment_sharing(c, ret))
        return false;
    vec_each(i, &ret->same_models)
        vec_add(c->ctx, &f->covered, ret->same_models.v[i]);
    if (!ret->other_models.n)
        return true;
    *ret_only = ret->same_models;
    if (!ret_only->n)
        log_warn(c->ctx,
            "the revision will also run in environments that have other models: %s; give this database "
            "an environment, too, and name it with -n",
            strings_join(&c->ctx->arena, &ret->other_models, ", "));
    return true;
}

static void add_ops(struct ctx *ctx, const struct ops *ops, const struct strings *only, struct ops *ret)
{
    vec_each(i, ops) {
        ops->v[i]->only = only->n ? *only : ops->v[i]->only;
        vec_add(ctx, ret, ops->v[i]);
    }
}

/* A first revision contains only what the database lacks: a new database would not get the rest. */
static void warn_without_baseline(struct call *c, const struct comparison *found)
{
    if (!c->project.graph.all.n && found->database.tables.n)
        log_warn(c->ctx, "no revision creates what the database already contains; run 'cmig revision "
                         "--baseline', then 'cmig stamp head'");
}

static bool divide(
    struct call *c, const struct comparison *found, const struct strings *only, struct generation *f)
{
    struct phases phases;

    if (!phases_divide(c->ctx, c->project.conn->dialect, found, &phases))
        return false;
    for (int phase = PHASE_EXPAND; phase <= PHASE_CONTRACT; phase++) {
        add_ops(c->ctx, &phases.up[phase], only, &f->phases.up[phase]);
        add_ops(c->ctx, &phases.down[phase], only, &f->phases.down[phase]);
    }
    return true;
}

/* The database, which must be at head, or what all revisions lead to. */
static bool open_base(struct call *c, const struct values *v, struct opened_sides *ret)
{
    const struct sides_wishes wishes = {
        .from = "revisions", .to = "models", .dialect = v->dialect, .offline = true};

    *ret = (struct opened_sides){0};
    return v->offline ? sides_begin(c, &wishes, ret)
                      : connect_database(c, MISSING_IS_EMPTY) && current_at_heads(c);
}

static bool compare_and_complete(
    struct call *c, struct generation *f, const struct sharing *sharing, const struct strings *only)
{
    struct comparison *found = ctx_new(c->ctx, struct comparison);
    struct rename_options renames = f->values->renames;
    const struct fill_options fill = {
        .given = &f->values->fill, .same_models = &sharing->same_models, .used = &f->filled};

    renames.way_back = true;
    if (!compare_answered(c, &renames, found))
        return false;
    note_unmodelled(c, &found->unmodelled);
    warn_without_baseline(c, found);
    if (!migrate_refuse(&c->project, &found->diff.up) || !fill_columns(c, &fill, found))
        return false;
    if (!f->written->sql && (f->values->asserts || (c->project.config.assertions && !f->values->no_asserts)))
        assertions_add(c->ctx, c->project.conn->dialect, &found->database, &found->models, &found->diff.up);
    if (found->diff.up.n && f->written->sql) {
        if (!render(c, found, f))
            return false;
        f->written->only = *only;
    }
    if (f->values->online || c->project.config.online) {
        ops_set_online(c->project.conn->dialect, &found->diff.up);
        ops_set_online(c->project.conn->dialect, &found->diff.down);
    }
    if (f->values->phases && !divide(c, found, only, f))
        return false;
    add_ops(c->ctx, &found->diff.up, only, &f->up);
    add_ops(c->ctx, &found->diff.down, only, &f->down);
    return true;
}

/* The differences between the models of this environment and its database. */
static bool generate(struct call *c, struct generation *f)
{
    struct opened_sides sides = {0};
    struct sharing sharing;
    struct strings only;
    bool ok = migrate_models(&c->project) && find_sharing(c, f, &sharing, &only) &&
              open_base(c, f->values, &sides) && compare_and_complete(c, f, &sharing, &only);

    sides_finish(c, &sides);
    return ok;
}

static bool generate_in(struct call *c, const char *name, struct generation *f)
{
    struct call one;
    bool ok = environment_open(c, name, &one) && generate(&one, f);

    project_close(&one.project);
    return ok || fail_in(c->ctx, "environment '%s'", name);
}

/* *ret_nothing: there is nothing to write. */
static bool autogenerate(struct call *c, const struct values *v, struct revision_new *n,
    struct phases *ret_phases, bool *ret_nothing)
{
    struct generation *f = ctx_new(c->ctx, struct generation);

    f->values = v;
    f->written = n;
    if (!generate(c, f))
        return c->together.n < 2 ? false : fail_in(c->ctx, "environment '%s'", c->globals->environment);
    for (size_t i = 1; i < c->together.n; i++)
        if (!strings_have(&f->covered, c->together.v[i]) && !generate_in(c, c->together.v[i], f))
            return false;
    if (!fill_check_used(c, &v->fill, &f->filled))
        return false;
    n->upgrade = &f->up;
    n->downgrade = &f->down;
    *ret_phases = f->phases;
    *ret_nothing = f->up.n == 0 && !v->allow_empty;
    if (f->up.n && !n->message)
        n->message = message_of(c->ctx, &f->up);
    return true;
}

static bool report_nothing(struct call *c)
{
    const struct values *v = c->values;
    struct arena *a = &c->ctx->arena;
    struct node *document;

    if (c->globals->json) {
        document = document_begin(c);
        node_set(a, document, "revision", node_null(a));
        node_set(a, document, "path", node_null(a));
    }
    log_info(c->ctx, "nothing to do: models and %s agree, no revision was written",
        v->offline ? "revisions" : "database");
    return true;
}

/* ---- a baseline ---- */

static bool check_baseline(struct call *c, const struct values *v)
{
    if (v->autogenerate || v->head || v->depends_on.n)
        return fail(c->ctx, STATUS_USAGE,
            "--baseline cannot be combined with --autogenerate, --head or --depends-on");
    if (!c->project.graph.all.n)
        return true;
    fail(c->ctx, STATUS_FAILED, "a baseline must be the first revision, and there are already %s",
        count_text(c->ctx, c->project.graph.all.n, "revision"));
    return fail_hint(c->ctx, "Run 'cmig stamp head' to record that a database has what they create.");
}

static bool check_no_rows(struct call *c)
{
    struct strings rows;

    if (!connect_database(c, MISSING_FAILS) || !project_rows(&c->project, &rows))
        return false;
    return !rows.n ||
           fail(c->ctx, STATUS_UNKNOWN_REVISION, "the database is at revision %s, which has no file",
               strings_join(&c->ctx->arena, &rows, ", "));
}

/* The excluded tables cannot be added to a cmig.yaml that a person wrote. */
static void ask_to_exclude(struct call *c, const struct adoption *a)
{
    if (a->excluded.n)
        log_warn(c->ctx, "add to cmig.yaml: exclude: [%s]", strings_join(&c->ctx->arena, &a->excluded, ", "));
}

static bool write_baseline(struct call *c, const struct values *v)
{
    static const struct revisions none = {0};
    struct strings written = {0};
    struct adoption a = {.c = c, .ctx = c->ctx, .folder = c->project.config.folder, .written = &written};
    struct revision_new n;

    if (!check_baseline(c, v) || !new_file_begin(c, &v->file, &none, &n) || !check_no_rows(c) ||
        !adopt_schema(&a) || !adopt_build(&a))
        return false;
    n.message = n.message ? n.message : "baseline";
    n.upgrade = &a.baseline.upgrade;
    n.downgrade = NULL;
    n.sql_down = NULL;
    n.note = baseline_note;
    n.sql |= v->sql;
    if (n.sql && !ops_script(c, n.upgrade, &n.sql_up))
        return false;
    c->project.config.templates = NULL; /* they have a downgrade */
    if ((!n.id && !revision_new_id(c->ctx, &c->project.graph, &n.id)) || !adopt_prove(&a, &n) ||
        !new_file_write(c, &v->file, &n))
        return false;
    ask_to_exclude(c, &a);
    adopt_report(&a);
    log_info(c->ctx, "next: cmig stamp head, on each database that has this schema");
    return adopt_judge(&a);
}

/* ---- two phases ---- */

/* The second file follows the first one, whose id is new. */
static bool write_phase(struct call *c, const struct values *v, const struct phases *phases, enum phase phase,
    const struct revisions *parents, struct revision_new *n)
{
    struct new_values file = v->file;
    const struct revision_new first = *n;

    if (phase == PHASE_CONTRACT && phases->up[PHASE_EXPAND].n) {
        file.id = NULL;
        file.labels = (struct strings){0};
        if (!new_file_begin(c, &file, parents, n))
            return false;
        n->message = ctx_printf(c->ctx, "%s (contract)", first.message);
    }
    n->phase = phase;
    n->upgrade = &phases->up[phase];
    n->downgrade = &phases->down[phase];
    if (!new_file_write(c, &file, n))
        return false;
    lint_note_new(c, n->id, v->dialect);
    return true;
}

static bool write_phases(
    struct call *c, const struct values *v, const struct phases *phases, struct revision_new *n)
{
    struct revisions parents = {0};
    struct node *first = NULL;

    if (phases->up[PHASE_EXPAND].n) {
        if (!write_phase(c, v, phases, PHASE_EXPAND, &parents, n))
            return false;
        first = c->document;
        vec_add(c->ctx, &parents, map_get(&c->project.graph.by_id, n->id));
    }
    if (phases->up[PHASE_CONTRACT].n && !write_phase(c, v, phases, PHASE_CONTRACT, &parents, n))
        return false;
    if (first && c->document != first) {
        node_set(&c->ctx->arena, first, "contract", c->document);
        c->document = first;
    }
    return true;
}

/* ---- together ---- */

/* *ret_id: of the new revision; NULL: there was nothing to write, or two were written. */
static bool write_new(struct call *c, const struct values *v, struct revision_new *n, const char **ret_id)
{
    struct phases phases = {0};
    bool nothing = false;

    *ret_id = NULL;
    if (v->autogenerate && !autogenerate(c, v, n, &phases, &nothing))
        return false;
    if (nothing)
        return report_nothing(c);
    if (!n->message)
        n->message = "revision";
    if (v->phases && (phases.up[PHASE_EXPAND].n || phases.up[PHASE_CONTRACT].n))
        return write_phases(c, v, &phases, n);
    if (!new_file_write(c, &v->file, n))
        return false;
    *ret_id = n->id;
    return true;
}

/* The schemas and operations of thousands of tables are freed before lint reads the file. A document is printed later. */
static bool write_and_forget(
    struct call *c, const struct values *v, struct revision_new *n, const char **ret_id)
{
    struct project before = c->project;
    struct arena own = c->ctx->arena;
    const char *product;

    c->ctx->arena = (struct arena){0};
    if (!write_new(c, v, n, ret_id)) { /* the connection may tell more about the failure */
        arena_take(&own, &c->ctx->arena);
        c->ctx->arena = own;
        return false;
    }
    product = c->ctx->product;
    project_close(&c->project);
    c->ctx->product = product; /* for lint's messages */
    before.conn = NULL;
    if (c->globals->json) {
        arena_take(&own, &c->ctx->arena);
    } else {
        c->project = before;
        *ret_id = arena_strdup(&own, *ret_id);
        arena_finish(&c->ctx->arena);
    }
    c->ctx->arena = own;
    return true;
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct revisions parents;
    struct revision_new n;
    const char *id;

    if (v->baseline)
        return write_baseline(c, v);
    if (!check_head_policy(c) || !find_parents(c, v, &parents) ||
        !new_file_begin(c, &v->file, &parents, &n) || !find_dependencies(c, &v->depends_on, &n.depends_on))
        return false;
    n.sql |= v->sql;
    if ((v->fill.n || v->online) && !v->autogenerate)
        return fail(c->ctx, STATUS_USAGE, "%s needs --autogenerate", v->online ? "--online" : "--fill");
    if (v->online && n.sql)
        return fail(c->ctx, STATUS_USAGE, "a revision in SQL has no online operations: leave out %s",
            v->sql ? "--sql" : "--online");
    if ((v->asserts || v->no_asserts) && (!v->autogenerate || n.sql))
        return fail(c->ctx, STATUS_USAGE, "--assert and --no-assert need --autogenerate, and a YAML file");
    if (v->offline && !v->autogenerate)
        return fail(c->ctx, STATUS_USAGE, "--offline needs --autogenerate");
    if (v->dialect && !v->offline)
        return fail(c->ctx, STATUS_USAGE, "--dialect needs --offline");
    if (v->asserts && v->no_asserts)
        return fail(c->ctx, STATUS_USAGE, "--assert cannot be combined with --no-assert");
    if (v->phases && (!v->autogenerate || n.sql || v->online))
        return fail(c->ctx, STATUS_USAGE, "--phases needs --autogenerate and a YAML file, and no --online");
    if (!fill_check(c, &v->fill))
        return false;
    if (!write_and_forget(c, v, &n, &id))
        return false;
    if (v->autogenerate && id)
        lint_note_new(c, id, v->dialect);
    return true;
}

#define AT(member) offsetof(struct values, member)
static const struct option_spec options[] = {
    NEW_OPTION_ROWS(struct values, file),
    {0, "autogenerate", OPTION_FLAG, AT(autogenerate), NULL,
        "fill it with the operations from the database to the models", NULL, NULL},
    {0, "offline", OPTION_FLAG, AT(offline), NULL,
        "with --autogenerate: compare the models with what the revisions create, without a database", NULL,
        NULL},
    {0, "dialect", OPTION_STRING, AT(dialect), "NAME",
        "with --offline: sqlite, postgresql or mysql (default: that of the URL)", NULL, NULL},
    {0, "baseline", OPTION_FLAG, AT(baseline), NULL,
        "write the first revision: create everything that the database contains", NULL, NULL},
    RENAME_OPTION_ROWS(struct values, renames),
    {0, "fill", OPTION_STRINGS, AT(fill), "TABLE.COLUMN=SQL",
        "value of existing rows for a column that becomes NOT NULL", NULL, NULL},
    {0, "online", OPTION_FLAG, AT(online), NULL,
        "with --autogenerate: change existing tables online, while other sessions use them", NULL, NULL},
    {0, "phases", OPTION_FLAG, AT(phases), NULL,
        "with --autogenerate: write an expand and a contract revision, for a roll-out in between", NULL,
        NULL},
    {0, "assert", OPTION_FLAG, AT(asserts), NULL,
        "with --autogenerate: begin with assertions about existing rows", NULL, NULL},
    {0, "no-assert", OPTION_FLAG, AT(no_asserts), NULL,
        "write no assertions, even if cmig.yaml has 'assertions: true'", NULL, NULL},
    {0, "allow-empty", OPTION_FLAG, AT(allow_empty), NULL,
        "with --autogenerate: write a revision even if nothing differs", NULL, NULL},
    {0, "sql", OPTION_FLAG, AT(sql), NULL, "write an .sql file", NULL, NULL},
    {0, "head", OPTION_STRING, AT(head), "REVISION", "parent of the new revision; base starts a new history",
        NULL, "revision"},
    {0, "depends-on", OPTION_STRINGS, AT(depends_on), "REVISION", "depend on this revision of another branch",
        NULL, "revision"},
    {0},
};

const struct command command_revision = {
    .spec = {.name = "revision",
        .group = "Write revisions",
        .summary = "Write a new revision file",
        .help = "With --autogenerate the database, which must be at head, is compared with the\n"
                "models, and the operations that lead from one to the other and back are\n"
                "written. Read them before you commit. If nothing differs, no file is written.\n"
                "cmig asks whether a table or column was renamed; without a terminal --rename or\n"
                "--no-rename must answer that. The path of the new file is printed.\n"
                "\n"
                "Before a column becomes NOT NULL, rows without a value get one: from --fill, or\n"
                "from an answer on the terminal. Without either, the file has the placeholder\n"
                "FILL_ME_IN, and does not run until you replace it.\n"
                "\n"
                "With --offline no database is needed: the models are compared with what the\n"
                "revisions create. Rows are taken to exist, expressions are compared as text,\n"
                "and the effect of SQL in revisions is known for SQLite only.\n"
                "\n"
                "With --phases two files are written: 'phase: expand', which breaks no running\n"
                "program, and 'phase: contract' with the rest. A column that is renamed or gets\n"
                "another type exists twice in between, and triggers keep both in step.\n"
                "\n"
                "With --baseline the file creates what the database contains, in a project that\n"
                "has no revisions yet. It is tested in a scratch database and cannot be\n"
                "downgraded; 'cmig stamp head' then records it.\n",
        .examples = "  cmig revision --autogenerate -m 'add users'\n"
                    "  cmig revision --autogenerate --rename users=people -m 'people'\n"
                    "  cmig revision --autogenerate --fill \"users.role='reader'\" -m 'roles'\n"
                    "  cmig revision --autogenerate --phases --rename users.name=users.title\n"
                    "  cmig revision -m 'fill in titles' --sql\n"
                    "  cmig revision -m 'begin billing' --head base --branch-label billing\n",
        .options = options},
    .values_size = sizeof(struct values),
    .need = NEED_GRAPH,
    .answers = true,
    .writes_revision = true,
    .changes = true,
    .run = run,
};
