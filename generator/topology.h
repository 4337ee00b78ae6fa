/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emit.h"
#include "registry.h"

/* Ordering between workers: a dependency in "topology" that is the name of another worker of the
 * same workspace lets the instances start after that worker's target. Ordering only; what closes a
 * cycle is dropped, as systemd would have to drop a job. */

typedef struct Edge Edge;

typedef struct Topology {
        Edge *edges; /* owned */
        size_t n, allocated;
} Topology;

void topology_done(Topology *t);

/* Remembers the dependencies of one worker. Returns 0 or -ENOMEM. */
int topology_add(Topology *t, const Worker *w);

/* Adds a drop-in for each worker that is ordered after others; ids are the workers that exist.
 * Edges that close a cycle are told to the sink. Returns 0 or -ENOMEM. */
int topology_emit(Topology *t, const Registry *ids,
                void (*sink)(const Diagnostics *d, void *userdata), void *userdata, UnitTree *tree);
