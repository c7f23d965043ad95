/* Reads the definitions of what cmig does not model. */
#include "dialect/postgresql/reflect/catalog.h"
#include "dialect/postgresql/reflect/reflect.h"
#include "dialect/postgresql/spell/names.h"

struct reading {
    struct ctx *ctx;
    const char *home;
    const struct schema *schema;
    struct definitions *ret;
};

/* Whether a table with parents or partitions is among the schema's own tables. */
static bool is_modelled(const struct reading *r, const struct definition *d)
{
    static const char *const kinds[] = {"partitioned table", "partition", "inherited table"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (str_eq(d->kind, kinds[i]))
            return schema_table(r->schema, &d->name);
    return false;
}

static bool take_definitions(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reading *r = user;
    for (int i = 0; i < answer_rows(a); i++) {
        const char *schema = answer_text(a, i, 1);
        struct definition *d = ctx_new(r->ctx, struct definition);
        *d = (struct definition){
            .kind = answer_copy(a, i, 0),
            .name = {.schema = str_eq(schema, r->home) ? NULL : answer_copy(a, i, 1),
                .name = answer_copy(a, i, 2)},
            .detail = answer_copy(a, i, 3),
            .sql = answer_copy(a, i, 4),
            .stage = (enum stage)answer_int(a, i, 5),
        };
        if (d->sql && !is_modelled(r, d))
            vec_add(r->ctx, r->ret, d);
    }
    return true;
}

/* A function's body may name tables that are created after it. */
static void add_setting(struct ctx *ctx, struct definitions *list)
{
    struct definition *d = ctx_new(ctx, struct definition);
    *d = (struct definition){.sql = "SET LOCAL check_function_bodies = off", .stage = STAGE_FIRST};
    vec_insert(ctx, list, 0, d);
}

bool pg_definitions(
    struct conn *conn, const struct scope *scope, const struct schema *schema, struct definitions *ret)
{
    struct ctx *ctx = conn->ctx;
    struct definitions list = {0};
    struct strings schemas = scope->schemas;
    struct reading r = {ctx, conn->default_schema, schema, &list};
    if (!schemas.n)
        vec_add(ctx, &schemas, conn->default_schema);
    const char *params[] = {array_literal(ctx, &schemas)};
    struct question questions[] = {
        {.sql = "BEGIN READ ONLY"},
        {.sql = ctx_printf(ctx, "SET LOCAL search_path = %s", pg_ident(&ctx->arena, r.home))},
        {.sql = "SET LOCAL jit = off"},
        {.sql = catalog_query(pg_of(conn), catalog_definitions),
            .params = params,
            .nparams = 1,
            .take = take_definitions},
        {.sql = "COMMIT"},
    };
    if (!pg_ask(pg_of(conn), questions, COUNT_OF(questions), &r))
        return false;
    if (list.n)
        add_setting(ctx, &list);
    *ret = list;
    return true;
}
