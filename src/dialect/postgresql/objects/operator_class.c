/*
 * Operator classes as the judge creates them, beside the existing ones.
 *
 * A type has one default class per method, and a family has each member once. So the stand-in of a class is neither
 * the default nor in the family, and both are added to its printed text from the model's.
 */
#include "dialect/postgresql/objects/objects.h"

#include "dialect/postgresql/spell/names.h"

/* CREATE OPERATOR CLASS name [DEFAULT] FOR TYPE type USING method [FAMILY family] AS …, as parts of the text. */
struct class_text {
    const char *sql;
    size_t name_end, after_default; /* equal: it is not the default */
    size_t method_end, after_family;
    struct qname family;
};

static const char *next_piece(const char *s)
{
    return sql_skip_space(s + sql_piece(s, SQL_POSTGRESQL).n, SQL_POSTGRESQL);
}

static bool is_word(const char *s, const char *word)
{
    const struct sql_piece p = sql_piece(s, SQL_POSTGRESQL);
    return sql_piece_is(&p, word);
}

static const char *name_at(struct arena *a, const char *s)
{
    const struct sql_piece p = sql_piece(s, SQL_POSTGRESQL);
    const char *name = sql_piece_text(a, &p);
    return p.kind == SQL_WORD ? str_lower(a, name) : name;
}

/* Returns what follows the family's name. */
static const char *take_family(struct arena *a, const char *s, struct qname *ret)
{
    *ret = (struct qname){.name = name_at(a, s)};
    const char *end = s + sql_piece(s, SQL_POSTGRESQL).n;
    if (*sql_skip_space(end, SQL_POSTGRESQL) != '.')
        return end;
    s = next_piece(sql_skip_space(end, SQL_POSTGRESQL));
    *ret = (struct qname){ret->name, name_at(a, s)};
    return s + sql_piece(s, SQL_POSTGRESQL).n;
}

static bool divide(struct arena *a, const char *sql, struct class_text *ret)
{
    size_t at, n;
    if (!object_sql_name(OBJECT_OPERATOR_CLASS, sql, &at, &n))
        return false;
    *ret = (struct class_text){.sql = sql, .name_end = at + n, .after_default = at + n};
    const char *s = sql_skip_space(sql + at + n, SQL_POSTGRESQL);
    if (is_word(s, "default"))
        ret->after_default = (size_t)(s - sql) + sizeof("default") - 1;
    while (*s && !is_word(s, "using"))
        s = next_piece(s);
    s = next_piece(s);
    ret->method_end = ret->after_family = (size_t)(s - sql) + sql_piece(s, SQL_POSTGRESQL).n;
    s = next_piece(s);
    if (is_word(s, "family"))
        ret->after_family = (size_t)(take_family(a, next_piece(s), &ret->family) - sql);
    return *s;
}

const char *pg_class_alone(struct ctx *ctx, const char *sql)
{
    struct class_text t;
    if (!divide(&ctx->arena, sql, &t))
        return sql;
    return ctx_printf(ctx, "%.*s%.*s%s", (int)t.name_end, sql, (int)(t.method_end - t.after_default),
        sql + t.after_default, sql + t.after_family);
}

const char *pg_class_complete(struct ctx *ctx, const char *home, const struct object *o, const char *printed)
{
    struct class_text from, to;
    struct arena *a = &ctx->arena;
    if (!divide(a, o->native, &from) || !divide(a, printed, &to))
        return printed;
    struct qname *family = &from.family;
    if (str_eq(family->schema, home) || str_eq(family->schema, "pg_catalog"))
        family->schema = NULL;
    bool is_said = family->name && !qname_eq(family, &o->name);
    return arena_printf(a, "%.*s%s%.*s%s%s%s", (int)to.name_end, printed,
        from.after_default > from.name_end ? " DEFAULT" : "", (int)(to.method_end - to.after_default),
        printed + to.after_default, is_said ? " FAMILY " : "", is_said ? pg_qname(a, family) : "",
        printed + to.after_family);
}

/* ---- members ----------------------------------------------------------------------------------------- */

#define MEMBERS(what, short_name, number) \
    "SELECT m.oid, m." short_name "family, '" what "', m." number ", m." short_name \
    "lefttype, m." short_name "righttype, 'pg_catalog.pg_" short_name \
    "'::regclass::pg_catalog.oid FROM pg_catalog.pg_" short_name " m"

/* Since PostgreSQL 14 optional members depend only on the family. B-tree and hash have no optional members of a
 * single type. */
void pg_drop_members(struct rendering *r, const struct object *o)
{
    static const char sql[] =
        "DO $cmig$\nDECLARE\n    member text;\nBEGIN\n    FOR member IN\n"
        "        SELECT pg_catalog.format('ALTER OPERATOR FAMILY %%s.%%I USING %%I DROP %%s %%s (%%s, %%s)', "
        "f.opfnamespace::pg_catalog.regnamespace, f.opfname, a.amname, m.what, m.number, "
        "pg_catalog.format_type(m.l, NULL), pg_catalog.format_type(m.r, NULL))\n"
        "        FROM pg_catalog.pg_opclass k\n"
        "            JOIN pg_catalog.pg_am a ON a.oid = k.opcmethod AND a.amname = %L\n"
        "            JOIN pg_catalog.pg_opfamily f ON f.oid = k.opcfamily\n"
        "            JOIN (" MEMBERS("OPERATOR", "amop", "amopstrategy") " UNION ALL " MEMBERS("FUNCTION",
            "amproc", "amprocnum") ") m (oid, family, what, number, l, r, catalogue)\n"
                                   "                ON m.family = f.oid AND m.l = k.opcintype\n"
                                   "        WHERE k.opcname = %L AND k.opcnamespace = %E\n"
                                   "            AND NOT EXISTS (SELECT FROM pg_catalog.pg_opclass x WHERE "
                                   "x.opcfamily = f.oid AND "
                                   "x.opcintype = k.opcintype AND x.oid <> k.oid)\n"
                                   "            AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE "
                                   "d.classid = m.catalogue AND "
                                   "d.objid = m.oid AND d.deptype = 'i')\n"
                                   "    LOOP\n        EXECUTE member;\n    END LOOP;\nEND\n$cmig$";
    struct sql q = pg_render_begin(r), schema = pg_render_begin(r);
    const char *home = r->pg ? r->pg->base.default_schema : NULL;
    if (str_eq(o->signature, "btree") || str_eq(o->signature, "hash"))
        return;
    if (o->name.schema || home)
        sql_addf(&schema, "pg_catalog.to_regnamespace(pg_catalog.quote_ident(%L))",
            o->name.schema ? o->name.schema : home);
    else
        sql_addf(&schema, "pg_catalog.current_schema()::pg_catalog.regnamespace");
    sql_addf(&q, sql, o->signature, o->name.name, sql_end(&schema));
    pg_render_add(r, &q);
}
