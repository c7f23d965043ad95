SELECT 'event trigger', 'pg_catalog.pg_event_trigger'::regclass::pg_catalog.oid, o.oid, NULL, o.evtname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(o.oid, 'pg_event_trigger'),
    pg_catalog.format('CREATE EVENT TRIGGER %I ON %s%s EXECUTE FUNCTION %s()', o.evtname, o.evtevent,
            (
                SELECT ' WHEN TAG IN (' || pg_catalog.string_agg(pg_catalog.quote_literal(g.tag), ', ') || ')'
                FROM pg_catalog.unnest(o.evttags) g(tag)),
            o.evtfoid::pg_catalog.regproc)
        || CASE
            WHEN o.evtenabled = 'O' THEN ''
            ELSE
                pg_catalog.format(E';\nALTER EVENT TRIGGER %I %s', o.evtname,
                CASE o.evtenabled
                    WHEN 'D' THEN 'DISABLE'
                    WHEN 'R' THEN 'ENABLE REPLICA'
                    ELSE 'ENABLE ALWAYS'
                END)
        END,
    NULL,
    {event_trigger_detail}
FROM pg_catalog.pg_event_trigger o
ORDER BY o.oid
