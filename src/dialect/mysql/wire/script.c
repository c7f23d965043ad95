/*
 * Splits user SQL into statements, and rejects those that a revision cannot contain.
 *
 * Bodies of routines, triggers and events contain semicolons, between BEGIN and END. Scripts for the mariadb program
 * change the delimiter for that; here both forms work.
 */
#include "dialect/mysql/wire/script.h"

#include "dialect/mysql/spell/comments.h"
#include "dialect/transaction_words.h"

#include <ctype.h>

enum { FIRST_WORDS = 8 };

struct part {
    size_t from, to;
    struct str words; /* the first ones, in capitals, one space between them */
    size_t n;         /* of them */
};

struct cutting {
    struct ctx *ctx;
    const char *text;         /* as it is sent */
    const char *visible, *at; /* with the SQL that is written in comments, byte for byte in its place */
    const char *delimiter;
};

static const char *skip_space(const char *s)
{
    return sql_skip_space(s, SQL_MYSQL);
}

static void take_word(struct part *part, const struct sql_piece *p)
{
    if (part->n++ >= FIRST_WORDS)
        return;
    if (part->words.n)
        str_addc(&part->words, ' ');
    for (size_t i = 0; i < p->n; i++)
        str_addc(&part->words, (char)toupper((unsigned char)p->s[i]));
}

/* A statement that begins with CREATE and has one of these among its first words has a body. */
static bool has_body(const struct part *part)
{
    static const char *const kinds[] = {" TRIGGER", " PROCEDURE", " FUNCTION", " EVENT", " PACKAGE"};
    const char *words = str_get(&part->words);
    for (size_t i = 0; str_starts(words, "CREATE") && i < COUNT_OF(kinds); i++)
        if (strstr(words, kinds[i]))
            return true;
    return str_starts(words, "BEGIN NOT");
}

/* BEGIN … END and CASE … END [CASE] nest; END IF and the like close blocks that are not counted. */
static const char *count_depth(const struct sql_piece *p, const char *s, unsigned *depth)
{
    static const char *const others[] = {"if", "loop", "while", "repeat", "for"};
    *depth += sql_piece_is(p, "begin") || sql_piece_is(p, "case");
    if (!sql_piece_is(p, "end"))
        return s;
    const struct sql_piece next = sql_piece(skip_space(s), SQL_MYSQL);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (sql_piece_is(&next, others[i]))
            return s;
    *depth -= *depth > 0;
    return sql_piece_is(&next, "case") ? next.s + next.n : s;
}

/* DELIMITER // is a line of its own, and is not SQL. */
static bool take_delimiter(struct cutting *c)
{
    const struct sql_piece p = sql_piece(c->at, SQL_MYSQL);
    if (!sql_piece_is(&p, "delimiter"))
        return false;
    const char *s = p.s + p.n;
    s += strspn(s, " \t");
    size_t n = strcspn(s, " \t\r\n");
    if (n)
        c->delimiter = arena_strndup(&c->ctx->arena, s, n);
    c->at = s + n;
    return true;
}

/* A word ends before the delimiter, as in END$$: names may contain dollar signs. */
static struct sql_piece next_piece(const struct cutting *c)
{
    struct sql_piece p = sql_piece(c->at, SQL_MYSQL);
    for (size_t i = 1; p.kind == SQL_WORD && i < p.n; i++)
        if (str_starts(p.s + i, c->delimiter))
            p.n = i;
    return p;
}

/* A comment that begins with an exclamation mark, as dumps have them, is SQL to this server. */
static void skip_to_start(struct cutting *c)
{
    const char *s = c->text + (c->at - c->visible);
    for (;;) {
        const struct sql_piece p = sql_piece(s, SQL_MYSQL);
        bool is_sql = p.kind == SQL_COMMENT && p.n > 3 && (str_starts(s, "/*!") || str_starts(s, "/*M!"));
        if (is_sql || (p.kind != SQL_SPACE && p.kind != SQL_COMMENT))
            break;
        s += p.n;
    }
    c->at = c->visible + (s - c->text);
}

/* The mark that closes a comment belongs to the statement. */
static size_t end_of_marks(const struct cutting *c, size_t to)
{
    size_t end = (size_t)(c->at - c->visible);
    while (end > to && c->text[end - 1] == c->visible[end - 1])
        end--;
    return end;
}

/* The next statement; false at the end of the text. */
static bool next_part(struct cutting *c, struct part *ret)
{
    unsigned depth = 0;
    skip_to_start(c);
    while (*c->at && (str_starts(c->at, c->delimiter) || take_delimiter(c))) {
        c->at += str_starts(c->at, c->delimiter) ? strlen(c->delimiter) : 0;
        skip_to_start(c);
    }
    if (!*c->at)
        return false;
    *ret = (struct part){.from = (size_t)(c->at - c->visible), .words = STR(c->ctx)};
    ret->to = ret->from;
    while (*c->at && (depth || !str_starts(c->at, c->delimiter))) {
        const struct sql_piece p = next_piece(c);
        c->at += p.n;
        if (p.kind == SQL_WORD)
            take_word(ret, &p);
        if (p.kind == SQL_WORD && has_body(ret) && str_eq(c->delimiter, ";"))
            c->at = count_depth(&p, c->at, &depth);
        if (p.kind != SQL_SPACE && p.kind != SQL_COMMENT)
            ret->to = (size_t)(c->at - c->visible);
    }
    ret->to = ret->to > ret->from ? end_of_marks(c, ret->to) : (size_t)(c->at - c->visible);
    return true;
}

static struct cutting begin(struct ctx *ctx, const char *text)
{
    const char *visible = my_visible(ctx, text);
    return (struct cutting){ctx, text, visible, visible, ";"};
}

static bool refuse(
    struct ctx *ctx, const struct statement *s, const struct part *part, const char *what, const char *hint)
{
    fail(ctx, STATUS_CONFIG, "%s", what);
    fail_hint(ctx, "%s", hint);
    return fail_in(ctx, "%s%s", pos_text(&ctx->arena, statement_pos(s, s->text + part->from)),
        op_label(&ctx->arena, s->op));
}
#define refuse(...) fail_false(refuse(__VA_ARGS__))

/* "BEGIN NOT ATOMIC" is a block of statements, not a transaction. */
static bool controls_transaction(const char *words)
{
    return !str_starts(words, "BEGIN NOT") && script_controls_transaction(words, false);
}

static bool check_part(struct ctx *ctx, const struct statement *s, const struct part *part)
{
    const char *words = str_get(&part->words);
    if (controls_transaction(words))
        return refuse(ctx, s, part, SCRIPT_CONTROLS_TRANSACTION,
            ctx_printf(ctx,
                "Remove the statement: on %s each statement of a revision is committed by itself.",
                my_title(ctx)));
    if (str_eq(words, "USE") || str_starts(words, "USE "))
        return refuse(ctx, s, part, "the SQL of a revision cannot change to another database",
            "Remove the statement, and name objects of another database as database.name.");
    return true;
}

bool my_split(
    struct ctx *ctx, const struct statement *s, ATTR_UNUSED bool in_transaction, struct statements *ret)
{
    struct cutting c = begin(ctx, s->text);
    struct part part;
    while (next_part(&c, &part)) {
        if (!(s->flags & STATEMENT_MODEL) && !check_part(ctx, s, &part))
            return false;
        struct statement *copy = ctx_new(ctx, struct statement);
        *copy = *s;
        copy->from = part.from;
        copy->to = part.to;
        copy->flags |= script_sets_session(str_get(&part.words)) ? STATEMENT_SETTING : 0;
        copy->flags |= my_is_about_rows(c.visible + copy->from) ? 0 : STATEMENT_OUTSIDE;
        vec_add(ctx, ret, copy);
    }
    return true;
}

/* phpMyAdmin encloses a dump in a transaction, which the first CREATE commits. */
const char *my_clean(struct ctx *ctx, const char *text, ATTR_UNUSED bool in_transaction)
{
    struct script_words_list list = {0};
    struct cutting c = begin(ctx, text);
    struct part part;
    while (next_part(&c, &part))
        vec_add(ctx, &list, ((struct script_words){part.from, part.to, str_get(&part.words)}));
    return list.n ? script_unwrap(ctx, text, &list) : text;
}

bool my_is_about_rows(const char *sql)
{
    static const char *const words[] = {
        "insert", "update", "delete", "replace", "select", "with", "values", "do", "set"};
    const struct sql_piece p = sql_piece(skip_space(sql), SQL_MYSQL);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (sql_piece_is(&p, words[i]))
            return true;
    return false;
}
