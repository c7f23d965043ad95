SELECT 'server', 'pg_catalog.pg_foreign_server'::regclass::pg_catalog.oid, x.oid, NULL, x.srvname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(x.oid, 'pg_foreign_server'),
    pg_catalog.format('CREATE SERVER %I', x.srvname)
        || COALESCE(' TYPE ' || pg_catalog.quote_literal(x.srvtype), '')
        || COALESCE(' VERSION ' || pg_catalog.quote_literal(x.srvversion), '')
        || pg_catalog.format(' FOREIGN DATA WRAPPER %I', w.fdwname)
        || COALESCE((
            SELECT ' OPTIONS (' || pg_catalog.string_agg(pg_catalog.format('%I %L', o.name, o.value), ', ' ORDER BY o.at) || ')'
            FROM (
                SELECT pg_catalog.split_part(u.pair, '=', 1), pg_catalog.substr(u.pair, pg_catalog.strpos(u.pair, '=') + 1), u.at
                FROM pg_catalog.unnest(x.srvoptions) WITH ORDINALITY u(pair, at)) o(name, value, at)
            WHERE {is_public}), ''),
    CASE WHEN EXISTS (
        SELECT FROM pg_catalog.unnest(x.srvoptions) u(pair)
            CROSS JOIN LATERAL (SELECT pg_catalog.split_part(u.pair, '=', 1)) o(name)
        WHERE NOT ({is_public})) THEN 'secret' END,
    NULL
FROM pg_catalog.pg_foreign_server x
    JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = x.srvfdw
ORDER BY x.oid
