/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-queue.h"
#include "systemd-client.h"

/* What the parts of systemd-client.h share: systemd-client.c connects, systemd-calls.c asks,
 * systemd-units.c learns the states of units, systemd-signals.c hears of what changes. */

#define SYSTEMD      "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define UNIT_PATH    SYSTEMD_PATH "/unit"
#define MANAGER      SYSTEMD ".Manager"
#define UNIT         SYSTEMD ".Unit"
#define SERVICE      SYSTEMD ".Service"
#define PROPERTIES   "org.freedesktop.DBus.Properties"
#define UNIT_PREFIX  "worker-"

struct SystemdClient {
        sd_event *event;
        const SystemdEvents *events;
        void *userdata;

        sd_bus *bus;     /* NULL: not connected */
        BusQueue *queue; /* goes with the bus */
        unsigned retry_msec;
        sd_event_source *retry;

        sd_event_source *gather;
        sd_bus_message *gathered; /* a call that is being filled with names */
        unsigned n_gathered;

        char *root_cgroup;
};

static inline void bus_messagep(sd_bus_message **m) {
        sd_bus_message_unref(*m);
}

/* --- systemd-client.c */

/* The connection works: the next one that fails is tried again at once. */
void systemd_connection_works(SystemdClient *c);

/* The connection is of no use: tells so, and makes another one after a while. */
void systemd_connection_failed(SystemdClient *c, int error);

/* The same for one that was ended by the other side. */
void systemd_connection_lost(SystemdClient *c);

/* --- systemd-calls.c */

/* The caller owns the message. */
int systemd_new_call(SystemdClient *c, const char *path, const char *interface, const char *method,
                sd_bus_message **ret);

/* One that asks for a property. */
int systemd_new_get(SystemdClient *c, const char *path, const char *interface, const char *property,
                sd_bus_message **ret);

/* Makes and sends it when its turn comes; userdata of both handlers is c. Returns 0, -ENOTCONN, or
 * -ENOMEM. */
int systemd_call(SystemdClient *c, const char *unit, BusCallMaker make, BusReplyHandler handler);

/* The string in the answer to a Get(), as good as the message is. */
int systemd_read_string(sd_bus_message *reply, const char **ret);

/* --- systemd-units.c */

/* Asks for all units, and tells of them when the answer is there. */
void systemd_list_units(SystemdClient *c);

/* The time of gathering is over: handler of the timer. */
int systemd_on_gathered(sd_event_source *source, uint64_t at, void *userdata);

/* --- systemd-signals.c */

/* Subscribes to all signals, on a new connection. */
int systemd_subscribe(SystemdClient *c);
