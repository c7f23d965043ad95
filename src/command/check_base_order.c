/*
 * check --base: whether the revisions of two branches commute.
 *
 * They do if no operation of one branch names a table or another object that the other branch creates, changes or drops.
 * Programs, and SQL that a person wrote, may do anything.
 */
#include "check_base.h"

/* What the operations of one branch change and name. */
struct half {
    struct strings changed;
    struct ops ops;
    bool is_unknown;
};

/* Changes that have a name, and no text of a person that decides what they do. */
static bool is_known(const struct op *op)
{
    return op->kind == OP_BULK_INSERT || op_subject(op);
}

static void add_op(struct base_check *b, struct half *side, struct op *op)
{
    const struct qname *object = op->kind == OP_BULK_INSERT ? op_table_name(op) : op_subject(op);

    if (op->kind == OP_ASSERT)
        return;
    if (!is_known(op) || !object || !object->name) {
        side->is_unknown = true;
        return;
    }
    vec_add(b->ctx, &side->changed, object->name);
    vec_add(b->ctx, &side->ops, op);
}

static bool read_side(struct base_check *b, const struct revisions *list, struct half *ret)
{
    const struct audience everywhere = {.environments = b->c->project.config.environments};

    vec_each(i, list) {
        struct revision_body body;

        if (!revision_body(b->ctx, list->v[i], &everywhere, &body))
            return false;
        vec_each(k, &body.upgrade)
            add_op(b, ret, body.upgrade.v[k]);
    }
    return true;
}

static bool meets(struct ctx *ctx, const struct half *changing, const struct half *naming)
{
    vec_each(i, &changing->changed)
        vec_each(k, &naming->ops)
            if (op_names(ctx, naming->ops.v[k], changing->changed.v[i]))
                return true;
    return false;
}

bool base_check_order(struct base_check *b, enum tri *ret)
{
    struct half ours = {0}, theirs = {0};

    if (!read_side(b, &b->ours, &ours) || !read_side(b, &b->theirs, &theirs))
        return false;
    if (meets(b->ctx, &ours, &theirs) || meets(b->ctx, &theirs, &ours))
        *ret = TRI_FALSE;
    else
        *ret = ours.is_unknown || theirs.is_unknown ? TRI_UNSET : TRI_TRUE;
    return true;
}
