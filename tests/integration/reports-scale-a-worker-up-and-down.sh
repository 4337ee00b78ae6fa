#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# decisions FIELD: this field of all decisions in the journal
decisions() {
        in_container journalctl --unit worker-scaler.service --output cat --output-fields "$1" WORKER=mail
}

test_worker mail 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 4, scaleDownAfter: 2s}'
test_worker idle 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 4, scaleDownAfter: 2s}'
boot

assert_soon "the minimum runs" 5 instances_are mail "1"
report_as mail 'items:1|c'
assert_soon "ten items a second need more instances than one that is meant to do four" 20 at_least mail 3
assert_equal "a worker that reports nothing stays as it is" "1" "$(instances idle)"
report_as mail
assert_soon "no items need no more than the minimum" 120 instances_are mail "1"
assert_match "each decision is in the journal with its number" '^4$|^3$' "$(decisions TO)"
assert_match "and with its reason" '[a-z]' "$(decisions REASON)"
assert_match "the scaler says what it looks after" '[0-9]' "$(property worker-scaler.service StatusText)"
finish
