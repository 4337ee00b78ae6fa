/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "systemd-client.h"

#include <errno.h>
#include <time.h>

#include "systemd-internal.h"

/* The connection, made again when it breaks. */

enum {
        RETRY_FIRST_MSEC = 100,
        RETRY_MAX_MSEC = 5000,
};

static void connect_bus(SystemdClient *c);

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

void systemd_connection_failed(SystemdClient *c, int error) {
        c->events->lost(error, c->retry_msec, c->userdata);
        (void) sd_event_source_set_time_relative(c->retry, c->retry_msec * USEC_PER_MSEC);
        (void) sd_event_source_set_enabled(c->retry, SD_EVENT_ONESHOT);
        c->retry_msec *= 2;
        if (c->retry_msec > RETRY_MAX_MSEC)
                c->retry_msec = RETRY_MAX_MSEC;
}

void systemd_connection_works(SystemdClient *c) {
        c->retry_msec = RETRY_FIRST_MSEC;
}

void systemd_connection_lost(SystemdClient *c) {
        disconnect(c);
        systemd_connection_failed(c, -ECONNRESET);
}

static void connect_bus(SystemdClient *c) {
        int r = sd_bus_open_system_with_description(&c->bus, "worker-scaler");
        if (r >= 0)
                r = sd_bus_attach_event(c->bus, c->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = systemd_subscribe(c);
        if (r >= 0)
                r = (c->queue = bus_queue_new(c->bus, c)) ? 0 : -ENOMEM;
        if (r < 0) {
                disconnect(c);
                systemd_connection_failed(c, r);
                return;
        }
        c->events->connected(c->userdata);
        systemd_list_units(c);
}

void systemd_client_start(SystemdClient *c) {
        connect_bus(c);
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
                r = new_timer(c, &c->gather, systemd_on_gathered);
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
