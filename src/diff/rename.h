/* Shared by the files that resolve `renamed_from` and the options that give renames. */
#pragma once

#include "diff/differ.h"

/* Hints and models put together. */
struct resolving {
    struct ctx *ctx;
    const struct dialect *dialect;
    const struct diff_options *options;
    const struct schema *database;
    struct schema *models;
    struct map hinted; /* names by the place of their `renamed_from` */
};

/* Accepts a hint: `renamed_from` is the place of an object of the models. */
void resolving_hint(struct resolving *r, const char **renamed_from, const char *name);
bool resolving_hinted(const struct resolving *r, const char *const *renamed_from);
/* Whether a hint is of this kind, or of any. */
bool hint_may_be(const struct rename_hint *hint, const char *kind);
/* A name as a schema has it: without the default schema's. */
bool rename_parse(struct ctx *ctx, const struct schema *s, const char *text, struct qname *ret);
/* "table.column" or "schema.table.column" taken apart. */
bool hint_split(struct ctx *ctx, const struct schema *s, const char *text, struct qname *ret_table,
    const char **ret_column);

/* Objects of the table of kinds (rename_objects.c). Tables, views and enums must be settled before. */
bool hint_object(struct resolving *r, const struct rename_hint *hint);
bool settle_objects(struct resolving *r) ATTR_CHECKED;
void objects_collect_renames(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *models, struct renames *ret);
/* The arguments of a renamed object if the renames are reversed. */
const char *signature_reversed(
    struct ctx *ctx, const struct dialect *dialect, const struct renames *renames, const char *signature);
