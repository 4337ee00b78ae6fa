/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "estimate.h"
#include "window.h"

/* What each target asked for demands, in instances. The highest demand wins. The wait has files of
 * its own (deadline.h, shadow.h); here are the others, which look at the present only. */

#define HOLD_BLIND_SEC 60.0 /* where what is needed is a guess */

typedef struct Demand {
        double up;    /* fewer than these are to become these */
        double down;  /* more than these may become these; >= up */
        double hold;  /* s, how long what was needed is kept */
        double price; /* instance-seconds that a start is worth, for gaps.h; 0: no more than hold */
        Reason reason;
} Demand;

/* What the demands remember. */
typedef struct Demands {
        MaxWindow utilization; /* recommendations by CPU and memory */
        double busy;           /* busy instances, smoothed; valid if busy_known */
        bool busy_known;
        double rate; /* items/s, smoothed; valid if rate_known */
        bool rate_known;
        double best; /* items/s of one instance, the most that was seen of late */
} Demands;

/* Each returns false when it has nothing to say, and then leaves *ret alone. */

/* CPU and memory as a HorizontalPodAutoscaler means them. */
bool demand_utilization(const Policy *p, Demands *d, const Step *s, Demand *ret);

/* Enough instances for the rate, if each does what it is meant to do. */
bool demand_throughput(const Policy *p, const Arrivals *a, Demand *ret);

/* Where the backlog is unknown: by the busy share; else by throughput alone. */
bool demand_blind(Demands *d, const Step *s, double wait, Demand *ret);
