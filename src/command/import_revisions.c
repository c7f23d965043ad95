/*
 * The revisions of imported migrations: whether their SQL can run, and what it creates.
 */
#include "import.h"

#include "cmig/hazard.h"

/* ---- whether they are SQL ---- */

/* Divides a section into its statements. */
static bool split_section(struct import *m, const struct import_section *section, bool in_transaction,
    const char **ret_text, struct statements *ret)
{
    const struct dialect *dialect = m->c->project.url.dialect;
    struct op *op = op_new(m->ctx, OP_EXECUTE);

    op->pos = op->u.execute.text_pos = section->pos;
    op->u.execute.sql.text = section->text;
    *ret_text = dialect->clean(m->ctx, section->text, in_transaction);
    *ret = (struct statements){0};
    const struct statement s = {.text = *ret_text, .op = op, .flags = STATEMENT_SCRIPT, .expect = -1};
    return dialect->split(m->ctx, &s, in_transaction, ret);
}

/* Whether a statement, such as VACUUM, or with CONCURRENTLY, cannot run in a transaction. */
static bool refuses_transaction(struct import *m, const char *text, const struct statement *part)
{
    const struct dialect *dialect = m->c->project.url.dialect;
    const size_t to = part->to ? part->to : strlen(text);
    const struct sql_piece first =
        sql_piece(sql_skip_space(text + part->from, dialect->grammar), dialect->grammar);
    struct sql_changes changes = {0};

    if (sql_piece_is(&first, "vacuum"))
        return true;
    sql_read(m->ctx, dialect, text, part->from, to, &changes);
    vec_each(i, &changes)
        if (changes.v[i]->concurrently && changes.v[i]->act != SQL_ACT_REFRESH)
            return true;
    return false;
}

/* Of tools that decide by the statements, or send each file as it is. */
static bool check_section(struct import *m, struct migration *g, const struct import_section *section)
{
    struct statements parts;
    const char *text;

    if (!section->text || !*section->text)
        return true;
    if (!split_section(m, section, !g->outside, &text, &parts)) {
        if (g->outside)
            return false;
        err_clear(m->ctx);
        g->outside = true;
        return split_section(m, section, false, &text, &parts);
    }
    for (size_t i = 0; !g->outside && i < parts.n; i++)
        g->outside = refuses_transaction(m, text, parts.v[i]);
    return true;
}

static bool check_migration(struct import *m, struct migration *g)
{
    return (check_section(m, g, &g->up) && check_section(m, g, &g->down)) ||
           fail_in(m->ctx, "cannot import '%s'", g->path ? g->path : g->id);
}

bool import_check(struct import *m)
{
    vec_each(i, &m->all)
        if (!check_migration(m, m->all.v[i]))
            return false;
    return true;
}

/* ---- revisions ---- */

/* A line that would divide a revision file. */
static bool has_marker(const char *text)
{
    static const char *const words[] = {"upgrade", "downgrade"};

    for (size_t n; text && *text; text += n + (text[n] == '\n')) {
        const char *word = text + 2;

        n = strcspn(text, "\n");
        if (!str_starts(text, "--"))
            continue;
        word += strspn(word, " \t");
        for (size_t i = 0; i < COUNT_OF(words); i++) {
            const char *rest = word + strlen(words[i]);

            if (str_starts(word, words[i]) &&
                (!rest[strspn(rest, " \t\r")] || rest[strspn(rest, " \t\r")] == '\n'))
                return true;
        }
    }
    return false;
}

static const struct ops *execute(struct import *m, const char *text)
{
    struct ops *ops = ctx_new(m->ctx, struct ops);
    struct op *op;

    if (!text)
        return NULL;
    if (*text) {
        op = op_new(m->ctx, OP_EXECUTE);
        op->u.execute.sql.text = text;
        vec_add(m->ctx, ops, op);
    }
    return ops;
}

/* Whether more is known than SQL. */
static bool has_operations(const struct migration *g)
{
    const struct ops *lists[] = {&g->up_ops, &g->down_ops};

    for (size_t i = 0; i < COUNT_OF(lists); i++)
        vec_each(k, lists[i])
            if (lists[i]->v[k]->kind != OP_EXECUTE)
                return true;
    return false;
}

struct revision_new import_revision(struct import *m, const struct migration *g)
{
    const bool as_operations = m->operations && has_operations(g);
    const bool is_plain = !as_operations && !has_marker(g->up.text) && !has_marker(g->down.text);

    return (struct revision_new){
        .id = g->id,
        .down = g->parents,
        .depends_on = g->dependencies,
        .labels = g->labels,
        .replaces = g->replaces,
        .message = g->message,
        .note = g->notes.n ? strings_join(&m->ctx->arena, &g->notes, "\n") : NULL,
        .outside = g->outside,
        .sql = is_plain,
        .sql_up = g->up.text,
        .sql_down = g->down.text,
        .upgrade = is_plain        ? NULL
                   : as_operations ? &g->up_ops
                                   : execute(m, g->up.text),
        .downgrade = is_plain || !g->down.text ? NULL
                     : as_operations           ? &g->down_ops
                                               : execute(m, g->down.text),
        .folder = fs_join(&m->ctx->arena, m->a.folder, m->a.revisions),
        .file_template = m->tool->named || g->is_repeatable ? "{rev}" : "{rev}_{slug}",
        .slug_length = 200,
    };
}

/* The graph of the files that will be written. */
static bool build_graph(struct import *m)
{
    struct project *p = &m->c->project;
    struct revisions list = {0};

    vec_each(i, &m->all) {
        const struct migration *g = m->all.v[i];
        const struct revision_new n = import_revision(m, g);
        struct revision *r = ctx_new(m->ctx, struct revision);
        const char *text = revision_text(m->ctx, &n);

        if (!revision_parse_head(
                m->ctx, ctx_printf(m->ctx, "%s.%s", g->id, n.sql ? "sql" : "yaml"), text, strlen(text), r))
            return fail_in(m->ctx, "cannot import '%s'", g->path ? g->path : g->id);
        r->text = text;
        r->up_origin = g->up.pos;
        r->down_origin = g->down.pos;
        vec_add(m->ctx, &list, r);
    }
    p->graph_loaded = true;
    return graph_build(m->ctx, &list, &p->graph);
}

/* The SQL is tried first. */
bool import_build(struct import *m)
{
    const bool operations = m->operations;

    m->operations = false;
    const bool ok = build_graph(m);
    m->operations = operations;
    return ok;
}

/* ---- models ---- */

static void exclude_table(struct import *m)
{
    const char *name = m->table.name;

    if (!name || m->table.schema || strings_have(&m->a.excluded, name))
        return;
    vec_add(m->ctx, &m->a.excluded, name);
    vec_add(m->ctx, &m->c->project.scope.exclude, name);
}

/* Whether the operations give the same schema as the SQL; else the SQL is written. */
static bool rehearse_operations(struct import *m)
{
    const char *wanted = m->a.models_text, *why = NULL;
    struct schema schema = {0}, kept = m->a.schema;
    bool ok;

    m->operations = true;
    if (!build_graph(m))
        return false;
    ok = migrate_replay(&m->c->project, &schema, &why) && !why;
    if (ok) {
        adopt_take_schema(&m->a, &schema);
        ok = str_eq(m->a.models_text, wanted);
        adopt_take_schema(&m->a, &kept);
    } else if (ctx_interrupted(m->ctx)) {
        return false;
    }
    if (ok)
        return true;
    log_warn(m->ctx, "operations would create a different schema, so the revisions contain SQL%s%s",
        m->ctx->err.status ? ": " : "", m->ctx->err.status ? err_text(m->ctx) : "");
    err_clear(m->ctx);
    m->operations = false;
    return build_graph(m);
}

/* All revisions run in a scratch database. */
bool import_rehearse(struct import *m)
{
    const bool wants_operations = m->operations;

    struct project *p = &m->c->project;
    struct schema schema = {0};
    const char *why = NULL;

    exclude_table(m);
    if (!p->conn) {
        m->a.baseline.unproved = "no database was given";
        return true;
    }
    if (m->a.url && !adopt_schema(&m->a))
        return false;
    m->a.models_text = NULL;
    m->a.model_files = (struct split_files){0};
    if (!migrate_replay(p, &schema, &why))
        return fail_in(
            m->ctx, "cannot import the migrations of %s: they fail in an empty database", m->tool->title);
    if (why) {
        m->a.baseline.unproved = why;
        return true;
    }
    exclude_other_tools(&m->a, &schema);
    adopt_take_schema(&m->a, &schema);
    return !wants_operations || rehearse_operations(m);
}
