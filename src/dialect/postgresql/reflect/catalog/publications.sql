SELECT 'publication', 'pg_catalog.pg_publication'::regclass::pg_catalog.oid, p.oid, NULL, p.pubname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(p.oid, 'pg_publication'),
    pg_catalog.format('CREATE PUBLICATION %I', p.pubname)
        || CASE WHEN p.puballtables THEN ' FOR ALL TABLES'
            ELSE COALESCE(' FOR ' || NULLIF(pg_catalog.concat_ws(', ',
                (
                    SELECT 'TABLE ' || pg_catalog.string_agg(i.item, ', ' ORDER BY i.item COLLATE "C")
                    FROM (
                        SELECT {prefix} || pg_catalog.quote_ident(c.relname) || {column_list}
                        FROM pg_catalog.pg_publication_rel x
                            JOIN pg_catalog.pg_class c ON c.oid = x.prrelid
                            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        WHERE x.prpubid = p.oid) i(item)),
                {published_schemas}), ''), '')
        END
        || COALESCE(' WITH (' || NULLIF(pg_catalog.concat_ws(', ',
            CASE WHEN NOT (p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate) THEN
                'publish = ' || pg_catalog.quote_literal(pg_catalog.concat_ws(', ',
                    CASE WHEN p.pubinsert THEN 'insert' END,
                    CASE WHEN p.pubupdate THEN 'update' END,
                    CASE WHEN p.pubdelete THEN 'delete' END,
                    CASE WHEN p.pubtruncate THEN 'truncate' END))
            END,
            CASE WHEN {via_root} THEN 'publish_via_partition_root = true' END,
            CASE WHEN {generated_columns} = 's' THEN 'publish_generated_columns = stored' END), '') || ')', ''),
    NULL,
    NULL
FROM pg_catalog.pg_publication p
ORDER BY p.oid
