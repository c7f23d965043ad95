-- Text search configurations. Their parts: the parser, and for each mapping its token type and its dictionaries.
SELECT 'text search configuration', 'pg_catalog.pg_ts_config'::regclass::pg_catalog.oid, t.oid, n.nspname, t.cfgname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(t.oid, 'pg_ts_config'),
    pg_catalog.format('CREATE TEXT SEARCH CONFIGURATION %s%I (PARSER = %s)', {prefix}, t.cfgname, y.parser)
        || COALESCE(m.statements, ''),
    pg_catalog.concat_ws(E'\x01', y.parser, m.parts),
    NULL
FROM pg_catalog.pg_ts_config t
    JOIN pg_catalog.pg_namespace n ON n.oid = t.cfgnamespace
    JOIN pg_catalog.pg_ts_parser r ON r.oid = t.cfgparser
    JOIN pg_catalog.pg_namespace rn ON rn.oid = r.prsnamespace
    CROSS JOIN LATERAL (SELECT
        CASE WHEN rn.nspname IN ('pg_catalog', pg_catalog.current_schema()) THEN pg_catalog.quote_ident(r.prsname)
            ELSE pg_catalog.format('%I.%I', rn.nspname, r.prsname)
        END) y(parser)
    CROSS JOIN LATERAL (
        SELECT
            pg_catalog.string_agg(
                pg_catalog.format(E';\nALTER TEXT SEARCH CONFIGURATION %s%I ADD MAPPING FOR %I WITH %s',
                    {prefix}, t.cfgname, k.alias, k.dicts),
                '' ORDER BY k.alias),
            pg_catalog.string_agg(pg_catalog.quote_ident(k.alias) || E'\x01' || k.dicts, E'\x01' ORDER BY k.alias)
        FROM (
            SELECT y.alias,
                pg_catalog.string_agg(
                    x.mapdict::pg_catalog.regdictionary::pg_catalog.text, ', ' ORDER BY x.mapseqno) AS dicts
            FROM pg_catalog.pg_ts_config_map x
                JOIN pg_catalog.ts_token_type(t.cfgparser) y ON y.tokid = x.maptokentype
            WHERE x.mapcfg = t.oid
            GROUP BY y.alias) k) m(statements, parts)
WHERE n.oid = ANY ({schemas})
ORDER BY t.oid
