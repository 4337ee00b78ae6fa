/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "timespan.h"
#include "unit-name.h"

/* What worker-scaler says over D-Bus, worker-scaler(8). */

typedef struct ScalerWorker {
        char id[UNIT_NAME_MAX + 1];
        bool scaled;
        char mode[16], reason[64];
        unsigned running, starting, stopping, failing, wanted, min, max;
        double backlog, oldest, busy; /* negative: unknown */
        double lambda;                /* negative: unknown */
        double mu;                    /* 0: unknown */
        double items;                 /* done since worker-scaler was started */
        usec_t start_delay;
} ScalerWorker;

typedef struct ScalerTable {
        ScalerWorker *workers; /* owned, sorted by id */
        size_t n;
} ScalerTable;

static inline void scaler_table_done(ScalerTable *t) {
        free(t->workers);
        *t = (ScalerTable){ 0 };
}

/* All workers in one question. Returns 0 or negative errno, -ENXIO when nobody answers to its
 * name. */
int scaler_table_read(sd_bus *bus, ScalerTable *ret);
const ScalerWorker *scaler_table_find(const ScalerTable *t, const char *id);

/* Calls "Pause", "Resume" or "Scale" (with count) of each worker that is named and says what went
 * wrong. Returns the exit status. */
int scaler_order(const char *method, char **ids, const unsigned *count);
