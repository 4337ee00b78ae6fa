/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"
#include "timespan.h"

/* The last step that worker-scaler took with a worker, as the journal has it. */
typedef struct Step {
        usec_t at;                                                          /* CLOCK_REALTIME */
        char from[16], to[16], reason[64], lambda[32], mu[32], backlog[32]; /* "" when unknown */
} Step;

/* Returns 0, -ENOENT when there is none in the journal, or another negative errno. */
int journal_last_step(const char *id, Step *ret);
