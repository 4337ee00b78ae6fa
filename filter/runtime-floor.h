/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* The system calls that no profile takes from a worker, seen or not: what programs of any language
 * need to start, to be told to stop, to say what is wrong, and to end. */

typedef struct FloorLine {
        const char *words; /* names and groups, as in SystemCallFilter= */
        const char *why;
} FloorLine;

extern const FloorLine runtime_floor[];
extern const size_t runtime_floor_size;
