/*
 * Reads a statement of user SQL by its words.
 *
 * Not a parser: a statement is recognised by its leading words and the names after them, and what it does becomes an
 * operation, if one expresses it. Anything else that is known to change no schema is harmless; the rest is reported as not
 * understood, never guessed.
 */
#include "cmig/dialect.h"
#include "cmig/hazard.h"

#include <ctype.h>

struct word {
    enum sql_kind kind;
    const char *s, *text; /* in the text; unquoted */
    size_t n;
};
struct reader {
    struct ctx *ctx;
    const struct dialect *dialect;
    const char *text;
    size_t from, to;
    struct words VEC_OF(struct word) words;
    size_t at;
    struct sql_changes *ret;
};

/* ---- words ----------------------------------------------------------------------------------------------- */

static void cut(struct reader *r)
{
    const char *end = r->text + r->to;

    for (const char *s = r->text + r->from; s < end && *s;) {
        struct sql_piece p = sql_piece(s, r->dialect->grammar);

        if (p.kind == SQL_END || !p.n)
            break;
        if (p.kind != SQL_SPACE && p.kind != SQL_COMMENT) {
            struct word w = {p.kind, p.s, sql_piece_text(&r->ctx->arena, &p), p.n};
            /* Elsewhere an unquoted name means the one in lower case. */
            if (p.kind == SQL_WORD && !r->dialect->has.written_names && !r->dialect->has.folded_names)
                w.text = str_lower(&r->ctx->arena, w.text);
            vec_add(r->ctx, &r->words, w);
        }
        s += p.n;
    }
}

static const struct word *peek(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->words.n ? &r->words.v[r->at + ahead] : NULL;
}

static bool is_word(const struct word *w, const char *word)
{
    return w && w->kind == SQL_WORD && str_eq_ci(w->text, word);
}

static bool is_sign(const struct word *w, char sign)
{
    return w && w->kind == SQL_OTHER && *w->s == sign;
}

/* Takes words, which are given in one text with a space between them, if they are next. */
static bool take(struct reader *r, const char *words)
{
    size_t ahead = 0;

    for (const char *s = words; *s; ahead++) {
        size_t n = strcspn(s, " ");
        if (!is_word(peek(r, ahead), ctx_printf(r->ctx, "%.*s", (int)n, s)))
            return false;
        s += n + (s[n] == ' ');
    }
    r->at += ahead;
    return true;
}

static bool take_sign(struct reader *r, char sign)
{
    if (!is_sign(peek(r, 0), sign))
        return false;
    r->at++;
    return true;
}

static bool take_any(struct reader *r, const char *const *list)
{
    for (; *list; list++)
        if (take(r, *list))
            return true;
    return false;
}

static bool has_word(const struct reader *r, size_t from, size_t to, const char *word)
{
    for (size_t i = from; i < to && i < r->words.n; i++)
        if (is_word(&r->words.v[i], word))
            return true;
    return false;
}

static bool take_name(struct reader *r, const char **ret)
{
    const struct word *w = peek(r, 0);

    if (!w || (w->kind != SQL_WORD && w->kind != SQL_QUOTED))
        return false;
    *ret = w->text;
    r->at++;
    return true;
}

static bool take_qname(struct reader *r, struct qname *ret)
{
    *ret = (struct qname){0};
    if (!take_name(r, &ret->name))
        return false;
    if (is_sign(peek(r, 0), '.')) {
        r->at++;
        ret->schema = ret->name;
        if (!take_name(r, &ret->name))
            return false;
    }
    const char *home = r->dialect->hazards ? r->dialect->hazards->default_schema : NULL;
    if (home && str_eq(ret->schema, home))
        ret->schema = NULL;
    return true;
}

/* The position after what is up to the next comma, or the end, on the same level of parentheses. */
static size_t end_of_item(const struct reader *r, size_t at)
{
    unsigned depth = 0;

    for (; at < r->words.n; at++) {
        const struct word *w = &r->words.v[at];
        if (is_sign(w, '('))
            depth++;
        else if (is_sign(w, ')') && depth-- == 0)
            break;
        else if (is_sign(w, ',') && depth == 0)
            break;
    }
    return at;
}

/* The text of words as it is written. */
static const char *source(const struct reader *r, size_t from, size_t to)
{
    if (from >= to)
        return "";
    const struct word *last = &r->words.v[to - 1];
    return arena_strndup(
        &r->ctx->arena, r->words.v[from].s, (size_t)(last->s + last->n - r->words.v[from].s));
}

/* ---- results --------------------------------------------------------------------------------------------- */

static struct sql_change *add(struct reader *r, enum sql_act act)
{
    struct sql_change *c = ctx_new(r->ctx, struct sql_change);

    *c = (struct sql_change){.act = act, .from = r->from, .to = r->to};
    vec_add(r->ctx, r->ret, c);
    return c;
}

static struct op *add_op(struct reader *r, enum op_kind kind)
{
    struct sql_change *c = add(r, SQL_ACT_OPERATION);

    c->is_ddl = true;
    c->op = op_new(r->ctx, kind);
    return c->op;
}

static struct sql_change *last(struct reader *r)
{
    return r->ret->v[r->ret->n - 1];
}

static struct dtext plain(const char *text)
{
    return (struct dtext){.text = text};
}

/* ---- columns --------------------------------------------------------------------------------------------- */

static const char *const column_words[] = {"NOT NULL", "NULL", "DEFAULT", "PRIMARY KEY", "UNIQUE", "REFERENCES",
    "CHECK", "GENERATED", "COLLATE", "CONSTRAINT", "AUTO_INCREMENT", "AUTOINCREMENT", "COMMENT", "ON UPDATE", "AS",
    "STORAGE", "COMPRESSION", "KEY", "FIRST", "AFTER", "USING", "CHARACTER SET", "VIRTUAL", "STORED", "PERSISTENT",
    "ON CONFLICT", NULL};

static bool at_column_word(struct reader *r)
{
    size_t at = r->at;
    bool is_one = take_any(r, column_words);

    r->at = at;
    return is_one;
}

static void skip_parentheses(struct reader *r)
{
    if (take_sign(r, '('))
        for (unsigned depth = 1; r->at < r->words.n && depth; r->at++) {
            depth += is_sign(peek(r, 0), '(');
            depth -= is_sign(peek(r, 0), ')');
        }
}

/* A type: the words before the next part of the column's definition. */
static const char *take_type(struct reader *r, size_t end)
{
    size_t from = r->at;

    while (r->at < end && (r->at == from || !at_column_word(r)))
        if (is_sign(peek(r, 0), '('))
            skip_parentheses(r);
        else
            r->at++;
    return source(r, from, r->at);
}

/* What a column's definition creates beside the column. */
struct column_parts {
    bool unique, check, primary;
    struct constraint *references;
};

static void take_generated(struct reader *r, struct column *c, size_t end)
{
    take(r, "ALWAYS");
    take(r, "BY DEFAULT");
    if (take(r, "AS IDENTITY")) {
        c->identity = ctx_new(r->ctx, struct identity);
        return;
    }
    take(r, "AS");
    size_t from = r->at;
    skip_parentheses(r);
    c->generated = ctx_new(r->ctx, struct generated);
    c->generated->expr.sql = plain(source(r, from, r->at));
    c->generated->stored = r->at < end && (take(r, "STORED") || take(r, "PERSISTENT"));
}

static void take_default(struct reader *r, struct column *c, size_t end)
{
    size_t from = r->at++;

    while (r->at < end && !at_column_word(r))
        if (is_sign(peek(r, 0), '('))
            skip_parentheses(r);
        else
            r->at++;
    const char *text = source(r, from, r->at);
    if (!str_eq_ci(text, "NULL"))
        c->dflt = (struct value){.kind = VALUE_SQL, .expr.sql = plain(text)};
}

static void take_references(struct reader *r, const char *column, struct column_parts *parts)
{
    struct constraint *k = ctx_new(r->ctx, struct constraint);

    k->kind = CONSTRAINT_FOREIGN_KEY;
    vec_add(r->ctx, &k->columns, column);
    if (take_qname(r, &k->references))
        parts->references = k;
    skip_parentheses(r);
}

/* A column's definition up to `end`, without its name. */
static void take_column(struct reader *r, size_t end, struct column *c, struct column_parts *parts)
{
    c->nullable = true;
    c->type = plain(take_type(r, end));
    while (r->at < end) {
        if (take(r, "NOT NULL"))
            c->nullable = false;
        else if (take(r, "DEFAULT"))
            take_default(r, c, end);
        else if (take(r, "PRIMARY KEY"))
            parts->primary = true;
        else if (take(r, "UNIQUE"))
            parts->unique = true;
        else if (take(r, "REFERENCES"))
            take_references(r, c->name, parts);
        else if (take(r, "CHECK"))
            parts->check = true;
        else if (take(r, "GENERATED") || is_word(peek(r, 0), "AS"))
            take_generated(r, c, end);
        else if (take(r, "AUTO_INCREMENT") || take(r, "AUTOINCREMENT"))
            c->autoincrement = TRI_TRUE;
        else if (is_sign(peek(r, 0), '('))
            skip_parentheses(r);
        else
            r->at++;
    }
    if (str_eq_ci(c->type.text, "serial") || str_eq_ci(c->type.text, "bigserial") ||
        str_eq_ci(c->type.text, "smallserial"))
        c->nullable = false;
}

/* ---- constraints ----------------------------------------------------------------------------------------- */

static void take_columns(struct reader *r, struct strings *ret)
{
    size_t end;

    if (!take_sign(r, '('))
        return;
    for (end = end_of_item(r, r->at);; end = end_of_item(r, r->at)) {
        const char *name;
        if (take_name(r, &name))
            vec_add(r->ctx, ret, name);
        r->at = end;
        if (!take_sign(r, ','))
            break;
    }
    take_sign(r, ')');
}

/* At the words that say which constraint it is; false: it is none. */
static bool take_constraint(struct reader *r, size_t end, struct constraint *k)
{
    static const struct {
        const char *words;
        enum constraint_kind kind;
    } kinds[] = {{"PRIMARY KEY", CONSTRAINT_PRIMARY_KEY}, {"UNIQUE", CONSTRAINT_UNIQUE},
        {"FOREIGN KEY", CONSTRAINT_FOREIGN_KEY}, {"CHECK", CONSTRAINT_CHECK}, {"EXCLUDE", CONSTRAINT_EXCLUDE}};
    bool found = false;

    if (take(r, "CONSTRAINT") && !is_word(peek(r, 0), "UNIQUE") && !is_word(peek(r, 0), "FOREIGN"))
        take_name(r, &k->name);
    for (size_t i = 0; i < COUNT_OF(kinds) && !found; i++)
        if ((found = take(r, kinds[i].words)))
            k->kind = kinds[i].kind;
    if (!found)
        return false;
    for (size_t i = r->at; i + 1 < end; i++)
        k->not_valid |= is_word(&r->words.v[i], "NOT") && is_word(&r->words.v[i + 1], "VALID");
    if (k->kind == CONSTRAINT_CHECK) {
        size_t from = r->at;
        skip_parentheses(r);
        k->check.sql = plain(source(r, from + 1, r->at > from + 1 ? r->at - 1 : from + 1));
    } else if (k->kind != CONSTRAINT_EXCLUDE) {
        take(r, "KEY");
        take(r, "INDEX");
        if (!is_sign(peek(r, 0), '(') && !is_word(peek(r, 0), "USING"))
            take_name(r, &k->name);
        take_columns(r, &k->columns);
    }
    if (k->kind == CONSTRAINT_FOREIGN_KEY && take(r, "REFERENCES") && take_qname(r, &k->references))
        take_columns(r, &k->referred_columns);
    return true;
}

static void add_constraint(struct reader *r, const struct qname *table, struct constraint *k, size_t end)
{
    struct sql_change *c = add(r, SQL_ACT_OPERATION);

    c->is_ddl = true;
    c->op = op_create_constraint_new(r->ctx, table, k);
    for (size_t i = r->at; i + 1 < end; i++)
        if (is_word(&r->words.v[i], "USING") && is_word(&r->words.v[i + 1], "INDEX") && i + 2 < end)
            c->op->u.create_constraint.using_index = r->words.v[i + 2].text;
}

/* ---- CREATE TABLE ---------------------------------------------------------------------------------------- */

static void take_key_column(struct reader *r, struct table *t, const char *column)
{
    t->primary_key = ctx_new(r->ctx, struct constraint);
    t->primary_key->kind = CONSTRAINT_PRIMARY_KEY;
    vec_add(r->ctx, &t->primary_key->columns, column);
}

static void take_definition(struct reader *r, struct table *t, size_t end)
{
    struct constraint *k = ctx_new(r->ctx, struct constraint);
    struct column_parts parts = {0};
    struct column *c;

    if (take_constraint(r, end, k)) {
        if (k->kind == CONSTRAINT_PRIMARY_KEY)
            t->primary_key = k;
        else
            vec_add(r->ctx, table_constraints(t, k->kind), k);
        return;
    }
    if (is_word(peek(r, 0), "LIKE") || is_word(peek(r, 0), "KEY") || is_word(peek(r, 0), "INDEX"))
        return;
    c = ctx_new(r->ctx, struct column);
    if (!take_name(r, &c->name))
        return;
    take_column(r, end, c, &parts);
    vec_add(r->ctx, &t->columns, c);
    if (parts.primary)
        take_key_column(r, t, c->name);
    if (parts.references)
        vec_add(r->ctx, &t->foreign_keys, parts.references);
}

static bool read_create_table(struct reader *r)
{
    bool guarded = take(r, "IF NOT EXISTS");
    struct qname name, parent;
    struct op *op;

    if (!take_qname(r, &name))
        return false;
    op = add_op(r, OP_CREATE_TABLE);
    last(r)->is_guarded = op->u.create_table.if_not_exists = guarded;
    op->u.create_table.table.name = name;
    if (take(r, "PARTITION OF") && take_qname(r, &parent)) {
        op->u.create_table.table.partition_of = parent;
        return true;
    }
    if (!take_sign(r, '('))
        return true;
    do {
        size_t end = end_of_item(r, r->at);
        take_definition(r, &op->u.create_table.table, end);
        r->at = end;
    } while (take_sign(r, ','));
    return true;
}

/* ---- ALTER TABLE ----------------------------------------------------------------------------------------- */

/* One action: the table, and where it ends. */
struct action {
    struct qname table;
    size_t end;
};

static bool alter_add(struct reader *r, const struct action *a)
{
    struct constraint *k = ctx_new(r->ctx, struct constraint);
    struct column_parts parts = {0};
    struct op *op;

    if (take_constraint(r, a->end, k)) {
        add_constraint(r, &a->table, k, a->end);
        return true;
    }
    if (is_word(peek(r, 0), "INDEX") || is_word(peek(r, 0), "KEY") || is_word(peek(r, 0), "FULLTEXT")) {
        op = add_op(r, OP_CREATE_INDEX);
        op->u.create_index.table = a->table;
        return true;
    }
    take(r, "COLUMN");
    bool guarded = take(r, "IF NOT EXISTS");
    op = add_op(r, OP_ADD_COLUMN);
    last(r)->is_guarded = op->u.add_column.if_not_exists = guarded;
    op->u.add_column.table = a->table;
    if (!take_name(r, &op->u.add_column.column.name))
        return false;
    take_column(r, a->end, &op->u.add_column.column, &parts);
    op->u.add_column.references = parts.references;
    op->u.add_column.column.primary_key = parts.primary;
    *k = (struct constraint){.kind = parts.unique ? CONSTRAINT_UNIQUE : CONSTRAINT_CHECK};
    vec_add(r->ctx, &k->columns, op->u.add_column.column.name);
    if (parts.unique || parts.check)
        add_constraint(r, &a->table, k, r->at);
    return true;
}

static bool alter_drop(struct reader *r, const struct action *a)
{
    bool is_constraint = take(r, "CONSTRAINT") || take(r, "PRIMARY KEY") || take(r, "FOREIGN KEY");
    bool is_index = !is_constraint && (take(r, "INDEX") || take(r, "KEY"));
    struct op *op = add_op(r, is_constraint ? OP_DROP_CONSTRAINT : is_index ? OP_DROP_INDEX : OP_DROP_COLUMN);
    const char *name = NULL;

    take(r, "COLUMN");
    bool guarded = take(r, "IF EXISTS");
    take_name(r, &name);
    bool cascade = has_word(r, r->at, a->end, "CASCADE");
    last(r)->is_guarded = guarded;
    if (is_constraint)
        op->u.drop_constraint = (struct op_drop_constraint){
            .table = a->table, .name = name, .if_exists = guarded, .cascade = cascade};
    else if (is_index)
        op->u.drop_index = (struct op_drop_index){.table = a->table, .name = name, .if_exists = guarded};
    else
        op->u.drop_column =
            (struct op_drop_column){.table = a->table, .name = name, .if_exists = guarded, .cascade = cascade};
    return true;
}

static struct op_alter_column *add_alter(struct reader *r, const struct action *a, const char *column)
{
    struct op *op = add_op(r, OP_ALTER_COLUMN);

    op->u.alter_column.table = a->table;
    op->u.alter_column.name = column;
    return &op->u.alter_column;
}

static void set_type(struct reader *r, struct op_alter_column *o, size_t end)
{
    o->given |= 1u << ALTER_TYPE;
    o->type = plain(take_type(r, end));
    if (take(r, "COLLATE")) {
        r->at++;
        o->given |= 1u << ALTER_COLLATION;
    }
    if (!take(r, "USING"))
        return;
    o->given |= 1u << ALTER_USING;
    o->using = plain(source(r, r->at, end));
}

static bool alter_column(struct reader *r, const struct action *a)
{
    const char *name;

    take(r, "COLUMN");
    if (!take_name(r, &name))
        return false;
    if (take(r, "TYPE") || take(r, "SET DATA TYPE")) {
        set_type(r, add_alter(r, a, name), a->end);
    } else if (take(r, "SET NOT NULL") || take(r, "DROP NOT NULL")) {
        struct op_alter_column *o = add_alter(r, a, name);
        o->given |= 1u << ALTER_NULLABLE;
        o->nullable = is_word(&r->words.v[r->at - 3], "DROP");
    } else if (take(r, "SET EXPRESSION")) {
        struct op_alter_column *o = add_alter(r, a, name);
        o->given |= 1u << ALTER_GENERATED;
        o->generated = ctx_new(r->ctx, struct generated);
        o->generated->stored = true;
    } else {
        add(r, SQL_ACT_HARMLESS)->is_ddl = true;
    }
    return true;
}

/* MODIFY and CHANGE, which repeat the whole definition. */
static bool alter_modify(struct reader *r, const struct action *a, bool renames)
{
    struct column c = {0};
    struct column_parts parts = {0};
    struct op_alter_column *o;

    take(r, "COLUMN");
    take(r, "IF EXISTS");
    if (!take_name(r, &c.name))
        return false;
    o = add_alter(r, a, c.name);
    if (renames && take_name(r, &o->new_name) && !str_eq_ci(o->new_name, c.name))
        o->given |= 1u << ALTER_NEW_NAME;
    take_column(r, a->end, &c, &parts);
    o->type = c.type;
    o->nullable = c.nullable;
    o->given |= 1u << ALTER_TYPE | 1u << ALTER_NULLABLE;
    return true;
}

static bool alter_rename(struct reader *r, const struct action *a)
{
    struct op *op;

    if (take(r, "TO") || take(r, "AS")) {
        op = add_op(r, OP_RENAME_TABLE);
        op->u.rename.name = a->table;
        return take_qname(r, &op->u.rename.new_name);
    }
    bool is_constraint = take(r, "CONSTRAINT"), is_index = take(r, "INDEX") || take(r, "KEY");
    op = add_op(r, is_constraint ? OP_RENAME_CONSTRAINT : is_index ? OP_RENAME_INDEX : OP_RENAME_COLUMN);
    op->u.rename_part.table = a->table;
    take(r, "COLUMN");
    return take_name(r, &op->u.rename_part.name) && take(r, "TO") && take_name(r, &op->u.rename_part.new_name);
}

static bool alter_partition(struct reader *r, const struct action *a, enum op_kind kind)
{
    struct op *op = add_op(r, kind);

    op->u.partition.table = a->table;
    if (!take_qname(r, &op->u.partition.partition))
        return false;
    last(r)->concurrently = has_word(r, r->at, a->end, "CONCURRENTLY");
    return true;
}

static bool alter_validate(struct reader *r, const struct action *a)
{
    struct op *op = add_op(r, OP_VALIDATE_CONSTRAINT);

    op->u.validate_constraint.table = a->table;
    return take_name(r, &op->u.validate_constraint.name);
}

static bool alter_action(struct reader *r, const struct action *a)
{
    static const char *const rewriting[] = {
        "SET LOGGED", "SET UNLOGGED", "SET TABLESPACE", "SET ACCESS METHOD", "ENGINE", "CONVERT TO", NULL};

    if (take(r, "ADD"))
        return alter_add(r, a);
    if (take(r, "DROP"))
        return alter_drop(r, a);
    if (take(r, "ALTER"))
        return alter_column(r, a);
    if (take(r, "MODIFY"))
        return alter_modify(r, a, false);
    if (take(r, "CHANGE"))
        return alter_modify(r, a, true);
    if (take(r, "RENAME"))
        return alter_rename(r, a);
    if (take(r, "VALIDATE CONSTRAINT"))
        return alter_validate(r, a);
    if (take(r, "ATTACH PARTITION"))
        return alter_partition(r, a, OP_ATTACH_PARTITION);
    if (take(r, "DETACH PARTITION"))
        return alter_partition(r, a, OP_DETACH_PARTITION);
    struct sql_change *c = add(r, take_any(r, rewriting) ? SQL_ACT_REWRITE : SQL_ACT_HARMLESS);
    c->table = a->table;
    c->is_ddl = true;
    return true;
}

static bool read_alter_table(struct reader *r)
{
    struct action a;
    bool guarded = take(r, "IF EXISTS");

    take(r, "ONLY");
    if (!take_qname(r, &a.table))
        return false;
    take_sign(r, '*');
    do {
        a.end = end_of_item(r, r->at);
        if (!alter_action(r, &a))
            return false;
        last(r)->is_guarded |= guarded;
        r->at = a.end;
    } while (take_sign(r, ','));
    return r->at == r->words.n;
}

/* ---- other statements -------------------------------------------------------------------------------------- */

static bool read_create_index(struct reader *r, bool is_unique)
{
    struct op *op = add_op(r, OP_CREATE_INDEX);
    struct op_create_index *o = &op->u.create_index;
    struct strings columns = {0};

    o->index.unique = is_unique;
    o->concurrently = last(r)->concurrently = take(r, "CONCURRENTLY");
    o->if_not_exists = last(r)->is_guarded = take(r, "IF NOT EXISTS");
    if (!is_word(peek(r, 0), "ON") && !take_name(r, &o->index.name))
        return false;
    if (take(r, "USING"))
        r->at++;
    if (!take(r, "ON"))
        return false;
    take(r, "ONLY");
    if (!take_qname(r, &o->table))
        return false;
    if (take(r, "USING"))
        take_name(r, &o->index.using);
    take_columns(r, &columns);
    vec_each(i, &columns) {
        struct index_part *part = ctx_new(r->ctx, struct index_part);
        part->column = columns.v[i];
        vec_add(r->ctx, &o->index.parts, part);
    }
    for (size_t i = r->at; i < r->words.n; i++)
        if (is_word(&r->words.v[i], "WHERE"))
            o->index.where.sql = plain(source(r, i + 1, r->words.n));
    return true;
}

static bool read_drop(struct reader *r)
{
    static const struct {
        const char *words;
        enum op_kind kind; /* OP_KINDS: another object */
    } kinds[] = {{"TEMPORARY TABLE", OP_KINDS}, {"TABLE", OP_DROP_TABLE}, {"INDEX", OP_DROP_INDEX},
        {"SCHEMA", OP_DROP_SCHEMA}};
    enum op_kind kind = OP_KINDS;

    if (take(r, "DATABASE")) {
        add(r, SQL_ACT_DROP_DATABASE)->is_ddl = true;
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(kinds) && kind == OP_KINDS; i++)
        if (take(r, kinds[i].words))
            kind = kinds[i].kind;
    bool concurrently = take(r, "CONCURRENTLY"), cascade = has_word(r, r->at, r->words.n, "CASCADE");
    while (kind == OP_KINDS && r->at < r->words.n && !is_word(peek(r, 0), "IF"))
        r->at++;
    bool guarded = take(r, "IF EXISTS");
    if (kind == OP_KINDS) {
        struct sql_change *c = add(r, SQL_ACT_DROP_OTHER);
        c->is_ddl = true;
        c->cascade = cascade;
        c->is_guarded = guarded;
        return true;
    }
    do {
        struct qname name;
        struct op *op;

        if (!take_qname(r, &name))
            return false;
        op = add_op(r, kind);
        last(r)->is_guarded = guarded;
        last(r)->concurrently = concurrently;
        last(r)->cascade = cascade;
        if (kind == OP_DROP_TABLE)
            op->u.drop = (struct op_drop){.name = name, .if_exists = guarded, .cascade = cascade};
        else if (kind == OP_DROP_SCHEMA)
            op->u.schema = (struct op_schema){.name = name.name, .if_exists = guarded, .cascade = cascade};
        else
            op->u.drop_index =
                (struct op_drop_index){.name = name.name, .if_exists = guarded, .concurrently = concurrently};
    } while (take_sign(r, ','));
    return true;
}

static bool read_tables(struct reader *r, enum sql_act act)
{
    bool concurrently = take(r, "CONCURRENTLY");

    take(r, "TABLE");
    take(r, "ONLY");
    do {
        struct qname table = {0};

        if (!take_qname(r, &table))
            return false;
        struct sql_change *c = add(r, act);
        c->table = table;
        c->concurrently = concurrently;
        c->cascade = has_word(r, r->at, r->words.n, "CASCADE");
        take_sign(r, '*');
    } while (take_sign(r, ','));
    return true;
}

/* `all`: what it does without a condition. */
static bool read_write(struct reader *r, enum sql_act all)
{
    enum sql_act act = has_word(r, r->at, r->words.n, "WHERE") ? SQL_ACT_WRITE : all;
    struct qname table;

    take(r, "ONLY");
    if (!take_qname(r, &table))
        return false;
    if (all == SQL_ACT_HARMLESS)
        act = has_word(r, r->at, r->words.n, "SELECT") ? SQL_ACT_WRITE : SQL_ACT_HARMLESS;
    add(r, act)->table = table;
    return true;
}

static bool read_reindex(struct reader *r)
{
    struct sql_change *c;

    skip_parentheses(r);
    if (!take(r, "INDEX") && !take(r, "TABLE") && !take(r, "SCHEMA") && !take(r, "DATABASE"))
        take(r, "SYSTEM");
    c = add(r, SQL_ACT_REINDEX);
    c->concurrently = take(r, "CONCURRENTLY");
    return take_name(r, &c->name);
}

static bool read_vacuum(struct reader *r)
{
    bool is_full = false;

    if (is_sign(peek(r, 0), '(')) {
        size_t from = r->at;
        skip_parentheses(r);
        is_full = has_word(r, from, r->at, "FULL");
    }
    is_full |= take(r, "FULL");
    while (take(r, "FREEZE") || take(r, "VERBOSE") || take(r, "ANALYZE"))
        ;
    struct sql_change *c = add(r, is_full ? SQL_ACT_REWRITE : SQL_ACT_HARMLESS);
    if (r->at < r->words.n)
        return take_qname(r, &c->table);
    return true;
}

static bool read_alter_type(struct reader *r)
{
    struct qname name;
    struct sql_change *c;

    if (!take_qname(r, &name))
        return false;
    c = add(r, take(r, "RENAME VALUE") ? SQL_ACT_RENAME_VALUE : SQL_ACT_HARMLESS);
    c->name = qname_text(&r->ctx->arena, &name);
    c->is_ddl = true;
    c->is_guarded = has_word(r, r->at, r->words.n, "EXISTS");
    return true;
}

static bool read_domain(struct reader *r, enum sql_act act)
{
    struct qname name;
    bool has_check, is_valid = true;

    if (!take_qname(r, &name))
        return false;
    has_check = has_word(r, r->at, r->words.n, "CHECK") || has_word(r, r->at, r->words.n, "NOT");
    for (size_t i = r->at; i + 1 < r->words.n; i++)
        is_valid &= !(is_word(&r->words.v[i], "NOT") && is_word(&r->words.v[i + 1], "VALID"));
    if (act == SQL_ACT_DOMAIN_CHECK)
        has_check &= is_valid && (is_word(peek(r, 0), "ADD") || is_word(peek(r, 0), "SET"));
    struct sql_change *c = add(r, has_check ? act : SQL_ACT_HARMLESS);
    c->name = qname_text(&r->ctx->arena, &name);
    c->is_ddl = true;
    return true;
}

static bool read_create(struct reader *r)
{
    static const char *const table_words[] = {
        "GLOBAL", "LOCAL", "TEMPORARY", "TEMP", "UNLOGGED", NULL};
    bool guarded = take(r, "OR REPLACE");
    struct sql_change *c;
    struct qname name;

    while (take_any(r, table_words))
        ;
    if (take(r, "TABLE"))
        return read_create_table(r);
    if (take(r, "UNIQUE INDEX"))
        return read_create_index(r, true);
    if (take(r, "INDEX") || take(r, "FULLTEXT INDEX") || take(r, "SPATIAL INDEX"))
        return read_create_index(r, false);
    if (take(r, "DOMAIN"))
        return read_domain(r, SQL_ACT_NEW_DOMAIN_CHECK);
    c = add(r, SQL_ACT_HARMLESS);
    c->is_ddl = true;
    take(r, "MATERIALIZED VIEW");
    c->is_guarded = guarded || take(r, "IF NOT EXISTS");
    if (take_qname(r, &name))
        c->table = name;
    return true;
}

static bool is_harmless(struct reader *r)
{
    static const char *const firsts[] = {"SELECT", "VALUES", "TABLE", "SHOW", "EXPLAIN", "SET", "RESET", "COMMENT",
        "GRANT", "REVOKE", "ANALYZE", "PRAGMA", "NOTIFY", "LISTEN", "UNLISTEN", "DISCARD", "DEALLOCATE", "ALTER",
        "SECURITY", "REASSIGN", "COPY", "USE", "SAVEPOINT", "RELEASE", "IMPORT", "LOAD", "CHECKPOINT", "FLUSH", NULL};

    return take_any(r, firsts);
}

static bool read_statement(struct reader *r)
{
    if (take(r, "CREATE"))
        return read_create(r);
    if (take(r, "ALTER TABLE"))
        return read_alter_table(r);
    if (take(r, "ALTER TYPE"))
        return read_alter_type(r);
    if (take(r, "ALTER DOMAIN"))
        return read_domain(r, SQL_ACT_DOMAIN_CHECK);
    if (take(r, "DROP"))
        return read_drop(r);
    if (take(r, "TRUNCATE"))
        return read_tables(r, SQL_ACT_TRUNCATE);
    if (take(r, "REFRESH MATERIALIZED VIEW"))
        return read_tables(r, SQL_ACT_REFRESH);
    if (take(r, "CLUSTER"))
        return r->at == r->words.n || read_tables(r, SQL_ACT_REWRITE);
    if (take(r, "LOCK TABLES") || take(r, "LOCK"))
        return read_tables(r, SQL_ACT_LOCK);
    if (take(r, "REINDEX"))
        return read_reindex(r);
    if (take(r, "VACUUM"))
        return read_vacuum(r);
    if (take(r, "UPDATE"))
        return read_write(r, SQL_ACT_UPDATE_ALL);
    if (take(r, "DELETE FROM"))
        return read_write(r, SQL_ACT_DELETE_ALL);
    if (take(r, "INSERT INTO") || take(r, "REPLACE INTO") || take(r, "INSERT OR IGNORE INTO") ||
        take(r, "INSERT OR REPLACE INTO") || take(r, "INSERT IGNORE INTO"))
        return read_write(r, SQL_ACT_HARMLESS);
    if (!is_harmless(r))
        return false;
    add(r, SQL_ACT_HARMLESS);
    return true;
}

void sql_read_words(struct ctx *ctx, const struct dialect *dialect, const char *text, size_t from, size_t to,
    struct sql_changes *ret)
{
    uint32_t n = ret->n;
    struct reader r = {.ctx = ctx, .dialect = dialect, .text = text, .from = from, .to = to, .ret = ret};

    cut(&r);
    if (!r.words.n)
        return;
    if (read_statement(&r) && ret->n > n)
        return;
    ret->n = n;
    add(&r, SQL_ACT_UNKNOWN);
}

void sql_read(struct ctx *ctx, const struct dialect *dialect, const char *text, size_t from, size_t to,
    struct sql_changes *ret)
{
    const struct hazard_facts *facts = dialect->hazards;

    if (!facts || !facts->read || !facts->read(ctx, dialect, text, from, to, ret))
        sql_read_words(ctx, dialect, text, from, to, ret);
}

void hazard_add(const struct hazard_call *h, enum rule rule, const char *fmt, ...)
{
    struct hazard one = {.rule = rule};
    va_list ap;

    va_start(ap, fmt);
    one.text = arena_vprintf(&h->ctx->arena, fmt, ap);
    va_end(ap);
    vec_add(h->ctx, h->ret, one);
}
