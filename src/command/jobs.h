/* Many jobs of one command: what the thread that runs them, and what prints them, share. */
#pragma once

#include "command.h"

#include <pthread.h>

enum { JOBS_WAKE_MS = 100 }; /* how soon an interruption is noticed */

enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_UNCHANGED, JOB_FAILED, JOB_SKIPPED };

struct job {
    const struct target *target;
    size_t wave;
    enum job_state state;
    enum status status;
    const char *error; /* in one line, without hints */
    struct position *position;
};

/* A server, and how many jobs work on it. */
struct server {
    size_t running;
};

struct pool {
    struct call *c;
    const struct command *command;
    const struct target_options *options;
    struct VEC_OF(struct job *) jobs;
    struct VEC_OF(struct job *) queue; /* those of the current wave */
    size_t at;                         /* the first of them that waits */
    struct map servers;                /* struct server by name */
    struct run_record record;
    struct node *events; /* of several environments with --json */
    size_t running, finished, failures, max_failures, per_server;
    enum status worst;
    bool is_stopped;       /* no other job begins */
    bool changes;          /* it is not a dry run, nor of a command that only reads */
    pthread_mutex_t mutex; /* of all of the above, standard output, and the context of the main thread */
    pthread_cond_t changed;
};
/* Runs those of the queue, so many at the same time. A job that fails is no error. */
bool jobs_run(struct pool *pool, size_t at_once) ATTR_CHECKED;

/* What a job printed, with its name before each line, or its event; and its error. Under the mutex. */
void job_print(struct pool *pool, const struct job *job, struct call *one, uint64_t began);
size_t jobs_count(const struct pool *pool, enum job_state state);
/* How the whole run ended. */
void jobs_print_end(struct pool *pool, uint64_t began);
