SELECT 'language', 'pg_catalog.pg_language'::regclass::pg_catalog.oid, x.oid, NULL, x.lanname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(x.oid, 'pg_language'),
    pg_catalog.format('CREATE %sLANGUAGE %I', CASE WHEN x.lanpltrusted THEN 'TRUSTED ' ELSE '' END, x.lanname)
        || CASE WHEN x.lanplcallfoid <> 0 THEN ' HANDLER ' || x.lanplcallfoid::pg_catalog.regproc ELSE '' END
        || CASE WHEN x.laninline <> 0 THEN ' INLINE ' || x.laninline::pg_catalog.regproc ELSE '' END
        || CASE WHEN x.lanvalidator <> 0 THEN ' VALIDATOR ' || x.lanvalidator::pg_catalog.regproc ELSE '' END,
    NULL,
    NULL
FROM pg_catalog.pg_language x
WHERE x.oid >= 16384
ORDER BY x.oid
