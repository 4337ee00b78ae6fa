/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy.h"

#include <math.h>

/* Enough instances for the arrival rate and for draining what waits within the target wait. */

struct PolicyState {
        usec_t before; /* of the last observation, 0: none yet */
        double backlog;
        double lambda; /* < 0: unknown */
        double mu;
        usec_t needed_since; /* when fewer instances were last not enough */
};

enum { RATE_MEMORY_SEC = 10 };

PolicyState *policy_state_new(void) {
        PolicyState *s = calloc(1, sizeof(PolicyState));
        if (s)
                s->lambda = -1;
        return s;
}

PolicyState *policy_state_free(PolicyState *s) {
        free(s);
        return NULL;
}

static double smooth(double before, double value, double seconds) {
        return before < 0 ? value : before + (value - before) * -expm1(-seconds / RATE_MEMORY_SEC);
}

static void learn(const Policy *p, PolicyState *s, const Observation *o) {
        double seconds = (double) (o->now - s->before) / USEC_PER_SEC;
        double backlog = o->known & SIGNAL_BACKLOG ? o->backlog : 0;
        double completed = o->known & SIGNAL_COMPLETED ? o->completed : 0;

        if (s->before > 0 && o->now > s->before) {
                double arrived = o->known & SIGNAL_ARRIVED
                                                 ? o->arrived
                                                 : fmax(0, completed + backlog - s->backlog);
                s->lambda = smooth(s->lambda, arrived / seconds, seconds);
                if (o->running > 0 && backlog > 0 && s->backlog > 0 && completed > 0)
                        s->mu = smooth(s->mu > 0 ? s->mu : -1, completed / seconds / o->running,
                                        seconds);
        }
        if (p->target_throughput > 0)
                s->mu = p->target_throughput;
        s->backlog = backlog;
        s->before = o->now;
}

static unsigned clamp_count(const Policy *p, double n) {
        if (!(n > p->min_replicas))
                return p->min_replicas;
        return n >= p->max_replicas ? p->max_replicas : (unsigned) ceil(n);
}

void policy_decide(const Policy *p, PolicyState *s, const Observation *o, Decision *ret) {
        unsigned have = o->running + o->starting;

        learn(p, s, o);

        double need = have;
        Reason reason = REASON_LEARNING;
        if (!(o->known & (SIGNAL_BACKLOG | SIGNAL_COMPLETED))) {
                reason = REASON_NO_SIGNAL;
        } else if (s->mu > 0 && s->lambda >= 0) {
                double wait = p->target_wait > 0 ? (double) p->target_wait / USEC_PER_SEC : 10;
                need = (s->lambda + s->backlog / wait) / s->mu;
                reason = s->backlog > 0 ? REASON_BACKLOG : REASON_THROUGHPUT;
        } else if (s->backlog > 0 && have == 0)
                need = 1;

        unsigned desired = clamp_count(p, need);
        if (desired >= have)
                s->needed_since = o->now;
        else if (o->now - s->needed_since < p->scale_down_after) {
                desired = clamp_count(p, have);
                reason = REASON_HOLD;
        } else
                reason = REASON_UNNEEDED;

        *ret = (Decision){
                .desired = desired,
                .reason = desired != have              ? reason
                          : desired == p->min_replicas ? REASON_MINIMUM
                          : desired == p->max_replicas ? REASON_MAXIMUM
                                                       : REASON_STEADY,
                .lambda = s->lambda,
                .mu = s->mu,
                .again = USEC_PER_SEC,
        };
}

const char *reason_to_string(Reason r) {
        static const char *const names[_REASON_MAX] = {
                [REASON_STEADY] = "steady",
                [REASON_MINIMUM] = "minimum",
                [REASON_MAXIMUM] = "maximum",
                [REASON_BACKLOG] = "backlog",
                [REASON_THROUGHPUT] = "throughput",
                [REASON_CPU] = "cpu",
                [REASON_MEMORY] = "memory",
                [REASON_LEARNING] = "learning",
                [REASON_HOLD] = "hold",
                [REASON_UNNEEDED] = "unneeded",
                [REASON_SATURATED] = "saturated",
                [REASON_NO_SIGNAL] = "no-signal",
        };
        return r >= 0 && r < _REASON_MAX ? names[r] : "unknown";
}
