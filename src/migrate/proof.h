/* A scratch database in which revisions run one by one. Not for other directories. */
#pragma once

#include "migrate/sample.h"
#include "migrate/snapshot.h"

/* Must not be moved while it is open. */
struct proof {
    struct project project; /* of the scratch database */
    struct project *origin; /* with the connection that created it */
    struct scratch scratch;
    struct sample sample;
    struct strings unmet; /* assertions that failed: the rows are samples, or there are none */
};

/* `rows` of sample data for each table before a revision is applied; 0: none. */
bool proof_open(struct project *origin, int64_t rows, struct proof *ret) ATTR_CHECKED;
/* A scratch database with the contents of another one; false without an error: contents cannot be copied there. */
bool proof_copy(struct proof *from, struct proof *ret) ATTR_CHECKED;
/* The database of another one, which is closed afterwards. */
void proof_take(struct proof *from, struct proof *ret);
/* A new, empty scratch database in place of the old one. */
bool proof_reopen(struct proof *p) ATTR_CHECKED;
void proof_close(struct proof *p); /* one that could not be opened, too */
/* Inserts the rows. */
bool proof_fill(struct proof *p) ATTR_CHECKED;
/* Applies or reverts one revision without messages. */
bool proof_walk(struct proof *p, const struct revision *r, enum direction direction) ATTR_CHECKED;
/* Applies these revisions and all that they need, with progress. */
bool proof_apply(struct proof *p, const struct revisions *of) ATTR_CHECKED;
/* Whether it has a program that proof_walk() does not run. */
bool proof_skips_program(const struct proof *p, const struct revision_body *body);
