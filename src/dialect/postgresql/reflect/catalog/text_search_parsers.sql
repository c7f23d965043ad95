SELECT 'text search parser', 'pg_catalog.pg_ts_parser'::regclass::pg_catalog.oid, x.oid, n.nspname, x.prsname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(x.oid, 'pg_ts_parser'),
    pg_catalog.format('CREATE TEXT SEARCH PARSER %s%I (START = %s, GETTOKEN = %s, END = %s', {prefix}, x.prsname,
            x.prsstart, x.prstoken, x.prsend)
        || CASE WHEN x.prsheadline::pg_catalog.oid <> 0 THEN ', HEADLINE = ' || x.prsheadline ELSE '' END
        || pg_catalog.format(', LEXTYPES = %s)', x.prslextype),
    NULL,
    NULL
FROM pg_catalog.pg_ts_parser x
    JOIN pg_catalog.pg_namespace n ON n.oid = x.prsnamespace
WHERE n.oid = ANY ({schemas})
ORDER BY x.oid
