/*
 * Triggers, functions, procedures and events, of which a model has the SQL.
 *
 * Their texts are compared without DEFINER, and with the settings under which the server keeps them: SET STATEMENT
 * sql_mode = '…' FOR CREATE …, where these are not cmig's own.
 */
#pragma once

#include "dialect/mysql/wire/conn.h"

/* ---- texts ------------------------------------------------------------------------------------------- */

/* A statement that creates an object, taken apart at the object's name. */
struct my_create {
    const char *settings; /* those of SET STATEMENT; NULL: none */
    const char *definer;  /* as it is written; NULL: the current user */
    bool aggregate;
    struct sql_piece name; /* n 0: with a database */
    const char *rest;      /* what follows the name */
};
bool my_create_parse(struct ctx *ctx, enum object_kind kind, const char *sql, struct my_create *ret);
/* Puts it together under a name, which is quoted unless it is the same and was not. */
const char *my_create_sql(
    struct ctx *ctx, enum object_kind kind, const struct my_create *c, const char *name, bool replaces);
/* The statement as it is sent: with settings its text is read under these. */
const char *my_create_sent(
    struct ctx *ctx, enum object_kind kind, const struct my_create *c, const char *name, bool replaces);
/* The types of the parameters that a routine's text begins with, as in the key of a model: "int, varchar". */
const char *my_create_signature(struct ctx *ctx, const char *rest);
/* Without what is in parentheses, as in "varchar" for varchar(20). */
const char *my_argument_type(struct ctx *ctx, const char *text);

/* What follows a trigger's name. */
struct my_trigger {
    const char *timing, *event;
    bool has_database; /* the table's name is qualified */
    const char *table;
    const char *order, *other; /* "FOLLOWS" or "PRECEDES", and a trigger; or NULL */
    const char *body;
};
bool my_trigger_parse(struct ctx *ctx, const char *rest, struct my_trigger *ret);
const char *my_trigger_rest(struct ctx *ctx, const struct my_trigger *t);
/* Removes the order among triggers, and the database of the table. Otherwise the text stays as it is. */
void my_trigger_simplify(struct ctx *ctx, struct my_create *c);

/* What follows an event's name. */
struct my_event {
    const char *schedule; /* "EVERY 1 DAY STARTS '2026-01-01 00:00:00'" */
    bool preserve;
    const char *status;  /* "ENABLE", "DISABLE", "DISABLE ON SLAVE" */
    const char *comment; /* a literal; or NULL */
    const char *body;
};
bool my_event_parse(struct ctx *ctx, const char *rest, struct my_event *ret);
const char *my_event_rest(struct ctx *ctx, const struct my_event *e);

/* ---- the server -------------------------------------------------------------------------------------- */

/* The settings that the text of an object needs, as in my_create; NULL: none. */
const char *my_settings_of(struct ctx *ctx, const char *sql_mode, const char *time_zone);
/* The text of an object as the server prints it, of a trigger without its order; *ret NULL: the server does not show it. */
bool my_show_create(struct my *my, enum object_kind kind, const char *name, const char **ret,
    struct my_create *ret_parts) ATTR_CHECKED;

/* See the contract in cmig/dialect.h. */
bool my_object_change(struct ctx *ctx, enum object_kind kind, const struct object *a, const struct object *b,
    struct strings *ret_steps);
bool my_complete(struct conn *conn, struct ops *up, struct ops *down);

/* For an event of a scratch database: puts back into the printed text what its statement had. */
void my_restore_event(struct my *my, const char *name, struct my_create *c);

/* Names under which the judge creates objects for a moment; reflection leaves them out. */
#define MY_SCRATCH "cmig_scratch"
/* The objects of the judge. */
bool my_judge_objects(struct my *my, const struct schema *wanted, struct schema *ret) ATTR_CHECKED;
