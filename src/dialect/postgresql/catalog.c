/* What do the words of a query stand for, and where is what cmig does not model? */
#include "dialect/postgresql/catalog.h"

#include "dialect/postgresql/names.h"

/* The judge's tables are temporary and partitioned, since such have no files. */
#define KIND_OR_JUDGED(plain, partitioned) \
    "(c.relkind = '" plain "' OR c.relkind = '" partitioned \
    "' AND c.relnamespace = pg_catalog.pg_my_temp_schema())"

/* The first that the server is new enough for. */
static const struct {
    const char *word;
    int since;
    const char *text;
} words[] = {
    {"schemas", 0,
        "ARRAY(SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY ($1::pg_catalog.text[]))"},
    {"is_table", 0, KIND_OR_JUDGED("r", "p")},
    {"is_index", 0, KIND_OR_JUDGED("i", "I")},
    {"default", 0, PG_DEFAULT_TEXT},
    {"compression", 140000, "a.attcompression"},
    {"compression", 0, "''"},
    {"nulls_not_distinct", 150000, "i.indnullsnotdistinct"},
    {"nulls_not_distinct", 0, "false"},
    {"set_null_columns", 150000, "k.confdelsetcols"},
    {"set_null_columns", 0, "NULL"},
    {"is_enforced", 180000, "k.conenforced"},
    {"is_enforced", 0, "true"},
    {"has_period", 180000, "k.conperiod"},
    {"has_period", 0, "false"},
};

static const char *text_of(const char *word, size_t n, int version)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strlen(words[i].word) == n && strncmp(words[i].word, word, n) == 0 && version >= words[i].since)
            return words[i].text;
    assert(!"a word of the queries");
    return "";
}

const char *catalog_query(struct pg *pg, const char *sql)
{
    struct str out = STR(pg->base.ctx);
    for (const char *at; (at = strchr(sql, '{'));) {
        const char *end = strchr(at, '}');
        str_addn(&out, sql, (size_t)(at - sql));
        str_add(&out, text_of(at + 1, (size_t)(end - at - 1), pg->version));
        sql = end + 1;
    }
    str_add(&out, sql);
    return str_get(&out);
}

/* ---- what is not modelled ---------------------------------------------------------------------------- */

/* A range type brings its own functions and casts. */
#define MADE_BY_HAND(catalogue) \
    "NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog." catalogue \
    "'::regclass AND d.objid = o.oid AND d.deptype = 'i')"

const struct unmodelled_kind unmodelled_kinds[] = {
    {"CASE o.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END", "pg_proc",
        "o.proname", "pg_catalog.pg_get_function_identity_arguments(o.oid)", IN_SCHEMA, "o.pronamespace",
        MADE_BY_HAND("pg_proc"), 0},
    {"'trigger'", "pg_trigger", "o.tgname", "c.relname", ON_TABLE, "o.tgrelid", "NOT o.tgisinternal", 0},
    {"'rule'", "pg_rewrite", "o.rulename", "c.relname", ON_TABLE, "o.ev_class", "o.rulename <> '_RETURN'", 0},
    {"'policy'", "pg_policy", "o.polname", "c.relname", ON_TABLE, "o.polrelid", NULL, 0},
    {"CASE o.typtype WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range type' ELSE 'base type' END", "pg_type",
        "o.typname", NULL, IN_SCHEMA, "o.typnamespace",
        "(o.typtype IN ('d', 'r') OR o.typtype = 'b' AND o.typcategory <> 'A')", 0},
    {"'statistics'", "pg_statistic_ext", "o.stxname", "c.relname", ON_TABLE, "o.stxrelid", NULL, 0},
    {"'collation'", "pg_collation", "o.collname", NULL, IN_SCHEMA, "o.collnamespace", NULL, 0},
    {"'operator'", "pg_operator", "o.oprname", NULL, IN_SCHEMA, "o.oprnamespace", NULL, 0},
    {"'operator class'", "pg_opclass", "o.opcname", NULL, IN_SCHEMA, "o.opcnamespace", NULL, 0},
    {"CASE WHEN o.connoinherit THEN 'NOT NULL NO INHERIT' ELSE 'NOT NULL NOT VALID' END", "pg_constraint",
        "o.conname", "c.relname", ON_TABLE, "o.conrelid",
        "o.contype = 'n' AND (o.connoinherit OR NOT o.convalidated)", 180000},
    {"'conversion'", "pg_conversion", "o.conname", NULL, IN_SCHEMA, "o.connamespace", NULL, 0},
    {"'text search configuration'", "pg_ts_config", "o.cfgname", NULL, IN_SCHEMA, "o.cfgnamespace", NULL, 0},
    {"'text search dictionary'", "pg_ts_dict", "o.dictname", NULL, IN_SCHEMA, "o.dictnamespace", NULL, 0},
    {"'extension'", "pg_extension", "o.extname", "o.extversion", IN_DATABASE, NULL, "o.extname <> 'plpgsql'",
        0},
    {"'event trigger'", "pg_event_trigger", "o.evtname", NULL, IN_DATABASE, NULL, NULL, 0},
    {"'publication'", "pg_publication", "o.pubname", NULL, IN_DATABASE, NULL, NULL, 0},
    {"'foreign server'", "pg_foreign_server", "o.srvname", NULL, IN_DATABASE, NULL, NULL, 0},
    {"'cast'", "pg_cast",
        "pg_catalog.format_type(o.castsource, NULL) || ' as ' || pg_catalog.format_type(o.casttarget, NULL)",
        NULL, IN_DATABASE, NULL, MADE_BY_HAND("pg_cast"), 0},
    {"'language'", "pg_language", "o.lanname", NULL, IN_DATABASE, NULL, NULL, 0},
    {"'default privileges'", "pg_default_acl", "pg_catalog.pg_get_userbyid(o.defaclrole)", NULL, IN_DATABASE,
        NULL, "o.defaclnamespace = 0", 0},
    {"'default privileges'", "pg_default_acl", "pg_catalog.pg_get_userbyid(o.defaclrole)", NULL, IN_SCHEMA,
        "o.defaclnamespace", "o.defaclnamespace <> 0", 0},
    {0},
};

/* Numbers below 16384 are of what every database is born with. */
#define NOT_BORN_WITH "o.oid >= 16384"

/* What is in a schema or on a table depends on it, and what only exists as a part of something else (row types, triggers
 * of foreign keys) does so internally. So one catalogue tells of many, each of which a new session would pay for. */
const char *unmodelled_exists(struct pg *pg, const struct unmodelled_kind *k)
{
    struct ctx *ctx = pg->base.ctx;
    if (pg->version < k->since)
        return "false";
    if (k->place != IN_DATABASE)
        return ctx_printf(ctx, CATALOG_HAS_DEPENDING("%s"), k->catalogue);
    return ctx_printf(ctx, "EXISTS (SELECT FROM pg_catalog.%s o WHERE " NOT_BORN_WITH "%s%s)", k->catalogue,
        k->only ? " AND " : "", k->only ? k->only : "");
}

const char *unmodelled_rows(struct ctx *ctx, const struct unmodelled_kind *k)
{
    struct str out = STR(ctx);
    str_addf(&out,
        "SELECT %s, %s, (%s)::pg_catalog.text, %s%s, 'pg_catalog.%s'::regclass::pg_catalog.oid, o.oid "
        "FROM pg_catalog.%s o",
        k->kind, k->place == IN_DATABASE ? "NULL" : "n.nspname", k->name, k->detail ? k->detail : "NULL",
        k->detail ? "::pg_catalog.text" : "", k->catalogue, k->catalogue);
    if (k->place == ON_TABLE)
        str_addf(&out, " JOIN pg_catalog.pg_class c ON c.oid = %s", k->of);
    if (k->place != IN_DATABASE)
        str_addf(&out, " JOIN pg_catalog.pg_namespace n ON n.oid = %s",
            k->place == ON_TABLE ? "c.relnamespace" : k->of);
    str_add(&out, " WHERE " NOT_BORN_WITH);
    if (k->only)
        str_addf(&out, " AND %s", k->only);
    if (k->place != IN_DATABASE)
        str_add(&out, " AND n.nspname = ANY ($1::pg_catalog.text[])");
    return str_get(&out);
}
