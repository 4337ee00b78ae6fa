/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "manager.h"

/* The connection on which everybody may ask and order. Not the one to systemd, and of less weight
 * than reports: who asks without end keeps waiting none but those who ask. Made again when it
 * breaks. */

typedef struct BusService BusService;

int bus_service_new(sd_event *event, Manager *m, BusService **ret);
BusService *bus_service_free(BusService *s);
DEFINE_CLEANUP(BusService *, bus_service_free)

/* Connects anew and offers everything; tries again by itself as long as that fails. */
void bus_service_open(BusService *s);

/* NULL when there is none. */
sd_bus *bus_service_bus(const BusService *s);
