/* Takes the texts of triggers, routines and events apart, and puts them together again. */
#include "dialect/mysql/spell/text.h"
#include "dialect/mysql/objects/objects.h"
#include "dialect/mysql/spell/types.h"

static struct sql_piece next(const char **at)
{
    const struct sql_piece p = sql_piece(sql_skip_space(*at, SQL_MYSQL), SQL_MYSQL);
    *at = p.s + p.n;
    return p;
}

static const char *between(struct ctx *ctx, const char *from, const char *to)
{
    return str_trim(&ctx->arena, arena_strndup(&ctx->arena, from, (size_t)(to - from)));
}

static const char *upper(struct ctx *ctx, const struct sql_piece *p)
{
    return str_upper(&ctx->arena, arena_strndup(&ctx->arena, p->s, p->n));
}

/* ---- statements -------------------------------------------------------------------------------------- */

/* Up to the first piece that is one of two words; the end when there is none. */
static const char *find_word(const char *s, const char *end, const char *word, const char *other)
{
    while (s < end) {
        const char *at = s;
        const struct sql_piece p = next(&at);
        if (p.kind == SQL_END || sql_piece_is(&p, word) || (other && sql_piece_is(&p, other)))
            return p.s;
        s = at;
    }
    return end;
}

bool my_create_parse(struct ctx *ctx, enum object_kind kind, const char *sql, struct my_create *ret)
{
    size_t at, n;
    struct my_create c = {0};
    if (!sql || !object_sql_name(kind, sql, &at, &n))
        return false;
    const char *s = sql, *name = sql + at;
    struct sql_piece p = next(&s);
    if (sql_piece_is(&p, "set")) {
        next(&s); /* STATEMENT */
        const char *end = find_word(s, name, "for", NULL);
        c.settings = between(ctx, s, end);
        s = end;
    }
    const char *word = find_word(s, name, "definer", NULL), *equals = word;
    next(&equals);
    p = next(&equals);
    if (word < name && sql_piece_is_char(&p, '='))
        c.definer = between(ctx, equals, find_word(equals, name, object_table[kind].name, "aggregate"));
    c.aggregate = kind == OBJECT_FUNCTION && find_word(s, name, "aggregate", NULL) < name;
    c.rest = sql_skip_space(name + n, SQL_MYSQL);
    c.name = sql_piece(name, SQL_MYSQL);
    c.name.n = c.name.n == n ? n : 0;
    *ret = c;
    return true;
}

/* A name stays as it was written, with or without quotes. */
static void add_name(struct ctx *ctx, const struct my_create *c, const char *name, struct sql *q)
{
    if (c->name.n && str_eq(sql_piece_text(&ctx->arena, &c->name), name))
        sql_addf(q, "%E", arena_strndup(&ctx->arena, c->name.s, c->name.n));
    else
        sql_ident(q, name);
}

static struct sql begin(
    struct ctx *ctx, enum object_kind kind, const struct my_create *c, const char *name, bool replaces)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    const char *word = object_table[kind].name;
    const struct sql_piece p = {SQL_WORD, word, strlen(word)};
    sql_add(&q, replaces ? "CREATE OR REPLACE " : "CREATE ");
    if (c->definer)
        sql_addf(&q, "DEFINER = %E ", c->definer);
    sql_addf(&q, "%E%E ", c->aggregate ? "AGGREGATE " : "", upper(ctx, &p));
    add_name(ctx, c, name, &q);
    sql_addf(&q, "%E%E", *c->rest == '(' ? "" : " ", c->rest);
    return q;
}

const char *my_create_sql(
    struct ctx *ctx, enum object_kind kind, const struct my_create *c, const char *name, bool replaces)
{
    struct sql q = begin(ctx, kind, c, name, replaces);
    const char *text = sql_end(&q);
    return c->settings ? ctx_printf(ctx, "SET STATEMENT %s FOR %s", c->settings, text) : text;
}

/* The server would read the text before it sets the variables, and not as a body in another sql_mode must be read. */
const char *my_create_sent(
    struct ctx *ctx, enum object_kind kind, const struct my_create *c, const char *name, bool replaces)
{
    struct sql q = begin(ctx, kind, c, name, replaces), sent = sql_begin(ctx, &mysql_dialect);
    const char *text = sql_end(&q);
    if (!c->settings)
        return text;
    sql_addf(&sent, "SET STATEMENT %E FOR EXECUTE IMMEDIATE %L", c->settings, text);
    return sql_end(&sent);
}

/* ---- parameters -------------------------------------------------------------------------------------- */

const char *my_argument_type(struct ctx *ctx, const char *text)
{
    static const char *const others[] = {"character", "charset", "collate", "default"};
    struct str out = STR(ctx);
    const char *s = my_type_canonical(ctx, text);
    int depth = 0;
    for (struct sql_piece p; (p = sql_piece(s, SQL_MYSQL)).kind != SQL_END; s = p.s + p.n) {
        for (size_t i = 0; out.n && i < COUNT_OF(others); i++)
            if (sql_piece_is(&p, others[i]))
                return str_trim(&ctx->arena, str_get(&out));
        depth += sql_piece_is_char(&p, '(');
        if (!depth)
            str_addn(&out, p.s, p.n);
        depth -= sql_piece_is_char(&p, ')');
    }
    return str_trim(&ctx->arena, str_get(&out));
}

/* "INOUT a int": the type. */
static const char *parameter_type(struct ctx *ctx, const char *text)
{
    static const char *const modes[] = {"in", "out", "inout"};
    const char *s = text;
    struct sql_piece p = next(&s);
    for (size_t i = 0; i < COUNT_OF(modes); i++)
        if (sql_piece_is(&p, modes[i])) {
            next(&s); /* the name */
            break;
        }
    return my_argument_type(ctx, sql_skip_space(s, SQL_MYSQL));
}

const char *my_create_signature(struct ctx *ctx, const char *rest)
{
    struct strings types = {0};
    const char *s = rest, *from;
    unsigned depth = 1;
    struct sql_piece p = next(&s);
    if (!sql_piece_is_char(&p, '('))
        return "";
    for (from = s; depth && (p = next(&s)).kind != SQL_END;) {
        depth += sql_piece_is_char(&p, '(');
        depth -= sql_piece_is_char(&p, ')');
        if (depth && !(depth == 1 && sql_piece_is_char(&p, ',')))
            continue;
        const char *text = between(ctx, from, p.s);
        if (*text)
            vec_add(ctx, &types, parameter_type(ctx, text));
        from = s;
    }
    return strings_join(&ctx->arena, &types, ", ");
}

/* ---- triggers ---------------------------------------------------------------------------------------- */

bool my_trigger_parse(struct ctx *ctx, const char *rest, struct my_trigger *ret)
{
    struct my_trigger t = {0};
    const char *s = rest;
    struct sql_piece p = next(&s);
    t.timing = arena_strndup(&ctx->arena, p.s, p.n);
    p = next(&s);
    t.event = arena_strndup(&ctx->arena, p.s, p.n);
    p = next(&s);
    if (!sql_piece_is(&p, "on"))
        return false;
    p = next(&s);
    t.has_database = *sql_skip_space(s, SQL_MYSQL) == '.';
    if (t.has_database) {
        next(&s);
        p = next(&s);
    }
    t.table = sql_piece_text(&ctx->arena, &p);
    static const char *const words[] = {"for", "each", "row"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        p = next(&s);
        if (!sql_piece_is(&p, words[i]))
            return false;
    }
    const char *at = s;
    p = next(&at);
    if (sql_piece_is(&p, "follows") || sql_piece_is(&p, "precedes")) {
        t.order = upper(ctx, &p);
        p = next(&at);
        t.other = sql_piece_text(&ctx->arena, &p);
        s = at;
    }
    t.body = sql_skip_space(s, SQL_MYSQL);
    *ret = t;
    return true;
}

const char *my_trigger_rest(struct ctx *ctx, const struct my_trigger *t)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q, "%E %E ON %I FOR EACH ROW ", t->timing, t->event, t->table);
    if (t->order)
        sql_addf(&q, "%E %I ", t->order, t->other);
    sql_addf(&q, "%E", t->body);
    return sql_end(&q);
}

void my_trigger_simplify(struct ctx *ctx, struct my_create *c)
{
    struct my_trigger t;
    if (!my_trigger_parse(ctx, c->rest, &t) || (!t.order && !t.has_database))
        return;
    t.order = t.other = NULL;
    c->rest = my_trigger_rest(ctx, &t);
}

/* ---- events ------------------------------------------------------------------------------------------ */

/* What may stand between the schedule and the body. */
static bool take_clause(struct ctx *ctx, const char **at, struct my_event *e)
{
    struct sql_piece p = next(at);
    if (sql_piece_is(&p, "on")) {
        next(at); /* COMPLETION */
        p = next(at);
        e->preserve = !sql_piece_is(&p, "not");
        if (!e->preserve)
            next(at);
    } else if (sql_piece_is(&p, "enable")) {
        e->status = "ENABLE";
    } else if (sql_piece_is(&p, "disable")) {
        const char *ahead = *at;
        p = next(&ahead);
        e->status = sql_piece_is(&p, "on") ? "DISABLE ON SLAVE" : "DISABLE";
        if (sql_piece_is(&p, "on")) {
            next(&ahead);
            *at = ahead;
        }
    } else if (sql_piece_is(&p, "comment")) {
        p = next(at);
        e->comment = arena_strndup(&ctx->arena, p.s, p.n);
    } else {
        return false;
    }
    return true;
}

static bool begins_clause(const struct sql_piece *p)
{
    static const char *const words[] = {"on", "enable", "disable", "comment", "do"};
    bool begins = p->kind == SQL_END;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        begins = begins || sql_piece_is(p, words[i]);
    return begins;
}

bool my_event_parse(struct ctx *ctx, const char *rest, struct my_event *ret)
{
    struct my_event e = {.status = "ENABLE"};
    const char *s = rest;
    struct sql_piece on = next(&s), word = next(&s);
    if (!sql_piece_is(&on, "on") || !sql_piece_is(&word, "schedule"))
        return false;
    const char *from = s, *at = s;
    for (struct sql_piece p = next(&at); !begins_clause(&p); p = next(&at))
        s = at;
    e.schedule = between(ctx, from, s);
    for (;;) {
        at = s;
        const struct sql_piece p = next(&at);
        if (sql_piece_is(&p, "do")) {
            e.body = sql_skip_space(at, SQL_MYSQL);
            *ret = e;
            return true;
        }
        if (!take_clause(ctx, &s, &e))
            return false;
    }
}

const char *my_event_rest(struct ctx *ctx, const struct my_event *e)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q, "ON SCHEDULE %E ON COMPLETION %E %E ", e->schedule,
        e->preserve ? "PRESERVE" : "NOT PRESERVE", e->status);
    if (e->comment)
        sql_addf(&q, "COMMENT %E ", e->comment);
    sql_addf(&q, "DO %E", e->body);
    return sql_end(&q);
}
