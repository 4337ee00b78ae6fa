/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "step.h"

#include <math.h>

#define CLOCK_STEP_MAX_SEC 86400.0 /* longer gaps teach no more than a day does */
#define COUNT_MAX          1e12
#define COUNT_INSTANCES    1000000U

#define FULLY_BUSY    0.98
#define STEADY_SHARE  0.1
#define WAITING_SHARE 0.2 /* of what is done in a step */

/* A rate of more than JUMP_FACTOR times the usual has to come JUMP_STREAK times in a row. */
#define JUMP_FACTOR         20.0
#define JUMP_STREAK         3
#define JUMP_ITEMS          50.0 /* so few items are never a jump */
#define USUAL_HALF_LIFE_SEC 600.0

static bool sane(double x) {
        return isfinite(x) && x >= 0;
}

/* Keeps the known bit of a field that makes sense; limits its size. */
static double admit(
                const Observation *o, Signal signal, double value, double limit, unsigned *known) {
        if (!(o->known & signal) || !sane(value))
                return 0;
        *known |= signal;
        return fmin(value, limit);
}

static double elapsed(Observer *r, usec_t now) {
        double dt = r->seen && now > r->last ? (double) (now - r->last) / USEC_PER_SEC : 0;
        r->last = now;
        return fmin(dt, CLOCK_STEP_MAX_SEC);
}

static bool plausible(Plausible *p, double items, double dt, double instances) {
        double rate = items / dt / instances;
        double limit = JUMP_FACTOR * p->usual + JUMP_ITEMS / dt;

        if (p->usual > 0 && rate > limit && ++p->streak < JUMP_STREAK)
                return false;
        p->streak = 0;
        p->usual = fmax(rate, p->usual * exp2(-dt / USUAL_HALF_LIFE_SEC));
        return true;
}

/* Counts of steps without time are added to the next one; nothing is known of the time before the
 * first. */
static void count(Observer *r, Step *s) {
        r->completed_carry += s->completed;
        r->arrived_carry += s->arrived;
        r->carry_known |= s->known & (SIGNAL_COMPLETED | SIGNAL_ARRIVED);
        s->known &= ~(SIGNAL_COMPLETED | SIGNAL_ARRIVED);
        s->completed = s->arrived = 0;

        if (r->seen && s->dt > 0) {
                double instances = fmax(1, r->before.running);

                if (r->carry_known & SIGNAL_COMPLETED
                                && plausible(&r->completed, r->completed_carry, s->dt, instances)) {
                        s->known |= SIGNAL_COMPLETED;
                        s->completed = r->completed_carry;
                }
                if (r->carry_known & SIGNAL_ARRIVED
                                && plausible(&r->arrived, r->arrived_carry, s->dt, 1)) {
                        s->known |= SIGNAL_ARRIVED;
                        s->arrived = r->arrived_carry;
                }
        }
        if (!r->seen || s->dt > 0) {
                r->completed_carry = r->arrived_carry = 0;
                r->carry_known = 0;
        }
}

/* Without a backlog signal, what came in and did not come out is inside. */
static void backlog_from_balance(Observer *r, Step *s) {
        if (s->known & SIGNAL_BACKLOG || !step_knows(s, SIGNAL_COMPLETED | SIGNAL_ARRIVED)) {
                r->inside = s->known & SIGNAL_BACKLOG ? s->backlog + step_in_service(s) : r->inside;
                return;
        }
        r->inside = fmax(0, r->inside + s->arrived - s->completed);
        if (s->known & SIGNAL_BUSY && s->busy < 0.9) /* who is idle has nothing waiting */
                r->inside = fmin(r->inside, s->running);
        s->backlog = fmax(0, r->inside - s->running);
        s->known |= SIGNAL_BACKLOG;
}

void observer_step(Observer *r, const Observation *o, Step *ret) {
        Step s = {
                .running = o->running < COUNT_INSTANCES ? o->running : COUNT_INSTANCES,
                .starting = o->starting < COUNT_INSTANCES ? o->starting : COUNT_INSTANCES,
        };
        s.backlog = admit(o, SIGNAL_BACKLOG, o->backlog, COUNT_MAX, &s.known);
        s.completed = admit(o, SIGNAL_COMPLETED, o->completed, COUNT_MAX, &s.known);
        s.arrived = admit(o, SIGNAL_ARRIVED, o->arrived, COUNT_MAX, &s.known);
        s.oldest = admit(o, SIGNAL_OLDEST, o->oldest, COUNT_MAX, &s.known);
        s.busy = admit(o, SIGNAL_BUSY, o->busy, 1, &s.known);
        s.cpu = admit(o, SIGNAL_CPU, o->cpu, COUNT_MAX, &s.known);
        s.memory = admit(o, SIGNAL_MEMORY, o->memory, COUNT_MAX, &s.known);

        s.dt = elapsed(r, o->now);
        r->clock += s.dt;
        s.t = r->clock;
        count(r, &s);
        backlog_from_balance(r, &s);
        *ret = s;
}

void observer_remember(Observer *r, const Step *step) {
        r->seen = true;
        r->before = *step;
}

bool step_is_saturated(const Step *s, const Step *before) {
        if (s->dt <= 0 || !step_knows(s, SIGNAL_BACKLOG) || !step_knows(before, SIGNAL_BACKLOG))
                return false;
        double waiting = fmin(s->backlog, before->backlog);
        if (s->known & SIGNAL_BUSY)
                return waiting > 0 && s->busy > FULLY_BUSY;
        /* both ends may show work while there was none in between */
        return waiting >= fmax(1, fmax(sqrt(s->completed), WAITING_SHARE * s->completed));
}

bool step_count_is_steady(const Step *s, const Step *before) {
        return fabs((double) s->running - before->running) <= STEADY_SHARE * s->running;
}
