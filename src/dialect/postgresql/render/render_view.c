/* Renders views. */
#include "dialect/postgresql/render/render.h"

#include "dialect/postgresql/render/dependents.h"
#include "dialect/postgresql/spell/names.h"

static const char *const words[] = {"VIEW", "MATERIALIZED VIEW"};

static const char *option_of(const struct view *v, const char *key)
{
    return v->options ? options_get(v->options, "postgresql", key) : NULL;
}

/* ---- which kind of view it is ------------------------------------------------------------------------ */

static bool is_materialized_there(struct rendering *r, const struct qname *view, bool *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    struct strings values = {0};
    vec_add(r->ctx, &values, pg_qname(&r->ctx->arena, view));
    if (!pipeline_ask(r->pg,
            "SELECT 1 FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind = "
            "'m'",
            &values, &a))
        return false;
    *ret = answer_rows(&a);
    return true;
}

/* The operation does not say so: earlier operations of the list, the server or the replayed revisions do. */
static bool is_materialized(struct rendering *r, const struct qname *view, bool *ret)
{
    struct qname name = *view;
    for (size_t i = r->at; i-- > 0;) {
        const struct op *op = r->ops->v[i];
        if ((op->kind == OP_CREATE_VIEW || op->kind == OP_REPLACE_VIEW) &&
            qname_eq(&op->u.view.view.name, &name)) {
            *ret = op->u.view.view.materialized;
            return true;
        }
        if (op->kind == OP_RENAME_VIEW && qname_eq(&op->u.rename.new_name, &name))
            name = op->u.rename.name;
    }
    if (r->pg)
        return is_materialized_there(r, &name, ret);
    const struct view *v = r->state->schema ? schema_view(r->state->schema, &name) : NULL;
    *ret = v && v->materialized;
    return true;
}

bool pg_render_view_words(struct rendering *r, const struct qname *view, const char **ret)
{
    bool materialized;
    if (!is_materialized(r, view, &materialized))
        return false;
    *ret = words[materialized];
    return true;
}

/* ---- creating ---------------------------------------------------------------------------------------- */

static bool add_view(struct rendering *r, struct sql *q, const struct view *v)
{
    const char *body = pg_render_expr(&v->body);
    if (!body)
        return fail(r->ctx, STATUS_CONFIG, "view '%s' has no query for PostgreSQL", v->name.name);
    sql_addf(q, "%E %Q", words[v->materialized], &v->name);
    if (v->columns.n)
        sql_addf(q, " %C", &v->columns);
    if (v->materialized && option_of(v, "access_method"))
        sql_addf(q, " USING %I", option_of(v, "access_method"));
    pg_render_storage(q, v->options);
    if (v->materialized && option_of(v, "tablespace"))
        sql_addf(q, " TABLESPACE %I", option_of(v, "tablespace"));
    char *text = str_trim(&r->ctx->arena, body);
    size_t n = strlen(text);
    if (n && text[n - 1] == ';')
        text[n - 1] = '\0';
    sql_addf(q, " AS\n%E%E", text, v->materialized && v->with_data == TRI_FALSE ? " WITH NO DATA" : "");
    return true;
}

static void comment_view(struct rendering *r, const struct view *v)
{
    if (v->comment)
        pg_render_comment(r,
            ctx_printf(r->ctx, "%s %s", words[v->materialized], pg_qname(&r->ctx->arena, &v->name)),
            v->comment);
}

static bool add_indexes(struct rendering *r, const struct view *v)
{
    for (size_t i = 0; v->materialized && i < v->indexes.n; i++) {
        struct op_create_index o = {.table = v->name, .index = *v->indexes.v[i]};
        if (!pg_render_index(r, &v->name, &o))
            return false;
    }
    if (v->materialized && option_of(v, "cluster_on")) {
        struct sql q = pg_render_begin(r);
        sql_addf(&q, "ALTER MATERIALIZED VIEW %Q CLUSTER ON %I", &v->name, option_of(v, "cluster_on"));
        pg_render_add(r, &q);
    }
    return true;
}

static bool create_view(struct rendering *r, const struct view *v, const struct strings *kept)
{
    struct sql q = pg_render_begin(r);
    sql_add(&q, "CREATE ");
    if (!add_view(r, &q, v))
        return false;
    pg_render_add(r, &q);
    comment_view(r, v);
    if (!add_indexes(r, v))
        return false;
    vec_each(i, kept)
        statement_add(r->ctx, r->ret, kept->v[i], r->op);
    return true;
}

/* Whether an earlier operation of the list has dropped it: then it is only created. */
static bool is_remade(const struct rendering *r, const struct qname *view)
{
    for (size_t i = 0; i < r->at; i++)
        if (r->ops->v[i]->kind == OP_DROP_VIEW && qname_eq(&r->ops->v[i]->u.drop.name, view))
            return true;
    return false;
}

bool pg_render_create_view(struct rendering *r, const struct op *op)
{
    const struct view *v = &op->u.view.view;
    struct strings kept = {0};
    if (is_remade(r, &v->name) && !keepsakes_of_view(r, &v->name, &kept))
        return false;
    return create_view(r, v, &kept);
}

bool pg_render_drop_view(struct rendering *r, const struct op *op)
{
    const struct op_drop *o = &op->u.drop;
    const char *what;
    if (!pg_render_view_words(r, &o->name, &what))
        return false;
    struct sql q = pg_render_begin(r);
    sql_addf(
        &q, "DROP %E %E%Q%E", what, o->if_exists ? "IF EXISTS " : "", &o->name, o->cascade ? " CASCADE" : "");
    pg_render_add(r, &q);
    return true;
}

/* ---- replacing --------------------------------------------------------------------------------------- */

/* Quotes a text with dollar signs: the tag must not occur in it. */
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
 * CREATE OR REPLACE keeps rights and dependents, but can only append columns. Whether that is enough only the
 * server knows (42P16, invalid_table_definition), so it decides: otherwise the view is recreated, with its
 * dependents.
 */
static bool replace_view(struct rendering *r, const struct view *v)
{
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

/* Where one of both is materialized. */
static bool recreate_view(struct rendering *r, const struct view *v, bool was_materialized)
{
    struct dependents d = {0};
    struct strings kept = {0};
    struct sql q = pg_render_begin(r);
    if (!dependents_of_view(r, &v->name, &d) || !keepsakes_of_view(r, &v->name, &kept))
        return false;
    for (size_t i = d.n; i-- > 0;)
        statement_add(r->ctx, r->ret, d.v[i].drop, r->op);
    sql_addf(&q, "DROP %E %Q", words[was_materialized], &v->name);
    pg_render_add(r, &q);
    if (!create_view(r, v, &kept))
        return false;
    vec_each(i, &d) {
        statement_add(r->ctx, r->ret, d.v[i].create, r->op);
        vec_each(k, &d.v[i].after)
            statement_add(r->ctx, r->ret, d.v[i].after.v[k], r->op);
    }
    return true;
}

bool pg_render_replace_view(struct rendering *r, const struct op *op)
{
    const struct view *v = &op->u.view.view;
    bool was_materialized;
    if (!is_materialized(r, &v->name, &was_materialized))
        return false;
    return was_materialized || v->materialized ? recreate_view(r, v, was_materialized) : replace_view(r, v);
}

/* ---- renaming ---------------------------------------------------------------------------------------- */

bool pg_render_rename_view(struct rendering *r, const struct op *op)
{
    const struct op_rename *o = &op->u.rename;
    struct qname moved = {o->name.schema, o->new_name.name};
    const char *what;
    if (!pg_render_view_words(r, &o->name, &what))
        return false;
    struct sql q = pg_render_begin(r);
    if (!str_eq(o->name.name, o->new_name.name)) {
        sql_addf(&q, "ALTER %E %Q RENAME TO %I", what, &o->name, o->new_name.name);
        pg_render_add(r, &q);
    }
    if (!str_eq(o->name.schema, o->new_name.schema)) {
        q = pg_render_begin(r);
        sql_addf(&q, "ALTER %E %Q SET SCHEMA %I", what, &moved,
            o->new_name.schema ? o->new_name.schema
            : r->pg            ? r->pg->base.default_schema
                               : "public");
        pg_render_add(r, &q);
    }
    return true;
}
