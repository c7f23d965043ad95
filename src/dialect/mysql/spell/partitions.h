/* How a table is partitioned, as texts: the options `partition_by` and `partitions` of models. */
#pragma once

#include "dialect/mysql/mysql.h"

/* "range (`id`)", or NULL; and "p0 values less than (10),\np1 …", or NULL. */
struct my_partitioning {
    const char *by, *list;
};
/* From the options of a table; texts of a model are spelt as those of the server, as far as that is possible without it. */
struct my_partitioning my_partitioning_of(struct ctx *ctx, const struct options *o);
/* From the output of SHOW CREATE TABLE. */
struct my_partitioning my_partitioning_printed(struct ctx *ctx, const char *printed);
void my_partitioning_set(struct ctx *ctx, struct options *o, const struct my_partitioning *p);
/* PARTITION BY …, for CREATE TABLE and ALTER TABLE. */
void my_partitioning_add(struct ctx *ctx, struct sql *q, const struct my_partitioning *p);

struct my_partition {
    const char *name, *text; /* without quotes; all of its definition */
};
struct my_partition_list VEC_OF(struct my_partition);
struct my_partition_list my_partition_list(struct ctx *ctx, const char *list);
/* Where the changed list can be reached without dividing all rows again: */
struct my_partition_change {
    struct my_partition_list dropped; /* with their rows */
    struct my_partition_list added;   /* after the others, or split from `split` */
    struct my_partition_list merged;  /* their rows go to `split` */
    const struct my_partition *split; /* or NULL */
};
/* False: it cannot. */
bool my_partitioning_change(struct ctx *ctx, const struct my_partitioning *before,
    const struct my_partitioning *after, struct my_partition_change *ret);

/* What a change of these options destroys, as a note for a revision; or NULL. */
const char *my_options_note(struct ctx *ctx, const struct options *before, const struct options *after);
