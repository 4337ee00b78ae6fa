/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scaler.h"

#include <errno.h>
#include <stdio.h>

#include "bus-interface.h"
#include "bus.h"

#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"

static int read_text(sd_bus_message *m, char *buffer, size_t size) {
        const char *s;
        int r = sd_bus_message_read(m, "v", "s", &s);
        if (r >= 0)
                (void) snprintf(buffer, size, "%s", s);
        return r;
}

static int read_bool(sd_bus_message *m, bool *ret) {
        int b;
        int r = sd_bus_message_read(m, "v", "b", &b);
        if (r >= 0)
                *ret = b;
        return r;
}

static int read_property(sd_bus_message *m, const char *property, ScalerWorker *w) {
        const struct {
                const char *property, *type;
                void *value;
        } numbers[] = {
                { "Running", "u", &w->running },
                { "Starting", "u", &w->starting },
                { "Stopping", "u", &w->stopping },
                { "Failing", "u", &w->failing },
                { "Wanted", "u", &w->wanted },
                { "MinReplicas", "u", &w->min },
                { "MaxReplicas", "u", &w->max },
                { "Backlog", "d", &w->backlog },
                { "Oldest", "d", &w->oldest },
                { "Busy", "d", &w->busy },
                { "ArrivalRate", "d", &w->lambda },
                { "Capacity", "d", &w->mu },
                { "Items", "d", &w->items },
                { "StartDelayUSec", "t", &w->start_delay },
        };

        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
                if (STREQ(property, numbers[i].property))
                        return sd_bus_message_read(m, "v", numbers[i].type, numbers[i].value);
        if (STREQ(property, "Id"))
                return read_text(m, w->id, sizeof(w->id));
        if (STREQ(property, "Mode"))
                return read_text(m, w->mode, sizeof(w->mode));
        if (STREQ(property, "Reason"))
                return read_text(m, w->reason, sizeof(w->reason));
        if (STREQ(property, "Scaled"))
                return read_bool(m, &w->scaled);
        return sd_bus_message_skip(m, "v");
}

/* a{sv} */
static int read_properties(sd_bus_message *m, ScalerWorker *w) {
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                const char *property;
                r = sd_bus_message_read(m, "s", &property);
                if (r >= 0)
                        r = read_property(m, property, w);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* a{sa{sv}}; 1 when it is a worker */
static int read_interfaces(sd_bus_message *m, ScalerWorker *ret) {
        int found = 0;
        int r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
                const char *interface;
                r = sd_bus_message_read(m, "s", &interface);
                if (r >= 0 && STREQ(interface, BUS_WORKER)) {
                        found = 1;
                        r = read_properties(m, ret);
                } else if (r >= 0)
                        r = sd_bus_message_skip(m, "a{sv}");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        return r < 0 ? r : found;
}

static int add_worker(ScalerTable *t, const ScalerWorker *w) {
        ScalerWorker *more = reallocarray(t->workers, t->n + 1, sizeof(*more));
        if (!more)
                return -ENOMEM;
        t->workers = more;
        more[t->n++] = *w;
        return 0;
}

static int read_objects(sd_bus_message *m, ScalerTable *t) {
        int r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
                ScalerWorker w = { .backlog = -1, .oldest = -1, .busy = -1, .lambda = -1 };
                r = sd_bus_message_skip(m, "o");
                if (r >= 0)
                        r = read_interfaces(m, &w);
                if (r > 0)
                        r = add_worker(t, &w);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

static int compare(const void *a, const void *b) {
        return strcmp(((const ScalerWorker *) a)->id, ((const ScalerWorker *) b)->id);
}

int scaler_table_read(sd_bus *bus, ScalerTable *ret) {
        CLEANUP(bus_messagep) sd_bus_message *reply = NULL;
        CLEANUP(bus_errorp) sd_bus_error error = SD_BUS_ERROR_NULL;
        CLEANUP(scaler_table_done) ScalerTable t = { 0 };

        int r = sd_bus_call_method(bus, BUS_NAME, BUS_PATH, OBJECT_MANAGER, "GetManagedObjects",
                        &error, &reply, "");
        if (r < 0)
                return sd_bus_error_has_name(&error, SD_BUS_ERROR_SERVICE_UNKNOWN) ? -ENXIO : r;
        r = read_objects(reply, &t);
        if (r < 0)
                return r;
        if (t.n > 0)
                qsort(t.workers, t.n, sizeof(ScalerWorker), compare);
        *ret = t;
        t = (ScalerTable){ 0 };
        return 0;
}

const ScalerWorker *scaler_table_find(const ScalerTable *t, const char *id) {
        size_t low = 0, high = t->n;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = strcmp(t->workers[middle].id, id);
                if (order == 0)
                        return &t->workers[middle];
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

static int order_one(sd_bus *bus, const char *method, const char *id, const unsigned *count) {
        CLEANUP(bus_errorp) sd_bus_error error = SD_BUS_ERROR_NULL;
        CLEANUP(bus_messagep) sd_bus_message *reply = NULL;
        const char *path;

        int r = sd_bus_call_method(
                        bus, BUS_NAME, BUS_PATH, BUS_MANAGER, "GetWorker", &error, &reply, "s", id);
        if (r >= 0)
                r = sd_bus_message_read(reply, "o", &path);
        if (r >= 0)
                r = count ? sd_bus_call_method(bus, BUS_NAME, path, BUS_WORKER, method, &error,
                                    NULL, "u", *count)
                          : sd_bus_call_method(bus, BUS_NAME, path, BUS_WORKER, method, &error,
                                          NULL, "");
        if (r < 0)
                fprintf(stderr, "workerctl: '%s': %s\n", id,
                                sd_bus_error_has_name(&error, SD_BUS_ERROR_SERVICE_UNKNOWN)
                                                ? "worker-scaler does not run, see 'systemctl "
                                                  "status worker-scaler'"
                                : error.message ? error.message
                                                : strerror(-r));
        return r;
}

int scaler_order(const char *method, char **ids, const unsigned *count) {
        CLEANUP(bus_closep) sd_bus *bus = NULL;
        int status = EXIT_SUCCESS;

        if (bus_connect(&bus) < 0)
                return EXIT_FAILURE;
        (void) sd_bus_set_allow_interactive_authorization(bus, true);
        for (; *ids; ids++)
                if (order_one(bus, method, *ids, count) < 0)
                        status = EXIT_FAILURE;
        return status;
}
