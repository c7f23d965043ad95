/* Trees of PostgreSQL's parser as changes. */
#pragma once

#include "cmig/codec.h"
#include "cmig/dialect.h"
#include "cmig/hazard.h"

/* A statement being read. */
struct parsed {
    struct ctx *ctx;
    const char *sql;
    size_t from, to; /* of the statement in its text */
    struct sql_changes *ret;
};

/* Members of a node; none of them fails for one that is missing. */
const struct node *parsed_get(const struct node *n, const char *key);
const char *parsed_text(const struct node *n, const char *key);
bool parsed_flag(const struct node *n, const char *key);
int64_t parsed_number(const struct node *n, const char *key);
size_t parsed_count(const struct node *list);
/* The only member of {"Kind": {…}}, which is the form of every node; *ret_kind its name. */
const struct node *parsed_inner(const struct node *n, const char **ret_kind);
/* A String, or the last of a list of them. */
const char *parsed_string(const struct node *n);
const char *parsed_last_string(const struct node *list);
/* A RangeVar, and a list of Strings as a name. */
struct qname parsed_relation(const struct node *range);
struct qname parsed_name(const struct node *list);

struct sql_change *parsed_add(struct parsed *p, enum sql_act act, bool is_ddl);
struct op *parsed_add_op(struct parsed *p, enum op_kind kind);
struct sql_change *parsed_last(struct parsed *p);

void parsed_create_table(struct parsed *p, const struct node *n);
void parsed_alter_table(struct parsed *p, const struct node *n);
