-- Expressions come one by one, in the order of their columns, after \x02 where the index has them in a collation that
-- is not their own: only the whole definition tells.
SELECT i.indrelid, i.indexrelid, c.relname, i.indisunique, {nulls_not_distinct},
    i.indisvalid AND i.indisready,
    i.indnkeyatts, i.indkey, i.indoption, i.indclass, i.indcollation, am.amname, am.oid,
    pg_catalog.array_to_string(c.reloptions, E'\x01'),
    ts.spcname,
    CASE WHEN i.indexprs IS NOT NULL THEN (
        SELECT pg_catalog.string_agg(
            CASE WHEN pg_catalog.strpos(p.whole, p.part || ' COLLATE ') > 0 THEN E'\x02' || p.part
                ELSE p.part
            END, E'\x01' ORDER BY p.at)
        FROM (
            SELECT x.at,
                pg_catalog.pg_get_indexdef(i.indexrelid, x.at, false) AS part,
                CASE WHEN i.indcollation[x.at - 1] <> 0 THEN pg_catalog.pg_get_indexdef(i.indexrelid) END AS whole
            FROM pg_catalog.generate_series(1, i.indnkeyatts::pg_catalog.int4) x(at)
            WHERE i.indkey[x.at - 1] = 0
        ) p)
    END,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid),
    i.indisreplident, i.indisclustered, c.relispartition,
    CASE WHEN c.relispartition THEN (
        SELECT r.relname
            || CASE WHEN ri.indisvalid THEN E'\x01' || (
                SELECT pg_catalog.string_agg(a.attname, '_' ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = i.indexrelid)
            ELSE ''
            END
        FROM pg_catalog.pg_class r
            JOIN pg_catalog.pg_index ri ON ri.indexrelid = r.oid
        WHERE r.oid = pg_catalog.pg_partition_root(i.indexrelid))
    END
FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_am am ON am.oid = c.relam
    LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
WHERE c.relnamespace = ANY ({schemas})
    AND {is_index}
