/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"
#include "timespan.h"

/* Pressure stall information of the host, Documentation/accounting/psi.rst in the kernel: the share
 * of the last ten seconds in which some task waited for a CPU, or for memory. Read only when an
 * instance is to be started, as nothing else depends on it. */

typedef struct Pressure {
        const char *directory;          /* holds cpu.pressure and memory.pressure */
        double cpu_limit, memory_limit; /* percent; 100 or more: never reached */
        usec_t read_at;                 /* 0: never */
        const char *reason;             /* as it was then; NULL: none */
        usec_t next_start;              /* of any worker, under pressure */
} Pressure;

/* /proc/pressure is out of sight with ProcSubset=pid; the root cgroup has the same. */
#define PRESSURE_DIRECTORY "/sys/fs/cgroup"

/* Waiting for a CPU is what a busy host does; only a host that does little else is full. Waiting
 * for memory is harm. */
#define PRESSURE_CPU_LIMIT    95.0
#define PRESSURE_MEMORY_LIMIT 20.0

/* "some avg10=12.34 …": percent, or -EBADMSG. */
int pressure_parse(const char *text, double *ret);

/* "cpu-pressure" or "memory-pressure" when there is too much of it, else NULL. What can't be read
 * is no pressure. */
const char *pressure_reason(Pressure *p, usec_t now);
