/* Functions that the file system code of this directory shares. */
#pragma once

#include "cmig/base.h"

/* Why a call failed: the system's text for the number, in the way of our messages. */
char *errno_text(struct ctx *ctx, int number);

void fd_close(int *fd); /* for CLEANUP; keeps errno */

/* The mount that a path is in, and the path there, without a slash at its beginning; NULL: it is on the disk. */
struct fs_mount *mount_find(struct ctx *ctx, const char *path, const char **ret_inside);
