/*
 * The numbering of a column: serial, identity, and defaults that take from a sequence.
 *
 * A column, its default and a sequence are three things. An operation drops a sequence only where it belongs to the
 * column alone, being part of `serial` or an identity; any other is dropped by drop_sequence. An operation that gives
 * a default means the default and nothing else. Where numbering moves from one sequence to another, the new one
 * continues after the old one, and after the rows that exist.
 */
#include "dialect/postgresql/render/render_alter.h"

#include <stdlib.h>

#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

/* ---- positions ---------------------------------------------------------------------------------------- */

/* A new position for a sequence. */
struct position {
    const char *sequence;      /* an expression that gives its name */
    const struct qname *name;  /* the sequence itself, where its present position counts; or NULL */
    const struct qname *from;  /* the sequence that numbered the column before; or NULL */
    const struct qname *table; /* whose rows count; or NULL */
    const char *column;
};

/* The position is the farthest of: the start (or present position), the old sequence's, the largest number in the
 * rows; for descending sequences the lowest. */
static void add_position(struct rendering *r, const struct position *p)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q,
        "SELECT pg_catalog.setval(%E, p.at, (p.at = p.stored) IS TRUE OR p.was_called AND p.at = p.was OR "
        "p.is_called AND p.at = p.present)\n"
        "FROM (SELECT *, CASE WHEN ascends THEN greatest(present, was, stored) ELSE least(present, was, "
        "stored) "
        "END AS at\n"
        "FROM (SELECT q.seqincrement > 0 AS ascends",
        p->sequence);
    sql_add(&q,
        p->name ? ", n.last_value AS present, n.is_called" : ", q.seqstart AS present, false AS is_called");
    sql_add(&q, p->from ? ", o.last_value AS was, o.is_called AS was_called"
                        : ", NULL::pg_catalog.int8 AS was, false AS was_called");
    if (p->table)
        sql_addf(&q,
            ", (SELECT CASE WHEN q.seqincrement > 0 THEN pg_catalog.max(%I) ELSE pg_catalog.min(%I) END FROM "
            "%Q) "
            "AS stored",
            p->column, p->column, p->table);
    else
        sql_add(&q, ", NULL::pg_catalog.int8 AS stored");
    sql_add(&q, "\nFROM pg_catalog.pg_sequence q");
    if (p->name)
        sql_addf(&q, ", %Q n", p->name);
    if (p->from)
        sql_addf(&q, ", %Q o", p->from);
    sql_addf(&q, " WHERE q.seqrelid = (%E)::pg_catalog.regclass) s) p", p->sequence);
    pg_render_add(r, &q);
}

static const char *literal(struct rendering *r, const char *text)
{
    struct sql q = pg_render_begin(r);
    sql_string(&q, text);
    return sql_end(&q);
}

static const char *name_literal(struct rendering *r, const struct qname *name)
{
    return literal(r, pg_qname(&r->ctx->arena, name));
}

/* The sequence of an identity, whatever name the server gave to it. pg_get_serial_sequence() gives any sequence that the
 * column owns. */
static const char *own_sequence(struct rendering *r, const struct altering *w)
{
    struct sql q = pg_render_begin(r);
    const char *table = pg_qname(&r->ctx->arena, &w->o->table);
    sql_addf(&q,
        "(SELECT d.objid::pg_catalog.regclass FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a "
        "ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE d.classid = "
        "'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = "
        "'pg_catalog.pg_class'::pg_catalog.regclass "
        "AND d.refobjid = %L::pg_catalog.regclass AND a.attname = %L AND d.deptype = 'i')",
        table, w->o->name);
    return sql_end(&q);
}

static const char *type_of(const struct altering *w)
{
    return w->wanted.native ? w->wanted.native : w->now.type;
}

/* Rows count where their numbers are integers. */
static const struct qname *counted_table(const struct altering *w)
{
    return pg_serial_of(type_of(w) ? type_of(w) : "") ? &w->o->table : NULL;
}

/* ---- bounds ------------------------------------------------------------------------------------------- */

const char *pg_sequence_min(const struct sequence_options *o, const char *type)
{
    if (o->min || !(o->increment && *o->increment == '-'))
        return o->min ? o->min : "1";
    return str_eq(type, "smallint")  ? "-32768"
           : str_eq(type, "integer") ? "-2147483648"
                                     : "-9223372036854775808";
}

const char *pg_sequence_max(const struct sequence_options *o, const char *type)
{
    if (o->max || (o->increment && *o->increment == '-'))
        return o->max ? o->max : "-1";
    return str_eq(type, "smallint")  ? "32767"
           : str_eq(type, "integer") ? "2147483647"
                                     : "9223372036854775807";
}

bool pg_sequence_covers(const char *min, const char *max, const char *old_min, const char *old_max)
{
    return old_min && old_max && strtoll(min, NULL, 10) <= strtoll(old_min, NULL, 10) &&
           strtoll(max, NULL, 10) >= strtoll(old_max, NULL, 10);
}

/* A position outside of the new bounds is refused by the server. A sequence then begins at its start, or after
 * the last of the column's numbers that are within the bounds; one that belongs to no column, and is past the
 * far bound, would repeat numbers. */
void pg_render_rebound(struct rendering *r, const struct rebound *b)
{
    struct sql body = pg_render_begin(r), q = pg_render_begin(r);
    sql_addf(&body, "BEGIN\n    %E;\nEXCEPTION WHEN invalid_parameter_value THEN\n", b->alter);
    if (!b->column)
        sql_addf(&body,
            "    IF (SELECT is_called AND last_value %E %E FROM %Q) THEN\n"
            "        RAISE EXCEPTION 'sequence %% is at %%, outside of its new bounds %E to %E', %L, "
            "(SELECT last_value FROM %Q)\n"
            "            USING HINT = 'Set its position with setval() in an execute operation before this "
            "one.';\n"
            "    END IF;\n",
            b->descends ? "<" : ">", b->descends ? b->min : b->max, b->name, b->min, b->max,
            pg_qname(&r->ctx->arena, b->name), b->name);
    sql_addf(&body, "    %E RESTART;\n", b->alter);
    if (b->column)
        sql_addf(&body,
            "    PERFORM pg_catalog.setval(%E, (SELECT pg_catalog.%E(%I) FROM %Q WHERE %I BETWEEN %E AND "
            "%E));\n",
            b->sequence, b->descends ? "min" : "max", b->column, b->table, b->column, b->min, b->max);
    sql_add(&body, "END");
    sql_addf(&q, "DO %L", sql_end(&body));
    pg_render_add(r, &q);
}

/* ---- changes ------------------------------------------------------------------------------------------ */

static const char *identity_action(struct rendering *r, const struct identity *i)
{
    const struct sequence_options *o = &i->options;
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "SET GENERATED %E SET INCREMENT BY %E", i->kind == IDENTITY_ALWAYS ? "ALWAYS" : "BY DEFAULT",
        o->increment ? o->increment : "1");
    sql_addf(&q, o->min ? " SET MINVALUE %E" : " SET NO MINVALUE", o->min);
    sql_addf(&q, o->max ? " SET MAXVALUE %E" : " SET NO MAXVALUE", o->max);
    sql_addf(&q, " SET START WITH %E", pg_render_sequence_start(o));
    sql_addf(
        &q, " SET CACHE %E SET %E", o->cache ? o->cache : "1", o->cycle == TRI_TRUE ? "CYCLE" : "NO CYCLE");
    return sql_end(&q);
}

static void set_identity(struct rendering *r, struct altering *w, const struct identity *i)
{
    const struct sequence_options *o = &i->options;
    const char *action = identity_action(r, i);
    const char *min = pg_sequence_min(o, type_of(w)), *max = pg_sequence_max(o, type_of(w));
    if (pg_sequence_covers(min, max, w->now.sequence_min, w->now.sequence_max)) {
        altering_add(w, action);
        return;
    }
    altering_flush(r, w);
    struct sql q = pg_render_alter(r, &w->o->table);
    sql_addf(&q, "ALTER COLUMN %I %E", w->o->name, action);
    struct rebound b = {
        .alter = sql_end(&q),
        .sequence = own_sequence(r, w),
        .table = &w->o->table,
        .column = w->o->name,
        .min = min,
        .max = max,
        .descends = o->increment && *o->increment == '-',
    };
    pg_render_rebound(r, &b);
}

/* A sequence that was part of `serial` is renamed until the identity has its position, and then its name. */
static struct qname step_aside(struct rendering *r, const struct altering *w)
{
    struct arena *a = &r->ctx->arena;
    struct qname aside = {
        w->now.sequence.schema, pg_object_name(a, w->o->table.name, w->o->name, "cmig_old")};
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "ALTER SEQUENCE %Q RENAME TO %I", &w->now.sequence, aside.name);
    pg_render_add(r, &q);
    return aside;
}

static void drop_sequence(struct rendering *r, const struct qname *name)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "DROP SEQUENCE %Q", name);
    pg_render_add(r, &q);
}

static void add_identity(struct rendering *r, struct altering *w, const struct identity *i, bool replaces)
{
    struct sql q = pg_render_begin(r);
    struct qname old = w->now.sequence;
    if (w->now.dflt && !w->gives_default)
        altering_add(w, "DROP DEFAULT");
    if (!w->now.not_null && !(ALTER_HAS(w->o, ALTER_NULLABLE) && !w->o->nullable))
        altering_add(w, "SET NOT NULL");
    altering_flush(r, w);
    if (replaces)
        old = step_aside(r, w);
    sql_add(&q, "ADD ");
    pg_render_identity(&q, i);
    altering_add(w, sql_end(&q));
    altering_flush(r, w);
    struct position p = {own_sequence(r, w), NULL, old.name ? &old : NULL, counted_table(w), w->o->name};
    add_position(r, &p);
    if (replaces)
        drop_sequence(r, &old);
}

/* The parts of `serial`, on an existing column. The sequence of an identity keeps its name until it is dropped;
 * until then the new one belongs to no column, since PostgreSQL 12 drops no identity of a column with two
 * sequences. */
static bool add_serial(struct rendering *r, struct altering *w)
{
    struct arena *a = &r->ctx->arena;
    const struct op_alter_column *o = w->o;
    struct qname usual, name;
    if (!pg_render_sequence_name(r, &o->table, o->name, &usual))
        return false;
    if (w->now.identity)
        usual = (struct qname){o->table.schema, pg_serial_sequence(a, o->table.name, o->name)};
    name = usual;
    if (w->now.identity)
        name.name = pg_object_name(a, o->table.name, o->name, "cmig_new");
    altering_flush(r, w);
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "CREATE SEQUENCE %Q AS %E", &name, w->wanted.native);
    if (!w->now.identity)
        sql_addf(&q, " OWNED BY %Q.%I", &o->table, o->name);
    pg_render_add(r, &q);
    const struct qname *old = w->now.sequence.name ? &w->now.sequence : NULL;
    struct position p = {name_literal(r, &name), &name, old, counted_table(w), o->name};
    add_position(r, &p);
    if (w->now.identity) {
        altering_add(w, "DROP IDENTITY");
        altering_flush(r, w);
        q = pg_render_begin(r);
        sql_addf(&q, "ALTER SEQUENCE %Q OWNED BY %Q.%I", &name, &o->table, o->name);
        pg_render_add(r, &q);
        q = pg_render_begin(r);
        sql_addf(&q, "ALTER SEQUENCE %Q RENAME TO %I", &name, usual.name);
        pg_render_add(r, &q);
    }
    q = pg_render_begin(r);
    sql_addf(&q, "SET DEFAULT nextval(%L)", pg_qname(a, &usual));
    altering_add(w, sql_end(&q));
    altering_add(w, "SET NOT NULL");
    altering_flush(r, w);
    return true;
}

static void set_sequence_type(struct rendering *r, struct altering *w)
{
    altering_flush(r, w);
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "ALTER SEQUENCE %Q AS %E", &w->now.sequence, w->wanted.native);
    pg_render_add(r, &q);
}

/* The sequence of the new default; name NULL: it takes from none. */
static struct qname new_sequence(struct rendering *r, const struct altering *w)
{
    struct qname name = {0};
    bool is_all;
    const struct value *v = &w->wanted.dflt;
    const char *text = dtext_for(&v->expr.sql, "postgresql");
    if (!ALTER_HAS(w->o, ALTER_DEFAULT) || v->kind != VALUE_SQL ||
        !pg_default_sequence(&r->ctx->arena, text ? text : v->expr.native, &name, &is_all) || !is_all)
        return (struct qname){0};
    if (r->pg && str_eq(name.schema, r->pg->base.default_schema))
        name.schema = NULL;
    return name;
}

static bool is_created_here(const struct rendering *r, const struct qname *sequence)
{
    for (size_t i = 0; i < r->at; i++)
        if (r->ops->v[i]->kind == OP_CREATE_SEQUENCE &&
            qname_eq(&r->ops->v[i]->u.sequence.sequence.name, sequence))
            return true;
    return false;
}

/* A default that changes to another sequence: rows count if this is a new one. */
static void move_numbering(struct rendering *r, struct altering *w)
{
    struct qname name = new_sequence(r, w);
    const struct qname *old = w->now.sequence.name ? &w->now.sequence : NULL;
    if (!name.name || (old && qname_eq(old, &name)))
        return;
    bool is_new = is_created_here(r, &name);
    if (!old && !is_new)
        return;
    altering_flush(r, w);
    struct position p = {name_literal(r, &name), &name, old, is_new ? counted_table(w) : NULL, w->o->name};
    add_position(r, &p);
}

void pg_render_leave_identity(struct rendering *r, struct altering *w)
{
    const struct op_alter_column *o = w->o;
    if (!w->now.identity || w->is_serial || !ALTER_HAS(o, ALTER_IDENTITY) || o->identity)
        return;
    move_numbering(r, w);
    altering_add(w, "DROP IDENTITY");
    w->now.identity = 0;
    w->now.owns_sequence = false;
    w->now.sequence = (struct qname){0};
}

static void drop_serial(struct rendering *r, struct altering *w)
{
    struct qname next = new_sequence(r, w);
    if (qname_eq(&next, &w->now.sequence))
        return;
    if (!w->gives_default)
        altering_add(w, "DROP DEFAULT");
    altering_flush(r, w);
    move_numbering(r, w);
    drop_sequence(r, &w->now.sequence);
}

bool pg_render_numbering(struct rendering *r, struct altering *w)
{
    static const struct identity usual = {.kind = IDENTITY_BY_DEFAULT};
    const struct op_alter_column *o = w->o;
    bool gives_default = w->gives_default, is_identity = w->now.identity;
    bool is_serial = w->now.owns_sequence && !is_identity;
    bool is_ended = ALTER_HAS(o, ALTER_AUTOINCREMENT) && o->autoincrement == TRI_FALSE;
    bool leaves_any = is_ended || (ALTER_HAS(o, ALTER_IDENTITY) && !o->identity);
    bool wants_any = ALTER_HAS(o, ALTER_AUTOINCREMENT) && o->autoincrement == TRI_TRUE && !w->is_serial;
    const struct identity *identity = ALTER_HAS(o, ALTER_IDENTITY) && o->identity ? o->identity : NULL;

    if (!identity && wants_any && !is_identity && (!is_serial || gives_default))
        identity = &usual;
    if (identity && is_identity)
        set_identity(r, w, identity);
    else if (identity)
        add_identity(r, w, identity, is_serial && !gives_default);
    else if (w->is_serial && (!is_serial || is_identity))
        return add_serial(r, w);
    else if (!w->is_serial && !wants_any && leaves_any && (is_identity || !w->now.known))
        altering_add(w, "DROP IDENTITY IF EXISTS");
    else if (!w->is_serial && !wants_any && is_ended && is_serial)
        drop_serial(r, w);
    else if (is_serial && !gives_default && w->wanted.native && pg_serial_of(w->wanted.native) &&
             str_eq(w->now.sequence_type, w->is_serial ? w->now.sequence_type : w->now.type) &&
             !str_eq(w->now.sequence_type, w->wanted.native))
        set_sequence_type(r, w);
    else
        move_numbering(r, w);
    return true;
}

/* ---- names -------------------------------------------------------------------------------------------- */

/* Whether an earlier operation of the list frees (true) or takes a name; *ret_known false: none does either. */
static bool is_freed(const struct rendering *r, const struct qname *name, const char *table, bool *ret_known)
{
    *ret_known = true;
    for (size_t i = r->at; i-- > 0;) {
        const struct op *op = r->ops->v[i];
        bool renames = op->kind == OP_RENAME_SEQUENCE || op->kind == OP_RENAME_TABLE;
        bool drops = op->kind == OP_DROP_SEQUENCE || op->kind == OP_DROP_TABLE;
        if (renames && qname_eq(&op->u.rename.new_name, name))
            return false;
        if ((renames && qname_eq(&op->u.rename.name, name)) || (drops && qname_eq(&op->u.drop.name, name)))
            return true;
        /* The sequences of a table that had the name before have gone, or were renamed, with it. */
        if ((op->kind == OP_RENAME_TABLE && str_eq(op->u.rename.name.name, table)) ||
            (op->kind == OP_DROP_TABLE && str_eq(op->u.drop.name.name, table)))
            return true;
        if ((op->kind == OP_CREATE_SEQUENCE && qname_eq(&op->u.sequence.sequence.name, name)) ||
            (op->kind == OP_CREATE_TABLE && qname_eq(&op->u.create_table.table.name, name)))
            return false;
    }
    *ret_known = false;
    return false;
}

static bool is_taken(struct rendering *r, const struct qname *name, const char *table, bool *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&r->ctx->arena, name)};
    const struct schema *s = r->state->schema;
    bool is_known;
    *ret = !is_freed(r, name, table, &is_known);
    if (is_known)
        return true;
    *ret = !r->pg && s && (schema_sequence(s, name) || schema_table(s, name) || schema_view(s, name));
    if (!r->pg)
        return true;
    if (!pg_query(r->pg, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", params, 1, &a))
        return false;
    *ret = answer_bool(&a, 0, 0);
    return true;
}

bool pg_render_sequence_name(
    struct rendering *r, const struct qname *table, const char *column, struct qname *ret)
{
    struct arena *a = &r->ctx->arena;
    struct qname name = {table->schema, pg_serial_sequence(a, table->name, column)};
    bool taken = true;
    for (int n = 1; taken; n++) {
        if (!is_taken(r, &name, table->name, &taken))
            return false;
        if (taken)
            name.name = pg_object_name(a, table->name, column, arena_printf(a, "seq%d", n));
    }
    *ret = name;
    return true;
}

bool pg_render_sequence_follows(struct rendering *r, const struct column_now *now,
    const struct qname *old_table, const char *old_column, const struct qname *table, const char *column)
{
    struct qname name;
    if (!now->sequence.name || !(now->identity || now->is_serial) ||
        !pg_is_serial_name(&r->ctx->arena, now->sequence.name, old_table->name, old_column))
        return true;
    if (!pg_render_sequence_name(r, table, column, &name))
        return false;
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "ALTER SEQUENCE %Q RENAME TO %I", &now->sequence, name.name);
    pg_render_add(r, &q);
    return true;
}
