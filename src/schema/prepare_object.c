/* Prepares objects that a model gives as SQL: which statement it is, and what it creates. */
#include "schema/prepare.h"

/* Without the end of a statement, and comments after it. */
static const char *trimmed(struct preparing *p, const char *sql)
{
    unsigned grammar = p->dialect->has.late_bodies ? p->dialect->grammar : SQL_ANY;
    size_t n = 0;

    for (const char *s = sql; *s;) {
        const struct sql_piece piece = sql_piece(s, grammar);

        s += piece.n;
        if (piece.kind != SQL_SPACE && piece.kind != SQL_COMMENT &&
            !(piece.kind == SQL_OTHER && *piece.s == ';'))
            n = (size_t)(s - sql);
    }
    /* A string whose end another mode of the server finds. */
    while (p->dialect->has.late_bodies && n && strchr(" \t\r\n;", sql[n - 1]))
        n--;
    return arena_strndup(&p->ctx->arena, sql, n);
}

/* Databases store no IF NOT EXISTS. */
static const char *without_condition(struct ctx *ctx, enum object_kind kind, const char *sql)
{
    size_t at, n;
    const char *found;

    if (!object_sql_name(kind, sql, &at, &n))
        return sql;
    for (found = sql; found < sql + at; found += sql_piece(found, SQL_ANY).n) {
        const struct sql_piece p = sql_piece(found, SQL_ANY);

        if (sql_piece_is(&p, "if"))
            return ctx_printf(ctx, "%.*s%s", (int)(found - sql), sql, sql + at);
    }
    return sql;
}

/* "a.b": its last part, as the database stores it but for the case of a bare word. */
static const char *last_part(struct ctx *ctx, const char *name, size_t n, bool *ret_quoted)
{
    const char *end = name + n;
    struct sql_piece p = {0};

    for (const char *s = name; s < end; s += p.n)
        p = sql_piece(s, SQL_ANY | SQL_BRACKETS);
    *ret_quoted = p.kind == SQL_QUOTED || p.kind == SQL_STRING;
    /* The signs of an operator are many pieces. */
    return *ret_quoted || p.kind == SQL_WORD ? sql_piece_text(&ctx->arena, &p)
                                             : arena_strndup(&ctx->arena, name, n);
}

/* At a byte of its SQL, which may be in a file. */
static bool fail_on_sql(
    struct preparing *p, enum object_kind kind, const struct object *o, const char *at, const char *what)
{
    const char *sql = dtext_for(&o->sql, p->dialect->name);
    const struct pos pos =
        sql_file_pos(&o->file, &o->sql, p->dialect->name, at ? (size_t)(at - sql) : 0, o->pos);

    fail_at(p->ctx, STATUS_CONFIG, pos, "%s '%s': %s", object_table[kind].name,
        object_text(&p->ctx->arena, o), what);
    if (pos.file != o->pos.file)
        fail_detail(p->ctx, "%sits file is named here", pos_text(&p->ctx->arena, o->pos));
    return false;
}

static bool fail_on_object(
    struct preparing *p, enum object_kind kind, const struct object *o, const char *what)
{
    return fail_at(p->ctx, STATUS_CONFIG, o->pos, "%s '%s': %s", object_table[kind].name,
        object_text(&p->ctx->arena, o), what);
}

/* "a.b": the part before the last, as the database stores it; NULL: there is none. */
static const char *schema_part(struct preparing *p, const char *name, size_t n)
{
    const struct sql_piece first = sql_piece(name, SQL_ANY | SQL_BRACKETS);
    const char *schema = sql_piece_text(&p->ctx->arena, &first);

    if (*sql_skip_space(name + first.n, SQL_ANY) != '.' || first.n >= n)
        return NULL;
    return first.kind == SQL_WORD ? str_lower(&p->ctx->arena, schema) : schema;
}

/* Without a schema the SQL creates it in the default one. */
static bool check_schema(
    struct preparing *p, enum object_kind kind, const struct object *o, const char *name, size_t n)
{
    const char *schema = p->dialect->has.schemas ? schema_part(p, name, n) : NULL;

    if (kind == OBJECT_OPERATOR || !p->dialect->has.schemas ||
        (object_table[kind].naming != NAMED_IN_SCHEMA && object_table[kind].naming != NAMED_BY_SIGNATURE))
        return true;
    if (schema && str_eq(schema, p->schema->default_schema))
        schema = NULL;
    if (str_eq(schema, o->name.schema) || !p->schema->default_schema)
        return true;
    fail_on_sql(p, kind, o, name,
        ctx_printf(p->ctx, "its SQL creates it in schema '%s'", schema ? schema : p->schema->default_schema));
    return fail_hint(p->ctx, "Use the same schema in the SQL and in the model.");
}

/* An object whose SQL creates another name would be reported as missing for ever. */
static bool check_statement(
    struct preparing *p, enum object_kind kind, const struct object *o, const char *sql)
{
    size_t at, n;
    bool quoted;
    const char *name;

    if (kind == OBJECT_CAST || kind == OBJECT_TRANSFORM)
        return true;
    if (!object_sql_name(kind, sql, &at, &n)) {
        fail_on_sql(p, kind, o, sql_skip_space(sql, SQL_ANY),
            ctx_printf(p->ctx, "its SQL must begin with CREATE %s", object_table[kind].name));
        return fail_hint(p->ctx, "Write the whole statement that creates it.");
    }
    name = last_part(p->ctx, sql + at, n, &quoted);
    if (!quoted && !p->dialect->has.folded_names && !p->dialect->has.written_names)
        name = str_lower(&p->ctx->arena, name);
    if (str_eq(name, o->name.name) || (kind == OBJECT_OPERATOR && str_ends(name, o->name.name)))
        return check_schema(p, kind, o, sql + at, n);
    fail_on_sql(p, kind, o, sql + at, ctx_printf(p->ctx, "its SQL creates '%s'", name));
    return fail_hint(p->ctx, "Use the same name in the SQL and in the model.");
}

/* ---- the text after the statement -------------------------------------------------------------------------- */

/* The semicolon after a statement, or the end of the text. Semicolons between BEGIN and END belong to the body. */
static const char *statement_end(const char *sql)
{
    int depth = 0, nested = 0;

    for (struct sql_piece p; (p = sql_piece(sql, SQL_ANY)).kind != SQL_END; sql += p.n) {
        depth += (*p.s == '(') - (*p.s == ')');
        if (sql_piece_is(&p, "begin") || (nested && sql_piece_is(&p, "case")))
            nested++;
        else if (nested && sql_piece_is(&p, "end"))
            nested--;
        else if (*p.s == ';' && !depth && !nested)
            break;
    }
    return sql;
}

/* The database prints with the object only ALTER, and COMMENT ON its columns; anything else would be a difference
 * for ever. */
static bool check_rest(struct preparing *p, enum object_kind kind, const struct object *o, const char *sql)
{
    for (const char *s = statement_end(sql); *s; s = statement_end(s)) {
        s = sql_skip_space(s + 1, SQL_ANY);
        const struct sql_piece first = sql_piece(s, SQL_ANY);
        size_t at, n;

        if (!*s || *s == ';' || sql_piece_is(&first, "alter") || object_altered_name(kind, s, &at, &n))
            continue;
        fail_on_sql(p, kind, o, s, "a second statement follows, which is not ALTER");
        return fail_hint(
            p->ctx, sql_piece_is(&first, "create")
                        ? "Give each object an entry of its own in the models, and a file of its own."
                        : "Remove it; comments, owners and grants are keys of the model.");
    }
    return true;
}

/* "int, varchar(20)" as "integer, character varying". */
static const char *signature_of(struct preparing *p, const char *text)
{
    struct arena *a = &p->ctx->arena;
    struct strings types = {0};
    int depth = 0;
    const char *start = text;

    if (!*text || str_eq(text, "*"))
        return text;
    for (const char *s = text;; s++) {
        depth += (*s == '(') - (*s == ')');
        if (*s && (*s != ',' || depth))
            continue;
        start += strspn(start, " \t\r\n");
        vec_push(a, &types, p->dialect->argument_type(p->ctx, arena_strndup(a, start, (size_t)(s - start))));
        start = s + 1;
        if (!*s)
            return strings_join(a, &types, ", ");
    }
}

static bool object_prepare(struct preparing *p, enum object_kind kind, struct object *o)
{
    const char *what = object_table[kind].name;

    if (!name_local(p, o->pos, what, &o->name) || !name_local(p, o->pos, what, &o->of))
        return false;
    if (object_table[kind].naming == NAMED_BY_SIGNATURE && p->dialect->argument_type)
        o->signature = signature_of(p, o->signature);
    object_make_key(&p->ctx->arena, kind, o);
    if (!object_table[kind].has_sql)
        return true;
    const char *sql = dtext_for(&o->sql, p->dialect->name);
    if (!*sql_skip_space(sql, SQL_ANY))
        return fail_on_object(p, kind, o, "its SQL is empty");
    if (!check_statement(p, kind, o, sql) || (!p->dialect->has.late_bodies && !check_rest(p, kind, o, sql)))
        return false;
    o->native = without_condition(p->ctx, kind, trimmed(p, sql + strspn(sql, " \t\r\n")));
    return true;
}

static bool table_exists(const struct preparing *p, const struct qname *name)
{
    const struct objects *foreign = &p->schema->objects[OBJECT_FOREIGN_TABLE];

    vec_each(i, foreign)
        if (qname_eq(&foreign->v[i]->name, name))
            return true;
    return schema_table(p->schema, name) || schema_view(p->schema, name);
}

bool objects_prepare(struct preparing *p)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++) {
        struct objects *list = &p->schema->objects[kind];
        size_t kept = 0;

        if (!(p->dialect->objects & 1u << kind)) {
            *list = (struct objects){0};
            continue;
        }
        vec_each(i, list) {
            struct object *o = list->v[i];

            if (object_table[kind].has_sql && !dtext_for(&o->sql, p->dialect->name))
                continue;
            if (!object_prepare(p, (enum object_kind)kind, o))
                return false;
            /* It is on a view that this database does not have. */
            if (o->of.name && !table_exists(p, &o->of))
                continue;
            list->v[kept++] = o;
        }
        list->n = kept;
        objects_sort(list);
        for (size_t i = 1; i < list->n; i++)
            if (object_cmp(list->v[i - 1], list->v[i]) == 0)
                return fail_on_object(p, (enum object_kind)kind, list->v[i], "it is defined twice");
    }
    if (p->dialect->prepare_objects)
        p->dialect->prepare_objects(p->ctx, p->schema);
    return true;
}
