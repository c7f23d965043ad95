/* Client libraries that are opened when a URL first asks for them. */
#pragma once

#include "cmig/base.h"

struct late_library {
    const char *title, *soname;
    const char *hint;    /* the error if the library is missing */
    const char *too_old; /* the error if it lacks a function */
    const char *const *functions;
    size_t n;
};
/* Fills `slots`, an array of n function pointers in the order of the names. */
bool late_open(
    struct ctx *ctx, const struct late_library *library, void **ret_handle, void *slots) ATTR_CHECKED;
/* Does nothing if it is not open. */
void late_close(void **handle);
