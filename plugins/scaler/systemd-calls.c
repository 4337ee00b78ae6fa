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

int systemd_new_get(SystemdClient *c, const char *path, const char *interface, const char *property,
                sd_bus_message **ret) {
        CLEANUP(bus_messagep) sd_bus_message *m = NULL;
        int r = systemd_new_call(c, path, PROPERTIES, "Get", &m);
        if (r >= 0)
                r = sd_bus_message_append(m, "ss", interface, property);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(m);
        return 0;
}

int systemd_call(SystemdClient *c, const char *unit, BusCallMaker make, BusReplyHandler handler) {
        return c->queue ? bus_queue_call(c->queue, unit, make, handler) : -ENOTCONN;
}

int systemd_read_string(sd_bus_message *reply, const char **ret) {
        if (sd_bus_message_is_method_error(reply, NULL))
                return -sd_bus_message_get_errno(reply);
        return sd_bus_message_read(reply, "v", "s", ret);
}

/* --- properties ------------------------------------------------------------------------------ */

static int new_unit_get(SystemdClient *c, const char *unit, const char *interface,
                const char *property, sd_bus_message **ret) {
        CLEANUP(freep) char *path = NULL;
        int r = sd_bus_path_encode(UNIT_PATH, unit, &path);
        return r < 0 ? r : systemd_new_get(c, path, interface, property, ret);
}

static int new_fragment_get(const char *unit, void *userdata, sd_bus_message **ret) {
        return new_unit_get(userdata, unit, UNIT, "FragmentPath", ret);
}

static void on_fragment(const char *unit, sd_bus_message *reply, void *userdata) {
        SystemdClient *c = userdata;
        const char *path = NULL;
        int r = systemd_read_string(reply, &path);
        c->events->fragment(unit, r, path, c->userdata);
}

static int new_drop_ins_get(const char *unit, void *userdata, sd_bus_message **ret) {
        return new_unit_get(userdata, unit, UNIT, "DropInPaths", ret);
}

static void on_drop_ins(const char *unit, sd_bus_message *reply, void *userdata) {
        SystemdClient *c = userdata;
        char **paths = NULL;

        int r = sd_bus_message_is_method_error(reply, NULL)
                                ? -sd_bus_message_get_errno(reply)
                                : sd_bus_message_enter_container(reply, 'v', "as");
        if (r >= 0)
                r = sd_bus_message_read_strv(reply, &paths);
        c->events->drop_ins(unit, r, paths, c->userdata);

        for (char **p = paths; p && *p; p++)
                free(*p);
        free(paths);
}

int systemd_client_read_files(SystemdClient *c, const char *name) {
        int r = systemd_call(c, name, new_fragment_get, on_fragment);
        return r < 0 ? r : systemd_call(c, name, new_drop_ins_get, on_drop_ins);
}

static int new_result_get(const char *unit, void *userdata, sd_bus_message **ret) {
        return new_unit_get(userdata, unit, SERVICE, "Result", ret);
}

static void on_result(const char *unit, sd_bus_message *reply, void *userdata) {
        SystemdClient *c = userdata;
        const char *result = NULL;
        if (systemd_read_string(reply, &result) >= 0 && result)
                c->events->result(unit, result, c->userdata);
}

int systemd_client_read_result(SystemdClient *c, const char *name) {
        return systemd_call(c, name, new_result_get, on_result);
}

/* --- jobs ------------------------------------------------------------------------------------ */

static int new_job(SystemdClient *c, const char *method, const char *unit, const char *mode,
                sd_bus_message **ret) {
        CLEANUP(bus_messagep) sd_bus_message *m = NULL;
        int r = systemd_new_call(c, SYSTEMD_PATH, MANAGER, method, &m);
        if (r >= 0)
                r = sd_bus_message_append(m, "ss", unit, mode);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(m);
        return 0;
}

/* "fail": a stop that somebody else has asked for is not to be undone by us. */
static int new_start(const char *unit, void *userdata, sd_bus_message **ret) {
        return new_job(userdata, "StartUnit", unit, "fail", ret);
}

static int new_stop(const char *unit, void *userdata, sd_bus_message **ret) {
        return new_job(userdata, "StopUnit", unit, "replace", ret);
}

static void on_job_queued(const char *unit, sd_bus_message *reply, void *userdata) {
        SystemdClient *c = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(reply);
        if (e && sd_bus_is_open(c->bus) > 0) /* else the next listing tells what came of it */
                c->events->refused(unit, e->name, e->message ? e->message : "", c->userdata);
}

int systemd_client_start_unit(SystemdClient *c, const char *name) {
        return systemd_call(c, name, new_start, on_job_queued);
}

int systemd_client_stop_unit(SystemdClient *c, const char *name) {
        return systemd_call(c, name, new_stop, on_job_queued);
}
