/* What the pages of a site share. Not for other directories. */
#pragma once

#include "cmig/site.h"

/* Files that are compiled in. */
extern const char site_head_html[], site_foot_html[], site_css[], site_js[];

/* What has a page, by kind; those of EACH_OBJECT_KIND follow. */
enum item_kind { ITEM_TABLE, ITEM_VIEW, ITEM_ENUM, ITEM_SEQUENCE, ITEM_SCHEMA, ITEM_OBJECT };
enum { ITEM_KINDS = ITEM_OBJECT + OBJECT_KINDS };

/* What a revision changed in an object. */
struct touch {
    const struct revision *revision;
    struct strings changes; /* "columns.email is new" */
};
struct touches VEC_OF(struct touch *);

/* A foreign key that refers to a table. */
struct incoming {
    const struct table *table;
    const struct constraint *key;
};

struct item {
    int kind; /* enum item_kind, or ITEM_OBJECT + enum object_kind */
    const char *name, *path;
    const char *comment;
    struct access *access;
    union {
        const struct table *table;
        const struct view *view;
        const struct enumeration *enumeration;
        const struct sequence *sequence;
        const struct namespace *schema;
        const struct object *object;
    } u;
    struct touches touches; /* newest first */
    /* tables and views: */
    struct VEC_OF(struct incoming) incoming;
    struct VEC_OF(const struct item *) children; /* partitions, and tables that inherit from it */
    struct VEC_OF(const struct item *) readers;  /* views */
    struct VEC_OF(const struct item *) reads;    /* of a view */
    struct objects on[OBJECT_KINDS_ON_TABLE];
    /* enums: the columns of this type */
    struct strings users; /* names of tables, each followed by the column's */
};
struct items VEC_OF(struct item *);

struct site {
    struct ctx *ctx;
    const struct site_source *source;
    struct fs_files files;
    struct items of[ITEM_KINDS]; /* sorted by name */
    struct map by_name;          /* item_key() to its item */
    struct map taken;            /* paths of pages */
    struct items *touched;       /* by revision->order: the items that it changed */
    const char **revision_paths; /* by revision->order; NULL: the site does not show the revision */
    bool *listed;                /* by revision->order */
};

/* A page that is being written. */
struct page {
    struct site *site;
    struct str out;
    const char *path, *root; /* root: "../" in a directory, else "" */
};

/* ---- names ---- */

/* A path "<folder>/<name>.html" that every file system takes, and that no other page has. */
const char *site_path(struct site *s, const char *folder, const char *name);
/* An id within a page, different for each name. */
const char *site_id(struct arena *a, const char *prefix, const char *name);

/* ---- items ---- */

/* "tables", "table", "Tables" */
const char *item_folder(int kind);
const char *item_noun(int kind);
const char *item_heading(struct arena *a, int kind);
/* The noun, or a more exact one: "materialized view". */
const char *item_title(const struct item *item);
void items_collect(struct site *s);
/* NULL: there is no such page. */
struct item *item_find(const struct site *s, int kind, const char *name);
struct item *item_of(const struct site *s, int kind, const struct qname *name);
/* The table or view of that name, or NULL. */
struct item *item_relation(const struct site *s, const struct qname *name);

/* Gives each item the revisions that touched it. */
bool history_read(struct site *s) ATTR_CHECKED;

/* ---- HTML ---- */

/* printf with %s and %zu only; the strings are escaped. */
void html_addf(struct str *out, const char *fmt, ...) ATTR_FORMAT(2, 3);
void html_text(struct str *out, const char *text);
/* A comment of the schema: paragraphs, lists, code, emphasis and links; anything else is text. */
void html_markdown(struct str *out, const char *text);
/* The first line of it as text, without marks. */
const char *markdown_summary(struct arena *a, const char *text);

/* `kind` is printed above the title; or NULL. */
void page_begin(struct page *p, struct site *s, const char *path, const char *title, const char *kind);
void page_end(struct page *p);
/* A heading with an id. */
void page_section(struct page *p, const char *id, const char *title);
/* A link to an item, or its name alone. `item` NULL: there is no page. */
void page_link(struct page *p, const struct item *item, const char *name);
void page_revision_link(struct page *p, const struct revision *r, const char *text);
/* The names with commas in between, each as code. */
void page_names(struct page *p, const struct strings *names);
/* A block of SQL or YAML. */
void page_code(struct page *p, const char *language, const char *text);
/* A list of facts; nothing if it stays empty. */
void page_facts(struct page *p);
void page_facts_end(struct page *p);
/* A row of it; nothing without a value. */
void page_fact(struct page *p, const char *label, const char *value);
/* The beginning of a table with these headings, ended by NULL. */
void page_table(struct page *p, const char *caption, const char *const *headings);
void page_table_end(struct page *p);
/* The diagram of a table and its neighbours. */
bool page_diagram(struct page *p, const struct item *around) ATTR_CHECKED;
bool page_diagram_of_all(struct page *p) ATTR_CHECKED;
/* Adds a file. */
void site_add(struct site *s, const char *path, const char *text);

const char *expr_text(const struct site *s, const struct expr *e);

/* ---- pages ---- */

bool table_page(struct site *s, const struct item *item) ATTR_CHECKED;
void object_page(struct site *s, const struct item *item);
void view_page(struct site *s, const struct item *item);
bool index_page(struct site *s) ATTR_CHECKED;
bool diagram_page(struct site *s) ATTR_CHECKED;
void revisions_page(struct site *s);
bool revision_page(struct site *s, const struct revision *r) ATTR_CHECKED;
void search_file(struct site *s);
/* Adds the picture of the graph beside the list of revisions, a row of it for each. */
void graph_draw(struct page *p);
/* Parts of a page. */
void page_indexes(struct page *p, const struct indexes *list);
void page_on(struct page *p, const struct item *item);
void page_access(struct page *p, const struct access *access);
void page_touches(struct page *p, const struct item *item);
void page_comment(struct page *p, const char *comment);
