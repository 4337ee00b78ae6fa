/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet.h"
#include "policy.h"
#include "report.h"

/* What the reports of a worker's units add up to. Pure.
 *
 * Counters are summed for the worker as they come in, so that an instance that ends takes nothing
 * back. Gauges are those of one instance and are summed (backlog), averaged (busy), or the largest
 * counts (oldest). Where the backlog plugin, which speaks for the whole worker, tells a value, that
 * one counts and what instances say of the same thing does not. */

/* Bits of reports that were seen: 1 << ReportName. */
typedef struct Tally {
        double items, arrived; /* since the last observation */
        unsigned known;        /* counters ever told */
} Tally;

typedef struct Reports {
        Tally instances;
        Tally plugin;
        uint8_t gauges_known; /* of the plugin */
        double backlog, oldest;
} Reports;

/* Both return whether the picture changed in a way that is worth a decision now; that work was done
 * can wait for the next regular one. */
bool reports_take_instance(Reports *r, Instance *i, const Report *report);
bool reports_take_plugin(Reports *r, const Report *report);

/* The plugin has ended: what it said last holds no longer. */
void reports_forget_plugin(Reports *r);

/* Adds the reports to *o, whose other fields stay, and begins to count anew. */
void reports_observe(Reports *r, const Fleet *f, Observation *o);
