/* The owner and the grants of an object that is dropped and created again. */
#include "dialect/postgresql/objects/objects.h"

#include "dialect/postgresql/spell/acl.h"

/* $1: the object as the statements name it, $2: the words for its kind, $3: what the database calls it, $4: the words
 * for its kind in GRANT. `o.open`: every role has privileges on such objects by default. */
#define STATEMENTS \
    " SELECT text FROM (SELECT 1 AS at, pg_catalog.format('ALTER %s %s OWNER TO %I', $2::pg_catalog.text, " \
    "$1::pg_catalog.text, pg_catalog.pg_get_userbyid(o.owner)) AS text FROM o WHERE " \
    "pg_catalog.pg_get_userbyid(o.owner) <> CURRENT_USER UNION ALL " \
    "SELECT 2, pg_catalog.format('REVOKE ALL ON %s %s FROM PUBLIC', $4::pg_catalog.text, $1) FROM o WHERE " \
    "o.open AND o.acl IS NOT NULL AND NOT " \
    "EXISTS (SELECT FROM pg_catalog.aclexplode(o.acl) x WHERE x.grantee = 0) UNION ALL " \
    "SELECT 3, pg_catalog.format('GRANT %s ON %s %s TO %s%s', x.privilege_type, $4, $1, " PG_GRANTEE( \
        "x") ", " PG_GRANT_OPTION("x") ") FROM o, pg_catalog.aclexplode(o.acl) x WHERE " \
                                       "x.grantee <> o.owner AND NOT (x.grantee = 0 AND o.open)) s " \
                                       "ORDER BY at, text"

static const char of_function[] =
    "WITH o AS (SELECT p.proowner AS owner, p.proacl AS acl, true AS open FROM pg_catalog.pg_proc p WHERE "
    "p.oid = pg_catalog.to_regprocedure($3))" STATEMENTS;
static const char of_type[] = "WITH o AS (SELECT t.typowner AS owner, t.typacl AS acl, true AS open FROM "
                              "pg_catalog.pg_type t WHERE t.oid "
                              "= pg_catalog.to_regtype($3))" STATEMENTS;
static const char of_relation[] =
    "WITH o AS (SELECT c.relowner AS owner, c.relacl AS acl, false AS open FROM pg_catalog.pg_class c WHERE "
    "c.oid = pg_catalog.to_regclass($3))" STATEMENTS;
static const char of_server[] = "WITH o AS (SELECT s.srvowner AS owner, s.srvacl AS acl, false AS open FROM "
                                "pg_catalog.pg_foreign_server s "
                                "WHERE pg_catalog.quote_ident(s.srvname) = $3)" STATEMENTS;
static const char of_wrapper[] =
    "WITH o AS (SELECT w.fdwowner AS owner, w.fdwacl AS acl, false AS open FROM "
    "pg_catalog.pg_foreign_data_wrapper w WHERE pg_catalog.quote_ident(w.fdwname) = $3)" STATEMENTS;

static const struct {
    const char *sql, *words, *in_grant;
} kinds[OBJECT_KINDS] = {
    [OBJECT_FUNCTION] = {of_function, "FUNCTION", "FUNCTION"},
    [OBJECT_PROCEDURE] = {of_function, "PROCEDURE", "PROCEDURE"},
    [OBJECT_AGGREGATE] = {of_function, "FUNCTION", "FUNCTION"},
    [OBJECT_TYPE] = {of_type, "TYPE", "TYPE"},
    [OBJECT_DOMAIN] = {of_type, "DOMAIN", "DOMAIN"},
    [OBJECT_FOREIGN_TABLE] = {of_relation, "FOREIGN TABLE", "TABLE"},
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
