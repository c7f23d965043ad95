/*
 * fmt: write models, revisions and the configuration in canonical form.
 */
#include "lint_files.h"

struct values {
    bool check, diff;
    int format;
};

/* A file that is not in canonical form. */
struct misformed {
    const char *path, *text; /* the canonical one */
};

/* The files, and what came out. */
struct formatting {
    struct call *c;
    struct strings paths;
    struct VEC_OF(struct misformed) changes;
    struct findings found; /* the same, for reports */
    size_t revisions;      /* of them */
};

/* ---- which files --------------------------------------------------------------------------------------- */

static bool is_yaml(const char *path)
{
    return str_ends(path, ".yaml") || str_ends(path, ".yml");
}

static void add_once(struct formatting *f, const char *path)
{
    if (!strings_have(&f->paths, path))
        vec_add(f->c->ctx, &f->paths, path);
}

static void add_path(struct formatting *f, const char *path)
{
    if (is_yaml(path))
        add_once(f, path);
}

/* A project need not have models. */
static bool add_models(struct formatting *f)
{
    const struct config *config = &f->c->project.config;
    struct strings there = {0}, documents = {0}, sql = {0};

    vec_each(i, &config->models)
        if (strpbrk(config->models.v[i], "*?[") || fs_kind(f->c->ctx, config->models.v[i]) != FS_ABSENT)
            vec_add(f->c->ctx, &there, config->models.v[i]);
    if (!model_files(f->c->ctx, &there, &documents, &sql))
        return false;
    vec_each(i, &documents)
        add_path(f, documents.v[i]);
    return true;
}

static bool add_revisions(struct formatting *f)
{
    const struct config *config = &f->c->project.config;
    struct strings there = {0};
    struct revisions found = {0};

    vec_each(i, &config->migrations)
        if (fs_kind(f->c->ctx, config->migrations.v[i]) == FS_DIR)
            vec_add(f->c->ctx, &there, config->migrations.v[i]);
    if (!revisions_load(f->c->ctx, &there, &config->tests, config->recursive, &found))
        return false;
    vec_each(i, &found)
        add_path(f, found.v[i]->path);
    return true;
}

static bool add_project(struct formatting *f)
{
    struct config_request request = config_request_of(f->c->globals);

    request.files_only = true;
    if (!project_open(f->c->ctx, &request, &f->c->project))
        return false;
    const char *path = f->c->project.config.path;
    if (path && fs_is_mounted(f->c->ctx, path))
        return fail(f->c->ctx, STATUS_USAGE, "cannot format the files that this program contains");
    if (path)
        add_path(f, path);
    return add_models(f) && add_revisions(f);
}

static bool add_folder(struct formatting *f, const char *path)
{
    struct strings one = {0}, documents = {0}, sql = {0};

    vec_add(f->c->ctx, &one, path);
    if (!model_files(f->c->ctx, &one, &documents, &sql))
        return false;
    vec_each(i, &documents)
        add_path(f, documents.v[i]);
    return true;
}

/* SQL has no other form, so that hooks may name any file of a project. */
static bool add_operand(struct formatting *f, const char *path)
{
    const enum fs_kind kind = fs_kind(f->c->ctx, path);

    if (str_eq(path, "-"))
        add_once(f, path);
    else if (kind == FS_DIR)
        return add_folder(f, path);
    else if (is_yaml(path))
        add_path(f, path);
    else if (!str_ends(path, ".sql") || kind != FS_FILE)
        return fail(f->c->ctx, STATUS_USAGE, "'%s' is not a YAML file", path);
    return true;
}

static bool add_operands(struct formatting *f)
{
    vec_each(i, &f->c->operands)
        if (!add_operand(f, f->c->operands.v[i]))
            return false;
    return true;
}

/* ---- what a file is ------------------------------------------------------------------------------------ */

static bool has_key(const struct record *r, const char *key)
{
    for (const struct field *f = r->fields; f->key; f++)
        if (f->kind == FIELD_INLINE ? has_key(f->record, key) : str_eq(f->key, key))
            return true;
    return false;
}

/* By its keys: a file that is named may be none of this project. */
static const struct record *find_record(const struct node *root)
{
    static const struct record *const records[] = {&revision_record, &schema_record, &config_record};

    if (root->kind != NODE_MAPPING)
        return NULL;
    if (node_get(root, "revision"))
        return &revision_record;
    for (size_t i = 1; i < COUNT_OF(records); i++) {
        bool all = true;

        for (uint32_t k = 0; k < root->n; k++)
            all &= has_key(records[i], root->v[2 * k]->scalar);
        if (all)
            return records[i];
    }
    return NULL;
}

/* ---- one file ------------------------------------------------------------------------------------------ */

static struct pos first_change(const char *path, const char *a, const char *b)
{
    struct pos pos = {path, 1, 1};

    for (; *a && *a == *b; a++, b++)
        pos.line += *a == '\n';
    return pos;
}

static void add_finding(struct formatting *f, const char *path, const char *was, const char *is)
{
    struct finding *found = ctx_new(f->c->ctx, struct finding);

    *found = (struct finding){.rule = RULES,
        .code = "format",
        .level = LINT_ERROR,
        .pos = first_change(path, was, is),
        .text = "not in canonical form",
        .hint = "Run 'cmig fmt'."};
    vec_add(f->c->ctx, &f->found, found);
}

static const char *colored(struct call *c, const char *diff)
{
    static const struct {
        char sign;
        const char *color;
    } colors[] = {{'-', "\033[31m"}, {'+', "\033[32m"}, {'@', "\033[36m"}};
    struct str out = STR(c->ctx);

    if (!c->color)
        return diff;
    for (const char *end; *diff; diff = end) {
        const char *color = NULL;
        size_t n = strcspn(diff, "\n");

        for (size_t i = 0; i < COUNT_OF(colors); i++)
            color = *diff == colors[i].sign ? colors[i].color : color;
        end = diff + n + (diff[n] == '\n');
        str_addf(&out, "%s%.*s%s\n", color ? color : "", (int)n, diff, color ? "\033[0m" : "");
    }
    return str_get(&out);
}

static void print_diff(struct call *c, const char *path, const char *was, const char *is)
{
    struct str out = STR(c->ctx);

    str_addf(&out, "--- %s\n+++ %s\n", path, path);
    str_diff(&out, was, is);
    print_text(c, colored(c, str_get(&out)));
}

static bool is_revision(struct ctx *ctx, const struct misformed *m)
{
    struct revision r;
    const bool is = revision_parse_head(ctx, m->path, m->text, strlen(m->text), &r);

    err_clear(ctx);
    return is;
}

static bool format_file(struct formatting *f, const char *path)
{
    const struct values *v = f->c->values;
    const bool is_input = str_eq(path, "-");
    struct ctx *ctx = f->c->ctx;
    const char *name = is_input ? "<stdin>" : path, *is;
    char *was;
    size_t size;

    if (!fs_read(ctx, &ctx->arena, "file", is_input ? "/dev/stdin" : path, FS_TEXT_LIMIT, &was, &size) ||
        !yaml_format(ctx, name, was, size, find_record, &is))
        return false;
    if (is_input && !v->check && !v->diff)
        print_text(f->c, is);
    if (str_eq(was, is))
        return true;
    add_finding(f, name, was, is);
    if (v->diff)
        print_diff(f->c, name, was, is);
    else if (!v->check && !is_input)
        vec_add(ctx, &f->changes, ((struct misformed){path, is}));
    return true;
}

/* Only when each file was read, so that an error in one of them leaves all as they were. */
static bool write_files(struct formatting *f)
{
    vec_each(i, &f->changes) {
        const struct misformed *m = &f->changes.v[i];

        if (!fs_write(f->c->ctx, m->path, m->text, strlen(m->text)))
            return false;
        if (!f->c->globals->json)
            print_line(f->c, "%s", m->path);
        f->revisions += is_revision(f->c->ctx, m);
    }
    return true;
}

/* ---- together ------------------------------------------------------------------------------------------ */

static void print_findings(struct formatting *f)
{
    const struct values *v = f->c->values;

    if (finding_format(v->format) != LINT_TEXT) {
        print_text(f->c, lint_print(f->c->ctx, &f->found, finding_format(v->format)));
        return;
    }
    vec_each(i, &f->found)
        print_line(f->c, "%s", f->found.v[i]->pos.file);
}

static void report_json(struct formatting *f)
{
    struct strings paths = {0};

    vec_each(i, &f->found)
        vec_add(f->c->ctx, &paths, f->found.v[i]->pos.file);
    node_set(&f->c->ctx->arena, document_begin(f->c), "files", strings_node(f->c, &paths));
}

static bool judge(struct formatting *f)
{
    const struct values *v = f->c->values;
    struct ctx *ctx = f->c->ctx;

    if (v->check && f->found.n) {
        fail(ctx, STATUS_FOUND, "%s not in canonical form",
            f->found.n == 1 ? "1 file is" : ctx_printf(ctx, "%u files are", f->found.n));
        return fail_hint(ctx, "Run 'cmig fmt' to write %s.", f->found.n == 1 ? "it" : "them");
    }
    if (v->diff || strings_have(&f->paths, "-"))
        return true;
    if (!f->found.n)
        log_info(ctx, "all files are in canonical form");
    else
        log_info(ctx, "formatted %s", count_text(ctx, f->found.n, "file"));
    if (f->revisions)
        log_info(ctx,
            "%s formatted: databases that have applied %s are not affected, since only the form changed",
            f->revisions == 1 ? "a revision was" : ctx_printf(ctx, "%zu revisions were", f->revisions),
            f->revisions == 1 ? "it" : "them");
    return true;
}

static bool check_options(struct call *c)
{
    const struct values *v = c->values;

    if (v->format && !v->check)
        return fail(c->ctx, STATUS_USAGE, "--format needs --check");
    if (v->format && v->diff)
        return fail(c->ctx, STATUS_USAGE, "--format cannot be combined with --diff");
    if (c->globals->json && v->diff)
        return fail(c->ctx, STATUS_USAGE, "--json cannot be combined with --diff");
    if (c->globals->json && strings_have(&c->operands, "-") && !v->check)
        return fail(c->ctx, STATUS_USAGE, "--json cannot be combined with the operand '-'");
    return true;
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct formatting f = {.c = c};

    if (!check_options(c) || !(c->operands.n ? add_operands(&f) : add_project(&f)))
        return false;
    vec_each(i, &f.paths)
        if (!format_file(&f, f.paths.v[i]))
            return false;
    if (ctx_interrupted(c->ctx))
        return fail_interrupted(c->ctx);
    if (!write_files(&f))
        return false;
    if (c->globals->json)
        report_json(&f);
    else if (v->check && !v->diff)
        print_findings(&f);
    return judge(&f);
}

static const struct option_spec options[] = {
    {0, "check", OPTION_FLAG, offsetof(struct values, check), NULL,
        "write nothing: list the files that are not in canonical form, and exit with 2", NULL, NULL},
    {0, "diff", OPTION_FLAG, offsetof(struct values, diff), NULL, "write nothing: print what would change",
        NULL, NULL},
    FORMAT_OPTION_ROW(struct values, format),
    {0},
};

static const struct operand_spec operand = {"FILE",
    "a file in YAML, a directory, or '-' for standard input (default: all files of the project)", 0, 0,
    "file", NULL};

const struct command command_fmt = {
    .spec = {.name = "fmt",
        .group = "Write revisions",
        .summary = "Write files in canonical form",
        .help = "Formats models, revisions and cmig.yaml: indentation, quotes, the order of a\n"
                "record's keys, and SQL of several lines as a block. Comments stay, and so do\n"
                "the order of tables, columns and lists, single empty lines, and the choice\n"
                "between a line and a block. The meaning never changes: what is written is read\n"
                "again and compared. SQL files stay as they are. Prints the paths of the files\n"
                "that it wrote.\n",
        .examples = "  cmig fmt\n"
                    "  cmig fmt --check\n"
                    "  cmig fmt --diff models/users.yaml\n"
                    "  cmig fmt - < models/users.yaml\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .need = NEED_CONFIG,
    .opens_itself = true,
    .answers = true,
    .changes = true,
    .run = run,
};
