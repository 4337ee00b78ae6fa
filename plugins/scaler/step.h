/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "policy.h"

/* Observations made safe: what is not a number, negative or impossible is taken for unknown, and
 * time becomes a clock of our own in seconds that never goes back. Owns nothing, allocates nothing;
 * everything behind it may trust a Step. Units: seconds, items, items/s. */

typedef struct Step {
        double t;  /* s on the clock of this state */
        double dt; /* s since the step before; 0: no time went by */
        unsigned known;
        unsigned running;
        unsigned starting;
        double backlog;
        double completed; /* in dt */
        double arrived;   /* in dt */
        double oldest;
        double busy;
        double cpu;
        double memory;
} Step;

/* A count is believed once it has been seen at its size: a counter that resets or jumps is no
 * rate. */
typedef struct Plausible {
        double usual;    /* highest rate of late, items/s */
        unsigned streak; /* implausible ones in a row */
} Plausible;

typedef struct Observer {
        bool seen;
        usec_t last;
        double clock;
        Step before;
        double completed_carry; /* counts of steps in which no time went by */
        double arrived_carry;
        unsigned carry_known;
        Plausible completed; /* of one instance */
        Plausible arrived;
        double inside; /* items inside, as counted from arrived and completed */
} Observer;

/* Turns an observation into a step. */
void observer_step(Observer *r, const Observation *o, Step *ret);

/* To be called at the end of each step: remembers it. */
void observer_remember(Observer *r, const Step *step);

static inline bool step_knows(const Step *s, unsigned signals) {
        return (s->known & signals) == signals;
}

static inline double step_total(const Step *s) {
        return (double) s->running + s->starting;
}

/* Items in the hands of the instances, as far as it is known. */
static inline double step_in_service(const Step *s) {
        return s->known & SIGNAL_BUSY ? s->busy * s->running : 0;
}

/* Whether work was waiting all the time, so that no instance was idle. */
bool step_is_saturated(const Step *s, const Step *before);

/* Whether the count changed so little that its mean over the step is known well enough. */
bool step_count_is_steady(const Step *s, const Step *before);

/* Instance-seconds of service in the step. */
static inline double step_service_time(const Step *s, const Step *before) {
        return s->dt * ((double) s->running + before->running) / 2;
}
