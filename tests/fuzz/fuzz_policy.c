/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "macro.h"
#include "policy.h"

/* libFuzzer's target for the scaling policy: any bytes are a policy, what was learned before, and a
 * series of observations. What must hold: bounds are kept, numbers are numbers, and the same
 * observations give the same decisions. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Input {
        const uint8_t *data;
        size_t size;
} Input;

static bool take(Input *in, void *ret, size_t n) {
        if (in->size < n)
                return false;
        memcpy(ret, in->data, n);
        in->data += n;
        in->size -= n;
        return true;
}

static void demand(bool holds) {
        if (!holds)
                abort();
}

static bool same(const Decision *a, const Decision *b) {
        return a->desired == b->desired && a->reason == b->reason && a->lambda == b->lambda
               && a->mu == b->mu && a->start_delay == b->start_delay && a->again == b->again;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input in = { data, size };
        CLEANUP(policy_state_freep) PolicyState *s = policy_state_new(), *t = policy_state_new();
        Policy p = { 0 };
        PolicyMemory m;
        Observation o;

        if (!s || !t || !take(&in, &p, sizeof(p)) || !take(&in, &m, sizeof(m)))
                return 0;
        if (p.min_replicas > p.max_replicas)
                return 0;
        policy_state_recall(s, &m);
        policy_state_recall(t, &m);
        while (take(&in, &o, sizeof(o))) {
                Decision d, again;
                policy_decide(&p, s, &o, &d);
                policy_decide(&p, t, &o, &again);
                demand(d.desired >= p.min_replicas && d.desired <= p.max_replicas);
                demand(isfinite(d.lambda) && isfinite(d.mu) && d.mu >= 0 && d.again > 0);
                demand(!STREQ(reason_to_string(d.reason), "unknown"));
                demand(same(&d, &again));
        }
        policy_state_remember(s, &m);
        demand(isfinite(m.mu) && m.mu >= 0);
        return 0;
}
