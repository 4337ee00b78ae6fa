/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "systemd-client.h"

#include <errno.h>
#include <stdio.h>
#include <systemd/sd-bus.h>
#include <time.h>

#include "bus-queue.h"
#include "unit-name.h"

#define SYSTEMD       "org.freedesktop.systemd1"
#define SYSTEMD_PATH  "/org/freedesktop/systemd1"
#define UNIT_PATH     SYSTEMD_PATH "/unit"
#define MANAGER       SYSTEMD ".Manager"
#define UNIT          SYSTEMD ".Unit"
#define SERVICE       SYSTEMD ".Service"
#define PROPERTIES    "org.freedesktop.DBus.Properties"
#define UNIT_PREFIX   "worker-"
#define UNIT_PREFIX_B UNIT_PATH "/worker_2d" /* as it is written in object paths */

enum {
        RETRY_FIRST_MSEC = 100,
        RETRY_MAX_MSEC = 5000,
};

/* How long new units are gathered before their states are asked for in one call. */
#define GATHER_USEC (2 * USEC_PER_MSEC)

struct SystemdClient {
        sd_event *event;
        const SystemdEvents *events;
        void *userdata;

        sd_bus *bus;     /* NULL: not connected */
        BusQueue *queue; /* goes with the bus */
        unsigned retry_msec;
        sd_event_source *retry;

        sd_event_source *gather;
        sd_bus_message *gathered; /* a call of ListUnitsByNames() that is being filled */

        char *root_cgroup;
};

static void connect_bus(SystemdClient *c);
static void list_units(SystemdClient *c);
static void retry_later(SystemdClient *c, int error);

static void bus_messagep(sd_bus_message **m) {
        sd_bus_message_unref(*m);
}

/* --- calls ----------------------------------------------------------------------------------- */

static int new_call(SystemdClient *c, const char *path, const char *interface, const char *method,
                sd_bus_message **ret) {
        if (!c->bus)
                return -ENOTCONN;
        return sd_bus_message_new_method_call(c->bus, ret, SYSTEMD, path, interface, method);
}

static int get_property(SystemdClient *c, const char *path, const char *interface,
                const char *property, const char *name, BusReplyHandler handler) {
        CLEANUP(bus_messagep) sd_bus_message *m = NULL;
        int r = new_call(c, path, PROPERTIES, "Get", &m);
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
        return r < 0 ? r : get_property(c, path, interface, property, name, handler);
}

/* The string in the answer to a Get(). */
static int read_string_property(sd_bus_message *reply, const char **ret) {
        if (sd_bus_message_is_method_error(reply, NULL))
                return -sd_bus_message_get_errno(reply);
        return sd_bus_message_read(reply, "v", "s", ret);
}

static void on_fragment(const char *name, sd_bus_message *reply, void *userdata) {
        SystemdClient *c = userdata;
        const char *path = NULL;
        int r = read_string_property(reply, &path);
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
        if (read_string_property(reply, &result) >= 0 && result)
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
        int r = new_call(c, SYSTEMD_PATH, MANAGER, method, &m);
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

/* --- states ---------------------------------------------------------------------------------- */

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

        if (read_string_property(reply, &path) < 0 || !path)
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
                        retry_later(c, -sd_bus_message_get_errno(reply));
                return;
        }
        c->events->list_begin(c->userdata);
        int r = read_units(c, reply);
        if (r < 0)
                retry_later(c, r);
        else
                c->events->list_end(c->root_cgroup ? c->root_cgroup : "", c->userdata);
}

static void list_units(SystemdClient *c) {
        CLEANUP(bus_messagep) sd_bus_message *m = NULL;

        int r = get_property(c, SYSTEMD_PATH, MANAGER, "ControlGroup", NULL, on_root_cgroup);
        if (r >= 0)
                r = new_call(c, SYSTEMD_PATH, MANAGER, "ListUnitsByPatterns", &m);
        if (r >= 0)
                r = sd_bus_message_append(m, "asas", 0, 1, UNIT_PREFIX "*");
        if (r >= 0)
                (void) bus_queue_call(c->queue, m, NULL, on_listed);
}

static void on_named(const char *name, sd_bus_message *reply, void *userdata) {
        (void) name;
        if (!sd_bus_message_is_method_error(reply, NULL))
                (void) read_units(userdata, reply);
}

static int on_gathered(sd_event_source *source, uint64_t at, void *userdata) {
        SystemdClient *c = userdata;
        CLEANUP(bus_messagep) sd_bus_message *m = TAKE_PTR(c->gathered);
        (void) source;
        (void) at;

        if (m && sd_bus_message_close_container(m) >= 0)
                (void) bus_queue_call(c->queue, m, NULL, on_named);
        return 0;
}

/* Begins the call that gathers names. By patterns, as asking by names loads what is not there,
 * which systemd announces as a new unit, which is asked for, and so on without end. */
static int begin_gathering(SystemdClient *c) {
        CLEANUP(bus_messagep) sd_bus_message *call = NULL;

        int r = new_call(c, SYSTEMD_PATH, MANAGER, "ListUnitsByPatterns", &call);
        if (r < 0)
                return r;
        r = sd_bus_message_append(call, "as", 0); /* in any state */
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(call, 'a', "s");
        if (r < 0)
                return r;

        c->gathered = TAKE_PTR(call);
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
        name_to_pattern(name, pattern);
        return sd_bus_message_append(c->gathered, "s", pattern);
}

/* --- signals --------------------------------------------------------------------------------- */

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
                list_units(c);
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
        if (!path || !startswith(path, UNIT_PREFIX_B))
                return 0;
        if (read_changed(m, &change) < 0 || (!change.active && !change.job))
                return 0;
        if (sd_bus_path_decode(path, UNIT_PATH, &name) > 0)
                c->events->unit(name, &change, c->userdata);
        return 0;
}

/* systemd was executed anew (daemon-reexec): it has another name on the bus now. */
static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        SystemdClient *c = userdata;
        const char *name, *before, *after;
        (void) ret_error;

        if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0 || *after == '\0')
                return 0;
        (void) sd_bus_call_method_async(c->bus, NULL, SYSTEMD, SYSTEMD_PATH, MANAGER, "Subscribe",
                        NULL, NULL, NULL);
        list_units(c);
        return 0;
}

/* --- connection ------------------------------------------------------------------------------ */

static void disconnect(SystemdClient *c) {
        if (c->gather)
                (void) sd_event_source_set_enabled(c->gather, SD_EVENT_OFF);
        c->gathered = sd_bus_message_unref(c->gathered);
        c->queue = bus_queue_free(c->queue);
        c->bus = sd_bus_close_unref(c->bus);
}

static int on_retry(sd_event_source *source, uint64_t at, void *userdata) {
        SystemdClient *c = userdata;
        (void) source;
        (void) at;

        disconnect(c);
        connect_bus(c);
        return 0;
}

static void retry_later(SystemdClient *c, int error) {
        c->events->lost(error, c->retry_msec, c->userdata);
        (void) sd_event_source_set_time_relative(c->retry, c->retry_msec * USEC_PER_MSEC);
        (void) sd_event_source_set_enabled(c->retry, SD_EVENT_ONESHOT);
        c->retry_msec *= 2;
        if (c->retry_msec > RETRY_MAX_MSEC)
                c->retry_msec = RETRY_MAX_MSEC;
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        SystemdClient *c = userdata;
        (void) m;
        (void) ret_error;

        disconnect(c);
        retry_later(c, -ECONNRESET);
        return 0;
}

static int on_subscribed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        SystemdClient *c = userdata;
        (void) ret_error;
        if (!sd_bus_message_is_method_error(m, NULL))
                c->retry_msec = RETRY_FIRST_MSEC;
        return 0;
}

static int subscribe(SystemdClient *c) {
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

static void connect_bus(SystemdClient *c) {
        int r = sd_bus_open_system_with_description(&c->bus, "worker-scaler");
        if (r >= 0)
                r = sd_bus_attach_event(c->bus, c->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = subscribe(c);
        if (r >= 0)
                r = (c->queue = bus_queue_new(c->bus, c)) ? 0 : -ENOMEM;
        if (r < 0) {
                disconnect(c);
                retry_later(c, r);
                return;
        }
        c->events->connected(c->bus, c->userdata);
        list_units(c);
}

void systemd_client_start(SystemdClient *c) {
        connect_bus(c);
}

sd_bus *systemd_client_bus(const SystemdClient *c) {
        return c->bus;
}

static int new_timer(SystemdClient *c, sd_event_source **ret, sd_event_time_handler_t handler) {
        int r = sd_event_add_time(c->event, ret, CLOCK_MONOTONIC, 0, 1, handler, c);
        return r < 0 ? r : sd_event_source_set_enabled(*ret, SD_EVENT_OFF);
}

int systemd_client_new(
                sd_event *event, const SystemdEvents *events, void *userdata, SystemdClient **ret) {
        CLEANUP(systemd_client_freep) SystemdClient *c = calloc(1, sizeof(SystemdClient));
        if (!c)
                return -ENOMEM;

        c->event = sd_event_ref(event);
        c->events = events;
        c->userdata = userdata;
        c->retry_msec = RETRY_FIRST_MSEC;
        int r = new_timer(c, &c->retry, on_retry);
        if (r >= 0)
                r = new_timer(c, &c->gather, on_gathered);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

SystemdClient *systemd_client_free(SystemdClient *c) {
        if (!c)
                return NULL;
        disconnect(c);
        sd_event_source_disable_unref(c->retry);
        sd_event_source_disable_unref(c->gather);
        sd_event_unref(c->event);
        free(c->root_cgroup);
        free(c);
        return NULL;
}
