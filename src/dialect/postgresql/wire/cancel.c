/*
 * Asks the server to cancel what is running.
 *
 * By a thread of its own: PQcancel makes a connection and waits for the server to close it, which a server that has
 * fallen silent never does. The thread owns what it uses, and ends with the process at the latest.
 */
#include "dialect/postgresql/wire/conn.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct request {
    struct libpq pq;
    PGcancel *cancel;
};

static void *send_request(void *user)
{
    struct request *r = user;
    char ignored[256];
    r->pq.PQcancel(r->cancel, ignored, sizeof(ignored));
    r->pq.PQfreeCancel(r->cancel);
    free(r);
    return NULL;
}

/* Signals are for the thread that runs the command. */
static bool start_thread(struct request *r)
{
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&thread, NULL, send_request, r) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (ok)
        pthread_detach(thread);
    return ok;
}

void pg_cancel(struct pg *pg)
{
    struct request *r = malloc(sizeof(*r)); /* lives as long as the thread */
    if (!r)
        return;
    *r = (struct request){.pq = pg->pq, .cancel = pg->pq.PQgetCancel(pg->conn)};
    if (r->cancel && start_thread(r))
        return;
    if (r->cancel)
        pg->pq.PQfreeCancel(r->cancel);
    free(r);
}
