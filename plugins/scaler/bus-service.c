/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-service.h"

#include <errno.h>
#include <time.h>

#include "bus-interface.h"
#include "log.h"

#define RETRY_AFTER USEC_PER_SEC

/* Behind all else; reports are read in between, as report-socket.c leaves pauses. */
enum { PRIORITY = SD_EVENT_PRIORITY_NORMAL + 20 };

struct BusService {
        sd_event *event;
        Manager *manager;
        sd_bus *bus; /* NULL: not connected */
        sd_event_source *retry;
};

static void disconnect(BusService *s) {
        bus_hold_clear(manager_held_calls(s->manager));
        s->bus = sd_bus_close_unref(s->bus);
}

static void lost(BusService *s, int error) {
        disconnect(s);
        log_warning("nothing can be asked over D-Bus, connecting anew: %s", strerror(-error));
        (void) sd_event_source_set_time_relative(s->retry, RETRY_AFTER);
        (void) sd_event_source_set_enabled(s->retry, SD_EVENT_ONESHOT);
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        (void) m;
        (void) ret_error;
        lost(userdata, -ECONNRESET);
        return 0;
}

void bus_service_open(BusService *s) {
        disconnect(s);
        (void) sd_event_source_set_enabled(s->retry, SD_EVENT_OFF);

        int r = sd_bus_open_system_with_description(&s->bus, "worker-scaler-service");
        if (r >= 0)
                r = sd_bus_attach_event(s->bus, s->event, PRIORITY);
        if (r >= 0)
                r = sd_bus_match_signal_async(s->bus, NULL, "org.freedesktop.DBus.Local", NULL,
                                "org.freedesktop.DBus.Local", "Disconnected", on_disconnected, NULL,
                                s);
        if (r >= 0)
                r = bus_interface_offer(s->bus, s->manager);
        if (r < 0)
                lost(s, r);
}

static int on_retry(sd_event_source *source, uint64_t at, void *userdata) {
        (void) source;
        (void) at;
        bus_service_open(userdata);
        return 0;
}

sd_bus *bus_service_bus(const BusService *s) {
        return s->bus;
}

int bus_service_new(sd_event *event, Manager *m, BusService **ret) {
        CLEANUP(bus_service_freep) BusService *s = calloc(1, sizeof(BusService));
        if (!s)
                return -ENOMEM;

        s->event = sd_event_ref(event);
        s->manager = m;
        int r = sd_event_add_time(event, &s->retry, CLOCK_MONOTONIC, 0, 0, on_retry, s);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->retry, SD_EVENT_OFF);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(s);
        return 0;
}

BusService *bus_service_free(BusService *s) {
        if (!s)
                return NULL;
        disconnect(s);
        sd_event_source_disable_unref(s->retry);
        sd_event_unref(s->event);
        free(s);
        return NULL;
}
