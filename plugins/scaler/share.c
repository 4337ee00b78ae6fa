/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "share.h"

#include <math.h>

/* Of W: what is planned with before anything is known, and at most; both less for each h/W. */
#define SHARE_FROM 1.0
#define SHARE_LAG  0.47
#define SHARE_TOP  0.99
#define TOP_LAG    0.2
#define SHARE_MIN  0.1

/* The margin is given up bit by bit while items start late in their time, but in time, and taken
 * back at once when some are about to miss it: additive increase, multiplicative decrease. */
#define TRUST_FIRST 0.5
#define TRUST_SEC   120.0 /* until 63 % of what is left has been given up */
#define TRUST_LOSS  0.12  /* of it, with each step */
#define NEAR_LATE   0.97  /* of W */
#define TEST_BELOW  0.1   /* of W: so close to the plan it is put to the test */

/* Where the source counts what waits less often than we look, each item may be older than it seems
 * by the time between two counts, of which so much is taken off. */
#define SHARE_STALE 0.8
#define STALE_GAIN  0.05 /* of the last step */
#define STALE_ITEMS 4.0  /* done in a step: a count seldom stands still by chance */
#define STALE_FROM  0.2  /* of the steps */
#define STALE_MAX   0.95

void share_init(Share *x) {
        x->trust = TRUST_FIRST;
}

/* How old a count of the backlog may be, beyond one step. */
static double staleness(const Share *x, double pace) {
        return x->unchanged > STALE_FROM ? pace / (1 - x->unchanged) - pace : 0;
}

double share_get(const Share *x, double h, double pace, double wait) {
        double most = SHARE_TOP - TOP_LAG * h / wait;
        double share = fmin(most, SHARE_FROM - SHARE_LAG * h / wait);
        share += x->trust * (most - share);
        return fmax(SHARE_MIN, share - SHARE_STALE * staleness(x, pace) / wait);
}

/* Whether items wait that are older than age. */
static bool has_older(const Arrivals *a, const Step *s, double age) {
        return s->backlog > arrivals_within(a, s->t, age) + 0.5;
}

static void learn_trust(Share *x, const Arrivals *a, const Step *s, double share, double wait) {
        if (s->backlog <= 0)
                return;
        if (has_older(a, s, NEAR_LATE * wait))
                x->trust *= 1 - TRUST_LOSS;
        else if (has_older(a, s, fmax(0, share - TEST_BELOW) * wait))
                x->trust += (1 - x->trust) * fmin(1, s->dt / TRUST_SEC);
}

/* A count that stands still while items are done was not made anew. */
static void learn_staleness(Share *x, const Step *s, const Step *before) {
        if (!step_knows(s, SIGNAL_COMPLETED) || s->completed < STALE_ITEMS
                        || fmin(s->backlog, before->backlog) <= 0)
                return;
        double still = s->backlog == before->backlog ? STALE_MAX : 0;
        x->unchanged += STALE_GAIN * (still - x->unchanged);
}

void share_learn(Share *x, const Arrivals *a, const Step *s, const Step *before, double share,
                double wait) {
        if (s->dt <= 0 || !step_knows(s, SIGNAL_BACKLOG) || !step_knows(before, SIGNAL_BACKLOG))
                return;
        learn_trust(x, a, s, share, wait);
        learn_staleness(x, s, before);
}
