SELECT 'trigger', 'pg_catalog.pg_trigger'::regclass::pg_catalog.oid, o.oid, NULL, o.tgname, NULL,
    n.nspname, c.relname, c.oid,
    pg_catalog.obj_description(o.oid, 'pg_trigger'),
    pg_catalog.pg_get_triggerdef(o.oid, true)
        || CASE
            WHEN o.tgenabled = 'O' THEN ''
            ELSE
                pg_catalog.format(E';\nALTER TABLE %s%I %s TRIGGER %I', {prefix}, c.relname,
                CASE o.tgenabled
                    WHEN 'D' THEN 'DISABLE'
                    WHEN 'R' THEN 'ENABLE REPLICA'
                    ELSE 'ENABLE ALWAYS'
                END, o.tgname)
        END,
    NULL,
    {trigger_detail}
FROM pg_catalog.pg_trigger o
    JOIN pg_catalog.pg_class c ON c.oid = o.tgrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT o.tgisinternal
    AND {is_own_trigger}
    AND n.oid = ANY ({schemas})
ORDER BY o.oid
