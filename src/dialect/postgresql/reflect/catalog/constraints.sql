-- A foreign key to a partitioned table has one more for each of its partitions, on the same table. What one refers to
-- outside of the schemas is named by the server.
SELECT k.oid, k.conrelid, k.conname, k.contype, k.conkey, k.conindid,
    k.condeferrable, k.condeferred, k.convalidated, k.connoinherit,
    CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid) END,
    k.confrelid, k.confkey, k.confupdtype, k.confdeltype, k.confmatchtype,
    {set_null_columns}, {is_enforced}, {has_period},
    CASE WHEN k.contype = 'f' THEN (
        SELECT n.nspname || E'\x01' || f.relname || (
            SELECT pg_catalog.string_agg(
                E'\x01' || a.attname, '' ORDER BY pg_catalog.array_position(k.confkey, a.attnum))
            FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = f.oid AND a.attnum = ANY (k.confkey))
        FROM pg_catalog.pg_class f
            JOIN pg_catalog.pg_namespace n ON n.oid = f.relnamespace
        WHERE f.oid = k.confrelid
            AND (f.relnamespace <> ALL ({schemas}) OR f.relkind NOT IN ('r', 'p')))
    END,
    CASE WHEN k.contype = 'x' THEN (
        SELECT pg_catalog.string_agg(
            CASE WHEN pg_catalog.pg_operator_is_visible(o.oid) THEN o.oprname::pg_catalog.text
                ELSE pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname)
            END, E'\x01' ORDER BY x.at)
        FROM pg_catalog.unnest(k.conexclop) WITH ORDINALITY x(oid, at)
            JOIN pg_catalog.pg_operator o ON o.oid = x.oid
            JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace)
    END,
    k.conparentid <> 0 OR k.contype = 'c' AND NOT k.conislocal
FROM pg_catalog.pg_constraint k
WHERE k.connamespace = ANY ({schemas})
    AND k.conrelid <> 0
    AND (k.conparentid = 0 OR NOT EXISTS (
        SELECT FROM pg_catalog.pg_constraint pk WHERE pk.oid = k.conparentid AND pk.conrelid = k.conrelid))
    AND k.contype IN ('p', 'u', 'x', 'c', 'f')
