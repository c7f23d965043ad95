/* Parses the CREATE TABLE, CREATE INDEX and CREATE VIEW of sqlite_schema. */
#include "dialect/sqlite/parser.h"

/* ---- columns ----------------------------------------------------------------------------------------- */

/* What may follow a column's type. */
static bool at_column_constraint(const struct parser *p)
{
    static const char *const words[] = {
        "CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "AS"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (parser_at(p, words[i]))
            return true;
    const char *at = p->at;
    struct token after = token_read(&at);
    return parser_at(p, "GENERATED") && token_is(&after, "ALWAYS");
}

static bool at_type_word(const struct parser *p)
{
    enum token_kind kind = p->token.kind;
    return (kind == TOKEN_WORD || kind == TOKEN_QUOTED || kind == TOKEN_STRING) && !at_column_constraint(p);
}

/* 10 or 10, -2 */
static bool are_numbers(struct parser *p, struct span s)
{
    struct tokens t;
    size_t numbers = 0;
    tokens_read(p->ctx, s.s, s.n, &t);
    vec_each(i, &t) {
        if (t.v[i].kind == TOKEN_NUMBER)
            numbers++;
        else if (!token_op(&t.v[i], "-") && !token_op(&t.v[i], "+") && !(token_op(&t.v[i], ",") && i))
            return false;
    }
    return numbers == 1 || numbers == 2;
}

/* Several words, and one or two numbers in brackets: DOUBLE PRECISION, NUMERIC(10, 2). */
static bool spell_type(struct parser *p, const char **ret)
{
    struct str out = STR(p->ctx);
    struct span size;
    while (at_type_word(p)) {
        if (out.n)
            str_addc(&out, ' ');
        str_add(&out, token_name(&p->ctx->arena, &p->token));
        parser_next(p);
    }
    if (out.n && token_op(&p->token, "(")) {
        if (!parser_brackets(p, &size) || !are_numbers(p, size))
            return parser_unknown(p);
        str_addf(&out, "(%s)", parser_text(p, size, false));
    }
    *ret = out.n ? text_upper(p->ctx, str_get(&out)) : "";
    return true;
}

const char *type_canonical(struct ctx *ctx, const char *text)
{
    struct parser p;
    const char *type = NULL;
    parser_begin(&p, ctx, text);
    return spell_type(&p, &type) && p.token.kind == TOKEN_END ? type : NULL;
}

/* A schema has few types and many columns: each spelling is worked out once. */
static bool parse_type(struct parser *p, const char **ret)
{
    const char *start = p->token.s;
    struct span size;
    if (!at_type_word(p)) {
        *ret = "";
        return true;
    }
    while (at_type_word(p))
        parser_next(p);
    if (token_op(&p->token, "(") && !parser_brackets(p, &size))
        return parser_unknown(p);
    size_t n = (size_t)(p->end - start);
    if (p->types && (*ret = map_getn(p->types, start, n)))
        return true;
    const char *text = arena_strndup(&p->ctx->arena, start, n);
    *ret = type_canonical(p->ctx, text);
    if (p->types && *ret)
        map_set(p->types, text, (void *)(uintptr_t)*ret);
    return *ret || parser_unknown(p);
}

/* Where a part is, up to the end of the last token. */
static void add_part(struct parser *p, struct item *item, struct part part, const char *from)
{
    part.from = from;
    part.to = p->end;
    if (p->layout && part.to > part.from)
        vec_add(p->ctx, &item->parts, part);
}

static void add_item(struct parser *p, const struct item *item)
{
    struct item *copy = p->layout ? ctx_new(p->ctx, struct item) : NULL;
    if (!copy)
        return;
    *copy = *item;
    copy->to = p->end;
    copy->comma = token_op(&p->token, ",") ? p->token.s : NULL;
    vec_add(p->ctx, &p->layout->items, copy);
}

static bool parse_column(struct parser *p)
{
    struct column *c = ctx_new(p->ctx, struct column);
    struct item item = {.column = c, .from = p->token.s};
    c->nullable = true;
    if (!parser_name(p, &c->name))
        return false;
    item.name_to = p->end;
    const char *from = p->token.s;
    if (!parse_type(p, &c->native))
        return false;
    add_part(p, &item, (struct part){.kind = PART_TYPE}, from);
    vec_add(p->ctx, &p->table->columns, c);
    from = p->token.s;
    while (!token_op(&p->token, ",") && !token_op(&p->token, ")")) {
        struct part part;
        if (!parser_column_constraint(p, c, &part))
            return false;
        if (part.kind == PART_NAME)
            continue;
        add_part(p, &item, part, from);
        from = p->token.s;
    }
    p->name = NULL;
    add_item(p, &item);
    return true;
}

static bool at_table_constraint(const struct parser *p)
{
    return parser_at(p, "CONSTRAINT") || parser_at(p, "PRIMARY") || parser_at(p, "UNIQUE") ||
           parser_at(p, "CHECK") || parser_at(p, "FOREIGN");
}

/* Commas between the table's constraints may be missing. */
static bool parse_table_constraints(struct parser *p)
{
    const char *from = p->token.s;
    while (!token_op(&p->token, ")")) {
        if (!parser_table_constraint(p))
            return false;
        if (p->name && !token_op(&p->token, ",")) /* CONSTRAINT name */
            continue;
        p->name = NULL;
        add_item(p, &(struct item){.constraint = p->constraint, .from = from});
        parser_accept_op(p, ",");
        from = p->token.s;
    }
    return true;
}

static bool parse_body(struct parser *p)
{
    if (!parser_expect_op(p, "("))
        return false;
    if (p->layout)
        p->layout->open = p->end;
    do {
        if (at_table_constraint(p))
            break;
        if (!parse_column(p))
            return false;
    } while (parser_accept_op(p, ","));
    if (!parse_table_constraints(p))
        return false;
    if (p->layout)
        p->layout->close = p->token.s;
    return parser_expect_op(p, ")");
}

/* ---- the table --------------------------------------------------------------------------------------- */

static void set_option(struct ctx *ctx, struct options **o, const char *key, const char *value)
{
    if (!*o)
        *o = ctx_new(ctx, struct options);
    options_set(ctx, *o, "sqlite", key, value);
}

static void set_flag(struct ctx *ctx, struct options **o, const char *key)
{
    set_option(ctx, o, key, "true");
}

static bool parse_table_options(struct parser *p)
{
    while (p->token.kind != TOKEN_END && !token_op(&p->token, ";")) {
        if (parser_accept(p, "STRICT"))
            set_flag(p->ctx, &p->table->options, "strict");
        else if (parser_expect(p, "WITHOUT") && parser_expect(p, "ROWID"))
            set_flag(p->ctx, &p->table->options, "without_rowid");
        else
            return false;
        parser_accept_op(p, ",");
    }
    return true;
}

const char *collation_canonical(struct ctx *ctx, const char *name)
{
    static const char *const built_in[] = {"NOCASE", "RTRIM"};
    for (size_t i = 0; name && i < COUNT_OF(built_in); i++)
        if (str_eq_ci(name, built_in[i]))
            return built_in[i];
    return !name || str_eq_ci(name, "binary") ? NULL : ctx_strdup(ctx, name);
}

const char *collation_of_key(struct ctx *ctx, const char *name, const char *of_column)
{
    const char *wanted = collation_canonical(ctx, name), *own = collation_canonical(ctx, of_column);
    if (wanted && own ? str_eq_ci(wanted, own) : wanted == own)
        return NULL;
    return wanted ? wanted : "BINARY";
}

bool type_is_rowid(const char *native)
{
    return native && str_eq_ci(native, "INTEGER");
}

bool table_flag(const struct table *t, const char *key)
{
    return t && t->options && str_eq(options_get(t->options, "sqlite", key), "true");
}

struct column *table_named_column(const struct table *table, const char *name)
{
    for (size_t i = 0; table && i < table->columns.n; i++)
        if (str_eq_ci(table->columns.v[i]->name, name))
            return table->columns.v[i];
    return NULL;
}

struct column *table_rowid_alias(const struct table *t)
{
    const struct constraint *k = t->primary_key;
    if (!k || k->columns.n != 1 || table_flag(t, "without_rowid"))
        return NULL;
    struct column *c = table_named_column(t, k->columns.v[0]);
    if (!c || !type_is_rowid(c->native) || (k->options && options_get(k->options, "sqlite", "order")))
        return NULL;
    return c;
}

/* A column's own spelling in place of the one in a key: they may differ in case. */
static void settle_names(const struct table *t, struct strings *names)
{
    vec_each(i, names)
        vec_each(k, &t->columns)
            if (str_eq_ci(names->v[i], t->columns.v[k]->name))
                names->v[i] = t->columns.v[k]->name;
}

/* PRIMARY KEY (id DESC) after the columns still makes an INTEGER the rowid; the order has no effect. */
static void forget_order(struct constraint *k)
{
    for (size_t i = 0; k->options && i < k->options->n; i++)
        if (str_eq(k->options->v[i].key, "order")) {
            vec_remove(k->options, i);
            break;
        }
    if (k->options && !k->options->n)
        k->options = NULL;
}

/* An INTEGER PRIMARY KEY is never null, with NOT NULL or without; the spelling is kept as an option. Where
 * there is no rowid, and in STRICT tables, no column of the key is null. */
static void settle_key(struct parser *p)
{
    struct table *t = p->table;
    struct constraint *k = t->primary_key;
    if (p->key_behind && k->columns.n == 1 && !table_flag(t, "without_rowid")) {
        const struct column *c = table_named_column(t, k->columns.v[0]);
        if (c && type_is_rowid(c->native))
            forget_order(k);
    }
    struct column *alias = table_rowid_alias(t);
    if (alias) { /* whether NOT NULL is spelled out makes no difference */
        alias->nullable = false;
        return;
    }
    vec_each(i, &k->columns) {
        struct column *c = table_column(t, k->columns.v[i]);
        if (!c)
            continue;
        if (table_flag(t, "without_rowid") || table_flag(t, "strict"))
            c->nullable = false;
        if (k->columns.n == 1 && strstr(c->native, "INT"))
            c->autoincrement = TRI_FALSE;
    }
}

static void settle_strings(struct parser *p)
{
    struct table *t = p->table;
    vec_each(i, &t->columns)
        if (t->columns.v[i]->generated)
            t->columns.v[i]->generated->expr.native =
                text_with_strings(p->ctx, t, t->columns.v[i]->generated->expr.native);
    vec_each(i, &t->checks)
        t->checks.v[i]->check.native = text_with_strings(p->ctx, t, t->checks.v[i]->check.native);
}

static void settle_table(struct parser *p)
{
    struct table *t = p->table;
    struct constraint *c;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        settle_names(t, &c->columns);
    settle_strings(p);
    if (t->primary_key)
        settle_key(p);
}

static bool parse_create_table(struct parser *p)
{
    if (!parser_expect(p, "CREATE"))
        return false;
    if (!parser_accept(p, "TEMP"))
        parser_accept(p, "TEMPORARY");
    if (!parser_expect(p, "TABLE"))
        return false;
    if (parser_accept(p, "IF") && (!parser_expect(p, "NOT") || !parser_expect(p, "EXISTS")))
        return false;
    const char *name = p->token.s;
    if (!parser_qname(p, &p->table->name.name))
        return false;
    if (p->layout) {
        p->layout->name = name;
        p->layout->name_to = p->end;
    }
    return parse_body(p) && parse_table_options(p);
}

static bool parse_whole_table(struct parser *p, struct parsed_table *ret, const char **ret_problem)
{
    p->table = ctx_new(p->ctx, struct table);
    if (!parse_create_table(p)) {
        *ret_problem = p->problem;
        return false;
    }
    settle_table(p);
    *ret = (struct parsed_table){.table = p->table, .keys = p->keys};
    return true;
}

bool parse_table(
    struct ctx *ctx, const char *sql, struct map *types, struct parsed_table *ret, const char **ret_problem)
{
    struct parser p;
    parser_begin(&p, ctx, sql);
    p.types = types;
    return parse_whole_table(&p, ret, ret_problem);
}

bool parse_layout(struct ctx *ctx, const char *sql, struct parsed_table *ret, struct layout *ret_layout,
    const char **ret_problem)
{
    struct parser p;
    parser_begin(&p, ctx, sql);
    *ret_layout = (struct layout){.text = sql};
    p.layout = ret_layout;
    return parse_whole_table(&p, ret, ret_problem);
}

/* ---- indexes ----------------------------------------------------------------------------------------- */

/* The tokens of one part, to the comma or bracket that ends it. */
static bool part_tokens(struct parser *p, struct tokens *ret)
{
    size_t depth = 0;
    for (;;) {
        struct token t = p->token;
        if (t.kind == TOKEN_END || t.kind == TOKEN_BAD)
            return parser_unknown(p);
        if (depth == 0 && (token_op(&t, ",") || token_op(&t, ")")))
            return ret->n > 0 || parser_unknown(p);
        depth += token_op(&t, "(");
        depth -= token_op(&t, ")");
        vec_add(p->ctx, ret, t);
        parser_next(p);
    }
}

static bool ends_with(struct tokens *t, const char *word)
{
    if (t->n < 2 || !token_is(&t->v[t->n - 1], word))
        return false;
    t->n--;
    return true;
}

static void parse_part_order(struct tokens *t, struct index_part *part)
{
    if (ends_with(t, "FIRST") && ends_with(t, "NULLS"))
        part->nulls = NULLS_FIRST;
    else if (ends_with(t, "LAST") && ends_with(t, "NULLS"))
        part->nulls = NULLS_LAST;
    if (ends_with(t, "DESC"))
        part->order = ORDER_DESC;
    else
        ends_with(t, "ASC");
}

static bool parse_part(struct parser *p, const struct table *table, struct index_part **ret)
{
    struct index_part *part = ctx_new(p->ctx, struct index_part);
    struct tokens t = {0};
    if (!part_tokens(p, &t))
        return false;
    parse_part_order(&t, part);
    if (t.n > 2 && token_is(&t.v[t.n - 2], "COLLATE")) {
        part->collation = token_name(&p->ctx->arena, &t.v[t.n - 1]);
        if (str_eq_ci(part->collation, "nocase") || str_eq_ci(part->collation, "rtrim"))
            part->collation = text_upper(p->ctx, part->collation);
        t.n -= 2;
    }
    if (t.n == 1) {
        const char *name = token_name(&p->ctx->arena, &t.v[0]);
        const struct column *c = table_named_column(table, name);
        part->column = c ? c->name : !table ? name : NULL;
    }
    if (!part->column) {
        const struct token *last = &t.v[t.n - 1];
        part->expr.native = text_canonical(p->ctx, t.v[0].s, (size_t)(last->s + last->n - t.v[0].s), false);
    }
    *ret = part;
    return true;
}

static bool parse_index_body(struct parser *p, const struct table *table, struct index *index)
{
    if (!parser_expect_op(p, "("))
        return false;
    do {
        struct index_part *part;
        if (!parse_part(p, table, &part))
            return false;
        vec_add(p->ctx, &index->parts, part);
    } while (parser_accept_op(p, ","));
    if (!parser_expect_op(p, ")"))
        return false;
    if (!parser_accept(p, "WHERE"))
        return p->token.kind == TOKEN_END || token_op(&p->token, ";") || parser_unknown(p);
    index->where.native = text_canonical(p->ctx, p->token.s, strlen(p->token.s), false);
    return true;
}

static void settle_index_strings(struct ctx *ctx, const struct table *table, struct index *index)
{
    vec_each(i, &index->parts)
        index->parts.v[i]->expr.native = text_with_strings(ctx, table, index->parts.v[i]->expr.native);
    index->where.native = text_with_strings(ctx, table, index->where.native);
}

bool parse_index(
    struct ctx *ctx, const char *sql, const struct table *table, struct index **ret, const char **ret_problem)
{
    struct parser p;
    const char *on;
    struct index *index = ctx_new(ctx, struct index);
    parser_begin(&p, ctx, sql);
    bool ok = parser_expect(&p, "CREATE");
    index->unique = parser_accept(&p, "UNIQUE");
    ok = ok && parser_expect(&p, "INDEX");
    if (ok && parser_accept(&p, "IF"))
        ok = parser_expect(&p, "NOT") && parser_expect(&p, "EXISTS");
    ok = ok && parser_qname(&p, &index->name) && parser_expect(&p, "ON") && parser_name(&p, &on) &&
         parse_index_body(&p, table, index);
    *ret_problem = p.problem;
    if (!ok)
        return false;
    if (table)
        settle_index_strings(ctx, table, index);
    *ret = index;
    return true;
}

/* ---- views ------------------------------------------------------------------------------------------- */

bool parse_view(struct ctx *ctx, const char *sql, struct view **ret, const char **ret_problem)
{
    struct parser p;
    struct view *view = ctx_new(ctx, struct view);
    parser_begin(&p, ctx, sql);
    bool ok = parser_expect(&p, "CREATE");
    if (!parser_accept(&p, "TEMP"))
        parser_accept(&p, "TEMPORARY");
    ok = ok && parser_expect(&p, "VIEW");
    if (ok && parser_accept(&p, "IF"))
        ok = parser_expect(&p, "NOT") && parser_expect(&p, "EXISTS");
    ok = ok && parser_qname(&p, &view->name.name);
    if (ok && token_op(&p.token, "("))
        ok = parser_names(&p, &view->columns);
    ok = ok && parser_expect(&p, "AS");
    *ret_problem = p.problem;
    if (!ok)
        return false;
    view->body.native = text_canonical(ctx, p.token.s, strlen(p.token.s), false);
    *ret = view;
    return true;
}
