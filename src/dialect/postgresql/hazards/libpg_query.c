/* Opens libpg_query and has it parse statements. */
#include <pg_query.h>

#include "dialect/postgresql/hazards/libpg_query.h"

#include "build-config.h"
#include "dialect/late.h"

struct libpg_query {
    void *handle;
    __typeof__(pg_query_parse) *parse;
    __typeof__(pg_query_free_parse_result) *free_result;
};

static bool library_open(struct ctx *ctx, struct libpg_query *ret)
{
    static const char *const names[] = {"pg_query_parse", "pg_query_free_parse_result"};
    static const struct late_library library = {
        .title = "PostgreSQL's parser",
        .soname = LIBPG_QUERY_SONAME,
        .hint = "Install libpg_query.",
        .too_old = "Install a newer libpg_query.",
        .functions = names,
        .n = COUNT_OF(names),
    };

    /* The members after the handle are pointers of one size, in the order of the list. */
    if (late_open(ctx, &library, &ret->handle, (char *)ret + sizeof(void *)))
        return true;
    log_debug(ctx, "SQL is read by its words only: %s", err_text(ctx));
    err_clear(ctx);
    return false;
}

static enum parse_outcome read_tree(struct ctx *ctx, struct arena *a, const char *json, struct node **ret)
{
    if (yaml_parse(ctx, a, "PostgreSQL's parser", json, strlen(json), ret) && *ret)
        return PARSE_DONE;
    err_clear(ctx);
    return PARSE_ABSENT; /* nested too deeply, for one */
}

enum parse_outcome libpg_query_parse(
    struct ctx *ctx, struct arena *a, const char *sql, struct node **ret, const char **ret_problem)
{
    struct libpg_query lib = {0};
    enum parse_outcome outcome;
    PgQueryParseResult result;

    if (!library_open(ctx, &lib))
        return PARSE_ABSENT;
    result = lib.parse(sql);
    if (result.error) {
        *ret_problem = ctx_strdup(ctx, result.error->message);
        outcome = PARSE_INVALID;
    } else {
        outcome = read_tree(ctx, a, result.parse_tree, ret);
    }
    lib.free_result(result);
    late_close(&lib.handle);
    return outcome;
}
