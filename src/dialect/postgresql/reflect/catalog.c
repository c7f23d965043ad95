/* The words in queries, and the kinds of objects that are not modelled. */
#include "dialect/postgresql/reflect/catalog.h"

#include "dialect/postgresql/spell/names.h"

/* Whether a trigger or a rule fires: empty for the usual setting. */
#define ENABLED(column) \
    "CASE " column \
    " WHEN 'D' THEN ', disabled' WHEN 'R' THEN ', replica' WHEN 'A' THEN ', always' ELSE '' END"
#define TRIGGER_DETAIL "c.relname || " ENABLED("o.tgenabled")
#define RULE_DETAIL "c.relname || " ENABLED("o.ev_enabled")
#define EVENT_TRIGGER_DETAIL "NULLIF(pg_catalog.substr(" ENABLED("o.evtenabled") ", 3), '')"

#define IS_PUBLIC "o.name !~* 'passw|secret|token|credential|private|api_?key'"

/* The first query that the server supports. */
static const struct {
    const char *word;
    int since;
    const char *text;
} words[] = {
    {"schemas", 0,
        "ARRAY(SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY ($1::pg_catalog.text[]))"},
    {"is_table", 0, "c.relkind IN ('r', 'p')"},
    {"is_index", 0, "c.relkind IN ('i', 'I')"},
    {"default", 0, PG_DEFAULT_TEXT},
    {"row_security", 0,
        "CASE WHEN c.relforcerowsecurity AND c.relrowsecurity THEN 'enabled, forced' "
        "WHEN c.relforcerowsecurity THEN 'forced' WHEN c.relrowsecurity THEN 'enabled' END"},
    /* Of a namespace n: the prefix of a name in it. */
    {"prefix", 0,
        "CASE WHEN n.nspname = pg_catalog.current_schema() THEN '' ELSE pg_catalog.quote_ident(n.nspname) || "
        "'.' "
        "END"},
    {"arguments", 0,
        "(SELECT pg_catalog.concat(pg_catalog.string_agg(pg_catalog.format_type(t.oid, NULL), ', ' ORDER BY "
        "t.at)) "
        "FROM pg_catalog.unnest(p.proargtypes) WITH ORDINALITY t(oid, at))"},
    {"multirange", 140000,
        "CASE WHEN r.rngmultitypid <> 0 THEN ', multirange_type_name = ' || "
        "r.rngmultitypid::pg_catalog.regtype "
        "ELSE '' END"},
    {"multirange", 0, "''"},
    {"statistics_target", 130000, "COALESCE(x.stxstattarget, -1)"},
    {"statistics_target", 0, "-1"},
    {"is_own_trigger", 130000, "o.tgparentid = 0"},
    {"is_own_trigger", 0, "true"},
    {"trigger_detail", 0, TRIGGER_DETAIL},
    {"rule_detail", 0, RULE_DETAIL},
    {"event_trigger_detail", 0, EVENT_TRIGGER_DETAIL},
    {"has_unlogged_sequences", 150000, "true"},
    {"has_unlogged_sequences", 0, "false"},
    {"compression", 140000, "a.attcompression"},
    {"compression", 0, "''"},
    {"via_root", 130000, "p.pubviaroot"},
    {"via_root", 0, "false"},
    {"generated_columns", 180000, "p.pubgencols"},
    {"generated_columns", 0, "'n'"},
    {"column_list", 150000,
        "COALESCE((SELECT ' (' || pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY "
        "u.at) "
        "|| ')' FROM pg_catalog.unnest(x.prattrs::pg_catalog.int2[]) WITH ORDINALITY u(attnum, at) JOIN "
        "pg_catalog.pg_attribute a ON a.attrelid = x.prrelid AND a.attnum = u.attnum), '') "
        "|| COALESCE(' WHERE ' || pg_catalog.pg_get_expr(x.prqual, x.prrelid), '')"},
    {"column_list", 0, "''"},
    {"published_schemas", 150000,
        "(SELECT 'TABLES IN SCHEMA ' || pg_catalog.string_agg(pg_catalog.quote_ident(m.nspname), ', ' ORDER "
        "BY "
        "m.nspname) FROM pg_catalog.pg_publication_namespace y JOIN pg_catalog.pg_namespace m ON m.oid = "
        "y.pnnspid "
        "WHERE y.pnpubid = p.oid)"},
    {"published_schemas", 0, "NULL"},
    /* Whether an option is not a secret, and what is printed of those in y.options. */
    {"is_public", 0, IS_PUBLIC},
    {"options", 0,
        "COALESCE((SELECT ' OPTIONS (' || pg_catalog.string_agg(pg_catalog.format('%I %L', o.name, o.value), "
        "', ' "
        "ORDER BY o.at) || ')' FROM (SELECT pg_catalog.split_part(u.pair, '=', 1), pg_catalog.substr(u.pair, "
        "pg_catalog.strpos(u.pair, '=') + 1), u.at FROM pg_catalog.unnest(y.options) WITH ORDINALITY u(pair, "
        "at)) "
        "o(name, value, at) WHERE " IS_PUBLIC "), '')"},
    {"has_secrets", 0,
        "EXISTS (SELECT FROM (SELECT pg_catalog.split_part(u.pair, '=', 1) FROM pg_catalog.unnest(y.options) "
        "u(pair)) "
        "o(name) WHERE NOT (" IS_PUBLIC "))"},
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

/* A range type comes with its own functions and casts. */
#define MADE_BY_HAND(catalogue) \
    "NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog." catalogue \
    "'::regclass AND d.objid = o.oid AND d.deptype = 'i')"

/* Grants that differ from those the server was made with. */
#define OWN_GRANTS(column, catalogue) \
    "ARRAY(SELECT g::pg_catalog.text FROM pg_catalog.unnest(" column ") g ORDER BY 1) <> " \
    "ARRAY(SELECT g::pg_catalog.text FROM pg_catalog.pg_init_privs i, pg_catalog.unnest(i.initprivs) g " \
    "WHERE i.classoid = 'pg_catalog." catalogue "'::regclass AND i.objoid = o.oid ORDER BY 1)"

#define PRIVILEGES_ON \
    "CASE o.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' " \
    "WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END"

const struct unmodelled_kind unmodelled_kinds[] = {
    {.kind = "'grants'",
        .is_grants = true,
        .catalogue = "pg_proc",
        .name = "o.proname",
        .detail = "'function'",
        .place = IN_SCHEMA,
        .of = "o.pronamespace",
        .only = "o.proacl IS NOT NULL",
        .independent = true},
    /* A trigger that a partition inherits from its parent, but whose setting of when it fires differs. */
    {.kind = "'trigger of a partition'",
        .catalogue = "pg_trigger",
        .name = "o.tgname",
        .detail = TRIGGER_DETAIL,
        .place = ON_TABLE,
        .of = "o.tgrelid",
        .only = "o.tgparentid <> 0 AND o.tgconstraint = 0 AND o.tgenabled <> "
                "(SELECT p.tgenabled FROM pg_catalog.pg_trigger p WHERE p.oid = o.tgparentid)",
        .independent = true,
        .since = 130000},
    /* Of the triggers of a foreign key, only one per table. */
    {.kind = "(SELECT CASE k.contype WHEN 'f' THEN 'triggers of a foreign key' ELSE 'triggers of a "
             "constraint' END "
             "FROM pg_catalog.pg_constraint k WHERE k.oid = o.tgconstraint)",
        .catalogue = "pg_trigger",
        .name = "(SELECT k.conname FROM pg_catalog.pg_constraint k WHERE k.oid = o.tgconstraint)",
        .detail = TRIGGER_DETAIL,
        .place = ON_TABLE,
        .of = "o.tgrelid",
        .only = "o.tgisinternal AND o.tgconstraint <> 0 AND o.tgenabled <> 'O' AND o.tgtype & 12 <> 0",
        .independent = true},
    /* Also ranges with a function of their own for the canonical form. */
    {.kind = "CASE o.typtype WHEN 'r' THEN 'range type' WHEN 'p' THEN 'shell type' ELSE 'base type' END",
        .catalogue = "pg_type",
        .name = "o.typname",
        .place = IN_SCHEMA,
        .of = "o.typnamespace",
        .only = "(o.typtype = 'p' OR o.typtype = 'b' AND o.typcategory <> 'A' OR o.typtype = 'r' AND EXISTS "
                "(SELECT FROM pg_catalog.pg_range r WHERE r.rngtypid = o.oid AND "
                "r.rngcanonical::pg_catalog.oid <> 0))",
        .exists = CATALOG_HAS_TYPES},
    {.kind = "'grants'",
        .is_grants = true,
        .catalogue = "pg_type",
        .name = "o.typname",
        .detail = "'type'",
        .place = IN_SCHEMA,
        .of = "o.typnamespace",
        .only = "o.typacl IS NOT NULL",
        .independent = true},
    {.kind = "'grants'",
        .is_grants = true,
        .catalogue = "pg_namespace",
        .name = "o.nspname",
        .detail = "'schema'",
        .only = "o.nspname = ANY ($1::pg_catalog.text[]) AND " OWN_GRANTS("o.nspacl", "pg_namespace"),
        .has_built_in = true,
        .independent = true},
    {.kind = "'comment'",
        .catalogue = "pg_namespace",
        .name = "o.nspname",
        .detail = "pg_catalog.obj_description(o.oid, 'pg_namespace')",
        .only = "o.nspname = pg_catalog.current_schema() AND "
                "pg_catalog.obj_description(o.oid, 'pg_namespace') <> 'standard public schema'",
        .has_built_in = true,
        .independent = true},
    {.kind = "CASE WHEN o.connoinherit THEN 'NOT NULL NO INHERIT' ELSE 'NOT NULL NOT VALID' END",
        .catalogue = "pg_constraint",
        .name = "o.conname",
        .detail = "c.relname",
        .place = ON_TABLE,
        .of = "o.conrelid",
        .only = "o.contype = 'n' AND (o.connoinherit OR NOT o.convalidated)",
        .since = 180000},
    /* The others are objects. */
    {.kind = "'foreign table'",
        .catalogue = "pg_class",
        .name = "o.relname",
        .place = IN_SCHEMA,
        .of = "o.relnamespace",
        .only =
            "o.relkind = 'f' AND EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON "
            "p.oid = i.inhparent WHERE i.inhparent = o.oid OR i.inhrelid = o.oid AND p.relnamespace <> ALL "
            "({schemas}))",
        .exists = CATALOG_HAS_FOREIGN_TABLES},
    /* Options that are not shown. */
    {.kind = "'secret'",
        .catalogue = "pg_foreign_server",
        .name = "o.of",
        .detail = "'option ' || o.name",
        .from = "(SELECT s.oid, s.srvname AS of, pg_catalog.split_part(u.pair, '=', 1) AS name FROM "
                "pg_catalog.pg_foreign_server s, pg_catalog.unnest(s.srvoptions) u(pair))",
        .only = "NOT ({is_public})"},
    /* An ordinary role may not read all columns: before PostgreSQL 14 not even the oid. */
    {.kind = "'subscription'",
        .catalogue = "pg_subscription",
        .name = "o.subname",
        .from = "(SELECT 16384::pg_catalog.oid AS oid, s.subname FROM pg_catalog.pg_subscription s WHERE "
                "s.subdbid = (SELECT d.oid "
                "FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))",
        .independent = true},
    {.kind = "'user mapping'",
        .catalogue = "pg_user_mapping",
        .name = "o.srvname",
        .detail = "o.usename",
        .from = "(SELECT m.umid AS oid, m.srvname, m.usename FROM pg_catalog.pg_user_mappings m)"},
    {.kind = "'grants'",
        .catalogue = "pg_language",
        .name = "o.lanname",
        .detail = "'language'",
        .only = OWN_GRANTS("o.lanacl", "pg_language"),
        .independent = true,
        .has_built_in = true},
    {.kind = "'default privileges'",
        .is_grants = true,
        .catalogue = "pg_default_acl",
        .name = "pg_catalog.pg_get_userbyid(o.defaclrole)",
        .detail = PRIVILEGES_ON,
        .only = "o.defaclnamespace = 0",
        .independent = true},
    {.kind = "'default privileges'",
        .is_grants = true,
        .catalogue = "pg_default_acl",
        .name = "pg_catalog.pg_get_userbyid(o.defaclrole)",
        .detail = PRIVILEGES_ON " || ' in ' || n.nspname",
        .place = IN_SCHEMA,
        .of = "o.defaclnamespace"},
    {.kind = "'security label'",
        .catalogue = "pg_seclabel",
        .name = "(SELECT i.identity FROM pg_catalog.pg_identify_object(o.classoid, o.oid, o.objsubid) i)",
        .detail = "o.provider",
        .from = "(SELECT s.objoid AS oid, s.classoid, s.objsubid, s.provider FROM pg_catalog.pg_seclabel s)",
        .independent = true},
    {0},
};

static void add_source(struct str *out, const struct unmodelled_kind *k)
{
    if (k->from)
        str_addf(out, " FROM %s o", k->from);
    else
        str_addf(out, " FROM pg_catalog.%s o", k->catalogue);
}

/* Oids below 16384 belong to objects that every new database has. */
static void add_condition(struct str *out, const struct unmodelled_kind *k)
{
    str_addf(out, " WHERE %s", k->has_built_in ? "true" : "o.oid >= 16384");
    if (k->only)
        str_addf(out, " AND %s", k->only);
}

/* Most objects depend on something: their schema, their table, a function. Objects that exist only as part of
 * another one (row types, triggers of foreign keys) depend on it internally. So one catalogue replaces many, which
 * would be expensive to open in a new session. */
const char *unmodelled_exists(struct pg *pg, const struct unmodelled_kind *k)
{
    struct ctx *ctx = pg->base.ctx;
    if (pg->version < k->since || (k->is_grants && pg->base.manages & MANAGE_GRANTS))
        return "false";
    if (k->exists)
        return k->exists;
    if (!k->independent)
        return ctx_printf(ctx, CATALOG_HAS_DEPENDING("%s"), k->catalogue);
    struct str out = STR(ctx);
    str_add(&out, "EXISTS (SELECT");
    add_source(&out, k);
    add_condition(&out, k);
    str_add(&out, ")");
    return str_get(&out);
}

const char *unmodelled_rows(struct ctx *ctx, const struct unmodelled_kind *k)
{
    struct str out = STR(ctx);
    str_addf(&out,
        "SELECT %s, %s, (%s)::pg_catalog.text, (%s)::pg_catalog.text, "
        "'pg_catalog.%s'::regclass::pg_catalog.oid, o.oid, %s",
        k->kind, k->place == IN_DATABASE ? "NULL" : "n.nspname", k->name, k->detail ? k->detail : "NULL",
        k->catalogue, k->is_part ? "c.oid" : "0");
    add_source(&out, k);
    if (k->place == ON_TABLE)
        str_addf(&out, " JOIN pg_catalog.pg_class c ON c.oid = %s", k->of);
    if (k->place != IN_DATABASE)
        str_addf(&out, " JOIN pg_catalog.pg_namespace n ON n.oid = %s",
            k->place == ON_TABLE ? "c.relnamespace" : k->of);
    add_condition(&out, k);
    if (k->place != IN_DATABASE)
        str_add(&out, " AND n.nspname = ANY ($1::pg_catalog.text[])");
    return str_get(&out);
}
