/*
 * Renames columns on servers before MySQL 8.0.
 *
 * They have no RENAME COLUMN, only CHANGE COLUMN with a complete definition, which is taken from the text of the table as
 * the server prints it.
 */
#include "dialect/mysql/wire/conn.h"

#include "dialect/mysql/wire/translate.h"

static struct sql_piece next(const char **at)
{
    const struct sql_piece p = sql_piece(sql_skip_space(*at, SQL_MYSQL), SQL_MYSQL);
    *at = p.s + p.n;
    return p;
}

/* The rest of the line "  `name` int NOT NULL,"; NULL: the table has no such column. */
static const char *definition_of(struct ctx *ctx, const char *printed, const char *quoted)
{
    const char *line = strstr(printed, ctx_printf(ctx, "\n  %s ", quoted));
    if (!line)
        return NULL;
    line += strlen("\n  ") + strlen(quoted);
    size_t n = strcspn(line, "\n");
    return arena_strndup(&ctx->arena, line, n - (n && line[n - 1] == ','));
}

static const char *quoted(struct ctx *ctx, const struct sql_piece *p)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q, "%I", sql_piece_text(&ctx->arena, p));
    return sql_end(&q);
}

/* After RENAME COLUMN: "a TO b". Without a definition, the statement stays as it is, and the server refuses it. */
static bool add_change(struct ctx *ctx, struct str *out, const char **at, const char *printed)
{
    const char *ahead = *at;
    const struct sql_piece column = next(&ahead), name = next(&ahead), to = next(&ahead),
                           new_name = next(&ahead);
    if (!sql_piece_is(&column, "column") || !sql_piece_is(&to, "to"))
        return false;
    const char *definition = definition_of(ctx, printed, quoted(ctx, &name));
    if (!definition)
        return false;
    str_addf(out, "CHANGE COLUMN %s %s%s", quoted(ctx, &name), quoted(ctx, &new_name), definition);
    *at = ahead;
    return true;
}

const char *my_change_for_rename(struct ctx *ctx, const char *sql, const char *printed)
{
    struct str out = STR(ctx);
    const char *done = sql, *at = sql;
    for (struct sql_piece p; (p = next(&at)).kind != SQL_END;) {
        if (!sql_piece_is(&p, "rename"))
            continue;
        str_addn(&out, done, (size_t)(p.s - done));
        done = p.s;
        if (add_change(ctx, &out, &at, printed))
            done = at;
    }
    str_add(&out, done);
    return str_get(&out);
}

const char *my_rename_table(struct ctx *ctx, const char *sql)
{
    const char *at = sql;
    const struct sql_piece alter = next(&at), table = next(&at), name = next(&at);
    if (!sql_piece_is(&alter, "alter") || !sql_piece_is(&table, "table"))
        return NULL;
    for (struct sql_piece p, last = name; (p = next(&at)).kind != SQL_END; last = p)
        if (sql_piece_is(&last, "rename") && sql_piece_is(&p, "column"))
            return sql_piece_text(&ctx->arena, &name);
    return NULL;
}
