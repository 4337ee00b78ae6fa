/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "macro.h"
#include "timespan.h"

/* Runs a command again and again, one run at a time, each in a process group of its own that is
 * killed as a whole at its time limit, at its end, and with the Run. Collects what it prints. */

enum {
        RUN_OUTPUT_MAX = 64 * 1024, /* more than this is a failure */
        RUN_ERRORS_MAX = 4096,      /* more than this is dropped */
};

typedef enum RunOutcome {
        RUN_EXITED,   /* detail: exit code */
        RUN_SIGNALED, /* detail: signal */
        RUN_TIMED_OUT,
        RUN_PRINTED_TOO_MUCH,
} RunOutcome;

typedef struct RunResult {
        RunOutcome outcome;
        int detail;
        const char *output; /* what was printed; valid during the call */
        const char *errors; /* the same of standard error */
} RunResult;

typedef struct Run Run;

/* A negative errno ends the event loop. */
typedef int (*run_done_t)(const RunResult *result, void *userdata);

/* Returns 0 or negative errno; *ret is owned by the caller. SIGCHLD must be blocked. */
int run_new(sd_event *event, usec_t timeout, run_done_t done, void *userdata, Run **ret);
Run *run_free(Run *run);
DEFINE_CLEANUP(Run *, run_free)

/* Starts argv, searched in $PATH. Returns 0, -EBUSY while a run is under way, -ENOENT, -EACCES or
 * another negative errno when it can't be started; done is called only after 0. */
int run_start(Run *run, char *const *argv, char *const *environment);
