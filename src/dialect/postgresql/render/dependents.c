/* Drops the dependents of a type or a view, and creates them again. */
#include "dialect/postgresql/render/dependents.h"

#include "dialect/postgresql/render/keep.h"
#include "dialect/postgresql/spell/acl.h"
#include "dialect/postgresql/spell/names.h"

/* Follows views that read views; %s begins with the views that read the object itself. They are printed in an order
 * in which each comes after those that it reads. */
#define VIEWS(first) \
    "WITH RECURSIVE readers (oid, depth) AS (" first \
    " UNION ALL SELECT r.ev_class, v.depth + 1 FROM readers v " \
    "JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = v.oid " \
    "AND d.classid = 'pg_catalog.pg_rewrite'::regclass " \
    "JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid AND r.ev_class <> v.oid) " \
    "SELECT c.oid::regclass::pg_catalog.text, CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' " \
    "END, NULL, coalesce(' USING ' || pg_catalog.quote_ident(am.amname), '') || coalesce(' WITH (' || " \
    "(SELECT pg_catalog.string_agg(s.o, ', ') FROM (SELECT pg_catalog.unnest(c.reloptions) AS o UNION ALL " \
    "SELECT 'toast.' || pg_catalog.unnest(tc.reloptions)) s WHERE s.o NOT LIKE 'pg_attver=%') || ')', '') " \
    "|| " \
    "coalesce(' TABLESPACE ' || pg_catalog.quote_ident(ts.spcname), '') || ' AS' || E'\\n' || " \
    "pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid), ';') || CASE WHEN c.relispopulated THEN '' ELSE " \
    "' WITH NO DATA' END, pg_catalog.obj_description(c.oid, 'pg_class'), " \
    "n.nspname, c.relname FROM (SELECT oid, max(depth) AS depth FROM readers GROUP BY oid) v " \
    "JOIN pg_catalog.pg_class c ON c.oid = v.oid AND c.relkind IN ('v', 'm') " \
    "LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam AND am.amname <> 'heap' " \
    "LEFT JOIN pg_catalog.pg_class tc ON tc.oid = c.reltoastrelid " \
    "LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace " \
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ORDER BY v.depth, 1"

static const char views_of_view[] = VIEWS(
    "SELECT r.ev_class, 1 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid "
    "WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass "
    "AND d.refobjid = pg_catalog.to_regclass($1) AND r.ev_class <> d.refobjid");

#define TYPE_AND_ARRAY \
    "(SELECT t.oid FROM pg_catalog.pg_type t WHERE t.oid = pg_catalog.to_regtype($1) " \
    "UNION ALL SELECT t.typarray FROM pg_catalog.pg_type t WHERE t.oid = pg_catalog.to_regtype($1))"

static const char views_of_type[] = VIEWS(
    "SELECT r.ev_class, 1 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid "
    "WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_type'::regclass "
    "AND d.refobjid IN " TYPE_AND_ARRAY " UNION SELECT r.ev_class, 1 FROM pg_catalog.pg_attribute a JOIN "
    "pg_catalog.pg_class c ON c.oid = a.attrelid "
    "AND c.relkind IN ('r', 'p') JOIN pg_catalog.pg_depend d ON d.refclassid = "
    "'pg_catalog.pg_class'::regclass "
    "AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.classid = "
    "'pg_catalog.pg_rewrite'::regclass "
    "JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid WHERE NOT a.attisdropped AND a.atttypid "
    "IN " TYPE_AND_ARRAY);

/* Those of a table come after those of its children: a check that a child has, too, is merged with it, and an index
 * that a partition has is attached. Such an index is dropped with the parent's. */
static const char parts_of_type[] =
    "WITH RECURSIVE heirs (oid, depth) AS (SELECT i.inhrelid, 1 FROM pg_catalog.pg_inherits i UNION ALL "
    "SELECT i.inhrelid, h.depth + 1 FROM heirs h JOIN pg_catalog.pg_inherits i ON i.inhparent = h.oid), "
    "depths AS (SELECT oid, pg_catalog.max(depth) AS depth FROM heirs GROUP BY oid) "
    "SELECT s.object, s.kind, s.part, s.definition, s.comment, s.nspname, s.relname FROM ("
    "SELECT k.conrelid::regclass::pg_catalog.text AS object, 'CONSTRAINT' AS kind, "
    "pg_catalog.quote_ident(k.conname) AS part, "
    "pg_catalog.pg_get_constraintdef(k.oid) AS definition, "
    "pg_catalog.obj_description(k.oid, 'pg_constraint') AS comment, n.nspname, "
    "c.relname, c.oid "
    "FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE (k.contype = 'x' AND k.conparentid = 0 OR k.contype = 'c' AND (k.coninhcount = 0 OR "
    "k.conislocal)) "
    "AND EXISTS (SELECT 1 FROM pg_catalog.pg_depend d "
    "WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN " TYPE_AND_ARRAY
    " AND (d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = k.oid "
    "OR k.conindid <> 0 AND d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = k.conindid)) "
    "UNION ALL SELECT i.indexrelid::regclass::pg_catalog.text, CASE WHEN h.is_attached THEN 'ATTACHED INDEX' "
    "ELSE 'INDEX' END, CASE WHEN h.is_attached THEN "
    "pg_catalog.pg_partition_root(i.indexrelid)::regclass::pg_catalog.text END, "
    "pg_catalog.replace(pg_catalog.pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON '), "
    "pg_catalog.obj_description(i.indexrelid, 'pg_class'), n.nspname, "
    "c.relname, c.oid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM pg_catalog.pg_inherits a WHERE a.inhrelid = "
    "i.indexrelid) "
    "AS is_attached) h WHERE EXISTS (SELECT 1 FROM pg_catalog.pg_depend d "
    "WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid "
    "AND d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN " TYPE_AND_ARRAY
    ") AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid "
    "AND k.contype IN ('p', 'u', 'x')) "
    /* Defaults of columns of other types; those of its own columns change with the columns. */
    "UNION ALL SELECT c.oid::regclass::pg_catalog.text, 'DEFAULT', pg_catalog.quote_ident(a.attname), "
    "pg_catalog.pg_get_expr(f.adbin, f.adrelid), NULL, n.nspname, c.relname, c.oid "
    "FROM pg_catalog.pg_attrdef f "
    "JOIN pg_catalog.pg_class c ON c.oid = f.adrelid AND c.relkind IN ('r', 'p') "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum AND a.attgenerated = '' "
    "AND a.atttypid NOT IN " TYPE_AND_ARRAY
    " WHERE EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass "
    "AND d.objid = f.oid AND d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN " TYPE_AND_ARRAY
    ")) s LEFT JOIN depths d ON d.oid = s.oid ORDER BY coalesce(d.depth, 0) DESC, 1, 2, 3";

/* A statement that names columns does nothing if they no longer exist. */
#define IF_THERE(number, text, from) \
    "SELECT " number ", 'DO ' || pg_catalog.quote_literal('BEGIN ' || " text \
    " || '; EXCEPTION WHEN undefined_column THEN NULL; END') FROM v " from " UNION ALL "
#define OF_COLUMN(number, text, from) \
    IF_THERE(number ", a.attnum", text, \
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0 " from)
#define SETTING_OF_COLUMN(words, value, from) \
    OF_COLUMN("8", \
        "pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I SET " words "', v.name, a.attname, " value ")", \
        from)

/* clang-format would treat the macros as parts of the adjacent strings. */
/* clang-format off */
const char view_keepsakes_sql[] =
    "WITH v AS (SELECT c.oid, c.oid::regclass::pg_catalog.text AS name, c.relowner, c.relacl "
    "FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind IN ('v', 'm')) "
    OF_COLUMN("2",
        "pg_catalog.format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', v.name, a.attname, "
        "pg_catalog.pg_get_expr(d.adbin, d.adrelid))",
        "JOIN pg_catalog.pg_attrdef d ON d.adrelid = v.oid AND d.adnum = a.attnum")
    OF_COLUMN("3",
        "pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L', v.name, a.attname, "
        "pg_catalog.col_description(v.oid, a.attnum))",
        "WHERE pg_catalog.col_description(v.oid, a.attnum) IS NOT NULL")
    "SELECT 4, 0, pg_catalog.rtrim(pg_catalog.pg_get_ruledef(u.oid), ';') FROM v "
    "JOIN pg_catalog.pg_rewrite u ON u.ev_class = v.oid AND u.rulename <> '_RETURN' UNION ALL "
    "SELECT 5, 0, pg_catalog.pg_get_triggerdef(t.oid) FROM v "
    "JOIN pg_catalog.pg_trigger t ON t.tgrelid = v.oid AND NOT t.tgisinternal UNION ALL "
    "SELECT 6, 0, pg_catalog.format('GRANT %s ON %s TO %s%s', x.privilege_type, v.name, " PG_GRANTEE("x") ", " PG_GRANT_OPTION("x") ") "
    "FROM v, pg_catalog.aclexplode(v.relacl) x WHERE x.grantee <> v.relowner UNION ALL "
    OF_COLUMN("7",
        "pg_catalog.format('GRANT %s (%I) ON %s TO %s%s', x.privilege_type, a.attname, v.name, " PG_GRANTEE("x") ", " PG_GRANT_OPTION("x") ")",
        "CROSS JOIN pg_catalog.aclexplode(a.attacl) x")
    SETTING_OF_COLUMN("STATISTICS %s", "a.attstattarget", "WHERE a.attstattarget >= 0")
    SETTING_OF_COLUMN("(%s)", "pg_catalog.array_to_string(a.attoptions, ', ')",
        "WHERE a.attoptions IS NOT NULL")
    SETTING_OF_COLUMN("STORAGE %s",
        "CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' "
        "ELSE 'EXTENDED' END",
        "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid AND t.typstorage <> a.attstorage")
    IF_THERE("9, 0", "pg_catalog.pg_get_statisticsobjdef(x.oid)",
        "JOIN pg_catalog.pg_statistic_ext x ON x.stxrelid = v.oid")
    /* ALTER TABLE takes views of both kinds: one may have become the other. */
    "SELECT 1, 0, pg_catalog.format('ALTER TABLE %s OWNER TO %I', v.name, "
    "pg_catalog.pg_get_userbyid(v.relowner)) FROM v "
    "WHERE pg_catalog.pg_get_userbyid(v.relowner) <> CURRENT_USER ORDER BY 1, 2, 3";
/* clang-format on */

/* A materialized view's indexes, with what belongs to them. */
static const char indexes_of_view[] =
    "WITH x AS (SELECT i.*, i.indexrelid::regclass AS name, i.indrelid::regclass AS view, c.relname, "
    "ts.spcname, pg_catalog.obj_description(c.oid, 'pg_class') AS comment FROM pg_catalog.pg_index i "
    "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
    "LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace "
    "WHERE i.indrelid = pg_catalog.to_regclass($1)) "
    "SELECT text FROM ("
    "SELECT name, 1 AS at, pg_catalog.pg_get_indexdef(indexrelid) AS text FROM x UNION ALL "
    "SELECT name, 2, pg_catalog.format('ALTER INDEX %s SET TABLESPACE %I', name, spcname) FROM x "
    "WHERE spcname IS NOT NULL UNION ALL "
    "SELECT name, 3, pg_catalog.format('COMMENT ON INDEX %s IS %L', name, comment) FROM x "
    "WHERE comment IS NOT NULL UNION ALL "
    "SELECT name, 4, pg_catalog.format('ALTER MATERIALIZED VIEW %s CLUSTER ON %I', view, relname) FROM x "
    "WHERE indisclustered) s ORDER BY name::pg_catalog.text, at";

enum { DEP_OBJECT, DEP_KIND, DEP_PART, DEP_DEFINITION, DEP_COMMENT, DEP_SCHEMA, DEP_RELATION };

static const char *comment_sql(struct rendering *r, const char *what, const char *comment)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "COMMENT ON %E IS %L", what, comment);
    return sql_end(&q);
}

/* Whether a statement creates a rule, trigger or statistics that an earlier operation of the list drops: then
 * they are restored by an operation, if at all. */
static bool is_dropped_before(const struct rendering *r, const char *text)
{
    if (str_starts(text, "DO '") && strstr(text, "CREATE ")) /* IF_THERE */
        text = strstr(text, "CREATE ");
    for (size_t i = 0; i < r->at; i++) {
        const struct op *op = r->ops->v[i];
        enum object_kind kind = op_object_kind(op->kind);
        size_t at, n;
        if (op_object_verb(op->kind) != OBJECT_DROP || !object_sql_name(kind, text, &at, &n))
            continue;
        const char *name = pg_ident(&r->ctx->arena, op->u.object.object.name.name);
        size_t length = strlen(name);
        if (n >= length && strncmp(text + at + n - length, name, length) == 0 &&
            (n == length || text[at + n - length - 1] == '.'))
            return true;
    }
    return false;
}

static bool ask_texts(struct rendering *r, const char *sql, const char *view, int column, struct strings *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {view};
    if (!pg_query(r->pg, sql, params, 1, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++)
        if (!is_dropped_before(r, answer_text(&a, i, column)))
            vec_add(r->ctx, ret, answer_copy(&a, i, column));
    return true;
}

bool keepsakes_of_view(struct rendering *r, const struct qname *view, struct strings *ret)
{
    return !r->pg || ask_texts(r, view_keepsakes_sql, pg_qname(&r->ctx->arena, view), 2, ret);
}

static bool is_view(const char *kind)
{
    return str_eq(kind, "VIEW") || str_eq(kind, "MATERIALIZED VIEW");
}

static const char attached[] = "ATTACHED INDEX";

static struct dependent dependent_of(struct rendering *r, const struct answer *a, int i)
{
    struct ctx *ctx = r->ctx;
    const char *object = answer_text(a, i, DEP_OBJECT), *kind = answer_text(a, i, DEP_KIND);
    const char *part = answer_text(a, i, DEP_PART), *definition = answer_text(a, i, DEP_DEFINITION);
    const char *comment = answer_text(a, i, DEP_COMMENT);
    struct dependent d = {
        .drop = ctx_printf(ctx, "DROP %s %s", kind, object),
        .create = ctx_strdup(ctx, definition),
        .schema = answer_copy(a, i, DEP_SCHEMA),
        .relation = answer_copy(a, i, DEP_RELATION),
    };
    const char *what = ctx_printf(ctx, "%s %s", kind, object);
    if (is_view(kind))
        d.create = ctx_printf(ctx, "CREATE %s %s%s", kind, object, definition);
    if (str_eq(kind, "CONSTRAINT")) {
        d.drop = ctx_printf(ctx, "ALTER TABLE %s DROP CONSTRAINT %s", object, part);
        d.create = ctx_printf(ctx, "ALTER TABLE %s ADD CONSTRAINT %s %s", object, part, definition);
        what = ctx_printf(ctx, "CONSTRAINT %s ON %s", part, object);
    }
    if (str_eq(kind, attached)) {
        d.drop = NULL;
        what = ctx_printf(ctx, "INDEX %s", object);
    }
    if (str_eq(kind, "DEFAULT")) {
        d.drop = ctx_printf(ctx, "ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT", object, part);
        d.create = ctx_printf(ctx, "ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s", object, part, definition);
    }
    if (comment)
        vec_add(ctx, &d.after, comment_sql(r, what, comment));
    return d;
}

/* Whether an earlier operation of the list has already dropped it. */
static bool is_gone(const struct rendering *r, const struct answer *a, int i)
{
    const char *schema = answer_text(a, i, DEP_SCHEMA);
    struct qname name = {.name = answer_text(a, i, DEP_RELATION)};
    name.schema = str_eq(schema, r->pg->base.default_schema) ? NULL : schema;
    for (size_t k = 0; k < r->at; k++) {
        const struct op *op = r->ops->v[k];
        bool drops = op->kind == OP_DROP_VIEW || op->kind == OP_DROP_TABLE;
        if (drops && qname_eq(&op->u.drop.name, &name))
            return true;
        const char *part = answer_text(a, i, DEP_PART), *object = answer_text(a, i, DEP_OBJECT);
        if (op->kind == OP_DROP_CONSTRAINT && part && qname_eq(&op->u.drop_constraint.table, &name) &&
            str_eq(pg_ident(&r->ctx->arena, op->u.drop_constraint.name), part))
            return true;
        const struct op_alter_column *o = &op->u.alter_column;
        bool is_default = part && str_eq(answer_text(a, i, DEP_KIND), "DEFAULT");
        if (is_default && op->kind == OP_ALTER_COLUMN && ALTER_HAS(o, ALTER_DEFAULT) &&
            qname_eq(&o->table, &name) && str_eq(pg_ident(&r->ctx->arena, o->name), part))
            return true;
        if (is_default && op->kind == OP_DROP_COLUMN && qname_eq(&op->u.drop_column.table, &name) &&
            str_eq(pg_ident(&r->ctx->arena, op->u.drop_column.name), part))
            return true;
        struct qname index = {name.schema, op->kind == OP_DROP_INDEX ? op->u.drop_index.name : ""};
        const char *root = str_eq(answer_text(a, i, DEP_KIND), attached) ? part : object;
        if (op->kind == OP_DROP_INDEX && str_eq(pg_qname(&r->ctx->arena, &index), root))
            return true;
    }
    return false;
}

/* Whether it is an index of one of these views. */
static bool goes_with(const struct dependents *views, const struct answer *a, int i)
{
    vec_each(k, views)
        if (str_eq(views->v[k].schema, answer_text(a, i, DEP_SCHEMA)) &&
            str_eq(views->v[k].relation, answer_text(a, i, DEP_RELATION)))
            return true;
    return false;
}

/* `with`: views whose parts are dropped with them. */
static bool collect(struct rendering *r, const char *sql, const struct qname *name,
    const struct dependents *with, struct dependents *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&r->ctx->arena, name)};
    if (!r->pg)
        return true;
    if (!pg_query(r->pg, sql, params, 1, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++) {
        if (is_gone(r, &a, i) || goes_with(with, &a, i))
            continue;
        struct dependent d = dependent_of(r, &a, i);
        const char *object = answer_text(&a, i, DEP_OBJECT);
        if (is_view(answer_text(&a, i, DEP_KIND)) &&
            (!ask_texts(r, indexes_of_view, object, 0, &d.after) ||
                !ask_texts(r, view_keepsakes_sql, object, 2, &d.after)))
            return false;
        vec_add(r->ctx, ret, d);
    }
    return true;
}

bool dependents_of_view(struct rendering *r, const struct qname *view, struct dependents *ret)
{
    static const struct dependents none;
    return collect(r, views_of_view, view, &none, ret);
}

bool dependents_of_type(struct rendering *r, const struct qname *type, struct dependents *ret)
{
    static const struct dependents none;
    struct dependents views = {0};
    if (!collect(r, views_of_type, type, &none, &views) || !collect(r, parts_of_type, type, &views, ret))
        return false;
    vec_each(i, &views)
        vec_add(r->ctx, ret, views.v[i]);
    return true;
}
