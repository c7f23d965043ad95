-- Default privileges: a row for each that a role other than the creating one gets, or one without a role; the first row
-- says the connected role.
SELECT NULL, current_user, NULL, NULL, NULL, false, false
UNION ALL
SELECT d.defaclobjtype::pg_catalog.text,
    pg_catalog.pg_get_userbyid(d.defaclrole),
    n.nspname,
    CASE x.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(x.grantee) END,
    pg_catalog.lower(x.privilege_type),
    x.is_grantable,
    (
        SELECT pg_catalog.count(*) FROM pg_catalog.aclexplode(d.defaclacl) y WHERE y.grantee = d.defaclrole
    ) <> CASE
        WHEN n.oid IS NULL THEN (
            SELECT pg_catalog.count(*)
            FROM pg_catalog.aclexplode(pg_catalog.acldefault(
                CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole)) y
            WHERE y.grantee = d.defaclrole)
        ELSE 0
    END
FROM pg_catalog.pg_default_acl d
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
    LEFT JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) x ON x.grantee <> d.defaclrole
WHERE d.defaclobjtype IN ('r', 'S', 'f', 'T', 'n')
    AND (n.oid IS NULL OR n.oid = ANY ({schemas}))
