/* Opens libmariadb. */
#include "dialect/mysql/wire/libmariadb.h"

#include "build-config.h"
#include "dialect/late.h"

#include <pthread.h>

static const char *const names[] = {
#define X(name) #name,
    LIBMARIADB_FUNCTIONS(X)
#undef X
};

/* The library begins with its first call, which several threads must not make at once. */
static bool begin(struct ctx *ctx, const struct libmariadb *lib)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    bool ok = lib->mysql_server_init(0, NULL, NULL) == 0;
    pthread_mutex_unlock(&mutex);
    return ok || fail(ctx, STATUS_UNREACHABLE, "mysql: cannot initialise the client library");
}

bool libmariadb_open(struct ctx *ctx, struct libmariadb *ret)
{
    static const struct late_library library = {
        .title = "MariaDB's client library",
        .soname = LIBMARIADB_SONAME,
        .hint = "Install libmariadb (libmariadb3 on Debian and Ubuntu, mariadb-connector-c on Alpine and "
                "Fedora).",
        .too_old = "Install MariaDB Connector/C 3.1 or newer.",
        .functions = names,
        .n = COUNT_OF(names),
    };
    struct libmariadb lib = {0};
    if (!late_open(ctx, &library, &lib.handle, (char *)&lib + sizeof(void *)))
        return false;
    if (!begin(ctx, &lib)) {
        libmariadb_close(&lib);
        return false;
    }
    *ret = lib;
    return true;
}

void libmariadb_close(struct libmariadb *lib)
{
    late_close(&lib->handle);
}
