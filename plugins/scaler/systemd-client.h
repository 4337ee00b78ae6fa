/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "macro.h"

/* The service manager as worker-scaler sees it, and the only place that knows
 * org.freedesktop.systemd1(5). Owns the bus connection and makes it again when it breaks. All calls
 * are asynchronous; what comes of them is told through SystemdEvents. Only units whose names begin
 * with "worker-" are told of. */

typedef struct SystemdClient SystemdClient;

/* What is told of a unit; what is NULL was not told. */
typedef struct UnitChange {
        const char *load, *active, *sub;
        const char *job; /* "start", "stop", "restart" …, JOB_NONE or JOB_UNKNOWN */
} UnitChange;

#define JOB_NONE    ""
#define JOB_UNKNOWN "?" /* there is one; systemd_client_read_unit() tells which */

/* All handlers must be set. Strings are good during the call only. */
typedef struct SystemdEvents {
        void (*unit)(const char *name, const UnitChange *change, void *userdata);
        void (*unit_removed)(const char *name, void *userdata);
        /* A listing begins; after the unit() for each, it has ended: units it did not tell of are
         * not loaded, unit files may have changed, and all calls made before are answered. */
        void (*list_begin)(void *userdata);
        void (*list_end)(const char *root_cgroup, void *userdata);
        /* What systemd_client_read_files() asked for, in this order. r < 0: could not be asked. */
        void (*fragment)(const char *name, int r, const char *path, void *userdata);
        void (*drop_ins)(const char *name, int r, char **paths, void *userdata);
        /* A start or stop was refused, or lost without an answer (SD_BUS_ERROR_NO_REPLY); error is
         * the name of a D-Bus error. */
        void (*refused)(const char *name, const char *error, const char *message, void *userdata);
        /* A job of a unit ended with "done", "failed", "canceled", "timeout", "dependency" … */
        void (*job_ended)(const char *name, const char *result, void *userdata);
        /* How the service process ended: "success", "exit-code", "signal" … */
        void (*result)(const char *name, const char *result, void *userdata);
        /* systemd reloads, or is executed anew: nothing holds until the next list_end(). */
        void (*reloading)(void *userdata);
        /* The connection failed and is tried again after that many milliseconds. */
        void (*lost)(int r, unsigned retry_msec, void *userdata);
        /* There is a bus, maybe another one than before. */
        void (*connected)(void *userdata);
} SystemdEvents;

int systemd_client_new(
                sd_event *event, const SystemdEvents *events, void *userdata, SystemdClient **ret);
SystemdClient *systemd_client_free(SystemdClient *c);
DEFINE_CLEANUP(SystemdClient *, systemd_client_free)

/* Connects, subscribes to signals and lists all units; on failure it tries again by itself. */
void systemd_client_start(SystemdClient *c);

/* Return 0 when the call is on its way or waits for its turn, -ENOTCONN, or -ENOMEM. */
int systemd_client_start_unit(SystemdClient *c, const char *name);
int systemd_client_stop_unit(SystemdClient *c, const char *name);
int systemd_client_read_unit(SystemdClient *c, const char *name);
int systemd_client_read_files(SystemdClient *c, const char *name);
int systemd_client_read_result(SystemdClient *c, const char *name);
