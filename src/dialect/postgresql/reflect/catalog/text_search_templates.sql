SELECT 'text search template', 'pg_catalog.pg_ts_template'::regclass::pg_catalog.oid, x.oid, n.nspname, x.tmplname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(x.oid, 'pg_ts_template'),
    pg_catalog.format('CREATE TEXT SEARCH TEMPLATE %s%I (', {prefix}, x.tmplname)
        || CASE WHEN x.tmplinit::pg_catalog.oid <> 0 THEN pg_catalog.format('INIT = %s, ', x.tmplinit) ELSE '' END
        || pg_catalog.format('LEXIZE = %s)', x.tmpllexize),
    NULL,
    NULL
FROM pg_catalog.pg_ts_template x
    JOIN pg_catalog.pg_namespace n ON n.oid = x.tmplnamespace
WHERE n.oid = ANY ({schemas})
ORDER BY x.oid
