/* Renders sequences, which the server keeps as tables. */
#include "dialect/mysql/reflect/reflect.h"
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/types.h"

const struct sequence_defaults my_sequence_defaults = {"-9223372036854775807", "9223372036854775806", "1000"};

bool my_check_sequence(struct ctx *ctx, struct pos pos, const struct sequence *q)
{
    if (q->owner.name) {
        fail_at(ctx, STATUS_CONFIG, pos, "sequence '%s': on %s no column owns a sequence", q->name.name,
            my_title(ctx));
        return fail_hint(ctx, "Leave 'owned_by' out.");
    }
    if (q->type && !str_eq(q->type, "bigint")) {
        fail_at(ctx, STATUS_CONFIG, pos, "sequence '%s': on %s sequences have no type but bigint",
            q->name.name, my_title(ctx));
        return fail_hint(ctx, "Leave 'type' out, and give 'max'.");
    }
    return true;
}

/* All settings: one that is left out gets the value that a new sequence would have. */
static void add_numbers(struct sql *q, const struct sequence_options *o)
{
    const struct sequence_defaults *usual = &my_sequence_defaults;
    bool descends = o->increment && *o->increment == '-';
    const char *min = o->min ? o->min : descends ? usual->min : "1";
    const char *max = o->max ? o->max : descends ? "-1" : usual->max;
    const char *start = o->start ? o->start : descends ? max : min;
    sql_addf(q, " START WITH %E INCREMENT BY %E MINVALUE %E MAXVALUE %E CACHE %E%E", start,
        o->increment ? o->increment : "1", min, max, o->cache ? o->cache : usual->cache,
        o->cycle == TRI_TRUE ? " CYCLE" : " NOCYCLE");
}

void my_render_sequence_comment(struct rendering *r, const struct qname *name, const char *comment)
{
    struct sql q = my_render_alter(r, name);
    sql_addf(&q, "COMMENT = %L", comment ? comment : "");
    my_render_add(r, &q);
}

bool my_render_create_sequence(struct rendering *r, const struct op *op)
{
    const struct sequence *s = &op->u.sequence.sequence;
    struct sql q = my_render_begin(r);
    sql_addf(&q, "CREATE SEQUENCE %Q", &s->name);
    add_numbers(&q, &s->options);
    if (s->comment)
        sql_addf(&q, " COMMENT = %L", s->comment);
    my_render_add(r, &q);
    return true;
}

bool my_render_alter_sequence(struct rendering *r, const struct op *op)
{
    const struct sequence *s = &op->u.sequence.sequence;
    struct sql q = my_render_begin(r);
    sql_addf(&q, "ALTER SEQUENCE %Q", &s->name);
    add_numbers(&q, &s->options);
    my_render_add(r, &q);
    if (s->comment)
        my_render_sequence_comment(r, &s->name, s->comment);
    return true;
}

bool my_render_drop_sequence(struct rendering *r, const struct op *op)
{
    struct sql q = my_render_begin(r);
    sql_addf(&q, "DROP SEQUENCE %E%Q", op->u.drop.if_exists ? "IF EXISTS " : "", &op->u.drop.name);
    my_render_add(r, &q);
    return my_drop_access(r, "sequence", &op->u.drop.name);
}

/* ---- renaming ---------------------------------------------------------------------------------------- */

/* A default with the new name in place of the old one; NULL: it does not name the sequence. */
static const char *renamed_default(struct rendering *r, const char *text, const struct op_rename *o)
{
    struct sql q = my_render_begin(r);
    bool is_named = false;
    for (struct sql_piece p; text && (p = sql_piece(text, SQL_MYSQL)).kind != SQL_END; text = p.s + p.n) {
        bool is_name = (p.kind == SQL_QUOTED || p.kind == SQL_WORD) &&
                       str_eq(sql_piece_text(&r->ctx->arena, &p), o->name.name);
        is_named = is_named || is_name;
        if (is_name)
            sql_ident(&q, o->new_name.name);
        else
            sql_addf(&q, "%E", arena_strndup(&r->ctx->arena, p.s, p.n));
    }
    return is_named ? sql_end(&q) : NULL;
}

static void follow_default(
    struct rendering *r, const char *table, const char *column, const char *text, const struct op_rename *o)
{
    const char *renamed = renamed_default(r, text, o);
    struct sql q = my_render_begin(r);
    if (!renamed)
        return;
    sql_addf(&q, "ALTER TABLE %I ALTER COLUMN %I SET DEFAULT %E", table, column,
        my_default_sql(r->ctx, NULL, renamed));
    my_render_add(r, &q);
}

/* The server leaves defaults as they are, and rows could no longer be inserted. */
static bool follow_defaults(struct rendering *r, const struct op_rename *o)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    const struct schema *s = r->state->schema;
    if (r->state->conn) {
        struct my *my = my_of(r->state->conn);
        if (!my_query(my,
                "SELECT table_name, column_name, column_default FROM information_schema.columns WHERE "
                "table_schema = DATABASE() AND column_default LIKE '%nextval(%' ORDER BY 1, 2",
                &a))
            return false;
        while (my_next(&a))
            follow_default(r, my_text(&a, 0), my_text(&a, 1), my_without_database(my, my_text(&a, 2)), o);
        return true;
    }
    for (size_t i = 0; s && i < s->tables.n; i++)
        vec_each(k, &s->tables.v[i]->columns) {
            const struct column *c = s->tables.v[i]->columns.v[k];
            if (c->dflt.kind == VALUE_SQL)
                follow_default(r, s->tables.v[i]->name.name, c->name, my_render_expr(&c->dflt.expr), o);
        }
    return true;
}

bool my_render_rename_sequence(struct rendering *r, const struct op *op)
{
    return my_render_rename_table(r, op) && follow_defaults(r, &op->u.rename);
}
