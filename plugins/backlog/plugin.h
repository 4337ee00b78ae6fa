/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "options.h"
#include "report.h"

/* What every backlog plugin is made of: an event loop that ends on SIGTERM, a reporter to
 * $WORKERS_REPORT_SOCKET, readiness, status and watchdog for the service manager. */

#define REPORT_SOCKET_DEFAULT "/run/workers/report"

typedef struct Plugin Plugin;

/* Reads the arguments; prints help, version or the one error. Returns true when the plugin is to go
 * on, else *ret_exit is the exit code: EXIT_SUCCESS or EX_USAGE. */
bool plugin_options(const char *summary, const Option *table, size_t n, int argc, char **argv,
                int *ret_exit);

/* Blocks SIGTERM, SIGINT and SIGCHLD, ignores SIGPIPE. Returns 0 or negative errno; *ret is owned
 * by the caller. */
int plugin_new(Plugin **ret);
Plugin *plugin_free(Plugin *p);
DEFINE_CLEANUP(Plugin *, plugin_free)

sd_event *plugin_event(Plugin *p);

/* The report to change; plugin_report_changed() sends it. */
Report *plugin_report(Plugin *p);
int plugin_report_changed(Plugin *p);

/* STATUS= of sd_notify(3), sent when it differs from the one before. */
void plugin_status(Plugin *p, const char *format, ...) PRINTF(2, 3);

/* Announces readiness, runs until the loop ends, delivers what is left. Returns the exit code: that
 * of sd_event_exit(), EXIT_SUCCESS after SIGTERM, EXIT_FAILURE when a handler failed. */
int plugin_run(Plugin *p);

/* To standard error; level is SD_ERR and its kin, used where the journal reads along. */
void plugin_log(const char *level, const char *format, ...) PRINTF(2, 3);
