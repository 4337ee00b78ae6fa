/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"
#include "timespan.h"

/* When a worker is looked at next. What is seen at one look and at the next bound an interval, over
 * which rates are measured. Pure; times are microseconds of one monotonic clock. */

typedef struct Cadence {
        usec_t decided_at; /* the last look; 0: never */
        usec_t planned_at; /* the next one; 0: none is planned */
        bool rests;        /* nothing was done before the last look, and the next one is far away */
} Cadence;

/* What happens together is decided on together. */
#define CADENCE_SOON USEC_PER_MSEC

/* The longest time without a look. */
#define CADENCE_MAX (60 * USEC_PER_SEC)

/* Plans a look in so much time at the latest. Returns when that is, or 0 when one is planned before
 * that. */
usec_t cadence_plan(Cadence *c, usec_t now, usec_t delay);

/* Begins an interval in which another look is due after `again`; worked: something was done in the
 * one that ends. The look has to be planned. */
void cadence_decided(Cadence *c, usec_t now, usec_t again, bool worked);

/* Whether a report of work done is to end the interval. It does after a rest: else what is done
 * from now on would be spread over all of it. */
bool cadence_wakes(const Cadence *c);
