/* The functions and facts of the SQLite dialect. */
#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/hazards.h"
#include "dialect/sqlite/prepare.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/types.h"
#include "dialect/sqlite/virtual.h"

static const char *const schemes[] = {"sqlite", "sqlite3", NULL};

#define CONFLICTS "rollback|fail|ignore|replace"
static const struct option_row options[] = {
    {"database", "application_id", "integer", "the number by which an application recognises its files"},
    {"database", "user_version", "integer", "a number for the application's own use"},
    {"table", "strict", "flag", "a STRICT table: values must have their column's type"},
    {"table", "without_rowid", "flag", "a WITHOUT ROWID table: rows are stored by the primary key"},
    {"column", "autoincrement", "flag", "AUTOINCREMENT: the id of a deleted row is never reused"},
    {"column", "not_null", "flag",
        "false: NOT NULL is left out of an INTEGER PRIMARY KEY, which implies it, in a new table"},
    {"column", "not_null_name", "text", "the name of the NOT NULL constraint, in a new table"},
    {"column", "on_conflict", CONFLICTS, "what happens when a row violates NOT NULL"},
    {"column", "default_name", "text", "the name before DEFAULT, in a new table"},
    {"primary_key", "on_conflict", CONFLICTS, "what happens when a row violates the key"},
    {"primary_key", "order", "text", "asc or desc for each column of the key, separated by commas"},
    {"primary_key", "collate", "text", "the collation of each column of the key, separated by commas"},
    {"unique", "on_conflict", CONFLICTS, "what happens when a row violates the constraint"},
    {"unique", "order", "text", "asc or desc for each column, separated by commas"},
    {"unique", "collate", "text", "the collation of each column, separated by commas"},
    {"check", "on_conflict", CONFLICTS, "an ON CONFLICT clause, which SQLite accepts and ignores"},
    {0},
};

static const char *const cosmetic[] = {"not_null", "not_null_name", "default_name", NULL};

/* Keywords, including those that need no quotes today: the next release may require them. */
static bool must_quote(const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || (*name >= '0' && *name <= '9'))
        return true;
    for (const char *c = name; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') && !(*c >= '0' && *c <= '9') && *c != '_')
            return true;
    return str_eq_ci(name, "true") || str_eq_ci(name, "false") || sqlite3_keyword_check(name, (int)n);
}

const struct dialect sqlite_dialect = {
    .name = "sqlite",
    .title = "SQLite",
    .schemes = schemes,
    .objects = 1u << OBJECT_TRIGGER | 1u << OBJECT_VIRTUAL_TABLE,
    .object_change = sqlite_object_change,
    .object_possible = sqlite_object_possible,
    .has = {.unnamed = true,
        .folded_names = true,
        .global_indexes = true,
        .embedded = true,
        .rebuilds = true,
        .null_keys = true,
        .row_ranges = true,
        .any_type = true},
    .options = options,
    .cosmetic = cosmetic,
    .must_quote = must_quote,
    .triggers_query = sqlite_triggers_query,
    .quote = '"',
    .grammar = SQL_BACKTICKS | SQL_BRACKETS,
    .ok_is_true = "typeof(ok) = 'integer' AND ok = 1",
    .shell = &sqlite_shell,
    .type_native = type_to_native,
    .type_model = type_to_model,
    .type_near = type_near,
    .type_same = type_is_same,
    .value_native = value_to_native,
    .value_model = value_to_model,
    .expr_native = expr_to_native,
    .expr_same = expr_is_same,
    .prepare_table = sqlite_prepare_table,
    .generation_same = sqlite_generation_same,
    .check_op = sqlite_check_op,
    .render = sqlite_render,
    .keep_in_step = sqlite_keep_in_step,
    .clean = sqlite_clean,
    .split = sqlite_split,
    .open = sqlite_open,
    .borrow = sqlite_borrow,
    .create_database = sqlite_create_database,
    .drop_database = sqlite_drop_database,
    .close = sqlite_close,
    .locate = sqlite_locate,
    .versions = sqlite_versions,
    .lock = sqlite_lock,
    .unlock = sqlite_unlock,
    .begin = sqlite_begin,
    .exec = sqlite_exec,
    .send = sqlite_exec,
    .settle = sqlite_settle,
    .commit = sqlite_commit,
    .exec_alone = sqlite_exec_alone,
    .query = sqlite_query_row,
    .query_rows = sqlite_query_rows,
    .key_query = sqlite_key_query,
    .row_lock = "",
    .hazards = &sqlite_hazards,
    .statistics_query = sqlite_statistics_query,
    .literal = "quote(%I)",
    .rollback = sqlite_rollback,
    .version_create = sqlite_version_create,
    .version_move = sqlite_version_move,
    .history_add = sqlite_history_add,
    .history = sqlite_history,
    .restore = sqlite_restore,
    .reflect = sqlite_reflect,
    .definitions = sqlite_definitions,
    .scratch_open = sqlite_scratch_open,
    .scratch_close = sqlite_scratch_close,
    .scratch_copy = sqlite_scratch_copy,
    .complete = sqlite_complete,
    .normalise = sqlite_normalise,
};
