/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-service.h"
#include "manager.h"
#include "report-socket.h"
#include "systemd-client.h"
#include "worker-set.h"

/* What the parts of manager.h share: manager.c makes and runs it, manager-units.c hands on what is
 * heard of units, manager-state.c keeps what must outlive it. */

struct Manager {
        sd_event *event;
        SystemdClient *systemd;
        ReportSocket *socket;
        WorkerContext context;
        WorkerSet workers;
        BusHold *held;
        BusService *service;
        sd_event_source *status;
        sd_event_source *save;    /* armed when there is something to save */
        sd_event_source *metrics; /* NULL: no file for Prometheus */
        const char *metrics_path;
        Pressure pressure;
        SavedState saved;                 /* by the process before us, until it is applied */
        bool save_failed, metrics_failed; /* the last time */
        bool ready;                       /* READY=1 was sent */
        bool many_started;                /* at once; some of them still do */
};

/* --- manager.c */

/* What its status tells has changed. userdata is the Manager. */
void manager_changed(void *userdata);

/* --- manager-units.c */

/* Handlers of the client of systemd, for a Manager. */
extern const SystemdEvents manager_systemd_events;

/* Handler of the report socket. */
void manager_on_report(const char *unit, const char *text, size_t size, void *userdata);

/* Makes a worker, with what is kept of it. */
int manager_add_worker(Manager *m, const char *id, Worker **ret);

/* --- manager-state.c */

/* Reads what a process before us has saved. */
void manager_restore(Manager *m);

/* Saves at once, or soon, together with other things. userdata is the Manager. */
void manager_save(void *userdata);
void manager_save_soon(void *userdata);

/* Handler of the timer of the latter. */
int manager_on_save(sd_event_source *source, uint64_t at, void *userdata);
