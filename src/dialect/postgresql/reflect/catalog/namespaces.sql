-- All but the server's own.
SELECT n.oid, n.nspname,
    pg_catalog.obj_description(n.oid, 'pg_namespace'),
    n.nspname = ANY ($1::pg_catalog.text[])
FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
ORDER BY n.nspname
