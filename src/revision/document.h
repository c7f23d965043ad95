/* A revision file's keys, and the parts of an .sql file. */
#pragma once

#include "walk.h"

struct document {
    struct revision head;
    bool transaction;
    const struct node *only, *upgrade, *downgrade; /* not read yet */
};

/* One direction's statements in an .sql file. */
struct sql_section {
    bool found;
    const char *text; /* in the file's text; from the first line that is not blank */
    size_t size;
    unsigned line; /* of the first byte */
};
struct sql_sections {
    struct sql_section upgrade, downgrade;
};

/* The leading comment as a mapping, with its places in the file; the tree lives in `a`. */
bool sql_head(struct ctx *ctx, struct arena *a, const char *file, const char *text, size_t size,
    struct node **ret_node) ATTR_CHECKED;
bool sql_split(
    struct ctx *ctx, const char *file, const char *text, size_t size, struct sql_sections *ret) ATTR_CHECKED;

/* Adds a hint to the error when the file is one of another migration tool. */
void hint_other_tool(struct ctx *ctx, const char *path, const char *text);

/* ---- new files ---- */

/* Ids or labels as people write them: nothing, one, or a list. */
struct node *revision_names_node(struct arena *a, const struct strings *names);
/* The keys of a new file, and a direction's operations under their key. */
struct node *revision_head_node(struct ctx *ctx, const struct revision_new *n, const char *created);
void revision_add_operations(struct str *out, const char *key, const struct ops *ops);
/* The text by the project's own template; `path` is what the file will be called. */
bool template_fill(struct ctx *ctx, const struct revision_new *n, const char *created, const char *path,
    const char **ret_text) ATTR_CHECKED;

/* The file's name for a template, without directory and ending: "{rev}_{slug}" and the like. */
bool template_expand(
    struct ctx *ctx, const struct revision_new *n, const char *created, const char **ret_name) ATTR_CHECKED;
