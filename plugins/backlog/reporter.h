/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "report.h"
#include "timespan.h"

/* Delivers a Report to the socket of worker-scaler: a change soon, several changes at once, and all
 * that is known once in a while, so that silence means that the plugin is gone. A socket that is
 * missing or full is tried again; meanwhile gauges keep their latest value and counters add up. */

#define REPORT_HEARTBEAT_USEC (5 * USEC_PER_SEC)    /* the longest silence */
#define REPORT_GAP_USEC       (100 * USEC_PER_MSEC) /* from one datagram to the next */
#define REPORT_RETRY_MAX_USEC (5 * USEC_PER_SEC)    /* pause after a failure, at most */

typedef struct Reporter Reporter;

/* path: of the socket, copied. Returns 0 or negative errno (-ENAMETOOLONG); *ret is owned by the
 * caller. */
int reporter_new(sd_event *event, const char *path, Reporter **ret);
Reporter *reporter_free(Reporter *r);
DEFINE_CLEANUP(Reporter *, reporter_free)

/* The report to change; call reporter_changed() afterwards. */
Report *reporter_report(Reporter *r);

/* Sees to it that changes are sent. Returns 0 or negative errno. */
int reporter_changed(Reporter *r);

/* Sends what is left at once, for the end of the program. Returns 0 or negative errno. */
int reporter_flush(Reporter *r);
