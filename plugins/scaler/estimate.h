/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "step.h"

/* What the engine learns: the capacity mu of one instance, the start-up delay d, the arrivals and
 * their rate lambda. Each estimator is a plain structure, zeroed at birth, that takes steps of any
 * length. Units: seconds, items, items/s. */

/* --- capacity (estimate-capacity.c) --- */

typedef struct Capacity {
        double mu; /* items/s of one instance; 0: unknown */
        /* sums over the recent past: items, and the instance-seconds they took */
        double saturated_items, saturated_time; /* while work was waiting */
        double busy_items, busy_time;           /* weighted by the busy share */
        double recent_items, recent_time;       /* the last seconds with work waiting */
        /* backlog alone: the slope of the backlog while the count is constant */
        double slope_from, slope_backlog; /* begin of the present run */
        double slope_before;              /* slope of the run before, items/s */
        double slope_before_count;        /* its count; 0: none */
        double slope_count;               /* count of the present run; 0: none */
} Capacity;

/* hint: capacity told by the administrator, 0 if not; used until more is known. */
void capacity_learn(Capacity *c, const Step *s, const Step *before, double hint);

/* --- start-up delay (estimate-delay.c) --- */

enum { DELAY_BATCHES = 16 };

typedef struct Delay {
        double mean; /* s, from asking for an instance to its serving */
        unsigned seen;
        unsigned n; /* batches, oldest first */
        struct {
                double asked; /* when */
                unsigned count;
        } batch[DELAY_BATCHES];
} Delay;

/* Learns from those that have become ready, and drops what is no longer under way. */
void delay_learn(Delay *d, const Step *s, const Step *before);

/* Notes that from now on desired instances are asked for. */
void delay_ask(Delay *d, const Step *s, unsigned desired);

/* Instance-seconds that those under way will have served within h s from now. */
double delay_capacity(const Delay *d, const Step *s, double h);

/* --- what waits between two counts of it (estimate-backlog.c) --- */

typedef struct Count {
        bool known;       /* in this step */
        double reported;  /* in this step */
        double last;      /* in the step before */
        double since;     /* s since the report changed ... */
        double done;      /* ... and the items done since then */
        double unchanged; /* share of steps in which it stood still while work was done */
} Count;

/* Puts into s what probably waits, where the report is an old one. lambda: items/s that arrive;
 * pace: s between two steps. */
void count_estimate(Count *c, Step *s, double lambda, double pace);

/* At the end of the step. */
void count_learn(Count *c, const Step *s);

/* How old a report may be, s beyond one step. */
double count_age(const Count *c, double pace);

/* --- arrivals (estimate-arrivals.c) --- */

enum {
        SLOTS = 128,
        WINDOWS = 7,             /* means over the last 2, 4, ... 128 slots */
        FORECASTS = WINDOWS + 1, /* and the longest that agrees with all shorter ones */
        FORECASTS_DUE = 32,
};

typedef struct Arrivals {
        /* the recent past in slots, a ring */
        float slot_time[SLOTS];
        float slot_items[SLOTS];
        unsigned head; /* next to be written */
        unsigned n;
        double open_time, open_items; /* the slot that is being filled */
        double total;                 /* items since birth */
        double owed;                  /* items taken by instances, not done yet, or noise */
        double dispersion;            /* variance / mean of the counts; Poisson: 1 */
        double found, found_at;       /* items that no arrival explains, when they showed up */
        /* forecasters, scored by how well they foretold */
        float forecast[FORECASTS]; /* items/s */
        float error[FORECASTS];
        unsigned best;
        unsigned due_head, due_n, due_skip;
        struct {
                double t, total;
                float forecast[FORECASTS];
        } due[FORECASTS_DUE];
        double lambda; /* items/s */
        bool known;    /* lambda is */
} Arrivals;

/* slot: s, the resolution; span: s, how far ahead lambda is to be right. */
void arrivals_learn(Arrivals *a, const Step *s, const Step *before, double mu, double slot,
                double span);

/* Items that came in within the last `age` seconds. */
double arrivals_within(const Arrivals *a, double now, double age);

/* Upward trend, items/s^2; 0 unless it is significant over h s. */
double arrivals_trend(const Arrivals *a, double slot, double h);

/* Items/s that the recent past vouches for: at most z standard deviations above the mean of each
 * window; at least, within that, z standard deviations below the mean of some window. */
double arrivals_at_most(const Arrivals *a, double slot, double z);
double arrivals_at_least(const Arrivals *a, double slot, double z);
