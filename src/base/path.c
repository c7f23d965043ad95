/*
 * Joins and splits paths.
 *
 * ".." is kept, except by fs_clean(): its meaning depends on links.
 */
#include "cmig/base.h"

/* The parts of a path, each led by a slash unless it is the first; "." and empty ones are left out. */
static void add_parts(struct str *out, const char *path)
{
    size_t n;

    for (; *path; path += n) {
        while (*path == '/')
            path++;
        n = strcspn(path, "/");
        if (n == 0 || (n == 1 && *path == '.'))
            continue;
        if (out->n && out->s[out->n - 1] != '/')
            str_addc(out, '/');
        str_addn(out, path, n);
    }
}

char *fs_join(struct arena *a, const char *base, const char *path)
{
    struct str out = {.arena = a};
    const char *first = base && *path != '/' ? base : path;

    if (*first == '/')
        str_addc(&out, '/');
    if (first == base)
        add_parts(&out, base);
    add_parts(&out, path);
    return arena_strdup(a, out.n ? out.s : ".");
}

char *fs_clean(struct arena *a, const char *path)
{
    struct str out = {.arena = a};

    for (size_t n; *path; path += n) {
        const char *last;

        path += strspn(path, "/");
        n = strcspn(path, "/");
        if (n == 0 || (n == 1 && *path == '.'))
            continue;
        last = out.n ? fs_basename(out.s) : "";
        if (n == 2 && str_starts(path, "..") && *last && !str_eq(last, "..")) {
            out.n = (size_t)(last - out.s);
            out.n -= out.n > 0; /* the slash */
            out.s[out.n] = '\0';
            continue;
        }
        if (out.n)
            str_addc(&out, '/');
        str_addn(&out, path, n);
    }
    return arena_strdup(a, out.n ? out.s : "");
}

char *fs_dirname(struct arena *a, const char *path)
{
    size_t n = (size_t)(fs_basename(path) - path);

    if (*path == '/' && n == 0) /* the root is in itself */
        n = 1;
    while (n > 1 && path[n - 1] == '/')
        n--;
    return n ? arena_strndup(a, path, n) : arena_strdup(a, ".");
}

const char *fs_basename(const char *path)
{
    const char *name = path;

    for (const char *p = path; *p; p++)
        if (*p == '/' && p[1] && p[1] != '/')
            name = p + 1;
    return name;
}
