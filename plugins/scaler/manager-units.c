/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log.h"
#include "manager-internal.h"
#include "unit-name.h"

/* What systemd tells of units, and what they report, goes to the worker that it is about. */

int manager_add_worker(Manager *m, const char *id, Worker **ret) {
        Worker *w;
        int r = worker_set_add(&m->workers, &m->context, id, &w);
        if (r < 0)
                return r;
        const SavedWorker *saved = saved_state_find(&m->saved, id);
        if (saved)
                worker_restore(w, saved);
        *ret = w;
        return 0;
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
                int r = manager_add_worker(m, id, &w);
                if (r < 0)
                        log_error("worker '%s' can't be looked after: %s", id, strerror(-r));
        }
        *ret_role = role;
        return w;
}

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
        manager_changed(m);
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
        for (size_t i = 0; i < m->workers.n; i++)
                worker_list_begin(m->workers.workers[i]);
}

static void on_list_end(const char *root_cgroup, void *userdata) {
        Manager *m = userdata;

        char *root = strdup(root_cgroup);
        if (root) {
                free(m->context.root_cgroup);
                m->context.root_cgroup = root;
        }
        for (size_t i = 0; i < m->workers.n; i++)
                worker_list_end(m->workers.workers[i]);
        worker_set_drop_idle(&m->workers);

        m->context.frozen = false;
        saved_state_done(&m->saved);
        for (size_t i = 0; i < m->workers.n; i++)
                worker_plan(m->workers.workers[i], 0);
        manager_changed(m);
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
        log_warning("no connection to systemd, trying again in %u ms: %s", retry_msec,
                        strerror(-r));
        manager_changed(m);
}

static void on_connected(void *userdata) {
        Manager *m = userdata;
        bus_service_open(m->service);
}

const SystemdEvents manager_systemd_events = {
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

/* Only units of a worker that systemd has told of have a say, and only for that worker. */
void manager_on_report(const char *unit, const char *text, size_t size, void *userdata) {
        unsigned number;
        Role role;
        Worker *w = find_unit(userdata, unit, false, &role, &number);
        if (w && role != ROLE_TARGET)
                worker_report(w, number, text, size);
}
