/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "systemd-internal.h"

/* What is asked of systemd: properties of units, and jobs. */

int systemd_new_call(SystemdClient *c, const char *path, const char *interface, const char *method,
                sd_bus_message **ret) {
        if (!c->bus)
                return -ENOTCONN;
        return sd_bus_message_new_method_call(c->bus, ret, SYSTEMD, path, interface, method);
}

int systemd_get_property(SystemdClient *c, const char *path, const char *interface,
                const char *property, const char *name, BusReplyHandler handler) {
        CLEANUP(bus_messagep) sd_bus_message *m = NULL;
        int r = systemd_new_call(c, path, PROPERTIES, "Get", &m);
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "ss", interface, property);
        if (r < 0)
                return r;
        return bus_queue_call(c->queue, m, name, handler);
}

static int get_unit_property(SystemdClient *c, const char *name, const char *interface,
                const char *property, BusReplyHandler handler) {
        CLEANUP(freep) char *path = NULL;
        int r = sd_bus_path_encode(UNIT_PATH, name, &path);
        return r < 0 ? r : systemd_get_property(c, path, interface, property, name, handler);
}

int systemd_read_string(sd_bus_message *reply, const char **ret) {
        if (sd_bus_message_is_method_error(reply, NULL))
                return -sd_bus_message_get_errno(reply);
        return sd_bus_message_read(reply, "v", "s", ret);
}

static void on_fragment(const char *name, sd_bus_message *reply, void *userdata) {
        SystemdClient *c = userdata;
        const char *path = NULL;
        int r = systemd_read_string(reply, &path);
        c->events->fragment(name, r, path, c->userdata);
}

static void on_drop_ins(const char *name, sd_bus_message *reply, void *userdata) {
        SystemdClient *c = userdata;
        char **paths = NULL;

        int r = sd_bus_message_is_method_error(reply, NULL)
                                ? -sd_bus_message_get_errno(reply)
                                : sd_bus_message_enter_container(reply, 'v', "as");
        if (r >= 0)
                r = sd_bus_message_read_strv(reply, &paths);
        c->events->drop_ins(name, r, paths, c->userdata);

        for (char **p = paths; p && *p; p++)
                free(*p);
        free(paths);
}

int systemd_client_read_files(SystemdClient *c, const char *name) {
        int r = get_unit_property(c, name, UNIT, "FragmentPath", on_fragment);
        return r < 0 ? r : get_unit_property(c, name, UNIT, "DropInPaths", on_drop_ins);
}

static void on_result(const char *name, sd_bus_message *reply, void *userdata) {
        SystemdClient *c = userdata;
        const char *result = NULL;
        if (systemd_read_string(reply, &result) >= 0 && result)
                c->events->result(name, result, c->userdata);
}

int systemd_client_read_result(SystemdClient *c, const char *name) {
        return get_unit_property(c, name, SERVICE, "Result", on_result);
}

static void on_job_queued(const char *name, sd_bus_message *reply, void *userdata) {
        SystemdClient *c = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(reply);
        if (e && sd_bus_is_open(c->bus) > 0) /* else the next listing tells what came of it */
                c->events->refused(name, e->name, e->message ? e->message : "", c->userdata);
}

static int queue_job(SystemdClient *c, const char *method, const char *name, const char *mode) {
        CLEANUP(bus_messagep) sd_bus_message *m = NULL;
        int r = systemd_new_call(c, SYSTEMD_PATH, MANAGER, method, &m);
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "ss", name, mode);
        if (r < 0)
                return r;
        return bus_queue_call(c->queue, m, name, on_job_queued);
}

/* "fail": a stop that somebody else has asked for is not to be undone by us. */
int systemd_client_start_unit(SystemdClient *c, const char *name) {
        return queue_job(c, "StartUnit", name, "fail");
}

int systemd_client_stop_unit(SystemdClient *c, const char *name) {
        return queue_job(c, "StopUnit", name, "replace");
}
