/* The statements of a user's text. */
#pragma once

#include "cmig/base.h"

struct script_part {
    size_t from, to;  /* without the semicolon, spaces and comments around it */
    char words[64];   /* the first ones, in capitals, one space between them */
    bool ends_in_way; /* its last word, so far, is FROM or TO */
    bool uses_client; /* it has FROM STDIN or TO STDOUT */
    bool
        copies_in; /* the rows of a COPY FROM STDIN follow: data_from to data_to; the latter SIZE_MAX without an end */
    size_t data_from, data_to;
    size_t command; /* where a backslash stands outside of quotes; SIZE_MAX: nowhere */
};
struct script_parts VEC_OF(struct script_part);

/*
 * Cuts a text into statements, as the server would: quotes, dollar quotes, nested comments and the bodies of SQL
 * functions (BEGIN ATOMIC … END) are left whole.
 */
void script_split(struct arena *a, const char *text, struct script_parts *ret);
/* The text without the lines that pg_dump writes for psql, and without the transaction around it; see dialect.h. */
const char *script_clean(struct ctx *ctx, const char *text, bool in_transaction);
/* Why such a text cannot run as a part of a revision. */
struct script_problem {
    size_t at; /* where it says so */
    const char *what, *hint;
};
/* False when it ends the transaction itself, or is meant for psql. `in_transaction`: whether the revision runs in
 * one. */
bool script_may_run(
    const char *text, const struct script_parts *parts, bool in_transaction, struct script_problem *ret);
/*
 * The text as psql must be given it, ended by a semicolon. A colon before a name (in a slice, a[1:n]) would
 * make it a variable of psql.
 */
char *script_for_psql(struct ctx *ctx, const char *text);
/* Whether every quote and comment of the text is closed: what follows it in a script would else be part of it. */
bool script_is_closed(struct arena *a, const char *text);
/* Line and column, from 1, of a place in a text. */
void script_place(const char *text, size_t at, unsigned *ret_line, unsigned *ret_column);
/* A dollar quote that a text does not contain: "$cmig$", or a longer one. */
const char *pg_unused_tag(struct ctx *ctx, const char *text);
