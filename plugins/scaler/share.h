/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "estimate.h"

/* How much of the target wait W is planned to be used up when an item starts. The more of it is
 * used, the more of a burst waits for instances that run anyway instead of for new ones: fewer
 * starts, at less cost. What is left is a margin for whatever comes between the plan and its
 * effect: at first in proportion to the time that an answer takes, then as it has proved
 * necessary. Units: seconds. */

typedef struct Share {
        double trust; /* 0 to 1: the part of the margin that has proved unnecessary */
} Share;

void share_init(Share *x);

/* h: from a decision to its effect; age: of the count of what waits; both s. Returns a share of
 * wait. */
double share_get(const Share *x, double h, double age, double wait);

/* Learns from what waited in a step; share is what was planned with. */
void share_learn(Share *x, const Arrivals *a, const Step *s, const Step *before, double share,
                double wait);
