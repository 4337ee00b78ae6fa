/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "scaling-section.h"
#include "unit-name.h"

/* What systemd knows of all workers, at one moment. Owns copies of all of it. */

typedef struct InstanceInfo {
        unsigned number;
        char active[16], sub[32];
        bool orphaned; /* its unit file is gone */
        bool outdated; /* it was started before its manifest, template or unit file changed */
} InstanceInfo;

typedef struct WorkerInfo {
        char id[UNIT_NAME_MAX + 1];
        char active[16]; /* of the target; "" when systemd has none in memory */
        bool target_exists;
        bool refused;            /* its manifest has errors */
        InstanceInfo *instances; /* owned, sorted */
        size_t n_instances;
        Scaling scaling;
} WorkerInfo;

typedef struct WorkerTable {
        WorkerInfo *workers; /* owned, sorted by id */
        size_t n;
} WorkerTable;

typedef struct WorkerCount {
        unsigned running, starting, stopping, failed, orphaned, outdated;
} WorkerCount;

void worker_table_done(WorkerTable *t);

/* The workers whose id matches one of the shell patterns, all without any. Returns 0 or negative
 * errno. */
int worker_table_read(sd_bus *bus, char **patterns, WorkerTable *ret);

WorkerCount worker_info_count(const WorkerInfo *w);

/* One word for the state of the whole: "active", "inactive", "refused", "orphaned" … */
const char *worker_info_state(const WorkerInfo *w);
