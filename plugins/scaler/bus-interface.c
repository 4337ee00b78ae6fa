/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-interface.h"

#include <errno.h>

#include "bus-authorize.h"
#include "log.h"
#include "unit-name.h"

#define ERROR_NO_SUCH_WORKER BUS_NAME ".NoSuchWorker"
#define ERROR_NOT_SCALED     BUS_NAME ".NotScaled"
#define ERROR_OUT_OF_RANGE   BUS_NAME ".OutOfRange"
#define POLKIT_ACTION        "org.systemd_workers.scaler1.manage-workers"

static void strings_freep(char ***strings) {
        for (char **s = *strings; s && *s; s++)
                free(*s);
        free(*strings);
}

/* --- properties of a worker ------------------------------------------------------------------ */

static int get_count(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        const Worker *w = userdata;
        const FleetCount c = fleet_count(&w->fleet, worker_now(w));
        const char *reason;
        const struct {
                const char *property;
                unsigned value;
        } counts[] = {
                { "Running", c.running },
                { "Starting", c.starting },
                { "Stopping", c.stopping },
                { "Failing", c.failing + c.returning },
                { "Wanted", worker_goal(w, &reason) },
        };
        (void) bus;
        (void) path;
        (void) interface;
        (void) ret_error;

        for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
                if (STREQ(property, counts[i].property))
                        return sd_bus_message_append(reply, "u", counts[i].value);
        return -ENOENT;
}

/* What is not known is not a number: -1 for what can't be negative. */
static int get_observed(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        const Worker *w = userdata;
        const Observation *o = &w->observed;
        const struct {
                const char *property;
                Signal signal;
                double value;
        } values[] = {
                { "Backlog", SIGNAL_BACKLOG, o->backlog },
                { "Oldest", SIGNAL_OLDEST, o->oldest },
                { "Busy", SIGNAL_BUSY, o->busy },
                { "CPUUtilization", SIGNAL_CPU, o->cpu },
                { "MemoryUtilization", SIGNAL_MEMORY, o->memory },
        };
        (void) bus;
        (void) path;
        (void) interface;
        (void) ret_error;

        for (size_t i = 0; i < ARRAY_SIZE(values); i++)
                if (STREQ(property, values[i].property))
                        return sd_bus_message_append(reply, "d",
                                        o->known & values[i].signal ? values[i].value : -1.0);
        return -ENOENT;
}

static int get_word(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        const Worker *w = userdata;
        const char *word = worker_mode_to_string(w->mode);
        (void) bus;
        (void) path;
        (void) interface;
        (void) ret_error;

        if (STREQ(property, "Reason"))
                (void) worker_goal(w, &word);
        return sd_bus_message_append(reply, "s", word);
}

static int get_scaled(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        (void) bus;
        (void) path;
        (void) interface;
        (void) property;
        (void) ret_error;
        return sd_bus_message_append(reply, "b", (int) worker_is_scaled(userdata));
}

static int get_items(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        (void) bus;
        (void) path;
        (void) interface;
        (void) property;
        (void) ret_error;
        return sd_bus_message_append(reply, "d", worker_items_total(userdata));
}

/* --- orders ---------------------------------------------------------------------------------- */

typedef struct Order {
        Manager *manager;
        char *id; /* owned: the worker may be gone before polkit answers */
        WorkerMode mode;
        unsigned count;
} Order;

static Order *order_new(Manager *m, const char *id, WorkerMode mode, unsigned count) {
        Order *o = calloc(1, sizeof(Order));
        char *copy = strdup(id);
        if (!o || !copy) {
                free(o);
                free(copy);
                return NULL;
        }
        *o = (Order){ m, copy, mode, count };
        return o;
}

static void order_free(void *userdata) {
        Order *o = userdata;
        free(o->id);
        free(o);
}

static unsigned sender_uid(sd_bus_message *m) {
        sd_bus_creds *creds = NULL;
        uid_t uid = (uid_t) -1;

        if (sd_bus_query_sender_creds(m, SD_BUS_CREDS_EUID, &creds) >= 0)
                (void) sd_bus_creds_get_euid(creds, &uid);
        sd_bus_creds_unref(creds);
        return uid;
}

static int carry_out(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        const Order *o = userdata;

        if (!manager_is_settled(o->manager)) {
                Order *later = order_new(o->manager, o->id, o->mode, o->count);
                return later ? bus_hold_add(manager_held_calls(o->manager), m, carry_out, later,
                                       order_free, ret_error)
                             : -ENOMEM;
        }
        Worker *w = manager_find_worker(o->manager, o->id);
        if (!w)
                return sd_bus_error_setf(ret_error, ERROR_NO_SUCH_WORKER,
                                "there is no worker '%s' any more", o->id);

        int r = worker_set_mode(w, o->mode, o->count, sender_uid(m));
        if (r == -ENOEXEC)
                return sd_bus_error_setf(ret_error, ERROR_NOT_SCALED,
                                "worker '%s' is not scaled: its target is not active, has no "
                                "[X-Scaling], or Enabled=no",
                                w->id);
        if (r == -ERANGE)
                return sd_bus_error_setf(ret_error, ERROR_OUT_OF_RANGE,
                                "worker '%s' has at most %u instances: raise MaxReplicas= with "
                                "'systemctl edit worker-%s.target'",
                                w->id, w->scaling.policy.max_replicas, w->id);
        return r < 0 ? r : sd_bus_reply_method_return(m, "");
}

static int order(sd_bus_message *m, Worker *w, WorkerMode mode, unsigned count,
                sd_bus_error *ret_error) {
        Order *o = order_new(w->context->userdata, w->id, mode, count);
        if (!o)
                return -ENOMEM;
        return bus_authorize(m, POLKIT_ACTION, carry_out, o, order_free, ret_error);
}

static int method_pause(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        return order(m, userdata, MODE_PAUSED, 0, ret_error);
}

static int method_resume(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        return order(m, userdata, MODE_AUTO, 0, ret_error);
}

static int method_scale(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        unsigned count;
        int r = sd_bus_message_read(m, "u", &count);
        return r < 0 ? r : order(m, userdata, MODE_FIXED, count, ret_error);
}

/* --- objects --------------------------------------------------------------------------------- */

#define POLICY(field)   offsetof(Worker, scaling.policy.field)
#define DECISION(field) offsetof(Worker, decision.field)

/* Nothing is announced: the figures change with each report, and who wants them asks. */
static const sd_bus_vtable worker_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Id", "s", NULL, offsetof(Worker, id), SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Scaled", "b", get_scaled, 0, 0),
        SD_BUS_PROPERTY("Mode", "s", get_word, 0, 0),
        SD_BUS_PROPERTY("MinReplicas", "u", NULL, POLICY(min_replicas), 0),
        SD_BUS_PROPERTY("MaxReplicas", "u", NULL, POLICY(max_replicas), 0),
        SD_BUS_PROPERTY("TargetWaitUSec", "t", NULL, POLICY(target_wait), 0),
        SD_BUS_PROPERTY("ScaleDownAfterUSec", "t", NULL, POLICY(scale_down_after), 0),
        SD_BUS_PROPERTY("TargetThroughput", "d", NULL, POLICY(target_throughput), 0),
        SD_BUS_PROPERTY("TargetCPUUtilization", "d", NULL, POLICY(target_cpu), 0),
        SD_BUS_PROPERTY("TargetMemoryUtilization", "d", NULL, POLICY(target_memory), 0),
        SD_BUS_PROPERTY("Running", "u", get_count, 0, 0),
        SD_BUS_PROPERTY("Starting", "u", get_count, 0, 0),
        SD_BUS_PROPERTY("Stopping", "u", get_count, 0, 0),
        SD_BUS_PROPERTY("Failing", "u", get_count, 0, 0),
        SD_BUS_PROPERTY("Wanted", "u", get_count, 0, 0),
        SD_BUS_PROPERTY("Reason", "s", get_word, 0, 0),
        SD_BUS_PROPERTY("ArrivalRate", "d", NULL, DECISION(lambda), 0),
        SD_BUS_PROPERTY("Capacity", "d", NULL, DECISION(mu), 0),
        SD_BUS_PROPERTY("StartDelayUSec", "t", NULL, DECISION(start_delay), 0),
        SD_BUS_PROPERTY("DecidedUSecMonotonic", "t", NULL, offsetof(Worker, cadence.decided_at), 0),
        SD_BUS_PROPERTY("Items", "d", get_items, 0, 0),
        SD_BUS_PROPERTY("Backlog", "d", get_observed, 0, 0),
        SD_BUS_PROPERTY("Oldest", "d", get_observed, 0, 0),
        SD_BUS_PROPERTY("Busy", "d", get_observed, 0, 0),
        SD_BUS_PROPERTY("CPUUtilization", "d", get_observed, 0, 0),
        SD_BUS_PROPERTY("MemoryUtilization", "d", get_observed, 0, 0),
        /* unprivileged for sd-bus: bus_authorize() asks */
        SD_BUS_METHOD("Pause", "", "", method_pause, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Resume", "", "", method_resume, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Scale", SD_BUS_ARGS("u", count), SD_BUS_NO_RESULT, method_scale,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("ScaledTo", SD_BUS_ARGS("u", from, "u", to, "s", reason), 0),
        SD_BUS_VTABLE_END,
};

static int find_worker(sd_bus *bus, const char *path, const char *interface, void *userdata,
                void **ret_found, sd_bus_error *ret_error) {
        CLEANUP(freep) char *id = NULL;
        (void) bus;
        (void) interface;
        (void) ret_error;

        int r = sd_bus_path_decode(path, BUS_WORKER_PATH, &id);
        if (r <= 0)
                return r;
        *ret_found = manager_find_worker(userdata, id);
        return *ret_found ? 1 : 0;
}

static int list_paths(sd_bus *bus, const char *prefix, void *userdata, char ***ret,
                sd_bus_error *ret_error) {
        CLEANUP(strings_freep) char **paths = NULL;
        size_t n;
        Worker *const *workers = manager_workers(userdata, &n);
        (void) bus;
        (void) prefix;
        (void) ret_error;

        paths = calloc(n + 1, sizeof(char *));
        if (!paths)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                int r = sd_bus_path_encode(BUS_WORKER_PATH, workers[i]->id, &paths[i]);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(paths);
        return 0;
}

static int append_worker(sd_bus_message *reply, const Worker *w) {
        CLEANUP(freep) char *path = NULL;
        int r = sd_bus_path_encode(BUS_WORKER_PATH, w->id, &path);
        return r < 0 ? r : sd_bus_message_append(reply, "(so)", w->id, path);
}

static int method_list(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        sd_bus_message *reply = NULL;
        size_t n;
        Worker *const *workers = manager_workers(userdata, &n);
        (void) ret_error;

        int r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(so)");
        for (size_t i = 0; r >= 0 && i < n; i++)
                r = append_worker(reply, workers[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);
        sd_bus_message_unref(reply);
        return r;
}

static int method_get(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        CLEANUP(freep) char *path = NULL;
        const char *id;

        (void) sd_bus_message_rewind(m, true); /* it may have been held */
        int r = sd_bus_message_read(m, "s", &id);
        if (r < 0)
                return r;
        /* what can't be a worker is not held: a message may have megabytes */
        bool possible = strlen(id) <= UNIT_NAME_MAX;
        if (possible && !manager_is_settled(userdata))
                return bus_hold_add(manager_held_calls(userdata), m, method_get, userdata, NULL,
                                ret_error);
        if (!possible || !manager_find_worker(userdata, id))
                return sd_bus_error_setf(ret_error, ERROR_NO_SUCH_WORKER,
                                "there is no active worker '%.*s'", UNIT_NAME_MAX, id);
        r = sd_bus_path_encode(BUS_WORKER_PATH, id, &path);
        return r < 0 ? r : sd_bus_reply_method_return(m, "o", path);
}

static int get_version(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        (void) bus;
        (void) path;
        (void) interface;
        (void) property;
        (void) userdata;
        (void) ret_error;
        return sd_bus_message_append(reply, "s", PACKAGE_VERSION);
}

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Version", "s", get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_METHOD_WITH_ARGS("ListWorkers", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(so)", workers),
                        method_list, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetWorker", SD_BUS_ARGS("s", id), SD_BUS_RESULT("o", worker),
                        method_get, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

/* --- connection ------------------------------------------------------------------------------ */

static int on_name(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        const sd_bus_error *e = sd_bus_message_get_error(reply);
        (void) userdata;
        (void) ret_error;

        if (e)
                log_warning("nothing can be asked over D-Bus, the name '%s' can't be had: %s",
                                BUS_NAME, e->message ? e->message : e->name);
        return 0;
}

int bus_interface_offer(sd_bus *bus, Manager *m) {
        int r = sd_bus_add_object_vtable(bus, NULL, BUS_PATH, BUS_MANAGER, manager_vtable, m);
        if (r >= 0)
                r = sd_bus_add_fallback_vtable(bus, NULL, BUS_WORKER_PATH, BUS_WORKER,
                                worker_vtable, find_worker, m);
        if (r >= 0)
                r = sd_bus_add_node_enumerator(bus, NULL, BUS_WORKER_PATH, list_paths, m);
        if (r >= 0)
                r = sd_bus_add_object_manager(bus, NULL, BUS_PATH);
        /* one that ends at this moment may have the name still: wait for it */
        if (r >= 0)
                r = sd_bus_request_name_async(
                                bus, NULL, BUS_NAME, SD_BUS_NAME_QUEUE, on_name, NULL);
        return r < 0 ? r : 0;
}

void bus_interface_scaled(
                const Manager *m, const char *id, unsigned from, unsigned to, const char *reason) {
        CLEANUP(freep) char *path = NULL;
        sd_bus *bus = manager_bus(m);

        if (bus && sd_bus_path_encode(BUS_WORKER_PATH, id, &path) >= 0)
                (void) sd_bus_emit_signal(
                                bus, path, BUS_WORKER, "ScaledTo", "uus", from, to, reason);
}
