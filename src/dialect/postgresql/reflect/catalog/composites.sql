-- Composite types. Their parts are the attributes. Comments on these follow as statements.
SELECT 'type', 'pg_catalog.pg_type'::regclass::pg_catalog.oid, c.reltype, n.nspname, c.relname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(c.reltype, 'pg_type'),
    pg_catalog.format('CREATE TYPE %s%I AS (', {prefix}, c.relname)
        || COALESCE(E'\n    ' || pg_catalog.string_agg(a.text, E',\n    ' ORDER BY a.attnum) || E'\n', '')
        || ')'
        || COALESCE(pg_catalog.string_agg(
            pg_catalog.format(E';\nCOMMENT ON COLUMN %s%I.%I IS %L', {prefix}, c.relname, a.attname, a.comment), ''
            ORDER BY a.attnum) FILTER (WHERE a.comment IS NOT NULL), ''),
    pg_catalog.string_agg(a.text, E'\x01' ORDER BY a.attnum),
    NULL
FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN LATERAL (
        SELECT a.attnum, a.attname, pg_catalog.col_description(a.attrelid, a.attnum) AS comment,
            pg_catalog.format('%I %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod))
                || CASE
                    WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || (
            SELECT CASE WHEN pg_catalog.pg_collation_is_visible(k.oid) THEN pg_catalog.quote_ident(k.collname)
                    ELSE pg_catalog.format('%I.%I', kn.nspname, k.collname)
                END
            FROM pg_catalog.pg_collation k
                JOIN pg_catalog.pg_namespace kn ON kn.oid = k.collnamespace
            WHERE k.oid = a.attcollation)
                    ELSE ''
                END AS text
        FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) a ON true
WHERE c.relkind = 'c'
    AND n.oid = ANY ({schemas})
GROUP BY c.oid, c.reltype, c.relname, n.nspname
ORDER BY c.reltype
