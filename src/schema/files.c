/* Finds the model files named by the files, directories and globs of the configuration. */

#include "schema/files.h"

#include <sys/stat.h>

struct walk {
    struct ctx *ctx;
    struct map seen; /* by device and inode: what two paths lead to is read once, and links make no circle */
    struct strings *documents, *sql;
};

static const struct {
    const char *suffix;
    bool is_sql;
} suffixes[] = {{".yaml", false}, {".yml", false}, {".sql", true}};

/* By the suffix; *ret_almost: it would have it in lower case. NULL: none, which among files that are named is YAML. */
static const bool *find_suffix(struct ctx *ctx, const char *path, bool *ret_almost)
{
    *ret_almost = false;
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        if (str_ends(path, suffixes[i].suffix))
            return &suffixes[i].is_sql;
        *ret_almost |= str_ends(str_lower(&ctx->arena, path), suffixes[i].suffix);
    }
    return NULL;
}

char *model_file_key(struct arena *a, const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return arena_strdup(a, path);
    return arena_printf(a, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
}

static bool is_new(struct walk *w, const char *path)
{
    char *key = model_file_key(&w->ctx->arena, path);

    if (map_get(&w->seen, key))
        return false;
    map_set(&w->seen, key, w);
    return true;
}

static void file_add(struct walk *w, const char *path, bool is_sql)
{
    if (is_new(w, path))
        vec_add(w->ctx, is_sql ? w->sql : w->documents, ctx_strdup(w->ctx, path));
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
        const bool *is_sql;
        bool almost;

        if (fs_kind(w->ctx, path) == FS_DIR) {
            if (!folder_add(w, path))
                return false;
            continue;
        }
        is_sql = find_suffix(w->ctx, path, &almost);
        if (is_sql)
            file_add(w, path, *is_sql);
        else if (almost)
            log_warn(w->ctx, "'%s' is not read: names of model files end in .yaml, .yml or .sql", path);
    }
    return true;
}

static bool path_add(struct walk *w, const char *path)
{
    size_t before = w->documents->n + w->sql->n;
    const bool *is_sql;
    bool almost;

    if (fs_kind(w->ctx, path) == FS_DIR) {
        if (!folder_add(w, path))
            return false;
        if (w->documents->n + w->sql->n == before)
            log_warn(w->ctx, "no model files (*.yaml, *.yml, *.sql) in '%s'", path);
    } else {
        is_sql = find_suffix(w->ctx, path, &almost);
        file_add(w, path, is_sql && *is_sql);
    }
    return true;
}

static bool glob_add(struct walk *w, const char *pattern)
{
    struct strings found = {0};

    if (!fs_glob(w->ctx, pattern, &found))
        return false;
    if (!found.n)
        return fail(w->ctx, STATUS_CONFIG, "no model matches '%s'", pattern);
    vec_each(i, &found)
        if (!path_add(w, found.v[i]))
            return false;
    return true;
}

bool model_files(
    struct ctx *ctx, const struct strings *paths, struct strings *ret_documents, struct strings *ret_sql)
{
    struct walk w = {.ctx = ctx, .seen = MAP(ctx), .documents = ret_documents, .sql = ret_sql};

    vec_each(i, paths) {
        const char *path = paths->v[i];

        if (fs_kind(ctx, path) != FS_ABSENT) {
            if (!path_add(&w, path))
                return false;
        } else if (strpbrk(path, "*?[")) {
            if (!glob_add(&w, path))
                return false;
        } else {
            fail(ctx, STATUS_CONFIG, "model file or directory '%s' does not exist", path);
            return fail_hint(ctx, "List files, directories and globs under `models` in the configuration, "
                                  "relative to its directory.");
        }
    }
    return true;
}
