/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "macro.h"
#include "policy.h"

/* libFuzzer: any bytes are a policy and a series of observations.
 *     ../configure --enable-fuzzing CC=clang && make tests/fuzz/fuzz_policy
 *     tests/fuzz/fuzz_policy -max_total_time=60 */

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input in = { data, size };
        CLEANUP(policy_state_freep) PolicyState *s = policy_state_new();
        Policy p = { 0 };
        PolicyMemory m;
        Observation o;

        if (!s || !take(&in, &p, sizeof(p)) || !take(&in, &m, sizeof(m)))
                return 0;
        if (p.min_replicas > p.max_replicas)
                return 0;
        policy_state_recall(s, &m);
        while (take(&in, &o, sizeof(o))) {
                Decision d;
                policy_decide(&p, s, &o, &d);
                demand(d.desired >= p.min_replicas && d.desired <= p.max_replicas);
                demand(isfinite(d.lambda) && isfinite(d.mu) && d.mu >= 0 && d.again > 0);
                demand(!STREQ(reason_to_string(d.reason), "unknown"));
        }
        policy_state_remember(s, &m);
        demand(isfinite(m.mu) && m.mu >= 0);
        return 0;
}
