/*
 * Reads alembic.ini: where an Alembic project keeps its revisions, and its database.
 *
 * Its ini file is Python's: keys in sections, values that continue in indented lines, %(name)s for another key.
 * Since Alembic 1.16 the keys may be in pyproject.toml instead; the database's URL stays in the ini file.
 */
#include "alembic.h"

struct ini {
    struct ctx *ctx;
    const char *path, *section;
    struct map values; /* "key", of the section or of DEFAULT */
    struct map toml;   /* of [tool.alembic] in pyproject.toml */
};

/* ---- reading ---- */

struct line {
    const char *text; /* trimmed, its own copy */
    bool indented, comment;
};

static bool next_line(struct arena *a, const char **s, struct line *ret)
{
    size_t n = strcspn(*s, "\n");
    const char *raw = arena_strndup(a, *s, n);

    if (!**s)
        return false;
    *s += n + ((*s)[n] == '\n');
    ret->indented = *raw == ' ' || *raw == '\t';
    ret->text = str_trim(a, raw);
    ret->comment = *ret->text == '#' || *ret->text == ';';
    return true;
}

void ini_read(struct arena *a, const char *text, const char *section, const char *fallback, struct map *ret)
{
    const char *wanted[] = {fallback, section};

    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        const char *s = text, *key = NULL;
        bool inside = false;
        struct line l;

        while (wanted[i] && next_line(a, &s, &l)) {
            const char *old = key ? map_get(ret, key) : NULL;
            size_t n = strcspn(l.text, "=:");
            bool open = old && *old == '[' && !strchr(old, ']'); /* a list of TOML's in several lines */

            if (l.comment || !*l.text)
                continue;
            if (key && inside && (l.indented || open)) {
                map_set(ret, key, arena_printf(a, "%s\n%s", old, l.text));
            } else if (*l.text == '[') {
                inside =
                    str_eq(str_trim(a, arena_strndup(a, l.text + 1, strcspn(l.text + 1, "]"))), wanted[i]);
                key = NULL;
            } else if (inside && l.text[n]) {
                key = str_lower(a, str_trim(a, arena_strndup(a, l.text, n)));
                map_set(ret, key, str_trim(a, l.text + n + 1));
            }
        }
    }
}

/* The template for several databases has a section for each, with its URL; the rest is in [alembic]. */
static void inherit(struct ini *ini, const char *text)
{
    struct map all = MAP(ini->ctx);

    ini_read(&ini->ctx->arena, text, "alembic", "DEFAULT", &all);
    if (!map_get(&all, "databases"))
        return;
    ini_read(&ini->ctx->arena, text, ini->section, NULL, &all);
    ini->values = all;
}

/* ---- values ---- */

enum { NESTING_LIMIT = 10 };

static const char *raw_value(const struct ini *ini, const char *key)
{
    return str_eq(key, "here") ? fs_dirname(&ini->ctx->arena, ini->path) : map_get(&ini->values, key);
}

/* %(name)s is another key, %% a percent sign. */
static bool interpolate(const struct ini *ini, const char *text, unsigned depth, struct str *out)
{
    for (; *text; text++) {
        const char *end = text[0] == '%' && text[1] == '(' ? strstr(text, ")s") : NULL;
        const char *value = NULL;

        if (text[0] == '%' && text[1] == '%') {
            str_addc(out, '%');
            text++;
            continue;
        }
        if (*text != '%') {
            str_addc(out, *text);
            continue;
        }
        if (end)
            value = raw_value(ini, arena_strndup(&ini->ctx->arena, text + 2, (size_t)(end - text - 2)));
        if (!value || depth > NESTING_LIMIT)
            return fail_at(ini->ctx, STATUS_CONFIG, (struct pos){.file = ini->path}, "cannot read '%.*s'",
                end ? (int)(end + 2 - text) : 1, text);
        if (!interpolate(ini, value, depth + 1, out))
            return false;
        text = end + 1;
    }
    return true;
}

/* Of the ini file, else of pyproject.toml; *ret NULL: neither has it, or it is empty. */
static bool get(const struct ini *ini, const char *key, const char **ret)
{
    const char *raw = map_get(&ini->values, key);
    struct str out = STR(ini->ctx);
    struct strings list;

    if (!raw) {
        raw = map_get(&ini->toml, key);
        if (raw && python_strings(&ini->ctx->arena, raw, &list))
            raw = strings_join(&ini->ctx->arena, &list, "\n");
        else if (raw) /* a number or boolean, perhaps with a comment after it */
            raw = str_trim(&ini->ctx->arena, arena_strndup(&ini->ctx->arena, raw, strcspn(raw, "#")));
    }
    *ret = NULL;
    if (!raw || !*raw)
        return true;
    if (!interpolate(ini, raw, 0, &out))
        return false;
    *ret = str_get(&out);
    return true;
}

/* ---- what they mean ---- */

/* A path may be written as package:directory; relative ones are seen from the ini file's directory, or from the current one,
 * where Alembic itself looks. */
static const char *locate(struct ctx *ctx, const struct alembic *a, const char *text)
{
    char *path = ctx_strdup(ctx, text), *colon = strchr(path, ':'), *joined;

    if (colon && *path != '/') {
        *colon = '/';
        for (char *s = path; s < colon; s++)
            if (*s == '.')
                *s = '/';
    }
    joined = fs_join(&ctx->arena, a->folder, path);
    return !fs_is_dir(joined) && fs_is_dir(path) ? path : joined;
}

static const char *separators(const char *name)
{
    static const char *const known[][2] = {
        {"space", " \n"}, {"newline", "\n"}, {"os", ":\n"}, {":", ":\n"}, {";", ";\n"}};

    /* Alembic's own template once had a comment after it. */
    for (size_t i = 0; name && i < COUNT_OF(known); i++)
        if (strlen(known[i][0]) == strcspn(name, " \t") && str_starts(name, known[i][0]))
            return known[i][1];
    return " ,\t\n"; /* the behaviour before the key existed */
}

static void split_locations(struct ctx *ctx, struct alembic *a, const char *text, const char *separator)
{
    for (size_t n; *text; text += n + (text[n] != '\0')) {
        const char *one;

        n = strcspn(text, separator);
        one = str_trim(&ctx->arena, arena_strndup(&ctx->arena, text, n));
        if (*one)
            vec_add(ctx, &a->locations, locate(ctx, a, one));
    }
}

/* "%(year)d_%(month).2d_%(rev)s" becomes "{year}_{month}_{rev}"; NULL when cmig has no such token. */
static const char *translate_template(struct ctx *ctx, const char *text)
{
    static const char *const tokens[] = {
        "rev", "slug", "year", "month", "day", "hour", "minute", "second", "epoch"};
    struct str out = STR(ctx);

    for (; *text; text++) {
        size_t n = strcspn(text, ")"), known = 0;

        if (*text != '%') {
            str_addc(&out, *text);
            continue;
        }
        while (known < COUNT_OF(tokens) && !(text[1] == '(' && strlen(tokens[known]) == n - 2 &&
                                               memcmp(tokens[known], text + 2, n - 2) == 0))
            known++;
        if (known == COUNT_OF(tokens) || !text[n])
            return NULL;
        str_addf(&out, "{%s}", tokens[known]);
        text += n + 1;
        text += strspn(text, ".0123456789");
        if (*text != 's' && *text != 'd')
            return NULL;
    }
    return ctx_strdup(ctx, str_get(&out));
}

/* Flask-Migrate sets it in Python, to the directory of the file. */
static bool is_script_folder(struct ctx *ctx, const char *folder)
{
    return fs_exists(fs_join(&ctx->arena, folder, "env.py")) &&
           fs_is_dir(fs_join(&ctx->arena, folder, "versions"));
}

static bool read_locations(struct ini *ini, struct alembic *a)
{
    const char *script, *list, *separator, *recursive;

    if (!get(ini, "script_location", &script) || !get(ini, "version_locations", &list) ||
        !get(ini, "path_separator", &separator) || !get(ini, "recursive_version_locations", &recursive) ||
        (!separator && !get(ini, "version_path_separator", &separator)))
        return false;
    if (!script && is_script_folder(ini->ctx, a->folder))
        script = ".";
    if (!script) {
        fail_at(ini->ctx, STATUS_CONFIG, (struct pos){.file = ini->path},
            "no script_location in section '%s'", ini->section);
        return fail_hint(ini->ctx, "Use -n to name another section of the file.");
    }
    a->script = locate(ini->ctx, a, script);
    a->recursive = recursive && str_eq_ci(recursive, "true");
    if (list)
        split_locations(
            ini->ctx, a, list, map_get(&ini->values, "version_locations") ? separators(separator) : "\n");
    else
        vec_add(ini->ctx, &a->locations, fs_join(&ini->ctx->arena, a->script, "versions"));
    return true;
}

static bool read_file(struct ctx *ctx, const char *what, const char *path, char **ret)
{
    size_t size;

    return fs_read(ctx, &ctx->arena, what, path, FS_TEXT_LIMIT, ret, &size);
}

/* Settings of the project that are not converted. */
static void warn_left_out(struct ini *ini)
{
    static const char *const keys[] = {"timezone", "output_encoding"};

    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (map_get(&ini->values, keys[i]))
            log_info(ini->ctx, "'%s' was not converted: cmig has no such key", keys[i]);
}

bool alembic_read(struct ctx *ctx, const char *path, const char *section, struct alembic *ret)
{
    struct ini ini = {.ctx = ctx, .path = path, .section = section ? section : "alembic"};
    struct alembic a = {.path = path, .folder = fs_dirname(&ctx->arena, path)};
    const char *toml = fs_join(&ctx->arena, a.folder, "pyproject.toml"), *template;
    char *text;

    ini.values = ini.toml = MAP(ctx);
    if (!read_file(ctx, "Alembic's configuration", path, &text))
        return false;
    ini_read(&ctx->arena, text, ini.section, "DEFAULT", &ini.values);
    warn_left_out(&ini);
    alembic_hooks(ctx, path, text, &a.hooks);
    if (!map_get(&ini.values, "script_location"))
        inherit(&ini, text);
    if (fs_exists(toml)) {
        if (!read_file(ctx, "configuration", toml, &text))
            return false;
        ini_read(&ctx->arena, text, "tool.alembic", NULL, &ini.toml);
        if (strstr(text, "[[tool.alembic.post_write_hooks]]"))
            log_warn(ctx,
                "%s: post_write_hooks were not converted: write them under 'post_write' in cmig.yaml", toml);
    }
    if (!get(&ini, "sqlalchemy.url", &a.url) || !get(&ini, "file_template", &template) ||
        !get(&ini, "databases", &a.databases) || !get(&ini, "truncate_slug_length", &a.slug_length) ||
        !read_locations(&ini, &a))
        return false;
    if (template)
        a.file_template = translate_template(ctx, template);
    if (template && !a.file_template)
        log_warn(ctx, "file_template '%s' cannot be converted: new files are named {rev}_{slug}", template);
    *ret = a;
    return true;
}

/* ---- revision files ---- */

struct loading {
    struct ctx *ctx;
    struct alembic *alembic;
    struct revisions found;
};

static bool is_revision_name(const char *name)
{
    return str_ends(name, ".py") && !str_starts(name, "__init__");
}

static bool load_folder(struct loading *l, const char *folder)
{
    struct strings names;
    char *text;

    if (!fs_list(l->ctx, folder, &names))
        return false;
    vec_each(i, &names) {
        const char *path = fs_join(&l->ctx->arena, folder, names.v[i]);
        struct revision *r = ctx_new(l->ctx, struct revision);

        if (l->alembic->recursive && fs_is_dir(path)) {
            if (!load_folder(l, path))
                return false;
        } else if (is_revision_name(names.v[i])) {
            if (!read_file(l->ctx, "revision", path, &text) || !python_revision(l->ctx, path, text, r))
                return false;
            vec_add(l->ctx, &l->found, r);
        }
    }
    return true;
}

bool alembic_load(struct ctx *ctx, struct alembic *a)
{
    struct loading l = {.ctx = ctx, .alembic = a};

    vec_each(i, &a->locations)
        if (!load_folder(&l, a->locations.v[i]))
            return fail_in(ctx, "cannot read the revisions of '%s'", a->path);
    return graph_build(ctx, &l.found, &a->graph);
}
