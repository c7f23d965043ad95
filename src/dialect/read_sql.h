/* Reading statements of user SQL by their words. */
#pragma once

#include "cmig/dialect.h"
#include "cmig/hazard.h"

struct word {
    enum sql_kind kind;
    const char *s, *text; /* in the text; unquoted */
    size_t n;
};
struct reader {
    struct ctx *ctx;
    const struct dialect *dialect;
    const char *text;
    size_t from, to;
    struct words VEC_OF(struct word) words;
    size_t at;
    struct sql_changes *ret;
};

/* Cuts the statement into words. */
void read_cut(struct reader *r);
const struct word *read_peek(const struct reader *r, size_t ahead);
bool is_word(const struct word *w, const char *word);
bool is_sign(const struct word *w, char sign);
/* Takes words, given in one text with a space between them, if they are next. */
bool read_take(struct reader *r, const char *words);
bool read_sign(struct reader *r, char sign);
bool read_any(struct reader *r, const char *const *list);
/* Whether a word is among those from one position to another. */
bool read_has(const struct reader *r, size_t from, size_t to, const char *word);
bool read_name(struct reader *r, const char **ret);
bool read_qname(struct reader *r, struct qname *ret);
/* The position after what is up to the next comma, or the end, on the same level of parentheses. */
size_t read_item_end(const struct reader *r, size_t at);
/* The text of words as it is written. */
const char *read_source(const struct reader *r, size_t from, size_t to);
/* Adds a change to the result. */
struct sql_change *read_add(struct reader *r, enum sql_act act);
struct op *read_add_op(struct reader *r, enum op_kind kind);
struct sql_change *read_last(struct reader *r);
struct dtext plain(const char *text);
void read_skip_parentheses(struct reader *r);
/* Names in parentheses; of other items nothing is taken. */
void read_columns(struct reader *r, struct strings *ret);
/* After the words "create table" and "alter table". */
bool read_create_table(struct reader *r);
bool read_alter_table(struct reader *r);
