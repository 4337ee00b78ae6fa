/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emit.h"

/* Compute profiles: compute/NAME.conf beside the manifests holds resource settings for the worker's
 * slice, which bounds all of its instances together. systemd.resource-control(5) */

/* The profiles that were asked for, found or not: thousands of workers share a few. */
typedef struct Profile Profile;

typedef struct Profiles {
        Profile *first; /* owned */
} Profiles;

void profiles_done(Profiles *p);

/* Finds and checks the profile; its settings belong to p. Problems go to d. Returns 0 or -ENOMEM.
 */
int compute_prepare(Worker *w, Profiles *p, const Host *host, Diagnostics *d);

/* Adds the slice when the profile has settings. Returns 0 or -ENOMEM. */
int compute_add_slice(const Worker *w, UnitTree *tree);
