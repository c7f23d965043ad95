-- Of a table's TOAST table only the settings matter.
SELECT c.oid, n.nspname, c.relname,
    CASE WHEN {is_table} THEN 'r' ELSE c.relkind END,
    c.relpersistence, c.relnatts,
    pg_catalog.array_to_string(c.reloptions, E'\x01'),
    pg_catalog.array_to_string(tc.reloptions, E'\x01'),
    ts.spcname, c.relreplident,
    CASE
        WHEN c.relispartition THEN 'partition'
        WHEN c.oid IN (SELECT i.inhrelid FROM pg_catalog.pg_inherits i) THEN 'inherited table'
        WHEN c.reloftype <> 0 THEN 'typed table'
    END,
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END,
    am.amname,
    {row_security},
    c.relacl IS NOT NULL
FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_class tc ON tc.oid = c.reltoastrelid AND tc.reloptions IS NOT NULL
    LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
    LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam AND am.amname <> 'heap'
WHERE c.relnamespace = ANY ({schemas})
    AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
ORDER BY n.nspname, c.relname
