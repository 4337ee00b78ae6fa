/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shadow.h"

#include <math.h>

#include "macro.h"

#define SHARE_OF_WAIT 0.4    /* of the target that is planned to be used */
#define HALF_LIFE_SEC 7200.0 /* of the scores */
#define PRICE_OF_LATE 0.09   /* log-cost for each percentage point of late items */
#define PRIOR_SEC     300.0  /* arrivals that the prior counts for */
#define PRIOR_LATE    0.1    /* share late that it expects without headroom and hold */
#define STICKY        0.02   /* log-cost that a change of the rule has to save */

static const double headrooms[] = { 1, 1.1, 1.25, 1.5, 2, 3 };
static const double holds[] = { 0.3, 1, 3, 10, 30 }; /* times d */
static const double drains[] = { 0.5, 2, 6 };        /* times the target wait */

_Static_assert(ARRAY_SIZE(headrooms) * ARRAY_SIZE(holds) * ARRAY_SIZE(drains) == SHADOWS,
                "a shadow for each combination");

static SlowRule rule(unsigned i, const SlowLoad *l) {
        return (SlowRule){
                .drain = drains[i % ARRAY_SIZE(drains)] * l->wait,
                .hold = holds[i / ARRAY_SIZE(drains) % ARRAY_SIZE(holds)] * l->delay,
                .headroom = headrooms[i / (ARRAY_SIZE(drains) * ARRAY_SIZE(holds))],
        };
}

double slow_need(const SlowRule *r, const SlowLoad *l, double waiting, double capacity) {
        double by_then = waiting + l->lambda * l->horizon;
        double left = by_then - fmin(by_then, capacity * l->mu);
        double drain = left + l->lambda * fmax(0, r->drain - SHARE_OF_WAIT * l->wait);
        return fmax(r->headroom * l->lambda, drain / r->drain) / l->mu;
}

static void become_ready(Shadow *s, double t) {
        unsigned ready = 0;
        while (ready < s->coming_n && s->coming[ready].ready <= t)
                s->count += s->coming[ready++].count;
        s->coming_n -= ready;
        memmove(s->coming, s->coming + ready, s->coming_n * sizeof(s->coming[0]));
}

static unsigned coming(const Shadow *s) {
        unsigned n = 0;
        for (unsigned i = 0; i < s->coming_n; i++)
                n += s->coming[i].count;
        return n;
}

/* Sliding maximum over hold s, to an eighth. */
static unsigned held(Shadow *s, unsigned want, double dt, double hold) {
        unsigned old = 0;

        for (unsigned i = 0; i < s->held_n; i++)
                s->held[i].age += (float) dt;
        while (s->held_n > 0 && s->held[s->held_n - 1].count <= want)
                s->held_n--;
        if (s->held_n == 0 || (s->held_n < SHADOW_HELD && s->held[s->held_n - 1].age > hold / 8)) {
                s->held[s->held_n].age = 0;
                s->held[s->held_n++].count = want;
        }
        while (old + 1 < s->held_n && s->held[old].age > hold)
                old++;
        s->held_n -= old;
        memmove(s->held, s->held + old, s->held_n * sizeof(s->held[0]));
        return s->held[0].count;
}

static void start(Shadow *s, double ready, unsigned n) {
        if (s->coming_n == SHADOW_COMING)
                s->coming[s->coming_n - 1].count += n;
        else {
                s->coming[s->coming_n].ready = ready;
                s->coming[s->coming_n++].count = n;
        }
}

static void stop(Shadow *s, unsigned n) {
        while (n > 0 && s->coming_n > 0) {
                unsigned *last = &s->coming[s->coming_n - 1].count;
                unsigned k = *last < n ? *last : n;
                *last -= k;
                n -= k;
                if (*last == 0)
                        s->coming_n--;
        }
        s->count -= n < s->count ? n : s->count;
}

static void follow_rule(Shadow *s, const SlowRule *r, const SlowLoad *l, const ShadowStep *step) {
        double capacity = s->count * l->horizon;
        for (unsigned i = 0; i < s->coming_n; i++)
                capacity += s->coming[i].count * fmax(0, step->t + l->horizon - s->coming[i].ready);

        double need = ceil(slow_need(r, l, step->total - s->served, capacity) - 1e-6);
        unsigned want = need <= step->min   ? step->min
                        : need >= step->max ? step->max
                                            : (unsigned) need;
        unsigned keep = held(s, want, step->dt, r->hold);
        unsigned total = s->count + coming(s);
        if (want > total)
                start(s, step->t + l->delay, want - total);
        else if (keep < total)
                stop(s, total - keep);
}

static double score(const Shadow *s, const SlowRule *r, const SlowLoad *l) {
        /* until more is known: headroom costs in proportion; little of it, and to forget the last
         * peak soon, is late */
        double prior = PRIOR_SEC * fmax(l->lambda, 0.1 * l->mu);
        double ready = r->headroom * r->headroom * (1 + r->hold / fmax(1e-3, l->delay));
        double late = (s->late + prior * PRIOR_LATE / ready) / (s->items + prior);
        double cost = s->cost + prior / l->mu * r->headroom;
        return log(cost) + PRICE_OF_LATE * 100 * late;
}

/* Late in a step are the items that have just become older than the target and are not served. */
static void account(Shadow *s, const ShadowStep *step) {
        double keep = exp2(-step->dt / HALF_LIFE_SEC);
        double late = fmax(0, step->late - fmax(s->served, step->late_before));

        s->cost = (float) (s->cost * keep + (s->count + coming(s)) * step->dt);
        s->late = (float) (s->late * keep + late);
        s->items = (float) (s->items * keep + step->items);
}

void shadows_step(Shadows *s, const SlowLoad *l, const ShadowStep *step) {
        double least = INFINITY;
        unsigned best = s->best;

        for (unsigned i = 0; i < SHADOWS; i++) {
                Shadow *q = &s->shadow[i];
                SlowRule r = rule(i, l);

                if (!s->alive)
                        *q = (Shadow){ .served = step->total - step->waiting,
                                .count = step->count };
                become_ready(q, step->t);
                q->served = fmin(step->total, q->served + q->count * l->mu * step->dt);
                account(q, step);
                follow_rule(q, &r, l, step);

                double value = score(q, &r, l) - (i == s->best && s->alive ? STICKY : 0);
                if (value < least) {
                        least = value;
                        best = i;
                }
        }
        s->best = best;
        s->alive = true;
}

SlowRule shadows_best(const Shadows *s, const SlowLoad *l) {
        return rule(s->best, l);
}
