-- Text search dictionaries. Their parts: the template, and the options.
SELECT 'text search dictionary', 'pg_catalog.pg_ts_dict'::regclass::pg_catalog.oid, t.oid, n.nspname, t.dictname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(t.oid, 'pg_ts_dict'),
    pg_catalog.format('CREATE TEXT SEARCH DICTIONARY %s%I (TEMPLATE = %s%s)', {prefix}, t.dictname,
        CASE WHEN mn.nspname IN ('pg_catalog', pg_catalog.current_schema()) THEN pg_catalog.quote_ident(m.tmplname)
            ELSE pg_catalog.format('%I.%I', mn.nspname, m.tmplname)
        END,
        COALESCE(', ' || t.dictinitoption, '')),
    pg_catalog.concat_ws(E'\x01', t.dicttemplate, COALESCE(t.dictinitoption, '')),
    NULL
FROM pg_catalog.pg_ts_dict t
    JOIN pg_catalog.pg_namespace n ON n.oid = t.dictnamespace
    JOIN pg_catalog.pg_ts_template m ON m.oid = t.dicttemplate
    JOIN pg_catalog.pg_namespace mn ON mn.oid = m.tmplnamespace
WHERE n.oid = ANY ({schemas})
ORDER BY t.oid
