/*
 * The record of a half-applied revision, in a table beside the version table.
 *
 * It has one row, and only while a revision is half applied; where DDL commits by itself, the empty table stays. The
 * row also holds the version rows and the newest history row at the time it was written, so that a program that moves
 * the database without knowing the record outdates it.
 * cmig 0.1.0 had the first five columns only.
 */
#include "cmig/dialect.h"

#include <stdlib.h>

enum {
    COLUMN_REVISION,
    COLUMN_DIRECTION,
    COLUMN_OPERATION,
    COLUMN_DIGEST,
    COLUMN_STATE,
    COLUMN_PART,
    COLUMN_OPERATIONS,
    COLUMN_ROWS,
    COLUMN_MARK,
    COLUMNS
};

/* Where DROP TABLE would commit what comes before it, the table stays, without a row. */
void progress_drop(
    struct ctx *ctx, const struct dialect *dialect, const struct version_table *v, struct statements *ret)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_addf(&q, dialect->has.commits_ddl ? "DELETE FROM %Q" : "DROP TABLE IF EXISTS %Q", &v->progress);
    statement_add(ctx, ret, sql_end(&q), NULL);
}

void progress_create(
    struct ctx *ctx, const struct dialect *dialect, const struct version_table *v, struct statements *ret)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_addf(&q,
        "CREATE TABLE IF NOT EXISTS %Q (\n"
        "    revision varchar(255) NOT NULL,\n"
        "    direction varchar(20) NOT NULL,\n"
        "    operation integer NOT NULL,\n"
        "    digest varchar(20) NOT NULL,\n"
        "    state text,\n"
        "    part integer NOT NULL,\n"
        "    operations integer NOT NULL,\n"
        "    version_rows text NOT NULL,\n"
        "    history_id bigint\n"
        ")",
        &v->progress);
    statement_add(ctx, ret, sql_end(&q), NULL)->flags = dialect->has.commits_ddl ? STATEMENT_OUTSIDE : 0;
}

/* ---- several operations in one statement ------------------------------------------------------------- */

size_t progress_together(const char *state)
{
    bool is_one = state && str_starts(state, PROGRESS_TOGETHER);
    return is_one ? strtoul(state + strlen(PROGRESS_TOGETHER), NULL, 10) : 0;
}

bool progress_has_begun(const char *state)
{
    return str_eq(state, PROGRESS_BEGUN) || progress_together(state);
}

void progress_set_together(struct ctx *ctx, const struct dialect *dialect, struct progress *p, size_t n,
    const char *digest, const char *table)
{
    struct sql q = sql_begin(ctx, dialect), name = q;
    sql_string(&name, table);
    p->state = ctx_printf(ctx, PROGRESS_TOGETHER "%zu", n);
    sql_addf(&q, "concat(%L, %E, ' ', %L)", ctx_printf(ctx, "%s %s ", p->state, digest),
        dialect->fingerprint(ctx, sql_end(&name)), table);
    p->state_sql = sql_end(&q);
}

static const char *next_word(struct ctx *ctx, const char **s)
{
    size_t n = strcspn(*s, " ");
    const char *word = arena_strndup(&ctx->arena, *s, n);
    *s += n + ((*s)[n] == ' ');
    return word;
}

/* The statement is applied if the table is no longer as it was before. */
static bool settle_together(struct conn *conn, struct progress *p)
{
    struct ctx *ctx = conn->ctx;
    size_t n = progress_together(p->state);
    if (!n || !conn->dialect->fingerprint)
        return true;
    const char *rest = p->state + strlen(PROGRESS_TOGETHER);
    next_word(ctx, &rest);
    const char *digest = next_word(ctx, &rest), *before = next_word(ctx, &rest);
    struct sql q = sql_begin(ctx, conn->dialect), name = q;
    struct strings row;
    sql_string(&name, rest);
    sql_addf(&q, "SELECT %E", conn->dialect->fingerprint(ctx, sql_end(&name)));
    if (!conn->dialect->query(conn, sql_end(&q), &row))
        return false;
    p->state = NULL;
    if (row.n && str_eq(row.v[0], before))
        return true;
    p->settled = ctx_printf(ctx,
        "operations %lld to %lld were begun as one statement, and table '%s' has changed since: they count "
        "as "
        "applied",
        (long long)p->operation + 1, (long long)p->operation + (long long)n, rest);
    p->operation += (int64_t)n;
    p->digest = digest;
    return true;
}

/* ---- the record -------------------------------------------------------------------------------------- */

static const char *state_text(struct ctx *ctx, const struct dialect *dialect, const struct progress *p)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_string(&q, p->state);
    return p->state_sql ? p->state_sql : sql_end(&q);
}

/* The id of the newest history row; 0: the table is empty. */
static const char *newest_history(
    struct ctx *ctx, const struct dialect *dialect, const struct version_table *v)
{
    struct sql q = sql_begin(ctx, dialect);
    if (!v->history.name)
        return "NULL";
    sql_addf(&q, "(SELECT coalesce(max(id), 0) FROM %Q)", &v->history);
    return sql_end(&q);
}

void progress_set(
    struct ctx *ctx, const struct dialect *dialect, const struct progress *p, struct statements *ret)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_addf(&q, "DELETE FROM %Q", &p->version->progress);
    statement_add(ctx, ret, sql_end(&q), NULL);
    progress_add(ctx, dialect, p, ret);
}

void progress_add(
    struct ctx *ctx, const struct dialect *dialect, const struct progress *p, struct statements *ret)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_addf(&q,
        "INSERT INTO %Q (revision, direction, operation, digest, state, part, operations, version_rows, "
        "history_id) VALUES (%L, %L, %d, %L, %E, %d, %d, %L, %E)",
        &p->version->progress, p->revision, p->direction, p->operation, p->digest,
        state_text(ctx, dialect, p), p->part, p->operations, p->rows,
        newest_history(ctx, dialect, p->version));
    statement_add(ctx, ret, sql_end(&q), NULL)->expect = 1;
}

void progress_move(
    struct ctx *ctx, const struct dialect *dialect, const struct progress *p, struct statements *ret)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_addf(&q, "UPDATE %Q SET operation = %d, part = %d, state = %E, digest = %L", &p->version->progress,
        p->operation, p->part, state_text(ctx, dialect, p), p->digest);
    statement_add(ctx, ret, sql_end(&q), NULL);
}

/* After a finished backfill the next run continues with the rest of the revision. */
static void leave_done(struct progress *p)
{
    if (str_eq(p->state, PROGRESS_DONE)) {
        p->operation++;
        p->part = 0;
    } else if (str_eq(p->state, PROGRESS_PART_DONE)) {
        p->part++;
    } else {
        return;
    }
    p->state = NULL;
}

static void take_row(struct progress *p, const struct strings *row)
{
    p->revision = row->v[COLUMN_REVISION];
    p->direction = row->v[COLUMN_DIRECTION];
    p->operation = strtoll(row->v[COLUMN_OPERATION], NULL, 10);
    p->digest = row->v[COLUMN_DIGEST];
    p->state = row->v[COLUMN_STATE];
    p->is_foreign = row->n != COLUMNS + 1;
    if (p->is_foreign)
        return;
    p->part = strtoll(row->v[COLUMN_PART], NULL, 10);
    p->operations = strtoll(row->v[COLUMN_OPERATIONS], NULL, 10);
    p->rows = row->v[COLUMN_ROWS];
    p->history_moved =
        row->v[COLUMN_MARK] && row->v[COLUMNS] && !str_eq(row->v[COLUMN_MARK], row->v[COLUMNS]);
    leave_done(p);
}

bool progress_read(struct conn *conn, struct progress *p, bool *ret_found)
{
    struct sql q = sql_begin(conn->ctx, conn->dialect);
    struct strings row;
    sql_addf(&q, "SELECT p.*, %E FROM %Q p", newest_history(conn->ctx, conn->dialect, p->version),
        &p->version->progress);
    if (!conn->dialect->query(conn, sql_end(&q), &row))
        return false;
    *ret_found = row.n > 0;
    if (!row.n)
        return true;
    take_row(p, &row);
    return settle_together(conn, p);
}
