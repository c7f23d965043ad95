/* Which files hold the models: what do files, folders and globs of the configuration stand for? */

#include "schema/files.h"

#include <errno.h>
#include <glob.h>
#include <sys/stat.h>

struct walk {
    struct ctx *ctx;
    struct map seen; /* by device and inode: what two paths lead to is read once, and links make no circle */
    struct strings *files;
};

static bool is_new(struct walk *w, const char *path)
{
    struct stat st;
    char *key;

    if (stat(path, &st) != 0)
        return true;
    key = ctx_printf(w->ctx, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    if (map_get(&w->seen, key))
        return false;
    map_set(&w->seen, key, w);
    return true;
}

static bool folder_add(struct walk *w, const char *folder)
{
    struct strings names = {0};

    if (!is_new(w, folder))
        return true;
    if (!fs_list(w->ctx, folder, &names))
        return false;
    vec_each(i, &names) {
        char *path = fs_join(&w->ctx->arena, folder, names.v[i]);

        if (fs_is_dir(path)) {
            if (!folder_add(w, path))
                return false;
        } else if (str_ends(path, ".yaml") || str_ends(path, ".yml")) {
            if (is_new(w, path))
                vec_add(w->ctx, w->files, path);
        } else if (str_ends(str_lower(&w->ctx->arena, path), ".yaml") ||
                   str_ends(str_lower(&w->ctx->arena, path), ".yml")) {
            log_warn(w->ctx, "'%s' is not read: names of model files end in .yaml or .yml", path);
        }
    }
    return true;
}

static bool path_add(struct walk *w, const char *path)
{
    size_t before = w->files->n;

    if (fs_is_dir(path)) {
        if (!folder_add(w, path))
            return false;
        if (w->files->n == before)
            log_warn(w->ctx, "no model files (*.yaml, *.yml) in '%s'", path);
    } else if (is_new(w, path)) {
        vec_add(w->ctx, w->files, ctx_strdup(w->ctx, path));
    }
    return true;
}

/* What is not there matches nothing; what cannot be read ends the search. */
static int glob_problem(ATTR_UNUSED const char *path, int number)
{
    return number != ENOENT && number != ENOTDIR;
}

static bool glob_add(struct walk *w, const char *pattern)
{
    CLEANUP(globfree) glob_t found = {0};
    int status = glob(pattern, 0, glob_problem, &found);

    if (status == GLOB_NOMATCH)
        return fail(w->ctx, STATUS_CONFIG, "no model matches '%s'", pattern);
    if (status != 0)
        return fail(w->ctx, STATUS_CONFIG, "cannot read the folders of '%s'", pattern);
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (!path_add(w, found.gl_pathv[i]))
            return false;
    return true;
}

bool model_files(struct ctx *ctx, const struct strings *paths, struct strings *ret)
{
    struct walk w = {.ctx = ctx, .seen = MAP(ctx), .files = ret};

    vec_each(i, paths) {
        const char *path = paths->v[i];

        if (fs_exists(path)) {
            if (!path_add(&w, path))
                return false;
        } else if (strpbrk(path, "*?[")) {
            if (!glob_add(&w, path))
                return false;
        } else {
            fail(ctx, STATUS_CONFIG, "there is no model '%s'", path);
            return fail_hint(ctx, "`models` in the configuration lists files, folders and globs, as seen "
                                  "from the configuration's folder.");
        }
    }
    return true;
}
