-- Comments on all but schemas: 0 on a relation or its column, 1 on a constraint, 2 on a type (enum comment_on).
SELECT CASE d.classoid
        WHEN 'pg_catalog.pg_class'::regclass THEN 0
        WHEN 'pg_catalog.pg_constraint'::regclass THEN 1
        ELSE 2
    END,
    d.objoid, d.objsubid, d.description
FROM pg_catalog.pg_description d
WHERE d.objoid >= 16384
    AND d.classoid IN (
        'pg_catalog.pg_class'::regclass, 'pg_catalog.pg_constraint'::regclass, 'pg_catalog.pg_type'::regclass)
