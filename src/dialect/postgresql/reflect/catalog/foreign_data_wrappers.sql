SELECT 'foreign data wrapper', 'pg_catalog.pg_foreign_data_wrapper'::regclass::pg_catalog.oid, x.oid, NULL, x.fdwname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(x.oid, 'pg_foreign_data_wrapper'),
    pg_catalog.format('CREATE FOREIGN DATA WRAPPER %I', x.fdwname)
        || CASE WHEN x.fdwhandler <> 0 THEN ' HANDLER ' || x.fdwhandler::pg_catalog.regproc ELSE '' END
        || CASE WHEN x.fdwvalidator <> 0 THEN ' VALIDATOR ' || x.fdwvalidator::pg_catalog.regproc ELSE '' END
        || {options},
    CASE WHEN {has_secrets} THEN 'secret' END,
    NULL
FROM pg_catalog.pg_foreign_data_wrapper x
    CROSS JOIN LATERAL (SELECT x.fdwoptions) y(options)
WHERE x.oid >= 16384
ORDER BY x.oid
