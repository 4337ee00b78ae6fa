/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "policy.h"
#include "trace.h"

/* A queue and the instances that serve it, driven by the scaling engine: arrivals are Poisson with
 * the rate of the trace, service times exponential, instances differ in speed by 10 %, a start
 * takes start_delay give or take 10 % and is paid for, the newest are stopped first, and finish
 * what they have in hand. Pure and seeded: the same input gives the same output. */

typedef struct ModelOptions {
        Policy policy;
        usec_t wait;        /* items that wait for longer are late */
        double mu;          /* items/s of one instance, unless the trace has a schedule */
        double start_delay; /* s */
        uint64_t seed;
} ModelOptions;

/* How things stood in one second. */
typedef struct ModelSecond {
        float load;   /* arrivals / mu: instances' worth */
        float count;  /* instances, those that are starting included */
        float oldest; /* s that the oldest waiting item has waited */
} ModelSecond;

typedef struct ModelResult {
        double items;
        double late;        /* items that waited for longer than the target */
        double wait_median; /* s */
        double wait_99;     /* s */
        double instance_seconds;
        double bound; /* the least instance-seconds possible, see lower-bound.h */
        double hours;
        unsigned starts, stops;
        unsigned peak;       /* instances */
        ModelSecond *second; /* one for each second of the trace */
        size_t n_seconds;
} ModelResult;

void model_result_done(ModelResult *r);

/* Plays the trace. Returns 0 or -ENOMEM; *ret is written on success only. */
int model_run(const Trace *trace, const ModelOptions *o, ModelResult *ret);
