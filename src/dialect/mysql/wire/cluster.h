/* The lock of a Galera cluster, beside the named lock of its node. */
#pragma once

#include "dialect/mysql/wire/conn.h"

/* Whether the server is a node of a cluster. */
bool my_is_cluster(struct my *my, bool *ret) ATTR_CHECKED;
/* Takes my->lock_table's row if it is free; also true if this session already has it. */
bool my_cluster_try(struct my *my, bool *ret_taken) ATTR_CHECKED;
/* Whether a lock that was taken is still held; else an error. */
bool my_cluster_holds(struct my *my) ATTR_CHECKED;
/* A description of the holder, or NULL. */
const char *my_cluster_holder(struct my *my);
void my_cluster_release(struct my *my);
