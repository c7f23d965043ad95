/*
 * Example: a program that keeps its own database up to date.
 *
 * Usage: device FOLDER DATABASE. FOLDER holds cmig.yaml, models and revisions; DATABASE is an SQLite file. This
 * is what a device may do at every start: bring its data to the form that this version of the program expects.
 */
#include <stdio.h>

#include <cmig.h>

static void show_message(void *user, enum cmig_level level, const char *text)
{
    (void)user;
    if (level <= CMIG_LOG_INFO)
        fprintf(stderr, "device: %s\n", text);
}

static int report(struct cmig *cmig, enum cmig_status status)
{
    fprintf(stderr, "%s", cmig_error(cmig));
    cmig_close(cmig);
    return (int)status;
}

int main(int argc, char **argv)
{
    char url[4096];
    struct cmig_options options = {.size = sizeof options, .url = url, .message = show_message};
    const char *const *revisions, *const *differences;
    size_t count;
    struct cmig *cmig;
    enum cmig_status status;

    if (argc != 3 || snprintf(url, sizeof url, "sqlite:///%s", argv[2]) >= (int)sizeof url) {
        fprintf(stderr, "usage: device FOLDER DATABASE\n");
        return CMIG_USAGE;
    }
    options.folder = argv[1];
    status = cmig_open(&cmig, &options);
    if (status == CMIG_OK)
        status = cmig_upgrade(cmig, "head");
    if (status != CMIG_OK)
        return report(cmig, status);

    status = cmig_current(cmig, &revisions, &count);
    if (status != CMIG_OK)
        return report(cmig, status);
    for (size_t i = 0; i < count; i++)
        printf("at %s\n", revisions[i]);

    status = cmig_check(cmig, &differences, &count);
    if (status != CMIG_OK && status != CMIG_FOUND)
        return report(cmig, status);
    for (size_t i = 0; i < count; i++)
        printf("differs: %s\n", differences[i]);
    cmig_close(cmig);
    return (int)status;
}
