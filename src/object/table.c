/* The kinds of objects, and the keys of each in models. */
#include "cmig/object.h"

#define KEY \
    { \
        .key = "name", .doc = "The name.", .kind = FIELD_STRING, .flags = FIELD_IDENTITY, \
        .offset = offsetof(struct object, key) \
    }
#define SETTING(key_, at, doc_) \
    { \
        .key = (key_), .doc = (doc_), .kind = FIELD_STRING, .offset = offsetof(struct object, settings[at]) \
    }
#define NAME_SCHEMA "{\"type\": [\"string\", \"null\"]}"

static bool finish(struct decoder *d, const struct node *n, enum object_kind kind, struct object *o)
{
    if (!o->key || object_take_key(&d->ctx->arena, kind, o))
        return true;
    if (object_table[kind].naming == NAMED_FOR_METHOD)
        return decode_fail(d, n, "%s '%s': the name is followed by the index method, as in 'ops using btree'",
            object_table[kind].name, o->key);
    if (object_table[kind].naming != NAMED_BY_SIGNATURE)
        return decode_fail(d, n, "'%s' is not a name", o->key);
    return decode_fail(d, n,
        "%s '%s': the name is followed by the types of its arguments, as in 'f(text, integer)'",
        object_table[kind].name, o->key);
}

/* ---- settings: extensions ---- */

/* `extensions: [citext]`, and `citext:` without a value. */
static bool name_short(struct decoder *d, const struct node *n, void *object)
{
    struct object *o = object;
    if (n->kind != NODE_SCALAR || (o->key && !node_is_null(n)))
        return decode_fail(d, n, "expected a name, or a mapping");
    return node_is_null(n) || decode_string(d, n, &o->key);
}

static bool finish_extension(struct decoder *d, const struct node *n, void *object)
{
    return finish(d, n, OBJECT_EXTENSION, object);
}

static const struct field extension_fields[] = {
    KEY,
    SETTING("schema", 0, "The schema of its objects. Default: the default schema."),
    SETTING("version", 1, "The version. By default it is not compared."),
    {0},
};
#define EXTENSION_RECORD \
    { \
        .name = "extension", .size = sizeof(struct object), .fields = extension_fields, \
        .pos_offset = offsetof(struct object, pos), .given_offset = -1, .decode_short = name_short, \
        .short_schema = NAME_SCHEMA, .finish = finish_extension, \
    }
const struct record extension_record = EXTENSION_RECORD, model_extension_record = EXTENSION_RECORD;

/* ---- SQL ---- */

/* `touch: CREATE …` */
static bool sql_short(struct decoder *d, const struct node *n, void *object)
{
    return decode_dtext(d, n, &((struct object *)object)->sql);
}

static struct node *sql_encode_short(struct arena *a, const void *object)
{
    const struct object *o = object;
    return o->comment || o->renamed_from || access_is_given(o->access) || o->sql.by ||
                   dtext_is_set(&o->file) || o->triggers.n
               ? NULL
               : encode_dtext(a, &o->sql);
}

static bool finish_sql(struct decoder *d, const struct node *n, enum object_kind kind, struct object *o)
{
    if (!finish(d, n, kind, o))
        return false;
    if (dtext_is_set(&o->sql) != dtext_is_set(&o->file))
        return true;
    return decode_fail(d, n,
        dtext_is_set(&o->file) ? "%s takes 'sql' or 'file', not both" : "%s needs 'sql' or 'file'",
        object_table[kind].name);
}

/* clang-format off */
#define SQL_FIELDS \
    KEY, \
    {.key = "sql", .doc = "The SQL that creates it.", .kind = FIELD_DTEXT, .offset = offsetof(struct object, sql)}, \
    {.key = "file", .doc = "The file that contains this SQL, relative to the model's directory.", .kind = FIELD_DTEXT, \
        .offset = offsetof(struct object, file)}, \
    {.key = "comment", .doc = "What it is for.", .kind = FIELD_STRING, .offset = offsetof(struct object, comment)}
#define RENAMED_FIELD \
    {.key = "renamed_from", .kind = FIELD_STRING, .offset = offsetof(struct object, renamed_from), \
        .doc = "The previous name, so that it is renamed instead of dropped and created."}
#define OWNER_FIELD \
    {.key = "owner", .doc = "PostgreSQL: the role that owns it; see 'manage' in cmig.yaml.", .kind = FIELD_CUSTOM, \
        .custom = &access_owner_custom, .offset = offsetof(struct object, access)}
#define GRANTS_FIELD \
    {.key = "grants", .doc = "PostgreSQL: roles and their privileges; see 'manage' in cmig.yaml.", \
        .kind = FIELD_CUSTOM, .custom = &access_grants_custom, .offset = offsetof(struct object, access)}
/* clang-format on */
static const struct field sql_fields[] = {SQL_FIELDS, {0}};
static const struct field owned_fields[] = {SQL_FIELDS, OWNER_FIELD, {0}};
static const struct field renamed_fields[] = {SQL_FIELDS, RENAMED_FIELD, {0}};
static const struct field renamed_owned_fields[] = {SQL_FIELDS, RENAMED_FIELD, OWNER_FIELD, {0}};
static const struct field renamed_granted_fields[] = {
    SQL_FIELDS, RENAMED_FIELD, OWNER_FIELD, GRANTS_FIELD, {0}};

#define ONE_RECORD(word, fields_) \
    { \
        .name = #word, .size = sizeof(struct object), .fields = fields_, \
        .pos_offset = offsetof(struct object, pos), .given_offset = -1, .decode_short = sql_short, \
        .encode_short = sql_encode_short, .short_schema = "{\"type\": \"string\"}", .finish = finish_##word, \
    }
/* model_fields: what its models may say. */
#define SQL_RECORD(KIND, word, model_fields) \
    static bool finish_##word(struct decoder *d, const struct node *n, void *object) \
    { \
        return finish_sql(d, n, OBJECT_##KIND, object); \
    } \
    const struct record word##_record = ONE_RECORD(word, sql_fields), \
                        model_##word##_record = ONE_RECORD(word, model_fields);
SQL_RECORD(COLLATION, collation, renamed_owned_fields)
SQL_RECORD(TYPE, type, renamed_granted_fields)
SQL_RECORD(DOMAIN, domain, renamed_granted_fields)
SQL_RECORD(FUNCTION, function, renamed_granted_fields)
SQL_RECORD(PROCEDURE, procedure, renamed_granted_fields)
SQL_RECORD(AGGREGATE, aggregate, renamed_granted_fields)
SQL_RECORD(OPERATOR, operator, owned_fields)
SQL_RECORD(OPERATOR_FAMILY, operator_family, owned_fields)
SQL_RECORD(OPERATOR_CLASS, operator_class, owned_fields)
SQL_RECORD(CAST, cast, sql_fields)
SQL_RECORD(TRANSFORM, transform, sql_fields)
SQL_RECORD(TEXT_SEARCH_DICTIONARY, text_search_dictionary, renamed_owned_fields)
SQL_RECORD(TEXT_SEARCH_CONFIGURATION, text_search_configuration, renamed_owned_fields)
SQL_RECORD(STATISTICS, statistics, renamed_owned_fields)
SQL_RECORD(VIRTUAL_TABLE, virtual_table, renamed_fields)
SQL_RECORD(POLICY, policy, renamed_fields)
SQL_RECORD(RULE, rule, renamed_fields)
SQL_RECORD(TRIGGER, trigger, renamed_fields)
SQL_RECORD(LANGUAGE, language, renamed_fields)
SQL_RECORD(CONVERSION, conversion, renamed_fields)
SQL_RECORD(ACCESS_METHOD, access_method, sql_fields)
SQL_RECORD(TEXT_SEARCH_PARSER, text_search_parser, renamed_fields)
SQL_RECORD(TEXT_SEARCH_TEMPLATE, text_search_template, renamed_fields)
SQL_RECORD(FOREIGN_DATA_WRAPPER, foreign_data_wrapper, renamed_fields)
SQL_RECORD(SERVER, server, renamed_fields)
static const struct field foreign_table_fields[] = {SQL_FIELDS, RENAMED_FIELD,
    {.key = "triggers",
        .doc = "Its triggers.",
        .kind = FIELD_NAMED,
        .flags = FIELD_BLOCK,
        .offset = offsetof(struct object, triggers),
        .record = &model_trigger_record},
    {0}};
SQL_RECORD(FOREIGN_TABLE, foreign_table, foreign_table_fields)
SQL_RECORD(PUBLICATION, publication, renamed_fields)
SQL_RECORD(EVENT_TRIGGER, event_trigger, renamed_owned_fields)
SQL_RECORD(EVENT, event, renamed_fields)

/* ---- all of them ---- */

const struct object_row object_table[OBJECT_KINDS] = {
    [OBJECT_EXTENSION] = {"extension", "extensions", &extension_record, NAMED_IN_DATABASE, false,
        {{"schema", SETTING_SCHEMA}, {"version", SETTING_VERSION}}},
    [OBJECT_COLLATION] = {"collation", "collations", &collation_record, NAMED_IN_SCHEMA, true, {{0}}},
    [OBJECT_TYPE] = {"type", "types", &type_record, NAMED_IN_SCHEMA, true, {{0}}},
    [OBJECT_DOMAIN] = {"domain", "domains", &domain_record, NAMED_IN_SCHEMA, true, {{0}}},
    [OBJECT_FUNCTION] = {"function", "functions", &function_record, NAMED_BY_SIGNATURE, true, {{0}}},
    [OBJECT_PROCEDURE] = {"procedure", "procedures", &procedure_record, NAMED_BY_SIGNATURE, true, {{0}}},
    [OBJECT_AGGREGATE] = {"aggregate", "aggregates", &aggregate_record, NAMED_BY_SIGNATURE, true, {{0}}},
    [OBJECT_OPERATOR] = {"operator", "operators", &operator_record, NAMED_BY_SIGNATURE, true, {{0}}},
    [OBJECT_OPERATOR_FAMILY] = {"operator family", "operator_families", &operator_family_record,
        NAMED_FOR_METHOD, true, {{0}}},
    [OBJECT_OPERATOR_CLASS] = {"operator class", "operator_classes", &operator_class_record, NAMED_FOR_METHOD,
        true, {{0}}},
    [OBJECT_TRANSFORM] = {"transform", "transforms", &transform_record, NAMED_IN_DATABASE, true, {{0}}},
    [OBJECT_CAST] = {"cast", "casts", &cast_record, NAMED_IN_DATABASE, true, {{0}}},
    [OBJECT_TEXT_SEARCH_DICTIONARY] = {"text search dictionary", "text_search_dictionaries",
        &text_search_dictionary_record, NAMED_IN_SCHEMA, true, {{0}}},
    [OBJECT_TEXT_SEARCH_CONFIGURATION] = {"text search configuration", "text_search_configurations",
        &text_search_configuration_record, NAMED_IN_SCHEMA, true, {{0}}},
    [OBJECT_STATISTICS] = {"statistics", "statistics", &statistics_record, NAMED_IN_SCHEMA, true, {{0}}},
    [OBJECT_VIRTUAL_TABLE] = {"virtual table", "virtual_tables", &virtual_table_record, NAMED_IN_DATABASE,
        true, {{0}}},
    [OBJECT_POLICY] = {"policy", "policies", &policy_record, NAMED_ON_TABLE, true, {{0}}},
    [OBJECT_RULE] = {"rule", "rules", &rule_record, NAMED_ON_TABLE, true, {{0}}},
    [OBJECT_TRIGGER] = {"trigger", "triggers", &trigger_record, NAMED_ON_TABLE, true, {{0}}},
    [OBJECT_LANGUAGE] = {"language", "languages", &language_record, NAMED_IN_DATABASE, true, {{0}}},
    [OBJECT_CONVERSION] = {"conversion", "conversions", &conversion_record, NAMED_IN_SCHEMA, true, {{0}}},
    [OBJECT_ACCESS_METHOD] = {"access method", "access_methods", &access_method_record, NAMED_IN_DATABASE,
        true, {{0}}},
    [OBJECT_TEXT_SEARCH_PARSER] = {"text search parser", "text_search_parsers", &text_search_parser_record,
        NAMED_IN_SCHEMA, true, {{0}}},
    [OBJECT_TEXT_SEARCH_TEMPLATE] = {"text search template", "text_search_templates",
        &text_search_template_record, NAMED_IN_SCHEMA, true, {{0}}},
    [OBJECT_FOREIGN_DATA_WRAPPER] = {"foreign data wrapper", "foreign_data_wrappers",
        &foreign_data_wrapper_record, NAMED_IN_DATABASE, true, {{0}}},
    [OBJECT_SERVER] = {"server", "servers", &server_record, NAMED_IN_DATABASE, true, {{0}}},
    [OBJECT_FOREIGN_TABLE] = {"foreign table", "foreign_tables", &foreign_table_record, NAMED_IN_SCHEMA, true,
        {{0}}},
    [OBJECT_PUBLICATION] = {"publication", "publications", &publication_record, NAMED_IN_DATABASE, true,
        {{0}}},
    [OBJECT_EVENT_TRIGGER] = {"event trigger", "event_triggers", &event_trigger_record, NAMED_IN_DATABASE,
        true, {{0}}},
    [OBJECT_EVENT] = {"event", "events", &event_record, NAMED_IN_DATABASE, true, {{0}}},
};

bool object_kind_renames(enum object_kind kind)
{
    static const bool renames[OBJECT_KINDS] = {
#define RENAMES_OF(KIND, word, plural, change, naming, phrase, renames_) [OBJECT_##KIND] = (renames_),
        EACH_OBJECT_KIND(RENAMES_OF)
#undef RENAMES_OF
    };

    return renames[kind];
}

enum object_kind object_kind_by_name(const char *name)
{
    int kind = 0;
    while (kind < OBJECT_KINDS && !str_eq(object_table[kind].name, name))
        kind++;
    return (enum object_kind)kind;
}
