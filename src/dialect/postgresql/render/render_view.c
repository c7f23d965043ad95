/* How are views written? */
#include "dialect/postgresql/render/render.h"

#include "dialect/postgresql/render/dependents.h"
#include "dialect/postgresql/spell/names.h"

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

/* Whether an earlier operation of the list has dropped it: then it is only made anew. */
static bool is_remade(const struct rendering *r, const struct qname *view)
{
    for (size_t i = 0; i < r->at; i++)
        if (r->ops->v[i]->kind == OP_DROP_VIEW && qname_eq(&r->ops->v[i]->u.drop.name, view))
            return true;
    return false;
}

bool pg_render_create_view(struct rendering *r, const struct op *op)
{
    struct strings kept = {0};
    struct sql q = pg_render_begin(r);
    if (is_remade(r, &op->u.view.view.name) && !keepsakes_of_view(r, &op->u.view.view.name, &kept))
        return false;
    sql_add(&q, "CREATE ");
    if (!add_view(r, &q, &op->u.view.view))
        return false;
    pg_render_add(r, &q);
    comment_view(r, &op->u.view.view);
    vec_each(i, &kept)
        statement_add(r->ctx, r->ret, kept.v[i], r->op);
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

static void add_lines(struct sql *q, const struct strings *statements)
{
    vec_each(i, statements)
        sql_addf(q, "    %E;\n", statements->v[i]);
}

/*
 * CREATE OR REPLACE keeps rights and dependents, but can only append columns. Whether that is enough only the server
 * knows (42P16, invalid_table_definition), so it decides: otherwise the view is made anew, with those built on it.
 */
bool pg_render_replace_view(struct rendering *r, const struct op *op)
{
    const struct view *v = &op->u.view.view;
    struct dependents d = {0};
    struct strings kept = {0};
    struct sql create = pg_render_begin(r), body = pg_render_begin(r), block = pg_render_begin(r);
    if (!add_view(r, &create, v) || !dependents_of_view(r, &v->name, &d) ||
        !keepsakes_of_view(r, &v->name, &kept))
        return false;
    const char *text = sql_end(&create);
    sql_addf(&body, "BEGIN\n    CREATE OR REPLACE %E;\nEXCEPTION WHEN invalid_table_definition THEN\n", text);
    for (size_t i = d.n; i-- > 0;)
        sql_addf(&body, "    %E;\n", d.v[i].drop);
    sql_addf(&body, "    DROP VIEW %Q;\n    CREATE %E;\n", &v->name, text);
    add_lines(&body, &kept);
    vec_each(i, &d) {
        sql_addf(&body, "    %E;\n", d.v[i].create);
        add_lines(&body, &d.v[i].after);
    }
    sql_add(&body, "END\n");
    const char *lines = sql_end(&body), *tag = dollar_tag(r, lines);
    sql_addf(&block, "DO %E\n%E%E", tag, lines, tag);
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
