/* What the files that apply operations share. */
#pragma once

#include "cmig/dialect.h"

/* One operation at work. */
struct work {
    struct ctx *ctx;
    const struct dialect *dialect; /* NULL: no native spelling */
    const struct schema *schema;   /* for changes of other objects; may be NULL */
    struct table *table;
    const struct op *op;
};

/* Whether two names are one to the dialect. */
bool name_same(const struct dialect *dialect, const char *a, const char *b);
/* The position of a name in a list, or the list's size. */
size_t names_find(const struct dialect *dialect, const struct strings *list, const char *name);
void names_replace(const struct dialect *dialect, struct strings *list, const char *from, const char *to);

/* fail_at the operation: a name that does not exist, or already exists. */
bool apply_missing(const struct work *w, const char *what, const char *name);
bool apply_taken(const struct work *w, const char *what, const char *name);

/* Native spelling of what has only an authored one; nothing without a dialect. */
bool native_column(const struct work *w, struct column *c) ATTR_CHECKED;
void native_constraint(const struct work *w, struct constraint *c);
void native_index(const struct work *w, struct index *i);
void native_expr(const struct work *w, struct expr *e);
/* The check that stands for an enum's values where the dialect has no enums; replaces the one that is there. */
void imply_check(const struct work *w, const struct column *c);

struct column *find_column(const struct work *w, const char *name);

bool apply_add_column(struct work *w) ATTR_CHECKED;
bool apply_drop_column(struct work *w) ATTR_CHECKED;
bool apply_alter_column(struct work *w) ATTR_CHECKED;
bool apply_rename_column(struct work *w) ATTR_CHECKED;
bool apply_create_constraint(struct work *w) ATTR_CHECKED;
bool apply_drop_constraint(struct work *w) ATTR_CHECKED;
/* Adds one; a primary key makes its columns NOT NULL. */
bool add_constraint(struct work *w, struct constraint *c) ATTR_CHECKED;
