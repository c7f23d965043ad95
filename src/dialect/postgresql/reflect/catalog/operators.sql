-- The server connects two operators although only one of them names the other as its commutator or negator, but not if
-- that one was created first.
SELECT 'operator', 'pg_catalog.pg_operator'::regclass::pg_catalog.oid, o.oid, n.nspname, o.oprname,
    CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE pg_catalog.format_type(o.oprleft, NULL) END
        || ', ' || pg_catalog.format_type(o.oprright, NULL),
    NULL, NULL, 0,
    pg_catalog.obj_description(o.oid, 'pg_operator'),
    pg_catalog.format('CREATE OPERATOR %s%s (FUNCTION = %s', {prefix}, o.oprname, o.oprcode)
        || CASE WHEN o.oprleft <> 0 THEN ', LEFTARG = ' || pg_catalog.format_type(o.oprleft, NULL) ELSE '' END
        || CASE WHEN o.oprright <> 0 THEN ', RIGHTARG = ' || pg_catalog.format_type(o.oprright, NULL) ELSE '' END
        || COALESCE(', COMMUTATOR = ' || (
            SELECT CASE WHEN pg_catalog.pg_operator_is_visible(x.oid) THEN x.oprname
                ELSE pg_catalog.format('OPERATOR(%I.%s)', m.nspname, x.oprname)
            END
            FROM pg_catalog.pg_operator x
                JOIN pg_catalog.pg_namespace m ON m.oid = x.oprnamespace
            WHERE x.oid = o.oprcom OR (o.oprcom = 0 AND x.oprcom = o.oid AND x.oprcode::pg_catalog.oid <> 0)
            LIMIT 1), '')
        || COALESCE(', NEGATOR = ' || (
            SELECT CASE WHEN pg_catalog.pg_operator_is_visible(x.oid) THEN x.oprname
                ELSE pg_catalog.format('OPERATOR(%I.%s)', m.nspname, x.oprname)
            END
            FROM pg_catalog.pg_operator x
                JOIN pg_catalog.pg_namespace m ON m.oid = x.oprnamespace
            WHERE x.oid = o.oprnegate
                OR (o.oprnegate = 0 AND x.oprnegate = o.oid AND x.oprcode::pg_catalog.oid <> 0)
            LIMIT 1), '')
        || CASE WHEN o.oprrest::pg_catalog.oid <> 0 THEN ', RESTRICT = ' || o.oprrest ELSE '' END
        || CASE WHEN o.oprjoin::pg_catalog.oid <> 0 THEN ', JOIN = ' || o.oprjoin ELSE '' END
        || CASE WHEN o.oprcanhash THEN ', HASHES' ELSE '' END
        || CASE WHEN o.oprcanmerge THEN ', MERGES' ELSE '' END
        || ')',
    NULL,
    NULL
FROM pg_catalog.pg_operator o
    JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oprcode::pg_catalog.oid <> 0
    AND n.oid = ANY ({schemas})
ORDER BY o.oid
