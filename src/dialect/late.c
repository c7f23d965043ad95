/* Opens client libraries at run time. */
#include "dialect/late.h"

#include <dlfcn.h>

/* The library stays in memory: what it loads itself (OpenSSL) cannot be unloaded. */
bool late_open(struct ctx *ctx, const struct late_library *library, void **ret_handle, void *slots)
{
    void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) {
        fail(ctx, STATUS_UNREACHABLE, "cannot open %s '%s': %s", library->title, library->soname, dlerror());
        return fail_hint(ctx, "%s", library->hint);
    }
    char *slot = slots;
    for (size_t i = 0; i < library->n; i++, slot += sizeof(void *)) {
        void *f = dlsym(handle, library->functions[i]);
        if (!f) {
            fail(ctx, STATUS_UNREACHABLE, "%s '%s' has no function %s", library->title, library->soname,
                library->functions[i]);
            dlclose(handle);
            return fail_hint(ctx, "%s", library->too_old);
        }
        memcpy(slot, &f, sizeof(f));
    }
    *ret_handle = handle;
    return true;
}

void late_close(void **handle)
{
    if (*handle)
        dlclose(*handle);
    *handle = NULL;
}
