/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "deadline.h"

#include <math.h>

#define STEPS 24

double load_due(const Load *l, double due) {
        if (due >= 0)
                return l->backlog + l->lambda * due;
        double older = fmax(0, l->backlog - arrivals_within(l->arrivals, l->now, -due));
        /* the source knows better when it says that some are older than we have seen */
        if (l->oldest > -due)
                older = fmax(older, fmin(l->backlog, 1));
        return older;
}

/* need(v, h, S, r) = max over x in [r, v + look] of (due(h + x - v) + noise sqrt(x) - S) / (mu x)
 */
double deadline_need(const Load *l, double v, double look, double h, double served, double rush) {
        double span = fmax(rush, v + look);
        double step = (span - rush) / STEPS;
        double best = 0;

        for (unsigned i = 0; i <= STEPS + 1; i++) {
                /* the last one: when what waits now is due */
                double x = i <= STEPS ? rush + i * step : fmax(rush, fmin(span, v - h));
                double missing = load_due(l, h + x - v) + l->noise * sqrt(x) - served;
                if (missing > 0)
                        best = fmax(best, missing / (l->mu * x));
        }
        return best;
}
