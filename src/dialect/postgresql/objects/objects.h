/* Objects of the table of kinds in PostgreSQL. */
#pragma once

#include "dialect/postgresql/reflect/reflect.h"
#include "dialect/postgresql/render/render.h"

/* The bytes of the first statement, without its semicolon. A body that begins with BEGIN ATOMIC goes to the end. */
size_t pg_statement_length(const char *sql);
/* "CREATE FUNCTION …" as "CREATE OR REPLACE FUNCTION …" */
const char *pg_replacing_sql(struct ctx *ctx, const char *sql);
bool pg_render_object(struct rendering *r, const struct op *op);
/* COMMENT ON an object of a kind; false: the operation comments on something else. */
bool pg_comment_object(struct rendering *r, const struct op_set_comment *o);
bool pg_object_change(struct ctx *ctx, enum object_kind kind, const struct object *a, const struct object *b,
    struct strings *ret_steps);

/*
 * The SQL of a publication as the server's catalogues have it: defaults and the schema `home` left out, the
 * tables sorted. `printed` is how the database prints the publication that it has, or NULL: a row filter with
 * the same meaning is copied from there, since the server has no temporary publications. NULL: the SQL does not
 * create a publication.
 */
const char *pg_publication_sql(struct ctx *ctx, const char *home, const char *sql, const char *printed);
/* Whether the SQL publishes schemas, or columns or rows of a table, which servers before PostgreSQL 15 cannot. */
bool pg_publication_is_selective(struct ctx *ctx, const char *sql);
/* Whether ALTER PUBLICATION makes one of the other; both as pg_publication_sql() gives them. */
bool pg_publication_change(
    struct ctx *ctx, const struct qname *name, const char *a, const char *b, struct strings *ret_steps);

/* The SQL of an operator class without DEFAULT and its family, so that it can be created beside the existing one. */
const char *pg_class_alone(struct ctx *ctx, const char *sql);
/* The printed text of that stand-in, with DEFAULT and the family as in the object's own SQL. A family with the name
 * of the class is left out, as are the schema `home` and pg_catalog. */
const char *pg_class_complete(struct ctx *ctx, const char *home, const struct object *o, const char *printed);

/* The SQL of an operator without COMMUTATOR and NEGATOR, so that it can be created beside the existing one. */
const char *pg_operator_alone(struct ctx *ctx, const char *sql);
/* The printed text of that stand-in, with both as in the object's own SQL; `home` and pg_catalog are left out. */
const char *pg_operator_complete(
    struct ctx *ctx, const char *home, const struct object *o, const char *printed);

/* Adds the commutators and negators that only the other operator of a pair states: the server connects both. */
void pg_link_operators(struct ctx *ctx, struct schema *s);

/* Removes the members of its family that DROP OPERATOR CLASS would leave there. */
void pg_drop_members(struct rendering *r, const struct object *o);

/* Whether no secret options, which reflection does not read, would be lost. */
bool pg_object_possible(struct ctx *ctx, enum object_kind kind, const struct object *a,
    const struct object *b, const char **ret_why, const char **ret_hint);
/* Whether only options differ; then the step is ALTER of the object, as in "SERVER films". */
bool pg_options_change(
    struct ctx *ctx, const char *object, const char *a, const char *b, struct strings *ret_steps);
/* The same for the options of a text search dictionary. */
void pg_dictionary_change(
    struct ctx *ctx, const char *object, const char *a, const char *b, struct strings *ret_steps);

/* Refuses an operation that adds a constraint to a domain whose values the server cannot check. `there` is what the
 * database calls the domain. */
bool pg_check_domain_change(struct pg *pg, const struct op *op, const struct qname *there) ATTR_CHECKED;
/* Makes such an operation possible in a downgrade where it can: the constraints are NOT VALID. */
bool pg_weaken_domain_change(struct pg *pg, struct op *op) ATTR_CHECKED;

/* How DROP and COMMENT ON name an object, after the words of its kind. */
const char *pg_object_identity(struct rendering *r, enum object_kind kind, const struct object *o);
/* The same for use in a statement: it accepts more than a cast to regprocedure does. */
const char *pg_object_in_statement(struct rendering *r, enum object_kind kind, const struct object *o);
/* The statements that restore the owner and grants of an object after it was dropped and created again. `there` is
 * its name in the database, `identity` the name that the statements use. */
bool pg_object_keepsakes(struct rendering *r, enum object_kind kind, const char *there, const char *identity,
    struct strings *ret) ATTR_CHECKED;

/* See `prepare_objects` in cmig/dialect.h. */
void pg_prepare_objects(struct ctx *ctx, struct schema *s);

/* Extensions have settings in place of SQL (extension.c). */
void pg_create_extension(struct rendering *r, const struct object *o, bool if_not_exists);
void pg_alter_extension(struct rendering *r, const struct object *o);

/* A statement that creates an extension for the judge; it does nothing if the extension exists, or if the role
 * may not create it. */
void pg_scratch_extension(struct rendering *r, const struct object *wanted, const char *default_schema);

bool take_extensions(struct pg *pg, void *user, const struct answer *rows);
/* Rows: kind, catalogue, number, schema, name, signature, the schema, name and number of the table, comment, SQL,
 * parts and detail, and perhaps whether another object created it. */
bool take_sql_objects(struct pg *pg, void *user, const struct answer *rows);
