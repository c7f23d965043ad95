/* Shared by the readers of this directory: libyaml's events, and errors in cmig's words. */
#pragma once

#include <yaml.h>

#include "cmig/codec.h"

/* A text that is being parsed. */
struct yaml_reader {
    struct ctx *ctx;
    struct arena *arena;  /* the tree's */
    struct arena scratch; /* gone with the reader */
    const char *file, *text;
    size_t size;
    yaml_parser_t parser;
};

void yaml_reader_open(
    struct yaml_reader *r, struct ctx *ctx, struct arena *a, const char *file, const char *text, size_t size);
void yaml_reader_close(struct yaml_reader *r); /* for CLEANUP */
/* The next event, which the caller deletes; what libyaml refuses becomes an error. */
bool yaml_next(struct yaml_reader *r, yaml_event_t *ret_event) ATTR_CHECKED;
struct pos yaml_pos(const struct yaml_reader *r, yaml_mark_t mark);
/* Writes libyaml's complaint as an error of ours. */
bool yaml_refuse(struct yaml_reader *r);
/* From fs_read's BOM, or from an editor's in a text of other origin. */
void yaml_skip_bom(const char **text, size_t *size);

/* yaml_parse_head for heads of the usual form; false, without an error, for any other. *ret_from: the stop key. */
bool yaml_head_lines(struct arena *a, const char *file, const char *text, size_t size, const char *stop,
    struct node **ret_node, bool *ret_stopped, const char **ret_from) ATTR_CHECKED;

/* A tree that grows event by event: its parts, and what aliases have cost so far. */
struct yaml_builder;
struct yaml_builder *yaml_builder_new(struct yaml_reader *r);
/* The value that an event begins; the event is deleted. */
bool yaml_build(struct yaml_builder *b, yaml_event_t *event, struct node **ret_node) ATTR_CHECKED;
/* The same, of a key in a mapping. */
bool yaml_build_key(struct yaml_builder *b, yaml_event_t *event, struct node **ret_node) ATTR_CHECKED;
/* Pushes pairs of the top level, and makes a mapping of them. */
void yaml_builder_push(struct yaml_builder *b, struct node *n);
bool yaml_builder_mapping(struct yaml_builder *b, yaml_mark_t mark, struct node **ret_node) ATTR_CHECKED;
