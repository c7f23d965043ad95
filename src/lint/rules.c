/*
 * The table of lint's rules.
 *
 * A row says what a rule inspects, why, and the safe form; `cmig lint --explain` prints it, and the hint of a finding is its
 * safe form. The checks themselves are in change.c, design.c, downgrade.c, objects.c, statements.c and
 * touches.c beside this file, and in each dialect's
 * hazards.
 */
#include "cmig/lint.h"

#define ALL "all"
#define PG "PostgreSQL"
#define ONLINE "Set 'online: true' on the operation. Step by step: "

const char *const lint_level_names[] = {"off", "note", "warning", "error", NULL};

static const struct lint_form generated_forms[] = {
    {"postgresql", 180000, "Set 'stored: false': a virtual column is computed when it is read."},
    {NULL, 0, NULL},
};
static const struct lint_form not_null_forms[] = {
    {"postgresql", 180000,
        ONLINE
        "in SQL, add a constraint that is NOT NULL and NOT VALID, and validate it in the next revision."},
    {NULL, 0, NULL},
};
static const struct lint_form detach_forms[] = {
    {"postgresql", 0, "Plan a quiet time: before version 14, DETACH PARTITION always waits."},
    {"postgresql", 140000,
        "Set 'online: true' on the operation; in SQL, write DETACH PARTITION with CONCURRENTLY in a revision "
        "with 'transaction: false'."},
    {NULL, 0, NULL},
};
static const struct lint_form copy_forms[] = {
    {"mysql", 110200,
        "Put all such changes of a table into one revision: since version 11.2 most of them do not block "
        "writes while the rows are copied."},
    {NULL, 0, NULL},
};

const struct lint_rule lint_rules[RULES] = {
    /* ---- rows, scans and locks ---- */
    [RULE_ADD_COLUMN_REWRITE] = {"add-column-rewrite", LINT_WARNING, LINT_BY_SIZE | LINT_ONLINE, "add_column",
        PG,
        "A default that is computed for each row, such as random() or gen_random_uuid(), rewrites the table "
        "while nobody can read it. Constants and now() do not.",
        ONLINE
        "add the column without the default, set the default with alter_column, then fill the rows with "
        "backfill.",
        NULL},
    [RULE_ADD_GENERATED_COLUMN] = {"add-generated-column", LINT_WARNING, LINT_BY_SIZE, "add_column", PG,
        "A stored generated column rewrites the table while nobody can read it.",
        "Add a plain column, keep it up to date with a trigger, and fill it with backfill.", generated_forms},
    [RULE_ADD_NUMBERED_COLUMN] = {"add-numbered-column", LINT_WARNING, LINT_BY_SIZE | LINT_ONLINE,
        "add_column", PG,
        "A serial or identity column numbers all rows at once, which rewrites the table while nobody can "
        "read it.",
        "Set 'online: true' on the operation; or add a nullable bigint column, give it a sequence as its "
        "default, and fill it with backfill.",
        NULL},
    [RULE_ADD_REQUIRED_COLUMN] = {"add-required-column", LINT_ERROR, 0, "add_column", ALL,
        "A column that is not nullable and has no default cannot be added to a table with rows.",
        "Give the column a default, or add it nullable, fill it with backfill, then set 'nullable: false'.",
        NULL},
    [RULE_SET_NOT_NULL] = {"set-not-null", LINT_WARNING, LINT_BY_SIZE | LINT_ONLINE, "alter_column",
        PG " 12 and later",
        "All rows are read to prove that none is null, while nobody can read or write the table.",
        ONLINE
        "create a check 'column IS NOT NULL' with 'not_valid: true', validate it in the next revision, then "
        "set "
        "'nullable: false', which is proved by the check, and drop the check.",
        not_null_forms},
    [RULE_CHANGE_COLUMN_TYPE] = {"change-column-type", LINT_WARNING, LINT_BY_SIZE | LINT_ONLINE,
        "alter_column", PG,
        "The new type rewrites the table, rebuilds indexes or checks all rows while nobody can read it.",
        "Set 'online: true' on the operation; or add a column of the new type, keep both up to date with a "
        "trigger, fill it with backfill, then switch to it and drop the old column.",
        NULL},
    [RULE_CHANGE_GENERATED] = {"change-generated-column", LINT_WARNING, LINT_BY_SIZE, "alter_column", PG,
        "A new expression of a stored generated column rewrites the table while nobody can read it.",
        "Add a column with the new expression in the steps of add-generated-column, and drop the old one.",
        NULL},
    [RULE_CREATE_INDEX_BLOCKING] = {"create-index-blocking", LINT_WARNING, LINT_BY_SIZE | LINT_ONLINE,
        "create_index", PG, "Nobody can write to the table while the index is built.",
        "Set 'online: true' or 'concurrently: true' on the operation; in SQL, write CONCURRENTLY in a "
        "revision with "
        "'transaction: false'.",
        NULL},
    [RULE_DROP_INDEX_BLOCKING] = {"drop-index-blocking", LINT_NOTE, LINT_BY_SIZE | LINT_ONLINE, "drop_index",
        PG, "Dropping an index waits for all queries on the table, and later queries wait for it in turn.",
        "Set 'online: true' or 'concurrently: true' on the operation; in SQL, write CONCURRENTLY in a "
        "revision with "
        "'transaction: false'.",
        NULL},
    [RULE_REINDEX_BLOCKING] = {"reindex-blocking", LINT_WARNING, LINT_BY_SIZE, "SQL that reindexes",
        PG " 12 and later",
        "Nobody can write to the table while the index is rebuilt, and readers that would use it wait.",
        "Write REINDEX with CONCURRENTLY, in a revision with 'transaction: false'.", NULL},
    [RULE_ADD_UNIQUE] = {"add-unique-constraint", LINT_WARNING, LINT_BY_SIZE | LINT_ONLINE,
        "create_unique_constraint", PG,
        "The index of the constraint is built while nobody can read or write the table.",
        ONLINE "create a unique index with 'concurrently: true', then the constraint with 'using_index'.",
        NULL},
    [RULE_ADD_PRIMARY_KEY] = {"add-primary-key", LINT_WARNING, LINT_BY_SIZE | LINT_ONLINE,
        "create_primary_key", PG,
        "The index of the key is built, and all rows are checked for nulls, while nobody can read or write "
        "the "
        "table.",
        ONLINE
        "create a unique index with 'concurrently: true', make the columns NOT NULL, then create the key "
        "with "
        "'using_index'.",
        NULL},
    [RULE_ADD_FOREIGN_KEY] = {"add-foreign-key", LINT_WARNING, LINT_BY_SIZE | LINT_ONLINE,
        "create_foreign_key, add_column", PG, "All rows are checked while nobody can write to either table.",
        ONLINE "set 'not_valid: true', and write validate_constraint in the next revision.", NULL},
    [RULE_ADD_CHECK] = {"add-check", LINT_WARNING, LINT_BY_SIZE | LINT_ONLINE, "create_check_constraint", PG,
        "All rows are checked while nobody can read or write the table.",
        ONLINE "set 'not_valid: true', and write validate_constraint in the next revision.", NULL},
    [RULE_ADD_EXCLUSION] = {"add-exclusion", LINT_WARNING, LINT_BY_SIZE, "create_exclude_constraint", PG,
        "The index is built, and all rows are compared, while nobody can read or write the table. There is "
        "no "
        "form without that.",
        "Create the constraint with the table, or plan a time without users.", NULL},
    [RULE_VALIDATE_TOGETHER] = {"validate-in-same-transaction", LINT_WARNING, LINT_BY_SIZE,
        "validate_constraint", PG,
        "The lock of the statement that created the constraint is held while all rows are checked.",
        "Move validate_constraint to a revision of its own.", NULL},
    [RULE_ATTACH_PARTITION] = {"attach-partition", LINT_WARNING, LINT_BY_SIZE | LINT_ONLINE,
        "attach_partition", PG,
        "All rows of the partition are checked while nobody can read or write it, unless a valid check "
        "proves "
        "the bound. So are those of a default partition.",
        ONLINE
        "create a check with the bound, and IS NOT NULL for its columns, on the table; validate it, attach "
        "the "
        "partition, and drop the check.",
        NULL},
    [RULE_DETACH_PARTITION] = {"detach-partition", LINT_NOTE, LINT_ONLINE, "detach_partition",
        PG " 14 and later",
        "Detaching waits for all queries on the partitioned table, and later queries wait for it in turn.",
        "Set 'online: true' on the operation; in SQL, write DETACH PARTITION with CONCURRENTLY in a revision "
        "with 'transaction: false'.",
        detach_forms},
    [RULE_CREATE_PARTITION] = {"create-partition", LINT_NOTE, 0, "create_table", PG,
        "A new partition waits for all queries on the partitioned table, and reads all rows of a default "
        "partition.",
        "Create the table on its own, and attach it in the next revision.", NULL},
    [RULE_CHANGE_DOMAIN] = {"change-domain", LINT_WARNING, 0, "SQL that alters a domain", PG,
        "A new check of a domain reads all rows of every table that uses it, while nobody can write to them.",
        "Add the check NOT VALID, and validate it in the next revision.", NULL},
    [RULE_RECREATE_ENUM] = {"recreate-enum", LINT_WARNING, 0, "alter_enum", PG " and MariaDB",
        "Removing or moving a value rewrites every table that uses the type.",
        "Keep the old value, and add new ones at the end.", NULL},
    [RULE_REFRESH_BLOCKING] = {"refresh-blocking", LINT_WARNING, 0, "SQL that refreshes a view", PG,
        "Nobody can read the view while its query runs.",
        "Give the view a unique index, and refresh it CONCURRENTLY.", NULL},
    [RULE_REWRITE_TABLE] = {"rewrite-table", LINT_WARNING, LINT_BY_SIZE,
        "alter_table; SQL that clusters, vacuums in full, moves or unlogs a table", PG,
        "The table is rewritten while nobody can read or write it.",
        "Plan a time without users, or create a new table and move the rows in batches.", NULL},
    [RULE_COPY_TABLE] = {"copy-table", LINT_WARNING, LINT_BY_SIZE, "operations on tables", "MariaDB",
        "The database cannot make the change in place: all rows are copied, and nobody can write until that "
        "is "
        "done.",
        "Put all such changes of a table into one revision, and plan a quiet time for it.", copy_forms},
    [RULE_REBUILD_TABLE] = {"rebuild-table", LINT_NOTE, LINT_BY_SIZE, "operations on tables", "SQLite",
        "SQLite cannot make the change in place: all rows are copied to a new table, and nobody can write to "
        "the "
        "database until that is done.",
        "Put all such changes of a table into one revision, and plan a quiet time for it if the table is "
        "large.",
        NULL},
    [RULE_LOCK_TABLE] = {"lock-table", LINT_WARNING, 0, "SQL that locks tables", ALL,
        "The lock is held until the revision is committed.",
        "Leave the locks to the statements that need them.", NULL},
    [RULE_CONCURRENTLY_IN_TRANSACTION] = {"concurrently-in-transaction", LINT_ERROR, 0,
        "SQL with CONCURRENTLY", PG, "A statement with CONCURRENTLY cannot run in a transaction.",
        "Use the operation with 'concurrently: true', or set 'transaction: false' on the revision.", NULL},
    [RULE_DISABLE_TIMEOUT] = {"disable-timeout", LINT_WARNING, 0, "SQL that sets a timeout to 0", PG,
        "A statement that waits for a lock without a limit stops all queries that come after it.",
        "Remove the statement: cmig sets 'lock_timeout', and repeats what could not get its lock.", NULL},
    [RULE_BACKFILL_IN_TRANSACTION] = {"backfill-in-transaction", LINT_WARNING, LINT_BY_SIZE,
        "execute, and SQL that changes rows", PG ", SQLite",
        "Changes of the schema in the same revision hold their locks while the rows are changed.",
        "Use the operation backfill, or move the statement to a revision of its own.", NULL},
    [RULE_UNBATCHED_UPDATE] = {"unbatched-update", LINT_WARNING, LINT_BY_SIZE,
        "SQL that updates without a condition", ALL, "All rows are locked until the statement is committed.",
        "Use the operation backfill, which commits in batches.", NULL},
    /* ---- running programs ---- */
    [RULE_RENAME_COLUMN] = {"rename-column", LINT_WARNING, 0, "rename_column, alter_column", ALL,
        "Programs that still use the old name fail as soon as the revision is committed.",
        "Add a column with the new name, write to both, switch the programs, then drop the old column.",
        NULL},
    [RULE_RENAME_TABLE] = {"rename-table", LINT_WARNING, 0, "rename_table", ALL,
        "Programs that still use the old name fail as soon as the revision is committed.",
        "Create a view with the old name in the same revision, and drop it when no program uses it.", NULL},
    [RULE_RENAME_SCHEMA] = {"rename-schema", LINT_WARNING, 0, "SQL that renames a schema", PG,
        "Programs that still use the old name fail as soon as the revision is committed.",
        "Create a schema with the new name, and move the tables when no program uses the old one.", NULL},
    [RULE_RENAME_OBJECT] = {"rename-object", LINT_WARNING, 0,
        "rename_view, rename_sequence, rename_enum, rename_function and the like; SQL that renames or moves "
        "an "
        "object",
        ALL, "Programs that still use the old name fail as soon as the revision is committed.",
        "Create an object with the new name, and drop the old one when no program uses it.", NULL},
    [RULE_RENAME_ENUM_VALUE] = {"rename-enum-value", LINT_WARNING, 0, "alter_enum", ALL,
        "Programs that still write or expect the old value fail as soon as the revision is committed.",
        "Add the new value, switch the programs, then update the rows.", NULL},
    [RULE_DROP_NOT_NULL] = {"drop-not-null", LINT_NOTE, 0, "alter_column", ALL,
        "Programs that read the column may not expect a null.",
        "Change the programs that read the column before those that write to it.", NULL},
    [RULE_EXPAND_BREAKS] = {"expand-breaks", LINT_ERROR, 0, "revisions with 'phase: expand'", ALL,
        "Revisions of the expand phase run while the old version of the program is still in use, which the "
        "change breaks.",
        "Move the operation to a later revision with 'phase: contract'; 'cmig revision --autogenerate "
        "--phases' splits renames and type changes in this way.",
        NULL},
    [RULE_CHANGE_DEFAULT] = {"change-default", LINT_OFF, 0, "alter_column, SQL that sets or drops a default",
        ALL,
        "Programs that leave the column out store another value, or fail, as soon as the revision is "
        "committed.",
        "Let the programs set the column before its default changes.", NULL},
    [RULE_CHANGE_IDENTITY] = {"change-identity", LINT_NOTE, 0,
        "alter_column, SQL that changes an identity or drops an expression", PG,
        "Programs that leave the column out, or that set it, may fail as soon as the revision is committed.",
        "Change the programs that write to the column first.", NULL},
    [RULE_REPLACE_OBJECT] = {"replace-object", LINT_OFF, 0,
        "replace_view, replace_function and the like; SQL with OR REPLACE", ALL,
        "Programs get other results from the object as soon as the revision is committed.",
        "Create an object with another name, and switch the programs to it.", NULL},
    [RULE_REVOKE] = {"revoke", LINT_NOTE, 0, "revoke, SQL that revokes", PG ", MariaDB",
        "Programs that still use the privilege fail as soon as the revision is committed.",
        "Deploy programs that do not need the privilege first.", NULL},
    /* ---- data ---- */
    [RULE_DROP_COLUMN] = {"drop-column", LINT_WARNING, 0, "drop_column", ALL,
        "The values are lost, and programs that still use the column fail.",
        "Deploy programs that do not use the column first, and keep a copy of its values if they matter.",
        NULL},
    [RULE_DROP_TABLE] = {"drop-table", LINT_WARNING, 0, "drop_table", ALL,
        "The rows are lost, and programs that still use the table fail.",
        "Deploy programs that do not use the table first, and keep a copy of its rows if they matter.", NULL},
    [RULE_DROP_OBJECT] = {"drop-object", LINT_NOTE, 0,
        "drop_view, drop_sequence, drop_enum, drop_function and the like; SQL that drops an object", ALL,
        "Programs that still use the object fail as soon as the revision is committed.",
        "Deploy programs that do not use the object first.", NULL},
    [RULE_DROP_SCHEMA] = {"drop-schema", LINT_WARNING, 0, "drop_schema", PG,
        "With 'cascade' all that the schema contains is lost.", "Drop what it contains, object by object.",
        NULL},
    [RULE_DROP_DATABASE] = {"drop-database", LINT_ERROR, 0, "SQL that drops a database", PG ", MariaDB",
        "All data is lost.", "Remove the statement: a revision never needs it.", NULL},
    [RULE_TRUNCATE] = {"truncate", LINT_WARNING, 0, "SQL that truncates, or deletes without a condition", ALL,
        "The rows are lost.", "Delete only the rows that must go, in batches.", NULL},
    [RULE_CASCADE] = {"cascade", LINT_WARNING, 0, "operations with 'cascade', SQL with CASCADE", PG,
        "Objects that nobody named are dropped, too.",
        "Drop the dependent objects by operations of their own.", NULL},
    [RULE_DROP_CONSTRAINT] = {"drop-constraint", LINT_NOTE, 0, "drop_constraint", ALL,
        "Rows that violate the constraint can be written, and then it cannot be created again.",
        "Check that no program relies on the constraint.", NULL},
    [RULE_DISABLE_TRIGGERS] = {"disable-triggers", LINT_WARNING, 0, "SQL that disables triggers", PG,
        "Until the triggers are enabled again, they run in no session, and with ALL, foreign keys are not "
        "checked.",
        "Leave the triggers enabled, or let them test a setting of the session.", NULL},
    [RULE_DISABLE_CHECKS] = {"disable-checks", LINT_WARNING, 0,
        "SQL that switches off foreign keys, checks or triggers for the session", ALL,
        "Rows that violate constraints can be written, and the database never finds them.",
        "Write the rows in an order in which all constraints hold.", NULL},
    [RULE_REPLICA_IDENTITY] = {"replica-identity", LINT_WARNING, 0,
        "alter_table, SQL that sets the replica identity", PG,
        "With NOTHING, UPDATE and DELETE fail on published tables; with FULL, all columns of each changed "
        "row "
        "are written to the log.",
        "Publish a table by its primary key, or by a unique index without nulls.", NULL},
    /* ---- revisions ---- */
    [RULE_MISSING_DOWNGRADE] = {"missing-downgrade", LINT_WARNING, 0, "revisions other than a baseline", ALL,
        "The revision cannot be reverted.",
        "Write a 'downgrade:' part, or 'downgrade: []' if there is nothing to revert.", NULL},
    [RULE_INCOMPLETE_DOWNGRADE] = {"incomplete-downgrade", LINT_WARNING, 0, "revisions without SQL", ALL,
        "After the upgrade and the downgrade the schema is not as before.",
        "Write the inverse of each operation, in reverse order.", NULL},
    [RULE_BRANCH_CONFLICT] = {"branch-conflict", LINT_WARNING, 0, "revisions in different branches", ALL,
        "The branches may be applied in either order, and then give different results.",
        "Let one of the revisions depend on the other one, or merge the branches first.", NULL},
    [RULE_REFUSED_SQL] = {"refused-sql", LINT_ERROR, 0, "SQL", ALL,
        "cmig refuses to run the text: it begins or ends a transaction, or has what only a client program "
        "knows.",
        "Remove the statement: each revision runs in a transaction of its own.", NULL},
    [RULE_NEEDS_VERSION] = {"needs-version", LINT_ERROR, 0, "operations and SQL", PG ", SQLite",
        "The oldest server that 'lint: {versions: ...}' in cmig.yaml names cannot run it.",
        "Write it without what the server lacks, or raise the version.", NULL},
    [RULE_CREATE_EXTENSION] = {"create-extension", LINT_OFF, 0, "create_extension, SQL that creates one", PG,
        "The extension must be installed on each server, and creating it may need a superuser.",
        "Ask the administrators of all servers before the revision is deployed.", NULL},
    [RULE_NOT_REPEATABLE] = {"not-repeatable", LINT_NOTE, 0, "SQL in revisions with 'transaction: false'",
        ALL,
        "If the connection is lost while the statement runs, it may have been committed, and fails when it "
        "is repeated.",
        "Write IF EXISTS or IF NOT EXISTS.", NULL},
    [RULE_UNPARSED] = {"unparsed", LINT_OFF, 0, "SQL", ALL,
        "Lint does not understand the statement, and cannot tell what it costs.",
        "Read it yourself, or use operations instead.", NULL},
    [RULE_SYNTAX_ERROR] = {"syntax-error", LINT_WARNING, 0, "SQL", PG ", with libpg_query",
        "PostgreSQL's own parser does not accept the statement.",
        "Correct the statement, or allow the rule if the server's syntax is newer than the parser.", NULL},
    /* ---- design ---- */
    [RULE_FOREIGN_KEY_WITHOUT_INDEX] = {"foreign-key-without-index", LINT_WARNING, 0,
        "create_table, create_foreign_key, add_column, drop_index", PG ", SQLite",
        "Without an index, deleting or changing a referenced row reads the whole table.",
        "Create an index that begins with the columns of the foreign key.", NULL},
    [RULE_NAMING] = {"naming", LINT_WARNING, 0, "operations that name indexes and constraints", ALL,
        "The name is not the one that 'naming' in cmig.yaml gives.",
        "Leave the name out, so that 'naming' chooses it.", NULL},
    [RULE_IDENTIFIER_TOO_LONG] = {"identifier-too-long", LINT_WARNING, 0,
        "SQL that creates or changes objects", PG ", MariaDB",
        "PostgreSQL cuts a name after 63 bytes, so that two names may become one; MariaDB rejects one of "
        "more "
        "than 64 characters.",
        "Choose a shorter name.", NULL},
    [RULE_WIDE_INDEX] = {"wide-index", LINT_OFF, 0, "create_index", ALL,
        "An index that is not unique and has more than three columns is rarely better than a shorter one.",
        "Index the columns that select the fewest rows.", NULL},
    [RULE_INTEGER_KEY] = {"integer-key", LINT_NOTE, 0, "create_table, create_primary_key", PG ", MariaDB",
        "A numbered key of 32 bits or less runs out after about two billion rows, and changing its type "
        "rewrites the table.",
        "Use bigint for the key.", NULL},
    [RULE_INTEGER_TYPE] = {"integer-type", LINT_OFF, 0, "create_table, add_column, alter_column", PG,
        "A column of 32 bits or less may run out of numbers, and changing its type rewrites the table.",
        "Use bigint.", NULL},
    [RULE_JSON_TYPE] = {"json-type", LINT_WARNING, 0, "create_table, add_column, alter_column", PG,
        "json has no equality, so that DISTINCT and GROUP BY fail on the table.", "Use jsonb.", NULL},
    [RULE_CHAR_TYPE] = {"char-type", LINT_OFF, 0, "create_table, add_column, alter_column", PG,
        "char(n) pads values with blanks, and ignores them in some comparisons.", "Use text with a check.",
        NULL},
    [RULE_VARCHAR_TYPE] = {"varchar-type", LINT_OFF, 0, "create_table, add_column, alter_column", PG,
        "A shorter limit rewrites the table later.", "Use text with a check.", NULL},
    [RULE_TIMESTAMP_TYPE] = {"timestamp-type", LINT_OFF, 0, "create_table, add_column, alter_column", PG,
        "A timestamp without time zone means another moment in every time zone.",
        "Use timestamp with time zone.", NULL},
    [RULE_MONEY_TYPE] = {"money-type", LINT_OFF, 0, "create_table, add_column, alter_column", PG,
        "The number of decimals of money depends on the server's locale.", "Use numeric.", NULL},
    [RULE_SERIAL_TYPE] = {"serial-type", LINT_OFF, 0, "create_table, add_column", PG,
        "A serial column's sequence has privileges of its own, and a default that can be changed.",
        "Use an identity column.", NULL},
    [RULE_DOMAIN_CONSTRAINT] = {"domain-constraint", LINT_OFF, 0, "SQL that creates a domain", PG,
        "Changing a domain's check later reads all rows of every table that uses it.",
        "Use checks on tables instead.", NULL},
    [RULE_TABLE_WITHOUT_KEY] = {"table-without-key", LINT_OFF, 0, "create_table", ALL,
        "Rows cannot be told apart: replication, clusters and backfills need a primary key.",
        "Give the table a primary key.", NULL},
    [RULE_ENUM_VALUE_ORDER] = {"enum-value-order", LINT_NOTE, 0, "SQL that adds a value to an enum", PG,
        "The value becomes the last one, after which rows are sorted.",
        "Write BEFORE or AFTER, or use alter_enum with all values.", NULL},
    /* ---- comments that allow ---- */
    [RULE_INVALID_ALLOW] = {"invalid-allow", LINT_ERROR, LINT_FIXED, "comments with cmig-lint:", ALL,
        "A comment that allows something names a rule, and a reason.",
        "Write '# cmig-lint: allow RULE, reason', or '-- cmig-lint: allow RULE, reason' in SQL.", NULL},
    [RULE_UNUSED_ALLOW] = {"unused-allow", LINT_NOTE, 0, "comments with cmig-lint:", ALL,
        "Nothing here breaks the rule.", "Remove the comment.", NULL},
};

enum rule lint_rule_find(const char *name)
{
    for (size_t i = 0; i < RULES; i++)
        if (str_eq(lint_rules[i].name, name))
            return (enum rule)i;
    return RULES;
}

#undef lint_rule_suggest
bool lint_rule_suggest(struct ctx *ctx, const char *name)
{
    const char *names[RULES], *near;

    for (size_t i = 0; i < RULES; i++)
        names[i] = lint_rules[i].name;
    near = str_nearest(name, names, RULES);
    if (near)
        return fail_hint(ctx, "Did you mean '%s'?", near);
    return fail_hint(ctx, "Run 'cmig lint --list-rules' for the names of all rules.");
}

static bool find_level(const char *name, enum lint_level *ret)
{
    for (size_t i = 0; lint_level_names[i]; i++) {
        if (!str_eq(name, lint_level_names[i]))
            continue;
        *ret = (enum lint_level)i;
        return true;
    }
    return false;
}

static bool configure_rule(struct ctx *ctx, const struct lint_rule_config *c, struct lint_levels *ret)
{
    enum rule rule = lint_rule_find(c->name);
    enum lint_level level;

    if (rule == RULES) {
        fail_at(ctx, STATUS_CONFIG, c->pos, "unknown rule '%s'", c->name);
        return lint_rule_suggest(ctx, c->name);
    }
    if (!find_level(c->level, &level)) {
        fail_at(ctx, STATUS_CONFIG, c->pos, "rule '%s': unknown level '%s'", c->name, c->level);
        return fail_hint(ctx, "Expected one of off, note, warning, error.");
    }
    if (lint_rules[rule].flags & LINT_FIXED)
        return fail_at(ctx, STATUS_CONFIG, c->pos, "the level of rule '%s' cannot be changed", c->name);
    ret->of[rule] = level;
    return true;
}

bool lint_configure(struct ctx *ctx, const struct lint_config *config, struct lint_levels *ret)
{
    *ret = (struct lint_levels){.small_rows = config ? config->small_rows : LINT_SMALL_ROWS};
    for (size_t i = 0; i < RULES; i++)
        ret->of[i] = lint_rules[i].level;
    for (size_t i = 0; config && i < config->rules.n; i++)
        if (!configure_rule(ctx, config->rules.v[i], ret))
            return false;
    return true;
}
