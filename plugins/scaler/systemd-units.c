/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <time.h>

#include "systemd-internal.h"
#include "unit-name.h"

/* The states of units: of all that there are, and of single ones. */

/* How long new units are gathered before their states are asked for in one call. */
#define GATHER_USEC (2 * USEC_PER_MSEC)

/* systemd compares each name that is asked for with each unit. Where there are more, all units are
 * asked for instead: a long answer, but found at once. */
enum { GATHER_MAX = 64 };

/* The array that ListUnitsByPatterns() and ListUnitsByNames() answer with. */
static int read_units(SystemdClient *c, sd_bus_message *m) {
        int r = sd_bus_message_enter_container(m, 'a', "(ssssssouso)");
        if (r < 0)
                return r;

        for (;;) {
                const char *name, *description, *load, *active, *sub, *following, *path, *job_type,
                                *job_path;
                unsigned job;

                r = sd_bus_message_read(m, "(ssssssouso)", &name, &description, &load, &active,
                                &sub, &following, &path, &job, &job_type, &job_path);
                if (r < 0)
                        return r;
                if (r == 0)
                        break;
                const UnitChange change = { load, active, sub, job > 0 ? job_type : JOB_NONE };
                if (startswith(name, UNIT_PREFIX))
                        c->events->unit(name, &change, c->userdata);
        }
        return sd_bus_message_exit_container(m);
}

static void on_root_cgroup(const char *name, sd_bus_message *reply, void *userdata) {
        SystemdClient *c = userdata;
        const char *path = NULL;
        (void) name;

        if (systemd_read_string(reply, &path) < 0 || !path)
                return;
        char *copy = strdup(path);
        if (!copy)
                return;
        free(c->root_cgroup);
        c->root_cgroup = copy;
}

static void on_listed(const char *name, sd_bus_message *reply, void *userdata) {
        SystemdClient *c = userdata;
        (void) name;

        if (sd_bus_message_is_method_error(reply, NULL)) {
                /* an end of the connection is told by itself */
                if (sd_bus_is_open(c->bus) > 0)
                        systemd_connection_failed(c, -sd_bus_message_get_errno(reply));
                return;
        }
        c->events->list_begin(c->userdata);
        int r = read_units(c, reply);
        if (r < 0)
                systemd_connection_failed(c, r);
        else
                c->events->list_end(c->root_cgroup ? c->root_cgroup : "", c->userdata);
}

static int new_root_cgroup_get(const char *unit, void *userdata, sd_bus_message **ret) {
        (void) unit;
        return systemd_new_get(userdata, SYSTEMD_PATH, MANAGER, "ControlGroup", ret);
}

static int new_listing(const char *unit, void *userdata, sd_bus_message **ret) {
        CLEANUP(bus_messagep) sd_bus_message *m = NULL;
        (void) unit;

        int r = systemd_new_call(userdata, SYSTEMD_PATH, MANAGER, "ListUnitsByPatterns", &m);
        if (r >= 0)
                r = sd_bus_message_append(m, "asas", 0, 1, UNIT_PREFIX "*");
        if (r < 0)
                return r;
        *ret = TAKE_PTR(m);
        return 0;
}

void systemd_list_units(SystemdClient *c) {
        if (systemd_call(c, NULL, new_root_cgroup_get, on_root_cgroup) >= 0)
                (void) systemd_call(c, NULL, new_listing, on_listed);
}

static void on_named(const char *name, sd_bus_message *reply, void *userdata) {
        (void) name;
        if (!sd_bus_message_is_method_error(reply, NULL))
                (void) read_units(userdata, reply);
}

int systemd_on_gathered(sd_event_source *source, uint64_t at, void *userdata) {
        SystemdClient *c = userdata;
        CLEANUP(bus_messagep) sd_bus_message *m = TAKE_PTR(c->gathered);
        (void) source;
        (void) at;

        if (c->n_gathered > GATHER_MAX)
                (void) systemd_call(c, NULL, new_listing, on_named);
        else if (m && sd_bus_message_close_container(m) >= 0)
                (void) bus_queue_message(c->queue, m, on_named);
        return 0;
}

/* Begins the call that gathers names. By patterns, as asking by names loads what is not there,
 * which systemd announces as a new unit, which is asked for, and so on without end. */
static int begin_gathering(SystemdClient *c) {
        CLEANUP(bus_messagep) sd_bus_message *call = NULL;

        int r = systemd_new_call(c, SYSTEMD_PATH, MANAGER, "ListUnitsByPatterns", &call);
        if (r < 0)
                return r;
        r = sd_bus_message_append(call, "as", 0); /* in any state */
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(call, 'a', "s");
        if (r < 0)
                return r;

        c->gathered = TAKE_PTR(call);
        c->n_gathered = 0;
        (void) sd_event_source_set_time_relative(c->gather, GATHER_USEC);
        (void) sd_event_source_set_enabled(c->gather, SD_EVENT_ONESHOT);
        return 0;
}

/* A unit's name as a pattern for fnmatch(3): of its special characters a name can only have '\\'.
 */
static void name_to_pattern(const char *name, char *pattern) {
        for (; *name; name++) {
                if (*name == '\\')
                        *pattern++ = '\\';
                *pattern++ = *name;
        }
        *pattern = '\0';
}

/* Units that are asked for within a short time are asked for together. */
int systemd_client_read_unit(SystemdClient *c, const char *name) {
        char pattern[2 * UNIT_NAME_MAX + 1];

        if (strlen(name) > UNIT_NAME_MAX)
                return -EINVAL;
        if (!c->gathered) {
                int r = begin_gathering(c);
                if (r < 0)
                        return r;
        }
        if (++c->n_gathered > GATHER_MAX)
                return 0;
        name_to_pattern(name, pattern);
        return sd_bus_message_append(c->gathered, "s", pattern);
}
