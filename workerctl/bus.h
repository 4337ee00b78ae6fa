/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "macro.h"

/* Questions to systemd, answered before the call returns: an administrator's tool may wait.
 * org.freedesktop.systemd1(5). All return 0 or negative errno, and write on success only. */

#define BUS_UNIT    "org.freedesktop.systemd1.Unit"
#define BUS_SERVICE "org.freedesktop.systemd1.Service"

typedef struct BusUnit {
        const char *name, *load, *active, *sub;
} BusUnit;

static inline void bus_closep(sd_bus **bus) {
        sd_bus_flush_close_unref(*bus);
}

static inline void bus_messagep(sd_bus_message **m) {
        sd_bus_message_unref(*m);
}

static inline void bus_errorp(sd_bus_error *e) {
        sd_bus_error_free(e);
}

/* Says why, if it fails. */
int bus_connect(sd_bus **ret);

/* Calls handler for each unit in memory whose name begins with "worker-"; its negative result ends
 * the listing. */
int bus_list_units(sd_bus *bus, int (*handler)(const BusUnit *u, void *userdata), void *userdata);

/* Lets systemd read all units anew, systemctl(1) daemon-reload, and waits for the end of it. */
int bus_reload(sd_bus *bus);

/* Properties of a unit. Strings are the caller's. */
int bus_get_string(sd_bus *bus, const char *unit, const char *interface, const char *property,
                char **ret);
int bus_get_strings(sd_bus *bus, const char *unit, const char *interface, const char *property,
                char ***ret);
int bus_get_number(sd_bus *bus, const char *unit, const char *interface, const char *property,
                char type, void *ret);

void strings_freep(char ***strings);
