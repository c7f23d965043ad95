/*
 * Recognises files of other migration tools, so that the error names a remedy.
 */
#include "document.h"

static const struct {
    const char *marker, *tool; /* a marker at the beginning of a line */
} markers[] = {
    {"-- migrate:up", "dbmate"},
    {"-- +goose", "goose"},
    {"-- +migrate", "sql-migrate"},
    {"--liquibase formatted sql", "Liquibase"},
    {"-- liquibase formatted sql", "Liquibase"},
    {"databaseChangeLog:", "Liquibase"},
    {"-- CreateTable", "Prisma"},
    {"-- rambler up", "rambler"},
    {"-- @UNDO", "MyBatis Migrations"},
    {"-- Deploy ", "Sqitch"},
};

/* V1__name.sql of Flyway, 1_name.up.sql of golang-migrate and sqlx. */
static const char *tool_of_name(const char *name)
{
    static const char digits[] = "0123456789._";

    if (*name == 'V' && strspn(name + 1, digits) && strstr(name, "__"))
        return "Flyway";
    if (str_ends(name, ".up.sql") || str_ends(name, ".down.sql"))
        return "golang-migrate or sqlx";
    return NULL;
}

static const char *tool_of_file(const char *path, const char *text)
{
    for (size_t i = 0; i < COUNT_OF(markers); i++) {
        const char *at = strstr(text, markers[i].marker);

        if (at && (at == text || at[-1] == '\n'))
            return markers[i].tool;
    }
    return tool_of_name(fs_basename(path));
}

/* Whether `import` reads its files. */
static bool is_imported(const char *tool)
{
    static const char *const others[] = {"Liquibase", "rambler", "MyBatis Migrations", "Sqitch"};

    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (str_eq(tool, others[i]))
            return false;
    return true;
}

void hint_other_tool(struct ctx *ctx, const char *path, const char *text)
{
    const char *tool = tool_of_file(path, text);

    if (!tool)
        return;
    fail_hint(ctx, "The file looks like one of %s.", tool);
    if (is_imported(tool))
        fail_hint(ctx, "In an empty directory, 'cmig import PATH' turns such files into revisions.");
    else
        fail_hint(ctx,
            "Migrate a database to the newest version with %s, then continue with 'cmig init "
            "--from-database'.",
            tool);
}
