SELECT 'policy', 'pg_catalog.pg_policy'::regclass::pg_catalog.oid, p.oid, NULL, p.polname, NULL,
    n.nspname, c.relname, c.oid,
    pg_catalog.obj_description(p.oid, 'pg_policy'),
    pg_catalog.format('CREATE POLICY %I ON %s%I%s FOR %s TO %s', p.polname, {prefix}, c.relname,
            CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END,
            CASE p.polcmd
                WHEN 'r' THEN 'SELECT'
                WHEN 'a' THEN 'INSERT'
                WHEN 'w' THEN 'UPDATE'
                WHEN 'd' THEN 'DELETE'
                ELSE 'ALL'
            END,
            (
                SELECT
                    pg_catalog.string_agg(
                        CASE
                            WHEN r.oid = 0 THEN 'PUBLIC'
                            ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(r.oid))
                        END,
                        ', ' ORDER BY pg_catalog.pg_get_userbyid(r.oid))
                FROM pg_catalog.unnest(p.polroles) r(oid)))
        || COALESCE(' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', '')
        || COALESCE(' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''),
    NULL,
    c.relname
FROM pg_catalog.pg_policy p
    JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.oid = ANY ({schemas})
ORDER BY p.oid
