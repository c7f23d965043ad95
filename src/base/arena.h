/* Arena functions that only the growing strings and lists of this directory may use. */
#pragma once

#include "cmig/base.h"

/* Grows a piece of old_size to new_size where it lies, if it was the last one handed out and there is room.
 * The new part is zeroed. */
bool arena_extend(struct arena *a, void *piece, size_t old_size, size_t new_size);
/* Grows a piece to which nothing else points: a large one moves without leaving its old memory behind. The new part may
 * hold anything. */
void *arena_regrow(struct arena *a, void *piece, size_t old_size, size_t new_size);
