/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "systemd-internal.h"

/* What systemd tells by itself. */

#define UNIT_PREFIX_PATH UNIT_PATH "/worker_2d" /* UNIT_PREFIX as it is in object paths */

/* A unit that is new may have gone through several states before it is announced, and its
 * properties are not said to have changed then. Units that come together are asked for together. */
static int on_unit_new(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        const char *name;
        (void) ret_error;

        if (sd_bus_message_read(m, "so", &name, NULL) >= 0 && startswith(name, UNIT_PREFIX))
                (void) systemd_client_read_unit(userdata, name);
        return 0;
}

static int on_unit_removed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        SystemdClient *c = userdata;
        const char *name;
        (void) ret_error;

        if (sd_bus_message_read(m, "so", &name, NULL) >= 0 && startswith(name, UNIT_PREFIX))
                c->events->unit_removed(name, c->userdata);
        return 0;
}

static int on_job_removed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        SystemdClient *c = userdata;
        const char *name, *result;
        unsigned id;
        (void) ret_error;

        if (sd_bus_message_read(m, "uoss", &id, NULL, &name, &result) >= 0
                        && startswith(name, UNIT_PREFIX))
                c->events->job_ended(name, result, c->userdata);
        return 0;
}

static int on_reloading(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        SystemdClient *c = userdata;
        int begins;
        (void) ret_error;

        if (sd_bus_message_read(m, "b", &begins) < 0)
                return 0;
        if (begins)
                c->events->reloading(c->userdata);
        else
                systemd_list_units(c);
        return 0;
}

static int read_job(sd_bus_message *m, const char **ret) {
        unsigned id;
        int r = sd_bus_message_read(m, "v", "(uo)", &id, NULL);
        if (r >= 0)
                *ret = id > 0 ? JOB_UNKNOWN : JOB_NONE;
        return r;
}

/* What matters here out of the changed properties. */
static int read_changed(sd_bus_message *m, UnitChange *ret) {
        int r = sd_bus_message_skip(m, "s");
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                const char *property;
                r = sd_bus_message_read(m, "s", &property);
                if (r < 0)
                        break;
                if (STREQ(property, "ActiveState"))
                        r = sd_bus_message_read(m, "v", "s", &ret->active);
                else if (STREQ(property, "SubState"))
                        r = sd_bus_message_read(m, "v", "s", &ret->sub);
                else if (STREQ(property, "Job"))
                        r = read_job(m, &ret->job);
                else
                        r = sd_bus_message_skip(m, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

static int on_properties_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        SystemdClient *c = userdata;
        const char *path = sd_bus_message_get_path(m);
        UnitChange change = { 0 };
        CLEANUP(freep) char *name = NULL;
        (void) ret_error;

        /* most signals of a host are not about workers: no decoding for those */
        if (!path || !startswith(path, UNIT_PREFIX_PATH))
                return 0;
        if (read_changed(m, &change) < 0 || (!change.active && !change.job))
                return 0;
        if (sd_bus_path_decode(path, UNIT_PATH, &name) > 0)
                c->events->unit(name, &change, c->userdata);
        return 0;
}

/* systemd is executed anew (daemon-reexec): it loses its name on the bus, and calls that it has not
 * read, and comes back with another one. */
static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        SystemdClient *c = userdata;
        const char *name, *before, *after;
        (void) ret_error;

        if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0)
                return 0;
        if (*after == '\0') {
                c->events->reloading(c->userdata);
                return 0;
        }
        (void) sd_bus_call_method_async(c->bus, NULL, SYSTEMD, SYSTEMD_PATH, MANAGER, "Subscribe",
                        NULL, NULL, NULL);
        systemd_list_units(c);
        return 0;
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        (void) m;
        (void) ret_error;
        systemd_connection_lost(userdata);
        return 0;
}

static int on_subscribed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        SystemdClient *c = userdata;
        (void) ret_error;
        if (!sd_bus_message_is_method_error(m, NULL))
                systemd_connection_works(c);
        return 0;
}

int systemd_subscribe(SystemdClient *c) {
        static const struct {
                const char *match;
                sd_bus_message_handler_t handler;
        } matches[] = {
#define SIGNAL_OF(sender, member) "type='signal',sender='" sender "',member='" member "'"
                { SIGNAL_OF(SYSTEMD, "UnitNew") ",interface='" MANAGER "'", on_unit_new },
                { SIGNAL_OF(SYSTEMD, "UnitRemoved") ",interface='" MANAGER "'", on_unit_removed },
                { SIGNAL_OF(SYSTEMD, "JobRemoved") ",interface='" MANAGER "'", on_job_removed },
                { SIGNAL_OF(SYSTEMD, "Reloading") ",interface='" MANAGER "'", on_reloading },
                { SIGNAL_OF(SYSTEMD, "PropertiesChanged") ",path_namespace='" UNIT_PATH
                                                          "',interface='" PROPERTIES "',arg0='" UNIT
                                                          "'",
                                on_properties_changed },
                { SIGNAL_OF("org.freedesktop.DBus", "NameOwnerChanged") ",arg0='" SYSTEMD "'",
                                on_owner_changed },
                { SIGNAL_OF("org.freedesktop.DBus.Local", "Disconnected"), on_disconnected },
#undef SIGNAL_OF
        };

        for (size_t i = 0; i < ARRAY_SIZE(matches); i++) {
                int r = sd_bus_add_match_async(
                                c->bus, NULL, matches[i].match, matches[i].handler, NULL, c);
                if (r < 0)
                        return r;
        }
        return sd_bus_call_method_async(c->bus, NULL, SYSTEMD, SYSTEMD_PATH, MANAGER, "Subscribe",
                        on_subscribed, c, NULL);
}
