/*
 * Writes statements of MariaDB in the words of MySQL.
 *
 * MySQL has no CREATE OR REPLACE for routines, triggers and events, no IF [NOT] EXISTS for the parts of ALTER TABLE, no
 * SET STATEMENT, no EXECUTE IMMEDIATE, and calls an ignored index invisible. The renderers write for MariaDB alone; what
 * they write has a form that is known here.
 */
#include "dialect/mysql/wire/translate.h"

#include "dialect/mysql/spell/text.h"

struct words {
    const char *at;
    struct sql_piece p; /* the last one read */
};

static bool read_piece(struct words *w)
{
    w->p = sql_piece(sql_skip_space(w->at, SQL_MYSQL), SQL_MYSQL);
    w->at = w->p.s + w->p.n;
    return w->p.kind != SQL_END;
}

/* Moves after these words if they come next. */
static bool take(struct words *w, const char *const *list)
{
    struct words ahead = *w;
    for (; *list; list++)
        if (!read_piece(&ahead) || !sql_piece_is(&ahead.p, *list))
            return false;
    *w = ahead;
    return true;
}
#define TAKE(w, ...) take(w, (const char *const[]){__VA_ARGS__, NULL})

static void send(struct ctx *ctx, struct my_translation *t, const char *sql)
{
    vec_add(ctx, &t->sent, sql);
}

/* ---- EXECUTE IMMEDIATE, SET STATEMENT ---------------------------------------------------------------- */

static void translate(struct ctx *ctx, const char *sql, const struct map *answers, struct my_translation *t);

/* A literal is sent as the statement that it holds, since MySQL prepares no CREATE TRIGGER. */
static void send_immediate(
    struct ctx *ctx, const char *text, const struct map *answers, struct my_translation *t)
{
    struct sql_piece p;
    if (my_only_piece(text, &p) && p.kind == SQL_STRING) {
        translate(ctx, my_string_value(&ctx->arena, &p), answers, t);
        return;
    }
    send(ctx, t, ctx_printf(ctx, "SET @cmig_statement = %s", str_trim(&ctx->arena, text)));
    send(ctx, t, "PREPARE cmig_statement FROM @cmig_statement");
    send(ctx, t, "EXECUTE cmig_statement");
    vec_add(ctx, &t->after, "DEALLOCATE PREPARE cmig_statement");
}

/* Where FOR follows the settings; NULL: nowhere. */
static const char *end_of_settings(const char *s)
{
    unsigned depth = 0;
    for (struct words w = {.at = s}; read_piece(&w);) {
        depth += w.p.kind == SQL_OTHER && *w.p.s == '(';
        depth -= depth && w.p.kind == SQL_OTHER && *w.p.s == ')';
        if (!depth && sql_piece_is(&w.p, "for"))
            return w.p.s;
    }
    return NULL;
}

/* The session's settings are put back by variables of the session, whose names end in their own. */
static void send_with_settings(struct ctx *ctx, const char *settings, const char *stop,
    const struct map *answers, struct my_translation *t)
{
    static const char *const names[] = {"sql_mode", "time_zone"};
    const char *list = arena_strndup(&ctx->arena, settings, (size_t)(stop - settings));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        send(ctx, t, ctx_printf(ctx, "SET @cmig_%s = @@SESSION.%s", names[i], names[i]));
        vec_add(ctx, &t->after, ctx_printf(ctx, "SET SESSION %s = @cmig_%s", names[i], names[i]));
    }
    send(ctx, t, ctx_printf(ctx, "SET SESSION %s", str_trim(&ctx->arena, list)));
    translate(ctx, stop + strlen("for"), answers, t);
}

/* ---- CREATE OR REPLACE ------------------------------------------------------------------------------- */

/* Up to the kind: DEFINER = and AGGREGATE come before it. False for a view, which MySQL replaces. */
static bool send_replace(struct ctx *ctx, const char *rest, struct my_translation *t)
{
    static const char *const kinds[] = {"trigger", "function", "procedure", "event"};
    for (struct words w = {.at = rest}; read_piece(&w);) {
        if (sql_piece_is(&w.p, "view") || sql_piece_is(&w.p, "table"))
            return false;
        for (size_t i = 0; i < COUNT_OF(kinds); i++)
            if (sql_piece_is(&w.p, kinds[i]) && read_piece(&w)) {
                const char *name = arena_strndup(&ctx->arena, w.p.s, w.p.n);
                send(ctx, t, ctx_printf(ctx, "DROP %s IF EXISTS %s", kinds[i], name));
                send(ctx, t, ctx_printf(ctx, "CREATE %s", str_trim(&ctx->arena, rest)));
                return true;
            }
    }
    return false;
}

/* ---- ALTER TABLE ------------------------------------------------------------------------------------- */

struct altering {
    struct ctx *ctx;
    const struct map *answers;
    struct my_translation *t;
};

/* What becomes of one change; NULL: it is left out. */
static const char *change_of(struct altering *a, const char *text)
{
    static const struct {
        const char *verb, *what, *first, *second, *third;
        bool if_there;
    } forms[] = {
        {"add", "column", "if", "not", "exists", false},
        {"add", "index", "if", "not", "exists", false},
        {"drop", "column", "if", "exists", NULL, true},
        {"drop", "index", "if", "exists", NULL, true},
    };
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct words w = {.at = text};
        const char *const list[] = {
            forms[i].verb, forms[i].what, forms[i].first, forms[i].second, forms[i].third, NULL};
        if (!take(&w, list))
            continue;
        const char *rest = w.at;
        read_piece(&w);
        const char *name = sql_piece_text(&a->ctx->arena, &w.p);
        const char *part = ctx_printf(a->ctx, "%s %s", forms[i].what, name);
        const bool *answer = a->answers ? map_get(a->answers, part) : NULL;
        vec_add(a->ctx, &a->t->parts, part);
        if (answer && *answer != forms[i].if_there)
            return NULL;
        return ctx_printf(a->ctx, "%s %s%s", forms[i].verb, forms[i].what, rest);
    }
    return text;
}

/* ADD INDEX … IGNORED, ALTER INDEX … NOT IGNORED: it is the last word. */
static const char *hidden_of(struct ctx *ctx, const char *text)
{
    static const struct {
        const char *end, *words;
    } forms[] = {{" NOT IGNORED", "VISIBLE"}, {" IGNORED", "INVISIBLE"}};
    struct words w = {.at = text};
    size_t n = strlen(text);
    if (!TAKE(&w, "add") && !TAKE(&w, "alter"))
        return text;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        size_t k = strlen(forms[i].end);
        if (n > k && str_eq_ci(text + n - k, forms[i].end))
            return ctx_printf(ctx, "%.*s %s", (int)(n - k), text, forms[i].words);
    }
    return text;
}

/* ALTER TABLE name change, change */
static void send_alter(struct altering *a, const char *sql, const char *changes)
{
    struct ctx *ctx = a->ctx;
    struct str out = STR(ctx);
    unsigned depth = 0;
    bool has_change = false;
    const char *from = sql_skip_space(changes, SQL_MYSQL);
    str_addn(&out, sql, (size_t)(changes - sql));
    for (struct words w = {.at = from};;) {
        bool is_more = read_piece(&w);
        bool is_other = is_more && w.p.kind == SQL_OTHER;
        depth += is_other && *w.p.s == '(';
        depth -= depth && is_other && *w.p.s == ')';
        if (is_more && (depth || !is_other || *w.p.s != ','))
            continue;
        const char *text = arena_strndup(&ctx->arena, from, (size_t)(w.p.s - from));
        const char *change = change_of(a, hidden_of(ctx, str_trim(&ctx->arena, text)));
        if (change)
            str_addf(&out, "%s%s", has_change ? ", " : " ", change);
        has_change |= change != NULL;
        if (!is_more)
            break;
        from = w.at;
    }
    if (has_change)
        send(ctx, a->t, str_get(&out));
}

static bool has_marks(const char *sql)
{
    for (struct words w = {.at = sql}; read_piece(&w);)
        if (sql_piece_is(&w.p, "if") || sql_piece_is(&w.p, "ignored"))
            return true;
    return false;
}

/* ---- all of them ------------------------------------------------------------------------------------- */

static void translate(struct ctx *ctx, const char *sql, const struct map *answers, struct my_translation *t)
{
    struct words w = {.at = sql};
    if (TAKE(&w, "execute", "immediate")) {
        send_immediate(ctx, w.at, answers, t);
        return;
    }
    if (TAKE(&w, "set", "statement")) {
        const char *stop = end_of_settings(w.at);
        if (stop) {
            send_with_settings(ctx, w.at, stop, answers, t);
            return;
        }
    }
    if (TAKE(&w, "create", "or", "replace") && send_replace(ctx, w.at, t))
        return;
    w.at = sql;
    if (TAKE(&w, "alter", "table") && has_marks(sql)) {
        struct altering a = {ctx, answers, t};
        read_piece(&w);
        t->table = sql_piece_text(&ctx->arena, &w.p);
        send_alter(&a, sql, w.at);
        return;
    }
    send(ctx, t, sql);
}

void my_translate(struct ctx *ctx, const char *sql, const struct map *answers, struct my_translation *ret)
{
    struct my_translation t = {0};
    translate(ctx, sql, answers, &t);
    *ret = t;
}
