/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "diagnostic.h"

/* Where the generator speaks: standard error at a desk; the kernel's log when systemd runs it, as
 * the journal may not be there yet (systemd.generator(7)). The kernel takes few lines at a time, so
 * only errors and the summary go there. */

typedef struct Log {
        int kmsg_fd; /* -1: standard error */
} Log;

Log log_open(void);
void log_done(Log *l);

void log_line(Log *l, Severity severity, const char *format, ...) PRINTF(3, 4);

/* To standard error, as a person reads them. */
void log_print(const Diagnostics *d);

/* A DiagnosticsSink; userdata is the Log. */
void log_diagnostics(const Diagnostics *d, void *userdata);

/* One line, and none when all is well at boot and nothing is there. */
void log_summary(Log *l, unsigned accepted, unsigned refused);
