SELECT 'transform', 'pg_catalog.pg_transform'::regclass::pg_catalog.oid, x.oid, NULL,
    pg_catalog.format('%s language %I', pg_catalog.format_type(x.trftype, NULL), l.lanname), NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(x.oid, 'pg_transform'),
    pg_catalog.format('CREATE TRANSFORM FOR %s LANGUAGE %I (%s)',
        pg_catalog.format_type(x.trftype, NULL),
        l.lanname,
        pg_catalog.concat_ws(', ',
            CASE WHEN x.trffromsql::pg_catalog.oid <> 0
                THEN 'FROM SQL WITH FUNCTION ' || x.trffromsql::pg_catalog.regprocedure
            END,
            CASE WHEN x.trftosql::pg_catalog.oid <> 0
                THEN 'TO SQL WITH FUNCTION ' || x.trftosql::pg_catalog.regprocedure
            END)),
    NULL,
    NULL
FROM pg_catalog.pg_transform x
    JOIN pg_catalog.pg_language l ON l.oid = x.trflang
WHERE x.oid >= 16384
ORDER BY x.oid
