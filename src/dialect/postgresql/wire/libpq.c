/* Finds and loads libpq. */
#include "dialect/postgresql/wire/libpq.h"

#include <dlfcn.h>

#include "build-config.h"

static const char *const names[] = {
#define X(name) #name,
    LIBPQ_FUNCTIONS(X)
#undef X
};

bool libpq_open(struct ctx *ctx, struct libpq *ret)
{
    /* It stays in memory: libraries that it loads itself (OpenSSL) cannot be unloaded. */
    void *handle = dlopen(LIBPQ_SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) {
        fail(ctx, STATUS_UNREACHABLE, "cannot open PostgreSQL's client library '%s': %s", LIBPQ_SONAME,
            dlerror());
        return fail_hint(ctx, "Install libpq (libpq5 on Debian and Ubuntu, libpq on Alpine and Fedora).");
    }
    struct libpq pq = {.handle = handle};
    /* The members after the handle are pointers of one size, in the order of the list. */
    char *slot = (char *)&pq + sizeof(void *);
    for (size_t i = 0; i < COUNT_OF(names); i++, slot += sizeof(void *)) {
        void *f = dlsym(handle, names[i]);
        if (!f) {
            fail(ctx, STATUS_UNREACHABLE, "PostgreSQL's client library '%s' has no function %s", LIBPQ_SONAME,
                names[i]);
            dlclose(handle);
            return fail_hint(ctx, "Install libpq 14 or newer.");
        }
        memcpy(slot, &f, sizeof(f));
    }
    *ret = pq;
    return true;
}

void libpq_close(struct libpq *pq)
{
    if (pq->handle)
        dlclose(pq->handle);
    pq->handle = NULL;
}
