SELECT DISTINCT r.ev_class, n.nspname, c.relname
FROM pg_catalog.pg_class v
    JOIN pg_catalog.pg_rewrite r ON r.ev_class = v.oid
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass
        AND d.objid = r.oid
        AND d.refclassid = 'pg_catalog.pg_class'::regclass
        AND d.refobjid <> v.oid
    JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE v.relkind IN ('v', 'm')
    AND v.relnamespace = ANY ({schemas})
ORDER BY 1, 2, 3
