/* libpg_query: PostgreSQL's own parser, as a library. It is opened for the first statement that is read, and may be absent. */
#pragma once

#include "cmig/codec.h"

enum parse_outcome {
    PARSE_DONE,
    PARSE_ABSENT,  /* there is no parser, or its tree cannot be read */
    PARSE_INVALID, /* the parser does not accept the text */
};
/* The tree of a text, as JSON that is read into nodes of the arena; or the parser's message. */
enum parse_outcome libpg_query_parse(
    struct ctx *ctx, struct arena *a, const char *sql, struct node **ret, const char **ret_problem);
