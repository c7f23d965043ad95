/* Parts of statements about the version and history tables that are the same in every database. */
#include "dialect/bookkeeping.h"

struct statement *bookkeeping_move(struct ctx *ctx, const struct dialect *dialect,
    const struct version_table *v, const struct version_move *m, struct statements *ret)
{
    struct sql q = sql_begin(ctx, dialect);
    if (!m->from)
        sql_addf(&q, "INSERT INTO %Q (%I) VALUES (%L)", &v->name, v->column, m->to);
    else if (!m->to)
        sql_addf(&q, "DELETE FROM %Q WHERE %I = %L", &v->name, v->column, m->from);
    else
        sql_addf(&q, "UPDATE %Q SET %I = %L WHERE %I = %L", &v->name, v->column, m->to, v->column, m->from);
    struct statement *s = statement_add(ctx, ret, sql_end(&q), NULL);
    s->expect = 1;
    s->subject = m->from;
    return s;
}

void history_rewrite(struct ctx *ctx, const struct dialect *dialect, const struct version_table *v,
    int64_t id, const struct history_entry *e, struct statements *ret)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_addf(&q,
        "UPDATE %Q SET parents = %L, %I = %L, commit_id = %L, modified = %E, path = %L, %I = %L WHERE id = "
        "%d",
        &v->history, e->parents, "blob", e->blob, e->commit, e->modified ? "TRUE" : "FALSE", e->path, "text",
        e->text, id);
    statement_add(ctx, ret, sql_end(&q), NULL)->expect = 1;
}

void bookkeeping_which(struct sql *q, const struct history_query *which)
{
    if (which->revision)
        sql_addf(q, " AND revision = %L", which->revision);
    if (which->id)
        sql_addf(q, " AND id = %d", which->id);
    sql_add(q, " ORDER BY id DESC");
    if (which->limit)
        sql_addf(q, " LIMIT %d", which->limit);
}

const char **bookkeeping_text(struct history_row *row, size_t i)
{
    const char **const texts[HISTORY_TEXTS] = {&row->revision, &row->parents, &row->direction, &row->started,
        &row->duration_ms, &row->user, &row->version, &row->blob, &row->commit, &row->path, &row->outcome,
        &row->message, &row->tag, &row->text};
    return texts[i];
}
