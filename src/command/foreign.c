/*
 * Commands and options of other tools.
 */
#include "command.h"

#define SQUASHED \
    "Move the old files away, then run 'cmig stamp --purge base', 'cmig revision --baseline' and 'cmig " \
    "stamp head'."

/* clang-format off */
const struct foreign_word foreign_commands[] = {
    {"migrate", "upgrade", NULL},
    {"migrate-up", "upgrade", NULL},
    {"up", "upgrade", NULL},
    {"apply", "upgrade", NULL},
    {"deploy", "upgrade", NULL},
    {"update", "upgrade", NULL},
    {"makemigrations", "revision", "Run 'cmig revision --autogenerate -m MESSAGE'."},
    {"generate", "revision", "Run 'cmig revision --autogenerate -m MESSAGE'."},
    {"makemigration", "revision", "Run 'cmig revision --autogenerate -m MESSAGE'."},
    {"new", "revision", "Run 'cmig revision -m MESSAGE'."},
    {"create", "revision", "Run 'cmig revision -m MESSAGE', or 'cmig create-database' for a database."},
    {"createdb", "create-database", NULL},
    {"dropdb", "drop-database", NULL},
    {"make", "revision", "Run 'cmig revision -m MESSAGE'."},
    {"add", "revision", "Run 'cmig revision -m MESSAGE'."},
    {"rollback", "downgrade", "Run 'cmig downgrade -1'."},
    {"undo", "downgrade", "Run 'cmig downgrade -1'."},
    {"revert", "downgrade", "Run 'cmig downgrade -1'."},
    {"down", "downgrade", NULL},
    {"showmigrations", "status", NULL},
    {"info", "status", NULL},
    {"list", "history", NULL},
    {"validate", "check", NULL},
    {"test", "verify", NULL},
    {"lint-migrations", "lint", NULL},
    {"linter", "lint", NULL},
    {"baseline", "stamp", NULL},
    {"fake", "stamp", NULL},
    {"resolve", "stamp", NULL},
    {"repair", "status", "Run 'cmig status' to see what is recorded, and 'cmig stamp REVISION' to correct it."},
    {"dump", "inspect", NULL},
    {"pull", "inspect", NULL},
    {"introspect", "inspect", NULL},
    {"inspectdb", "inspect", NULL},
    {"push", "upgrade", "Run 'cmig revision --autogenerate -m MESSAGE', then 'cmig upgrade'."},
    {"sync", "upgrade", "Run 'cmig revision --autogenerate -m MESSAGE', then 'cmig upgrade'."},
    {"squashmigrations", "revision", SQUASHED},
    {"squash", "revision", SQUASHED},
    {"sqlmigrate", "upgrade", "Run 'cmig upgrade --sql FROM:TO'."},
    {"plan", "upgrade", "Run 'cmig upgrade --dry-run'."},
    {"setup", "init", NULL},
    {"drop", "downgrade", "'cmig downgrade base' reverts all revisions; 'cmig drop-database' drops the database."},
    {"clean", "downgrade", "'cmig downgrade base' reverts all revisions; 'cmig drop-database' drops the database."},
    {"reset", "downgrade", "Run 'cmig downgrade base', then 'cmig upgrade'."},
    {0},
};

#define GIVEN_AS_WORDS "Revisions are given without an option, as in 'cmig upgrade head'."
#define GIVEN_AS_STEPS "Give a number of revisions with its sign, as in 'cmig upgrade +1' or 'cmig downgrade -2'."
#define RECORDED "Run 'cmig stamp REVISION' to record a revision as applied without running it."
#define NOT_ASKED "Leave it out: cmig asks no question before it migrates."
#define IN_THE_URL "Name the database in a URL, as in --url postgresql://user@host/database."

/* A word without one of cmig's is never taken for the beginning of an option. */
const struct foreign_word foreign_options[] = {
    {"msg", "message", NULL},
    {"revision-id", "rev-id", NULL},
    {"rev", "rev-id", NULL},
    {"rev", "rev-range", NULL},
    {"revision", NULL, GIVEN_AS_WORDS},
    {"rev", NULL, GIVEN_AS_WORDS},
    {"to", NULL, GIVEN_AS_WORDS},
    {"target", NULL, GIVEN_AS_WORDS},
    {"head", NULL, GIVEN_AS_WORDS},
    {"heads", NULL, GIVEN_AS_WORDS},
    {"base", "baseline", NULL},
    {"base", "baseline-sql", NULL},
    {"base", NULL, GIVEN_AS_WORDS},
    {"all", NULL, "'cmig upgrade' applies all revisions, 'cmig downgrade base' reverts all; "
                  "--all-environments is for several databases."},
    {"steps", NULL, GIVEN_AS_STEPS},
    {"step", NULL, GIVEN_AS_STEPS},
    {"count", NULL, GIVEN_AS_STEPS},
    {"limit", "rev-range", "Use -r for the newest revisions, as in 'cmig history -r -3:'."},
    {"fake", NULL, RECORDED},
    {"fake-initial", NULL, RECORDED},
    {"yes", NULL, NOT_ASKED},
    {"y", NULL, NOT_ASKED},
    {"noinput", NULL, NOT_ASKED},
    {"auto-approve", NULL, NOT_ASKED},
    {"check", "check-heads", NULL},
    {"no-database", "offline", NULL},
    {"check", NULL, "Run 'cmig check' to compare models and database."},
    {"message", NULL, "Only 'revision' and 'merge' take a message."},
    {"plan", "dry-run", NULL},
    {"dry", "dry-run", NULL},
    {"pretend", "dry-run", NULL},
    {"dryrun", "dry-run", NULL},
    {"auto", "autogenerate", NULL},
    {"a", "autogenerate", NULL},
    {"empty", "autogenerate", "A revision is empty unless --autogenerate is given."},
    {"database", "url", NULL},
    {"database-url", "url", NULL},
    {"db-url", "url", NULL},
    {"dsn", "url", NULL},
    {"u", "url", NULL},
    {"host", NULL, IN_THE_URL},
    {"port", NULL, IN_THE_URL},
    {"user", NULL, IN_THE_URL},
    {"username", NULL, IN_THE_URL},
    {"password", NULL, IN_THE_URL},
    {"dbname", NULL, IN_THE_URL},
    {"env", "name", NULL},
    {"environment", "name", NULL},
    {"connect-timeout", "wait", NULL},
    {"directory", "config", "Name the configuration with -c; its key 'migrations' names the directory."},
    {"migrations-dir", "config", "Name the configuration with -c; its key 'migrations' names the directory."},
    {"table", NULL, "Set 'include' or 'exclude' in cmig.yaml to select tables."},
    {"tables", NULL, "Set 'include' or 'exclude' in cmig.yaml to select tables."},
    {"no-color", "color", "Use --color never, or set NO_COLOR."},
    {"no-colour", "color", "Use --color never, or set NO_COLOR."},
    {"format", "json", NULL},
    {"output", NULL, "Redirect the standard output, as in 'cmig inspect > models/schema.yaml'."},
    {"silent", "quiet", NULL},
    {"last", "limit", NULL},
    {"max-count", "limit", NULL},
    {0},
};

/* Words after a command that takes none, by command. */
const struct foreign_word foreign_arguments[] = {
    {"revision", NULL, "Give the message with -m, as in: cmig revision -m 'add users'."},
    {"check", NULL, "Set 'include' or 'exclude' in cmig.yaml to select objects."},
    {"diff", NULL, "Set 'include' or 'exclude' in cmig.yaml to select objects."},
    {"inspect", NULL, "Set 'include' or 'exclude' in cmig.yaml to select objects."},
    {"history", NULL, "Use -r FROM:TO for some of the revisions, or 'cmig show REVISION' for one."},
    {0},
};
/* clang-format on */
