SELECT 'text search configuration', 'pg_catalog.pg_ts_config'::regclass::pg_catalog.oid, t.oid, n.nspname, t.cfgname, NULL,
    NULL, NULL, 0,
    pg_catalog.obj_description(t.oid, 'pg_ts_config'),
    pg_catalog.format('CREATE TEXT SEARCH CONFIGURATION %s%I (PARSER = %s)', {prefix}, t.cfgname,
            CASE WHEN rn.nspname IN ('pg_catalog', pg_catalog.current_schema()) THEN pg_catalog.quote_ident(r.prsname)
                ELSE pg_catalog.format('%I.%I', rn.nspname, r.prsname)
            END)
        || COALESCE((
            SELECT
                pg_catalog.string_agg(
                    pg_catalog.format(E';\nALTER TEXT SEARCH CONFIGURATION %s%I ADD MAPPING FOR %I WITH %s',
                        {prefix}, t.cfgname, m.alias, m.dicts),
                    '' ORDER BY m.alias)
            FROM (
                SELECT y.alias,
                    pg_catalog.string_agg(
                        x.mapdict::pg_catalog.regdictionary::pg_catalog.text, ', ' ORDER BY x.mapseqno) AS dicts
                FROM pg_catalog.pg_ts_config_map x
                    JOIN pg_catalog.ts_token_type(t.cfgparser) y ON y.tokid = x.maptokentype
                WHERE x.mapcfg = t.oid
                GROUP BY y.alias) m), ''),
    NULL,
    NULL
FROM pg_catalog.pg_ts_config t
    JOIN pg_catalog.pg_namespace n ON n.oid = t.cfgnamespace
    JOIN pg_catalog.pg_ts_parser r ON r.oid = t.cfgparser
    JOIN pg_catalog.pg_namespace rn ON rn.oid = r.prsnamespace
WHERE n.oid = ANY ({schemas})
ORDER BY t.oid
