/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "source.h"

/* Names that may be taken once, and where each was taken first. */

typedef struct Registry {
        void *root; /* tsearch(3) */
} Registry;

void registry_done(Registry *r);

/* Takes a name. Returns 0; -EEXIST when it is taken, and *ret_where then tells where ("file:line",
 * belongs to the registry); -ENOMEM. */
int registry_take(Registry *r, const char *name, const char *path, unsigned line,
                const char **ret_where);

/* Whether the name is taken. */
bool registry_has(const Registry *r, const char *name);
