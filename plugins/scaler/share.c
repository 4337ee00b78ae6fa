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

/* Each item may be older than it seems by the age of a count, of which so much is taken off. */
#define SHARE_STALE 0.85

void share_init(Share *x) {
        x->trust = TRUST_FIRST;
}

double share_get(const Share *x, double h, double age, double wait) {
        double most = SHARE_TOP - TOP_LAG * h / wait;
        double share = fmin(most, SHARE_FROM - SHARE_LAG * h / wait);
        share += x->trust * (most - share);
        return fmax(SHARE_MIN, share - SHARE_STALE * age / wait);
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

void share_learn(Share *x, const Arrivals *a, const Step *s, const Step *before, double share,
                double wait) {
        if (s->dt <= 0 || !step_knows(s, SIGNAL_BACKLOG) || !step_knows(before, SIGNAL_BACKLOG))
                return;
        learn_trust(x, a, s, share, wait);
}
