/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy.h"

#include <math.h>
#include <sys/mman.h>

#include "demand-wait.h"
#include "demand.h"
#include "gaps.h"
#include "window.h"

/* The decision: an observation becomes a step (step.h), is learned from (estimate.h, saturation.h),
 * each target asked for states a demand (demand-wait.h, demand.h), the highest wins, and what is no
 * longer needed is kept for about as long as a start takes. */

#define WAIT_DEFAULT_SEC 10.0 /* where nothing was asked for */
#define DELAY_MAX        (3600 * USEC_PER_SEC)
#define CAPACITY_MAX     1e9
#define AGAIN_IDLE       (10 * USEC_PER_SEC)
#define AGAIN_MIN        (10 * USEC_PER_MSEC)

struct PolicyState {
        Observer observer;
        Demands demands;
        MaxWindow needed; /* counts that were needed */
        Gaps gaps;
        Queue queue; /* last, see there */
};

/* Pages of its own: calloc() touches all of what it has cleared. */
PolicyState *policy_state_new(void) {
        PolicyState *s = mmap(NULL, sizeof(PolicyState), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (s == MAP_FAILED)
                return NULL;
        queue_init(&s->queue);
        return s;
}

PolicyState *policy_state_free(PolicyState *s) {
        if (s)
                (void) munmap(s, sizeof(PolicyState));
        return NULL;
}

static double seconds(usec_t usec) {
        return (double) usec / USEC_PER_SEC;
}

static usec_t start_delay(const PolicyState *s) {
        return s->queue.delay.seen > 0 ? (usec_t) (s->queue.delay.mean * USEC_PER_SEC) : 0;
}

void policy_state_remember(const PolicyState *s, PolicyMemory *ret) {
        *ret = (PolicyMemory){
                .mu = s->queue.capacity.mu,
                .start_delay = start_delay(s),
        };
}

void policy_state_recall(PolicyState *s, const PolicyMemory *m) {
        if (m->mu > 0 && m->mu < CAPACITY_MAX)
                s->queue.capacity.mu = m->mu;
        if (m->start_delay > 0 && m->start_delay < DELAY_MAX) {
                s->queue.delay.mean = seconds(m->start_delay);
                s->queue.delay.seen = 1;
        }
}

/* Adds a demand to those before: the highest wins, and what any of them needs is kept. */
static void join(Demand *all, const Demand *d) {
        if (d->up > all->up || all->reason == REASON_NO_SIGNAL) {
                all->up = fmax(all->up, d->up);
                all->reason = d->reason;
        }
        all->down = fmax(all->down, fmax(d->up, d->down));
        all->hold = fmax(all->hold, d->hold);
        all->price = fmax(all->price, d->price);
}

/* In the order in which they are asked: the wait, if it is wanted or nothing else is; where there
 * is no backlog, busy share or throughput instead; the others beside it. */
static Demand demand(const Policy *p, PolicyState *s, const Step *step, double wait) {
        Demand all = { .reason = REASON_NO_SIGNAL }, d;
        bool others = p->target_cpu > 0 || p->target_memory > 0 || p->target_throughput > 0;

        if (p->target_wait > 0 || !others)
                if (demand_wait(&s->queue, p, step, wait, &d)
                                || demand_blind(&s->demands, step, wait, &d))
                        join(&all, &d);
        if (demand_throughput(p, &s->queue.arrivals, &d))
                join(&all, &d);
        if (demand_utilization(p, &s->demands, step, &d))
                join(&all, &d);
        return all;
}

static double clamp_count(const Policy *p, double n) {
        return fmax(p->min_replicas, fmin(fmax(p->min_replicas, p->max_replicas), n));
}

/* Why the count stays. */
static Reason reason_to_stay(const Policy *p, const Demand *d, double total, double down) {
        if (d->up > p->max_replicas)
                return REASON_MAXIMUM;
        if (down < total)
                return REASON_HOLD;
        if (d->reason == REASON_LEARNING || d->reason == REASON_SATURATED)
                return d->reason;
        return total <= p->min_replicas ? REASON_MINIMUM : REASON_STEADY;
}

/* What is kept where only `down` are needed: what was needed a moment ago, and what will probably
 * be needed soon. What is learned in this step counts from the next one on, so that more work never
 * means that less is kept. */
static double keep(
                const Policy *p, PolicyState *s, const Step *step, const Demand *d, double down) {
        double total = step_total(step), limit = seconds(p->scale_down_after);
        double hold = fmin(d->hold, limit);

        if (!s->observer.seen) /* what ran before us was needed, as far as we know */
                max_window_add(&s->needed, step->t, total, hold);
        max_window_add(&s->needed, step->t, down, hold);
        double kept = fmax(down, max_window_get(&s->needed));
        if (d->price > 0) {
                kept = fmax(kept, gaps_keep(&s->gaps, step->t, down, total, p->max_replicas,
                                                  d->price, limit));
                gaps_learn(&s->gaps, step->t, down, p->max_replicas, d->price);
        }
        return kept;
}

/* Starts what is missing at once; stops what nothing has needed for a while. */
static double choose(const Policy *p, PolicyState *s, const Step *step, const Demand *d,
                Reason *ret_reason) {
        double total = step_total(step), up = clamp_count(p, d->up), down = clamp_count(p, d->down);

        if (d->reason == REASON_NO_SIGNAL) {
                *ret_reason = REASON_NO_SIGNAL;
                return clamp_count(p, total);
        }
        double kept = keep(p, s, step, d, down);

        if (total < p->min_replicas && up <= p->min_replicas) {
                *ret_reason = REASON_MINIMUM;
                return p->min_replicas;
        }
        if (up > total) {
                *ret_reason = d->reason;
                return up;
        }
        if (kept < total || clamp_count(p, total) < total) {
                *ret_reason = REASON_UNNEEDED;
                return clamp_count(p, fmin(kept, total));
        }
        *ret_reason = reason_to_stay(p, d, total, down);
        return total;
}

/* Time itself matters while something is waited for: items, starts, or the end of a hold. */
static usec_t again(const Step *step, const Decision *d, double wait) {
        bool quiet = step_total(step) == d->desired && step->starting == 0 && step->backlog <= 0
                     && d->lambda <= 0 && d->reason != REASON_HOLD;
        usec_t slot = (usec_t) (slot_length(wait) * USEC_PER_SEC);
        return quiet ? AGAIN_IDLE : slot > AGAIN_MIN ? slot : AGAIN_MIN;
}

void policy_decide(const Policy *p, PolicyState *s, const Observation *o, Decision *ret) {
        double wait = p->target_wait > 0 && p->target_wait != USEC_INFINITY
                                      ? seconds(p->target_wait)
                                      : WAIT_DEFAULT_SEC;
        const Step *before = &s->observer.before;
        Queue *q = &s->queue;
        Reason reason;
        Step step;

        observer_step(&s->observer, o, &step);
        queue_learn(q, &step, before, wait);
        Demand d = demand(p, s, &step, wait);
        unsigned desired = (unsigned) choose(p, s, &step, &d, &reason);
        *ret = (Decision){
                .desired = desired,
                .reason = reason,
                .lambda = q->arrivals.known ? q->arrivals.lambda : -1,
                .mu = q->capacity.mu,
                .start_delay = start_delay(s),
        };
        ret->again = again(&step, ret, wait);
        queue_learn_after(q, &step, before, desired, p->target_throughput, wait);
        observer_remember(&s->observer, &step);
}

const char *reason_to_string(Reason r) {
        static const char *const names[_REASON_MAX] = {
                [REASON_STEADY] = "steady",
                [REASON_MINIMUM] = "minimum",
                [REASON_MAXIMUM] = "maximum",
                [REASON_BACKLOG] = "backlog",
                [REASON_THROUGHPUT] = "throughput",
                [REASON_CPU] = "cpu",
                [REASON_MEMORY] = "memory",
                [REASON_LEARNING] = "learning",
                [REASON_HOLD] = "hold",
                [REASON_UNNEEDED] = "unneeded",
                [REASON_SATURATED] = "saturated",
                [REASON_NO_SIGNAL] = "no-signal",
        };
        return r >= 0 && r < _REASON_MAX ? names[r] : "unknown";
}
