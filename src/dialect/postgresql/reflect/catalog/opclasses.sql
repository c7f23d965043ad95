-- The server's own are found first; whether one is visible is expensive to ask for each of them.
SELECT o.oid, o.opcmethod, o.opcintype, o.opcdefault,
    CASE WHEN n.nspname = 'pg_catalog' OR pg_catalog.pg_opclass_is_visible(o.oid) THEN pg_catalog.quote_ident(o.opcname)
        ELSE pg_catalog.format('%I.%I', n.nspname, o.opcname)
    END
FROM pg_catalog.pg_opclass o
    JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace
