/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How long it pays to keep an instance that is not needed. To keep one costs its time, to stop it
 * costs a start when it is needed again: ski rental, but with a past to learn from. For each level
 * of the count, the gaps between not being needed and being needed again tell what each of a few
 * holds would have cost so far; the cheapest is used. Where the load jumps every few seconds an
 * instance stays over the gaps, where bursts are far apart it goes at once, and under a sawtooth
 * the low levels stay and the high ones go. Units: seconds, instances. */

enum {
        GAP_LEVELS = 64,
        GAP_HOLDS = 8,
};

typedef struct GapLevel {
        double needed_at; /* s: when it was needed last; 0: never */
        float cost[GAP_HOLDS];
} GapLevel;

typedef struct Gaps {
        unsigned needed; /* levels, at the last step */
        GapLevel level[GAP_LEVELS];
} Gaps;

/* What of a count is to be kept while only `needed` are needed: needed <= result <= total. max: the
 * most instances there may be, the same all the time; price: instance-seconds that a stop and the
 * start after it are worth; limit: s, the longest an instance may be kept. */
double gaps_keep(const Gaps *g, double t, double needed, double total, double max, double price,
                double limit);

/* Learns what was needed. */
void gaps_learn(Gaps *g, double t, double needed, double max, double price);
