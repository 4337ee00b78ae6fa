/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "macro.h"

/* Recorded load: CSV with rows "seconds,items_per_second". A rate holds from its time until the
 * time of the next row; the last row only marks the end. Rows "# key=value ..." may say what the
 * load was recorded with: mu (items/s of one instance), W, min, max, delay, mu_schedule=T:MU;T:MU.
 */

typedef struct TracePoint {
        double t;     /* s */
        double value; /* items/s */
} TracePoint;

typedef struct Trace {
        TracePoint *rate; /* ascending in t */
        size_t n;
        TracePoint *capacity; /* mu_schedule */
        size_t n_capacity;
        double mu, wait, min, max, delay; /* negative: not said */
} Trace;

void trace_done(Trace *t);

/* Reads text, which is changed on the way. Returns 0, -ENOMEM, or -EINVAL with the number of the
 * line in *reterr_line (0: too few rows). */
int trace_parse(char *text, Trace *ret, unsigned *reterr_line);

/* Items/s, and items/s of one instance (mu where nothing else is said), at t s. */
double trace_rate_at(const Trace *t, double when);
double trace_capacity_at(const Trace *t, double mu, double when);

double trace_duration(const Trace *t);
