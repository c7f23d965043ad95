-- Of indexes only those columns that have settings or a collation of their own, of views those with grants or defaults,
-- for which models have no place. Settings that nearly no column has are put together only where one is.
SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attnotnull,
    a.attidentity, a.attgenerated, a.attstorage,
    CASE WHEN a.attoptions IS NOT NULL OR a.attstattarget >= 0 OR {compression} <> '' THEN
        pg_catalog.concat_ws(E'\x01',
            'statistics=' || CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END,
            'compression=' || CASE {compression} WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
            pg_catalog.array_to_string(a.attoptions, E'\x01'))
    END,
    a.attacl IS NOT NULL, a.attislocal, {default}
FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_catalog.pg_attrdef d ON a.atthasdef AND d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = ANY ({schemas})
    AND ({is_table}
        OR c.relkind = 'm'
        OR {is_index} AND (a.attoptions IS NOT NULL OR a.attstattarget > 0 OR a.attcollation NOT IN (0, 100))
        OR c.relkind = 'v' AND (a.attacl IS NOT NULL OR a.atthasdef))
    AND a.attnum > 0
    AND NOT a.attisdropped
