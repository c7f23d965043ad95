/*
 * Keys and operations of other tools.
 */
#pragma once

#include "cmig/base.h"

/* Ends with a row without a word. */
extern const struct foreign_word foreign_keys[];
