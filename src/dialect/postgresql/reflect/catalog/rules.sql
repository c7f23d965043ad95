SELECT 'rule', 'pg_catalog.pg_rewrite'::regclass::pg_catalog.oid, o.oid, NULL, o.rulename, NULL,
    n.nspname, c.relname, c.oid,
    pg_catalog.obj_description(o.oid, 'pg_rewrite'),
    pg_catalog.rtrim(pg_catalog.pg_get_ruledef(o.oid, true), E'; \n')
        || CASE
            WHEN o.ev_enabled = 'O' THEN ''
            ELSE
                pg_catalog.format(E';\nALTER TABLE %s%I %s RULE %I', {prefix}, c.relname,
                CASE o.ev_enabled
                    WHEN 'D' THEN 'DISABLE'
                    WHEN 'R' THEN 'ENABLE REPLICA'
                    ELSE 'ENABLE ALWAYS'
                END, o.rulename)
        END,
    NULL,
    {rule_detail}
FROM pg_catalog.pg_rewrite o
    JOIN pg_catalog.pg_class c ON c.oid = o.ev_class
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE o.rulename <> '_RETURN'
    AND n.oid = ANY ({schemas})
ORDER BY o.oid
