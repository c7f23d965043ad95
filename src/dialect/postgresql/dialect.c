/* What is PostgreSQL? */
#include "dialect/postgresql/judge/normalise.h"
#include "dialect/postgresql/objects/objects.h"
#include "dialect/postgresql/reflect/reflect.h"
#include "dialect/postgresql/render/keep.h"
#include "dialect/postgresql/render/render.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"
#include "dialect/postgresql/wire/conn.h"
#include "dialect/postgresql/wire/exec.h"
#include "dialect/postgresql/wire/script.h"

static const char *const schemes[] = {"postgresql", "postgres", NULL};

const struct dialect postgresql_dialect = {
    .name = "postgresql",
    .title = "PostgreSQL",
    .schemes = schemes,
    .features = DIALECT_FOLDS_COLUMNS | DIALECT_KEY_INDEXES | DIALECT_ENUMS | DIALECT_SCHEMAS |
                DIALECT_SEQUENCES | DIALECT_COMMENTS | DIALECT_EXCLUDE | DIALECT_IDENTITY | DIALECT_INCLUDE |
                DIALECT_GLOBAL_INDEXES | DIALECT_MATERIALIZED | DIALECT_INHERITS,
    .objects = (1u << OBJECT_KINDS) - 1,
    .argument_type = pg_argument_type,
    .object_change = pg_object_change,
    .name_max = 63,
    .options = pg_options,
    .must_quote = pg_must_quote,
    .triggers_query = pg_triggers_query,
    .quote = '"',
    .shell = &pg_shell,
    .type_native = pg_type_native,
    .type_model = pg_type_model,
    .value_native = pg_value_native,
    .value_model = pg_value_model,
    .expr_native = pg_expr_native,
    .expr_same = pg_expr_same,
    .expr_alike = pg_expr_alike,
    .prepare_table = pg_prepare_table,
    .prepare_view = pg_prepare_view,
    .generation_same = pg_generation_same,
    .column_sequence = pg_column_sequence,
    .sequence_name = pg_serial_sequence,
    .serial_apart = pg_serial_apart,
    .check_op = pg_check_op,
    .render = pg_render,
    .clean = script_clean,
    .split = pg_split,
    .open = pg_open,
    .close = pg_close,
    .locate = pg_locate,
    .versions = pg_versions,
    .hidden_query = pg_hidden_query,
    .lock = pg_lock,
    .unlock = pg_unlock,
    .begin = pg_begin,
    .exec = pg_exec,
    .send = pg_send,
    .settle = pg_settle,
    .commit = pg_commit,
    .exec_alone = pg_exec_alone,
    .query = pg_query_row,
    .key_query = pg_key_query,
    .literal_function = "quote_literal",
    .rollback = pg_rollback,
    .version_create = pg_version_create,
    .version_move = pg_version_move,
    .history_add = pg_history_add,
    .history = pg_history,
    .restore = pg_restore,
    .reflect = pg_reflect,
    .definitions = pg_definitions,
    .scratch_open = pg_scratch_open,
    .scratch_close = pg_scratch_close,
    .complete = pg_complete,
    .normalise = pg_normalise,
};
