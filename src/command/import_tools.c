/*
 * The tools whose migrations cmig imports.
 */
#include "import.h"

/* clang-format off */
#define DIGITS "0123456789"

const struct tool import_tools[] = {
    {"flyway", "Flyway", import_read_tree,
        .folders = {"src/main/resources/db/migration", "db/migration", "migrations", "sql"},
        .kinds = "VURB", .characters = DIGITS "._", .separator = "__", .ups = {".sql"},
        .programs = {".java", ".kt", ".class"},
        .opening = "${", .closing = "}", .settings = ".conf",
        .table = "flyway_schema_history", .columns = {"version", "type", "script", "checksum", "success"},
        .order = "installed_rank", .take = import_take_flyway, .upgrade = "flyway migrate"},
    {"dbmate", "dbmate", import_read_files,
        .folders = {"db/migrations", "migrations"},
        .characters = DIGITS, .separator = "_", .ups = {".sql"},
        .markers = {.up = "migrate:up", .down = "migrate:down", .outside_option = "transaction:false"},
        .table = "schema_migrations", .columns = {"version"}, .order = "version",
        .take = import_take_each, .upgrade = "dbmate up"},
    {"golang-migrate", "golang-migrate", import_read_files,
        .folders = {"db/migrations", "migrations", "db/migration"},
        .characters = DIGITS, .separator = "_", .ups = {".up.sql"}, .downs = {".down.sql"},
        .table = "schema_migrations", .columns = {"version", "dirty"}, .order = "version",
        .take = import_take_dirty, .upgrade = "migrate up"},
    {"goose", "goose", import_read_files,
        .folders = {"db/migrations", "migrations", "sql/schema"},
        .characters = DIGITS, .separator = "_", .ups = {".sql"}, .programs = {".go"},
        .markers = {.up = "+goose Up", .down = "+goose Down", .outside_line = "+goose NO TRANSACTION",
            .dropped = {"+goose StatementBegin", "+goose StatementEnd"}, .refused = "+goose ENVSUB ON"},
        .table = "goose_db_version", .columns = {"version_id", "is_applied"}, .order = "id",
        .take = import_take_goose, .upgrade = "goose up"},
    {"sql-migrate", "sql-migrate", import_read_files,
        .folders = {"migrations", "db/migrations"},
        .characters = DIGITS, .separator = "", .ups = {".sql"}, .named = true,
        .markers = {.up = "+migrate Up", .down = "+migrate Down", .outside_option = "notransaction",
            .dropped = {"+migrate StatementBegin", "+migrate StatementEnd"}},
        .table = "gorp_migrations", .columns = {"id"}, .order = "id",
        .take = import_take_each, .upgrade = "sql-migrate up"},
    {"tern", "tern", import_read_files,
        .folders = {"migrations", "db/migrations"},
        .characters = DIGITS, .separator = "_", .ups = {".sql"},
        .markers = {.up = "", .down = "create above / drop below ----", .outside_line = "tern: disable-tx ----"},
        .opening = "{{", .closing = "}}",
        .table = "schema_version", .columns = {"version"}, .order = "version",
        .take = import_take_newest, .upgrade = "tern migrate"},
    {"sqlx", "sqlx", import_read_files,
        .folders = {"migrations"},
        .characters = DIGITS, .separator = "_", .ups = {".up.sql", ".sql"}, .downs = {".down.sql"},
        .markers = {.outside_line = "no-transaction"},
        .table = "_sqlx_migrations", .columns = {"version", "success", "checksum"}, .order = "version",
        .take = import_take_sqlx, .upgrade = "sqlx migrate run"},
    {"refinery", "Refinery", import_read_files,
        .folders = {"migrations", "src/migrations"},
        .kinds = "VU", .characters = DIGITS, .separator = "__", .ups = {".sql"}, .programs = {".rs"},
        .table = "refinery_schema_history", .columns = {"version"}, .order = "version",
        .take = import_take_each, .upgrade = "refinery migrate"},
    {"diesel", "Diesel", import_read_folders,
        .folders = {"migrations"},
        .characters = DIGITS "-", .separator = "_", .ups = {"up.sql"}, .downs = {"down.sql"},
        .table = "__diesel_schema_migrations", .columns = {"version"}, .order = "version",
        .take = import_take_each, .upgrade = "diesel migration run"},
    {"prisma", "Prisma", import_read_folders,
        .folders = {"prisma/migrations", "migrations"},
        .characters = DIGITS, .separator = "_", .ups = {"migration.sql"}, .downs = {"down.sql"}, .named = true,
        .table = "_prisma_migrations",
        .columns = {"migration_name", "checksum", "finished_at", "rolled_back_at"}, .order = "started_at",
        .take = import_take_prisma, .upgrade = "prisma migrate deploy"},
    {"drizzle", "Drizzle", import_read_drizzle,
        .folders = {"drizzle", "migrations"},
        .characters = DIGITS, .separator = "_", .ups = {".sql"}, .named = true,
        .markers = {.dropped = {"> statement-breakpoint"}},
        .table = "__drizzle_migrations", .schema = "drizzle", .columns = {"hash", "created_at"},
        .order = "created_at", .take = import_take_drizzle, .upgrade = "drizzle-kit migrate"},
    {"knex", "Knex", import_read_files,
        .folders = {"migrations", "db/migrations"},
        .characters = DIGITS, .separator = "_", .ups = {".up.sql", ".sql"}, .downs = {".down.sql"}, .named = true,
        .programs = {".js", ".ts", ".mjs", ".cjs"},
        .table = "knex_migrations", .columns = {"name"}, .order = "id",
        .take = import_take_each, .upgrade = "knex migrate:latest"},
    {"node-pg-migrate", "node-pg-migrate", import_read_files,
        .folders = {"migrations"},
        .characters = DIGITS, .separator = "_", .ups = {".up.sql", ".sql"}, .downs = {".down.sql"}, .named = true,
        .programs = {".js", ".ts", ".mjs", ".cjs"},
        .markers = {.up = "Up Migration", .down = "Down Migration"},
        .table = "pgmigrations", .columns = {"name"}, .order = "id",
        .take = import_take_each, .upgrade = "node-pg-migrate up"},
    {"rails", "Rails", import_read_script,
        .folders = {"db/structure.sql"},
        .characters = DIGITS, .separator = "",
        .table = "schema_migrations", .columns = {"version"}, .order = "version",
        .take = import_take_each, .upgrade = "rails db:migrate"},
    {"django", "Django", import_read_django,
        .folders = {"manage.py"}, .named = true,
        .table = "django_migrations", .columns = {"app", "name"}, .order = "id",
        .take = import_take_django, .upgrade = "python manage.py migrate"},
    {"alembic", "Alembic", import_read_alembic,
        .folders = {"alembic.ini", "migrations/alembic.ini"},
        .table = "alembic_version", .upgrade = "alembic upgrade heads"},
    {"sql", "plain SQL", import_read_plain,
        .folders = {"migrations", "schema.sql", "db/schema.sql"},
        .characters = DIGITS "._-", .separator = "", .ups = {".up.sql", ".sql"}, .downs = {".down.sql"},
        .named = true},
    {0},
};
/* clang-format on */

static bool refuse_tool(struct ctx *ctx, const char *name)
{
    const char *names[COUNT_OF(import_tools)];
    struct strings all = {0};
    const char *near;

    for (const struct tool *t = import_tools; t->name; t++) {
        names[all.n] = t->name;
        vec_add(ctx, &all, t->name);
    }
    near = str_nearest(name, names, all.n);
    fail(ctx, STATUS_USAGE, "unknown tool '%s'", name);
    if (near)
        return fail_hint(ctx, "Did you mean '%s'?", near);
    return fail_hint(ctx, "Expected one of %s.", strings_join(&ctx->arena, &all, ", "));
}

bool import_find_tool(struct ctx *ctx, const char *name, const struct tool **ret)
{
    for (const struct tool *t = import_tools; t->name; t++)
        if (str_eq_ci(t->name, name)) {
            *ret = t;
            return true;
        }
    return refuse_tool(ctx, name);
}

/* ---- guessing ---- */

/* A file that only one tool has, beside or in the directory of its migrations. */
static const struct {
    const char *file, *tool;
} signs[] = {
    {"migration_lock.toml", "prisma"},
    {"meta/_journal.json", "drizzle"},
    {"diesel.toml", "diesel"},
    {"../diesel.toml", "diesel"},
    {"../flyway.conf", "flyway"},
    {"../flyway.toml", "flyway"},
    {"../alembic.ini", "alembic"},
    {"alembic.ini", "alembic"},
    {"env.py", "alembic"},
    {"manage.py", "django"},
};

static bool has_tool(struct import *m, const char *name)
{
    return import_find_tool(m->ctx, name, &m->tool);
}

static bool guess_by_sign(struct import *m)
{
    const char *base = fs_basename(m->path);

    if (str_ends(base, ".ini"))
        return has_tool(m, "alembic");
    if (str_eq(base, "manage.py"))
        return has_tool(m, "django");
    if (str_eq(base, "structure.sql"))
        return has_tool(m, "rails");
    if (str_ends(base, ".sql"))
        return has_tool(m, "sql");
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (fs_exists(fs_join(&m->ctx->arena, m->path, signs[i].file)))
            return has_tool(m, signs[i].tool);
    return false;
}

/* How a first file looks. */
struct look {
    const char *name; /* of a file or directory */
    const char *text; /* "" of a directory */
};

static bool has_marker(const struct look *l, const struct tool *t)
{
    const char *marker = t->markers.up && *t->markers.up ? t->markers.up : t->markers.down;
    const char *at = marker ? strstr(l->text, marker) : NULL;

    while (at && at > l->text && (at[-1] == ' ' || at[-1] == '-'))
        at--;
    return at && at[0] == '-' && (at == l->text || at[-1] == '\n' || at[-1] == '\xbf');
}

static bool is_folder_of(struct import *m, const struct look *l, const struct tool *t)
{
    return t->read == import_read_folders &&
           fs_exists(fs_join(&m->ctx->arena, fs_join(&m->ctx->arena, m->path, l->name), t->ups[0]));
}

static bool is_named_as(const struct look *l, const struct tool *t)
{
    if (t->kinds)
        return strchr(t->kinds, l->name[0]) && strstr(l->name, t->separator) && str_ends(l->name, ".sql");
    return t->downs[0] && t->ups[0][0] == '.' &&
           (str_ends(l->name, ".up.sql") || str_ends(l->name, ".down.sql"));
}

/* Adds the tools that a file may be of: by a marker, else by its name. */
static void look_at(struct import *m, const struct look *l, struct strings *found)
{
    for (const struct tool *t = import_tools; t->name; t++)
        if (has_marker(l, t) || is_folder_of(m, l, t))
            vec_add(m->ctx, found, t->name);
    if (found->n)
        return;
    for (const struct tool *t = import_tools; t->name; t++)
        if (!t->markers.up && t->read != import_read_plain && is_named_as(l, t))
            vec_add(m->ctx, found, t->name);
}

static bool guess_by_files(struct import *m, struct strings *found, bool *ret_any)
{
    struct strings names;

    *ret_any = false;
    if (!fs_list(m->ctx, m->path, &names))
        return false;
    for (size_t i = 0; i < names.n && !found->n; i++) {
        struct look l = {names.v[i], ""};
        const char *path = fs_join(&m->ctx->arena, m->path, l.name);

        if (!fs_is_dir(path)) {
            if (!str_ends(l.name, ".sql"))
                continue;
            *ret_any = true;
            if (!import_read_file(m, path, &l.text))
                return false;
        }
        look_at(m, &l, found);
    }
    return true;
}

/* Of several tools with the same files, the one whose table the database has. */
static void keep_present(struct import *m, struct strings *found)
{
    struct project *p = &m->c->project;
    struct strings present = {0}, rows;
    bool exists;

    vec_each(i, found) {
        const struct tool *t;

        if (!import_find_tool(m->ctx, found->v[i], &t) || !t->table || !p->conn)
            continue;
        const struct version_table v = {.name = {.name = t->table}, .column = t->columns[0]};

        if (p->conn->dialect->versions(p->conn, &v, &rows, &exists) && exists)
            vec_add(m->ctx, &present, t->name);
        err_clear(m->ctx);
    }
    if (present.n)
        *found = present;
}

/* A directory below the path in which a tool keeps its migrations. */
static const char *find_below(struct import *m)
{
    for (const struct tool *t = import_tools; t->name; t++)
        for (size_t i = 0; i < COUNT_OF(t->folders) && t->folders[i]; i++) {
            const char *path = fs_join(&m->ctx->arena, m->path, t->folders[i]);

            if (fs_exists(path))
                return path;
        }
    return NULL;
}

static bool fail_unknown(struct import *m)
{
    const char *below = fs_is_dir(m->path) ? find_below(m) : NULL;

    fail(m->ctx, STATUS_CONFIG, "'%s' contains no migrations of a known tool", m->path);
    if (below)
        return fail_hint(m->ctx, "Did you mean '%s'?", below);
    return fail_hint(m->ctx, "Name the tool with --from.");
}

bool import_guess(struct import *m)
{
    struct strings found = {0};
    bool any_sql;

    if (guess_by_sign(m))
        return true;
    if (!guess_by_files(m, &found, &any_sql))
        return false;
    if (found.n > 1)
        keep_present(m, &found);
    if (found.n == 1)
        return has_tool(m, found.v[0]);
    if (!found.n && any_sql)
        return has_tool(m, "sql");
    if (!found.n)
        return fail_unknown(m);
    fail(m->ctx, STATUS_USAGE, "the files in '%s' may belong to %s", m->path,
        strings_join(&m->ctx->arena, &found, ", "));
    return fail_hint(m->ctx, "Name the tool with --from.");
}
