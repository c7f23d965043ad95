/* What plain text means in YAML, and when a text cannot stay plain. */
#pragma once

#include "cmig/codec.h"

bool scalar_is_null(const char *s);
bool scalar_is_bool(const char *s, bool *ret);
bool scalar_is_integer(const char *s); /* decimal, no leading zeros */
bool scalar_is_number(const char *s);  /* as SQL writes one too */
/* Whether some reader of YAML 1.1 or 1.2 takes it, unquoted, for something else than a string. */
bool scalar_is_ambiguous(const char *s);

enum plain_place { PLAIN_BLOCK, PLAIN_FLOW };
/* Whether the syntax lets it stand without quotes. */
bool scalar_can_be_plain(const char *s, size_t n, enum plain_place place);
/* Whether it can be a literal block; *ret_indicator: its first line begins with a space. */
bool scalar_can_be_literal(const char *s, size_t n, bool *ret_indicator);
/* In single or double quotes. */
void scalar_quote(struct str *out, const char *s, size_t n);
