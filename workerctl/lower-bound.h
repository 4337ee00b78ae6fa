/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "trace.h"

/* The least instance-seconds with which a clairvoyant fleet, fractional and scalable within no time
 * but never below min, starts every item within `wait` s of its arrival: the yardstick that costs
 * are divided by.
 *
 * Exact: S(t), the items started by t, has to lie in the corridor A(t - wait) <= S(t) <= A(t) of
 * the arrivals A. The shortest path through the corridor (the taut string) minimises the integral
 * of every convex function of its slope, max(min, slope / mu) among them.
 *
 * arrivals: n counts, one for each second. Returns 0 or -ENOMEM; *ret in instance-seconds. */
int lower_bound(const double *arrivals, size_t n, double wait, unsigned min, const Trace *trace,
                double mu, double *ret);
