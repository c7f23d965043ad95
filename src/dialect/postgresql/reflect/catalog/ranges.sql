SELECT 'type', 'pg_catalog.pg_type'::regclass::pg_catalog.oid, t.oid, n.nspname, t.typname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(t.oid, 'pg_type'),
    pg_catalog.format('CREATE TYPE %s%I AS RANGE (subtype = %s', {prefix}, t.typname,
            pg_catalog.format_type(r.rngsubtype, NULL))
        || CASE WHEN o.opcdefault THEN '' ELSE pg_catalog.format(', subtype_opclass = %I', o.opcname) END
        || CASE
            WHEN r.rngcollation <> s.typcollation THEN ', collation = ' || (
            SELECT CASE WHEN pg_catalog.pg_collation_is_visible(k.oid) THEN pg_catalog.quote_ident(k.collname)
                    ELSE pg_catalog.format('%I.%I', kn.nspname, k.collname)
                END
            FROM pg_catalog.pg_collation k
                JOIN pg_catalog.pg_namespace kn ON kn.oid = k.collnamespace
            WHERE k.oid = r.rngcollation)
            ELSE ''
        END
        || CASE WHEN r.rngsubdiff <> 0 THEN ', subtype_diff = ' || r.rngsubdiff::pg_catalog.text ELSE '' END
        || {multirange}
        || ')',
    NULL,
    NULL
FROM pg_catalog.pg_range r
    JOIN pg_catalog.pg_type t ON t.oid = r.rngtypid
    JOIN pg_catalog.pg_type s ON s.oid = r.rngsubtype
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    JOIN pg_catalog.pg_opclass o ON o.oid = r.rngsubopc
WHERE r.rngcanonical = 0
    AND n.oid = ANY ({schemas})
ORDER BY t.oid
