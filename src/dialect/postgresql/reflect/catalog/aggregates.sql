SELECT 'aggregate', 'pg_catalog.pg_proc'::regclass::pg_catalog.oid, p.oid, n.nspname, p.proname,
    CASE WHEN p.pronargs = 0 THEN '*' ELSE {arguments} END,
    NULL, NULL, 0,
    pg_catalog.obj_description(p.oid, 'pg_proc'),
    pg_catalog.format('CREATE AGGREGATE %s%I(%s) (SFUNC = %s, STYPE = %s', {prefix}, p.proname,
            CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_catalog.pg_get_function_identity_arguments(p.oid) END,
            a.aggtransfn,
            pg_catalog.format_type(a.aggtranstype, NULL))
        || CASE WHEN a.aggtransspace <> 0 THEN ', SSPACE = ' || a.aggtransspace ELSE '' END
        || CASE WHEN a.aggfinalfn::pg_catalog.oid <> 0 THEN ', FINALFUNC = ' || a.aggfinalfn ELSE '' END
        || CASE WHEN a.aggfinalextra THEN ', FINALFUNC_EXTRA' ELSE '' END
        || CASE
            WHEN a.aggfinalmodify = CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN ''
            ELSE ', FINALFUNC_MODIFY = '
                || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END
        END
        || CASE WHEN a.aggcombinefn::pg_catalog.oid <> 0 THEN ', COMBINEFUNC = ' || a.aggcombinefn ELSE '' END
        || CASE
            WHEN a.aggserialfn::pg_catalog.oid <> 0 THEN
                pg_catalog.format(', SERIALFUNC = %s, DESERIALFUNC = %s', a.aggserialfn, a.aggdeserialfn)
            ELSE ''
        END
        || CASE WHEN a.agginitval IS NOT NULL THEN pg_catalog.format(', INITCOND = %L', a.agginitval) ELSE '' END
        || CASE
            WHEN a.aggmtransfn::pg_catalog.oid <> 0 THEN
                pg_catalog.format(', MSFUNC = %s, MINVFUNC = %s, MSTYPE = %s', a.aggmtransfn, a.aggminvtransfn,
                    pg_catalog.format_type(a.aggmtranstype, NULL))
            ELSE ''
        END
        || CASE WHEN a.aggmtransspace <> 0 THEN ', MSSPACE = ' || a.aggmtransspace ELSE '' END
        || CASE WHEN a.aggmfinalfn::pg_catalog.oid <> 0 THEN ', MFINALFUNC = ' || a.aggmfinalfn ELSE '' END
        || CASE WHEN a.aggmfinalextra THEN ', MFINALFUNC_EXTRA' ELSE '' END
        || CASE
            WHEN a.aggmtransfn::pg_catalog.oid = 0
                OR a.aggmfinalmodify = CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN ''
            ELSE ', MFINALFUNC_MODIFY = '
                || CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END
        END
        || CASE WHEN a.aggminitval IS NOT NULL THEN pg_catalog.format(', MINITCOND = %L', a.aggminitval) ELSE '' END
        || CASE
            WHEN a.aggsortop <> 0 THEN ', SORTOP = ' || a.aggsortop::pg_catalog.regoper::pg_catalog.text
            ELSE ''
        END
        || CASE p.proparallel
            WHEN 's' THEN ', PARALLEL = SAFE'
            WHEN 'r' THEN ', PARALLEL = RESTRICTED'
            ELSE ''
        END
        || CASE a.aggkind WHEN 'h' THEN ', HYPOTHETICAL' ELSE '' END
        || ')',
    NULL,
    pg_catalog.pg_get_function_identity_arguments(p.oid)
FROM pg_catalog.pg_aggregate a
    JOIN pg_catalog.pg_proc p ON p.oid = a.aggfnoid
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.oid = ANY ({schemas})
ORDER BY p.oid
