-- What a parent gives a foreign table is not said again, but for the options of columns. One that is a parent, or whose
-- parent is elsewhere, is not modelled.
SELECT 'foreign table', 'pg_catalog.pg_class'::regclass::pg_catalog.oid, c.oid, n.nspname, c.relname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(c.oid, 'pg_class'),
    pg_catalog.format('CREATE FOREIGN TABLE %s%I', {prefix}, c.relname)
        || CASE WHEN c.relispartition THEN ' PARTITION OF ' || i.parents ELSE '' END
        || CASE WHEN c.relispartition AND l.parts = '' THEN '' ELSE pg_catalog.format(E' (%s\n)', l.parts) END
        || CASE
            WHEN c.relispartition THEN ' ' || pg_catalog.pg_get_expr(c.relpartbound, c.oid)
            ELSE COALESCE(' INHERITS (' || i.parents || ')', '')
        END
        || pg_catalog.format(' SERVER %I', s.srvname)
        || {options}
        || COALESCE((
            SELECT pg_catalog.string_agg(
                pg_catalog.format(
                    E';\nALTER FOREIGN TABLE %s%I ALTER COLUMN %I', {prefix}, c.relname, a.attname) || {options}, ''
                ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute a
                CROSS JOIN LATERAL (SELECT a.attfdwoptions) y(options)
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attislocal AND a.attfdwoptions IS NOT NULL), '')
        || COALESCE((
            SELECT pg_catalog.string_agg(
                pg_catalog.format(E';\nCOMMENT ON COLUMN %s%I.%I IS %L', {prefix}, c.relname, a.attname, m.description),
                '' ORDER BY a.attnum)
            FROM pg_catalog.pg_description m
                JOIN pg_catalog.pg_attribute a ON a.attrelid = m.objoid AND a.attnum = m.objsubid
            WHERE m.classoid = 'pg_catalog.pg_class'::regclass AND m.objoid = c.oid AND m.objsubid > 0), ''),
    CASE WHEN {has_secrets} THEN 'secret' END,
    NULL
FROM pg_catalog.pg_foreign_table f
    JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
    CROSS JOIN LATERAL (SELECT f.ftoptions) y(options)
    CROSS JOIN LATERAL (
        SELECT pg_catalog.string_agg(h.inhparent::pg_catalog.regclass::pg_catalog.text, ', ' ORDER BY h.inhseqno)
        FROM pg_catalog.pg_inherits h
        WHERE h.inhrelid = c.oid) i(parents)
    CROSS JOIN LATERAL (
        SELECT pg_catalog.concat_ws(',',
            (
                SELECT pg_catalog.string_agg(
                    pg_catalog.format(E'\n    %I %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod))
                        || {options}
                        || CASE WHEN a.attcollation <> t.typcollation THEN (
                            SELECT pg_catalog.format(' COLLATE %I.%I', kn.nspname, k.collname)
                            FROM pg_catalog.pg_collation k
                                JOIN pg_catalog.pg_namespace kn ON kn.oid = k.collnamespace
                            WHERE k.oid = a.attcollation) ELSE '' END
                        || CASE
                            WHEN d.adbin IS NULL THEN ''
                            WHEN a.attgenerated <> '' THEN
                                ' GENERATED ALWAYS AS (' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) || ') STORED'
                            ELSE ' DEFAULT ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid)
                        END
                        || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, ',' ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute a
                    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                    CROSS JOIN LATERAL (SELECT a.attfdwoptions) y(options)
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attislocal),
            (
                SELECT pg_catalog.string_agg(
                    pg_catalog.format(E'\n    CONSTRAINT %I %s', k.conname, pg_catalog.pg_get_constraintdef(k.oid)),
                    ',' ORDER BY k.conname)
                FROM pg_catalog.pg_constraint k
                WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conislocal))) l(parts)
WHERE c.relnamespace = ANY ({schemas})
    AND NOT EXISTS (
        SELECT
        FROM pg_catalog.pg_inherits h
            JOIN pg_catalog.pg_class p ON p.oid = h.inhparent
        WHERE h.inhparent = c.oid OR h.inhrelid = c.oid AND p.relnamespace <> ALL ({schemas}))
ORDER BY c.oid
