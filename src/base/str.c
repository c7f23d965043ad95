/*
 * Growing strings, and comparison of strings.
 */
#include "arena.h"

#include <stdlib.h>

enum { STR_FIRST = 64 };

/* Room for n more bytes and the NUL. */
static void reserve(struct str *b, size_t n)
{
    size_t cap = b->cap ? b->cap : STR_FIRST;

    if (n > SIZE_MAX / 4 - b->n)
        abort();
    while (cap < b->n + n + 1)
        cap *= 2;
    if (cap == b->cap)
        return;
    b->s = b->s ? arena_regrow(b->arena, b->s, b->cap, cap) : arena_alloc(b->arena, cap);
    b->cap = cap;
}

void str_add(struct str *b, const char *s)
{
    str_addn(b, s, strlen(s));
}

void str_addn(struct str *b, const char *s, size_t n)
{
    reserve(b, n);
    if (n)
        memcpy(b->s + b->n, s, n);
    b->n += n;
    b->s[b->n] = '\0';
}

void str_addc(struct str *b, char c)
{
    reserve(b, 1);
    b->s[b->n++] = c;
    b->s[b->n] = '\0';
}

void str_addf(struct str *b, const char *fmt, ...)
{
    va_list ap, again;
    size_t room;
    int n;

    reserve(b, 0);
    room = b->cap - b->n;
    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(b->s + b->n, room, fmt, ap);
    va_end(ap);
    assert(n >= 0 && "a format of our own is well-formed");
    if ((size_t)n >= room) {
        reserve(b, (size_t)n);
        vsnprintf(b->s + b->n, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    b->n += (size_t)n;
}

void str_add_percent(struct str *b, const char *s, const char *plain)
{
    for (; *s; s++) {
        const unsigned char c = (unsigned char)*s;
        const bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

        if (is_letter || (c >= '0' && c <= '9') || strchr(plain, c))
            str_addc(b, *s);
        else
            str_addf(b, "%%%02X", c);
    }
}

const char *str_get(const struct str *b)
{
    return b->s ? b->s : "";
}

/* The C library's functions depend on the locale of the program that uses the library. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool str_eq(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_eq_ci(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    while (*a && lower(*a) == lower(*b))
        a++, b++;
    return lower(*a) == lower(*b);
}

int str_cmp(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
    size_t n = strlen(s), tail = strlen(suffix);

    return n >= tail && memcmp(s + n - tail, suffix, tail) == 0;
}

char *str_lower(struct arena *a, const char *s)
{
    char *copy = arena_strdup(a, s);

    for (char *p = copy; *p; p++)
        *p = lower(*p);
    return copy;
}

char *str_upper(struct arena *a, const char *s)
{
    char *copy = arena_strdup(a, s);

    for (char *p = copy; *p; p++)
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    return copy;
}

char *str_trim(struct arena *a, const char *s)
{
    size_t n;

    while (is_space(*s))
        s++;
    n = strlen(s);
    while (n && is_space(s[n - 1]))
        n--;
    return arena_strndup(a, s, n);
}

const char *str_shell(struct arena *a, const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
    struct str out = {.arena = a};
    const char *at = s;

    while (*at && (*at & 0x80 || strchr(plain, *at)))
        at++;
    if (at > s && !*at)
        return s;
    str_addc(&out, '\'');
    for (; *s; s++)
        if (*s == '\'')
            str_add(&out, "'\\''");
        else
            str_addc(&out, *s);
    str_addc(&out, '\'');
    return str_get(&out);
}

/* ---- secrets ---- */

/* The password in `user:password@`, which may hold an unescaped "@" and "/"; what a blank or quote ends is no URL any
 * more. False: there is none. */
static bool find_password(const char *authority, const char **ret_from, const char **ret_to)
{
    size_t n = strcspn(authority, " \t\r\n'\"");
    const char *colon = memchr(authority, ':', n), *at = NULL;

    for (size_t i = 0; i < n; i++)
        if (authority[i] == '@')
            at = authority + i;
    if (!colon || !at || at < colon)
        return false;
    *ret_from = colon + 1;
    *ret_to = at;
    return true;
}

char *str_hex(struct arena *a, const void *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    struct str out = {.arena = a};

    str_add(&out, "\\x");
    for (size_t i = 0; i < n; i++) {
        str_addc(&out, digits[from[i] >> 4]);
        str_addc(&out, digits[from[i] & 15]);
    }
    return out.s;
}

char *str_hide_secrets(struct arena *a, const char *s)
{
    struct str out = {.arena = a};
    const char *from, *to;

    for (const char *hit; (hit = strstr(s, "://"));) {
        hit += 3;
        if (!find_password(hit, &from, &to)) {
            str_addn(&out, s, (size_t)(hit - s));
            s = hit;
            continue;
        }
        str_addn(&out, s, (size_t)(from - s));
        str_add(&out, "***");
        s = to;
    }
    str_add(&out, s);
    return arena_strdup(a, str_get(&out));
}
