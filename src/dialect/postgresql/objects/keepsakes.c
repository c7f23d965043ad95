/* The owner and the grants of an object that is dropped and created again. */
#include "dialect/postgresql/objects/objects.h"

#include "dialect/postgresql/spell/acl.h"

/* $1: the object as the statements name it, $2: the words for its kind, $3: what the database calls it. */
#define STATEMENTS \
    " SELECT text FROM (SELECT 1 AS at, pg_catalog.format('ALTER %s %s OWNER TO %I', $2::pg_catalog.text, " \
    "$1::pg_catalog.text, pg_catalog.pg_get_userbyid(o.owner)) AS text FROM o WHERE " \
    "pg_catalog.pg_get_userbyid(o.owner) <> CURRENT_USER UNION ALL " \
    "SELECT 2, pg_catalog.format('REVOKE ALL ON %s %s FROM PUBLIC', $2, $1) FROM o WHERE o.acl IS NOT NULL " \
    "AND NOT " \
    "EXISTS (SELECT FROM pg_catalog.aclexplode(o.acl) x WHERE x.grantee = 0) UNION ALL " \
    "SELECT 3, pg_catalog.format('GRANT %s ON %s %s TO %s%s', x.privilege_type, $2, $1, " PG_GRANTEE( \
        "x") ", " PG_GRANT_OPTION("x") ") FROM o, pg_catalog.aclexplode(o.acl) x WHERE " \
                                       "x.grantee " \
                                       "NOT IN (0, o.owner)) s ORDER BY at, text"

static const char of_function[] =
    "WITH o AS (SELECT p.proowner AS owner, p.proacl AS acl FROM pg_catalog.pg_proc p WHERE p.oid = "
    "pg_catalog.to_regprocedure($3))" STATEMENTS;
static const char of_type[] =
    "WITH o AS (SELECT t.typowner AS owner, t.typacl AS acl FROM pg_catalog.pg_type t WHERE t.oid = "
    "pg_catalog.to_regtype($3))" STATEMENTS;

static const struct {
    const char *sql, *words;
} kinds[OBJECT_KINDS] = {
    [OBJECT_FUNCTION] = {of_function, "FUNCTION"},
    [OBJECT_PROCEDURE] = {of_function, "PROCEDURE"},
    [OBJECT_AGGREGATE] = {of_function, "FUNCTION"},
    [OBJECT_TYPE] = {of_type, "TYPE"},
    [OBJECT_DOMAIN] = {of_type, "DOMAIN"},
};

bool pg_object_keepsakes(
    struct rendering *r, enum object_kind kind, const char *there, const char *identity, struct strings *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {identity, kinds[kind].words, there};
    if (!r->pg || !kinds[kind].sql)
        return true;
    if (!pg_query(r->pg, kinds[kind].sql, params, 3, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++)
        vec_add(r->ctx, ret, answer_copy(&a, i, 0));
    return true;
}
