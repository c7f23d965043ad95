-- Each combination of type, length and collation that columns have, once: $1, $2 and $3.
SELECT u.type, u.length, u.collated,
    pg_catalog.format_type(u.type, u.length),
    t.typstorage,
    CASE WHEN e.typtype = 'e' THEN en.nspname END,
    e.typname,
    t.typelem = e.oid,
    CASE WHEN u.collated <> t.typcollation THEN
        CASE WHEN pg_catalog.pg_collation_is_visible(co.oid) THEN co.collname
            ELSE pg_catalog.format('"%s"."%s"', cn.nspname, co.collname)
        END
    END
FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int4[]),
        pg_catalog.unnest($3::pg_catalog.oid[])) u(type, length, collated)
    JOIN pg_catalog.pg_type t ON t.oid = u.type
    LEFT JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE t.oid END
    LEFT JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace
    LEFT JOIN pg_catalog.pg_collation co ON co.oid = u.collated
    LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
