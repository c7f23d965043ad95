/*
 * inspect: print what the database contains, as models, or write them to files.
 */
#include "split.h"

#include "cmig/lint.h"

#include <inttypes.h>

struct values {
    const char *output;
    int split; /* enum split */
    bool force, stats;
};

static bool check_options(struct call *c)
{
    const struct values *v = c->values;
    if (!v->output && (v->split != SPLIT_NONE || v->force))
        return fail(c->ctx, STATUS_USAGE, "--%s needs --output", v->force ? "force" : "split");
    if (v->output && c->environments > 1)
        return fail(c->ctx, STATUS_USAGE, "--output cannot be combined with several environments");
    if (v->output && v->stats)
        return fail(c->ctx, STATUS_USAGE, "--stats cannot be combined with --output");
    return true;
}

static bool write_files(struct call *c, const struct schema *schema, const struct node *models)
{
    const struct values *v = c->values;
    struct split_files files = {0};
    struct strings written = {0};
    split_models(c->ctx, models, schema->default_schema, (enum split)v->split, "models.yaml", &files);
    if (!split_write(c, v->output, &files, v->force, &written))
        return false;
    if (c->globals->json) {
        node_set(&c->ctx->arena, document_begin(c), "files", strings_node(c, &written));
        return true;
    }
    vec_each(i, &written)
        print_line(c, "%s", written.v[i]);
    if (written.n < files.n)
        log_info(c->ctx, "%s already up to date", count_text(c->ctx, files.n - written.n, "file"));
    return true;
}

static void print_models(struct call *c, const struct schema *schema, struct node *models)
{
    struct str out = STR(c->ctx);
    if (c->globals->json) {
        struct node *document = document_begin(c);
        node_set(&c->ctx->arena, document, "models", models);
        node_set(&c->ctx->arena, document, "unmodelled", unmodelled_node(c, &schema->unmodelled));
        node_set(&c->ctx->arena, document, "unmanaged", strings_node(c, &schema->unmanaged));
        return;
    }
    if (c->together.n) /* one document each */
        str_addf(&out, "--- # environment %s\n", c->globals->environment);
    node_yaml(&out, models, 0);
    print_text(c, str_get(&out));
}

static bool read_size(struct call *c, const struct table *t, struct table_sizes *ret)
{
    struct conn *conn = c->project.conn;
    struct table_size *one = ctx_new(c->ctx, struct table_size);
    struct strings row = {0};

    if (!conn->dialect->query(conn, conn->dialect->statistics_query(c->ctx, &t->name), &row))
        return fail_in(c->ctx, "cannot read the size of table '%s'", qname_text(&c->ctx->arena, &t->name));
    *one = (struct table_size){.name = t->name, .bytes = row.n > 1 ? row.v[1] : NULL};
    if (row.n && row.v[0] && sscanf(row.v[0], "%" SCNd64, &one->rows) == 1)
        vec_add(c->ctx, ret, one);
    return true;
}

static bool print_sizes(struct call *c, const struct schema *schema)
{
    struct table_sizes sizes = {0};
    struct str out = STR(c->ctx);

    vec_each(i, &schema->tables)
        if (!read_size(c, schema->tables.v[i], &sizes))
            return false;
    struct node *n = lint_sizes_encode(c->ctx, &sizes);
    if (c->globals->json) {
        node_set(&c->ctx->arena, document_begin(c), "tables", node_get(n, "tables"));
        return true;
    }
    node_yaml(&out, n, 0);
    print_text(c, str_get(&out));
    return true;
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    struct schema schema = {0};

    if (!check_options(c) || !connect_database(c, MISSING_FAILS) || !migrate_inspect(&c->project, &schema))
        return false;
    if (v->stats)
        return print_sizes(c, &schema);
    struct node *models = schema_encode(c->ctx, c->project.url.dialect, &schema);
    note_unmodelled(c, &schema.unmodelled);
    note_unmanaged(c, &schema.unmanaged);
    if (v->output)
        return write_files(c, &schema, models);
    print_models(c, &schema, models);
    return true;
}

static const struct option_spec options[] = {
    {'o', "output", OPTION_STRING, offsetof(struct values, output), "FOLDER",
        "write the models to files there, and print their paths", NULL, "directory"},
    {0, "split", OPTION_CHOICE, offsetof(struct values, split), "HOW",
        "with --output: a file per table, per schema, or one file (none)", split_names, NULL},
    {0, "force", OPTION_FLAG, offsetof(struct values, force), NULL,
        "with --output: replace files with other contents", NULL, NULL},
    {0, "stats", OPTION_FLAG, offsetof(struct values, stats), NULL,
        "print the rows and sizes of the tables instead, for 'cmig lint --stats'", NULL, NULL},
    {0},
};

const struct command command_inspect = {
    .spec = {.name = "inspect",
        .group = "Start",
        .summary = "Print what the database contains, as models",
        .help = "One YAML document, as in a file of models/. Objects of the database that cmig\n"
                "does not model are listed on standard error.\n"
                "\n"
                "With --output the models are written to files: models.yaml, or one for each\n"
                "schema, or one for each table and view; then SQL of several lines goes to .sql\n"
                "files. A file with other contents is replaced only with --force.\n",
        .examples = "  cmig --url sqlite:///old.db inspect > models/schema.yaml\n"
                    "  cmig inspect --output models --split table\n",
        .options = options},
    .values_size = sizeof(struct values),
    .need = NEED_CONFIG,
    .answers = true,
    .pages = true,
    .run = run,
};
