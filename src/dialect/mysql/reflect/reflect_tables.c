/* Reads tables and columns. */
#include "dialect/mysql/objects/objects.h"
#include "dialect/mysql/reflect/reflect.h"

#include "dialect/mysql/judge/printed.h"
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/partitions.h"
#include "dialect/mysql/spell/periods.h"
#include "dialect/mysql/spell/types.h"

/* ---- sequences --------------------------------------------------------------------------------------- */

static void add_sequence(struct reading *r, const char *name, const char *comment)
{
    struct sequence *q = ctx_new(r->ctx, struct sequence);
    q->name.name = ctx_strdup(r->ctx, name);
    q->type = "bigint";
    q->comment = comment && *comment ? ctx_strdup(r->ctx, comment) : NULL;
    vec_add(r->ctx, &r->schema->sequences, q);
}

enum { NUMBER_AT, NUMBER_START, NUMBER_INCREMENT, NUMBER_MIN, NUMBER_MAX, NUMBER_CACHE, NUMBER_CYCLE };

static const char *unless(const struct my_answer *a, unsigned column, const char *usual)
{
    return str_eq(my_text(a, column), usual) ? NULL : my_copy(a, column);
}

/* Without what a sequence has by default. */
static void take_numbers(struct sequence *q, const struct my_answer *a)
{
    const struct sequence_defaults *usual = &my_sequence_defaults;
    bool descends = *my_text(a, NUMBER_INCREMENT) == '-';
    q->options = (struct sequence_options){
        .start = unless(a, NUMBER_START, my_text(a, descends ? NUMBER_MAX : NUMBER_MIN)),
        .increment = unless(a, NUMBER_INCREMENT, "1"),
        .min = unless(a, NUMBER_MIN, descends ? usual->min : "1"),
        .max = unless(a, NUMBER_MAX, descends ? "-1" : usual->max),
        .cache = unless(a, NUMBER_CACHE, usual->cache),
        .cycle = my_flag(a, NUMBER_CYCLE) ? TRI_TRUE : TRI_UNSET};
}

bool my_read_sequences(struct reading *r)
{
    const struct sequences *list = &r->schema->sequences;
    struct my_answer a CLEANUP(my_answer_free) = {0};
    struct sql q = sql_begin(r->ctx, &mysql_dialect);
    vec_each(i, list)
        sql_addf(&q,
            "%ESELECT %d, start_value, increment, minimum_value, maximum_value, cache_size, cycle_option "
            "FROM %I",
            i ? " UNION ALL " : "", (int64_t)i, list->v[i]->name.name);
    if (!list->n)
        return true;
    if (!my_query(r->my, sql_end(&q), &a))
        return false;
    while (my_next(&a))
        take_numbers(list->v[my_int(&a, NUMBER_AT)], &a);
    return true;
}

/* ---- tables ------------------------------------------------------------------------------------------ */

struct unmodelled *my_add_unmodelled(struct reading *r, const char *kind, const char *name)
{
    struct unmodelled *u = ctx_new(r->ctx, struct unmodelled);
    u->kind = kind;
    u->name.name = ctx_strdup(r->ctx, name);
    vec_add(r->ctx, &r->schema->unmodelled, u);
    return u;
}

static void set_option(struct reading *r, struct table *t, const char *key, const char *value)
{
    if (!t->options)
        t->options = ctx_new(r->ctx, struct options);
    options_set(r->ctx, t->options, "mysql", key, value);
}

/* Options that models do not have are listed. */
static void take_create_options(struct reading *r, struct table *t, const char *text)
{
    struct my_table_option o;
    while (my_next_table_option(r->ctx, &text, &o)) {
        if (o.key && !o.is_usual)
            set_option(r, t, o.key, o.value);
        else if (str_eq(o.printed, "partitioned"))
            set_option(r, t, "partition_by", o.printed); /* my_read_texts() reads how */
        else if (!o.key)
            my_add_unmodelled(r, "table option", t->name.name)->detail = o.printed;
    }
}

/* "UNION=(`a`,`b`)"; NULL: the table has none, or it cannot be read. */
static const char *union_of(struct reading *r, const struct table *t)
{
    struct sql q = sql_begin(r->ctx, &mysql_dialect);
    struct strings row = {0};
    sql_addf(&q, "SHOW CREATE TABLE %I", t->name.name);
    if (!my_query_row(&r->my->base, sql_end(&q), &row))
        return NULL;
    const char *at = row.n > 1 ? strstr(row.v[1], " UNION=(") : NULL;
    return at ? arena_strndup(&r->ctx->arena, at + 1, strcspn(at, ")")) : NULL;
}

/* Settings of engines that are in SHOW CREATE TABLE only. CONNECTION may contain a password. */
static bool name_engine_settings(struct reading *r, const struct table *t, const char *engine)
{
    static const struct {
        const char *engine, *setting;
        const char *(*read)(struct reading *r, const struct table *t);
    } rows[] = {{"MRG_MyISAM", NULL, union_of}, {"FEDERATED", "the server of CONNECTION", NULL},
        {"SPIDER", "the server of COMMENT and CONNECTION", NULL}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!str_eq_ci(engine, rows[i].engine))
            continue;
        const char *setting = rows[i].read ? rows[i].read(r, t) : rows[i].setting;
        if (setting)
            my_add_unmodelled(r, "table option", t->name.name)->detail = setting;
    }
    return r->ctx->err.status == STATUS_OK;
}

static void take_partitions(struct reading *r, struct table *t, const char *printed)
{
    const struct my_partitioning p = my_partitioning_printed(r->ctx, printed);
    if (!t->options)
        t->options = ctx_new(r->ctx, struct options);
    my_partitioning_set(r->ctx, t->options, &p);
    if (!p.by)
        my_add_unmodelled(r, "partitioning", t->name.name);
}

/* A period implies a check of its name: start < end. */
static bool may_have_period(struct reading *r, const struct table *t)
{
    vec_each(i, &t->checks) {
        const struct my_period none = {0};
        struct my_period p;
        const char *name = t->checks.v[i]->name, *at = t->checks.v[i]->check.native;
        if (my_period_of_check(r->ctx, name, at, &p) && !my_period_same(&p, &none) &&
            table_column(t, p.from) && table_column(t, p.to))
            return true;
    }
    return false;
}

/* Only the text of the whole table has its partitioning and its periods. */
bool my_read_texts(struct reading *r)
{
    vec_each(i, &r->schema->tables) {
        struct table *t = r->schema->tables.v[i];
        bool is_partitioned = t->options && options_get(t->options, "mysql", "partition_by");
        bool has_period = may_have_period(r, t);
        struct sql q = sql_begin(r->ctx, &mysql_dialect);
        struct strings row = {0};
        sql_addf(&q, "SHOW CREATE TABLE %Q", &t->name);
        if (!is_partitioned && !has_period)
            continue;
        if (!my_query_row(&r->my->base, sql_end(&q), &row))
            return false;
        if (is_partitioned)
            take_partitions(r, t, row.n > 1 ? row.v[1] : "");
        if (has_period)
            my_period_printed(r->ctx, row.n > 1 ? row.v[1] : "", t);
    }
    return true;
}

enum { TABLE_NAME, TABLE_TYPE, TABLE_ENGINE, TABLE_COLLATION, TABLE_OPTIONS, TABLE_COMMENT };

static bool take_table(struct reading *r, ATTR_UNUSED struct table *none, const struct my_answer *a)
{
    const char *type = my_text(a, TABLE_TYPE), *comment = my_text(a, TABLE_COMMENT);
    if (r->my->events && str_eq(my_text(a, TABLE_NAME), MY_SCRATCH)) /* the mark of a scratch database */
        return true;
    bool is_versioned = str_eq(type, "SYSTEM VERSIONED");
    if (!str_eq(type, "BASE TABLE") && !is_versioned) {
        if (str_eq(type, "SEQUENCE"))
            add_sequence(r, my_text(a, TABLE_NAME), comment);
        return true;
    }
    struct table *t = ctx_new(r->ctx, struct table);
    t->name.name = my_copy(a, TABLE_NAME);
    t->comment = comment && *comment ? my_copy(a, TABLE_COMMENT) : NULL;
    if (is_versioned)
        set_option(r, t, "system_versioning", "true");
    if (my_text(a, TABLE_ENGINE) && !str_eq_ci(my_text(a, TABLE_ENGINE), "InnoDB")) {
        set_option(r, t, "engine", my_copy(a, TABLE_ENGINE));
        if (!name_engine_settings(r, t, my_text(a, TABLE_ENGINE)))
            return false;
    }
    if (my_text(a, TABLE_COLLATION) && !str_eq(my_text(a, TABLE_COLLATION), r->collation))
        set_option(r, t, "collation", my_copy(a, TABLE_COLLATION));
    if (my_text(a, TABLE_OPTIONS))
        take_create_options(r, t, my_text(a, TABLE_OPTIONS));
    vec_add(r->ctx, &r->schema->tables, t);
    map_set(&r->tables, t->name.name, t);
    return true;
}

const struct reading_query my_tables_query = {
    .sql = "SELECT table_name, table_type, engine, table_collation, create_options, table_comment "
           "FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type <> 'VIEW'",
    .column = "table_name",
    .order = "table_name",
    .take = take_table,
    .takes_others = true,
};

/* ---- columns ----------------------------------------------------------------------------------------- */

enum {
    COLUMN_TABLE,
    COLUMN_NAME,
    COLUMN_DEFAULT,
    COLUMN_NULLABLE,
    COLUMN_TYPE,
    COLUMN_COLLATION,
    COLUMN_EXTRA,
    COLUMN_COMMENT,
    COLUMN_GENERATION
};

static void set_column_option(struct reading *r, struct column *c, const char *key, const char *value)
{
    if (!c->options)
        c->options = ctx_new(r->ctx, struct options);
    options_set(r->ctx, c->options, "mysql", key, value);
}

/* "on update current_timestamp(), INVISIBLE" */
static void take_extra(struct reading *r, struct column *c, const char *extra)
{
    if (strstr(extra, "auto_increment"))
        c->autoincrement = TRI_TRUE;
    if (strstr(extra, "on update "))
        c->on_update = (struct value){.kind = VALUE_SQL, .expr.native = MY_NOW};
    if (strstr(extra, "INVISIBLE"))
        set_column_option(r, c, "invisible", "true");
    if (strstr(extra, "WITHOUT SYSTEM VERSIONING"))
        set_column_option(r, c, "without_system_versioning", "true");
}

static void take_generation(struct reading *r, struct column *c, const struct my_answer *a)
{
    const char *text = my_text(a, COLUMN_GENERATION);
    if (!text || !*text)
        return;
    if (str_starts(text, "ROW ")) {
        set_column_option(r, c, "system_time", str_eq(text, "ROW START") ? "start" : "end");
        return;
    }
    c->generated = ctx_new(r->ctx, struct generated);
    c->generated->expr.native = my_read_expression(r->my, my_text(a, COLUMN_GENERATION));
    c->generated->stored =
        strstr(my_text(a, COLUMN_EXTRA), "STORED") || strstr(my_text(a, COLUMN_EXTRA), "PERSISTENT");
    c->dflt = (struct value){.kind = VALUE_NONE};
}

const char *my_table_collation(const struct reading *r, const struct table *t)
{
    const char *own = t->options ? options_get(t->options, "mysql", "collation") : NULL;
    return own ? own : r->collation;
}

/* Bytes that are no text are question marks in information_schema. */
static bool may_be_garbled(const struct column *c)
{
    static const char *const types[] = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"};
    bool is_binary = false;
    for (size_t i = 0; i < COUNT_OF(types); i++)
        is_binary = is_binary || str_starts(c->native, types[i]);
    return is_binary && c->dflt.kind != VALUE_NONE && strchr(c->dflt.expr.native, '?');
}

static bool read_printed_defaults(struct reading *r, struct table *t)
{
    struct strings row = {0};
    struct sql q = sql_begin(r->ctx, &mysql_dialect);
    struct table *copy = table_copy(r->ctx, t);
    sql_addf(&q, "SHOW CREATE TABLE %I", t->name.name);
    if (!my_query_row(&r->my->base, sql_end(&q), &row))
        return false;
    if (row.n > 1)
        my_take_printed(r->ctx, row.v[1], copy);
    vec_each(i, &t->columns)
        if (may_be_garbled(t->columns.v[i]))
            t->columns.v[i]->dflt = copy->columns.v[i]->dflt;
    return true;
}

bool my_read_binary_defaults(struct reading *r)
{
    vec_each(i, &r->schema->tables) {
        struct table *t = r->schema->tables.v[i];
        bool is_needed = false;
        vec_each(k, &t->columns)
            is_needed = is_needed || may_be_garbled(t->columns.v[k]);
        if (is_needed && !read_printed_defaults(r, t))
            return false;
    }
    return true;
}

static bool take_column(struct reading *r, struct table *t, const struct my_answer *a)
{
    struct column *c = ctx_new(r->ctx, struct column);
    const char *dflt = my_text(a, COLUMN_DEFAULT), *collation = my_text(a, COLUMN_COLLATION);
    const char *comment = my_text(a, COLUMN_COMMENT);
    c->name = my_copy(a, COLUMN_NAME);
    c->native = my_type_canonical(r->ctx, my_text(a, COLUMN_TYPE));
    c->nullable = my_flag(a, COLUMN_NULLABLE);
    c->comment = comment && *comment ? my_copy(a, COLUMN_COMMENT) : NULL;
    if (collation && !str_eq(collation, my_table_collation(r, t)))
        c->collation = my_copy(a, COLUMN_COLLATION);
    if (dflt && (!str_eq_ci(dflt, "NULL") || !r->my->server->prints_sql))
        c->dflt = (struct value){.kind = VALUE_SQL,
            .expr.native =
                my_without_database(r->my, my_read_default(r->my, c, dflt, my_text(a, COLUMN_EXTRA)))};
    take_extra(r, c, my_text(a, COLUMN_EXTRA));
    take_generation(r, c, a);
    vec_add(r->ctx, &t->columns, c);
    return true;
}

const struct reading_query my_columns_query = {
    .sql = "SELECT table_name, column_name, column_default, is_nullable, column_type, collation_name, extra, "
           "column_comment, generation_expression FROM information_schema.columns WHERE table_schema = "
           "DATABASE()",
    .column = "table_name",
    .order = "table_name, ordinal_position",
    .take = take_column,
};
