/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "strbuf.h"

/* The last values of one figure, as a row of small bars. Pure. */

enum { HISTORY_SIZE = 24 };

typedef struct History {
        double values[HISTORY_SIZE]; /* a ring */
        size_t next, n;
} History;

void history_add(History *h, double value);

/* Appends HISTORY_SIZE characters, oldest first, blanks where there is no value yet. The highest
 * bar is the largest value; nothing is the lowest one only for 0. */
void history_draw(const History *h, StrBuf *b);
