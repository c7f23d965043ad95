/*
 * Edits the text of a CREATE TABLE.
 *
 * Programs keep notes in its comments and read the types as they were declared. So the new text is the old one, in
 * which each part that differs is replaced; if the result would not define the wanted table, the caller writes a new
 * text.
 */
#include "dialect/sqlite/layout.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/token.h"
#include "dialect/sqlite/types.h"

/* A constraint of the old table and the one that replaces it; `after` is NULL if there is none. */
struct pair {
    const struct constraint *before, *after;
    bool same;
};
struct pairs VEC_OF(struct pair);

struct splice {
    struct ctx *ctx;
    const struct layout *layout;
    const struct table *before, *after;
    const struct strings *fresh;
    struct pairs pairs;
    struct constraints added; /* those that replace no other one */
    struct str out;
    const struct item *last; /* the item that was written last */
    bool is_begun;           /* an item was written */
    bool in_comment;         /* the text ends in a comment that goes to the end of its line */
};

/* ---- spaces and comments ----------------------------------------------------------------------------- */

/* After the comment or the white space at `at`, which is within spaces and comments only. */
static const char *skip_one(const char *at, const char *to, bool *ret_comment)
{
    *ret_comment = *at == '-' || *at == '/';
    if (!*ret_comment)
        return at + 1;
    const char *end = *at == '-' ? memchr(at, '\n', (size_t)(to - at)) : strstr(at + 2, "*/");
    if (!end || end > to)
        return to;
    return *at == '-' ? end : end + 2;
}

/* After the last comment; `from` without one. */
static const char *comments_end(const char *from, const char *to)
{
    const char *end = from;
    for (const char *at = from; at < to;) {
        bool comment;
        at = skip_one(at, to, &comment);
        if (comment)
            end = at;
    }
    return end;
}

/* Whether the last comment is one that ends with its line, and that line does not end here. */
static bool ends_in_comment(const char *from, const char *to)
{
    bool open = false;
    for (const char *at = from; at < to;) {
        bool comment, dash = *at == '-';
        at = skip_one(at, to, &comment);
        open = comment ? dash : open && at[-1] != '\n';
    }
    return open;
}

/* After the comments that close the line at `from`: they are about the text before them. A comment that is
 * followed by text in its line is about that text. */
static const char *line_end(const char *from, const char *to)
{
    const char *end = from;
    for (const char *at = from; at < to && *at != '\n';) {
        bool comment;
        at = skip_one(at, to, &comment);
        if (comment)
            end = at;
    }
    const char *rest = end + strspn(end, " \t\r\f");
    return end > from && (*rest == '\n' || ends_in_comment(from, end)) && rest < to ? end : from;
}

static void put(struct splice *s, const char *from, const char *to)
{
    if (from >= to)
        return;
    if (s->in_comment && *from != '\n')
        str_addc(&s->out, '\n');
    s->in_comment = false;
    str_addn(&s->out, from, (size_t)(to - from));
}

static void put_text(struct splice *s, const char *text)
{
    put(s, text, text + strlen(text));
}

static void put_spaces(struct splice *s, const char *from, const char *to)
{
    put(s, from, to);
    if (from < to)
        s->in_comment = ends_in_comment(from, to);
}

/* ---- which constraint became which --------------------------------------------------------------------- */

static bool is_same_text(struct ctx *ctx, const struct constraint *a, const struct constraint *b)
{
    return str_eq(constraint_sql(ctx, a, false), constraint_sql(ctx, b, false));
}

static bool is_alike(struct ctx *ctx, const struct constraint *a, const struct constraint *b)
{
    if (a->kind == CONSTRAINT_PRIMARY_KEY)
        return true;
    if (a->kind == CONSTRAINT_CHECK)
        return (a->name && str_eq(a->name, b->name)) ||
               text_same(ctx, expr_sql(ctx, &a->check), expr_sql(ctx, &b->check));
    bool same = a->columns.n == b->columns.n;
    for (size_t i = 0; same && i < a->columns.n; i++)
        same = str_eq_ci(a->columns.v[i], b->columns.v[i]);
    return same;
}

static bool is_check(ATTR_UNUSED struct ctx *ctx, const struct constraint *a, const struct constraint *b)
{
    return a->kind == CONSTRAINT_CHECK && b->kind == CONSTRAINT_CHECK;
}

static void pair_by(struct splice *s,
    bool (*test)(struct ctx *ctx, const struct constraint *a, const struct constraint *b), bool same)
{
    vec_each(i, &s->pairs) {
        struct pair *p = &s->pairs.v[i];
        for (size_t k = 0; !p->after && k < s->added.n; k++) {
            const struct constraint *a = s->added.v[k];
            if (a->kind != p->before->kind || !test(s->ctx, p->before, a))
                continue;
            p->after = a;
            p->same = same;
            vec_remove(&s->added, k);
        }
    }
}

static void pair_constraints(struct splice *s)
{
    struct constraint *k;
    for (size_t state = 0; (k = table_next_constraint(s->before, &state));)
        vec_add(s->ctx, &s->pairs, ((struct pair){.before = k}));
    for (size_t state = 0; (k = table_next_constraint(s->after, &state));)
        vec_add(s->ctx, &s->added, k);
    pair_by(s, is_same_text, true);
    pair_by(s, is_alike, false);
    pair_by(s, is_check, false);
}

static const struct pair *find_pair(const struct splice *s, const struct constraint *before)
{
    vec_each(i, &s->pairs)
        if (s->pairs.v[i].before == before)
            return &s->pairs.v[i];
    return NULL;
}

/* ---- a column ---------------------------------------------------------------------------------------- */

static const char *clause_before(const struct splice *s, const struct column *c, enum column_clause clause)
{
    return clause_sql(s->ctx, s->before, c, clause);
}

static const char *clause_after(const struct splice *s, const struct column *c, enum column_clause clause)
{
    return clause_sql(s->ctx, s->after, c, clause);
}

/* The text of a constraint within a column's definition. DEFERRABLE that is apart goes with its REFERENCES. */
static const char *new_constraint(const struct splice *s, const struct item *item, const struct part *part)
{
    const struct pair *p = find_pair(s, part->constraint);
    if (p && p->same)
        return NULL;
    for (const struct part *earlier = item->parts.v; earlier < part; earlier++)
        if (earlier->kind == PART_CONSTRAINT && earlier->constraint == part->constraint)
            return "";
    return p && p->after ? constraint_sql(s->ctx, p->after, true) : "";
}

/* The replacement of a part: NULL: it stays; "": nothing. */
static const char *new_part(
    const struct splice *s, const struct item *item, const struct part *part, const struct column *c)
{
    switch (part->kind) {
    case PART_TYPE:
        return str_eq(item->column->native, c->native) ? NULL : *c->native ? type_sql(s->ctx, c->native) : "";
    case PART_CLAUSE: {
        const char *text = clause_after(s, c, part->clause);
        if (str_eq(clause_before(s, item->column, part->clause), text))
            return NULL;
        return *text ? text + 1 : "";
    }
    case PART_CONSTRAINT:
        return new_constraint(s, item, part);
    case PART_NULL:
        return c->nullable ? NULL : "";
    case PART_NAME:
        break;
    }
    return NULL;
}

/* Where the text before a removed part ends. A comment keeps the end of its line. */
static const char *trim_gap(const char *from, const char *to)
{
    const char *end = comments_end(from, to);
    if (end > from && memchr(end, '\n', (size_t)(to - end)))
        end = (const char *)memchr(end, '\n', (size_t)(to - end)) + 1;
    return end;
}

static bool has_part(const struct item *item, enum part_kind kind, enum column_clause clause)
{
    vec_each(i, &item->parts)
        if (item->parts.v[i].kind == kind && (kind != PART_CLAUSE || item->parts.v[i].clause == clause))
            return true;
    return false;
}

/* Whether the table's key keeps a column from being null, so that NOT NULL need not be there. */
static bool is_never_null(const struct table *t, const struct column *c)
{
    if (table_rowid_alias(t) == c)
        return true;
    if (!t->primary_key || (!table_flag(t, "without_rowid") && !table_flag(t, "strict")))
        return false;
    vec_each(i, &t->primary_key->columns)
        if (str_eq_ci(t->primary_key->columns.v[i], c->name))
            return true;
    return false;
}

static void put_missing_clauses(struct splice *s, const struct item *item, const struct column *c)
{
    for (enum column_clause i = 0; i < COLUMN_CLAUSES; i++) {
        const char *text = clause_after(s, c, i);
        bool same = str_eq(clause_before(s, item->column, i), text) &&
                    (i != CLAUSE_NOT_NULL || is_never_null(s->after, c));
        if (!same && !has_part(item, PART_CLAUSE, i))
            put_text(s, text);
    }
}

static void put_column(struct splice *s, const struct item *item, const struct column *c)
{
    const char *at = item->from, *gap = item->name_to;
    if (*c->native && !has_part(item, PART_TYPE, 0)) {
        put(s, at, gap);
        put_text(s, ctx_printf(s->ctx, " %s", type_sql(s->ctx, c->native)));
        at = gap;
    }
    vec_each(i, &item->parts) {
        const struct part *part = &item->parts.v[i];
        const char *text = new_part(s, item, part, c);
        if (text) {
            put(s, at, *text ? part->from : trim_gap(gap, part->from));
            put_text(s, text);
            at = part->to;
        }
        gap = part->to;
    }
    put(s, at, item->to);
    put_missing_clauses(s, item, c);
}

/* ---- the items --------------------------------------------------------------------------------------- */

static const char *lead_from(const struct splice *s, size_t i)
{
    const struct item *item = s->layout->items.v[i];
    if (i == 0)
        return line_end(s->layout->open, item->from);
    const struct item *before = s->layout->items.v[i - 1];
    return before->comma ? line_end(before->comma + 1, item->from) : before->to;
}

/* The comments after an item, before its comma or the closing bracket and in the line after the comma. */
static void put_trail(struct splice *s, const struct item *item)
{
    const struct items *items = &s->layout->items;
    bool is_last = item == items->v[items->n - 1];
    if (item->comma)
        put_spaces(s, item->to, item->comma);
    else if (is_last)
        put_spaces(s, item->to, comments_end(item->to, s->layout->close));
}

static void put_line_comment(struct splice *s, const struct item *item, const char *next)
{
    if (item->comma)
        put_spaces(s, item->comma + 1, line_end(item->comma + 1, next));
}

static const char *item_next(const struct splice *s, const struct item *item)
{
    const struct items *items = &s->layout->items;
    for (size_t i = 0; i + 1 < items->n; i++)
        if (items->v[i] == item)
            return items->v[i + 1]->from;
    return s->layout->close;
}

/* Ends the item that was written last. The comma between constraints may be missing, and stays so. */
static void end_item(struct splice *s, const struct item *next)
{
    const struct item *last = s->last;
    if (!last) {
        put_text(s, ",");
        return;
    }
    const char *follower = item_next(s, last);
    if (last->comma) {
        put_trail(s, last);
        put_text(s, ",");
        put_line_comment(s, last, follower);
    } else if (!next || follower != next->from) {
        put_text(s, ",");
        put_trail(s, last);
    }
}

static void put_item_lead(struct splice *s, const struct item *item)
{
    const struct items *items = &s->layout->items;
    vec_each(i, items)
        if (items->v[i] == item)
            put_spaces(s, lead_from(s, i), item->from);
}

/* A new item begins like the others: on a line of its own, or after a space. */
static void put_new_lead(struct splice *s)
{
    const struct item *model = s->layout->items.v[0];
    const char *from = lead_from(s, 0), *line = NULL;
    for (const char *at = from; at < model->from; at++)
        if (*at == '\n')
            line = at;
    if (line && strspn(line, " \t\r\n") >= (size_t)(model->from - line))
        put(s, line, model->from);
    else
        put_text(s, s->in_comment ? "\n" : " ");
}

/* Begins an item: an old one, or with NULL a new one. */
static void begin_item(struct splice *s, const struct item *item)
{
    if (s->is_begun)
        end_item(s, item);
    if (item)
        put_item_lead(s, item);
    else
        put_new_lead(s);
    s->last = item;
    s->is_begun = true;
}

static void put_new(struct splice *s, const char *text)
{
    begin_item(s, NULL);
    put_text(s, text);
}

static const struct item *find_column(const struct splice *s, const char *name)
{
    vec_each(i, s->fresh)
        if (str_eq_ci(s->fresh->v[i], name))
            return NULL;
    vec_each(i, &s->layout->items) {
        const struct item *item = s->layout->items.v[i];
        if (item->column && str_eq_ci(item->column->name, name))
            return item;
    }
    return NULL;
}

static void put_columns(struct splice *s)
{
    vec_each(i, &s->after->columns) {
        const struct column *c = s->after->columns.v[i];
        const struct item *item = find_column(s, c->name);
        if (!item) {
            put_new(s, column_sql(s->ctx, s->after, c, NULL, NULL));
            continue;
        }
        begin_item(s, item);
        put_column(s, item, c);
    }
}

/* AUTOINCREMENT is a part of the key, and kept with the column. */
static bool is_key_same(const struct splice *s, const struct pair *p)
{
    const struct column *b = table_named_column(s->before, p->before->columns.v[0]);
    const struct column *a = table_named_column(s->after, p->before->columns.v[0]);
    return p->same && (p->before->columns.n > 1 || !a || !b ||
                          str_eq(clause_before(s, b, CLAUSE_KEY), clause_after(s, a, CLAUSE_KEY)));
}

/* Whether a key is written after the columns, not within the definition of one. */
static bool is_apart(const struct splice *s, const struct constraint *key)
{
    const struct column *c = table_named_column(s->after, key->columns.v[0]);
    return !c || !column_has_inline_key(s->after, c);
}

/* Whether a constraint stays as it is; otherwise *ret_text is its replacement, NULL: nothing. */
static bool stays(const struct splice *s, const struct pair *p, const char **ret_text)
{
    bool is_key = p->before->kind == CONSTRAINT_PRIMARY_KEY;
    *ret_text = NULL;
    if (is_key ? is_key_same(s, p) : p->same)
        return true;
    if (p->after && (!is_key || is_apart(s, p->after)))
        *ret_text = constraint_sql(s->ctx, p->after, false);
    return false;
}

static void put_constraint(struct splice *s, const struct item *item)
{
    const char *text;
    const struct pair *p = find_pair(s, item->constraint);
    bool same = p && stays(s, p, &text);
    if (!p || (!same && !text))
        return;
    begin_item(s, item);
    if (same)
        put(s, item->from, item->to);
    else
        put_text(s, text);
}

/* A key that was within a column and has several now. */
static const struct constraint *find_moved_key(const struct splice *s)
{
    const struct constraint *key = s->after->primary_key;
    if (!key || !s->before->primary_key || !is_apart(s, key))
        return NULL;
    vec_each(i, &s->layout->items)
        if (s->layout->items.v[i]->constraint == s->before->primary_key)
            return NULL;
    return key;
}

static void put_constraints(struct splice *s)
{
    const struct constraint *moved = find_moved_key(s);
    vec_each(i, &s->layout->items)
        if (s->layout->items.v[i]->constraint)
            put_constraint(s, s->layout->items.v[i]);
    if (moved)
        put_new(s, constraint_sql(s->ctx, moved, false));
    vec_each(i, &s->added) {
        const struct constraint *k = s->added.v[i];
        if (k->kind != CONSTRAINT_PRIMARY_KEY || is_apart(s, k))
            put_new(s, constraint_sql(s->ctx, k, false));
    }
}

/* ---- around them ------------------------------------------------------------------------------------- */

static void put_head(struct splice *s, const char *name)
{
    const struct layout *l = s->layout;
    struct sql q = sql_begin(s->ctx, &sqlite_dialect);
    put(s, l->text, l->name);
    if (name) {
        sql_ident(&q, name);
        put_text(s, sql_end(&q));
    } else {
        put(s, l->name, l->name_to);
    }
    put(s, l->name_to, l->open);
    put_spaces(s, l->open, line_end(l->open, l->items.v[0]->from));
}

/* The comments between the old options stay. */
static void put_options(struct splice *s)
{
    const char *at = s->layout->close + 1, *options = table_options_sql(s->ctx, s->after);
    if (str_eq(table_options_sql(s->ctx, s->before), options)) {
        put_text(s, at);
        return;
    }
    put_text(s, options);
    for (struct token t; *at;) {
        const char *from = at;
        t = token_read(&at);
        put_spaces(s, from, comments_end(from, t.s));
    }
}

static void put_close(struct splice *s)
{
    const struct items *items = &s->layout->items;
    const struct item *end = items->v[items->n - 1];
    if (s->last) {
        put_trail(s, s->last);
        put_line_comment(s, s->last, item_next(s, s->last));
    }
    put(s, comments_end(end->to, s->layout->close), s->layout->close + 1);
    put_options(s);
}

/* ---- is it what was asked for? ------------------------------------------------------------------------- */

static void list_constraints(struct ctx *ctx, const struct table *t, struct strings *ret)
{
    struct constraint *k;
    for (size_t state = 0; (k = table_next_constraint(t, &state));)
        vec_add(ctx, ret, constraint_sql(ctx, k, false));
    strings_sort(ret);
}

static bool is_same_table(struct ctx *ctx, const struct table *a, const struct table *b)
{
    struct strings x = {0}, y = {0};
    bool same = a->columns.n == b->columns.n && str_eq(table_options_sql(ctx, a), table_options_sql(ctx, b));
    for (size_t i = 0; same && i < a->columns.n; i++)
        same = str_eq(
            column_sql(ctx, a, a->columns.v[i], NULL, NULL), column_sql(ctx, b, b->columns.v[i], NULL, NULL));
    list_constraints(ctx, a, &x);
    list_constraints(ctx, b, &y);
    same = same && x.n == y.n;
    for (size_t i = 0; same && i < x.n; i++)
        same = str_eq(x.v[i], y.v[i]);
    return same;
}

static bool defines(struct ctx *ctx, const char *text, const struct table *after)
{
    struct parsed_table got, wanted;
    const char *problem;
    return parse_table(ctx, text, NULL, &got, &problem) &&
           parse_table(ctx, create_table_sql(ctx, after, after->name.name, false), NULL, &wanted, &problem) &&
           is_same_table(ctx, got.table, wanted.table);
}

const char *splice_table(struct ctx *ctx, const struct layout *layout, const struct table *before,
    const struct table *after, const struct strings *fresh, const char *name)
{
    struct splice s = {
        .ctx = ctx, .layout = layout, .before = before, .after = after, .fresh = fresh, .out = STR(ctx)};
    pair_constraints(&s);
    put_head(&s, name);
    put_columns(&s);
    put_constraints(&s);
    put_close(&s);
    const char *text = str_get(&s.out);
    return defines(ctx, text, after) ? text : NULL;
}
