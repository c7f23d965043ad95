/*
 * Fuzzes the readers of SQL: SQLite's stored definitions, scripts for PostgreSQL, .sql revisions.
 */
#include "fuzz.h"

#include "cmig/revision.h"
#include "dialect/postgresql/wire/script.h"
#include "dialect/sqlite/parse.h"
#include "dialect/sqlite/sqlite.h"

static void read_definitions(struct ctx *ctx, const char *text)
{
    struct map types = MAP(ctx);
    struct parsed_table parsed;
    struct index *index;
    struct view *view;
    struct table *none = ctx_new(ctx, struct table);
    const char *problem;

    if (parse_table(ctx, text, &types, &parsed, &problem))
        none = parsed.table;
    if (parse_index(ctx, text, none, &index, &problem))
        assert(index->parts.n > 0);
    if (parse_view(ctx, text, &view, &problem))
        assert(view->body.native);
    type_canonical(ctx, text);
    sqlite_dialect.expr_native(ctx, text);
    sqlite_dialect.expr_same(ctx, NULL, text, text);
}

static void read_script(struct ctx *ctx, const char *text)
{
    struct script_parts parts = {0};
    struct script_problem problem;
    unsigned line, column;
    size_t end = 0;

    script_split(&ctx->arena, text, &parts);
    vec_each(i, &parts) {
        assert(parts.v[i].from >= end && parts.v[i].to > parts.v[i].from);
        end = parts.v[i].to;
    }
    assert(end <= strlen(text));
    if (!script_may_run(text, &parts, true, &problem))
        script_place(text, problem.at, &line, &column);
}

static void read_revision(struct ctx *ctx, const char *text, size_t size)
{
    struct revision r = {0};
    struct revision_body body;

    if (!revision_parse_head(ctx, "input.sql", text, size, &r))
        return;
    r.text = text;
    if (revision_body(ctx, &r, &(struct audience){.dialect = "sqlite"}, &body))
        assert(body.upgrade.n <= 1 && body.downgrade.n <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx ctx = {0};
    char *text = arena_strndup(&ctx.arena, (const char *)data, size);

    size = strlen(text); /* files with NUL are refused before they come here */
    read_definitions(&ctx, text);
    read_script(&ctx, text);
    read_revision(&ctx, text, size);
    ctx_finish(&ctx);
    return 0;
}
