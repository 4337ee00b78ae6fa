/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "macro.h"
#include "policy.h"

/* What the section [X-Scaling] of a worker's target says. A target's file and its drop-ins are read
 * one after the other into the same Scaling; the last assignment wins. Pure: text in. */

typedef struct Scaling {
        bool found;   /* some file had an assignment in such a section */
        bool enabled; /* no: the policy is kept, not applied */
        Policy policy;
        double cpu_request;      /* cores; 0: unknown, and so is the use of it */
        uint64_t memory_request; /* bytes; likewise */
        char *slice;             /* owned; whose cgroup is read; NULL: none */
} Scaling;

/* Told for each assignment that is ignored. line is 0 where no single line is at fault. */
typedef void (*ScalingWarning)(
                const char *path, unsigned line, const char *message, void *userdata);

/* Sets the defaults. */
void scaling_init(Scaling *s);
void scaling_done(Scaling *s);

/* Reads one file's text; path is for messages only. Returns 0 or -ENOMEM. */
int scaling_read(Scaling *s, const char *path, const char *text, ScalingWarning warn,
                void *userdata);

/* After the last file: makes the keys agree with each other. */
void scaling_finish(Scaling *s, const char *path, ScalingWarning warn, void *userdata);
