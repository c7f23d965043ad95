-- Comments that models have no place for: on columns of views, on the indexes of keys and, in PostgreSQL 18, on
-- constraints that are NOT NULL.
SELECT 'comment', n.nspname, c.relname, a.attname, 0, 0, c.oid
FROM pg_catalog.pg_description d
    JOIN pg_catalog.pg_class c ON c.oid = d.objoid
        AND d.classoid = 'pg_catalog.pg_class'::regclass
        AND c.relkind IN ('v', 'm')
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE d.objsubid > 0
    AND c.relnamespace = ANY ({schemas})

UNION ALL
SELECT 'comment', n.nspname, c.relname, NULL, 0, 0, k.conrelid
FROM pg_catalog.pg_description d
    JOIN pg_catalog.pg_constraint k ON k.conindid = d.objoid
        AND d.classoid = 'pg_catalog.pg_class'::regclass
        AND k.contype IN ('p', 'u', 'x')
    JOIN pg_catalog.pg_class c ON c.oid = k.conindid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace = ANY ({schemas})

UNION ALL
SELECT 'comment', n.nspname, k.conname, COALESCE(c.relname, t.typname), 0, 0, k.conrelid
FROM pg_catalog.pg_description d
    JOIN pg_catalog.pg_constraint k ON k.oid = d.objoid
        AND d.classoid = 'pg_catalog.pg_constraint'::regclass
        AND k.contype = 'n'
    JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
    LEFT JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
    LEFT JOIN pg_catalog.pg_type t ON t.oid = k.contypid
WHERE k.connamespace = ANY ({schemas})
