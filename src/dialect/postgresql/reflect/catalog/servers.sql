SELECT 'server', 'pg_catalog.pg_foreign_server'::regclass::pg_catalog.oid, x.oid, NULL, x.srvname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(x.oid, 'pg_foreign_server'),
    pg_catalog.format('CREATE SERVER %I', x.srvname)
        || COALESCE(' TYPE ' || pg_catalog.quote_literal(x.srvtype), '')
        || COALESCE(' VERSION ' || pg_catalog.quote_literal(x.srvversion), '')
        || pg_catalog.format(' FOREIGN DATA WRAPPER %I', w.fdwname)
        || {options},
    CASE WHEN {has_secrets} THEN 'secret' END,
    NULL
FROM pg_catalog.pg_foreign_server x
    JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = x.srvfdw
    CROSS JOIN LATERAL (SELECT x.srvoptions) y(options)
ORDER BY x.oid
