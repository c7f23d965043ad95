SELECT s.seqrelid,
    pg_catalog.format_type(s.seqtypid, NULL),
    s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
    d.refobjid, d.refobjsubid, d.deptype,
    c.relpersistence = 'u',
    {has_unlogged_sequences} AND t.relpersistence = 'u'
FROM pg_catalog.pg_sequence s
    JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
    LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass
        AND d.objid = s.seqrelid
        AND d.refclassid = 'pg_catalog.pg_class'::regclass
        AND d.deptype IN ('a', 'i')
        AND d.refobjsubid > 0
    LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
WHERE c.relnamespace = ANY ({schemas})
