/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manager.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <systemd/sd-login.h>
#include <time.h>

#include "bus-interface.h"
#include "log.h"
#include "metrics.h"
#include "report-socket.h"
#include "state-file.h"
#include "systemd-client.h"
#include "unit-name.h"
#include "worker.h"

/* STATUS= is told this much after a change, so that many changes are told once. */
#define STATUS_DELAY (200 * USEC_PER_MSEC)

/* Prometheus asks node_exporter every 15 s or so. */
#define METRICS_INTERVAL (15 * USEC_PER_SEC)

/* Orders and lessons are saved so soon, so that many are saved together. */
#define SAVE_DELAY (100 * USEC_PER_MSEC)

enum { MANY = 100 }; /* starts at once, whose memory is worth giving back */

struct Manager {
        sd_event *event;
        SystemdClient *systemd;
        ReportSocket *socket;
        WorkerContext context;
        Worker **workers; /* owned, sorted by id */
        size_t n_workers, n_allocated;
        BusHold *held;
        sd_event_source *status;
        sd_event_source *save;    /* armed when there is something to save */
        sd_event_source *metrics; /* NULL: no file for Prometheus */
        const char *metrics_path;
        Pressure pressure;
        SavedState saved; /* by the process before us, until it is applied */
        bool save_failed;
        bool ready;        /* READY=1 was sent */
        bool many_started; /* at once; some of them still do */
};

/* --- workers --------------------------------------------------------------------------------- */

static size_t position(const Manager *m, const char *id) {
        size_t low = 0, high = m->n_workers;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (strcmp(m->workers[middle]->id, id) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

Worker *manager_find_worker(Manager *m, const char *id) {
        size_t p = position(m, id);
        return p < m->n_workers && STREQ(m->workers[p]->id, id) ? m->workers[p] : NULL;
}

Worker *const *manager_workers(const Manager *m, size_t *ret_n) {
        *ret_n = m->n_workers;
        return m->workers;
}

static int add_worker(Manager *m, const char *id, Worker **ret) {
        CLEANUP(worker_freep) Worker *w = NULL;

        if (m->n_workers == m->n_allocated) {
                size_t n = m->n_allocated ? m->n_allocated * 2 : 16;
                Worker **more = reallocarray(m->workers, n, sizeof(Worker *));
                if (!more)
                        return -ENOMEM;
                m->workers = more;
                m->n_allocated = n;
        }
        int r = worker_new(&m->context, id, &w);
        if (r < 0)
                return r;
        const SavedWorker *saved = saved_state_find(&m->saved, id);
        if (saved)
                worker_restore(w, saved);

        size_t p = position(m, id);
        memmove(m->workers + p + 1, m->workers + p, (m->n_workers - p) * sizeof(Worker *));
        m->n_workers++;
        *ret = m->workers[p] = TAKE_PTR(w);
        return 0;
}

/* Forgets the workers of which nothing is left. */
static void drop_idle_workers(Manager *m) {
        size_t kept = 0;
        for (size_t i = 0; i < m->n_workers; i++) {
                if (worker_is_idle(m->workers[i]))
                        worker_free(m->workers[i]);
                else
                        m->workers[kept++] = m->workers[i];
        }
        m->n_workers = kept;
}

/* What a unit is to its worker. */
typedef enum Role {
        ROLE_TARGET,
        ROLE_INSTANCE,
        ROLE_PLUGIN,
} Role;

/* Finds the worker of a unit; makes it when asked to. NULL when there is none. */
static Worker *find_unit(
                Manager *m, const char *unit, bool make, Role *ret_role, unsigned *ret_number) {
        char id[UNIT_NAME_MAX + 1];
        Role role;

        *ret_number = 0;
        if (parse_instance_unit(unit, id, ret_number) >= 0)
                role = ROLE_INSTANCE;
        else if (parse_target_unit(unit, id) >= 0)
                role = ROLE_TARGET;
        else if (parse_backlog_unit(unit, id) >= 0)
                role = ROLE_PLUGIN;
        else
                return NULL;

        Worker *w = manager_find_worker(m, id);
        if (!w && make) {
                int r = add_worker(m, id, &w);
                if (r < 0)
                        log_error("worker '%s' can't be looked after: %s", id, strerror(-r));
        }
        *ret_role = role;
        return w;
}

/* --- status ---------------------------------------------------------------------------------- */

bool manager_is_settled(const Manager *m) {
        if (m->context.frozen)
                return false;
        for (size_t i = 0; i < m->n_workers; i++)
                if (m->workers[i]->target_active && m->workers[i]->reading != POLICY_READ)
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
        for (size_t i = 0; i < m->n_workers; i++) {
                if (!worker_is_scaled(m->workers[i]))
                        continue;
                FleetCount c = fleet_count(&m->workers[i]->fleet, now);
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

static void changed(void *userdata) {
        Manager *m = userdata;
        int enabled = SD_EVENT_OFF;

        if (!bus_hold_is_empty(m->held) && manager_is_settled(m))
                bus_hold_release(m->held);
        if (sd_event_source_get_enabled(m->status, &enabled) > 0)
                return;
        (void) sd_event_source_set_time_relative(m->status, m->ready ? STATUS_DELAY : 0);
        (void) sd_event_source_set_enabled(m->status, SD_EVENT_ONESHOT);
}

/* --- what outlives us ------------------------------------------------------------------------ */

static void save(void *userdata) {
        Manager *m = userdata;
        CLEANUP(strbuf_done) StrBuf b = { 0 };

        saved_state_begin(&b);
        for (size_t i = 0; i < m->n_workers; i++) {
                SavedWorker s;
                worker_save(m->workers[i], &s);
                saved_state_append(&b, &s);
        }
        saved_state_end(&b, m->n_workers);
        int r = state_file_write(&b);
        if (r < 0 && !m->save_failed)
                log_warning("what was learned and ordered can't be saved, a restart will lose it: "
                            "%s",
                                strerror(-r));
        m->save_failed = r < 0;
}

static void remember(void *userdata) {
        Manager *m = userdata;
        int enabled = SD_EVENT_OFF;

        if (sd_event_source_get_enabled(m->save, &enabled) > 0)
                return;
        (void) sd_event_source_set_time_relative(m->save, SAVE_DELAY);
        (void) sd_event_source_set_enabled(m->save, SD_EVENT_ONESHOT);
}

static int on_save(sd_event_source *source, uint64_t at, void *userdata) {
        Manager *m = userdata;
        (void) source;
        (void) at;

        if (m->context.frozen) /* not all workers may be known */
                remember(m);
        else
                save(m);
        return 0;
}

/* Orders hold for workers that are not active at the moment, too. */
static void restore(Manager *m) {
        state_file_read(&m->saved);
        for (size_t i = 0; i < m->saved.n; i++) {
                const SavedWorker *s = &m->saved.workers[i];
                Worker *w;
                if (s->mode != MODE_AUTO && add_worker(m, s->id, &w) < 0)
                        log_error("what was ordered for worker '%s' is lost", s->id);
        }
}

/* --- events of systemd ----------------------------------------------------------------------- */

static void on_unit(const char *name, const UnitChange *change, void *userdata) {
        Manager *m = userdata;
        unsigned number;
        Role role;

        Worker *w = find_unit(m, name, true, &role, &number);
        if (!w)
                return;
        switch (role) {
        case ROLE_TARGET:
                worker_target_changed(w, change->active);
                break;
        case ROLE_INSTANCE:
                worker_instance_changed(w, number, change);
                break;
        case ROLE_PLUGIN:
                worker_plugin_changed(w, change->active);
                break;
        }
        changed(m);
}

static void on_unit_removed(const char *name, void *userdata) {
        Manager *m = userdata;
        unsigned number;
        Role role;

        /* a systemd that reloads removes all units and makes them anew: the listing that follows
         * tells what has become of them */
        if (m->context.frozen)
                return;

        const UnitChange gone = { NULL, "inactive", "dead", JOB_NONE };
        if (find_unit(m, name, false, &role, &number))
                on_unit(name, &gone, m);
}

static void on_list_begin(void *userdata) {
        Manager *m = userdata;
        for (size_t i = 0; i < m->n_workers; i++)
                worker_list_begin(m->workers[i]);
}

static void on_list_end(const char *root_cgroup, void *userdata) {
        Manager *m = userdata;

        char *root = strdup(root_cgroup);
        if (root) {
                free(m->context.root_cgroup);
                m->context.root_cgroup = root;
        }
        for (size_t i = 0; i < m->n_workers; i++)
                worker_list_end(m->workers[i]);
        drop_idle_workers(m);

        m->context.frozen = false;
        saved_state_done(&m->saved);
        for (size_t i = 0; i < m->n_workers; i++)
                worker_plan(m->workers[i], 0);
        changed(m);
}

static void on_fragment(const char *name, int r, const char *path, void *userdata) {
        unsigned number;
        Role role;
        Worker *w = find_unit(userdata, name, false, &role, &number);
        if (w)
                worker_policy_fragment(w, r, path);
}

static void on_drop_ins(const char *name, int r, char **paths, void *userdata) {
        unsigned number;
        Role role;
        Worker *w = find_unit(userdata, name, false, &role, &number);
        if (w)
                worker_policy_drop_ins(w, r, paths);
}

static void on_refused(const char *name, const char *error, const char *message, void *userdata) {
        unsigned number;
        Role role;
        Worker *w = find_unit(userdata, name, false, &role, &number);
        if (w)
                worker_job_refused(w, number, error, message);
}

static void on_job_ended(const char *name, const char *result, void *userdata) {
        unsigned number;
        Role role;
        Worker *w = find_unit(userdata, name, false, &role, &number);
        if (w && role == ROLE_INSTANCE)
                worker_job_ended(w, number, result);
}

static void on_result(const char *name, const char *result, void *userdata) {
        unsigned number;
        Role role;
        Worker *w = find_unit(userdata, name, false, &role, &number);
        if (w)
                worker_instance_result(w, number, result);
}

static void on_reloading(void *userdata) {
        Manager *m = userdata;
        m->context.frozen = true;
}

static void on_lost(int r, unsigned retry_msec, void *userdata) {
        Manager *m = userdata;
        m->context.frozen = true;
        bus_hold_clear(m->held);
        log_warning("no connection to systemd, trying again in %u ms: %s", retry_msec,
                        strerror(-r));
        changed(m);
}

static void on_connected(sd_bus *bus, void *userdata) {
        int r = bus_interface_offer(bus, userdata);
        if (r < 0)
                log_warning("nothing can be asked over D-Bus: %s", strerror(-r));
}

static const SystemdEvents systemd_events = {
        .unit = on_unit,
        .unit_removed = on_unit_removed,
        .list_begin = on_list_begin,
        .list_end = on_list_end,
        .fragment = on_fragment,
        .drop_ins = on_drop_ins,
        .refused = on_refused,
        .job_ended = on_job_ended,
        .result = on_result,
        .reloading = on_reloading,
        .lost = on_lost,
        .connected = on_connected,
};

/* --- reports --------------------------------------------------------------------------------- */

/* Only units of a worker that systemd has told of have a say, and only for that worker. */
static void on_report(const char *unit, const char *text, size_t size, void *userdata) {
        unsigned number;
        Role role;
        Worker *w = find_unit(userdata, unit, false, &role, &number);
        if (w && role != ROLE_TARGET)
                worker_report(w, number, text, size);
}

/* --- Prometheus ------------------------------------------------------------------------------ */

static int on_metrics(sd_event_source *source, uint64_t at, void *userdata) {
        Manager *m = userdata;
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        const ReportSocketCounts counts = report_socket_counts(m->socket);
        (void) at;

        metrics_append(&b, m->workers, m->n_workers, &counts);
        int r = file_replace(m->metrics_path, &b, 0644);
        if (r < 0) {
                log_warning("'%s' can't be written, ending it: %s", m->metrics_path, strerror(-r));
                return 0;
        }
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

/* --- the whole ------------------------------------------------------------------------------- */

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
        r = systemd_client_new(m->event, &systemd_events, m, &m->systemd);
        if (r < 0)
                return r;
        r = sd_event_add_time(m->event, &m->status, CLOCK_MONOTONIC, 0, 0, on_status, m);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(m->status, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = sd_event_add_time(m->event, &m->save, CLOCK_MONOTONIC, 0, 0, on_save, m);
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
                .changed = changed,
                .remember = remember,
                .save = save,
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
        for (size_t i = 0; i < m->n_workers; i++)
                worker_free(m->workers[i]);
        free(m->workers);
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

        int r = report_socket_new(m->event, fd, sd_pid_get_unit, on_report, m, &m->socket);
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
        restore(m);
        systemd_client_start(m->systemd);
        r = sd_event_loop(m->event);
        (void) sd_notify(0, "STOPPING=1");
        if (!m->context.frozen) /* else not all workers are known */
                save(m);
        return r;
}
