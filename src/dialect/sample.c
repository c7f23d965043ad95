/*
 * Writes rows of sample data for a table: valid for its types, and different in each row.
 *
 * A foreign key takes its values from the rows of the table to which it refers. What checks demand is unknown: the
 * database may reject a row.
 */
#include "cmig/dialect.h"

#include <strings.h>

/* ---- values by type ------------------------------------------------------------------------------------- */

static int64_t power_of_ten(int64_t digits)
{
    enum { MOST = 9 };
    int64_t n = 1;

    for (int64_t i = 0; i < digits && i < MOST; i++)
        n *= 10;
    return n;
}

static void add_number(struct sql *q, const struct type *t, int64_t row)
{
    const bool is_small = t->kind == TYPE_SMALLINT || t->kind == TYPE_REAL || t->kind == TYPE_OTHER;
    int64_t whole = t->nargs ? t->args[0] - (t->nargs > 1 ? t->args[1] : 0) : is_small ? 4 : 9;

    sql_int(q, (row + 1) % power_of_ten(whole < 1 ? 1 : whole));
}

/* A short one gets the number alone, in base 36 so that a single character differs in most rows. */
static void add_word(struct sql *q, const struct type *t, int64_t row)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    enum { BASE = sizeof(digits) - 1, ROOM = 16 };
    char text[ROOM], *at = text + ROOM - 1;
    int64_t n = row + 1, room = t->nargs && t->args[0] < ROOM - 1 ? t->args[0] : ROOM - 1;

    *at = '\0';
    do {
        *--at = digits[n % BASE];
        n /= BASE;
    } while (n && at > text + ROOM - 1 - room);
    if (room > 8)
        sql_string(q, arena_printf(q->text.arena, "row %s", at));
    else
        sql_string(q, at);
}

#define ADD_TEXT(q, ...) sql_string((q), arena_printf((q)->text.arena, __VA_ARGS__))

static void add_date(struct sql *q, ATTR_UNUSED const struct type *t, int64_t row)
{
    ADD_TEXT(
        q, "%04d-%02d-%02d", (int)(2000 + row / 336 % 100), (int)(1 + row / 28 % 12), (int)(1 + row % 28));
}

static void add_time(struct sql *q, ATTR_UNUSED const struct type *t, int64_t row)
{
    ADD_TEXT(q, "%02d:%02d:%02d", (int)(row / 3600 % 24), (int)(row / 60 % 60), (int)(row % 60));
}

static void add_timestamp(struct sql *q, ATTR_UNUSED const struct type *t, int64_t row)
{
    ADD_TEXT(
        q, "2020-01-%02d %02d:%02d:00", (int)(1 + row / 1440 % 28), (int)(row / 60 % 24), (int)(row % 60));
}

static void add_boolean(struct sql *q, ATTR_UNUSED const struct type *t, int64_t row)
{
    sql_add(q, row % 2 ? "TRUE" : "FALSE");
}

static void add_uuid(struct sql *q, ATTR_UNUSED const struct type *t, int64_t row)
{
    ADD_TEXT(q, "00000000-0000-4000-8000-%012llx", (unsigned long long)row + 1);
}

static void add_json(struct sql *q, ATTR_UNUSED const struct type *t, int64_t row)
{
    ADD_TEXT(q, "{\"row\": %lld}", (long long)row + 1);
}

static void add_interval(struct sql *q, ATTR_UNUSED const struct type *t, int64_t row)
{
    ADD_TEXT(q, "%lld days", (long long)row + 1);
}

/* The values of an enum are known from its definition. */
static void (*const by_kind[TYPE_OTHER + 1])(struct sql *q, const struct type *t, int64_t row) = {
    [TYPE_SMALLINT] = add_number,
    [TYPE_INTEGER] = add_number,
    [TYPE_BIGINT] = add_number,
    [TYPE_BOOLEAN] = add_boolean,
    [TYPE_REAL] = add_number,
    [TYPE_DOUBLE] = add_number,
    [TYPE_NUMERIC] = add_number,
    [TYPE_STRING] = add_word,
    [TYPE_CHAR] = add_word,
    [TYPE_TEXT] = add_word,
    [TYPE_BINARY] = add_word,
    [TYPE_DATE] = add_date,
    [TYPE_TIME] = add_time,
    [TYPE_TIMESTAMP] = add_timestamp,
    [TYPE_TIMESTAMPTZ] = add_timestamp,
    [TYPE_INTERVAL] = add_interval,
    [TYPE_UUID] = add_uuid,
    [TYPE_JSON] = add_json,
    [TYPE_JSONB] = add_json,
};

static void add_address(struct sql *q, ATTR_UNUSED const struct type *t, int64_t row)
{
    ADD_TEXT(q, "10.%d.%d.%d", (int)(row / 65536 % 256), (int)(row / 256 % 256), (int)(row % 256));
}

static void add_point(struct sql *q, ATTR_UNUSED const struct type *t, int64_t row)
{
    ADD_TEXT(q, "(%lld,%lld)", (long long)row, (long long)row);
}

/* Types that only one database has, by the beginning of their names. */
static const struct {
    const char *name;
    void (*add)(struct sql *q, const struct type *t, int64_t row);
} by_name[] = {
    {"inet", add_address},
    {"cidr", add_address},
    {"money", add_number},
    {"point", add_point},
    {"tsvector", add_word},
    {"citext", add_word},
    {"tinyint", add_boolean},
    {"year", add_boolean},
    {"mediumint", add_number},
    {"int", add_number},
    {"decimal", add_number},
    {"float", add_number},
    {"double", add_number},
    {"char", add_word},
    {"tinytext", add_word},
    {"mediumtext", add_word},
    {"longtext", add_word},
    {"blob", add_word},
    {"tinyblob", add_word},
    {"mediumblob", add_word},
    {"longblob", add_word},
    {"varbinary", add_word},
    {"binary", add_word},
    {"datetime", add_timestamp},
    {"timestamp", add_timestamp},
};

static const struct enumeration *find_enum(const struct schema *s, const struct qname *name)
{
    vec_each(i, &s->enums)
        if (qname_eq(&s->enums.v[i]->name, name))
            return s->enums.v[i];
    return NULL;
}

static bool add_one_of(struct sql *q, const struct strings *values, int64_t row)
{
    if (values->n)
        sql_string(q, values->v[row % values->n]);
    return values->n > 0;
}

static bool add_other(struct sql *q, const char *native, int64_t row)
{
    static const struct type none = {.kind = TYPE_OTHER};
    const size_t n = strcspn(native, " (");

    for (size_t i = 0; i < COUNT_OF(by_name); i++)
        if (strlen(by_name[i].name) == n && strncasecmp(by_name[i].name, native, n) == 0) {
            by_name[i].add(q, &none, row);
            return true;
        }
    return false;
}

/* The native spelling of an enum is its name alone; reflection gives the model's spelling, too. */
static bool parse_type(
    struct ctx *ctx, const struct dialect *dialect, const struct column *c, struct type *ret)
{
    const char *text = c->type.text ? c->type.text : dialect->type_model(ctx, c->native), *problem;

    return text && type_parse(&ctx->arena, text, ret, &problem);
}

/* False: no value of the type is known. */
static bool add_value(
    struct ctx *ctx, struct sql *q, const struct schema *s, const struct column *c, int64_t row)
{
    struct strings values = {0};
    struct type type;
    const struct enumeration *e;

    if (c->values)
        return add_one_of(q, c->values, row);
    if (q->dialect->type_values && q->dialect->type_values(ctx, c->native, &values))
        return add_one_of(q, &values, row);
    if (!parse_type(ctx, q->dialect, c, &type))
        return add_other(q, c->native, row);
    if (type.dimensions) {
        sql_string(q, "{}");
        return true;
    }
    if (by_kind[type.kind]) {
        by_kind[type.kind](q, &type, row);
        return true;
    }
    e = type.kind == TYPE_ENUM ? find_enum(s, &type.enumeration) : NULL;
    return e && add_one_of(q, &e->values, row);
}

/* ---- a row ---------------------------------------------------------------------------------------------- */

static const struct constraint *key_of(const struct table *t, const char *column, uint32_t *ret_at)
{
    vec_each(i, &t->foreign_keys) {
        const struct constraint *k = t->foreign_keys.v[i];

        vec_each(at, &k->columns)
            if (str_eq(k->columns.v[at], column)) {
                *ret_at = at;
                return k;
            }
    }
    return NULL;
}

/* The columns of one key come from the same row, since each subquery has the same order. */
static void add_referred(struct sql *q, const struct constraint *key, uint32_t at, int64_t row)
{
    sql_addf(q, "(SELECT %I FROM %Q ORDER BY ", key->referred_columns.v[at], &key->references);
    vec_each(i, &key->referred_columns) {
        sql_add(q, i ? ", " : "");
        sql_ident(q, key->referred_columns.v[i]);
    }
    sql_addf(q, " LIMIT 1 OFFSET %d)", row);
}

/* Whether the database gives the column its value. */
static bool is_given(const struct table *t, const struct column *c)
{
    return c->generated || c->identity || c->sequence || (c->autoincrement == TRI_TRUE && t->primary_key);
}

static bool is_needed(const struct column *c)
{
    return !c->nullable && c->dflt.kind == VALUE_NONE;
}

static bool add_column(struct ctx *ctx, struct sql *q, const struct schema *s, const struct table *t,
    const struct column *c, int64_t row)
{
    uint32_t at = 0;
    const struct constraint *key = key_of(t, c->name, &at);

    if (!key)
        return add_value(ctx, q, s, c, row);
    if (qname_eq(&key->references, &t->name))
        return false;
    add_referred(q, key, at, row);
    return true;
}

/* A row in which the database gives every value. */
static void add_defaults(struct sql *q, const struct table *t)
{
    if (q->dialect->has.embedded) /* it has no DEFAULT among values */
        sql_addf(q, "INSERT INTO %Q DEFAULT VALUES", &t->name);
    else
        sql_addf(q, "INSERT INTO %Q (%I) VALUES (DEFAULT)", &t->name, t->columns.v[0]->name);
}

static const char *unknown_text(struct ctx *ctx, const struct table *t, const struct column *c)
{
    uint32_t at;

    if (key_of(t, c->name, &at))
        return ctx_printf(ctx, "column '%s' must refer to a row of its own table", c->name);
    return ctx_printf(ctx, "no value of column '%s' of type %s is known", c->name, c->native);
}

bool sample_row(struct ctx *ctx, const struct dialect *dialect, const struct schema *s, const struct table *t,
    int64_t row, bool only_needed, const char **ret, const char **ret_why)
{
    struct strings columns = {0}, values = {0};
    struct sql q = sql_begin(ctx, dialect);

    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i];
        struct sql value = sql_begin(ctx, dialect);

        if (is_given(t, c) || (only_needed && !is_needed(c)))
            continue;
        if (add_column(ctx, &value, s, t, c, row)) {
            vec_add(ctx, &columns, c->name);
            vec_add(ctx, &values, sql_end(&value));
        } else if (is_needed(c)) {
            *ret_why = unknown_text(ctx, t, c);
            return false;
        }
    }
    if (!t->columns.n) {
        *ret_why = "it has no columns";
        return false;
    }
    if (!columns.n) {
        add_defaults(&q, t);
        *ret = sql_end(&q);
        return true;
    }
    sql_addf(&q, "INSERT INTO %Q %C VALUES (", &t->name, &columns);
    sql_add(&q, strings_join(&ctx->arena, &values, ", "));
    sql_add(&q, ")");
    *ret = sql_end(&q);
    return true;
}
