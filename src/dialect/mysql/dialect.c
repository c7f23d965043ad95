/* The functions and facts of MySQL and MariaDB. */
#include "dialect/mysql/judge/judge.h"
#include "dialect/mysql/judge/scratch.h"
#include "dialect/mysql/objects/objects.h"
#include "dialect/mysql/reflect/reflect.h"
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/comments.h"
#include "dialect/mysql/spell/names.h"
#include "dialect/mysql/spell/partitions.h"
#include "dialect/mysql/spell/prepare.h"
#include "dialect/mysql/spell/text.h"
#include "dialect/mysql/spell/types.h"
#include "dialect/mysql/wire/exec.h"
#include "dialect/mysql/wire/script.h"

static const char *const schemes[] = {"mysql", "mariadb", NULL};

static const struct option_row options[] = {
    {"table", "engine", "text", "the storage engine, where it is not InnoDB"},
    {"table", "collation", "text", "the collation of columns that have none, where it is not the database's"},
    {"table", "row_format", "dynamic|compact|redundant|compressed|page|fixed", "how rows are stored"},
    {"table", "partition_by", "sql", "what the rows are divided by, as in `range (year(day))`"},
    {"table", "partitions", "sql",
        "the partitions, as in `p0 values less than (2025), p1 values less than (maxvalue)`"},
    {"table", "system_versioning", "flag", "keeps earlier versions of rows"},
    {"table", "period", "sql", "a period of application time, as in `valid (since, until)`"},
    {"column", "system_time", "start|end", "holds when the version of the row began, or ended"},
    {"column", "without_system_versioning", "flag", "its changes keep no earlier version of the row"},
    {"unique", "without_overlaps", "text", "the period in which the other columns are unique"},
    {"primary_key", "without_overlaps", "text", "the period in which the other columns are unique"},
    {"column", "invisible", "flag", "SELECT * leaves the column out"},
    {"index", "ignored", "flag", "queries do not use the index"},
    {"check", "on_column", "flag",
        "an attribute of the column of its name, as the server keeps one without a name"},
    {"view", "algorithm", "merge|temptable", "how the view is computed"},
    {"view", "security", "invoker", "with whose privileges the view reads, where it is not its creator"},
    {"view", "check_option", "local|cascaded",
        "rows that the view would not show cannot be written through it"},
    {0},
};

static const char *const cosmetic[] = {"on_column", NULL};

const struct dialect mysql_dialect = {
    .name = "mysql",
    .title = "MySQL",
    .schemes = schemes,
    .has = {.sequences = true,
        .comments = true,
        .key_indexes = true,
        .unique_indexes = true,
        .folded_columns = true,
        .commits_ddl = true,
        .backslashes = true,
        .written_names = true,
        .late_bodies = true},
    .objects = 1u << OBJECT_TRIGGER | 1u << OBJECT_FUNCTION | 1u << OBJECT_PROCEDURE | 1u << OBJECT_EVENT,
    .name_max = 64,
    .options = options,
    .options_note = my_options_note,
    .cosmetic = cosmetic,
    .must_quote = my_must_quote,
    .quote = '`',
    .grammar = SQL_MYSQL,
    .shell = &my_shell,
    .argument_type = my_argument_type,
    .object_change = my_object_change,
    .type_native = my_type_native,
    .type_model = my_type_model,
    .type_same = my_type_same,
    .type_values = my_type_values,
    .value_native = my_value_native,
    .row_text = my_row_text,
    .value_model = my_value_model,
    .expr_native = my_expr_native,
    .expr_same = my_expr_same,
    .prepare_table = my_prepare_table,
    .generation_same = my_generation_same,
    .sequence_defaults = &my_sequence_defaults,
    .check_sequence = my_check_sequence,
    .check_op = my_check_op,
    .render = my_render,
    .clean = my_clean,
    .visible = my_visible,
    .check_model = my_check_model,
    .split = my_split,
    .open = my_open,
    .close = my_close,
    .versions = my_versions,
    .triggers_query = my_triggers_query,
    .lock = my_lock,
    .unlock = my_unlock,
    .begin = my_begin,
    .exec = my_exec,
    .send = my_exec,
    .settle = my_settle,
    .commit = my_commit,
    .exec_alone = my_exec_alone,
    .query = my_query_row,
    .key_query = my_key_query,
    .fingerprint = my_fingerprint,
    .literal_function = "quote",
    .rollback = my_rollback,
    .version_create = my_version_create,
    .version_move = my_version_move,
    .history_add = my_history_add,
    .restore = my_restore,
    .history = my_history,
    .reflect = my_reflect,
    .definitions = my_definitions,
    .scratch_open = my_scratch_open,
    .scratch_close = my_scratch_close,
    .scratch_reset = my_scratch_reset,
    .complete = my_complete,
    .normalise = my_normalise,
};
