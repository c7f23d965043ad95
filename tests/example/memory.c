/*
 * Example: a program whose revisions are a part of it.
 *
 * Usage: memory DATABASE, an SQLite file.
 */
#include <stdio.h>
#include <string.h>

#include <cmig.h>

static const char config[] = "models: models.yaml\n";
static const char models[] = "tables: {notes: {columns: {text: text}}}\n";
static const char revision[] = "revision: 1f3a\n"
                               "down_revision: null\n"
                               "upgrade:\n"
                               "- create_table: {name: notes, columns: {text: text}}\n"
                               "- execute: {file: sql/seed.sql}\n"
                               "downgrade:\n"
                               "- drop_table: notes\n";
static const char seed[] = "INSERT INTO notes VALUES ('the first')";

int main(int argc, char **argv)
{
    const struct cmig_file files[] = {
        {"cmig.yaml", config, sizeof config - 1},
        {"./models.yaml", models, sizeof models - 1},
        {"migrations/1f3a.yaml", revision, sizeof revision - 1},
        {"migrations/sql/seed.sql", seed, sizeof seed - 1},
    };
    char url[4096];
    struct cmig_options options = {.size = sizeof options, .url = url, .files = files, .file_count = 4};
    struct cmig *cmig;
    enum cmig_status status;

    if (argc != 2 || snprintf(url, sizeof url, "sqlite:///%s", argv[1]) >= (int)sizeof url)
        return CMIG_USAGE;
    status = cmig_open(&cmig, &options);
    if (status == CMIG_OK)
        status = cmig_upgrade(cmig, "head");
    if (status == CMIG_OK)
        status = cmig_check(cmig, NULL, NULL);
    fprintf(stderr, "%s", cmig_error(cmig));
    cmig_close(cmig);
    return (int)status;
}
