/* Names the sessions for which a statement waits, while it waits. */
#pragma once

#include "cmig/base.h"

struct waiting {
    bool is_off;             /* they are not looked up */
    struct strings sessions; /* for which a statement waited when they were last looked up */
    uint64_t next_us;        /* when they are looked up next, and how long after the last time that is */
    uint64_t interval_us;
    struct strings told; /* the sessions that messages have named, and when */
    uint64_t told_us;
};

/* A statement has begun, which waits for a lock no longer than that; 0: without a limit, or with an unknown one. */
void waiting_begin(struct waiting *w, uint64_t timeout_ms);
/* Whether the sessions are to be looked up now. It is true at growing intervals. */
bool waiting_is_due(struct waiting *w);
/* Until it is due, at most `most` milliseconds. */
int waiting_left_ms(const struct waiting *w, int most);
/* Takes what was found: a line for each session, and who they are. Prints the lines of new ones, and from time to time all
 * of them. */
void waiting_tell(
    struct ctx *ctx, struct waiting *w, const struct strings *lines, const struct strings *names);
/* The beginning of a query of another session in one line, with "?" for its literals, which begin with one of
 * `quotes`. NULL if it is NULL. */
const char *waiting_excerpt(struct ctx *ctx, const char *sql, const char *quotes);
