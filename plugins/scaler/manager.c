/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manager.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <systemd/sd-login.h>
#include <time.h>

#include "log.h"
#include "manager-internal.h"
#include "metrics.h"
#include "state-file.h"

/* STATUS= is told this much after a change, so that many changes are told once. */
#define STATUS_DELAY (200 * USEC_PER_MSEC)

/* Prometheus asks node_exporter every 15 s or so. */
#define METRICS_INTERVAL (15 * USEC_PER_SEC)

enum { MANY = 100 }; /* starts at once, whose memory is worth giving back */

Worker *manager_find_worker(Manager *m, const char *id) {
        return worker_set_find(&m->workers, id);
}

Worker *const *manager_workers(const Manager *m, size_t *ret_n) {
        *ret_n = m->workers.n;
        return m->workers.workers;
}

/* --- status --------------------------------------------------------------------------------- */

bool manager_is_settled(const Manager *m) {
        if (m->context.frozen)
                return false;
        for (size_t i = 0; i < m->workers.n; i++)
                if (m->workers.workers[i]->target_active
                                && m->workers.workers[i]->reading != POLICY_READ)
                        return false;
        return true;
}

static int on_status(sd_event_source *source, uint64_t at, void *userdata) {
        Manager *m = userdata;
        unsigned workers = 0, running = 0, starting = 0;
        (void) source;
        (void) at;

        if (!m->ready && !manager_is_settled(m)) /* READY=1 is sent when all was seen once */
                return 0;

        usec_t now = 0;
        (void) sd_event_now(m->event, CLOCK_MONOTONIC, &now);
        for (size_t i = 0; i < m->workers.n; i++) {
                if (!worker_is_scaled(m->workers.workers[i]))
                        continue;
                FleetCount c = fleet_count(&m->workers.workers[i]->fleet, now);
                workers++;
                running += c.running;
                starting += c.starting;
        }
        (void) sd_notifyf(0, "%sSTATUS=Scaling %u workers: %u instances running, %u starting%s",
                        m->ready ? "" : "READY=1\n", workers, running, starting,
                        m->context.frozen ? " (waiting for systemd)" : "");
        /* a listing, and many starts at once, are the largest things that we ever hold */
        if (!m->ready || (m->many_started && starting == 0))
                (void) malloc_trim(0);
        m->many_started = starting >= MANY || (m->many_started && starting > 0);
        m->ready = true;
        return 0;
}

BusHold *manager_held_calls(const Manager *m) {
        return m->held;
}

sd_bus *manager_bus(const Manager *m) {
        return bus_service_bus(m->service);
}

void manager_changed(void *userdata) {
        Manager *m = userdata;
        int enabled = SD_EVENT_OFF;

        if (!bus_hold_is_empty(m->held) && manager_is_settled(m))
                bus_hold_release(m->held);
        if (sd_event_source_get_enabled(m->status, &enabled) > 0)
                return;
        (void) sd_event_source_set_time_relative(m->status, m->ready ? STATUS_DELAY : 0);
        (void) sd_event_source_set_enabled(m->status, SD_EVENT_ONESHOT);
}

/* --- Prometheus ----------------------------------------------------------------------------- */

static int on_metrics(sd_event_source *source, uint64_t at, void *userdata) {
        Manager *m = userdata;
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        const ReportSocketCounts counts = report_socket_counts(m->socket);
        (void) at;

        metrics_append(&b, m->workers.workers, m->workers.n, &counts);
        int r = file_replace(m->metrics_path, &b, 0644);
        if (r < 0 && !m->metrics_failed)
                log_warning("'%s' can't be written, what is there is old: %s", m->metrics_path,
                                strerror(-r));
        if (r >= 0 && m->metrics_failed)
                log_notice("'%s' is written again", m->metrics_path);
        m->metrics_failed = r < 0;
        (void) sd_event_source_set_time_relative(source, METRICS_INTERVAL);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* Only where somebody has made the directory for it. */
static int start_metrics(Manager *m) {
        CLEANUP(freep) char *directory = strdup(m->metrics_path);
        if (!directory)
                return -ENOMEM;

        char *slash = strrchr(directory, '/');
        if (!slash)
                return 0;
        *slash = '\0';
        if (access(directory, W_OK) < 0)
                return 0;
        return sd_event_add_time_relative(m->event, &m->metrics, CLOCK_MONOTONIC, USEC_PER_SEC,
                        USEC_PER_SEC, on_metrics, m);
}

/* --- the whole ------------------------------------------------------------------------------ */

int manager_new(const ManagerOptions *options, Manager **ret) {
        CLEANUP(manager_freep) Manager *m = calloc(1, sizeof(Manager));
        if (!m)
                return -ENOMEM;

        m->held = bus_hold_new();
        if (!m->held)
                return -ENOMEM;
        int r = sd_event_new(&m->event);
        if (r < 0)
                return r;
        r = systemd_client_new(m->event, &manager_systemd_events, m, &m->systemd);
        if (r < 0)
                return r;
        r = bus_service_new(m->event, m, &m->service);
        if (r < 0)
                return r;
        r = sd_event_add_time(m->event, &m->status, CLOCK_MONOTONIC, 0, 0, on_status, m);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(m->status, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = sd_event_add_time(m->event, &m->save, CLOCK_MONOTONIC, 0, 0, manager_on_save, m);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(m->save, SD_EVENT_OFF);
        if (r < 0)
                return r;

        m->metrics_path = options->metrics;
        m->pressure = (Pressure){
                .directory = options->pressure_directory,
                .cpu_limit = options->cpu_limit,
                .memory_limit = options->memory_limit,
        };
        m->context = (WorkerContext){
                .event = m->event,
                .systemd = m->systemd,
                .frozen = true,
                .pressure = &m->pressure,
                .root_cgroup = strdup(""),
                .changed = manager_changed,
                .remember = manager_save_soon,
                .save = manager_save,
                .userdata = m,
        };
        if (!m->context.root_cgroup)
                return -ENOMEM;

        *ret = TAKE_PTR(m);
        return 0;
}

Manager *manager_free(Manager *m) {
        if (!m)
                return NULL;
        worker_set_done(&m->workers);
        bus_service_free(m->service);
        bus_hold_free(m->held);
        report_socket_free(m->socket);
        systemd_client_free(m->systemd);
        sd_event_source_disable_unref(m->status);
        sd_event_source_disable_unref(m->save);
        sd_event_source_disable_unref(m->metrics);
        saved_state_done(&m->saved);
        free(m->context.root_cgroup);
        sd_event_unref(m->event);
        free(m);
        return NULL;
}

int manager_run(Manager *m, int fd) {
        static const int signals[] = { SIGTERM, SIGINT };
        sigset_t set;

        int r = report_socket_new(m->event, fd, sd_pid_get_unit, manager_on_report, m, &m->socket);
        if (r < 0)
                return r;

        (void) sigemptyset(&set);
        for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
                (void) sigaddset(&set, signals[i]);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
                r = sd_event_add_signal(m->event, NULL, signals[i], NULL, NULL); /* ends the loop */
                if (r < 0)
                        return r;
        }

        r = sd_event_set_watchdog(m->event, true);
        if (r < 0)
                return r;
        r = start_metrics(m);
        if (r < 0)
                return r;
        manager_restore(m);
        systemd_client_start(m->systemd);
        r = sd_event_loop(m->event);
        (void) sd_notify(0, "STOPPING=1");
        if (!m->context.frozen) /* else not all workers are known */
                manager_save(m);
        return r;
}
