-- A row has as few columns as it can: the client keeps the rows of all columns at once. The flags: 1 is NOT NULL, 2 has
-- grants, 4 is not inherited.
--
-- Of indexes only those columns that have settings or a collation of their own, of views those with grants or defaults,
-- for which models have no place. Settings that nearly no column has are put together only where one is.
SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attstorage,
    a.attnotnull::pg_catalog.int4 + CASE WHEN a.attacl IS NULL THEN 0 ELSE 2 END
        + CASE WHEN a.attislocal THEN 4 ELSE 0 END,
    CASE WHEN a.attidentity <> '' OR a.attgenerated <> '' THEN
        a.attidentity::pg_catalog.text || ',' || a.attgenerated::pg_catalog.text
    END,
    CASE WHEN a.attoptions IS NOT NULL OR a.attstattarget >= 0 OR {compression} <> '' THEN
        pg_catalog.concat_ws(E'\x01',
            'statistics=' || CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END,
            'compression=' || CASE {compression} WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
            pg_catalog.array_to_string(a.attoptions, E'\x01'))
    END,
    {default}
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
