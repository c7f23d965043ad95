/* Builds SQL statements, in which names and values are always quoted. */
#include "cmig/dialect.h"

struct sql sql_begin(struct ctx *ctx, const struct dialect *dialect)
{
    return (struct sql){.text = STR(ctx), .dialect = dialect};
}

void sql_add(struct sql *q, const char *keywords)
{
    str_add(&q->text, keywords);
}

/* `quote` around the text, doubled inside, and so is `other`, unless it is 0. */
static void add_quoted(struct str *out, const char *text, char quote, char other)
{
    const char doubled[] = {quote, other, 0};
    str_addc(out, quote);
    for (const char *next; (next = strpbrk(text, doubled)); text = next + 1) {
        str_addn(out, text, (size_t)(next + 1 - text));
        str_addc(out, *next);
    }
    str_add(out, text);
    str_addc(out, quote);
}

void sql_ident(struct sql *q, const char *name)
{
    if (q->dialect->must_quote(name))
        add_quoted(&q->text, name, q->dialect->quote, 0);
    else
        str_add(&q->text, name);
}

void sql_qname(struct sql *q, const struct qname *name)
{
    if (name->schema) {
        sql_ident(q, name->schema);
        str_addc(&q->text, '.');
    }
    sql_ident(q, name->name);
}

void sql_string(struct sql *q, const char *value)
{
    if (value)
        add_quoted(&q->text, value, '\'', q->dialect->has.backslashes ? '\\' : 0);
    else
        str_add(&q->text, "NULL");
}

void sql_int(struct sql *q, int64_t n)
{
    str_addf(&q->text, "%lld", (long long)n);
}

/* A comment at its end must not swallow what follows. */
static void add_expr(struct sql *q, const char *text)
{
    const char *line = strrchr(text, '\n');
    str_add(&q->text, text);
    if (strstr(line ? line : text, "--"))
        str_addc(&q->text, '\n');
}

void sql_columns(struct sql *q, const struct strings *names)
{
    str_addc(&q->text, '(');
    vec_each(i, names) {
        if (i)
            str_add(&q->text, ", ");
        sql_ident(q, names->v[i]);
    }
    str_addc(&q->text, ')');
}

/* One conversion of sql_addf; its argument is taken from `ap`. */
static void add_conversion(struct sql *q, char conversion, va_list *ap)
{
    switch (conversion) {
    case 'I':
        sql_ident(q, va_arg(*ap, const char *));
        return;
    case 'Q':
        sql_qname(q, va_arg(*ap, const struct qname *));
        return;
    case 'L':
        sql_string(q, va_arg(*ap, const char *));
        return;
    case 'C':
        sql_columns(q, va_arg(*ap, const struct strings *));
        return;
    case 'E':
        add_expr(q, va_arg(*ap, const char *));
        return;
    case 'd':
        sql_int(q, va_arg(*ap, int64_t));
        return;
    case '%':
        str_addc(&q->text, '%');
        return;
    }
    assert(!"a conversion that sql_addf does not have: the format is a literal of our own");
}

void sql_addf(struct sql *q, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    while (*fmt) {
        size_t plain = strcspn(fmt, "%");
        str_addn(&q->text, fmt, plain);
        fmt += plain;
        if (*fmt) {
            add_conversion(q, fmt[1], &ap);
            fmt += 2;
        }
    }
    va_end(ap);
}

const char *sql_end(struct sql *q)
{
    return str_get(&q->text);
}

struct statement *statement_add(
    struct ctx *ctx, struct statements *list, const char *text, const struct op *op)
{
    struct statement *s = ctx_new(ctx, struct statement);
    *s = (struct statement){.text = text, .op = op, .expect = -1};
    vec_add(ctx, list, s);
    return s;
}

struct pos statement_pos(const struct statement *s, const char *at)
{
    struct pos pos = s->op->pos;

    if (s->op->kind != OP_EXECUTE || !s->op->u.execute.text_pos.line || !(s->flags & STATEMENT_SCRIPT))
        return pos;
    pos = s->op->u.execute.text_pos;
    for (const char *c = s->text; c < at; c++) {
        pos.line += *c == '\n';
        pos.column = *c == '\n' ? 1 : pos.column + 1;
    }
    return pos;
}

const char *sql_one_line(struct ctx *ctx, const char *sql)
{
    enum { WIDTH = 160 };
    struct str out = STR(ctx);
    for (const char *c = sql + strspn(sql, " \t\r\n"); *c && out.n < WIDTH; c++) {
        size_t space = strspn(c, " \t\r\n");
        if (space && !c[space])
            break;
        str_addc(&out, space ? ' ' : *c);
        c += space ? space - 1 : 0;
    }
    return ctx_printf(ctx, "%s%s", str_get(&out), out.n == WIDTH ? " …" : "");
}

const char *sql_comment(struct ctx *ctx, const char *text)
{
    struct str out = STR(ctx);
    for (const char *s = text;; s++) {
        size_t n = strcspn(s, "\r\n");
        str_add(&out, out.n ? "\n-- " : "-- ");
        str_addn(&out, s, n);
        s += n;
        s += s[0] == '\r' && s[1] == '\n';
        if (!*s || !s[1])
            return str_get(&out);
    }
}
