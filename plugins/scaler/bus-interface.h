/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "manager.h"

/* What worker-scaler offers on the system bus: all that it knows to everybody, orders to root and
 * to whom polkit allows. */

/* The project has no domain of its own, so the name is its own name, "_" for "-" as the D-Bus
 * specification advises; the number is that of the interface, as systemd counts. */
#define BUS_NAME        "org.systemd_workers.Scaler1"
#define BUS_PATH        "/org/systemd_workers/Scaler1"
#define BUS_WORKER_PATH BUS_PATH "/worker"
#define BUS_MANAGER     BUS_NAME ".Manager"
#define BUS_WORKER      BUS_NAME ".Worker"

/* Offers objects and name on a new connection; they go with it. Returns 0 or negative errno. */
int bus_interface_offer(sd_bus *bus, Manager *m);

/* Tells who listens that a worker was scaled. */
void bus_interface_scaled(
                const Manager *m, const char *id, unsigned from, unsigned to, const char *reason);
