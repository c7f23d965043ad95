/* Table options: the words that set them, and how information_schema.tables prints them. */
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/text.h"

/* `on`, `off`: the values of a flag. `usual`: the value that removes the option; NULL: the database's. `is_usual`: the
 * server prints the option with this value for tables that were created without it, too. */
static const struct table_option {
    const char *key, *words;
    const char *on, *off, *usual;
    const char *is_usual;
} table_options[] = {
    {"engine", "ENGINE", NULL, NULL, "InnoDB", NULL},
    {"collation", "DEFAULT COLLATE", NULL, NULL, NULL, NULL},
    {"row_format", "ROW_FORMAT", NULL, NULL, "DEFAULT", NULL},
    {"key_block_size", "KEY_BLOCK_SIZE", NULL, NULL, "0", NULL},
    {"max_rows", "MAX_ROWS", NULL, NULL, "0", NULL},
    {"min_rows", "MIN_ROWS", NULL, NULL, "0", NULL},
    {"avg_row_length", "AVG_ROW_LENGTH", NULL, NULL, "0", NULL},
    {"pack_keys", "PACK_KEYS", "1", "0", "DEFAULT", NULL},
    {"checksum", "CHECKSUM", "1", "0", "0", NULL},
    {"delay_key_write", "DELAY_KEY_WRITE", "1", "0", "0", NULL},
    {"page_checksum", "PAGE_CHECKSUM", "1", "0", "1", "true"},
    {"transactional", "TRANSACTIONAL", "1", "0", "DEFAULT", "true"},
    {"stats_persistent", "STATS_PERSISTENT", "1", "0", "DEFAULT", NULL},
    {"stats_auto_recalc", "STATS_AUTO_RECALC", "1", "0", "DEFAULT", NULL},
    {"stats_sample_pages", "STATS_SAMPLE_PAGES", NULL, NULL, "DEFAULT", NULL},
    {"page_compressed", "PAGE_COMPRESSED", "1", "0", "DEFAULT", NULL},
    {"page_compression_level", "PAGE_COMPRESSION_LEVEL", NULL, NULL, "DEFAULT", NULL},
    {"encrypted", "ENCRYPTED", "YES", "NO", "DEFAULT", NULL},
    {"encryption_key_id", "ENCRYPTION_KEY_ID", NULL, NULL, "DEFAULT", NULL},
};

static const struct table_option *find(const char *key)
{
    for (size_t i = 0; i < COUNT_OF(table_options); i++)
        if (str_eq_ci(table_options[i].key, key))
            return &table_options[i];
    return NULL;
}

/* In the order of the table, each with its value as the server reads it. */
void my_add_table_options(struct sql *q, const struct options *o)
{
    for (size_t i = 0; o && i < COUNT_OF(table_options); i++) {
        const struct table_option *row = &table_options[i];
        const char *value = options_get(o, mysql_dialect.name, row->key);
        bool flag;
        if (!value || !*value)
            continue;
        if (row->on && option_flag(value, &flag))
            value = flag ? row->on : row->off;
        sql_addf(q, " %E = %E", row->words, value);
    }
}

const char *my_usual_option(const char *key)
{
    const struct table_option *row = find(key);
    return row ? row->usual : NULL;
}

bool my_is_of_one_engine(const char *key)
{
    static const char *const keys[] = {"transactional", "page_checksum", "page_compressed",
        "page_compression_level", "encrypted", "encryption_key_id"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (str_eq(keys[i], key))
            return true;
    return false;
}

/* ---- reading ----------------------------------------------------------------------------------------- */

static const char *model_value(struct ctx *ctx, const struct table_option *row, const char *printed)
{
    bool flag;
    if (!row->on)
        return str_lower(&ctx->arena, printed);
    if (str_eq(printed, "1") || str_eq(printed, "0"))
        return *printed == '1' ? "true" : "false";
    return option_flag(str_lower(&ctx->arena, printed), &flag) ? (flag ? "true" : "false") : printed;
}

/* "row_format=COMPRESSED `encrypted`='YES' partitioned" */
bool my_next_table_option(struct ctx *ctx, const char **at, struct my_table_option *ret)
{
    const char *from = sql_skip_space(*at, SQL_MYSQL);
    const struct sql_piece name = sql_piece(from, SQL_MYSQL);
    const char *s = name.s + name.n;
    *ret = (struct my_table_option){0};
    if (name.kind == SQL_END)
        return false;
    ret->printed = sql_piece_text(&ctx->arena, &name);
    *at = s;
    if (*s != '=')
        return true;
    const struct sql_piece value = sql_piece(s + 1, SQL_MYSQL);
    const struct table_option *row = find(ret->printed);
    *at = value.s + value.n;
    const char *text = value.kind == SQL_STRING ? my_string_value(&ctx->arena, &value)
                                                : arena_strndup(&ctx->arena, value.s, value.n);
    ret->printed = ctx_printf(ctx, "%s=%s", ret->printed, text);
    if (!row)
        return true;
    ret->key = row->key;
    ret->value = model_value(ctx, row, text);
    ret->is_usual = row->is_usual && str_eq(row->is_usual, ret->value);
    return true;
}
