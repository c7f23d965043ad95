/*
 * The schema as the operations of a run leave it, as far as that can be told before the first one runs.
 */
#pragma once

#include "migrate/run.h"

struct foresight {
    struct run *r;
    struct ctx *ctx;
    struct schema schema;
    struct strings names; /* of the tables and views that the operations name, which are read */
    struct map asked;     /* the same, in lower case */
    struct map unsure;    /* names of tables and views of which it is not known what they are like */
    struct strings texts; /* user SQL that comes before */
    bool is_blind;        /* a program or a statement may have changed anything */
    bool has_own_tables; /* user SQL created or altered tables: their indexes and constraints are not known */
    bool has_own_objects; /* user SQL may have created or dropped views, routines and sequences */
};

/* Adds the tables and views that an operation names. */
void foresee_names(struct foresight *f, const struct op *op);
/* Rejects an operation that must fail, since what it names does not exist, or what it creates does. */
bool foresee_op(struct foresight *f, const struct op *op) ATTR_CHECKED;
/* Whether nothing is known of the table, view or sequence of this name. */
bool foresee_is_unsure(const struct foresight *f, const struct qname *name);
