/* Cuts a user's text into statements, and refuses those that begin or end a transaction. */
#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/token.h"
#include "dialect/transaction_words.h"

enum { FIRST_WORDS = 3 };

struct part {
    size_t from, to;
    const char *words; /* the first ones, in capitals, one space between them */
};

/* Only the body of a trigger contains semicolons. */
static bool may_contain_semicolons(const char *words)
{
    return str_starts(words, "CREATE") && strstr(words, " TRIGGER");
}

static bool ends_here(struct ctx *ctx, const char *from, const char *end, const char *words)
{
    return !may_contain_semicolons(words) ||
           sqlite3_complete(arena_strndup(&ctx->arena, from, (size_t)(end - from)));
}

/* The next statement after *at, which moves; false at the end of the text. */
static bool next_part(struct ctx *ctx, const char *text, const char **at, struct part *ret)
{
    const char *from = NULL;
    struct str words = STR(ctx);
    struct token t;
    for (size_t n = 0; (t = token_read(at)).kind != TOKEN_END; n++) {
        if (!from && token_op(&t, ";")) {
            n--;
            continue;
        }
        from = from ? from : t.s;
        if (n < FIRST_WORDS + 1 && t.kind == TOKEN_WORD)
            str_addf(
                &words, "%s%s", words.n ? " " : "", text_upper(ctx, arena_strndup(&ctx->arena, t.s, t.n)));
        if (token_op(&t, ";") && ends_here(ctx, from, t.s + t.n, str_get(&words)))
            break;
    }
    if (!from)
        return false;
    *ret = (struct part){(size_t)(from - text), (size_t)(*at - text), str_get(&words)};
    return true;
}

static bool refuse(struct ctx *ctx, const struct statement *s, const struct part *part, bool in_transaction)
{
    fail(ctx, STATUS_CONFIG, "%s", SCRIPT_CONTROLS_TRANSACTION);
    fail_hint(ctx, "%s", in_transaction ? SCRIPT_HINT_INSIDE : SCRIPT_HINT_OUTSIDE);
    return fail_in(ctx, "%s%s", pos_text(&ctx->arena, statement_pos(s, s->text + part->from)),
        op_label(&ctx->arena, s->op));
}

const char *sqlite_clean(struct ctx *ctx, const char *text, bool in_transaction)
{
    struct script_words_list list = {0};
    const char *at = text;
    struct part part;
    while (in_transaction && next_part(ctx, text, &at, &part))
        vec_add(ctx, &list, ((struct script_words){part.from, part.to, part.words}));
    return list.n ? script_unwrap(ctx, text, &list) : text;
}

bool sqlite_split(struct ctx *ctx, const struct statement *s, bool in_transaction, struct statements *ret)
{
    const char *at = s->text;
    struct part part;
    while (next_part(ctx, s->text, &at, &part)) {
        if (script_controls_transaction(part.words, in_transaction))
            return refuse(ctx, s, &part, in_transaction);
        struct statement *copy = ctx_new(ctx, struct statement);
        *copy = *s;
        copy->from = part.from;
        copy->to = part.to;
        copy->flags |= script_sets_session(part.words) ? STATEMENT_SETTING : 0;
        vec_add(ctx, ret, copy);
    }
    return true;
}
