/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "estimate.h"

/* How many instances meet the deadlines of the items that are known and of those foretold. */

typedef struct Load {
        const Arrivals *arrivals;
        double now;     /* s */
        double backlog; /* items waiting */
        double oldest;  /* age of the oldest of them, s; 0: unknown */
        double lambda;  /* items/s foretold */
        double mu;      /* items/s of one instance, > 0 */
        double noise; /* items/sqrt(s) to be ready for on top of lambda: counts add up at random */
} Load;

/* Items that have to be started by now + limit seconds to start within v s of their arrival, when
 * due = limit - v: all that wait and what comes in the next `due` s (due >= 0), or what has waited
 * for more than -due s. */
double load_due(const Load *l, double due);

/* The least count from now + h on that starts everything within v s of its arrival, looking `look`
 * s beyond; served: items started by now + h; a shortfall is made good over at least rush s.
 * Returns instances, not rounded, >= 0. */
double deadline_need(const Load *l, double v, double look, double h, double served, double rush);
