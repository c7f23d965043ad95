/* Reads indexes, keys and checks. */
#include "dialect/mysql/reflect/reflect.h"
#include "dialect/mysql/spell/periods.h"
#include "dialect/mysql/spell/prepare.h"
#include "dialect/mysql/spell/text.h"
#include "dialect/mysql/spell/types.h"

/* ---- indexes and keys -------------------------------------------------------------------------------- */

enum {
    INDEX_TABLE,
    INDEX_NAME,
    INDEX_NON_UNIQUE,
    INDEX_COLUMN,
    INDEX_ORDER,
    INDEX_LENGTH,
    INDEX_TYPE,
    INDEX_COMMENT,
    INDEX_IGNORED,
    INDEX_EXPRESSION
};

static const char *comment_of(const struct my_answer *a)
{
    const char *comment = my_text(a, INDEX_COMMENT);
    return comment && *comment ? my_copy(a, INDEX_COMMENT) : NULL;
}

/* The method, where it is not the one that such an index has anyway. */
static const char *method_of(struct reading *r, const struct table *t, const struct my_answer *a)
{
    const char *method = str_lower(&r->ctx->arena, my_text(a, INDEX_TYPE));
    bool is_unique = !my_flag(a, INDEX_NON_UNIQUE);
    if (str_eq(method, "hash") && is_unique) /* of a long text */
        return NULL;
    return str_eq(method, my_index_method(t)) ? NULL : method;
}

static struct constraint *begin_key(struct reading *r, struct table *t, const struct my_answer *a)
{
    struct constraint *c = ctx_new(r->ctx, struct constraint);
    const char *method = method_of(r, t, a), *comment = comment_of(a);
    c->kind = CONSTRAINT_PRIMARY_KEY;
    if (method || comment)
        c->options = ctx_new(r->ctx, struct options);
    if (method)
        options_set(r->ctx, c->options, "mysql", "using", method);
    if (comment)
        options_set(r->ctx, c->options, "mysql", "comment", comment);
    return c;
}

/* Prefix lengths and orders are in a list for all columns: "0, 10". */
static void extend_list(
    struct reading *r, struct constraint *c, const char *key, const char *value, const char *usual)
{
    const char *list = c->options ? options_get(c->options, "mysql", key) : NULL;
    if (!list && !value)
        return;
    if (!c->options)
        c->options = ctx_new(r->ctx, struct options);
    if (!list && c->columns.n) {
        list = usual;
        for (size_t i = 1; i < c->columns.n; i++)
            list = ctx_printf(r->ctx, "%s, %s", list, usual);
    }
    value = value ? value : usual;
    options_set(r->ctx, c->options, "mysql", key, list ? ctx_printf(r->ctx, "%s, %s", list, value) : value);
}

static void take_key_column(struct reading *r, struct table *t, const struct my_answer *a)
{
    if (!t->primary_key)
        t->primary_key = begin_key(r, t, a);
    extend_list(r, t->primary_key, "length", my_copy(a, INDEX_LENGTH), "0");
    extend_list(r, t->primary_key, "order", str_eq(my_text(a, INDEX_ORDER), "D") ? "desc" : NULL, "asc");
    vec_add(r->ctx, &t->primary_key->columns, my_copy(a, INDEX_COLUMN));
}

static struct index *begin_index(struct reading *r, struct table *t, const struct my_answer *a)
{
    struct index *i = ctx_new(r->ctx, struct index);
    i->name = my_copy(a, INDEX_NAME);
    i->unique = !my_flag(a, INDEX_NON_UNIQUE);
    i->comment = comment_of(a);
    i->using = method_of(r, t, a);
    if (my_flag(a, INDEX_IGNORED)) {
        i->options = ctx_new(r->ctx, struct options);
        options_set(r->ctx, i->options, "mysql", "ignored", "true");
    }
    vec_add(r->ctx, &t->indexes, i);
    return i;
}

static bool take_index_column(struct reading *r, struct table *t, const struct my_answer *a)
{
    struct index *last = t->indexes.n ? t->indexes.v[t->indexes.n - 1] : NULL;
    if (str_eq(my_text(a, INDEX_NAME), "PRIMARY")) {
        take_key_column(r, t, a);
        return true;
    }
    if (!last || !str_eq(last->name, my_text(a, INDEX_NAME)))
        last = begin_index(r, t, a);
    struct index_part *part = ctx_new(r->ctx, struct index_part);
    part->column = my_copy(a, INDEX_COLUMN);
    part->expr.native = my_read_expression(r->my, my_text(a, INDEX_EXPRESSION));
    part->order = str_eq(my_text(a, INDEX_ORDER), "D") ? ORDER_DESC : ORDER_ASC;
    bool is_spatial = str_eq(last->using, "spatial"); /* always with a length of 32 */
    part->length = is_spatial ? NULL : my_copy(a, INDEX_LENGTH);
    vec_add(r->ctx, &last->parts, part);
    return true;
}

const struct reading_query my_indexes_query = {
    .sql = "SELECT table_name, index_name, non_unique, column_name, collation, sub_part, index_type, "
           "index_comment, "
           "ignored, NULL FROM information_schema.statistics WHERE table_schema = DATABASE()",
    .plain = "SELECT table_name, index_name, non_unique, column_name, collation, sub_part, index_type, "
             "index_comment, 0 /*!80000 + (is_visible = 'NO') */, coalesce(NULL /*!80013 , expression */) "
             "FROM information_schema.statistics "
             "WHERE table_schema = DATABASE()",
    .column = "table_name",
    .order = "table_name, index_name, seq_in_index",
    .take = take_index_column,
};

/* ---- foreign keys ------------------------------------------------------------------------------------ */

enum { KEY_TABLE, KEY_NAME, KEY_COLUMN, KEY_SCHEMA, KEY_REFERS, KEY_REFERRED };
enum { RULE_TABLE, RULE_NAME, RULE_UPDATE, RULE_DELETE };

/* RESTRICT and NO ACTION are the same, and so NO ACTION here. */
static int action_of(const char *text)
{
    for (int i = FK_CASCADE; i <= FK_SET_DEFAULT; i++)
        if (str_eq(sql_fk_actions[i], text))
            return i;
    return FK_NO_ACTION;
}

static struct constraint *begin_foreign_key(struct reading *r, struct table *t, const struct my_answer *a)
{
    struct constraint *c = ctx_new(r->ctx, struct constraint);
    c->kind = CONSTRAINT_FOREIGN_KEY;
    c->name = my_copy(a, KEY_NAME);
    c->references = (struct qname){my_copy(a, KEY_SCHEMA), my_copy(a, KEY_REFERS)};
    vec_add(r->ctx, &t->foreign_keys, c);
    return c;
}

static bool take_foreign_key(struct reading *r, struct table *t, const struct my_answer *a)
{
    struct constraint *last = t->foreign_keys.n ? t->foreign_keys.v[t->foreign_keys.n - 1] : NULL;
    if (!last || !str_eq(last->name, my_text(a, KEY_NAME)))
        last = begin_foreign_key(r, t, a);
    vec_add(r->ctx, &last->columns, my_copy(a, KEY_COLUMN));
    vec_add(r->ctx, &last->referred_columns, my_copy(a, KEY_REFERRED));
    return true;
}

static bool take_rule(ATTR_UNUSED struct reading *r, struct table *t, const struct my_answer *a)
{
    vec_each(i, &t->foreign_keys) {
        struct constraint *c = t->foreign_keys.v[i];
        if (!str_eq(c->name, my_text(a, RULE_NAME)))
            continue;
        c->on_update = action_of(my_text(a, RULE_UPDATE));
        c->on_delete = action_of(my_text(a, RULE_DELETE));
    }
    return true;
}

/* The columns and the rules are not joined: MariaDB would open the tables of all databases of the server for that. */
const struct reading_query my_foreign_keys_query = {
    .sql = "SELECT table_name, constraint_name, column_name, nullif(referenced_table_schema, DATABASE()), "
           "referenced_table_name, referenced_column_name FROM information_schema.key_column_usage "
           "WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL",
    .column = "table_name",
    .order = "table_name, constraint_name, ordinal_position",
    .take = take_foreign_key,
};
const struct reading_query my_foreign_key_rules_query = {
    .sql = "SELECT table_name, constraint_name, update_rule, delete_rule FROM "
           "information_schema.referential_constraints WHERE constraint_schema = DATABASE()",
    .column = "table_name",
    .order = "table_name, constraint_name",
    .take = take_rule,
};

/* Without what the keys do, which my_read_key_actions() reads. */
const struct reading_query my_restricted_keys_query = {
    .sql =
        "SELECT k.table_name, k.constraint_name, k.column_name, "
        "nullif(k.referenced_table_schema, DATABASE()), k.referenced_table_name, k.referenced_column_name, "
        "'', '' FROM information_schema.key_column_usage k WHERE k.table_schema = DATABASE() "
        "AND k.referenced_table_name IS NOT NULL",
    .column = "k.table_name",
    .order = "k.table_name, k.constraint_name, k.ordinal_position",
    .take = take_foreign_key,
};

/* ---- checks ------------------------------------------------------------------------------------------ */

enum { CHECK_TABLE, CHECK_NAME, CHECK_CLAUSE, CHECK_LEVEL, CHECK_ENFORCED };

/* MariaDB's JSON is a LONGTEXT with this collation, and this check on the column. */
static bool is_json(
    struct reading *r, const struct table *t, const struct column *c, const struct my_answer *a)
{
    if (!str_eq(c->native, "longtext") ||
        !str_eq(c->collation ? c->collation : my_table_collation(r, t), "utf8mb4_bin"))
        return false;
    struct sql q = sql_begin(r->ctx, &mysql_dialect);
    sql_addf(&q, "json_valid(%I)", my_text(a, CHECK_NAME));
    return my_expr_same(r->ctx, NULL, sql_end(&q), my_text(a, CHECK_CLAUSE));
}

static bool take_check(struct reading *r, struct table *t, const struct my_answer *a)
{
    bool is_on_column = str_eq_ci(my_text(a, CHECK_LEVEL), "Column");
    struct column *column = is_on_column ? table_column(t, my_text(a, CHECK_NAME)) : NULL;
    if (column && is_json(r, t, column, a)) {
        column->native = "json";
        column->collation = NULL;
        return true;
    }
    struct constraint *c = ctx_new(r->ctx, struct constraint);
    c->kind = CONSTRAINT_CHECK;
    c->name = my_copy(a, CHECK_NAME);
    c->check.native = my_read_expression(r->my, my_text(a, CHECK_CLAUSE));
    if (!my_flag(a, CHECK_ENFORCED))
        my_add_unmodelled(r, "check", t->name.name)->detail =
            ctx_printf(r->ctx, "%s, which is not enforced", c->name);
    if (is_on_column) {
        c->options = ctx_new(r->ctx, struct options);
        options_set(r->ctx, c->options, "mysql", "on_column", "true");
    }
    vec_add(r->ctx, &t->checks, c);
    return true;
}

const struct reading_query my_checks_query = {
    .sql = "SELECT table_name, constraint_name, check_clause, level, 'YES' "
           "FROM information_schema.check_constraints "
           "WHERE constraint_schema = DATABASE()",
    .plain = "SELECT t.table_name, c.constraint_name, c.check_clause, 'Table', t.enforced "
             "FROM information_schema.check_constraints c JOIN information_schema.table_constraints t "
             "ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name "
             "AND t.constraint_type = 'CHECK' WHERE c.constraint_schema = DATABASE()",
    .column = "table_name",
    .order = "table_name, constraint_name",
    .take = take_check,
};

/* ---- parts that belong together ---------------------------------------------------------------------- */

static bool is_plain(const struct index *i)
{
    vec_each(k, &i->parts)
        if (i->parts.v[k]->order == ORDER_DESC || i->parts.v[k]->length || !i->parts.v[k]->column)
            return false;
    return !i->using && !i->comment && !i->options;
}

static bool has_columns(const struct index *i, const struct strings *columns)
{
    if (i->parts.n != columns->n)
        return false;
    vec_each(k, columns)
        if (!str_eq(i->parts.v[k]->column, columns->v[k]))
            return false;
    return true;
}

/* The server creates an index for a foreign key that no other index serves, and gives it the key's name. */
static bool comes_with_key(const struct table *t, const struct index *i)
{
    vec_each(k, &t->foreign_keys)
        if (!i->unique && is_plain(i) && str_eq(t->foreign_keys.v[k]->name, i->name) &&
            has_columns(i, &t->foreign_keys.v[k]->columns))
            return true;
    return false;
}

/* The index of a key without a name is named after its first column: "author_id", or "author_id_2" where that is taken.
 * It looks like one that somebody created. */
static bool may_come_with_key(const struct table *t, const struct index *i)
{
    const char *first = i->parts.v[0]->column;
    bool is_named_so = first && str_starts(i->name, first);
    const char *rest = is_named_so ? i->name + strlen(first) : "";
    if (!is_named_so || i->unique || !is_plain(i) ||
        (*rest && (*rest != '_' || !rest[1] || rest[1 + strspn(rest + 1, "0123456789")])))
        return false;
    vec_each(k, &t->foreign_keys)
        if (has_columns(i, &t->foreign_keys.v[k]->columns))
            return true;
    return false;
}

/* MySQL's indexes on expressions are not modelled. */
static bool has_expression(const struct index *i)
{
    vec_each(k, &i->parts)
        if (!i->parts.v[k]->column)
            return true;
    return false;
}

static void name_functional(struct reading *r, struct table *t)
{
    size_t kept = 0;
    vec_each(i, &t->indexes)
        if (has_expression(t->indexes.v[i]))
            my_add_unmodelled(r, "index", t->name.name)->detail =
                ctx_printf(r->ctx, "%s, on an expression", t->indexes.v[i]->name);
        else
            t->indexes.v[kept++] = t->indexes.v[i];
    t->indexes.n = (uint32_t)kept;
}

/* UNIQUE (a, b) and CREATE UNIQUE INDEX ON (a, b) are the same. */
static struct constraint *unique_of(struct reading *r, const struct index *i)
{
    struct constraint *c = ctx_new(r->ctx, struct constraint);
    c->kind = CONSTRAINT_UNIQUE;
    c->name = i->name;
    vec_each(k, &i->parts)
        vec_add(r->ctx, &c->columns, i->parts.v[k]->column);
    return c;
}

/* A single integer key without AUTO_INCREMENT gets autoincrement: false. */
static void settle_key(struct table *t)
{
    struct column *c = t->primary_key && t->primary_key->columns.n == 1
                           ? table_column(t, t->primary_key->columns.v[0])
                           : NULL;
    if (c && c->autoincrement != TRI_TRUE && my_type_is_integer(c->native))
        c->autoincrement = TRI_FALSE;
}

/* The server adds the end of the version to keys of a versioned table. */
static void forget_version_in_keys(struct table *t)
{
    const struct column *end = my_system_time_column(t, "end");
    if (!end)
        return;
    if (t->primary_key && str_eq(t->primary_key->columns.v[t->primary_key->columns.n - 1], end->name))
        t->primary_key->columns.n--;
    vec_each(k, &t->indexes) {
        struct index *i = t->indexes.v[k];
        if (i->unique && str_eq(i->parts.v[i->parts.n - 1]->column, end->name))
            i->parts.n--;
    }
}

void my_settle_table(struct reading *r, struct table *t)
{
    name_functional(r, t);
    size_t kept = 0;
    forget_version_in_keys(t);
    vec_each(k, &t->indexes) {
        struct index *i = t->indexes.v[k];
        if (i->unique && is_plain(i))
            vec_add(r->ctx, &t->uniques, unique_of(r, i));
        else if (!comes_with_key(t, i))
            t->indexes.v[kept++] = i;
        i->with_key = may_come_with_key(t, i);
    }
    t->indexes.n = (uint32_t)kept;
    settle_key(t);
}
