-- Their parts: the result, the arguments with their names, and how many have a default.
SELECT y.kind, 'pg_catalog.pg_proc'::regclass::pg_catalog.oid, p.oid, n.nspname, p.proname, {arguments},
    NULL, NULL, 0,
    pg_catalog.obj_description(p.oid, 'pg_proc'),
    pg_catalog.format('CREATE OR REPLACE %s %s', pg_catalog.upper(y.kind), {prefix})
        || pg_catalog.btrim(
            pg_catalog.substr(
                f.def,
                pg_catalog.strpos(f.def, '.' || pg_catalog.quote_ident(p.proname) || '(') + 1),
            E'\n'),
    pg_catalog.concat_ws(E'\x01',
        COALESCE(pg_catalog.pg_get_function_result(p.oid), ''),
        pg_catalog.pg_get_function_identity_arguments(p.oid),
        p.pronargdefaults),
    pg_catalog.pg_get_function_identity_arguments(p.oid)
FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    CROSS JOIN LATERAL (SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END) y(kind)
    CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_functiondef(p.oid) OFFSET 0) f(def)
WHERE p.prokind IN ('f', 'p', 'w')
    AND NOT EXISTS (
        SELECT
        FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
    AND n.oid = ANY ({schemas})
ORDER BY p.oid
