"""Dumps a PostgreSQL schema by queries of the catalogue alone.

For servers that are newer than pg_dump, and for comparing states cheaply. Writes SQL that creates the same schema
again, under the headers that pg_dump writes. Covers only the objects that the tests create.
"""
OWN_TABLES = ("cmig_version", "cmig_history", "cmig_progress")

SCHEMA = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"


def apart(catalogue, alias):
    """What an extension brought along comes back with it."""
    return ("NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_%s'::regclass AND x.objid = %s.oid "
            "AND x.deptype IN ('e', 'i') AND x.objsubid = 0)" % (catalogue, alias))


RELATIONS = ("pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE %s AND c.relname <> ALL (ARRAY[%s]) AND %s"
             % (SCHEMA, ", ".join("'%s'" % name for name in OWN_TABLES), apart("class", "c")))
TABLES = RELATIONS + " AND c.relkind IN ('r', 'p')"
OPTIONS = "coalesce(' WITH (' || array_to_string({}, ', ') || ')', '')"
SEQUENCE = ("format(' START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s', q.seqstart, q.seqincrement, q.seqmin, "
            "q.seqmax, q.seqcache) || CASE WHEN q.seqcycle THEN ' CYCLE' ELSE '' END")

# That PostgreSQL 18 keeps a NOT NULL as a constraint with a name is not compared: nothing defines its name.
COLUMN = """
format('    %I %s', a.attname, format_type(a.atttypid, a.atttypmod))
|| CASE WHEN a.attcollation <> t.typcollation THEN
    (SELECT format(' COLLATE %I.%I', kn.nspname, k.collname) FROM pg_collation k
     JOIN pg_namespace kn ON kn.oid = k.collnamespace WHERE k.oid = a.attcollation) ELSE '' END
|| CASE WHEN a.attgenerated <> '' THEN format(' GENERATED ALWAYS AS (%s) %s', pg_get_expr(d.adbin, d.adrelid),
    CASE a.attgenerated WHEN 's' THEN 'STORED' ELSE 'VIRTUAL' END) ELSE '' END
|| CASE WHEN a.attidentity <> '' THEN
    (SELECT format(' GENERATED %s AS IDENTITY (SEQUENCE NAME %s%s)', CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
        q.seqrelid::regclass, """ + SEQUENCE + """) FROM pg_sequence q
     JOIN pg_depend s ON s.classid = 'pg_class'::regclass AND s.objid = q.seqrelid AND s.refobjid = c.oid
         AND s.refobjsubid = a.attnum AND s.deptype = 'i') ELSE '' END
|| CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
"""

# Constraint k without casts and parentheses: PostgreSQL prints "IN" in two ways.
SPELLING = "regexp_replace(pg_get_constraintdef(k.oid), '::(character varying|text)(\\[\\])?|[()]', '', 'g')"

# The contents of publication p as a query, without parts that servers before PostgreSQL 15 reject.
PUBLISHED = """
CASE WHEN current_setting('server_version_num')::int >= 150000 THEN format(
    'SELECT r.prrelid::regclass::text AS it, (SELECT string_agg(a.attname, '', '' ORDER BY a.attnum) FROM pg_attribute a '
    'WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[])), pg_get_expr(r.prqual, r.prrelid) FROM pg_publication_rel r '
    'WHERE r.prpubid = %s UNION ALL SELECT y.pnnspid::regnamespace::text, NULL, NULL FROM pg_publication_namespace y '
    'WHERE y.pnpubid = %s ORDER BY 1', p.oid, p.oid)
ELSE format('SELECT r.prrelid::regclass::text AS it FROM pg_publication_rel r WHERE r.prpubid = %s ORDER BY 1', p.oid) END
"""

# PostgreSQL 12 and 13 lack this column of pg_attribute; then it is null.
COMPRESSION = "(to_jsonb(a) ->> 'attcompression')"

# (type, what gives rows of schema, name, statement), in an order in which they can be made
PARTS = [
    ("SCHEMA", "SELECT '-', n.nspname, format('CREATE SCHEMA %I;', n.nspname) FROM pg_namespace n WHERE "
     + SCHEMA + " AND n.nspname <> 'public'"),
    ("EXTENSION", "SELECT '-', e.extname, format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I;', e.extname, n.nspname) "
     "FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql'"),
    ("TYPE", "SELECT n.nspname, t.typname, format('CREATE TYPE %I.%I AS ENUM (%s);', n.nspname, t.typname, "
     "(SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)) "
     "FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND " + SCHEMA + " AND " + apart("type", "t")),
    ("TYPE", "SELECT n.nspname, c.relname, format('CREATE TYPE %I.%I AS (%s);', n.nspname, c.relname, "
     "(SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum) "
     "FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)) FROM pg_class c JOIN pg_namespace n "
     "ON n.oid = c.relnamespace WHERE c.relkind = 'c' AND " + SCHEMA),
    ("DOMAIN", "SELECT n.nspname, t.typname, format('CREATE DOMAIN %I.%I AS %s%s%s%s;', n.nspname, t.typname, "
     "format_type(t.typbasetype, t.typtypmod), coalesce(' DEFAULT ' || t.typdefault, ''), "
     "CASE WHEN t.typnotnull THEN ' NOT NULL' END, (SELECT string_agg(format(' CONSTRAINT %I %s', k.conname, "
     "pg_get_constraintdef(k.oid)), '' ORDER BY k.conname) FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c')) "
     "FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd' AND " + SCHEMA + " AND " + apart("type", "t")),
    ("FUNCTION", "SELECT n.nspname, p.proname, pg_get_functiondef(p.oid) || ';' FROM pg_proc p JOIN pg_namespace n "
     "ON n.oid = p.pronamespace WHERE p.prokind IN ('f', 'p') AND " + SCHEMA + " AND " + apart("proc", "p") + " ORDER BY p.oid"),
    ("SEQUENCE", "SELECT n.nspname, c.relname, format('CREATE SEQUENCE %s AS %s', c.oid::regclass, "
     "format_type(q.seqtypid, NULL)) || " + SEQUENCE + " || ';' FROM pg_sequence q JOIN " + RELATIONS.replace(
         "pg_class c", "pg_class c ON c.oid = q.seqrelid", 1)),
    ("TABLE", "SELECT n.nspname, c.relname, format(E'CREATE%s TABLE %s (\\n%s\\n)%s%s%s%s;', "
     "CASE c.relpersistence WHEN 'u' THEN ' UNLOGGED' END, c.oid::regclass, "
     "(SELECT string_agg(" + COLUMN + ", E',\\n' ORDER BY a.attnum) FROM pg_attribute a "
     "JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
     "WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), "
     "concat((SELECT ' INHERITS (' || string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) || ')' FROM pg_inherits i "
     "WHERE i.inhrelid = c.oid AND NOT c.relispartition), ' OF ' || NULLIF(c.reloftype, 0)::regtype), "
     "CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(c.oid) END, "
     + OPTIONS.format("c.reloptions || (SELECT array_agg('toast.' || o) FROM pg_class tc, unnest(tc.reloptions) o "
                      "WHERE tc.oid = c.reltoastrelid)")
     + ", (SELECT format(' TABLESPACE %I', s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace)) FROM " + TABLES
     + " ORDER BY c.oid"),
    ("TABLE ATTACH", "SELECT n.nspname, c.relname, format('ALTER TABLE ONLY %s ATTACH PARTITION %s %s;', "
     "(SELECT i.inhparent::regclass FROM pg_inherits i WHERE i.inhrelid = c.oid), c.oid::regclass, "
     "pg_get_expr(c.relpartbound, c.oid)) FROM " + TABLES + " AND c.relispartition"),
    ("SEQUENCE OWNED BY", "SELECT n.nspname, c.relname, format('ALTER SEQUENCE %s OWNED BY %s.%I;', c.oid::regclass, "
     "s.refobjid::regclass, a.attname) FROM pg_depend s JOIN pg_attribute a ON a.attrelid = s.refobjid AND a.attnum = s.refobjsubid "
     "JOIN " + RELATIONS.replace("pg_class c", "pg_class c ON c.oid = s.objid", 1)
     + " AND s.classid = 'pg_class'::regclass AND c.relkind = 'S' AND s.deptype = 'a'"),
    ("DEFAULT", "SELECT n.nspname, c.relname || ' ' || a.attname, format('ALTER TABLE ONLY %s ALTER COLUMN %I SET DEFAULT %s;', "
     "c.oid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid)) FROM pg_attrdef d JOIN pg_attribute a "
     "ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated = '' JOIN "
     + RELATIONS.replace("pg_class c", "pg_class c ON c.oid = d.adrelid", 1)),
    ("COLUMN", "SELECT n.nspname, c.relname || ' ' || a.attname, concat_ws(E'\\n', "
     "CASE WHEN a.attstorage <> t.typstorage THEN format('ALTER TABLE ONLY %s ALTER COLUMN %I SET STORAGE %s;', c.oid::regclass, "
     "a.attname, CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END) END, "
     "CASE WHEN " + COMPRESSION + " <> '' THEN format('ALTER TABLE ONLY %s ALTER COLUMN %I SET COMPRESSION %s;', c.oid::regclass, "
     "a.attname, CASE " + COMPRESSION + " WHEN 'l' THEN 'lz4' ELSE 'pglz' END) END, "
     "CASE WHEN a.attstattarget >= 0 THEN format('ALTER TABLE ONLY %s ALTER COLUMN %I SET STATISTICS %s;', c.oid::regclass, "
     "a.attname, a.attstattarget) END, "
     "CASE WHEN a.attoptions IS NOT NULL THEN format('ALTER TABLE ONLY %s ALTER COLUMN %I SET (%s);', c.oid::regclass, "
     "a.attname, array_to_string(a.attoptions, ', ')) END) FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN "
     + TABLES.replace("pg_class c", "pg_class c ON c.oid = a.attrelid", 1)
     + " AND a.attnum > 0 AND (a.attstorage <> t.typstorage OR " + COMPRESSION + " <> '' OR a.attstattarget >= 0 "
     "OR a.attoptions IS NOT NULL)"),
    ("CONSTRAINT", "SELECT n.nspname, c.relname || ' ' || k.conname, format('ALTER TABLE ONLY %s ADD CONSTRAINT %I %s;', "
     "c.oid::regclass, k.conname, pg_get_constraintdef(k.oid)) || CASE WHEN i.indisclustered THEN format(E'\\nALTER TABLE %s "
     "CLUSTER ON %I;', c.oid::regclass, k.conname) ELSE '' END FROM pg_constraint k LEFT JOIN pg_index i "
     "ON i.indexrelid = k.conindid AND i.indrelid = k.conrelid JOIN "
     + TABLES.replace("pg_class c", "pg_class c ON c.oid = k.conrelid", 1)
     + " AND k.contype IN ('p', 'u', 'x', 'c') AND k.coninhcount = 0"),
    ("INDEX", "SELECT n.nspname, ic.relname, pg_get_indexdef(i.indexrelid) || ';' || CASE WHEN i.indisclustered THEN "
     "format(E'\\nALTER TABLE %s CLUSTER ON %I;', c.oid::regclass, ic.relname) ELSE '' END "
     "|| CASE WHEN i.indisvalid THEN '' ELSE E'\\n-- invalid' END || coalesce((SELECT string_agg(format("
     "E'\\nALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s;', ic.oid::regclass, a.attnum, a.attstattarget), '' "
     "ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = ic.oid AND a.attstattarget > 0), '') "
     "FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN "
     + RELATIONS.replace("pg_class c", "pg_class c ON c.oid = i.indrelid", 1)
     + " AND NOT ic.relispartition AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid "
     "AND k.contype IN ('p', 'u', 'x'))"),
    ("FK CONSTRAINT", "SELECT n.nspname, c.relname || ' ' || k.conname, format('ALTER TABLE ONLY %s ADD CONSTRAINT %I %s;', "
     "c.oid::regclass, k.conname, pg_get_constraintdef(k.oid)) FROM pg_constraint k JOIN "
     + TABLES.replace("pg_class c", "pg_class c ON c.oid = k.conrelid", 1) + " AND k.contype = 'f' AND k.conparentid = 0"),
    ("VIEW", "SELECT n.nspname, c.relname, format(E'CREATE %s %s%s AS\\n%s', CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE "
     "'MATERIALIZED VIEW' END, c.oid::regclass, " + OPTIONS.format("c.reloptions") + ", pg_get_viewdef(c.oid)) FROM "
     + RELATIONS + " AND c.relkind IN ('v', 'm') ORDER BY c.oid"),
    ("TRIGGER", "SELECT n.nspname, c.relname || ' ' || t.tgname, pg_get_triggerdef(t.oid) || ';' FROM pg_trigger t JOIN "
     + RELATIONS.replace("pg_class c", "pg_class c ON c.oid = t.tgrelid", 1) + " AND NOT t.tgisinternal"),
    ("RULE", "SELECT n.nspname, c.relname || ' ' || r.rulename, pg_get_ruledef(r.oid) FROM pg_rewrite r JOIN "
     + RELATIONS.replace("pg_class c", "pg_class c ON c.oid = r.ev_class", 1) + " AND r.rulename <> '_RETURN'"),
    ("POLICY", "SELECT n.nspname, c.relname || ' ' || p.polname, format('CREATE POLICY %I ON %s FOR %s%s%s;', p.polname, "
     "c.oid::regclass, CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' "
     "WHEN 'd' THEN 'DELETE' ELSE 'ALL' END, ' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', "
     "' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')') FROM pg_policy p JOIN "
     + RELATIONS.replace("pg_class c", "pg_class c ON c.oid = p.polrelid", 1)),
    ("ROW SECURITY", "SELECT n.nspname, c.relname, format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', c.oid::regclass) FROM "
     + TABLES + " AND c.relrowsecurity"),
    ("REPLICA IDENTITY", "SELECT n.nspname, c.relname, format('ALTER TABLE %s REPLICA IDENTITY %s;', c.oid::regclass, "
     "CASE c.relreplident WHEN 'n' THEN 'NOTHING' WHEN 'f' THEN 'FULL' ELSE (SELECT format('USING INDEX %I', ic.relname) "
     "FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisreplident) END) FROM "
     + TABLES + " AND c.relreplident <> 'd'"),
    ("STATISTICS", "SELECT n.nspname, s.stxname, pg_get_statisticsobjdef(s.oid) || ';' FROM pg_statistic_ext s "
     "JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE " + SCHEMA),
    ("OPERATOR FAMILY", "SELECT n.nspname, f.opfname || ' ' || a.amname, format('CREATE OPERATOR FAMILY %I.%I USING %I -- %s', "
     "n.nspname, f.opfname, a.amname, (SELECT string_agg(m.text, '; ' ORDER BY m.text) FROM (SELECT format('operator %s %s %s', "
     "o.amopstrategy, o.amopopr::regoperator, (SELECT s.opfname FROM pg_opfamily s WHERE s.oid = o.amopsortfamily)) "
     "FROM pg_amop o WHERE o.amopfamily = f.oid UNION ALL SELECT format('function %s (%s, %s) %s', o.amprocnum, "
     "o.amproclefttype::regtype, o.amprocrighttype::regtype, o.amproc::regprocedure) FROM pg_amproc o "
     "WHERE o.amprocfamily = f.oid) m(text))) FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace "
     "JOIN pg_am a ON a.oid = f.opfmethod WHERE " + SCHEMA + " AND " + apart("opfamily", "f")),
    ("OPERATOR CLASS", "SELECT n.nspname, k.opcname || ' ' || a.amname, format('CREATE OPERATOR CLASS %I.%I FOR TYPE %s USING %I "
     "FAMILY %s -- %s %s', n.nspname, k.opcname, k.opcintype::regtype, a.amname, f.opfname, k.opcdefault, k.opckeytype::regtype) "
     "FROM pg_opclass k JOIN pg_opfamily f ON f.oid = k.opcfamily JOIN pg_namespace n ON n.oid = k.opcnamespace "
     "JOIN pg_am a ON a.oid = k.opcmethod WHERE " + SCHEMA + " AND " + apart("opclass", "k")),
    ("TRANSFORM", "SELECT '-', x.trftype::regtype || ' ' || l.lanname, format('CREATE TRANSFORM FOR %s LANGUAGE %I -- %s %s', "
     "x.trftype::regtype, l.lanname, x.trffromsql::regprocedure, x.trftosql::regprocedure) FROM pg_transform x "
     "JOIN pg_language l ON l.oid = x.trflang WHERE x.oid >= 16384"),
    ("LANGUAGE", "SELECT '-', o.lanname, format('CREATE LANGUAGE %I -- %s %s %s %s', o.lanname, o.lanpltrusted, "
     "o.lanplcallfoid::regproc, o.laninline::regproc, o.lanvalidator::regproc) FROM pg_language o WHERE o.oid >= 16384"),
    ("ACCESS METHOD", "SELECT '-', o.amname, format('CREATE ACCESS METHOD %I TYPE %s HANDLER %s;', o.amname, o.amtype, "
     "o.amhandler) FROM pg_am o WHERE o.oid >= 16384"),
    ("CONVERSION", "SELECT n.nspname, o.conname, format('CREATE CONVERSION %s.%I -- %s %s %s %s', o.connamespace::regnamespace, "
     "o.conname, o.condefault, o.conforencoding, o.contoencoding, o.conproc) FROM pg_conversion o JOIN pg_namespace n "
     "ON n.oid = o.connamespace WHERE " + SCHEMA),
    ("TEXT SEARCH PARSER", "SELECT n.nspname, o.prsname, format('CREATE TEXT SEARCH PARSER %s.%I -- %s %s %s %s %s', "
     "o.prsnamespace::regnamespace, o.prsname, o.prsstart, o.prstoken, o.prsend, o.prsheadline, o.prslextype) "
     "FROM pg_ts_parser o JOIN pg_namespace n ON n.oid = o.prsnamespace WHERE " + SCHEMA),
    ("TEXT SEARCH TEMPLATE", "SELECT n.nspname, o.tmplname, format('CREATE TEXT SEARCH TEMPLATE %s.%I -- %s %s', "
     "o.tmplnamespace::regnamespace, o.tmplname, o.tmplinit, o.tmpllexize) "
     "FROM pg_ts_template o JOIN pg_namespace n ON n.oid = o.tmplnamespace WHERE " + SCHEMA),
    ("FOREIGN DATA WRAPPER", "SELECT '-', o.fdwname, format('CREATE FOREIGN DATA WRAPPER %I -- %s %s %s', o.fdwname, "
     "o.fdwhandler::regproc, o.fdwvalidator::regproc, o.fdwoptions) FROM pg_foreign_data_wrapper o WHERE o.oid >= 16384 "
     "AND " + apart("foreign_data_wrapper", "o")),
    ("SERVER", "SELECT '-', o.srvname, format('CREATE SERVER %I -- %s %s %s %s', o.srvname, w.fdwname, o.srvtype, o.srvversion, "
     "o.srvoptions) FROM pg_foreign_server o JOIN pg_foreign_data_wrapper w ON w.oid = o.srvfdw"),
    ("USER MAPPING", "SELECT '-', o.srvname, format('CREATE USER MAPPING FOR %s SERVER %I -- %s', o.usename, o.srvname, o.umoptions) "
     "FROM pg_user_mappings o"),
    ("FOREIGN TABLE", "SELECT n.nspname, c.relname, format(E'CREATE FOREIGN TABLE %s (\\n%s\\n) SERVER %I -- %s', c.oid::regclass, "
     "(SELECT string_agg(concat(" + COLUMN + ", ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), ' ', a.attfdwoptions::text), E',\\n' "
     "ORDER BY a.attnum) FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid "
     "AND d.adnum = a.attnum WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), s.srvname, concat(f.ftoptions::text, "
     "(SELECT string_agg(k.conname || ' ' || " + SPELLING + ", ', ' ORDER BY k.conname) FROM pg_constraint k "
     "WHERE k.conrelid = c.oid AND k.contype <> 'n'))) FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver "
     "JOIN " + RELATIONS.replace("pg_class c", "pg_class c ON c.oid = f.ftrelid", 1)),
    ("PUBLICATION", "SELECT '-', p.pubname, format('CREATE PUBLICATION %I -- %s %s', p.pubname, to_jsonb(p) - 'oid' - 'pubowner', "
     "query_to_xml(" + PUBLISHED + ", true, true, '')::text) FROM pg_publication p"),
    ("COMMENT", "SELECT coalesce(o.schema, '-'), o.type || ' ' || o.identity, format('COMMENT ON %s %s IS %L;', "
     "CASE WHEN o.type LIKE '% column' THEN 'COLUMN' WHEN o.type LIKE '% constraint' THEN 'CONSTRAINT' ELSE upper(o.type) END, "
     "o.identity, d.description) FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) o "
     "LEFT JOIN pg_namespace n ON n.nspname = o.schema WHERE d.objoid >= 16384 AND o.type <> 'extension' "
     "AND (n.nspname IS NULL OR " + SCHEMA + ") AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = d.classoid "
     "AND x.objid = d.objoid AND x.deptype = 'e')"),
]


def catalogue_dump(query, by_name=False):
    """query: runs one and gives its rows. The search path is empty afterwards: names are printed with their schemas.

    by_name: sorts them, so that equal schemas give equal text; else the text can be restored."""
    query("SET search_path = ''")
    text = ["SET check_function_bodies = false;\n"]
    for kind, part in PARTS:
        is_ordered = "ORDER BY c.oid" in part or "ORDER BY p.oid" in part
        rows = query(part if is_ordered else part + " ORDER BY 1, 2")
        for schema, name, body in sorted(rows, key=str) if by_name else rows:
            if body:
                text.append("--\n-- Name: %s; Type: %s; Schema: %s; Owner: -\n--\n\n%s\n\n" % (name, kind, schema, body))
    return "\n".join(text)
