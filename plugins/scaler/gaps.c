/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gaps.h"

#include <math.h>

#include "macro.h"

/* Holds, in seconds for each instance-second that a start is worth: ski rental would choose 1. The
 * short ones bridge what the noise of arrivals takes away and gives back at once. */
static const double holds[GAP_HOLDS] = { 0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2 };

#define MEMORY 0.9  /* of the costs, with each gap */
#define PRIOR  1.0  /* gaps without end that are taken to have been seen */
#define SPREAD 0.35 /* what a gap says of the levels beside its own */

/* Instances to a level. */
static double level_size(double max) {
        return fmax(1, ceil(max / GAP_LEVELS));
}

static unsigned level_count(double n, double size) {
        return (unsigned) fmax(0, fmin(GAP_LEVELS, ceil(n / size)));
}

static double best_hold(const GapLevel *l, double price) {
        double least = INFINITY, hold = 0;

        for (unsigned i = 0; i < GAP_HOLDS; i++) {
                double cost = l->cost[i] + PRIOR * (holds[i] + 1) * price;
                if (cost < least) {
                        least = cost;
                        hold = holds[i] * price;
                }
        }
        return hold;
}

double gaps_keep(const Gaps *g, double t, double needed, double total, double max, double price,
                double limit) {
        double size = level_size(max), kept = 0;
        unsigned levels = level_count(total, size);

        for (unsigned k = level_count(needed, size); k < levels; k++) {
                const GapLevel *l = &g->level[k];
                double since = k < g->needed ? 0 : t - l->needed_at;
                if (l->needed_at > 0 && since < fmin(limit, best_hold(l, price)))
                        kept += size;
        }
        return fmax(needed, fmin(total, needed + kept));
}

/* What each hold would have cost over the gap. */
static void learn_gap(GapLevel *l, double gap, double price, double weight) {
        double keep = pow(MEMORY, weight);

        for (unsigned i = 0; i < GAP_HOLDS; i++) {
                double hold = holds[i] * price;
                double cost = fmin(gap, hold) + (gap > hold ? price : 0);
                l->cost[i] = (float) (l->cost[i] * keep + weight * cost);
        }
}

void gaps_learn(Gaps *g, double t, double needed, double max, double price) {
        unsigned levels = level_count(needed, level_size(max));

        for (unsigned k = g->needed; k < levels; k++) {
                double gap = t - g->level[k].needed_at;
                if (g->level[k].needed_at <= 0)
                        continue;
                learn_gap(&g->level[k], gap, price, 1);
                if (k > 0)
                        learn_gap(&g->level[k - 1], gap, price, SPREAD);
                if (k + 1 < GAP_LEVELS)
                        learn_gap(&g->level[k + 1], gap, price, SPREAD);
        }
        for (unsigned k = levels; k < g->needed; k++)
                g->level[k].needed_at = t;
        g->needed = levels;
}
