/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Starts that take longer than items may wait come too late for the items that arrive first, so
 * headroom has to be bought. How much is found by shadows: each candidate rule drives a fluid queue
 * of its own on the real arrivals, with the measured mu and d; the one whose costs and late items
 * were least is applied. Units: seconds, items, items/s, instances. */

enum {
        SHADOWS = 90,
        SHADOW_COMING = 6,
        SHADOW_HELD = 8,
};

/* A rule: instances for `headroom` times the rate, and for draining what waits within drain s; an
 * instance is kept for hold s after it was last needed. */
typedef struct SlowRule {
        double headroom;
        double hold;
        double drain;
} SlowRule;

/* What all rules look at. */
typedef struct SlowLoad {
        double wait;    /* target, s */
        double lambda;  /* items/s foretold */
        double mu;      /* items/s of one instance, > 0 */
        double delay;   /* d, s */
        double horizon; /* h: when an answer takes effect, s */
} SlowLoad;

typedef struct Shadow {
        double served;     /* items since birth */
        float cost;        /* instance-seconds, forgotten slowly */
        float late, items; /* likewise */
        unsigned count;    /* serving */
        unsigned coming_n; /* batches under way, oldest first */
        struct {
                double ready;
                unsigned count;
        } coming[SHADOW_COMING];
        unsigned held_n; /* sliding maximum of what was needed, oldest and largest first */
        struct {
                float age;
                unsigned count;
        } held[SHADOW_HELD];
} Shadow;

typedef struct Shadows {
        bool alive;
        unsigned best;
        Shadow shadow[SHADOWS];
} Shadows;

/* What the rule asks for with `waiting` items now and `capacity` instance-seconds of service within
 * the horizon; not rounded. */
double slow_need(const SlowRule *r, const SlowLoad *l, double waiting, double capacity);

/* What happened in a step, and how things really are, where new shadows begin. */
typedef struct ShadowStep {
        double t, dt;       /* s; the step ended at t */
        double total;       /* items arrived since birth */
        double late;        /* those that have been here for longer than the target ... */
        double late_before; /* ... and a step ago */
        double items;       /* arrived in the step */
        double waiting;
        unsigned count;
        unsigned min, max; /* replicas */
} ShadowStep;

void shadows_step(Shadows *s, const SlowLoad *l, const ShadowStep *step);

/* The rule that did best. */
SlowRule shadows_best(const Shadows *s, const SlowLoad *l);
