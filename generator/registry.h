/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "source.h"

/* Names that may be taken once, and where each was taken first. */

typedef struct Registry {
        void *root; /* tsearch(3) */
} Registry;

void registry_done(Registry *r);

/* Where a name was taken first; belongs to the registry. */
typedef struct Place {
        const char *path;
        unsigned line;
} Place;

/* Takes a name. Returns 0; -EEXIST when it is taken, and *ret_first then tells where; -ENOMEM. */
int registry_take(Registry *r, const char *name, const char *path, unsigned line, Place *ret_first);

/* Whether the name is taken. */
bool registry_has(const Registry *r, const char *name);
