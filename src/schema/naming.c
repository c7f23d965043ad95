/* Names for objects without a name. */

#include "cmig/dialect.h"

#include <ctype.h>

/* What the tokens of a pattern stand for. */
struct naming_subject {
    const struct table *table;
    const char *name; /* {name}: of a check, its column or its number */
    struct strings columns;
    const struct qname *referred;
    const struct strings *referred_columns;
    const char *text; /* all that tells it from others, for {hash} */
};

static const char *const builtin[] = {
    [CONSTRAINT_PRIMARY_KEY] = "pk_{table}",
    [CONSTRAINT_UNIQUE] = "uq_{table}_{columns}",
    [CONSTRAINT_CHECK] = "ck_{table}_{name}",
    [CONSTRAINT_FOREIGN_KEY] = "fk_{table}_{columns}_{referred_table}",
    [CONSTRAINT_EXCLUDE] = "ex_{table}_{columns}",
};
static const char builtin_index[] = "ix_{table}_{columns}";

/* NULL: the dialect allows no name, and no pattern was set. */
static const char *pattern_of(
    const struct naming *naming, const struct dialect *dialect, enum constraint_kind kind)
{
    const char *own = NULL;

    switch (kind) {
    case CONSTRAINT_PRIMARY_KEY:
        own = naming ? naming->primary_key : NULL;
        break;
    case CONSTRAINT_UNIQUE:
        own = naming ? naming->unique : NULL;
        break;
    case CONSTRAINT_CHECK:
        own = naming ? naming->check : NULL;
        break;
    case CONSTRAINT_FOREIGN_KEY:
        own = naming ? naming->foreign_key : NULL;
        break;
    case CONSTRAINT_EXCLUDE:
        break;
    }
    if (!own && dialect->has.unnamed)
        return NULL;
    return own ? own : builtin[kind];
}

/* ---- tokens ------------------------------------------------------------------------------------------- */

static const char *token_table(struct arena *a, const struct naming_subject *s)
{
    (void)a;
    return s->table->name.name;
}

static const char *token_schema(struct arena *a, const struct naming_subject *s)
{
    (void)a;
    return s->table->name.schema ? s->table->name.schema : "";
}

static const char *token_columns(struct arena *a, const struct naming_subject *s)
{
    return strings_join(a, &s->columns, "_");
}

static const char *token_column(struct arena *a, const struct naming_subject *s)
{
    (void)a;
    return s->columns.n ? s->columns.v[0] : "";
}

static const char *token_name(struct arena *a, const struct naming_subject *s)
{
    return s->name ? s->name : token_columns(a, s);
}

static const char *token_referred_table(struct arena *a, const struct naming_subject *s)
{
    (void)a;
    return s->referred ? s->referred->name : "";
}

static const char *token_referred_schema(struct arena *a, const struct naming_subject *s)
{
    (void)a;
    return s->referred && s->referred->schema ? s->referred->schema : "";
}

static const char *token_referred_columns(struct arena *a, const struct naming_subject *s)
{
    return s->referred_columns ? strings_join(a, s->referred_columns, "_") : "";
}

static const char *token_referred_column(struct arena *a, const struct naming_subject *s)
{
    (void)a;
    return s->referred_columns && s->referred_columns->n ? s->referred_columns->v[0] : "";
}

static const char *token_hash(struct arena *a, const struct naming_subject *s)
{
    return arena_printf(a, "%08x", (unsigned)hash_bytes(s->text, strlen(s->text)));
}

struct token {
    const char *name;
    const char *(*text)(struct arena *a, const struct naming_subject *s);
};
static const struct token tokens[] = {
    {"table", token_table},
    {"schema", token_schema},
    {"columns", token_columns},
    {"column", token_column},
    {"column_0", token_column},
    {"name", token_name},
    {"referred_table", token_referred_table},
    {"referred_schema", token_referred_schema},
    {"referred_columns", token_referred_columns},
    {"referred_column", token_referred_column},
    {"referred_column_0", token_referred_column},
    {"hash", token_hash},
};

static bool fail_token(struct ctx *ctx, const char *pattern, const char *token, size_t n)
{
    struct strings names = {0};
    const char *word = arena_strndup(&ctx->arena, token, n), *near;

    for (size_t i = 0; i < COUNT_OF(tokens); i++)
        vec_add(ctx, &names, tokens[i].name);
    near = str_nearest(word, names.v, names.n);
    fail(ctx, STATUS_CONFIG, "naming pattern '%s': unknown token '{%s}'", pattern, word);
    if (near)
        return fail_hint(ctx, "Did you mean '{%s}'?", near);
    return fail_hint(ctx, "Expected one of {%s}.", strings_join(&ctx->arena, &names, "}, {"));
}

static bool add_token(struct ctx *ctx, struct str *out, const char *pattern, const char *token, size_t n,
    const struct naming_subject *s)
{
    for (size_t i = 0; i < COUNT_OF(tokens); i++)
        if (strlen(tokens[i].name) == n && strncmp(tokens[i].name, token, n) == 0) {
            str_add(out, tokens[i].text(&ctx->arena, s));
            return true;
        }
    return fail_token(ctx, pattern, token, n);
}

static bool expand(struct ctx *ctx, const char *pattern, const struct naming_subject *s, const char **ret)
{
    struct str out = STR(ctx);

    for (const char *p = pattern; *p;) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;

        if (*p != '{') {
            str_addc(&out, *p++);
            continue;
        }
        if (!end)
            return fail(ctx, STATUS_CONFIG, "naming pattern '%s': no '}' for a '{'", pattern);
        if (!add_token(ctx, &out, pattern, p + 1, (size_t)(end - p - 1), s))
            return false;
        p = end + 1;
    }
    *ret = str_get(&out);
    return true;
}

/* Alembic's spelling would be used literally. */
static bool refuse_alembics(struct ctx *ctx, const char *pattern)
{
    static const char *const spellings[][2] = {
        {"table_name", "table"},
        {"column_0_name", "column_0"},
        {"column_0_key", "column_0"},
        {"column_0_label", "table}_{column_0"},
        {"column_0_N_name", "columns"},
        {"column_0N_name", "columns"},
        {"referred_table_name", "referred_table"},
        {"referred_column_0_name", "referred_column_0"},
        {"constraint_name", "name"},
    };
    const char *token = strstr(pattern, "%("), *end = token ? strstr(token, ")s") : NULL;

    if (!end)
        return true;
    fail(ctx, STATUS_CONFIG, "naming pattern '%s': '%.*s' is not one of cmig's tokens", pattern,
        (int)(end - token + 2), token);
    for (size_t i = 0; i < COUNT_OF(spellings); i++)
        if (str_eq(arena_strndup(&ctx->arena, token + 2, (size_t)(end - token - 2)), spellings[i][0]))
            return fail_hint(ctx, "Write {%s}.", spellings[i][1]);
    return fail_hint(ctx, "cmig.yaml(5) compares the tokens with Alembic's.");
}

bool naming_check(struct ctx *ctx, const char *pattern)
{
    static const struct table any = {.name = {.name = "t"}};
    const struct naming_subject s = {.table = &any, .text = ""};
    const char *name;

    if (!*pattern)
        return fail(ctx, STATUS_CONFIG, "a naming pattern cannot be empty");
    return refuse_alembics(ctx, pattern) && expand(ctx, pattern, &s, &name);
}

/* ---- what is named ------------------------------------------------------------------------------------ */

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static const char *expr_text(const struct expr *e, const struct dialect *dialect)
{
    const char *text = dtext_for(&e->sql, dialect->name);

    text = text ? text : e->native;
    return text ? text : "";
}

/* The words of an expression: "lower(email)" gives "lower_email". */
static const char *expr_words(struct ctx *ctx, const char *sql)
{
    struct str b = STR(ctx);

    for (const char *p = sql; *p; p++) {
        if (word_char(*p))
            str_addc(&b, *p);
        else if (b.n && b.s[b.n - 1] != '_' && word_char(p[1]))
            str_addc(&b, '_');
    }
    return b.n ? str_get(&b) : "expr";
}

static void parts_names(
    struct ctx *ctx, const struct dialect *dialect, const struct index_parts *parts, struct strings *ret)
{
    vec_each(i, parts) {
        const struct index_part *p = parts->v[i];

        vec_add(ctx, ret, p->column ? p->column : expr_words(ctx, expr_text(&p->expr, dialect)));
    }
}

static bool mentions(const char *sql, const char *column)
{
    size_t n = strlen(column);

    for (const char *p = strstr(sql, column); p; p = strstr(p + 1, column))
        if ((p == sql || !word_char(p[-1])) && !word_char(p[n]))
            return true;
    return false;
}

/* A check is named after its only column, or else by its position among the table's checks. */
static const char *check_name(
    struct ctx *ctx, const struct dialect *dialect, const struct table *t, const struct constraint *c)
{
    const char *sql = expr_text(&c->check, dialect), *column = NULL;
    size_t found = 0, number = 0;

    vec_each(i, &t->columns)
        if (mentions(sql, t->columns.v[i]->name)) {
            column = t->columns.v[i]->name;
            found++;
        }
    if (found == 1)
        return column;
    while (number < t->checks.n && t->checks.v[number] != c)
        number++;
    return ctx_printf(ctx, "%zu", number + 1);
}

/* ---- names that fit ----------------------------------------------------------------------------------- */

/* The longest piece of at most n bytes that does not end within a character. */
static size_t utf8_cut(const char *s, size_t n)
{
    while (n && ((unsigned char)s[n] & 0xc0) == 0x80)
        n--;
    return n;
}

/* Cut to the dialect's limit with room for the suffix; truncated names differ by their hash. */
static const char *fitted(
    struct ctx *ctx, const struct dialect *dialect, const char *name, const char *suffix)
{
    size_t n = strlen(name), room = dialect->name_max;
    char hash[10];

    if (!room || n + strlen(suffix) <= room)
        return ctx_printf(ctx, "%s%s", name, suffix);
    snprintf(hash, sizeof(hash), "_%08x", (unsigned)hash_bytes(name, n));
    room = utf8_cut(name, room - strlen(hash) - strlen(suffix));
    return ctx_printf(ctx, "%.*s%s%s", (int)room, name, hash, suffix);
}

/* Names with a dot are hashed, too: "a.b" and "c", and "a" and "b.c", must not give the same. */
const char *on_update_name(
    struct ctx *ctx, const struct dialect *dialect, const char *table, const char *column)
{
    const char *name = ctx_printf(ctx, "%s.%s", table, column);

    if (strchr(table, '.') || strchr(column, '.'))
        name = ctx_printf(ctx, "%s_%08x", name, (unsigned)hash_bytes(table, strlen(table)));
    return fitted(ctx, dialect, name, ON_UPDATE_SUFFIX);
}

static bool same_name(const struct dialect *dialect, const char *a, const char *b)
{
    return a && (dialect->has.folded_names ? str_eq_ci(a, b) : str_eq(a, b));
}

static bool is_taken(const struct dialect *dialect, const struct table *t, const char *name)
{
    const struct constraint *c;
    size_t state = 0;

    while ((c = table_next_constraint(t, &state)))
        if (same_name(dialect, c->name, name))
            return true;
    vec_each(i, &t->indexes)
        if (same_name(dialect, t->indexes.v[i]->name, name))
            return true;
    return false;
}

static bool name_make(struct ctx *ctx, const struct dialect *dialect, const char *pattern,
    const struct naming_subject *s, const char **ret)
{
    const char *full, *name;

    if (!expand(ctx, pattern, s, &full))
        return false;
    name = fitted(ctx, dialect, full, "");
    for (unsigned i = 1; is_taken(dialect, s->table, name); i++)
        name = fitted(ctx, dialect, full, ctx_printf(ctx, "_%u", i));
    *ret = name;
    return true;
}

bool schema_name_constraint(struct ctx *ctx, const struct naming *naming, const struct dialect *dialect,
    const struct table *table, struct constraint *c)
{
    struct naming_subject s = {.table = table, .columns = c->columns};
    const char *pattern = pattern_of(naming, dialect, c->kind);

    if (c->name || !pattern)
        return true;
    if (c->kind == CONSTRAINT_EXCLUDE)
        parts_names(ctx, dialect, &c->parts, &s.columns);
    if (c->kind == CONSTRAINT_CHECK)
        s.name = check_name(ctx, dialect, table, c);
    if (c->kind == CONSTRAINT_FOREIGN_KEY) {
        s.referred = &c->references;
        s.referred_columns = &c->referred_columns;
    }
    s.text = ctx_printf(ctx, "%s:%s:%s:%s:%s", constraint_kind_names[c->kind], table->name.name,
        token_columns(&ctx->arena, &s), s.referred ? s.referred->name : "", expr_text(&c->check, dialect));
    return name_make(ctx, dialect, pattern, &s, &c->name);
}

bool schema_name_index(struct ctx *ctx, const struct naming *naming, const struct dialect *dialect,
    const struct table *table, struct index *index)
{
    struct naming_subject s = {.table = table};

    if (index->name)
        return true;
    parts_names(ctx, dialect, &index->parts, &s.columns);
    s.text = ctx_printf(ctx, "index:%s:%s:%s", table->name.name, token_columns(&ctx->arena, &s),
        expr_text(&index->where, dialect));
    return name_make(ctx, dialect, naming && naming->index ? naming->index : builtin_index, &s, &index->name);
}
