/* Applies the pending operations to a table. */
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/render.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/token.h"
#include "dialect/sqlite/types.h"

static const char *key_of(const struct change *ch, const char *column)
{
    return str_lower(&ch->r->ctx->arena, column);
}

bool change_is_fresh(const struct change *ch, const char *column)
{
    vec_each(i, &ch->fresh)
        if (str_eq_ci(ch->fresh.v[i], column))
            return true;
    return false;
}

const struct column *change_before(const struct change *ch, const char *column)
{
    return change_is_fresh(ch, column) ? NULL : table_named_column(ch->before.table, column);
}

/* ---- enums ------------------------------------------------------------------------------------------- */

/* Whether a check is `column IN ('a', 'b', …)`, which replaces an enum. */
static bool is_values_check(struct ctx *ctx, const struct constraint *check, const char *column)
{
    struct tokens t;
    const char *text = expr_sql(ctx, &check->check);
    tokens_read(ctx, text, strlen(text), &t);
    if (t.n < 5 || !str_eq_ci(token_name(&ctx->arena, &t.v[0]), column) || !token_is(&t.v[1], "IN") ||
        !token_op(&t.v[2], "("))
        return false;
    for (size_t i = 3; i < t.n; i++)
        if (i % 2 ? t.v[i].kind != TOKEN_STRING : !token_op(&t.v[i], i + 1 == t.n ? ")" : ","))
            return false;
    return true;
}

static struct constraint *find_values_check(struct ctx *ctx, const struct table *t, const char *column)
{
    vec_each(i, &t->checks)
        if (is_values_check(ctx, t->checks.v[i], column))
            return t->checks.v[i];
    return NULL;
}

static void add_pairs(struct sql *q, struct rename_pair *const *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sql_addf(q, " WHEN %L THEN %L", v[i]->from, v[i]->to);
}

/* Renamed and replaced values change in the rows as well. */
static void convert_values(struct change *ch, const struct op_alter_enum *o, struct column *c)
{
    struct ctx *ctx = ch->r->ctx;
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    if (!o->rename.n && !o->replace.n)
        return;
    sql_addf(&q, "CASE %I", c->name);
    add_pairs(&q, o->rename.v, o->rename.n);
    add_pairs(&q, o->replace.v, o->replace.n);
    sql_addf(&q, " ELSE %I END", c->name);
    map_set(&ch->sources, key_of(ch, c->name), (void *)(uintptr_t)sql_end(&q));
    vec_each(i, &o->rename) {
        struct column from = {.dflt = {.kind = VALUE_STRING, .expr.sql.text = o->rename.v[i]->from}};
        struct column to = {.dflt = {.kind = VALUE_STRING, .expr.sql.text = o->rename.v[i]->to}};
        const char *old = NULL, *new = NULL;
        if (value_to_native(ctx, &from, &from.dflt, &old) && value_to_native(ctx, &to, &to.dflt, &new) &&
            str_eq(c->dflt.expr.native, old))
            c->dflt = (struct value){.kind = VALUE_SQL, .expr.native = new};
    }
}

/* A column as long as its longest value stays so. Any other type stays as it is, unless a value is too long for it. */
static void fit_values(struct ctx *ctx, const struct op_alter_enum *o, struct column *c)
{
    const char *now = enum_spelling(ctx, &o->values);
    unsigned have = 0, need = 0;
    if (sscanf(c->native, "VARCHAR(%u)", &have) != 1 || sscanf(now, "VARCHAR(%u)", &need) != 1)
        return;
    if (need > have || str_eq(c->native, enum_spelling(ctx, &o->existing_values)))
        c->native = now;
}

static bool alter_values(struct change *ch, const struct op_alter_enum *o, const char *column)
{
    struct ctx *ctx = ch->r->ctx;
    struct column *c = table_named_column(ch->after, column);
    if (!c)
        return fail(ctx, STATUS_CONFIG, "column '%s.%s' does not exist", ch->after->name.name, column);
    struct constraint *check = find_values_check(ctx, ch->after, column);
    if (!check) {
        check = ctx_new(ctx, struct constraint);
        check->kind = CONSTRAINT_CHECK;
        vec_add(ctx, &ch->after->checks, check);
    }
    check->check = (struct expr){.native = values_check(ctx, c->name, &o->values)};
    fit_values(ctx, o, c);
    convert_values(ch, o, c);
    return true;
}

/* The columns of the enum that are in this table: "posts.status". */
static bool apply_enum(struct change *ch, const struct op *op)
{
    const struct strings *columns = &op->u.alter_enum.columns;
    struct qname name;
    vec_each(i, columns) {
        if (!qname_parse(&ch->r->ctx->arena, columns->v[i], &name) || !name.schema)
            continue;
        const char *dot = strrchr(name.schema, '.'); /* schema.table.column */
        if (str_eq_ci(dot ? dot + 1 : name.schema, ch->after->name.name) &&
            !alter_values(ch, &op->u.alter_enum, name.name))
            return false;
    }
    return true;
}

/* ---- applying ---------------------------------------------------------------------------------------- */

/* New values of an enum replace the check for the old ones. */
static void mark_values(struct change *ch, const struct op_alter_column *o)
{
    struct constraint *check = find_values_check(ch->r->ctx, ch->after, o->name);
    if (ALTER_HAS(o, ALTER_VALUES) && check)
        check->implied = true;
}

/* Whether SQLite generates the values of a key depends on the spelling of its type. */
static void settle_spelling(struct change *ch, const struct op_alter_column *o)
{
    const struct constraint *key = ch->after->primary_key;
    struct column *c = table_named_column(ch->after, o->name);
    if (!ALTER_HAS(o, ALTER_AUTOINCREMENT) || ALTER_HAS(o, ALTER_TYPE) || !c)
        return;
    if (o->autoincrement == TRI_FALSE && c == table_rowid_alias(ch->after))
        c->native = "INT";
    else if (o->autoincrement == TRI_TRUE && key && key->columns.n == 1 &&
             str_eq_ci(key->columns.v[0], c->name) && type_affinity(c->native) == AFFINITY_INTEGER)
        c->native = "INTEGER";
}

/* An expression that is invalid in the table is rejected before anything runs. Names in double quotes may be
 * strings. */
static bool check_using(struct change *ch, const char *using)
{
    sqlite3 *db = ch->r->shadow->db;
    STMT stmt = NULL;
    struct sql q = sql_begin(ch->r->ctx, &sqlite_dialect);
    sql_addf(&q, "SELECT %E FROM %I", using, ch->before.table->name.name);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 1, NULL);
    bool ok = sqlite3_prepare_v2(db, sql_end(&q), -1, &stmt, NULL) == SQLITE_OK;
    const char *message = ok ? NULL : ctx_strdup(ch->r->ctx, sqlite3_errmsg(db));
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    const char *function = missing_call(ch->r, using);
    if (function)
        message = ctx_printf(ch->r->ctx, "no such function: %s", function);
    return !message || fail(ch->r->ctx, STATUS_FAILED, "'using' cannot be evaluated: %s", message);
}

static bool apply_alter(struct change *ch, const struct op *op)
{
    const struct op_alter_column *o = &op->u.alter_column;
    struct ctx *ctx = ch->r->ctx;
    struct op *copy = ctx_new(ctx, struct op);
    const char *using = ALTER_HAS(o, ALTER_USING) ? dtext_for(&o->using, "sqlite") : NULL;
    *copy = *op; /* SQLite itself renames it afterwards */
    copy->u.alter_column.given &= ~(1u << ALTER_NEW_NAME);
    mark_values(ch, o);
    if (!op_apply_to_table(ctx, &sqlite_dialect, NULL, ch->after, copy) || (using && !check_using(ch, using)))
        return false;
    settle_spelling(ch, o);
    if (using)
        map_set(&ch->sources, key_of(ch, o->name), (void *)(uintptr_t) using);
    return true;
}

static bool apply_op(struct change *ch, const struct op *op)
{
    bool ok;
    if (op->kind == OP_ALTER_ENUM)
        ok = apply_enum(ch, op);
    else if (op->kind == OP_ALTER_COLUMN)
        ok = apply_alter(ch, op);
    else
        ok = op_apply_to_table(ch->r->ctx, &sqlite_dialect, NULL, ch->after, op);
    if (!ok)
        return rendering_fail(ch->r, op);
    if (op->kind == OP_ADD_COLUMN && !change_is_fresh(ch, op->u.add_column.column.name) &&
        (!op->u.add_column.if_not_exists ||
            !table_named_column(ch->before.table, op->u.add_column.column.name)))
        vec_add(ch->r->ctx, &ch->fresh, op->u.add_column.column.name);
    return true;
}

/* ---- trying ------------------------------------------------------------------------------------------ */

bool change_free_name(struct change *ch, const char **ret)
{
    const char *table = ch->before.table->name.name;
    struct shadow_rows taken;
    for (unsigned i = 0;; i++) {
        *ret = i ? ctx_printf(ch->r->ctx, NEW_TABLE "%s_%u", table, i)
                 : ctx_printf(ch->r->ctx, NEW_TABLE "%s", table);
        if (!shadow_rows(
                ch->r, "SELECT name, NULL FROM sqlite_schema WHERE name = ? COLLATE NOCASE", *ret, &taken))
            return false;
        if (!taken.n)
            return true;
    }
}

const char *change_text(const struct change *ch, const char *name)
{
    struct ctx *ctx = ch->r->ctx;
    return ch->is_spliced ? splice_table(ctx, &ch->layout, ch->before.table, ch->after, &ch->fresh, name)
                          : create_table_sql(ctx, ch->after, name, false);
}

/* SQLite's message about a table of this name, or NULL if it accepts it. */
static const char *try_table(struct change *ch, const char *text, const char *name)
{
    struct ctx *ctx = ch->r->ctx;
    sqlite3 *db = ch->r->shadow->db;
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
        return sqlite_message(ctx, db);
    sql_addf(&q, "DROP TABLE %I", name);
    sqlite3_exec(db, sql_end(&q), NULL, NULL, NULL);
    return NULL;
}

/* Errors that SQLite would report are found now, before anything ran. A quoted name that no column has any
 * longer would be taken for a string, unless that is switched off; it is not, if the table relied on it
 * before. */
static bool try_change(struct change *ch)
{
    sqlite3 *db = ch->r->shadow->db;
    struct ctx *ctx = ch->r->ctx;
    const char *name;
    if (!change_free_name(ch, &name))
        return false;
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    const char *text = change_text(ch, name), *message = try_table(ch, text, name);
    bool relies = message && try_table(ch, create_table_sql(ctx, ch->before.table, name, false), name);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 1, NULL);
    if (relies)
        message = try_table(ch, text, name);
    return !message || fail(ch->r->ctx, STATUS_FAILED, "table '%s' would become invalid: %s",
                           ch->before.table->name.name, message);
}

/* ---- together ----------------------------------------------------------------------------------------- */

static bool read_indexes(struct change *ch)
{
    const char *problem;
    struct rendering *r = ch->r;
    const char *name = ch->before.table->name.name;
    if (!shadow_rows(r,
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ? "
            "COLLATE "
            "NOCASE ORDER BY rowid",
            name, &ch->indexes) ||
        !shadow_rows(r,
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE "
            "ORDER BY rowid",
            name, &ch->triggers))
        return false;
    vec_each(i, &ch->indexes) {
        struct index *index;
        if (!parse_index(r->ctx, ch->indexes.v[i]->sql, ch->before.table, &index, &problem))
            return fail(r->ctx, STATUS_FAILED, "cannot change index '%s': cannot parse its definition at %s",
                ch->indexes.v[i]->name, problem);
        vec_add(r->ctx, &ch->before.table->indexes, index);
    }
    return true;
}

static bool read_table(struct change *ch)
{
    struct rendering *r = ch->r;
    const char *sql, *problem, *table = ch->pending->table;
    if (!shadow_sync(r) || !shadow_table_text(r, table, &sql))
        return false;
    if (!sql)
        return fail(r->ctx, STATUS_FAILED, "table '%s' does not exist", table);
    if (!parse_layout(r->ctx, sql, &ch->before, &ch->layout, &problem)) {
        fail(r->ctx, STATUS_FAILED, "cannot change table '%s': cannot parse its definition at %s", table,
            problem);
        return fail_hint(r->ctx, "Change the table with 'execute' instead.");
    }
    return read_indexes(ch);
}

static void write_text(struct change *ch)
{
    struct ctx *ctx = ch->r->ctx;
    ch->text = splice_table(ctx, &ch->layout, ch->before.table, ch->after, &ch->fresh, NULL);
    ch->is_spliced = ch->text != NULL;
    if (!ch->text)
        ch->text = create_table_sql(ctx, ch->after, ch->after->name.name, false);
}

bool change_begin(struct rendering *r, const struct pending *p, struct change *ret)
{
    struct change ch = {.r = r, .pending = p, .op = p->ops.v[0], .sources = MAP(r->ctx)};
    if (!read_table(&ch))
        return rendering_fail(r, ch.op);
    ch.after = table_copy(r->ctx, ch.before.table);
    vec_each(i, &p->ops)
        if (!apply_op(&ch, p->ops.v[i]))
            return false;
    if (!ch.after->columns.n) {
        fail(r->ctx, STATUS_FAILED, "table '%s' would have no columns left", p->table);
        fail_hint(r->ctx, "Drop the table instead.");
        return rendering_fail(r, ch.op);
    }
    if (!table_complete(r->ctx, ch.after))
        return rendering_fail(r, ch.op);
    write_text(&ch);
    if (!try_change(&ch))
        return rendering_fail(r, ch.op);
    *ret = ch;
    return true;
}

/* ---- rows that would not fit ------------------------------------------------------------------------- */

static void add_check(struct change *ch, const struct op *op, const char *sql)
{
    rendering_add(ch->r, sql, op)->flags |= STATEMENT_CHECK;
}

static bool sets_column(const struct op *op, const char *column)
{
    const char *name = op->kind == OP_ADD_COLUMN     ? op->u.add_column.column.name
                       : op->kind == OP_ALTER_COLUMN ? op->u.alter_column.name
                                                     : NULL;
    if (op->kind == OP_CREATE_PRIMARY_KEY)
        return strings_have(&op->u.create_constraint.constraint.columns, column);
    return name && str_eq_ci(name, column);
}

/* The last operation that made a column NOT NULL. */
static const struct op *op_of_column(const struct change *ch, const char *column)
{
    const struct op *found = ch->op;
    vec_each(i, &ch->pending->ops)
        if (sets_column(ch->pending->ops.v[i], column))
            found = ch->pending->ops.v[i];
    return found;
}

const struct op *change_op_of(const struct change *ch, enum op_kind kind)
{
    vec_each(i, &ch->pending->ops)
        if (ch->pending->ops.v[i]->kind == kind)
            return ch->pending->ops.v[i];
    return NULL;
}

static void check_column(struct change *ch, const struct column *c)
{
    struct ctx *ctx = ch->r->ctx;
    const char *table = ch->before.table->name.name;
    const struct column *before = change_before(ch, c->name);
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    if (c->nullable || c->generated || table_rowid_alias(ch->after) == c ||
        map_get(&ch->sources, key_of(ch, c->name)))
        return;
    if (before && before->nullable) {
        sql_addf(&q, "SELECT %L || count(*) FROM %I WHERE %I IS NULL HAVING count(*) > 0",
            ctx_printf(ctx, "column '%s.%s' cannot become NOT NULL: rows without a value: ", table, c->name),
            table, c->name);
        add_check(ch, op_of_column(ch, c->name), sql_end(&q));
    } else if (!before && (c->dflt.kind == VALUE_NONE || str_eq_ci(c->dflt.expr.native, "NULL"))) {
        sql_addf(&q, "SELECT %L FROM %I LIMIT 1",
            ctx_printf(ctx, "table '%s' has rows, and its new column '%s' is NOT NULL without a default",
                table, c->name),
            table);
        add_check(ch, op_of_column(ch, c->name), sql_end(&q));
    }
}

void change_check_rows(struct change *ch)
{
    vec_each(i, &ch->after->columns)
        check_column(ch, ch->after->columns.v[i]);
}

bool change_had_check(const struct change *ch, const char *text)
{
    vec_each(i, &ch->before.table->checks)
        if (text_same(ch->r->ctx, ch->before.table->checks.v[i]->check.native, text))
            return true;
    return false;
}

/* The operation that adds this check; of the values of an enum, the first of all. */
static const struct op *op_of_check(const struct change *ch, const char *text)
{
    vec_each(i, &ch->pending->ops) {
        const struct op *op = ch->pending->ops.v[i];
        if (op->kind == OP_CREATE_CHECK_CONSTRAINT &&
            text_same(ch->r->ctx, expr_sql(ch->r->ctx, &op->u.create_constraint.constraint.check), text))
            return op;
    }
    return ch->op;
}

void change_check_new_checks(struct change *ch)
{
    struct ctx *ctx = ch->r->ctx;
    const char *table = ch->before.table->name.name;
    vec_each(i, &ch->after->checks) {
        const char *text = expr_sql(ctx, &ch->after->checks.v[i]->check);
        struct sql q = sql_begin(ctx, &sqlite_dialect);
        if (change_had_check(ch, text))
            continue;
        sql_addf(&q, "SELECT %L || count(*) FROM %I WHERE NOT (%E) HAVING count(*) > 0",
            ctx_printf(ctx, "rows of table '%s' that violate the check %s: ", table, text), table, text);
        add_check(ch, op_of_check(ch, text), sql_end(&q));
    }
}

/* ---- what only the database knows -------------------------------------------------------------------- */

static void add_name_list(struct sql *q, const struct shadow_rows *list, bool *first)
{
    vec_each(i, list) {
        sql_addf(q, *first ? "%L" : ", %L", list->v[i]->name);
        *first = false;
    }
}

void change_check_known(struct change *ch)
{
    const char *table = ch->before.table->name.name;
    const char *words =
        ctx_printf(ch->r->ctx, " of table '%s' is unknown to the script, which would drop it", table);
    struct sql q = sql_begin(ch->r->ctx, &sqlite_dialect);
    bool first = true;
    sql_addf(&q,
        "SELECT type || ' ' || name || %L FROM sqlite_schema WHERE tbl_name = %L COLLATE NOCASE "
        "AND type IN ('index', 'trigger') AND sql IS NOT NULL AND name COLLATE NOCASE NOT IN (",
        words, table);
    add_name_list(&q, &ch->indexes, &first);
    add_name_list(&q, &ch->triggers, &first);
    sql_addf(&q,
        ") UNION ALL SELECT 'column ' || name || %L FROM pragma_table_info(%L) WHERE name COLLATE NOCASE NOT "
        "IN (",
        words, table);
    vec_each(i, &ch->before.table->columns)
        sql_addf(&q, i ? ", %L" : "%L", ch->before.table->columns.v[i]->name);
    sql_add(&q, ")");
    add_check(ch, ch->op, sql_end(&q));
}

/* ---- foreign keys ------------------------------------------------------------------------------------ */

static bool same_names(const struct strings *a, const struct strings *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = str_eq_ci(a->v[i], b->v[i]);
    return same;
}

static bool had_key(const struct change *ch, const struct constraint *k)
{
    const struct constraints *old = &ch->before.table->foreign_keys;
    vec_each(i, old)
        if (str_eq_ci(old->v[i]->references.name, k->references.name) &&
            same_names(&old->v[i]->columns, &k->columns) &&
            same_names(&old->v[i]->referred_columns, &k->referred_columns))
            return true;
    return false;
}

bool change_has_new_keys(const struct change *ch)
{
    vec_each(i, &ch->after->foreign_keys)
        if (!ch->after->foreign_keys.v[i]->external && !had_key(ch, ch->after->foreign_keys.v[i]))
            return true;
    return false;
}

/* For a table with a foreign key to columns that are not a key SQLite reports nothing. */
static bool can_be_checked(const struct table *t)
{
    vec_each(i, &t->foreign_keys)
        if (t->foreign_keys.v[i]->external)
            return false;
    return true;
}

void change_concern(struct change *ch, const char *table)
{
    struct rendering *r = ch->r;
    if (str_eq_ci(ch->after->name.name, table) && !can_be_checked(ch->after))
        return;
    vec_each(i, &r->concerns)
        if (str_eq_ci(r->concerns.v[i]->table, table))
            return;
    const struct op *key =
        str_eq_ci(ch->after->name.name, table) ? change_op_of(ch, OP_CREATE_FOREIGN_KEY) : NULL;
    concern_add(r, &r->concerns, table, key ? key : ch->op);
}

bool change_create_indexes(struct change *ch)
{
    vec_each(i, &ch->pending->ops)
        if (ch->pending->ops.v[i]->kind == OP_CREATE_INDEX && !rendering_index(ch->r, ch->pending->ops.v[i]))
            return false;
    return true;
}
