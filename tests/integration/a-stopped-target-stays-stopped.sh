#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

test_worker mail 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 4, scaleDownAfter: 5s}'
boot

report_as mail 'items:1|c'
assert_soon "the scaler has started instances of its own" 20 at_least mail 3
assert "stopping the target succeeds" in_container systemctl stop worker-mail.target
assert_soon "it stops every instance" 10 instances_are mail ""
assert_for "they stay stopped" 4 instances_are mail ""
assert_equal "stopping is not failing" "" "$(in_container systemctl --failed --plain --no-legend)"
in_container systemctl daemon-reload
assert_for "a reload does not start them" 3 instances_are mail ""
in_container systemctl restart worker-scaler.service
assert_for "nor does the scaler when it is restarted" 3 instances_are mail ""
report_as mail
assert "starting the target succeeds" in_container systemctl start worker-mail.target
assert_soon "it starts the minimum" 10 instances_are mail "1"
report_as mail 'items:1|c'
assert_soon "and is scaled again" 20 at_least mail 3
finish
