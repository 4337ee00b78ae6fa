/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "worker.h"

/* All workers that there are, sorted by id. Owns them. */

typedef struct WorkerSet {
        Worker **workers;
        size_t n, allocated;
} WorkerSet;

void worker_set_done(WorkerSet *s);

/* NULL when there is none. */
Worker *worker_set_find(const WorkerSet *s, const char *id);

/* Makes one that is not there yet. *ret stays the set's. Returns 0 or negative errno. */
int worker_set_add(WorkerSet *s, const WorkerContext *context, const char *id, Worker **ret);

/* Forgets the workers of which nothing is left. */
void worker_set_drop_idle(WorkerSet *s);
