SELECT 'foreign data wrapper', 'pg_catalog.pg_foreign_data_wrapper'::regclass::pg_catalog.oid, x.oid, NULL, x.fdwname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(x.oid, 'pg_foreign_data_wrapper'),
    pg_catalog.format('CREATE FOREIGN DATA WRAPPER %I', x.fdwname)
        || CASE WHEN x.fdwhandler <> 0 THEN ' HANDLER ' || x.fdwhandler::pg_catalog.regproc ELSE '' END
        || CASE WHEN x.fdwvalidator <> 0 THEN ' VALIDATOR ' || x.fdwvalidator::pg_catalog.regproc ELSE '' END
        || COALESCE((
            SELECT ' OPTIONS (' || pg_catalog.string_agg(pg_catalog.format('%I %L', o.name, o.value), ', ' ORDER BY o.at) || ')'
            FROM (
                SELECT pg_catalog.split_part(u.pair, '=', 1), pg_catalog.substr(u.pair, pg_catalog.strpos(u.pair, '=') + 1), u.at
                FROM pg_catalog.unnest(x.fdwoptions) WITH ORDINALITY u(pair, at)) o(name, value, at)
            WHERE {is_public}), ''),
    CASE WHEN EXISTS (
        SELECT FROM pg_catalog.unnest(x.fdwoptions) u(pair)
            CROSS JOIN LATERAL (SELECT pg_catalog.split_part(u.pair, '=', 1)) o(name)
        WHERE NOT ({is_public})) THEN 'secret' END,
    NULL
FROM pg_catalog.pg_foreign_data_wrapper x
WHERE x.oid >= 16384
ORDER BY x.oid
