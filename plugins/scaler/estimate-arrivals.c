/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "estimate.h"

#include <math.h>

/* Arrivals in a step, items: what the source says; else completed + change of (waiting + in
 * service). They are kept in slots of W/8 s: the newest that add up to the backlog are the ones
 * that wait (FIFO), so that ages are known without the help of the source.
 *
 * lambda, items/s: the mean over one of several windows, and over the longest window that agrees
 * with all shorter ones; the one in use is the one that has lately foretold the next h + W/2 s
 * best (least squares, half-life 300 s, changed only for 10 % better). */

#define DISPERSION_GAIN     0.02
#define SCORE_HALF_LIFE_SEC 300.0
#define BETTER              0.9
#define SIGNIFICANT_SD      2.0
/* Items taken but not done yet look like negative arrivals where busy is unknown. They are owed for
 * as long as a few of them take. */
#define OWED_HALF_LIFE_MIN_SEC 5.0
#define OWED_HALF_LIFE_MAX_SEC 600.0
#define OWED_SERVICES          3.0

static unsigned slot_index(const Arrivals *a, unsigned back) {
        return (a->head + SLOTS - 1 - back) % SLOTS;
}

double arrivals_within(const Arrivals *a, double now, double age) {
        double items = now - a->found_at <= age ? a->found : 0;

        if (age <= 0)
                return items;
        if (a->open_time >= age)
                return items + a->open_items * age / a->open_time;
        items += a->open_items;
        age -= a->open_time;
        for (unsigned i = 0; i < a->n && age > 0; i++) {
                unsigned k = slot_index(a, i);
                items += a->slot_time[k] <= age ? a->slot_items[k]
                                                : a->slot_items[k] * age / a->slot_time[k];
                age -= a->slot_time[k];
        }
        return items;
}

/* Means of the last 2, 4, ... slots, items/s, and how many windows the past is long enough for. */
static unsigned window_means(const Arrivals *a, double slot, double ret[static WINDOWS]) {
        double time = 0, items = 0;
        unsigned w = 0, i = 0;

        for (; w < WINDOWS; w++) {
                double length = slot * (double) (2U << w);
                while (i < a->n && time < length * 0.999) {
                        unsigned k = slot_index(a, i++);
                        time += a->slot_time[k];
                        items += a->slot_items[k];
                }
                double mean = time > 0 ? items / time : 0;
                if (i > 0 && time > length) { /* take back what lies before the window */
                        unsigned k = slot_index(a, i - 1);
                        double before = fmin(time - length, a->slot_time[k]);
                        mean = (items - a->slot_items[k] * before / a->slot_time[k])
                               / (time - before);
                }
                ret[w] = mean;
                if (time < length * 0.999)
                        break;
        }
        unsigned complete = w < WINDOWS ? w + 1 : WINDOWS;
        for (unsigned v = complete; v < WINDOWS; v++)
                ret[v] = ret[complete - 1];
        return complete;
}

/* The longest window whose mean lies within 2 sd of those of all shorter ones; the variance of a
 * count is its mean times the dispersion. */
static unsigned agreeing_window(const Arrivals *a, double slot, const double mean[static WINDOWS],
                unsigned complete) {
        for (unsigned w = 1; w < complete; w++) {
                double n = 2U << w;
                for (unsigned v = 0; v < w; v++) {
                        double m = 2U << v;
                        double count = fmax(0.5, slot * fmax(mean[w], mean[v]));
                        double sd = sqrt(count * a->dispersion * (1 / m - 1 / n)) / slot;
                        if (fabs(mean[w] - mean[v]) > SIGNIFICANT_SD * sd)
                                return w - 1;
                }
        }
        return complete - 1;
}

static void score_forecasts(Arrivals *a, double now, double slot, double span) {
        double keep = exp2(-slot / SCORE_HALF_LIFE_SEC);

        for (unsigned i = 0; i < FORECASTS; i++)
                a->error[i] = (float) (a->error[i] * keep);
        while (a->due_n > 0) {
                unsigned k = a->due_head;
                if (now - a->due[k].t < span - 1e-9)
                        break;
                double got = (a->total - a->due[k].total) / (now - a->due[k].t);
                for (unsigned i = 0; i < FORECASTS; i++) {
                        double miss = got - a->due[k].forecast[i];
                        a->error[i] = (float) fmin(1e30, a->error[i] + miss * miss);
                }
                a->due_head = (k + 1) % FORECASTS_DUE;
                a->due_n--;
        }
}

static void keep_forecasts(Arrivals *a, double now, double slot, double span) {
        if (a->due_skip > 0) {
                a->due_skip--;
                return;
        }
        a->due_skip = (unsigned) fmin(1e6, span / slot / (FORECASTS_DUE - 2));
        if (a->due_n == FORECASTS_DUE) { /* the span has become longer */
                a->due_head = (a->due_head + 1) % FORECASTS_DUE;
                a->due_n--;
        }
        unsigned k = (a->due_head + a->due_n++) % FORECASTS_DUE;
        a->due[k].t = now;
        a->due[k].total = a->total;
        for (unsigned i = 0; i < FORECASTS; i++)
                a->due[k].forecast[i] = a->forecast[i];
}

/* The forecaster is chosen by the past alone, the slot at hand not included: whatever arrives in a
 * slot, more of it never means a lower rate. */
static void forecast(Arrivals *a, double now, double slot, double span) {
        double mean[WINDOWS];
        unsigned complete = window_means(a, slot, mean);

        for (unsigned w = 0; w < WINDOWS; w++)
                a->forecast[w] = (float) mean[w];
        a->forecast[WINDOWS] = (float) mean[agreeing_window(a, slot, mean, complete)];
        a->lambda = a->forecast[a->best];
        a->known = true;

        score_forecasts(a, now, slot, span);
        keep_forecasts(a, now, slot, span);
        unsigned best = 0;
        for (unsigned i = 1; i < FORECASTS; i++)
                if (a->error[i] < a->error[best])
                        best = i;
        if (a->error[best] < BETTER * a->error[a->best])
                a->best = best;
}

/* Variance / mean from pairs of neighbours: E (a - b)^2 = 2 var. */
static void learn_dispersion(Arrivals *a) {
        if (a->n < 2)
                return;
        unsigned k = slot_index(a, 0), l = slot_index(a, 1);
        double scale = a->slot_time[k] / a->slot_time[l];
        double x = a->slot_items[k], y = a->slot_items[l];
        double mean = (x + y) / 2;
        if (mean > 0 && scale > 0.8 && scale < 1.25)
                a->dispersion += DISPERSION_GAIN
                                 * (fmin(10, (x - y) * (x - y) / (2 * mean)) - a->dispersion);
}

static void close_slot(Arrivals *a) {
        a->slot_time[a->head] = (float) a->open_time;
        a->slot_items[a->head] = (float) a->open_items;
        a->head = (a->head + 1) % SLOTS;
        if (a->n < SLOTS)
                a->n++;
        a->open_time = a->open_items = 0;
}

/* Arrivals of a step; negative: unknown. */
static double arrivals_of(Arrivals *a, const Step *s, const Step *before, double mu) {
        bool levels = step_knows(s, SIGNAL_BACKLOG) && step_knows(before, SIGNAL_BACKLOG);
        double change = levels ? s->backlog + step_in_service(s) - before->backlog
                                                        - step_in_service(before)
                               : 0;
        double done = s->known & SIGNAL_COMPLETED                       ? s->completed
                      : levels && fmin(s->backlog, before->backlog) > 0 ? mu * s->running * s->dt
                                                                        : 0;

        if (s->known & SIGNAL_ARRIVED)
                return s->arrived;
        if (!levels && !(s->known & SIGNAL_COMPLETED))
                return -1;
        double half = OWED_HALF_LIFE_MIN_SEC;
        if (!(s->known & SIGNAL_BUSY))
                half = fmin(OWED_HALF_LIFE_MAX_SEC, fmax(half, OWED_SERVICES / mu));
        double items = done + change - a->owed * exp2(-s->dt / half);
        a->owed = fmin(s->running, fmax(0, -items));
        return fmax(0, items);
}

/* Items that nobody saw coming, such as what waited before the first observation. */
static void find(Arrivals *a, const Step *s, const Step *before, double items) {
        if (!(s->known & SIGNAL_BACKLOG))
                return;
        double surplus = before->known & SIGNAL_BACKLOG
                                         ? s->backlog - before->backlog - fmax(0, items)
                                         : s->backlog - arrivals_within(a, s->t, INFINITY);
        if (surplus > 0) {
                double kept = fmin(a->found, s->backlog);
                a->found = kept + surplus;
                a->found_at = s->t - fmin(s->t, s->known & SIGNAL_OLDEST ? s->oldest : 0);
        }
}

void arrivals_learn(Arrivals *a, const Step *s, const Step *before, double mu, double slot,
                double span) {
        double items = s->dt > 0 ? arrivals_of(a, s, before, mu) : -1;

        find(a, s, before, items);
        if (items < 0)
                return;
        a->total += items;
        a->open_items += items;
        a->open_time += s->dt;
        if (a->open_time < 0.99 * slot)
                return;
        close_slot(a);
        forecast(a, s->t, slot, span);
        learn_dispersion(a);
}

double arrivals_trend(const Arrivals *a, double slot, double h) {
        enum { PARTS = 6 };
        unsigned length = (unsigned) fmax(2, fmin(16, ceil(h / 4 / slot)));
        double mean[PARTS], step[PARTS - 1] = { 0 }, sum = 0;

        if (a->n < length * PARTS)
                return 0;
        for (unsigned p = 0; p < PARTS; p++) {
                double time = 0, items = 0;
                for (unsigned i = 0; i < length; i++) {
                        unsigned k = slot_index(a, (PARTS - 1 - p) * length + i);
                        time += a->slot_time[k];
                        items += a->slot_items[k];
                }
                mean[p] = items / time;
                sum += mean[p];
        }
        for (unsigned p = 0; p + 1 < PARTS; p++) { /* sorted by insertion */
                double x = mean[p + 1] - mean[p];
                unsigned i = p;
                for (; i > 0 && step[i - 1] > x; i--)
                        step[i] = step[i - 1];
                step[i] = x;
        }
        double median = step[(PARTS - 1) / 2];
        double sd = sqrt(fmax(sum / PARTS * slot, 0.5) * a->dispersion / length) / slot;
        if (median <= 0 || mean[PARTS - 1] - mean[0] < 3 * sd)
                return 0;
        return median / (length * slot);
}

/* The mean of each window give or take z standard deviations of a count with the dispersion that
 * was measured; windows longer than the past repeat the longest. */
static double bound(const Arrivals *a, double slot, double z, unsigned w) {
        double length = slot * (double) (2U << w), rate = a->forecast[w];
        return rate + z * sqrt(a->dispersion * rate / length);
}

double arrivals_at_most(const Arrivals *a, double slot, double z) {
        double least = INFINITY;
        for (unsigned w = 0; w < WINDOWS; w++)
                least = fmin(least, bound(a, slot, z, w));
        return least;
}

double arrivals_at_least(const Arrivals *a, double slot, double z) {
        double most = 0;
        for (unsigned w = 0; w < WINDOWS; w++)
                most = fmax(most, bound(a, slot, -z, w));
        return fmin(most, arrivals_at_most(a, slot, z));
}
