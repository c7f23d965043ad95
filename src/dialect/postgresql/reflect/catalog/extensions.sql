SELECT x.oid < 16384, x.extname,
    n.nspname, x.extversion
FROM pg_catalog.pg_extension x
    JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace
ORDER BY x.oid
