/* Opens libpq. */
#include "dialect/postgresql/wire/libpq.h"

#include "build-config.h"
#include "dialect/late.h"

static const char *const names[] = {
#define X(name) #name,
    LIBPQ_FUNCTIONS(X)
#undef X
};

bool libpq_open(struct ctx *ctx, struct libpq *ret)
{
    static const struct late_library library = {
        .title = "PostgreSQL's client library",
        .soname = LIBPQ_SONAME,
        .hint = "Install libpq (libpq5 on Debian and Ubuntu, libpq on Alpine and Fedora).",
        .too_old = "Install libpq 14 or newer.",
        .functions = names,
        .n = COUNT_OF(names),
    };
    struct libpq pq = {0};
    /* The members after the handle are pointers of one size, in the order of the list. */
    if (!late_open(ctx, &library, &pq.handle, (char *)&pq + sizeof(void *)))
        return false;
    *ret = pq;
    return true;
}

void libpq_close(struct libpq *pq)
{
    late_close(&pq->handle);
}
