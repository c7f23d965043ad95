/* Opens libgit2 at run time. */
#include <dlfcn.h>

#include "build-config.h"
#include "git.h"

static bool load_functions(struct ctx *ctx, struct libgit2 *library)
{
    static const struct {
        const char *name;
        size_t offset;
    } functions[] = {
#define X(name) {#name, offsetof(struct libgit2, name)},
        GIT_FUNCTIONS(X)
#undef X
    };
    void *function;

    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        function = dlsym(library->handle, functions[i].name);
        if (!function) {
            log_debug(ctx, "git is not used: libgit2 has no %s", functions[i].name);
            return false;
        }
        memcpy((char *)library + functions[i].offset, &function, sizeof(function));
    }
    return true;
}

bool git_library_open(struct ctx *ctx, struct libgit2 *ret)
{
    /* It stays mapped: what it and its TLS library registered with the process may outlive the handle. */
    ret->handle = dlopen(LIBGIT2_SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!ret->handle) {
        log_debug(ctx, "git is not used: %s", dlerror());
        return false;
    }
    return load_functions(ctx, ret);
}

void git_library_close(struct libgit2 *library)
{
    if (library->handle)
        dlclose(library->handle);
}
