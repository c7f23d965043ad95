/*
 * libcmig: schema migrations from inside a program.
 *
 * A program that brings its own database up to date when it starts needs four calls:
 *
 *     struct cmig_options options = {.size = sizeof(options), .config_file = "/usr/share/app/cmig.yaml"};
 *     struct cmig *cmig;
 *     if (cmig_open(&cmig, &options) != CMIG_OK || cmig_upgrade(cmig, "head") != CMIG_OK)
 *         fprintf(stderr, "%s", cmig_error(cmig));
 *     cmig_close(cmig);
 *
 * The library has no global state, never exits (except by abort() if memory runs out), and prints nothing. A
 * struct cmig may be used by one thread at a time; several may be used at once. See cmig(3).
 */
#ifndef CMIG_H
#define CMIG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CMIG_API __attribute__((visibility("default")))
#else
#define CMIG_API
#endif

/* What a call returns; the numbers are the exit statuses of the program cmig. */
enum cmig_status {
    CMIG_OK = 0,
    CMIG_FAILED = 1,            /* cmig_error() says what was applied */
    CMIG_FOUND = 2,             /* cmig_check: models and database differ, or the database is not at head */
    CMIG_USAGE = 64,            /* an argument is invalid */
    CMIG_UNKNOWN_REVISION = 65, /* the database is at a revision that has no file */
    CMIG_UNREACHABLE = 69,      /* the database cannot be reached */
    CMIG_TRY_AGAIN = 75,        /* another process holds the lock */
    CMIG_CONFIG = 78,           /* the configuration, a model or a revision file is invalid */
    CMIG_INTERRUPTED = 130      /* cmig_interrupt() was called */
};

enum cmig_level { CMIG_LOG_ERROR, CMIG_LOG_WARNING, CMIG_LOG_INFO, CMIG_LOG_DEBUG };

/* A file of a project that is not on the disk. */
struct cmig_file {
    const char *path; /* "cmig.yaml", "migrations/1f3a.yaml" */
    const char *text; /* need not end with a NUL */
    size_t size;      /* bytes */
};

/* As sqlite3.h and libpq-fe.h declare them: sqlite3 and PGconn. */
struct sqlite3;
struct pg_conn;

/* Zeroed except for `size`, it means: cmig.yaml in the working directory or above, and no messages. */
struct cmig_options {
    size_t size;             /* sizeof(struct cmig_options), so that it can grow */
    const char *config_file; /* NULL: $CMIG_CONFIG, then cmig.yaml in `folder` or the nearest above it */
    const char *folder;      /* where the search starts; NULL: the working directory */
    const char *environment; /* one of the configuration's `environments`; NULL: none */
    const char *url;         /* overrides the configuration's; NULL: the configuration's */
    /* May be NULL; the text is valid during the call. */
    void (*message)(void *user, enum cmig_level level, const char *text);
    /* May be NULL; total 0: unknown; label NULL: it is over. */
    void (*progress)(void *user, const char *label, uint64_t done, uint64_t total);
    void *user;
    /* If set, the configuration, the revisions, the models and what they name are among these files, and not on the disk;
     * the configuration is the one called `config_file`, or cmig.yaml. Paths of databases are seen from the working
     * directory. The array and the files are copied. */
    const struct cmig_file *files;
    size_t file_count;
    /* An open connection of the program, at most one, which is used instead of a URL. Each call uses it outside of any
     * transaction and leaves it open, with its settings and handlers as they were; other threads must not use it in the
     * meantime. It must outlive `cmig`. */
    struct sqlite3 *sqlite;
    struct pg_conn *postgresql;
};

/* An opened project. */
struct cmig;

/*
 * Reads the configuration; connects to nothing. *ret_cmig is always set, also on failure, so that cmig_error()
 * can tell the reason; it must be passed to cmig_close(). The strings of the options are copied.
 */
CMIG_API enum cmig_status cmig_open(struct cmig **ret_cmig, const struct cmig_options *options);
/* NULL is fine. */
CMIG_API void cmig_close(struct cmig *cmig);

/*
 * Migrates the database up or down to a revision: an id, a partial id, "head", "heads", "base", "+2", "-1",
 * "label@head". Several programs may do so at once: one runs, the others wait. Nothing to do is CMIG_OK. After
 * a failure the revision that failed is rolled back. The `hooks` of the configuration run, too.
 */
CMIG_API enum cmig_status cmig_upgrade(struct cmig *cmig, const char *target);
CMIG_API enum cmig_status cmig_downgrade(struct cmig *cmig, const char *target);

/*
 * The revisions that the database is at, sorted, none for an empty database. The array and its strings belong
 * to `cmig` and are valid until the next call with it.
 */
CMIG_API enum cmig_status cmig_current(
    struct cmig *cmig, const char *const **ret_revisions, size_t *ret_count);

/*
 * Whether the database is at head and agrees with the models. CMIG_FOUND: it does not; *ret_differences are
 * then lines of text, owned as for cmig_current(). Either result may be NULL.
 */
CMIG_API enum cmig_status cmig_check(
    struct cmig *cmig, const char *const **ret_differences, size_t *ret_count);

/* Why the last call failed: lines separated by newlines, the outermost first; "" after a success. It is valid until
 * the next call. Passwords are masked. */
CMIG_API const char *cmig_error(const struct cmig *cmig);

/* Asks a running call to stop: the statement is cancelled and rolled back; on the program's own SQLite handle it is
 * completed first. Safe from another thread and from a signal handler. The next call runs again. */
CMIG_API void cmig_interrupt(struct cmig *cmig);

/* The version of the library, "0.1.0". */
CMIG_API const char *cmig_version(void);

#ifdef __cplusplus
}
#endif

#endif
