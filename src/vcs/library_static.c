/*
 * Replaces library_late.c in a program that contains libgit2.
 *
 * The program opens no network connection through libgit2. The functions below replace libgit2's transport by SSH, its
 * TLS stream and its use of Kerberos: the linker then takes none of these, nor their libraries, from the archives.
 * They are in this file because the linker must meet them before the archive of libgit2.
 */
#include "git.h"

bool git_library_open(struct ctx *ctx, struct libgit2 *ret)
{
    (void)ctx;
    *ret = (struct libgit2){
#define X(name) .name = name,
        GIT_FUNCTIONS(X)
#undef X
    };
    return true;
}

void git_library_close(struct libgit2 *library)
{
    (void)library;
}

/* ---- what libgit2 1.5 expects of the files that are left out ---- */

int git_transport_ssh_global_init(void);
int git_smart_subtransport_ssh(void **out, void *owner, void *param);
int git_mbedtls_stream_global_init(void);
int git_mbedtls_stream_new(void **out, const char *host, const char *port);
int git_mbedtls_stream_wrap(void **out, void *in, const char *host);
int git_mbedtls__set_cert_location(const char *file, const char *path);
int git_http_auth_negotiate(void **out, void *url);

int git_transport_ssh_global_init(void)
{
    return 0;
}

int git_smart_subtransport_ssh(void **out, void *owner, void *param)
{
    (void)out, (void)owner, (void)param;
    return GIT_ERROR;
}

int git_mbedtls_stream_global_init(void)
{
    return 0;
}

int git_mbedtls_stream_new(void **out, const char *host, const char *port)
{
    (void)out, (void)host, (void)port;
    return GIT_ERROR;
}

int git_mbedtls_stream_wrap(void **out, void *in, const char *host)
{
    (void)out, (void)in, (void)host;
    return GIT_ERROR;
}

int git_mbedtls__set_cert_location(const char *file, const char *path)
{
    (void)file, (void)path;
    return GIT_ERROR;
}

int git_http_auth_negotiate(void **out, void *url)
{
    (void)out, (void)url;
    return GIT_ERROR;
}
