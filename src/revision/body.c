/*
 * Reads the operations of a revision.
 */
#include "document.h"

struct reading {
    struct ctx *ctx;
    const struct revision *revision;
    const char *file;
    const struct audience *to;
    struct revision_body body;
};

static bool read_text(struct reading *b)
{
    const struct revision *r = b->revision;
    char *text;

    if (r->text) {
        b->body.text = r->text;
        b->body.size = strlen(r->text);
        return true;
    }
    if (!fs_read(b->ctx, &b->ctx->arena, "revision", r->path, FS_TEXT_LIMIT, &text, &b->body.size))
        return false;
    b->body.text = text;
    return true;
}

/* Between listing the files and running one, a file may change. */
static bool check_same(struct reading *b, const struct document *doc)
{
    if (str_eq(doc->head.id, b->revision->id))
        return true;
    return fail_at(b->ctx, STATUS_CONFIG, (struct pos){.file = b->file},
        "the file of revision '%s' now contains '%s'", b->revision->id, doc->head.id);
}

/* The keys, whatever the form of the file. */
static bool read_keys(struct reading *b, struct decoder *d, const struct node *n, struct document *ret)
{
    *ret = (struct document){.transaction = true};
    if (!record_decode(d, &revision_record, n, ret) || !check_same(b, ret))
        return false;
    b->body.outside = !ret->transaction;
    return !ret->only || only_decode(d, ret->only, &b->to->environments, &b->body.only);
}

/* A revision for other databases is applied here, too, but does nothing. */
static void leave_out(struct revision_body *body)
{
    body->upgrade = body->downgrade = (struct ops){0};
    body->has_downgrade = true;
    body->outside = false;
}

/* ---- YAML ----------------------------------------------------------------------------------------------- */

static bool read_operations(struct reading *b, struct decoder *d, const struct node *n, struct ops *ret)
{
    struct ops all = {0}, fitting = {0};

    if (!n)
        return true;
    if (!ops_decode(d, n, &b->to->environments, &all))
        return false;
    vec_each(i, &all) {
        all.v[i]->at = (unsigned)i + 1;
        all.v[i]->of = (unsigned)all.n;
    }
    vec_each(i, &all)
        if (only_fits(&all.v[i]->only, b->to) &&
            (!b->to->dialect || op_is_present(all.v[i], b->to->dialect)))
            vec_add(b->ctx, &fitting, all.v[i]);
    *ret = fitting;
    return true;
}

static bool read_yaml(struct reading *b)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    struct decoder d = {.ctx = b->ctx, .what = "revision"};
    struct document doc;
    struct node *n;

    if (!yaml_parse(b->ctx, &scratch, b->file, b->body.text, b->body.size, &n))
        return false;
    if (!n)
        return fail_at(b->ctx, STATUS_CONFIG, (struct pos){.file = b->file}, "the file is empty now");
    if (!read_keys(b, &d, n, &doc) || !read_operations(b, &d, doc.upgrade, &b->body.upgrade) ||
        !read_operations(b, &d, doc.downgrade, &b->body.downgrade))
        return false;
    /* A key with an empty value was not finished; [] means that there is nothing to do. */
    b->body.has_downgrade = doc.downgrade && !node_is_null(doc.downgrade);
    return true;
}

/* ---- SQL ------------------------------------------------------------------------------------------------ */

static void add_execute(
    struct reading *b, const struct sql_section *section, struct pos origin, struct ops *ret)
{
    struct op *op;

    if (!section->size)
        return;
    op = op_new(b->ctx, OP_EXECUTE);
    op->pos = origin.file ? origin : (struct pos){b->file, section->line, 1};
    op->u.execute.text_pos = op->pos;
    op->u.execute.sql.text = arena_strndup(&b->ctx->arena, section->text, section->size);
    vec_add(b->ctx, ret, op);
}

static bool read_sql(struct reading *b)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    struct decoder d = {.ctx = b->ctx, .what = "revision"};
    struct document doc;
    struct sql_sections sections;
    struct node *head;

    if (!sql_head(b->ctx, &scratch, b->file, b->body.text, b->body.size, &head))
        return false;
    if (!head)
        return fail_at(b->ctx, STATUS_CONFIG, (struct pos){.file = b->file}, "the file has no keys now");
    if (!read_keys(b, &d, head, &doc) || !sql_split(b->ctx, b->file, b->body.text, b->body.size, &sections))
        return false;
    add_execute(b, &sections.upgrade, b->revision->up_origin, &b->body.upgrade);
    add_execute(b, &sections.downgrade, b->revision->down_origin, &b->body.downgrade);
    b->body.has_downgrade = sections.downgrade.found;
    return true;
}

bool revision_body(
    struct ctx *ctx, const struct revision *r, const struct audience *to, struct revision_body *ret)
{
    struct reading b = {.ctx = ctx, .revision = r, .file = r->path ? r->path : r->pos.file, .to = to};

    if (!read_text(&b) || !(r->sql ? read_sql(&b) : read_yaml(&b)))
        return false;
    if (!only_fits(&b.body.only, to))
        leave_out(&b.body);
    *ret = b.body;
    return true;
}
