/*
 * The keys of cmig.yaml.
 */
#include "config.h"

#define TEXT "{\"type\": \"string\"}"

static const char *const transaction_names[] = {"revision", "run", "none", NULL};
static const char *const integer_keys_names[] = {"auto", "serial", "identity", NULL};
static const char *const edited_files_names[] = {"warn", "error", NULL};
static const char *const heads_names[] = {"several", "single", NULL};
static const char *const format_names[] = {"yaml", "sql", NULL};

/* ---- lock ---- */

static bool lock_short(struct decoder *d, const struct node *n, void *object)
{
    struct lock_config *lock = object;

    return decode_string(d, n, &lock->timeout);
}

static bool check_duration(struct decoder *d, const struct node *n, const char *key, const char *text)
{
    const struct node *value = node_get(n, key);
    uint64_t ms;

    if (!text || time_parse_duration(text, &ms))
        return true;
    decode_fail(d, value ? value : n, "invalid duration '%s'", text);
    return fail_hint(d->ctx, "Write a whole number followed by ms, s, m or h, such as 60s.");
}

static bool lock_finish(struct decoder *d, const struct node *n, void *object)
{
    struct lock_config *lock = object;
    const struct node *retries = node_get(n, "retries");

    lock->retries_given = retries && !node_is_null(retries);
    if (lock->retries < 0 || lock->retries > LOCK_RETRIES_MAX)
        return decode_fail(d, retries, "key 'retries': expected a number from 0 to %d", LOCK_RETRIES_MAX);
    return check_duration(d, n, "timeout", lock->timeout) && check_duration(d, n, "table", lock->table) &&
           check_duration(d, n, "retry_for", lock->retry_for);
}

static const struct record lock_record = {
    .name = "lock",
    .size = sizeof(struct lock_config),
    .fields =
        (const struct field[]){
            {.key = "timeout",
                .doc = "How long to wait for another cmig that works on the same database: 500ms, 60s, 2m. "
                       "Default: 60s.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct lock_config, timeout)},
            {.key = "table",
                .doc =
                    "How long a statement waits for a lock that another session holds, such as one on a "
                    "table. On PostgreSQL lock_timeout, unless the URL, PGOPTIONS, the role or the database "
                    "sets it; on MariaDB lock_wait_timeout. 0s: no limit. Default: 2s.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct lock_config, table)},
            {.key = "retry_for",
                .doc = "How long a run tries again to get such locks, in total, with growing pauses in "
                       "between. 0s: it does not try again. Default: 60s, or no limit if 'retries' is set.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct lock_config, retry_for)},
            {.key = "retries",
                .doc = "How often a run tries again to get such locks. Default: as often as 'retry_for' "
                       "allows.",
                .kind = FIELD_INT,
                .offset = offsetof(struct lock_config, retries)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
    .decode_short = lock_short,
    .short_schema = "{\"type\": [\"string\", \"integer\"]}",
    .finish = lock_finish,
};

/* ---- naming ---- */

#define PATTERN(field, what, pattern) \
    { \
        .key = #field, .doc = "Name of " what ". Default: " pattern ".", .kind = FIELD_STRING, \
        .offset = offsetof(struct naming, field) \
    }

static bool naming_finish(struct decoder *d, const struct node *n, ATTR_UNUSED void *object)
{
    for (size_t i = 0; n->kind == NODE_MAPPING && i < n->n; i++) {
        const struct node *pattern = n->v[2 * i + 1];

        if (!node_is_null(pattern) && !naming_check(d->ctx, pattern->scalar))
            return fail_in(
                d->ctx, "%snaming: %s", pos_text(&d->ctx->arena, node_pos(pattern)), n->v[2 * i]->scalar);
    }
    return true;
}

static const struct record naming_record = {
    .name = "naming",
    .size = sizeof(struct naming),
    .fields =
        (const struct field[]){
            PATTERN(index, "an index without a name", "ix_{table}_{columns}"),
            PATTERN(unique, "a unique constraint without a name", "uq_{table}_{columns}"),
            PATTERN(foreign_key, "a foreign key without a name", "fk_{table}_{columns}_{referred_table}"),
            PATTERN(check, "a check without a name", "ck_{table}_{name}"),
            PATTERN(primary_key, "a primary key without a name", "pk_{table}"),
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
    .finish = naming_finish,
};

/* ---- lint ---- */

static bool rule_short(struct decoder *d, const struct node *n, void *object)
{
    struct lint_rule_config *rule = object;

    return decode_string(d, n, &rule->level);
}

static struct node *rule_encode(struct arena *a, const void *object)
{
    const struct lint_rule_config *rule = object;

    return node_string(a, rule->level);
}

static const struct record lint_rule_record = {
    .name = "rule",
    .size = sizeof(struct lint_rule_config),
    .fields =
        (const struct field[]){
            {.key = "name",
                .doc = "The rule.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct lint_rule_config, name)},
            {.key = "level",
                .doc = "off, note, warning or error.",
                .kind = FIELD_STRING,
                .flags = FIELD_REQUIRED,
                .offset = offsetof(struct lint_rule_config, level)},
            {.key = NULL},
        },
    .pos_offset = offsetof(struct lint_rule_config, pos),
    .given_offset = -1,
    .decode_short = rule_short,
    .encode_short = rule_encode,
    .short_schema = "{\"enum\": [\"off\", \"note\", \"warning\", \"error\"]}",
};

/* "14" or "10.11.2", of a server that is supported. */
static bool read_version(struct decoder *d, const struct node *n, const char *key, const char *name,
    int oldest, struct lint_version *v)
{
    unsigned parts[3] = {0};
    int end = 0;

    if (!v->text)
        return true;
    int found = sscanf(v->text, "%3u%n.%2u%n.%2u%n", &parts[0], &end, &parts[1], &end, &parts[2], &end);
    if (found < 1 || v->text[end])
        return decode_fail(d, node_get(n, key), "invalid version '%s'", v->text);
    v->number = (int)(parts[0] * 10000 + parts[1] * 100 + parts[2]);
    return v->number >= oldest || decode_fail(d, node_get(n, key),
                                      "%s %s is older than the oldest supported version", name, v->text);
}

static bool versions_finish(struct decoder *d, const struct node *n, void *object)
{
    struct lint_versions *v = object;

    return read_version(d, n, "postgresql", "PostgreSQL", 120000, &v->postgresql) &&
           read_version(d, n, "mariadb", "MariaDB", 100600, &v->mariadb) &&
           read_version(d, n, "sqlite", "SQLite", 32200, &v->sqlite);
}

static const struct record lint_versions_record = {
    .name = "versions",
    .size = sizeof(struct lint_versions),
    .fields =
        (const struct field[]){
            {.key = "postgresql",
                .doc = "The oldest PostgreSQL on which revisions run, such as 14.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct lint_versions, postgresql.text)},
            {.key = "mariadb",
                .doc = "The oldest MariaDB on which revisions run, such as 10.11.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct lint_versions, mariadb.text)},
            {.key = "sqlite",
                .doc = "The oldest SQLite on which revisions run, such as 3.34.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct lint_versions, sqlite.text)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
    .finish = versions_finish,
};

static bool lint_finish(struct decoder *d, const struct node *n, void *object)
{
    struct lint_config *lint = object;
    const struct node *rows = node_get(n, "small_rows");

    if (!rows || node_is_null(rows))
        lint->small_rows = LINT_SMALL_ROWS;
    return lint->small_rows >= 0 || decode_fail(d, rows, "key 'small_rows': expected a number of rows");
}

static const struct record lint_record = {
    .name = "lint",
    .size = sizeof(struct lint_config),
    .fields =
        (const struct field[]){
            {.key = "rules",
                .doc = "Levels of rules: off, note, warning or error, as in {drop-table: error}.",
                .kind = FIELD_MAP,
                .record = &lint_rule_record,
                .offset = offsetof(struct lint_config, rules)},
            {.key = "versions",
                .doc =
                    "The oldest servers on which revisions run: findings and hints are for these versions.",
                .kind = FIELD_RECORD,
                .record = &lint_versions_record,
                .offset = offsetof(struct lint_config, versions)},
            {.key = "small_rows",
                .doc = "Rows up to which `lint --stats` takes a table for small. Default: 10000.",
                .kind = FIELD_INT,
                .offset = offsetof(struct lint_config, small_rows)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
    .finish = lint_finish,
};

/* ---- post_write ---- */

static bool command_short(struct decoder *d, const struct node *n, void *object)
{
    struct command_line *line = object;

    if (n->kind == NODE_SCALAR && !node_is_null(n)) {
        decode_fail(d, n, "a command is a list of words, not %s", node_describe(&d->ctx->arena, n));
        return fail_hint(d->ctx, "Write a list of words, as in [[yamllint, \"{path}\"]].");
    }
    return decode_strings(d, n, &line->words);
}

static bool command_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct command_line *line = object;

    return line->words.n || decode_fail(d, n, "a command has at least the program's name");
}

static struct node *command_encode(struct arena *a, const void *object)
{
    const struct command_line *line = object;

    return encode_strings(a, &line->words);
}

static const struct record command_record = {
    .name = "command",
    .size = sizeof(struct command_line),
    .fields =
        (const struct field[]){
            {.key = "command",
                .doc = "A program and its arguments.",
                .kind = FIELD_STRINGS,
                .offset = offsetof(struct command_line, words)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
    .decode_short = command_short,
    .encode_short = command_encode,
    .short_schema = "{\"type\": \"array\", \"items\": " TEXT "}",
    .finish = command_finish,
};

/* ---- version_table: a name, or a mapping of its parts ---- */

static const struct record version_table_record = {
    .name = "version_table",
    .size = sizeof(struct version_config),
    .fields =
        (const struct field[]){
            {.key = "name",
                .doc = "Its name.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct version_config, name.name)},
            {.key = "schema",
                .doc = "The schema that contains it. Default: the connection\'s own.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct version_config, name.schema)},
            {.key = "column",
                .doc = "Its column. Default: version_column, or revision.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct version_config, column)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
};

static bool version_table_decode(struct decoder *d, const struct node *n, void *value)
{
    struct version_config *table = value;

    if (node_is_null(n))
        return true;
    return n->kind == NODE_MAPPING ? record_decode(d, &version_table_record, n, table)
                                   : decode_qname(d, n, &table->name);
}

static struct node *version_table_encode(struct arena *a, const void *value)
{
    const struct version_config *table = value;

    if (table->column)
        return record_encode(a, &version_table_record, table);
    return table->name.name ? node_string(a, qname_text(a, &table->name)) : NULL;
}

static bool version_table_equal(const void *a, const void *b)
{
    const struct version_config *one = a, *other = b;

    return qname_eq(&one->name, &other->name) && str_eq(one->column, other->column);
}

static const struct field_custom version_table_custom = {
    .decode = version_table_decode,
    .encode = version_table_encode,
    .equal = version_table_equal,
    .json_schema = "{\"oneOf\": [" TEXT ", {\"type\": \"object\", \"properties\": {\"name\": " TEXT
                   ", \"schema\": " TEXT ", \"column\": " TEXT "}, \"additionalProperties\": false}]}",
};

/* ---- history: written as its opposite, so that zero is the default ---- */

static bool history_decode(struct decoder *d, const struct node *n, void *value)
{
    bool history;

    if (!node_bool(n, &history))
        return decode_fail(
            d, n, "key 'history': expected true or false, found %s", node_describe(&d->ctx->arena, n));
    *(bool *)value = !history;
    return true;
}

static struct node *history_encode(struct arena *a, const void *value)
{
    return *(const bool *)value ? node_boolean(a, false) : NULL;
}

static bool history_equal(const void *a, const void *b)
{
    return *(const bool *)a == *(const bool *)b;
}

static const struct field_custom history_custom = {
    .decode = history_decode,
    .encode = history_encode,
    .equal = history_equal,
    .json_schema = "{\"type\": \"boolean\"}",
};

/* ---- environments: merged before the rest is decoded, and gone by then ---- */

static bool environments_decode(struct decoder *d, const struct node *n, void *value)
{
    (void)value;
    return decode_fail(d, n, "environments are allowed only at the top level");
}

static struct node *environments_encode(struct arena *a, const void *value)
{
    (void)a, (void)value;
    return NULL;
}

static bool environments_equal(const void *a, const void *b)
{
    (void)a, (void)b;
    return true;
}

static void environments_arrange(struct node *n)
{
    for (uint32_t i = 0; n->kind == NODE_MAPPING && i < n->n; i++)
        record_arrange(&config_record, n->v[2 * i + 1]);
}

static const struct field_custom environments_custom = {
    .decode = environments_decode,
    .encode = environments_encode,
    .equal = environments_equal,
    .arrange = environments_arrange,
    .json_schema = "{\"type\": [\"object\", \"null\"], \"additionalProperties\": "
                   "{\"$ref\": \"#/$defs/configuration\"}}",
};

/* ---- the file ---- */

#define AT(member) .offset = offsetof(struct config, member)

static const struct field config_fields[] = {
    {.key = "url",
        .doc = "The database: sqlite:///app.db, postgresql://user@host/name. --url overrides it; if not set, "
               "DATABASE_URL and DATABASE_URL_FILE are read.",
        .kind = FIELD_STRING,
        AT(url)},
    {.key = "url_command",
        .doc = "A program and its arguments, run without a shell, whose output is the URL.",
        .kind = FIELD_STRINGS,
        AT(url_command)},
    {.key = "targets",
        .doc = "The databases, or the schemas of tenants, in which upgrade, downgrade, stamp, current, "
               "status, check and log run.",
        .kind = FIELD_CUSTOM,
        .custom = &targets_custom,
        AT(targets)},
    {.key = "rollout",
        .doc = "The order of the targets, and how many run at the same time.",
        .kind = FIELD_RECORD,
        .record = &rollout_record,
        AT(rollout)},
    {.key = "models",
        .doc =
            "What describes the tables: files, directories (all *.yaml, *.yml and *.sql below) or globs, the "
            "URL of a database, and programs that print SQL or YAML. Default: models.",
        .kind = FIELD_CUSTOM,
        .custom = &models_custom,
        .offset = 0},
    {.key = "scratch_url",
        .doc = "An empty database on a server into which models in SQL are loaded, and of which nothing "
               "stays. Default: a database that is created for this and dropped again, if the user may.",
        .kind = FIELD_STRING,
        AT(scratch_url)},
    {.key = "migrations",
        .doc = "Directories of revision files; new ones go to the first. Default: migrations.",
        .kind = FIELD_STRINGS,
        AT(migrations)},
    {.key = "tests",
        .doc =
            "Files, directories (all *.yaml and *.yml in them) or globs of the cases that `cmig test` runs. "
            "Default: the directory tests in the first directory of `migrations`.",
        .kind = FIELD_STRINGS,
        AT(tests)},
    {.key = "recursive",
        .doc = "Whether subdirectories of `migrations` are read, too, apart from those of `tests`.",
        .kind = FIELD_BOOL,
        AT(recursive)},
    {.key = "version_table",
        .doc = "The table that holds the applied revisions: a name, schema.name, or {name: …, schema: …, "
               "column: …}. "
               "cmig_version keeps its history in cmig_history, any other NAME in NAME_history. Default: "
               "cmig_version.",
        .kind = FIELD_CUSTOM,
        .custom = &version_table_custom,
        AT(version_table)},
    {.key = "version_column",
        .doc = "The column of that table. Default: revision.",
        .kind = FIELD_STRING,
        AT(version_column)},
    {.key = "history",
        .doc = "Whether a history of every step is kept in the database. Default: true.",
        .kind = FIELD_CUSTOM,
        .custom = &history_custom,
        AT(no_history)},
    {.key = "schemas",
        .doc = "PostgreSQL schemas under management. Default: the connection's own.",
        .kind = FIELD_STRINGS,
        AT(schemas)},
    {.key = "exclude",
        .doc = "Objects that are never reported and never changed: globs of [kind:][schema.]name.",
        .kind = FIELD_STRINGS,
        AT(exclude)},
    {.key = "include",
        .doc = "If set, only objects that match one of these globs are compared.",
        .kind = FIELD_STRINGS,
        AT(include)},
    {.key = "manage",
        .doc = "PostgreSQL: `grants`, `owners` or both: privileges and owners in models are compared and "
               "migrated. Default: neither.",
        .kind = FIELD_STRINGS,
        AT(manage)},
    {.key = "transaction",
        .doc = "What runs in one transaction: each revision, the whole run, or nothing. Default: revision.",
        .kind = FIELD_CHOICE,
        .names = transaction_names,
        AT(transaction)},
    {.key = "lock",
        .doc = "Waiting for other runs of cmig, and for locks of other sessions.",
        .kind = FIELD_RECORD,
        .record = &lock_record,
        AT(lock)},
    {.key = "edited_files",
        .doc = "What check, upgrade and downgrade do if the file of an applied revision was edited: warn, or "
               "error, as with --strict. Default: warn.",
        .kind = FIELD_CHOICE,
        .names = edited_files_names,
        AT(edited_files)},
    {.key = "pager",
        .doc = "The program, and its options, that shows long results on a terminal; '' for none. CMIG_PAGER "
               "overrides it. Default: PAGER, or else less.",
        .kind = FIELD_STRING,
        AT(pager)},
    {.key = "protected",
        .doc = "Whether switch and drop-database refuse this database. Default: false.",
        .kind = FIELD_BOOL,
        AT(is_protected)},
    {.key = "heads",
        .doc =
            "Whether the revisions may have several heads. With 'single', check, revision and upgrade fail "
            "while there are several. Default: several.",
        .kind = FIELD_CHOICE,
        .names = heads_names,
        AT(heads)},
    {.key = "online",
        .doc = "Whether --autogenerate sets 'online: true' on operations on existing tables, as with "
               "--online. Default: false.",
        .kind = FIELD_BOOL,
        AT(online)},
    {.key = "assertions",
        .doc = "Whether --autogenerate writes assertions for operations that existing rows may make fail, as "
               "with --assert. Default: false.",
        .kind = FIELD_BOOL,
        AT(assertions)},
    {.key = "integer_keys",
        .doc = "How PostgreSQL numbers a new integer key: serial, as SQLAlchemy and Alembic expect it, or "
               "identity. Default: auto, serial in revisions that are written for PostgreSQL.",
        .kind = FIELD_CHOICE,
        .names = integer_keys_names,
        AT(integer_keys)},
    {.key = "naming",
        .doc = "Patterns for the names of unnamed constraints and indexes.",
        .kind = FIELD_RECORD,
        .record = &naming_record,
        AT(naming)},
    {.key = "lint",
        .doc = "What `cmig lint` warns of.",
        .kind = FIELD_RECORD,
        .record = &lint_record,
        AT(lint)},
    {.key = "hooks",
        .doc = "Programs and SQL that run before and after upgrades and downgrades, and each of their "
               "revisions.",
        .kind = FIELD_RECORD,
        .record = &hooks_record,
        AT(hooks)},
    {.key = "file_template",
        .doc =
            "Names of new revision files, made of {rev}, {slug}, {message}, {date} and its parts. Default: "
            "{rev}_{slug}.",
        .kind = FIELD_STRING,
        AT(file_template)},
    {.key = "slug_length",
        .doc = "Maximum length of {slug} in bytes. Default: 40.",
        .kind = FIELD_INT,
        AT(slug_length)},
    {.key = "format",
        .doc = "Format of new revision files. Default: yaml.",
        .kind = FIELD_CHOICE,
        .names = format_names,
        AT(format)},
    {.key = "templates",
        .doc = "A directory with the project's own templates for new files, revision.yaml and revision.sql, "
               "which may contain {rev}, "
               "{down_revision}, {message}, {slug}, {date}, {author}, {branch_labels}, {depends_on}, {only}, "
               "{upgrade} and "
               "{downgrade}.",
        .kind = FIELD_STRING,
        AT(templates)},
    {.key = "post_write",
        .doc = "Commands that are run on a new revision file; {path} is replaced by its path.",
        .kind = FIELD_LIST,
        .record = &command_record,
        AT(post_write)},
    {.key = "environments",
        .doc = "Settings by environment; -n NAME merges those of NAME over the top level.",
        .kind = FIELD_CUSTOM,
        .custom = &environments_custom,
        .offset = 0},
    {.key = NULL},
};

const struct record config_record = {
    .name = "configuration",
    .size = sizeof(struct config),
    .fields = config_fields,
    .pos_offset = -1,
    .given_offset = -1,
};
