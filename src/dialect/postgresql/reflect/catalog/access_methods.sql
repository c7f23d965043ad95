SELECT 'access method', 'pg_catalog.pg_am'::regclass::pg_catalog.oid, x.oid, NULL, x.amname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(x.oid, 'pg_am'),
    pg_catalog.format('CREATE ACCESS METHOD %I TYPE %s HANDLER %s', x.amname,
        CASE x.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END, x.amhandler),
    NULL,
    NULL
FROM pg_catalog.pg_am x
WHERE x.oid >= 16384
ORDER BY x.oid
