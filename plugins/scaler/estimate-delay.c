/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "estimate.h"

#include <math.h>

/* d, s: running mean of (seen to serve - asked for), the gain falling from 1 to 1/10; at least the
 * age of the oldest start that is still under way. Who becomes ready between two steps did so half
 * a step ago on the average. */

#define GAIN_MIN 0.1

static unsigned under_way(const Delay *d) {
        unsigned n = 0;
        for (unsigned i = 0; i < d->n; i++)
                n += d->batch[i].count;
        return n;
}

static void drop_oldest_batch(Delay *d) {
        d->n--;
        for (unsigned i = 0; i < d->n; i++)
                d->batch[i] = d->batch[i + 1];
}

static void add(Delay *d, double t, unsigned count) {
        if (count == 0)
                return;
        if (d->n == DELAY_BATCHES) { /* too many to tell apart: the last two become one */
                d->batch[d->n - 1].count += count;
                return;
        }
        d->batch[d->n].asked = t;
        d->batch[d->n].count = count;
        d->n++;
}

static void drop_newest(Delay *d, unsigned count) {
        while (count > 0 && d->n > 0) {
                unsigned *last = &d->batch[d->n - 1].count;
                unsigned k = *last < count ? *last : count;
                *last -= k;
                count -= k;
                if (*last == 0)
                        d->n--;
        }
}

static void learn_one(Delay *d, double delay) {
        d->seen++;
        d->mean += fmax(GAIN_MIN, 1.0 / d->seen) * (delay - d->mean);
}

void delay_learn(Delay *d, const Step *s, const Step *before) {
        unsigned noted = under_way(d);
        unsigned gone = noted > s->starting ? noted - s->starting : 0;
        unsigned ready = s->running > before->running ? s->running - before->running : 0;

        if (gone > ready) /* the others were given up, which says nothing about d */
                drop_newest(d, gone - ready);
        else
                ready = gone;
        while (ready > 0 && d->n > 0) {
                learn_one(d, fmax(0, s->t - d->batch[0].asked - 0.5 * s->dt));
                ready--;
                if (--d->batch[0].count == 0)
                        drop_oldest_batch(d);
        }
        if (s->starting > noted) /* somebody else starts instances, too */
                add(d, s->t, s->starting - noted);
        if (d->n > 0)
                d->mean = fmax(d->mean, s->t - d->batch[0].asked - s->dt);
}

void delay_ask(Delay *d, const Step *s, unsigned desired) {
        double total = step_total(s);

        if (desired > total)
                add(d, s->t, desired - (unsigned) total);
        else
                drop_newest(d, (unsigned) total - desired);
}

double delay_capacity(const Delay *d, const Step *s, double h) {
        double sum = 0;
        for (unsigned i = 0; i < d->n; i++) {
                double rest = fmax(0, d->batch[i].asked + d->mean - s->t);
                sum += d->batch[i].count * fmax(0, h - rest);
        }
        return sum;
}
