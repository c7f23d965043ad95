/* Shared by the files of this directory: where values come from. */
#pragma once

#include "cmig/config.h"

/* What ${…} may name. */
struct variables {
    struct ctx *ctx;
    const char *folder;      /* ${file:PATH} is seen from here */
    struct map env_file;     /* of `.env` */
    const struct strings *x; /* ${x:key}: "key=value" each; may be NULL */
};

/* Of the process, else of `.env`; NULL: neither has it. */
const char *variable_get(const struct variables *v, const char *name);
/* Reads `.env` in the directory, if there is one. */
bool env_file_read(struct variables *v) ATTR_CHECKED;
/* The ${…} of a text without their defaults: "${file:secret}, ${HOST}"; NULL: there are none. */
const char *expansion_names(struct ctx *ctx, const char *text);
/* A copy of the tree with every ${…} of its values replaced. */
bool expand_tree(struct variables *v, const struct node *n, struct node **ret_node) ATTR_CHECKED;

extern const struct record hooks_record;
extern const struct record rollout_record;
extern const struct field_custom targets_custom;
extern const struct field_custom models_custom; /* of the whole struct config */

/* The file that holds the configuration; *ret_path NULL: there is none, and none is needed. */
bool config_find(struct ctx *ctx, const struct config_request *request, const char **ret_path) ATTR_CHECKED;
/* The URL when the file names none: $DATABASE_URL, $DATABASE_URL_FILE; NULL without either. */
bool config_environment_url(struct variables *v, const char **ret_url, const char **ret_source) ATTR_CHECKED;
/* Merges an environment of the file over its top level and takes the environments out. */
bool config_merge(struct decoder *d, const char *path, const char *environment, struct node *top,
    struct node **ret_node) ATTR_CHECKED;
