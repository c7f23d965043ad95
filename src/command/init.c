/*
 * init: start a project.
 */
#include "adopt.h"
#include "alembic.h"
#include "template.h"

struct values {
    const char *template;
    const char *alembic, *baseline_sql, *version_table;
    struct strings models, schemas;
    int split; /* enum split */
    bool database, no_stamp, all_schemas;
};

/* The text of a file of a template, or of a framework; NULL: it has no such file. */
static const char *template_text(const char *template, const char *path)
{
    for (const struct template_file *f = template_files; f->template; f++)
        if (str_eq(f->template, template) && str_eq(f->path, path))
            return f->text;
    return NULL;
}

static bool has_template(const char *name)
{
    return template_text(name, "DESCRIPTION") != NULL;
}

/* ---- models elsewhere ---- */

/* The framework whose models the project has, such as "django"; NULL: --models gives paths. */
static const char *framework_of(const struct strings *models)
{
    return models->n == 1 && template_text(models->v[0], "MODELS") ? models->v[0] : NULL;
}

static void add_paths(struct call *c, const struct strings *models, struct str *out)
{
    struct arena *a = &c->ctx->arena;
    struct node *pair = node_mapping(a), *list = node_sequence(a);

    vec_each(i, models)
        node_append(a, list, node_string(a, models->v[i]));
    pair->block = true;
    node_set(a, pair, "models", list);
    node_yaml(out, pair, 0);
}

/* The text of cmig.yaml with the models that are given; NULL: the template does not list its models there. */
static const char *with_models(struct call *c, const char *text, const struct strings *models)
{
    static const char line[] = "\nmodels: [models]\n";
    const char *at = strstr(text, line), *framework = framework_of(models);
    struct str out = STR(c->ctx);

    if (!at)
        return NULL;
    str_addn(&out, text, (size_t)(at + 1 - text));
    if (framework)
        str_add(&out, template_text(framework, "MODELS"));
    else
        add_paths(c, models, &out);
    str_add(&out, at + sizeof(line) - 1);
    return str_get(&out);
}

/* ---- .gitignore ---- */

static bool has_line(const char *text, const char *line, size_t n)
{
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
        if (strncmp(text, line, n) == 0 && (!text[n] || text[n] == '\n' || text[n] == '\r'))
            return true;
    return false;
}

/* The lines of the template that a .gitignore lacks come at its end. */
static bool extend_ignored(struct call *c, const char *path, const char *lines)
{
    struct str out = STR(c->ctx);
    struct strings added = {0};
    size_t size, n;
    char *text;

    if (!fs_read(c->ctx, &c->ctx->arena, "file", path, FS_TEXT_LIMIT, &text, &size))
        return false;
    str_add(&out, text);
    if (size && text[size - 1] != '\n')
        str_addc(&out, '\n');
    for (; *lines; lines += n + (lines[n] == '\n')) {
        n = strcspn(lines, "\n");
        if (!n || *lines == '#' || has_line(text, lines, n))
            continue;
        str_addf(&out, "%.*s\n", (int)n, lines);
        vec_add(c->ctx, &added, arena_strndup(&c->ctx->arena, lines, n));
    }
    if (!added.n)
        return true;
    log_info(c->ctx, "'%s' already exists and got %s", path, strings_join(&c->ctx->arena, &added, ", "));
    return fs_write(c->ctx, path, str_get(&out), out.n);
}

/* Existing files belong to the user. */
static bool write_one(
    struct call *c, const char *folder, const struct template_file *f, struct strings *written)
{
    const struct values *v = c->values;
    struct arena *a = &c->ctx->arena;
    char *path = fs_join(a, folder, f->path);
    const char *text = f->text;

    if (v->models.n && str_starts(f->path, "models/"))
        return true;
    if (v->models.n && str_eq(f->path, "cmig.yaml"))
        text = with_models(c, text, &v->models);

    if (str_eq(f->path, ".gitignore") && fs_exists(path))
        return extend_ignored(c, path, f->text);
    if (fs_exists(path)) {
        log_info(c->ctx, "'%s' already exists and was kept", path);
        return true;
    }
    if (!fs_mkdirs(c->ctx, fs_dirname(a, path)) || !fs_create(c->ctx, path, text, strlen(text)))
        return false;
    vec_add(c->ctx, written, path);
    return true;
}

/* The files of a template, or only the one with this path. */
static bool write_all(
    struct call *c, const char *folder, const char *template, const char *only, struct strings *written)
{
    for (const struct template_file *f = template_files; f->template; f++)
        if (str_eq(f->template, template) && !str_eq(f->path, "DESCRIPTION") && !str_eq(f->path, "MODELS") &&
            (!only || str_eq(f->path, only)) && !write_one(c, folder, f, written))
            return false;
    return true;
}

/* An adopted project keeps its password in .env, too. */
static bool ignore_secrets(struct call *c, const char *folder, struct strings *written)
{
    return !written->n || write_all(c, folder, "generic", ".gitignore", written);
}

/* The first steps of each template: the option that selects a database, and the place of its models. */
static const struct next_steps {
    const char *template, *models, *before, *environment, *all;
} next_steps[] = {
    {"multidb", "users/models/ and billing/models/", NULL, " -n users", " -n '*'"},
    {"docker", "models/", "sh make-secrets.sh && docker compose up -d --wait db", "", ""},
    {NULL, "models/", NULL, "", ""},
};

static void say_next(struct call *c, const char *folder, const char *template)
{
    const struct values *v = c->values;
    const struct next_steps *steps = next_steps;
    const char *framework = framework_of(&v->models);
    bool here = str_eq(folder, "."), has_glue = framework && template_text(framework, "cmig_models.py");

    while (steps->template && !str_eq(steps->template, template))
        steps++;
    log_info(c->ctx, "next: %s%s%s%s %s, then run", here ? "" : "cd ", here ? "" : folder, here ? "" : ", ",
        has_glue       ? "name the module of your models in"
        : framework    ? "check the line 'models' of"
        : !v->models.n ? "describe your tables below"
                       : "describe your tables in",
        has_glue       ? "cmig_models.py"
        : framework    ? "cmig.yaml"
        : !v->models.n ? steps->models
                       : strings_join(&c->ctx->arena, &v->models, ", "));
    if (steps->before)
        log_info(c->ctx, "  %s", steps->before);
    log_info(c->ctx, "  cmig%s revision --autogenerate -m 'first tables'", steps->environment);
    log_info(c->ctx, "  cmig%s upgrade", steps->all);
}

static bool check_models(struct call *c, const char *template)
{
    const struct values *v = c->values;

    for (const struct template_file *f = template_files; v->models.n && f->template; f++)
        if (str_eq(f->template, template) && str_eq(f->path, "cmig.yaml") &&
            !with_models(c, f->text, &v->models))
            return fail(c->ctx, STATUS_USAGE, "--models cannot be combined with template '%s'", template);
    return true;
}

static bool begin(struct call *c, const char *folder)
{
    const struct values *v = c->values;
    const char *template = v->template ? v->template : "generic", *framework = framework_of(&v->models);
    struct strings written = {0};

    if (!has_template(template)) {
        fail(c->ctx, STATUS_USAGE, "unknown template '%s'", template);
        return fail_hint(c->ctx, "Run 'cmig list-templates' to list them.");
    }
    if (!check_models(c, template) || !write_all(c, folder, template, NULL, &written) ||
        (framework && !write_all(c, folder, framework, NULL, &written)))
        return false;
    print_written(c, &written);
    say_next(c, folder, template);
    return true;
}

static bool go_on(struct call *c, const char *folder)
{
    const struct values *v = c->values;
    struct alembic_options o = {
        .ini = v->alembic,
        .section = c->globals->environment,
        .url = c->globals->url,
        .baseline_sql = v->baseline_sql,
        .version_table = v->version_table,
        .folder = folder,
    };
    struct strings written = {0};
    bool ok;

    ok = alembic_continue(c, &o, &written);
    ok = ignore_secrets(c, folder, &written) && ok;
    if (written.n)
        print_written(c, &written);
    if (ok)
        log_info(c->ctx,
            "next: cmig current, cmig check; from now on only one of the two tools may write revisions");
    return ok;
}

static bool adopt(struct call *c, const char *folder)
{
    const struct values *v = c->values;
    const struct database_options o = {.folder = folder,
        .baseline_sql = v->baseline_sql,
        .split = (enum split)v->split,
        .no_stamp = v->no_stamp,
        .schemas = v->schemas,
        .all_schemas = v->all_schemas};
    struct strings written = {0};
    bool ok = adopt_database(c, &o, &written);

    ok = ignore_secrets(c, folder, &written) && ok;
    if (written.n)
        print_written(c, &written);
    project_close(&c->project);
    return ok;
}

static bool check_options(struct call *c)
{
    const struct values *v = c->values;
    bool adopts = v->database || v->baseline_sql;

    if (v->template && (v->alembic || adopts))
        return fail(c->ctx, STATUS_USAGE, "--template cannot be combined with options that adopt a database");
    if (v->database && (v->alembic || v->baseline_sql))
        return fail(c->ctx, STATUS_USAGE, "--from-database cannot be combined with %s",
            v->alembic ? "--from-alembic" : "--baseline-sql");
    if (v->version_table && !v->alembic)
        return fail(c->ctx, STATUS_USAGE, "--version-table needs --from-alembic");
    if (v->models.n && (v->alembic || adopts))
        return fail(c->ctx, STATUS_USAGE, "--models cannot be combined with options that adopt a database");
    if (v->split != SPLIT_NONE && (v->alembic || !adopts))
        return fail(c->ctx, STATUS_USAGE, "--split needs --from-database or --baseline-sql");
    if ((v->schemas.n || v->all_schemas) && !v->database)
        return fail(
            c->ctx, STATUS_USAGE, "%s needs --from-database", v->schemas.n ? "--schema" : "--all-schemas");
    if (v->no_stamp && (v->alembic || !adopts))
        return fail(c->ctx, STATUS_USAGE, "--no-stamp needs --from-database or --baseline-sql");
    return true;
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    const char *folder = c->operands.n ? c->operands.v[0] : ".";
    char *config = fs_join(&c->ctx->arena, folder, "cmig.yaml");

    if (!check_options(c))
        return false;
    if (fs_exists(config)) {
        fail(c->ctx, STATUS_FAILED, "'%s' already exists", config);
        return fail_hint(c->ctx, v->database ? "Nothing was written. Run 'cmig revision --baseline' to write "
                                               "the baseline of an existing project."
                                             : "Nothing was written.");
    }
    if (v->alembic)
        return go_on(c, folder);
    return v->database || v->baseline_sql ? adopt(c, folder) : begin(c, folder);
}

static const struct option_spec options[] = {
    {'t', "template", OPTION_STRING, offsetof(struct values, template), "NAME",
        "template for the project; 'cmig list-templates' lists them", NULL, NULL},
    {0, "models", OPTION_STRINGS, offsetof(struct values, models), "PATH",
        "where models are, or what has them: sqlalchemy, django, prisma, drizzle or rails", NULL, "file"},
    {0, "from-database", OPTION_FLAG, offsetof(struct values, database), NULL,
        "adopt the database of --url or DATABASE_URL: write models and a baseline", NULL, NULL},
    {0, "from-alembic", OPTION_STRING, offsetof(struct values, alembic), "INI",
        "continue the project of this alembic.ini", NULL, "file"},
    {0, "baseline-sql", OPTION_STRING, offsetof(struct values, baseline_sql), "FILE",
        "adopt a script that creates the schema: write models and a baseline", NULL, "file"},
    {0, "split", OPTION_CHOICE, offsetof(struct values, split), "HOW",
        "models of an adopted database: a file per table, per schema, or one (none)", split_names, NULL},
    {0, "schema", OPTION_STRINGS, offsetof(struct values, schemas), "NAME",
        "with --from-database: adopt this schema, too; may be repeated", NULL, NULL},
    {0, "all-schemas", OPTION_FLAG, offsetof(struct values, all_schemas), NULL,
        "with --from-database: adopt all schemas, not only the default one", NULL, NULL},
    {0, "no-stamp", OPTION_FLAG, offsetof(struct values, no_stamp), NULL,
        "adopt, but do not write the version row into the database", NULL, NULL},
    {0, "version-table", OPTION_STRING, offsetof(struct values, version_table), "NAME",
        "with --from-alembic: the version table (default: alembic_version)", NULL, NULL},
    {0},
};

static const struct operand_spec operand = {"FOLDER",
    "directory of the project, created if it does not exist (default: the current one)", 0, 1, "directory",
    NULL};

const struct command command_init = {
    .spec = {.name = "init",
        .group = "Start",
        .summary = "Start a project",
        .help = "Writes cmig.yaml, a first model, a directory for revisions, and a .gitignore for\n"
                "passwords and databases. Existing files are kept; a .gitignore gets the lines\n"
                "that it lacks. The paths of the new files are printed.\n"
                "\n"
                "--models names existing models, or the framework that has them; then cmig.yaml\n"
                "gets the program that prints them as SQL, and a small script where one is\n"
                "needed: sqlalchemy, django, prisma, drizzle, rails (./rails is a path).\n"
                "\n"
                "With --from-database an existing database becomes a project: its models, a\n"
                "baseline that creates all of it in a new database, and its version row.\n"
                "--baseline-sql does the same from a script, such as schema.sql or a dump; a\n"
                "database that already has its schema gets the version row. The baseline is\n"
                "tested in a scratch database, which the user must be allowed to create.\n"
                "Objects that the baseline lacks are listed, with status 2.\n"
                "\n"
                "With --from-alembic an Alembic project is continued. Its revision files are\n"
                "read, never run; its database, which must be at head, is read and not changed:\n"
                "sqlalchemy.url or --url gives its URL, and -n names a section other than\n"
                "[alembic]. The old revisions become one baseline with the id of Alembic's\n"
                "head: the schema as the database has it, or the statements of --baseline-sql\n"
                "('alembic upgrade head --sql'), which contain the rows that revisions\n"
                "inserted. A baseline cannot be downgraded.\n",
        .examples = "  cmig init\n"
                    "  cmig init --models schema.sql\n"
                    "  cmig init --models sqlalchemy\n"
                    "  cmig init -t docker backend/db\n"
                    "  cmig --url postgresql:///shop init --from-database\n"
                    "  cmig --url sqlite:///app.db init --baseline-sql schema.sql\n"
                    "  cmig init --from-alembic alembic.ini\n"
                    "  alembic upgrade head --sql > all.sql && \\\n"
                    "      cmig init --from-alembic alembic.ini --baseline-sql all.sql db\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .answers = true,
    .changes = true,
    .run = run,
};
