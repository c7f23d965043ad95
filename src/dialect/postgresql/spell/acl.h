/* Parts of queries that print privileges: of a row `x` of aclexplode(). */
#pragma once

/* The role, as GRANT and REVOKE name it. */
#define PG_GRANTEE(x) \
    "CASE " x ".grantee WHEN 0 THEN 'PUBLIC' ELSE " \
    "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(" x ".grantee)) END"
/* What ends the statement. */
#define PG_GRANT_OPTION(x) "CASE WHEN " x ".is_grantable THEN ' WITH GRANT OPTION' ELSE '' END"
