/*
 * What is the catalogue asked?
 *
 * Lean: types, collations and operator classes are named once each, not once per column, and functions of the
 * server are called only where there is something to print. $1 is the list of schemas.
 */
#include "dialect/postgresql/reflect.h"

#include "dialect/postgresql/names.h"

#define SCHEMAS \
    "ARRAY(SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY ($1::pg_catalog.text[]))"
/* The judge's are temporary and partitioned, since such have no files. */
#define KIND_OR_JUDGED(plain, partitioned) \
    "(c.relkind = '" plain "' OR c.relkind = '" partitioned \
    "' AND c.relnamespace = pg_catalog.pg_my_temp_schema())"
#define IS_TABLE KIND_OR_JUDGED("r", "p")
#define IS_INDEX KIND_OR_JUDGED("i", "I")
#define JOINED(array) "pg_catalog.array_to_string(" array ", E'\\x01')"

const char catalog_comments[] =
    "SELECT pg_catalog.strpos('rcts', CASE d.classoid WHEN 'pg_catalog.pg_class'::regclass THEN 'r' "
    "WHEN 'pg_catalog.pg_constraint'::regclass THEN 'c' WHEN 'pg_catalog.pg_type'::regclass THEN 't' "
    "ELSE 's' END) - 1, d.objoid, d.objsubid, d.description FROM pg_catalog.pg_description d "
    "WHERE d.classoid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_constraint'::regclass, "
    "'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_namespace'::regclass) "
    "AND (d.objoid >= 16384 OR d.classoid = 'pg_catalog.pg_namespace'::regclass)";

/* What extensions brought along is theirs. */
const char catalog_owned[] = "SELECT d.classid, d.objid FROM pg_catalog.pg_depend d "
                             "WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'";

const char catalog_namespaces[] =
    "SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY ($1::pg_catalog.text[])";

/* Of a table's TOAST table only the settings matter. */
const char catalog_relations[] =
    "SELECT c.oid, n.nspname, c.relname, CASE WHEN " IS_TABLE " THEN 'r' ELSE c.relkind END, "
    "c.relpersistence, c.relnatts, " JOINED("c.reloptions") ", " JOINED(
        "tc.reloptions") ", ts.spcname, c.relreplident, CASE WHEN "
                         "c.relispartition THEN 'partition' "
                         "WHEN c.oid IN (SELECT i.inhrelid FROM "
                         "pg_catalog.pg_inherits i) THEN 'inherited table' "
                         "WHEN c.reloftype <> 0 THEN 'typed table' END, "
                         "CASE WHEN c.relkind = 'v' THEN "
                         "pg_catalog.pg_get_viewdef(c.oid) END, am.amname, "
                         "c.relrowsecurity, c.relacl IS NOT NULL "
                         "FROM pg_catalog.pg_class c JOIN "
                         "pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                         "LEFT JOIN pg_catalog.pg_class tc ON tc.oid = "
                         "c.reltoastrelid AND tc.reloptions IS NOT NULL "
                         "LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = "
                         "c.reltablespace "
                         "LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam AND "
                         "am.amname <> 'heap' "
                         "WHERE c.relnamespace = ANY (" SCHEMAS
                         ") AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') "
                         "ORDER BY n.nspname, c.relname";

const char catalog_types[] =
    "SELECT u.atttypid, u.atttypmod, u.attcollation, pg_catalog.format_type(u.atttypid, u.atttypmod), "
    "t.typstorage, CASE WHEN e.typtype = 'e' THEN en.nspname END, e.typname, t.typelem = e.oid, "
    "CASE WHEN u.attcollation <> t.typcollation THEN CASE WHEN pg_catalog.pg_collation_is_visible(co.oid) "
    "THEN co.collname ELSE pg_catalog.format('\"%s\".\"%s\"', cn.nspname, co.collname) END END "
    "FROM (SELECT DISTINCT a.atttypid, a.atttypmod, a.attcollation FROM pg_catalog.pg_attribute a "
    "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = ANY (" SCHEMAS ") "
    "AND (" IS_TABLE " OR " IS_INDEX " AND a.attcollation NOT IN (0, 100)) AND a.attnum > 0 "
    "AND NOT a.attisdropped) u "
    "JOIN pg_catalog.pg_type t ON t.oid = u.atttypid "
    "LEFT JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE t.oid END "
    "LEFT JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace "
    "LEFT JOIN pg_catalog.pg_collation co ON co.oid = u.attcollation "
    "LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace";

/* Of indexes only those columns that have settings of their own. {}: compression. Settings that nearly no column has
 * are made up only where one is. */
const char catalog_columns[] =
    "SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attnotnull, "
    "a.attidentity, a.attgenerated, a.attstorage, "
    "CASE WHEN a.attoptions IS NOT NULL OR a.attstattarget >= 0 OR {} <> '' THEN "
    "pg_catalog.concat_ws(E'\\x01', "
    "'statistics=' || CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END, "
    "'compression=' || CASE {} WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END, " JOINED(
        "a.attoptions") ") END "
                        "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
                        "WHERE c.relnamespace = ANY (" SCHEMAS ") AND (" IS_TABLE " OR " IS_INDEX " "
                        "AND (a.attoptions IS NOT NULL OR a.attstattarget > 0)) AND a.attnum > 0 AND NOT "
                        "a.attisdropped";

const char catalog_defaults[] =
    "SELECT d.adrelid, d.adnum, " PG_DEFAULT_TEXT " FROM pg_catalog.pg_attrdef d "
    "JOIN pg_catalog.pg_class c ON c.oid = d.adrelid "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum "
    "WHERE c.relnamespace = ANY (" SCHEMAS ") AND " IS_TABLE;

/* What a foreign key refers to outside of the schemas is named by the server. {}: ON DELETE SET NULL (columns), and
 * whether it is enforced, and about periods. */
const char catalog_constraints[] =
    "SELECT k.oid, k.conrelid, k.conname, k.contype, k.conkey, k.conindid, k.condeferrable, k.condeferred, "
    "k.convalidated, k.connoinherit, "
    "CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid) END, k.confrelid, "
    "k.confkey, "
    "k.confupdtype, k.confdeltype, k.confmatchtype, {}, CASE WHEN k.contype = 'f' THEN "
    "(SELECT n.nspname || E'\\x01' || f.relname || (SELECT pg_catalog.string_agg(E'\\x01' || a.attname, '' "
    "ORDER BY pg_catalog.array_position(k.confkey, a.attnum)) FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid = f.oid AND a.attnum = ANY (k.confkey)) FROM pg_catalog.pg_class f "
    "JOIN pg_catalog.pg_namespace n ON n.oid = f.relnamespace WHERE f.oid = k.confrelid "
    "AND (f.relnamespace <> ALL (" SCHEMAS ") OR f.relkind <> 'r' OR f.relispartition)) END, "
    "CASE WHEN k.contype = 'x' THEN (SELECT pg_catalog.string_agg("
    "CASE WHEN pg_catalog.pg_operator_is_visible(o.oid) THEN o.oprname::pg_catalog.text "
    "ELSE pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname) END, E'\\x01' ORDER BY x.at) "
    "FROM pg_catalog.unnest(k.conexclop) WITH ORDINALITY x(oid, at) JOIN pg_catalog.pg_operator o "
    "ON o.oid = x.oid JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace) END "
    "FROM pg_catalog.pg_constraint k WHERE k.connamespace = ANY (" SCHEMAS ") AND k.conrelid <> 0 "
    "AND k.conparentid = 0 AND k.contype IN ('p', 'u', 'x', 'c', 'f')";

const char catalog_opclasses[] =
    "SELECT o.oid, o.opcmethod, o.opcintype, o.opcdefault, CASE WHEN pg_catalog.pg_opclass_is_visible(o.oid) "
    "THEN pg_catalog.quote_ident(o.opcname) ELSE pg_catalog.format('%I.%I', n.nspname, o.opcname) END "
    "FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace";

/* {}: NULLS NOT DISTINCT. Expressions come one by one, in the order of their columns, behind \x02 where the index has
 * them in a collation that is not their own: only the whole definition tells. */
const char catalog_indexes[] =
    "SELECT i.indrelid, i.indexrelid, c.relname, i.indisunique, {}, i.indisvalid AND i.indisready, "
    "i.indnkeyatts, i.indkey, "
    "i.indoption, i.indclass, i.indcollation, am.amname, am.oid, " JOINED(
        "c.reloptions") ", ts.spcname, "
                        "CASE WHEN i.indexprs IS NOT NULL THEN (SELECT pg_catalog.string_agg("
                        "CASE WHEN pg_catalog.strpos(p.whole, p.part || ' COLLATE ') > 0 "
                        "THEN E'\\x02' || p.part ELSE p.part END, E'\\x01' ORDER BY p.at) "
                        "FROM (SELECT x.at, pg_catalog.pg_get_indexdef(i.indexrelid, x.at, false) AS part, "
                        "CASE WHEN i.indcollation[x.at - 1] <> 0 "
                        "THEN pg_catalog.pg_get_indexdef(i.indexrelid) END AS whole "
                        "FROM pg_catalog.generate_series(1, i.indnkeyatts::pg_catalog.int4) x(at) "
                        "WHERE i.indkey[x.at - 1] = 0) p) END, "
                        "pg_catalog.pg_get_expr(i.indpred, i.indrelid), i.indisreplident, i.indisclustered "
                        "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
                        "JOIN pg_catalog.pg_am am ON am.oid = c.relam "
                        "LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace "
                        "WHERE c.relnamespace = ANY (" SCHEMAS ") AND " IS_INDEX;

const char catalog_enums[] = "SELECT t.oid, n.nspname, t.typname, e.enumlabel FROM pg_catalog.pg_type t "
                             "JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
                             "LEFT JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid "
                             "WHERE t.typtype = 'e' AND t.typnamespace = ANY (" SCHEMAS ") "
                             "ORDER BY n.nspname, t.typname, e.enumsortorder";

const char catalog_sequences[] =
    "SELECT s.seqrelid, pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, "
    "s.seqmax, s.seqcache, s.seqcycle, d.refobjid, d.refobjsubid, d.deptype "
    "FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid "
    "LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass "
    "AND d.objid = s.seqrelid AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i') "
    "AND d.refobjsubid > 0 WHERE c.relnamespace = ANY (" SCHEMAS ")";

const char catalog_view_uses[] =
    "SELECT DISTINCT r.ev_class, n.nspname, c.relname FROM pg_catalog.pg_class v "
    "JOIN pg_catalog.pg_rewrite r ON r.ev_class = v.oid "
    "JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid "
    "AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> v.oid "
    "JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE v.relkind = 'v' AND v.relnamespace = ANY (" SCHEMAS ") ORDER BY 1, 2, 3";

/* A part of catalog_unmodelled: rows of one catalogue. */
#define ROWS(kind, schema, name, detail, catalogue, alias, rest) \
    "SELECT " kind ", " schema ", " name "::pg_catalog.text, " detail ", 'pg_catalog." catalogue \
    "'::regclass::pg_catalog.oid, " alias ".oid FROM pg_catalog." catalogue " " alias " " rest
#define OF_SCHEMA(column) \
    "JOIN pg_catalog.pg_namespace n ON n.oid = " column " WHERE " column " = ANY (" SCHEMAS ")"
#define OF_TABLE(column) \
    "JOIN pg_catalog.pg_class c ON c.oid = " column " JOIN pg_catalog.pg_namespace n " \
    "ON n.oid = c.relnamespace WHERE c.relnamespace = ANY (" SCHEMAS ")"

/* A range type brings its own functions and casts. */
#define MADE_BY_HAND(catalogue, alias) \
    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog." catalogue \
    "'::regclass AND d.objid = " alias ".oid AND d.deptype = 'i')"

const char *const catalog_unmodelled[] = {
    ROWS("CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END",
        "n.nspname", "p.proname", "pg_catalog.pg_get_function_identity_arguments(p.oid)", "pg_proc", "p",
        OF_SCHEMA("p.pronamespace") MADE_BY_HAND("pg_proc", "p")),
    ROWS("'trigger'", "n.nspname", "t.tgname", "c.relname::pg_catalog.text", "pg_trigger", "t",
        OF_TABLE("t.tgrelid") " AND NOT t.tgisinternal"),
    ROWS("'rule'", "n.nspname", "r.rulename", "c.relname", "pg_rewrite", "r",
        OF_TABLE("r.ev_class") " AND r.rulename <> '_RETURN'"),
    ROWS("'policy'", "n.nspname", "p.polname", "c.relname", "pg_policy", "p", OF_TABLE("p.polrelid")),
    ROWS("CASE t.typtype WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range type' ELSE 'base type' END", "n.nspname",
        "t.typname", "NULL", "pg_type", "t",
        OF_SCHEMA("t.typnamespace") " AND (t.typtype IN ('d', 'r') OR t.typtype = 'b' AND "
                                    "t.typcategory <> 'A')"),
    ROWS("'statistics'", "n.nspname", "s.stxname", "c.relname", "pg_statistic_ext", "s",
        OF_TABLE("s.stxrelid")),
    ROWS("'collation'", "n.nspname", "k.collname", "NULL", "pg_collation", "k", OF_SCHEMA("k.collnamespace")),
    ROWS("'operator'", "n.nspname", "o.oprname", "NULL", "pg_operator", "o", OF_SCHEMA("o.oprnamespace")),
    ROWS(
        "'operator class'", "n.nspname", "o.opcname", "NULL", "pg_opclass", "o", OF_SCHEMA("o.opcnamespace")),
    ROWS("CASE WHEN k.connoinherit THEN 'NOT NULL NO INHERIT' ELSE 'NOT NULL NOT VALID' END", "n.nspname",
        "k.conname", "c.relname::pg_catalog.text", "pg_constraint", "k",
        OF_TABLE("k.conrelid") " AND k.contype = 'n' AND (k.connoinherit OR NOT k.convalidated)"),
    ROWS("'conversion'", "n.nspname", "k.conname", "NULL", "pg_conversion", "k", OF_SCHEMA("k.connamespace")),
    ROWS("'text search configuration'", "n.nspname", "k.cfgname", "NULL", "pg_ts_config", "k",
        OF_SCHEMA("k.cfgnamespace")),
    ROWS("'text search dictionary'", "n.nspname", "k.dictname", "NULL", "pg_ts_dict", "k",
        OF_SCHEMA("k.dictnamespace")),
    "SELECT 'extension', NULL, x.extname, x.extversion, 0, 0 FROM pg_catalog.pg_extension x "
    "WHERE x.extname <> 'plpgsql'",
    "SELECT 'comment', n.nspname, c.relname, a.attname, 0, 0 FROM pg_catalog.pg_description d JOIN "
    "pg_catalog.pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_catalog.pg_class'::regclass AND "
    "c.relkind = 'v' "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE d.objsubid > 0 AND c.relnamespace = ANY "
    "(" SCHEMAS ")",
    "SELECT 'comment', n.nspname, c.relname, NULL, 0, 0 FROM pg_catalog.pg_description d JOIN "
    "pg_catalog.pg_constraint k ON k.conindid = d.objoid AND d.classoid = 'pg_catalog.pg_class'::regclass "
    "AND k.contype IN ('p', 'u', 'x') JOIN pg_catalog.pg_class c ON c.oid = k.conindid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relnamespace = ANY (" SCHEMAS ")",
    ROWS("'event trigger'", "NULL", "e.evtname", "NULL", "pg_event_trigger", "e", "WHERE true"),
    ROWS("'publication'", "NULL", "p.pubname", "NULL", "pg_publication", "p", "WHERE true"),
    ROWS("'foreign server'", "NULL", "s.srvname", "NULL", "pg_foreign_server", "s", "WHERE true"),
    ROWS("'cast'", "NULL",
        "(pg_catalog.format_type(k.castsource, NULL) || ' as ' || pg_catalog.format_type(k.casttarget, "
        "NULL))",
        "NULL", "pg_cast", "k", "WHERE k.oid >= 16384" MADE_BY_HAND("pg_cast", "k")),
    ROWS("'language'", "NULL", "l.lanname", "NULL", "pg_language", "l", "WHERE l.oid >= 16384"),
    "SELECT 'default privileges', n.nspname, pg_catalog.pg_get_userbyid(a.defaclrole)::pg_catalog.text, "
    "NULL, 0, 0 FROM pg_catalog.pg_default_acl a LEFT JOIN pg_catalog.pg_namespace n ON n.oid = "
    "a.defaclnamespace "
    "WHERE a.defaclnamespace = 0 OR a.defaclnamespace = ANY (" SCHEMAS ")",
    NULL};
