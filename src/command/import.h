/* Importing the migrations of another tool. Not for other directories. */
#pragma once

#include "adopt.h"

/* Statements in a file of another tool. */
struct import_section {
    const char *text; /* NULL: there are none */
    struct pos pos;   /* of its first byte */
};

/* One migration, whatever its tool. */
struct migration {
    const char *id; /* of the revision */
    const char *version;
    const char *message;
    const char *path;  /* NULL: it was recorded */
    const char *whole; /* the text of that file, for its checksum */
    struct import_section up, down;
    struct strings parents, dependencies, labels, replaces;
    struct strings notes;        /* what a person must look at */
    struct ops up_ops, down_ops; /* the same as operations; empty: they are not known */
    bool outside;                /* without a transaction */
    bool is_literal;             /* what looks like a placeholder is none */
    bool is_repeatable, is_baseline;
};
struct migrations VEC_OF(struct migration *);

struct import;

/* Lines that are comments to SQL: what follows the dashes. */
struct import_markers {
    const char *up, *down;      /* NULL: the file has only one direction; up "": it begins with the upgrade */
    const char *outside_option; /* after `up` or `down` */
    const char *outside_line;   /* anywhere */
    const char *dropped[3];     /* lines for the tool's own program */
    const char *refused;        /* a line that makes the tool change the text */
};

/* What a row of its version table says. */
struct import_rows {
    struct import *m;
    const struct dialect *dialect;
    struct strings applied; /* keys */
    const char *newest;     /* all versions up to this one are applied; NULL: the rows name each */
    size_t n;               /* rows */
};
typedef bool import_take(struct import_rows *r, const struct result_row *row);

/* A tool: how its migrations are stored, and how a database records them. */
struct tool {
    const char *name, *title;
    bool (*read)(struct import *m); /* finds its migrations */
    const char *folders[4];         /* where it keeps them by default */
    const char *kinds;              /* capital letters before the version; NULL: none */
    const char *characters;         /* of a version, after its first digit */
    const char *separator;          /* after a version, and after the letter of a file without one */
    const char *ups[3], *downs[3];  /* ends of names; for directories, names of files */
    const char *programs[4];        /* ends of the names of migrations that are programs */
    struct import_markers markers;
    const char *opening, *closing; /* of a placeholder; NULL: the text is plain SQL */
    const char *settings; /* end of the name of a file with settings of a migration; NULL: there are none */
    bool named;           /* the version table contains names of files; otherwise versions */
    /* The version table: NULL: none. */
    const char *table, *schema; /* of the table on databases with schemas; NULL: the search path */
    const char *columns[6], *order;
    import_take *take;
    const char *upgrade; /* the command that applies all migrations */
};
extern const struct tool import_tools[];

/* An import that is under way. Zeroed but for c, ctx and a. */
struct import {
    struct call *c;
    struct ctx *ctx;
    const struct tool *tool;
    const char *path;   /* of its migrations */
    const char *python; /* the interpreter that runs recorders */
    bool operations;    /* revisions are written as operations, where they are known */
    struct qname table; /* its version table */
    struct migrations all;
    struct strings placeholders; /* names that became variables */
    struct adoption a;
};

/* ---- tools ---- */

bool import_find_tool(struct ctx *ctx, const char *name, const struct tool **ret) ATTR_CHECKED;
/* The tool to which the files at a path belong; an error if several are possible. */
bool import_guess(struct import *m) ATTR_CHECKED;

/* ---- files ---- */

bool import_read_files(struct import *m) ATTR_CHECKED;   /* files in one directory */
bool import_read_tree(struct import *m) ATTR_CHECKED;    /* and in those below it */
bool import_read_folders(struct import *m) ATTR_CHECKED; /* a directory per migration */
bool import_read_drizzle(struct import *m) ATTR_CHECKED; /* either */
bool import_read_script(struct import *m) ATTR_CHECKED;  /* a script that creates the schema */
bool import_read_plain(struct import *m) ATTR_CHECKED;   /* a directory or a script */
bool import_read_django(struct import *m) ATTR_CHECKED;
bool import_read_alembic(struct import *m) ATTR_CHECKED;
/* The same version in one spelling: 1.02 and 1_2, 0007 and 7. */
const char *import_key(struct arena *a, const struct tool *tool, const char *version);
int import_compare(const char *a, const char *b);
/* The name of a revision: `text` without the characters that an id cannot have. */
const char *import_id(struct arena *a, const char *text);
bool import_read_file(struct import *m, const char *path, const char **ret) ATTR_CHECKED;
/* Divides a file by the lines of its tool. */
bool import_split(
    struct import *m, struct migration *g, const char *path, const char *text, bool is_down) ATTR_CHECKED;

/* ---- revisions ---- */

/* Divides all SQL into statements; those that cannot run in a transaction are noted. */
bool import_check(struct import *m) ATTR_CHECKED;
/* The file of a migration. */
struct revision_new import_revision(struct import *m, const struct migration *g);
/* Makes the graph of all files that of the project. The first time they contain SQL only. */
bool import_build(struct import *m) ATTR_CHECKED;
/* Runs all revisions in a scratch database, which gives the models. */
bool import_rehearse(struct import *m) ATTR_CHECKED;

/* ---- the database ---- */

/* The revisions that the tool's version table has as applied, in *ret_heads those without an applied child. *ret_exists
 * false: there is no such table. */
bool import_rows(struct import *m, struct revisions *ret_heads, bool *ret_exists) ATTR_CHECKED;
import_take import_take_each, import_take_newest, import_take_dirty, import_take_goose, import_take_sqlx,
    import_take_prisma, import_take_drizzle, import_take_flyway, import_take_django;
/* Checksums, in hexadecimal digits. */
const char *import_sha256(struct arena *a, const char *text);
const char *import_sha384(struct arena *a, const char *text);
