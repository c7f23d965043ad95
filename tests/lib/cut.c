/* Ends the process at its n-th COMMIT to SQLite: LD_PRELOAD with CUT_AT=n and CUT_WHEN=before or after. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int exec_function(void *db, const char *sql, void *callback, void *user, char **message);

int sqlite3_exec(void *db, const char *sql, void *callback, void *user, char **message)
{
    static int seen;
    exec_function *real = (exec_function *)dlsym(RTLD_NEXT, "sqlite3_exec");
    int is_last = strcmp(sql, "COMMIT") == 0 && ++seen == atoi(getenv("CUT_AT"));
    if (is_last && strcmp(getenv("CUT_WHEN"), "before") == 0)
        _exit(9);
    int code = real(db, sql, callback, user, message);
    if (is_last)
        _exit(9);
    return code;
}
