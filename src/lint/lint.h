/* What the files of lint share. */
#pragma once

#include "cmig/lint.h"

/* A comment that allows a rule in a range of lines. */
struct allow {
    const char *file;
    enum rule rule;
    unsigned from, to; /* lines */
    struct pos pos;
    bool used;
};
struct allows VEC_OF(struct allow *);

/* Lines of a file that belong to one operation or statement. */
struct line_range {
    unsigned from, to;
};
struct line_ranges VEC_OF(struct line_range);

/* All that is the same for every revision. */
struct linter {
    struct ctx *ctx;
    const struct lint_request *request;
    const struct dialect *dialect;
    struct schema *schema; /* after the revisions that were read so far, as far as it is known */
    struct conn *stand_in; /* replaces an embedded database; NULL: none, or it no longer follows */
    struct findings *found;
    struct touches *touches;
};

/* The revision being read. */
struct review {
    struct linter *l;
    struct ctx *ctx;
    const struct revision *revision;
    struct revision_body body;
    bool silent;        /* only replayed */
    bool is_downgrade;  /* its operations are read: only what they cost matters */
    bool is_minor;      /* of the finding that is being added */
    struct map fresh;   /* names of tables and views that it has created */
    struct map pending; /* "table.constraint" that it has created NOT VALID, in this transaction */
    bool has_ddl;       /* this transaction has changed the schema */
    struct pos write;   /* of SQL that changes rows of `written` in this transaction; file NULL: none yet */
    struct qname written;
    bool has_reported_write;
    struct ops new_keys;   /* operations that create foreign keys, to be looked at when all indexes exist */
    struct findings found; /* before comments are applied */
    struct allows allows;
};

/* A change, where it is, and how it is written. */
struct item {
    const struct op *op;             /* NULL: the statement is not an operation */
    const struct sql_change *change; /* NULL: an operation of the file */
    struct pos pos;
};

/* Adds a finding unless the rule is off, or the table is small. `table` may be NULL. */
void review_add(struct review *v, enum rule rule, struct pos pos, const struct qname *table, const char *fmt,
    ...) ATTR_FORMAT(5, 6);
/* Whether the operation is done in the form that other sessions hardly notice. */
bool is_online(const struct review *v, const struct item *item);
bool review_is_fresh(const struct review *v, const struct qname *table);
/* The table as it is before the change, or NULL. */
const struct table *review_table(const struct review *v, const struct qname *name);
const char *review_name(const struct review *v, const struct qname *name);
bool is_small(const struct linter *l, const struct qname *table);
/* Applies an operation to the schema in memory, or notes that it cannot be. */
void replay_apply(struct review *v, const struct item *item);
/* The revision does something that the schema does not show. */
void replay_note_unread(struct review *v);
/* The innermost line of an error's text. */
const char *error_innermost(struct ctx *ctx, const char *text);

void change_check(struct review *v, const struct item *item);
/* Of an operation, or of a statement of SQL; one of them is NULL. */
void change_check_version(struct review *v, const struct op *op, const char *sql, struct pos pos);
/* Whether this transaction changes both rows and the schema. */
void change_check_writes(struct review *v);
/* Operations on other objects than tables, and on parts of tables that programs rely on. */
void objects_check(struct review *v, const struct item *item);
/* A statement of SQL, whatever it does to the schema. */
void statement_check(struct review *v, const char *sql, bool is_ddl, struct pos pos);
void design_check(struct review *v, const struct item *item);
void design_check_keys(struct review *v);
void naming_check_ops(struct review *v, const struct ops *ops);
void downgrade_check(struct review *v);
/* Before the revision is applied to the schema: what `downgrade_compare` needs. */
void downgrade_compare(struct review *v);
/* A copy of the schema, to which the downgrade can be applied. */
struct schema *downgrade_schema(struct review *v);

/* Objects that revisions change, for conflicts between branches. */
void touches_begin(struct linter *l);
/* Whether a revision may conflict with any other one, so that all must be read. */
bool touches_matter(const struct linter *l);
void touches_add(struct review *v, const struct item *item);
void touches_check(struct linter *l);

/* Reads the comments of a file; invalid ones become findings. `ranges` are sorted. */
void allow_read_yaml(struct review *v, const char *file, const char *text, const struct line_ranges *ranges);
/* The same of SQL that begins at this place. `ranges` NULL: the text is the operation's at the place. */
void allow_read_sql(struct review *v, struct pos start, const char *text, const struct line_ranges *ranges);
/* Removes the findings that are allowed from the review, and adds the others to the result. */
void allow_apply(struct review *v);
