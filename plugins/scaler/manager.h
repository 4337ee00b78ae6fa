/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-hold.h"
#include "macro.h"
#include "worker.h"

/* worker-scaler as a whole: owns the event loop, the connection to systemd, the report socket and
 * all workers, and hands what happens to the worker that it concerns. */

typedef struct Manager Manager;

typedef struct ManagerOptions {
        const char *metrics;            /* path of the file for Prometheus; "": none */
        const char *pressure_directory; /* see pressure.h */
        double cpu_limit, memory_limit; /* percent */
} ManagerOptions;

/* The strings of the options must live as long as the manager. */
int manager_new(const ManagerOptions *options, Manager **ret);
Manager *manager_free(Manager *m);
DEFINE_CLEANUP(Manager *, manager_free)

/* Listens on fd, a bound AF_UNIX datagram socket that it takes over, connects to systemd, and runs
 * until SIGTERM or SIGINT. Nothing is started or stopped by its end. Returns 0 or negative errno.
 */
int manager_run(Manager *m, int fd);

/* Whether it is known which workers there are, and their policies: not while systemd reloads. */
bool manager_is_settled(const Manager *m);

/* Who is to be answered when it is settled. Belongs to the manager. */
BusHold *manager_held_calls(const Manager *m);

/* The connection that who listens is told on, NULL when there is none. */
sd_bus *manager_bus(const Manager *m);

/* NULL when there is none. */
Worker *manager_find_worker(Manager *m, const char *id);

/* All workers, sorted by id; they belong to the manager and are good until the next event. */
Worker *const *manager_workers(const Manager *m, size_t *ret_n);
