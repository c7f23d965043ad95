/*
 * Which revisions touched an object.
 *
 * The changes of all revisions are read once, newest first. A name leads to the object that has it in the finished schema;
 * renames change where a name leads, and before its creation a name leads nowhere.
 */
#include "site.h"

struct history {
    struct site *site;
    struct map by_path; /* "tables users" to its item; NULL: no longer */
};

static const char *path_key(struct arena *a, const char *folder, const char *name)
{
    return arena_printf(a, "%s %s", folder, name);
}

/* ---- renames ---- */

/* The kind whose objects an operation renames; ITEM_KINDS: none. */
static int renamed_kind(enum op_kind kind)
{
    switch (kind) {
    case OP_RENAME_TABLE:
        return ITEM_TABLE;
    case OP_RENAME_VIEW:
        return ITEM_VIEW;
    case OP_RENAME_ENUM:
        return ITEM_ENUM;
    case OP_RENAME_SEQUENCE:
        return ITEM_SEQUENCE;
    default:
        return ITEM_KINDS;
    }
}

struct renamed {
    const char *from, *to; /* keys of by_path */
    const char *old_name;
};
struct renames VEC_OF(struct renamed);

/* Newest first. */
static bool read_renames(struct history *h, const struct revision *r, struct renames *ret)
{
    struct site *s = h->site;
    struct arena *a = &s->ctx->arena;
    const struct audience to = {.dialect = s->source->dialect->name, .environments = s->source->environments};
    struct revision_body body;

    if (!revision_body(s->ctx, r, &to, &body))
        return false;
    for (size_t i = body.upgrade.n; i-- > 0;) {
        const struct op *op = body.upgrade.v[i];
        const int kind = renamed_kind(op->kind);
        struct renamed one;

        if (kind == ITEM_KINDS)
            continue;
        one.old_name = qname_text(a, &op->u.rename.name);
        one.from = path_key(a, item_folder(kind), one.old_name);
        one.to = path_key(a, item_folder(kind), qname_text(a, &op->u.rename.new_name));
        vec_add(s->ctx, ret, one);
    }
    return true;
}

/* Before the revision the objects had their old names. */
static void undo_renames(struct history *h, const struct renames *list)
{
    vec_each(i, list) {
        struct item *item = map_get(&h->by_path, list->v[i].to);

        map_set(&h->by_path, list->v[i].to, NULL);
        map_set(&h->by_path, list->v[i].from, item);
    }
}

static const char *old_name(const struct renames *list, const char *key)
{
    vec_each(i, list)
        if (str_eq(list->v[i].to, key))
            return list->v[i].old_name;
    return NULL;
}

/* ---- changes ---- */

/* Without the path of the object: "columns.email is new". */
static const char *change_text(const struct tree_change *change)
{
    const size_t n = strlen(change->path.v[0]) + 1 + strlen(change->path.v[1]);
    const char *rest = strlen(change->text) > n ? change->text + n : "";

    return rest + (*rest == '.' || *rest == ' ');
}

static void note_change(struct history *h, const struct revision *r, struct item *item, const char *text)
{
    struct ctx *ctx = h->site->ctx;
    struct touch *last = item->touches.n ? item->touches.v[item->touches.n - 1] : NULL;

    if (!last || last->revision != r) {
        last = ctx_new(ctx, struct touch);
        last->revision = r;
        vec_add(ctx, &item->touches, last);
        vec_add(ctx, &h->site->touched[r->order], item);
    }
    vec_add(ctx, &last->changes, text);
}

static bool read_revision(struct history *h, const struct traced *t)
{
    struct ctx *ctx = h->site->ctx;
    struct strings created = {0};
    struct renames renames = {0};

    if (t->changes.n && !read_renames(h, t->revision, &renames))
        return false;
    vec_each(i, &t->changes) {
        const struct tree_change *change = t->changes.v[i];

        if (change->path.n < 2)
            continue;
        const char *key = path_key(&ctx->arena, change->path.v[0], change->path.v[1]);
        struct item *item = map_get(&h->by_path, key);

        if (!item)
            continue;
        if (!trace_creates(change, NULL)) {
            note_change(h, t->revision, item, change_text(change));
            continue;
        }
        const char *old = old_name(&renames, key);
        note_change(h, t->revision, item, old ? ctx_printf(ctx, "renamed from %s", old) : "created");
        vec_add(ctx, &created, key);
    }
    undo_renames(h, &renames);
    vec_each(i, &created) /* a renamed one has its old name by now */
        map_set(&h->by_path, created.v[i], NULL);
    return true;
}

bool history_read(struct site *s)
{
    struct history h = {.site = s, .by_path = MAP(s->ctx)};
    const struct traceds *all = s->source->changes;

    for (int kind = 0; kind < ITEM_KINDS; kind++)
        vec_each(i, &s->of[kind])
            map_set(&h.by_path, path_key(&s->ctx->arena, item_folder(kind), s->of[kind].v[i]->name),
                s->of[kind].v[i]);
    for (size_t i = all->n; i-- > 0;)
        if (!read_revision(&h, all->v[i]))
            return false;
    return true;
}
