/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "policy.h"
#include "strbuf.h"
#include "unit-name.h"

/* What must outlive worker-scaler's process, as text: one line for each worker, between a first
 * line with the version and a last one with their number, so that half a file is known as such.
 * Pure. */

typedef struct SavedWorker {
        char id[UNIT_NAME_MAX + 1];
        unsigned mode;              /* WorkerMode */
        unsigned fixed;             /* instances, of MODE_FIXED */
        usec_t pause, paused_until; /* of scaling up; CLOCK_MONOTONIC, as the file ends with a boot
                                     */
        PolicyMemory memory;
} SavedWorker;

typedef struct SavedState {
        SavedWorker *workers; /* owned, sorted by id */
        size_t n;
} SavedState;

void saved_state_done(SavedState *s);

/* Text of 1 MiB holds thousands of workers. */
enum { SAVED_STATE_MAX = 4 * 1024 * 1024 };

/* Begin, one for each worker, end with their number. */
void saved_state_begin(StrBuf *b);
void saved_state_append(StrBuf *b, const SavedWorker *w);
void saved_state_end(StrBuf *b, size_t n);

/* Returns 0, -EPROTONOSUPPORT (of another version), -EBADMSG (damaged) or -ENOMEM. Keys that are
 * not known are skipped. */
int saved_state_parse(const char *text, SavedState *ret);

/* NULL when nothing is kept of it. */
const SavedWorker *saved_state_find(const SavedState *s, const char *id);
