/* SQL that is the same in every supported database. */
#include "cmig/dialect.h"

const char *const sql_fk_actions[] = {
    [FK_NO_ACTION] = "NO ACTION",
    [FK_RESTRICT] = "RESTRICT",
    [FK_CASCADE] = "CASCADE",
    [FK_SET_NULL] = "SET NULL",
    [FK_SET_DEFAULT] = "SET DEFAULT",
};

static const char *const fk_matches[] = {
    [FK_MATCH_SIMPLE] = NULL,
    [FK_MATCH_FULL] = "FULL",
    [FK_MATCH_PARTIAL] = "PARTIAL",
};

void sql_reference_options(struct sql *q, const struct constraint *c)
{
    if (fk_matches[c->match])
        sql_addf(q, " MATCH %E", fk_matches[c->match]);
    if (c->on_update != FK_NO_ACTION)
        sql_addf(q, " ON UPDATE %E", sql_fk_actions[c->on_update]);
    if (c->on_delete != FK_NO_ACTION)
        sql_addf(q, " ON DELETE %E", sql_fk_actions[c->on_delete]);
    if (c->set_columns.n)
        sql_addf(q, " %C", &c->set_columns);
    if (c->deferrable)
        sql_add(q, " DEFERRABLE");
    if (c->initially_deferred)
        sql_add(q, " INITIALLY DEFERRED");
}

static void add_key(struct sql *q, const struct constraint *c)
{
    if (c->kind == CONSTRAINT_PRIMARY_KEY)
        sql_add(q, "PRIMARY KEY");
    else
        sql_add(q, c->nulls_not_distinct ? "UNIQUE NULLS NOT DISTINCT" : "UNIQUE");
    sql_addf(q, " %C", &c->columns);
    if (c->include.n)
        sql_addf(q, " INCLUDE %C", &c->include);
}

static void add_foreign_key(struct sql *q, const struct constraint *c)
{
    sql_addf(q, "FOREIGN KEY %C REFERENCES %Q", &c->columns, &c->references);
    if (c->referred_columns.n)
        sql_addf(q, " %C", &c->referred_columns);
}

void sql_constraint_body(struct sql *q, const struct constraint *c)
{
    if (c->name)
        sql_addf(q, "CONSTRAINT %I ", c->name);
    switch (c->kind) {
    case CONSTRAINT_PRIMARY_KEY:
    case CONSTRAINT_UNIQUE:
        add_key(q, c);
        break;
    case CONSTRAINT_CHECK:
        sql_addf(q, "CHECK (%E)", c->check.native);
        break;
    case CONSTRAINT_FOREIGN_KEY:
        add_foreign_key(q, c);
        break;
    case CONSTRAINT_EXCLUDE:
        assert(!"exclusion constraints are rendered by the one dialect that has them");
    }
    sql_reference_options(q, c);
}

/* Of two the program leaves one. */
const char *sql_double_returns(struct ctx *ctx, const char *text)
{
    struct str out = STR(ctx);
    if (!strstr(text, "\r\n"))
        return text;
    for (const char *c = text; *c; c++) {
        if (c[0] == '\r' && c[1] == '\n')
            str_addc(&out, '\r');
        str_addc(&out, *c);
    }
    return str_get(&out);
}

const char *sql_all_rows(struct ctx *ctx, const struct dialect *dialect, const struct table *table)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_add(&q, "SELECT ");
    vec_each(i, &table->columns)
        sql_addf(&q, i ? ", %I" : "%I", table->columns.v[i]->name);
    sql_addf(&q, " FROM %Q", &table->name);
    return sql_end(&q);
}
