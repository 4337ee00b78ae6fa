/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "estimate.h"

#include <math.h>

/* What waits between two counts of it. A source that counts every few seconds says the same in
 * between, while the instances work: taken at its word, that would mean that as much arrives as is
 * done, and keep a fleet that has nothing left to do. So what waits is the last count, and what
 * is foretold to have come since, without what was done since.
 *
 * Never more than was reported: then a larger report means more or as much, however it compares
 * with the one before, and so never fewer instances. */

#define STALE_GAIN  0.05 /* of the last step */
#define STALE_ITEMS 4.0  /* done in a step: a count seldom stands still by chance */
#define STALE_FROM  0.2  /* of the steps */
#define STALE_MAX   0.95
#define STALE_LIMIT 2.0 /* times the usual age: a count that is older may be stuck, or true */

static bool is_stale(const Count *c) {
        return c->unchanged > STALE_FROM;
}

double count_age(const Count *c, double pace) {
        return is_stale(c) ? pace / (1 - c->unchanged) - pace : 0;
}

void count_estimate(Count *c, Step *s, double lambda, double pace) {
        c->reported = s->backlog;
        c->known = s->known & SIGNAL_BACKLOG;
        if (!step_knows(s, SIGNAL_BACKLOG | SIGNAL_COMPLETED) || !is_stale(c))
                return;
        double since = c->since + s->dt;
        if (since > STALE_LIMIT * (pace + count_age(c, pace)))
                return;
        double left = c->last + lambda * since - c->done - s->completed;
        if (s->backlog <= c->last)
                s->backlog = fmin(s->backlog, fmax(0, left));
}

void count_learn(Count *c, const Step *s) {
        if (s->dt <= 0 || !c->known)
                return;
        if (s->known & SIGNAL_COMPLETED && s->completed >= STALE_ITEMS
                        && fmin(c->reported, c->last) > 0) {
                double still = c->reported == c->last ? STALE_MAX : 0;
                c->unchanged += STALE_GAIN * (still - c->unchanged);
        }
        bool anew = c->reported != c->last;
        c->last = c->reported;
        c->since = anew ? 0 : c->since + s->dt;
        c->done = anew ? 0 : c->done + s->completed;
}
