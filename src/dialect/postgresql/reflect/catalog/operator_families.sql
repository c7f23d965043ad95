-- Families of operators, then classes. A member is of the class that depends on it, or of the only one of its type: since
-- PostgreSQL 14 optional members depend on the family alone. CREATE OPERATOR CLASS makes a family of the class's name.
WITH member AS (
    SELECT m.*, COALESCE(d.refobjid, (
            SELECT pg_catalog.max(k.oid::pg_catalog.int8)::pg_catalog.oid
            FROM pg_catalog.pg_opclass k
                JOIN pg_catalog.pg_am a ON a.oid = k.opcmethod
            WHERE k.opcfamily = m.family
                AND k.opcintype = m.type_left
                AND (m.type_left = m.type_right OR a.amname NOT IN ('btree', 'hash'))
            HAVING pg_catalog.count(*) = 1)) AS class
    FROM (
        SELECT 'pg_catalog.pg_amop'::regclass::pg_catalog.oid AS catalogue, o.oid, o.amopfamily AS family,
            'OPERATOR' AS what, o.amopstrategy AS number, o.amoplefttype AS type_left, o.amoprighttype AS type_right,
            o.amopopr::pg_catalog.regoperator || COALESCE((
                SELECT ' FOR ORDER BY ' || CASE WHEN pg_catalog.pg_opfamily_is_visible(f.oid) THEN ''
                        ELSE pg_catalog.quote_ident(n.nspname) || '.'
                    END || pg_catalog.quote_ident(f.opfname)
                FROM pg_catalog.pg_opfamily f
                    JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace
                WHERE f.oid = o.amopsortfamily), '') AS text
        FROM pg_catalog.pg_amop o
        WHERE o.oid >= 16384
        UNION ALL
        SELECT 'pg_catalog.pg_amproc'::regclass, o.oid, o.amprocfamily,
            'FUNCTION', o.amprocnum, o.amproclefttype, o.amprocrighttype,
            o.amproc::pg_catalog.regprocedure::pg_catalog.text
        FROM pg_catalog.pg_amproc o
        WHERE o.oid >= 16384) m
        LEFT JOIN pg_catalog.pg_depend d ON d.classid = m.catalogue AND d.objid = m.oid AND d.deptype = 'i'
            AND d.refclassid = 'pg_catalog.pg_opclass'::regclass
), printed AS (
    SELECT m.family, m.class, m.what, m.number, x.types,
        pg_catalog.format('%s %s (%s)', m.what, m.number, x.types) AS name,
        CASE m.what
            WHEN 'OPERATOR' THEN pg_catalog.format('OPERATOR %s %s', m.number, m.text)
            ELSE pg_catalog.format('FUNCTION %s (%s) %s', m.number, x.types, m.text)
        END AS text
    FROM member m
        CROSS JOIN LATERAL (
            SELECT pg_catalog.format_type(m.type_left, NULL) || ', ' || pg_catalog.format_type(m.type_right, NULL)
                AS types) x
)
SELECT 'operator family', 'pg_catalog.pg_opfamily'::regclass::pg_catalog.oid, f.oid, n.nspname, f.opfname,
    pg_catalog.quote_ident(a.amname), NULL, NULL, 0,
    pg_catalog.obj_description(f.oid, 'pg_opfamily'),
    pg_catalog.format('CREATE OPERATOR FAMILY %s%I USING %I', {prefix}, f.opfname, a.amname)
        || COALESCE(pg_catalog.format(E';\nALTER OPERATOR FAMILY %s%I USING %I ADD ', {prefix}, f.opfname, a.amname)
            || m.texts, ''),
    m.parts,
    a.amname,
    m.texts IS NULL
        AND pg_catalog.obj_description(f.oid, 'pg_opfamily') IS NULL
        AND EXISTS (
            SELECT
            FROM pg_catalog.pg_opclass k
            WHERE k.opcfamily = f.oid AND k.opcname = f.opfname AND k.opcnamespace = f.opfnamespace)
FROM pg_catalog.pg_opfamily f
    JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace
    JOIN pg_catalog.pg_am a ON a.oid = f.opfmethod
    CROSS JOIN LATERAL (
        SELECT pg_catalog.string_agg(p.text, ', ' ORDER BY p.what DESC, p.types, p.number) AS texts,
            pg_catalog.string_agg(p.name || E'\x01' || p.text, E'\x01' ORDER BY p.what DESC, p.types, p.number) AS parts
        FROM printed p
        WHERE p.family = f.oid AND p.class IS NULL) m
WHERE n.oid = ANY ({schemas})
UNION ALL
SELECT 'operator class', 'pg_catalog.pg_opclass'::regclass::pg_catalog.oid, k.oid, n.nspname, k.opcname,
    pg_catalog.quote_ident(a.amname), NULL, NULL, 0,
    pg_catalog.obj_description(k.oid, 'pg_opclass'),
    pg_catalog.format('CREATE OPERATOR CLASS %s%I %sFOR TYPE %s USING %I%s AS %s',
        {prefix}, k.opcname, CASE WHEN k.opcdefault THEN 'DEFAULT ' ELSE '' END,
        pg_catalog.format_type(k.opcintype, NULL), a.amname,
        CASE WHEN f.opfname = k.opcname AND f.opfnamespace = k.opcnamespace THEN ''
            WHEN pg_catalog.pg_opfamily_is_visible(f.oid) THEN ' FAMILY ' || pg_catalog.quote_ident(f.opfname)
            ELSE pg_catalog.format(' FAMILY %s.%I', f.opfnamespace::pg_catalog.regnamespace, f.opfname)
        END,
        pg_catalog.concat_ws(', ',
            CASE WHEN k.opckeytype <> 0 OR m.texts IS NULL
                THEN 'STORAGE ' || pg_catalog.format_type(COALESCE(NULLIF(k.opckeytype, 0), k.opcintype), NULL)
            END,
            m.texts)),
    NULL,
    a.amname,
    false
FROM pg_catalog.pg_opclass k
    JOIN pg_catalog.pg_namespace n ON n.oid = k.opcnamespace
    JOIN pg_catalog.pg_am a ON a.oid = k.opcmethod
    JOIN pg_catalog.pg_opfamily f ON f.oid = k.opcfamily
    CROSS JOIN LATERAL (
        SELECT pg_catalog.string_agg(p.text, ', ' ORDER BY p.what DESC, p.types, p.number) AS texts
        FROM printed p
        WHERE p.class = k.oid) m
WHERE n.oid = ANY ({schemas})
ORDER BY 1 DESC, 3
