/*
 * Comments that allow a rule: "# cmig-lint: allow RULE, reason", in SQL after two dashes.
 *
 * A comment in or on the line of an operation or statement is about that one; a comment on lines of its own, about the one
 * that follows directly; a comment anywhere else, about the whole file.
 */
#include "lint.h"

#define MARK "cmig-lint:"

/* ---- finding comments ---------------------------------------------------------------------------------------- */

/* A YAML comment, which begins its line or comes after a space. */
static bool is_comment(const char *line, const char *mark)
{
    const char *s = mark;

    while (s > line && s[-1] == ' ')
        s--;
    return s > line && s[-1] == '#' && (s - 1 == line || s[-2] == ' ' || s[-2] == '\t');
}

static bool is_blank_or_comment(const char *line)
{
    line += strspn(line, " \t\r");
    return *line == '\n' || *line == '#' || !*line || str_starts(line, "--");
}

/* A comment that has its line to itself. */
static bool is_alone(const char *line)
{
    line += strspn(line, " \t");
    return *line == '#' || str_starts(line, "--");
}

static const char *next_line(const char *s)
{
    s += strcspn(s, "\n");
    return *s ? s + 1 : s;
}

/* The next line that is neither empty nor a comment. */
static unsigned following(const char *line, unsigned number)
{
    do {
        line = next_line(line);
        number++;
    } while (*line && is_blank_or_comment(line));
    return number;
}

static struct line_range range_of(const char *line, unsigned number, const struct line_ranges *ranges)
{
    unsigned next = is_alone(line) ? following(line, number) : 0;

    for (size_t i = 0; next && i < ranges->n; i++)
        if (ranges->v[i].from == next)
            return ranges->v[i];
    for (size_t i = ranges->n; i-- > 0;)
        if (ranges->v[i].from <= number && number <= ranges->v[i].to)
            return ranges->v[i];
    return (struct line_range){0, (unsigned)-1};
}

/* ---- reading one ----------------------------------------------------------------------------------------------- */

static void refuse(struct review *v, struct pos pos, const char *text)
{
    review_add(v, RULE_INVALID_ALLOW, pos, NULL, "%s", text);
}

static void refuse_rule(struct review *v, struct pos pos, const char *name)
{
    const char *names[RULES], *near;

    for (size_t i = 0; i < RULES; i++)
        names[i] = lint_rules[i].name;
    near = str_nearest(name, names, RULES);
    refuse(v, pos,
        near ? ctx_printf(v->ctx, "unknown rule '%s'; did you mean '%s'?", name, near)
             : ctx_printf(v->ctx, "unknown rule '%s'", name));
}

/* The text after the mark, without the end of its line. */
static void take(struct review *v, struct pos pos, const char *text, struct line_range lines)
{
    struct arena *a = &v->ctx->arena;
    const char *comma = strchr(text, ','), *name, *reason;
    struct allow *one;
    enum rule rule;

    if (!str_starts(text, "allow ") && !str_starts(text, "allow\t")) {
        refuse(v, pos, "the comment has another form than 'allow RULE, reason'");
        return;
    }
    text += strlen("allow ");
    name = str_trim(a, comma ? arena_strndup(a, text, (size_t)(comma - text)) : text);
    reason = comma ? str_trim(a, comma + 1) : "";
    rule = lint_rule_find(name);
    if (rule == RULES || lint_rules[rule].flags & LINT_FIXED) {
        refuse_rule(v, pos, name);
        return;
    }
    if (!*reason) {
        refuse(v, pos, ctx_printf(v->ctx, "the comment gives no reason to allow %s", name));
        return;
    }
    one = ctx_new(v->ctx, struct allow);
    *one = (struct allow){pos.file, rule, lines.from, lines.to, pos, false};
    vec_add(v->ctx, &v->allows, one);
}

static void take_line(struct review *v, struct pos pos, const char *line, const struct line_ranges *ranges)
{
    const char *text = arena_strndup(&v->ctx->arena, line, strcspn(line, "\n")), *mark = strstr(text, MARK);

    if (!mark || !is_comment(text, mark))
        return;
    pos.column = (unsigned)(mark - text) + 1;
    take(v, pos, str_trim(&v->ctx->arena, mark + strlen(MARK)), range_of(line, pos.line, ranges));
}

void allow_read_yaml(struct review *v, const char *file, const char *text, const struct line_ranges *ranges)
{
    struct pos pos = {file, 1, 1};

    for (const char *line = text; *line; line = next_line(line), pos.line++)
        take_line(v, pos, line, ranges);
}

/* Of a comment: the text after the mark; NULL: it has none. */
static const char *marked(struct review *v, const struct sql_piece *comment, size_t *ret_at)
{
    const char *text = arena_strndup(&v->ctx->arena, comment->s, comment->n), *mark = strstr(text, MARK),
               *end;

    if (!mark || strspn(text, "-/*# \t") < (size_t)(mark - text))
        return NULL;
    *ret_at = (size_t)(mark - text);
    end = strstr(mark, "*/");
    mark += strlen(MARK);
    return str_trim(&v->ctx->arena, end ? arena_strndup(&v->ctx->arena, mark, (size_t)(end - mark)) : mark);
}

static const char *line_start(const char *text, const char *at)
{
    while (at > text && at[-1] != '\n')
        at--;
    return at;
}

/* Texts in quotes, and bodies of functions, hold no comments of the statement. */
void allow_read_sql(struct review *v, struct pos start, const char *text, const struct line_ranges *ranges)
{
    struct sql_piece p;
    struct pos pos = start;

    for (const char *s = text; (p = sql_piece(s, v->l->dialect->grammar)).kind != SQL_END && p.n; s += p.n) {
        const char *line = line_start(text, s), *found;
        size_t at;

        if (p.kind == SQL_COMMENT && (found = marked(v, &p, &at))) {
            pos.column = ranges ? (unsigned)(s - line) + (unsigned)at + 1 : start.column;
            take(v, ranges ? pos : start, found,
                ranges ? range_of(line, pos.line, ranges) : (struct line_range){start.line, start.line});
        }
        for (size_t i = 0; i < p.n; i++)
            pos.line += s[i] == '\n';
    }
}

/* ---- applying them --------------------------------------------------------------------------------------------- */

static bool is_allowed(struct review *v, const struct finding *f)
{
    bool found = false;

    vec_each(i, &v->allows) {
        struct allow *a = v->allows.v[i];
        bool is_here = str_eq(a->file, f->pos.file) && a->from <= f->pos.line && f->pos.line <= a->to;

        if (a->rule == f->rule && is_here)
            found = a->used = true;
    }
    return found;
}

/* Beside an operation of a downgrade, which is not read. */
static bool is_for_downgrade(const struct review *v, const struct allow *a)
{
    const struct ops *ops = &v->body.downgrade;

    return !v->l->request->downgrades && ops->n && str_eq(a->file, ops->v[0]->pos.file) &&
           a->from >= ops->v[0]->pos.line;
}

static void report_unused(struct review *v)
{
    vec_each(i, &v->allows) {
        const struct allow *a = v->allows.v[i];

        if (!a->used && !is_for_downgrade(v, a) && v->l->request->levels->of[a->rule] != LINT_OFF &&
            !v->l->request->sizes)
            review_add(v, RULE_UNUSED_ALLOW, a->pos, NULL, "nothing here breaks rule '%s'",
                lint_rules[a->rule].name);
    }
}

static bool comes_before(const struct finding *a, const struct finding *b)
{
    int order = str_cmp(a->pos.file, b->pos.file);

    return order ? order < 0 : a->pos.line < b->pos.line;
}

static void add_sorted(struct review *v, struct finding *f, size_t first)
{
    struct findings *all = v->l->found;
    size_t at = all->n;

    while (at > first && comes_before(f, all->v[at - 1]))
        at--;
    vec_insert(v->ctx, all, at, f);
}

void allow_apply(struct review *v)
{
    size_t first = v->l->found->n, n = v->found.n;
    bool *allowed = arena_alloc(&v->ctx->arena, (n + 1) * sizeof(bool));

    for (size_t i = 0; i < n; i++)
        allowed[i] = is_allowed(v, v->found.v[i]);
    report_unused(v);
    vec_each(i, &v->found)
        if (i >= n || !allowed[i])
            add_sorted(v, v->found.v[i], first);
}
