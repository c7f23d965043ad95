/* Arena functions that only the growing strings and lists of this directory may use. */
#pragma once

#include "cmig/base.h"

/* Grows a piece of old_size to new_size where it lies, if it was the last one handed out and there is room.
 * The new part is zeroed. */
bool arena_extend(struct arena *a, void *piece, size_t old_size, size_t new_size);
/* Grows a piece that nothing else points to; a large one is moved, and its old memory freed. The new part is not
 * initialised. */
void *arena_regrow(struct arena *a, void *piece, size_t old_size, size_t new_size);
