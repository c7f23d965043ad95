/* Says which changed tables are published: logical replication does not carry changes of the schema to subscribers. */
#include "migrate/run.h"

static void find_changed(struct run *r, struct map *seen, struct strings *ret)
{
    struct ctx *ctx = r->p->ctx;
    for (size_t i = 0; i < r->plan.n; i++) {
        const struct ops *ops = run_ops(&r->works[i]);
        vec_each(k, ops) {
            const struct qname *table = op_table_name(ops->v[k]);
            if (!table || !op_changes_schema(ops->v[k]))
                continue;
            struct sql text = sql_begin(ctx, r->dialect);
            sql_qname(&text, table);
            const char *name = sql_end(&text);
            if (!map_get(seen, name))
                vec_add(ctx, ret, name);
            map_set(seen, name, r);
        }
    }
}

bool run_tell_published(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    struct map seen = MAP(ctx);
    struct strings changed = {0}, row;
    if (!r->p->conn || !r->p->conn->publishes || r->options->direction == DIRECTION_STAMP)
        return true;
    find_changed(r, &seen, &changed);
    if (!changed.n)
        return true;
    const char *query = r->dialect->published_query(ctx, &changed);
    if (!r->dialect->query(r->p->conn, query, &row))
        return false;
    if (row.n && row.v[0])
        log_warn(ctx, "logical replication does not carry these changes to subscribers: %s", row.v[0]);
    return true;
}
