/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "macro.h"
#include "timespan.h"

/* The scaling decision: (policy, state, observation) -> (desired count, reason, new state).
 * Pure: no I/O, no clock, no allocation; the same code runs in worker-scaler, in the tests and in
 * "workerctl simulate". Rates are items/s, times are microseconds of one monotonic clock. */

/* What the administrator asks for: [X-Scaling] of the target. */
typedef struct Policy {
        unsigned min_replicas;
        unsigned max_replicas;    /* >= min_replicas */
        usec_t target_wait;       /* the longest an item should wait; 0: not asked for */
        usec_t scale_down_after;  /* upper bound of the time an unneeded instance is kept;
                                   * USEC_INFINITY: as long as it pays */
        double target_throughput; /* items/s that one instance is meant to do; 0: learned */
        double target_cpu;    /* wanted use divided by the request, 0.8 is 80 %; 0: not asked for */
        double target_memory; /* likewise */
} Policy;

/* Which of the fields of an Observation are known. */
typedef enum Signal {
        SIGNAL_BACKLOG = 1 << 0,
        SIGNAL_COMPLETED = 1 << 1,
        SIGNAL_ARRIVED = 1 << 2,
        SIGNAL_OLDEST = 1 << 3,
        SIGNAL_BUSY = 1 << 4,
        SIGNAL_CPU = 1 << 5,
        SIGNAL_MEMORY = 1 << 6,
} Signal;

/* What is seen at one moment. Counts are those since the observation before. */
typedef struct Observation {
        usec_t now;
        unsigned running;  /* instances that serve */
        unsigned starting; /* instances asked for that do not serve yet */
        unsigned known;    /* Signal bits */
        double backlog;    /* items that wait, without those in service */
        double completed;  /* items done */
        double arrived;    /* items come in */
        double oldest;     /* seconds that the oldest waiting item has waited */
        double busy;       /* mean share of time that the serving were busy, 0 to 1 */
        double cpu;        /* mean use of the running instances divided by the request */
        double memory;     /* likewise */
} Observation;

typedef enum Reason {
        REASON_STEADY,     /* what runs is what is needed */
        REASON_MINIMUM,    /* nothing to do, the minimum runs */
        REASON_MAXIMUM,    /* more would be needed, the maximum runs */
        REASON_BACKLOG,    /* items would wait longer than the target */
        REASON_THROUGHPUT, /* the arrival rate needs it */
        REASON_CPU,        /* CPU use is above its target */
        REASON_MEMORY,     /* memory use is above its target */
        REASON_LEARNING,   /* capacity unknown as yet */
        REASON_HOLD,       /* fewer are needed, but not for long enough */
        REASON_UNNEEDED,   /* fewer are needed */
        REASON_SATURATED,  /* more instances brought no more throughput */
        REASON_NO_SIGNAL,  /* nothing is known to decide by */
        _REASON_MAX,
} Reason;

typedef struct Decision {
        unsigned desired; /* min_replicas <= desired <= max_replicas */
        Reason reason;
        double lambda;      /* arrival rate estimated, items/s; negative: unknown */
        double mu;          /* capacity of one instance, items/s; 0: unknown */
        usec_t start_delay; /* from asking for an instance to its serving; 0: unknown */
        usec_t again;       /* decide again after this long, even when nothing happens */
} Decision;

/* Opaque: what was learned. One for each worker. */
typedef struct PolicyState PolicyState;

/* Returns NULL when memory is exhausted; the caller frees it with policy_state_free(). */
PolicyState *policy_state_new(void);
PolicyState *policy_state_free(PolicyState *s);
DEFINE_CLEANUP(PolicyState *, policy_state_free)

/* What is worth keeping over a restart of the daemon: plain numbers, 0 where nothing is known.
 * Values that make no sense are ignored when they come back. */
typedef struct PolicyMemory {
        double mu;          /* items/s of one instance */
        usec_t start_delay; /* d */
} PolicyMemory;

void policy_state_remember(const PolicyState *s, PolicyMemory *ret);
void policy_state_recall(PolicyState *s, const PolicyMemory *m);

/* One step. Never fails: what makes no sense in an observation is ignored. */
void policy_decide(const Policy *p, PolicyState *s, const Observation *o, Decision *ret);

/* Lower-case, hyphened, stable: goes to the journal and to D-Bus. */
const char *reason_to_string(Reason r);
