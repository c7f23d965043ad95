/* An existing Alembic project, as far as cmig continues it. Python is read, never run. Not for other directories. */
#pragma once

#include "command.h"

struct alembic {
    const char *path;         /* of alembic.ini */
    const char *folder;       /* of the file: what `%(here)s` means */
    const char *url;          /* sqlalchemy.url; NULL: none */
    const char *databases;    /* the sections that have one each, by the multidb template; NULL: not so */
    const char *script;       /* script_location, for opening */
    struct strings locations; /* version_locations, for opening */
    bool recursive;
    const char *file_template;  /* in cmig's spelling; NULL: none, or one that cmig cannot follow */
    const char *slug_length;    /* truncate_slug_length; NULL: none */
    struct command_lines hooks; /* for post_write */
    struct graph graph;         /* of the revision files */
};

/* alembic.ini, or what a pyproject.toml beside it adds; `section` is what -n names, NULL: alembic. */
bool alembic_read(struct ctx *ctx, const char *path, const char *section, struct alembic *ret) ATTR_CHECKED;
/* Adds the keys of a section of an ini file to a map; those of `fallback` count where the section has none. */
void ini_read(struct arena *a, const char *text, const char *section, const char *fallback, struct map *ret);
/* The commands that Alembic runs on new revisions, as far as they also work for cmig's files. */
void alembic_hooks(struct ctx *ctx, const char *path, const char *text, struct command_lines *ret);
/* The revision files below its version locations, as a checked graph. */
bool alembic_load(struct ctx *ctx, struct alembic *a) ATTR_CHECKED;

/* What a revision file's module assigns, and the first paragraph of its docstring. */
bool python_revision(struct ctx *ctx, const char *path, const char *text, struct revision *ret) ATTR_CHECKED;
/* The strings of a literal in Python's or TOML's spelling: a string, a tuple, list or set of them, None. False,
 * without an error, for anything else. */
bool python_strings(struct arena *a, const char *text, struct strings *ret) ATTR_CHECKED;

/* A script, as `alembic upgrade --sql` prints one, without what cmig does itself: transactions, and the statements of the
 * version table `version`, unless that is NULL. `dialect` NULL: the database is not known. */
char *alembic_sql(struct ctx *ctx, const struct dialect *dialect, const char *text, const char *version);

/* What is given on the command line. */
struct alembic_options {
    const char *ini, *section, *url, *baseline_sql, *version_table;
    const char *folder; /* the directory of the project */
};
/* Writes the new project; the paths of its files are added to `written`. */
bool alembic_continue(struct call *c, const struct alembic_options *o, struct strings *written) ATTR_CHECKED;
