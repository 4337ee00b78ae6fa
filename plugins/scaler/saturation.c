/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "saturation.h"

#include <math.h>

/* The present is compared with a baseline measured at another count: n1 and n2 instances, mu1 and
 * mu2 items/s each, x = ln(n2/n1), y = ln(mu2/mu1). Where instances are independent y = 0; where
 * the total is limited y = -x. With normal errors the log likelihood ratio of the second against
 * the first is (y^2 - (y + x)^2) / (2 var) = -(x^2 + 2xy) / (2 var) (Wald's sequential test). var:
 * K items give a rate to 1/sqrt(K) or worse, and instances differ in speed. As long as the count
 * stays the baseline follows: a capacity that changes by itself is no evidence. */

#define MEMORY_SEC        3.0
#define ENOUGH_ITEMS      30.0
#define SAME_COUNT        0.05 /* difference of the logarithms */
#define SPEED_VARIANCE    0.01 /* of one instance: 10 % */
#define SERVICE_VARIANCE  2.0  /* of service times, divided by their mean squared, at most */
#define OTHER_VARIANCE    0.005
#define SETTLE_SERVICES   1.5 /* service times until new instances show */
#define SETTLE_MAX_SEC    60.0
#define GAP_MAX_SEC       10.0 /* without work waiting: what was before counts no more */
#define BASELINE_MAX_SEC  60.0
#define CHANGE_SD         3.0
#define RATIO_LIMITED     5.0
#define RATIO_INDEPENDENT (-3.0)
#define PROBE_FIRST_SEC   30.0
#define PROBE_LAST_SEC    600.0
#define PROBE_FACTOR      1.2

static double rate(const SaturationRun *r) {
        return r->items / r->time;
}

static double count(const SaturationRun *r) {
        return r->instances / r->time;
}

static double capacity(const SaturationRun *r) {
        return r->items / r->instances;
}

static double likelihood_ratio(const SaturationRun *a, const SaturationRun *b) {
        double x = log(count(b) / count(a)), y = log(capacity(b) / capacity(a));
        double variance = OTHER_VARIANCE + SERVICE_VARIANCE * (1 / a->items + 1 / b->items)
                          + SPEED_VARIANCE * fabs(1 / count(a) - 1 / count(b));

        /* a total that falls is not more limited than one that stays */
        y = x > 0 ? fmax(y, -x) : fmin(y, -x);
        return -(x * x + 2 * x * y) / (2 * variance);
}

static void take_baseline(Saturation *u, double t, double mu) {
        u->baseline = u->lowest = u->run;
        u->baseline_at = t;
        u->baseline_mu = mu;
}

static void take_anchor(Saturation *u, double t, double mu) {
        take_baseline(u, t, mu);
        u->anchor = count(&u->run);
}

/* Instances that would do what is done, if none hindered another. */
static double useful(const Saturation *u) {
        return fmax(1, ceil(rate(&u->run) / u->alone - 0.1));
}

static void hold(Saturation *u, double t, double after) {
        u->held_rate = rate(&u->run);
        u->held_count = count(&u->run);
        u->verify_at = INFINITY;
        u->limit = useful(u);
        u->probing = false;
        u->probe_after = after;
        u->probe_at = t + after;
}

/* With fewer instances the throughput has to stay. If it went with them, they are slower than they
 * were, and the limit is wrong. */
static void verify(Saturation *u, const Step *s) {
        if (s->running > u->limit || u->probing)
                return;
        if (isinf(u->verify_at)) /* the sums shall forget what was before */
                u->verify_at = s->t + 3 * MEMORY_SEC;
        if (s->t < u->verify_at || u->held_count == 0)
                return;
        if (u->limit < 0.9 * u->held_count && s->running >= u->limit
                        && rate(&u->run) < 0.9 * u->held_rate) {
                u->alone = capacity(&u->run);
                u->limit = ceil(fmax(u->held_count, useful(u)));
        }
        u->held_count = 0;
}

/* A capacity that changes while the count does not is no evidence of what another count is good
 * for: all is forgotten, so that nothing of before gets into the next baseline. Returns whether it
 * was so. */
static bool notice_change(Saturation *u, double t) {
        if (t - u->same_since < 2 * MEMORY_SEC) /* the sums shall forget the count before */
                return false;
        if (u->same.items == 0) {
                u->same = u->run;
                return false;
        }
        double variance = 1 / u->same.items + 1 / u->run.items; /* the instances are the same */
        if (fabs(log(capacity(&u->run) / capacity(&u->same))) < CHANGE_SD * sqrt(variance))
                return false;
        u->run = u->baseline = u->same = (SaturationRun){ 0 };
        return true;
}

/* The total fell by itself, and has grown with the count since: instances became slower in between.
 * Where the total is limited it does not fall before more are added. */
static bool has_recovered(const Saturation *u) {
        return count(&u->run) > (1 + SAME_COUNT) * count(&u->lowest)
               && likelihood_ratio(&u->lowest, &u->run) < 0;
}

static void judge(Saturation *u, double t, double mu) {
        if (u->baseline.items < ENOUGH_ITEMS || t - u->baseline_at > BASELINE_MAX_SEC) {
                take_anchor(u, t, mu);
                return;
        }
        if (fabs(log(count(&u->run) / u->anchor)) < SAME_COUNT) {
                take_baseline(u, t, mu);
                return;
        }
        if (rate(&u->run) < rate(&u->lowest))
                u->lowest = u->run;
        double ratio = likelihood_ratio(&u->baseline, &u->run);
        if (ratio > RATIO_LIMITED && !u->saturated && !has_recovered(u)) {
                u->saturated = true;
                u->alone = u->baseline_mu > 0 ? u->baseline_mu : capacity(&u->baseline);
                hold(u, t, PROBE_FIRST_SEC);
        } else if (ratio < RATIO_INDEPENDENT && count(&u->run) > u->limit)
                u->saturated = u->probing = false;
        if (fabs(ratio) > RATIO_LIMITED)
                take_anchor(u, t, mu);
}

/* What was taken for the limit of the total is none when more is done. */
static bool is_exceeded(const Saturation *u) {
        double sd = sqrt(2 * SERVICE_VARIANCE / u->run.items);
        return rate(&u->run) > (1 + SAME_COUNT + CHANGE_SD * sd) * u->held_rate;
}

/* Now and then a few more are allowed. As long as they bring something, more follow. */
static void probe(Saturation *u, const Step *s, double mu) {
        if (!u->probing) {
                if (s->t < u->probe_at || s->running < u->limit)
                        return;
                u->probing = true;
                u->probe_from = rate(&u->run);
                u->limit = ceil(PROBE_FACTOR * u->limit);
                u->probe_at = INFINITY;
                take_anchor(u, s->t, mu);
                return;
        }
        if (s->running < u->limit)
                return;
        if (isinf(u->probe_at)) /* all are there; the sums shall forget what was before */
                u->probe_at = s->t + 3 * MEMORY_SEC;
        if (s->t < u->probe_at)
                return;
        bool gained = rate(&u->run) > (1 + PROBE_FACTOR) / 2 * u->probe_from;
        hold(u, s->t, gained ? 0 : fmin(PROBE_LAST_SEC, 2 * u->probe_after + PROBE_FIRST_SEC));
}

void saturation_learn(Saturation *u, const Step *s, const Step *before, double mu) {
        if (s->running != before->running) {
                u->same_since = s->t;
                u->same = (SaturationRun){ 0 };
        }
        if (!(s->known & SIGNAL_COMPLETED) || s->running == 0 || !step_is_saturated(s, before)) {
                if (s->t - u->seen_at > GAP_MAX_SEC)
                        u->run = u->baseline = u->same = (SaturationRun){ 0 };
                return;
        }
        u->seen_at = s->t;
        if (s->running > before->running && mu > 0) /* half a step ago, on the average */
                u->settled_at = s->t - s->dt / 2 + fmin(SETTLE_MAX_SEC, SETTLE_SERVICES / mu);
        if (s->t < u->settled_at || !step_count_is_steady(s, before))
                return;

        double keep = exp(-s->dt / MEMORY_SEC);
        u->run.items = u->run.items * keep + s->completed;
        u->run.time = u->run.time * keep + s->dt;
        u->run.instances = u->run.instances * keep
                           + s->dt * ((double) s->running + before->running) / 2;
        if (u->run.items < ENOUGH_ITEMS)
                return;
        if (notice_change(u, s->t))
                return;
        judge(u, s->t, mu);
        if (u->saturated && is_exceeded(u))
                u->saturated = u->probing = false;
        if (u->saturated) {
                verify(u, s);
                probe(u, s, mu);
        }
}

double saturation_limit(const Saturation *u) {
        return u->saturated ? u->limit : INFINITY;
}
