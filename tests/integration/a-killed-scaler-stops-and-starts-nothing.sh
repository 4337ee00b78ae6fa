#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

another_scaler_than() {
        local pid
        pid=$(property worker-scaler.service MainPID)
        [ "$pid" -ne 0 ] && [ "$pid" -ne "$1" ] &&
                in_container systemctl is-active worker-scaler.service
}

processes_are() {
        [ "$(main_pids mail)" = "$1" ]
}

# 20 items/s in all, and instances that are meant to do 5: so four, not more and not less
test_worker mail 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 5, scaleDownAfter: 5s}'
boot

report_as mail 'items:1|c'
assert_soon "the scaler has started instances of its own" 20 instances_are mail "1 2 3 4"
processes=$(main_pids mail)
for round in 1 2 3; do
        scaler=$(property worker-scaler.service MainPID)
        in_container systemctl kill --signal=KILL worker-scaler.service
        assert_soon "the scaler is back after kill $round" 10 another_scaler_than "$scaler"
        assert_for "and the same processes work on" 3 processes_are "$processes"
done
report_as mail
assert_soon "it still stops what is not needed any more" 120 instances_are mail "1"
assert_equal "no unit has failed" "" "$(in_container systemctl --failed --plain --no-legend)"
finish
