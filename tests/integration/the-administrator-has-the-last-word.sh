#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

masked_is_left_alone() {
        ! in_container systemctl is-active --quiet worker-mail@2.service
}

test_worker mail 'autoScaling: {minReplicas: 1, maxReplicas: 4, targetThroughput: 4, scaleDownAfter: 5s}'
boot

in_container systemctl mask --runtime worker-mail@2.service
report_as mail 'items:1|c'
assert_soon "scaling goes on around a masked instance" 20 at_least mail 3
assert_for "which is not started" 3 masked_is_left_alone

drop_in worker-mail.target <<'EOF'
[X-Scaling]
Enabled=no
EOF
in_container systemctl daemon-reload
scaled=$(instances mail)
report_as mail
assert_for "scaling that is switched off stops nothing" 8 instances_are mail "$scaled"
in_container systemctl stop worker-mail@4.service
report_as mail 'items:1|c'
assert_for "and starts nothing" 5 fails in_container systemctl is-active worker-mail@4.service
assert "the target is active all the time" in_container systemctl is-active worker-mail.target
finish
