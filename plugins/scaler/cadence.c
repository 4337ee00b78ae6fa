/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cadence.h"

/* A burst of reports leads to one decision in so long. */
#define INTERVAL_MIN (50 * USEC_PER_MSEC)

/* Intervals that are longer are too long for the beginning of work. */
#define INTERVAL_AWAKE (5 * USEC_PER_SEC)

usec_t cadence_plan(Cadence *c, usec_t now, usec_t delay) {
        usec_t at = now + delay;

        if (c->decided_at > 0 && at < c->decided_at + INTERVAL_MIN)
                at = c->decided_at + INTERVAL_MIN;
        if (c->planned_at > 0 && c->planned_at <= at)
                return 0;
        c->planned_at = at;
        return at;
}

void cadence_decided(Cadence *c, usec_t now, usec_t again, bool worked) {
        c->decided_at = now;
        c->rests = !worked && again > INTERVAL_AWAKE;
}

bool cadence_wakes(const Cadence *c) {
        return c->rests;
}
