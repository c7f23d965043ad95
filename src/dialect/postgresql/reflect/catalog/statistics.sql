SELECT 'statistics', 'pg_catalog.pg_statistic_ext'::regclass::pg_catalog.oid, x.oid, n.nspname, x.stxname, NULL,
    cn.nspname, c.relname, c.oid,
    pg_catalog.obj_description(x.oid, 'pg_statistic_ext'),
    'CREATE STATISTICS ' || {prefix}
        || pg_catalog.substr(
            pg_catalog.pg_get_statisticsobjdef(x.oid),
            pg_catalog.strpos(
                pg_catalog.pg_get_statisticsobjdef(x.oid), '.' || pg_catalog.quote_ident(x.stxname)) + 1)
        || CASE WHEN {statistics_target} >= 0 THEN
            pg_catalog.format(E';\nALTER STATISTICS %s%I SET STATISTICS %s', {prefix}, x.stxname, {statistics_target})
            ELSE ''
        END,
    NULL,
    c.relname
FROM pg_catalog.pg_statistic_ext x
    JOIN pg_catalog.pg_namespace n ON n.oid = x.stxnamespace
    JOIN pg_catalog.pg_class c ON c.oid = x.stxrelid
    JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
WHERE c.relnamespace = ANY ({schemas})
ORDER BY x.oid
