/*
 * The functions of libmariadb, loaded when a URL first needs them, as with libpq.
 */
#pragma once

#include "cmig/base.h"

#include <mysql.h>

#define LIBMARIADB_FUNCTIONS(X) \
    X(mysql_affected_rows) \
    X(mysql_close) \
    X(mysql_data_seek) \
    X(mysql_errno) \
    X(mysql_error) \
    X(mysql_fetch_field_direct) \
    X(mysql_fetch_fields) \
    X(mysql_fetch_lengths) \
    X(mysql_fetch_row) \
    X(mysql_free_result) \
    X(mysql_get_server_info) \
    X(mysql_get_socket) \
    X(mysql_get_ssl_cipher) \
    X(mysql_info) \
    X(mysql_get_timeout_value_ms) \
    X(mysql_init) \
    X(mysql_more_results) \
    X(mysql_next_result_cont) \
    X(mysql_next_result_start) \
    X(mysql_num_fields) \
    X(mysql_num_rows) \
    X(mysql_optionsv) \
    X(mysql_real_connect_cont) \
    X(mysql_real_connect_start) \
    X(mysql_real_query_cont) \
    X(mysql_real_query_start) \
    X(mysql_server_init) \
    X(mysql_sqlstate) \
    X(mysql_store_result_cont) \
    X(mysql_store_result_start) \
    X(mysql_thread_id)

struct libmariadb {
    void *handle;
#define X(name) __typeof__(name) *name;
    LIBMARIADB_FUNCTIONS(X)
#undef X
};

/* Opens the library; if it is missing, the error names the package. */
bool libmariadb_open(struct ctx *ctx, struct libmariadb *ret) ATTR_CHECKED;
void libmariadb_close(struct libmariadb *lib);
