/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* The little that the generator asks of the host beside its manifests: whether a credential is
 * there, and what a resource profile holds. Read-only. With root_fd -1 nothing is there, which
 * makes all that asks pure. */

typedef struct Host {
        int root_fd; /* not owned */
} Host;

/* path is absolute as seen from the root. */
bool host_has(const Host *h, const char *path);
bool host_has_directory(const Host *h, const char *path);

/* Reads a small text file; the caller frees it. Returns 0 or negative errno. */
int host_read(const Host *h, const char *path, char **ret);
