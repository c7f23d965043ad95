/*
 * Finds the migrations of another tool: names of files, their versions, and their order.
 */
#include "alembic.h"
#include "import.h"

/* ---- versions ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Numbers in a text are compared as numbers, however long they are. */
int import_compare(const char *a, const char *b)
{
    while (*a && *b) {
        if (is_digit(*a) && is_digit(*b)) {
            a += strspn(a, "0");
            b += strspn(b, "0");
            const size_t n = strspn(a, "0123456789"), k = strspn(b, "0123456789");
            const int order = n == k ? strncmp(a, b, n) : n < k ? -1 : 1;

            if (order)
                return order;
            a += n;
            b += k;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return (*a != '\0') - (*b != '\0');
}

const char *import_id(struct arena *a, const char *text)
{
    char *id = arena_strdup(a, text);

    for (char *s = id; *s; s++)
        if ((unsigned char)*s <= ' ' || *s == 0x7f || strchr("@-+:/\\", *s))
            *s = '_';
    return *id == '.' ? arena_printf(a, "_%s", id) : id;
}

/* The name of a file without the ends that a tool knows. */
static const char *without_end(struct arena *a, const struct tool *tool, const char *name)
{
    const char *const *ends[] = {tool->ups, tool->downs, tool->programs};
    const size_t counts[] = {COUNT_OF(tool->ups), COUNT_OF(tool->downs), COUNT_OF(tool->programs)};

    for (size_t i = 0; i < COUNT_OF(ends); i++)
        for (size_t k = 0; k < counts[i] && ends[i][k]; k++)
            if (ends[i][k][0] == '.' && str_ends(name, ends[i][k]))
                return arena_strndup(a, name, strlen(name) - strlen(ends[i][k]));
    return name;
}

const char *import_key(struct arena *a, const struct tool *tool, const char *version)
{
    struct str out = {.arena = a};

    if (tool->named)
        return import_id(a, without_end(a, tool, version));
    if (tool->kinds && str_starts(version, "R_"))
        return version;
    if (tool->kinds && *version && strchr(tool->kinds, *version))
        version++;
    for (; *version; version++) {
        const bool begins = !out.n || !is_digit(out.s[out.n - 1]);

        if (*version == '-')
            continue;
        if (*version == '_' || *version == '.')
            str_addc(&out, '.');
        else if (!(begins && *version == '0' && is_digit(version[1])))
            str_addc(&out, *version);
    }
    while (out.n > 2 && str_ends(out.s, ".0"))
        out.s[out.n -= 2] = '\0';
    return str_get(&out);
}

/* ---- names ---- */

/* The name of a file, taken apart. */
struct parsed {
    char kind; /* its capital letter; 0: none */
    const char *version, *title, *stem;
    bool is_down;
};

static const char *sentence(struct arena *a, const char *text)
{
    char *copy;

    text += strspn(text, "_-. ");
    copy = arena_strdup(a, text);
    for (char *s = copy; *s; s++)
        if (*s == '_' || *s == '-')
            *s = ' ';
    return str_trim(a, copy);
}

static bool has_end(const char *const *ends, size_t n, const char *name, size_t *ret_n)
{
    for (size_t i = 0; i < n && ends[i]; i++)
        if (str_ends(name, ends[i])) {
            *ret_n = strlen(ends[i]);
            return true;
        }
    return false;
}

/* Versions end with a digit. */
static size_t version_length(const struct tool *tool, const char *s)
{
    size_t n = is_digit(*s) ? strspn(s, tool->characters) : 0;

    while (n && !is_digit(s[n - 1]))
        n--;
    return n;
}

/* As the version tables have it: Flyway's with dots, Diesel's without dashes. */
static const char *version_text(struct arena *a, const struct tool *tool, const char *version)
{
    struct str out = {.arena = a};

    if (tool->named)
        return version;
    for (; *version; version++)
        if (*version != '-')
            str_addc(&out, *version == '_' ? '.' : *version);
    return str_get(&out);
}

static bool parse_stem(struct arena *a, const struct tool *tool, const char *stem, struct parsed *p)
{
    const char *s = stem;
    size_t n;

    if (tool->kinds) {
        if (!*s || !strchr(tool->kinds, *s))
            return false;
        p->kind = *s++;
    }
    n = version_length(tool, s);
    if ((!n && !tool->named) != (p->kind == 'R'))
        return false;
    if (s[n] && !str_starts(s + n, tool->separator))
        return false;
    p->stem = stem;
    p->version = version_text(a, tool, arena_strndup(a, s, n));
    p->title = sentence(a, s + n);
    return true;
}

/* False: it is not the name of a migration in SQL. */
static bool parse_name(struct arena *a, const struct tool *tool, const char *name, struct parsed *ret)
{
    size_t n;

    *ret = (struct parsed){.is_down = has_end(tool->downs, COUNT_OF(tool->downs), name, &n)};
    if (!ret->is_down && !has_end(tool->ups, COUNT_OF(tool->ups), name, &n))
        return false;
    if (!parse_stem(a, tool, arena_strndup(a, name, strlen(name) - n), ret))
        return false;
    ret->is_down = ret->is_down || (ret->kind == 'U' && strchr(tool->kinds, 'R'));
    return true;
}

static bool refuse_program(struct import *m, const char *path)
{
    fail_at(m->ctx, STATUS_CONFIG, (struct pos){.file = path}, "this migration of %s is a program, not SQL",
        m->tool->title);
    return fail_hint(m->ctx,
        "Replace it by a file with its SQL, or migrate with %s and run 'cmig init --from-database'.",
        m->tool->title);
}

static bool check_program(struct import *m, const char *path, const char *name)
{
    struct parsed p = {0};
    size_t n;

    if (!has_end(m->tool->programs, COUNT_OF(m->tool->programs), name, &n) ||
        !parse_stem(&m->ctx->arena, m->tool, arena_strndup(&m->ctx->arena, name, strlen(name) - n), &p))
        return true;
    /* Knex: a program of this name may only run the two files of SQL. */
    for (size_t i = 0; i < COUNT_OF(m->tool->ups) && m->tool->ups[i]; i++)
        if (fs_exists(fs_join(&m->ctx->arena, fs_dirname(&m->ctx->arena, path),
                ctx_printf(m->ctx, "%s%s", p.stem, m->tool->ups[i]))))
            return true;
    return refuse_program(m, path);
}

/* ---- files ---- */

bool import_read_file(struct import *m, const char *path, const char **ret)
{
    char *text;
    size_t size;

    if (!fs_read(m->ctx, &m->ctx->arena, "migration", path, FS_TEXT_LIMIT, &text, &size))
        return false;
    *ret = text;
    return true;
}

static struct migration *find_migration(struct import *m, const struct parsed *p)
{
    const bool has_letters = m->tool->kinds && strchr(m->tool->kinds, 'R');

    vec_each(i, &m->all) {
        struct migration *g = m->all.v[i];
        const bool same = m->tool->named ? str_eq(g->id, import_id(&m->ctx->arena, p->stem))
                                         : str_eq(import_key(&m->ctx->arena, m->tool, g->version),
                                               import_key(&m->ctx->arena, m->tool, p->version));

        if (same && !g->is_repeatable && p->kind != 'R' &&
            (!has_letters || g->is_baseline == (p->kind == 'B')))
            return g;
    }
    return NULL;
}

static struct migration *new_migration(struct import *m, const struct parsed *p)
{
    struct migration *g = ctx_new(m->ctx, struct migration);
    struct arena *a = &m->ctx->arena;

    g->version = p->version;
    g->message = p->title;
    g->is_repeatable = p->kind == 'R';
    g->is_baseline = p->kind == 'B';
    g->id = m->tool->named     ? import_id(a, p->stem)
            : g->is_repeatable ? import_id(a, ctx_printf(m->ctx, "R_%s", p->title))
            : p->kind ? import_id(a, ctx_printf(m->ctx, "%c%s", p->kind == 'B' ? 'B' : 'V', p->version))
                      : import_id(a, p->version);
    vec_add(m->ctx, &m->all, g);
    return g;
}

static bool refuse_second(struct import *m, const struct migration *g, const char *path)
{
    return fail_at(m->ctx, STATUS_CONFIG, (struct pos){.file = path}, "'%s' is already the version of '%s'",
        g->id, g->path ? g->path : g->down.pos.file);
}

/* Whether a file with lines such as `key = value # comment` has this value for a key. */
static bool has_setting(struct arena *a, const char *text, const char *key, const char *value)
{
    for (size_t n; *text; text += n + (text[n] != '\0')) {
        n = strcspn(text, "\n");
        const char *line = arena_strndup(a, text, n < strcspn(text, "#") ? n : strcspn(text, "#"));
        const char *equals = strchr(line, '=');

        if (equals && str_eq(str_trim(a, arena_strndup(a, line, (size_t)(equals - line))), key) &&
            str_eq_ci(str_trim(a, equals + 1), value))
            return true;
    }
    return false;
}

/* Flyway's are beside the migration. */
static bool read_settings(struct import *m, const char *path, struct migration *g)
{
    const char *name = m->tool->settings ? ctx_printf(m->ctx, "%s%s", path, m->tool->settings) : NULL, *text;

    if (!name || !fs_exists(name))
        return true;
    if (!import_read_file(m, name, &text))
        return false;
    g->outside |= has_setting(&m->ctx->arena, text, "executeInTransaction", "false");
    g->is_literal |= has_setting(&m->ctx->arena, text, "placeholderReplacement", "false");
    return true;
}

static bool add_file(struct import *m, const char *path, const struct parsed *p)
{
    struct migration *g = find_migration(m, p);
    const char *text;

    if (!g)
        g = new_migration(m, p);
    if (p->is_down ? g->down.text != NULL : g->path != NULL)
        return refuse_second(m, g, path);
    if (!import_read_file(m, path, &text) || !read_settings(m, path, g))
        return false;
    if (!p->is_down) {
        g->path = path;
        g->whole = text;
        if (*p->title)
            g->message = p->title;
    }
    return import_split(m, g, path, text, p->is_down);
}

/* Names that every tool may have next to its migrations. */
static void note_ignored(struct import *m, const char *path)
{
    if (str_ends(path, ".sql"))
        log_warn(
            m->ctx, "not imported: '%s', which is not named like a migration of %s", path, m->tool->title);
}

static bool read_names(struct import *m, const char *folder, bool deep)
{
    struct strings names;

    if (!fs_list(m->ctx, folder, &names))
        return false;
    vec_each(i, &names) {
        const char *path = fs_join(&m->ctx->arena, folder, names.v[i]);
        struct parsed p;

        if (fs_is_dir(path)) {
            if (deep && !read_names(m, path, deep))
                return false;
        } else if (parse_name(&m->ctx->arena, m->tool, names.v[i], &p)) {
            if (!add_file(m, path, &p))
                return false;
        } else if (!check_program(m, path, names.v[i])) {
            return false;
        } else {
            note_ignored(m, path);
        }
    }
    return true;
}

/* ---- order ---- */

static int rank(const struct migration *g)
{
    return g->is_repeatable;
}

static bool comes_before(const struct tool *tool, const struct migration *a, const struct migration *b)
{
    if (rank(a) != rank(b))
        return rank(a) < rank(b);
    if (tool->read == import_read_folders && tool->named)
        return strcmp(a->id, b->id) < 0;
    if (!tool->named && !a->is_repeatable)
        return import_compare(a->version, b->version) < 0;
    return import_compare(a->id, b->id) < 0;
}

/* Stable, and there are at most a few thousand. */
static void sort_migrations(struct import *m)
{
    for (size_t i = 1; i < m->all.n; i++) {
        struct migration *g = m->all.v[i];
        size_t k = i;

        for (; k > 0 && comes_before(m->tool, g, m->all.v[k - 1]); k--)
            m->all.v[k] = m->all.v[k - 1];
        m->all.v[k] = g;
    }
}

static bool check_upgrades(struct import *m)
{
    vec_each(i, &m->all) {
        const struct migration *g = m->all.v[i];

        if (!g->path)
            return fail_at(m->ctx, STATUS_CONFIG, (struct pos){.file = g->down.pos.file},
                "the migration that this file reverts does not exist");
    }
    return true;
}

/* A baseline replaces what comes before it: a new database begins with it. */
static void apply_baseline(struct import *m)
{
    struct migrations kept = {0};
    struct migration *baseline = NULL;
    struct arena *a = &m->ctx->arena;

    vec_each(i, &m->all)
        if (m->all.v[i]->is_baseline)
            baseline = m->all.v[i];
    if (!baseline)
        return;
    vec_add(m->ctx, &kept, baseline);
    vec_each(i, &m->all) {
        struct migration *g = m->all.v[i];

        if (g->is_repeatable ||
            import_compare(import_key(a, m->tool, g->version), import_key(a, m->tool, baseline->version)) > 0)
            vec_add(m->ctx, &kept, g);
        else if (g != baseline)
            vec_add(m->ctx, &baseline->replaces, g->id);
    }
    log_info(m->ctx, "baseline '%s' replaces %s", baseline->path,
        count_text(m->ctx, baseline->replaces.n, "older migration"));
    m->all = kept;
}

static void link_migrations(struct import *m)
{
    for (size_t i = 1; i < m->all.n; i++)
        vec_add(m->ctx, &m->all.v[i]->parents, m->all.v[i - 1]->id);
}

static bool put_in_order(struct import *m)
{
    if (!check_upgrades(m))
        return false;
    sort_migrations(m);
    apply_baseline(m);
    link_migrations(m);
    return true;
}

bool import_read_files(struct import *m)
{
    return read_names(m, m->path, false) && put_in_order(m);
}

bool import_read_tree(struct import *m)
{
    return read_names(m, m->path, true) && put_in_order(m);
}

/* ---- a directory per migration ---- */

/* Diesel's metadata.toml. */
static bool read_metadata(struct import *m, const char *folder, struct migration *g)
{
    const char *path = fs_join(&m->ctx->arena, folder, "metadata.toml"), *text;

    if (!fs_exists(path))
        return true;
    if (!import_read_file(m, path, &text))
        return false;
    g->outside = has_setting(&m->ctx->arena, text, "run_in_transaction", "false");
    return true;
}

static bool add_folder(struct import *m, const char *folder, const struct parsed *p)
{
    struct migration *g = new_migration(m, p);
    const char *down = m->tool->downs[0] ? fs_join(&m->ctx->arena, folder, m->tool->downs[0]) : NULL;

    g->path = fs_join(&m->ctx->arena, folder, m->tool->ups[0]);
    if (!import_read_file(m, g->path, &g->whole) || !read_metadata(m, folder, g) ||
        !import_split(m, g, g->path, g->whole, false))
        return false;
    if (down && fs_exists(down)) {
        const char *text;

        return import_read_file(m, down, &text) && import_split(m, g, down, text, true);
    }
    return true;
}

bool import_read_folders(struct import *m)
{
    struct strings names;

    if (!fs_list(m->ctx, m->path, &names))
        return false;
    vec_each(i, &names) {
        const char *folder = fs_join(&m->ctx->arena, m->path, names.v[i]);
        const char *up = fs_join(&m->ctx->arena, folder, m->tool->ups[0]);
        struct parsed p = {0};

        if (fs_is_dir(folder) && fs_exists(up) && parse_stem(&m->ctx->arena, m->tool, names.v[i], &p)) {
            if (!add_folder(m, folder, &p))
                return false;
        } else if (fs_is_dir(folder) || str_ends(folder, ".sql")) {
            log_warn(m->ctx, "not imported: '%s', which is not a migration of %s", folder, m->tool->title);
        }
    }
    return put_in_order(m);
}

/* Its newer versions have a directory per migration, with migration.sql. */
bool import_read_drizzle(struct import *m)
{
    struct tool *tool = ctx_new(m->ctx, struct tool);
    struct strings names;
    bool has_files = false;

    if (!fs_list(m->ctx, m->path, &names))
        return false;
    vec_each(i, &names)
        has_files = has_files || str_ends(names.v[i], ".sql");
    if (has_files)
        return import_read_files(m);
    *tool = *m->tool;
    tool->ups[0] = "migration.sql";
    m->tool = tool;
    return import_read_folders(m);
}

/* ---- a script ---- */

/* Versions that the end of structure.sql inserts, such as ('20240101000000') or, by Ecto, (20240101000000). */
static void find_versions(struct import *m, const char *text, struct strings *ret)
{
    for (const char *at = strstr(text, "schema_migrations"); at; at = strstr(at + 1, "schema_migrations")) {
        const char *values = strstr(at, "VALUES");

        if (!values || values - at > 60)
            continue;
        for (const char *s = values; *s && *s != ';'; s++) {
            const char *first = *s == '(' ? s + 1 + strspn(s + 1, " '") : s;
            const size_t n = *s == '(' ? strspn(first, "0123456789") : 0;

            if (n && first[n] && strchr("', )", first[n])) {
                vec_add(m->ctx, ret, arena_strndup(&m->ctx->arena, first, n));
                s = first + n;
            }
        }
    }
}

static const char *newest_of(const struct strings *versions)
{
    const char *newest = NULL;

    vec_each(i, versions)
        if (!newest || import_compare(versions->v[i], newest) > 0)
            newest = versions->v[i];
    return newest;
}

bool import_read_script(struct import *m)
{
    struct migration *g = ctx_new(m->ctx, struct migration);
    struct strings versions = {0};
    const char *newest;

    if (!import_read_file(m, m->path, &g->whole))
        return false;
    find_versions(m, g->whole, &versions);
    newest = newest_of(&versions);
    vec_each(i, &versions)
        if (!str_eq(versions.v[i], newest))
            vec_add(m->ctx, &g->replaces, versions.v[i]);
    g->path = m->path;
    g->id = newest ? newest : "baseline";
    g->version = newest ? newest : "";
    g->message = newest ? ctx_printf(m->ctx, "baseline: %s of %s",
                              count_text(m->ctx, versions.n, "migration"), m->tool->title)
                        : "baseline";
    g->is_baseline = true;
    g->up.pos = (struct pos){m->path, 1, 1};
    g->up.text = alembic_sql(m->ctx, m->c->project.url.dialect, g->whole, m->tool->table);
    vec_add(m->ctx, &m->all, g);
    return true;
}

bool import_read_plain(struct import *m)
{
    return fs_is_dir(m->path) ? import_read_files(m) : import_read_script(m);
}
