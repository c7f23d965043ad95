/* Cuts a statement of user SQL into words, and takes names and words from it. */
#include "dialect/read_sql.h"

void read_cut(struct reader *r)
{
    const char *end = r->text + r->to;

    for (const char *s = r->text + r->from; s < end && *s;) {
        struct sql_piece p = sql_piece(s, r->dialect->grammar);

        if (p.kind == SQL_END || !p.n)
            break;
        if (p.kind != SQL_SPACE && p.kind != SQL_COMMENT) {
            struct word w = {p.kind, p.s, sql_piece_text(&r->ctx->arena, &p), p.n};
            /* Elsewhere an unquoted name means the one in lower case. */
            if (p.kind == SQL_WORD && !r->dialect->has.written_names && !r->dialect->has.folded_names)
                w.text = str_lower(&r->ctx->arena, w.text);
            vec_add(r->ctx, &r->words, w);
        }
        s += p.n;
    }
}

const struct word *read_peek(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->words.n ? &r->words.v[r->at + ahead] : NULL;
}

bool is_word(const struct word *w, const char *word)
{
    return w && w->kind == SQL_WORD && str_eq_ci(w->text, word);
}

bool is_sign(const struct word *w, char sign)
{
    return w && w->kind == SQL_OTHER && *w->s == sign;
}

/* Takes words, which are given in one text with a space between them, if they are next. */
bool read_take(struct reader *r, const char *words)
{
    size_t ahead = 0;

    for (const char *s = words; *s; ahead++) {
        size_t n = strcspn(s, " ");
        if (!is_word(read_peek(r, ahead), ctx_printf(r->ctx, "%.*s", (int)n, s)))
            return false;
        s += n + (s[n] == ' ');
    }
    r->at += ahead;
    return true;
}

bool read_sign(struct reader *r, char sign)
{
    if (!is_sign(read_peek(r, 0), sign))
        return false;
    r->at++;
    return true;
}

bool read_any(struct reader *r, const char *const *list)
{
    for (; *list; list++)
        if (read_take(r, *list))
            return true;
    return false;
}

bool read_has(const struct reader *r, size_t from, size_t to, const char *word)
{
    for (size_t i = from; i < to && i < r->words.n; i++)
        if (is_word(&r->words.v[i], word))
            return true;
    return false;
}

bool read_name(struct reader *r, const char **ret)
{
    const struct word *w = read_peek(r, 0);

    if (!w || (w->kind != SQL_WORD && w->kind != SQL_QUOTED))
        return false;
    *ret = w->text;
    r->at++;
    return true;
}

bool read_qname(struct reader *r, struct qname *ret)
{
    *ret = (struct qname){0};
    if (!read_name(r, &ret->name))
        return false;
    if (is_sign(read_peek(r, 0), '.')) {
        r->at++;
        ret->schema = ret->name;
        if (!read_name(r, &ret->name))
            return false;
    }
    const char *home = r->dialect->hazards ? r->dialect->hazards->default_schema : NULL;
    if (home && str_eq(ret->schema, home))
        ret->schema = NULL;
    return true;
}

/* The position after what is up to the next comma, or the end, on the same level of parentheses. */
size_t read_item_end(const struct reader *r, size_t at)
{
    unsigned depth = 0;

    for (; at < r->words.n; at++) {
        const struct word *w = &r->words.v[at];
        if (is_sign(w, '('))
            depth++;
        else if (is_sign(w, ')') && depth-- == 0)
            break;
        else if (is_sign(w, ',') && depth == 0)
            break;
    }
    return at;
}

/* The text of words as it is written. */
const char *read_source(const struct reader *r, size_t from, size_t to)
{
    if (from >= to)
        return "";
    const struct word *last = &r->words.v[to - 1];
    return arena_strndup(
        &r->ctx->arena, r->words.v[from].s, (size_t)(last->s + last->n - r->words.v[from].s));
}

/* ---- results --------------------------------------------------------------------------------------------- */

struct sql_change *read_add(struct reader *r, enum sql_act act)
{
    struct sql_change *c = ctx_new(r->ctx, struct sql_change);

    *c = (struct sql_change){.act = act, .from = r->from, .to = r->to};
    vec_add(r->ctx, r->ret, c);
    return c;
}

struct op *read_add_op(struct reader *r, enum op_kind kind)
{
    struct sql_change *c = read_add(r, SQL_ACT_OPERATION);

    c->is_ddl = true;
    c->op = op_new(r->ctx, kind);
    return c->op;
}

struct sql_change *read_last(struct reader *r)
{
    return r->ret->v[r->ret->n - 1];
}

struct dtext plain(const char *text)
{
    return (struct dtext){.text = text};
}

void read_skip_parentheses(struct reader *r)
{
    if (read_sign(r, '('))
        for (unsigned depth = 1; r->at < r->words.n && depth; r->at++) {
            depth += is_sign(read_peek(r, 0), '(');
            depth -= is_sign(read_peek(r, 0), ')');
        }
}

void read_columns(struct reader *r, struct strings *ret)
{
    size_t end;

    if (!read_sign(r, '('))
        return;
    for (end = read_item_end(r, r->at);; end = read_item_end(r, r->at)) {
        const char *name;
        if (read_name(r, &name))
            vec_add(r->ctx, ret, name);
        r->at = end;
        if (!read_sign(r, ','))
            break;
    }
    read_sign(r, ')');
}
