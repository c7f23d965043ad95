/* What taking a URL apart and hiding its secrets share. */
#pragma once

#include "cmig/dialect.h"

/* %41 becomes A; a percent sign that begins nothing stays. */
char *url_decode(struct arena *a, const char *s, size_t n);
/* The opposite: whatever could be a separator becomes %41. */
char *url_encode(struct arena *a, const char *s);
/* Whether the text is a libpq connection string. */
bool url_is_conninfo(const char *text);
/* Whether the parts of a server's URL are certain: one "@" at most, and ports that are numbers. */
bool url_is_plain(const char *url);
