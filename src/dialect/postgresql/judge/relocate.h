/* Names of objects in SQL text, where temporary objects stand in for them. */
#pragma once

#include "cmig/schema.h"

struct relocation {
    struct ctx *ctx;
    const char *home;   /* the default schema */
    struct map names;   /* "schema\nname" to what is written instead */
    struct map printed; /* names of stand-ins for objects of other schemas to what is printed for them */
};

void relocation_init(struct relocation *r, struct ctx *ctx, const char *home);
/* A stand-in that has the object's own name, or `stand_in` for an object outside of the default schema. */
void relocation_add(struct relocation *r, const struct qname *name, const char *stand_in);
/* The text with the names of the stand-ins, and back; NULL stays NULL. */
const char *relocate(const struct relocation *r, const char *text);
const char *relocate_back(const struct relocation *r, const char *text);
/* All texts of a table or view: what was written, else what was reflected. */
struct table *relocate_table(
    const struct relocation *r, const struct relocation *types, const struct table *t);
struct view *relocate_view(const struct relocation *r, const struct view *v);
void relocate_view_back(const struct relocation *r, struct view *v);
void relocate_table_back(const struct relocation *r, const struct relocation *types, struct table *t);
