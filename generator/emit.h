/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "manifest.h"
#include "stack.h"
#include "unit-tree.h"
#include "worker-names.h"

/* A checked manifest and its stack -> the units of a worker. Pure: same input, same bytes. */

typedef struct Worker {
        const Manifest *manifest;
        const Stack *stack;
        WorkerNames names;
        unsigned systemd_version; /* of the host that reads the units */
} Worker;

/* Checks what only manifest and stack together tell. Problems go to d. */
void worker_check(const Worker *w, Diagnostics *d);

/* Adds the units of an accepted worker. diagnostics (warnings, notes) become comments of the
 * template. Returns 0 or -ENOMEM. */
int emit_worker(const Worker *w, const Diagnostics *diagnostics, UnitTree *tree);

/* Adds a target for a refused worker whose start fails and shows the diagnostics.
 * Returns 0 or -ENOMEM. */
int emit_refused(const char *id, const Diagnostics *diagnostics, UnitTree *tree);

/* Adds a service that fails and shows what is wrong with manifests that have no usable name. text
 * has a line for each. Returns 0 or -ENOMEM. */
int emit_unnamed(const char *text, UnitTree *tree);
