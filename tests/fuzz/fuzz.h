/* What a fuzz target defines. With clang's fuzzer it is called with what that thinks of; else files.c calls it. */
#pragma once

#include "cmig/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
