#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
. "${0%/*}/lib/testcase.sh"
. "$HERE/lib/workers.sh"

# calls: how often units are announced as new within three seconds
calls() {
        in_container timeout 3 busctl --system monitor --match="type='signal',member='UnitNew'" 2>/dev/null |
                grep -c 'Member=UnitNew'
}

test_worker idle 'replicas: 1'
boot
assert_soon "the worker runs" 10 instances_are idle "1"

# asking for a unit by its name loads it, systemd announces it and drops it, and so on without end
in_container systemctl start worker-idle@9.service
in_container systemctl stop worker-idle@9.service
sleep 1
new=$(calls)
assert "no unit is loaded again and again after an instance was stopped by hand" test "$new" -lt 10
echo "# announced as new: $new"
assert_soon "the worker still runs" 10 instances_are idle "1"
finish
