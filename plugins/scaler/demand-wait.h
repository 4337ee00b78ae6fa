/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "deadline.h"
#include "demand.h"
#include "saturation.h"
#include "shadow.h"
#include "share.h"

/* The demand of the target wait: as few instances as keep every item from waiting for longer. Knows
 * all that is learned of the queue and of those that serve it. */

typedef struct Queue {
        Capacity capacity;
        Delay delay;
        Count count;
        Arrivals arrivals;
        Saturation saturation;
        Share share;
        double pace;          /* s between steps, smoothed */
        double idle;          /* instance-seconds without work since the count last changed */
        double waiting_since; /* s: while mu is unknown, since when work waits; negative: none */
        double shadows_at;    /* s: when the shadows ran last ... */
        double shadows_total; /* ... and the items that had arrived by then */
        Shadows shadows;      /* last: these pages stay untouched where starts are quick */
} Queue;

void queue_init(Queue *q);

/* s, the resolution of the arrivals, and of decisions while there is work. */
double slot_length(double wait);

/* Learns what a decision may use. A step without a backlog may get one, by the oldest item. */
void queue_learn(Queue *q, Step *s, const Step *before, double wait);

/* Learns what the next decisions may use, and what was decided now: a decision never depends on how
 * the capacity looks by the backlog at hand, so that more of it never means fewer instances. */
void queue_learn_after(Queue *q, const Step *s, const Step *before, unsigned desired, double hint,
                double wait);

/* Returns false without a backlog. */
bool demand_wait(Queue *q, const Policy *p, const Step *s, double wait, Demand *ret);
