/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "compute.h"
#include "diagnostic.h"
#include "host.h"
#include "registry.h"
#include "sandbox.h"
#include "search-path.h"
#include "stack.h"
#include "topology.h"
#include "unit-tree.h"

/* Manifests in, units out. One bad manifest never stops a good one: it becomes a target that fails
 * with its diagnostics, and the rest go on. */

/* Called for each source with its diagnostics in source order, also when there are none. */
typedef void (*DiagnosticsSink)(const Diagnostics *d, void *userdata);

typedef struct Generator {
        DiagnosticsSink sink;
        void *userdata;
        Host host;
        unsigned systemd_version; /* of the host that reads the units */
        bool lint;                /* a linter: what only this host lacks is a warning */

        Arena arena;     /* of the source at hand */
        uint64_t digest; /* of the source at hand and its drop-ins */
        Arena stack_arena;
        Source *stack_sources; /* owned; the definitions point into them */
        size_t n_stack_sources;
        Stacks stacks;

        Registry ids;
        Registry users;
        Registry volumes;
        Registry volume_users;
        Topology topology;
        Profiles profiles;
        FilterText filters; /* for systemd_version */
        StrBuf wants;       /* lines of workers.target's drop-in */
        StrBuf unnamed;     /* diagnostics of manifests without a usable name */
        unsigned n_accepted, n_refused;
} Generator;

void generator_done(Generator *g);

/* Reads the stack definitions below root_fd. Bad ones are told to the sink and left out.
 * Returns 0 or negative errno (-ENOMEM, -E2BIG). */
int generator_load_stacks(Generator *g, int root_fd);

/* Reads the stack definitions of one source, which must live as long as the generator. Pure.
 * Returns 0 or -ENOMEM. */
int generator_add_stacks(Generator *g, const Source *source);

/* Judges one source, changed by its drop-ins in their order, and adds its units to the tree. Pure
 * but for what it asks g->host. Returns 0 or -ENOMEM. */
int generator_add_source(Generator *g, const Source *source, const Source *drop_ins,
                size_t n_drop_ins, UnitTree *tree);

/* The drop-ins of the manifest called name, in the order in which they apply; what can't be read is
 * told and left out. Returns 0 or negative errno; *ret (an array that sources_done() frees, NULL
 * when there are none) is written on success only. */
int generator_read_drop_ins(Generator *g, int root_fd, const FoundFiles *manifests,
                const char *name, Source **ret, size_t *ret_n, UnitTree *tree);

/* For CLEANUP(): frees an array of sources that ends with an empty one. */
void sources_done(Source **sources);

/* The same for a file that could not be read: error is the negative errno. */
int generator_add_unreadable(Generator *g, const char *path, int error, UnitTree *tree);

/* Adds what belongs to all workers together. Returns 0 or -ENOMEM. */
int generator_finish(Generator *g, UnitTree *tree);

/* The whole run: all manifests below root_fd, units below out_fd. Goes on after errors of single
 * files. Returns 0 or the first negative errno of reading directories or writing units; *ret_path
 * then names what could not be written (may stay NULL; the caller frees it). */
int generator_run(Generator *g, int root_fd, int out_fd, char **ret_path);
