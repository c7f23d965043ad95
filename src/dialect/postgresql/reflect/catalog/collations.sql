SELECT 'collation', 'pg_catalog.pg_collation'::regclass::pg_catalog.oid, k.oid, n.nspname, k.collname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(k.oid, 'pg_collation'),
    pg_catalog.format('CREATE COLLATION %s%I (', {prefix}, k.collname)
        || CASE k.collprovider
            WHEN 'i' THEN
                pg_catalog.format(
                    'provider = icu, locale = %L',
                    COALESCE(j.v ->> 'colllocale', j.v ->> 'colliculocale', k.collcollate))
            WHEN 'b' THEN pg_catalog.format('provider = builtin, locale = %L', j.v ->> 'colllocale')
            ELSE pg_catalog.format('lc_collate = %L, lc_ctype = %L', k.collcollate, k.collctype)
        END
        || CASE WHEN k.collisdeterministic THEN '' ELSE ', deterministic = false' END
        || CASE
            WHEN j.v ->> 'collicurules' <> '' THEN pg_catalog.format(', rules = %L', j.v ->> 'collicurules')
            ELSE ''
        END
        || ')',
    NULL,
    NULL
FROM pg_catalog.pg_collation k
    JOIN pg_catalog.pg_namespace n ON n.oid = k.collnamespace
    CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(k)) j(v)
WHERE n.oid = ANY ({schemas})
ORDER BY k.oid
