-- Owners and privileges: a row for each privilege that a role other than the owner has, or one without a role.
-- The second query: privileges on columns.
SELECT o.catalogue, o.oid, NULL, pg_catalog.pg_get_userbyid(o.owner), o.acl IS NOT NULL,
    CASE x.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(x.grantee) END,
    CASE WHEN x.grantor <> o.owner THEN pg_catalog.pg_get_userbyid(x.grantor) END,
    pg_catalog.lower(x.privilege_type), x.is_grantable,
    o.acl IS NOT NULL AND o.letter IS NOT NULL AND (
        SELECT pg_catalog.count(*) FROM pg_catalog.aclexplode(o.acl) y WHERE y.grantee = o.owner
    ) < (
        SELECT pg_catalog.count(*)
        FROM pg_catalog.aclexplode(pg_catalog.acldefault(o.letter::"char", o.owner)) y
        WHERE y.grantee = o.owner)
FROM (
    SELECT 'pg_catalog.pg_class'::regclass::pg_catalog.oid AS catalogue, c.oid, c.relowner AS owner, c.relacl AS acl,
        CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END AS letter
    FROM pg_catalog.pg_class c
    WHERE c.relnamespace = ANY ({schemas}) AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    UNION ALL
    SELECT 'pg_catalog.pg_namespace'::regclass, n.oid, n.nspowner, n.nspacl, 'n'
    FROM pg_catalog.pg_namespace n
    WHERE n.oid = ANY ({schemas})
    UNION ALL
    SELECT 'pg_catalog.pg_type'::regclass, t.oid, t.typowner, t.typacl, 'T'
    FROM pg_catalog.pg_type t
    WHERE t.typnamespace = ANY ({schemas}) AND t.typtype IN ('e', 'c', 'd', 'r')
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::regclass, p.oid, p.proowner, p.proacl, 'f'
    FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = ANY ({schemas})
    UNION ALL
    SELECT 'pg_catalog.pg_collation'::regclass, k.oid, k.collowner, NULL, NULL
    FROM pg_catalog.pg_collation k
    WHERE k.collnamespace = ANY ({schemas})
    UNION ALL
    SELECT 'pg_catalog.pg_operator'::regclass, k.oid, k.oprowner, NULL, NULL
    FROM pg_catalog.pg_operator k
    WHERE k.oprnamespace = ANY ({schemas})
    UNION ALL
    SELECT 'pg_catalog.pg_opfamily'::regclass, k.oid, k.opfowner, NULL, NULL
    FROM pg_catalog.pg_opfamily k
    WHERE k.opfnamespace = ANY ({schemas})
    UNION ALL
    SELECT 'pg_catalog.pg_opclass'::regclass, k.oid, k.opcowner, NULL, NULL
    FROM pg_catalog.pg_opclass k
    WHERE k.opcnamespace = ANY ({schemas})
    UNION ALL
    SELECT 'pg_catalog.pg_ts_dict'::regclass, k.oid, k.dictowner, NULL, NULL
    FROM pg_catalog.pg_ts_dict k
    WHERE k.dictnamespace = ANY ({schemas})
    UNION ALL
    SELECT 'pg_catalog.pg_ts_config'::regclass, k.oid, k.cfgowner, NULL, NULL
    FROM pg_catalog.pg_ts_config k
    WHERE k.cfgnamespace = ANY ({schemas})
    UNION ALL
    SELECT 'pg_catalog.pg_statistic_ext'::regclass, k.oid, k.stxowner, NULL, NULL
    FROM pg_catalog.pg_statistic_ext k
    WHERE k.stxnamespace = ANY ({schemas})
    UNION ALL
    SELECT 'pg_catalog.pg_event_trigger'::regclass, k.oid, k.evtowner, NULL, NULL
    FROM pg_catalog.pg_event_trigger k
) o
    LEFT JOIN LATERAL pg_catalog.aclexplode(o.acl) x ON x.grantee <> o.owner
UNION ALL
SELECT 'pg_catalog.pg_class'::regclass, c.oid, a.attname, pg_catalog.pg_get_userbyid(c.relowner), false,
    CASE x.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(x.grantee) END,
    CASE WHEN x.grantor <> c.relowner THEN pg_catalog.pg_get_userbyid(x.grantor) END,
    pg_catalog.lower(x.privilege_type), x.is_grantable, false
FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped
    CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) x
WHERE c.relnamespace = ANY ({schemas})
    AND c.relkind IN ('r', 'p', 'v', 'm')
    AND x.grantee <> c.relowner
