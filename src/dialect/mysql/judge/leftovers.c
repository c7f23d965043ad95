/*
 * Drops what the judge of a killed run left in the compared database.
 *
 * Views, routines and events cannot be temporary. Their names end in the number of the connection that creates them for a
 * moment, and that holds a named lock in the meantime; so one whose lock is free is left over.
 */
#include "dialect/mysql/judge/judge.h"
#include "dialect/mysql/objects/objects.h"
#include "dialect/mysql/wire/cluster.h"

#include <mysqld_error.h>

#define LOCK "'" MY_SCRATCH ":', "

static bool list(struct my *my, struct strings *ret)
{
    static const char query[] =
        "SELECT concat(kind, ' ', name) FROM (SELECT 'VIEW' AS kind, table_name AS name FROM "
        "information_schema.views WHERE table_schema = DATABASE() UNION ALL "
        "SELECT routine_type, routine_name FROM information_schema.routines WHERE routine_schema = "
        "DATABASE() "
        "UNION ALL SELECT 'EVENT', event_name FROM information_schema.events WHERE event_schema = "
        "DATABASE()) o "
        "WHERE name REGEXP '^" MY_SCRATCH "_(view|object)_[0-9]+$' AND "
        "is_free_lock(concat(" LOCK "substring_index(name, '_', -1))) = 1";
    struct my_answer a CLEANUP(my_answer_free) = {0};
    if (!my_query(my, query, &a))
        return false;
    while (my_next(&a))
        vec_add(my->base.ctx, ret, my_copy(&a, 0));
    return true;
}

/* The lock of an object on another node of a cluster would seem to be free. A user who may not drop one leaves it. */
static bool drop_leftovers(struct my *my)
{
    struct ctx *ctx = my->base.ctx;
    struct strings found = {0};
    bool is_cluster;
    my->has_leftovers = false;
    if (!my_is_cluster(my, &is_cluster) || (!is_cluster && !list(my, &found)))
        return false;
    vec_each(i, &found) {
        if (my_query(my, ctx_printf(ctx, "DROP %s", found.v[i]), NULL)) {
            log_info(ctx, "%s, left by an earlier run, was dropped", found.v[i]);
            continue;
        }
        if (ctx_interrupted(ctx) || my_is_lost(my))
            return false;
        log_debug(ctx, "left by an earlier run: %s", found.v[i]);
        err_clear(ctx);
    }
    return true;
}

bool my_judge_begin(struct my *my)
{
    if (!my->is_judge && !my_query(my, "DO get_lock(concat(" LOCK "connection_id()), 0)", NULL)) {
        if (!my_failed_with(my, ER_NOT_SUPPORTED_YET)) /* a node of a cluster may have no named locks */
            return false;
        err_clear(my->base.ctx);
        my->has_leftovers = false;
    }
    my->is_judge = true;
    return !my->has_leftovers || drop_leftovers(my);
}
