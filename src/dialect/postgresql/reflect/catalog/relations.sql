-- Of a table's TOAST table only the settings matter.
SELECT c.oid, n.nspname, c.relname,
    CASE WHEN {is_table} THEN 'r' ELSE c.relkind END,
    c.relpersistence, c.relnatts,
    pg_catalog.array_to_string(c.reloptions, E'\x01'),
    pg_catalog.array_to_string(tc.reloptions, E'\x01'),
    ts.spcname, c.relreplident,
    CASE WHEN c.reloftype <> 0 THEN c.reloftype::pg_catalog.regtype END,
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END,
    am.amname,
    {row_security},
    c.relacl IS NOT NULL,
    CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
    CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END,
    CASE WHEN c.oid IN (SELECT i.inhrelid FROM pg_catalog.pg_inherits i) THEN (
        SELECT pg_catalog.string_agg(pn.nspname || E'\x01' || p.relname, E'\x01' ORDER BY i.inhseqno)
        FROM pg_catalog.pg_inherits i
            JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
            JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
        WHERE i.inhrelid = c.oid)
    END
FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_class tc ON tc.oid = c.reltoastrelid AND tc.reloptions IS NOT NULL
    LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
    LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam AND am.amname <> 'heap'
WHERE c.relnamespace = ANY ({schemas})
    AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
ORDER BY n.nspname, c.relname
