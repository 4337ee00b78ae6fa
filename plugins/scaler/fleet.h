/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "macro.h"
#include "report.h"
#include "timespan.h"

/* The instances of one worker, by number: what is known of each and which to start or stop next.
 * Pure: it follows what it is told. Owns its table. */

typedef enum InstanceState {
        INSTANCE_STOPPED,    /* inactive, or systemd has not loaded it */
        INSTANCE_STARTING,   /* activating */
        INSTANCE_RUNNING,    /* active: capacity */
        INSTANCE_STOPPING,   /* deactivating: drains, keeps its number, is no capacity */
        INSTANCE_RESTARTING, /* waits for RestartSec= to pass */
        INSTANCE_FAILED,     /* systemd has given up */
} InstanceState;

/* What was asked of systemd and is not answered by a change of state yet. */
typedef enum Asked {
        ASKED_NOTHING,
        ASKED_START,
        ASKED_STOP,
} Asked;

/* Thousands of them are kept: the small fields share a word. */
typedef struct Instance {
        unsigned number;
        InstanceState state : 8;
        Asked asked : 4;
        bool has_job : 1; /* systemd has a job of it queued, ours or another's */
        bool returns : 1; /* another's job is to start or restart it: it will be back */
        bool masked : 1;
        bool listed : 1;      /* seen in the listing that is under way */
        bool failed : 1;      /* its last end was a failure, as far as is known */
        bool loops : 1;       /* it failed once more before it could be trusted again */
        uint8_t gauges_known; /* what it said of itself, see observe.h */
        usec_t failed_at;     /* when it last failed; 0: never */
        usec_t runs_since;    /* when it last came to run; 0: never */
        double backlog, oldest, busy;
        ReportRate rate;
} Instance;

typedef struct Fleet {
        Instance *instances; /* owned, in the order of their numbers */
        size_t n, allocated;
} Fleet;

typedef struct FleetCount {
        unsigned running;
        unsigned starting;
        unsigned stopping;
        unsigned returning; /* restart after a first failure: no capacity, but nothing to replace */
        unsigned failing;   /* loop, or have just been given up: a reason to add nothing */
} FleetCount;

/* How long an instance that failed must hold out before it is trusted again. */
#define FLEET_TRUST_AFTER (10 * USEC_PER_SEC)

void fleet_done(Fleet *f);

/* NULL when that number was never seen. Pointers are good until the next fleet_add(). */
Instance *fleet_find(Fleet *f, unsigned number);

/* Finds or adds; NULL when memory is exhausted. */
Instance *fleet_add(Fleet *f, unsigned number);

/* The words of systemd to a state; load, active and sub may be NULL: not told. */
void instance_update(
                Instance *i, const char *load, const char *active, const char *sub, usec_t now);

/* It restarts because it failed, not because its work was done. */
void instance_failed(Instance *i, usec_t now);

/* All calls made so far have been answered, and systemd tells no job for what was asked: it came to
 * nothing. */
void instance_settle(Instance *i);

FleetCount fleet_count(const Fleet *f, usec_t now);

/* Neither capacity nor on its way up or down, nor about to be: nothing left to look after. */
bool fleet_is_idle(const Fleet *f);

/* The lowest number up to max that can be started, 0 if there is none. Numbers that systemd has
 * given up on come last. */
unsigned fleet_next_start(const Fleet *f, unsigned max);

/* The highest number that runs or starts, 0 if there is none. */
unsigned fleet_next_stop(const Fleet *f);

/* The highest number above count that is restarted again and again after failures, 0 if there is
 * none. Of no use where count instances run. */
unsigned fleet_next_surplus(const Fleet *f, unsigned count);
