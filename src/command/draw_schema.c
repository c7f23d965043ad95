/*
 * draw: write a diagram of the schema, or of what changes in it.
 */
#include "sides.h"

#include "cmig/draw.h"

struct values {
    const char *around, *changes, *dialect, *output, *scratch_url;
    struct strings tables;
    int64_t depth;
    int columns, format; /* enum draw_columns; enum draw_format + 1, 0: by the name of the file */
    bool offline, changed_only;
};

static const char *const format_names[] = {"auto", "mermaid", "dot", "svg", "html", NULL};

/* ---- options ---- */

/* What the name of a file says. */
static const struct {
    const char *suffix;
    enum draw_format format;
} suffixes[] = {
    {".mmd", DRAW_MERMAID},
    {".mermaid", DRAW_MERMAID},
    {".dot", DRAW_DOT},
    {".gv", DRAW_DOT},
    {".svg", DRAW_SVG},
    {".html", DRAW_HTML},
    {".htm", DRAW_HTML},
};

static bool choose_format(struct call *c, enum draw_format *ret)
{
    const struct values *v = c->values;
    const char *name;

    *ret = DRAW_MERMAID;
    if (v->format) {
        *ret = (enum draw_format)(v->format - 1);
        return true;
    }
    if (!v->output)
        return true;
    name = str_lower(&c->ctx->arena, v->output);
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        if (!str_ends(name, suffixes[i].suffix))
            continue;
        *ret = suffixes[i].format;
        return true;
    }
    fail(c->ctx, STATUS_USAGE, "cannot tell the format from the name '%s'", v->output);
    return fail_hint(c->ctx, "Add --format, or end the name with .svg, .html, .dot or .mmd.");
}

static bool check_options(struct call *c)
{
    const struct values *v = c->values;

    if (v->depth && !v->around && !v->changed_only)
        return fail(c->ctx, STATUS_USAGE, "--depth needs --around or --changed-only");
    if (v->output && c->environments > 1)
        return fail(c->ctx, STATUS_USAGE, "--output cannot be combined with several environments");
    if (v->changed_only && !v->changes)
        return fail(c->ctx, STATUS_USAGE, "--changed-only needs --changes");
    if (v->scratch_url && v->offline)
        return fail(c->ctx, STATUS_USAGE, "--scratch-url cannot be combined with --offline");
    return true;
}

/* ---- output ---- */

static bool write_diagram(struct call *c, const struct str *out, enum draw_format format)
{
    const struct values *v = c->values;

    if (v->output && !fs_write(c->ctx, v->output, str_get(out), out->n))
        return false;
    if (c->globals->json) {
        struct arena *a = &c->ctx->arena;
        struct node *document = document_begin(c);

        node_set(a, document, "format", node_string(a, draw_format_names[format]));
        node_set(a, document, v->output ? "path" : "diagram",
            node_string(a, v->output ? v->output : str_get(out)));
    } else if (v->output) {
        print_line(c, "%s", v->output);
    } else {
        print_text(c, str_get(out));
    }
    return true;
}

/* The only side of a diagram without changes. Models are compared with nothing. */
static const struct side *side_of(const struct opened_sides *opened)
{
    return opened->from.kind == SIDE_MODELS ? &opened->to : &opened->from;
}

static bool draw(struct call *c, const struct opened_sides *opened, struct draw_source *source)
{
    const struct values *v = c->values;
    struct str out = STR(c->ctx);
    enum draw_format format;
    const struct draw_options options = {
        .tables = &v->tables,
        .around = v->around,
        .depth = v->depth ? (unsigned)v->depth : 1,
        .only_changed = v->changed_only,
        .columns = (enum draw_columns)v->columns,
        .title = source->before ? ctx_printf(c->ctx, "%s → %s", opened->from.name, opened->to.name)
                                : side_of(opened)->name,
    };

    source->dialect = c->project.url.dialect->name;
    return choose_format(c, &format) && draw_schema(c->ctx, source, &options, format, &out) &&
           write_diagram(c, &out, format);
}

/* ---- schemas ---- */

/* Models are not created in a database, which would lose what it cannot keep, such as comments in SQLite. */
static bool draw_compared(struct call *c, const struct opened_sides *opened)
{
    static const struct rename_hint no_renames = {0};
    const struct compare_options options = {.renames = &no_renames, .no_rename = true};
    struct comparison found;
    struct draw_source source = {.schema = &found.models};

    if (!migrate_compare(&c->project, &options, &found))
        return false;
    if (((const struct values *)c->values)->changes) {
        source.before = &found.database;
        source.ops = &found.diff.up;
    }
    return draw(c, opened, &source);
}

static bool draw_database(struct call *c, const struct opened_sides *opened)
{
    struct schema schema = {0};
    struct draw_source source = {.schema = &schema};

    return migrate_inspect(&c->project, &schema) && draw(c, opened, &source);
}

static bool run(struct call *c)
{
    const struct values *v = c->values;
    const char *source = c->operands.n ? c->operands.v[0] : "models";
    const struct sides_wishes wishes = {
        .from = v->changes ? v->changes : source,
        .to = v->changes ? source : NULL,
        .dialect = v->dialect,
        .scratch_url = v->scratch_url,
        .offline = v->offline,
        .is_alone = !v->changes,
        .as_models = !v->changes,
    };
    struct opened_sides opened = {0};
    enum draw_format format;
    bool ok;

    if (!check_options(c) || !choose_format(c, &format) || !open_source_project(c))
        return false;
    ok = sides_begin(c, &wishes, &opened) &&
         (v->changes || opened.from.kind == SIDE_MODELS ? draw_compared : draw_database)(c, &opened);
    sides_finish(c, &opened);
    return ok;
}

static const struct option_spec options[] = {
    {0, "format", OPTION_CHOICE, offsetof(struct values, format), "FORMAT",
        "mermaid, dot, svg or html (default: by the name of the file)", format_names, NULL},
    {'o', "output", OPTION_STRING, offsetof(struct values, output), "FILE",
        "write the diagram to FILE, and print its path", NULL, "file"},
    {0, "tables", OPTION_STRINGS, offsetof(struct values, tables), "GLOB",
        "only tables, views and enums whose names match", NULL, NULL},
    {0, "around", OPTION_STRING, offsetof(struct values, around), "TABLE",
        "only this table and its neighbours", NULL, NULL},
    {0, "depth", OPTION_NUMBER, offsetof(struct values, depth), "N",
        "with --around and --changed-only: references to follow (default: 1)", NULL, NULL},
    {0, "columns", OPTION_CHOICE, offsetof(struct values, columns), "WHICH", "all, keys or none",
        draw_columns_names, NULL},
    {0, "changes", OPTION_STRING, offsetof(struct values, changes), "FROM",
        "mark what is added, changed and dropped between FROM and SOURCE", NULL, NULL},
    {0, "changed-only", OPTION_FLAG, offsetof(struct values, changed_only), NULL,
        "with --changes: only changed objects and their neighbours", NULL, NULL},
    {0, "dialect", OPTION_STRING, offsetof(struct values, dialect), "NAME",
        "sqlite, postgresql or mysql, if no side is a database (default: that of the URL)", NULL, NULL},
    SCRATCH_URL_OPTION_ROW(struct values, scratch_url),
    {0, "offline", OPTION_FLAG, offsetof(struct values, offline), NULL,
        "connect only to databases that are drawn; do not run the SQL of models and revisions", NULL, NULL},
    {0},
};

static const struct operand_spec operand = {
    "SOURCE", "a URL, environment, path or git ref, models, or revisions[:ID]", 0, 1, "file", NULL};

const struct command command_draw = {
    .spec = {.name = "draw",
        .group = "Inspect the database",
        .summary = "Draw the tables and their references",
        .help = "Writes a diagram of the models, or of SOURCE, which is named as for 'cmig diff'.\n"
                "SVG and HTML need no other program: references are lines with crow's feet, and\n"
                "keys are marked. Larger schemas are divided into groups; a reference that\n"
                "leaves its group is named at its column. A page of HTML has a search box.\n"
                "\n"
                "With --changes FROM, the diagram shows SOURCE, or the models, together with\n"
                "dropped objects: + marks what was added, ~ changed, and − dropped.\n",
        .examples = "  cmig draw --output schema.svg\n"
                    "  cmig draw --output schema.html env:production\n"
                    "  cmig draw --around orders --depth 2 --format svg > orders.svg\n"
                    "  cmig draw --tables 'billing.*' --columns keys\n"
                    "  cmig draw --changes main --changed-only --output changes.svg\n",
        .options = options,
        .operand = &operand},
    .values_size = sizeof(struct values),
    .need = NEED_CONFIG,
    .opens_itself = true,
    .answers = true,
    .run = run,
};
