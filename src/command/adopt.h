/* Adopting a database that exists already. Not for other directories. */
#pragma once

#include "split.h"

/* A project that is made for a database, or for a script that creates one. Zeroed but for c, ctx, folder and written. */
struct adoption {
    struct call *c;
    struct ctx *ctx;
    const char *folder; /* the directory of the project */
    const char *url,
        *url_written; /* as given, and as written to cmig.yaml, where paths are relative to its directory; or NULL */
    const char *models, *revisions; /* names of directories */
    const char *sql_path, *sql;     /* of --baseline-sql, without what is not the schema's; or NULL */
    struct schema schema;           /* of the database, or of what the script creates */
    const char *models_text;        /* the same as a model file; NULL: not known */
    struct split_files model_files; /* the same, divided by `split` */
    enum split split;
    struct strings excluded; /* tables of other tools */
    struct strings schemas;  /* for cmig.yaml; empty: the default one */
    struct baseline baseline;
    struct strings *written; /* paths of files */
};

/* The migration tool that a table belongs to; NULL: none is known. */
const char *other_tool(const struct table *t);

/* Reads the script of --baseline-sql; `version` is a table of another tool whose statements are left out, or NULL. */
bool adopt_sql(struct adoption *a, const char *path, const char *version) ATTR_CHECKED;
/* Remembers the URL, which was seen from `base`. */
void adopt_url(struct adoption *a, const char *url, const char *base);
/* Excludes the tables of other tools from the project, with a message. */
void exclude_other_tools(struct adoption *a, const struct schema *schema);
/* Reads the connected database without the tables of other tools. */
bool adopt_schema(struct adoption *a) ATTR_CHECKED;
/* Makes a schema that of the models. */
void adopt_take_schema(struct adoption *a, const struct schema *schema);
/* Builds the operations of the baseline, unless there is a script. */
bool adopt_build(struct adoption *a) ATTR_CHECKED;
/* Tests the baseline's file in a scratch database. That may also give the schema of a script. */
bool adopt_prove(struct adoption *a, const struct revision_new *n) ATTR_CHECKED;
/* Chooses directories for models and revisions that are free. */
void adopt_folders(struct adoption *a);
/* The beginning of cmig.yaml, up to `migrations`, and a key with a comment before it. */
void adopt_config(struct adoption *a, struct str *out);
void adopt_key(struct adoption *a, struct str *out, const char *comment, const char *key, struct node *value);
/* Writes a file in the project's directory. */
bool adopt_write(struct adoption *a, const char *path, const char *text) ATTR_CHECKED;
bool adopt_write_models(struct adoption *a) ATTR_CHECKED;
bool adopt_write_baseline(
    struct adoption *a, const struct graph *g, const struct revision_new *n) ATTR_CHECKED;
/* Prints the paths of new files. */
void print_written(struct call *c, const struct strings *written);
/* Removes files that were written before a failure: they would be in the way of the next attempt. */
void adopt_undo(struct adoption *a);
/* Reports whether the baseline was tested. */
void adopt_report(struct adoption *a);
/* Fails with STATUS_FOUND when the baseline lacks anything of the database. */
bool adopt_judge(struct adoption *a) ATTR_CHECKED;

/* `init --from-database` and `init --baseline-sql`; the paths of the files are added to `written`. */
struct database_options {
    const char *folder, *baseline_sql;
    enum split split;
    bool no_stamp;
    struct strings schemas; /* besides the default one */
    bool all_schemas;
};
bool adopt_database(struct call *c, const struct database_options *o, struct strings *written) ATTR_CHECKED;

extern const char baseline_note[]; /* the comment in a baseline's file */
