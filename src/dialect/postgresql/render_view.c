/* How are views written? */
#include "dialect/postgresql/render.h"

#include "dialect/postgresql/dependents.h"
#include "dialect/postgresql/names.h"

static bool add_view(struct rendering *r, struct sql *q, const struct view *v)
{
    const char *body = pg_render_expr(&v->body);
    if (!body)
        return fail(r->ctx, STATUS_CONFIG, "view '%s' has no text for PostgreSQL", v->name.name);
    sql_addf(q, "VIEW %Q", &v->name);
    if (v->columns.n)
        sql_addf(q, " %C", &v->columns);
    pg_render_storage(q, v->options);
    char *text = str_trim(&r->ctx->arena, body);
    size_t n = strlen(text);
    if (n && text[n - 1] == ';')
        text[n - 1] = '\0';
    sql_addf(q, " AS\n%E", text);
    return true;
}

static void comment_view(struct rendering *r, const struct view *v)
{
    if (v->comment)
        pg_render_comment(r, ctx_printf(r->ctx, "VIEW %s", pg_qname(&r->ctx->arena, &v->name)), v->comment);
}

bool pg_render_create_view(struct rendering *r, const struct op *op)
{
    struct sql q = pg_render_begin(r);
    sql_add(&q, "CREATE ");
    if (!add_view(r, &q, &op->u.view.view))
        return false;
    pg_render_add(r, &q);
    comment_view(r, &op->u.view.view);
    return true;
}

bool pg_render_drop_view(struct rendering *r, const struct op *op)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "DROP VIEW %E%Q%E", op->u.drop.if_exists ? "IF EXISTS " : "", &op->u.drop.name,
        op->u.drop.cascade ? " CASCADE" : "");
    pg_render_add(r, &q);
    return true;
}

/* A text that a dollar quote can hold: the tag must not occur in it. */
static const char *dollar_tag(struct rendering *r, const char *text)
{
    const char *tag = "$do$";
    for (int i = 0; strstr(text, tag); i++)
        tag = ctx_printf(r->ctx, "$do%d$", i);
    return tag;
}

/*
 * CREATE OR REPLACE keeps rights and dependents, but can only append columns. Whether that is enough only the server
 * knows (42P16, invalid_table_definition), so it decides: otherwise the view is made anew, with those built on it.
 */
bool pg_render_replace_view(struct rendering *r, const struct op *op)
{
    const struct view *v = &op->u.view.view;
    struct dependents d = {0};
    struct sql create = pg_render_begin(r), block = pg_render_begin(r);
    if (!add_view(r, &create, v) || !dependents_of_view(r, &v->name, &d))
        return false;
    const char *text = sql_end(&create), *tag = dollar_tag(r, text);
    vec_each(i, &d)
        while (strstr(d.v[i].create, tag))
            tag = ctx_printf(r->ctx, "$do%zu%s", i, tag + 1);
    sql_addf(&block,
        "DO %E\nBEGIN\n    CREATE OR REPLACE %E;\nEXCEPTION WHEN invalid_table_definition THEN\n", tag, text);
    for (size_t i = d.n; i-- > 0;)
        sql_addf(&block, "    %E;\n", d.v[i].drop);
    sql_addf(&block, "    DROP VIEW %Q;\n    CREATE %E;\n", &v->name, text);
    vec_each(i, &d) {
        sql_addf(&block, "    %E;\n", d.v[i].create);
        if (d.v[i].comment)
            sql_addf(&block, "    %E;\n", d.v[i].comment);
    }
    sql_addf(&block, "END\n%E", tag);
    pg_render_add(r, &block);
    comment_view(r, v);
    return true;
}

bool pg_render_rename_view(struct rendering *r, const struct op *op)
{
    const struct op_rename *o = &op->u.rename;
    struct qname moved = {o->name.schema, o->new_name.name};
    struct sql q = pg_render_begin(r);
    if (!str_eq(o->name.name, o->new_name.name)) {
        sql_addf(&q, "ALTER VIEW %Q RENAME TO %I", &o->name, o->new_name.name);
        pg_render_add(r, &q);
    }
    if (!str_eq(o->name.schema, o->new_name.schema)) {
        q = pg_render_begin(r);
        sql_addf(&q, "ALTER VIEW %Q SET SCHEMA %I", &moved,
            o->new_name.schema ? o->new_name.schema
            : r->pg            ? r->pg->base.default_schema
                               : "public");
        pg_render_add(r, &q);
    }
    return true;
}
