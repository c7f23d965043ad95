/*
 * Imports projects whose migrations are programs in Python.
 *
 * The user's Python runs them in a scratch database, and templates/record/record.py records their SQL. cmig itself runs
 * no Python, and needs none for anything else.
 */
#include "import.h"

#include "template.h"

static const char *text_of(struct import *m, const struct node *n, const char *key)
{
    const struct node *value = node_get(n, key);

    return node_is_null(value) ? NULL : ctx_strdup(m->ctx, value->scalar);
}

static struct strings list_of(struct import *m, const struct node *n, const char *key)
{
    const struct node *list = node_get(n, key);
    struct strings ret = {0};

    for (size_t i = 0; list && i < list->n; i++)
        vec_add(m->ctx, &ret, ctx_strdup(m->ctx, list->v[i]->scalar));
    return ret;
}

static bool flag_of(const struct node *n, const char *key)
{
    bool value = false;

    return node_bool(node_get(n, key), &value) && value;
}

static bool take_operations(struct import *m, const struct node *n, const char *key, struct ops *ret)
{
    static const struct strings none = {0};
    struct decoder d = {.ctx = m->ctx, .what = "operation"};
    const struct node *list = node_get(n, key);

    return !m->operations || !list || ops_decode(&d, list, &none, ret) ||
           fail_in(m->ctx, "cannot read the operations of revision %s", text_of(m, n, "id"));
}

static bool take_revision(struct import *m, const struct node *n)
{
    struct migration *g = ctx_new(m->ctx, struct migration);

    g->id = text_of(m, n, "id");
    g->version = g->id;
    g->message = text_of(m, n, "message");
    g->path = text_of(m, n, "path");
    g->parents = list_of(m, n, "down");
    g->dependencies = list_of(m, n, "depends_on");
    g->labels = list_of(m, n, "labels");
    g->notes = list_of(m, n, "notes");
    g->outside = flag_of(n, "outside");
    g->up.text = text_of(m, n, "upgrade");
    g->down.text = text_of(m, n, "downgrade");
    vec_add(m->ctx, &m->all, g);
    return take_operations(m, n, "upgrade_operations", &g->up_ops) &&
           take_operations(m, n, "downgrade_operations", &g->down_ops);
}

static bool take_output(struct import *m, const struct str *out)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    struct node *n, *list;

    if (!yaml_parse(m->ctx, &scratch, "record.py", str_get(out), out->n, &n))
        return fail_in(m->ctx, "cannot read what '%s' recorded", m->python);
    list = n ? node_get(n, "revisions") : NULL;
    for (size_t i = 0; list && i < list->n; i++)
        if (!take_revision(m, list->v[i]))
            return false;
    return true;
}

static bool record(struct import *m, const char *section)
{
    struct strings words = {0};
    struct str out = STR(m->ctx), program = STR(m->ctx);

    if (!m->c->project.conn)
        return fail(m->ctx, STATUS_USAGE, "%s needs a database: --dialect is not enough", m->tool->title);
    vec_add(m->ctx, &words, m->python);
    vec_add(m->ctx, &words, "-c");
    for (const struct template_file *f = record_files; f->template; f++)
        str_add(&program, f->text);
    vec_add(m->ctx, &words, str_get(&program));
    vec_add(m->ctx, &words, m->tool->name);
    vec_add(m->ctx, &words, m->path);
    if (section)
        vec_add(m->ctx, &words, section);
    if (migrate_record(&m->c->project, &words, &out))
        return take_output(m, &out);
    fail_in(m->ctx, "cannot record the migrations of %s", m->tool->title);
    return fail_hint(
        m->ctx, "Its messages are above. --python names the Python that has %s installed.", m->tool->title);
}

bool import_read_django(struct import *m)
{
    return record(m, NULL);
}

bool import_read_alembic(struct import *m)
{
    const char *section = m->c->globals->environment;

    return record(m, section ? section : "alembic");
}
