/* Parses the constraints of a CREATE TABLE. */
#include "dialect/sqlite/parser.h"

static void set_option(struct parser *p, struct options **o, const char *key, const char *value)
{
    if (!*o)
        *o = ctx_new(p->ctx, struct options);
    options_set(p->ctx, *o, "sqlite", key, value);
}

/* CONSTRAINT name, once. */
static const char *take_name(struct parser *p)
{
    const char *name = p->name;
    p->name = NULL;
    return name;
}

static struct constraint *new_constraint(struct parser *p, enum constraint_kind kind, const struct column *c)
{
    struct constraint *k = ctx_new(p->ctx, struct constraint);
    k->kind = kind;
    k->name = take_name(p);
    if (c)
        vec_add(p->ctx, &k->columns, c->name);
    p->constraint = k;
    return k;
}

/* ON CONFLICT action. ABORT is the default. */
static bool parse_conflict(struct parser *p, struct options **options)
{
    const char *action;
    if (!parser_accept(p, "ON"))
        return true;
    if (!parser_expect(p, "CONFLICT") || !parser_name(p, &action))
        return false;
    action = str_lower(&p->ctx->arena, action);
    if (!str_eq(action, "abort"))
        set_option(p, options, "on_conflict", action);
    return true;
}

/* ---- keys -------------------------------------------------------------------------------------------- */

/* One place each, so that the list follows the columns through renames: "desc," or ",nocase". */
static void add_place(struct str *list, const char *value, size_t i, bool *any)
{
    if (i)
        str_add(list, ", ");
    if (value)
        str_add(list, value);
    *any = *any || value;
}

static bool parse_order(struct parser *p, const char **ret)
{
    *ret = NULL;
    if (parser_accept(p, "DESC"))
        *ret = "desc";
    else
        parser_accept(p, "ASC");
    return true;
}

/* The collation of a place in a key where it is not the column's own. */
static const char *own_collation(const struct parser *p, const char *column, const char *name)
{
    const struct column *c = table_named_column(p->table, column);
    return name ? collation_of_key(p->ctx, name, c ? c->collation : NULL) : NULL;
}

/* (a COLLATE x DESC, b without the closing bracket: AUTOINCREMENT may stand before it */
static bool parse_key_columns(struct parser *p, struct constraint *k)
{
    struct str orders = STR(p->ctx), collations = STR(p->ctx);
    bool any_order = false, any_collation = false;
    if (!parser_expect_op(p, "("))
        return false;
    do {
        const char *name, *order, *collation = NULL;
        if (!parser_name(p, &name) || (parser_accept(p, "COLLATE") && !parser_name(p, &collation)) ||
            !parse_order(p, &order))
            return false;
        add_place(&orders, order, k->columns.n, &any_order);
        add_place(&collations, own_collation(p, name, collation), k->columns.n, &any_collation);
        vec_add(p->ctx, &k->columns, name);
    } while (parser_accept_op(p, ","));
    if (any_order)
        set_option(p, &k->options, "order", str_get(&orders));
    if (any_collation)
        set_option(p, &k->options, "collate", str_get(&collations));
    return true;
}

static bool add_key(struct parser *p, struct constraint *k)
{
    vec_add(p->ctx, &p->keys, k);
    if (k->kind == CONSTRAINT_UNIQUE) {
        vec_add(p->ctx, &p->table->uniques, k);
        return true;
    }
    if (p->table->primary_key)
        return parser_unknown(p);
    p->table->primary_key = k;
    return true;
}

static bool parse_autoincrement(struct parser *p, struct constraint *k)
{
    struct column *c = k->columns.n == 1 ? table_column(p->table, k->columns.v[0]) : NULL;
    if (!parser_accept(p, "AUTOINCREMENT"))
        return true;
    if (!c)
        return parser_unknown(p);
    set_option(p, &c->options, "autoincrement", "true");
    return true;
}

static bool parse_primary_key(struct parser *p, struct column *c)
{
    const char *order;
    parser_next(p);
    struct constraint *k = new_constraint(p, CONSTRAINT_PRIMARY_KEY, c);
    if (!parser_expect(p, "KEY"))
        return false;
    if (c) {
        parse_order(p, &order);
        if (order)
            set_option(p, &k->options, "order", order);
        return parse_conflict(p, &k->options) && parse_autoincrement(p, k) && add_key(p, k);
    }
    p->key_behind = true;
    return parse_key_columns(p, k) && parse_autoincrement(p, k) && parser_expect_op(p, ")") &&
           parse_conflict(p, &k->options) && add_key(p, k);
}

static bool parse_unique(struct parser *p, struct column *c)
{
    parser_next(p);
    struct constraint *k = new_constraint(p, CONSTRAINT_UNIQUE, c);
    if (!c && (!parse_key_columns(p, k) || !parser_expect_op(p, ")")))
        return false;
    return parse_conflict(p, &k->options) && add_key(p, k);
}

/* ---- references -------------------------------------------------------------------------------------- */

static bool parse_action(struct parser *p, int *ret)
{
    static const struct {
        const char *first, *second;
        int action;
    } actions[] = {{"SET", "NULL", FK_SET_NULL}, {"SET", "DEFAULT", FK_SET_DEFAULT},
        {"CASCADE", NULL, FK_CASCADE}, {"RESTRICT", NULL, FK_RESTRICT}, {"NO", "ACTION", FK_NO_ACTION}};
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        struct parser saved = *p;
        if (parser_accept(p, actions[i].first) &&
            (!actions[i].second || parser_accept(p, actions[i].second))) {
            *ret = actions[i].action;
            return true;
        }
        *p = saved;
    }
    return parser_unknown(p);
}

/* SQLite accepts any name after MATCH and ignores it. */
static bool parse_match(struct parser *p, struct constraint *k)
{
    const char *name;
    if (!parser_name(p, &name))
        return false;
    k->match = str_eq_ci(name, "full")      ? FK_MATCH_FULL
               : str_eq_ci(name, "partial") ? FK_MATCH_PARTIAL
                                            : FK_MATCH_SIMPLE;
    return true;
}

static bool parse_deferrable(struct parser *p, struct constraint *k, bool deferrable)
{
    bool deferred = false;
    parser_next(p);
    if (parser_accept(p, "INITIALLY")) {
        deferred = parser_accept(p, "DEFERRED");
        if (!deferred && !parser_expect(p, "IMMEDIATE"))
            return false;
    }
    k->deferrable = deferrable;
    k->initially_deferred = deferrable && deferred;
    return true;
}

/* NOT DEFERRABLE; another NOT belongs to the column's next constraint. */
static bool at_not_deferrable(const struct parser *p)
{
    const char *at = p->at;
    struct token after = token_read(&at);
    return parser_at(p, "NOT") && token_is(&after, "DEFERRABLE");
}

static bool parse_reference_options(struct parser *p, struct constraint *k)
{
    int ignored;
    for (;;) {
        bool ok = true;
        if (at_not_deferrable(p)) {
            parser_next(p);
            ok = parse_deferrable(p, k, false);
        } else if (parser_at(p, "DEFERRABLE")) {
            ok = parse_deferrable(p, k, true);
        } else if (parser_accept(p, "MATCH")) {
            ok = parse_match(p, k);
        } else if (parser_accept(p, "ON")) {
            if (parser_accept(p, "INSERT")) /* in the grammar, without effect */
                ok = parse_action(p, &ignored);
            else if (parser_accept(p, "DELETE"))
                ok = parse_action(p, &k->on_delete);
            else
                ok = parser_expect(p, "UPDATE") && parse_action(p, &k->on_update);
        } else {
            return true;
        }
        if (!ok)
            return false;
    }
}

static bool parse_references(struct parser *p, struct constraint *k)
{
    if (!parser_expect(p, "REFERENCES") || !parser_name(p, &k->references.name))
        return false;
    if (token_op(&p->token, "(") && !parser_names(p, &k->referred_columns))
        return false;
    if (!parse_reference_options(p, k))
        return false;
    vec_add(p->ctx, &p->table->foreign_keys, k);
    return true;
}

static bool parse_column_references(struct parser *p, struct column *c)
{
    return parse_references(p, new_constraint(p, CONSTRAINT_FOREIGN_KEY, c));
}

static bool parse_foreign_key(struct parser *p)
{
    struct constraint *k = new_constraint(p, CONSTRAINT_FOREIGN_KEY, NULL);
    parser_next(p);
    return parser_expect(p, "KEY") && parser_names(p, &k->columns) && parse_references(p, k);
}

/* ---- the others -------------------------------------------------------------------------------------- */

static bool parse_check(struct parser *p, ATTR_UNUSED struct column *c)
{
    struct span text;
    struct constraint *k = new_constraint(p, CONSTRAINT_CHECK, NULL);
    parser_next(p);
    if (!parser_brackets(p, &text) || !parse_conflict(p, &k->options))
        return false;
    k->check.native = parser_text(p, text, true);
    vec_add(p->ctx, &p->table->checks, k);
    return true;
}

static bool parse_not_null(struct parser *p, struct column *c)
{
    take_name(p); /* it is reflected nowhere, and the table's text keeps it */
    if (at_not_deferrable(p) || !parser_accept(p, "NOT"))
        return parser_unknown(p);
    c->nullable = false;
    return parser_expect(p, "NULL") && parse_conflict(p, &c->options);
}

static bool parse_null(struct parser *p, ATTR_UNUSED struct column *c)
{
    struct options *ignored = NULL;
    take_name(p);
    parser_next(p);
    return parse_conflict(p, &ignored);
}

/* SQLite takes a quoted name for a string. Most bare words are strings as well, and stay unchanged. */
static const char *word_default(struct parser *p)
{
    struct token t = p->token;
    struct str out = STR(p->ctx);
    parser_next(p);
    if (t.kind != TOKEN_QUOTED)
        return text_canonical(p->ctx, t.s, t.n, false);
    str_addc(&out, '\'');
    for (const char *c = token_name(&p->ctx->arena, &t); *c; c++) {
        if (*c == '\'')
            str_addc(&out, '\'');
        str_addc(&out, *c);
    }
    str_addc(&out, '\'');
    return str_get(&out);
}

static bool parse_default(struct parser *p, struct column *c)
{
    struct span text;
    take_name(p);
    parser_next(p);
    c->dflt.kind = VALUE_SQL;
    if (token_op(&p->token, "(")) {
        if (!parser_brackets(p, &text))
            return false;
        c->dflt.expr.native = parser_text(p, text, true);
        return true;
    }
    const char *sign = token_op(&p->token, "-") ? "-" : token_op(&p->token, "+") ? "+" : "";
    if (*sign)
        parser_next(p);
    if (p->token.kind == TOKEN_END || p->token.kind == TOKEN_OPERATOR || p->token.kind == TOKEN_BAD)
        return parser_unknown(p);
    c->dflt.expr.native = ctx_printf(p->ctx, "%s%s", sign, word_default(p));
    return true;
}

static bool parse_collate(struct parser *p, struct column *c)
{
    const char *name;
    take_name(p);
    parser_next(p);
    if (!parser_name(p, &name))
        return false;
    c->collation = collation_canonical(p->ctx, name);
    return true;
}

static bool parse_generated(struct parser *p, struct column *c)
{
    struct span text;
    take_name(p);
    if (parser_accept(p, "GENERATED") && !parser_expect(p, "ALWAYS"))
        return false;
    if (!parser_expect(p, "AS") || !parser_brackets(p, &text))
        return false;
    c->generated = ctx_new(p->ctx, struct generated);
    c->generated->expr.native = parser_text(p, text, true);
    c->generated->stored = parser_accept(p, "STORED");
    if (!c->generated->stored)
        parser_accept(p, "VIRTUAL");
    return true;
}

/* DEFERRABLE may be separate from its REFERENCES. */
static bool parse_late_deferrable(struct parser *p, ATTR_UNUSED struct column *c)
{
    struct constraints *keys = &p->table->foreign_keys;
    bool no = parser_accept(p, "NOT");
    if (!keys->n)
        return parser_unknown(p);
    p->constraint = keys->v[keys->n - 1];
    return parse_deferrable(p, p->constraint, !no);
}

struct column_row {
    const char *word;
    bool (*parse)(struct parser *p, struct column *c);
    enum part_kind part;
    enum column_clause clause;
};
static const struct column_row column_rows[] = {
    {"PRIMARY", parse_primary_key, PART_CLAUSE, CLAUSE_KEY},
    {"NOT", parse_not_null, PART_CLAUSE, CLAUSE_NOT_NULL},
    {"NULL", parse_null, .part = PART_NULL},
    {"UNIQUE", parse_unique, .part = PART_CONSTRAINT},
    {"CHECK", parse_check, .part = PART_CONSTRAINT},
    {"DEFAULT", parse_default, PART_CLAUSE, CLAUSE_DEFAULT},
    {"COLLATE", parse_collate, PART_CLAUSE, CLAUSE_COLLATE},
    {"REFERENCES", parse_column_references, .part = PART_CONSTRAINT},
    {"GENERATED", parse_generated, PART_CLAUSE, CLAUSE_GENERATED},
    {"AS", parse_generated, PART_CLAUSE, CLAUSE_GENERATED},
    {"DEFERRABLE", parse_late_deferrable, .part = PART_CONSTRAINT},
};

static const struct column_row *find_row(const struct parser *p)
{
    const char *word = at_not_deferrable(p) ? "DEFERRABLE" : NULL;
    for (size_t i = 0; i < COUNT_OF(column_rows); i++)
        if (word ? str_eq(word, column_rows[i].word) : parser_at(p, column_rows[i].word))
            return &column_rows[i];
    return NULL;
}

bool parser_column_constraint(struct parser *p, struct column *c, struct part *ret_part)
{
    *ret_part = (struct part){.kind = PART_NAME};
    if (parser_accept(p, "CONSTRAINT"))
        return parser_name(p, &p->name);
    const struct column_row *row = find_row(p);
    if (!row)
        return parser_unknown(p);
    if (!row->parse(p, c))
        return false;
    *ret_part = (struct part){.kind = row->part, .clause = row->clause, .constraint = p->constraint};
    return true;
}

bool parser_table_constraint(struct parser *p)
{
    if (parser_accept(p, "CONSTRAINT"))
        return parser_name(p, &p->name);
    if (parser_at(p, "PRIMARY"))
        return parse_primary_key(p, NULL);
    if (parser_at(p, "UNIQUE"))
        return parse_unique(p, NULL);
    if (parser_at(p, "CHECK"))
        return parse_check(p, NULL);
    if (parser_at(p, "FOREIGN"))
        return parse_foreign_key(p);
    return parser_unknown(p);
}
