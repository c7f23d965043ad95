/* Reads and writes objects that a model gives as SQL. */
#include "dialect/postgresql/objects/objects.h"

#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/on_update.h"

/* The words for each kind in DROP and COMMENT ON. */
static const struct {
    const char *words;
    bool or_replace; /* its SQL may say CREATE OR REPLACE */
} kinds[OBJECT_KINDS] = {
    [OBJECT_EXTENSION] = {"EXTENSION", false},
    [OBJECT_COLLATION] = {"COLLATION", false},
    [OBJECT_TYPE] = {"TYPE", false},
    [OBJECT_DOMAIN] = {"DOMAIN", false},
    [OBJECT_FUNCTION] = {"FUNCTION", true},
    [OBJECT_PROCEDURE] = {"PROCEDURE", true},
    [OBJECT_AGGREGATE] = {"AGGREGATE", false},
    [OBJECT_OPERATOR] = {"OPERATOR", false},
    [OBJECT_OPERATOR_FAMILY] = {"OPERATOR FAMILY", false},
    [OBJECT_OPERATOR_CLASS] = {"OPERATOR CLASS", false},
    [OBJECT_CAST] = {"CAST", false},
    [OBJECT_TRANSFORM] = {"TRANSFORM", true},
    [OBJECT_TEXT_SEARCH_DICTIONARY] = {"TEXT SEARCH DICTIONARY", false},
    [OBJECT_TEXT_SEARCH_CONFIGURATION] = {"TEXT SEARCH CONFIGURATION", false},
    [OBJECT_STATISTICS] = {"STATISTICS", false},
    [OBJECT_POLICY] = {"POLICY", false},
    [OBJECT_RULE] = {"RULE", false},
    [OBJECT_TRIGGER] = {"TRIGGER", false},
    [OBJECT_LANGUAGE] = {"LANGUAGE", false},
    [OBJECT_CONVERSION] = {"CONVERSION", false},
    [OBJECT_ACCESS_METHOD] = {"ACCESS METHOD", false},
    [OBJECT_TEXT_SEARCH_PARSER] = {"TEXT SEARCH PARSER", false},
    [OBJECT_TEXT_SEARCH_TEMPLATE] = {"TEXT SEARCH TEMPLATE", false},
    [OBJECT_FOREIGN_DATA_WRAPPER] = {"FOREIGN DATA WRAPPER", false},
    [OBJECT_SERVER] = {"SERVER", false},
    [OBJECT_FOREIGN_TABLE] = {"FOREIGN TABLE", false},
    [OBJECT_PUBLICATION] = {"PUBLICATION", false},
    [OBJECT_EVENT_TRIGGER] = {"EVENT TRIGGER", false},
};

/* ---- reading ----------------------------------------------------------------------------------------- */

enum {
    ROW_KIND,
    ROW_CATALOGUE,
    ROW_OID,
    ROW_SCHEMA,
    ROW_NAME,
    ROW_SIGNATURE,
    ROW_TABLE_SCHEMA,
    ROW_TABLE_NAME,
    ROW_TABLE,
    ROW_COMMENT,
    ROW_SQL,
    ROW_PARTS,
    ROW_DETAIL,
    ROW_BUILT_IN, /* only for kinds that may be built in */
};

static struct object *object_of(struct reflection *r, enum object_kind kind, const struct answer *a, int i)
{
    struct object *o = ctx_new(r->ctx, struct object);
    const char *schema = answer_text(a, i, ROW_SCHEMA), *table = answer_text(a, i, ROW_TABLE_NAME);
    const char *parts = answer_text(a, i, ROW_PARTS), *part;
    o->name = schema ? reflection_name(r, schema, answer_text(a, i, ROW_NAME))
                     : (struct qname){.name = answer_copy(a, i, ROW_NAME)};
    if (table)
        o->goes_with = reflection_name(r, answer_text(a, i, ROW_TABLE_SCHEMA), table);
    if (object_table[kind].naming == NAMED_ON_TABLE)
        o->of = o->goes_with;
    o->signature = answer_copy(a, i, ROW_SIGNATURE);
    o->comment = answer_copy(a, i, ROW_COMMENT);
    o->native = answer_copy(a, i, ROW_SQL);
    o->detail = answer_copy(a, i, ROW_DETAIL);
    o->rank = answer_oid(a, i, ROW_OID);
    o->built_in = answer_columns(a) > ROW_BUILT_IN && answer_bool(a, i, ROW_BUILT_IN);
    while ((part = next_text(&r->ctx->arena, &parts)))
        vec_add(r->ctx, &o->parts, part);
    object_make_key(&r->ctx->arena, kind, o);
    return o;
}

static bool is_out(const struct reflection *r, enum object_kind kind, const struct object *o)
{
    if (!r->scope)
        return false;
    struct qname name = o->name;
    if (o->of.name)
        name.schema = o->of.schema;
    if (o->goes_with.name && (scope_excludes(r->scope, "table", &o->goes_with, r->home) ||
                                 scope_excludes(r->scope, "view", &o->goes_with, r->home)))
        return true;
    return scope_excludes(r->scope, object_table[kind].name, &name, r->home);
}

/* ---- on_update --------------------------------------------------------------------------------------- */

static struct object *on_update_function(const struct reflection *r, const struct object *trigger)
{
    vec_each(i, &r->on_updates) {
        struct object *o = r->on_updates.v[i];
        if (str_eq(o->name.name, trigger->name.name) && str_eq(o->name.schema, trigger->of.schema))
            return o;
    }
    return NULL;
}

/* Whether a trigger and its function are exactly what cmig creates for a column: then they are its `on_update`. */
static bool take_on_update(struct reflection *r, const struct object *trigger, const struct table *t)
{
    struct object *function = on_update_function(r, trigger);
    if (!t || !function || !pg_on_update_is_trigger(r->ctx, trigger))
        return false;
    vec_each(i, &t->columns) {
        struct column *c = t->columns.v[i];
        if (!str_eq(pg_on_update_name(r->ctx, t->name.name, c->name), trigger->name.name))
            continue;
        const char *expression = pg_on_update_of_function(r->ctx, c->name, function);
        if (!expression)
            return false;
        c->on_update = (struct value){.kind = VALUE_SQL, .expr.native = expression};
        /* Like an extension's objects, it is not listed for its grants. */
        oids_set(&r->owned, (uint32_t)function->rank, PG_PROC, function);
        vec_each(k, &r->s->objects[OBJECT_FUNCTION])
            if (r->s->objects[OBJECT_FUNCTION].v[k] == function) {
                vec_remove(&r->s->objects[OBJECT_FUNCTION], k);
                break;
            }
        return true;
    }
    return false;
}

/* They are read even if such objects are excluded, since they are part of a column. */
static bool is_on_update(struct reflection *r, enum object_kind kind, struct object *o, uint32_t table)
{
    const struct relation *rel = reflection_relation(r, table);
    if (!str_ends(o->name.name, ON_UPDATE_SUFFIX))
        return false;
    if (kind == OBJECT_FUNCTION)
        vec_add(r->ctx, &r->on_updates, o);
    return kind == OBJECT_TRIGGER && rel && take_on_update(r, o, rel->table);
}

/* ---- rows -------------------------------------------------------------------------------------------- */

bool take_sql_objects(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(a); i++) {
        enum object_kind kind = object_kind_by_name(answer_text(a, i, ROW_KIND));
        if (reflection_owned(r, answer_oid(a, i, ROW_CATALOGUE), answer_oid(a, i, ROW_OID)) ||
            reflection_owned(r, PG_CLASS, answer_oid(a, i, ROW_TABLE)))
            continue;
        struct object *o = object_of(r, kind, a, i);
        if (!is_on_update(r, kind, o, answer_oid(a, i, ROW_TABLE)) && !is_out(r, kind, o)) {
            vec_add(r->ctx, &r->s->objects[kind], o);
            reflection_holder(r, answer_oid(a, i, ROW_CATALOGUE), answer_oid(a, i, ROW_OID),
                object_table[kind].name, &o->name, &o->access);
        }
    }
    return true;
}

/* ---- names ------------------------------------------------------------------------------------------- */

/* How DROP and COMMENT ON name an object, after the words of its kind. */
const char *pg_object_identity(struct rendering *r, enum object_kind kind, const struct object *o)
{
    struct arena *a = &r->ctx->arena;
    switch (object_table[kind].naming) {
    case NAMED_IN_DATABASE:
        if (kind == OBJECT_CAST)
            return arena_printf(a, "(%s)", o->key);
        return kind == OBJECT_TRANSFORM ? arena_printf(a, "FOR %s", o->key) : pg_ident(a, o->name.name);
    case NAMED_IN_SCHEMA:
        return pg_qname(a, &o->name);
    case NAMED_FOR_METHOD:
        return arena_printf(a, "%s USING %s", pg_qname(a, &o->name), o->signature);
    case NAMED_ON_TABLE:
        return arena_printf(a, "%s ON %s", pg_ident(a, o->name.name), pg_qname(a, &o->of));
    case NAMED_BY_SIGNATURE:
        if (kind == OBJECT_OPERATOR)
            return arena_printf(a, "%s%s%s (%s)", o->name.schema ? pg_ident(a, o->name.schema) : "",
                o->name.schema ? "." : "", o->name.name, o->signature);
        /* Functions of the server have the same names: without a schema these are meant. */
        return arena_printf(a, "%s(%s)",
            pg_qname(
                a, &(struct qname){o->name.schema || !r->pg ? o->name.schema : r->pg->base.default_schema,
                       o->name.name}),
            o->signature);
    }
    return "";
}

/* "a integer, numeric(1, 2)" with a word before each argument. */
static const char *with_mode(struct arena *a, const char *signature, const char *mode)
{
    struct str out = {.arena = a};
    int depth = 0;
    str_add(&out, *signature ? mode : "");
    for (const char *s = signature; *s; s++) {
        depth += (*s == '(') - (*s == ')');
        str_addc(&out, *s);
        if (*s == ',' && depth == 0)
            str_addf(&out, " %s", mode), s += s[1] == ' ';
    }
    return str_get(&out);
}

/* Without modes a procedure's types may also be those of all its arguments, with the OUT ones of another procedure. */
const char *pg_object_in_statement(struct rendering *r, enum object_kind kind, const struct object *o)
{
    struct object with_modes = *o;
    if (kind == OBJECT_PROCEDURE)
        with_modes.signature = with_mode(&r->ctx->arena, o->signature, "IN ");
    return pg_object_identity(r, kind, &with_modes);
}

static void add_comment(
    struct rendering *r, enum object_kind kind, const struct object *o, const char *comment)
{
    pg_render_comment(
        r, ctx_printf(r->ctx, "%s %s", kinds[kind].words, pg_object_in_statement(r, kind, o)), comment);
}

bool pg_comment_object(struct rendering *r, const struct op_set_comment *o)
{
    enum object_kind kind;
    struct object object;
    op_commented_object(&r->ctx->arena, o, &kind, &object);
    if (kind == OBJECT_KINDS)
        return false;
    add_comment(r, kind, &object, o->comment);
    return true;
}

/* ---- writing ----------------------------------------------------------------------------------------- */

static void add_text(struct rendering *r, const char *s, size_t n)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "%E", arena_strndup(&r->ctx->arena, s, n));
    pg_render_add(r, &q);
}

size_t pg_statement_length(const char *sql)
{
    const char *s = sql;
    int depth = 0;
    bool atomic = false;
    for (struct sql_piece p; (p = sql_piece(s, SQL_POSTGRESQL)).kind != SQL_END; s += p.n) {
        depth += (*s == '(') - (*s == ')');
        atomic |= sql_piece_is(&p, "atomic"); /* BEGIN ATOMIC: the rest is the body */
        if (*s == ';' && depth == 0 && !atomic)
            break;
    }
    return (size_t)(s - sql);
}

/* One statement each. */
static void add_statements(struct rendering *r, const char *sql)
{
    while (*sql) {
        size_t n = pg_statement_length(sql);
        add_text(r, sql, n);
        sql = sql_skip_space(sql + n + (sql[n] == ';'), SQL_POSTGRESQL);
    }
}

/* A body is checked after all operations, as CREATE FUNCTION would do. An error in it is a warning: databases
 * contain functions that no longer work, and those must be restored, too. */
static void check_body(struct rendering *r, const char *identity)
{
    struct sql q = pg_render_begin(r), body = pg_render_begin(r);
    sql_addf(&body,
        "\nBEGIN\n    EXECUTE COALESCE((\n        SELECT pg_catalog.format('SELECT %%s(%%s)', "
        "l.lanvalidator::pg_catalog.regproc, p.oid)\n        FROM pg_catalog.pg_proc p\n"
        "            JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanvalidator <> 0\n"
        "        WHERE p.oid = pg_catalog.to_regprocedure(%L)), 'SELECT');\nEXCEPTION WHEN others THEN\n"
        "    RAISE WARNING 'function %%: %%', %L, SQLERRM;\nEND\n",
        identity, identity);
    const char *text = sql_end(&body), *tag = "$cmig$";
    for (int i = 0; strstr(text, tag); i++)
        tag = ctx_printf(r->ctx, "$cmig%d$", i);
    sql_addf(&q, "DO %E%E%E", tag, text, tag);
    pg_render_later(r, &q);
}

/* Objects that a body names may be created after it. */
static void add_sql(struct rendering *r, enum object_kind kind, const struct object *o, const char *sql)
{
    static const char off[] = "SET check_function_bodies = off", back[] = "RESET check_function_bodies";
    bool has_body = kind == OBJECT_FUNCTION || kind == OBJECT_PROCEDURE;
    if (has_body)
        add_text(r, off, sizeof(off) - 1);
    add_statements(r, sql);
    if (!has_body)
        return;
    add_text(r, back, sizeof(back) - 1);
    check_body(r, pg_object_identity(r, kind, o));
}

static const char *sql_of(const struct object *o)
{
    const char *written = dtext_for(&o->sql, "postgresql");
    return written ? written : o->native;
}

static void create(struct rendering *r, enum object_kind kind, const struct op_object *op)
{
    const struct object *o = &op->object;
    const char *sql = sql_of(o);
    if (kind == OBJECT_EXTENSION)
        pg_create_extension(r, o, op->if_not_exists);
    else if (sql) {
        add_sql(r, kind, o, sql);
        if (o->comment)
            add_comment(r, kind, o, o->comment);
    }
}

/* Whether an operation renames a type that an argument may have. */
static bool renames_type(
    struct rendering *r, const struct op *op, struct qname *ret_from, struct qname *ret_to)
{
    enum object_kind kind = op_object_kind(op->kind);
    if (op->kind == OP_RENAME_TABLE || op->kind == OP_RENAME_ENUM) {
        *ret_from = op->u.rename.name;
        *ret_to = op->u.rename.new_name;
        return true;
    }
    if (op_object_verb(op->kind) != OBJECT_RENAME ||
        (kind != OBJECT_TYPE && kind != OBJECT_DOMAIN && kind != OBJECT_FOREIGN_TABLE))
        return false;
    *ret_from = op->u.object.object.name;
    *ret_to = op_renamed_object(&r->ctx->arena, op).name;
    return true;
}

static void rename_argument(struct rendering *r, enum object_kind kind, const struct qname *from,
    const struct qname *to, struct object *o)
{
    o->signature = signature_rename_type(r->ctx, &postgresql_dialect, o->signature, from, to);
    object_make_key(&r->ctx->arena, kind, o);
}

/* Whether a later operation of the list creates it again; *ret is its name then. */
static bool comes_back(struct rendering *r, enum object_kind kind, const struct object *o, struct object *ret)
{
    *ret = *o;
    for (size_t i = r->at + 1; i < r->ops->n; i++) {
        const struct op *op = r->ops->v[i];
        struct qname from, to;
        if (renames_type(r, op, &from, &to))
            rename_argument(r, kind, &from, &to, ret);
        if (op->kind == op_kind_of_object(kind, OBJECT_CREATE) && object_cmp(&op->u.object.object, ret) == 0)
            return true;
    }
    return false;
}

/* The object as the database has it while operations are rendered: under the name before its renames. */
static struct object object_before(struct rendering *r, enum object_kind kind, const struct object *o)
{
    struct object before = *o;
    for (size_t i = r->at; i-- > 0;) {
        const struct op *op = r->ops->v[i];
        struct qname from, to;
        if (renames_type(r, op, &from, &to))
            rename_argument(r, kind, &to, &from, &before);
        if (op->kind != op_kind_of_object(kind, OBJECT_RENAME))
            continue;
        const struct object renamed = op_renamed_object(&r->ctx->arena, op);
        if (object_cmp(&renamed, &before) == 0)
            before = op->u.object.object;
    }
    return before;
}

/* For an aggregate over any rows, in the form that the server accepts where functions are meant. */
static const char *function_identity(struct rendering *r, enum object_kind kind, const struct object *o)
{
    const char *name = pg_object_identity(r, kind, o);
    if (str_eq(o->signature, "*"))
        name = ctx_printf(r->ctx, "%.*s()", (int)(strlen(name) - sizeof("(*)") + 1), name);
    return name;
}

static bool keep_grants(
    struct rendering *r, enum object_kind kind, const struct object *o, const struct object *later)
{
    struct strings list = {0};
    const struct object before = object_before(r, kind, o);
    const char *name =
        kind == OBJECT_PROCEDURE ? pg_object_in_statement(r, kind, later) : function_identity(r, kind, later);
    if (!pg_object_keepsakes(r, kind, function_identity(r, kind, &before), name, &list))
        return false;
    vec_each(i, &list)
        vec_add(r->ctx, &r->kept, ((struct kept_access){kind, later->key, list.v[i], r->op}));
    return true;
}

static bool drop(struct rendering *r, enum object_kind kind, const struct op_object *op, bool remade)
{
    struct sql q = pg_render_begin(r);
    struct object later = op->object;
    if ((remade || comes_back(r, kind, &op->object, &later)) && !keep_grants(r, kind, &op->object, &later))
        return false;
    if (kind == OBJECT_OPERATOR_CLASS)
        pg_drop_members(r, &op->object);
    sql_addf(&q, "DROP %E %E%E%E", kinds[kind].words, op->if_exists ? "IF EXISTS " : "",
        pg_object_in_statement(r, kind, &op->object), op->cascade ? " CASCADE" : "");
    pg_render_add(r, &q);
    return true;
}

const char *pg_replacing_sql(struct ctx *ctx, const char *sql)
{
    const char *s = sql_skip_space(sql, SQL_POSTGRESQL);
    const struct sql_piece first = sql_piece(s, SQL_POSTGRESQL);
    const char *next = sql_skip_space(s + first.n, SQL_POSTGRESQL);
    const struct sql_piece second = sql_piece(next, SQL_POSTGRESQL);
    return sql_piece_is(&second, "or") ? sql : ctx_printf(ctx, "CREATE OR REPLACE %s", next);
}

static bool replace(struct rendering *r, enum object_kind kind, const struct op_object *op)
{
    const struct object *o = &op->object;
    const char *sql = sql_of(o);
    if (!sql)
        return true;
    const struct object before = object_before(r, kind, o);
    if (kind == OBJECT_DOMAIN && r->pg && !pg_check_domain_change(r->pg, r->op, &before.name))
        return false;
    if (op->steps.n) {
        vec_each(i, &op->steps)
            add_text(r, op->steps.v[i], strlen(op->steps.v[i]));
    } else if (kinds[kind].or_replace && !op->remake) {
        add_sql(r, kind, o, pg_replacing_sql(r->ctx, sql));
    } else {
        if (!drop(r, kind, op, true))
            return false;
        add_sql(r, kind, o, sql);
    }
    if (o->comment)
        add_comment(r, kind, o, o->comment);
    return true;
}

static void rename_object(struct rendering *r, enum object_kind kind, const struct op *op)
{
    const struct object *o = &op->u.object.object;
    struct object now = op_renamed_object(&r->ctx->arena, op), moved = now;
    struct sql q = pg_render_begin(r);
    if (!str_eq(o->name.name, now.name.name)) {
        sql_addf(&q, "ALTER %E %E RENAME TO %I", kinds[kind].words, pg_object_in_statement(r, kind, o),
            now.name.name);
        pg_render_add(r, &q);
    }
    if (str_eq(o->name.schema, now.name.schema))
        return;
    moved.name.schema = o->name.schema;
    q = pg_render_begin(r);
    sql_addf(&q, "ALTER %E %E SET SCHEMA %I", kinds[kind].words, pg_object_in_statement(r, kind, &moved),
        now.name.schema ? now.name.schema
        : r->pg         ? r->pg->base.default_schema
                        : "public");
    pg_render_add(r, &q);
}

bool pg_render_object(struct rendering *r, const struct op *op)
{
    enum object_kind kind = op_object_kind(op->kind);
    const struct op_object *o = &op->u.object;
    if (!(postgresql_dialect.objects & 1u << kind))
        return true;
    switch ((int)op_object_verb(op->kind)) {
    case OBJECT_CREATE:
        create(r, kind, o);
        break;
    case OBJECT_CHANGE:
        if (kind == OBJECT_EXTENSION)
            pg_alter_extension(r, &o->object);
        else
            return replace(r, kind, o);
        break;
    case OBJECT_RENAME:
        rename_object(r, kind, op);
        break;
    default:
        return drop(r, kind, o, false);
    }
    return true;
}
