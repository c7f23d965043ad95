/* The owner and the grants of an object that is dropped and created again. */
#include "dialect/postgresql/objects/objects.h"

#include "dialect/postgresql/spell/acl.h"

/* $1: the object as the statements name it, $2: the words for its kind, $3: what the database calls it, $4: the words
 * for its kind in GRANT. `o.open`: every role has privileges on such objects by default. */
#define STATEMENTS_BEFORE \
    " SELECT text FROM (SELECT 1 AS at, pg_catalog.format('ALTER %s %s OWNER TO %I', $2::pg_catalog.text, " \
    "$1::pg_catalog.text, pg_catalog.pg_get_userbyid(o.owner)) AS text FROM o WHERE " \
    "pg_catalog.pg_get_userbyid(o.owner) <> CURRENT_USER UNION ALL " \
    "SELECT 2, pg_catalog.format('REVOKE ALL ON %s %s FROM PUBLIC', $4::pg_catalog.text, $1) FROM o WHERE " \
    "o.open AND o.acl IS NOT NULL AND NOT " \
    "EXISTS (SELECT FROM pg_catalog.aclexplode(o.acl) x WHERE x.grantee = 0) UNION ALL " \
    "SELECT 3, pg_catalog.format('GRANT %s ON %s %s TO %s%s', x.privilege_type, $4, $1, " PG_GRANTEE( \
        "x") ", " PG_GRANT_OPTION("x") ") FROM o, pg_catalog.aclexplode(o.acl) x WHERE " \
                                       "x.grantee <> o.owner AND NOT (x.grantee = 0 AND o.open)"
#define STATEMENTS_AFTER ") s ORDER BY at, text"
#define STATEMENTS STATEMENTS_BEFORE STATEMENTS_AFTER

static const char of_function[] =
    "WITH o AS (SELECT p.proowner AS owner, p.proacl AS acl, true AS open FROM pg_catalog.pg_proc p WHERE "
    "p.oid = pg_catalog.to_regprocedure($3))" STATEMENTS;
static const char of_type[] = "WITH o AS (SELECT t.typowner AS owner, t.typacl AS acl, true AS open FROM "
                              "pg_catalog.pg_type t WHERE t.oid "
                              "= pg_catalog.to_regtype($3))" STATEMENTS;
/* clang-format off */
/* Grants on columns and settings of columns come back for columns that the new table has, too. */
#define FOR_COLUMN(statement) \
    "pg_catalog.format('DO %L', pg_catalog.format('BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE " \
    "attrelid = %L::pg_catalog.regclass AND attname = %L AND NOT attisdropped) THEN %s; END IF; END', " \
    "$1, a.attname, " statement "))"

static const char of_relation[] =
    "WITH o AS (SELECT c.relowner AS owner, c.relacl AS acl, false AS open FROM pg_catalog.pg_class c WHERE "
    "c.oid = pg_catalog.to_regclass($3)), a AS (SELECT a.* FROM pg_catalog.pg_attribute a WHERE "
    "a.attrelid = pg_catalog.to_regclass($3) AND a.attnum > 0 AND NOT a.attisdropped)" STATEMENTS_BEFORE
    " UNION ALL SELECT 4, " FOR_COLUMN("pg_catalog.format('GRANT %s (%I) ON %s %s TO %s%s', "
        "x.privilege_type, a.attname, $4, $1, " PG_GRANTEE("x") ", " PG_GRANT_OPTION("x") ")")
    " FROM a, pg_catalog.aclexplode(a.attacl) x"
    " UNION ALL SELECT 5, " FOR_COLUMN("pg_catalog.format('ALTER %s %s ALTER %I SET STATISTICS %s', "
        "$2, $1, a.attname, a.attstattarget)")
    " FROM a WHERE a.attstattarget >= 0"
    " UNION ALL SELECT 6, " FOR_COLUMN("pg_catalog.format('ALTER %s %s ALTER %I SET (%s)', "
        "$2, $1, a.attname, pg_catalog.array_to_string(a.attoptions, ', '))")
    " FROM a WHERE a.attoptions IS NOT NULL" STATEMENTS_AFTER;
/* clang-format on */

static const char of_server[] = "WITH o AS (SELECT s.srvowner AS owner, s.srvacl AS acl, false AS open FROM "
                                "pg_catalog.pg_foreign_server s "
                                "WHERE pg_catalog.quote_ident(s.srvname) = $3)" STATEMENTS;
static const char of_wrapper[] =
    "WITH o AS (SELECT w.fdwowner AS owner, w.fdwacl AS acl, false AS open FROM "
    "pg_catalog.pg_foreign_data_wrapper w WHERE pg_catalog.quote_ident(w.fdwname) = $3)" STATEMENTS;

/* Objects that have an owner, but no privileges. */
#define OWNED(catalogue, owner, condition) \
    "WITH o AS (SELECT c." owner \
    " AS owner, NULL::pg_catalog.aclitem[] AS acl, false AS open FROM pg_catalog." catalogue \
    " c WHERE " condition ")" STATEMENTS
/* $3 may be qualified. */
#define IS_CALLED(prefix, is_visible, more) \
    "$3 IN ((SELECT pg_catalog.format('%I.%I', n.nspname, c." prefix \
    "name) FROM pg_catalog.pg_namespace n WHERE " \
    "n.oid = c." prefix "namespace)" more ", CASE WHEN pg_catalog." is_visible "(c.oid) THEN " \
    "pg_catalog.quote_ident(c." prefix "name)" more " END)"
#define NAMED(catalogue, prefix, is_visible) \
    OWNED(catalogue, prefix "owner", IS_CALLED(prefix, is_visible, ""))
#define FOR_METHOD(catalogue, prefix, is_visible) \
    OWNED(catalogue, prefix "owner", \
        IS_CALLED(prefix, is_visible, \
            " || (SELECT ' USING ' || pg_catalog.quote_ident(m.amname) FROM pg_catalog.pg_am m WHERE m.oid " \
            "= c." prefix "method)"))

static const struct {
    const char *sql, *words, *in_grant;
} kinds[OBJECT_KINDS] = {
    [OBJECT_FUNCTION] = {of_function, "FUNCTION", "FUNCTION"},
    [OBJECT_PROCEDURE] = {of_function, "PROCEDURE", "PROCEDURE"},
    [OBJECT_AGGREGATE] = {of_function, "FUNCTION", "FUNCTION"},
    [OBJECT_TYPE] = {of_type, "TYPE", "TYPE"},
    [OBJECT_DOMAIN] = {of_type, "DOMAIN", "DOMAIN"},
    [OBJECT_FOREIGN_TABLE] = {of_relation, "FOREIGN TABLE", "TABLE"},
    [OBJECT_COLLATION] = {NAMED("pg_collation", "coll", "pg_collation_is_visible"), "COLLATION", NULL},
    [OBJECT_OPERATOR] = {OWNED("pg_operator", "oprowner", "c.oid = pg_catalog.to_regoperator($3)"),
        "OPERATOR", NULL},
    [OBJECT_OPERATOR_FAMILY] = {FOR_METHOD("pg_opfamily", "opf", "pg_opfamily_is_visible"), "OPERATOR FAMILY",
        NULL},
    [OBJECT_OPERATOR_CLASS] = {FOR_METHOD("pg_opclass", "opc", "pg_opclass_is_visible"), "OPERATOR CLASS",
        NULL},
    [OBJECT_TEXT_SEARCH_DICTIONARY] = {NAMED("pg_ts_dict", "dict", "pg_ts_dict_is_visible"),
        "TEXT SEARCH DICTIONARY", NULL},
    [OBJECT_TEXT_SEARCH_CONFIGURATION] = {NAMED("pg_ts_config", "cfg", "pg_ts_config_is_visible"),
        "TEXT SEARCH CONFIGURATION", NULL},
    [OBJECT_STATISTICS] = {NAMED("pg_statistic_ext", "stx", "pg_statistics_obj_is_visible"), "STATISTICS",
        NULL},
    [OBJECT_CONVERSION] = {NAMED("pg_conversion", "con", "pg_conversion_is_visible"), "CONVERSION", NULL},
    [OBJECT_EVENT_TRIGGER] = {OWNED("pg_event_trigger", "evtowner", "pg_catalog.quote_ident(c.evtname) = $3"),
        "EVENT TRIGGER", NULL},
    [OBJECT_PUBLICATION] = {OWNED("pg_publication", "pubowner", "pg_catalog.quote_ident(c.pubname) = $3"),
        "PUBLICATION", NULL},
    [OBJECT_SERVER] = {of_server, "SERVER", "FOREIGN SERVER"},
    [OBJECT_FOREIGN_DATA_WRAPPER] = {of_wrapper, "FOREIGN DATA WRAPPER", "FOREIGN DATA WRAPPER"},
};

bool pg_object_keepsakes(
    struct rendering *r, enum object_kind kind, const char *there, const char *identity, struct strings *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {identity, kinds[kind].words, there, kinds[kind].in_grant};
    if (!r->pg || !kinds[kind].sql)
        return true;
    if (!pg_query(r->pg, kinds[kind].sql, params, 4, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++)
        vec_add(r->ctx, ret, answer_copy(&a, i, 0));
    return true;
}
