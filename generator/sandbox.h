/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emit.h"
#include "worker-filter.h"

/* The sandbox of a worker: the best that it can bear by default, and single relaxations by name,
 * each of which shows in the unit with its reason. Pure. */

/* The lines of each stage as they stand in a unit, for one version of systemd. They are the same
 * for all workers, so they are written once, when they are needed first. */
typedef struct FilterText {
        StrBuf stages[_FILTER_STAGE_MAX]; /* owned */
} FilterText;

void filter_text_done(FilterText *t);

/* Checks the values of the manifest's relaxations. Problems go to d. */
void sandbox_check(const Manifest *m, unsigned systemd_version, Diagnostics *d);

/* Appends the sandbox's directives to a [Service] section. What the command names outside /usr is
 * bound. */
void sandbox_emit(const Worker *w, StrBuf *b);

/* The set for a worker's backlog plugin: a worker without the right to write anything. paths are
 * bound read-only. */
void sandbox_emit_plugin(
                const Worker *w, bool network, const char *const *paths, size_t n_paths, StrBuf *b);

/* Whether its Internet sockets are streams only, by a filter that the launcher loads. */
bool sandbox_is_streams_only(const Manifest *m);

/* Adds that filter beside the units. Returns 0 or negative errno. */
int sandbox_add_filter(const Worker *w, UnitTree *tree);

/* NULL when the manifest does not have it. */
const Relaxation *relaxation_find(const Manifest *m, const char *name);

/* The single value of a relaxation, NULL when the manifest does not have it. */
const char *relaxation_value(const Manifest *m, const char *name);

/* Whether the manifest has it, with that single value. */
bool relaxation_is(const Manifest *m, const char *name, const char *value);

/* Whether each instance has a dynamic user of its own. */
bool has_user_per_instance(const Manifest *m);
