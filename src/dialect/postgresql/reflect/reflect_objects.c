/* Reflects enums, sequences, and objects that cmig does not model. */
#include "dialect/postgresql/reflect/reflect.h"

#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

/* ---- enums ------------------------------------------------------------------------------------------- */

/* A row per value, in their order; a type without values has one row without. */
bool take_enums(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    struct enumeration *e = NULL;
    uint32_t last = 0;
    for (int i = 0; i < answer_rows(a); i++) {
        uint32_t oid = answer_oid(a, i, 0);
        if (!e || oid != last) {
            e = ctx_new(r->ctx, struct enumeration);
            e->name = reflection_name(r, answer_text(a, i, 1), answer_text(a, i, 2));
            e->comment = reflection_comment(r, COMMENT_TYPE, oid, 0);
            if (!reflection_owned(r, PG_TYPE, oid) &&
                (!r->scope || !scope_excludes(r->scope, "enum", &e->name, r->home))) {
                vec_add(r->ctx, &r->s->enums, e);
                reflection_holder(r, PG_TYPE, oid, "enum", &e->name, &e->access);
            }
            last = oid;
        }
        if (answer_text(a, i, 3))
            vec_add(r->ctx, &e->values, answer_copy(a, i, 3));
    }
    return true;
}

/* ---- sequences --------------------------------------------------------------------------------------- */

enum {
    SEQ_OID,
    SEQ_TYPE,
    SEQ_START,
    SEQ_INCREMENT,
    SEQ_MIN,
    SEQ_MAX,
    SEQ_CACHE,
    SEQ_CYCLE,
    SEQ_TABLE,
    SEQ_COLUMN,
    SEQ_OWNED,
    SEQ_IS_UNLOGGED,
    SEQ_IS_TABLE_UNLOGGED,
};

static const struct {
    const char *type, *max, *min;
} limits[] = {
    {"smallint", "32767", "-32768"},
    {"integer", "2147483647", "-2147483648"},
    {"bigint", "9223372036854775807", "-9223372036854775808"},
};

static const char *other_than(const struct answer *a, int i, int column, const char *usual)
{
    return str_eq(answer_text(a, i, column), usual) ? NULL : answer_copy(a, i, column);
}

/* Only settings that differ from the defaults of CREATE SEQUENCE. */
static struct sequence_options sequence_options(const struct answer *a, int i)
{
    const char *type = answer_text(a, i, SEQ_TYPE);
    bool descends = *answer_text(a, i, SEQ_INCREMENT) == '-';
    size_t k = 0;
    while (k + 1 < COUNT_OF(limits) && !str_eq(limits[k].type, type))
        k++;
    const char *min = descends ? limits[k].min : "1", *max = descends ? "-1" : limits[k].max;
    return (struct sequence_options){
        .increment = other_than(a, i, SEQ_INCREMENT, "1"),
        .min = other_than(a, i, SEQ_MIN, min),
        .max = other_than(a, i, SEQ_MAX, max),
        .start = other_than(a, i, SEQ_START, answer_text(a, i, descends ? SEQ_MAX : SEQ_MIN)),
        .cache = other_than(a, i, SEQ_CACHE, "1"),
        .cycle = answer_bool(a, i, SEQ_CYCLE) ? TRI_TRUE : TRI_UNSET,
    };
}

static bool are_default(const struct sequence_options *o)
{
    return !o->increment && !o->min && !o->max && !o->start && !o->cache && o->cycle == TRI_UNSET;
}

/*
 * Whether CREATE TABLE with `serial` would have made just this: an integer column that may not be null, whose
 * default takes from the sequence named after it, with a number where that name was taken. Then it is reflected as
 * one.
 */
static bool is_serial(
    struct reflection *r, const struct relation *rel, const struct sequence *q, struct column *c)
{
    const char *table = rel->table->name.name;
    if (!pg_serial_of(c->native) || !str_eq(q->type ? q->type : "bigint", c->native) || c->nullable)
        return false;
    if (!pg_is_serial_name(&r->ctx->arena, q->name.name, table, c->name) ||
        !str_eq(q->name.schema, rel->table->name.schema) || q->comment)
        return false;
    struct sql text = sql_begin(r->ctx, &postgresql_dialect);
    sql_addf(&text, "nextval(%L::regclass)", pg_qname(&r->ctx->arena, &q->name));
    return are_default(&q->options) && str_eq(c->dflt.expr.native, sql_end(&text));
}

static void make_serial(struct column *c, const struct sequence *q)
{
    c->type.text = pg_serial_of(c->native);
    c->dflt = (struct value){0};
    c->sequence = q;
}

static void take_owned(
    struct reflection *r, struct sequence *q, bool has_grants, const struct answer *a, int i)
{
    struct relation *rel = reflection_relation(r, answer_oid(a, i, SEQ_TABLE));
    struct column *c = rel && rel->table ? rel->columns[answer_int(a, i, SEQ_COLUMN)] : NULL;
    if (!c || !rel->kind)
        return;
    bool as_table = answer_bool(a, i, SEQ_IS_UNLOGGED) == answer_bool(a, i, SEQ_IS_TABLE_UNLOGGED);
    if (*answer_text(a, i, SEQ_OWNED) == 'i') {
        if (c->identity)
            c->identity->options = q->options;
        if (!as_table)
            reflection_unmodelled(r, "sequence of an identity column", &q->name,
                answer_bool(a, i, SEQ_IS_UNLOGGED) ? "unlogged" : "logged");
        if (reflection_manages_grants(r) && has_grants)
            reflection_unmodelled(r, "grants", &q->name, "sequence of an identity column");
        if (q->comment)
            reflection_unmodelled(r, "comment", &q->name, "sequence of an identity column");
        return;
    }
    q->owner = rel->name;
    q->owner_column = c->name;
    if (as_table && !(reflection_manages_grants(r) && has_grants) && is_serial(r, rel, q, c)) {
        make_serial(c, q);
        return;
    }
    vec_add(r->ctx, &r->s->sequences, q);
}

static void take_sequence(struct reflection *r, const struct relation *rel, const struct answer *a, int i)
{
    struct sequence *q = ctx_new(r->ctx, struct sequence);
    q->name = rel->name;
    q->type = other_than(a, i, SEQ_TYPE, "bigint");
    q->options = sequence_options(a, i);
    q->comment = reflection_comment(r, COMMENT_RELATION, rel->oid, 0);
    if (answer_bool(a, i, SEQ_IS_UNLOGGED)) {
        q->settings = ctx_new(r->ctx, struct options);
        options_set(r->ctx, q->settings, "postgresql", "unlogged", "true");
    }
    reflection_holder(r, PG_CLASS, rel->oid, "sequence", &q->name, &q->access);
    if (answer_text(a, i, SEQ_OWNED))
        take_owned(r, q, rel->has_grants, a, i);
    else if (!r->scope || !scope_excludes(r->scope, "sequence", &q->name, r->home))
        vec_add(r->ctx, &r->s->sequences, q);
}

void say_autoincrement(struct schema *s)
{
    vec_each(i, &s->tables) {
        struct table *t = s->tables.v[i];
        if (!t->primary_key || t->primary_key->columns.n != 1)
            continue;
        struct column *c = table_column(t, t->primary_key->columns.v[0]);
        if (c && pg_serial_of(c->native))
            c->autoincrement = c->identity || pg_is_serial(c) ? TRI_TRUE : TRI_FALSE;
    }
}

bool take_sequences(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(a); i++) {
        struct relation *rel = reflection_relation(r, answer_oid(a, i, SEQ_OID));
        if (rel)
            take_sequence(r, rel, a, i);
    }
    return true;
}

/* ---- the rest ---------------------------------------------------------------------------------------- */

bool take_unmodelled(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(a); i++) {
        if (reflection_owned(r, answer_oid(a, i, 4), answer_oid(a, i, 5)) ||
            reflection_owned(r, PG_CLASS, answer_oid(a, i, 6)))
            continue;
        const char *schema = answer_text(a, i, 1);
        struct qname q = {.name = answer_copy(a, i, 2)};
        if (schema)
            q = reflection_name(r, schema, answer_text(a, i, 2));
        reflection_unmodelled(r, answer_text(a, i, 0), &q, answer_copy(a, i, 3));
    }
    return true;
}
