/*
 * Names of files and fragments for objects with any name.
 *
 * A path has only lower-case letters, digits and "-_.", so that it is the same file on every file system and needs no
 * escape in a URL. A name that loses something by that gets a part of its hash.
 */
#include "site.h"

enum { SLUG_LENGTH = 80 };

/* Windows has devices of these names in every directory. "index" is the list of a directory. */
static bool is_reserved(const char *slug)
{
    static const char *const names[] = {"con", "prn", "aux", "nul", "index", NULL};
    const size_t n = strcspn(slug, ".");

    for (const char *const *name = names; *name; name++)
        if (strlen(*name) == n && strncmp(*name, slug, n) == 0)
            return true;
    return n == 4 && (str_starts(slug, "com") || str_starts(slug, "lpt")) && slug[3] >= '0' && slug[3] <= '9';
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* *ret_lost: other names may have the same slug. */
static char *slug_of(struct arena *a, const char *name, bool *ret_lost)
{
    const size_t n = strlen(name), kept = n < SLUG_LENGTH ? n : SLUG_LENGTH;
    char *slug = str_lower(a, arena_strndup(a, name, kept));

    *ret_lost = n == 0 || kept < n || strncmp(slug, name, kept) != 0;
    for (char *c = slug; *c; c++)
        if (!is_plain(*c) || (*c == '.' && (c == slug || !c[1]))) {
            *c = '_';
            *ret_lost = true;
        }
    *ret_lost |= is_reserved(slug);
    return slug;
}

const char *site_path(struct site *s, const char *folder, const char *name)
{
    struct arena *a = &s->ctx->arena;
    bool is_lost;
    char *slug = slug_of(a, name, &is_lost);
    const char *path =
        is_lost ? arena_printf(a, "%s/%s-%08x.html", folder, slug, (unsigned)hash_bytes(name, strlen(name)))
                : arena_printf(a, "%s/%s.html", folder, slug);

    for (unsigned i = 2; map_get(&s->taken, path); i++)
        path =
            arena_printf(a, "%s/%s-%u-%08x.html", folder, slug, i, (unsigned)hash_bytes(name, strlen(name)));
    map_set(&s->taken, path, s);
    return path;
}

const char *site_id(struct arena *a, const char *prefix, const char *name)
{
    struct str out = {.arena = a};

    str_addf(&out, "%s-", prefix);
    for (const char *c = name; *c; c++)
        if (is_plain(*c) || (*c >= 'A' && *c <= 'Z'))
            str_addc(&out, *c);
        else
            str_addf(&out, "~%02x", (unsigned char)*c);
    return str_get(&out);
}
