/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "demand.h"

#include <math.h>

/* kube-controller-manager(8): --horizontal-pod-autoscaler-tolerance and
 * --horizontal-pod-autoscaler-downscale-stabilization */
#define UTILIZATION_TOLERANCE 0.1
#define UTILIZATION_KEEP_SEC  300.0

#define THROUGHPUT_SLACK   1.1 /* a stop leaves that much room */
#define BUSY_TARGET        0.75
#define BUSY_FULL          0.95
#define BUSY_FULL_GROWTH   1.5 /* all are busy: how much more is wanted can't be seen */
#define BLIND_TARGET       0.8 /* of the best throughput an instance has shown */
#define BEST_HALF_LIFE_SEC 3600.0

static double smooth(bool known, double before, double value, double dt, double memory) {
        return known ? before + (value - before) * -expm1(-dt / memory) : value;
}

/* wanted = ceil(running * max ratio), no change within +-10 %. Those that are starting use nothing
 * as yet: a scale-up counts them as if they did, as Kubernetes does with pods that aren't ready. */
bool demand_utilization(const Policy *p, Demands *d, const Step *s, Demand *ret) {
        double ratio = -1;
        Reason reason = REASON_CPU;

        if (s->known & SIGNAL_CPU && p->target_cpu > 0)
                ratio = s->cpu / p->target_cpu;
        if (s->known & SIGNAL_MEMORY && p->target_memory > 0
                        && s->memory / p->target_memory > ratio) {
                ratio = s->memory / p->target_memory;
                reason = REASON_MEMORY;
        }
        if (!(ratio >= 0) || s->running == 0)
                return false;

        double total = step_total(s), wanted = ceil(s->running * ratio - 1e-9);
        double damped = ratio > 1 ? ratio * s->running / total : ratio;
        if (fabs(damped - 1) <= UTILIZATION_TOLERANCE || (ratio > 1) != (damped > 1))
                wanted = total;
        max_window_add(&d->utilization, s->t, wanted, UTILIZATION_KEEP_SEC);
        *ret = (Demand){
                .up = wanted,
                .down = max_window_get(&d->utilization),
                .reason = reason,
        };
        return true;
}

bool demand_throughput(const Policy *p, const Arrivals *a, Demand *ret) {
        if (!(p->target_throughput > 0) || !a->known)
                return false;
        double need = a->lambda / p->target_throughput;
        *ret = (Demand){
                .up = ceil(need - 1e-6),
                .down = ceil(THROUGHPUT_SLACK * need - 1e-6),
                .hold = HOLD_BLIND_SEC,
                .reason = REASON_THROUGHPUT,
        };
        return true;
}

/* Busy instances / 0.75; when all are busy, half as many again, since what waits is unseen. */
static void by_busy(Demands *d, const Step *s, double wait, Demand *ret) {
        d->busy = smooth(d->busy_known, d->busy, s->busy * s->running, s->dt, wait / 2);
        d->busy_known = true;
        ret->up = d->busy / BUSY_TARGET;
        if (s->busy > BUSY_FULL && d->busy > BUSY_FULL * s->running)
                ret->up = fmax(ret->up, BUSY_FULL_GROWTH * s->running);
}

/* Throughput / (0.8 of the best that an instance has shown): grows as long as more instances bring
 * more throughput, and stops where they don't. A fleet that is too large can't be told from one
 * that is just right. */
static void by_items(Demands *d, const Step *s, double wait, Demand *ret) {
        d->rate = smooth(d->rate_known, d->rate, s->completed / s->dt, s->dt, wait / 2);
        d->rate_known = true;
        if (s->running > 0)
                d->best = fmax(d->rate / s->running, d->best * exp2(-s->dt / BEST_HALF_LIFE_SEC));
        ret->up = d->best > 0 ? d->rate / (BLIND_TARGET * d->best) : 0;
}

bool demand_blind(Demands *d, const Step *s, double wait, Demand *ret) {
        Demand demand = { .hold = HOLD_BLIND_SEC, .reason = REASON_THROUGHPUT };

        if (s->known & SIGNAL_BUSY && s->running > 0)
                by_busy(d, s, wait, &demand);
        else if (s->known & SIGNAL_COMPLETED && s->dt > 0)
                by_items(d, s, wait, &demand);
        else
                return false;
        demand.up = demand.down = ceil(demand.up - 1e-3);
        *ret = demand;
        return true;
}
