/* Completes a model's table as the server would. */
#include "dialect/mysql/spell/prepare.h"

#include "dialect/mysql/render/refuse.h"
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/partitions.h"
#include "dialect/mysql/spell/periods.h"
#include "dialect/mysql/spell/types.h"

#include <stdlib.h>

static bool has_sequence_options(const struct identity *identity)
{
    const struct sequence_options *o = &identity->options;
    return o->start || o->increment || o->min || o->max || o->cycle != TRI_UNSET;
}

static bool in_period(struct ctx *ctx, const struct table *t, const struct column *c)
{
    const struct my_period p = my_period_of(ctx, t->options);
    return p.name && (str_eq_ci(p.from, c->name) || str_eq_ci(p.to, c->name));
}

/* Identity and serial columns become AUTO_INCREMENT columns. */
static bool settle_column(struct ctx *ctx, struct table *t, struct column *c)
{
    if (c->identity && has_sequence_options(c->identity))
        return fail_at(ctx, STATUS_CONFIG, c->pos,
            "%s cannot set a start or step for the numbers of column '%s'", my_title(ctx), c->name);
    bool is_numbered = my_is_numbered(t, c);
    if (is_numbered || column_in_key(t, c->name))
        c->nullable = false;
    if (is_numbered || (t->primary_key && t->primary_key->columns.n == 1 && column_in_key(t, c->name) &&
                           my_type_is_integer(c->native)))
        c->autoincrement = is_numbered ? TRI_TRUE : TRI_FALSE;
    c->identity = NULL;
    if (my_system_time(c) || in_period(ctx, t, c))
        c->nullable = false;
    if (c->generated)
        c->nullable = true; /* such a column cannot have NOT NULL */
    if (c->on_update.kind != VALUE_NONE && my_is_now(c->on_update.expr.native))
        c->on_update.expr.native = MY_NOW;
    return true;
}

static void settle_constraint(struct constraint *c)
{
    c->not_valid = false; /* the server checks every row */
    c->no_inherit = false;
    c->comment = NULL;
    if (c->kind == CONSTRAINT_PRIMARY_KEY)
        c->name = NULL;
    c->on_delete = c->on_delete == FK_RESTRICT ? FK_NO_ACTION : c->on_delete;
    c->on_update = c->on_update == FK_RESTRICT ? FK_NO_ACTION : c->on_update;
}

const char *my_index_method(const struct table *t)
{
    const char *engine = t->options ? options_get(t->options, mysql_dialect.name, "engine") : NULL;
    return engine && str_eq_ci(engine, "MEMORY") ? "hash" : "btree";
}

/* Only MEMORY has both; the others read HASH as BTREE. */
static void settle_method(const struct table *t, struct index *i)
{
    const char *usual = my_index_method(t);
    bool is_hash = i->using && str_eq_ci(i->using, "hash");
    if (i->using && (str_eq_ci(i->using, usual) || (is_hash && str_eq(usual, "btree"))))
        i->using = NULL;
}

/* How many characters of a column the server can index; 0: the type has no such length. */
static long column_length(const struct column *c)
{
    static const char *const types[] = {"char(", "varchar(", "binary(", "varbinary("};
    for (size_t i = 0; c && c->native && i < COUNT_OF(types); i++)
        if (str_starts(c->native, types[i]))
            return atol(c->native + strlen(types[i]));
    return 0;
}

/* A prefix as long as the column is all of it. */
static void settle_lengths(const struct table *t, struct index *i)
{
    vec_each(k, &i->parts) {
        struct index_part *p = i->parts.v[k];
        long length = p->column && p->length ? column_length(table_column(t, p->column)) : 0;
        if (length && atol(p->length) >= length)
            p->length = NULL;
    }
}

static void remove_false(struct options *o, const char *key)
{
    const char *value = o ? options_get(o, mysql_dialect.name, key) : NULL;
    if (value && !url_flag(value))
        options_remove(o, mysql_dialect.name, key);
}

static const char *comment_or_null(const char *comment)
{
    return comment && *comment ? comment : NULL;
}

/* A comment without a text is none, and neither is an option that is off. */
static void settle_absent(struct table *t)
{
    t->comment = comment_or_null(t->comment);
    vec_each(i, &t->columns) {
        t->columns.v[i]->comment = comment_or_null(t->columns.v[i]->comment);
        remove_false(t->columns.v[i]->options, "invisible");
    }
    vec_each(i, &t->indexes) {
        t->indexes.v[i]->comment = comment_or_null(t->indexes.v[i]->comment);
        remove_false(t->indexes.v[i]->options, "ignored");
    }
}

/* Values that reflection leaves out. */
static void settle_options(struct table *t)
{
    static const struct {
        const char *key, *value;
    } rows[] = {{"engine", "InnoDB"}, {"page_checksum", "true"}, {"transactional", "true"},
        {"checksum", "false"}, {"delay_key_write", "false"}};
    for (size_t i = 0; t->options && i < COUNT_OF(rows); i++) {
        const char *value = options_get(t->options, mysql_dialect.name, rows[i].key);
        if (value && str_eq_ci(value, rows[i].value))
            options_remove(t->options, mysql_dialect.name, rows[i].key);
    }
}

bool my_prepare_table(struct ctx *ctx, ATTR_UNUSED struct schema *s, struct table *t)
{
    struct constraint *c;
    vec_each(i, &t->columns)
        if (!settle_column(ctx, t, t->columns.v[i]))
            return false;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        settle_constraint(c);
    if (t->options) {
        const struct my_partitioning p = my_partitioning_of(ctx, t->options);
        if (p.by)
            my_partitioning_set(ctx, t->options, &p);
    }
    settle_options(t);
    settle_absent(t);
    vec_each(i, &t->indexes) {
        settle_method(t, t->indexes.v[i]);
        settle_lengths(t, t->indexes.v[i]);
    }
    return my_refuse_table(ctx, t);
}

bool my_generation_same(ATTR_UNUSED const struct table *ta, const struct column *a,
    ATTR_UNUSED const struct table *tb, const struct column *b)
{
    return (a->autoincrement == TRI_TRUE) == (b->autoincrement == TRI_TRUE);
}
