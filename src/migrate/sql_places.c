/*
 * Finds the statements that create the objects of models in SQL, for messages about these.
 *
 * Only the words that begin a statement are read: CREATE, the kind, and the name. Other objects get the place
 * of the first file, without a line.
 */
#include "migrate/sql_models.h"

/* The kinds of objects by the word before their name, and where a document lists them. */
static const struct {
    const char *word;
    const char *keys[4];
} kinds[] = {
    {"table", {"tables"}},
    {"view", {"views", "materialized_views"}},
    {"sequence", {"sequences"}},
    {"type", {"enums", "types"}},
    {"domain", {"domains"}},
    {"function", {"functions"}},
    {"procedure", {"procedures", "functions"}},
    {"aggregate", {"aggregates"}},
    {"event", {"events"}},
    {"extension", {"extensions"}},
    {"schema", {"schemas"}},
};

struct placing {
    struct ctx *ctx;
    unsigned grammar;
    bool lowers;
    const char *default_schema;
    const char *at; /* how far the lines of a file are counted */
    struct pos pos;
    struct map places; /* struct pos by "kind name" */
};

/* ---- statements ---------------------------------------------------------------------------------- */

static struct sql_piece next(struct placing *p, const char **s)
{
    *s = sql_skip_space(*s, p->grammar);
    const struct sql_piece piece = sql_piece(*s, p->grammar);
    *s += piece.n;
    return piece;
}

/* Without quotes, as the database lowers it. */
static const char *name_of(struct placing *p, const struct sql_piece *piece)
{
    struct arena *a = &p->ctx->arena;
    if (piece->kind != SQL_QUOTED && piece->kind != SQL_STRING && piece->kind != SQL_WORD)
        return NULL;
    const char *name = sql_piece_text(a, piece);
    return piece->kind == SQL_WORD && p->lowers ? str_lower(a, name) : name;
}

/* The name as models have it: without the default schema. */
static const char *read_name(struct placing *p, struct sql_piece piece, const char *s)
{
    const char *name = name_of(p, &piece), *end = s;
    const struct sql_piece dot = next(p, &end);
    if (!name || dot.kind != SQL_OTHER || *dot.s != '.')
        return name;
    piece = next(p, &end);
    const struct qname qualified = {str_eq(name, p->default_schema) ? NULL : name, name_of(p, &piece)};
    return qualified.name ? qname_text(&p->ctx->arena, &qualified) : NULL;
}

static size_t kind_of(const struct sql_piece *piece)
{
    size_t i = 0;
    while (i < COUNT_OF(kinds) && !sql_piece_is(piece, kinds[i].word))
        i++;
    return i;
}

/* Statements come in order. */
static struct pos *place_of(struct placing *p, const char *s)
{
    struct pos *pos = ctx_new(p->ctx, struct pos);
    for (; p->at < s; p->at++) {
        p->pos.line += *p->at == '\n';
        p->pos.column = *p->at == '\n' ? 1 : p->pos.column + 1;
    }
    *pos = p->pos;
    return pos;
}

/* Words like OR REPLACE, TEMP and MATERIALIZED come before the kind, IF NOT EXISTS after it. */
static void read_statement(struct placing *p, const char *text, const struct statement *part)
{
    enum { WORDS = 8 };
    const char *s = text + part->from, *end = text + part->to;
    struct sql_piece piece = next(p, &s);
    size_t kind = COUNT_OF(kinds);
    if (!sql_piece_is(&piece, "create"))
        return;
    for (int i = 0; i < WORDS && s < end && kind == COUNT_OF(kinds); i++) {
        piece = next(p, &s);
        kind = kind_of(&piece);
    }
    piece = next(p, &s);
    while (sql_piece_is(&piece, "if") || sql_piece_is(&piece, "not") || sql_piece_is(&piece, "exists"))
        piece = next(p, &s);
    const char *name = kind < COUNT_OF(kinds) ? read_name(p, piece, s) : NULL;
    if (!name)
        return;
    map_set(&p->places, ctx_printf(p->ctx, "%s %s", kinds[kind].word, name), place_of(p, text + part->from));
}

/* ---- the document -------------------------------------------------------------------------------- */

static void set_pos(struct node *n, struct pos pos)
{
    size_t count = n->kind == NODE_MAPPING ? 2 * n->n : n->kind == NODE_SEQUENCE ? n->n : 0;
    n->file = pos.file;
    n->line = pos.line;
    n->column = pos.column & 0xFFFFFF;
    for (size_t i = 0; i < count; i++)
        set_pos(n->v[i], pos);
}

/* Of overloaded functions the last one counts. */
static const char *without_arguments(struct placing *p, const char *name)
{
    const char *paren = strchr(name, '(');
    return paren ? arena_strndup(&p->ctx->arena, name, (size_t)(paren - name)) : name;
}

static void place_list(struct placing *p, const char *word, struct node *list)
{
    for (size_t i = 0; list && list->kind == NODE_MAPPING && i < list->n; i++) {
        const char *name = without_arguments(p, list->v[2 * i]->scalar);
        const struct pos *pos = map_get(&p->places, ctx_printf(p->ctx, "%s %s", word, name));
        if (!pos)
            continue;
        set_pos(list->v[2 * i], *pos);
        set_pos(list->v[2 * i + 1], *pos);
    }
}

void sql_models_place(struct ctx *ctx, const struct dialect *dialect, const char *default_schema,
    const struct statements *list, struct node *document)
{
    bool lowers = !dialect->has.folded_names && !dialect->has.written_names;
    struct placing p = {.ctx = ctx,
        .grammar = dialect->grammar,
        .lowers = lowers,
        .default_schema = default_schema,
        .places = MAP(ctx)};
    vec_each(i, list) {
        struct statements parts = {0};
        if (!dialect->split(ctx, list->v[i], true, &parts)) {
            err_clear(ctx);
            continue;
        }
        p.at = dialect->visible ? dialect->visible(ctx, list->v[i]->text) : list->v[i]->text;
        p.pos = list->v[i]->op->u.execute.text_pos;
        const char *text = p.at;
        vec_each(k, &parts)
            read_statement(&p, text, parts.v[k]);
    }
    set_pos(document, (struct pos){.file = list->v[0]->op->pos.file});
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        for (size_t k = 0; k < COUNT_OF(kinds[i].keys) && kinds[i].keys[k]; k++)
            place_list(&p, kinds[i].word, node_get(document, kinds[i].keys[k]));
}
