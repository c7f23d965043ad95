SELECT 'conversion', 'pg_catalog.pg_conversion'::regclass::pg_catalog.oid, x.oid, n.nspname, x.conname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(x.oid, 'pg_conversion'),
    pg_catalog.format('CREATE %sCONVERSION %s%I FOR %L TO %L FROM %s',
        CASE WHEN x.condefault THEN 'DEFAULT ' ELSE '' END, {prefix}, x.conname,
        pg_catalog.pg_encoding_to_char(x.conforencoding), pg_catalog.pg_encoding_to_char(x.contoencoding), x.conproc),
    NULL,
    NULL
FROM pg_catalog.pg_conversion x
    JOIN pg_catalog.pg_namespace n ON n.oid = x.connamespace
WHERE n.oid = ANY ({schemas})
ORDER BY x.oid
