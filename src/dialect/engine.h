/*
 * Servers that speak the protocol of PostgreSQL or MySQL, and are neither.
 *
 * None of them could be tried: what they lack is from their documentation (as of 2026). cmig reads such a server, but
 * changes none that lacks what its promises rest on.
 */
#pragma once

#include "cmig/base.h"

enum lack {
    LACKS_LOCK = 1,         /* a lock of the session: two runs at once would not notice each other */
    LACKS_ROLLBACK = 2,     /* DDL is not rolled back, although PostgreSQL rolls it back */
    LACKS_FOREIGN_KEYS = 4, /* or does not enforce them */
    LACKS_DEFERRABLE = 8,   /* constraints that are checked at COMMIT */
    LACKS_TRIGGERS = 16,    /* and procedures */
    LACKS_INDEXES = 32,
    LACKS_CATALOGUE = 64, /* not all of the catalogue that cmig reads */
};

struct engine {
    const char *name;
    const char *protocol; /* "postgresql", "mysql" */
    const char *mark;     /* is in what the server says of itself */
    unsigned lacks;       /* LACKS_… */
};

/* What a server is, by the texts that it says of itself, each of which may be NULL. NULL: the original. */
const struct engine *engine_find(const char *protocol, const char *version, const char *comment);
/* Why cmig does not change it, as a hint. NULL: it does. */
const char *engine_refusal(struct ctx *ctx, const struct engine *e);
