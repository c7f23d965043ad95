-- Comments on constraints follow as statements. Their parts: the type, the default, whether it is NOT NULL, and the constraints. CREATE DOMAIN takes no NOT VALID.
SELECT 'domain', 'pg_catalog.pg_type'::regclass::pg_catalog.oid, t.oid, n.nspname, t.typname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(t.oid, 'pg_type'),
    pg_catalog.format('CREATE DOMAIN %s%I AS %s', {prefix}, t.typname, y.text)
        || COALESCE(' DEFAULT ' || p.dflt, '')
        || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
        || COALESCE((SELECT pg_catalog.string_agg(E'\n    CONSTRAINT ' || k.text, '' ORDER BY k.text)
            FROM pg_catalog.unnest(p.constraints) k(text)
            WHERE k.text NOT LIKE '% NOT VALID'), '')
        || COALESCE((SELECT pg_catalog.string_agg(
                pg_catalog.format(E';\nALTER DOMAIN %s%I ADD CONSTRAINT %s', {prefix}, t.typname, k.text), ''
                ORDER BY k.text)
            FROM pg_catalog.unnest(p.constraints) k(text)
            WHERE k.text LIKE '% NOT VALID'), '')
        || COALESCE((SELECT pg_catalog.string_agg(
                pg_catalog.format(E';\nCOMMENT ON CONSTRAINT %I ON DOMAIN %s%I IS %L', k.conname, {prefix}, t.typname,
                    m.description), '' ORDER BY k.conname)
            FROM pg_catalog.pg_constraint k
                JOIN pg_catalog.pg_description m ON m.objoid = k.oid
                    AND m.classoid = 'pg_catalog.pg_constraint'::regclass
            WHERE k.contypid = t.oid), ''),
    pg_catalog.concat_ws(E'\x01', y.text, COALESCE(p.dflt, ''), t.typnotnull,
        pg_catalog.array_to_string(p.constraints, E'\x01')),
    NULL
FROM pg_catalog.pg_type t
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
    CROSS JOIN LATERAL (SELECT pg_catalog.format_type(t.typbasetype, t.typtypmod)
        || CASE WHEN t.typcollation <> b.typcollation THEN ' COLLATE ' || (
            SELECT CASE WHEN pg_catalog.pg_collation_is_visible(k.oid) THEN pg_catalog.quote_ident(k.collname)
                    ELSE pg_catalog.format('%I.%I', kn.nspname, k.collname)
                END
            FROM pg_catalog.pg_collation k
                JOIN pg_catalog.pg_namespace kn ON kn.oid = k.collnamespace
            WHERE k.oid = t.typcollation) ELSE '' END) y(text)
    CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_expr(t.typdefaultbin, 0),
        ARRAY(SELECT pg_catalog.quote_ident(k.conname) || ' ' || pg_catalog.pg_get_constraintdef(k.oid)
            FROM pg_catalog.pg_constraint k
            WHERE k.contypid = t.oid AND k.contype = 'c'
            ORDER BY k.conname)) p(dflt, constraints)
WHERE t.typtype = 'd'
    AND n.oid = ANY ({schemas})
ORDER BY t.oid
