/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "demand-wait.h"

#include <math.h>

/* Shares are of the target wait W. h = d + the time between two looks: when an answer takes effect.
 * How the numbers were found: tests/bench/README.md. */

/* A start has to keep the deadlines: all that is known and foretold starts within a share of W, see
 * share.h. */
#define LOOK_START 0.03
#define RUSH_START 0.06 /* a shortfall is made good within that or longer */
/* What the arrivals vouch for is looked at further ahead, so that a burst is met early with few
 * instances instead of late with many. */
#define LOOK_SURE 0.7
#define RUSH_SURE 0.6
#define SURE_SD   4.3
/* How many, once a start is necessary: no more than are of use for a while. */
#define SIZE_SHARE 1.1 /* of the share above */
#define SIZE_LIMIT 0.93
#define LOOK_SIZE  1.2
#define RUSH_SIZE  1.25 /* of W - h: what is left when new ones serve */
/* A stop needs a queue in sight that is all but empty, whatever the noise of arrivals and services
 * adds, and leaves enough for the rate. */
#define SHARE_STOP 0.1
#define STOP_SD    0.95
#define LOOK_STOP  0.9
#define RUSH_STOP  0.2
#define LOOK_NOW   0.8
#define QUIET_SD   3.8
#define ROUND_DOWN 0.75 /* of an instance that may be missing for the rate */
/* Idle time that is worth a stop, and a start later: s, and s for each instance. */
#define IDLE_STOP  6.0
#define IDLE_EACH  1.3
#define IDLE_EMPTY 0.15 /* share that is idle at least where nothing waits */
/* Instance-seconds that a start is worth: it takes d, warms up, and disturbs the others. */
#define PRICE_SEC    15.0
#define PRICE_DELAYS 3.0
#define HOLD_SEC     0.8  /* an unneeded instance is kept for that ... */
#define HOLD_DELAYS  0.15 /* ... and a share of d */

#define SLOW            1.2 /* of W: starts that take longer call for headroom */
#define DELAY_PRIOR_SEC 1.0
#define IDLE_RATE       0.02 /* of mu: a rate below it is none */
#define WORK_MIN        0.5  /* items in hand that count as work */
#define GROWTH_UNKNOWN  1.5
#define PACE_GAIN       0.2
#define PACE_MAX_SEC    30.0

void queue_init(Queue *q) {
        q->delay.mean = DELAY_PRIOR_SEC;
        q->arrivals.dispersion = 1;
        q->arrivals.best = FORECASTS - 1;
        q->waiting_since = -1;
        share_init(&q->share);
}

/* W/8 within 0.1 and 1 s, coarser only where the slots would not reach back to items that have
 * waited for W. */
double slot_length(double wait) {
        return fmax(fmin(1, fmax(0.1, wait / 8)), wait / (0.75 * SLOTS));
}

static double horizon(const Queue *q) {
        return q->delay.mean + q->pace;
}

static double start_share(const Queue *q, double wait) {
        return share_get(&q->share, horizon(q), count_age(&q->count, q->pace), wait);
}

/* Idle time since the count last changed. Where neither the busy share nor the throughput shows
 * any, an empty queue is taken for a sign of some. */
static void count_idle(Queue *q, const Step *s, const Step *before) {
        double share = 0;

        if (step_total(s) != step_total(before))
                q->idle = 0;
        if (s->dt <= 0 || s->running == 0 || step_is_saturated(s, before))
                return;
        if (s->known & SIGNAL_BUSY)
                share = 1 - s->busy;
        if (s->known & SIGNAL_COMPLETED && q->capacity.mu > 0)
                share = fmax(share, 1 - s->completed / (q->capacity.mu * s->running * s->dt));
        if (s->backlog <= 0 && before->backlog <= 0)
                share = fmax(share, IDLE_EMPTY);
        q->idle += s->dt * s->running * share;
}

void queue_learn(Queue *q, Step *s, const Step *before, double wait) {
        if (s->dt > 0)
                q->pace += (q->pace > 0 ? PACE_GAIN : 1) * (fmin(s->dt, PACE_MAX_SEC) - q->pace);
        count_estimate(&q->count, s, q->arrivals.lambda, q->pace);
        delay_learn(&q->delay, s, before);
        arrivals_learn(&q->arrivals, s, before, q->capacity.mu, slot_length(wait),
                        horizon(q) + wait / 2);
        if (s->known & SIGNAL_OLDEST && !(s->known & SIGNAL_BACKLOG)) { /* Little's law */
                s->backlog = s->oldest > 0 ? fmax(1, q->arrivals.lambda * s->oldest) : 0;
                s->known |= SIGNAL_BACKLOG;
        }
        count_idle(q, s, before);
}

void queue_learn_after(Queue *q, const Step *s, const Step *before, unsigned desired, double hint,
                double wait) {
        share_learn(&q->share, &q->arrivals, s, before, start_share(q, wait), wait);
        count_learn(&q->count, s);
        delay_ask(&q->delay, s, desired);
        saturation_learn(&q->saturation, s, before, q->capacity.mu);
        capacity_learn(&q->capacity, s, before, hint);
}

/* The least count, from h on, for a rate. */
static double need_from(const Queue *q, const Step *s, const Load *l, double rate, double v,
                double look, double rush) {
        double h = horizon(q);
        double able = l->mu * (s->running * h + delay_capacity(&q->delay, s, h));
        Load load = *l;

        load.lambda = rate;
        return deadline_need(&load, v, look, h, fmin(l->backlog + rate * h, able), rush);
}

static double need_start(const Queue *q, const Step *s, const Load *l, double wait) {
        double share = start_share(q, wait);
        double sure = arrivals_at_least(&q->arrivals, slot_length(wait), SURE_SD);

        double known = need_from(
                        q, s, l, l->lambda, share * wait, LOOK_START * wait, RUSH_START * wait);
        double early = need_from(q, s, l, sure, share * wait, LOOK_SURE * wait, RUSH_SURE * wait);
        double need = fmax(known, early), total = step_total(s);
        if (need <= total)
                return need;
        double size = need_from(q, s, l, l->lambda, fmin(SIZE_LIMIT, SIZE_SHARE * share) * wait,
                        LOOK_SIZE * wait, fmax(RUSH_START * wait, RUSH_SIZE * (wait - horizon(q))));
        return fmax(total + 1, fmin(need, fmax(size, early)));
}

static double need_stop(const Queue *q, const Step *s, const Load *l, double wait) {
        double share = start_share(q, wait), total = step_total(s);
        double quiet = arrivals_at_most(&q->arrivals, slot_length(wait), QUIET_SD);

        quiet = fmin(quiet, l->lambda);
        Load noisy = *l; /* a random walk: arrivals, and as many services */
        noisy.noise = STOP_SD * sqrt((q->arrivals.dispersion + 1) * quiet);
        double calm = need_from(
                        q, s, &noisy, quiet, SHARE_STOP * wait, LOOK_STOP * wait, RUSH_STOP * wait);
        double need = ceil(fmax(calm, quiet / l->mu - ROUND_DOWN) - 1e-6);
        /* ski rental: idle time that has cost as much as a start is the time to stop one */
        if (q->idle > IDLE_STOP + IDLE_EACH * total)
                need = fmin(need, total - 1);
        /* a stop acts at once: the rest has to keep the deadlines from now on */
        double now = deadline_need(l, share * wait, LOOK_NOW * wait, 0, 0, RUSH_STOP * wait);
        return fmax(need, ceil(now - 1e-6));
}

/* Starts that are quick: the least count that keeps the deadlines. */
static void need_quick(const Queue *q, const Step *s, const Load *l, double wait, Demand *ret) {
        ret->up = ceil(need_start(q, s, l, wait) - 1e-6);
        ret->down = fmax(ret->up, need_stop(q, s, l, wait));
        ret->hold = HOLD_SEC + HOLD_DELAYS * q->delay.mean;
        ret->price = PRICE_SEC + PRICE_DELAYS * q->delay.mean;
}

static void run_shadows(Queue *q, const Policy *p, const Step *s, const SlowLoad *l) {
        const Arrivals *a = &q->arrivals;
        double dt = s->t - q->shadows_at;

        if (dt < 0.99 * slot_length(l->wait))
                return;
        shadows_step(&q->shadows, l,
                        &(ShadowStep){
                                        .t = s->t,
                                        .dt = dt,
                                        .total = a->total,
                                        .late = a->total - arrivals_within(a, s->t, l->wait),
                                        .late_before
                                        = a->total - arrivals_within(a, s->t, l->wait + dt),
                                        .items = a->total - q->shadows_total,
                                        .waiting = s->backlog,
                                        .count = (unsigned) step_total(s),
                                        .min = p->min_replicas > 1 ? p->min_replicas : 1,
                                        .max = p->max_replicas,
                        });
        q->shadows_at = s->t;
        q->shadows_total = a->total;
}

/* Starts that are slow: headroom, as much as has paid so far. */
static void need_slow(
                Queue *q, const Policy *p, const Step *s, const Load *l, double wait, Demand *ret) {
        double h = horizon(q);
        SlowLoad slow = {
                .wait = wait,
                .lambda = l->lambda + arrivals_trend(&q->arrivals, slot_length(wait), h) * h,
                .mu = l->mu,
                .delay = q->delay.mean,
                .horizon = h,
        };
        SlowRule rule = shadows_best(&q->shadows, &slow);
        double capacity = s->running * h + delay_capacity(&q->delay, s, h);

        ret->up = ret->down = ceil(slow_need(&rule, &slow, l->backlog, capacity) - 1e-6);
        ret->hold = rule.hold;
        run_shadows(q, p, s, &slow);
}

/* As long as mu is unknown: one instance for the first items, more when work goes on waiting, one
 * less now and then when none waits. */
static void need_unknown(Queue *q, const Step *s, double wait, Demand *ret) {
        double total = step_total(s);

        *ret = (Demand){ .reason = REASON_LEARNING, .hold = HOLD_BLIND_SEC };
        if (s->backlog <= 0) {
                bool idle = q->arrivals.lambda <= 0 && q->arrivals.owed < WORK_MIN
                            && step_in_service(s) < WORK_MIN;
                q->waiting_since = -1;
                ret->down = idle ? 0 : fmax(1, total - 1);
                return;
        }
        ret->up = fmax(1, total);
        if (q->waiting_since < 0)
                q->waiting_since = s->t;
        else if (s->t - q->waiting_since >= fmax(horizon(q), wait / 2)) {
                q->waiting_since = s->t;
                ret->up = ceil(GROWTH_UNKNOWN * ret->up);
        }
        ret->down = ret->up;
}

static bool has_work(const Queue *q, const Step *s, double wait) {
        double rate = fmin(
                        q->arrivals.lambda, arrivals_at_most(&q->arrivals, slot_length(wait), 0));
        return s->backlog > 0 || rate > IDLE_RATE * q->capacity.mu || q->arrivals.owed >= WORK_MIN
               || step_in_service(s) >= WORK_MIN;
}

bool demand_wait(Queue *q, const Policy *p, const Step *s, double wait, Demand *ret) {
        Load load = {
                .arrivals = &q->arrivals,
                .now = s->t,
                .backlog = s->backlog,
                .oldest = s->known & SIGNAL_OLDEST ? s->oldest : 0,
                .lambda = q->arrivals.lambda,
                .mu = q->capacity.mu,
        };

        if (!(s->known & SIGNAL_BACKLOG))
                return false;
        if (load.mu <= 0) {
                need_unknown(q, s, wait, ret);
                return true;
        }
        *ret = (Demand){ .reason = load.backlog > 0 ? REASON_BACKLOG : REASON_THROUGHPUT };
        if (horizon(q) <= SLOW * wait)
                need_quick(q, s, &load, wait, ret);
        else
                need_slow(q, p, s, &load, wait, ret);
        if (has_work(q, s, wait)) {
                ret->up = fmax(1, ret->up);
                ret->down = fmax(1, ret->down);
        }

        double limit = saturation_limit(&q->saturation);
        if (ret->up > limit) {
                ret->up = limit;
                ret->reason = REASON_SATURATED;
        }
        ret->down = fmin(ret->down, limit);
        return true;
}
