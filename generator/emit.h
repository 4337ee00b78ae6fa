/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host.h"
#include "manifest.h"
#include "stack.h"
#include "unit-tree.h"
#include "worker-names.h"

/* A checked manifest and its stack -> the units of a worker. Pure: same input, same bytes. */

/* One LoadCredential= or LoadCredentialEncrypted=. */
typedef struct Credential Credential;

struct Credential {
        const char *id;
        const char *path;
        bool encrypted;
        Credential *next;
};

typedef struct Worker {
        const Manifest *manifest;
        const Stack *stack;
        WorkerNames names;
        unsigned systemd_version;   /* of the host that reads the units */
        struct FilterText *filters; /* sandbox.h; shared by all workers, for that version */
        uint64_t digest;            /* of the manifest's file and its drop-ins */

        /* found out by worker_prepare(), in the arena */
        List files; /* name and text of what is written beside the units */
        Credential *credentials, *last_credential;
        const char *root_directory, *root_image; /* NULL both: the private root */
        const char *slice_settings;              /* of the compute profile, not owned; NULL: none */
        bool launcher; /* something has to be done that no directive can do */
        bool claims;   /* by it, before: volumes are taken from nobody */
        bool landlock; /* by it: signals, abstract sockets and writes to /proc are closed */
} Worker;

/* Whether it runs in a root directory or image of its own. */
static inline bool has_own_root(const Worker *w) {
        return w->root_directory || w->root_image;
}

struct Profiles; /* compute.h */

/* Checks what only manifest, stack and host together tell, and gathers what the units need beside
 * the manifest. Problems go to d. Returns 0 or -ENOMEM. */
int worker_prepare(Worker *w, struct Profiles *profiles, const Host *host, Arena *arena,
                Diagnostics *d);

/* Adds the units of an accepted worker. diagnostics (warnings, notes) become comments of the
 * template. Returns 0 or -ENOMEM. */
int emit_worker(const Worker *w, const Diagnostics *diagnostics, UnitTree *tree);

/* Adds a target for a refused worker whose start fails and shows the diagnostics.
 * Returns 0 or -ENOMEM. */
int emit_refused(const char *id, const Diagnostics *diagnostics, UnitTree *tree);

/* Adds a service that fails and shows what is wrong with manifests that have no usable name. text
 * has a line for each. Returns 0 or -ENOMEM. */
int emit_unnamed(const char *text, UnitTree *tree);
