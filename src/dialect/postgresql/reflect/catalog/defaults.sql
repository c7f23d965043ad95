-- Of views, whose defaults models have no place for, with the name of the column.
SELECT d.adrelid, d.adnum, {default},
    CASE WHEN c.relkind = 'v' THEN a.attname END
FROM pg_catalog.pg_attrdef d
    JOIN pg_catalog.pg_class c ON c.oid = d.adrelid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE c.relnamespace = ANY ({schemas})
    AND ({is_table} OR c.relkind = 'v')
