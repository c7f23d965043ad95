/*
 * The functions of libpq, loaded when a URL first needs them: linking the library would cost several milliseconds at
 * every start, even if only SQLite is used.
 */
#pragma once

#include "cmig/base.h"

#include <libpq-fe.h>

#define LIBPQ_FUNCTIONS(X) \
    X(PQbackendPID) \
    X(PQcancel) \
    X(PQclear) \
    X(PQconnectPoll) \
    X(PQconnectStartParams) \
    X(PQconninfo) \
    X(PQconninfoFree) \
    X(PQconninfoParse) \
    X(PQdb) \
    X(PQconsumeInput) \
    X(PQcmdTuples) \
    X(PQenterPipelineMode) \
    X(PQerrorMessage) \
    X(PQexitPipelineMode) \
    X(PQfinish) \
    X(PQflush) \
    X(PQfname) \
    X(PQftype) \
    X(PQfreeCancel) \
    X(PQfreemem) \
    X(PQgetCancel) \
    X(PQgetResult) \
    X(PQgetisnull) \
    X(PQgetlength) \
    X(PQgetvalue) \
    X(PQhost) \
    X(PQhostaddr) \
    X(PQisBusy) \
    X(PQisnonblocking) \
    X(PQnfields) \
    X(PQntuples) \
    X(PQparameterStatus) \
    X(PQpingParams) \
    X(PQpipelineStatus) \
    X(PQpipelineSync) \
    X(PQport) \
    X(PQputCopyData) \
    X(PQputCopyEnd) \
    X(PQresultErrorField) \
    X(PQresultErrorMessage) \
    X(PQresultStatus) \
    X(PQsendFlushRequest) \
    X(PQsendPrepare) \
    X(PQsendQuery) \
    X(PQsendQueryParams) \
    X(PQsendQueryPrepared) \
    X(PQserverVersion) \
    X(PQsetnonblocking) \
    X(PQsetNoticeReceiver) \
    X(PQsocket) \
    X(PQstatus) \
    X(PQtransactionStatus)

struct libpq {
    void *handle;
#define X(name) __typeof__(name) *name;
    LIBPQ_FUNCTIONS(X)
#undef X
};

/* Opens the library; when it is missing the error names the package. */
bool libpq_open(struct ctx *ctx, struct libpq *ret) ATTR_CHECKED;
void libpq_close(struct libpq *pq);
