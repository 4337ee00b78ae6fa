/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "unit-name.h"

/* What a worker's units, slice and user are called. Pure. */

enum { USER_NAME_MAX = 31 }; /* utmp's limit, and systemd's: docs/USER_NAMES.md */

typedef struct WorkerNames {
        char id[WORKER_ID_MAX + 1];
        char slice[UNIT_NAME_MAX + 1];
        char workspace_slice[UNIT_NAME_MAX + 1];
        char user[USER_NAME_MAX + 1];
} WorkerNames;

/* workspace and name must be valid. Returns 0, or -ENAMETOOLONG when the slice's name would be
 * longer than systemd allows: each '-' takes four characters there. */
int worker_names_make(WorkerNames *names, const char *workspace, const char *name);

/* The user of a worker: "worker-ID" where that fits and has no dot, else the id's beginning, '_'
 * and 13 characters of a digest of the whole id. '_' can't occur in an id, so that the two forms
 * never meet; that two digests do is left for the caller to find. Writes at most max (up to
 * USER_NAME_MAX, at least 24) characters and a NUL. */
void worker_user_name(const char *id, size_t max, char *user);
