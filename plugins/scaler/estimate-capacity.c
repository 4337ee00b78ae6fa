/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "estimate.h"

#include <math.h>

/* mu, items/s of one instance = items done / instance-seconds, over the steps in which work was
 * waiting throughout, so that no instance was idle. A plain maximum would be biased upwards and
 * would never notice that instances became slower. Until there are such steps: the same sums over
 * all steps, each instance-second weighted by the busy share. */

#define MEMORY_SEC      10.0  /* the sums forget at the pace of time ... */
#define MEMORY_ITEMS    300.0 /* ... or of items, whichever is slower */
#define ENOUGH_ITEMS    20.0  /* relative error of a rate from N items is 1/sqrt(N) */
#define HINT_MAX        1e9
#define FEW_ITEMS       5.0
#define RECENT_SEC      2.0
#define RECENT_VARIANCE 0.0025 /* of instances that differ */
#define CHANGE_SD       4.0
#define SLOPE_MIN_SEC   2.0 /* of a run, for its slope to count */

/* A release that is slower, a counter that jumped: when the last two seconds contradict mu, only
 * they count. */
static void notice_change(Capacity *c, const Step *s, double time) {
        double keep = exp(-s->dt / RECENT_SEC);

        c->recent_items = c->recent_items * keep + s->completed;
        c->recent_time = c->recent_time * keep + time;
        double expected = c->mu * c->recent_time;
        if (c->mu <= 0 || fmax(expected, c->recent_items) < ENOUGH_ITEMS)
                return;
        double sd = sqrt(1 / fmax(1, fmin(expected, c->recent_items)) + RECENT_VARIANCE);
        if (fabs(log(fmax(1, c->recent_items) / expected)) < CHANGE_SD * sd)
                return;
        c->saturated_items = c->recent_items;
        c->saturated_time = c->recent_time;
        c->busy_items = c->busy_time = 0;
        c->mu = c->recent_items / c->recent_time;
}

static void learn_from_items(Capacity *c, const Step *s, const Step *before) {
        if (!(s->known & SIGNAL_COMPLETED) || s->running == 0 || !step_count_is_steady(s, before))
                return;

        double time = step_service_time(s, before);
        double memory = exp(-fmin(s->dt / MEMORY_SEC, s->completed / MEMORY_ITEMS));
        if (step_is_saturated(s, before)) {
                c->saturated_items = c->saturated_items * memory + s->completed;
                c->saturated_time = c->saturated_time * memory + time;
                notice_change(c, s, time);
        } else {
                double fade = exp(-s->dt / 1000);
                c->saturated_items *= fade;
                c->saturated_time *= fade;
                c->recent_items = c->recent_time = 0;
        }
        if (s->known & SIGNAL_BUSY && s->busy > 0.05) {
                c->busy_items = c->busy_items * memory + s->completed;
                c->busy_time = c->busy_time * memory + time * s->busy;
        }
}

/* Backlog alone: with B items waiting dB/dt = lambda - mu n, so that a change of n by dn changes
 * the slope of B by -mu dn, as long as lambda is about the same before and after. */
static void learn_from_slope(Capacity *c, const Step *s) {
        bool run = s->known & SIGNAL_BACKLOG && s->backlog > 0 && s->running > 0;

        if (run && c->slope_count == s->running)
                return;
        double length = s->t - c->slope_from;
        if (c->slope_count > 0 && length >= SLOPE_MIN_SEC && s->known & SIGNAL_BACKLOG) {
                double slope = (s->backlog - c->slope_backlog) / length;
                double change = c->slope_count - c->slope_before_count;
                if (c->slope_before_count > 0 && change != 0) {
                        double mu = (c->slope_before - slope) / change;
                        if (mu > 0)
                                c->mu = c->mu > 0 ? c->mu + 0.5 * (mu - c->mu) : mu;
                }
                c->slope_before = slope;
                c->slope_before_count = c->slope_count;
        }
        if (!run)
                c->slope_before_count = 0;
        c->slope_count = run ? s->running : 0;
        c->slope_from = s->t;
        c->slope_backlog = s->backlog;
}

void capacity_learn(Capacity *c, const Step *s, const Step *before, double hint) {
        if (s->dt <= 0)
                return;
        learn_from_items(c, s, before);

        if (c->saturated_items >= ENOUGH_ITEMS)
                c->mu = c->saturated_items / c->saturated_time;
        else if (c->busy_time > 0
                        && (c->busy_items >= FEW_ITEMS || (c->mu <= 0 && c->busy_items > 0)))
                c->mu = c->busy_items / c->busy_time;
        else if (!(s->known & SIGNAL_BUSY) && c->saturated_time > 0
                        && c->saturated_items >= FEW_ITEMS)
                c->mu = c->saturated_items / c->saturated_time;
        else if (!(s->known & SIGNAL_COMPLETED))
                learn_from_slope(c, s);

        if (c->mu <= 0)
                c->mu = hint > 0 && hint < HINT_MAX ? hint : 0;
}
