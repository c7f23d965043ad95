/*
 * The lock of a Galera cluster, whose nodes do not share named locks.
 *
 * A second connection updates the row of a table and leaves its transaction open, with streaming replication: the change
 * is certified and applied at once, so that all nodes hold the row's lock, and of two nodes that try at a time one fails.
 * The cluster rolls the transaction back when the connection is gone, or its node; so the lock neither outlives its holder
 * nor can be taken from it. DDL on other tables continues in the meantime.
 */
#include "dialect/mysql/wire/cluster.h"

#include <mysqld_error.h>

/* ---- the second connection --------------------------------------------------------------------------- */

bool my_is_cluster(struct my *my, bool *ret)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    if (!my_query(my, "SHOW STATUS LIKE 'wsrep_connected'", &a))
        return false;
    *ret = my_next(&a) && str_eq_ci(my_text(&a, 1), "ON");
    return true;
}

static struct my *other_of(struct my *my)
{
    return my->cluster ? my_of(my->cluster) : NULL;
}

/* Transactions of other nodes must be visible to the work under the lock, and no limit may end the one that holds it. */
static bool open_other(struct my *my)
{
    static const char settings[] =
        "SET SESSION wsrep_trx_fragment_unit = 'statements', wsrep_trx_fragment_size = 1, "
        "idle_transaction_timeout = 0, idle_write_transaction_timeout = 0, innodb_lock_wait_timeout = 1";
    if (my->cluster)
        return true;
    if (!my_open(my->base.ctx, my->url, NULL, &my->cluster))
        return false;
    if (my_query(other_of(my), settings, NULL))
        return true;
    if (my_failed_with(other_of(my), ER_UNKNOWN_SYSTEM_VARIABLE))
        fail_hint(my->base.ctx, "The lock of a cluster needs Galera 4 with streaming replication.");
    my_cluster_release(my);
    return false;
}

void my_cluster_release(struct my *my)
{
    my_close(my->cluster); /* the server rolls back */
    my->cluster = NULL;
    my->has_cluster_lock = false;
}

/* ---- the row ----------------------------------------------------------------------------------------- */

/* Another session holds the row, or another node was first. */
static bool is_conflict(struct my *other)
{
    return my_failed_with(other, ER_LOCK_WAIT_TIMEOUT) || my_failed_with(other, ER_LOCK_DEADLOCK);
}

static bool create_row(struct my *other, const struct qname *table)
{
    struct ctx *ctx = other->base.ctx;
    struct sql create = sql_begin(ctx, &mysql_dialect), insert = create;
    sql_addf(&create,
        "CREATE TABLE IF NOT EXISTS %Q (id int NOT NULL PRIMARY KEY, holder varchar(255)) ENGINE = InnoDB "
        "DEFAULT CHARSET = utf8mb4",
        table);
    sql_addf(&insert, "INSERT IGNORE INTO %Q (id) VALUES (1)", table);
    if (my_query(other, sql_end(&create), NULL) && my_query(other, sql_end(&insert), NULL))
        return true;
    if (!is_conflict(other))
        return false;
    err_clear(ctx);
    return true;
}

/* *ret_found: the row exists, and this session has its lock, here at least. */
static bool lock_row(struct my *other, const struct qname *table, bool *ret_found)
{
    struct sql q = sql_begin(other->base.ctx, &mysql_dialect);
    struct my_answer a CLEANUP(my_answer_free) = {0};
    *ret_found = false;
    sql_addf(&q, "SELECT id FROM %Q WHERE id = 1 FOR UPDATE NOWAIT", table);
    if (!my_query(other, "START TRANSACTION", NULL))
        return false;
    if (my_query(other, sql_end(&q), &a)) {
        *ret_found = my_next(&a);
        return true;
    }
    if (!my_failed_with(other, ER_NO_SUCH_TABLE))
        return false;
    err_clear(other->base.ctx);
    return true;
}

/* The text differs each time: an update that changes nothing is not replicated. */
static bool claim_row(struct my *other, const struct qname *table)
{
    struct sql q = sql_begin(other->base.ctx, &mysql_dialect);
    sql_addf(&q,
        "UPDATE %Q SET holder = concat('connection ', connection_id(), ' of node ', @@wsrep_node_name, ', "
        "user ', "
        "quote(user()), ', since ', utc_timestamp(6)) WHERE id = 1",
        table);
    return my_query(other, sql_end(&q), NULL);
}

static bool try_row(struct my *my, struct my *other, bool *ret_taken)
{
    bool is_found;
    for (int attempt = 0; attempt < 2; attempt++) {
        if (!lock_row(other, &my->lock_table, &is_found))
            return false;
        if (is_found) {
            *ret_taken = claim_row(other, &my->lock_table);
            return *ret_taken;
        }
        if (!my_query(other, "ROLLBACK", NULL) || !create_row(other, &my->lock_table))
            return false;
    }
    return true;
}

/* ---- taking and keeping it --------------------------------------------------------------------------- */

bool my_cluster_try(struct my *my, bool *ret_taken)
{
    struct ctx *ctx = my->base.ctx;
    *ret_taken = false;
    if (my->has_cluster_lock) {
        *ret_taken = my_cluster_holds(my);
        if (*ret_taken || ctx_interrupted(ctx))
            return *ret_taken;
        err_clear(ctx);
        my_cluster_release(my);
    }
    if (!open_other(my) || !my_query(my, "SET SESSION wsrep_sync_wait = 15", NULL))
        return false;
    bool is_conflicting = false;
    my->has_cluster_lock = try_row(my, other_of(my), ret_taken) && *ret_taken;
    if (my->has_cluster_lock)
        return true;
    if (ctx->err.status != STATUS_OK) {
        is_conflicting = is_conflict(other_of(my));
        if (!is_conflicting)
            return false;
        err_clear(ctx);
    }
    return my_query(other_of(my), "ROLLBACK", NULL);
}

bool my_cluster_holds(struct my *my)
{
    struct strings row = {0};
    if (!my->has_cluster_lock)
        return true;
    if (my_query_row(my->cluster, "SELECT @@in_transaction", &row) && row.n && str_eq(row.v[0], "1"))
        return true;
    if (ctx_interrupted(my->base.ctx))
        return false;
    err_clear(my->base.ctx);
    my->base.own_failure = OWN_FAILURE_LOCK;
    return fail(my->base.ctx, STATUS_FAILED, "the lock of the cluster was lost with its connection");
}

/* What no transaction has committed is read on purpose. */
const char *my_cluster_holder(struct my *my)
{
    struct strings row = {0};
    struct sql q = sql_begin(my->base.ctx, &mysql_dialect);
    sql_addf(&q, "SELECT holder FROM %Q", &my->lock_table);
    if (!my->cluster ||
        !my_query(my_of(my->cluster), "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED", NULL) ||
        !my_query_row(my->cluster, sql_end(&q), &row))
        return NULL;
    return row.n ? row.v[0] : NULL;
}
