/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "estimate.h"

/* Notices that more instances bring no more throughput (a full host, a saturated database), where
 * measured capacity falls with each start and so asks for yet another one. */

/* Steps with work waiting; the sums forget within seconds. */
typedef struct SaturationRun {
        double items;
        double time;      /* s */
        double instances; /* instance-seconds */
} SaturationRun;

typedef struct Saturation {
        SaturationRun run;      /* the present */
        SaturationRun baseline; /* what it is compared with; items 0: nothing */
        double anchor;          /* the count that the baseline belongs to */
        double baseline_at;     /* s: when the baseline was taken ... */
        double baseline_mu;     /* ... and mu at that time */
        SaturationRun lowest;   /* since the baseline: the least done in a second */
        SaturationRun same;     /* what was first measured at the present count; items 0: nothing */
        double same_since;      /* s: when the count changed last */
        double settled_at;      /* s: until then new instances don't show */
        double seen_at;         /* s: when work was last seen waiting */
        bool saturated;
        bool probing;
        double alone; /* items/s of one instance where instances don't hinder each other */
        double limit; /* instances, valid if saturated */
        double held_rate,
                        held_count; /* items/s and instances when the limit was set; 0: verified */
        double verify_at;           /* s: when the limit is to be verified */
        double probe_at;            /* s: when more are tried again ... */
        double probe_after;         /* ... after so long */
        double probe_from;          /* items/s that were done before */
} Saturation;

void saturation_learn(Saturation *u, const Step *s, const Step *before, double mu);

/* The most instances that bring throughput; INFINITY when no limit is known. */
double saturation_limit(const Saturation *u);
