/*
 * Reads and compares how tables are partitioned.
 *
 * A model has two texts: what the table is partitioned by, and its partitions, separated by commas, if each is defined.
 * Both are spelt like the server's own, without what says nothing. A text that differs nevertheless is printed by the
 * server, see judge.c, since it computes expressions in bounds.
 */
#include "dialect/mysql/spell/partitions.h"

#include "dialect/mysql/spell/periods.h"
#include "dialect/mysql/spell/text.h"

#include <ctype.h>

/* ---- pieces ------------------------------------------------------------------------------------------ */

static struct sql_piece next(const char **at)
{
    const struct sql_piece p = sql_piece(sql_skip_space(*at, SQL_MYSQL), SQL_MYSQL);
    *at = p.s + p.n;
    return p;
}

/* No reserved word has a digit. */
static bool is_plain_name(const char *name)
{
    bool has_digit = false;
    for (const char *c = name; *c; c++) {
        if (!isalnum((unsigned char)*c) && *c != '_')
            return false;
        has_digit |= isdigit((unsigned char)*c) != 0;
    }
    return has_digit && isalpha((unsigned char)*name);
}

static const char *name_text(struct ctx *ctx, const struct sql_piece *p)
{
    const char *name = sql_piece_text(&ctx->arena, p);
    return is_plain_name(name) ? name : arena_strndup(&ctx->arena, p->s, p->n);
}

/* ---- spelling ---------------------------------------------------------------------------------------- */

static const char *const keywords[] = {"range", "list", "hash", "key", "linear", "columns", "system_time",
    "interval", "limit", "starts", "auto", "timestamp", "partition", "partitions", "subpartition",
    "subpartitions", "by", "values", "less", "than", "in", "default", "history", "current", "maxvalue",
    "null", "algorithm", "comment", "data", "index", "directory", "max_rows", "min_rows", "microsecond",
    "second", "minute", "hour", "day", "week", "month", "quarter", "year", NULL};
/* After these a parenthesis has a blank before it. */
static const char *const before_parenthesis[] = {
    "range", "list", "hash", "key", "columns", "than", "in", "by", NULL};

struct spelling {
    struct ctx *ctx;
    struct str out;
    struct sql_piece last;
    unsigned depth;
};

static void add_text(struct spelling *s, const struct sql_piece *p, const char *text)
{
    const struct sql_piece *last = &s->last;
    bool is_open = sql_piece_is_char(p, '('), is_call = last->kind == SQL_WORD &&
                                                        !isdigit((unsigned char)*last->s) &&
                                                        !sql_piece_is_any(last, before_parenthesis);
    bool is_sign = last->kind == SQL_OTHER && p->kind == SQL_OTHER && last->s + last->n == p->s && !is_open &&
                   !sql_piece_is_char(last, ',') && !sql_piece_is_char(last, ')');
    bool is_tight = !s->out.n || sql_piece_is_char(last, '(') || sql_piece_is_char(p, ')') ||
                    sql_piece_is_char(p, ',') || (is_open && is_call) || is_sign;
    if (!is_tight)
        str_addc(&s->out, ' ');
    str_add(&s->out, text);
}

static void add_piece(struct spelling *s, const struct sql_piece *p)
{
    struct ctx *ctx = s->ctx;
    const char *after = p->s + p->n;
    const struct sql_piece following = next(&after);
    const char *text = arena_strndup(&ctx->arena, p->s, p->n);
    s->depth += sql_piece_is_char(p, '(');
    s->depth -= sql_piece_is_char(p, ')') && s->depth;
    if (p->kind == SQL_WORD && (sql_piece_is_any(p, keywords) || sql_piece_is_char(&following, '(')))
        text = str_lower(&ctx->arena, text);
    if (p->kind == SQL_WORD && s->depth == 0 && sql_piece_is(p, "maxvalue"))
        text = "(maxvalue)";
    if (p->kind == SQL_QUOTED)
        text = name_text(ctx, p);
    if (p->kind == SQL_STRING)
        text = my_literal(ctx, my_string_value(&ctx->arena, p));
    add_text(s, p, text);
    s->last = *p;
}

/* A signed number keeps its sign. */
static const char *spell(struct ctx *ctx, const char *from, const char *to, bool is_element)
{
    struct spelling s = {.ctx = ctx, .out = STR(ctx), .last = {.kind = SQL_END}};
    for (struct sql_piece p; (p = next(&from)).kind != SQL_END && p.s < to;) {
        if (is_element && !s.out.n && sql_piece_is(&p, "partition"))
            continue;
        if (is_element && s.depth == 0 && sql_piece_is_char(&p, '='))
            continue;
        if (is_element && sql_piece_is(&p, "engine")) { /* that of the table; other ones are refused */
            const char *ahead = from;
            const struct sql_piece equals = next(&ahead);
            from = sql_piece_is_char(&equals, '=') ? ahead : from;
            next(&from);
            continue;
        }
        add_piece(&s, &p);
    }
    return s.out.n ? str_get(&s.out) : NULL;
}

/* The end of what begins at `s`: a comma, or a closing parenthesis, outside of others. */
static const char *end_of_element(const char *s)
{
    unsigned depth = 0;
    for (;;) {
        const char *at = s;
        const struct sql_piece p = next(&at);
        if (p.kind == SQL_END || (!depth && (sql_piece_is_char(&p, ',') || sql_piece_is_char(&p, ')'))))
            return p.s;
        depth += sql_piece_is_char(&p, '(');
        depth -= sql_piece_is_char(&p, ')');
        s = at;
    }
}

struct my_partition_list my_partition_list(struct ctx *ctx, const char *list)
{
    struct my_partition_list ret = {0};
    const char *at = list;
    while (at && *sql_skip_space(at, SQL_MYSQL)) {
        const char *end = end_of_element(at);
        struct my_partition p = {.text = spell(ctx, at, end, true)};
        const struct sql_piece name = p.text ? sql_piece(p.text, SQL_MYSQL) : (struct sql_piece){0};
        if (p.text) {
            p.name = sql_piece_text(&ctx->arena, &name);
            vec_add(ctx, &ret, p);
        }
        at = *end ? end + 1 : NULL;
    }
    return ret;
}

static const char *list_text(struct ctx *ctx, const char *list)
{
    const struct my_partition_list elements = my_partition_list(ctx, list);
    struct str out = STR(ctx);
    vec_each(i, &elements)
        str_addf(&out, "%s%s", i ? ",\n" : "", elements.v[i].text);
    return out.n ? str_get(&out) : NULL;
}

/* ---- a table's partitioning -------------------------------------------------------------------------- */

static const char *option(const struct options *o, const char *key)
{
    const char *value = o ? options_get(o, "mysql", key) : NULL;
    return value && *value ? value : NULL;
}

struct my_partitioning my_partitioning_of(struct ctx *ctx, const struct options *o)
{
    const char *by = option(o, "partition_by");
    if (!by)
        return (struct my_partitioning){0};
    return (struct my_partitioning){
        .by = spell(ctx, by, by + strlen(by), false), .list = list_text(ctx, option(o, "partitions"))};
}

void my_partitioning_set(struct ctx *ctx, struct options *o, const struct my_partitioning *p)
{
    options_remove(o, "mysql", "partition_by");
    options_remove(o, "mysql", "partitions");
    if (p->by)
        options_set(ctx, o, "mysql", "partition_by", p->by);
    if (p->list)
        options_set(ctx, o, "mysql", "partitions", p->list);
}

/* What follows the definitions in parentheses. */
static const char *after_definitions(const char *s)
{
    for (struct sql_piece p; (p = next(&s)).kind != SQL_END && !sql_piece_is_char(&p, '(');)
        continue;
    for (const char *end; *(end = end_of_element(s)); s = end + 1)
        if (*end == ')')
            return end + 1;
    return "";
}

/* "(PARTITION …", if the text has it outside of parentheses; else its end. */
static const char *find_list(const char *s)
{
    unsigned depth = 0;
    for (struct sql_piece p; (p = next(&s)).kind != SQL_END;) {
        const char *ahead = s;
        const struct sql_piece following = next(&ahead);
        if (!depth && sql_piece_is_char(&p, '(') && sql_piece_is(&following, "partition"))
            return p.s;
        depth += sql_piece_is_char(&p, '(');
        depth -= sql_piece_is_char(&p, ')');
    }
    return s;
}

/* MySQL prints it in a comment for other servers: a line of its own, up to the end. */
static const char *without_comment(struct ctx *ctx, const char *text)
{
    static const char mark[] = "\n/*!";
    const char *begin = strstr(text, mark), *end = NULL;
    if (!begin)
        return text;
    begin += strlen(mark);
    begin += strspn(begin, "0123456789");
    for (const char *s = begin; (s = strstr(s, "*/")); s++)
        end = s;
    return end ? arena_strndup(&ctx->arena, begin, (size_t)(end - begin)) : text;
}

struct my_partitioning my_partitioning_printed(struct ctx *ctx, const char *printed)
{
    const char *at = without_comment(ctx, after_definitions(printed));
    struct sql_piece last = {.kind = SQL_END};
    for (struct sql_piece p; (p = next(&at)).kind != SQL_END; last = p) {
        if (!sql_piece_is(&p, "by") || !sql_piece_is(&last, "partition"))
            continue;
        const char *list = find_list(at);
        return (struct my_partitioning){.by = spell(ctx, at, list, false),
            .list = *list ? list_text(ctx,
                                arena_strndup(&ctx->arena, list + 1, (size_t)(strrchr(list, ')') - list - 1)))
                          : NULL};
    }
    return (struct my_partitioning){0};
}

void my_partitioning_add(struct ctx *ctx, struct sql *q, const struct my_partitioning *p)
{
    const struct my_partition_list list = my_partition_list(ctx, p->list);
    sql_addf(q, "PARTITION BY %E", p->by);
    vec_each(i, &list)
        sql_addf(q, "%EPARTITION %E", i ? ",\n    " : "\n(   ", list.v[i].text);
    if (list.n)
        sql_add(q, "\n)");
}

/* ---- changes ----------------------------------------------------------------------------------------- */

static size_t index_of(const struct my_partition_list *list, const char *name)
{
    size_t i = 0;
    while (i < list->n && !str_eq_ci(list->v[i].name, name))
        i++;
    return i;
}

/* Takes everything that no other one takes. */
static bool takes_the_rest(const struct my_partition *p)
{
    const char *at = p->text;
    for (struct sql_piece piece; (piece = next(&at)).kind != SQL_END;)
        if (sql_piece_is(&piece, "maxvalue") || sql_piece_is(&piece, "default"))
            return true;
    return false;
}

/* Partitions of two lists that are the same in both, as positions in the old one. */
struct kept {
    size_t n, first, last;
    size_t next; /* the one that the added ones precede; SIZE_MAX: none of them precedes one */
    bool is_run; /* the added ones follow each other */
};

/* False: one has changed, or has another place. */
static bool find_kept(struct ctx *ctx, const struct my_partition_list *before,
    const struct my_partition_list *after, struct kept *ret)
{
    struct kept k = {.next = SIZE_MAX, .is_run = true};
    bool was_added = false, has_added = false;
    for (size_t i = 0; i < after->n; i++) {
        size_t at = index_of(before, after->v[i].name);
        if (at == before->n) {
            k.is_run = k.is_run && (was_added || !has_added);
            was_added = has_added = true;
            continue;
        }
        if ((k.n && at < k.last) || !my_expr_same(ctx, NULL, before->v[at].text, after->v[i].text))
            return false;
        if (was_added)
            k.next = at;
        was_added = false;
        k.first = k.n++ ? k.first : at;
        k.last = at;
    }
    *ret = k;
    return k.n > 0;
}

static bool add_added(
    struct my_partition_change *c, const struct my_partition_list *before, const struct kept *k, bool is_list)
{
    if (!c->added.n)
        return true;
    if (k->next == SIZE_MAX)
        return !takes_the_rest(&before->v[k->last]);
    c->split = &before->v[k->next];
    return k->is_run && (!is_list || takes_the_rest(c->split));
}

/* Rows of a partition that others follow go to the next one, or, of a list, to the one that takes the rest. The first ones of a
 * range are dropped with their rows: that is how old rows are removed. */
static bool add_gone(struct ctx *ctx, struct my_partition_change *c, const struct my_partition_list *before,
    const struct my_partition_list *gone, const struct kept *k, bool is_list)
{
    bool has_rest = takes_the_rest(&before->v[k->last]);
    size_t from = gone->n ? index_of(before, gone->v[0].name) : 0, to = from + gone->n;
    bool is_leading = to == k->first && from == 0, is_run = to <= before->n;
    for (size_t i = 0; i < gone->n; i++)
        is_run = is_run && index_of(before, gone->v[i].name) == from + i;
    bool is_trailing = is_run && from > k->last;
    if (!gone->n || (is_run && !is_list && is_leading) || (is_list && !has_rest && !c->added.n) ||
        (is_trailing && !c->added.n)) {
        c->dropped = *gone;
        return true;
    }
    if (!is_run || c->added.n || to == before->n || (is_list && (to != k->last || !has_rest)))
        return false;
    for (size_t i = 0; i < gone->n; i++)
        vec_add(ctx, &c->merged, gone->v[i]);
    c->split = &before->v[to];
    return true;
}

static bool change_of(struct ctx *ctx, bool is_list, const struct my_partition_list *before,
    const struct my_partition_list *after, struct my_partition_change *ret)
{
    struct my_partition_change c = {0};
    struct my_partition_list gone = {0};
    struct kept k;
    if (!find_kept(ctx, before, after, &k))
        return false;
    for (size_t i = 0; i < before->n; i++)
        if (index_of(after, before->v[i].name) == after->n)
            vec_add(ctx, &gone, before->v[i]);
    for (size_t i = 0; i < after->n; i++)
        if (index_of(before, after->v[i].name) == before->n)
            vec_add(ctx, &c.added, after->v[i]);
    if (!add_added(&c, before, &k, is_list) || !add_gone(ctx, &c, before, &gone, &k, is_list))
        return false;
    *ret = c;
    return true;
}

bool my_partitioning_change(struct ctx *ctx, const struct my_partitioning *before,
    const struct my_partitioning *after, struct my_partition_change *ret)
{
    const struct my_partition_list from = my_partition_list(ctx, before->list);
    const struct my_partition_list to = my_partition_list(ctx, after->list);
    return before->by && after->by && my_expr_same(ctx, NULL, before->by, after->by) &&
           change_of(ctx, str_starts(before->by, "list"), &from, &to, ret);
}

const char *my_options_note(struct ctx *ctx, const struct options *before, const struct options *after)
{
    if (my_is_versioned(before) && !my_is_versioned(after))
        return "destroys the earlier versions of rows";
    const struct my_partitioning a = my_partitioning_of(ctx, before), b = my_partitioning_of(ctx, after);
    struct my_partition_change change;
    struct strings names = {0};
    if (!my_partitioning_change(ctx, &a, &b, &change))
        return NULL;
    vec_each(i, &change.dropped)
        vec_add(ctx, &names, change.dropped.v[i].name);
    return !names.n ? NULL
                    : ctx_printf(ctx, "drops partition%s %s and %s rows", names.n > 1 ? "s" : "",
                          strings_join(&ctx->arena, &names, ", "), names.n > 1 ? "their" : "its");
}
