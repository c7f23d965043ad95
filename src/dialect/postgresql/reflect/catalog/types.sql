-- Each combination of type, length and collation that columns have, once.
SELECT u.atttypid, u.atttypmod, u.attcollation,
    pg_catalog.format_type(u.atttypid, u.atttypmod),
    t.typstorage,
    CASE WHEN e.typtype = 'e' THEN en.nspname END,
    e.typname,
    t.typelem = e.oid,
    CASE WHEN u.attcollation <> t.typcollation THEN
        CASE WHEN pg_catalog.pg_collation_is_visible(co.oid) THEN co.collname
            ELSE pg_catalog.format('"%s"."%s"', cn.nspname, co.collname)
        END
    END
FROM (
        SELECT DISTINCT a.atttypid, a.atttypmod, a.attcollation
        FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = ANY ({schemas})
            AND ({is_table} OR c.relkind = 'm' OR {is_index} AND a.attcollation NOT IN (0, 100))
            AND a.attnum > 0
            AND NOT a.attisdropped
    ) u
    JOIN pg_catalog.pg_type t ON t.oid = u.atttypid
    LEFT JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE t.oid END
    LEFT JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace
    LEFT JOIN pg_catalog.pg_collation co ON co.oid = u.attcollation
    LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
