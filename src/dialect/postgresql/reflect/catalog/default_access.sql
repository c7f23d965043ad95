-- What roles get on objects that the current role creates; a row without a role where that is nothing.
SELECT CASE d.defaclobjtype WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'function' WHEN 'T' THEN 'type'
        WHEN 'n' THEN 'schema' END,
    n.nspname,
    CASE x.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(x.grantee) END,
    pg_catalog.lower(x.privilege_type)
FROM pg_catalog.pg_default_acl d
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
    LEFT JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) x ON x.grantee <> d.defaclrole
WHERE d.defaclobjtype IN ('r', 'S', 'f', 'T', 'n')
    AND pg_catalog.pg_get_userbyid(d.defaclrole) = current_user
ORDER BY 1, 2, 3, 4
