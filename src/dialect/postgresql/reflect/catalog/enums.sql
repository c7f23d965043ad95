-- A row for each label, in their order; an enum without labels has one row.
SELECT t.oid, n.nspname, t.typname, e.enumlabel
FROM pg_catalog.pg_type t
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid
WHERE t.typtype = 'e'
    AND t.typnamespace = ANY ({schemas})
ORDER BY n.nspname, t.typname, e.enumsortorder
