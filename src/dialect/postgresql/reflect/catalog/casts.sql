SELECT 'cast', 'pg_catalog.pg_cast'::regclass::pg_catalog.oid, k.oid, NULL,
    pg_catalog.format_type(k.castsource, NULL) || ' as ' || pg_catalog.format_type(k.casttarget, NULL), NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(k.oid, 'pg_cast'),
    pg_catalog.format('CREATE CAST (%s AS %s) %s%s',
        pg_catalog.format_type(k.castsource, NULL),
        pg_catalog.format_type(k.casttarget, NULL),
        CASE k.castmethod
            WHEN 'f' THEN 'WITH FUNCTION ' || k.castfunc::pg_catalog.regprocedure
            WHEN 'i' THEN 'WITH INOUT'
            ELSE 'WITHOUT FUNCTION'
        END,
        CASE k.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END),
    NULL,
    NULL
FROM pg_catalog.pg_cast k
WHERE k.oid >= 16384
    AND NOT EXISTS (
        SELECT
        FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_cast'::regclass AND d.objid = k.oid AND d.deptype = 'i')
ORDER BY k.oid
